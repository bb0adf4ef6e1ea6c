"""What is known of the Buzz API and must not be forgotten, one test per rule, through the product itself."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from adminui.connections import live as connections
from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step
from adminui.sandbox.faults import Fault
from adminui.services import plans, reading, records
from adminui.services.errors import BadInput
from tests.conftest import Live
from tests.services.bench import applied, approved, carry_out, changed, dump, live_records, moved, stored, writes

pytestmark = pytest.mark.django_db


def campaign(live: Live, opened: Any, number: int = 4) -> Any:
    return records.read(opened, sorted(dump(live, opened.resource.name))[number])


def item_of(saved: records.Saved) -> Any:
    assert saved.run is not None
    return saved.run.items.get()


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_ran_out_is_renewed_once_and_the_call_repeated_once(buzz: Live, editor: Any, status: int):
    """ "On 401, or 403 whose detail is that text, log in again once, repeat the call once." """
    opened = buzz.open(editor, "campaigns")
    record = campaign(buzz, opened)
    buzz.api.switches["expired_status"] = status
    buzz.running.log.clear()
    buzz.running.faults.add(Fault("expired_login", method="PATCH"))
    assert item_of(records.save(opened, record, {"notes": "again"}, token=uuid4())).outcome == Outcome.DONE
    assert [entry["status"] for entry in writes(buzz)] == [status, 200]
    assert len([e for e in buzz.seen("POST") if e["path"].endswith("/authenticate")]) == 1
    assert applied(buzz) == {record["id"]: 1}


def test_a_403_about_permission_is_no_reason_to_sign_in_again(buzz: Live, editor: Any):
    """The other 403s are about permission: told in the API's words, and not repeated."""
    opened = buzz.open(editor, "campaigns")
    record = campaign(buzz, opened)
    buzz.api.switches["read_only_resources"] = ["campaigns"]
    buzz.running.log.clear()
    item = item_of(records.save(opened, record, {"notes": "x"}, token=uuid4()))
    assert item.outcome == Outcome.REJECTED and "permission" in item.messages[0]
    assert len(writes(buzz)) == 1 and not buzz.seen("POST")


@pytest.mark.parametrize("cookie", ["buzz_key", "sessionid"])
def test_the_cookie_may_have_any_name_and_change_its_value_at_any_time(buzz: Live, editor: Any, cookie: str):
    """ "Keep a whole cookie jar per login, never look up one name … written back after every response." """
    buzz.api.switches.update(cookie_name=cookie, rewrite_cookie_every=2, old_cookie_seconds=0)
    opened = buzz.open(editor, "campaigns")
    for record_id in sorted(dump(buzz, "campaigns"))[:9]:
        records.read(opened, record_id)
    assert len([e for e in buzz.seen("POST") if e["path"].endswith("/authenticate")]) == 1


@pytest.mark.parametrize("omitted", ["keep", "null"])
def test_a_put_is_built_from_a_fresh_get_and_loses_nothing_whatever_it_does_to_omitted_fields(
    buzz: Live, editor: Any, omitted: str
):
    """ "Safe rule: build a PUT from a fresh GET, minus read-only fields, plus the edits." """
    buzz.api.switches.update(put_omitted=omitted, trims_text=False, drops_irrelevant=False)
    opened = buzz.open(editor, "line-items")
    record = campaign(buzz, opened)
    buzz.api.change("line-items", record["id"], {"alternative_id": "changed-since"})
    before = stored(buzz, "line-items", record["id"])
    assert item_of(records.save(opened, record, {"notes": "x"}, token=uuid4(), replace=True)).outcome == Outcome.DONE
    assert moved(before, stored(buzz, "line-items", record["id"])) == {"notes", "update_date"}
    assert not {"id", "create_date", "update_date", "spend"} & writes(buzz)[0]["body"].keys()


def test_an_empty_bulk_is_impossible_to_plan_and_to_send(buzz: Live, lead: Any):
    """ "An empty list is a success … refuse empty submissions"; an empty `ids=` may even mean every record."""
    opened = buzz.open(lead, "campaigns")
    before = buzz.api.dump("campaigns")
    with pytest.raises(ValueError, match="without rows"):
        Step(Form.BULK_SHARED, ())
    with pytest.raises(BadInput):
        reading.open_ids(opened, [], ["notes"])
    known = live_records(opened, sorted(dump(buzz, "campaigns"))[:3])
    rows = [changed(opened, record, notes="Same") for record in known.values()]
    run = approved(opened, rows)
    for record_id in known:
        buzz.api.change("campaigns", record_id, {"notes": "Same"})
    assert carry_out(run).tally() == {Outcome.UNCHANGED: 3}
    assert not writes(buzz)
    held = {r["id"]: r for r in before if r["id"] not in known}
    assert {i: r for i, r in dump(buzz, "campaigns").items() if i in held} == held


