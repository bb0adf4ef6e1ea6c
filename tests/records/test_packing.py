"""Packed columns: every value comes back as the very same value, and any JSON reader keeps what is on the wire."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adminui.records.packing import pack, packed, unpack
from adminui.records.values import MISSING
from tests.records.strategies import decimals, nested, texts

values: st.SearchStrategy[Any] = (
    st.just(MISSING) | st.none() | st.booleans() | st.integers(-(10**25), 10**25) | decimals | texts | nested
)


def spelt(value: Any) -> str:
    """Types too: True is not 1, and 1.0 is not 1.00."""
    return repr(value)


@given(st.lists(values, max_size=40))
def test_every_value_comes_back_as_it_was(rows: list[Any]):
    assert list(map(spelt, unpack(pack(packed(rows))))) == list(map(spelt, rows))


@given(st.lists(values, max_size=20))
def test_the_wire_has_no_number_that_a_double_would_bend(rows: list[Any]):
    def refuse(text: str) -> Any:
        raise AssertionError(f"{text} on the wire")

    document = json.loads(gzip.decompress(pack(packed(rows))), parse_float=refuse, parse_constant=refuse)
    whole = [v for v in document["values"] if isinstance(v, int) and not isinstance(v, bool)]
    assert all(int(float(v)) == v and abs(v) < 2**53 for v in whole)


def test_half_a_character_and_long_decimals_survive():
    rows = ["\ud83d", "😀", Decimal("12345678901234567890.10"), Decimal("1E+3"), 2**60, "", None, MISSING]
    assert list(map(spelt, unpack(pack(packed(rows))))) == list(map(spelt, rows))


def test_equal_values_are_kept_once_and_unlike_ones_apart():
    column = packed(["a", "b", "a", True, 1, Decimal("1.0"), Decimal("1.00"), "1"])
    assert len(column.values) == 7 and list(column.codes) == [0, 1, 0, 2, 3, 4, 5, 6]


def test_a_column_of_one_value_takes_hardly_any_room():
    assert len(pack(packed(["active"] * 10_000))) < 200


@given(st.lists(values, min_size=1, max_size=20), st.data())
def test_some_rows_can_be_replaced(rows: list[Any], data: st.DataObject):
    at = data.draw(st.integers(0, len(rows) - 1))
    changed = packed(rows).changed({at: "new"})
    assert list(map(spelt, changed)) == list(map(spelt, [*rows[:at], "new", *rows[at + 1 :]]))
