"""What somebody may see of the past: the resource as it was last described, and of a row's changes their share."""

from __future__ import annotations

from collections.abc import Iterable

from adminui.connections.config import Connection, Overrides
from adminui.connections.known import from_data
from adminui.connections.models import KnownResource
from adminui.connections.overriding import overridden
from adminui.dialects.errors import RemoteError
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue, same
from adminui.runs.models import Item, Run
from adminui.services.catalog import Opened, as_seen_by, connection_named, open_resource
from adminui.services.errors import Refused
from adminui.staff.access import Person, allowed


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


def stored_instead(field: Field, item: Item, change: Change) -> MaybeValue:
    """What the field holds, where that was read and is not what was asked; else MISSING."""
    stored = item.stored.get(change.field, MISSING)
    return MISSING if stored is MISSING or same(field, stored, change.after) else stored


def met_meanwhile(item: Item, name: str) -> MaybeValue:
    """What somebody else had set the field to, between the plan and the run; else MISSING. Of a row that was done it
    was what was asked, and so we changed nothing there.
    """
    return item.theirs[name].get("before", MISSING) if name in item.theirs else MISSING
