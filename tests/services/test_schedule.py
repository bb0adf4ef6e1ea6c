"""Runs at their time and undone at another: with the rights their person has then, once, or not at all and said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from adminui.connections import halting
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Plan, Run
from adminui.sandbox.faults import Fault
from adminui.services import plans, undoing, worker
from adminui.services.catalog import Opened
from tests.conftest import Live
from tests.services.bench import changed, dump, live_records, writes
from tests.services.undos import carried_out, deny, differing, ids_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return autotask.open(lead, "Companies")


def approved_for(
    live: Live, opened: Opened, *, due_at: datetime | None = None, revert_at: datetime | None = None
) -> Run:
    known = live_records(opened, ids_of(live, "Companies", 3))
    rows = [changed(opened, record, city="Ulm", phone="9") for record in known.values()]
    return plans.approve(opened, plans.save(opened, rows, door="test", canary=0), due_at=due_at, revert_at=revert_at)


def come(run: Run, **moment: str) -> Run:
    """The time has come."""
    Run.objects.filter(pk=run.pk).update(**dict.fromkeys(moment.values(), timezone.now() - timedelta(seconds=1)))
    return again(run)


def again(run: Run) -> Run:
    return Run.objects.select_related("plan", "user").get(pk=run.pk)


def reverted_at_once(live: Live, opened: Opened) -> Run:
    """A run that is over, whose undo is due."""
    run = carried_out(approved_for(live, opened, revert_at=timezone.now() + HOUR))
    live.running.log.clear()
    return come(run, at="revert_at")


def undos_of(run: Run) -> list[Run]:
    return list(Run.objects.filter(plan__undoes=run).select_related("plan", "user"))


def test_a_run_is_undone_by_itself_when_its_time_has_come_and_once(autotask: Live, opened: Opened):
    before = dump(autotask, "Companies")
    run = approved_for(autotask, opened, revert_at=timezone.now() + HOUR)
    assert not undoing.revert_once(), "it has not even run"
    run = carried_out(run)
    assert len(differing(before, dump(autotask, "Companies"))) == 3
    assert not undoing.revert_once(), "it is not time yet"
    come(run, at="revert_at")
    assert undoing.revert_once() and not undoing.revert_once()
    [undo] = undos_of(run)
    assert (undo.plan.door, undo.plan.note) == ("scheduled undo", f"Scheduled when run {run.pk} was approved")
    assert undo.user == run.user and undo.user_name == "lead"
    assert carried_out(undo).tally() == {Outcome.DONE: 3} and not differing(before, dump(autotask, "Companies"))
    run = again(run)
    assert run.message == f"Run {undo.pk} undoes it as scheduled." and run.revert_at is None and run.lease_until is None
    assert undoing.undoable(opened, run).why_not == f"Run {undo.pk} has undone it."


def test_a_run_that_was_due_to_be_undone_before_it_is_over_is_undone_after_it(autotask: Live, opened: Opened):
    run = come(approved_for(autotask, opened, revert_at=timezone.now()), at="revert_at")
    assert not undoing.revert_once()
    carried_out(run)
    assert undoing.revert_once() and len(undos_of(run)) == 1


def test_no_first_row_is_waited_for_at_night(autotask: Live, opened: Opened, monkeypatch: pytest.MonkeyPatch):
    run = reverted_at_once(autotask, opened)
    monkeypatch.setattr(plans.guards, "canary_for", lambda connection, rows: 1)
    assert undoing.revert_once()
    [undo] = undos_of(run)
    assert (undo.gate, undo.plan.canary) == (0, 0)
    assert carried_out(undo).state == Run.State.FINISHED


def test_rows_changed_since_are_held_and_the_run_says_so(autotask: Live, opened: Opened):
    run = reverted_at_once(autotask, opened)
    moved = ids_of(autotask, "Companies", 1)[0]
    autotask.api.change("Companies", moved, {"city": "Trier"})
    assert undoing.revert_once()
    [undo] = undos_of(run)
    assert [held["id"] for held in undo.plan.held] == [str(moved)] and undo.items.count() == 2
    assert again(run).message == f"Run {undo.pk} undoes it as scheduled; 1 record held back, see its plan."


def lose_the_role(user: User) -> None:
    user.groups.clear()


def lose_the_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def be_gone(user: User) -> None:
    User.objects.get(pk=user.pk).delete()


def lose_the_field(user: User) -> None:
    deny("lead", "city", "edit")


def stop_writing(user: User) -> None:
    halting.halt("autotask-test", "admin", "Audit")


REASONS: tuple[tuple[Callable[[User], None], str], ...] = (
    (lose_the_role, "no connection"),
    (lose_the_account, "lead has no account here any more"),
    (be_gone, "lead has no account here any more"),
    (lose_the_field, "You may not change City here"),
    (stop_writing, "admin stopped all writing"),
)


@pytest.mark.parametrize(("lose", "words"), REASONS, ids=[lose.__name__ for lose, _ in REASONS])
def test_what_bars_it_when_it_is_due_stops_it_and_is_said_on_the_run(
    autotask: Live, opened: Opened, lead: Any, lose: Callable[[User], None], words: str
):
    run = reverted_at_once(autotask, opened)
    lose(lead)
    assert undoing.revert_once() and not undoing.revert_once()
    run = again(run)
    assert run.message.startswith("It was not undone as scheduled, with the rights of lead: ") and words in run.message
    assert run.revert_at is None and not undos_of(run) and not writes(autotask)


def test_nothing_left_to_undo_is_said_on_the_run(autotask: Live, opened: Opened):
    run = reverted_at_once(autotask, opened)
    carried_out(plans.approve(opened, undoing.plan_undo(opened, run)))
    autotask.running.log.clear()
    assert undoing.revert_once() and not writes(autotask)
    assert "Nothing is left to undo" in again(run).message and len(undos_of(run)) == 1


def test_an_api_that_is_down_is_asked_again_later_and_not_at_once(autotask: Live, opened: Opened):
    run = reverted_at_once(autotask, opened)
    autotask.running.faults.add(Fault("html", path="/query", times=None))
    assert undoing.revert_once()
    asked = len(autotask.seen())
    assert not undoing.revert_once() and len(autotask.seen()) == asked, "it is not hammered"
    waiting = again(run)
    assert waiting.revert_at is not None and "tried every minute" in waiting.doing and waiting.message == run.message
    assert waiting.lease_until is not None and waiting.lease_until > timezone.now() + timedelta(seconds=30)
    autotask.running.faults.clear()
    come(run, at="lease_until")
    assert undoing.revert_once() and len(undos_of(run)) == 1 and again(run).doing == ""


def test_a_fault_of_ours_is_no_reason_to_forget_it(autotask: Live, opened: Opened, monkeypatch: pytest.MonkeyPatch):
    run = reverted_at_once(autotask, opened)

    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(undoing, "reread", broken)
        assert undoing.revert_once() and not undoing.revert_once()
    assert "our side" in again(run).doing
    come(run, at="lease_until")
    assert undoing.revert_once() and len(undos_of(run)) == 1


def meanwhile(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Something happens between looking and approving, once."""
    look, happened = undoing._look, []

    def looked(*arguments: Any) -> Any:
        found = look(*arguments)
        if not happened:
            happened.append(True)
            what()
        return found

    monkeypatch.setattr(undoing, "_look", looked)


