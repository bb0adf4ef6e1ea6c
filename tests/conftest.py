"""People by role, for every test; and which tests run only when asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from adminui.staff.roles import ensure_staff

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
