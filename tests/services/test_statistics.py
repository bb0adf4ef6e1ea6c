"""What a column holds: values counted by meaning, figures exact, and the rows that are meant."""

from __future__ import annotations

import random
import statistics as plainly
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.operations import Operation
from adminui.records.packing import PART
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, canonical
from adminui.services import sharing, statistics
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.scope import Ranges, parts_of, ranges_of, rows_in
from adminui.services.sharing import Change, Only
from adminui.services.statistics import key_of
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.records.strategies import VALUES, fields, nested, respelled
from tests.services.columns import sheet_of, things, type_in


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return things(autotask.open(lead, "Companies"))


def mixed(opened: Opened, sheet: Worksheet, name: str, rows: Any = None) -> list[tuple[Any, int]]:
    found = statistics.mix(opened, sheet, range(sheet.rows) if rows is None else rows, name)
    return [(each.value, each.count) for each in found.values]


@pytest.mark.django_db
def test_values_are_counted_by_what_they_mean_with_pending_edits(opened: Opened):
    prices = [Decimal("1.0"), Decimal("1.00"), "1", 1, Decimal(2), None]
    sheet = sheet_of(opened, [*({"price": p} for p in prices), {}])
    assert mixed(opened, sheet, "price") == [(Decimal("1.0"), 4), (Decimal(2), 1), (None, 1), (MISSING, 1)]
    type_in(opened, sheet, "price", {0: "2.00", 1: "much", 6: "2"})
    assert mixed(opened, sheet, "price") == [(Decimal("2.00"), 3), (Decimal("1.00"), 3), (None, 1)]
    assert mixed(opened, sheet, "price", [0, 5]) == [(Decimal("2.00"), 1), (None, 1)]


@pytest.mark.django_db
def test_an_empty_text_null_unset_and_the_word_null_are_four_values(opened: Opened):
    sheet = sheet_of(opened, [{"name": ""}, {"name": None}, {}, {"name": "null"}])
    found = statistics.mix(opened, sheet, range(4), "name")
    assert len({each.key for each in found.values}) == found.distinct == 4


@pytest.mark.django_db
def test_the_rest_is_summed_up_and_parts_are_counted_together(opened: Opened):
    rows = PART + 100
    sheet = sheet_of(
        opened, [{"name": f"n{row % 70}", "tags": [["a", "b"], ["b", "a"]][row % 2]} for row in range(rows)]
    )
    found = statistics.mix(opened, sheet, range(rows), "name")
    assert (found.distinct, len(found.values), found.other_values) == (70, 50, 20)
    assert sum(each.count for each in found.values) + found.other_rows == rows
    assert [each.count for each in found.values] == sorted((each.count for each in found.values), reverse=True)
    assert mixed(opened, sheet, "tags") == [(["a", "b"], rows)]
    edge = statistics.mix(opened, sheet, Ranges([PART - 1], [PART + 1]), "name")
    assert {each.value for each in edge.values} == {f"n{(PART - 1) % 70}", f"n{PART % 70}"}


@pytest.mark.django_db
def test_every_value_of_a_mix_names_its_rows_in_a_condition(opened: Opened):
    chance = random.Random(3)
    held = ["x", '"x"', "", None, MISSING, "Größe", "\ud800"]
    sheet = sheet_of(
        opened, [{"count": 1} | ({} if (v := chance.choice(held)) is MISSING else {"name": v}) for _ in range(80)]
    )
    type_in(opened, sheet, "name", {row: chance.choice(["y", None, "z"]) for row in range(0, 80, 3)})
    for each in statistics.mix(opened, sheet, range(80), "name").values:
        change = Change("count", Operation("set", "2"), Only("name", each.key))
        assert sharing.count(opened, sheet, range(80), [change]).tally.changed == each.count


@given(st.data())
def test_two_values_have_one_key_exactly_when_they_mean_the_same(data: st.DataObject):
    field = data.draw(fields("thing"))
    value = data.draw(VALUES[field.kind])
    other = data.draw(st.one_of(VALUES[field.kind], st.just(respelled(field, value)), nested))
    assert (key_of(field, value) == key_of(field, other)) is (canonical(field, value) == canonical(field, other))


def test_a_key_is_the_same_in_every_process():
    pairs = Field("pairs", "Pairs", Kind.LIST, unordered=True)
    assert key_of(pairs, [{"b": 1, "a": None}, "x"]) == key_of(pairs, ["x", {"a": None, "b": Decimal("1.0")}])
    assert key_of(pairs, ["x"]) == '["list", [[["text", "x"], 1]]]'
    assert key_of(Field("n", "N", Kind.DECIMAL), Decimal("-0.0")) == key_of(Field("n", "N", Kind.DECIMAL), 0)


