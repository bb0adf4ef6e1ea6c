"""Writing one record: the smallest PATCH, or a PUT from the record as just read that leaves nothing out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adminui.dialects.autotask.children import CHILDREN
from adminui.dialects.autotask.encoding import encode
from adminui.dialects.autotask.entities import IMMUTABLE
from adminui.dialects.autotask.query import CONCURRENT, number
from adminui.dialects.autotask.udf import MEMBER, bare, is_udf, masked, masked_names, nest
from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import Rejected, RowErrors
from adminui.planning.plan import Form, Step
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Field, Resource
from adminui.records.values import Record, RecordId, Value

_METHODS = {Form.PATCH: "PATCH", Form.PUT: "PUT"}
_OURS = frozenset({"id", MEMBER, "soapParentPropertyId"})  # in answers without being fields


def write(resource: Resource, step: Step, live: Mapping[RecordId, Record]) -> ApiRequest:
    """The request of a step with one row. Raises Rejected when it cannot be built without losing something."""
    if step.form not in _METHODS or len(step.rows) != 1:
        raise ValueError(f"Autotask writes one record per call, not {len(step.rows)} as {step.form}.")
    row = step.rows[0]
    record = live.get(row.record_id)
    edits = _edits(resource, row)
    values = edits if step.form is Form.PATCH else {**_kept(resource, row, record), **edits}
    return ApiRequest(
        method=_METHODS[step.form],
        path=_path(resource, row, record),
        body={"id": number(row.record_id), **nest(values)},
        writes=True,
        lane=resource.name,
        cap=CONCURRENT,
    )


def _edits(resource: Resource, row: ChangeSet) -> dict[str, Value]:
    return {change.field: _edit(resource, row, change) for change in row.changes}


def _edit(resource: Resource, row: ChangeSet, change: Change) -> Value:
    """Only what the schema knows and lets be written: anything else Autotask drops, with a 200."""
    field = resource.by_name.get(change.field)
    if field is None or field.name == resource.id_field:
        raise _no(row, f"{resource.label} has no field “{bare(change.field)}” that could be changed.", change.field)
    if field.read_only:
        raise _no(row, f"{field.label} is read-only.", field.name)
    if masked(change.after):
        raise _no(row, f"{field.label} would be set to the asterisks shown instead of its value.", field.name)
    try:
        return encode(resource.name, field, change.after)
    except ValueError as error:
        raise _no(row, str(error), field.name) from error


def _kept(resource: Resource, row: ChangeSet, live: Record | None) -> dict[str, Value]:
    """Every value a PUT would otherwise null. Nulls are left out, which keeps them null and disturbs no check."""
    if live is None:
        raise _no(row, "The record was not read again; a full replace needs every value it holds.")
    fields = [f for f in resource.fields if _replaced(resource, f)]
    _refuse_masked(resource, row, live)
    _refuse_unread(row, live, [f for f in fields if f.name not in row.values])
    _refuse_unknown(resource, row, live)
    return {f.name: live[f.name] for f in fields if live.get(f.name) is not None}


def _replaced(resource: Resource, field: Field) -> bool:
    """What goes into a PUT: the writable, the required, and what the metadata wrongly says is writable."""
    if field.name == resource.id_field:
        return False
    fixed = field.name in IMMUTABLE.get(resource.name, ()) or (resource.parent and field.name == resource.parent[0])
    return field.editable or field.required or is_udf(field.name) or bool(fixed)


def _refuse_masked(resource: Resource, row: ChangeSet, live: Record) -> None:
    hidden = masked_names(live, [f.name for f in resource.fields if f.editable or is_udf(f.name)])
    if hidden:
        raise _no(row, f"Autotask hides {_list(resource, hidden)}; a full replace would overwrite it.", *hidden)


def _refuse_unread(row: ChangeSet, live: Record, fields: Iterable[Field]) -> None:
    unread = [f for f in fields if f.name not in live]
    if unread:
        labels = ", ".join(f"“{f.label}”" for f in unread)
        raise _no(row, f"Autotask did not show {labels}; a full replace would empty it.", *(f.name for f in unread))


def _refuse_unknown(resource: Resource, row: ChangeSet, live: Record) -> None:
    known = {*resource.by_name, *_OURS}
    unknown = [name for name, value in live.items() if name not in known and value is not None]
    if unknown:
        raise _no(
            row, f"The record holds {_list(resource, unknown)}, which its description does not name; refresh it first."
        )


def _path(resource: Resource, row: ChangeSet, live: Record | None) -> str:
    """The collection, or the parent's; the id is in the body either way."""
    child = CHILDREN.get(resource.name)
    if child is None or resource.parent is None:
        return f"/{resource.name}"
    return f"/{child.path}/{_parent_id(resource.parent[0], row, live)}/{child.segment}"


def _parent_id(field: str, row: ChangeSet, live: Record | None) -> int:
    held = live.get(field) if live else None
    parent = row.parent if row.parent is not None else held
    if parent is None:
        raise _no(row, f"Autotask writes this record through its parent, and its {field} is not known.", field)
    if held is not None and str(held) != str(parent):
        raise _no(row, f"The record's {field} was {parent} and is {held} now.", field)
    try:
        return number(parent)
    except ValueError as error:
        raise _no(row, str(error), field) from error


def _list(resource: Resource, names: list[str]) -> str:
    labels = (resource.by_name[name].label if name in resource.by_name else bare(name) for name in names)
    return ", ".join(f"“{text}”" for text in labels)


def _no(row: ChangeSet, sentence: str, *fields: str) -> Rejected:
    """A refusal of our own, before anything is sent."""
    by_field = {name: (sentence,) for name in fields}
    return Rejected((sentence,), rows={row.record_id: RowErrors((sentence,), by_field)})
