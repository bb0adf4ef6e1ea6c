"""What goes wrong on our own side, in a run of many requests: the clock is set, the disk is full, nobody may call."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step
from adminui.remote.executor import send_step
from adminui.runs import ledger, lines
from adminui.runs.models import Run
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.faults import Fault
from adminui.sandbox.server import serve_in_thread
from adminui.services import worker
from tests.conftest import SANDBOX_AUTOTASK, Live
from tests.services.bench import approved, changed, live_records, writes
from tests.services.truth import Truth, records, times_written

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 30
DONE, PENDING, CANCELLED = Outcome.DONE, Outcome.PENDING, Outcome.CANCELLED


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(ledger, "SECOND_LOOK", 0.2)


class Work:
    """A run over Autotask companies, and what it was before."""

    def __init__(self, live: Live, user: Any, rows: int = ROWS) -> None:
        opened = live.open(user, "Companies")
        self.live, self.before = live, records(live.running, "Companies")
        known = live_records(opened, sorted(self.before)[2 : 2 + rows])
        self.run = approved(opened, [changed(opened, r, city="Moved") for r in known.values()])
        live.running.log.clear()

    def told(self) -> dict[int, str]:
        return {int(item.record_id): item.outcome for item in self.run.items.all()}

    def lies(self) -> list[str]:
        wanted = {i: {"city": "Moved"} for i in self.told()}
        after, times = records(self.live.running, "Companies"), times_written(self.live.running, "Companies")
        return Truth(self.before, after, wanted, times).lies(self.told())

    def state(self) -> Run:
        return Run.objects.get(pk=self.run.pk)

    def at_the_write(self, number: int, then: Callable[[], None]) -> None:
        """Have something happen when the API has carried out so many writes."""
        handle, seen = self.live.api.handle, []

        def counted(request: Any) -> Any:
            answer = handle(request)
            if request.method == "PATCH":
                seen.append(request)
                if len(seen) == number:
                    then()
            return answer

        self.live.api.handle = counted

    def until_over(self, patience: float = 20.0) -> Run:
        deadline = time.monotonic() + patience
        while not self.state().over:
            assert time.monotonic() < deadline, (self.state().state, self.state().message, self.state().tally())
            if not worker.work_once():
                time.sleep(0.05)
        return self.state()


@pytest.fixture
def work(autotask: Live, lead: Any) -> Work:
    return Work(autotask, lead)


@pytest.fixture
def large(configure: Callable[[str], None]) -> Iterator[Live]:
    with serve_in_thread(AutotaskApi(records=220, seed=1)) as running:
        configure(SANDBOX_AUTOTASK.format(url=running.url))
        yield Live(running, "autotask-test")


@contextlib.contextmanager
def working_aside() -> Iterator[threading.Thread]:
    """A worker in a thread with a database connection of its own."""

    def once() -> None:
        try:
            worker.work_once()
        finally:
            connection.close()

    thread = threading.Thread(target=once)
    thread.start()
    yield thread
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_clock_that_is_set_in_the_middle_of_a_run_changes_nothing(
    work: Work, monkeypatch: pytest.MonkeyPatch, hours: int
):
    shift = [timedelta()]
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + shift[0])
    work.at_the_write(8, lambda: shift.__setitem__(0, timedelta(hours=hours)))
    assert work.until_over().state == Run.State.FINISHED
    assert set(work.told().values()) == {DONE} and work.lies() == []


def test_a_clock_that_is_set_forward_makes_no_second_worker_take_a_run_whose_owner_lives(
    work: Work, monkeypatch: pytest.MonkeyPatch
):
    """By the new clock the lease ran out at once, while the first worker's requests are on their way."""
    shift = [timedelta()]
    real: Callable[[], datetime] = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + shift[0])
    work.live.running.latency.seconds = 0.15
    work.at_the_write(6, lambda: shift.__setitem__(0, timedelta(hours=2)))
    with working_aside() as first:
        while not shift[0]:
            time.sleep(0.005)
        while first.is_alive():
            worker.work_once()
            time.sleep(0.01)
    assert work.until_over().state == Run.State.FINISHED
    assert set(work.told().values()) == {DONE} and work.lies() == []


class Disk:
    """The ledger's disk: `fill` lets this thread's connection write no further page, `empty` lets it again."""

    def __init__(self) -> None:
        self.filling = False

    def fill(self) -> None:
        self.filling = True

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.filling:
            self.filling = False
            raw = context["connection"].connection
            pages = raw.execute("pragma page_count").fetchone()[0]
            raw.execute(f"pragma max_page_count = {pages}")
        return execute(sql, params, many, context)

    def empty(self) -> None:
        self.filling = False
        with connection.cursor() as cursor:
            cursor.execute("pragma max_page_count = 1073741823")


