"""What is offered while a formula is written."""

from __future__ import annotations

import pytest

from adminui.records.cleaning.formula.completing import completions, signature
from adminui.records.cleaning.formula.library import FUNCTIONS
from tests.records.cleaning.formulas import RESOURCE


def offered(marked: str) -> list[str]:
    """What the formula would be with each completion; the caret is at the bar."""
    at = marked.index("|")
    text = marked.replace("|", "")
    return [text[: each.start] + each.insert + text[each.end :] for each in completions(text, at, RESOURCE)]


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("tri|", "trim("),
        ("tri|(value)", "trim(value)"),
        ("if(true, tr|im(value), 1)", "if(true, trim(value), 1)"),
        ("newl|", "newline()"),
        ("va|", "value"),
        ("{comp|", "{companyName}"),
        ("{comp|anyNa} & 1", "{companyName} & 1"),
        ("upper({number of|", "upper({employees}"),
        ("upper({number of|)", "upper({employees})"),
        ("CITY|", "{city}"),
        ("trim(value) = {city} o|", "trim(value) = {city} or"),
        ("1 + |", "1 + value"),
        ("'a' & x = 2 an|", "'a' & x = 2 and"),
    ],
)
def test_what_is_begun_is_completed_in_its_place(written: str, first: str):
    assert offered(written)[0] == first


@pytest.mark.parametrize("written", ['"tri|"', '"tri|', "'it''s tri|", "trim(value) |", "12|", "{city}|"])
def test_nothing_is_offered_within_text_or_where_only_an_operator_can_follow(written: str):
    assert offered(written) == []


def test_those_that_begin_so_come_before_those_that_hold_it():
    labels = [each.label for each in completions("re", 2, RESOURCE)]
    assert labels.index("repeat(text, count)") < labels.index("Created")


def test_every_function_can_be_found_by_its_name():
    for name, function in FUNCTIONS.items():
        assert function.signature in [each.label for each in completions(name, len(name), RESOURCE)]


def test_the_signature_is_of_the_innermost_function_and_its_present_parameter():
    told = signature('if(true, mid({city}, 1, "(,"', 28)
    assert told is not None and (told.name, told.active) == ("mid", 2)
    closed = signature("if(true, mid({city}, 1, 2), ", 28)
    assert closed is not None and (closed.name, closed.parameters[closed.active]) == ("if", "otherwise")
    assert signature("(1 + 2", 6) is None and signature("nosuch(1", 8) is None
    many = signature("coalesce(1, 2, 3, 4", 19)
    assert many is not None and many.parameters[many.active] == "…"
