"""Facets over 100,000 and 1,000,000 rows of 20 columns, beside a bare script that counts lists it has in memory.

The script is as short as one gets in Python: no store, no pending edits, no meanings, one `Counter`. `÷ bare` says how
many times as long a facet of a worksheet takes once its column has been read; `first` is with reading it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, cast

import pytest
from django.contrib.auth.models import User

from adminui.planning.capabilities import Capabilities
from adminui.records.packing import PART
from adminui.records.schema import Field, Kind, Resource
from adminui.services.bench.facets import look
from adminui.services.bench.facetvalues import Values
from adminui.services.catalog import Opened
from adminui.services.statistics import key_of
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
CITIES = [f"Town number {i}" for i in range(400)]
FIELDS = (
    Field("id", "Id", Kind.INTEGER, read_only=True),
    Field("title", "Title", Kind.TEXT),
    Field("city", "City", Kind.TEXT),
    Field("name", "Name", Kind.TEXT),
    Field("price", "Price", Kind.DECIMAL, decimal_places=2),
    Field("made", "Made", Kind.DATETIME, zone="UTC"),
    Field("phone", "Phone", Kind.TEXT),
    *(Field(f"f{i}", f"F{i}", Kind.TEXT if i % 2 else Kind.INTEGER) for i in range(13)),
)
RESOURCE = Resource("things", "Things", "Thing", FIELDS, title_field="title")
CITY = {"facet": "text", "field": "city", "in": [key_of(FIELDS[2], city) for city in CITIES[:200]]}
PRICE = {"facet": "number", "field": "price", "from": "100", "to": "400"}
MADE = {"facet": "date", "field": "made", "from": "2021-01-01", "to": "2024-01-01"}
FILLED = {"facet": "blank", "field": "f3", "in": ["filled"]}
ONE: dict[str, list[dict[str, Any]]] = {
    "400 texts": [{"facet": "text", "field": "city"}],
    "10,000 texts": [{"facet": "text", "field": "name"}],
    "all texts differ": [{"facet": "text", "field": "title"}],
    "numbers": [{"facet": "number", "field": "price"}],
    "points in time": [{"facet": "date", "field": "made"}],
    "shapes": [{"facet": "shape", "field": "phone"}],
    "lengths": [{"facet": "length", "field": "phone"}],
    "duplicates": [{"facet": "duplicate", "field": "name"}],
}
FOUR = [CITY, PRICE, MADE, FILLED]
GOALS = {100_000: "100 ms, four together 200 ms", 1_000_000: "1 s"}


def record(row: int) -> dict[str, Any]:
    spread = (row * 2_654_435_761) % 2**32
    day = f"20{15 + spread % 11}-{1 + spread % 12:02}-{1 + spread % 28:02}"
    return {
        "id": row + 1,
        "title": f"Line item {row} of {spread % 977}",
        "city": CITIES[spread % 397],
        "name": f"Company {spread % 10_000}",
        "price": Decimal(spread % 50_000) / 100,
        "made": f"{day}T{spread % 24:02}:{spread % 60:02}:{spread % 59:02}Z",
        "phone": f"+49 {spread % 997} {spread % 99_991}",
        **{f"f{i}": (f"word {spread % (7 + i)}" if i % 2 else spread % (50 * (i + 1))) for i in range(13)},
    }


def filled(owner: User, rows: int) -> Worksheet:
    sheet: Worksheet = Worksheet.objects.create(
        owner=owner, connection="c", resource="things", title="t", source="s", rows=rows, state=Worksheet.State.READY
    )
    for part, first in enumerate(range(0, rows, PART)):
        records = [record(row) for row in range(first, min(rows, first + PART))]
        store.write_part(sheet, part, records, [f.name for f in FIELDS], staged=False)
    return sheet


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(3):
        began = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - began)
    return best, result


def opened_by(user: User) -> Opened:
    class Anyone(Opened):
        def may(self, action: str) -> bool:
            return True

    return Anyone(user, cast(Any, None), RESOURCE, RESOURCE, Capabilities())


def bare(columns: dict[str, list[Any]]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The same questions to lists, as a script would ask them."""
    yield "400 texts", lambda: Counter(columns["city"]).most_common(50)
    yield "10,000 texts", lambda: Counter(columns["name"]).most_common(50)
    yield "all texts differ", lambda: Counter(columns["title"]).most_common(50)
    yield "numbers", lambda: Counter(int(price) // 20 for price in columns["price"])
    yield "points in time", lambda: Counter(made[:7] for made in columns["made"])
    yield "lengths", lambda: Counter(map(len, columns["phone"]))
    yield "duplicates", lambda: sum(n for n in Counter(columns["name"]).values() if n > 1)


def bare_four(columns: dict[str, list[Any]]) -> list[Counter[Any]]:
    """Four selections over rows, each counted in the rows of the other three."""
    cities = set(CITIES[:200])
    tests: list[list[bool]] = [
        [city in cities for city in columns["city"]],
        [100 <= price < 400 for price in columns["price"]],
        ["2021-01-01" <= made < "2024-01-01" for made in columns["made"]],
        [bool(text) for text in columns["f3"]],
    ]
    shown = [columns["city"], [int(p) // 20 for p in columns["price"]], [m[:7] for m in columns["made"]], tests[3]]
    told = []
    for at, values in enumerate(shown):
        others = [test for place, test in enumerate(tests) if place != at]
        told.append(Counter(value for value, *let in zip(values, *others, strict=True) if all(let)))
    return told


@pytest.mark.parametrize("rows", sorted(GOALS))
def test_facets_answer_at_once(rows: int, lead: User):
    sheet, opened = filled(lead, rows), opened_by(lead)
    wanted = ("title", "city", "name", "price", "made", "phone", "f3")
    columns = {name: [value for _, held in store.each_part(sheet, [name]) for value in held[name]] for name in wanted}
    alone = dict(bare(columns))
    print(f"\n{rows:,} rows × {len(FIELDS)} fields; goal {GOALS[rows]}")
    print(f"{'facet':20} {'first ms':>9} {'again ms':>9} {'bare ms':>9} {'÷ bare':>7}")
    for name, asked in ONE.items():
        line(name, lambda asked=asked: look(opened, sheet, range(rows), asked), alone.get(name))
    found = line("four together", lambda: look(opened, sheet, range(rows), FOUR), lambda: bare_four(columns))
    expected = bare_four(columns)
    assert isinstance(found.facets[0], Values)
    assert {v.value: v.count for v in found.facets[0].values if v.count}.items() <= dict(expected[0]).items()
    assert found.count == sum(n for city, n in expected[0].items() if city in set(CITIES[:200]))


def line(name: str, work: Callable[[], Any], plain: Callable[[], Any] | None) -> Any:
    began = time.perf_counter()
    work()
    first = time.perf_counter() - began
    again, result = timed(work)
    beside = timed(plain)[0] if plain else None
    told = f"{beside * 1000:>9.1f} {again / beside:>7.1f}" if beside else ""
    print(f"{name:20} {first * 1000:>9.1f} {again * 1000:>9.1f} {told}")
    return result
