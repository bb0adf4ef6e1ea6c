"""Practice APIs, the worker and our own site, each in a process of its own, as in real life."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import connection

MANAGE = Path(__file__).parent.parent / "manage.py"


@dataclass(frozen=True)
class Apart:
    """A practice API that runs elsewhere."""

    url: str
    control: str

    def dump(self, resource: str) -> dict[int, dict[str, Any]]:
        """Every record it holds, by id."""
        return {record["id"]: record for record in self._ask("GET", f"records/{resource}")}

    def forget_log(self) -> None:
        self._ask("DELETE", "log")

    def seen(self, *methods: str) -> list[dict[str, Any]]:
        """The requests it received, oldest first."""
        return [entry for entry in self._ask("GET", "log") if not methods or entry["method"] in methods]

    def _ask(self, method: str, path: str) -> Any:
        answer = requests.request(method, f"{self.control}/{path}", timeout=60)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def _process(command: list[str], env: dict[str, str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, text=True, env={**os.environ, **env}, **options) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate()


@contextmanager
def sandbox(name: str, records: int) -> Iterator[Apart]:
    sizes = ["--records", str(records), "--seed", "1"]
    ports = ["--port", "0", "--control-port", "0", "--die-with-parent"]
    command = [sys.executable, str(MANAGE), "sandbox", name, *sizes, *ports]
    with _process(command, {}, stdout=subprocess.PIPE) as process:
        assert process.stdout
        words = process.stdout.readline().split()
        url, control = (word.strip(",") for word in words if word.startswith("http"))
        yield Apart(url, control)


@contextmanager
def worker() -> Iterator[subprocess.Popen[str]]:
    """Works on the database of this test, for the connections of this test."""
    with _process([sys.executable, str(MANAGE), "worker"], surroundings()) as process:
        yield process


def surroundings() -> dict[str, str]:
    """The environment in which another process sees the same database and connections as this test."""
    kept = connection.settings_dict
    url = f"sqlite:///{kept['NAME']}"
    if not kept["ENGINE"].endswith("sqlite3"):
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{kept['NAME']}").geturl()
    return {"DATABASE_URL": url, "ADMINUI_CONNECTIONS": str(settings.ADMINUI_CONNECTIONS)}


@dataclass(frozen=True)
class Site:
    """Our own pages, served elsewhere."""

    url: str
    process: int  # the one that answers

    def memory(self, work: Callable[[], object]) -> tuple[int, int]:
        """Resident MB before the work, and at most while it was done."""
        folder = Path("/proc") / str(self.process)
        (folder / "clear_refs").write_text("5")  # forget the peak so far
        before = _megabytes(folder, "VmRSS")
        work()
        return before, _megabytes(folder, "VmHWM")


def _megabytes(folder: Path, name: str) -> int:
    lines = (folder / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) >> 10


@contextmanager
def site() -> Iterator[Site]:
    """Gunicorn with one process, so that it is known which one answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "adminui.wsgi", "-k", "gthread", "--threads", "16", "--bind", address]
    quiet = ["--no-control-socket", "--log-level", "warning", "--timeout", "120", "--chdir", str(MANAGE.parent)]
    with _process([*command, *quiet], surroundings()) as process:
        for _ in range(200):
            with suppress(requests.RequestException):
                requests.get(f"http://{address}/healthz", timeout=5).raise_for_status()
                break
            time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield Site(f"http://{address}", int(children[0]))
