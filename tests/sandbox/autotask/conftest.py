"""A small tenant over real HTTP, with its three headers, for the tests of the Autotask sandbox."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.server import serve_in_thread

HEADERS = {"UserName": "api@example.com", "Secret": "sandbox", "ApiIntegrationCode": "SANDBOX"}


class Tenant:
    """Calls under /ATServicesRest/V1.0, and the switches and records behind them."""

    def __init__(self, api: AutotaskApi, url: str) -> None:
        self.api, self.url = api, url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(HEADERS)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.url}/ATServicesRest/V1.0/{path}"
        return self.session.request(method, url, json=body, timeout=10, **options)

    def switch(self, **values: object) -> None:
        self.api.switches.update(values)

    def query(self, entity: str, *conditions: dict[str, Any], **more: Any) -> requests.Response:
        return self.call("POST", f"{entity}/query", {"filter": list(conditions), **more})

    def ids(self, entity: str, *conditions: dict[str, Any]) -> list[int]:
        return [item["id"] for item in self.query(entity, *conditions).json()["items"]]

    def stored(self, entity: str, record_id: int) -> dict[str, Any]:
        """What the sandbox holds, secrets unmasked, user-defined fields by name."""
        record = next(row for row in self.api.dump(entity) if row["id"] == record_id)
        return record | {udf["name"]: udf["value"] for udf in record.pop("userDefinedFields", [])}

    def first(self, entity: str, **values: Any) -> dict[str, Any]:
        """The first record with these values."""
        rows = self.api.dump(entity)
        return next(row for row in rows if row["id"] and all(row[name] == value for name, value in values.items()))

    def complete_company(self, **values: Any) -> dict[str, Any]:
        """What a PUT of company 175 must hold, and some more."""
        owner = self.first("Resources", isActive=True)["id"]
        base = {"id": 175, "companyName": "Acme Ltd.", "companyType": 1, "ownerResourceID": owner, "phone": "555"}
        return {**base, **values}


def errors(answer: requests.Response) -> list[str]:
    assert answer.status_code == 500, answer.text
    return list(answer.json()["errors"])


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    api = AutotaskApi(records=120)
    with serve_in_thread(api) as running:
        tenant = Tenant(api, running.url)
        tenant.switch(latency_scale=0)
        yield tenant
        tenant.session.close()