def test_of_two_workers_that_find_it_due_one_undoes_it(autotask: Live, opened: Opened, monkeypatch: pytest.MonkeyPatch):
    run = reverted_at_once(autotask, opened)

    def somebody_else() -> None:
        assert not undoing.revert_once(), "while the first has the lease"
        come(run, at="lease_until")
        assert undoing.revert_once(), "the first one slept past its lease"

    meanwhile(monkeypatch, somebody_else)
    assert undoing.revert_once() and not undoing.revert_once()
    assert len(undos_of(run)) == 1 and Plan.objects.filter(undoes=run).count() == 1
    assert again(run).message.count("undoes it as scheduled") == 1


@pytest.mark.django_db(transaction=True)
def test_of_three_workers_at_the_same_moment_one_undoes_it(autotask: Live, opened: Opened):
    run = reverted_at_once(autotask, opened)
    start, found = threading.Barrier(3), []

    def work() -> None:
        try:
            start.wait()
            found.append(undoing.revert_once())
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert sorted(found) == [False, False, True]
    assert len(undos_of(run)) == 1 and not undoing.revert_once()


def test_an_undo_called_off_at_the_last_moment_is_not_made(
    autotask: Live, opened: Opened, monkeypatch: pytest.MonkeyPatch
):
    run = reverted_at_once(autotask, opened)
    meanwhile(monkeypatch, lambda: Run.objects.filter(pk=run.pk).update(revert_at=None))
    assert undoing.revert_once()
    assert not Plan.objects.filter(undoes=run).exists() and not undoing.revert_once()


def test_a_run_waits_for_its_time(autotask: Live, opened: Opened):
    run = approved_for(autotask, opened, due_at=timezone.now() + HOUR)
    assert run.scheduled and not worker.work_once() and not writes(autotask)
    come(run, at="due_at")
    assert worker.work_once() and again(run).tally() == {Outcome.DONE: 3}


@pytest.mark.parametrize("lose", [lose_the_role, lose_the_account, lose_the_field, stop_writing])
def test_a_right_lost_before_its_time_stops_a_run(autotask: Live, opened: Opened, lead: Any, lose: Any):
    run = approved_for(autotask, opened, due_at=timezone.now() + HOUR)
    lose(lead)
    come(run, at="due_at")
    assert worker.work_once() and not writes(autotask)
    run = again(run)
    assert run.state == Run.State.STOPPED and run.message and run.tally() == {Outcome.NOT_SENT: 3}
