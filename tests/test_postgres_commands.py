"""The command line from end to end, as a shell would use it: a file planned, applied, looked at and undone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.faults import Fault
from adminui.sandbox.server import serve_in_thread
from tests.installation import PATIENCE, ROOT, Installation, installation
from tests.postgres import Cluster

ROWS = 120


@pytest.fixture
def site(cluster: Cluster, tmp_path: Path) -> Iterator[Installation]:
    with (
        serve_in_thread(AutotaskApi(records=ROWS + 20, seed=3)) as running,
        installation(cluster, tmp_path, running, ADMINUI_USER="ana", ADMINUI_PASSWORD="correct horse battery") as made,
    ):
        made.migrate()
        assert made.manage("staff", "add", "ana", "--role", "lead").returncode == 0
        yield made


def cities(site: Installation) -> dict[int, str]:
    return {record["id"]: record["city"] for record in site.running.api.dump("Companies")}


def planned(site: Installation, number: int) -> int:
    rows = [f"{record_id};Moved" for record_id in sorted(cities(site))[2 : 2 + number]]
    done = site.manage(
        "plan", "autotask-test", "Companies", "-", "--json", "--canary", "0", stdin="\n".join(["id;city", *rows])
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == number
    return int(json.loads(done.stdout)["plan"])


def test_a_file_is_planned_applied_looked_at_and_undone_and_nothing_else_has_moved(site: Installation):
    before = cities(site)
    plan = planned(site, 5)
    applied = site.manage("apply", str(plan), "--wait", "--json")
    assert applied.returncode == 0, applied.stderr
    run = json.loads(applied.stdout)
    assert run["outcomes"] == {"done": 5} and set(site.written().values()) == {1}
    assert site.manage("runs", str(run["run"])).stdout.startswith(f"Run {run['run']} finished: 5 done.")
    undone = site.manage("undo", str(run["run"]), "--wait", "--json")
    assert undone.returncode == 0 and json.loads(undone.stdout)["outcomes"] == {"done": 5}, undone.stderr
    assert cities(site) == before
    wrong = site.manage("plan", "autotask-test", "Companies", "-", stdin="id;citty\n1;x\n")
    assert wrong.returncode == 2 and wrong.stderr == "Line 1: “citty” is no field of Companies.\n" and not wrong.stdout


def test_an_interrupted_wait_leaves_a_run_that_goes_on(site: Installation):
    site.running.faults.add(Fault("slow", method="PATCH", times=None, seconds=0.05))
    plan = planned(site, ROWS)
    waiting = site.start(str(ROOT / "manage.py"), "apply", str(plan), "--wait")
    site.until(lambda: len(site.written()) >= 10)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(PATIENCE) == 4, site.told()
    assert site.states() == ["queued"] and "sending" not in site.outcomes(), site.told()
    assert site.manage("apply", str(plan), "--wait").returncode == 0
    assert site.outcomes() == {"done": ROWS} and set(site.written().values()) == {1}


def test_help_says_what_a_file_may_hold_and_what_the_exit_codes_mean():
    def said(command: str) -> str:
        words = [sys.executable, str(ROOT / "manage.py"), command, "--help"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert "an empty cell leaves the field alone" in said("plan")
    assert "waits for a person" in said("apply") and "--records" in said("undo") and "--state" in said("runs")
