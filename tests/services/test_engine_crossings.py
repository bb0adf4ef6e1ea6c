"""Clicks that cross, owners that die in between, first rows and last looks: the run ends, and tells what was."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from adminui.connections import halting
from adminui.connections import live as connections
from adminui.connections.models import KnownResource
from adminui.management.commands import worker as command
from adminui.planning.outcomes import Outcome, RowResult
from adminui.remote.executor import Answer
from adminui.runs import ledger
from adminui.runs.models import Item, Run
from adminui.sandbox.faults import Fault
from adminui.services import leases, steering, worker
from adminui.services.engine import proving, sending
from adminui.services.errors import Stale
from tests.conftest import Live
from tests.services.bench import applied, writes
from tests.services.test_engine_edges import at_once as at_once
from tests.services.test_engine_edges import ids_of, in_the_background
from tests.services.test_steering import at_the_second_look, campaigns, companies, fresh

pytestmark = pytest.mark.django_db(transaction=True)
DONE, PENDING, SENDING, CANCELLED = Outcome.DONE, Outcome.PENDING, Outcome.SENDING, Outcome.CANCELLED
CONFLICT, UNCHANGED = Outcome.CONFLICT, Outcome.UNCHANGED


# Clicks that cross, and owners that die


def test_a_cancel_whose_process_dies_in_the_middle_is_ended_by_a_worker(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    run = companies(autotask, lead, 3)
    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(ledger, "stop", lambda *given: (_ for _ in ()).throw(SystemExit))
        steering.cancel(lead, run)
    assert fresh(run).lease_until is not None and not worker.work_once()  # without one nobody would ever take it
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert worker.work_once()
    assert (fresh(run).state, fresh(run).tally()) == (Run.State.STOPPED, {CANCELLED: 3}) and not writes(autotask)


def test_a_cancel_that_comes_while_the_run_turns_to_waiting_is_heeded(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    mine = ledger.claim("me", run.pk)
    assert mine is not None
    steering.cancel(lead, fresh(run))
    ledger.pause(mine, Run.Pause.CANARY, "The first record was sent.")
    assert (fresh(run).state, fresh(run).tally()) == (Run.State.STOPPED, {CANCELLED: 3})


def test_going_on_before_a_pause_was_heeded_is_not_forgotten(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    mine = ledger.claim("me", run.pk)
    assert mine is not None
    steering.pause(lead, fresh(run))
    steering.go_on(lead, fresh(run))
    ledger.pause(mine, Run.Pause.ASKED, "Paused by request.")
    assert worker.work_once() and fresh(run).tally() == {DONE: 3}


def test_a_pause_does_not_take_a_cancel_back(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    assert ledger.claim("me", run.pk) is not None
    steering.cancel(lead, fresh(run))
    with pytest.raises(Stale, match="cannot be paused"):
        steering.pause(lead, fresh(run))
    assert fresh(run).asked == Run.Ask.STOP


def test_who_cancels_and_who_goes_on_at_once_leave_no_run_between_the_two(autotask: Live, lead: Any):
    runs = [companies(autotask, lead, 1, start=n, canary=0) for n in range(6)]
    for run in runs:
        steering.pause(lead, run)
    for run in runs:
        both = threading.Barrier(2)

        def click(do: Callable[..., None], run: Run = run, both: threading.Barrier = both) -> None:
            mine = fresh(run)
            both.wait()
            try:
                do(lead, mine)
            except Stale:
                return

        clicks = [in_the_background(lambda do=do: click(do)) for do in (steering.cancel, steering.go_on)]  # type: ignore[misc]
        for thread in clicks:
            thread.join()
        assert (fresh(run).state, fresh(run).tally()) == (Run.State.STOPPED, {CANCELLED: 1})
    assert not worker.work_once() and not writes(autotask)


def test_a_cancelled_run_with_rows_in_doubt_is_settled_though_others_are_before_it(autotask: Live, lead: Any):
    before = companies(autotask, lead, 4)
    run = companies(autotask, lead, 4)
    Run.objects.filter(pk=run.pk).update(state=Run.State.PAUSED)
    Item.objects.filter(pk=run.items.all()[0].pk).update(outcome=SENDING, step=1, tries=1)
    assert ledger.claim("somebody", before.pk) is not None
    steering.cancel(lead, fresh(run))
    assert fresh(run).state == Run.State.QUEUED and worker.work_once()
    assert (fresh(run).state, fresh(run).tally()) == (Run.State.STOPPED, {CANCELLED: 4}) and not writes(autotask)


def test_a_cancel_is_heeded_while_a_new_owner_waits_to_read_what_was_being_sent(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "_patience", 0.1)
    run = companies(autotask, lead, 3)
    Item.objects.filter(pk=run.items.all()[0].pk).update(outcome=SENDING, step=1, tries=1)
    autotask.running.faults.add(Fault("throttle", path="query", times=None, retry_after=30))
    working = in_the_background(worker.work_once)
    while "when the worker stopped" not in fresh(run).doing:
        time.sleep(0.02)
    steering.cancel(lead, fresh(run))
    working.join(5)
    assert not working.is_alive()
    assert (fresh(run).state, fresh(run).tally()) == (Run.State.STOPPED, {Outcome.UNKNOWN: 1, CANCELLED: 2})


def test_a_paused_run_of_a_connection_that_is_switched_off_stays_paused(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    steering.pause(lead, run)
    halting.halt(autotask.connection, "kim")
    with pytest.raises(Stale, match="stopped all writing"):
        steering.go_on(lead, fresh(run))
    assert fresh(run).state == Run.State.PAUSED and fresh(run).tally() == {PENDING: 3}


def test_a_database_that_is_away_for_a_moment_costs_no_lease(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leases, "RENEWED_EVERY", 0.2)
    asked: list[int] = []

    def renew() -> bool:
        asked.append(1)
        if len(asked) < 3:
            raise OperationalError("database is locked")
        return True

    with leases.held(renew, threading.Event()) as lost:
        while len(asked) < 4:
            time.sleep(0.05)
        assert not lost.is_set()


def test_an_api_that_is_away_when_a_worker_takes_over_leaves_rows_in_doubt_to_be_read_later(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    Item.objects.filter(pk=run.items.all()[0].pk).update(outcome=SENDING, step=1, tries=1)
    KnownResource.objects.all().delete()
    connections.forget()
    autotask.running.faults.add(Fault("server_error", times=None))
    assert worker.work_once()
    assert (fresh(run).state, fresh(run).pause) == (Run.State.PAUSED, Run.Pause.TROUBLE)
    assert fresh(run).tally() == {PENDING: 2, SENDING: 1}
    autotask.running.faults.clear()
    connections.forget()  # a sign-in that failed is remembered for a while
    steering.go_on(lead, fresh(run))
    assert worker.work_once() and fresh(run).tally() == {DONE: 3} and set(applied(autotask).values()) == {1}


def test_nothing_goes_to_a_connection_that_has_become_production_since(autotask: Live, lead: Any, configure: Any):
    run = companies(autotask, lead, 3)
    path = connections.settings.ADMINUI_CONNECTIONS
    path.write_text(path.read_text().replace('"sandbox"', '"production"'))
    connections.forget()
    assert worker.work_once()
    assert fresh(run).state == Run.State.STOPPED and "production now" in fresh(run).message
    assert not writes(autotask)


def test_a_worker_that_runs_once_takes_a_silent_run_over(autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ledger, "SECOND_LOOK", 0.2)
    run = companies(autotask, lead, 3)
    assert ledger.claim("dead", run.pk) is not None
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert command._work((worker.work_once, 0.01), threading.Event(), once=True)
    assert fresh(run).tally() == {DONE: 3}


# The first rows, and the last look


def test_a_canary_that_was_not_sent_is_not_told_to_have_been(autotask: Live, lead: Any):
    run = companies(autotask, lead, 6, canary=1)
    first = ids_of(run)[0]
    autotask.api.change("Companies", first, {"city": "Theirs"})
    assert worker.work_once()
    run = fresh(run)
    assert run.pause == Run.Pause.CANARY and run.tally() == {PENDING: 5, CONFLICT: 1} and not writes(autotask)
    assert "was sent" not in run.message and "could not be sent" in run.message


def test_there_is_no_gate_where_nothing_is_left_behind_it(autotask: Live, lead: Any):
    run = companies(autotask, lead, 1)
    Run.objects.filter(pk=run.pk).update(gate=1)
    assert worker.work_once() and fresh(run).state == Run.State.FINISHED


def test_a_worker_that_dies_right_at_the_gate_is_followed_by_one_that_waits_there(
    buzz: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    run = campaigns(buzz, lead, 10, canary=2)

    def die(*given: Any, **more: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(ledger, "pause", die)
        worker.work_once()
    assert fresh(run).state == Run.State.RUNNING and fresh(run).tally() == {PENDING: 8, DONE: 2}
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert worker.work_once()
    assert fresh(run).pause == Run.Pause.CANARY and len(writes(buzz)) == 1


def test_a_second_look_goes_through_many_rows_in_portions(
    autotask: Live, lead: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.ADMINUI_SECOND_LOOK = 0.01
    monkeypatch.setattr(proving, "LOOKED_AT", 2)
    run = companies(autotask, lead, 5)
    victims = ids_of(run)[1], ids_of(run)[4]

    def flip() -> None:
        for victim in victims:
            autotask.api.change("Companies", victim, {"city": "By a rule"})

    at_the_second_look(monkeypatch, flip)
    worker.work_once()
    assert fresh(run).tally() == {DONE: 3, Outcome.NOT_STORED: 2}
    looks = run.exchanges.filter(purpose="second look").count()
    assert looks == 3


# Refused batches


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """An API that refuses four together, and of fewer writes all but the first: no rule says that it cannot."""
    asked: list[int] = []

    def send_step(client: Any, resource: Any, step: Any, live: Any, **more: Any) -> Answer:
        asked.append(len(step.rows))
        if len(step.rows) == 4:
            return Answer(tuple(RowResult(i, Outcome.REJECTED, ("No.",), suspect=True) for i in step.ids))
        first, *others = step.rows
        bad = RowResult(first.record_id, Outcome.REJECTED, ("No.",))
        good = [RowResult(r.record_id, DONE, stored={**live[r.record_id], **r.values}) for r in others]
        return Answer((bad, *good) if len(asked) == 2 else (good_of(first, live), *good))

    monkeypatch.setattr(sending, "send_step", send_step)
    yield asked


def good_of(row: Any, live: Any) -> RowResult:
    return RowResult(row.record_id, DONE, stored={**live[row.record_id], **row.values})


def test_the_rest_of_a_batch_is_blamed_for_nothing_when_the_culprit_was_in_the_half_that_was_sent(
    buzz: Live, lead: Any, answers: list[int]
):
    run = campaigns(buzz, lead, 4)
    assert worker.work_once()
    assert answers == [4, 2, 2] and fresh(run).tally() == {DONE: 3, Outcome.REJECTED: 1}
