"""People by role, for every test; and which tests run only when asked for."""

import socket
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from adminui.connections import live
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import Running, serve_in_thread
from adminui.services import catalog
from adminui.services.catalog import Opened
from adminui.staff.roles import ensure_staff
from tests.postgres import cluster as cluster

# How long an example takes says more about the machine than about us: benchmarks measure, tests do not.
hypothesis.settings.register_profile("ours", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ours")

PASSWORD = "a long enough password"
BENCHMARKS = Path(__file__).parent / "benchmarks"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Benchmarks want a quiet machine: they run only when named."""
    named = any("benchmarks" in argument for argument in config.args)
    return True if collection_path == BENCHMARKS and not named else None


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    """The person who has this role; made on first use."""
    return lambda role: ensure_staff(role, role, PASSWORD)


@pytest.fixture
def viewer(person: Callable[[str], User]) -> User:
    return person("viewer")


@pytest.fixture
def editor(person: Callable[[str], User]) -> User:
    return person("editor")


@pytest.fixture
def lead(person: Callable[[str], User]) -> User:
    return person("lead")


@pytest.fixture
def admin_user(person: Callable[[str], User]) -> User:
    return person("admin")


@pytest.fixture
def client_as(person: Callable[[str], User]) -> Callable[[str], Client]:
    """A client that is signed in as the person who has this role."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(person(role))
        return client

    return signed_in


@dataclass(frozen=True)
class Live:
    """A sandbox API being served, with a connection to it in the configuration."""

    running: Running
    connection: str

    @property
    def api(self) -> Any:
        return self.running.api

    def stop(self) -> None:
        """From now on it refuses connections. Its port is kept: another test's API must not be taken for it."""
        self.running.stop()
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", urlsplit(self.running.url).port or 0))
        weakref.finalize(self, held.close)

    def open(self, user: Any, resource: str) -> Opened:
        return catalog.open_resource(user, self.connection, resource)

    def seen(self, method: str | None = None) -> list[Any]:
        """The requests the API received, oldest first."""
        return [entry for entry in self.running.log.listing() if method in (None, entry["method"])]


SANDBOX_BUZZ = """
[connections.buzz-test]
label = "Buzz (Test)"
dialect = "buzz"
base_url = "{url}"
environment = "sandbox"
[connections.buzz-test.credentials]
email = "env:TEST_BUZZ_EMAIL"
password = "env:TEST_BUZZ_PASSWORD"
"""
SANDBOX_AUTOTASK = """
[connections.autotask-test]
label = "Autotask (Test)"
dialect = "autotask"
base_url = "{url}"
environment = "sandbox"
[connections.autotask-test.credentials]
username = "env:TEST_AUTOTASK_USERNAME"
secret = "env:TEST_AUTOTASK_SECRET"
integration_code = "env:TEST_AUTOTASK_CODE"
"""


@pytest.fixture
def configure(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Adds text to a connections.toml of the test's own."""
    path = tmp_path / "connections.toml"
    settings.ADMINUI_CONNECTIONS = path
    settings.VAR_DIR = tmp_path  # what one test's API asked for, a later one on the same port does not inherit
    for name, value in {
        "TEST_BUZZ_EMAIL": "ops@example.com",
        "TEST_BUZZ_PASSWORD": "sandbox",
        "TEST_AUTOTASK_USERNAME": "api@example.com",
        "TEST_AUTOTASK_SECRET": "sandbox",
        "TEST_AUTOTASK_CODE": "SANDBOX",
    }.items():
        monkeypatch.setenv(name, value)

    def add(text: str) -> None:
        path.write_text((path.read_text() if path.exists() else "") + text)
        live.forget()

    live.forget()
    cache.clear()
    yield add
    live.forget()
    cache.clear()


@pytest.fixture
def buzz(configure: Callable[[str], None]) -> Iterator[Live]:
    """A Buzz sandbox with some sixty messy records, and a connection to it."""
    with serve_in_thread(BuzzApi(records=60, seed=1)) as running:
        configure(SANDBOX_BUZZ.format(url=running.url))
        yield Live(running, "buzz-test")


@pytest.fixture
def autotask(configure: Callable[[str], None]) -> Iterator[Live]:
    """An Autotask sandbox with some sixty messy records, and a connection to it."""
    with serve_in_thread(AutotaskApi(records=60, seed=1)) as running:
        configure(SANDBOX_AUTOTASK.format(url=running.url))
        yield Live(running, "autotask-test")
