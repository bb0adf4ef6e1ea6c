"""In which rows facets hold, and what they count: judged row by row by something slow and plain."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import compress
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.records.casting import to_text
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue, as_datetime, as_decimal
from adminui.services import current, marking
from adminui.services.bench import facets, frames, where
from adminui.services.bench.facets import Bins
from adminui.services.bench.facetvalues import Values
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.scope import Ranges
from adminui.services.statistics import key_of
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.columns import THINGS, sheet_of, things, type_in

pytestmark = pytest.mark.django_db
SLOWLY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = ["Bonn", "bonn", " Bonn", "Ab 12-345", "x" * 70, "", "  ", "n/a", "ß", "12", None, MISSING]
HELD: dict[str, list[Any]] = {
    "name": NAMES,
    "status": [1, 2, 3, "3", 9, None, MISSING],
    "price": [Decimal("1.50"), Decimal("1.5"), 2, "2.0", "much", Decimal("-3"), Decimal("700"), None, MISSING],
    "count": [0, 1, 5, 5, 40, -2, 10**30, True],
    "day": ["2024-02-29", "2024-03-01", "2025-12-31", "2025-02-30", "1999-01-01", "", None, MISSING],
    "made": ["2024-02-29T23:59:59Z", "2024-03-01T00:30:00+02:00", "2024-03-01 10:00", "later", None, MISSING],
    "tags": [["a", "b"], ["b", "a"], [], None, MISSING],
}
TYPED: dict[str, list[str | None]] = {
    "name": ["Bonn", "", None, "far too long for this field", " Ulm"],
    "status": ["1", "3", None, "nonsense"],
    "price": ["1.5", "9999", None, "cheap", "1.234"],
    "count": ["5", None, "many", "-2"],
    "day": ["2024-03-01", "yesterday", None],
}
DAYS = ["2024-02-29", "2024-03-01", "2025-01-01"]


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return things(autotask.open(lead, "Companies"))


@pytest.fixture(params=[4, 10_000], ids=["several parts", "one part"])
def parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (store, current, frames, marking):
        monkeypatch.setattr(module, "PART", request.param)
    monkeypatch.setattr("tests.services.columns.PART", request.param)


records = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in HELD.items()}), min_size=1, max_size=12
)
edits = st.dictionaries(st.tuples(st.sampled_from(sorted(TYPED)), st.integers(0, 11)), st.integers(0, 4), max_size=8)


def filled(opened: Opened, rows: list[dict[str, Any]], typed: dict[tuple[str, int], int]) -> Worksheet:
    sheet = sheet_of(opened, [{name: v for name, v in row.items() if v is not MISSING} for row in rows])
    for name, texts in TYPED.items():
        cells = {r: texts[n % len(texts)] for (field, r), n in typed.items() if field == name and r < len(rows)}
        if cells:
            type_in(opened, sheet, name, cells)
    return sheet


# The plain way: every cell by itself


def cells(sheet: Worksheet, name: str) -> list[MaybeValue]:
    """What an editor would show, row by row: what is typed where there is an edit."""
    column = [value for part in store.parts_of(sheet) for value in store.columns(sheet, [name], part)[name]]
    for (field, _), marks in store.marks(sheet).items():
        for row, mark in marks.items():
            if field == name and "e" in mark:
                column[row] = mark["e"]
    return column


def blank(value: MaybeValue) -> str:
    if value is None or value is MISSING:
        return "null" if value is None else "missing"
    if value in ("", [], {}):
        return "empty"
    return "spaces" if isinstance(value, str) and not value.strip() else "filled"


def day(value: MaybeValue) -> str | None:
    moment = as_datetime(value)
    return moment.date().isoformat() if moment else None


def shape(field: Field, value: MaybeValue) -> str | None:
    if value is None or value is MISSING:
        return None
    text = "".join(
        "9" if c.isdigit() else ("A" if c.isupper() or c.istitle() else "a") if c.isalpha() else c
        for c in to_text(field, value)
    )
    short = re.sub("AA+", "AA", re.sub("a+", "aa", text))
    return short if len(short) <= 60 else f"{short[:59]}…"


def alike(field: Field, value: MaybeValue) -> str | None:
    return None if blank(value) != "filled" else key_of(field, value)


def between(found: Any, facet: dict[str, Any]) -> bool:
    read: Callable[[Any], Any] = (lambda text: text) if facet["facet"] == "date" else as_decimal
    low, high = (read(facet[end]) if facet.get(end) else None for end in ("from", "to"))
    if low is None and high is None:
        return facet.get("blank") is None or (found is None) is facet["blank"]
    if found is None:
        return bool(facet.get("blank"))
    below = high is None or found < high or (bool(facet.get("closed")) and found == high)
    return (low is None or low <= found) and below


def holds(facet: dict[str, Any], field: Field, value: MaybeValue, column: list[MaybeValue]) -> bool:
    kind, within, without = facet["facet"], facet.get("in") or [], facet.get("out") or []
    if kind in ("number", "date"):
        return between(as_decimal(value) if kind == "number" else day(value), facet)
    if kind == "length":
        size = None if value is None or value is MISSING else len(to_text(field, value))
        ends = facet.get("from"), facet.get("to")
        return ends == (None, None) or (
            size is not None and (ends[0] or 0) <= size and (ends[1] is None or size <= ends[1])
        )
    if kind == "match":
        text = "" if value is None or value is MISSING else to_text(field, value)
        label = field.choice(value).label if value not in (None, MISSING) and field.choice(value) else ""  # type: ignore
        found = [facet["text"].casefold() in said.casefold() for said in (text, label)]
        return any(found) or not facet["text"]
    told = {
        "text": lambda: key_of(field, value),
        "blank": lambda: blank(value),
        "shape": lambda: shape(field, value),
        "duplicate": lambda: _duplicate(field, value, column),
    }[kind]()
    return (not within or told in within) and told not in without


def _duplicate(field: Field, value: MaybeValue, column: list[MaybeValue]) -> str:
    like = alike(field, value)
    times = sum(alike(field, other) == like for other in column)
    return "" if like is None else "duplicate" if times > 1 else "unique"


def is_set(facet: dict[str, Any]) -> bool:
    return any(facet.get(name) not in (None, "", []) for name in ("in", "out", "from", "to", "blank", "text"))


def naive(sheet: Worksheet, asked: list[dict[str, Any]]) -> list[bool]:
    rows = [True] * sheet.rows
    for facet in asked:
        column = cells(sheet, facet["field"])
        field = THINGS.by_name[facet["field"]]
        for row, value in enumerate(column):
            held = holds(facet, field, value, column) != bool(facet.get("not") and is_set(facet))
            rows[row] = rows[row] and held
    return rows


# Selections of every kind


def some_keys(name: str) -> Any:
    field = THINGS.by_name[name]
    return st.lists(st.sampled_from([*HELD[name], *TYPED.get(name, [])]).map(lambda v: key_of(field, v)), max_size=3)


@st.composite
def selections(draw: Any) -> dict[str, Any]:
    kind = draw(st.sampled_from(["text", "number", "date", "blank", "length", "shape", "duplicate", "match"]))
    name = draw(st.sampled_from(sorted(HELD)))
    facet: dict[str, Any] = {"facet": kind, "field": name}
    if kind in ("number", "date"):
        bounds = st.sampled_from([None, "-2.5", "1.50", "2", "700"] if kind == "number" else [None, *DAYS])
        facet |= {"from": draw(bounds), "to": draw(bounds), "closed": draw(st.booleans())}
        facet |= {"blank": draw(st.sampled_from([None, True, False]))}
    elif kind == "length":
        facet |= {"from": draw(st.sampled_from([None, 0, 2])), "to": draw(st.sampled_from([None, 1, 5]))}
    elif kind == "match":
        facet |= {"text": draw(st.sampled_from(["", "bo", "1", " ", "NEW", "ac"]))}
    elif kind == "text":
        facet |= {"in": draw(some_keys(name)), "out": draw(some_keys(name))}
    elif kind == "shape":
        shapes = [shape(THINGS.by_name[name], value) for value in HELD[name]]
        chosen = st.lists(st.sampled_from([each for each in shapes if each is not None]), max_size=2)
        facet |= {"in": draw(chosen), "out": draw(chosen)}
    else:
        names = ["null", "missing", "empty", "spaces", "filled"] if kind == "blank" else ["unique", "duplicate"]
        facet |= {"in": draw(st.lists(st.sampled_from(names), max_size=2))}
    return facet | ({"not": True} if draw(st.booleans()) else {})


@pytest.mark.usefixtures("parts")
@SLOWLY
@given(rows=records, typed=edits, asked=st.lists(selections(), max_size=4))
def test_facets_hold_where_they_hold_row_by_row(
    opened: Opened, rows: list[dict[str, Any]], typed: dict[tuple[str, int], int], asked: list[dict[str, Any]]
):
    with undone():
        sheet = filled(opened, rows, typed)
        fields = [THINGS.by_name[name] for name in sorted(where.needs(asked))] or [THINGS.by_name["id"]]
        held = frames.frames(sheet, range(sheet.rows), fields)
        masks = where.holding(opened, held, asked)
        assert [bool(flag) for mask in masks for flag in mask] == naive(sheet, asked)


@pytest.mark.usefixtures("parts")
@SLOWLY
@given(rows=records, typed=edits, asked=st.lists(selections(), min_size=1, max_size=3))
def test_every_facet_counts_the_rows_that_the_others_let_through(
    opened: Opened, rows: list[dict[str, Any]], typed: dict[tuple[str, int], int], asked: list[dict[str, Any]]
):
    with undone():
        sheet = filled(opened, rows, typed)
        looked = facets.look(opened, sheet, range(sheet.rows), asked)
        let = naive(sheet, asked)
        assert looked.count == sum(let)
        bits = int.from_bytes(looked.rows, "little") if looked.rows is not None else 2**sheet.rows - 1
        assert [bool(bits >> row & 1) for row in range(sheet.rows)] == let
        for place, (facet, found) in enumerate(zip(asked, looked.facets, strict=True)):
            others = naive(sheet, [*asked[:place], *asked[place + 1 :]])
            assert counted(found) == expected(sheet, facet, others)


def counted(found: Values | Bins | None) -> Counter[Any] | int | None:
    if isinstance(found, Bins):
        return sum(each.count for each in found.bins) + found.blank
    return Counter({each.key: each.count for each in found.values if each.count}) if found else None


def expected(sheet: Worksheet, facet: dict[str, Any], others: list[bool]) -> Counter[Any] | int | None:
    field, column = THINGS.by_name[facet["field"]], cells(sheet, facet["field"])
    told: dict[str, Callable[[MaybeValue], Any]] = {
        "text": lambda value: key_of(field, value),
        "blank": blank,
        "shape": lambda value: shape(field, value),
        "duplicate": lambda value: _duplicate(field, value, column) or None,
    }
    if facet["facet"] not in told:
        return None if facet["facet"] == "match" else sum(others)
    return Counter(each for each in map(told[facet["facet"]], compress(column, others)) if each is not None)


class undone:
    """What an example wrote is taken back, or the next would find it."""

    def __enter__(self) -> None:
        self.held = transaction.atomic()
        self.held.__enter__()

    def __exit__(self, *_: Any) -> None:
        transaction.set_rollback(True)
        self.held.__exit__(None, None, None)


# Cases by hand


def test_bins_hold_what_lies_between_their_ends(opened: Opened):
    prices = [Decimal(n) / 4 for n in range(400)] + [Decimal(1_000_000)]
    sheet = sheet_of(opened, [{"price": price} for price in prices])
    found = facets.look(opened, sheet, range(sheet.rows), [{"facet": "number", "field": "price"}]).facets[0]
    assert isinstance(found, Bins)
    for each in found.bins:
        low, high = (as_decimal(end) if end is not None else None for end in (each.low, each.high))
        assert each.count == sum((low is None or low <= p) and (high is None or p < high) for p in prices)
    assert (found.bins[-1].high, found.bins[-1].count) == (None, 1), "what is far off has a bin of its own"
    assert (found.least, found.most) == ("0", "1000000")


@pytest.mark.parametrize(("days", "first"), [(3, "2024-02-28"), (200, "2024-02-26"), (900, "2024-02-01")])
def test_days_are_told_by_day_week_or_month(opened: Opened, days: int, first: str):
    start = date(2024, 2, 28).toordinal()
    held = [date.fromordinal(start + n).isoformat() for n in range(days)]
    sheet = sheet_of(opened, [{"day": each} for each in held])
    found = facets.look(opened, sheet, range(days), [{"facet": "date", "field": "day"}]).facets[0]
    assert isinstance(found, Bins)
    assert found.bins[0].low == first
    assert [each.count for each in found.bins] == [
        sum(str(each.low) <= day < str(each.high) for day in held) for each in found.bins
    ]


def test_states_are_those_of_the_marks(opened: Opened):
    sheet = sheet_of(opened, [{"name": "a", "price": Decimal(1)} for _ in range(6)])
    type_in(opened, sheet, "name", {0: "b", 1: "far too long for this field"})
    type_in(opened, sheet, "price", {1: "2"})
    asked = [{"facet": "state", "field": "", "in": ["changed"]}]
    looked = facets.look(opened, sheet, range(6), asked)
    assert looked.rows == bytes([0b11])
    assert counted(looked.facets[0]) == Counter(changed=2, invalid=1, unchanged=4)
    for state, field, mask in (
        ("invalid", "", [0, 1, 0, 0, 0, 0]),
        ("changed", "price", [0, 1, 0, 0, 0, 0]),
        ("unchanged", "", [0, 0, 1, 1, 1, 1]),
    ):
        held = frames.frames(sheet, range(6), [THINGS.by_name["name"]])
        assert where.holding(opened, held, [{"facet": "state", "field": field, "in": [state]}]) == [bytes(mask)]


def test_only_the_rows_meant_are_counted(opened: Opened):
    sheet = sheet_of(opened, [{"name": "x" if row % 2 else "y"} for row in range(20)])
    looked = facets.look(opened, sheet, Ranges([0, 10], [3, 12]), [{"facet": "duplicate", "field": "name"}])
    assert (looked.total, looked.rows) == (5, None)
    found = facets.look(opened, sheet, Ranges([0, 10], [3, 12]), [{"facet": "text", "field": "name"}]).facets[0]
    assert isinstance(found, Values)
    assert {each.value: each.count for each in found.values} == {"y": 3, "x": 2}


def test_ten_thousand_values_come_by_the_page_and_are_searched(opened: Opened):
    sheet = sheet_of(opened, [{"name": f"n{row}"} for row in range(9_000)] + [{"name": "n5"}] * 3)
    rows = range(sheet.rows)
    chosen = key_of(THINGS.by_name["name"], "n7777")

    def values(**view: Any) -> Values:
        found = facets.look(opened, sheet, rows, [{"facet": "text", "field": "name"} | view]).facets[0]
        assert isinstance(found, Values)
        return found

    first = values(size=10)
    assert (first.distinct, len(first.values), first.values[0].value, first.values[0].count) == (9_000, 10, "n5", 4)
    assert [each.value for each in values(sort="value", size=3, **{"from": 2}).values] == ["n10", "n100", "n1000"]
    assert values(search="N899").found == 11
    told = values(size=2, **{"in": [chosen]}).values
    assert (told[0].key, told[0].count, told[0].chosen) == (chosen, 1, "in"), "what is chosen is always told"


def test_a_later_edit_and_a_new_baseline_are_seen(opened: Opened):
    sheet = sheet_of(opened, [{"name": "a"}, {"name": "a"}])
    asked = [{"facet": "text", "field": "name"}]
    assert counted(facets.look(opened, sheet, range(2), asked).facets[0]) == Counter({'["text", "a"]': 2})
    type_in(opened, sheet, "name", {1: "b"})
    assert counted(facets.look(opened, sheet, range(2), asked).facets[0]) == Counter(
        {'["text", "a"]': 1, '["text", "b"]': 1}
    )
    store.write_part(sheet, 0, [{"name": "c"}, {"name": "c"}], ["name"], staged=False)
    store.baseline_changed(sheet)
    sheet.refresh_from_db()
    assert counted(facets.look(opened, sheet, range(2), asked).facets[0]) == Counter(
        {'["text", "c"]': 1, '["text", "b"]': 1}
    )


@pytest.mark.parametrize(
    "facet",
    [
        {"facet": "text", "field": "secret", "in": ["x"]},
        {"facet": "text", "field": "nothing"},
        {"facet": "text"},
        {"facet": "text", "field": "name", "in": "x"},
        {"facet": "text", "field": "name", "in": ["no key"]},
        {"facet": "number", "field": "price", "from": "cheap"},
        {"facet": "number", "field": "price", "from": 1},
        {"facet": "date", "field": "day", "to": "2025-02-30"},
        {"facet": "length", "field": "name", "from": -1},
        {"facet": "blank", "field": "name", "in": ["full"]},
        {"facet": "duplicate", "field": "name", "as": "sound", "in": ["unique"]},
        {"facet": "match", "field": "name", "text": "(", "regex": True},
        {"facet": "state", "field": "", "in": ["happy"]},
        {"facet": "colour", "field": "name"},
        {"facet": "rule", "rule": {"kind": "nonsense", "field": "name"}},
    ],
)
def test_a_facet_that_makes_no_sense_is_refused(opened: Opened, facet: dict[str, Any]):
    sheet = sheet_of(opened, [{"name": "a"}])
    with pytest.raises(BadInput):
        facets.look(opened, sheet, range(1), [facet])


def test_accents_and_case_do_not_hinder_a_fingerprint(opened: Opened):
    names = ["Müller, Inc", unicodedata.normalize("NFD", "inc müller"), "Other", None]
    sheet = sheet_of(opened, [{"name": name} for name in names])
    asked = [{"facet": "duplicate", "field": "name", "as": "fingerprint", "in": ["duplicate"]}]
    assert facets.look(opened, sheet, range(4), asked).rows == bytes([0b11])
