"""kill -9 of the workers, the pages and both, in the middle of runs: every row once, every outcome true, no help."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from adminui.planning.outcomes import Outcome
from tests.postgres import Cluster
from tests.services import killing
from tests.services.killing import Saver, Site, saving

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
    """A worker, the pages, or both; started again at once, as by any supervisor."""
    for victim in VICTIMS[number % len(VICTIMS)]:
        named = [name for name in site.processes if name.startswith(victim)]
        name = chance.choice(named)
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
