"""Odd input: what is no value is refused in words, and nothing is written out that would not end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adminui.records.casting import Invalid, cast, from_json, to_json, to_text
from adminui.records.changes import parts
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import MISSING, as_datetime, as_decimal, freeze, same

AMOUNT = Field("amount", "Amount", Kind.DECIMAL, max_digits=5, decimal_places=2)
ENDLESS = ("1e999999999", "-1E+1000000", "1e-999999999", "0e999999999", "9" * 5_000)


@pytest.mark.parametrize("kind", [Kind.DECIMAL, Kind.INTEGER, Kind.REFERENCE])
@pytest.mark.parametrize("typed", [*ENDLESS, "1_000", "²", "--5", ""])
def test_what_is_no_number_or_one_without_end_is_refused(kind: Kind, typed: str):
    with pytest.raises(Invalid):
        cast(Field("f", "F", kind, nullable=False), typed)


@pytest.mark.parametrize("typed", ENDLESS[:4])
def test_a_number_without_end_that_an_api_holds_is_shown_in_its_own_spelling_and_equals_itself_only(typed: str):
    held = from_json(typed)
    assert as_decimal(held) is None
    assert len(to_text(AMOUNT, held)) < 20 and from_json(to_json(held)) == held
    assert same(AMOUNT, held, held) and not same(AMOUNT, held, 1)


def test_digits_count_before_and_after_the_point():
    assert cast(AMOUNT, "999.99") == Decimal("999.99")
    assert cast(AMOUNT, "0.05") == Decimal("0.05")
    for typed in ("1000.00", "123456", "1e5"):
        with pytest.raises(Invalid, match="5 digits"):
            cast(AMOUNT, typed)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_outside_the_calendar_is_none(text: str):
    assert as_datetime(text) is None


def test_half_a_character_can_be_kept_and_told_apart_but_not_typed():
    held = from_json('["\\ud83d", "\\ud83d\\ude00", "é"]')
    assert to_json(held) == '["\\ud83d", "😀", "é"]'
    assert to_json(held).encode() and from_json(to_json(held)) == held
    for typed in ("half \ud83d", "a\0b"):
        with pytest.raises(Invalid, match="no character"):
            cast(Field("notes", "Notes", Kind.LONG_TEXT), typed)


def test_brackets_within_too_many_brackets_are_not_json():
    with pytest.raises(ValueError, match="too many brackets"):
        from_json("[" * 100_000 + "]" * 100_000)


def test_a_number_with_an_endless_exponent_is_not_json():
    with pytest.raises(ValueError, match="endless"):
        from_json("[1e99999999999999999999]")


def test_missing_null_and_empty_freeze_to_three_things():
    assert len({freeze(value) for value in (MISSING, None, "", "MISSING", [], {})}) == 6


def test_entries_without_a_key_or_with_the_same_are_all_shown():
    """New entries have no id yet: going by it, one would hide the other."""
    flights = Field("flights", "Flights", Kind.LIST, key="id")
    old = [{"id": 1, "name": "a"}]
    for new in ([*old, {"name": "b"}, {"name": "c"}], [*old, {"id": None, "name": "b"}, {"id": None, "name": "c"}]):
        assert [part.after["name"] for part in parts(flights, old, new)] == ["b", "c"]
    moved = [{"id": 2, "name": "b"}, {"id": 1, "name": "z"}]
    assert [(p.part, p.before) for p in parts(flights, old, moved)] == [("1", old[0]), ("2", MISSING)]


def test_a_hidden_title_names_no_record():
    fields = (Field("id", "Id", Kind.INTEGER), Field("name", "Name", Kind.TEXT, hidden=True))
    record = {"id": 7, "name": "never to be shown"}
    assert Resource("things", "Things", "Thing", fields).title_of(record) == "Thing 7"
    assert Resource("things", "Things", "Thing", fields[:1], title_field="label").title_of(record) == "Thing 7"
