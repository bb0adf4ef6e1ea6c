"""Faults in runs of many requests: the others are not held up, and a person is asked when nothing goes right."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from adminui.planning.outcomes import Outcome
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from tests.conftest import Live
from tests.services.bench import applied, approved, carry_out, changed, live_records, writes
from tests.services.truth import Truth, records, times_written

pytestmark = pytest.mark.django_db

DONE, NOT_SENT = Outcome.DONE, Outcome.NOT_SENT


def companies(live: Live, user: Any, number: int, first: int = 2) -> tuple[Run, dict[int, dict[str, Any]]]:
    opened = live.open(user, "Companies")
    before = records(live.running, "Companies")
    known = live_records(opened, sorted(before)[first : first + number])
    run = approved(opened, [changed(opened, r, city="Moved") for r in known.values()])
    live.running.log.clear()
    return run, before


def told_of(run: Run) -> dict[int, str]:
    return {int(item.record_id): item.outcome for item in run.items.all()}


def truth_of(live: Live, run: Run, before: dict[int, dict[str, Any]]) -> Truth:
    wanted = {i: {"city": "Moved"} for i in told_of(run)}
    return Truth(before, records(live.running, "Companies"), wanted, times_written(live.running, "Companies"))


def test_a_fault_on_one_row_of_many_leaves_the_others_to_their_own_fate(autotask: Live, lead: Any):
    run, before = companies(autotask, lead, 10)
    autotask.running.faults.add(Fault("drop_before", method="PATCH", after=2, times=1))
    autotask.running.faults.add(Fault("drop_after_write", method="PATCH", after=4, times=1))
    done = carry_out(run)
    assert Counter(told_of(done).values()) == {DONE: 10}
    assert truth_of(autotask, done, before).lies(told_of(done)) == []
    assert len(writes(autotask)) == 11


MIX = ("drop_before", "drop_after_write", "reset", "cut_headers", "cut_body", "truncated_json", "server_error")
MIX += ("server_error_after_write", "html", "wrong_record", "foreign", "short", "expired_login")


@pytest.mark.parametrize("seed", range(4))
def test_a_third_of_all_requests_going_wrong_leaves_every_row_told_truly(autotask: Live, lead: Any, seed: int):
    run, before = companies(autotask, lead, 50)
    for n, kind in enumerate(MIX):
        autotask.running.faults.add(Fault(kind, method="PATCH", times=None, rate=0.03, seed=seed * 100 + n))
    done = carry_out(run)
    assert truth_of(autotask, done, before).lies(told_of(done)) == []
    assert done.state == Run.State.FINISHED and Counter(told_of(done).values())[DONE] >= 45


def test_when_nothing_can_be_sent_the_run_waits_for_a_person_instead_of_failing_row_after_row(
    autotask: Live, lead: Any
):
    run, _ = companies(autotask, lead, 12)
    autotask.running.faults.add(Fault("refuse", method="POST", path="/query$", seconds=60))
    done = carry_out(run)
    assert (done.state, done.pause) == (Run.State.PAUSED, Run.Pause.TROUBLE)
    assert "refuses connections" in done.message
    assert done.tally() == {Outcome.PENDING: 12} and not writes(autotask)


@pytest.mark.parametrize("kind", ["server_error", "html", "drop_before", "reset"])
def test_three_rows_that_fail_alike_and_none_that_succeeds_make_the_run_ask(autotask: Live, lead: Any, kind: str):
    run, before = companies(autotask, lead, 40)
    autotask.running.faults.add(Fault(kind, method="PATCH", times=None))
    done = carry_out(run)
    assert (done.state, done.pause) == (Run.State.PAUSED, Run.Pause.TROUBLE) and done.message
    tally = done.tally()
    assert tally[Outcome.PENDING] >= 25 and set(tally) <= {Outcome.PENDING, NOT_SENT}
    assert not applied(autotask)
    told = {i: outcome for i, outcome in told_of(done).items() if outcome != Outcome.PENDING}
    assert all(before[i] == record for i, record in records(autotask.running, "Companies").items()) and told


def test_a_login_that_is_refused_twice_in_a_row_just_once_is_no_reason_to_ask_anybody(autotask: Live, lead: Any):
    run, before = companies(autotask, lead, 12)
    autotask.running.faults.add(Fault("expired_login", method="PATCH", after=3, times=2))
    done = carry_out(run)
    assert (done.state, done.tally()) == (Run.State.FINISHED, {DONE: 12})
    assert truth_of(autotask, done, before).lies(told_of(done)) == []


def test_a_storm_of_429s_without_a_word_when_is_waited_out(autotask: Live, lead: Any, monkeypatch: Any):
    run, before = companies(autotask, lead, 12)
    autotask.running.faults.add(Fault("throttle", method="PATCH", times=6))
    done = carry_out(run)
    assert done.tally() == {DONE: 12}
    assert truth_of(autotask, done, before).lies(told_of(done)) == []


def test_a_run_uses_two_of_the_three_threads_the_api_has_for_us(autotask: Live, lead: Any):
    run, _ = companies(autotask, lead, 30)
    autotask.running.latency.seconds = 0.02
    done = carry_out(run)
    assert done.tally() == {DONE: 30}
    assert autotask.running.log.calls()["at_once"]["Companies"] == 2
