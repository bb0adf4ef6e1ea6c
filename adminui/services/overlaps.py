"""Which records of a plan are also on their way in another run: shown before sending, because this one will wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adminui.runs.models import Item, Plan, Run

FEW = 2_000  # records: up to there the database looks each up, beyond it the other run's records are gone through
AT_ONCE = 500
NAMED = 5


@dataclass(frozen=True)
class Overlap:
    """An unfinished run that holds records of the plan too: how many, and the first of them."""

    run: Run
    rows: int
    ids: tuple[str, ...]


def overlaps(plan: Plan) -> list[Overlap]:
    """Runs of the same resource that are queued, scheduled, running or paused. Neither plans nor worksheets count."""
    runs = list(unfinished(plan))
    if not runs:
        return []
    ids = [str(row["id"]) for row in plan.changesets]
    found = ((run, _shared(run, ids)) for run in runs)
    return [Overlap(run, len(shared), tuple(shared[:NAMED])) for run, shared in found if shared]


def unfinished(plan: Plan) -> Iterator[Run]:
    """In the order in which they were approved."""
    states = (Run.State.QUEUED, Run.State.RUNNING, Run.State.PAUSED)
    here = Run.objects.filter(plan__connection=plan.connection, plan__resource=plan.resource, state__in=states)
    kept = here.exclude(plan=plan).select_related("plan").defer("plan__changesets", "plan__steps", "plan__held")
    return kept.order_by("pk").iterator()


def _shared(run: Run, ids: Sequence[str]) -> list[str]:
    items = Item.objects.filter(run=run).order_by()
    if len(ids) <= FEW:
        return [
            record
            for start in range(0, len(ids), AT_ONCE)
            for record in items.filter(record_id__in=ids[start : start + AT_ONCE]).values_list("record_id", flat=True)
        ]
    wanted = frozenset(ids)
    return [record for record in items.values_list("record_id", flat=True).iterator(10_000) if record in wanted]
