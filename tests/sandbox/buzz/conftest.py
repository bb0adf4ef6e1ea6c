"""A small Buzz sandbox over real HTTP, with somebody logged in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import Running, serve_in_thread

LOGIN = {"email": "ops@example.com", "password": "sandbox"}


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Buzz:
    """A client of a running sandbox; calls return the answer whatever its status."""

    running: Running
    api: BuzzApi
    clock: Clock
    session: requests.Session

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        if body is not None:
            options["json"] = body
        return self.session.request(method, f"{self.running.url}/rest/v2/{path}", timeout=10, **options)

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def login(self, **more: Any) -> requests.Response:
        return self.call("POST", "authenticate", {**LOGIN, **more})

    def switch(self, **values: object) -> None:
        self.api.switches.update(values)

    def ids(self, resource: str, count: int) -> list[int]:
        return [record["id"] for record in self.api.dump(resource)[:count]]

    def make(self, resource: str, **values: Any) -> dict[str, Any]:
        answer = self.call("POST", resource, values)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        found: dict[str, Any] = made.get("result", made)
        return found

    def line_item(self, **values: Any) -> dict[str, Any]:
        """A line item of its own campaign, which runs through 2026 with 1,000.00 to spend."""
        advertiser = self.ids("advertisers", 1)[0]
        dates = {"start_date": "2026-01-01 00:00:00", "end_date": "2026-12-31 23:59:59"}
        budget = {"lifetime": 1000, "daily": None}
        campaign = self.make("campaigns", advertiser_id=advertiser, name="Year", spend_budget=budget, **dates)
        return self.make("line-items", **{"campaign_id": campaign["id"], "name": "Item", "type": "video", **values})


@pytest.fixture
def buzz() -> Iterator[Buzz]:
    clock = Clock()
    api = BuzzApi(records=60, seed=7, clock=clock)
    with serve_in_thread(api) as running, requests.Session() as session:
        session.trust_env = False
        client = Buzz(running, api, clock, session)
        client.login()
        yield client
