"""Many rows, one worker, and one request in a hundred going wrong in some way: it ends by itself and in the truth.

3,000 rows; with ADMINUI_SOAK=1 100,000, of which it prints how long it took and what the worker held in memory.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from adminui.planning.outcomes import Outcome
from adminui.sandbox.faults import Fault
from adminui.sandbox.server import Running
from tests.services import killing
from tests.services.killing import DEADLINE, Site

SOAK = bool(os.environ.get("ADMINUI_SOAK"))
ROWS = 50_000 if SOAK else 1_500  # of each of two runs: by single PATCHes, and in bulk calls
BATCH = 20
MIX = (
    *("drop_before", "drop_after_write", "reset", "cut_headers", "cut_body", "truncated_json", "server_error"),
    *("server_error_after_write", "html", "wrong_record", "foreign", "short", "expired_login", "throttle"),
)
SLOW = (Fault("drip", seconds=0.05), Fault("late", seconds=DEADLINE + 0.2), Fault("slow", seconds=DEADLINE + 0.2))


def add_faults(running: Running, share: float) -> None:
    """Of all requests, reads and writes, this share goes wrong; a tenth of that so slowly that we stop waiting."""
    for n, kind in enumerate(MIX):
        method = "PATCH" if kind == "wrong_record" else None  # a reading with the ids mixed up is past all help
        running.faults.add(Fault(kind, method, times=None, rate=0.9 * share / len(MIX), seed=n, retry_after=0))
    for n, fault in enumerate(SLOW):
        told = {"times": None, "rate": 0.1 * share / len(SLOW), "seed": 100 + n}
        running.faults.add(Fault(fault.kind, seconds=fault.seconds, **told))


def met(running: Running) -> Counter[str]:
    return Counter({str(fault["kind"]): fault["met"] for fault in running.faults.listing()})


def memory(site: Site, name: str) -> tuple[int, int]:
    """MB that a process holds, and at most held."""
    status = (Path("/proc") / str(site.processes[name].pid) / "status").read_text()
    found = {line.partition(":")[0]: int(line.split()[1]) >> 10 for line in status.splitlines() if "kB" in line}
    return found["VmRSS"], found["VmHWM"]


def test_a_run_in_which_one_request_in_a_hundred_goes_wrong_ends_by_itself_and_in_the_truth(tmp_path: Path):
    with killing.site(tmp_path, ROWS, batch=BATCH) as site:
        for running, share in ((site.autotask, 0.01), (site.buzz, 0.01 if SOAK else 0.1)):
            add_faults(running, share)
        site.start("worker")
        began = time.monotonic()
        site.until(site.over, 3_600 if SOAK else 120)
        seconds = time.monotonic() - began
        held = memory(site, "worker")
        faults = met(site.autotask) + met(site.buzz)
        print(f"\n{2 * ROWS:,} rows in {seconds:.0f} s, worker {held[0]} MB, at most {held[1]} MB")
        print(f"{faults.total()} faults:", ", ".join(f"{kind} {times}" for kind, times in faults.most_common()))
        told = Counter(site.told("Companies").values()) + Counter(site.told("campaigns").values())
        print(", ".join(f"{outcome} {times}" for outcome, times in told.most_common()))
        assert site.lies({}) == [], site.said()
        assert site.states() == {"finished": 2}, site.said()
        assert told[Outcome.DONE] >= 2 * ROWS * 0.999
        assert set(told) <= {Outcome.DONE, Outcome.UNKNOWN, Outcome.NOT_SENT}  # the latter: after three broken calls
        assert faults.total() >= 10
