"""What a plan or the rest of a run will cost in calls and time, and what the connection has to spare."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from django.core.cache import cache
from django.utils import timezone

from adminui.connections import live
from adminui.connections.config import Connection
from adminui.dialects.errors import BadCredentials, RemoteError
from adminui.planning.forecast import End, Forecast, Hour, calls_for, forecast
from adminui.planning.outcomes import OPEN
from adminui.planning.plan import Form
from adminui.records.changes import ChangeSet
from adminui.remote.throttle import Budget, Waiting
from adminui.runs.models import Exchange, Plan, Run
from adminui.services.catalog import Opened
from adminui.services.engine.checking import WEIGHT, WINDOW

RUNS: Final = 3  # the last ones, whose calls tell how long a call takes
CALLS: Final = 500  # of those, the last ones
KEPT: Final = 24 * 3600
_Outline = Sequence[tuple[Form, int]]  # the plan's requests: form, and number of rows


def for_plan(opened: Opened, plan: Plan, rows: Collection[ChangeSet] | None = None) -> Forecast:
    """The whole of a plan, or those of its rows that are given."""
    if rows is None:
        return _forecast(opened, _outline(plan.pk))
    wanted = {str(row.record_id) for row in rows}
    counts = ((Form(form), sum(str(i) in wanted for i in ids)) for form, ids in plan.steps)
    return _forecast(opened, [(form, n) for form, n in counts if n])


def for_run(opened: Opened, run: Run) -> Forecast:
    """What is left of a run. Cheap enough for a page that is drawn again and again."""
    left = run.items.filter(outcome__in=[*OPEN]).count()
    outline = _outline(run.plan_id)
    rows = sum(n for _, n in outline)
    told = {Run.State.PAUSED: End.REST, Run.State.RUNNING: End.WAITS}.get(Run.State(run.state), End.AT)
    return _forecast(opened, outline if left >= rows else _last(outline, left), told)


def budget(opened: Opened) -> Budget:
    """Calls of this connection's hour: all processes, and other programs as far as the API tells."""
    _ask_usage(opened)
    return opened.client.budget()


def waiting(connection: Connection) -> tuple[Waiting, ...]:
    """Why calls wait now, in whatever process, the shortest wait first."""
    try:
        return live.client_for(connection).waiting_anywhere()
    except BadCredentials:
        return ()


def _forecast(opened: Opened, outline: _Outline, told: End = End.AT) -> Forecast:
    calls = calls_for([n for _, n in outline], opened.can, _windows(outline))
    known = budget(opened)
    hour = Hour(known.used, known.limit, known.frees, known.others)
    each, now = seconds_each(opened.connection.name), timezone.localtime()
    return forecast(calls, each, opened.can.max_concurrency, hour, now, told=told)


def _ask_usage(opened: Opened) -> None:
    try:
        opened.client.ask_usage()
    except RemoteError:
        return  # the budget is what we counted ourselves


def _windows(outline: _Outline) -> Iterator[int]:
    """Rows that are checked together right before they are sent, as the engine cuts them."""
    rows = weight = 0
    for form, n in outline:
        rows, weight = rows + n, weight + n * WEIGHT[form]
        if weight >= WINDOW:
            yield rows
            rows = weight = 0
    if rows:
        yield rows


def _outline(plan_id: int) -> list[tuple[Form, int]]:
    """A plan never changes: its thousands of requests are counted once."""

    def counted() -> list[tuple[Form, int]]:
        steps = Plan.objects.values_list("steps", flat=True).get(pk=plan_id)
        return [(Form(form), len(ids)) for form, ids in steps]

    return cache.get_or_set(f"plan-outline-{plan_id}", counted, KEPT) or []


def _last(outline: _Outline, rows: int) -> list[tuple[Form, int]]:
    """The requests at the end that carry so many rows: a run goes through its plan in order."""
    taken: list[tuple[Form, int]] = []
    for form, n in reversed(outline):
        if rows <= 0:
            break
        taken.append((form, min(n, rows)))
        rows -= n
    return taken[::-1]


def seconds_each(connection: str) -> Mapping[str, float]:
    """What an answered call took on average, by purpose, in the last runs of this connection."""
    runs = Run.objects.filter(plan__connection=connection, started_at__isnull=False).order_by("-pk")
    last = list(runs.values_list("pk", flat=True)[:RUNS])
    answered = Exchange.objects.filter(run_id__in=last, status__isnull=False).order_by("-pk")
    seen = list(answered.values_list("purpose", "seconds")[:CALLS])
    return {purpose: _mean(s for p, s in seen if p == purpose) for purpose in {p for p, _ in seen}}


def _mean(seconds: Iterable[float]) -> float:
    found = list(seconds)
    return sum(found) / len(found)
