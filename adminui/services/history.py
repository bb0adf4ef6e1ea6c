"""What happened: runs by what one looks for, each in a few words, and the changes of one record, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from adminui.connections.config import Connection, Overrides
from adminui.connections.known import from_data
from adminui.connections.models import KnownResource
from adminui.connections.overriding import overridden
from adminui.dialects.errors import RemoteError
from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change, ChangeSet
from adminui.records.documents import changeset_from_data
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue, freeze
from adminui.runs.models import Item, Run
from adminui.services.catalog import (
    Opened,
    as_seen_by,
    connection_named,
    connections_for,
    open_resource,
    resources_for,
)
from adminui.services.errors import NotThere, Refused
from adminui.staff.access import Person, allowed

KEPT_FOR = 24 * 3600  # seconds that a run's summary is kept: what a run is to change never changes


@dataclass(frozen=True)
class Wanted:
    """What to look for among runs; empty means any. `text` is part of a note, or a record's id."""

    connection: str = ""
    resource: str = ""
    person: str = ""
    outcome: str = ""
    text: str = ""


def runs_for(user: Person) -> QuerySet[Run]:
    """The runs on resources this person may see, newest first, without the plans' long contents."""
    runs = Run.objects.none()
    for connection in connections_for(user):
        names = [r.name for r in resources_for(user, connection)]
        runs |= Run.objects.filter(plan__connection=connection.name, plan__resource__in=names)
    return runs.select_related("plan").defer("plan__changesets").order_by("-pk")


def search(user: Person, wanted: Wanted) -> QuerySet[Run]:
    runs = runs_for(user)
    for name, value in (
        ("plan__connection", wanted.connection),
        ("plan__resource", wanted.resource),
        ("user_name", wanted.person),
    ):
        runs = runs.filter(**{name: value}) if value else runs
    items = Item.objects.filter(run=OuterRef("pk"))
    if wanted.outcome:
        runs = runs.filter(Exists(items.filter(outcome=wanted.outcome)))
    if wanted.text:
        runs = runs.filter(Q(plan__note__icontains=wanted.text) | Exists(items.filter(record_id=wanted.text)))
    return runs


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
        .defer("run__plan__changesets")
        .order_by("-run_id", "-seq")
    )


def remembered(user: Person, connection_name: str, resource_name: str) -> Opened:
    """To read history by: the resource as last described, however long ago. The API is asked only when it never was,
    for history is wanted most when the API does not answer. Not for planning.
    """
    connection = connection_named(user, connection_name)
    known = KnownResource.objects.filter(connection=connection.name, resource=resource_name).first()
    return _recall(user, connection, resource_name, known) or open_resource(user, connection_name, resource_name)


def schemas(user: Person, runs: Iterable[Run]) -> dict[tuple[str, str], Opened]:
    """`remembered` for all resources of these runs at once; one that nothing is known of is left out."""
    wanted = {(run.plan.connection, run.plan.resource) for run in runs}
    rows = KnownResource.objects.filter(connection__in={c for c, _ in wanted}, resource__in={r for _, r in wanted})
    known = {(row.connection, row.resource): row for row in rows}
    found = {}
    for place in wanted:
        try:
            connection = connection_named(user, place[0])
            found[place] = _recall(user, connection, place[1], known.get(place)) or open_resource(user, *place)
        except (Refused, RemoteError):
            continue
    return found


def _recall(user: Person, connection: Connection, name: str, known: KnownResource | None) -> Opened | None:
    if known is None or not allowed(user, connection.name, name, "view"):
        return None
    described = from_data(known.described)
    if described is None:
        return None
    over = connection.resources.get(name, Overrides())
    whole = overridden(described, connection.limits, over)
    return Opened(user, connection, as_seen_by(user, connection, whole.resource), whole.resource, whole.capabilities)


def label_of(opened: Opened, item: Item) -> str:
    """What the record was called then, if this person may see that."""
    return item.label if opened.titled else f"{opened.resource.singular} {item.record_id}"


def field_shown(opened: Opened, name: str) -> Field | None:
    """The field, if this person may see it; one that the API has dropped since goes by its raw name."""
    field = opened.resource.by_name.get(name)
    if field is not None:
        return None if field.hidden else field
    hidden = name in opened.connection.resources.get(opened.resource.name, Overrides()).hidden
    may = allowed(opened.user, opened.connection.name, opened.resource.name, "view", name)
    return Field(name, name, Kind.TEXT) if may and not hidden else None


def changes_shown(opened: Opened, row: ChangeSet) -> list[tuple[Field, Change]]:
    """A row's changes, without the fields this person may not see."""
    found = ((field_shown(opened, change.field), change) for change in row.changes)
    return [(field, change) for field, change in found if field is not None]


@dataclass(frozen=True)
class FieldChanged:
    """What happened to one field over a run: in how many rows, and the value they all got; MISSING when they differ."""

    name: str
    rows: int
    after: MaybeValue


@dataclass(frozen=True)
class Summary:
    """A run in short: its rows by outcome, its fields, and the only record it was about, if there was just one."""

    tally: Mapping[Outcome, int]
    fields: tuple[FieldChanged, ...]
    record_id: str
    label: str

    @property
    def rows(self) -> int:
        return sum(self.tally.values())


def summaries(runs: Sequence[Run]) -> dict[int, Summary]:
    """By run, in two queries for all of them."""
    tallies: dict[int, dict[str, int]] = {run.pk: {} for run in runs}
    counted = Item.objects.filter(run__in=runs).order_by().values_list("run_id", "outcome").annotate(n=Count("pk"))
    for run_id, outcome, number in counted:
        tallies[run_id][outcome] = number
    fields = _fields(runs)
    return {
        run.pk: Summary({o: tallies[run.pk][o] for o in Outcome if o in tallies[run.pk]}, *fields[run.pk])
        for run in runs
    }


_Fields = tuple[tuple[FieldChanged, ...], str, str]


def _fields(runs: Sequence[Run]) -> dict[int, _Fields]:
    keys = {f"run-fields:{run.pk}:{run.plan.digest}": run.pk for run in runs}
    held: dict[int, _Fields] = {keys[key]: kept for key, kept in cache.get_many(list(keys)).items()}
    rows: dict[int, list[ChangeSet]] = {pk: [] for pk in keys.values() if pk not in held}
    if rows:
        for run_id, data in Item.objects.filter(run__in=list(rows)).order_by("seq").values_list("run_id", "changeset"):
            rows[run_id].append(changeset_from_data(data))
    fresh = {pk: _summed_up(found) for pk, found in rows.items()}
    cache.set_many({key: fresh[pk] for key, pk in keys.items() if pk in fresh}, KEPT_FOR)
    return held | fresh


def _summed_up(rows: Sequence[ChangeSet]) -> _Fields:
    values: dict[str, list[MaybeValue]] = {}
    for row in rows:
        for change in row.changes:
            values.setdefault(change.field, []).append(change.after)
    fields = tuple(FieldChanged(name, len(after), _same_for_all(after)) for name, after in values.items())
    only = rows[0] if len(rows) == 1 else None
    return fields, str(only.record_id) if only else "", only.label if only else ""


def _same_for_all(values: Sequence[MaybeValue]) -> MaybeValue:
    first = freeze(values[0])
    return values[0] if all(freeze(value) == first for value in values[1:]) else MISSING
