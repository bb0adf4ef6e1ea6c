"""What holds for every clean-up there is: it is described whole, and nothing makes it fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Given, Making, Param, Skipped, Transformation
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
