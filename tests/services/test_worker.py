"""The worker as a process of its own: killed, told to stop, or alone with a queue, every row is written once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from adminui.planning.outcomes import Outcome
from adminui.runs import ledger, lines
from adminui.runs.models import Run
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.faults import Fault
from adminui.sandbox.server import Running, serve_in_thread
from adminui.services import worker
from adminui.services.execution import execute
from tests.conftest import SANDBOX_AUTOTASK, Live
from tests.services.bench import applied, approved, changed, dump, live_records, writes

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0


@dataclass
class Site:
    """A product of its own on disk, with the Autotask sandbox it works on."""

    running: Running
    folder: Path
    processes: list[subprocess.Popen[str]]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ADMINUI_"))}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "adminui.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": "",
            "ADMINUI_VAR": str(self.folder),
            "ADMINUI_CONNECTIONS": str(self.folder / "connections.toml"),
            "ADMINUI_LEASE": "1.5",
            "TEST_AUTOTASK_USERNAME": "api@example.com",
            "TEST_AUTOTASK_SECRET": "sandbox",
            "TEST_AUTOTASK_CODE": "SANDBOX",
        }

    def prepare(self, rows: int) -> None:
        text = SANDBOX_AUTOTASK.format(url=self.running.url)
        (self.folder / "connections.toml").write_text(text)
        program = [sys.executable, str(Path(__file__).with_name("prepare_run.py")), str(rows)]
        subprocess.run(program, env=self.environment, check=True, timeout=PATIENCE, capture_output=True)
        self.running.log.clear()
        self.running.faults.add(Fault("slow", method="PATCH", times=None, seconds=0.02))

    def work(self, *options: str) -> subprocess.Popen[str]:
        program = [sys.executable, str(ROOT / "manage.py"), "worker", *options]
        process = subprocess.Popen(
            program, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        return process

    def until(self, met: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not met():
            assert time.monotonic() < deadline, "it did not come to that in time"
            time.sleep(0.01)

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "adminui.sqlite3", timeout=10) as database:
            rows = database.execute(sql).fetchall()
        database.close()
        return rows

    @property
    def state(self) -> str:
        return str(self.asked("select state from runs_run")[0][0])

    def outcomes(self) -> dict[str, int]:
        return dict(self.asked("select outcome, count(*) from runs_item group by outcome"))

    def written(self) -> Counter[int]:
        return applied(Live(self.running, ""))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serve_in_thread(AutotaskApi(records=320, seed=3)) as running:
        made = Site(running, tmp_path, [])
        yield made
        for process in made.processes:
            process.kill()
            process.communicate()


def test_a_worker_killed_in_the_middle_is_followed_by_one_that_writes_no_row_twice(site: Site):
    site.prepare(300)
    first = site.work()
    site.until(lambda: len(site.written()) >= 90)
    first.send_signal(signal.SIGKILL)
    first.wait(PATIENCE)
    at_the_kill = len(site.written())
    assert at_the_kill < 300 and site.state == "running"
    second = site.work()
    site.until(lambda: site.state == "finished")
    second.send_signal(signal.SIGTERM)
    assert second.wait(PATIENCE) == 0
    assert set(site.written().values()) == {1} and len(site.written()) == 300
    assert site.outcomes() == {"done": 300}
    assert Counter(r["city"] == "Moved" for r in site.running.api.dump("Companies"))[True] >= 300


def test_a_worker_told_to_stop_finishes_what_is_on_its_way_and_hands_over_at_once(site: Site):
    site.prepare(120)
    first = site.work()
    site.until(lambda: len(site.written()) >= 30)
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE) == 0
    assert site.state == "queued" and "sending" not in site.outcomes()
    handed_over = site.outcomes()
    assert handed_over["done"] == len(site.written()) and handed_over["pending"] == 120 - len(site.written())
    second = site.work("--once")
    assert second.wait(PATIENCE) == 0
    assert site.state == "finished" and site.outcomes() == {"done": 120}
    assert set(site.written().values()) == {1}


def test_two_workers_side_by_side_carry_a_run_out_once(site: Site):
    site.prepare(60)
    both = [site.work("--once"), site.work("--once")]
    assert [process.wait(PATIENCE) for process in both] == [0, 0]
    site.until(lambda: site.state == "finished")
    assert site.outcomes() == {"done": 60} and set(site.written().values()) == {1}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that seems to have run out is believed at the first look."""
    monkeypatch.setattr(ledger, "SECOND_LOOK", 0)


