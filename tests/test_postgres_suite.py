"""What the ledger, the worksheets and the commands promise, promised on PostgreSQL too: their own tests, run there."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.installation import ROOT
from tests.postgres import Cluster

FILES = (
    "tests/connections/test_live.py",
    "tests/management/test_apply.py",
    "tests/services/test_bench.py",
    "tests/services/test_bench_kept.py",
    "tests/services/test_edits.py",
    "tests/services/test_engine_crossings.py",
    "tests/services/test_engine_edges.py",
    "tests/services/test_ledger.py",
    "tests/services/test_undo.py",
    "tests/services/test_steering.py",
    "tests/services/test_schedule.py",
    "tests/staff/test_throttle.py",
    "tests/worksheets/test_store.py",
)


def test_the_tests_of_our_own_tables_pass_on_postgresql(cluster: Cluster):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *FILES]
    done = subprocess.run(
        command, cwd=ROOT, env={**kept, "DATABASE_URL": cluster.url()}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert " passed" in done.stdout and " skipped" not in done.stdout.splitlines()[-1]
