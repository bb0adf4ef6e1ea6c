"""What a run left undone is tried again, read again, decided for one side or fixed in a worksheet; never blindly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.utils import timezone

from adminui.planning.outcomes import Outcome
from adminui.planning.verify import HALF_WRITTEN, NOT_WRITTEN, WRITTEN_AFTER_ALL
from adminui.records.changes import ChangeSet
from adminui.runs import ledger
from adminui.runs.models import Item, Run
from adminui.services import again, edits, homecoming, plans, reading, standing, undoing
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, Stale
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.bench import approved, changed, dump, live_records, stored, writes
from tests.services.drafts import base, edits_of, mark, put
from tests.services.undos import applied_run, carried_out, deny, fresh, ids_of, undone

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return autotask.open(lead, "Companies")


@pytest.fixture
def ids(autotask: Live) -> list[int]:
    """Four companies that hold the same."""
    chosen = ids_of(autotask, "Companies", 4)
    for record_id in chosen:
        autotask.api.change("Companies", record_id, {"city": "Bonn", "phone": "1", "fax": "2"})
    return chosen


def rows_of(opened: Opened, ids: Iterable[int], **values: Any) -> list[ChangeSet]:
    return [changed(opened, record, **values) for record in live_records(opened, ids).values()]


def outcomes(run: Run) -> list[str]:
    return [str(item.outcome) for item in run.items.all()]


def away(live: Live) -> int:
    """Somebody who may not be given anything until they are back."""
    owner = next(i for i, r in dump(live, "Resources").items() if r["isActive"])
    live.api.change("Resources", owner, {"isActive": False})
    return int(owner)


@pytest.fixture
def failed(autotask: Live, opened: Opened, ids: list[int]) -> Run:
    """Of four rows one is done, one has no phone left, and two got an owner who is away."""
    owner = away(autotask)
    done, without_phone, *owned = rows_of(opened, ids)
    known = live_records(opened, ids)
    rows = [
        changed(opened, known[done.record_id], city="Ulm"),
        changed(opened, known[owned[0].record_id], ownerResourceID=owner, city="Ulm"),
        changed(opened, known[without_phone.record_id], phone=""),
        changed(opened, known[owned[1].record_id], ownerResourceID=owner, city="Ulm"),
    ]
    run = applied_run(opened, rows, note="Ticket 7")
    assert outcomes(run) == ["done", "rejected", "rejected", "rejected"]
    return run


def owner_of(run: Run) -> int:
    return int(run.items.all()[1].row().values["ownerResourceID"])


def test_only_what_failed_is_tried_again_and_what_is_fixed_meanwhile_is_done(
    autotask: Live, opened: Opened, failed: Run
):
    autotask.api.change("Resources", owner_of(failed), {"isActive": True})
    plan = again.retry(opened, failed)
    assert (plan.door, plan.retries, plan.note, plan.held) == ("retry", failed, "Ticket 7", [])
    assert [row.record_id for row in plan.rows()] == [item.row().record_id for item in failed.items.all()[1:]]
    run = carried_out(plans.approve(opened, plan))
    assert outcomes(run) == ["done", "rejected", "done"]
    held = {int(item.record_id) for item in failed.items.all()[1::2]}
    assert {i for i, r in dump(autotask, "Companies").items() if r["ownerResourceID"] == owner_of(failed)} >= held


def test_one_kind_of_failure_is_tried_again_alone(autotask: Live, opened: Opened, failed: Run):
    first, phone, second = failed.items.all()[1:]
    assert first.kind == second.kind != phone.kind
    plan = again.retry(opened, failed, kinds=[first.kind])
    assert [str(row.record_id) for row in plan.rows()] == [first.record_id, second.record_id]
    with pytest.raises(BadInput, match="No row of run"):
        again.retry(opened, failed, kinds=["none such"])
    with pytest.raises(BadInput, match="No row of run"):
        again.retry(opened, failed, outcomes=[Outcome.UNKNOWN])


def test_rows_that_hold_the_values_by_now_drop_out(autotask: Live, opened: Opened, failed: Run):
    first, phone, second = failed.items.all()[1:]
    autotask.api.change("Companies", int(first.record_id), first.row().values)
    plan = again.retry(opened, failed)
    assert [str(row.record_id) for row in plan.rows()] == [phone.record_id, second.record_id]
    for item in (phone, second):
        autotask.api.change("Companies", int(item.record_id), item.row().values)
    with pytest.raises(BadInput, match="3 records as wanted already"):
        again.retry(opened, failed)


def test_a_row_that_moved_since_is_held_and_named_and_not_written_over(autotask: Live, opened: Opened, failed: Run):
    moved = failed.items.all()[1]
    autotask.api.change("Companies", int(moved.record_id), {"city": "Trier"})
    del autotask.api._store["Companies"].rows[int(failed.items.all()[3].record_id)]
    plan = again.retry(opened, failed)
    assert len(plan.rows()) == 1
    [first, second] = plan.held
    assert (first["id"], first["label"]) == (moved.record_id, moved.label)
    assert first["why"] == f"City was changed after run {failed.pk}, but not from here."
    assert second["why"] == "The API does not have this record any more."


def test_a_conflict_is_not_tried_again_while_it_is_one(autotask: Live, opened: Opened, ids: list[int]):
    run = in_conflict(autotask, opened, ids[:1])
    with pytest.raises(BadInput, match=r"Nothing of run \d+ can be sent again\. .* City was changed"):
        again.retry(opened, run)
    autotask.api.change("Companies", ids[0], {"city": "Bonn"})  # they took it back
    assert again.retry(opened, run).rows()[0].values == {"city": "Ulm", "phone": "9"}


def test_what_was_accepted_but_not_stored_is_sent_over_what_was_made_of_it(buzz: Live, lead: Any):
    buzz.api.switches["silently_ignored_field"] = "campaigns.notes"
    opened = buzz.open(lead, "campaigns")
    ids = ids_of(buzz, "campaigns", 2)
    for record_id in ids:
        buzz.api.change("campaigns", record_id, {"notes": "before", "alternative_id": "a"})
    run = applied_run(opened, rows_of(opened, ids, notes="after", alternative_id="b"))
    assert outcomes(run) == ["accepted but not stored"] * 2
    buzz.api.switches["silently_ignored_field"] = None
    plan = again.retry(opened, run)
    assert [row.values for row in plan.rows()] == [{"notes": "after"}] * 2, "what is stored is not sent again"
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 2}


def test_what_the_api_made_of_a_value_is_not_taken_for_somebody_elses_change(buzz: Live, lead: Any):
    opened = buzz.open(lead, "campaigns")
    ids = ids_of(buzz, "campaigns", 2)
    run = applied_run(opened, rows_of(opened, ids, notes=" spaced "))
    assert outcomes(run) == ["accepted but not stored"] * 2
    buzz.api.switches["trims_text"] = False
    buzz.api.change("campaigns", ids[1], {"notes": "Theirs"})
    plan = again.retry(opened, run)
    assert [row.changes[0].before for row in plan.rows()] == ["spaced"] and plan.held[0]["id"] == str(ids[1])
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 1}


def test_a_run_that_is_not_over_and_a_person_who_may_not_edit_are_refused(
    autotask: Live, opened: Opened, failed: Run, viewer: Any
):
    waiting = approved(opened, rows_of(opened, [int(failed.items.all()[0].record_id)], fax="7"))
    theirs = autotask.open(viewer, "Companies")
    for verb in (again.retry, again.check_again, again.worksheet_for, lambda o, r: again.take_sides(o, r, "mine")):
        with pytest.raises(Stale, match="not over yet"):
            verb(opened, waiting)
        with pytest.raises(NotAllowed):
            verb(theirs, failed)
    deny("lead", "ownerResourceID", "view")
    with pytest.raises(NotAllowed, match="may not see"):
        again.retry(autotask.open(fresh(opened.user), "Companies"), failed)  # type: ignore[arg-type]


def left_in_the_middle(opened: Opened, ids: list[int]) -> Run:
    """A run that was ended while its rows were on their way."""
    run = approved(opened, rows_of(opened, ids, city="Ulm", phone="9"))
    claimed = ledger.claim("dead", run.pk)
    assert claimed is not None
    Item.objects.filter(run=run).update(outcome=Outcome.SENDING, step=1)
    ledger.stop(claimed, "Stopped.")
    run.refresh_from_db()
    assert outcomes(run) == ["unknown"] * len(ids)
    return run


def test_rows_of_unknown_fate_are_settled_by_reading(autotask: Live, opened: Opened, ids: list[int]):
    run = left_in_the_middle(opened, ids)
    written, untouched, half, gone = ids
    autotask.api.change("Companies", written, {"city": "Ulm", "phone": "9"})
    autotask.api.change("Companies", half, {"city": "Ulm"})
    del autotask.api._store["Companies"].rows[gone]
    assert again.check_again(opened, run) == 2
    items = list(run.items.all())
    assert outcomes(run) == ["done", "not sent", "unknown", "unknown"]
    assert [item.messages[-1] for item in items[:3]] == [WRITTEN_AFTER_ALL, NOT_WRITTEN, HALF_WRITTEN]
    assert items[0].verified and items[2].stored == {"city": "Ulm", "phone": "1"}
    assert len({item.kind for item in items}) == 4 and "" not in {item.kind for item in items}
    assert run.exchanges.filter(purpose="verify").count() == 1 and not writes(autotask)
    assert again.check_again(opened, run) == 0
    assert [item.messages for item in run.items.all()] == [item.messages for item in items], "words are not repeated"
    plan = again.retry(opened, run)
    assert [row.record_id for row in plan.rows()] == [untouched]
    assert [held["id"] for held in plan.held] == [str(half), str(gone)]
    assert all("not known whether" in held["why"] for held in plan.held)


def test_trying_again_reads_what_is_unknown_first_and_sends_no_row_twice(
    autotask: Live, opened: Opened, ids: list[int]
):
    run = left_in_the_middle(opened, ids)
    autotask.api.change("Companies", ids[0], {"city": "Ulm", "phone": "9"})
    kinds = {item.kind for item in run.items.all()}
    plan = again.retry(opened, run, kinds=kinds)
    assert [row.record_id for row in plan.rows()] == ids[1:] and run.items.all()[0].outcome == Outcome.DONE


def in_conflict(live: Live, opened: Opened, ids: list[int]) -> Run:
    """Somebody else has set the city just before the run, which was to set the phone as well."""
    run = approved(opened, rows_of(opened, ids, city="Ulm", phone="9"))
    for record_id in ids:
        live.api.change("Companies", record_id, {"city": "Trier"})
    run = carried_out(run)
    assert run.tally() == {Outcome.CONFLICT: len(ids)} and not writes(live)
    return run


def test_mine_is_written_over_theirs_for_some_rows(autotask: Live, opened: Opened, ids: list[int]):
    run = in_conflict(autotask, opened, ids)
    plan = again.take_sides(opened, run, "mine", records=[str(ids[0]), str(ids[1])])
    assert plan is not None and plan.retries == run
    assert [(c.before, c.after) for c in plan.rows()[0].changes if c.field == "city"] == [("Trier", "Ulm")]
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 2}
    held = [(stored(autotask, "Companies", i)["city"], stored(autotask, "Companies", i)["phone"]) for i in ids]
    assert held == [("Ulm", "9"), ("Ulm", "9"), ("Trier", "1"), ("Trier", "1")]


def test_mine_is_not_written_over_what_nobody_here_has_seen(autotask: Live, opened: Opened, ids: list[int]):
    run = in_conflict(autotask, opened, ids[:2])
    autotask.api.change("Companies", ids[0], {"city": "Worms"})
    plan = again.take_sides(opened, run, "mine")
    assert plan is not None and [row.record_id for row in plan.rows()] == [ids[1]]
    assert plan.held[0]["id"] == str(ids[0]) and "City was changed after" in plan.held[0]["why"]


def test_theirs_stays_and_what_does_not_clash_is_planned(autotask: Live, opened: Opened, ids: list[int]):
    run = in_conflict(autotask, opened, ids)
    plan = again.take_sides(opened, run, "theirs", records=[str(i) for i in ids[:3]])
    assert plan is not None and [row.values for row in plan.rows()] == [{"phone": "9"}] * 3
    items = list(run.items.all())
    assert outcomes(run) == ["cancelled"] * 3 + ["conflict"]
    assert items[0].messages == [again.LEFT] and items[0].kind == again.LEFT_KIND
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 3}
    assert stored(autotask, "Companies", ids[0])["city"] == "Trier"
    autotask.api.change("Companies", ids[3], {"city": "Bonn"})
    assert [row.record_id for row in again.retry(opened, run).rows()] == [ids[3]], "settled rows are not to be fixed"
    with pytest.raises(BadInput, match="no such clash"):
        again.take_sides(opened, run, "theirs", records=[str(ids[0])])


def test_theirs_without_anything_else_needs_no_plan(autotask: Live, opened: Opened, ids: list[int]):
    run = approved(opened, rows_of(opened, ids[:1], city="Ulm"))
    autotask.api.change("Companies", ids[0], {"city": "Trier"})
    run = carried_out(run)
    assert again.take_sides(opened, run, "theirs") is None
    assert outcomes(run) == ["cancelled"]
    with pytest.raises(BadInput, match="No row of run"):
        again.retry(opened, run)


def test_a_row_is_not_settled_while_another_of_its_fields_cannot_be_planned(
    autotask: Live, opened: Opened, ids: list[int]
):
    run = in_conflict(autotask, opened, ids[:1])
    autotask.api.change("Companies", ids[0], {"phone": "77"})
    assert again.take_sides(opened, run, "theirs") is None
    [item] = run.items.all()
    assert item.outcome == Outcome.CONFLICT and item.by_field == {"city": [again.LEFT]}
    with pytest.raises(BadInput, match="Phone was changed after"):
        again.retry(opened, run)
    autotask.api.change("Companies", ids[0], {"phone": "1"})
    assert again.retry(opened, run).rows()[0].values == {"phone": "9"}, "what was left to them is not sent"


def test_sides_are_taken_field_by_field(autotask: Live, opened: Opened, ids: list[int]):
    run = approved(opened, rows_of(opened, ids[:1], city="Ulm", phone="9", fax="8"))
    autotask.api.change("Companies", ids[0], {"city": "Trier", "phone": "7"})
    run = carried_out(run)
    assert again.take_sides(opened, run, "theirs", fields=["city"]) is None
    assert outcomes(run) == ["conflict"]
    plan = again.take_sides(opened, run, "mine", fields=["phone", "city"])
    assert plan is not None and plan.rows()[0].values == {"phone": "9", "fax": "8"}


def test_the_cards_of_the_worksheet_are_settled_with_it(autotask: Live, opened: Opened, ids: list[int]):
    sheet = reading.open_ids(opened, ids, ["city"])
    put(opened, sheet, city=dict.fromkeys(range(4), "Ulm"))
    run = plans.approve(opened, standing.plan(opened, sheet))
    for record_id in ids:
        autotask.api.change("Companies", record_id, {"city": "Trier"})
    run = carried_out(run)
    assert standing.counts(sheet)["clashes"] == 4
    assert again.take_sides(opened, run, "theirs", records=[str(ids[0])]) is None
    assert edits_of(sheet).keys() == {(row, "city") for row in (1, 2, 3)} and base(sheet, 0, "city") == "Trier"
    plan = again.take_sides(opened, run, "mine")
    assert plan is not None and standing.counts(sheet)["clashes"] == 0
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 3}
    assert not edits_of(sheet) and base(sheet, 3, "city") == "Ulm"


def test_rows_that_came_from_a_worksheet_are_fixed_there(autotask: Live, opened: Opened, ids: list[int]):
    sheet = reading.open_ids(opened, ids, ["phone"])
    put(opened, sheet, phone={0: "", 1: "5"})
    # An editor's empty phone is refused at once, so it is the API that has to refuse this one.
    put(opened, sheet, ownerResourceID={0: str(away(autotask))}, phone={0: False})
    run = carried_out(plans.approve(opened, standing.plan(opened, sheet)))
    assert sorted(outcomes(run)) == ["done", "rejected"]
    assert again.worksheet_for(opened, run) == sheet
    assert (0, "ownerResourceID") in edits_of(sheet) and standing.counts(sheet)["failed"] == 1


def test_rows_from_elsewhere_are_put_into_a_new_worksheet_with_their_edits_and_the_words(
    autotask: Live, opened: Opened, failed: Run
):
    sheet = again.worksheet_for(opened, failed)
    assert sheet.rows == 3 and sheet.owner == opened.user and sheet.state == Worksheet.State.READY
    owner = str(owner_of(failed))
    assert set(sheet.columns) == {"city", "phone", "ownerResourceID"}
    assert edits_of(sheet)[0, "ownerResourceID"] == owner and edits_of(sheet)[1, "phone"] == ""
    [first, phone, _] = failed.items.all()[1:]
    told = mark(sheet, 0, "ownerResourceID")
    assert (told["o"], told["r"]) == ("rejected", failed.pk)
    assert told["m"] == (first.by_field.get("ownerResourceID") or first.messages)
    assert mark(sheet, 1, "phone")["m"] == (phone.by_field.get("phone") or phone.messages)
    assert standing.counts(sheet)["failed"] == standing.counts(sheet)["cells"] == 5
    someone = next(i for i, r in dump(autotask, "Resources").items() if r["isActive"])
    put(opened, sheet, ownerResourceID={0: str(someone), 2: str(someone)}, phone={1: "12"})
    run = carried_out(plans.approve(opened, standing.plan(opened, sheet)))
    assert run.tally() == {Outcome.DONE: 3}
    assert stored(autotask, "Companies", int(first.record_id))["ownerResourceID"] == someone


def test_one_kind_goes_into_a_worksheet_alone_and_null_stays_null(autotask: Live, opened: Opened, ids: list[int]):
    run = applied_run(opened, rows_of(opened, ids[:1], fax=None, ownerResourceID=away(autotask)))
    run_2 = again.worksheet_for(opened, run, kinds=[run.items.get().kind])
    assert run_2.rows == 1 and edits_of(run_2)[0, "fax"] is None
    with pytest.raises(BadInput, match="No row"):
        again.worksheet_for(opened, run, kinds=["other"])


def test_rows_gone_since_and_fields_that_may_not_be_edited_stay_out_of_the_worksheet(
    autotask: Live, opened: Opened, failed: Run
):
    del autotask.api._store["Companies"].rows[int(failed.items.all()[1].record_id)]
    deny("lead", "city", "edit")
    limited = autotask.open(fresh(opened.user), "Companies")  # type: ignore[arg-type]
    sheet = again.worksheet_for(limited, failed)
    assert sheet.rows == 2 and len(sheet.missing) == 1
    assert {field for _, field in edits_of(sheet)} == {"phone", "ownerResourceID"}


def test_more_rows_than_are_read_at_once_are_waited_for(opened: Opened, failed: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "AT_ONCE", 1)
    sheet = again.worksheet_for(opened, failed)
    assert sheet.state == Worksheet.State.READY and len(edits_of(sheet)) == 5
    monkeypatch.setattr(again, "MOST_IN_WORKSHEET", 2)
    with pytest.raises(BadInput, match="3 rows are more than the 2"):
        again.worksheet_for(opened, failed)


def test_somebody_elses_worksheet_is_not_where_one_fixes_it(
    autotask: Live, opened: Opened, ids: list[int], editor: Any
):
    sheet = reading.open_ids(opened, ids, ["phone"])
    put(opened, sheet, ownerResourceID={0: str(away(autotask))})
    run = carried_out(plans.approve(opened, standing.plan(opened, sheet)))
    theirs = autotask.open(editor, "Companies")
    own = again.worksheet_for(theirs, run)
    assert own != sheet and own.owner == editor and len(edits_of(own)) == 1


def test_what_is_left_of_an_undo_is_an_undo(autotask: Live, opened: Opened, ids: list[int]):
    owner = next(i for i, r in dump(autotask, "Resources").items() if r["isActive"])
    other = next(i for i, r in dump(autotask, "Resources").items() if r["isActive"] and i != owner)
    for record_id in ids[:2]:
        autotask.api.change("Companies", record_id, {"ownerResourceID": owner})
    run = applied_run(opened, rows_of(opened, ids[:2], ownerResourceID=other))
    autotask.api.change("Resources", owner, {"isActive": False})
    undo = undone(opened, run)
    assert undo.tally() == {Outcome.REJECTED: 2} and undoing.undoable(opened, run).rows == 2
    sheet = again.worksheet_for(opened, undo)
    assert edits_of(sheet) == {(row, "ownerResourceID"): str(owner) for row in (0, 1)}
    autotask.api.change("Resources", owner, {"isActive": True})
    plan = again.retry(opened, undo)
    assert (plan.undoes, plan.retries) == (run, undo)
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 2}
    assert undoing.undoable(opened, run).rows == 0


def test_a_worksheet_catches_up_before_it_is_handed_over(
    autotask: Live, opened: Opened, ids: list[int], monkeypatch: pytest.MonkeyPatch
):
    sheet = reading.open_ids(opened, ids, ["phone"])
    put(opened, sheet, ownerResourceID={0: str(away(autotask))})
    run = plans.approve(opened, standing.plan(opened, sheet))
    with monkeypatch.context() as no_homecoming:
        no_homecoming.setattr(homecoming, "absorb", lambda run: None)
        run = carried_out(run)
    assert standing.counts(sheet)["failed"] == 0
    again.worksheet_for(opened, run)
    assert standing.counts(sheet)["failed"] == 1 and edits.feed(opened, sheet, 0)["steps"]


def test_the_end_of_a_run_is_no_later_for_having_been_read_again(opened: Opened, ids: list[int]):
    run = left_in_the_middle(opened, ids)
    ended = run.finished_at
    again.check_again(opened, run)
    run.refresh_from_db()
    assert run.finished_at == ended and ended is not None and ended <= timezone.now()