def companies(live: Live, user: Any, number: int) -> Run:
    opened = live.open(user, "Companies")
    known = live_records(opened, sorted(dump(live, "Companies"))[2 : 2 + number])
    return approved(opened, [changed(opened, r, city="Moved") for r in known.values()])


def steal(run: Run) -> Run:
    """What happens when an owner sleeps past its lease: somebody else has the run."""
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    taken = ledger.claim("somebody else", run.pk)
    assert taken is not None
    return taken


@pytest.mark.django_db
def test_an_owner_whose_lease_ran_out_sends_nothing_and_leaves_the_run_alone(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    sleeper = ledger.claim("sleeper", run.pk)
    assert sleeper is not None
    steal(run)
    execute(sleeper)
    run.refresh_from_db()
    assert (run.state, run.owner) == (Run.State.RUNNING, "somebody else") and not writes(autotask)
    assert run.tally() == {Outcome.PENDING: 3}


@pytest.mark.django_db
def test_the_owner_that_took_over_settles_by_reading_and_sends_the_rest(autotask: Live, lead: Any):
    run = companies(autotask, lead, 3)
    dead = ledger.claim("dead", run.pk)
    assert dead is not None
    written, never_arrived, _ = run.items.all()
    lines.sending(dead, [(1, [written.pk]), (2, [never_arrived.pk])])
    autotask.api.change("Companies", int(written.record_id), {"city": "Moved"})
    execute(steal(run))
    assert run.tally() == {Outcome.DONE: 3}
    assert applied(autotask) == {int(i.record_id): 1 for i in run.items.exclude(pk=written.pk)}


@pytest.mark.django_db
def test_rows_on_their_way_when_the_right_is_lost_are_not_called_unsent(autotask: Live, lead: Any):
    run = companies(autotask, lead, 2)
    dead = ledger.claim("dead", run.pk)
    assert dead is not None
    lines.sending(dead, [(1, [run.items.all()[0].pk])])
    lead.groups.clear()
    steal(run)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert worker.work_once()
    run.refresh_from_db()
    assert run.tally() == {Outcome.NOT_SENT: 1, Outcome.UNKNOWN: 1}
    assert run.state == Run.State.STOPPED and "before the rest was sent" in run.message


@pytest.mark.django_db(transaction=True)
def test_asking_to_stop_ends_a_run_between_requests(autotask: Live, lead: Any):
    run = companies(autotask, lead, 40)
    autotask.running.faults.add(Fault("slow", method="PATCH", times=None, seconds=0.02))
    working = threading.Thread(target=_work_and_close)
    working.start()
    while not autotask.seen("PATCH"):
        time.sleep(0.002)
    Run.objects.filter(pk=run.pk).update(asked="stop")
    working.join()
    run.refresh_from_db()
    tally = run.tally()
    assert run.state == Run.State.STOPPED and set(tally) == {Outcome.DONE, Outcome.CANCELLED}
    assert tally[Outcome.DONE] == len(applied(autotask)) < 40 and set(applied(autotask).values()) == {1}


def _work_and_close() -> None:
    from django.db import connection

    try:
        worker.work_once()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_run_that_breaks_down_on_our_side_is_tried_again_and_waits_for_a_person_after_three_times(
    autotask: Live, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    run = companies(autotask, lead, 2)

    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(worker, "execute", broken)
    assert [worker.work_once() for _ in range(4)] == [True, True, True, False]
    run.refresh_from_db()
    assert run.state == Run.State.PAUSED and "our side" in run.message
    assert run.tally() == {Outcome.PENDING: 2} and not writes(autotask)
