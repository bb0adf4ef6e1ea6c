"""From edits to verified outcomes over real HTTP, on both APIs: preview, approve, execute, and what the ledger says."""

from uuid import uuid4

import pytest

from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change, changeset_of
from adminui.runs import ledger
from adminui.sandbox.faults import Fault
from adminui.services import catalog, plans, records
from adminui.services.execution import execute
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)


def run_of(opened, changesets, **options):
    plan = plans.save(opened, changesets, door="test", **options)
    run = plans.approve(opened, plan)
    claimed = ledger.claim("test", run.pk)
    execute(claimed)
    return claimed


def changed(opened, record, **values):
    return changeset_of(opened.whole, record, [Change(f, record.get(f), v) for f, v in values.items()])


def test_saving_one_field_of_a_line_item_changes_that_field_and_no_other(buzz: Live, editor):
    opened = buzz.open(editor, "line-items")
    before = {r["id"]: r for r in buzz.api.dump("line-items")}
    record = records.read(opened, next(iter(before)))
    saved = records.save(opened, record, {"notes": "checked"}, token=uuid4())
    item = saved.run.items.get()
    assert item.outcome == Outcome.DONE and item.verified
    after = {r["id"]: r for r in buzz.api.dump("line-items")}
    moved = {k for k in after[record["id"]] if after[record["id"]][k] != before[record["id"]].get(k)}
    assert moved == {"notes", "update_date"}


def test_saving_one_field_of_a_contact_goes_through_its_company(autotask: Live, editor):
    opened = autotask.open(editor, "Contacts")
    held = autotask.api.dump("Contacts")[3]
    record = records.read(opened, held["id"])
    saved = records.save(opened, record, {"title": "Buyer"}, token=uuid4())
    assert saved.run.items.get().outcome == Outcome.DONE
    patch = autotask.seen("PATCH")[0]
    assert patch["path"].endswith(f"/Companies/{held['companyID']}/Contacts")
    assert patch["body"] == {"id": held["id"], "title": "Buyer"}


def test_the_same_change_for_three_rows_is_one_shared_call(buzz: Live, lead):
    opened = buzz.open(lead, "campaigns")
    chosen = [r for r in buzz.api.dump("campaigns") if r["notes"] != "same"][:3]
    run = run_of(opened, [changed(opened, records.read(opened, r["id"]), notes="same") for r in chosen])
    assert run.tally() == {Outcome.DONE: 3}
    [patch] = buzz.seen("PATCH")
    assert patch["path"].endswith("/campaigns/bulk") and patch["body"] == {"notes": "same"}


def test_a_lost_answer_after_the_write_is_settled_as_done_and_never_sent_again(buzz: Live, editor):
    opened = buzz.open(editor, "campaigns")
    record = records.read(opened, buzz.api.dump("campaigns")[0]["id"])
    buzz.running.faults.add(Fault("drop_after_write", method="PATCH", times=1))
    saved = records.save(opened, record, {"notes": "once"}, token=uuid4())
    assert saved.run.items.get().outcome == Outcome.DONE
    assert len(buzz.seen("PATCH")) == 1


def test_a_row_changed_behind_the_back_is_held_and_the_others_go(buzz: Live, lead):
    opened = buzz.open(lead, "campaigns")
    chosen = [records.read(opened, r["id"]) for r in buzz.api.dump("campaigns")[:3]]
    plan = plans.save(opened, [changed(opened, r, notes="mine") for r in chosen], door="test")
    buzz.api.change("campaigns", chosen[1]["id"], {"notes": "theirs"})
    run = plans.approve(opened, plan)
    execute(ledger.claim("test", run.pk))
    assert run.tally() == {Outcome.DONE: 2, Outcome.CONFLICT: 1}
    held = {r["id"]: r["notes"] for r in buzz.api.dump("campaigns")}
    assert held[chosen[1]["id"]] == "theirs"


def test_what_was_approved_is_sent_even_when_the_api_could_do_better_by_now(buzz: Live, lead):
    """The plan said one PATCH each; bulk calls that turned up since are for the next plan."""
    buzz.api.switches["bulk_resources"] = []
    opened = buzz.open(lead, "campaigns")
    chosen = [records.read(opened, r["id"]) for r in buzz.api.dump("campaigns")[:3]]
    plan = plans.save(opened, [changed(opened, r, notes="same") for r in chosen], door="test")
    buzz.api.switches["bulk_resources"] = ["campaigns"]
    run = plans.approve(catalog.ask_again(lead, buzz.connection, "campaigns"), plan)
    execute(ledger.claim("test", run.pk))
    assert run.tally() == {Outcome.DONE: 3}
    sent = sorted(p["path"].rpartition("/")[2] for p in buzz.seen("PATCH"))  # the lanes keep no order
    assert sent == sorted(str(r["id"]) for r in chosen)


def test_a_bulk_call_that_is_not_there_after_all_is_said_on_the_run(buzz: Live, lead):
    opened = buzz.open(lead, "campaigns")
    chosen = [records.read(opened, r["id"]) for r in buzz.api.dump("campaigns")[:3]]
    plan = plans.save(opened, [changed(opened, r, notes="same") for r in chosen], door="test")
    buzz.api.switches["bulk_resources"] = []
    run = plans.approve(opened, plan)
    execute(ledger.claim("test", run.pk))
    run.refresh_from_db()
    assert run.tally() == {Outcome.DONE: 3} and "no bulk call here after all" in run.message
