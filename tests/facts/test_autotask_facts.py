"""What is known of the Autotask API and must not be forgotten, one test per statement, through the product itself."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from adminui.planning.outcomes import Outcome
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Kind
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.services import browse, catalog, plans, records, steering
from adminui.services.errors import BadInput, Refused
from tests.conftest import Live
from tests.services.bench import applied, approved, carry_out, changed, dump, flat, live_records, stored, writes

pytestmark = pytest.mark.django_db


def rows_of(live: Live, opened: Any, number: int, **values: Any) -> list[Any]:
    ids = sorted(dump(live, opened.resource.name))[2 : 2 + number]
    return [changed(opened, record, **values) for record in live_records(opened, ids).values()]


def test_1_no_bulk_endpoint_exists_so_many_records_are_one_patch_each(autotask: Live, lead: Any):
    """ "No bulk endpoint exists: N records are N PATCH calls, each independently accepted or refused." """
    opened = autotask.open(lead, "Companies")
    rows = rows_of(autotask, opened, 4, city="Same")
    [refused] = rows_of(autotask, opened, 5, ownerResourceID=99_999)[4:]
    drawn = plans.draw(opened, [*rows, refused], {})
    assert [request.method for request in drawn.requests] == ["PATCH"] * 5
    assert any("on its own" in finding.text for finding in drawn.findings)
    done = carry_out(approved(opened, [*rows, refused]))
    assert done.tally() == {Outcome.DONE: 4, Outcome.REJECTED: 1}
    assert done.items.get(outcome=Outcome.REJECTED).record_id == str(refused.record_id)
    assert not [entry for entry in autotask.seen() if "bulk" in entry["path"].lower()]


def test_2_patch_comes_first_and_sends_only_what_changed(autotask: Live, editor: Any):
    """ "PATCH first; PUT is the dangerous one." """
    opened = autotask.open(editor, "Companies")
    record = records.read(opened, sorted(dump(autotask, "Companies"))[3])
    records.save(opened, record, {"city": "Moved"}, token=uuid4())
    [patch] = writes(autotask)
    assert (patch["method"], patch["body"]) == ("PATCH", {"id": record["id"], "city": "Moved"})


@pytest.mark.parametrize("omitted", ["nulled", "kept", "kept_when_required"])
def test_2_a_put_holds_every_writable_field_from_a_record_read_just_before(autotask: Live, editor: Any, omitted: str):
    """ "PUT nulls every writable field left out … use PUT only from a record re-read seconds earlier." """
    autotask.api.switches.update(put_omitted_udfs=omitted, masked_udfs=False, rich_text_fields=[])
    opened = autotask.open(editor, "ConfigurationItems")
    record_id = sorted(dump(autotask, "ConfigurationItems"))[3]
    record = records.read(opened, record_id)
    autotask.api.change("ConfigurationItems", record_id, {"serialNumber": "changed since"})
    before = stored(autotask, "ConfigurationItems", record_id)
    records.save(opened, record, {"location": "Rack 4"}, token=uuid4(), replace=True)
    [put] = writes(autotask)
    assert put["method"] == "PUT" and put["body"]["serialNumber"] == "changed since"
    after = stored(autotask, "ConfigurationItems", record_id)
    stamps = {"lastActivityDate", "lastModifiedTime", "lastModifiedDateTime"}
    assert {k for k in after if after[k] != before[k]} - stamps == {"location"}


def test_2_a_put_over_masked_values_is_refused_and_never_asked_for_by_default(autotask: Live, editor: Any):
    """ "PUT … fails on masked UDFs." """
    opened = autotask.open(editor, "ConfigurationItems")
    found = (records.read(opened, i) for i in dump(autotask, "ConfigurationItems"))
    record = next(r for r in found if "*****" in r.values())
    with pytest.raises(Refused):
        records.save(opened, record, {"location": "Rack"}, token=uuid4(), replace=True)
    assert not writes(autotask)
    saved = records.save(opened, record, {"location": "Rack"}, token=uuid4())
    assert saved.run is not None and saved.run.items.get().outcome == Outcome.DONE


def test_2_a_put_that_would_flatten_rich_text_says_so_before(autotask: Live, editor: Any):
    """ "PUT … flattens rich text it sends back." """
    autotask.api.switches["masked_udfs"] = False
    opened = autotask.open(editor, "ConfigurationItems")
    record_id = next(i for i, r in dump(autotask, "ConfigurationItems").items() if r.get("rich:notes"))
    preview = records.preview(opened, records.read(opened, record_id), {"location": "Rack"}, replace=True)
    assert preview.drawn is not None and any("formatting" in f.text for f in preview.drawn.findings)
    preview = records.preview(opened, records.read(opened, record_id), {"location": "Rack"})
    assert preview.drawn is not None and not any("formatting" in f.text for f in preview.drawn.findings)
    records.save(opened, records.read(opened, record_id), {"location": "Rack"}, token=uuid4())
    assert stored(autotask, "ConfigurationItems", record_id)["rich:notes"]


def test_3_a_200_is_no_proof_and_a_field_that_did_not_change_is_named(autotask: Live, editor: Any):
    """ "A 200 is not proof … some writable-looking fields do not change with 200 … read back after." """
    autotask.api.switches["silently_immutable"] = ["Companies.city"]
    opened = autotask.open(editor, "Companies")
    record = records.read(opened, sorted(dump(autotask, "Companies"))[3])
    saved = records.save(opened, record, {"city": "Moved", "phone": "4711"}, token=uuid4())
    assert saved.run is not None
    item = saved.run.items.get()
    assert item.outcome == Outcome.NOT_STORED and list(item.by_field) == ["city"]
    assert item.stored == {"city": record["city"], "phone": "4711"} and saved.left == ("city",)


def test_3_a_workflow_rule_that_undoes_a_change_is_seen_in_the_reading_back(autotask: Live, editor: Any):
    """ "Workflow rules can undo a change within seconds." """
    autotask.api.switches["workflow_status_flip_ms"] = 0
    opened = autotask.open(editor, "Tickets")
    record_id = next(i for i, r in dump(autotask, "Tickets").items() if r["status"] == 1)
    record = records.read(opened, record_id)
    saved = records.save(opened, record, {"status": "8"}, token=uuid4())
    assert saved.run is not None and saved.run.items.get().outcome == Outcome.NOT_STORED
    assert stored(autotask, "Tickets", record_id)["status"] == 1


def test_3_names_are_checked_against_the_metadata_before_anything_is_sent(autotask: Live, editor: Any):
    """ "Unknown field names are dropped with 200 … check names against metadata before sending." """
    opened = autotask.open(editor, "Companies")
    record = records.read(opened, sorted(dump(autotask, "Companies"))[3])
    saved = records.save(opened, record, {"citty": "Moved"}, token=uuid4())
    assert saved.draft.invalid.keys() == {"citty"} and saved.run is None and not writes(autotask)


def test_4_a_filter_that_is_not_certain_is_never_sent(autotask: Live, editor: Any):
    """ "A mistyped filter operator is ignored and returns everything." """
    opened = autotask.open(editor, "Companies")
    before = len(autotask.seen())
    for wrong in ('["and", ["city", "equals", "Bonn"]]', '["and", ["citty", "eq", "Bonn"]]', '["nor"]', "{}"):
        with pytest.raises(BadInput):
            browse.parse_where(opened, wrong)
    with pytest.raises(BadInput):
        browse.listing(opened, Query(Group("and", (Condition("noSuchField", Op.EQ, "x"),))))
    assert len(autotask.seen()) == before


def test_4_the_count_shown_is_the_apis_own_for_the_very_same_filter(autotask: Live, editor: Any):
    """ "Show the count before acting." """
    opened = autotask.open(editor, "Companies")
    where = browse.parse_where(opened, '["and", ["isActive", "eq", "true"]]')
    active = [r for r in dump(autotask, "Companies").values() if r["isActive"]]
    assert browse.listing(opened, Query(where, page_size=5)).count == len(active)
    assert len(browse.every(opened, where, 1_000)) == len(active)


@pytest.mark.parametrize("replace", [False, True], ids=["PATCH", "PUT"])
def test_5_contacts_are_written_through_their_company(autotask: Live, editor: Any, replace: bool):
    """ "Contacts cannot be updated at /Contacts. Only PATCH|PUT /Companies/{companyID}/Contacts." """
    opened = autotask.open(editor, "Contacts")
    record = records.read(opened, sorted(dump(autotask, "Contacts"))[3])
    saved = records.save(opened, record, {"title": "Buyer"}, token=uuid4(), replace=replace)
    assert saved.run is not None and saved.run.items.get().outcome == Outcome.DONE
    assert [entry["path"].partition("/v1.0/")[2] for entry in writes(autotask)] == [
        f"Companies/{record['companyID']}/Contacts"
    ]


def test_6_a_500_with_reasons_is_a_refusal_that_is_not_repeated(autotask: Live, editor: Any):
    """ "500 is the normal validation answer, body {"errors": […]}; retrying it is pointless." """
    opened = autotask.open(editor, "Companies")
    record = records.read(opened, sorted(dump(autotask, "Companies"))[3])
    saved = records.save(opened, record, {"ownerResourceID": "99999"}, token=uuid4())
    assert saved.run is not None
    item = saved.run.items.get()
    assert item.outcome == Outcome.REJECTED and list(item.by_field) == ["ownerResourceID"]
    assert [entry["status"] for entry in writes(autotask)] == [500]
    assert "record number" not in str(item.by_field) + str(item.messages)


def test_6_a_500_without_reasons_is_no_refusal_and_is_settled_by_reading(autotask: Live, editor: Any):
    """ "Retry only 429, connection faults, and 5xx without an errors list": a write is read back instead."""
    opened = autotask.open(editor, "Companies")
    record = records.read(opened, sorted(dump(autotask, "Companies"))[3])
    autotask.running.faults.add(Fault("server_error", method="PATCH"))
    autotask.running.faults.add(Fault("server_error", method="POST", times=1))
    saved = records.save(opened, record, {"city": "Moved"}, token=uuid4())
    assert saved.run is not None and saved.run.items.get().outcome == Outcome.NOT_SENT
    assert len(writes(autotask)) == 1


@pytest.mark.django_db(transaction=True)
def test_7_never_more_than_two_calls_at_once_at_one_object(autotask: Live, lead: Any):
    """ "3 concurrent calls per object endpoint … run at most 2 lanes per entity, process-wide." """
    autotask.api.switches.update(threads_per_object=2, latency=0.01)
    opened = autotask.open(lead, "Companies")
    run = approved(opened, rows_of(autotask, opened, 12, city="Moved"))
    reading = threading.Thread(target=lambda: [records.read(opened, i) for i in sorted(dump(autotask, "Companies"))])
    reading.start()
    done = carry_out(run)
    reading.join()
    assert done.tally() == {Outcome.DONE: 12}
    assert not [entry for entry in autotask.seen() if entry["status"] == 429]


def test_7_the_hour_s_calls_are_counted_for_everybody_to_see(autotask: Live, editor: Any):
    """ "10,000 calls per rolling hour for the whole tenant." """
    opened = autotask.open(editor, "Companies")
    before = opened.client.budget()
    records.read(opened, sorted(dump(autotask, "Companies"))[3])
    after = opened.client.budget()
    assert after.limit == 10_000 and after.used == before.used + 1


@pytest.mark.django_db(transaction=True)
def test_7_with_a_spent_hour_the_run_waits_says_so_and_can_be_paused(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    """At 100 % everything is refused with 429: nothing of the run was written, and the run says why."""
    opened = autotask.open(lead, "Companies")
    rows = rows_of(autotask, opened, 3, city="Moved")
    known = live_records(opened, [row.record_id for row in rows])
    run = approved(opened, rows)
    monkeypatch.setattr("adminui.services.engine.sending.MAX_WAIT", 0.2)
    autotask.api.switches["hour_limit"] = 1
    carrying = threading.Thread(target=_carry_out, args=(run, known))
    carrying.start()
    while not (told := Run.objects.get(pk=run.pk).doing).startswith("Waiting until"):
        assert carrying.is_alive()
        threading.Event().wait(0.02)
    assert "calls" in told
    steering.pause(lead, Run.objects.select_related("plan").get(pk=run.pk))
    carrying.join()
    run.refresh_from_db()
    assert run.state == Run.State.PAUSED and run.tally() == {Outcome.PENDING: 3} and not applied(autotask)


def _carry_out(run: Run, known: dict[Any, Any]) -> None:
    try:
        carry_out(run, known)
    finally:
        connection.close()


def test_8_lengths_picklists_needs_and_user_fields_come_from_this_tenant(autotask: Live, editor: Any):
    """ "Metadata is per tenant … never hardcode." """
    opened = autotask.open(editor, "Companies")
    asked = [entry["path"] for entry in autotask.seen("GET") if "entityInformation" in entry["path"]]
    assert {path.rpartition("entityInformation")[2] for path in asked} == {"", "/fields", "/userDefinedFields"}
    fields = opened.resource.by_name
    assert fields["companyName"].max_length and fields["companyName"].required
    assert fields["companyType"].kind is Kind.CHOICE and fields["companyType"].choices
    held = flat(autotask.api.dump("Companies")[0])
    assert {name for name in held if name.startswith("udf.")} == {n for n in fields if n.startswith("udf.")}
    assert not fields["isActive"].required
    autotask.api.switches["companies_is_active_required"] = True
    anew = catalog.open_resource(editor, autotask.connection, "Companies", refresh=True)
    assert anew.resource.by_name["isActive"].required
