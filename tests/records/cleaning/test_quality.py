"""Quality rules: what each kind holds broken, compared with naive judges, and what is refused as no rule."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.casting import Invalid
from adminui.records.cleaning import formats
from adminui.records.cleaning.facets import fingerprint
from adminui.records.cleaning.quality import Rule, broken, ids, offered, ready, suggested
from adminui.records.packing import packed
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.values import MISSING, MaybeValue

TYPES = (Choice(1, "Customer"), Choice(2, "Lead"), Choice(3, "Old", active=False))
RESOURCE = Resource(
    "Companies",
    "Companies",
    "Company",
    (
        Field("id", "Id", Kind.INTEGER, read_only=True),
        Field("name", "Name", Kind.TEXT, required=True, max_length=20),
        Field("alias", "Alias", Kind.TEXT),
        Field("emailAddress", "E-mail", Kind.TEXT),
        Field("type", "Type", Kind.CHOICE, choices=TYPES),
        Field("price", "Price", Kind.DECIMAL, min_value=0),
        Field("count", "Count", Kind.INTEGER),
        Field("start", "Start", Kind.DATE),
        Field("end", "End", Kind.DATETIME, zone="UTC"),
        Field("owner", "Owner", Kind.REFERENCE, reference="People"),
        Field("secret", "Secret", Kind.TEXT, hidden=True),
        Field("tags", "Tags", Kind.LIST),
    ),
)


@dataclass(frozen=True)
class Column:
    values: list[MaybeValue]
    codes: list[int]


def column(rows: list[MaybeValue]) -> Column:
    held = packed(rows)
    return Column(list(held.values), list(held.codes))


def judge(
    kind: str, field: str, rows: list[MaybeValue], beside: list[MaybeValue] | None = None, **params: Any
) -> list[int]:
    """The rows that break the rule, in two parts: none may matter."""
    rule = Rule(kind, field, params)
    cut = len(rows) // 2
    halves = [slice(0, cut), slice(cut, None)]
    parts = [
        {field: column(rows[half])} | ({str(params.get("other")): column(beside[half])} if beside else {})
        for half in halves
    ]
    masks = broken(ready(RESOURCE, rule), parts)
    assert [len(mask) for mask in masks] == [len(rows[half]) for half in halves]
    return [row for row, flag in enumerate(b"".join(masks)) if flag]


def test_a_filled_field_is_neither_null_unset_empty_nor_blank() -> None:
    assert judge("required", "name", ["a", "", " \t", None, MISSING, "0"]) == [1, 2, 3, 4]
    assert judge("required", "count", [0, None]) == [1]
    assert judge("required", "tags", [[], ["a"]]) == [0]


@pytest.mark.parametrize(
    ("how", "good", "bad"),
    [
        (
            {"as": "email"},
            ["a@b.co", "first.last+tag@sub.example.com"],
            ["a@b", "a b@c.de", "@b.co", "a@b..co", "a@@b.co", "a.@b.co"],
        ),
        (
            {"as": "phone", "region": "US"},
            ["(212) 555-0123", "+44 20 7946 0958"],
            ["555", "call me", "+1 000 000 0000"],
        ),
        ({"as": "e164"}, ["+12125550123"], ["12125550123", "+1 212 555 0123", "+0123456789"]),
        (
            {"as": "url"},
            ["https://example.com/a?b=c", "example.com"],
            ["ftp://example.com", "http://", "exa mple.com", "word"],
        ),
        ({"as": "postal", "region": "US"}, ["12345", "12345-6789"], ["1234", "1234A", "123456"]),
        ({"as": "postal", "region": "GB"}, ["SW1A 1AA", "m11ae"], ["12345"]),
        ({"as": "trimmed"}, ["a b"], [" a", "a ", "a  b"]),
        ({"as": "regex", "pattern": "[A-Z]{2}-\\d+"}, ["AB-1"], ["AB-", "xAB-1", "AB-1x"]),
    ],
)
def test_a_format_takes_what_has_it_and_nothing_else(how: dict[str, str], good: list[str], bad: list[str]) -> None:
    rows: list[MaybeValue] = [*good, *bad, None, ""]
    assert judge("format", "emailAddress", rows, **how) == list(range(len(good), len(good) + len(bad)))


def test_a_rule_says_why_a_value_breaks_it() -> None:
    said = ready(RESOURCE, Rule("format", "emailAddress", {"as": "email"}))
    assert said.words == "E-mail is an e-mail address"
    assert said.why("nobody") == "“nobody” is not an e-mail address"
    assert said.why("a@b.co") == ""
    filled = ready(RESOURCE, Rule("filled_if", "name", {"other": "type", "values": ["1"]}))
    assert filled.words == "Name is filled where Type is Customer"
    assert filled.why("", 1) == "Name is empty where Type is Customer"


def test_a_range_includes_both_of_its_ends() -> None:
    rows: list[MaybeValue] = [Decimal("-0.01"), 0, Decimal("9.99"), Decimal("10.00"), Decimal("10.01"), "x", None]
    assert judge("range", "price", rows, **{"from": "0", "to": "10"}) == [0, 4, 5]
    days: list[MaybeValue] = ["2025-12-31", "2026-01-01", "2026-02-30", None]
    assert judge("range", "start", days, **{"from": "2026-01-01"}) == [0, 2]
    moments: list[MaybeValue] = ["2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z"]
    assert judge("range", "end", moments, to="2026-01-31") == [1]


def test_lengths_values_and_references_are_judged() -> None:
    assert judge("length", "name", ["", "a", "ab", "abc", None], **{"from": 2, "to": 2}) == [1, 3]
    assert judge("allowed", "type", [1, "1", 2, 3, None], values=["1", "2"]) == [3]
    assert judge("allowed", "price", [Decimal("1.0"), Decimal("1.00"), 2], values=["1"]) == [2]


def test_what_is_compared_is_compared_by_what_it_means() -> None:
    start: list[MaybeValue] = ["2026-01-02", "2026-01-02", "2026-01-02", None, "soon"]
    end: list[MaybeValue] = [
        "2026-01-02T00:00:00Z",
        "2026-01-01T23:00:00Z",
        None,
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
    ]
    assert judge("compare", "start", start, end, op="<=", other="end") == [1, 4]
    assert judge("compare", "price", [Decimal("1.0"), 2], [1, 1], op="=", other="count") == [1]
    assert judge("compare", "name", ["a", "b", ""], ["a", "c", "c"], op="!=", other="alias") == [0]


TEXTS = st.sampled_from(["Acme", "ACME ", "acme, the", "The Acme", "Ácme", "", " ", "Other", "1", "--"])


@given(st.lists(TEXTS | st.none() | st.just(MISSING), max_size=30), st.booleans())
def test_what_stands_twice_is_what_a_naive_count_finds(rows: list[MaybeValue], by_fingerprint: bool) -> None:
    def like(value: MaybeValue) -> object:
        if not isinstance(value, str) or not value.strip():
            return None
        return (fingerprint(value) or value) if by_fingerprint else value

    counts = Counter(like(value) for value in rows)
    expected = [row for row, value in enumerate(rows) if like(value) is not None and counts[like(value)] > 1]
    assert judge("unique", "name", rows, **{"as": "fingerprint" if by_fingerprint else "exact"}) == expected


NUMBERS = st.integers(-5, 5) | st.decimals(-5, 5, places=2) | st.none()


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
def test_comparing_numbers_agrees_with_python(rows: list[tuple[Any, Any]], op: str) -> None:
    import operator

    by: dict[str, Callable[[Any, Any], bool]] = {
        "=": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
    expected = [row for row, (a, b) in enumerate(rows) if a is not None and b is not None and not by[op](a, b)]
    found = judge("compare", "price", [a for a, _ in rows], [b for _, b in rows], op=op, other="count") if rows else []
    assert found == expected


@given(st.lists(st.tuples(TEXTS | st.none(), st.sampled_from([1, 2, "1", None])), min_size=1, max_size=30))
def test_what_has_to_be_filled_is_what_a_naive_loop_finds(rows: list[tuple[Any, Any]]) -> None:
    expected = [row for row, (name, kind) in enumerate(rows) if str(kind) == "1" and (name is None or not name.strip())]
    found = judge("filled_if", "name", [a for a, _ in rows], [b for _, b in rows], other="type", values=["1"])
    assert found == expected


@given(st.text(max_size=60))
def test_no_text_makes_a_format_fail(text: str) -> None:
    for name, each in formats.FORMATS.items():
        if "pattern" not in each.needs:
            assert formats.matcher(name, "", "US")(text) in (True, False)


def test_ids_are_asked_for_and_those_gone_are_broken() -> None:
    rule = Rule("exists", "owner")
    held: list[MaybeValue] = [1, 2, 2, None, 3]
    made = ready(RESOURCE, rule)
    assert made.asks
    assert ids(made, [{"owner": column(held)}]) == {1, 2, 3}
    assert broken(ready(RESOURCE, rule, gone={2}), [{"owner": column(held)}]) == [bytes([0, 1, 1, 0, 0])]


@pytest.mark.parametrize(
    ("kind", "field", "params", "words"),
    [
        ("nonsense", "name", {}, "not a kind of quality rule"),
        ("required", "nope", {}, "have no field “nope”"),
        ("required", "secret", {}, "have no field “secret”"),
        ("compare", "name", {"op": "=", "other": "secret"}, "have no field “secret”"),
        ("compare", "name", {"op": "=", "other": "name"}, "which other field"),
        ("compare", "name", {"op": "<", "other": "price"}, "cannot be put in order"),
        ("compare", "price", {"op": "~", "other": "count"}, "compared with"),
        ("range", "name", {"from": "1"}, "says nothing of Name"),
        ("range", "price", {}, "lower or an upper"),
        ("range", "price", {"from": "2", "to": "1"}, "ends before it begins"),
        ("range", "price", {"from": "much"}, "is not a number"),
        ("range", "start", {"from": "tomorrow"}, "is not a date"),
        ("length", "name", {"to": "5"}, "whole number of characters"),
        ("allowed", "type", {"values": []}, "which values"),
        ("format", "name", {"as": "regex", "pattern": "("}, "pattern|parenthes"),
        ("format", "name", {"as": "phone", "region": "Narnia"}, "not a country"),
        ("format", "name", {"as": "poem"}, "not a format"),
        ("exists", "name", {}, "says nothing of Name"),
        ("unique", "name", {"as": "sound"}, "exactly, or by their fingerprints"),
        ("filled_if", "name", {"values": ["1"]}, "which other field"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(kind: str, field: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        ready(RESOURCE, Rule(kind, field, params))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"kind": "required"},
        {"kind": 1, "field": "a"},
        {"kind": "a", "field": "b", "x": 1},
        {"kind": "a", "field": "b", "params": [1]},
    ],
)
def test_data_of_another_shape_is_no_rule(data: object) -> None:
    with pytest.raises(Invalid):
        Rule.from_data(data)


def test_a_rule_comes_back_from_its_data() -> None:
    rule = Rule("filled_if", "name", {"other": "type", "values": ["1"]})
    assert Rule.from_data(rule.as_data()) == rule
    assert rule.reads == ("name", "type")


def test_rules_are_suggested_by_what_the_api_says_and_every_one_makes_sense() -> None:
    found = [rule for field in RESOURCE.fields for rule in suggested(field, RESOURCE)]
    wanted = {"required name", "length name", "format emailAddress", "allowed type", "range price", "exists owner"}
    assert {f"{rule.kind} {rule.field}" for rule in found} >= wanted
    for rule in found:
        if rule.field != "secret":
            assert ready(RESOURCE, rule).words


def test_every_kind_offered_for_a_field_fits_it() -> None:
    for field in RESOURCE.visible:
        for kind in offered(field):
            assert kind.fits(field)
    assert "range" not in [kind.name for kind in offered(RESOURCE.by_name["name"])]
