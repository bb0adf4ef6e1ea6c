"""Runs beside a bare script that makes the same calls: ratios of one sitting, printed, with the calls of each.

ADMINUI_SOAK=1 takes the full 10,000 and 100,000 rows. The API runs in a process of its own, as a real one does.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import local
from typing import Any

import pytest
import requests
from django.test import Client
from django.urls import reverse

from adminui.management.commands.worker import SWITCH
from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change, ChangeSet, changeset_of
from adminui.records.values import Record
from adminui.remote import reader
from adminui.runs.models import Run
from adminui.services import catalog, plans, worker
from adminui.services.catalog import Opened
from tests.conftest import SANDBOX_BUZZ
from tests.processes import Apart, sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def as_the_worker_does() -> Iterator[None]:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    yield
    sys.setswitchinterval(usual)


SOAK = bool(os.environ.get("ADMINUI_SOAK"))
SINGLES, BULK, PAGE = (10_000, 10_000, 100_000) if SOAK else (2_000, 10_000, 20_000)
LATENCY = 0.05
BATCH = 1_000
TIMES = 3
LOGIN = {"email": "ops@example.com", "password": "sandbox"}


@dataclass(frozen=True)
class Api(Apart):
    """The sandbox, its switches, and what it counted."""

    def latency(self, seconds: float) -> None:
        self._post("latency", {"seconds": seconds})

    def switch(self, **values: object) -> None:
        self._post("switches", values)

    def fault(self, kind: str, **more: object) -> None:
        self._post("faults", {"kind": kind, **more})

    def calls(self) -> dict[str, int]:
        answer: dict[str, int] = self._ask("GET", "calls")["calls"]
        return answer

    def at_once(self) -> int:
        """The most requests that were there at once."""
        return int(self._ask("GET", "calls")["at_once"][""])

    def change(self, record_id: int, **values: object) -> None:
        self._post(f"records/campaigns/{record_id}", values)

    def _post(self, path: str, body: dict[str, object]) -> None:
        requests.post(f"{self.control}/{path}", json=body, timeout=60).raise_for_status()


@contextmanager
def campaigns(configure: Callable[[str], None], records: int, limits: str, campaigns: str) -> Iterator[Api]:
    with sandbox("buzz", records) as apart:
        api = Api(apart.url, apart.control)
        more = f"[connections.buzz-test.limits]\n{limits}\n[connections.buzz-test.resources.campaigns]\n{campaigns}\n"
        configure(SANDBOX_BUZZ.format(url=api.url) + more)
        yield api


def read(opened: Opened, ids: Iterable[int]) -> dict[Any, Record]:
    return reader.read_many(opened.client, opened.whole, opened.can, ids)


def rows(opened: Opened, known: dict[Any, Record], words: str) -> list[ChangeSet]:
    """A value of its own for every row."""
    return [changeset_of(opened.whole, r, [Change("notes", r["notes"], f"{words} {i}")]) for i, r in known.items()]


@dataclass(frozen=True)
class Timed:
    """A run: all of it, and what passed between the first byte of the first write and the last of the last."""

    run: Run
    seconds: float

    @property
    def sending(self) -> float:
        kept = self.run.exchanges.filter(purpose="write").values_list("started_at", "seconds")
        began = min(started for started, _ in kept)
        return max((started - began).total_seconds() + seconds for started, seconds in kept)

    @property
    def reads(self) -> int:
        return self.run.exchanges.exclude(purpose="write").count()

    @property
    def reading(self) -> float:
        return sum(self.run.exchanges.exclude(purpose="write").values_list("seconds", flat=True))


def carried_out(opened: Opened, changesets: Sequence[ChangeSet]) -> Timed:
    run = plans.approve(opened, plans.save(opened, list(changesets), door="benchmark"))
    began = time.perf_counter()
    assert worker.work_once()
    seconds = time.perf_counter() - began
    run.refresh_from_db()
    return Timed(run, seconds)


def bare(api: Api, calls: Sequence[tuple[str | list[int], object]], threads: int) -> float:
    """A script: so many threads with a session each, no checks, no ledger. Each call writes, or reads these ids."""
    kept = local()

    def session() -> requests.Session:
        if not hasattr(kept, "session"):
            kept.session = requests.Session()
            kept.session.post(f"{api.url}/rest/v2/authenticate", json=LOGIN).raise_for_status()
        made: requests.Session = kept.session
        return made

    def send(call: tuple[str | list[int], object]) -> None:
        where, body = call
        if isinstance(where, list):
            asked = {"id__in": ",".join(map(str, where)), "page_size": len(where)}
            session().get(f"{api.url}/rest/v2/campaigns", params=asked).json()
        else:
            session().patch(f"{api.url}/rest/v2/campaigns/{where}", json=body).raise_for_status()

    with ThreadPoolExecutor(threads) as lanes:
        list(lanes.map(lambda _: (session(), time.sleep(0.2)), range(threads)))  # everybody is signed in
        began = time.perf_counter()
        list(lanes.map(send, calls))
        return time.perf_counter() - began


@pytest.mark.parametrize(("lanes", "latency"), [(2, LATENCY), (8, LATENCY), (1, 0.0), (4, 0.0)])
def test_single_patches(configure: Callable[[str], None], admin_user: Any, lanes: int, latency: float):
    number = SINGLES if lanes > 2 or not latency else SINGLES // 4  # two lanes take long, and as long for each row
    with campaigns(configure, number, f"max_concurrency = {lanes}", "bulk = []") as api:
        api.latency(latency)
        opened = catalog.open_resource(admin_user, "buzz-test", "campaigns")
        known = read(opened, sorted(api.dump("campaigns"))[:number])
        api.forget_log()
        ours = carried_out(opened, rows(opened, known, "ours"))
        calls, at_once = api.calls(), api.at_once()
        assert ours.run.tally() == {Outcome.DONE: number}
        script = bare(api, [(str(i), {"notes": f"script {i}"}) for i in known], lanes if latency else 1)
        writes, reads = calls["PATCH /rest/v2/campaigns/{id}"], calls["GET /rest/v2/campaigns"]
        kind, aim = (f"{lanes} sessions", {2: 0.95, 8: 0.9}[lanes]) if latency else ("one session", 0.5)
        print(f"\n{number:,} PATCHes at {latency * 1000:.0f} ms, {lanes} lanes ({at_once} at once):", end="")
        print(f" script, {kind}, {script:.2f} s; ours {ours.seconds:.2f} s in all, {ours.sending:.2f} s of sending;")
        print(
            f"  {script / ours.seconds:.3f} of the script's speed in all, {script / ours.sending:.3f} sending", end=""
        )
        print(f" (aim {aim}), {1000 * (ours.seconds - script) / number:.2f} ms a row more;", end="")
        print(f" {writes:,} writes, {reads} checks; fewest {number:,}, {-(-number // opened.can.read_many)}")


def test_bulk_calls(configure: Callable[[str], None], admin_user: Any):
    with campaigns(configure, BULK, "max_concurrency = 4", f"max_batch = {BATCH}") as api:
        api.switch(bulk_max=BATCH)
        api.latency(LATENCY)
        opened = catalog.open_resource(admin_user, "buzz-test", "campaigns")
        ids = sorted(api.dump("campaigns"))[:BULK]
        ours, one, four, checks = [], [], [], []
        for attempt in range(TIMES):
            timed = carried_out(opened, rows(opened, read(opened, ids), f"ours {attempt}"))
            assert timed.run.tally() == {Outcome.DONE: BULK}
            ours.append(timed.seconds)
            calls = [("bulk", [{"id": i, "notes": f"script {i}"} for i in part]) for part in parts(ids, BATCH)]
            one.append(bare(api, calls, 1))
            four.append(bare(api, calls, 4))
            checks.append(bare(api, [(part, None) for part in parts(ids, opened.can.read_many)], 4))
        took, single, several, reading = (statistics.median(column) for column in (ours, one, four, checks))
        print(
            f"\n{BULK:,} rows in calls of {BATCH:,}, {LATENCY * 1000:.0f} ms: script {single:.2f} s one by one,", end=""
        )
        print(f" {several:.2f} s in 4 lanes, {reading:.2f} s to read them before; ours {took:.2f} s in all;")
        print(
            f"  {1000 * (took - single - reading) / BULK:.3f} ms a row more than reading and writing one by one,",
            end="",
        )
        print(f" {1000 * (took - several - reading) / BULK:.3f} than in 4 lanes (aim: 0.15)")


def parts(ids: Sequence[int], size: int) -> list[list[int]]:
    return [list(ids[n : n + size]) for n in range(0, len(ids), size)]


def test_the_page_of_a_large_run(configure: Callable[[str], None], admin_user: Any, client_as: Callable[[str], Client]):
    with campaigns(configure, PAGE, "max_concurrency = 4", f"max_batch = {BATCH}") as api:
        api.switch(bulk_max=BATCH)
        opened = catalog.open_resource(admin_user, "buzz-test", "campaigns")
        timed = carried_out(opened, rows(opened, read(opened, sorted(api.dump("campaigns"))[:PAGE]), "ours"))
        client = client_as("admin")
        print(f"\n{PAGE:,} rows in {timed.seconds:.1f} s ({1000 * timed.seconds / PAGE:.3f} ms a row)")
        for name in ("run",):
            took = [_seconds(lambda name=name: client.get(reverse(name, args=[timed.run.pk]))) for _ in range(6)][1:]
            print(
                f"  its page: median {1000 * statistics.median(took):.0f} ms, at most {1000 * max(took):.0f} (aim: 50)"
            )


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    assert work().status_code == 200
    return time.perf_counter() - began


Prepare = Callable[[Api, list[int]], None]


def nothing(api: Api, ids: list[int]) -> None:
    """All goes well."""


def one_bad_in_a_hundred(api: Api, ids: list[int]) -> None:
    for i in ids[50::100]:
        api.change(i, start_date="2030-01-01 00:00:00", end_date=None)


def conflicts(api: Api, ids: list[int]) -> None:
    """After the plan was made, somebody changed one record in twenty."""


def drops(api: Api, ids: list[int]) -> None:
    api.fault("drop_after_write", method="PATCH", times=None, rate=0.05)


SCENARIOS: tuple[tuple[str, Prepare], ...] = (
    ("clean", nothing),
    ("1 bad in 100", one_bad_in_a_hundred),
    ("5 % conflicts", conflicts),
    ("5 % dropped after the write", drops),
)


@pytest.mark.parametrize("form", ["singles", "bulk", "bulk, rows not named"])
@pytest.mark.parametrize(("name", "prepare"), SCENARIOS, ids=[name for name, _ in SCENARIOS])
def test_calls_beside_the_fewest_possible(
    configure: Callable[[str], None], admin_user: Any, form: str, name: str, prepare: Prepare
):
    number, batch = 1_000, 100
    with campaigns(configure, number, "", "bulk = []" if form == "singles" else f"max_batch = {batch}") as api:
        api.switch(bulk_errors="flat" if "not named" in form else "list")
        ids = sorted(api.dump("campaigns"))[:number]
        for i in ids if name == "1 bad in 100" else ():
            api.change(i, start_date="2019-01-01 00:00:00", end_date=None)
        prepare(api, ids)
        opened = catalog.open_resource(admin_user, "buzz-test", "campaigns")
        known = read(opened, ids)
        wanted = [
            changeset_of(
                opened.whole, r, [Change("end_date", r["end_date"], f"2025-01-{1 + n % 28:02} 00:{n % 60:02}:00")]
            )
            if name == "1 bad in 100"
            else changeset_of(opened.whole, r, [Change("notes", r["notes"], f"ours {i}")])
            for n, (i, r) in enumerate(known.items())
        ]
        for i in ids[::20] if name == "5 % conflicts" else ():
            api.change(i, notes="somebody else's")
        api.forget_log()
        run = carried_out(opened, wanted).run
        writes = sum(n for kind, n in api.calls().items() if kind.startswith("PATCH"))
        reads = sum(n for kind, n in api.calls().items() if kind.startswith("GET"))
        fewest = fewest_calls(name, form, number, batch)
        checks = -(-number // opened.can.read_many)
        print(
            f"\n{name}, {form}: {writes:,} writes ÷ {fewest:,} = {writes / fewest:.3f}; {reads} reads ÷ {checks} = ",
            end="",
        )
        print(f"{reads / checks:.2f}; {run.state} {dict(run.tally())} {run.message}")


def fewest_calls(name: str, form: str, number: int, batch: int) -> int:
    """Rows or batches, and for each batch with a bad row one more; to find it by halves takes seven at least."""
    if form == "singles":
        return number - (number // 20 if name == "5 % conflicts" else 0)
    batches = number // batch
    if name != "1 bad in 100":
        return -(-(number - number // 20) // batch) if name == "5 % conflicts" else batches
    return batches * (9 if "not named" in form else 2)
