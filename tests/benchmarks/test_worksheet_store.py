"""The worksheet's store beside others: a text facet, writing and size of 100,000 and 1,000,000 rows, in one run.

Beside our columns: one JSON row per record in the same database, decoded here or counted by it, and, where `duckdb`
can be imported, Parquet. Every facet is the same question: the values of a text field with their counts.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Length

from adminui.planning.capabilities import Capabilities
from adminui.records.casting import to_json
from adminui.records.operations import Operation
from adminui.records.packing import PART
from adminui.records.schema import Field, Kind, Resource
from adminui.services import sharing, statistics
from adminui.services.catalog import Opened
from adminui.services.sharing import Change
from adminui.worksheets import store
from adminui.worksheets.models import Chunk, Worksheet

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
FEW, UNIQUE, PRICE = "city", "title", "price"
CITIES = [f"Town number {i}" for i in range(400)]
FIELDS = (
    Field("id", "Id", Kind.INTEGER, read_only=True),
    Field(UNIQUE, "Title", Kind.TEXT),
    Field(FEW, "City", Kind.TEXT),
    Field(PRICE, "Price", Kind.DECIMAL, decimal_places=2),
    *(Field(f"f{i}", f"F{i}", Kind.TEXT if i % 2 else Kind.INTEGER) for i in range(6)),
)
RESOURCE = Resource("things", "Things", "Thing", FIELDS, title_field=UNIQUE)
SIZES = [100_000, 1_000_000]


def record(row: int) -> dict[str, Any]:
    spread = (row * 2_654_435_761) % 2**32
    return {
        "id": row + 1,
        UNIQUE: f"Line item {row} of {spread % 977}",
        FEW: CITIES[spread % 397],
        PRICE: Decimal(spread % 50_000) / 100,
        **{f"f{i}": (f"word {spread % (7 + i)}" if i % 2 else spread % (50 * (i + 1))) for i in range(6)},
    }


def batches(rows: int) -> Iterator[list[dict[str, Any]]]:
    for first in range(0, rows, PART):
        yield [record(row) for row in range(first, min(rows, first + PART))]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(2):
        began = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - began)
    return best, result


def peak(work: Callable[[], Any]) -> str:
    """MB of this process before the work, and at most while it was done."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _memory("VmRSS")
    work()
    return f"{before} → {_memory('VmHWM')} MB"


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) >> 10


def opened_by(user: User) -> Opened:
    class Anyone(Opened):
        def may(self, action: str) -> bool:
            return True

    return Anyone(user, cast(Any, None), RESOURCE, RESOURCE, Capabilities())


@pytest.mark.parametrize("rows", SIZES)
def test_the_store_beside_others(rows: int, lead: User, tmp_path: Path):
    sheet = Worksheet.objects.create(owner=lead, connection="c", resource="things", title="t", source="s", rows=rows)
    opened = opened_by(lead)
    lines: list[tuple[str, float, float, float, float]] = []
    writing = write_columns(sheet, rows)
    memory = [peak(lambda name=name: statistics.mix(opened, sheet, range(rows), name)) for name in (FEW, UNIQUE)]
    few, counts = timed(lambda: statistics.mix(opened, sheet, range(rows), FEW))
    unique, _ = timed(lambda: statistics.mix(opened, sheet, range(rows), UNIQUE))
    size = Chunk.objects.filter(worksheet=sheet).aggregate(n=Sum(Length("data")))["n"]
    lines.append(("our columns", writing, size, few, unique))
    expected = {each.value: each.count for each in counts.values}
    print(f"\n{rows:,} rows × {len(FIELDS)} fields; RSS before → most: few texts {memory[0]}, all differ {memory[1]}")
    lines += rows_in_json(rows, expected)
    lines += in_parquet(rows, expected, tmp_path)
    heads = ["write s/100k", "MB/100k", "few texts s", "÷ ours", "all differ s", "÷ ours"]
    print(f"{'':26} {heads[0]:>12} {heads[1]:>8} {heads[2]:>12} {heads[3]:>7} {heads[4]:>12} {heads[5]:>7}")
    for name, wrote, held, fast, slow in lines:
        per = rows / 100_000
        print(
            f"{name:26} {wrote / per:>12.2f} {held / per / 2**20:>8.1f}"
            f" {fast:>12.3f} {fast / few:>7.1f} {slow:>12.3f} {slow / unique:>7.1f}"
        )


