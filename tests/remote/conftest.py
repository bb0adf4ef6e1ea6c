"""A misbehaving server, and clients of it that are closed afterwards."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adminui.remote.client import Client
from tests.remote.faultserver import FaultServer, running
from tests.remote.tiny import CREDENTIALS, Tiny

Connect = Callable[..., Client]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with running() as server:
        yield server


@pytest.fixture
def connect(server: FaultServer) -> Iterator[Connect]:
    """A client of the server with short pauses; keywords go to Client, `logs_in` to the dialect."""
    made: list[Client] = []

    def make(base_url: str = server.url, *, logs_in: bool = False, **options: Any) -> Client:
        settings = {"deadline": 5.0, "pauses": (0.01, 0.02), "credentials": CREDENTIALS} | options
        made.append(Client(Tiny(logs_in), base_url, **settings))
        return made[-1]

    yield make
    for client in made:
        client.close()
