"""kill -9 of the workers, the pages and both, in the middle of runs: every row once, every outcome true, no help."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from adminui.planning.outcomes import Outcome
from tests.postgres import Cluster
from tests.services import killing
from tests.services.approve_both import city
from tests.services.killing import Saver, Site, saving
from tests.services.truth import WRITTEN, records, times_written

SOAK = bool(os.environ.get("ADMINUI_SOAK"))
ROWS, KILLS = (1_500, 20) if SOAK else (200, 4)  # rows of each of two runs
VICTIMS = (("worker",), ("web",), ("worker", "web"))
LATENCY = 0.005


@pytest.fixture(params=["sqlite-1", "sqlite-2", "postgres-2"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    kind, _, workers = request.param.partition("-")
    cluster: Cluster | None = request.getfixturevalue("cluster") if kind == "postgres" else None
    with killing.site(tmp_path, ROWS, cluster=cluster) as made:
        made.buzz.latency.seconds = 10 * LATENCY  # its requests are few
        made.autotask.latency.seconds = LATENCY
        for number in range(int(workers)):
            made.start(f"worker-{number}")
        made.start("web")
        yield made


def kill_some(site: Site, chance: random.Random, number: int) -> None:
    """A worker, the pages, or both; started again at once, as by any supervisor. One worker in four ends in order."""
    for victim in VICTIMS[number % len(VICTIMS)]:
        named = [name for name in site.processes if name.startswith(victim)]
        name = chance.choice(named)
        if victim == "worker" and chance.random() < 0.25:
            site.stop(name)
        else:
            site.kill(name)
        site.start(name)


@pytest.mark.parametrize("seed", [int(os.environ.get("ADMINUI_SEED", "1"))])
def test_processes_killed_at_any_moment_leave_every_row_written_once_and_told_truly(site: Site, seed: int):
    chance = random.Random(seed)
    moments = sorted(chance.sample(range(2 * ROWS * 95 // 100), KILLS))
    with saving(site) as saver:
        for number, moment in enumerate(moments):
            site.until(lambda moment=moment: site.written() >= moment)
            kill_some(site, chance, number)
        site.until(site.over, 120)
    site.until(site.over, 30)
    check(site, saver)


def check(site: Site, saver: Saver) -> None:
    assert site.lies(saver.saved) == [], site.said()
    assert site.states() == {"finished": sum(site.states().values())}
    for resource in ("Companies", "campaigns"):
        assert Counter(site.told(resource).values()) == {Outcome.DONE: ROWS}
    contacts = site.told("Contacts")
    assert set(contacts.values()) <= {Outcome.DONE}
    assert saver.confirmed <= contacts.keys() and saver.confirmed


def test_somebody_who_saves_the_very_records_of_a_run_meanwhile_gets_the_truth_as_well(tmp_path: Path):
    """Whoever is first writes, and the other is told of the clash: each row told to be done is one write."""
    with killing.site(tmp_path, 150) as site:
        site.autotask.latency.seconds = 8 * LATENCY
        for name in ("web", "worker-0", "worker-1"):
            site.start(name)
        with saving(site, "Companies", "city") as saver:
            site.until(site.over)
            site.until(lambda: len(saver.confirmed) >= 10 or not saver.is_alive(), 30)
        site.until(site.over)
        told = site.outcomes("Companies")
        held = records(site.autotask, "Companies")
        assert {outcome for _, outcome in told} <= {Outcome.DONE, Outcome.NOT_STORED, Outcome.CONFLICT}
        assert Counter(i for i, outcome in told if outcome in WRITTEN) == times_written(site.autotask, "Companies")
        assert all(held[i]["city"] in (city(i), saver.saved.get(i)) for i, _ in told)
        assert all((i, Outcome.DONE) in told for i in saver.confirmed) and saver.confirmed


BATCH = 20  # campaigns in one request here


def test_a_worker_that_was_put_to_sleep_past_its_lease_sends_nothing_more_when_it_wakes(tmp_path: Path):
    """A machine that was suspended: what it had marked as being sent is somebody else's by now. Only a request that
    was half out of the door goes through, the same values once more.
    """
    with killing.site(tmp_path, 120) as site:
        site.autotask.latency.seconds = LATENCY
        site.buzz.latency.seconds = 10 * LATENCY
        site.start("sleeper")
        site.until(lambda: site.written() >= 60)
        put_to_sleep(site, "sleeper")
        site.start("worker", elsewhere=True)
        site.until(site.over)
        site.processes["sleeper"].send_signal(signal.SIGCONT)
        time.sleep(1.0)
        lies = site.lies({})
        assert all("was written 2 times" in lie for lie in lies), site.said()
        assert len({lie.split()[0] for lie in lies}) <= 1 and len(lies) <= BATCH, site.said()  # one request's rows
        assert site.states() == {"finished": 2}


def put_to_sleep(site: Site, name: str) -> None:
    """At a moment when it does not write the database, which nobody else could do until it wakes."""
    while True:
        site.processes[name].send_signal(signal.SIGSTOP)
        time.sleep(0.02)
        if site.writable():
            return
        site.processes[name].send_signal(signal.SIGCONT)
        time.sleep(0.003)
