"""A file's rows against the records as the API holds them: columns to fields, ids to records, raw values to changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adminui.management.files import Row, Table, Unreadable
from adminui.planning.explain import counted
from adminui.records.casting import Invalid
from adminui.records.changes import Change, ChangeSet, change_of, changeset_of
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MISSING, Record, RecordId
from adminui.services import browse
from adminui.services.catalog import Opened

SHOWN = 50  # problems named one by one
_NUMBER = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True)
class Matched:
    """What the file comes to: the change sets, how many of its records hold the values already, and all as read."""

    changesets: tuple[ChangeSet, ...]
    unchanged: int
    live: Mapping[RecordId, Record]


def match(opened: Opened, table: Table) -> Matched:
    """Raises Unreadable with every problem found, each with its line; the API is asked once all ids are ids."""
    opened.require("edit")
    fields = _fields(opened, table.columns)
    rows = _by_id(opened, table.rows)
    records, lacking = browse.by_ids(opened, list(rows))
    if lacking:
        where = opened.connection.label
        _refuse(f"Line {rows[i].line}: {where} has no {opened.resource.singular} {i}." for i in lacking)
    return _changes(opened, fields, rows, records)


def _fields(opened: Opened, columns: Sequence[str]) -> Mapping[str, Field]:
    """The field each column means: by its raw name, else by a label that is one field's alone."""
    meant: dict[str, Field] = {}
    problems: list[str] = []
    for column in columns:
        if _is_id(opened, column):
            continue
        found = _named(opened, column)
        if len(found) != 1:
            why = "is what several fields are called; use the raw name" if found else "is no field"
            problems.append(f"Line 1: “{column}” {why} of {opened.resource.label}.")
        elif found[0] in meant.values():
            problems.append(f"Line 1: “{column}” means {found[0].name}, which another column means already.")
        else:
            meant[column] = found[0]
    ids = sum(_is_id(opened, column) for column in columns)
    if columns and ids != 1:
        problems.append("Line 1: there is no column “id”." if not ids else "Line 1: two columns hold the id.")
    _refuse(problems)
    return meant


def _is_id(opened: Opened, column: str) -> bool:
    return column.lower() == "id" or column == opened.whole.id_field


def _named(opened: Opened, column: str) -> list[Field]:
    shown = opened.resource.visible
    exact = [field for field in shown if field.name == column]
    return exact or [field for field in shown if field.label.casefold() == column.casefold()]


def _by_id(opened: Opened, rows: Iterable[Row]) -> dict[RecordId, Row]:
    problems: list[str] = []
    found: dict[RecordId, Row] = {}
    for row in rows:
        record_id = _id_of(opened, row)
        if record_id is None:
            problems.append(f"Line {row.line}: {_said(_raw_id(opened, row))} is not an id of {opened.resource.label}.")
        elif record_id in found:
            problems.append(f"Line {row.line}: the id {record_id} stands in line {found[record_id].line} already.")
        else:
            found[record_id] = row
    _refuse(problems)
    return found


def _raw_id(opened: Opened, row: Row) -> Any:
    return next((value for column, value in row.values.items() if _is_id(opened, column)), None)


def _said(raw: Any) -> str:
    return "nothing" if raw is None else f"“{str(raw)[:40]}”"


def _id_of(opened: Opened, row: Row) -> RecordId | None:
    raw = _raw_id(opened, row)
    if not isinstance(raw, int | str) or isinstance(raw, bool):
        return None
    text = str(raw).strip()
    if opened.whole.by_name[opened.whole.id_field].kind not in (Kind.INTEGER, Kind.REFERENCE):
        return text or None
    return int(text) if _NUMBER.fullmatch(text) else None


def _changes(
    opened: Opened, fields: Mapping[str, Field], rows: Mapping[RecordId, Row], records: Sequence[Record]
) -> Matched:
    problems: list[str] = []
    found: list[ChangeSet] = []
    unchanged = 0
    asked = {str(record_id): row for record_id, row in rows.items()}
    for record in records:
        row = asked[str(opened.whole.id_of(record))]
        changes: list[Change] = []
        for column, field in fields.items():
            try:
                change = _change(opened, field, record, row.values.get(column, MISSING))
            except Invalid as error:
                problems.append(f"Line {row.line}, {column}: {error}")
                continue
            changes += [change] if change else []
        unchanged += not changes
        found += [changeset_of(opened.whole, record, changes)] if changes else []
    _refuse(problems)
    return Matched(tuple(found), unchanged, {opened.whole.id_of(record): record for record in records})


def _change(opened: Opened, field: Field, record: Record, raw: Any) -> Change | None:
    if raw is MISSING:
        return None
    if raw == "" and field.kind not in TEXTUAL and field.choice("") is None:
        raise Invalid(f"{field.label} has no empty text; say null where it is to be nothing.")
    return change_of(opened.resource, field.name, record.get(field.name, MISSING), raw)


def _refuse(problems: Iterable[str]) -> None:
    told = list(problems)
    if len(told) > SHOWN:
        told[SHOWN:] = [f"… and {counted(len(told) - SHOWN, 'line')} more like these."]
    if told:
        raise Unreadable(*told)