@pytest.mark.skipif("postgres" in connection.vendor, reason="the size of a SQLite file is what is limited")
@pytest.mark.parametrize("number", [1, 10, 25])
def test_a_full_disk_of_the_ledger_stops_the_run_and_room_lets_it_go_on(large: Live, lead: Any, number: int):
    work = Work(large, lead, 200)
    with connection.cursor() as cursor:
        cursor.execute("vacuum")  # no free pages that could be taken instead
    disk = Disk()
    work.at_the_write(number, disk.fill)
    work.live.running.latency.seconds = 0.02
    with connection.execute_wrapper(disk), contextlib.suppress(OperationalError):
        worker.work_once()
    sent_while_full = len(writes(work.live))
    disk.empty()
    assert not work.state().over, "the disk was never full"
    time.sleep(0.3)
    assert len(writes(work.live)) == sent_while_full < 200
    assert work.until_over().state == Run.State.FINISHED
    assert set(work.told().values()) == {DONE} and work.lies() == []


@pytest.mark.parametrize(("ask", "ended", "left"), [("stop", "stopped", CANCELLED), ("pause", "paused", PENDING)])
def test_a_run_that_waits_for_its_api_can_be_paused_and_stopped_meanwhile(
    work: Work, ask: str, ended: str, left: Outcome
):
    work.live.running.faults.add(Fault("throttle", method="PATCH", times=None, after=3, retry_after=900))
    with working_aside():
        deadline = time.monotonic() + 10
        while "ait" not in work.state().doing:  # Waiting until …
            assert time.monotonic() < deadline, work.state().doing
            time.sleep(0.02)
        Run.objects.filter(pk=work.run.pk).update(asked=ask)
        asked = time.monotonic()
    assert time.monotonic() - asked < 10
    assert work.state().state == ended
    told = work.told()
    assert set(told.values()) == {DONE, left}
    assert set(times_written(work.live.running, "Companies")) == {i for i, outcome in told.items() if outcome == DONE}


def test_a_worker_told_to_end_while_the_api_is_silent_hands_over_and_nothing_is_sent_twice(work: Work, settings: Any):
    settings.ADMINUI_DEADLINE = 0.6
    work.live.running.faults.add(Fault("late", method="PATCH", after=5, times=3, seconds=0.8))
    stopping = threading.Event()
    work.at_the_write(5, stopping.set)
    worker.work_once(stopping)
    assert not work.state().over
    assert work.until_over().state == Run.State.FINISHED
    assert set(work.told().values()) == {DONE} and work.lies() == []


def test_an_api_that_went_down_with_the_worker_is_waited_for_before_anybody_is_asked(work: Work):
    """What the dead worker was sending has to be read before anything is sent."""
    dead = ledger.claim("dead", work.run.pk)
    assert dead is not None
    written, never_arrived = list(work.run.items.all())[:2]
    assert lines.sending(dead, [(1, [written.pk]), (2, [never_arrived.pk])])
    opened = work.live.open(work.run.user, "Companies")
    send_step(opened.client, opened.whole, Step(Form.PATCH, (written.row(),)), {})
    Run.objects.filter(pk=work.run.pk).update(lease_until=timezone.now() - timedelta(hours=1))
    work.live.running.listener.refuse(1.0)
    assert work.until_over().state == Run.State.FINISHED
    assert set(work.told().values()) == {DONE} and work.lies() == []


@pytest.mark.parametrize(("ask", "ended", "left"), [("stop", "stopped", CANCELLED), ("pause", "paused", PENDING)])
def test_a_worker_that_died_after_it_was_asked_to_stop_is_followed_by_one_that_reads_and_stops(
    work: Work, ask: str, ended: str, left: Outcome
):
    dead = ledger.claim("dead", work.run.pk)
    assert dead is not None
    written, never_arrived = list(work.run.items.all())[:2]
    assert lines.sending(dead, [(1, [written.pk]), (2, [never_arrived.pk])])
    opened = work.live.open(work.run.user, "Companies")
    send_step(opened.client, opened.whole, Step(Form.PATCH, (written.row(),)), {})
    Run.objects.filter(pk=work.run.pk).update(lease_until=timezone.now() - timedelta(hours=1), asked=ask)
    deadline = time.monotonic() + 10
    while work.state().state == Run.State.RUNNING:
        assert time.monotonic() < deadline
        worker.work_once()
        time.sleep(0.05)
    assert work.state().state == ended
    told = work.told()
    assert told.pop(int(written.record_id)) == DONE and set(told.values()) == {left}
    assert times_written(work.live.running, "Companies") == {int(written.record_id): 1}
