"""Somebody else works on the same records: what they did survives, what collides is shown, nothing is guessed."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import pytest

from adminui.planning.outcomes import Outcome
from adminui.sandbox.faults import Fault
from adminui.services import plans, records
from adminui.services.errors import NotThere
from tests.conftest import Live
from tests.services.bench import applied, approved, carry_out, changed, dump, live_records, stored, writes

pytestmark = pytest.mark.django_db

THEIRS = {
    "campaigns": {
        "name": "Their name",
        "alternative_id": "their-id",
        "max_bid": "7.25",
        "min_bid": "0.25",
        "event_ids": ["t1", "t2"],
        "frequency_caps": None,
        "ghost_bidding": None,
        "bid_modifier_id": None,
        "delivery_modifier_id": 12,
        "default_targeting_preset_id": 4,
    },
    "Companies": {
        "companyName": "Their GmbH",
        "address1": "Their street 1",
        "address2": "Their floor",
        "phone": "+49 30 1",
        "fax": "+49 30 2",
        "webAddress": "https://their.example",
        "postalCode": "10115",
        "state": "BE",
        "companyNumber": "T-1",
        "additionalAddressInformation": "Their yard",
    },
}
CASES = [
    ("buzz", "campaigns", "notes", False),
    ("buzz", "campaigns", "notes", True),
    ("autotask", "Companies", "city", False),
    ("autotask", "Companies", "city", True),
]
NAMED = pytest.mark.parametrize(
    ("api", "resource", "field", "replace"), CASES, ids=lambda v: v if isinstance(v, str) else ("PUT" if v else "PATCH")
)


def prepared(request: pytest.FixtureRequest, api: str) -> Live:
    live: Live = request.getfixturevalue(api)
    live.api.switches.update({"put_omitted": "null"} if api == "buzz" else {"masked_udfs": False})
    return live


def calm(live: Live, resource: str) -> list[int]:
    """Records whose values the API takes back as they are."""
    held = dump(live, resource)
    return [i for i, r in held.items() if all(not isinstance(v, str) or v == v.strip() for v in r.values())]


@NAMED
def test_ten_fields_a_colleague_changed_meanwhile_survive_my_one(
    request: pytest.FixtureRequest, editor: Any, api: str, resource: str, field: str, replace: bool
):
    live = prepared(request, api)
    opened = live.open(editor, resource)
    record = records.read(opened, calm(live, resource)[4])
    theirs = THEIRS[resource]
    live.api.change(resource, record["id"], theirs)
    saved = records.save(opened, record, {field: "Mine"}, token=uuid4(), replace=replace)
    assert saved.run is not None and saved.run.items.get().outcome == Outcome.DONE
    after = stored(live, resource, record["id"])
    assert {name: after[name] for name in theirs} == theirs
    assert after[field] == "Mine"
    assert {c.field for c in saved.theirs} >= {name for name in theirs if record[name] != theirs[name]}


@NAMED
def test_ten_fields_changed_between_approval_and_sending_survive(
    request: pytest.FixtureRequest, lead: Any, api: str, resource: str, field: str, replace: bool
):
    live = prepared(request, api)
    opened = live.open(lead, resource)
    ids = calm(live, resource)[3:6]
    rows = [changed(opened, r, **{field: "Mine"}) for r in live_records(opened, ids).values()]
    run = approved(opened, rows, replace=replace)
    for record_id in ids:
        live.api.change(resource, record_id, THEIRS[resource])
    assert carry_out(run).tally() == {Outcome.DONE: 3}
    for record_id in ids:
        after = stored(live, resource, record_id)
        assert after.items() >= (THEIRS[resource] | {field: "Mine"}).items()


@NAMED
def test_the_same_field_changed_by_both_is_a_clash_and_nothing_is_sent(
    request: pytest.FixtureRequest, editor: Any, api: str, resource: str, field: str, replace: bool
):
    live = prepared(request, api)
    opened = live.open(editor, resource)
    record = records.read(opened, calm(live, resource)[4])
    live.api.change(resource, record["id"], {field: "Theirs", **THEIRS[resource]})
    saved = records.save(opened, record, {field: "Mine"}, token=uuid4(), replace=replace)
    [clash] = saved.clashes
    assert (clash.field, clash.mine, clash.theirs) == (field, "Mine", "Theirs")
    assert saved.run is None and not writes(live)
    assert stored(live, resource, record["id"])[field] == "Theirs"


def test_both_making_the_same_change_is_no_clash_and_sends_nothing(buzz: Live, editor: Any):
    opened = buzz.open(editor, "campaigns")
    record = records.read(opened, sorted(dump(buzz, "campaigns"))[4])
    buzz.api.change("campaigns", record["id"], {"notes": "agreed"})
    saved = records.save(opened, record, {"notes": "agreed"}, token=uuid4())
    assert not saved.clashes and not writes(buzz)
    assert saved.run is not None and saved.run.items.get().outcome == Outcome.UNCHANGED


def test_two_tabs_of_one_person_save_different_fields_and_both_stay(autotask: Live, editor: Any):
    opened = autotask.open(editor, "Contacts")
    one = two = records.read(opened, sorted(dump(autotask, "Contacts"))[5])
    first = records.save(opened, one, {"title": "Tab one"}, token=uuid4())
    second = records.save(opened, two, {"roomNumber": "2"}, token=uuid4())
    assert first.run and second.run and second.run.items.get().outcome == Outcome.DONE
    after = stored(autotask, "Contacts", one["id"])
    assert (after["title"], after["roomNumber"]) == ("Tab one", "2")
    assert [c.field for c in second.theirs if c.field == "title"] == ["title"]


def test_two_tabs_saving_the_same_field_clash_in_the_second(autotask: Live, editor: Any):
    opened = autotask.open(editor, "Contacts")
    seen = records.read(opened, sorted(dump(autotask, "Contacts"))[5])
    records.save(opened, seen, {"title": "Tab one"}, token=uuid4())
    second = records.save(opened, seen, {"title": "Tab two"}, token=uuid4())
    assert [c.theirs for c in second.clashes] == ["Tab one"] and len(writes(autotask)) == 1


def test_one_click_twice_is_one_write_with_one_result(buzz: Live, editor: Any):
    opened = buzz.open(editor, "campaigns")
    seen, token = records.read(opened, sorted(dump(buzz, "campaigns"))[5]), uuid4()
    first = records.save(opened, seen, {"notes": "once"}, token=token)
    second = records.save(opened, seen, {"notes": "once"}, token=token)
    assert first.run == second.run and sum(applied(buzz).values()) == 1


@pytest.mark.parametrize("replace", [False, True], ids=["PATCH", "PUT"])
def test_a_record_deleted_meanwhile_is_named_and_not_made_anew(buzz: Live, editor: Any, replace: bool):
    opened = buzz.open(editor, "segments")
    record = records.read(opened, sorted(dump(buzz, "segments"))[2])
    with buzz.api._lock:
        buzz.api._store.remove("segments", record["id"])
    with pytest.raises(NotThere):
        records.save(opened, record, {"name": "Ghost"}, token=uuid4(), replace=replace)
    assert not writes(buzz) and record["id"] not in dump(buzz, "segments")


def test_one_of_many_deleted_meanwhile_does_not_keep_the_others(buzz: Live, lead: Any):
    opened = buzz.open(lead, "segments")
    ids = sorted(dump(buzz, "segments"))[:4]
    run = approved(opened, [changed(opened, r, name="Kept") for r in live_records(opened, ids).values()])
    with buzz.api._lock:
        buzz.api._store.remove("segments", ids[1])
    done = carry_out(run)
    told = {int(i.record_id): i for i in done.items.all()}
    assert told[ids[1]].outcome == Outcome.NOT_SENT and "does not have" in told[ids[1]].messages[0]
    assert done.tally() == {Outcome.DONE: 3, Outcome.NOT_SENT: 1}
    assert {dump(buzz, "segments")[i]["name"] for i in ids if i != ids[1]} == {"Kept"}


def test_one_deleted_between_reading_and_a_bulk_call_is_found_by_single_calls(buzz: Live, lead: Any):
    buzz.api.switches["bulk_unknown_id"] = 404
    opened = buzz.open(lead, "segments")
    ids = sorted(dump(buzz, "segments"))[:4]
    known = live_records(opened, ids)
    run = approved(opened, [changed(opened, r, name="Kept") for r in known.values()])
    with buzz.api._lock:
        buzz.api._store.remove("segments", ids[1])
    assert carry_out(run, known).tally() == {Outcome.DONE: 3, Outcome.REJECTED: 1}
    assert {dump(buzz, "segments")[i]["name"] for i in ids if i != ids[1]} == {"Kept"}


def test_a_plan_over_records_that_moved_holds_those_rows_and_shows_what_stands_there(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    ids = sorted(dump(autotask, "Companies"))[3:8]
    plan = plans.save(
        opened, [changed(opened, r, city="Mine") for r in live_records(opened, ids).values()], door="test"
    )
    autotask.api.change("Companies", ids[2], {"city": "Theirs"})
    done = carry_out(plans.approve(opened, plan))
    assert done.tally() == {Outcome.DONE: 4, Outcome.CONFLICT: 1}
    held = done.items.get(outcome=Outcome.CONFLICT)
    assert int(held.record_id) == ids[2] and "Theirs" in str(held.theirs["city"])
    assert stored(autotask, "Companies", ids[2])["city"] == "Theirs" and not applied(autotask)[ids[2]]


def test_a_long_run_of_puts_reads_again_on_the_way_so_that_a_colleague_loses_nothing(buzz: Live, lead: Any):
    """A PUT carries every field as read: what was read minutes ago would undo what was saved since."""
    opened = buzz.open(lead, "campaigns")
    ids = sorted(dump(buzz, "campaigns"))[:50]
    known = {i: r for i, r in live_records(opened, ids).items() if r["name"].strip() and r["name"] == r["name"].strip()}
    run = approved(opened, [changed(opened, r, notes="Mine") for r in known.values()], replace=True)
    last = list(known)[-1]
    buzz.running.faults.add(Fault("slow", method="PUT", times=None, seconds=0.03))
    colleague = threading.Timer(0.0, lambda: _once_writing(buzz, last))
    colleague.start()
    carry_out(run)
    colleague.join()
    assert stored(buzz, "campaigns", last)["alternative_id"] == "saved-meanwhile"
    assert stored(buzz, "campaigns", last)["notes"] == "Mine"


def _once_writing(live: Live, record_id: int) -> None:
    pause = threading.Event()
    while not live.seen("PUT"):
        pause.wait(0.002)
    live.api.change("campaigns", record_id, {"alternative_id": "saved-meanwhile"})