def test_rows_of_a_bulk_answer_are_matched_by_id_and_not_by_position(buzz: Live, lead: Any):
    """ "Success → list of all updated objects (order not documented → match by id, not position)." """
    buzz.api.switches["bulk_shuffled"] = True
    opened = buzz.open(lead, "campaigns")
    known = live_records(opened, sorted(dump(buzz, "campaigns"))[:12])
    rows = [changed(opened, record, notes=f"Note {i}") for i, record in known.items()]
    assert carry_out(approved(opened, rows)).tally() == {Outcome.DONE: 12}
    assert len(writes(buzz)) == 1
    assert all(stored(buzz, "campaigns", i)["notes"] == f"Note {i}" for i in known)


@pytest.mark.parametrize("typed", ["50", "50.0", "50.00", " 50 ", "5e1"])
def test_decimals_are_compared_as_numbers_and_50_is_50_00(buzz: Live, editor: Any, typed: str):
    """ "Compare as Decimal, never as text ("50" vs "50.00" must not count as a change)." """
    opened = buzz.open(editor, "campaigns")
    record_id = campaign(buzz, opened)["id"]
    buzz.api.change("campaigns", record_id, {"max_bid": "50.00", "min_bid": None})
    record = records.read(opened, record_id)
    saved = records.save(opened, record, {"max_bid": typed}, token=uuid4())
    assert saved.run is None and not saved.draft.invalid and not writes(buzz)


def test_a_decimal_that_comes_back_spelled_otherwise_is_stored(buzz: Live, editor: Any):
    """ "Floats come back as strings": what was sent as 7.5 and is shown as 7.50 is done."""
    opened = buzz.open(editor, "campaigns")
    record_id = campaign(buzz, opened)["id"]
    buzz.api.change("campaigns", record_id, {"max_bid": "50.00", "min_bid": None})
    saved = records.save(opened, records.read(opened, record_id), {"max_bid": "7.5"}, token=uuid4())
    assert item_of(saved).outcome == Outcome.DONE
    assert Decimal(stored(buzz, "campaigns", record_id)["max_bid"]) == Decimal("7.5")


@pytest.mark.parametrize("shape", ["list", "index-dict", "flat", "keyed-by-id"])
def test_every_shape_of_a_failed_bulk_call_names_the_bad_row_or_none_wrongly(buzz: Live, lead: Any, shape: str):
    """ "Any error → the whole call fails", its body is not documented: shapes a client must be able to read."""
    buzz.api.switches["bulk_errors"] = shape
    opened = buzz.open(lead, "campaigns")
    before = dump(buzz, "campaigns")
    known = live_records(opened, sorted(before)[:4])
    bad = sorted(known)[2]
    rows = [
        changed(opened, r, **({"advertiser_id": 999} if i == bad else {"notes": f"N{i}"})) for i, r in known.items()
    ]
    done = carry_out(approved(opened, rows))
    told = {int(item.record_id): item for item in done.items.all()}
    assert told[bad].outcome == Outcome.REJECTED and "does not exist" in told[bad].by_field["advertiser_id"][0]
    others = {i: item for i, item in told.items() if i != bad}
    assert {item.outcome for item in others.values()} == {Outcome.DONE}
    after = dump(buzz, "campaigns")
    assert after[bad] == before[bad] and all(after[i]["notes"] == f"N{i}" for i in others)
    assert set(applied(buzz).values()) == {1} and bad not in applied(buzz)


@pytest.mark.parametrize("shape", ["list", "index-dict", "flat", "keyed-by-id"])
def test_a_refused_shared_body_writes_nothing_and_keeps_the_words(buzz: Live, lead: Any, shape: str):
    """ "Flat field map: shared form — error belongs to every row." """
    buzz.api.switches["bulk_errors"] = shape
    opened = buzz.open(lead, "campaigns")
    before = dump(buzz, "campaigns")
    known = live_records(opened, sorted(before)[:3])
    done = carry_out(approved(opened, [changed(opened, r, advertiser_id=999) for r in known.values()]))
    assert done.tally() == {Outcome.REJECTED: 3} and len(writes(buzz)) <= 5
    assert all("does not exist" in item.by_field["advertiser_id"][0] for item in done.items.all())
    assert dump(buzz, "campaigns") == before


