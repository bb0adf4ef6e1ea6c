"""Operations of a shared change: exact numbers, plain text, dates that keep their time, entries told by meaning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.casting import Invalid, cast, from_json, to_json, to_text
from adminui.records.operations import Given, Operation, Skipped, described, doing, offered
from adminui.records.schema import Choice, Field, Kind
from adminui.records.values import MISSING, freeze
from tests.records.strategies import VALUES, fields

PRICE = Field("price", "Price", Kind.DECIMAL, decimal_places=2)
EXACT = Field("rate", "Rate", Kind.DECIMAL)
COUNT = Field("count", "Count", Kind.INTEGER)
NAME = Field("name", "Name", Kind.TEXT)
DAY = Field("day", "Day", Kind.DATE)
MOMENT = Field("moment", "Moment", Kind.DATETIME, zone="UTC")
TAGS = Field("tags", "Tags", Kind.LIST, children=(NAME,))
IDS = Field("ids", "Ids", Kind.LIST, children=(COUNT,), unordered=True)
ANY = Field("any", "Any", Kind.LIST)
PAIRS = Field("pairs", "Pairs", Kind.LIST, key="name", children=(Field("item", "Item", Kind.JSON),))
RELATIVE = {
    "percent": "10",
    "plus": "5",
    "round": "0",
    "append": "x",
    "prefix": "x",
    "replace": "x",
    "shift": "3",
    "remove": "x",
}


def does(field: Field, name: str, value: str, held: Any, by: str = "") -> Any:
    """The text it comes to; a Skipped as it is."""
    done = doing(field, Operation(name, value, by))(held)
    return done.text if isinstance(done, Given) else done


@pytest.mark.parametrize(
    ("field", "name", "value", "held", "text"),
    [
        (PRICE, "percent", "10", Decimal("10.05"), "11.06"),  # 11.055, half to even
        (PRICE, "percent", "10", Decimal("10.15"), "11.16"),  # 11.165, half to even
        (PRICE, "percent", "-5 %", Decimal("200"), "190.00"),
        (EXACT, "percent", "10", Decimal("1.10"), "1.21"),
        (EXACT, "percent", "-0.1", Decimal("1.001"), "0.999999"),
        (EXACT, "percent", "50", Decimal("2.00"), "3.00"),
        (EXACT, "percent", "10", 10**40, "1" + "1" + "0" * 39),
        (COUNT, "percent", "50", 5, "8"),  # 7.5
        (COUNT, "percent", "50", 3, "4"),  # 4.5
        (COUNT, "percent", "-100", 5, "0"),
        (COUNT, "plus", "-7", 5, "-2"),
        (COUNT, "add", "2", "5", "7"),  # a number kept as text is one all the same
        (PRICE, "plus", "0.05", Decimal("0.10"), "0.15"),
        (PRICE, "round", "1", Decimal("2.25"), "2.2"),
        (PRICE, "round", "4", Decimal("2.25"), "2.25"),
        (COUNT, "round", "-2", 12_345, "12300"),
        (PRICE, "round", "0", Decimal("-0.4"), "0"),
        (NAME, "append", " GmbH", "Acme", "Acme GmbH"),
        (NAME, "prefix", "The ", "", "The "),
        (DAY, "shift", "-1", "2026-03-01", "2026-02-28"),
        (DAY, "shift", "1", "2026-03-01T00:00:00", "2026-03-02"),
        (MOMENT, "shift", "3", "2026-02-27T14:05:00Z", "2026-03-02T14:05:00Z"),
        (MOMENT, "shift", "3", "2026-02-27 14:05:00.120+02:00", "2026-03-02 14:05:00.120+02:00"),
        (TAGS, "add", "b", ["a"], '["a", "b"]'),
        (TAGS, "add", "a", ["a"], '["a"]'),
        (TAGS, "add", "7", None, '["7"]'),
        (IDS, "add", "7", [Decimal("7.0")], "[7.0]"),
        (IDS, "remove", "7", [1, 7, "7"], "[1]"),
        (ANY, "add", "7", ["a"], '["a", "7"]'),
        (ANY, "add", "7", [1], "[1, 7]"),
        (TAGS, "remove", "b", ["a", "b", "c"], '["a", "c"]'),
        (ANY, "add", '{"b": 1.0, "a": 2}', [{"a": 2, "b": 1}], '[{"a": 2, "b": 1}]'),
        (PAIRS, "remove", "Region", [{"name": "Region", "value": "x"}, {"name": "Size"}], '[{"name": "Size"}]'),
    ],
)
def test_it_gives_what_an_editor_would_hold(field: Field, name: str, value: str, held: Any, text: str):
    assert does(field, name, value, held) == text


@pytest.mark.parametrize(
    ("field", "held", "value", "by", "text"),
    [
        (NAME, "a.b.B", ".", "", "abB"),
        (NAME, "aaa", "aa", "b", "ba"),
        (TAGS, ["a", "b"], "a", "c", '["c", "b"]'),
        (TAGS, ["a", "b"], "a", "b", '["b"]'),
        (IDS, [1, 2], "2", "3", "[1, 3]"),
        (PAIRS, [{"name": "A", "value": 1}], "A", '{"value": 2.50}', '[{"name": "A", "value": 2.50}]'),
        (PAIRS, [{"name": "A"}, {"name": "B"}], '{"name": "B"}', '{"name": "C"}', '[{"name": "A"}, {"name": "C"}]'),
    ],
)
def test_it_replaces_text_and_entries(field: Field, held: Any, value: str, by: str, text: str):
    assert does(field, "replace", value, held, by) == text


@pytest.mark.parametrize(
    ("field", "name", "value", "held", "words"),
    [
        (PRICE, "percent", "10", None, "is null"),
        (NAME, "append", "x", MISSING, "is not set"),
        (TAGS, "remove", "x", None, "is null"),
        (TAGS, "remove", "x", ["a"], "does not have this entry"),
        (TAGS, "add", "x", "text", "is not a list"),
        (replace(TAGS, nullable=False), "add", "x", MISSING, "is not set"),
        (PAIRS, "add", '{"name": "A", "value": 2}', [{"name": "A", "value": 1}], "has an entry with this name already"),
        (PRICE, "plus", "1", "abc", "is not a number"),
        (PRICE, "plus", "1", True, "is not a number"),
        (EXACT, "percent", "10", Decimal("0." + "1" * 2_500), "has too many digits to be reckoned with exactly"),
        (NAME, "replace", "A", "a", "does not contain “A”"),
        (DAY, "shift", "1", "soon", "is not a date"),
        (DAY, "shift", "1", "9999-12-31", "would be no date any more"),
    ],
)
def test_it_leaves_alone_what_it_can_do_nothing_to_and_says_why(
    field: Field, name: str, value: str, held: Any, words: str
):
    assert does(field, name, value, held) == Skipped(words)


@pytest.mark.parametrize(
    ("field", "operation"),
    [
        (PRICE, Operation("percent", "ten")),
        (PRICE, Operation("percent", "")),
        (PRICE, Operation("percent", "1" * 200)),
        (PRICE, Operation("plus", "0.005")),
        (COUNT, Operation("plus", "0.5")),
        (PRICE, Operation("round", "1.5")),
        (PRICE, Operation("round", "99")),
        (PRICE, Operation("append", "x")),
        (PRICE, Operation("set", "")),
        (NAME, Operation("append", "")),
        (NAME, Operation("replace", "", "x")),
        (NAME, Operation("add", "x")),
        (DAY, Operation("shift", "9" * 5_000)),
        (DAY, Operation("shift", "1.5")),
        (IDS, Operation("add", "x")),
        (TAGS, Operation("add", " ")),
        (PAIRS, Operation("add", "Region")),
        (replace(NAME, nullable=False), Operation("null")),
        (replace(NAME, required=True), Operation("empty")),
        (replace(NAME, read_only=True), Operation("set", "x")),
        (NAME, Operation("trim")),
    ],
)
def test_it_refuses_at_once_what_makes_no_sense(field: Field, operation: Operation):
    with pytest.raises(Invalid):
        doing(field, operation)


def test_rounding_is_told():
    assert doing(PRICE, Operation("percent", "10"))(Decimal("10.05")) == Given("11.06", "rounded from 11.055")
    assert doing(PRICE, Operation("percent", "10"))(Decimal("10.00")) == Given("11.00")


def test_it_is_called_by_what_it_does():
    status = Field("status", "Status", Kind.CHOICE, choices=(Choice(3, "Dead"),))
    assert described(status, Operation("set", "3")) == "Set Status to “Dead”"
    assert described(PRICE, Operation("percent", "10%")) == "Change Price by +10 %"
    assert described(PRICE, Operation("add", "-5")) == "Change Price by -5"
    assert described(DAY, Operation("shift", "1")) == "Shift Day by +1 day"
    assert len(described(NAME, Operation("replace", "a" * 500, "b" * 500))) < 120


@given(st.data())
def test_every_operation_on_offer_can_be_done_and_described(data: st.DataObject):
    field = data.draw(fields("thing"))
    name = data.draw(st.sampled_from(offered(field) or ("none",)))
    if name == "none":
        assert field.read_only
        return
    typed = {"set": to_text(field, data.draw(VALUES[field.kind])) or "1", "add": "1"} | RELATIVE
    operation = Operation(name, typed.get(name, ""), "1")
    held = data.draw(st.one_of(st.none(), st.just(MISSING), VALUES[field.kind]))
    done = doing(field, operation)(held)
    assert isinstance(done, Given | Skipped) and field.label in described(field, operation)
    if held is None and name in RELATIVE:
        assert done == Skipped("is null")


cents = st.integers(-(10**15), 10**15).map(lambda n: Decimal(n) / 100)


@given(cents, st.integers(-99, 500))
def test_a_percentage_is_exact_to_the_last_place_and_taken_half_to_even(number: Decimal, percent: int):
    text = does(PRICE, "percent", str(percent), number)
    scaled = number * (100 + percent)  # hundredths of the exact result
    assert abs(Decimal(text) * 100 - scaled) <= Decimal("0.5")
    if abs(Decimal(text) * 100 - scaled) == Decimal("0.5"):
        assert int(Decimal(text) * 100) % 2 == 0
    assert cast(PRICE, text) == Decimal(text)


@given(cents, cents)
def test_what_was_added_can_be_taken_off_again(number: Decimal, other: Decimal):
    more = does(PRICE, "plus", format(other, "f"), number)
    assert Decimal(does(PRICE, "plus", format(-other, "f"), Decimal(more))) == number


@given(st.dates(date(1, 1, 11), date(9999, 12, 21)), st.integers(-10, 10), st.sampled_from(["", "T09:30:00", " 23:59"]))
def test_a_day_that_was_shifted_shifts_back_with_its_time_untouched(day: date, days: int, time: str):
    field = replace(MOMENT, zone="")
    text = does(field, "shift", str(days), day.isoformat() + time)
    assert text == (day + timedelta(days=days)).isoformat() + time
    assert does(field, "shift", str(-days), text) == day.isoformat() + time


@given(st.lists(VALUES[Kind.TEXT], max_size=5), VALUES[Kind.TEXT].filter(str.strip))
def test_an_entry_that_was_added_is_there_once_and_can_be_removed(held: list[str], entry: str):
    text = to_json(entry)  # quoted: a text that itself looks like JSON stays what it is
    once = from_json(does(TAGS, "add", text, held))
    assert once == (held if entry in held else [*held, entry])
    assert from_json(does(TAGS, "add", text, once)) == once
    assert from_json(does(TAGS, "remove", text, once)) == [each for each in held if each != entry]


@given(st.lists(VALUES[Kind.JSON], max_size=4), VALUES[Kind.JSON])
def test_entries_of_any_shape_are_told_by_their_meaning(held: list[Any], entry: Any):
    added = from_json(does(ANY, "add", to_json(entry), held))
    there = [freeze(each) for each in added]
    assert freeze(entry) in there and there[: len(held)] == [freeze(each) for each in held]
    assert len(added) == len(held) + (freeze(entry) not in [freeze(each) for each in held])
