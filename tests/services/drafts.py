"""What the tests of pending edits share: worksheets made without an API, typing into them, runs that end as told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from adminui.connections.config import Connection
from adminui.planning.capabilities import Capabilities
from adminui.planning.outcomes import Outcome
from adminui.records.packing import PART
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.runs.models import Item, Plan, Run
from adminui.services import edits, homecoming, plans
from adminui.services.catalog import Opened
from adminui.services.steps import Edit
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet

FIELDS = (
    Field("id", "Id", Kind.INTEGER, read_only=True),
    Field("name", "Name", Kind.TEXT, nullable=False, blank=False),
    Field("city", "City", Kind.TEXT, max_length=40),
    Field("size", "Size", Kind.INTEGER, nullable=False),
    Field("price", "Price", Kind.DECIMAL, decimal_places=2),
    Field("mood", "Mood", Kind.CHOICE, choices=(Choice(1, "New"), Choice(2, "Done"), Choice(3, "Old", active=False))),
    Field("made", "Made", Kind.TEXT, read_only=True),
)
THINGS = Resource("things", "Things", "Thing", FIELDS)


def opened_by(user: Any, *, hidden: Sequence[str] = (), locked: Sequence[str] = ()) -> Opened:
    """Things, opened by a person who may not see or not edit some of their fields. No API is behind them."""
    seen = THINGS.with_fields(
        tuple(
            replace(f, hidden=f.name in hidden, read_only=f.read_only or f.name in {*hidden, *locked}) for f in FIELDS
        )
    )
    desk = Connection("desk", "Desk", "autotask", "http://127.0.0.1:9", "sandbox")
    return Opened(user, desk, seen, THINGS, Capabilities(bulk_rows=True, bulk_shared=True))


def thing(number: int, **values: Any) -> dict[str, Any]:
    return {"id": number, "name": f"Thing {number}", "city": "Bonn", "size": 5, "price": None, "mood": 1} | values


def sheet_of(opened: Opened, records: Sequence[Mapping[str, Any]]) -> Worksheet:
    """A worksheet over these records, as if they had just been read."""
    sheet = Worksheet.objects.create(
        owner_id=opened.user_id,
        connection=opened.connection.name,
        resource=opened.resource.name,
        title="A draft",
        source="records",
        state=Worksheet.State.READY,
        rows=len(records),
        read_at=timezone.now(),
    )
    names = [field.name for field in opened.whole.fields]
    for part in store.parts_of(sheet):
        store.write_part(sheet, part, records[part * PART : (part + 1) * PART], names, staged=False)
    return sheet


def put(opened: Opened, sheet: Worksheet, kind: str = "edit", **cells: Mapping[int, Edit]) -> Step:
    """Type into cells: field → row → what is typed."""
    raws = {name: (list(column), list(column.values())) for name, column in cells.items()}
    return edits.take(opened, sheet, uuid4(), kind, f"{kind} cells", raws)


def undo(opened: Opened, sheet: Worksheet) -> Step:
    return edits.undo(opened, sheet, uuid4())


def redo(opened: Opened, sheet: Worksheet) -> Step:
    return edits.redo(opened, sheet, uuid4())


def marks_of(sheet: Worksheet) -> dict[tuple[int, str], dict[str, Any]]:
    """(row, field) → mark."""
    return {(row, f): dict(mark) for (f, _), held in store.marks(sheet).items() for row, mark in held.items()}


def edits_of(sheet: Worksheet) -> dict[tuple[int, str], Any]:
    return {cell: mark["e"] for cell, mark in marks_of(sheet).items() if "e" in mark}


def mark(sheet: Worksheet, row: int, field: str) -> dict[str, Any]:
    return marks_of(sheet).get((row, field), {})


def base(sheet: Worksheet, row: int, field: str) -> Any:
    return store.values_at(sheet, [field], [row])[row].get(field, "not there")


def ended(opened: Opened, plan: Plan, told: Callable[[Item], Mapping[str, Any]] | None = None) -> Run:
    """The plan's run, over, with every row done or as told, and brought home."""
    run = plans.approve(opened, plan)
    for item in run.items.all():
        fate = {"outcome": Outcome.DONE, "verified": True} | dict(told(item) if told else {})
        for name, value in fate.items():
            setattr(item, name, value)
        item.settled_at = timezone.now()
        item.save()
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED, finished_at=timezone.now())
    homecoming.catch_up(opened, Worksheet.objects.get(pk=plan.worksheet))
    return Run.objects.select_related("plan").get(pk=run.pk)
