"""A whole site in processes that can be killed: workers, pages and two APIs, and somebody who saves records meanwhile.

The APIs live in the test's own process: they are not ours to kill, and their log is the truth.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import requests

from adminui.planning.outcomes import Outcome
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import Running, serve_in_thread
from tests.conftest import SANDBOX_AUTOTASK, SANDBOX_BUZZ
from tests.postgres import Cluster
from tests.services.approve_both import city, notes
from tests.services.truth import Truth, records, times_written

ROOT = Path(__file__).parents[2]
LEASE, DEADLINE = 1.5, 1.0
Records = dict[int, dict[str, Any]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@dataclass
class Site:
    """Our product on one database, in processes of their own."""

    folder: Path
    buzz: Running
    autotask: Running
    database: str = ""  # a PostgreSQL database of the cluster; else SQLite in the folder
    cluster: Cluster | None = None
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    before: dict[str, Records] = field(default_factory=dict)
    session: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ADMINUI_"))}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "adminui.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.cluster.url(self.database) if self.cluster else "",
            "ADMINUI_VAR": str(self.folder),
            "ADMINUI_CONNECTIONS": str(self.folder / "connections.toml"),
            "ADMINUI_LEASE": str(LEASE),
            "ADMINUI_DEADLINE": str(DEADLINE),
            "ADMINUI_DEBUG": "1",  # static files without a build
            "TEST_AUTOTASK_USERNAME": "api@example.com",
            "TEST_AUTOTASK_SECRET": "sandbox",
            "TEST_AUTOTASK_CODE": "SANDBOX",
            "TEST_BUZZ_EMAIL": "ops@example.com",
            "TEST_BUZZ_PASSWORD": "sandbox",
        }

    def prepare(self, rows: int, batch: int) -> None:
        """A run of so many rows over each API, approved and waiting."""
        few = f"[connections.buzz-test.resources.campaigns]\nmax_batch = {batch}\n"
        many = "[connections.autotask-test.limits]\ncalls_per_hour = 10000000\n"
        text = SANDBOX_BUZZ.format(url=self.buzz.url) + few + SANDBOX_AUTOTASK.format(url=self.autotask.url) + many
        (self.folder / "connections.toml").write_text(text)
        program = [sys.executable, "-m", "tests.services.approve_both", str(rows)]
        done = subprocess.run(program, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        self.session = done.stdout.split()[-1]
        self.before = {
            "Companies": records(self.autotask, "Companies"),
            "Contacts": records(self.autotask, "Contacts"),
            "campaigns": records(self.buzz, "campaigns"),
        }
        for running in (self.buzz, self.autotask):
            running.log.clear()

    def start(self, name: str, *, elsewhere: bool = False) -> None:
        """`web`, or a worker of any other name; `elsewhere`: as on another machine, which shares the database only."""
        command = [str(ROOT / "manage.py"), "worker"]
        if name == "web":
            bind = ["--bind", f"127.0.0.1:{self.port}", "--no-control-socket", "--log-level", "warning"]
            command = ["-m", "gunicorn", "adminui.wsgi", "-k", "gthread", "--threads", "4", *bind]
        env = self.environment
        if elsewhere:
            shared = env["DATABASE_URL"] or f"sqlite:///{self.folder / 'adminui.sqlite3'}"
            env |= {"DATABASE_URL": shared, "ADMINUI_VAR": str(self.folder / "elsewhere")}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command],
                env=env,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """With everything it has started, at once and without a word."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def stop(self, name: str) -> None:
        """As a supervisor does: it finishes what is on its way and hands over."""
        process = self.processes.pop(name)
        process.terminate()
        assert process.wait(60) in (0, -signal.SIGTERM)  # the latter before it has begun

    def end(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        if self.cluster:
            return self.cluster.asked(sql, self.database)
        with closing(sqlite3.connect(self.folder / "adminui.sqlite3", timeout=20)) as database:
            return database.execute(sql).fetchall()

    def writable(self) -> bool:
        """Whether nobody is in the middle of writing the database, if that is a file."""
        with closing(sqlite3.connect(self.folder / "adminui.sqlite3", timeout=0.1, isolation_level=None)) as database:
            try:
                database.execute("begin immediate")
            except sqlite3.OperationalError:
                return False
            database.execute("rollback")
        return True

    def told(self, resource: str) -> dict[int, str]:
        """The outcome of every row, where no two runs are over the same record."""
        rows = self.outcomes(resource)
        assert len({i for i, _ in rows}) == len(rows)
        return dict(rows)

    def outcomes(self, resource: str) -> list[tuple[int, str]]:
        """Every row of every run over a resource: its record, and what is told of it."""
        rows = self.asked(
            "select i.record_id, i.outcome from runs_item i join runs_run r on i.run_id = r.id "
            f"join runs_plan p on r.plan_id = p.id where p.resource = '{resource}'"
        )
        return [(int(i), str(outcome)) for i, outcome in rows]

    def states(self) -> Counter[str]:
        return Counter(str(state) for (state,) in self.asked("select state from runs_run"))

    def over(self) -> bool:
        return set(self.states()) <= {"finished", "stopped"}

    def written(self) -> int:
        """Records written so far, by both APIs' own count."""
        counts = [running.log.writes() for running in (self.buzz, self.autotask)]
        return sum(len(times) for by_resource in counts for times in by_resource.values())

    def until(self, met: Callable[[], bool], patience: float = 60.0) -> None:
        deadline = time.monotonic() + patience
        while not met():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.01)

    def said(self) -> str:
        logs = [log.read_text()[-2500:] for log in sorted(self.folder.glob("*.log"))]
        runs = self.asked("select id, state, pause, message, doing, owner, lease_until from runs_run")
        rows = self.asked("select run_id, outcome, count(*) from runs_item group by 1, 2")
        return "\n".join(["it did not come to that in time", *map(str, runs), *map(str, rows), *logs])

    def lies(self, saved: dict[int, str]) -> list[str]:
        """What the ledger tells of all rows of all runs, beside what the APIs hold and counted."""
        wanted = {
            "Companies": {i: {"city": city(i)} for i in self.told("Companies")},
            "campaigns": {i: {"notes": notes(i)} for i in self.told("campaigns")},
            "Contacts": {i: {"title": saved[i]} for i in self.told("Contacts")},
        }
        found = []
        for resource, rows in wanted.items():
            running = self.buzz if resource == "campaigns" else self.autotask
            truth = Truth(self.before[resource], records(running, resource), rows, times_written(running, resource))
            found += [f"{resource} {lie}" for lie in truth.lies(self.told(resource))]
        return found


