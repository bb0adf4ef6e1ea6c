"""Several workers on one PostgreSQL: killed in the middle or not, every row of every run is written exactly once."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.faults import Fault
from adminui.sandbox.server import serve_in_thread
from tests.installation import PATIENCE, Installation, installation
from tests.postgres import Cluster

ROWS, RUNS = 90, 4
CONNECTED = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


@pytest.fixture
def site(cluster: Cluster, tmp_path: Path) -> Iterator[Installation]:
    with (
        serve_in_thread(AutotaskApi(records=ROWS * RUNS + 20, seed=3)) as running,
        installation(cluster, tmp_path, running) as made,
    ):
        made.migrate()
        running.faults.add(Fault("slow", method="PATCH", times=None, seconds=0.04))
        yield made


def all_over(site: Installation) -> bool:
    return site.states() == ["finished"] * RUNS


def written_once(site: Installation) -> bool:
    """By the API's own log, by the ledger, and by what the API holds."""
    moved = Counter(record["city"] == "Moved" for record in site.running.api.dump("Companies"))
    return (
        Counter(site.written().values()) == {1: ROWS * RUNS}
        and site.outcomes() == {"done": ROWS * RUNS}
        and moved[True] >= ROWS * RUNS
    )


def test_two_workers_share_the_runs_and_write_every_row_once(site: Installation):
    for _ in range(2):
        site.work("--side-by-side", "2")
    site.until(lambda: len(site.asked(f"{CONNECTED} and state = 'idle'")) > 6)  # both look for work
    site.approve(ROWS, RUNS)
    site.until(lambda: all_over(site))
    assert written_once(site), site.told()
    assert len({owner for (owner,) in site.asked("select split_part(owner, ':', 2) from runs_run")}) == 2


def test_workers_killed_in_the_middle_are_followed_by_others_and_no_row_is_written_twice(site: Installation):
    site.approve(ROWS, RUNS)
    first, second = site.work(), site.work()
    for doomed, seen in ((first, 60), (second, 200)):
        site.until(lambda seen=seen: len(site.written()) >= seen)
        doomed.send_signal(signal.SIGKILL)
        doomed.wait(PATIENCE)
        assert not all_over(site)
        site.work()
    site.until(lambda: all_over(site))
    assert written_once(site), site.told()


def test_a_worker_outlives_a_database_that_drops_its_connections(site: Installation):
    site.approve(ROWS, RUNS)
    worker = site.work()
    site.until(lambda: len(site.written()) >= 60)
    site.asked(CONNECTED.replace("pid", "pg_terminate_backend(pid)", 1))
    site.until(lambda: all_over(site))
    assert worker.poll() is None and written_once(site), site.told()
