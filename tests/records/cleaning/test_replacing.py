"""Find and replace, and patterns that people type: exact, told where they are wrong, and never slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Given, Skipped
from adminui.records.cleaning.patterns import ALL, TooSlow, safe_pattern
from adminui.records.cleaning.replacing import finder, matches
from adminui.records.schema import Kind
from adminui.records.values import MISSING
from tests.records.cleaning.making import done, made

TYPED = st.text("ab01()[]{}|*+?.^$\\dwsp-:=<>!,e ", max_size=14)


def test_plain_text_is_replaced_everywhere() -> None:
    assert done("replace", "a.b.A.", find="a.", by="$1\\") == "$1\\b.$1\\"
    assert done("replace", "a.b.A.", find="a.", by="x", case=True) == "xb.A."
    assert done("replace", "abc", find="x") == "[does not contain “x”]"
    assert done("replace", "Ltd", find="LTD", by="Limited", whole=True) == "Limited"
    assert done("replace", "Foo Ltd", find="Ltd", by="Limited", whole=True) == "[does not contain “Ltd”]"


def test_patterns_put_their_groups_in() -> None:
    swap = {"find": r"(?P<first>\w+) (\w+)", "regex": True}
    assert done("replace", "John Smith", by=r"\2, \1", **swap) == "Smith, John"
    assert done("replace", "John Smith", by="${first}: $2 $$5\\n", **swap) == "John: Smith $5\n"
    assert done("replace", "John Smith", by=r"\g<first>\\", **swap) == "John\\"
    assert done("replace", "a", find="(b)?a", by="[$1]", regex=True) == "[]"


@pytest.mark.parametrize("by", [r"\3", "$9", "${last}", r"\g<x>", r"\g<>"])
def test_a_group_there_is_not_is_refused(by: str) -> None:
    with pytest.raises(Invalid):
        made("replace", find=r"(\w+) (\w+)", by=by, regex=True)


def test_a_choice_goes_by_its_label_and_other_kinds_by_what_an_editor_holds() -> None:
    assert done("replace", 1, Kind.CHOICE, find="California", by="Nevada") == "Nevada"
    assert done("replace", 1205, Kind.INTEGER, find="20", by="3") == "135"
    assert [done("replace", value, find="a") for value in (None, MISSING)] == ["[is null]", "[is not set]"]


def test_matches_say_where_they_are() -> None:
    assert matches("banana", "AN") == [(1, 3), (3, 5)]
    assert matches("banana", "an", case=True, whole=True) == []
    assert matches("banana", "(?i)A.", regex=True, case=True) == [(1, 3), (3, 5)]


@given(
    text=st.text("abAB. ", max_size=20), find=st.text("abA.", min_size=1, max_size=3), by=st.text("ab\\$1", max_size=3)
)
def test_plain_replacing_is_what_python_does(text: str, find: str, by: str) -> None:
    assert done("replace", text, find=find, by=by, case=True) == (
        text.replace(find, by) if find in text else f"[does not contain “{find}”]"
    )
    assert len(matches(text, find, case=True)) == text.count(find)


@given(
    text=st.text("ab1 ", max_size=20), find=st.sampled_from([r"a+", r"\d|b", r"(a)(b)?", r"^a", r"\s*$", "b*?", r"\b"])
)
def test_patterns_find_what_python_finds(text: str, find: str) -> None:
    assert matches(text, find, regex=True, case=True) == [found.span() for found in re.finditer(find, text)]


@pytest.mark.parametrize(
    ("pattern", "at"),
    [("(a", 2), ("a)", 1), ("[a", 2), ("*a", 1), (r"\p{Foo}", None), ("a{3,1}", None)],
)
def test_a_pattern_that_is_wrong_is_told_with_the_place(pattern: str, at: int | None) -> None:
    with pytest.raises(Invalid, match="at character" if at else "pattern"):
        safe_pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["a{999999999}", "((ab){1000}){1000}", "(" * 400 + ")" * 400, "a" * 2000, "(?x) a", ""]
)
def test_a_pattern_that_is_too_much_is_refused_at_once(pattern: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(Invalid):
        safe_pattern(pattern)
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize(
    "pattern", ["(x+x+)+y", "(x|x)*y", "(a?){25}a{25}$", r"^(\w+\s?)*$", "(?:x*)*y", "x*x*x*x*y", "(.*)(.*)(.*)(.*)y"]
)
def test_no_pattern_holds_up_a_server(pattern: str) -> None:
    doing = made("replace", find=pattern, by="", regex=True)
    begun = time.perf_counter()
    for text in ("x" * 3_000 + "!", "a" * 60 + "!", "aa bb " * 500 + "!"):
        doing(text, ())
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize(
    "pattern", ["(?P<a>a)(?P=a)", r"(a)\1", "(a+)+", "(?:a|b)*", "(?R)?", "(?P<a>a)(?P>a)", "a{e<=1}"]
)
def test_patterns_that_may_be_slow_on_short_text_are_always_watched(pattern: str) -> None:
    assert safe_pattern(pattern).short == 0
    assert safe_pattern(r"^(\d+)-[a-z]+$").short > 100


def test_a_pattern_that_took_too_long_altogether_is_not_asked_again() -> None:
    pattern = safe_pattern("(x+x+)+y")
    doing = made("extract", pattern="(x+x+)+y")
    assert doing("x" * 5_000, ()) == Skipped("takes this pattern too long")
    pattern.spent = ALL + 1
    with pytest.raises(TooSlow):
        pattern.search("xy")


def test_what_grows_beyond_measure_is_left_alone() -> None:
    assert done("replace", "a" * 1_000, find="a", by="b" * 1_000) == "[would become longer than 100,000 characters]"


@settings(max_examples=300, deadline=None)
@given(pattern=TYPED, text=st.text("ab01 -", max_size=30), by=TYPED)
def test_whatever_is_typed_is_a_pattern_or_is_refused(pattern: str, text: str, by: str) -> None:
    try:
        find, doing = (
            finder(pattern, regex=True, case=False, whole=False),
            made("replace", find=pattern, by=by, regex=True),
        )
    except Invalid:
        return
    assert all(0 <= begun <= end <= len(text) for begun, end in find(text))
    assert isinstance(doing(text, ()), Given | Skipped)