def test_creatives_are_read_and_written_bare_or_wrapped(buzz: Live, editor: Any):
    """Creatives may answer `{"result": …, "warnings": …, "errors": …}`: what is inside is the record."""
    wrapped = buzz.open(editor, "creatives")
    record = campaign(buzz, wrapped)
    body = {"result": {**record, "notes": "x"}, "warnings": {"size": ["Rather large."]}, "errors": None}
    handle = buzz.api.handle
    buzz.api.handle = lambda request: (
        _rewrapped(handle(request), body) if request.method == "PATCH" else handle(request)
    )
    item = item_of(records.save(wrapped, record, {"notes": "x"}, token=uuid4()))
    assert item.outcome == Outcome.DONE and "Rather large." in " ".join(item.messages)


def _rewrapped(answer: Any, body: Any) -> Any:
    answer.body = body
    return answer


def test_a_405_on_bulk_falls_back_to_single_calls_and_is_remembered(buzz: Live, lead: Any):
    """ "Only for certain objects … treat bulk support as a per-resource setting, discover with OPTIONS/405." """
    opened = buzz.open(lead, "campaigns")
    assert opened.can.bulk
    buzz.api.switches["bulk_resources"] = []
    known = live_records(opened, sorted(dump(buzz, "campaigns"))[:3])
    done = carry_out(approved(opened, [changed(opened, r, notes="Same") for r in known.values()]))
    assert done.tally() == {Outcome.DONE: 3}
    assert [entry["status"] for entry in writes(buzz)] == [405, 200, 200, 200]
    assert applied(buzz) == dict.fromkeys(known, 1)
    assert not buzz.open(lead, "campaigns").can.bulk
    connections.forget()
    assert not buzz.open(lead, "campaigns").can.bulk


def test_a_full_replacement_of_many_is_one_put_each(buzz: Live, lead: Any):
    """ "Bulk PUT is never mentioned; full replacement is one record at a time." """
    opened = buzz.open(lead, "advertisers")
    known = live_records(opened, sorted(dump(buzz, "advertisers"))[:3])
    drawn = plans.draw(opened, [changed(opened, r, notes="Same") for r in known.values()], known, replace=True)
    assert [r.method for r in drawn.requests] == ["PUT"] * 3 and not any("bulk" in r.url for r in drawn.requests)


@pytest.mark.parametrize("hours", [-5, 0, 9])
def test_times_are_the_accounts_wall_clock_and_travel_without_a_zone(buzz: Live, editor: Any, hours: int):
    """ "Dates YYYY-MM-DD HH:MM:SS, no zone, in the account's time zone, both reading and writing." """
    buzz.api.switches["utc_offset_hours"] = hours
    opened = buzz.open(editor, "campaigns")
    record_id = campaign(buzz, opened)["id"]
    buzz.api.change("campaigns", record_id, {"start_date": None, "end_date": None})
    record = records.read(opened, record_id)
    assert not records.save(opened, record, {"end_date": "2027-03-28T02:30:00Z"}, token=uuid4()).run
    saved = records.save(opened, record, {"end_date": "2027-03-28 02:30:00"}, token=uuid4())
    assert item_of(saved).outcome == Outcome.DONE
    assert writes(buzz)[0]["body"] == {"end_date": "2027-03-28 02:30:00"}
    assert stored(buzz, "campaigns", record_id)["end_date"] == "2027-03-28 02:30:00"


def test_enumerations_are_case_sensitive(buzz: Live, editor: Any):
    """A choice is taken as the API spells it: another case is refused here, before it is sent."""
    opened = buzz.open(editor, "campaigns")
    record = campaign(buzz, opened)
    other = next(c.value for c in opened.resource.by_name["budget_type"].choices if c.value != record["budget_type"])
    saved = records.save(opened, record, {"budget_type": str(other).swapcase()}, token=uuid4())
    assert saved.draft.invalid.keys() == {"budget_type"} and not writes(buzz)


