"""A whole installation in processes of its own: commands, workers, a database, and the API it works on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adminui.sandbox.server import Running
from tests.conftest import SANDBOX_AUTOTASK, Live
from tests.postgres import Cluster
from tests.services.bench import applied

ROOT = Path(__file__).parents[1]
APPROVE = ROOT / "tests" / "approve_runs.py"
PATIENCE = 40.0


@dataclass
class Installation:
    """On a database of the cluster, with a folder of its own."""

    cluster: Cluster
    database: str
    folder: Path
    running: Running
    also: dict[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ADMINUI_"))}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "adminui.settings",
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.cluster.url(self.database),
            "ADMINUI_VAR": str(self.folder),
            "ADMINUI_CONNECTIONS": str(self.folder / "connections.toml"),
            "ADMINUI_LEASE": "1.5",
            "TEST_AUTOTASK_USERNAME": "api@example.com",
            "TEST_AUTOTASK_SECRET": "sandbox",
            "TEST_AUTOTASK_CODE": "SANDBOX",
            **self.also,
        }

    def manage(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        return subprocess.run(
            command, env=self.environment, input=stdin, capture_output=True, text=True, timeout=PATIENCE
        )

    def migrate(self, *words: str) -> None:
        done = self.manage("migrate", "--verbosity", "0", *words)
        assert done.returncode == 0, done.stdout + done.stderr

    def approve(self, rows: int, runs: int = 1) -> None:
        """Runs over different records of one resource."""
        program = [sys.executable, str(APPROVE), str(rows), str(runs)]
        done = subprocess.run(program, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, *command: str) -> subprocess.Popen[str]:
        words = (self.folder / f"process-{len(self.processes)}.log").open("w")
        with words:
            process = subprocess.Popen(
                [sys.executable, *command], env=self.environment, stdout=words, stderr=words, text=True
            )
        self.processes.append(process)
        return process

    def work(self, *options: str) -> subprocess.Popen[str]:
        return self.start(str(ROOT / "manage.py"), "worker", *options)

    def asked(self, sql: str) -> list[tuple[Any, ...]]:
        return self.cluster.asked(sql, self.database)

    def states(self) -> list[str]:
        return [str(state) for (state,) in self.asked("select state from runs_run order by id")]

    def outcomes(self) -> dict[str, int]:
        return dict((str(word), int(n)) for word, n in self.asked("select outcome, count(*) from runs_item group by 1"))

    def written(self) -> Counter[int]:
        return applied(Live(self.running, ""))

    def until(self, met: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not met():
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.02)

    def told(self) -> str:
        """What all processes said so far, for a test that fails."""
        said = [log.read_text()[-3000:] for log in sorted(self.folder.glob("process-*.log"))]
        return "\n".join(["it did not come to that in time", str(self.states()), str(self.outcomes()), *said])


@contextmanager
def installation(cluster: Cluster, folder: Path, running: Running, **also: str) -> Iterator[Installation]:
    (folder / "connections.toml").write_text(SANDBOX_AUTOTASK.format(url=running.url))
    with cluster.database() as name:
        made = Installation(cluster, name, folder, running, also)
        try:
            yield made
        finally:
            for process in made.processes:
                process.kill()
                process.wait()
