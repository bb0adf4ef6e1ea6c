"""The limits of a connection over several real processes: on one machine by files, on PostgreSQL by its locks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adminui.connections.pace import BOARD, EDITION, Files
from adminui.remote.board import Board
from adminui.remote.throttle import Throttle
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.faults import Fault
from adminui.sandbox.http import Request, Response
from adminui.sandbox.server import Running, serve_in_thread
from tests.conftest import SANDBOX_AUTOTASK
from tests.postgres import Cluster

ROOT = Path(__file__).parents[2]
WORK = Path(__file__).with_name("pace_work.py")
ENTITIES = ["Companies", "Contacts", "Tickets"]


class Watched(AutotaskApi):
    """Knows how many calls it carried out at once, at most: of each entity, and in all."""

    def __init__(self) -> None:
        super().__init__(records=20, seed=1)
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.lock = threading.Lock()

    def handle(self, request: Request) -> Response:
        names = [*(name for name in ENTITIES if f"/{name}/" in request.path), "all"]
        with self.lock:
            for name in names:
                self.now[name] += 1
                self.most[name] = max(self.most[name], self.now[name])
        try:
            return super().handle(request)
        finally:
            with self.lock:
                self.now.subtract(names)


@dataclass
class Worker:
    """A process that does as it is told, one thing after another."""

    process: subprocess.Popen[str]

    def tell(self, *words: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def do(self, *words: Any) -> Any:
        self.tell(*words)
        return self.answer()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@dataclass
class Site:
    """Processes that share a connection."""

    running: Running
    folder: Path
    database: str
    workers: list[Worker] = field(default_factory=list)

    @property
    def api(self) -> Watched:
        api: Watched = self.running.api
        return api

    def configure(self, limits: str = "") -> None:
        text = SANDBOX_AUTOTASK.format(url=self.running.url) + f"\n[connections.autotask-test.limits]\n{limits}\n"
        (self.folder / "connections.toml").write_text(text)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ADMINUI_"))}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "adminui.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.database,
            "ADMINUI_VAR": str(self.folder),
            "ADMINUI_CONNECTIONS": str(self.folder / "connections.toml"),
            "TEST_AUTOTASK_USERNAME": "api@example.com",
            "TEST_AUTOTASK_SECRET": "sandbox",
            "TEST_AUTOTASK_CODE": "SANDBOX",
        }

    def start(self, number: int = 1) -> list[Worker]:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        command = [sys.executable, str(WORK)]
        made = [Worker(subprocess.Popen(command, text=True, env=self.environment, **pipes)) for _ in range(number)]
        self.workers += made
        for worker in made:
            assert worker.process.stdout and worker.process.stdout.readline() == "ready\n"
        return made

    def seen(self) -> list[Any]:
        return [entry for entry in self.running.log.listing() if entry["path"].endswith("/999999")]


@pytest.fixture(params=["one machine", "PostgreSQL"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with serve_in_thread(Watched()) as running:
        if request.param == "one machine":
            yield from _site(Site(running, tmp_path, f"sqlite:///{tmp_path / 'none.sqlite3'}"))
            return
        cluster: Cluster = request.getfixturevalue("cluster")
        with cluster.database() as name:
            made = Site(running, tmp_path, cluster.url(name))
            command = [sys.executable, str(ROOT / "manage.py"), "migrate", "connections", "--verbosity", "0"]
            subprocess.run([*command, "--skip-checks"], env=made.environment, check=True)
            yield from _site(made)


def _site(site: Site) -> Iterator[Site]:
    site.configure()
    try:
        yield site
    finally:
        for worker in site.workers:
            worker.process.kill()
            worker.process.communicate()


def test_no_more_calls_at_once_than_the_lane_and_the_connection_have_places(site: Site):
    site.configure("max_concurrency = 3")
    site.api.switches["latency"] = 0.01
    workers = site.start(3)
    for worker in workers:
        worker.tell("call", 60, 6, 60, ENTITIES)
    assert [worker.answer()["served"] for worker in workers] == [60, 60, 60]
    assert site.api.most["all"] == 3
    assert all(site.api.most[name] <= 2 for name in ENTITIES)
    assert {entry["status"] for entry in site.seen()} == {404}


def test_the_place_of_a_killed_process_is_free_at_once(site: Site):
    holder, other, third = site.start(3)
    assert holder.do("seize", "things", 1) is True
    assert other.do("seize", "things", 1) is False  # it waits at the gate from now on
    assert third.do("seize", "things", 1) is False
    other.kill()
    holder.kill()
    until = 200
    while not third.do("seize", "things", 1):  # a database notices when the dead one's socket closes
        until -= 1
        assert until
    assert third.do("seize", "things", 1) is False


def test_the_hour_s_calls_are_never_more_than_allowed_over_all_processes(site: Site):
    site.configure("calls_per_hour = 250")
    workers = site.start(3)
    for worker in workers:
        worker.tell("call", 120, 4, 0.5, ENTITIES)
    served = [worker.answer()["served"] for worker in workers]
    calls = len(site.running.log.listing())  # those for signing in and for the API's own count too
    assert calls <= 250 and sum(served) == len(site.seen())
    assert workers[0].do("budget") == [250, 250]
    assert calls == 250


def test_calls_of_a_process_that_ends_in_order_are_not_lost(site: Site):
    site.configure("calls_per_hour = 100000")
    first, second = site.start(2)
    first.do("call", 5, 1, 60, ENTITIES)
    first.do("close")
    used = len(site.seen()) + 1  # signing in asks for the zone
    assert second.do("budget") == [used, 100_000]


def test_a_429_with_retry_after_holds_all_processes_back(site: Site):
    first, second = site.start(2)
    assert second.do("call", 1, 1, 1, ["Companies"]) == {"served": 1, "throttled": 0}
    assert first.do("call", 1, 1, 1, ["Companies"]) == {"served": 1, "throttled": 0}
    site.running.faults.add(Fault("throttle", retry_after=600))
    assert first.do("call", 1, 1, 1, ["Companies"]) == {"served": 0, "throttled": 1}
    before = len(site.seen())
    threading.Event().wait(0.3)  # how old what another process knows may be
    assert second.do("call", 3, 3, 1, ["Companies"]) == {"served": 0, "throttled": 3}
    [third] = site.start()
    assert third.do("call", 2, 1, 1, ["Companies"]) == {"served": 0, "throttled": 2}
    assert len(site.seen()) == before
    assert third.do("call", 1, 1, 1, ["Contacts"]) == {"served": 1, "throttled": 0}


def test_a_storm_of_429s_loses_no_call(site: Site):
    site.running.faults.add(Fault("throttle", retry_after=1, times=8))
    workers = site.start(3)
    for worker in workers:
        worker.tell("call", 20, 4, 60, ENTITIES)
    assert [worker.answer()["served"] for worker in workers] == [20, 20, 20]
    assert Counter(entry["status"] for entry in site.seen())[404] == 60


def test_a_reader_gets_its_turn_while_another_process_sends_thousands(site: Site):
    site.api.switches["latency"] = 0.01
    busy, reader = site.start(2)
    reader.do("call", 1, 1, 60, ["Contacts"])
    busy.tell("call", 3_000, 4, 60, ["Companies"])
    before = _arrived(site, 50)
    assert reader.do("call", 20, 1, 60, ["Companies"])["served"] == 20
    assert len(site.seen()) - before < 20 * 15, "each read let more than a dozen calls of the other pass"


def _arrived(site: Site, least: int) -> int:
    while len(site.seen()) < least:
        threading.Event().wait(0.01)
    return len(site.seen())


def test_a_wait_for_time_is_seen_by_other_processes(site: Site):
    sleeper, other = site.start(2)
    sleeper.do("call", 1, 1, 1, ["Companies"])
    sleeper.do("hold_off", "Companies", 1_000)
    sleeper.tell("call", 1, 1, 2_000, ["Companies"])
    until = 500
    while (waits := other.do("waits")) == [] and until:
        until -= 1
        threading.Event().wait(0.01)
    assert waits == ["the API asked for fewer calls"]


def test_the_api_s_own_count_is_asked_by_one_and_known_to_all(site: Site):
    site.api.switches["hour_start"] = 4_000
    site.configure("calls_per_hour = 5000")
    first, second = site.start(2)
    others, limit = first.do("ask_usage")
    assert limit == 5_000 or others >= 4_000
    site.configure()
    second.do("budget")
    asked = [entry for entry in site.running.log.listing() if entry["path"].endswith("/ThresholdInformation")]
    second.do("ask_usage")
    assert len(asked) == 1
    assert [e for e in site.running.log.listing() if e["path"].endswith("/ThresholdInformation")] == asked


# On one machine only.


def test_half_a_board_is_not_read(tmp_path: Path):
    keeper = Files(tmp_path)
    for seconds in (10, 20, 30):
        keeper.change(lambda board, now, seconds=seconds: board.pause("things", now, seconds))
    file = os.open(next(tmp_path.glob("*.1")), os.O_RDWR)
    try:
        newest = 3 % 2 * EDITION
        os.pwrite(file, b"x", newest + 40)
    finally:
        os.close(file)
    board, now = Files(tmp_path).look()
    assert 15 < board.paused(now)["things"] <= 20
    assert BOARD not in board.pauses


def test_calls_go_on_when_the_files_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").write_text("no folder")
    throttle = Throttle(2, 100, keeper=Files(tmp_path / "file" / "lanes"))
    for _ in range(3):
        with throttle.turn("things", 1):
            pass
    assert "on its own" in caplog.text
    assert throttle.budget().used == 3


@pytest.mark.parametrize("text", ["", "[]", "{", '[{"x": 1}, {}, {}, null, 0, 0]', "[1, 2, 3, 4, 5, 6]"])
def test_an_unreadable_board_is_an_empty_one(text: str):
    assert Board.from_text(text) == Board()


Edit = Callable[[Board, float], None]


@pytest.mark.parametrize(
    "edit",
    [
        lambda board, now: board.take(now, 100),
        lambda board, now: board.pause("", now, 5),
        lambda board, now: board.say("me", "because", now, 5),
        lambda board, now: board.heard(now, 5, 10),
    ],
)
def test_a_board_is_read_as_it_was_written(edit: Edit):
    board = Board()
    edit(board, 1_000_000.5)
    assert Board.from_text(board.to_text()) == board
