"""Pending edits: kept as one step each, taken once, undone per person, settled; every field and right checked here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from adminui.planning.outcomes import Outcome
from adminui.records.packing import PART
from adminui.runs.models import Item
from adminui.services import edits, standing
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet
from tests.services.drafts import (
    base,
    edits_of,
    ended,
    mark,
    marks_of,
    opened_by,
    put,
    redo,
    sheet_of,
    thing,
    undo,
)

pytestmark = pytest.mark.django_db
CITIES = ["Bonn", "Bonn", "Köln", None, "", "Ulm"]


@pytest.fixture
def opened(lead: Any) -> Opened:
    return opened_by(lead)


@pytest.fixture
def sheet(opened: Opened) -> Worksheet:
    """Six things with cities of every kind; the last lacks a price altogether."""
    records = [thing(100 + row, city=city) for row, city in enumerate(CITIES)]
    del records[5]["price"]
    return sheet_of(opened, records)


@pytest.fixture
def other(sheet: Worksheet, editor: Any) -> Opened:
    """Somebody who edits the same worksheet."""
    sheet.sharing = Worksheet.Sharing.EDIT
    sheet.save()
    return opened_by(editor)


def after(sheet: Worksheet) -> Worksheet:
    return Worksheet.objects.get(pk=sheet.pk)


def test_an_edit_is_pending_and_typing_the_old_value_makes_it_clean(opened: Opened, sheet: Worksheet):
    first = put(opened, sheet, city={0: "Trier"})
    assert mark(sheet, 0, "city") == {"e": "Trier", "s": 1} and first.cells == 1
    put(opened, sheet, city={0: "Bonn"})
    assert marks_of(sheet) == {} and after(sheet).version == 2


def test_null_empty_and_missing_are_three_things(opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: None, 1: "", 3: None, 4: ""}, price={5: None})
    assert edits_of(sheet) == {(0, "city"): None, (1, "city"): ""}
    put(opened, sheet, city={3: "", 4: None}, price={5: ""})
    assert edits_of(sheet) == {(0, "city"): None, (1, "city"): "", (3, "city"): "", (4, "city"): None}


def test_a_valid_edit_is_kept_as_it_will_be_sent_and_an_invalid_one_as_typed(opened: Opened, sheet: Worksheet):
    step = put(opened, sheet, mood={0: "Done", 1: "3", 2: "New"}, size={0: "+07", 1: "many"}, price={0: "1.50"})
    assert edits_of(sheet) == {
        (0, "mood"): "2",
        (1, "mood"): "3",
        (0, "size"): "7",
        (1, "size"): "many",
        (0, "price"): "1.50",
    }
    assert "inactive" in mark(sheet, 1, "mood")["w"] and "whole number" in mark(sheet, 1, "size")["w"]
    [told] = edits.feed(opened, sheet, 0)["steps"]
    assert told["cells"]["size"] == {
        "rows": [0, 1],
        "after": ["7", "many"],
        "words": {"1": mark(sheet, 1, "size")["w"]},
    }
    assert told["cells"]["mood"]["after"] == ["2", "3", False] and step.cells == 5


def test_what_arrives_is_cast_against_the_baseline_as_it_is_now(opened: Opened, sheet: Worksheet):
    column = store.columns(sheet, ["city"], 0)["city"]
    store.write_columns(sheet, 0, {"city": column.changed({0: "Trier"})})
    put(opened, sheet, city={0: "Trier", 1: "Trier"})
    assert edits_of(sheet) == {(1, "city"): "Trier"}


def test_a_step_that_is_sent_twice_is_taken_once(opened: Opened, sheet: Worksheet):
    token = uuid4()
    cells = {"city": ([0], ["Trier"])}
    one = edits.take(opened, sheet, token, "edit", "Edit", cells)
    put(opened, sheet, city={0: "Worms"})
    two = edits.take(opened, sheet, token, "edit", "Edit", cells)
    assert one == two and edits_of(sheet) == {(0, "city"): "Worms"} and after(sheet).version == 2
    back = uuid4()
    assert edits.undo(opened, sheet, back) == edits.undo(opened, sheet, back)
    assert edits_of(sheet) == {(0, "city"): "Trier"}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"nothing": ([0], ["x"])}, "no field"),
        ({"id": ([0], ["7"])}, "cannot be edited"),
        ({"made": ([0], ["x"])}, "cannot be edited"),
        ({"city": ([6], ["x"])}, "not rows"),
        ({"city": ([-1], ["x"])}, "not rows"),
        ({"city": ([True], ["x"])}, "not rows"),
        ({"city": ([0, 0], ["x", "y"])}, "not rows"),
        ({"city": ([0, 1], ["x"])}, "not rows"),
        ({"city": ([0], [5])}, "text, null, or false"),
        ({"city": ([0], [True])}, "text, null, or false"),
    ],
)
def test_what_is_no_edit_of_this_worksheet_is_refused_whole(opened: Opened, sheet: Worksheet, cells: Any, words: str):
    with pytest.raises(BadInput, match=words):
        edits.take(opened, sheet, uuid4(), "paste", "Paste", {"size": ([0], ["9"]), **cells})
    assert marks_of(sheet) == {} and not sheet.steps.exists() and after(sheet).version == 0


def test_a_kind_of_ones_own_is_refused(opened: Opened, sheet: Worksheet):
    with pytest.raises(BadInput):
        put(opened, sheet, "applied", city={0: "x"})


def test_fields_a_person_may_not_see_or_edit_are_not_theirs_to_type_into(lead: Any, sheet: Worksheet):
    narrow = opened_by(lead, hidden=["city"], locked=["size"])
    for cells in ({"city": {0: "x"}}, {"size": {0: "6"}}):
        with pytest.raises(BadInput):
            put(narrow, sheet, **cells)
    assert marks_of(sheet) == {}


def test_only_those_it_is_shared_with_for_editing_edit_it(sheet: Worksheet, editor: Any, viewer: Any):
    sheet.sharing = Worksheet.Sharing.VIEW
    sheet.save()
    for act in (lambda who: put(who, sheet, city={0: "x"}), lambda who: undo(who, sheet)):
        with pytest.raises(NotAllowed):
            act(opened_by(editor))
    sheet.sharing = Worksheet.Sharing.EDIT
    with pytest.raises(NotAllowed):
        put(opened_by(viewer), sheet, city={0: "x"})
    with pytest.raises(NotAllowed):
        edits.resolve(opened_by(viewer), sheet, None, None, "mine")
    put(opened_by(editor), sheet, city={0: "x"})
    assert edits_of(sheet) == {(0, "city"): "x"}


def test_a_paste_over_several_parts_is_one_step(opened: Opened):
    sheet = sheet_of(opened, [thing(n) for n in range(PART + 2)])
    put(opened, sheet, "paste", city={PART - 1: "Trier", PART: "Trier"}, size={PART + 1: "1"})
    assert sheet.marks.count() == 3 and sheet.steps.count() == 1
    undo(opened, sheet)
    assert marks_of(sheet) == {} and not sheet.marks.exists()


def test_undo_and_redo_go_step_by_step_and_a_new_step_drops_what_could_be_redone(opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "A"})
    put(opened, sheet, city={0: "B"}, size={1: "6"})
    put(opened, sheet, city={0: "C"})
    undo(opened, sheet)
    undo(opened, sheet)
    assert edits_of(sheet) == {(0, "city"): "A"}
    redo(opened, sheet)
    assert edits_of(sheet) == {(0, "city"): "B", (1, "size"): "6"}
    undo(opened, sheet)
    redo(opened, sheet)
    redo(opened, sheet)
    assert edits_of(sheet)[0, "city"] == "C"
    with pytest.raises(BadInput, match="nothing of yours to redo"):
        redo(opened, sheet)
    undo(opened, sheet)
    put(opened, sheet, size={2: "8"})
    with pytest.raises(BadInput):
        redo(opened, sheet)
    undo(opened, sheet)
    undo(opened, sheet)
    undo(opened, sheet)
    assert edits_of(sheet) == {}
    with pytest.raises(BadInput, match="nothing of yours to undo"):
        undo(opened, sheet)


def test_three_hundred_steps_are_undone_one_by_one(opened: Opened, sheet: Worksheet):
    for number in range(300):
        put(opened, sheet, size={number % 6: str(1000 + number)})
    for _ in range(300):
        undo(opened, sheet)
    assert edits_of(sheet) == {} and after(sheet).version == 600


def test_undo_is_each_persons_own_and_leaves_alone_what_somebody_changed_since(
    opened: Opened, other: Opened, sheet: Worksheet
):
    put(opened, sheet, "paste", city={0: "Mine", 1: "Mine"})
    put(other, sheet, city={1: "Theirs", 2: "Theirs"})
    with pytest.raises(BadInput):
        redo(other, sheet)
    assert undo(opened, sheet).cells == 1
    assert edits_of(sheet) == {(1, "city"): "Theirs", (2, "city"): "Theirs"}
    assert edits.feed(opened, sheet, 2)["steps"][0]["left"] == 1
    assert redo(opened, sheet).cells == 1
    assert edits_of(sheet) == {(0, "city"): "Mine", (1, "city"): "Theirs", (2, "city"): "Theirs"}
    undo(other, sheet)
    assert edits_of(sheet) == {(0, "city"): "Mine", (1, "city"): "Mine"}


def test_a_step_that_changes_nothing_is_answered_and_is_none_to_undo(opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Trier"})
    undo(opened, sheet)
    nothing = put(opened, sheet, city={1: "Bonn"})
    assert nothing.cells == 0 and edits.feed(opened, sheet, 2)["steps"][0]["cells"]["city"]["after"] == [False]
    redo(opened, sheet)
    assert edits_of(sheet) == {(0, "city"): "Trier"}


def test_undo_after_a_run_puts_the_old_value_back_as_an_edit(opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Trier", 2: "Trier"}, size={0: "6"})
    put(opened, sheet, city={0: "Worms"})
    ended(opened, standing.plan(opened, after(sheet)))
    assert edits_of(sheet) == {} and base(sheet, 0, "city") == "Worms"
    undo(opened, sheet)
    assert edits_of(sheet) == {(0, "city"): "Trier"}
    undo(opened, sheet)
    assert edits_of(sheet) == {(0, "city"): "Bonn", (2, "city"): "Köln", (0, "size"): "5"}
    redo(opened, sheet)
    redo(opened, sheet)
    assert edits_of(sheet) == {}
    undo(opened, sheet)
    undo(opened, sheet)
    ended(opened, standing.plan(opened, after(sheet)))
    assert base(sheet, 0, "city") == "Bonn" and edits_of(sheet) == {}
    redo(opened, sheet)
    assert edits_of(sheet) == {(0, "city"): "Trier", (2, "city"): "Trier", (0, "size"): "6"}


def clash(opened: Opened, sheet: Worksheet) -> None:
    """Mine in four cells, three of which somebody else set to something else before they were sent."""
    put(opened, sheet, city={0: "Mine", 1: "Mine", 2: "Mine"}, size={0: "6"})

    def told(item: Item) -> dict[str, Any]:
        if item.record_id == "102":
            return {}
        return {"outcome": Outcome.CONFLICT, "theirs": {"city": {"field": "city", "before": "Theirs", "after": None}}}

    ended(opened, standing.plan(opened, after(sheet)), told)


def test_a_clash_waits_for_a_choice_and_mine_or_theirs_settle_it(opened: Opened, sheet: Worksheet):
    clash(opened, sheet)
    kept = mark(sheet, 0, "city")
    assert (kept["e"], kept["t"], kept["c"], base(sheet, 0, "city")) == ("Mine", "Bonn", True, "Theirs")
    assert "Theirs" in kept["m"][0] and mark(sheet, 0, "size") == {"e": "6", "s": 1}
    assert standing.counts(sheet) == {"cells": 3, "invalid": 0, "clashes": 2, "failed": 2}
    with pytest.raises(BadInput, match="2 rows were changed by somebody else"):
        standing.plan(opened, sheet)
    assert edits.resolve(opened, sheet, [5], None, "mine") is None
    assert edits.resolve(opened, sheet, [0], ["city"], "mine") is not None
    assert edits.resolve(opened, sheet, None, None, "theirs") is not None
    assert mark(sheet, 0, "city") == {"e": "Mine", "s": 3} and mark(sheet, 1, "city") == {}
    [planned] = standing.plan(opened, sheet).rows()
    assert planned.values == {"city": "Mine", "size": 6} and planned.changes[0].before == "Theirs"
    [step] = edits.feed(opened, sheet, undo(opened, sheet).number - 1)["steps"]
    assert mark(sheet, 1, "city") == {"e": "Mine", "s": 5, "c": True}, "what was settled is to be settled again"
    assert step["reload"] == {"marks": True, "chunks": {}} and standing.counts(sheet)["clashes"] == 1


def test_what_can_be_sent_is_planned_without_the_rows_that_cannot(opened: Opened, sheet: Worksheet):
    clash(opened, sheet)
    put(opened, sheet, size={3: "7", 4: "many"}, city={4: "Trier"})
    planned = standing.plan(opened, sheet, ready=True).rows()
    assert {c.record_id: c.values for c in planned} == {103: {"size": 7}}
    with pytest.raises(BadInput, match="no pending changes"):
        standing.plan(opened, sheet, rows=[4], ready=True)


def test_typing_into_a_clash_settles_it_and_taking_the_edit_back_leaves_theirs(opened: Opened, sheet: Worksheet):
    clash(opened, sheet)
    put(opened, sheet, city={0: "Both"})
    put(opened, sheet, city={1: False})
    assert mark(sheet, 0, "city") == {"e": "Both", "s": 3} and mark(sheet, 1, "city") == {}


def test_a_feed_leaves_out_what_a_person_may_not_see(opened: Opened, sheet: Worksheet, lead: Any):
    put(opened, sheet, city={0: "Trier"}, size={0: "6"})
    ended(opened, standing.plan(opened, after(sheet)))
    put(opened, sheet, city={1: "Ulm"}, size={1: "many"})
    narrow = opened_by(lead, hidden=["size"])
    told = edits.feed(narrow, sheet, 0)
    assert [list(step["cells"]) for step in told["steps"]] == [["city"], [], ["city"]]
    assert told["steps"][1]["reload"] == {"marks": True, "chunks": {"city": [0]}}
    assert told["standing"] == {"cells": 1, "invalid": 0, "clashes": 0, "failed": 0}
    assert list(edits.marks_document(narrow, sheet)["marks"]) == ["city"]
    assert edits.marks_document(opened, sheet)["marks"]["city"] == {
        "rows": [0, 1],
        "marks": [{"o": "done", "r": Item.objects.get().run_id}, "Ulm"],
    }


def test_who_is_too_far_behind_learns_which_steps_were_taken_and_loads_the_rest_anew(opened: Opened, sheet: Worksheet):
    for number in range(301):
        put(opened, sheet, size={0: str(10 + number)})
    assert not edits.feed(opened, sheet, 1)["reload"] and len(edits.feed(opened, sheet, 1)["steps"]) == 300
    far = edits.feed(opened, sheet, 0)
    assert far["reload"] and far["version"] == 301
    assert [step["number"] for step in far["steps"]] == list(range(2, 302)) and not far["steps"][0]["cells"]


def test_history_names_the_steps_newest_first(opened: Opened, other: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "A"})
    put(other, sheet, "paste", city={1: "B", 2: "B"})
    undo(opened, sheet)
    told = edits.history(opened, sheet)["steps"]
    assert [(s["number"], s["kind"], s["cells"], s["undone"], s["mine"]) for s in told] == [
        (3, "undo", 1, False, True),
        (2, "paste", 2, False, False),
        (1, "edit", 1, True, True),
    ]
    assert told[1]["who"] == {"id": other.user_id, "name": "editor"}


def test_the_last_change_of_a_cell_is_the_newest_run_that_is_known_to_have_made_it(opened: Opened, sheet: Worksheet):
    assert edits.last_change(opened, sheet, 0, "price") is None
    for price, outcome in (("1.5", Outcome.DONE), ("2.5", Outcome.DONE), ("3.5", Outcome.REJECTED)):
        put(opened, sheet, price={0: price})
        run = ended(opened, standing.plan(opened, after(sheet)), lambda item, o=outcome: {"outcome": o})
    found = edits.last_change(opened, sheet, 0, "price")
    assert found is not None and (found.value, found.by, found.run) == (Decimal("2.5"), "lead", run.pk - 1)
    assert edits.last_change(opened, sheet, 0, "city") is None
    with pytest.raises(BadInput):
        edits.last_change(opened_by(opened.user, hidden=["price"]), sheet, 0, "price")


def test_standing_says_what_planning_would_come_to(opened: Opened, sheet: Worksheet):
    told = standing.standing(opened, sheet)
    assert (told["sentence"], told["ready"]) == ("Nothing is pending: the next click would send nothing.", False)
    put(opened, sheet, city={0: "Trier", 1: "Trier"})
    told = standing.standing(opened, sheet)
    assert told["sentence"].startswith("Planned: 1 request changes 2 fields in 2 records") and told["ready"]
    assert told["plan_words"] == "Plan 2 changes"
    put(opened, sheet, size={0: "many"})
    assert standing.standing(opened, sheet)["sentence"].startswith("1 cell cannot be sent") and told["cells"] == 2


def test_beyond_three_hundred_rows_the_sentence_counts(opened: Opened):
    sheet = sheet_of(opened, [thing(n) for n in range(400)])
    put(opened, sheet, "shared", city=dict.fromkeys(range(350), "Trier"), size={0: "6"})
    told = standing.standing(opened, sheet)
    assert told["sentence"] == "The plan will show the requests for 351 fields in 350 records." and told["ready"]


def test_a_plan_holds_the_touched_fields_of_the_rows_asked_for(opened: Opened, sheet: Worksheet):
    with pytest.raises(BadInput, match="no pending changes"):
        standing.plan(opened, sheet)
    put(opened, sheet, city={1: "Trier", 0: "Trier"}, price={5: "2"})
    plan = standing.plan(opened, sheet, rows=[5, 0])
    assert [(row.record_id, row.label, row.values) for row in plan.rows()] == [
        (100, "Thing 100", {"city": "Trier"}),
        (105, "Thing 105", {"price": 2}),
    ]
    put(opened, sheet, size={1: "many"})
    with pytest.raises(BadInput, match="1 row has values that cannot be sent"):
        standing.plan(opened, sheet)
    assert standing.plan(opened, sheet, rows=[0]).rows()


def test_somebody_elses_edits_of_fields_one_may_not_change_are_not_ones_own_to_plan(
    opened: Opened, sheet: Worksheet, admin_user: Any
):
    put(opened, sheet, city={0: "Trier"}, size={1: "6"})
    with pytest.raises(NotAllowed, match="may not change Size"):
        standing.plan(opened_by(admin_user, locked=["size"]), sheet)
    [row] = standing.plan(opened_by(admin_user, hidden=["size"]), sheet).rows()
    assert row.values == {"city": "Trier"}


def test_steps_of_somebody_who_is_gone_keep_their_name(opened: Opened, other: Opened, sheet: Worksheet):
    put(other, sheet, city={0: "x"})
    other.user.delete()  # type: ignore[union-attr]
    [step] = edits.feed(opened, sheet, 0)["steps"]
    assert step["who"] == {"id": None, "name": "editor"} and Step.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_lose_nothing_of_one_another(opened: Opened, other: Opened, sheet: Worksheet):
    def type_on(who: Opened, field: str) -> None:
        try:
            for number in range(25):
                put(who, sheet, **{field: {number % 6: str(1000 + number)}})
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        acts = ((opened, "size"), (other, "city"), (other, "price"))
        for each in [pool.submit(type_on, *act) for act in acts]:
            each.result()
    assert edits_of(sheet) == {
        (row, name): str(1000 + max(n for n in range(25) if n % 6 == row))
        for row in range(6)
        for name in ("size", "city", "price")
    }
    assert [step.number for step in sheet.steps.all()] == list(range(1, 76)) and after(sheet).version == 75


@pytest.mark.django_db(transaction=True)
def test_a_step_that_breaks_off_halfway_leaves_nothing_behind(
    opened: Opened, sheet: Worksheet, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> Step:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as away:
        away.setattr(edits, "record", broken)
        with pytest.raises(RuntimeError):
            put(opened, sheet, city={0: "Trier"})
    assert marks_of(sheet) == {} and after(sheet).version == 0
