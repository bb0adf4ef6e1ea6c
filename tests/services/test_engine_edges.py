"""Edges of the engine: long waits, other runs on the same records, and in which form rows go again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from adminui.connections import live as connections
from adminui.planning.outcomes import Outcome, RowResult
from adminui.remote.executor import Answer
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.services import plans, records, steering, worker
from adminui.services.engine import checking, sending
from tests.conftest import Live
from tests.services.bench import applied, changed, dump, live_records, stored, writes
from tests.services.test_steering import campaigns, companies, fresh, while_it_runs

pytestmark = pytest.mark.django_db(transaction=True)
DONE, PENDING, SENDING, CANCELLED = Outcome.DONE, Outcome.PENDING, Outcome.SENDING, Outcome.CANCELLED
CONFLICT, UNCHANGED = Outcome.CONFLICT, Outcome.UNCHANGED


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "SECOND_LOOK", 0)


def ids_of(run: Run) -> list[int]:
    return [int(item.record_id) for item in run.items.all()]


def in_the_background(do: Callable[[], object]) -> threading.Thread:
    def work() -> None:
        try:
            do()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


# Long waits


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lanes wait for nothing, so that a pause is the engine's; and what was read is old soon."""
    monkeypatch.setattr(sending, "MAX_WAIT", 0.05)
    monkeypatch.setattr(checking, "FRESH", 0.3)


def held_off(live: Live, run: Run, meanwhile: Callable[[], None]) -> Run:
    """The first write is answered with a pause of a second, in which something happens."""
    live.running.faults.add(Fault("throttle", method="PUT" if run.plan.replace else "PATCH", retry_after=1))
    working = in_the_background(worker.work_once)
    while not run.exchanges.exists():
        time.sleep(0.01)
    while "Waiting until" not in fresh(run).doing:
        time.sleep(0.01)
    meanwhile()
    working.join()
    return fresh(run)


def test_what_was_checked_before_a_long_wait_is_read_again_before_it_is_sent(
    autotask: Live, lead: Any, impatient: None
):
    run = companies(autotask, lead, 10)
    victim = ids_of(run)[7]
    run = held_off(autotask, run, lambda: autotask.api.change("Companies", victim, {"city": "Theirs"}))
    assert run.tally() == {DONE: 9, CONFLICT: 1} and int(run.items.get(outcome=CONFLICT).record_id) == victim
    assert stored(autotask, "Companies", victim)["city"] == "Theirs" and victim not in applied(autotask)


def test_a_full_put_after_a_long_wait_takes_nothing_back_that_others_wrote_meanwhile(
    autotask: Live, lead: Any, impatient: None
):
    opened = autotask.open(lead, "Contacts")
    known = live_records(opened, sorted(dump(autotask, "Contacts"))[:4])
    rows = [changed(opened, record, title="Moved") for record in known.values()]
    run = plans.approve(opened, plans.save(opened, rows, door="test", replace=True))
    victim = ids_of(run)[3]
    run = held_off(autotask, run, lambda: autotask.api.change("Contacts", victim, {"lastName": "Theirs"}))
    assert run.tally() == {DONE: 4}
    now = stored(autotask, "Contacts", victim)
    assert (now["title"], now["lastName"]) == ("Moved", "Theirs")


def test_a_bulk_that_waited_long_goes_without_the_rows_that_moved_meanwhile(buzz: Live, lead: Any, impatient: None):
    run = campaigns(buzz, lead, 8)
    victim = ids_of(run)[2]
    run = held_off(buzz, run, lambda: buzz.api.change("campaigns", victim, {"notes": "Theirs"}))
    assert run.tally() == {DONE: 7, CONFLICT: 1} and stored(buzz, "campaigns", victim)["notes"] == "Theirs"
    assert set(applied(buzz).values()) == {1}


def test_a_read_back_that_has_to_wait_is_made_later_and_not_done_without(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "_patience", 0.1)
    run = companies(autotask, lead, 3)
    autotask.running.faults.add(Fault("throttle", path="query", after=1, retry_after=1))
    assert worker.work_once()
    assert fresh(run).tally() == {DONE: 3} and all(item.verified for item in run.items.all())


# Other runs on the same records


def test_a_run_gone_on_with_waits_for_a_later_one_that_is_sending_the_same_records(autotask: Live, lead: Any):
    first = companies(autotask, lead, 4, canary=1)
    assert worker.work_once() and fresh(first).pause == Run.Pause.CANARY
    second = companies(autotask, lead, 4)
    taken = ledger.claim("somebody", second.pk)
    assert taken is not None
    steering.go_on(lead, fresh(first))
    assert steering.waits_for(fresh(first)) == second and ledger.claim("me", first.pk) is None
    ledger.hand_over(taken)  # now the earlier one is first again, and no two wait for each other
    ledger._behind.clear()  # it would look again a little later
    claimed = ledger.claim("me")
    assert claimed is not None and claimed.pk == first.pk and ledger.claim("you") is None


