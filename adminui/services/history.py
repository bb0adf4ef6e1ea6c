"""What happened: runs by what one looks for, and who changed what of one record, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.records.changes import Change
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue, Value
from adminui.runs.models import Item, Run
from adminui.services import sifting
from adminui.services.catalog import Opened, connections_for, resources_for
from adminui.services.errors import NotThere
from adminui.services.seen import (
    changes_shown,
    field_shown,
    label_of,
    met_meanwhile,
    remembered,
    schemas,
    stored_instead,
)
from adminui.services.sifting import Match, Matches
from adminui.services.summing import FieldChanged, Summary, summaries
from adminui.staff.access import Person

__all__ = [
    "DOORS",
    "Blame",
    "FieldChanged",
    "Found",
    "Match",
    "Matches",
    "Summary",
    "Undoing",
    "Wanted",
    "blame",
    "changes_shown",
    "field_shown",
    "find",
    "label_of",
    "met_meanwhile",
    "of_record",
    "people",
    "places",
    "remembered",
    "run_for",
    "runs_for",
    "schemas",
    "search",
    "stored_instead",
    "summaries",
    "undoings",
]

WRITTEN = (Outcome.DONE, Outcome.NOT_STORED)  # of the latter those fields that are stored as asked
BLAMED = 500  # changes of one record that are gone through for the last of each field
DOORS = {
    "record": "on the record's page",
    "edit many": "in a worksheet",
    "file": "from a file, on the command line",
    "retry": "to try again what had failed",
    "undo": "to undo another run",
    "scheduled undo": "to undo another run when it was due",
}


@dataclass(frozen=True)
class Wanted:
    """What to look for among runs; empty means any. `text` is part of a note, or a record's id; `field` a field's label
    or name; `value` part of what a field held before or was set to; `since` and `until` are days, as ISO dates in UTC.
    """

    connection: str = ""
    resource: str = ""
    person: str = ""
    outcome: str = ""
    text: str = ""
    field: str = ""
    value: str = ""
    door: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class Found:
    """Runs that fit, newest first; for a field, a value or a record's id also which of their rows do.

    `partly`: there was more to go through than one search does; older runs may fit too.
    """

    runs: QuerySet[Run]
    matches: Mapping[int, Matches]
    partly: bool = False


def runs_for(user: Person) -> QuerySet[Run]:
    """The runs on resources this person may see, newest first, without the plans' long contents."""
    runs = Run.objects.none()
    for connection in connections_for(user):
        names = [r.name for r in resources_for(user, connection)]
        runs |= Run.objects.filter(plan__connection=connection.name, plan__resource__in=names)
    return runs.select_related("plan").defer("plan__changesets", "plan__steps").order_by("-pk")


def search(user: Person, wanted: Wanted) -> QuerySet[Run]:
    return find(user, wanted).runs


def find(user: Person, wanted: Wanted) -> Found:
    """What is quick to tell narrows first; only what is left is gone through for a field or a value."""
    runs = _narrowed(runs_for(user), wanted)
    if not (wanted.field or wanted.value):
        return Found(runs, {})
    sifted = sifting.sift(runs, wanted.field, wanted.value, lambda some: schemas(user, some))
    return Found(runs.filter(pk__in=list(sifted.matches)), sifted.matches, sifted.partly)


def _narrowed(runs: QuerySet[Run], wanted: Wanted) -> QuerySet[Run]:
    for name, value in (
        ("plan__connection", wanted.connection),
        ("plan__resource", wanted.resource),
        ("plan__door", wanted.door),
        ("user_name", wanted.person),
        ("created_at__date__gte", _day(wanted.since)),
        ("created_at__date__lte", _day(wanted.until)),
    ):
        runs = runs.filter(**{name: value}) if value else runs
    items = Item.objects.filter(run=OuterRef("pk"))
    if wanted.outcome:
        runs = runs.filter(Exists(items.filter(outcome=wanted.outcome)))
    if wanted.text:
        runs = runs.filter(Q(plan__note__icontains=wanted.text) | Exists(items.filter(record_id=wanted.text)))
    return runs


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def people(user: Person) -> list[str]:
    """Who has approved runs that this person may see."""
    return list(runs_for(user).order_by("user_name").values_list("user_name", flat=True).distinct())


def places(user: Person) -> list[tuple[str, str, str]]:
    """Where there have been runs: (connection, resource, its label)."""
    found = runs_for(user).order_by("plan__resource_label", "plan__connection")
    return list(found.values_list("plan__connection", "plan__resource", "plan__resource_label").distinct())


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
        .defer("run__plan__changesets", "run__plan__steps")
        .order_by("-run_id", "-seq")
    )


@dataclass(frozen=True)
class Blame:
    """The last change of one field that was made from here."""

    run: int
    who: str
    at: datetime | None
    note: str
    before: MaybeValue
    after: Value
    undoes: int | None = None  # the run that it was to take back


def blame(opened: Opened, record_id: object) -> Mapping[str, Blame]:
    """Of each field of a record that was changed from here: by whom last, when, and why. One query, by record."""
    found: dict[str, Blame] = {}
    for item in of_record(opened, record_id).filter(outcome__in=WRITTEN)[:BLAMED]:
        run = item.run
        for field, change in changes_shown(opened, item.row()):
            if not _set_here(field, item, change):
                continue
            plan, who = run.plan, run.user_name
            made = Blame(run.pk, who, item.settled_at, plan.note, change.before, change.after, plan.undoes_id)
            found.setdefault(field.name, made)
    return found


def _set_here(field: Field, item: Item, change: Change) -> bool:
    """Not where something else is stored, and not where somebody else had set it so: then we changed nothing."""
    return met_meanwhile(item, change.field) is MISSING and stored_instead(field, item, change) is MISSING


@dataclass(frozen=True)
class Undoing:
    """A run that takes back another one, and how many rows it has taken back."""

    run: Run
    rows: int


def undoings(runs: Sequence[Run]) -> Mapping[int, list[Undoing]]:
    """By the run that they undo, oldest first; in two queries for all of them."""
    undos = Run.objects.filter(plan__undoes__in=runs).select_related("plan")
    listed = list(undos.defer("plan__changesets", "plan__steps").order_by("pk"))
    good = Item.objects.filter(run__in=listed, outcome__in=SETTLED_WELL).order_by()
    rows = dict(good.values_list("run_id").annotate(rows=Count("pk"))) if listed else {}
    found: dict[int, list[Undoing]] = {run.pk: [] for run in runs}
    for undo in listed:
        found[undo.plan.undoes_id or 0].append(Undoing(undo, rows.get(undo.pk, 0)))
    return found
