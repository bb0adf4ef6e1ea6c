"""Shared changes: counted exactly, shown row by row, made as one step on what the cells hold now."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from adminui.records.casting import Invalid, cast
from adminui.records.operations import Operation, Skipped, doing
from adminui.records.packing import PART
from adminui.records.values import MISSING, same
from adminui.services import edits, sharing, statistics
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed
from adminui.services.marking import typed
from adminui.services.sharing import Change, Only, Shared, Window
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet
from tests.conftest import Live
from tests.services.columns import THINGS, pending, sheet_of, things, type_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return things(autotask.open(lead, "Companies"))


def change(field: str, name: str, value: str = "", by: str = "", only: Only | None = None) -> Change:
    return Change(field, Operation(name, value, by), only)


def counted(opened: Opened, sheet: Worksheet, *changes: Change, **window: Any) -> Shared:
    return sharing.count(opened, sheet, range(sheet.rows), changes, Window(**window))


def made(opened: Opened, sheet: Worksheet, *changes: Change) -> Shared:
    shared = sharing.share(opened, sheet, range(sheet.rows), changes, uuid4())
    sheet.refresh_from_db()
    return shared


def test_it_says_how_many_change_have_it_and_would_be_invalid(opened: Opened):
    sheet = sheet_of(opened, [{"name": n} for n in ["a", "a", "twelve signs", "", None]] + [{}])
    told = counted(opened, sheet, change("name", "append", "!"))
    assert told.tally.sentence == "3 rows will change, 1 would be invalid, 2 left alone."
    assert told.label == "Append “!” to Name in 4 rows"
    told = counted(opened, sheet, change("name", "set", "a"))
    assert told.tally.sentence == "4 rows will change, 2 already have it."
    assert counted(opened, sheet, change("name", "null")).tally.sentence == "4 rows will change, 2 already have it."
    assert not Step.objects.exists() and not store.marks(sheet)


def test_it_is_one_step_with_what_would_be_invalid_kept_as_it_comes(opened: Opened):
    sheet = sheet_of(opened, [{"name": "a"}, {"name": "twelve signs"}, {"name": None}])
    shared = made(opened, sheet, change("name", "append", "!"))
    assert pending(sheet, "name") == {0: "a!", 1: "twelve signs!"}
    assert "w" in store.marks(sheet)["name", 0][1]
    step = Step.objects.get()
    assert (step.kind, step.label, step.cells) == ("shared", "Append “!” to Name in 2 rows", 2) and shared.step == step
    edits.undo(opened, sheet, uuid4())
    assert pending(sheet, "name") == {}


def test_the_same_token_makes_it_once(opened: Opened):
    sheet, token = sheet_of(opened, [{"count": 1}, {"count": 2}]), uuid4()
    for _ in range(2):
        shared = sharing.share(opened, sheet, range(2), [change("count", "plus", "5")], token)
        assert shared.label == "Change Count by +5 in 2 rows" and shared.step is not None
    assert pending(sheet, "count") == {0: "6", 1: "7"}


def test_a_change_that_changes_nothing_is_no_step(opened: Opened):
    sheet = sheet_of(opened, [{"price": Decimal("1.50")}])
    assert made(opened, sheet, change("price", "set", "1.5")).tally.sentence == "0 rows will change, 1 already has it."
    assert not Step.objects.exists()


def test_it_builds_on_pending_edits_and_spares_those_that_cannot_be_sent(opened: Opened):
    sheet = sheet_of(opened, [{"price": Decimal(10)}] * 4)
    type_in(opened, sheet, "price", {0: "20", 1: "much", 2: None})
    told = counted(opened, sheet, change("price", "percent", "10"))
    assert told.tally.sentence == "2 rows will change, 2 left alone."
    cells = [row.cells[0] for row in told.preview]
    assert [(c.before, c.after, c.fate, c.words) for c in cells] == [
        ("20", "22.00", "changed", ""),
        ("much", "much", "skipped", "has a pending edit that cannot be sent"),
        (None, None, "skipped", "is null"),
        ("10", "11.00", "changed", ""),
    ]
    made(opened, sheet, change("price", "percent", "10"))
    assert pending(sheet, "price") == {0: "22.00", 1: "much", 2: None, 3: "11.00"}
    assert made(opened, sheet, change("price", "set", "10")).tally.sentence == "4 rows will change."
    assert pending(sheet, "price") == {}  # every cell is as it was read


def test_a_pending_edit_of_the_same_meaning_has_it_already(opened: Opened):
    sheet = sheet_of(opened, [{"price": Decimal(1)}, {"price": Decimal(2)}])
    type_in(opened, sheet, "price", {0: "5", 1: "bad"})
    assert (
        counted(opened, sheet, change("price", "set", "5.00")).tally.sentence == "1 row will change, 1 already has it."
    )
    told = counted(opened, sheet, change("price", "set", "bad"))
    assert told.tally.sentence == "0 rows will change, 2 would be invalid."


def test_a_condition_on_the_same_field_or_on_another(opened: Opened):
    records = [{"status": s, "count": c} for s, c in [(1, 10), (2, 10), ("2", 20), (None, 30)]]
    sheet = sheet_of(opened, records)
    type_in(opened, sheet, "status", {0: "2"})
    active = Only("status", statistics.key_of(THINGS.by_name["status"], 2))
    told = counted(opened, sheet, change("count", "plus", "1", only=active))
    assert told.tally.sentence == "3 rows will change, 1 left out by the condition."
    assert [row.cells[0].after for row in told.preview] == ["11", "11", "21", "30"]
    nothing = Only("status", statistics.key_of(THINGS.by_name["status"], None))
    made(opened, sheet, change("status", "set", "Dead", only=active), change("count", "set", "0", only=nothing))
    assert pending(sheet, "status") == {0: "3", 1: "3", 2: "3"} and pending(sheet, "count") == {3: "0"}


def test_several_fields_at_once_make_one_step_and_a_row_has_the_worst_of_its_fates(opened: Opened):
    sheet = sheet_of(opened, [{"name": "x", "price": Decimal(999)}, {"name": "y", "price": None}, {"name": "y"}])
    asked = [change("name", "set", "y"), change("price", "plus", "5")]
    told = counted(opened, sheet, *asked)
    assert told.tally.sentence == "0 rows will change, 2 already have it, 1 would be invalid."
    assert told.label == "Change 2 fields in 1 row"
    assert [[cell.fate for cell in row.cells] for row in told.preview] == [
        ["changed", "invalid"],
        ["already", "skipped"],
        ["already", "skipped"],
    ]
    made(opened, sheet, *asked)
    assert (pending(sheet, "name"), pending(sheet, "price")) == ({0: "y"}, {0: "1004"})
    assert Step.objects.count() == 1


def test_the_preview_turns_its_pages_over_parts_and_fates(opened: Opened):
    records = [{"count": row % 3, "name": f"n{row}"} for row in range(PART + 30)]
    sheet = sheet_of(opened, records)
    told = counted(opened, sheet, change("count", "set", "1"), start=PART - 20)
    assert [row.row for row in told.preview] == list(range(PART - 20, PART + 30))
    assert (told.preview[-1].id, told.preview[-1].title) == (str(100 + PART + 29), f"n{PART + 29}")
    already = [row for row in range(PART + 30) if row % 3 == 1]
    told = counted(opened, sheet, change("count", "set", "1"), start=3_330, fate="already")
    assert [row.row for row in told.preview] == already[3_330:3_380]
    assert told.tally.already == len(already) and told.tally.changed == PART + 30 - len(already)
    assert counted(opened, sheet, change("count", "set", "1"), fate="invalid").preview == ()


def test_only_the_rows_meant_are_changed(opened: Opened):
    sheet = sheet_of(opened, [{"count": 1}] * 6)
    sharing.share(opened, sheet, [1, 4, 5], [change("count", "set", "2")], uuid4())
    assert pending(sheet, "count") == {1: "2", 4: "2", 5: "2"}


@pytest.mark.parametrize(
    "asked",
    [
        [],
        [change("nothing", "null")],
        [change("secret", "set", "x")],
        [change("id", "set", "1")],
        [change("made", "shift", "1")],
        [change("count", "null")],
        [change("price", "percent", "much")],
        [change("count", "set", "1"), change("count", "plus", "1")],
        [change("count", "set", "1", only=Only("secret", "x"))],
    ],
)
def test_it_refuses_what_makes_no_sense_before_anything_is_read(opened: Opened, asked: list[Change]):
    sheet = sheet_of(opened, [{"count": 1}])
    with pytest.raises(BadInput):
        counted(opened, sheet, *asked)
    with pytest.raises(BadInput):
        made(opened, sheet, *asked)
    assert not Step.objects.exists()


@pytest.mark.parametrize(("role", "sharing_"), [("viewer", "edit"), ("editor", "view")])
def test_who_may_not_edit_the_worksheet_may_not_share_changes(
    autotask: Live, opened: Opened, person: Any, role: str, sharing_: str
):
    sheet = sheet_of(opened, [{"count": 1}], sharing=sharing_)
    other = things(autotask.open(person(role), "Companies"))
    for act in (counted, made):
        with pytest.raises(NotAllowed):
            act(other, sheet, change("count", "set", "2"))
    assert not Step.objects.exists()


HELD: dict[str, list[Any]] = {
    "name": ["a", "ab", "", "twelve signs", None, MISSING],
    "status": [1, "1", 2, 4, None, MISSING],
    "price": [Decimal("1.00"), Decimal("1.005"), Decimal(999), "7", "odd", None, MISSING],
    "count": [0, 1, 25, None],
    "day": ["2026-02-28", "9999-12-31", "2026-02-28T00:00:00", "soon", None],
    "tags": [["a"], ["b", "a"], [], None, "odd"],
}
TYPED: dict[str, list[str | None]] = {
    "name": ["a", "b", None, "much too long for it"],
    "status": ["New", "2", "nonsense", None],
    "price": ["1", "1.10", "5000", None],
    "count": ["1", "one", None],
    "day": ["2026-03-01", "tomorrow"],
    "tags": ['["a"]', "[", None],
}
ASKED: dict[str, list[Operation]] = {
    "name": [Operation("set", "a"), Operation("append", "b"), Operation("replace", "a", "b"), Operation("empty")],
    "status": [Operation("set", "1"), Operation("set", "Old"), Operation("null")],
    "price": [Operation("percent", "10"), Operation("plus", "1"), Operation("round", "0"), Operation("set", "1.0")],
    "count": [Operation("plus", "-1"), Operation("percent", "4")],
    "day": [Operation("shift", "1"), Operation("set", "2026-03-01")],
    "tags": [Operation("add", "a"), Operation("remove", "a"), Operation("replace", "a", "b")],
}


def fate_of(opened: Opened, base: Any, edit: Any, operation: Operation, name: str) -> tuple[str, Any]:
    """One cell by itself, slowly: its fate and the edit it has afterwards (False for none)."""
    field = opened.resource.by_name[name]
    bad = edit is not False and typed(opened.resource, name, base, edit)[1]
    now = base if edit is False or bad else cast(field, edit, base)
    given = doing(field, operation)(now)
    if isinstance(given, Skipped) or (bad and operation.name not in ("set", "null", "empty")):
        return "skipped", edit
    after, words = typed(opened.resource, name, base, given.text)
    if words:
        return "invalid", after
    try:
        value = base if after is False else cast(field, after, base)
    except Invalid:  # pragma: no cover
        raise AssertionError(after) from None
    return ("already", edit) if not bad and same(field, now, value) else ("changed", after)


@pytest.mark.parametrize("seed", range(12))
def test_every_cell_comes_out_as_it_would_by_itself(opened: Opened, seed: int):
    chance = random.Random(seed)
    name = chance.choice(list(HELD))
    operation = chance.choice(ASKED[name])
    values = chance.choices(HELD[name], k=60)
    sheet = sheet_of(opened, [{} if v is MISSING else {name: v} for v in values])
    type_in(opened, sheet, name, {row: chance.choice(TYPED[name]) for row in chance.sample(range(60), 25)})
    before = pending(sheet, name)
    expected = [fate_of(opened, values[row], before.get(row, False), operation, name) for row in range(60)]
    told = counted(opened, sheet, Change(name, operation), size=60)
    assert [row.cells[0].fate for row in told.preview] == [fate for fate, _ in expected]
    tally = told.tally
    counts = (tally.changed, tally.already, tally.invalid, tally.skipped)
    fates = [fate for fate, _ in expected]
    assert counts == tuple(fates.count(word) for word in ("changed", "already", "invalid", "skipped"))
    assert made(opened, sheet, Change(name, operation)).tally == tally
    assert pending(sheet, name) == {row: edit for row, (_, edit) in enumerate(expected) if edit is not False}
