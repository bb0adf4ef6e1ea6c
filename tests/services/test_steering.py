"""Steering a run: canary, pause, go on, cancel, trouble, time, other runs; each seen in the sandbox's own log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from adminui.connections import halting
from adminui.planning.outcomes import Outcome
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.services import plans, records, steering, worker
from adminui.services.engine import proving
from adminui.services.errors import NotAllowed, Stale
from tests.conftest import Live
from tests.services.bench import applied, changed, dump, live_records, writes

pytestmark = pytest.mark.django_db(transaction=True)
DONE, PENDING, CANCELLED = Outcome.DONE, Outcome.PENDING, Outcome.CANCELLED


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "SECOND_LOOK", 0)


def companies(live: Live, user: Any, number: int, *, start: int = 2, canary: int = 0, **due: Any) -> Run:
    opened = live.open(user, "Companies")
    known = live_records(opened, sorted(dump(live, "Companies"))[start : start + number])
    rows = [changed(opened, record, city="Moved") for record in known.values()]
    return plans.approve(opened, plans.save(opened, rows, door="test", canary=canary), **due)


def campaigns(
    live: Live, user: Any, number: int, canary: int = 0, value: Callable[[int], str] = "Note {}".format
) -> Run:
    opened = live.open(user, "campaigns")
    known = live_records(opened, sorted(dump(live, "campaigns"))[:number])
    rows = [changed(opened, record, notes=value(n)) for n, record in enumerate(known.values())]
    return plans.approve(opened, plans.save(opened, rows, door="test", canary=canary))


def fresh(run: Run) -> Run:
    return Run.objects.select_related("plan", "user").get(pk=run.pk)


def while_it_runs(live: Live, run: Run, sent: int, do: Callable[[], None]) -> Run:
    """Does something once so many writes have been seen, and waits for the worker to leave the run."""

    def work() -> None:
        try:
            worker.work_once()
        finally:
            connection.close()

    live.running.faults.add(Fault("slow", method="PATCH", times=None, seconds=0.02))
    working = threading.Thread(target=work)
    working.start()
    while len(writes(live)) < sent:
        threading.Event().wait(0.005)
    do()
    working.join()
    return fresh(run)


def at_the_second_look(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Does something when all is proved and the second look is due."""
    look = proving.Proving.look_again

    def looked(self: proving.Proving) -> None:
        do()
        look(self)

    monkeypatch.setattr(proving.Proving, "look_again", looked)


def test_the_canary_is_written_verified_and_then_the_run_waits_for_a_person(autotask: Live, lead: Any):
    run = companies(autotask, lead, 12, canary=1)
    assert worker.work_once()
    run = fresh(run)
    assert (run.state, run.pause, run.tally()) == (Run.State.PAUSED, Run.Pause.CANARY, {PENDING: 11, DONE: 1})
    assert "first record" in run.message and len(writes(autotask)) == 1
    assert run.items.get(outcome=DONE).verified and not worker.work_once()
    steering.go_on(lead, run)
    assert worker.work_once()
    assert fresh(run).state == Run.State.FINISHED and fresh(run).tally() == {DONE: 12}
    assert set(applied(autotask).values()) == {1}


def test_the_canary_of_a_bulk_plan_goes_in_a_request_of_its_own(buzz: Live, lead: Any):
    run = campaigns(buzz, lead, 20, canary=2)
    assert worker.work_once()
    assert [len(entry["body"]) for entry in writes(buzz)] == [2]
    steering.go_on(lead, fresh(run))
    assert worker.work_once()
    assert [len(entry["body"]) for entry in writes(buzz)] == [2, 18] and fresh(run).tally() == {DONE: 20}


