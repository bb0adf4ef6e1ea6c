"""Worksheets over made-up records, for tests of what is done to columns: nothing is asked of an API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from adminui.records.packing import PART
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.services import edits
from adminui.services.catalog import Opened
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

STATUS = (Choice(1, "New"), Choice(2, "Active"), Choice(3, "Dead"), Choice(4, "Old", active=False))
THINGS = Resource(
    "Companies",
    "Things",
    "Thing",
    (
        Field("id", "Id", Kind.INTEGER, read_only=True),
        Field("name", "Name", Kind.TEXT, max_length=12),
        Field("status", "Status", Kind.CHOICE, choices=STATUS),
        Field("price", "Price", Kind.DECIMAL, decimal_places=2, max_value=1_000),
        Field("count", "Count", Kind.INTEGER, nullable=False),
        Field("day", "Day", Kind.DATE),
        Field("tags", "Tags", Kind.LIST, unordered=True, children=(Field("item", "Item", Kind.TEXT),)),
        Field("made", "Made", Kind.DATETIME, zone="UTC", read_only=True),
        Field("secret", "Secret", Kind.TEXT, hidden=True),
    ),
)


def things(opened: Opened) -> Opened:
    """The same person and connection, with records of our own making."""
    return replace(opened, resource=THINGS, whole=THINGS)


def sheet_of(opened: Opened, records: Sequence[dict[str, Any]], **more: Any) -> Worksheet:
    """A worksheet that holds these records, with ids from 100."""
    sheet: Worksheet = Worksheet.objects.create(
        owner_id=opened.user_id,
        connection=opened.connection.name,
        resource=opened.resource.name,
        title="t",
        source="s",
        state=Worksheet.State.READY,
        **{"rows": len(records)} | more,
    )
    names = {name for record in records for name in record} | {"id"}
    for first in range(0, len(records), PART):
        part = [{"id": 100 + first + at} | record for at, record in enumerate(records[first : first + PART])]
        store.write_part(sheet, first // PART, part, names, staged=False)
    return sheet


def type_in(opened: Opened, sheet: Worksheet, field: str, typed: dict[int, str | None]) -> None:
    edits.take(opened, sheet, uuid4(), "edit", "typed", {field: (list(typed), list(typed.values()))})
    sheet.refresh_from_db()


def pending(sheet: Worksheet, field: str) -> dict[int, str | None]:
    return {
        row: mark["e"]
        for (name, _), marks in store.marks(sheet).items()
        for row, mark in marks.items()
        if name == field and "e" in mark
    }