def write_columns(sheet: Worksheet, rows: int) -> float:
    spent = 0.0
    for part, records in enumerate(batches(rows)):
        began = time.perf_counter()
        store.write_part(sheet, part, records, [f.name for f in FIELDS], staged=False)
        spent += time.perf_counter() - began
    return spent


def rows_in_json(rows: int, expected: dict[Any, int]) -> list[tuple[str, float, float, float, float]]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_rows (row INTEGER PRIMARY KEY, data TEXT)")
        spent, size, first = 0.0, 0, 0
        for records in batches(rows):
            began = time.perf_counter()
            listed = [(first + at, to_json(each)) for at, each in enumerate(records)]
            cursor.executemany("INSERT INTO bench_rows VALUES (%s, %s)", listed)
            spent += time.perf_counter() - began
            size += sum(len(text) for _, text in listed)
            first += len(records)

        def decoded(name: str) -> Counter[str]:
            cursor.execute("SELECT data FROM bench_rows")
            return Counter(json.loads(text)[name] for (text,) in cursor)

        def grouped(name: str) -> dict[str, int]:
            cursor.execute(f"SELECT json_extract(data, '$.{name}'), COUNT(*) FROM bench_rows GROUP BY 1")
            return dict(cursor.fetchall())

        found = []
        for title, facet in (("JSON rows, decoded here", decoded), ("JSON rows, by SQLite", grouped)):
            few, counts = timed(lambda facet=facet: facet(FEW))
            assert expected.items() <= counts.items()
            found.append((title, spent, float(size), few, timed(lambda facet=facet: facet(UNIQUE))[0]))
        cursor.execute("DROP TABLE bench_rows")
    return found


def in_parquet(rows: int, expected: dict[Any, int], folder: Path) -> list[tuple[str, float, float, float, float]]:
    try:
        import duckdb
    except ImportError:
        print("duckdb is not installed: no Parquet to compare with")
        return []
    source, target = folder / "rows.jsonl", folder / "rows.parquet"
    with source.open("w") as file:
        for records in batches(rows):
            file.writelines(to_json(each) + "\n" for each in records)
    began = time.perf_counter()
    duckdb.execute(f"COPY (SELECT * FROM read_json('{source}')) TO '{target}' (FORMAT parquet)")
    spent = time.perf_counter() - began
    source.unlink()

    def facet(name: str) -> dict[str, int]:
        return dict(duckdb.execute(f"SELECT {name}, COUNT(*) FROM '{target}' GROUP BY 1").fetchall())

    few, counts = timed(lambda: facet(FEW))
    assert expected.items() <= counts.items()
    return [("DuckDB over Parquet", spent, target.stat().st_size, few, timed(lambda: facet(UNIQUE))[0])]


@pytest.mark.parametrize("rows", SIZES)
def test_shared_changes_counted_and_kept(rows: int, lead: User):
    sheet = Worksheet.objects.create(owner=lead, connection="c", resource="things", title="t", source="s", rows=rows)
    opened = opened_by(lead)
    write_columns(sheet, rows)
    print(f"\n{rows:,} rows: shared changes; RSS before → at most")
    asked = {
        "set a city (400 texts)": Change(FEW, Operation("set", "Bonn")),
        "+10 % on a price": Change(PRICE, Operation("percent", "10")),
        "append to titles that differ": Change(UNIQUE, Operation("append", "!")),
    }
    for name, change in asked.items():
        look = partial(sharing.count, opened, sheet, range(rows), [change])
        spent, told = timed(look)
        counting = peak(look)
        began = time.perf_counter()
        keeping = peak(lambda change=change: sharing.share(opened, sheet, range(rows), [change], uuid4()))
        kept = time.perf_counter() - began
        print(f"{name:30} counted {spent:.2f} s ({counting}), kept {kept:.2f} s ({keeping}): {told.tally.sentence}")
