"""Excel's damage: whatever it makes of a value is never taken for somebody's edit, and an edit never for damage."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.tables import damage
from adminui.records.tables.columns import Fate, Judge, Policy
from adminui.records.tables.damage import Reading, Sign
from adminui.records.tables.writing import cell
from tests import damaging

FIELDS = (
    Field("id", "Id", Kind.INTEGER, read_only=True),
    Field("text", "Text", Kind.TEXT),
    Field("long", "Long", Kind.LONG_TEXT),
    Field("whole", "Whole", Kind.INTEGER),
    Field("price", "Price", Kind.DECIMAL, decimal_places=2),
    Field("ratio", "Ratio", Kind.DECIMAL),
    Field("who", "Who", Kind.REFERENCE, reference="Resources"),
    Field("day", "Day", Kind.DATE),
    Field("at", "At", Kind.DATETIME, zone="UTC"),
    Field("on", "On", Kind.BOOLEAN),
    Field("type", "Type", Kind.CHOICE, choices=(Choice(1, "One"), Choice(2, "Two"))),
)
THINGS = Resource("things", "Things", "Thing", FIELDS)
LETTERS = "abcXYZäöüßéñçłőŽ€–„“ 019.,:;/-+_@#()%'\n"
codes = st.from_regex(
    r"0{0,4}[0-9]{1,22}|[+][0-9]{6,14}|[0-9]{1,2}[-/][0-9]{1,2}|[0-9]{1,4}[eE][0-9]{1,2}", fullmatch=True
)
words = st.one_of(
    st.text(LETTERS, max_size=30),
    codes,
    st.sampled_from(
        ["true", "FALSE", "12:30", "1,234", "1.234", "1.5", "1,5", "2024-03-12", "2024-03-12 10:30", "MAR1", "50%"]
    ),
    st.dates().map(str),
)
days = st.dates(min_value=__import__("datetime").date(1900, 3, 1)).map(str)
moments = st.datetimes().map(lambda at: at.replace(microsecond=0).isoformat(sep=" "))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": words,
    "long": words,
    "whole": st.integers(-(10**19), 10**19),
    "price": st.decimals(-(10**9), 10**9, places=2),
    "ratio": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6),
    "who": st.integers(0, 10**18),
    "day": days,
    "at": moments,
    "on": st.booleans(),
    "type": st.sampled_from([1, 2]),
}
pairs = st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), VALUES[name]))


@settings(max_examples=600)
@given(pairs, st.sampled_from(sorted(damaging.EVERY)))
@example(("text", "007"), "US")
@example(("text", "1234567890123456"), "US")
@example(("text", "1-2"), "DE")
@example(("text", "1.5"), "DE")
@example(("price", Decimal("1234.50")), "DE")
def test_no_value_comes_back_damaged_as_an_edit(pair: tuple[str, Any], how: str) -> None:
    name, value = pair
    field = THINGS.by_name[name]
    damaged = damaging.EVERY[how](cell(field, value))
    verdict = Judge(THINGS, name, Policy()).of(value, damaged)
    assert verdict.fate in (Fate.SAME, Fate.KEPT, Fate.DAMAGED, Fate.SUSPECT), (damaged, verdict)


@settings(max_examples=300)
@given(pairs)
def test_a_value_as_it_is_written_is_unchanged(pair: tuple[str, Any]) -> None:
    name, value = pair
    for blank in ("keep", "empty", "null"):
        assert Judge(THINGS, name, Policy(blank)).of(value, cell(THINGS.by_name[name], value)).fate is Fate.SAME


@pytest.mark.parametrize(
    ("name", "value", "typed", "edit"),
    [
        ("text", "7", "007", "007"),
        ("text", "4930123", "+4930123", "+4930123"),
        ("text", "Koln", "Köln", "Köln"),
        ("price", Decimal("3.40"), "4.3", "4.3"),
        ("price", Decimal("12.00"), "12.5", "12.5"),
        ("ratio", Decimal("1.5"), "1.25", "1.25"),
        ("whole", 12, "21", "21"),
        ("day", "2024-03-12", "2024-12-03", "2024-12-03"),
        ("on", True, "false", "false"),
        ("type", 1, "Two", "2"),
        ("text", "SM-1", "SM-2", "SM-2"),
        ("text", "x", '""', ""),
        ("text", "x", "[null]", None),
        ("text", "x", "'=1+1", "=1+1"),
    ],
)
def test_what_a_person_changed_is_an_edit(name: str, value: Any, typed: str, edit: str | None) -> None:
    verdict = Judge(THINGS, name, Policy()).of(value, typed)
    assert (verdict.fate, verdict.edit) == (Fate.EDIT, edit)


@pytest.mark.parametrize(
    ("name", "value", "typed", "sign"),
    [
        ("text", "x", "1.23457E+15", Sign.EXPONENT),
        ("text", "x", "123456789012345000", Sign.DIGITS),
        ("text", "x", "#REF!", Sign.ERROR),
        ("text", "x", "#NV", Sign.ERROR),
        ("text", "x", "02. Jan", Sign.DATE),
        ("text", "x", "WAHR", Sign.BOOLEAN),
        ("text", "x", "MÃ¼ller", Sign.LETTERS),
        ("text", "x", "M\ufffdller", Sign.LETTERS),
        ("text", "x", "'0123", Sign.APOSTROPHE),
        ("long", "x", "y" * 32_767, Sign.CUT),
        ("whole", 5, "1.234", Sign.NUMBER),
        ("price", Decimal("5"), "1,75", Sign.NUMBER),
        ("price", Decimal("5"), "1.234,50", Sign.NUMBER),
        ("day", "2024-03-12", "24.12.2024", Sign.DATE),
        ("day", "2024-03-12", "45650", Sign.DATE),
        ("at", "2024-03-12 10:00:00", "12/24/2024 9:30 PM", Sign.DATE),
        ("on", True, "FALSCH", Sign.BOOLEAN),
    ],
)
def test_a_new_value_that_looks_damaged_is_kept_out_until_somebody_says_how_to_read_it(
    name: str, value: Any, typed: str, sign: Sign
) -> None:
    verdict = Judge(THINGS, name, Policy()).of(value, typed)
    assert (verdict.fate, verdict.sign) == (Fate.SUSPECT, sign)


@pytest.mark.parametrize(
    ("name", "value", "typed", "reading", "edit"),
    [
        ("day", "2020-01-01", "03.04.2024", Reading(order="dmy"), "2024-04-03"),
        ("day", "2020-01-01", "03/04/2024", Reading(order="mdy"), "2024-03-04"),
        ("day", "2020-01-01", "45650", Reading(order="dmy"), "2024-12-24"),
        ("at", "2020-01-01 00:00:00", "03.04.2024 17:05", Reading(order="dmy"), "2024-04-03T17:05:00Z"),
        ("price", Decimal(1), "1.234,50", Reading(decimal=","), "1234.50"),
        ("price", Decimal(1), "1,234.50", Reading(decimal="."), "1234.50"),
        ("whole", 1, "1.234", Reading(decimal=","), "1234"),
        ("on", True, "FALSCH", Reading(), "false"),
        ("text", "x", "MÃ¼ller", Reading(), "Müller"),
        ("text", "x", "'0123", Reading(), "0123"),
    ],
)
def test_it_is_taken_as_somebody_says(name: str, value: Any, typed: str, reading: Reading, edit: str) -> None:
    verdict = Judge(THINGS, name, Policy(take=True, reading=reading)).of(value, typed)
    assert (verdict.fate, verdict.edit) == (Fate.EDIT, edit)


def test_what_nobody_can_know_is_never_taken() -> None:
    for typed in ("#REF!", "y" * 32_767):
        assert Judge(THINGS, "text", Policy(take=True)).of("x", typed).fate is Fate.SUSPECT
    assert Judge(THINGS, "day", Policy(take=True)).of("2020-01-01", "03.04.2024").fate is Fate.SUSPECT


def test_the_order_of_a_column_tells_an_edit_from_damage() -> None:
    day = THINGS.by_name["day"]
    told = damage.reading_of(day, [("2024-03-12", "12.03.2024"), ("2024-03-31", "31.03.2024")], [])
    assert told.order == "dmy"
    judge = Judge(THINGS, "day", Policy(reading=told))
    assert judge.of("2024-03-12", "12.03.2024").fate is Fate.DAMAGED
    assert judge.of("2024-03-12", "03.12.2024").fate is Fate.SUSPECT


def test_a_column_of_codes_of_one_length_shows_which_lost_zeros() -> None:
    text = THINGS.by_name["text"]
    told = damage.reading_of(text, [], ["01067", "10115", "80331"])
    assert Judge(THINGS, "text", Policy(reading=told)).of("10115", "1069").sign is Sign.ZEROS


@settings(max_examples=400)
@given(st.integers(10**11, 10**18), st.sampled_from(["US", "US, wide", "DE", "DE, wide"]))
def test_every_id_that_was_damaged_shows_it(number: int, how: str) -> None:
    damaged = damaging.EVERY[how](str(number))
    assert damaged == str(number) or damage.of_key(damaged, number=True) is not None