def test_a_canary_that_fails_leaves_the_others_alone(buzz: Live, lead: Any):
    run = campaigns(buzz, lead, 20, canary=1)
    buzz.running.faults.add(Fault("server_error", method="PATCH", times=None))
    assert worker.work_once()
    assert fresh(run).pause == Run.Pause.CANARY and fresh(run).tally() == {PENDING: 19, Outcome.NOT_SENT: 1}
    steering.cancel(lead, fresh(run))
    ended = fresh(run)
    assert (ended.state, ended.tally()) == (Run.State.STOPPED, {Outcome.NOT_SENT: 1, CANCELLED: 19})


def test_pausing_settles_what_is_on_its_way_and_going_on_sends_the_rest_once(autotask: Live, lead: Any):
    run = companies(autotask, lead, 40)
    run = while_it_runs(autotask, run, 4, lambda: steering.pause(lead, fresh(run)))
    tally = run.tally()
    assert (run.state, run.pause) == (Run.State.PAUSED, Run.Pause.ASKED) and set(tally) == {PENDING, DONE}
    assert tally[DONE] == len(applied(autotask)) < 40
    autotask.running.faults.clear()
    steering.go_on(lead, run)
    assert worker.work_once()
    assert fresh(run).tally() == {DONE: 40} and set(applied(autotask).values()) == {1}


