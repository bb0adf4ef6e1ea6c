"""Files out of a worksheet of 100,000 rows and 20 columns, beside a bare csv.writer over the same cells.

Four columns are all different, others numbers, picklists, moments; every tenth row has a pending edit.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

import pytest
from django.contrib.auth.models import User

from adminui.connections.config import Connection
from adminui.planning.capabilities import Capabilities
from adminui.records.packing import PART
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.services.catalog import Opened
from adminui.services.files import choosing, exporting
from adminui.services.files.laying import Wanted
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.benchmarks.worksheets import Table

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
ROWS = 100_000
STATES = tuple(Choice(i, f"State {i}") for i in range(12))
FIELDS = (
    Field("id", "Id", Kind.INTEGER, read_only=True),
    Field("name", "Name", Kind.TEXT),
    Field("email", "E-mail", Kind.TEXT),
    Field("phone", "Phone", Kind.TEXT),
    Field("updated", "Updated", Kind.DATETIME, zone="UTC", read_only=True),
    Field("status", "Status", Kind.CHOICE, choices=STATES),
    Field("owner", "Owner", Kind.REFERENCE, reference="people"),
    Field("active", "Active", Kind.BOOLEAN),
    Field("price", "Price", Kind.DECIMAL, decimal_places=2),
    Field("since", "Since", Kind.DATE),
    *(Field(f"f{i}", f"F {i}", Kind.TEXT if i % 2 else Kind.INTEGER) for i in range(10)),
)
RESOURCE = Resource("things", "Things", "Thing", FIELDS, title_field="name")


def record(row: int) -> dict[str, Any]:
    spread = (row * 2_654_435_761) % 2**32
    return {
        "id": 10_000 + row,
        "name": f"Company number {row} of {spread % 977}",
        "email": f"person.{row}@example-{spread % 877}.com",
        "phone": f"+47 22 {spread % 9000 + 1000} {row % 100}" if row % 3 else None,
        "updated": f"2026-{spread % 12 + 1:02}-{spread % 28 + 1:02}T{row % 24:02}:{spread % 60:02}:{row % 60:02}Z",
        "status": spread % 12,
        "owner": 30_000 + spread % 300,
        "active": bool(spread % 2),
        "price": Decimal(spread % 50_000) / 100,
        "since": f"20{spread % 26:02}-{spread % 12 + 1:02}-{spread % 28 + 1:02}",
        **{f"f{i}": (f"word {spread % (7 + i)}" if i % 2 else spread % (50 * (i + 1))) for i in range(10)},
    }


@pytest.fixture
def opened(lead: User) -> Opened:
    class Anyone(Opened):
        def may(self, action: str) -> bool:
            return True

    held = Connection("made-up", "Made up", "buzz", "http://127.0.0.1:9", "test")
    return Anyone(lead, held, RESOURCE, RESOURCE, Capabilities())


@pytest.fixture
def sheet(opened: Opened) -> Worksheet:
    made: Worksheet = Worksheet.objects.create(
        owner_id=opened.user_id, connection="made-up", resource="things", title="All", source="s", rows=ROWS
    )
    for first in range(0, ROWS, PART):
        records = [record(row) for row in range(first, first + PART)]
        store.write_part(made, first // PART, records, [f.name for f in FIELDS], staged=False)
        store.keep_marks(
            made, {("name", first // PART): {row: {"e": f"New {row}"} for row in range(first, first + PART, 10)}}
        )
    return made


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(2):
        began = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - began)
    return best, result


def wanted(opened: Opened, form: str) -> Wanted:
    return choosing.wanted(opened, {"form": form, "columns": "all", "formulas": "1"}, [])


def bare(rows: list[tuple[str, ...]]) -> int:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return len(text.getvalue().encode())


def bare_xlsx(rows: list[tuple[str, ...]]) -> int:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return file.tell()


def first(blocks: Iterator[bytes]) -> bytes:
    return next(blocks) + next(blocks)


def test_a_file_is_written_as_fast_as_a_script_would(opened: Opened, sheet: Worksheet) -> None:
    table = Table(f"{ROWS:,} rows × {len(FIELDS)} fields, every tenth row changed")
    as_csv = exporting.prepared(opened, sheet, wanted(opened, "csv"), range(ROWS))
    as_xlsx = exporting.prepared(opened, sheet, wanted(opened, "xlsx"), range(ROWS))
    begin, _ = timed(lambda: first(exporting.written(as_csv)))
    spent, blocks = timed(lambda: list(exporting.written(as_csv)))
    rows = [tuple(row) for row in csv.reader(io.StringIO(b"".join(blocks).decode(), newline=""))]
    assert [row[0] for row in rows[1:]] == [str(10_000 + row) for row in range(ROWS)]
    assert [row[1] for row in rows[1::10]] == [f"New {row}" for row in range(0, ROWS, 10)]
    script_csv, _ = timed(lambda: bare(rows))
    table.add("CSV, first rows", f"{begin * 1000:.0f} ms", "500 ms")
    table.add(f"CSV, all of it ({sum(map(len, blocks)) / 1e6:.1f} MB)", f"{spent:.2f} s", "3 s")
    table.add("  a bare csv.writer over the same cells", f"{script_csv:.2f} s")
    table.add("  ratio", f"{spent / script_csv:.1f}")
    began = time.perf_counter()
    size = sum(map(len, exporting.written(as_xlsx)))
    workbook = time.perf_counter() - began
    began = time.perf_counter()
    bare_xlsx(rows)
    script = time.perf_counter() - began
    table.add(f"XLSX, all of it ({size / 1e6:.1f} MB)", f"{workbook:.2f} s", "10 s")
    table.add("  bare xlsxwriter, constant memory, all text", f"{script:.2f} s")
    table.add("  ratio", f"{workbook / script:.2f}")
    if find_spec("polars") is None:
        table.add("  polars is not installed", "-")
