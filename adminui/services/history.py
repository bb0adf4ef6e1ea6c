"""What happened: runs, and the changes of one record, newest first."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Item, Run
from adminui.services.catalog import Opened, connections_for, resources_for
from adminui.services.errors import NotThere
from adminui.staff.access import Person


def runs_for(user: Person) -> QuerySet[Run]:
    """The runs on resources this person may see."""
    runs = Run.objects.none()
    for connection in connections_for(user):
        names = [r.name for r in resources_for(user, connection)]
        runs |= Run.objects.filter(plan__connection=connection.name, plan__resource__in=names)
    return runs.select_related("plan").order_by("-pk")


def run_for(user: Person, run_id: int) -> Run:
    run = runs_for(user).filter(pk=run_id).first()
    if run is None:
        raise NotThere(f"There is no run {run_id} that you may see.")
    return run


def of_record(opened: Opened, record_id: object) -> QuerySet[Item]:
    """Every attempt to change this record from here."""
    return (
        Item.objects.filter(
            record_id=str(record_id),
            run__plan__connection=opened.connection.name,
            run__plan__resource=opened.resource.name,
        )
        .select_related("run", "run__plan")
        .order_by("-run_id", "-seq")
    )


def sentence(run: Run, tally: dict[Outcome, int], fields: Iterable[str]) -> str:
    """A run in words: what was done to how much of what."""
    changed = ", ".join(fields)
    total = sum(tally.values())
    rows = f"{counted(total, 'record')} of {run.plan.resource_label}"
    fates = ", ".join(f"{number:,} {outcome.value}" for outcome, number in tally.items())
    return f"{rows}: {changed or 'no fields'} ({fates})"
