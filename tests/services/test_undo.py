"""Undo: the API holds what it held before, but for what others changed since, which is left to them and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change
from adminui.records.values import MISSING, same
from adminui.runs.models import Item, Plan, Run
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from adminui.services import plans, reading, standing, undoing
from adminui.services.errors import BadInput, NotAllowed, Stale
from tests.conftest import SANDBOX_AUTOTASK, SANDBOX_BUZZ, Live
from tests.services.bench import approved, changed, dump, live_records, moved, writes
from tests.services.drafts import base, edits_of, put
from tests.services.undos import (
    applied_run,
    carried_out,
    deny,
    differing,
    fresh,
    ids_of,
    set_all,
    three,
    undone,
    without_stamps,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Case:
    """What five hundred records are set to, and what one of their fields is changed to behind our back."""

    api: str
    resource: str
    values: Callable[[int], Mapping[str, Any]]
    behind: Mapping[str, Any]
    touched: str


CASES = (
    Case(
        "buzz",
        "campaigns",
        lambda n: {"notes": f"Checked {n % 7}", "alternative_id": f"new-{n}"},
        {"notes": "A colleague's"},
        "notes",
    ),
    Case("buzz", "line-items", lambda n: {"max_bid": "50", "notes": None}, {"notes": "A colleague's"}, "notes"),
    Case(
        "autotask",
        "Companies",
        lambda n: {"city": f"City {n}", "udf.Accounts Code": f"X{n % 3}", "fax": f"{n}"},
        {"Accounts Code": "Theirs"},
        "udf.Accounts Code",
    ),
)


@pytest.fixture
def crowd(configure: Any) -> Iterator[Callable[[str], Live]]:
    """Sandboxes with more than five hundred records, that keep what they are sent as it is."""
    opened: list[Any] = []

    def serve(name: str) -> Live:
        api: Any = BuzzApi(records=520, seed=2) if name == "buzz" else AutotaskApi(records=520, seed=2)
        if name == "buzz":
            api.switches.update(trims_text=False, drops_irrelevant=False)
        served = serve_in_thread(api)
        opened.append(served)
        running = served.__enter__()
        configure((SANDBOX_BUZZ if name == "buzz" else SANDBOX_AUTOTASK).format(url=running.url))
        return Live(running, f"{name}-test")

    yield serve
    for served in opened:
        served.__exit__(None, None, None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.api} {case.resource}")
def test_of_500_records_with_3_changed_since_497_are_restored_and_3_are_held_and_named(
    crowd: Callable[[str], Live], lead: Any, case: Case
):
    live = crowd(case.api)
    opened = live.open(lead, case.resource)
    ids = ids_of(live, case.resource, 500)
    for record_id in ids:  # so that each of them is changed in each field
        if case.api == "buzz":
            live.api.change(case.resource, record_id, {"notes": "before", "max_bid": "1.50", "budget_type": "spend"})
    before = dump(live, case.resource)
    run = set_all(live, opened, ids, case.values)
    assert run.tally() == {Outcome.DONE: 500}
    behind = ids[100:400:100]
    for record_id in behind:
        live.api.change(case.resource, record_id, dict(case.behind))
    applied_state = dump(live, case.resource)
    live.running.log.clear()

    plan = undoing.plan_undo(opened, run)
    assert not writes(live), "looking at it writes nothing"
    assert (plan.door, plan.undoes) == ("undo", run) and len(plan.rows()) == 497
    assert {int(held["id"]) for held in plan.held} == set(behind)
    label = opened.resource.by_name[case.touched].label
    assert {held["why"] for held in plan.held} == {f"{label} was changed after run {run.pk}, but not from here."}
    assert all(held["label"] for held in plan.held)
    undo = carried_out(plans.approve(opened, plan))
    assert undo.tally() == {Outcome.DONE: 497}
    after = dump(live, case.resource)
    assert set(differing(before, after)) == set(behind)
    for record_id in behind:
        assert not moved(applied_state[record_id], after[record_id]), "a held record was not even touched"
    assert undoing.undoable(opened, run).rows == 3

    again = undone(opened, undo)
    assert again.tally() == {Outcome.DONE: 497}
    assert without_stamps(dump(live, case.resource)) == without_stamps(applied_state)
    told = undoing.undoable(opened, run)
    assert (told.rows, told.why_not) == (500, ""), "an undo that was undone leaves the run as it was"


def test_some_rows_are_undone_and_the_others_can_be_later(autotask: Live, lead: Any):
    opened, ids, run, before = three(autotask, lead)
    told = undoing.undoable(opened, run)
    assert (told.rows, told.why_not, told.undone_by) == (3, "", ())
    first = undone(opened, run, records={str(ids[0])})
    assert set(differing(before, dump(autotask, "Companies"))) == set(ids[1:])
    told = undoing.undoable(opened, run)
    assert (told.rows, told.why_not, told.undone_by) == (2, "", (first,))
    second = undone(opened, run)
    assert second.tally() == {Outcome.DONE: 2}, "what is back already is not sent again"
    assert not differing(before, dump(autotask, "Companies"))
    told = undoing.undoable(opened, run)
    assert (told.rows, told.why_not) == (0, f"Run {second.pk} has undone it.") and told.undone_by == (first, second)
    with pytest.raises(BadInput, match="Nothing is left to undo of run"):
        undoing.plan_undo(opened, run)


def test_some_fields_are_undone_and_the_rows_still_count(autotask: Live, lead: Any):
    opened, ids, run, before = three(autotask, lead)
    undone(opened, run, fields={"phone"})
    assert differing(before, dump(autotask, "Companies")) == {i: {"city"} for i in ids}
    assert undoing.undoable(opened, run).rows == 3
    undone(opened, run, fields={"city"})
    assert not differing(before, dump(autotask, "Companies")) and undoing.undoable(opened, run).rows == 0
    with pytest.raises(BadInput, match="wrote nothing here"):
        undoing.plan_undo(opened, run, fields={"fax"})


def test_an_undo_that_waits_is_said_on_the_run(autotask: Live, lead: Any):
    opened, _, run, _ = three(autotask, lead)
    waiting = plans.approve(opened, undoing.plan_undo(opened, run))
    assert undoing.undoable(opened, run).why_not == f"Run {waiting.pk} is to undo it."


def test_null_and_empty_come_back_as_what_they_were(autotask: Live, lead: Any):
    opened, _, run, before = three(autotask, lead, fax="7", address1="Street", city=None, address2="")
    plan = undoing.plan_undo(opened, run)
    assert plan.rows()[0].values == {"fax": None, "address1": "", "city": "Bonn", "address2": None}
    carried_out(plans.approve(opened, plan))
    assert not differing(before, dump(autotask, "Companies"))


def test_a_field_the_api_did_not_show_before_is_named_and_the_rest_goes_back(buzz: Live, lead: Any):
    opened = buzz.open(lead, "campaigns")
    ids = ids_of(buzz, "campaigns", 2)
    for record_id in ids:
        kept = {name: value for name, value in dump(buzz, "campaigns")[record_id].items() if name != "notes"}
        buzz.api._store.put("campaigns", kept | {"alternative_id": "a"})
    known = live_records(opened, ids)
    assert "notes" not in known[ids[0]]
    wanted = (Change("alternative_id", "a", "b"), Change("notes", MISSING, "Checked"))
    rows = [replace(changed(opened, known[i]), changes=wanted) for i in ids]
    run = applied_run(opened, rows)
    assert run.tally() == {Outcome.DONE: 2}
    plan = undoing.plan_undo(opened, run)
    assert [row.values for row in plan.rows()] == [{"alternative_id": "a"}] * 2
    assert [held["id"] for held in plan.held] == list(map(str, ids))
    label = opened.resource.by_name["notes"].label
    said = f"{label} cannot be put back: the API did not show it before run {run.pk}."
    assert plan.held[0]["why"] == said
    with pytest.raises(BadInput, match="cannot be put back"):
        undoing.plan_undo(opened, run, fields={"notes"})


def test_lists_objects_and_decimals_come_back(buzz: Live, lead: Any):
    opened = buzz.open(lead, "line-items")
    chosen = [r for r in buzz.api.dump("line-items") if r["max_bid"] is None and r["event_ids"] == []][:3]
    for record in chosen:
        buzz.api.change("line-items", record["id"], {"max_bid": "50", "notes": "x"})
    before = dump(buzz, "line-items")
    known = live_records(opened, [r["id"] for r in chosen])
    cells: dict[str, Any] = {"max_bid": "1.5", "frequency_caps": None, "event_ids": ["b", "a"]}
    rows = [changed(opened, r, **cells) for r in known.values()]
    run = applied_run(opened, rows)
    assert run.tally() == {Outcome.DONE: len(chosen)}
    assert len(differing(before, dump(buzz, "line-items"))) == len(chosen)
    assert undone(opened, run).tally() == {Outcome.DONE: len(chosen)}
    after = dump(buzz, "line-items")
    for record_id, names in differing(before, after).items():
        for name in names:
            field = opened.whole.by_name[name]
            assert same(field, before[record_id][name], after[record_id][name]), name


def test_a_value_the_api_spells_otherwise_is_no_change_by_somebody_else(buzz: Live, lead: Any):
    opened = buzz.open(lead, "campaigns")
    record_id = ids_of(buzz, "campaigns", 1)[0]
    buzz.api.change("campaigns", record_id, {"max_bid": "10.00"})
    run = applied_run(opened, [changed(opened, live_records(opened, [record_id])[record_id], max_bid="50")])
    buzz.api.change("campaigns", record_id, {"max_bid": "50.000"})
    plan = undoing.plan_undo(opened, run)
    assert not plan.held and plan.rows()[0].changes == (Change("max_bid", "50.000", "10.00"),)
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 1}


def test_what_was_accepted_and_stored_otherwise_is_undone_as_far_as_it_changed(buzz: Live, lead: Any):
    """Text is trimmed on the way in: what was asked is not stored, and what is stored is not what was before."""
    opened = buzz.open(lead, "campaigns")
    ids = ids_of(buzz, "campaigns", 2)
    for record_id in ids:
        buzz.api.change("campaigns", record_id, {"notes": "before", "alternative_id": "a"})
    known = live_records(opened, ids)
    rows = [
        changed(opened, known[ids[0]], notes=" after "),
        changed(opened, known[ids[1]], notes=" before ", alternative_id="b"),
    ]
    run = applied_run(opened, rows)
    assert run.tally() == {Outcome.NOT_STORED: 2}
    assert undoing.undoable(opened, run).rows == 2
    plan = undoing.plan_undo(opened, run)
    assert [row.values for row in plan.rows()] == [{"notes": "before"}, {"alternative_id": "a"}] and not plan.held
    assert [row.changes[0].before for row in plan.rows()] == ["after", "b"]
    carried_out(plans.approve(opened, plan))
    assert [buzz.api._store.get("campaigns", i)["notes"] for i in ids] == ["before", "before"]
    assert undoing.undoable(opened, run).rows == 0


def test_a_run_of_which_nothing_was_stored_has_nothing_to_undo(buzz: Live, lead: Any):
    buzz.api.switches["silently_ignored_field"] = "campaigns.notes"
    opened = buzz.open(lead, "campaigns")
    ids = ids_of(buzz, "campaigns", 2)
    run = set_all(buzz, opened, ids, lambda n: {"notes": f"Never {n}"})
    assert run.tally() == {Outcome.NOT_STORED: 2}
    told = undoing.undoable(opened, run)
    assert (told.rows, told.why_not) == (0, "It wrote nothing that could be put back.")
    with pytest.raises(BadInput, match="wrote nothing here"):
        undoing.plan_undo(opened, run)


def test_who_changed_it_from_here_is_named(autotask: Live, lead: Any, editor: Any):
    opened, ids, run, _ = three(autotask, lead)
    theirs = autotask.open(editor, "Companies")
    later = applied_run(theirs, [changed(theirs, live_records(theirs, [ids[0]])[ids[0]], city="Köln")])
    autotask.api.change("Companies", ids[1], {"city": "Trier", "phone": "3"})
    [first, second] = undoing.plan_undo(opened, run).held
    city, phone = (opened.resource.by_name[name].label for name in ("city", "phone"))
    assert first["why"] == f"{city} was changed after run {run.pk}, by run {later.pk} of editor."
    assert second["why"] == (
        f"{phone} was changed after run {run.pk}, but not from here. "
        f"{city} was changed after run {run.pk}, but not from here."
    )


def test_a_record_that_is_gone_is_held_and_named(autotask: Live, lead: Any):
    opened, ids, run, before = three(autotask, lead)
    del autotask.api._store["Companies"].rows[ids[1]]
    plan = undoing.plan_undo(opened, run)
    [held] = plan.held
    assert (held["id"], held["why"]) == (str(ids[1]), "The API does not have this record any more.")
    assert held["label"] == before[ids[1]]["companyName"]
    assert carried_out(plans.approve(opened, plan)).tally() == {Outcome.DONE: 2}


def test_when_everything_moved_there_is_no_plan_and_it_says_why(autotask: Live, lead: Any):
    opened, ids, run, _ = three(autotask, lead)
    for record_id in ids:
        autotask.api.change("Companies", record_id, {"city": "Trier"})
    with pytest.raises(BadInput, match=r"City was changed after run \d+, but not from here\. .* 2 others"):
        undoing.plan_undo(opened, run)
    assert not Plan.objects.filter(undoes=run).exists()


def test_fields_the_api_has_dropped_or_locked_since_are_named(autotask: Live, lead: Any):
    opened, _, run, before = three(autotask, lead)
    fields = tuple(replace(f, read_only=f.read_only or f.name == "phone") for f in opened.whole.fields)
    locked = replace(opened, whole=opened.whole.with_fields(fields))
    plan = undoing.plan_undo(locked, run)
    assert {held["why"] for held in plan.held} == {"Phone cannot be written any more."}
    assert [row.values for row in plan.rows()] == [{"city": "Bonn"}] * 3
    gone = tuple(f for f in opened.whole.fields if f.name != "city")
    dropped = replace(opened, whole=opened.whole.with_fields(gone), resource=opened.resource.with_fields(gone))
    plan = undoing.plan_undo(dropped, run)
    assert {held["why"] for held in plan.held} == {"Companies have no field “city” any more."}
    carried_out(plans.approve(opened, plan))
    assert {f for names in differing(before, dump(autotask, "Companies")).values() for f in names} == {"city"}


def test_whoever_may_not_edit_or_see_the_fields_may_not_undo_them(autotask: Live, lead: Any, viewer: Any, editor: Any):
    _, ids, run, _ = three(autotask, lead)
    for person in (viewer, editor):  # one may edit nothing, the other one record at a time
        with pytest.raises(NotAllowed):
            undoing.plan_undo(autotask.open(person, "Companies"), run)
    assert undoing.undoable(autotask.open(viewer, "Companies"), run).why_not.startswith("You may not edit")
    assert undoing.plan_undo(autotask.open(editor, "Companies"), run, records=[str(ids[0])])
    deny("lead", "phone", "edit")
    with pytest.raises(NotAllowed, match="You may not change Phone here"):
        undoing.plan_undo(autotask.open(fresh(lead), "Companies"), run)
    deny("lead", "city", "view")
    hidden = autotask.open(fresh(lead), "Companies")
    with pytest.raises(NotAllowed, match="fields that you may not see") as refused:
        undoing.plan_undo(hidden, run)
    assert "City" not in refused.value.message
    assert not Plan.objects.filter(undoes=run, user_name="lead").exists()


def test_a_run_that_is_not_over_cannot_be_undone_yet(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    record = next(iter(live_records(opened, ids_of(autotask, "Companies", 1)).values()))
    run = approved(opened, [changed(opened, record, city="Ulm")])
    assert undoing.undoable(opened, run) == undoing.Undoable(0, "It is not over yet.")
    with pytest.raises(Stale, match="not over yet"):
        undoing.plan_undo(opened, run)


def test_a_row_whose_fate_is_unknown_is_read_first_and_held_where_reading_does_not_tell(autotask: Live, lead: Any):
    opened, ids, run, before = three(autotask, lead)
    Item.objects.filter(run=run).update(outcome=Outcome.UNKNOWN, messages=["Lost."])
    autotask.api.change("Companies", ids[2], {"city": "Trier"})
    plan = undoing.plan_undo(opened, run)
    assert [row.record_id for row in plan.rows()] == ids[:2]
    [held] = plan.held
    assert held["id"] == str(ids[2]) and "not known whether" in held["why"]
    carried_out(plans.approve(opened, plan))
    assert set(differing(before, dump(autotask, "Companies"))) == {ids[2]}


def test_a_value_that_was_there_already_when_the_run_wrote_is_not_taken_back(autotask: Live, lead: Any):
    opened, _, run, _ = three(autotask, lead)
    item = run.items.all()[0]
    item.theirs = {"city": {"field": "city", "before": "Ulm", "after": None}}  # somebody else had set it by then
    item.save()
    plan = undoing.plan_undo(opened, run)
    assert [set(row.values) for row in plan.rows()] == [{"phone"}, {"city", "phone"}, {"city", "phone"}]


def test_full_puts_are_undone_in_the_fields_that_were_changed_only(autotask: Live, lead: Any):
    autotask.api.switches["masked_udfs"] = False
    opened = autotask.open(lead, "Contacts")
    ids = ids_of(autotask, "Contacts", 2)
    before = dump(autotask, "Contacts")
    known = live_records(opened, ids)
    rows = [changed(opened, known[i], title=f"Title {i}") for i in ids]
    run = applied_run(opened, rows, replace=True)
    assert run.tally() == {Outcome.DONE: 2}
    plan = undoing.plan_undo(opened, run)
    assert not plan.replace and all(row.fields == ("title",) for row in plan.rows())
    carried_out(plans.approve(opened, plan))
    assert not differing(before, dump(autotask, "Contacts"))


def test_the_worksheet_the_run_came_from_learns_of_the_undo(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    ids = ids_of(autotask, "Companies", 2)
    sheet = reading.open_ids(opened, ids, ["city"])
    was = [base(sheet, row, "city") for row in range(2)]
    put(opened, sheet, city={0: "Ulm", 1: "Ulm"})
    run = carried_out(plans.approve(opened, standing.plan(opened, sheet)))
    assert [base(sheet, row, "city") for row in range(2)] == ["Ulm", "Ulm"]
    undone(opened, run)
    assert [base(sheet, row, "city") for row in range(2)] == was and not edits_of(sheet)


def test_an_undo_after_ninety_days_is_as_good_as_one_after_a_minute(autotask: Live, lead: Any):
    opened, ids, run, before = three(autotask, lead)
    long_ago = timezone.now() - timedelta(days=90)
    Run.objects.filter(pk=run.pk).update(created_at=long_ago, started_at=long_ago, finished_at=long_ago)
    Plan.objects.filter(pk=run.plan_id).update(created_at=long_ago)
    autotask.api.change("Companies", ids[0], {"webAddress": "https://moved.example"})
    undo = undone(opened, Run.objects.select_related("plan").get(pk=run.pk))
    assert undo.tally() == {Outcome.DONE: 3}
    assert differing(before, dump(autotask, "Companies")) == {ids[0]: {"webAddress"}}
