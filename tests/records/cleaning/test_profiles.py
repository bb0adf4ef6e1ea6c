"""Profiles: what looks wrong is found in as many rows as it stands in; and shapes, one by one or together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adminui.records.cleaning.facets import flags_of
from adminui.records.cleaning.profiles import Odd, Profile, profile
from adminui.records.cleaning.shapes import shape, shapes
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue

TEXT = Field("name", "Name", Kind.TEXT)
PRICE = Field("price", "Price", Kind.DECIMAL)
DAY = Field("day", "Day", Kind.DATE)


def told(found: Profile, words: str) -> Odd:
    return next(each for each in found.odd if words in each.words)


def shown_by(odd: Odd, field: Field, values: list[MaybeValue]) -> list[MaybeValue]:
    """The values that the facet offered with it lets through."""
    flags = flags_of(odd.facet or {}, field)
    assert flags
    return [value for value, let in zip(values, flags(values), strict=True) if let]


def test_what_is_filled_and_what_is_blank_is_told_apart():
    found = profile(TEXT, [("a", 3), ("b", 1), ("", 2), ("  ", 4), (None, 5), (MISSING, 6)])
    assert dict(found.blanks) == {"null": 5, "missing": 6, "empty": 2, "spaces": 4, "filled": 4}
    assert (found.rows, found.distinct, found.repeated) == (21, 2, 3)
    assert told(found, "nothing but spaces").rows == 4


def test_spaces_variants_and_words_for_nothing_are_counted_in_rows():
    counts: list[tuple[Any, int]] = [("Bonn", 5), ("bonn", 2), ("Bonn ", 3), ("two  gaps", 4), ("n/a", 7), ("-", 1)]
    found = profile(TEXT, [*counts, ("zero\u200bwidth", 2)])
    assert (told(found, "begin or end").rows, told(found, "begin or end").op) == (3, "trim")
    assert (told(found, "more than one space").rows, told(found, "more than one space").op) == (4, "collapse")
    assert told(found, "cannot be seen").rows == 2
    assert (told(found, "differ only").rows, told(found, "differ only").clusters) == (5, True)
    nothing = told(found, "there is nothing")
    assert nothing.rows == 8
    assert shown_by(nothing, TEXT, [value for value, _ in counts]) == ["n/a", "-"]


def test_a_rare_pattern_is_shown_only_beside_one_that_most_have():
    codes: list[tuple[Any, int]] = [(f"{n:05}", 1) for n in range(400)]
    found = told(profile(TEXT, [*codes, ("A12", 1)]), "pattern")
    assert (found.rows, shown_by(found, TEXT, ["00001", "A12"])) == (1, ["A12"])
    mixed: list[tuple[Any, int]] = [("a" if n % 2 else str(n), 1) for n in range(100)]
    assert not any("pattern" in each.words for each in profile(TEXT, mixed).odd)


def test_numbers_far_off_lie_beyond_one_and_a_half_times_the_quartiles_distance():
    held: list[tuple[Any, int]] = [(Decimal(n), 1) for n in range(1, 101)]
    found = profile(PRICE, [*held, (Decimal(400), 2), (Decimal(-90), 1), (None, 3)])
    assert found.numbers
    low, high = Decimal(found.numbers.low), Decimal(found.numbers.high)
    ends = low - (high - low) * 3 / 2, high + (high - low) * 3 / 2
    assert (Decimal(found.numbers.far_low), Decimal(found.numbers.far_high)) == ends
    far = told(found, "far off")
    assert far.rows == 3
    assert shown_by(far, PRICE, [Decimal(1), Decimal(400), None, Decimal(-90)]) == [Decimal(400), Decimal(-90)]
    assert (found.least, found.most) == (Decimal(-90), Decimal(400))


def test_days_of_other_centuries_and_repeated_keys_are_odd():
    days: list[tuple[Any, int]] = [("2024-01-01", 2), ("0001-01-01", 1), ("2999-12-31", 4)]
    far = told(profile(DAY, days), "before 1900")
    assert (far.rows, shown_by(far, DAY, [value for value, _ in days])) == (5, ["0001-01-01", "2999-12-31"])
    keys: list[tuple[Any, int]] = [(f"key {n}", 1) for n in range(60)]
    assert told(profile(TEXT, [*keys, ("twice", 2)]), "share their value").rows == 2


def test_a_clean_column_has_nothing_odd():
    assert profile(TEXT, [(f"Name {'abcdefghij'[n % 10]}", 3) for n in range(10)]).odd == ()
    assert profile(TEXT, []).odd == ()


@given(st.lists(st.text(st.sampled_from("aBÄß日9٣ -\0\t\u200bxyz"), max_size=80), max_size=6))
def test_shapes_together_are_shapes_one_by_one(texts: list[str]):
    assert shapes(texts) == [shape(text) for text in texts]


def test_shapes_read_as_a_person_would_write_them():
    cases = {
        "Ab 12-345": "Aaa 99-999",
        "ACME Inc.": "AA Aaa.",
        "j": "aa",
        "+49 (0)30": "+99 (9)99",
        "x" * 300: "aa…",
        "": "",
    }
    assert {text: shape(text) for text in cases} == cases
