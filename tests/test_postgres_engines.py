"""Job engines on PostgreSQL: they wake workers at once, may lose any of them, and no row is ever written twice."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.faults import Fault
from adminui.sandbox.server import serve_in_thread
from tests.installation import PATIENCE, ROOT, Installation, installation
from tests.postgres import Cluster

ROWS, RUNS = 80, 2


def procrastinate(site: Installation) -> subprocess.Popen[str]:
    return site.start(str(ROOT / "manage.py"), "procrastinate", "worker", "--concurrency", "2")


def celery(site: Installation) -> subprocess.Popen[str]:
    quiet = ["--loglevel", "warning", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return site.start("-m", "celery", "-A", "adminui.engines.celery", "worker", *quiet)


def beat(site: Installation) -> None:
    schedule = ["--schedule", str(site.folder / "beat"), "--pidfile", ""]
    site.start("-m", "celery", "-A", "adminui.engines.celery", "beat", "--loglevel", "warning", *schedule)


Start = Callable[[Installation], "subprocess.Popen[str]"]
ENGINES: dict[str, tuple[Start, dict[str, str]]] = {
    "procrastinate": (procrastinate, {"ADMINUI_WAKE": "procrastinate"}),
    "celery": (
        celery,
        {
            "ADMINUI_WAKE": "celery",
            "ADMINUI_BROKER": "filesystem://",
            "DJANGO_SETTINGS_MODULE": "tests.celery_settings",
        },
    ),
}


def messages(site: Installation, engine: str) -> int:
    """Of "go on with a run", waiting for a worker."""
    if engine == "procrastinate":
        return len(site.asked("select 1 from procrastinate_jobs where task_name = 'adminui.go_on'"))
    sent = [file.read_text() for file in (site.folder / "broker").glob("*.msg")]
    return sum("adminui.go_on" in text for text in sent)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def site(engine: str, cluster: Cluster, tmp_path: Path) -> Iterator[Installation]:
    with (
        serve_in_thread(AutotaskApi(records=ROWS * RUNS + 20, seed=3)) as running,
        installation(cluster, tmp_path, running, **ENGINES[engine][1]) as made,
    ):
        made.migrate()
        running.faults.add(Fault("slow", method="PATCH", times=None, seconds=0.03))
        if engine == "celery":
            beat(made)
        yield made


def test_a_killed_worker_of_the_engine_is_followed_by_another_and_no_row_is_written_twice(
    site: Installation, engine: str
):
    start, _ = ENGINES[engine]
    site.approve(ROWS, RUNS)
    assert messages(site, engine) == RUNS
    first = start(site)
    site.until(lambda: len(site.written()) >= 20)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(PATIENCE)
    assert "running" in site.states() and len(site.written()) < ROWS * RUNS
    start(site)
    site.until(lambda: site.states() == ["finished"] * RUNS)
    assert Counter(site.written().values()) == {1: ROWS * RUNS} and site.outcomes() == {"done": ROWS * RUNS}


def test_a_worker_of_the_engine_that_is_told_to_end_leaves_its_run_to_the_next(site: Installation, engine: str):
    start, _ = ENGINES[engine]
    first = start(site)
    site.approve(ROWS)
    site.until(lambda: len(site.written()) >= 10)
    first.send_signal(signal.SIGTERM)
    assert first.wait(PATIENCE) == 0, site.told()
    assert "sending" not in site.outcomes() and site.states() == ["queued"], site.told()
    start(site)
    site.until(lambda: site.states() == ["finished"])
    assert Counter(site.written().values()) == {1: ROWS} and site.outcomes() == {"done": ROWS}