def test_a_write_without_effect_is_accepted_but_not_stored(buzz: Live, editor: Any):
    """ "After every write re-read the answer; it may differ from what was sent." """
    buzz.api.switches["silently_ignored_field"] = "campaigns.notes"
    opened = buzz.open(editor, "campaigns")
    record = campaign(buzz, opened)
    saved = records.save(opened, record, {"notes": "x", "alternative_id": "kept"}, token=uuid4())
    item = item_of(saved)
    assert item.outcome == Outcome.NOT_STORED and list(item.by_field) == ["notes"] and saved.left == ("notes",)
    assert item.stored == {"notes": record["notes"], "alternative_id": "kept"}


@pytest.mark.parametrize("replace", [False, True], ids=["PATCH", "PUT"])
def test_a_field_the_api_empties_by_itself_is_named(buzz: Live, editor: Any, replace: bool):
    """ "The server drops fields that make no sense for the chosen mode." """
    opened = buzz.open(editor, "campaigns")
    record_id = next(i for i, r in dump(buzz, "campaigns").items() if (r["spend_budget"] or {}).get("lifetime"))
    buzz.api.change("campaigns", record_id, {"budget_type": "spend", "notes": "x"})
    record = records.read(opened, record_id)
    saved = records.save(opened, record, {"budget_type": "impressions"}, token=uuid4(), replace=replace)
    item = item_of(saved)
    assert item.outcome == Outcome.DONE and stored(buzz, "campaigns", record_id)["spend_budget"] is None
    [said] = item.messages
    assert opened.resource.by_name["spend_budget"].label in said


def test_text_the_api_trims_is_told_and_not_called_done(buzz: Live, editor: Any):
    """The stored value is the one that counts: outer blanks that were lost are said to be lost."""
    opened = buzz.open(editor, "campaigns")
    item = item_of(records.save(opened, campaign(buzz, opened), {"notes": "  indented "}, token=uuid4()))
    assert item.outcome == Outcome.NOT_STORED and item.stored == {"notes": "indented"}


@pytest.mark.parametrize("nested", ["merge", "replace"])
def test_a_nested_object_is_sent_whole_so_that_its_other_members_survive(buzz: Live, editor: Any, nested: str):
    """ "Nested objects in PATCH: whether the rest survives is not documented → send the complete nested object." """
    buzz.api.switches.update(nested_patch=nested, drops_irrelevant=False)
    opened = buzz.open(editor, "campaigns")
    record_id = next(i for i, r in dump(buzz, "campaigns").items() if (r["spend_budget"] or {}).get("lifetime"))
    record = records.read(opened, record_id)
    held = record["spend_budget"]
    assert isinstance(held, dict) and len(held) > 1
    wanted = {**held, "lifetime": "123456.00"}
    assert item_of(records.save(opened, record, {"spend_budget": wanted}, token=uuid4())).outcome == Outcome.DONE
    assert writes(buzz)[0]["body"]["spend_budget"].keys() == held.keys()
    assert stored(buzz, "campaigns", record_id)["spend_budget"] == wanted


def test_a_change_since_it_was_read_is_found_without_any_version_number(buzz: Live, editor: Any):
    """ "No ETag, version number or If-Match anywhere → lost-update check is the client's job." """
    buzz.api.switches["update_date"] = "clock"  # two writes within one second show the same stamp
    opened = buzz.open(editor, "campaigns")
    record = campaign(buzz, opened)
    with_same_stamp = {"notes": "theirs", "update_date": record["update_date"]}
    buzz.api.change("campaigns", record["id"], with_same_stamp)
    saved = records.save(opened, record, {"notes": "mine"}, token=uuid4())
    assert [clash.theirs for clash in saved.clashes] == ["theirs"] and not writes(buzz)


def test_a_field_nobody_has_heard_of_is_carried_along(buzz: Live, editor: Any):
    """ "Other changes may come any time → clients must ignore unknown fields", and a PUT must not drop them."""
    opened = buzz.open(editor, "campaigns")
    record_id = campaign(buzz, opened)["id"]
    buzz.api.change("campaigns", record_id, {"brand_new": {"a": [1]}})
    record = records.read(opened, record_id)
    assert item_of(records.save(opened, record, {"notes": "x"}, token=uuid4(), replace=True)).outcome == Outcome.DONE
    assert writes(buzz)[0]["body"]["brand_new"] == {"a": [1]}
