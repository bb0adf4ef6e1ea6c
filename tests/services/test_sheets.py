"""Worksheets: edits kept as typed, undone to clean, shared with a count, planned when valid, settled by outcomes."""

from __future__ import annotations

from typing import Any

import pytest

from adminui.dialects.errors import Unavailable
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Run
from adminui.services import plans, sharing, sheets, worker
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, NotThere
from adminui.services.sharing import Shared
from adminui.worksheets.models import Row, Worksheet
from tests.conftest import Live
from tests.services.bench import dump, stored, writes

pytestmark = pytest.mark.django_db
CITIES = ["Bonn", "Bonn", "Köln", None, "", "Ulm"]


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return autotask.open(lead, "Companies")


@pytest.fixture
def sheet(autotask: Live, opened: Opened) -> Worksheet:
    """Six companies with cities of every kind."""
    ids = sorted(dump(autotask, "Companies"))[2:8]
    for record_id, city in zip(ids, CITIES, strict=True):
        autotask.api.change("Companies", record_id, {"city": city})
    return sheets.open_ids(opened, ids, ["city"])


def rows(sheet: Worksheet) -> list[Row]:
    return list(sheet.rows.all())


def edit(opened: Opened, sheet: Worksheet, number: int, **edits: object) -> Row:
    sheets.edit(opened, sheet, {rows(sheet)[number].record_id: edits})
    return rows(sheet)[number]


def applied_run(opened: Opened, sheet: Worksheet) -> Run:
    run = plans.approve(opened, sheets.plan(opened, sheet))
    assert worker.work_once()
    run.refresh_from_db()
    return run