def test_a_run_taken_just_when_an_earlier_one_was_gone_on_with_goes_back_to_the_queue(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    first = companies(autotask, lead, 4, canary=1)
    assert worker.work_once()
    second = companies(autotask, lead, 4)
    real, looks = ledger.ahead_of, []

    def gone_on_after_the_look(run: Run, *given: Any) -> Run | None:
        found = real(run, *given)
        if not looks:
            steering.go_on(lead, fresh(first))
        looks.append(found)
        return found

    monkeypatch.setattr(ledger, "ahead_of", gone_on_after_the_look)
    assert ledger.claim("me", second.pk) is None and looks[0] is None and looks[1] == first
    assert fresh(second).state == Run.State.QUEUED and fresh(second).started_at is None


def test_a_record_saved_while_a_large_run_has_it_ready_is_not_written_over(
    autotask: Live, lead: Any, editor: Any, monkeypatch: pytest.MonkeyPatch
):
    run = companies(autotask, lead, 50)
    victim = ids_of(run)[-1]

    def save() -> None:
        opened = autotask.open(editor, "Companies")
        seen = live_records(opened, [victim])[victim]
        saved = records.save(opened, seen, {"city": "Saved"}, token=uuid4())
        assert saved.run is not None and saved.run.tally() == {DONE: 1}

    run = while_it_runs(autotask, run, 4, save)
    assert stored(autotask, "Companies", victim)["city"] == "Saved"
    assert run.state == Run.State.FINISHED and run.tally() == {DONE: 49, CONFLICT: 1}
    assert int(run.items.get(outcome=CONFLICT).record_id) == victim


def test_a_save_whose_page_died_holds_a_large_run_up_only_as_long_as_its_lease(autotask: Live, lead: Any):
    big = companies(autotask, lead, 3)
    taken = ledger.claim("big", big.pk)
    assert taken is not None
    died = companies(autotask, lead, 1)
    assert ledger.claim("page", died.pk, yields_to=(SENDING,)) is not None
    Run.objects.filter(pk=died.pk).update(lease_until=timezone.now() + timedelta(seconds=0.6))
    began = time.monotonic()
    worker.carry_out(taken)
    assert 0.3 < time.monotonic() - began < 10
    assert fresh(big).tally() == {DONE: 3}


# What is told, and in which form it goes again


def test_a_full_put_that_was_not_written_goes_once_more_as_a_put(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    opened = autotask.open(lead, "Contacts")
    known = live_records(opened, sorted(dump(autotask, "Contacts"))[:1])
    rows = [changed(opened, record, title="Moved") for record in known.values()]
    run = plans.approve(opened, plans.save(opened, rows, door="test", replace=True))
    real, calls = sending.send_step, []

    def of_another(client: Any, resource: Any, step: Any, live: Any, **more: Any) -> Answer:
        calls.append(step.form)
        if len(calls) == 1:
            return Answer((RowResult(step.ids[0], Outcome.UNKNOWN, ("It says it wrote another record.",)),))
        return real(client, resource, step, live, **more)

    monkeypatch.setattr(sending, "send_step", of_another)
    assert worker.work_once() and fresh(run).tally() == {DONE: 1}
    assert [entry["method"] for entry in writes(autotask)] == ["PUT"]


def test_requests_that_the_api_did_not_look_at_are_not_counted_as_having_carried_a_row(
    autotask: Live, lead: Any, impatient: None
):
    run = held_off(autotask, companies(autotask, lead, 4), lambda: None)
    assert run.tally() == {DONE: 4} and {item.tries for item in run.items.all()} == {1}


def test_what_is_said_of_a_field_stands_with_the_rows_and_not_where_everybody_reads(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    def refuse(client: Any, resource: Any, step: Any, live: Any, **more: Any) -> Answer:
        return Answer(tuple(RowResult(i, Outcome.REJECTED, by_field={"city": ("No: Moved.",)}) for i in step.ids))

    monkeypatch.setattr(sending, "send_step", refuse)
    run = companies(autotask, lead, 8)
    assert worker.work_once()
    run = fresh(run)
    assert run.pause == Run.Pause.TROUBLE and "3 records in a row" in run.message and "No: Moved" not in run.message
    assert all(item.by_field == {"city": ["No: Moved."]} for item in run.items.filter(outcome=Outcome.REJECTED))


def test_a_run_that_was_to_pause_is_handed_over_while_the_api_may_still_be_at_a_row(
    autotask: Live, lead: Any, settings: Any
):
    settings.ADMINUI_DEADLINE = 3.0
    connections.forget()
    run = companies(autotask, lead, 1)
    Run.objects.filter(pk=run.pk).update(gate=0)
    autotask.running.faults.add(Fault("silent", method="PATCH", seconds=3.5))
    stopping = threading.Event()
    working = in_the_background(lambda: worker.work_once(stopping))
    while not run.exchanges.filter(purpose="verify").exists():
        time.sleep(0.02)
    steering.pause(lead, fresh(run))
    time.sleep(0.4)  # it is heeded
    stopping.set()
    working.join()
    left = fresh(run)
    assert (left.state, left.asked, left.owner) == (Run.State.RUNNING, Run.Ask.PAUSE, "")
    assert left.lease_until is not None and left.lease_until > timezone.now() and left.tally() == {SENDING: 1}
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert worker.work_once()
    assert (fresh(run).pause, fresh(run).tally()) == (Run.Pause.ASKED, {PENDING: 1})