def test_a_run_that_waits_for_a_worker_can_be_paused_and_cancelled_at_once(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    steering.pause(lead, run)
    assert fresh(run).state == Run.State.PAUSED and not worker.work_once()
    with pytest.raises(Stale, match="paused already"):
        steering.pause(lead, fresh(run))
    steering.cancel(lead, fresh(run))
    assert fresh(run).tally() == {CANCELLED: 3} and not writes(autotask)
    with pytest.raises(Stale, match="over already"):
        steering.go_on(lead, fresh(run))


def test_a_viewer_steers_nothing_and_an_editor_does_not_send_many(autotask: Live, lead: Any, viewer: Any, editor: Any):
    run = companies(autotask, lead, 3, canary=1)
    assert worker.work_once()
    for act in (steering.pause, steering.go_on, steering.cancel):
        with pytest.raises(NotAllowed):
            act(viewer, fresh(run))
    with pytest.raises(NotAllowed):
        steering.go_on(editor, fresh(run))
    assert fresh(run).state == Run.State.PAUSED and len(writes(autotask)) == 1


def test_the_same_refusal_three_times_in_a_row_asks_and_going_on_does_not_ask_for_it_again(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    known = live_records(opened, sorted(dump(autotask, "Companies"))[2:22])
    bad = 987654321  # a resource that does not exist: refused by the API only
    rows = [
        changed(opened, record, **({"ownerResourceID": bad} if n < 6 else {"city": "Moved"}))
        for n, record in enumerate(known.values())
    ]
    run = plans.approve(opened, plans.save(opened, rows, door="test"))
    assert worker.work_once()
    run = fresh(run)
    assert (run.state, run.pause) == (Run.State.PAUSED, Run.Pause.TROUBLE) and "3 records in a row" in run.message
    assert 3 <= run.tally()[Outcome.REJECTED] <= 6 and run.tally()[PENDING] >= 10 and len(writes(autotask)) <= 8
    steering.go_on(lead, run)
    assert worker.work_once()
    assert fresh(run).state == Run.State.FINISHED and fresh(run).tally() == {DONE: 14, Outcome.REJECTED: 6}


def test_an_api_that_cannot_be_reached_pauses_the_run_with_every_row_still_pending(
    buzz: Live, lead: Any, monkeypatch: Any
):
    monkeypatch.setattr("adminui.services.engine.desk.PAUSES", (0.01, 0.01))
    run = campaigns(buzz, lead, 10)
    buzz.running.listener.stop()
    assert worker.work_once()
    run = fresh(run)
    assert (run.state, run.pause, run.tally()) == (Run.State.PAUSED, Run.Pause.TROUBLE, {PENDING: 10})
    assert "could not be read" in run.message


def test_a_throttled_run_waits_and_says_so_and_loses_nothing(autotask: Live, lead: Any):
    run = companies(autotask, lead, 10)
    autotask.running.faults.add(Fault("throttle", method="PATCH", after=3, times=30, retry_after=0))
    assert worker.work_once()
    assert fresh(run).tally() == {DONE: 10} and set(applied(autotask).values()) == {1}


def test_a_scheduled_run_waits_for_its_time_and_checks_rights_then(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3, due_at=timezone.now() + timedelta(hours=1))
    assert fresh(run).scheduled and not worker.work_once()
    lead.groups.clear()
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    assert worker.work_once()
    assert fresh(run).state == Run.State.STOPPED and fresh(run).tally() == {Outcome.NOT_SENT: 3}
    assert not writes(autotask)


def test_a_run_with_the_same_records_waits_for_the_earlier_one_and_another_does_not(autotask: Live, lead: Any):
    first = companies(autotask, lead, 5)
    same = companies(autotask, lead, 3, start=4)
    other = companies(autotask, lead, 3, start=20)
    taken = ledger.claim("somebody", first.pk)
    assert taken is not None
    assert steering.waits_for(same) == first and steering.waits_for(other) is None
    claimed = ledger.claim("me")
    assert claimed is not None and claimed.pk == other.pk and ledger.claim("me too") is None


def test_saving_one_record_does_not_wait_for_a_large_run_that_has_it_pending(autotask: Live, lead: Any):
    big = companies(autotask, lead, 5)
    taken = ledger.claim("somebody", big.pk)
    assert taken is not None
    opened = autotask.open(lead, "Companies")
    record = live_records(opened, [int(big.items.all()[3].record_id)])
    saved = records.save(opened, *record.values(), {"phone": "555 0100"}, token=uuid4())
    assert saved.run is not None and saved.run.over and saved.run.tally() == {DONE: 1}


def test_a_right_lost_in_the_middle_stops_the_rest(autotask: Live, lead: Any):
    run = companies(autotask, lead, 60)
    run = while_it_runs(autotask, run, 5, lead.groups.clear)
    assert run.state == Run.State.STOPPED and "before the rest was sent" in run.message
    assert set(run.tally()) == {DONE, Outcome.NOT_SENT} and run.tally()[DONE] == len(applied(autotask))


def test_a_connection_switched_off_stops_its_runs_and_says_who_did_it(autotask: Live, lead: Any):
    run = companies(autotask, lead, 60)
    run = while_it_runs(autotask, run, 5, lambda: halting.halt(autotask.connection, "kim", "Migration tonight."))
    assert run.state == Run.State.STOPPED and "kim" in run.message and "Migration tonight." in run.message
    assert set(run.tally()) == {DONE, Outcome.NOT_SENT}


def test_a_plan_changed_in_the_middle_stops_the_rest(autotask: Live, lead: Any):
    run = companies(autotask, lead, 60)

    def tamper() -> None:
        run.plan.digest = "0" * 64
        run.plan.save(update_fields=["digest"])

    run = while_it_runs(autotask, run, 5, tamper)
    assert run.state == Run.State.STOPPED and "not what was approved" in run.message


def test_a_rule_of_the_api_that_takes_a_change_back_is_seen_at_the_second_look(
    autotask: Live, lead: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.ADMINUI_SECOND_LOOK = 0.01
    run = companies(autotask, lead, 4)
    victim = int(run.items.all()[1].record_id)
    was = dump(autotask, "Companies")[victim]["city"]
    assert autotask.open(lead, "Companies").can.flips
    at_the_second_look(monkeypatch, lambda: autotask.api.change("Companies", victim, {"city": was}))
    worker.work_once()
    assert fresh(run).tally() == {DONE: 3, Outcome.NOT_STORED: 1}
    item = run.items.get(outcome=Outcome.NOT_STORED)
    assert int(item.record_id) == victim and "within seconds" in item.messages[0] and "city" in item.by_field
