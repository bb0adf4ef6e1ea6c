"""`manage.py demo`: the whole product on this machine, with practice APIs behind it; Ctrl-C ends all of it."""

import fcntl
import http.client
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from adminui.management import demo
from adminui.management.children import Child, end_all
from adminui.staff.roles import ROLES, ensure_staff

PATIENCE = 90.0
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


class Command(BaseCommand):
    help = "Starts the whole product with practice APIs; everything it keeps is in var/demo."
    # The connections file that the checks read is written below.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="of the site (default: 8000, or a free one)")
        parser.add_argument("--records", type=int, default=2000, help="per main resource (default: 2000)")
        parser.add_argument("--fresh", action="store_true", help="forget what earlier demos kept")

    def handle(self, *args: Any, **options: Any) -> None:
        for ending in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.default_int_handler)
        try:
            with only_demo(settings.VAR_DIR):
                self._run(**options)
        except KeyboardInterrupt:
            self.stdout.write("\nThe demo has ended.")

    def _run(self, *, port: int, records: int, fresh: bool, **options: Any) -> None:
        if fresh:
            shutil.rmtree(settings.VAR_DIR)
        pick = demo.PortPicker()
        site, apis = pick(port), demo.practice_apis(pick)
        people = self._prepare(apis)
        practice = [self._child(api.name, *MANAGE, *api.arguments(records)) for api in apis]
        web = self._child("web", *gunicorn(site))
        worker = self._child("worker", *MANAGE, "worker")
        children = [*practice, web, worker]
        try:
            for child in practice:
                child.start()
            for api in apis:
                self._await(partial(listens, api.port), practice, f"{api.label} to answer")
            web.start()
            worker.start()
            self._await(partial(answers, site, "/healthz"), children, "the site to answer")
            self.stdout.write(demo.greeting(f"http://{demo.HOST}:{site}", people, apis, str(settings.VAR_DIR / "logs")))
            watch(children, worker)
        finally:
            end_all(children)

    def _prepare(self, apis: list[demo.PracticeApi]) -> dict[str, str]:
        """Everything that is kept between demos: database, people, connections, collected static files."""
        self.stdout.write("Preparing the database, the people and the practice APIs …")
        (settings.VAR_DIR / "logs").mkdir(parents=True, exist_ok=True)
        os.environ.update(demo.SECRETS)
        settings.ADMINUI_CONNECTIONS.write_text("\n".join(api.toml() for api in apis))
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        people = {role: f"{role}-demo" for role in ROLES}
        for name, password in people.items():
            ensure_staff(name, name, password)
        connections.close_all()
        return people

    def _child(self, name: str, *command: str) -> Child:
        return Child(name, command, settings.VAR_DIR / "logs" / f"{name}.log")

    def _await(self, ready: Callable[[], bool], children: list[Child], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not ready():
            report_the_dead(children)
            if time.monotonic() > deadline:
                raise CommandError(f"Waited {PATIENCE:.0f} s for {what}. See the logs in {settings.VAR_DIR / 'logs'}.")
            time.sleep(0.1)


@contextmanager
def only_demo(folder: Path) -> Iterator[None]:
    """Two demos in one folder would write one database and end each other's children."""
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError("A demo is already running from this folder. End it first.") from None
        yield


def gunicorn(port: int) -> list[str]:
    threads = ["-k", "gthread", "--workers", "2", "--threads", "16", "--graceful-timeout", "5", "--no-control-socket"]
    address = ["--bind", f"{demo.HOST}:{port}"]
    return [sys.executable, "-m", "gunicorn", "adminui.wsgi", *threads, *address, "--chdir", str(settings.BASE_DIR)]


def listens(port: int) -> bool:
    try:
        socket.create_connection((demo.HOST, port), timeout=5).close()
    except OSError:
        return False
    return True


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(demo.HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def watch(children: list[Child], worker: Child) -> None:
    """Until somebody ends the demo: a worker that dies is started again, a few times; anything else ends everything."""
    while True:
        if worker.ended() is not None and worker.deaths < 3:
            worker.deaths += 1
            worker.start()
        report_the_dead(children)
        time.sleep(0.5)


def report_the_dead(children: list[Child]) -> None:
    for child in children:
        status = child.ended()
        if status is not None:
            raise CommandError(f"{child.name} ended with status {status}. Its last words:\n{child.last_words()}")
