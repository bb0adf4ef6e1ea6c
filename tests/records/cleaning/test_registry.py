"""What holds for every clean-up there is: it is described whole, and nothing makes it fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Given, Making, Param, Skipped, Transformation, WrongParam
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.records.schema import Kind
from adminui.records.values import MISSING
from tests.records.cleaning.making import FIELDS, RESOURCE
from tests.records.strategies import VALUES, nested

REQUIRED: dict[str, dict[str, Any]] = {
    "copy": {"from": "long_text"},
    "split": {"from": "choice"},
    "join": {"from": ["text", "json"]},
    "extract": {"pattern": "(a)|b"},
    "map": {"pairs": [["a", "b"], ["", None]]},
    "replace": {"find": "a"},
    "constant": {"value": "x"},
    "formula": {"formula": "upper(value)"},
    "change": {"value": "5"},
}
GROUPS = {"Text", "Case", "Characters", "Columns", "Values", "Contacts", "Numbers and dates", "Calculate"}
ANYTHING = st.one_of(st.just(MISSING), nested, *VALUES.values(), st.text(max_size=30), st.decimals(), st.integers())
TYPED: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text("a1 .,\\$%(x", max_size=6),
    "regex": st.text("ab()|*.\\d[", max_size=6),
    "formula": st.sampled_from(["value", "upper(value)", "1 +"]),
    "number": st.integers(-3, 30),
    "flag": st.booleans(),
    "field": st.sampled_from(["", *(field.name for field in FIELDS.values()), "none"]),
    "fields": st.lists(st.sampled_from([field.name for field in FIELDS.values()]), max_size=3),
    "pairs": st.lists(st.tuples(st.text("ab1", max_size=2), st.none() | st.just("x")).map(list), max_size=3),
}


def drawn(param: Param) -> st.SearchStrategy[Any]:
    if param.kind == "choice":
        return st.sampled_from([value for value, _ in param.choices])
    return st.just(param.default) | TYPED[param.kind]


@pytest.mark.parametrize("name", TRANSFORMS)
def test_it_is_described_whole(name: str) -> None:
    transform = TRANSFORMS[name]
    params = transform.checked(REQUIRED.get(name, {}))
    assert transform.group in GROUPS and transform.label and transform.help.endswith(".")
    assert transform.words("Name", params)
    assert any(transform.fits(field) for field in FIELDS.values())
    for param in transform.params:
        assert param.kind != "choice" or param.default in dict(param.choices)
    step = Transformation(name, ("text",), params)
    assert Transformation.from_data(step.as_data()) == step


@pytest.mark.parametrize(
    ("name", "params", "words"),
    [
        ("trim", {"side": "left"}, "Trim spaces off the start of Zip"),
        ("upper", {}, "Make Zip upper case"),
        ("pad", {"width": 1}, "Pad Zip with “0” at the start to 1 character"),
        ("quotes", {"dashes": True, "ellipsis": True}, "Straighten quotes, dashes and ellipses in Zip"),
        ("replace", {"find": "Ltd", "by": ""}, "Take “Ltd” out of Zip"),
        ("replace", {"find": "a.c", "by": "x", "regex": True}, "Replace what the pattern “a.c” finds with “x” in Zip"),
        ("replace", {"find": "a", "by": "", "whole": True}, "Replace “a” as a whole with “” in Zip"),
        ("map", {"pairs": [["a", "b"]], "else": "null"}, "Map Zip by a table of 1 pair, everything else to null,"),
        ("phone", {}, "Write Zip as E.164"),
        ("phone", {"format": "national", "extension": "drop"}, "Write Zip in national form, dropping extensions,"),
        ("round", {"places": -2, "how": "up"}, "Round Zip up to multiples of 100"),
        ("round", {"places": 0}, "Round Zip to whole numbers"),
        ("join", {"from": ["City", "State"]}, "Join City and State into Zip"),
        ("extract", {"pattern": "x", "from": "City"}, "Set Zip to what the pattern “x” finds in City"),
        ("formula", {"formula": "upper(value)"}, "Set Zip by the formula upper(value)"),
    ],
)
def test_a_step_says_as_an_action_what_it_does(name: str, params: dict[str, Any], words: str) -> None:
    transform = TRANSFORMS[name]
    assert transform.words("Zip", transform.checked(params)) == words


@pytest.mark.parametrize(
    ("name", "params", "param"),
    [
        ("trim", {"side": "up"}, "side"),
        ("pad", {"width": 0}, "width"),
        ("pad", {"char": "ab"}, "char"),
        ("phone", {"region": "Texas"}, "region"),
        ("phone", {"region_field": "none"}, "region_field"),
        ("date", {"formats": "qq"}, "formats"),
        ("date", {"pivot": 100}, "pivot"),
        ("round", {"places": 99}, "places"),
        ("boolean", {"yes": "x", "no": "x"}, "no"),
        ("copy", {"from": "none"}, "from"),
        ("join", {"from": ["none"]}, "from"),
        ("fill", {"most": -1}, "most"),
        ("map", {"pairs": [["a", "b"], ["a", "c"]]}, "pairs"),
        ("replace", {"find": "(", "regex": True}, "find"),
        ("replace", {"find": "a", "by": r"\3", "regex": True}, "by"),
        ("split", {"from": "text", "separator": "(", "regex": True}, "separator"),
        ("extract", {"pattern": "("}, "pattern"),
        ("extract", {"pattern": "a", "group": 2}, "group"),
        ("remove", {"what": "these"}, "characters"),
    ],
)
def test_what_makes_no_sense_names_the_parameter(name: str, params: dict[str, Any], param: str) -> None:
    transform = TRANSFORMS[name]
    field = FIELDS[next(kind for kind in Kind if transform.fits(FIELDS[kind]))]
    with pytest.raises(WrongParam) as caught:
        transform.make(Making(RESOURCE, field, 0, transform.checked(params)))
    assert caught.value.param == param and str(caught.value)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", TRANSFORMS)
def test_nothing_makes_it_fail_but_parameters_that_make_no_sense(name: str, data: st.DataObject) -> None:
    transform = TRANSFORMS[name]
    field = FIELDS[data.draw(st.sampled_from([kind for kind in Kind if transform.fits(FIELDS[kind])]))]
    given_params = {param.name: data.draw(drawn(param)) for param in transform.params}
    try:
        params = transform.checked(given_params | (REQUIRED.get(name, {}) if data.draw(st.booleans()) else {}))
        doing = transform.make(Making(RESOURCE, field, data.draw(st.integers(0, 2)), params))
    except Invalid as error:
        assert str(error)
        return
    others = [data.draw(ANYTHING) for _ in transform.reads(params)]
    for value in data.draw(st.lists(ANYTHING, min_size=1, max_size=4)):
        told = doing(value, others)
        assert isinstance(told, Given | Skipped)
        assert told.words if isinstance(told, Skipped) else told.text is None or isinstance(told.text, str)
