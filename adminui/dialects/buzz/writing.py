"""Plan steps as requests: only the changed fields, except a PUT, which is the live record with the changes in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from adminui.dialects.base import ApiRequest
from adminui.dialects.buzz.profiles import profile_of
from adminui.dialects.buzz.reading import path_of
from adminui.dialects.errors import Rejected
from adminui.planning.plan import Form, Step
from adminui.records.casting import to_text
from adminui.records.changes import ChangeSet
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import Record, RecordId, Value, as_datetime, freeze

_NUMBER: Final = re.compile(r"[0-9]{1,18}")


def write(resource: Resource, step: Step, live: Mapping[RecordId, Record]) -> ApiRequest:
    rows = in_sending_order(step)
    if step.form is Form.BULK_ROWS:
        body: Any = [{resource.id_field: row.record_id, **changed(resource, row)} for row in rows]
        return ApiRequest("PATCH", f"{resource.name}/bulk", body=body, writes=True)
    if step.form is Form.BULK_SHARED:
        return _shared(resource, rows)
    (row,) = rows
    if step.form is Form.PATCH:
        return ApiRequest("PATCH", path_of(resource.name, row.record_id), body=changed(resource, row), writes=True)
    return ApiRequest("PUT", path_of(resource.name, row.record_id), body=_whole(resource, row, live), writes=True)


def in_sending_order(step: Step) -> tuple[ChangeSet, ...]:
    """Rows as they stand in the request, so that errors can be read in one way only, however the API keys them.

    Shared ids ascend: a position counts the same along the ids and along the records found. A row whose id is small
    enough to be a position stands at that position.
    """
    rows = list(step.rows)
    if step.form is Form.BULK_SHARED:
        rows.sort(key=lambda row: (_number(row) is None, _number(row) or 0, str(row.record_id)))
    placed = {i: row for row in rows if (i := _number(row)) is not None and 0 <= i < len(rows)}
    taken = {id(row) for row in placed.values()}
    others = iter([row for row in rows if id(row) not in taken])
    return tuple(placed[i] if i in placed else next(others) for i in range(len(rows)))


def _number(row: ChangeSet) -> int | None:
    """The id as a number, also where a tenant writes its ids as text."""
    if isinstance(row.record_id, int):
        return row.record_id
    return int(row.record_id) if _NUMBER.fullmatch(row.record_id) else None


def _shared(resource: Resource, rows: tuple[ChangeSet, ...]) -> ApiRequest:
    if len({freeze(row.values) for row in rows}) != 1:
        raise ValueError("a shared step whose rows have different values")
    ids = ",".join(str(row.record_id) for row in rows)
    body = changed(resource, rows[0])
    return ApiRequest("PATCH", f"{resource.name}/bulk", query=(("ids", ids),), body=body, writes=True)


def changed(resource: Resource, row: ChangeSet) -> dict[str, Any]:
    """The changed fields of a row as the API reads them. Nothing unknown or read-only goes out."""
    if not row.changes:
        raise ValueError(f"nothing to send for {row.record_id}")
    for name in row.fields:
        field = resource.by_name.get(name)
        if field is None or field.read_only or name == resource.id_field:
            raise Rejected((f"{resource.label}: “{name}” cannot be changed.",))
    return {name: encode(resource.by_name[name], value) for name, value in row.values.items()}


def encode(field: Field, value: Value) -> Value:
    """Decimals as text, as Buzz itself writes them; local times in its own spelling; everything else as it is."""
    if field.kind is Kind.DECIMAL and not isinstance(value, bool | list | dict | None):
        return to_text(field, value)
    if field.kind is Kind.DATETIME and isinstance(value, str):
        moment = as_datetime(value)
        return value if moment is None or moment.tzinfo else moment.isoformat(sep=" ")
    return value


def _whole(resource: Resource, row: ChangeSet, live: Mapping[RecordId, Record]) -> dict[str, Any]:
    """The record as read, untouched values in their very spelling, minus what is read-only, plus the changes.

    Fields that cannot change after creation go back too: the API may require them. So do fields unknown to the schema:
    left out, they might be emptied.
    """
    record = live.get(row.record_id)
    if record is None or str(record.get(resource.id_field)) != str(row.record_id):
        raise Rejected((f"{row.label} was not read just before; replacing it unread could lose data.",))
    changes = changed(resource, row)
    unread = [f.label for f in resource.writable if f.name not in record and f.name not in changes]
    if unread:
        raise Rejected((f"Buzz does not show {', '.join(unread)}; replacing the record could empty it.",))
    left_out = {f.name for f in resource.fields if f.read_only} - profile_of(resource.name).fixed
    left_out.add(resource.id_field)
    return {**{name: value for name, value in record.items() if name not in left_out}, **changes}
