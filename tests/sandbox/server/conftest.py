"""The smallest API there can be, served over real sockets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from adminui.sandbox.http import Request, Response
from adminui.sandbox.server import Running, serve_in_thread


@dataclass
class Notes:
    """The smallest API with records: GET and PATCH /notes/<id>, behind a login that can run out."""

    switches: dict[str, object] = field(default_factory=lambda: {"loud": False})
    records: dict[int, dict[str, Any]] = field(
        default_factory=lambda: {n: {"id": n, "text": f"note {n}", "stamp": 0} for n in (1, 2, 3)}
    )
    expired: bool = False

    def handle(self, request: Request) -> Response:
        if self.expired:
            self.expired = False
            return Response(401, {"detail": "log in"})
        if request.path == "/boom":
            raise RuntimeError("boom")
        if request.path == "/echo":
            return Response(200, {"query": request.query, "size": len(request.body)}, {"X-One": "1"}, ("a=1", "b=2"))
        record = self.records.get(int(request.path.rsplit("/", 1)[1]))
        if record is None:
            return Response(404, {"detail": "Not found."})
        if request.method == "PATCH":
            return Response(200, self.change("notes", record["id"], request.json()))
        return Response(204) if request.method == "DELETE" else Response(200, record)

    def change(self, resource: str, record_id: int, values: dict[str, Any]) -> dict[str, Any]:
        record = self.records[record_id]
        record |= {**values, "stamp": record["stamp"] + 1}
        return record

    def dump(self, resource: str) -> list[dict[str, Any]]:
        if resource != "notes":
            raise KeyError(f"resource called {resource}")
        return [dict(record) for record in self.records.values()]

    def expire_sessions(self) -> None:
        self.expired = True


@pytest.fixture
def running() -> Iterator[Running]:
    with serve_in_thread(Notes()) as server:
        yield server
