"""The store: parts of columns and marks beside them, counted as they are kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from adminui.records.packing import PART
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Worksheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(lead: User) -> Worksheet:
    made = Worksheet.objects.create(owner=lead, connection="c", resource="r", title="t", source="s", rows=PART + 3)
    for part, size in enumerate((PART, 3)):
        records = [record(part * PART + at) for at in range(size)]
        store.write_part(made, part, records, ["id", "price", "note"], staged=False)
    return made


def record(row: int) -> dict[str, Any]:
    return {"id": row + 1000, "price": Decimal("1.10")} | ({"note": "odd"} if row % 2 else {})


def test_it_gives_back_what_was_read_where_it_was_read(sheet: Worksheet):
    rows = [0, 1, PART - 1, PART, PART + 2]
    assert store.values_at(sheet, ["id", "price", "note"], rows) == {row: record(row) for row in rows}
    assert [first for first, _ in store.each_part(sheet, ["id"])] == [0, PART]


def test_a_field_that_was_never_read_is_missing_throughout(sheet: Worksheet):
    assert store.values_at(sheet, ["price", "new"], [PART + 2]) == {PART + 2: {"price": Decimal("1.10")}}


def test_rows_are_found_by_the_ids_of_their_records(sheet: Worksheet):
    assert store.rows_of(sheet, "id", ["1000", 1000 + PART, "7"]) == {"1000": 0, str(1000 + PART): PART}


def test_a_part_that_is_read_again_is_staged_beside_the_one_in_use(sheet: Worksheet):
    store.write_part(sheet, 1, [{"id": 1}] * 3, ["id"], staged=True)
    assert list(store.columns(sheet, ["id"], 1)["id"]) == [PART + 1000, PART + 1001, PART + 1002]
    assert list(store.columns(sheet, ["id"], 1, staged=True)["id"]) == [1, 1, 1]


def test_marks_are_kept_counted_and_taken_away(sheet: Worksheet):
    marks: store.PartMarks = {
        0: {"e": None},
        1: {"e": "x", "w": "bad"},
        2: {"e": "y", "o": "rejected", "m": ["no"]},
        3: {"o": "done"},
        4: {"e": "z", "t": [1], "c": True},
    }
    store.keep_marks(sheet, {("note", 0): marks, ("price", 1): {PART: {"e": "2"}}})
    assert store.marks(sheet) == {("note", 0): marks, ("price", 1): {PART: {"e": "2"}}}
    assert store.marks(sheet, [("note", 0), ("note", 1)]) == {("note", 0): marks}
    kept = Marks.objects.get(field="note")
    assert (kept.pending, kept.invalid, kept.clashes, kept.failed) == (4, 1, 1, 1)
    store.keep_marks(sheet, {("note", 0): {}})
    assert Marks.objects.filter(field="note").count() == 0