@pytest.mark.django_db
def test_figures_of_numbers_are_exact(opened: Opened):
    chance = random.Random(5)
    prices = [Decimal(chance.randrange(-5_000, 90_000)) / 100 for _ in range(501)]
    sheet = sheet_of(opened, [*({"price": p} for p in prices), {"price": None}, {"price": "odd"}, {}])
    facts = statistics.stats(opened, sheet, range(sheet.rows), "price")
    numbers = facts.numbers
    assert numbers is not None and (facts.rows, facts.null, facts.unset, facts.empty) == (504, 1, 1, 0)
    assert (numbers.rows, numbers.least, numbers.most) == (501, min(prices), max(prices))
    assert (numbers.sum, numbers.median) == (sum(prices), plainly.median(prices))
    assert abs(numbers.mean - sum(prices) / 501) <= Decimal("0.00005") and not numbers.mean_is_exact
    assert facts.distinct == len(set(prices)) + 1
    first = statistics.stats(opened, sheet, range(4), "price").numbers
    assert first is not None and first.mean == sum(prices[:4]) / 4 and first.mean_is_exact
    assert first.median == plainly.median(prices[:4])


@pytest.mark.django_db
def test_figures_of_texts_dates_and_lists(opened: Opened):
    days = ["2026-03-01", None, "1999-12-31", "2026-02-28T00:00:00", "soon"]
    names = ["abc", "", "a", "abcdef", "abc"]
    records = zip(names, days, [[], ["a"], None, [], ["a"]], strict=True)
    sheet = sheet_of(opened, [{"name": n, "day": d, "tags": t} for n, d, t in records])
    facts = statistics.stats(opened, sheet, range(5), "name")
    assert (facts.texts, facts.empty, facts.distinct, facts.numbers) == (("a", "abcdef"), 1, 4, None)
    assert (facts.frequent[0].value, facts.frequent[0].count) == ("abc", 2)
    assert statistics.stats(opened, sheet, range(5), "day").dates == ("1999-12-31", "2026-03-01")
    assert (listed := statistics.stats(opened, sheet, range(5), "tags")).empty == 2 and listed.null == 1
    nothing = statistics.stats(opened, sheet, [], "price")
    assert (nothing.rows, nothing.numbers, nothing.frequent) == (0, None, ())


@pytest.mark.django_db
def test_a_field_that_is_hidden_or_unknown_is_not_counted(opened: Opened):
    sheet = sheet_of(opened, [{"secret": "x"}])
    for name in ("secret", "nothing"):
        for ask in (statistics.mix, statistics.stats):
            with pytest.raises(BadInput):
                ask(opened, sheet, range(1), name)


def test_a_scope_is_all_rows_or_ranges_of_them():
    sheet = Worksheet(rows=1_000)
    assert rows_in(sheet, None) == range(1_000)
    found = rows_in(sheet, {"rows": "0-2,7,10-11,999"})
    assert list(found) == [0, 1, 2, 7, 10, 11, 999] and len(found) == 7
    assert [row in found for row in (2, 3, 7, 12, 999, "7")] == [True, False, True, False, True, False]
    assert (found[3], found[-1], found[1:3]) == (7, 999, [1, 2])
    assert len(rows_in(sheet, {"rows": ""})) == 0
    with pytest.raises(IndexError):
        found[7]


@pytest.mark.parametrize(
    "data",
    [
        *(
            {"rows": text}
            for text in ("1000", "0-1000", "5-3", "3,2", "1-3,3", "a", "1,", ",1", "1-", "-1", "1 2", "²")
        ),
        {"rows": "9" * 10},
        {"rows": [1]},
        {},
        [1],
        "1-2",
    ],
)
def test_a_scope_that_is_nonsense_or_beyond_the_sheet_is_refused(data: Any):
    with pytest.raises(BadInput):
        rows_in(Worksheet(rows=1_000), data)


@given(st.sets(st.integers(0, 60)), st.integers(0, 61), st.integers(0, 61))
def test_rows_written_as_ranges_read_as_the_same_rows(rows: set[int], first: int, last: int):
    found = rows_in(Worksheet(rows=61), {"rows": ranges_of(rows)})
    assert list(found) == sorted(rows) == [found[i] for i in range(len(found))]
    within = [row for span in parts_of(found, first, last) for row in span]
    assert within == [row for row in sorted(rows) if first <= row < last]
    assert [r for span in parts_of(sorted(rows), first, last) for r in span] == within


@pytest.mark.django_db
def test_counting_a_mix_by_hand_gives_the_same(opened: Opened):
    chance = random.Random(8)
    names = [chance.choice(["a", "b", "", None]) for _ in range(300)]
    sheet = sheet_of(opened, [{"name": name} for name in names])
    assert dict(mixed(opened, sheet, "name")) == Counter(names)