@contextmanager
def site(folder: Path, rows: int, *, batch: int = 20, cluster: Cluster | None = None) -> Iterator[Site]:
    """With a run of so many rows waiting on each of the two APIs."""
    with (
        serve_in_thread(BuzzApi(records=rows + 20, seed=1)) as buzz,
        serve_in_thread(AutotaskApi(records=rows + 20, seed=1)) as autotask,
    ):
        autotask.api.switches |= {"hour_limit": 10_000_000}
        if cluster is None:
            yield from _prepared(Site(folder, buzz, autotask), rows, batch)
        else:
            with cluster.database() as name:
                yield from _prepared(Site(folder, buzz, autotask, name, cluster), rows, batch)


def _prepared(made: Site, rows: int, batch: int) -> Iterator[Site]:
    try:
        made.prepare(rows, batch)
        yield made
    finally:
        made.end()


class Saver(threading.Thread):
    """A person who opens one record after another and saves one field, whatever becomes of the pages meanwhile."""

    def __init__(self, site: Site, resource: str, field: str) -> None:
        super().__init__(name="saver", daemon=True)
        self.site, self.resource, self.field, self.over = site, resource, field, threading.Event()
        self.saved: dict[int, str] = {}  # what was asked for, whether or not an answer came
        self.confirmed: set[int] = set()  # what the page said is done

    def run(self) -> None:
        with requests.Session() as session:
            session.cookies.set("sessionid", self.site.session, domain="127.0.0.1")
            for record in sorted(self.site.before[self.resource]):
                address = f"http://127.0.0.1:{self.site.port}/c/autotask-test/{self.resource}/records/{record}/"
                page = self.opened(session, address)
                if page is None:
                    return
                with suppress(requests.RequestException):
                    self.save(session, record, address, page)

    def opened(self, session: requests.Session, address: str) -> str | None:
        """The page, as soon as there is somebody to draw it."""
        while not self.over.is_set():
            with suppress(requests.RequestException):
                page = session.get(address, timeout=10)
                if page.status_code == 200:
                    return page.text
            time.sleep(0.05)
        return None

    def save(self, session: requests.Session, record: int, address: str, page: str) -> None:
        found = re.search(r'data-baseline="([^"]*)" data-token="([^"]*)"', page)
        assert found, page
        self.saved[record] = f"Saved {record}"
        body = {"baseline": unescape(found[1]), "token": found[2], "edits": {self.field: self.saved[record]}}
        headers = {"X-CSRFToken": session.cookies["csrftoken"], "Accept": "application/json", "Referer": address}
        answer = session.post(f"{address}save", data=json.dumps(body), headers=headers, timeout=10)
        if answer.status_code == 200 and answer.json().get("outcome") == Outcome.DONE:
            self.confirmed.add(record)


@contextmanager
def saving(site: Site, resource: str = "Contacts", field: str = "title") -> Iterator[Saver]:
    saver = Saver(site, resource, field)
    saver.start()
    try:
        yield saver
    finally:
        saver.over.set()
        saver.join(30)
