"""Values from elsewhere: other fields, the row above, pieces of a text, and shared changes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records import operations
from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Given, Making
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.records.schema import Choice, Field, Kind
from adminui.records.values import MISSING
from tests.records.cleaning.making import FIELDS, RESOURCE, done, made
from tests.records.strategies import VALUES


def test_copying_takes_what_people_read() -> None:
    assert done("copy", "old", others=(1,), from_="choice") == "California"
    assert done("copy", "old", others=(Decimal("1.50"),), from_="decimal") == "1.50"
    assert done("copy", None, Kind.DATE, others=("2024-05-06T23:30:00Z",), from_="datetime") == "2024-05-06"


def test_copying_puts_nothing_over_something_unless_asked() -> None:
    assert done("copy", "old", others=(None,), from_="date") == "[Date is empty]"
    assert done("copy", "old", others=(MISSING,), from_="date", blanks=True) == "[Date is empty]"
    assert done("copy", "old", others=(None,), from_="date", blanks=True) is None
    assert done("copy", "old", others=("new",), from_="long_text", only_blank=True) == "[is filled already]"
    assert done("copy", " ", others=("new",), from_="long_text", only_blank=True) == "new"
    for wrong in ("text", "nothing"):
        with pytest.raises(Invalid):
            made("copy", from_=wrong)


def test_a_choice_is_copied_by_its_label_where_its_value_means_something_else() -> None:
    other = Field(
        "other", "Other", Kind.CHOICE, choices=(Choice(1, "Low"), Choice(2, "Nevada"), Choice(7, "California"))
    )
    copy = made("copy", field=other, from_="choice")
    assert [copy(None, (value,)) for value in (1, 2)] == [Given("California"), Given("2")]


def test_empty_cells_take_the_last_value_above() -> None:
    fill = made("fill")
    rows = [None, "a", "", None, MISSING, "b", " "]
    found = [fill(value, ()) for value in rows]
    texts = [each.text if isinstance(each, Given) else each.words for each in found]
    assert texts == ["has nothing above it", "is filled already", "a", "a", "a", "is filled already", "b"]
    assert TRANSFORMS["fill"].carries


def test_filling_may_stop_after_some_cells() -> None:
    fill = made("fill", Kind.INTEGER, most=1)
    assert [isinstance(fill(value, ()), Given) for value in (5, None, None, 0, None)] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_one_value_is_put_where_there_is_none() -> None:
    assert [done("constant", value, value="x") for value in (None, "", "a")] == ["x", "x", "[is filled already]"]
    assert done("constant", "a", value="x", only_blank=False) == "x"


def test_pieces_go_to_the_fields_in_turn() -> None:
    pieces = [made("split", place=place, from_="long_text", most=3)(None, ("a, b,c,d",)) for place in range(3)]
    assert pieces == [Given("a"), Given("b"), Given("c,d")]
    assert done("split", None, others=("a",), place=1, from_="long_text") == "[has no piece 2: Long text comes to 1]"
    assert done("split", None, others=("a  b",), place=1, from_="long_text", separator=" ") == "b"
    assert done("split", None, others=("a1b22c",), place=2, from_="long_text", separator=r"\d+", regex=True) == "c"
    assert done("split", "old", others=(None,), from_="long_text") == "[Long text is null]"


@given(text=st.text("ab,-", max_size=20), most=st.integers(0, 4), regex=st.booleans())
def test_what_is_split_can_be_joined_again(text: str, most: int, regex: bool) -> None:
    pieces = []
    params = {"from_": "long_text", "separator": ",", "most": most, "regex": regex, "trim": False}
    while isinstance(piece := made("split", place=len(pieces), **params)(None, (text,)), Given):
        pieces.append(piece.text or "")
    assert ",".join(pieces) == text
    assert not most or len(pieces) <= most


def test_joining_leaves_out_what_is_empty() -> None:
    fields = ["text", "choice", "integer"]
    assert done("join", None, others=("a", None, 5), from_=fields, separator=", ") == "a, 5"
    assert done("join", None, others=(" ", 1, MISSING), from_=fields) == "California"
    assert done("join", "x", others=("", None, None), from_=fields) == "[has nothing to join]"
    assert TRANSFORMS["join"].reads({"from": fields}) == ("text", "choice", "integer")


def test_extracting_takes_the_first_group_or_all() -> None:
    assert done("extract", "Boston MA 02110", pattern=r"\d{5}") == "02110"
    assert done("extract", "Boston MA 02110", pattern=r"([A-Z]{2}) (\d{5})", group=2) == "02110"
    assert done("extract", "Boston", pattern=r"\d+") == "[does not match the pattern]"
    assert done("extract", 1, Kind.INTEGER, others=("PO 77",), pattern=r"\d+", from_="text") == "77"
    with pytest.raises(Invalid):
        made("extract", pattern=r"\d+", group=3)


@given(
    data=st.data(), kind=st.sampled_from(list(Kind)), value=st.sampled_from(["", "5", "-1", "a", "x"]), by=st.just("b")
)
def test_a_shared_change_does_what_it_does_elsewhere(data: st.DataObject, kind: Kind, value: str, by: str) -> None:
    field = FIELDS[kind]
    held = data.draw(VALUES[kind] | st.none() | st.just(MISSING))
    for name in operations.offered(field):
        try:
            expected = operations.doing(field, operations.Operation(name, value, by))
        except Invalid:
            with pytest.raises(Invalid):
                made("change", kind, operation=name, value=value, by=by)
            continue
        change = made("change", kind, operation=name, value=value, by=by)
        assert change(held, ()) == expected(held)
        assert TRANSFORMS["change"].words(field.label, {"operation": name, "value": value, "by": by})


def test_an_operation_a_field_does_not_offer_is_refused() -> None:
    transform = TRANSFORMS["change"]
    with pytest.raises(Invalid):
        transform.make(
            Making(RESOURCE, FIELDS[Kind.TEXT], 0, transform.checked({"operation": "percent", "value": "5"}))
        )
