"""What the server needs of memory for a worksheet of a million records: opened, looked at, changed all over, undone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.test import Client

from adminui.records.packing import PART, Packed, pack, packed
from adminui.services.catalog import open_resource
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.benchmarks.worksheets import COLUMNS, Table, read_by_worker
from tests.conftest import SANDBOX_BUZZ
from tests.processes import Apart, Site, sandbox, site, worker

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
MOST = 1_000_000
PARTS = 3  # in one request, as the page asks for them


@pytest.fixture
def connected(configure: Callable[[str], None]) -> Callable[[Apart], None]:
    return lambda api: configure(SANDBOX_BUZZ.format(url=api.url))


def test_memory_of_the_server_for_a_million_records(connected: Callable[[Apart], None], admin_user: Any):
    table = Table(f"{MOST:,} line items: MB of the server, before → at most")
    with sandbox("buzz", PART) as api:
        connected(api)
        with worker():
            opened = open_resource(admin_user, "buzz-test", "line-items")
            few, _ = read_by_worker(opened)
        sheet = grown(few)
        with site() as served:
            measure_memory(table, served, admin_user, sheet)


def grown(few: Worksheet) -> Worksheet:
    """A hundred times as many: ids and names of their own, the rest again and again."""
    own = store.columns(few, ["id", "name"], 0)
    names = [*few.chunks.values_list("field", flat=True)]
    same = {name: data for (name, _), data in store.raw_chunks(few, names, [0]).items()}
    sheet = Worksheet.objects.get(pk=few.pk)
    sheet.pk, sheet.rows = None, MOST
    sheet.save(force_insert=True)
    for part in store.parts_of(sheet):
        columns: dict[str, Packed] = {
            "id": packed([part * PART + 1 + at for at in range(PART)]),
            "name": packed([f"{name} {part}" for name in own["name"]]),
        }
        store.write_chunks(sheet, part, same | {name: pack(held) for name, held in columns.items()}, staged=False)
    return sheet


class Visitor:
    """Asks the site as a page does, and lets go of the answers."""

    def __init__(self, served: Site, user: Any, sheet: Worksheet) -> None:
        self.session, self.at = requests.Session(), f"{served.url}/worksheets/{sheet.pk}/"
        client = Client()
        client.force_login(user)
        self.session.cookies["sessionid"] = client.cookies["sessionid"].value
        self.session.get(f"{served.url}/")
        self.session.headers["X-CSRFToken"] = self.session.cookies.get("csrftoken", "")
        self.session.headers["Accept"] = "application/json"

    def get(self, path: str = "") -> int:
        answer = self.session.get(self.at + path, headers={} if path else {"Accept": "text/html"}, timeout=300)
        answer.raise_for_status()
        return len(answer.content)

    def post(self, path: str, asked: dict[str, Any]) -> Any:
        answer = self.session.post(
            self.at + path, data=json.dumps(asked), headers={"Content-Type": "application/json"}, timeout=300
        )
        answer.raise_for_status()
        return answer.json()


def measure_memory(table: Table, served: Site, user: Any, sheet: Worksheet) -> None:
    visitor = Visitor(served, user, sheet)
    visitor.get()
    parts = [",".join(map(str, range(MOST // PART)[first : first + PARTS])) for first in range(0, MOST // PART, PARTS)]
    fields = ",".join(("id", "name", *COLUMNS))
    change = {"scope": None, "changes": [{"field": "notes", "op": "set", "value": "Cleaned up"}]}
    keep = {**change, "keep": True, "token": str(uuid4()), "since": 0}
    works: dict[str, Callable[[], Any]] = {
        "open: the page": visitor.get,
        "open: all parts of 20 columns": lambda: [visitor.get(f"data?fields={fields}&parts={some}") for some in parts],
        "mix of a choice": lambda: visitor.post("mix", {"scope": None, "field": "type"}),
        "mix of names, which all differ": lambda: visitor.post("mix", {"scope": None, "field": "name"}),
        "statistics of a decimal": lambda: visitor.post("stats", {"scope": None, "field": "spend"}),
        "shared change over all rows: counted": lambda: visitor.post("share", {**change, "keep": False}),
        "shared change over all rows: kept": lambda: visitor.post("share", keep),
        "how it stands": lambda: visitor.get("standing"),
        "marks of all rows": lambda: visitor.get("marks"),
        "steps since": lambda: visitor.get("steps?since=0"),
        "undo of it": lambda: visitor.post("steps", {"since": 1, "steps": [{"token": str(uuid4()), "kind": "undo"}]}),
    }
    for words, work in works.items():
        began = time.perf_counter()
        before, most = served.memory(work)
        spent = time.perf_counter() - began
        table.add(f"{words}: {spent:.1f} s, {before} MB →", f"{most} MB", "≤ 500 MB")