def test_a_run_that_could_not_be_brought_home_comes_home_when_the_worksheet_is_opened(
    opened: Opened, sheet: Worksheet, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    def down(*_: object) -> Opened:
        raise Unavailable("The API is down.")

    edit(opened, sheet, 0, city="Aachen")
    with monkeypatch.context() as away:
        away.setattr(sheets, "open_resource", down)
        run = applied_run(opened, sheet)
    assert run.state == Run.State.FINISHED and rows(sheet)[0].edits == {"city": "Aachen"}
    for _ in range(2):
        sheets.find(lead, sheet.pk)
        row = rows(sheet)[0]
        assert (row.edits, row.baseline["city"], row.outcome) == ({}, "Aachen", Outcome.DONE)
    edit(opened, sheet, 0, city="Trier")
    sheets.absorb(run)
    assert rows(sheet)[0].edits == {"city": "Trier"}


def test_it_holds_the_records_in_the_order_asked_for_and_names_the_missing(autotask: Live, opened: Opened):
    ids = sorted(dump(autotask, "Companies"))[2:5][::-1]
    sheet = sheets.open_ids(opened, [ids[0], 999_999, *ids[1:]], ["city"])
    assert [row.record_id for row in rows(sheet)] == [str(i) for i in ids] and sheet.missing == ["999999"]
    with pytest.raises(BadInput):
        sheets.open_ids(opened, [], ["city"])
    with pytest.raises(BadInput):
        sheets.open_ids(opened, [999_998, 999_999], ["city"])


def test_an_edit_is_pending_and_typing_the_old_value_makes_it_clean(opened: Opened, sheet: Worksheet):
    assert edit(opened, sheet, 0, city="Trier").edits == {"city": "Trier"}
    row = edit(opened, sheet, 0, city="Bonn")
    assert row.edits == {} and not row.edited


def test_reverting_takes_one_edit_back_and_keeps_the_other(opened: Opened, sheet: Worksheet):
    row = edit(opened, sheet, 0, city="Trier", phone="1")
    sheets.edit(opened, sheet, {}, revert={row.record_id: ["city"]})
    assert rows(sheet)[0].edits == {"phone": "1"}


def test_null_and_empty_are_two_edits(opened: Opened, sheet: Worksheet):
    assert edit(opened, sheet, 0, city=None).edits == {"city": None}
    assert edit(opened, sheet, 0, city="").edits == {"city": ""}
    assert edit(opened, sheet, 3, city=None).edits == {} and edit(opened, sheet, 4, city="").edits == {}
    assert edit(opened, sheet, 4, city=None).edits == {"city": None}


def test_what_cannot_be_sent_is_kept_as_typed_and_keeps_the_plan_from_being_made(opened: Opened, sheet: Worksheet):
    row = edit(opened, sheet, 0, companyType="no such type", city="Trier")
    assert row.edits == {"companyType": "no such type", "city": "Trier"}
    with pytest.raises(BadInput, match="1 row has values that cannot be sent"):
        sheets.plan(opened, sheet)
    sheets.edit(opened, sheet, {}, revert={row.record_id: ["companyType"]})
    [planned] = sheets.plan(opened, sheet).rows()
    assert planned.values == {"city": "Trier"}


def test_without_edits_there_is_no_plan(opened: Opened, sheet: Worksheet):
    with pytest.raises(BadInput, match="no pending changes"):
        sheets.plan(opened, sheet)


def test_a_plan_of_chosen_rows_leaves_the_others_pending(opened: Opened, sheet: Worksheet):
    first, second = edit(opened, sheet, 0, city="Trier"), edit(opened, sheet, 1, city="Trier")
    plan = sheets.plan(opened, sheet, only=[first.record_id])
    assert [str(row.record_id) for row in plan.rows()] == [first.record_id]
    assert rows(sheet)[1].edits == second.edits


def test_a_shared_change_says_how_many_change_and_counting_alone_changes_nothing(opened: Opened, sheet: Worksheet):
    counted = sharing.share(opened, sheet, None, [Shared("city", "Bonn")], keep=False)
    assert (counted.changed, counted.already, counted.invalid, counted.skipped) == (4, 2, 0, 0)
    assert not sheet.rows.filter(edited=True).exists()
    assert sharing.share(opened, sheet, None, [Shared("city", "Bonn")], keep=True) == counted
    assert [row.edited for row in rows(sheet)] == [False, False, True, True, True, True]
    again = sharing.share(opened, sheet, None, [Shared("city", "Bonn")], keep=True)
    assert (again.changed, again.already) == (0, 6)


def test_a_condition_limits_a_shared_change_to_rows_with_that_value(opened: Opened, sheet: Worksheet):
    keys = {entry.value: entry.key for entry in sharing.mix(opened, sheet, None, "city")}
    tally = sharing.share(opened, sheet, None, [Shared("city", "Bonn (Beuel)", only=keys["Bonn"])], keep=True)
    assert (tally.changed, tally.skipped) == (2, 4)
    assert [row.edited for row in rows(sheet)] == [True, True, False, False, False, False]
    tally = sharing.share(opened, sheet, None, [Shared("city", "Unknown", only=keys[None])], keep=True)
    assert (tally.changed, tally.skipped) == (1, 5) and rows(sheet)[3].edits == {"city": "Unknown"}


def test_a_shared_value_that_cannot_be_sent_is_counted_as_invalid_with_its_reason(opened: Opened, sheet: Worksheet):
    tally = sharing.share(opened, sheet, None, [Shared("city", "x" * 5_000)], keep=False)
    assert (tally.changed, tally.invalid) == (0, 6) and "5,000 characters" in tally.sample[0]
    with pytest.raises(BadInput):
        sharing.share(opened, sheet, None, [Shared("noSuchField", "x")], keep=True)


def test_the_mix_counts_values_as_the_cells_show_them(opened: Opened, sheet: Worksheet):
    mixed = {entry.value: entry.count for entry in sharing.mix(opened, sheet, None, "city")}
    assert mixed == {"Bonn": 2, "Köln": 1, None: 1, "": 1, "Ulm": 1}
    edit(opened, sheet, 2, city="Bonn")
    assert {e.value: e.count for e in sharing.mix(opened, sheet, None, "city")}["Bonn"] == 3
    chosen = [row.record_id for row in rows(sheet)[:2]]
    assert [(e.value, e.count) for e in sharing.mix(opened, sheet, chosen, "city")] == [("Bonn", 2)]


def test_done_rows_become_the_baseline(autotask: Live, opened: Opened, sheet: Worksheet):
    sharing.share(opened, sheet, None, [Shared("city", "Trier")], keep=True)
    assert applied_run(opened, sheet).tally() == {Outcome.DONE: 6}
    assert all(row.baseline["city"] == "Trier" and not row.edited for row in rows(sheet))
    assert all(stored(autotask, "Companies", int(row.record_id))["city"] == "Trier" for row in rows(sheet))


def test_what_is_typed_while_the_run_goes_stays_pending(opened: Opened, sheet: Worksheet):
    edit(opened, sheet, 0, city="Trier")
    plan = sheets.plan(opened, sheet)
    edit(opened, sheet, 0, city="Worms", phone="1")
    plans.approve(opened, plan)
    assert worker.work_once()
    row = rows(sheet)[0]
    assert row.baseline["city"] == "Trier" and row.edits == {"city": "Worms", "phone": "1"} and row.edited


def test_a_rejected_row_keeps_its_edit_with_the_apis_words_until_it_is_changed(
    autotask: Live, opened: Opened, sheet: Worksheet
):
    first = edit(opened, sheet, 0, ownerResourceID="99999")
    edit(opened, sheet, 1, city="Trier")
    assert applied_run(opened, sheet).tally() == {Outcome.DONE: 1, Outcome.REJECTED: 1}
    row = rows(sheet)[0]
    assert row.outcome == Outcome.REJECTED and row.edits == first.edits and row.baseline == first.baseline
    assert "does not reference an existing entity" in row.by_field["ownerResourceID"][0]
    row = edit(opened, sheet, 0, ownerResourceID=str(next(iter(dump(autotask, "Resources")))))
    assert not row.by_field and row.outcome == ""


def test_a_clash_shows_theirs_and_waits_for_a_choice(autotask: Live, opened: Opened, sheet: Worksheet):
    row, other = edit(opened, sheet, 0, city="Mine"), edit(opened, sheet, 1, city="Mine")
    for held in (row, other):
        autotask.api.change("Companies", int(held.record_id), {"city": "Theirs"})
    assert applied_run(opened, sheet).tally() == {Outcome.CONFLICT: 2} and not writes(autotask)
    assert [sheets.clashes_of(r) for r in rows(sheet)[:2]] == [["city"], ["city"]]
    assert rows(sheet)[0].baseline["city"] == "Theirs" and "Theirs" in rows(sheet)[0].by_field["city"][0]
    with pytest.raises(BadInput, match="changed by somebody else"):
        sheets.plan(opened, sheet)
    sheets.resolve(opened, sheet, {row.record_id: {"city": "mine"}, other.record_id: {"city": "theirs"}})
    assert [r.edits for r in rows(sheet)[:2]] == [{"city": "Mine"}, {}]
    assert applied_run(opened, sheet).tally() == {Outcome.DONE: 1}
    assert stored(autotask, "Companies", int(row.record_id))["city"] == "Mine"
    assert stored(autotask, "Companies", int(other.record_id))["city"] == "Theirs"


def test_accepted_but_not_stored_stays_pending_against_what_is_really_there(
    autotask: Live, opened: Opened, sheet: Worksheet
):
    autotask.api.switches["silently_immutable"] = ["Companies.city"]
    edit(opened, sheet, 0, city="Trier", phone="4711")
    assert applied_run(opened, sheet).tally() == {Outcome.NOT_STORED: 1}
    row = rows(sheet)[0]
    assert (row.baseline["city"], row.baseline["phone"]) == ("Bonn", "4711")
    assert row.edited and "Bonn" in row.by_field["city"][0]
    [planned] = sheets.plan(opened, sheet).rows()
    assert planned.values == {"city": "Trier"}


def test_a_viewer_opens_a_worksheet_and_cannot_edit_it(autotask: Live, viewer: Any, opened: Opened):
    looking = autotask.open(viewer, "Companies")
    sheet = sheets.open_ids(looking, sorted(dump(autotask, "Companies"))[:2], ["city"])
    with pytest.raises(NotAllowed):
        edit(looking, sheet, 0, city="x")
    with pytest.raises(NotAllowed):
        sharing.share(looking, sheet, None, [Shared("city", "x")], keep=True)


def test_a_discarded_worksheet_is_gone(opened: Opened, sheet: Worksheet, lead: Any):
    number = sheet.pk
    assert sheets.find(lead, number)[0] == sheet
    sheets.discard(sheet)
    with pytest.raises(NotThere):
        sheets.find(lead, number)
