"""What an adversary's reading of worksheets found: fields told by the way, edits nobody could take back, half parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from adminui.planning.outcomes import Outcome
from adminui.records import packing
from adminui.records.casting import Invalid
from adminui.records.operations import Operation, doing
from adminui.records.queries import Group
from adminui.records.schema import Field, Kind
from adminui.services import edits, keeping, reading, refreshing, standing
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.worksheets import readings, store
from adminui.worksheets.models import Step, Worksheet
from tests.conftest import Live
from tests.services.drafts import edits_of, ended, mark, marks_of, opened_by, put, redo, sheet_of, thing, undo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(lead: Any) -> Opened:
    return opened_by(lead)


@pytest.fixture
def sheet(opened: Opened) -> Worksheet:
    return sheet_of(opened, [thing(number) for number in range(4)])


def labels(opened: Opened, sheet: Worksheet, since: int = 0) -> list[str]:
    told = [step["label"] for step in edits.feed(opened, sheet, since)["steps"]]
    remembered = [step["label"] for step in edits.history(opened, sheet)["steps"]]
    assert since or told == remembered[::-1]
    return told


def test_a_label_is_not_told_to_who_may_not_see_what_it_is_about(opened: Opened, sheet: Worksheet, editor: Any):
    hiding = opened_by(editor, hidden=["city"])
    edits.take(opened, sheet, uuid4(), "edit", "Set City to “Atlantis”", {"city": ([0], ["Atlantis"])})
    edits.take(opened, sheet, uuid4(), "edit", "Set Size to “7”", {"size": ([0], ["7"])})
    edits.take(opened, sheet, uuid4(), "edit", "Set City to “Bonn”", {"city": ([1], ["Bonn"])})  # changes nothing
    undo(opened, sheet)
    undo(opened, sheet)
    assert sum("City" in label for label in labels(opened, sheet)) == 3
    told = labels(hiding, sheet)
    assert not any("City" in label for label in told) and sum("Size" in label for label in told) == 2
    Step.objects.filter(number=1).update(number=10_001)
    Worksheet.objects.update(version=10_001)
    assert not any("Atlantis" in label for label in labels(hiding, sheet, since=1)), "nor to who is far behind"


def test_ones_own_steps_keep_their_name(opened: Opened, sheet: Worksheet, lead: Any):
    edits.take(opened, sheet, uuid4(), "edit", "Set City to “Bern”", {"city": ([0], ["Bern"])})
    assert labels(opened_by(lead, hidden=["city"]), sheet) == ["Set City to “Bern”"]


def test_what_the_api_said_of_a_field_that_may_not_be_seen_is_not_told_beside_another(
    opened: Opened, sheet: Worksheet, editor: Any
):
    put(opened, sheet, size={0: "9"})
    refused = {"outcome": Outcome.REJECTED, "by_field": {"price": ["is over its limit of 5,000"]}}
    ended(opened, standing.plan(opened, sheet), lambda item: refused)
    [seen] = edits.marks_document(opened, sheet)["marks"]["size"]["marks"]
    assert seen["m"] == ["Price: is over its limit of 5,000"]
    [told] = edits.marks_document(opened_by(editor, hidden=["price"]), sheet)["marks"]["size"]["marks"]
    assert told["m"] == ["The API's words concern a field that you may not see."]


def locking(opened: Opened, name: str) -> Opened:
    """The same, after the API has made a field read-only."""
    fields = tuple(replace(f, read_only=f.read_only or f.name == name) for f in opened.whole.fields)
    return replace(opened, whole=opened.whole.with_fields(fields), resource=opened.resource.with_fields(fields))


def test_an_edit_of_a_field_that_became_read_only_is_marked_and_can_be_taken_back(opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Köln", 1: "Ulm"})
    put(opened, sheet, size={2: "9"})
    now = locking(opened, "city")
    assert "cannot be sent any more" in standing.standing(now, sheet)["sentence"]
    with pytest.raises(BadInput, match="2 rows have values"):
        standing.plan(now, sheet)
    assert standing.counts(sheet)["invalid"] == 2 and mark(sheet, 0, "city")["w"] == "City is read-only."
    assert edits.feed(now, sheet, 2)["steps"][0]["reload"] == {"marks": True, "chunks": {}}
    with pytest.raises(BadInput, match="cannot be edited"):
        put(now, sheet, city={0: "Bern"})
    put(now, sheet, city={0: False})
    assert edits_of(sheet) == {(1, "city"): "Ulm", (2, "size"): "9"}
    for _ in range(3):
        undo(now, sheet)
    assert not edits_of(sheet)
    redo(now, sheet)
    assert edits_of(sheet) == {(0, "city"): "Köln", (1, "city"): "Ulm"} and standing.counts(sheet)["invalid"] == 2


def test_a_clash_in_a_field_that_became_read_only_can_be_given_up(opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Köln"})
    store.keep_marks(sheet, {("city", 0): {0: {"e": "Köln", "t": "Rom", "c": True}}})
    now = locking(opened, "city")
    assert edits.resolve(now, sheet, None, None, "mine") is None
    assert edits.resolve(now, sheet, None, None, "theirs") is not None
    assert not marks_of(sheet)


def test_who_may_not_edit_a_field_takes_nobodys_edit_of_it_back(opened: Opened, sheet: Worksheet, editor: Any):
    put(opened, sheet, city={0: "Köln"})
    Worksheet.objects.update(sharing="edit")
    held = Worksheet.objects.get()
    with pytest.raises(BadInput, match="cannot be edited"):
        put(opened_by(editor, locked=["city"]), held, city={0: False})
    assert edits_of(sheet) == {(0, "city"): "Köln"}


def test_an_edit_that_can_be_sent_again_is_marked_so(opened: Opened, sheet: Worksheet):
    put(opened, sheet, mood={0: "3"}, size={1: "many"})
    choices = {f.name: tuple(replace(c, active=True) for c in f.choices) for f in opened.whole.fields}
    offered = opened.whole.with_fields(tuple(replace(f, choices=choices[f.name]) for f in opened.whole.fields))
    now = replace(opened, whole=offered, resource=offered)
    with pytest.raises(BadInput, match="1 row has"):
        standing.plan(now, sheet)
    assert "w" not in mark(sheet, 0, "mood") and "w" in mark(sheet, 1, "size")


DEEP = "[" * 800 + "]" * 800
NESTED = {
    "anything": Field("l", "L", Kind.LIST),
    "objects": Field("u", "U", Kind.JSON, key="name"),
    "lists": Field("n", "N", Kind.LIST, children=(Field("item", "Item", Kind.JSON),)),
}


@pytest.mark.parametrize("of", NESTED)
@pytest.mark.parametrize("name", ["add", "remove", "replace"])
def test_an_entry_nested_beyond_all_measure_is_refused(of: str, name: str):
    typed = f'{{"name": {DEEP}}}' if of == "objects" else DEEP
    with pytest.raises(Invalid, match="levels deep"):
        doing(NESTED[of], Operation(name, typed, typed))([1])


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (packing, keeping, store, refreshing):
        monkeypatch.setattr(module, "PART", 7)
    monkeypatch.setattr(reading, "AT_ONCE", 0)


def test_what_came_home_while_reading_went_on_is_loaded_again(
    small_parts: None, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch
):
    sheet = reading.open_matching(buzz.open(lead, "campaigns"), Group(), [])
    Worksheet.objects.update(baseline=5)
    end = keeping.Keeper.end

    def come_home(keeper: keeping.Keeper) -> None:
        store.baseline_changed(sheet)
        end(keeper)

    monkeypatch.setattr(keeping.Keeper, "end", come_home)
    assert reading.read_once()
    assert Worksheet.objects.get().baseline == 6


def test_a_reading_that_breaks_off_at_its_very_end_goes_on_without_a_hole(
    small_parts: None, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch
):
    opened = buzz.open(lead, "campaigns")
    sheet = reading.open_matching(opened, Group(), [])

    def fail(*args: Any, **values: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(readings, "done", fail)
        assert reading.read_once()
    stopped = Worksheet.objects.get()
    assert stopped.state == Worksheet.State.STOPPED and stopped.rows % 7 == 0 and stopped.rows
    record = buzz.api.dump("campaigns")[-1]
    buzz.api._store.put("campaigns", {**record, "id": record["id"] + 1_000})
    reading.resume(opened, stopped)
    assert reading.read_once()
    there = Worksheet.objects.get(pk=sheet.pk)
    ids = [value for _, held in store.each_part(there, ["id"]) for value in held["id"]]
    assert there.state == Worksheet.State.READY and len(ids) == there.rows
    assert sorted(ids) == sorted(i for i in (record["id"] for record in buzz.api.dump("campaigns")) if i)
