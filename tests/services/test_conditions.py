"""Facets in words: what a recipe's step is limited by is said as people would."""

from __future__ import annotations

from typing import Any

import pytest

from adminui.services.bench.conditions import in_words
from adminui.services.statistics import key_of
from tests.services.columns import THINGS

STATUS, NAME, PRICE = (THINGS.by_name[name] for name in ("status", "name", "price"))


@pytest.mark.parametrize(
    ("facet", "words"),
    [
        ({"facet": "text", "field": "status", "in": [key_of(STATUS, 3)]}, "Status is Dead"),
        ({"facet": "text", "field": "name", "in": [key_of(NAME, "Bonn"), key_of(NAME, None)]}, "Name is Bonn or null"),
        ({"facet": "text", "field": "price", "out": [key_of(PRICE, 100)]}, "Price is not 100"),
        ({"facet": "text", "field": "name", "in": [key_of(NAME, c) for c in "abcde"]}, "Name is a, b, c or 2 more"),
        ({"facet": "blank", "field": "name", "in": ["empty", "spaces"]}, "Name is empty or spaces"),
        ({"facet": "number", "field": "price", "from": "1", "to": "2.5"}, "Price is from 1 below 2.5"),
        ({"facet": "length", "field": "name", "from": 0, "to": 3}, "the length of Name is from 0 to 3"),
        ({"facet": "match", "field": "name", "text": "x", "not": True}, "not (Name contains “x”)"),
        ({"facet": "shape", "field": "name", "out": ["Aa 9"]}, "Name does not look like Aa 9"),
        ({"facet": "state", "field": "", "in": ["changed"]}, "the row is changed"),
        ({"facet": "rule", "rule": {"kind": "required", "field": "name"}}, "a quality rule is broken"),
    ],
)
def test_a_condition_is_said_in_words(facet: dict[str, Any], words: str):
    assert in_words([facet], THINGS) == f"where {words}"


def test_conditions_that_all_hold_stand_one_after_another_and_without_any_nothing_is_said():
    facets = [{"facet": "blank", "field": "name", "in": ["null"]}, {"facet": "blank", "field": "gone", "in": ["empty"]}]
    assert in_words(facets, THINGS) == "where Name is null, and gone is empty"
    assert in_words(facets[:1]) == "where name is null" and in_words([], THINGS) == ""
