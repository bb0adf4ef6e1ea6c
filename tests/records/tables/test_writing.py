"""Cells of files: what is written is what is read back, and no spreadsheet runs any of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.casting import to_text
from adminui.records.schema import Choice, Field, Kind
from adminui.records.tables import writing
from adminui.records.tables.writing import EMPTY, Token
from adminui.records.values import MISSING, same

NAME = Field("name", "Name", Kind.TEXT)
PRICE = Field("price", "Price", Kind.DECIMAL)
COUNT = Field("count", "Count", Kind.INTEGER)
OWNER = Field("owner", "Owner", Kind.REFERENCE)
MADE = Field("made", "Made", Kind.DATETIME, zone="UTC")
LOCAL = Field("local", "Local", Kind.DATETIME, zone="account time")
DAY = Field("day", "Day", Kind.DATE)
ON = Field("on", "On", Kind.BOOLEAN)
STATUS = Field("status", "Status", Kind.CHOICE, choices=(Choice(1, "New"), Choice("", "None")))
TAGS = Field("tags", "Tags", Kind.LIST)
ANY = Field("any", "Any", Kind.JSON)
FIELDS = [NAME, PRICE, COUNT, OWNER, MADE, LOCAL, DAY, ON, STATUS, TAGS, ANY]

texts = (
    st.text()
    | st.text(alphabet="'=+-@\t\r\n \"[]null＝0123left as it is", max_size=12)
    | st.sampled_from(
        [
            '""',
            '\'""',
            "[null]",
            "'[null]",
            "[left as it is: no]",
            "''=x",
            "=1+1",
            " +1",
            "00123",
            "1E5",
            "<r>x</r>",
            "_x000D_",
        ]
    )
)
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.integers(-10, 10)
moments = st.datetimes().map(str) | st.datetimes().map(lambda m: f"{m.isoformat()}Z") | st.dates().map(str)
plain = st.none() | st.booleans() | numbers | texts | moments
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
) | st.just(MISSING)


def said(field: Field, value: Any) -> Token | str:
    """What a cell of this value has to be read as."""
    if value is None or value is MISSING:
        return Token.BLANK
    return Token.EMPTY if value == "" and isinstance(value, str) else to_text(field, value)


def unwritable(text: str) -> bool:
    return any("\ud800" <= each <= "\udfff" or each == "\0" for each in text)


@given(st.sampled_from(FIELDS), values, st.booleans())
def test_every_value_is_read_back_as_it_was_written(field: Field, value: Any, formulas: bool):
    cell = writing.cell(field, value, formulas=formulas)
    meant = said(field, value)
    if isinstance(meant, str) and unwritable(meant):
        assert writing.meaning(cell) is Token.KEEP
    else:
        assert writing.meaning(cell) == meant


@given(texts | st.text(alphabet="'=\"[", max_size=6), st.booleans())
def test_protection_comes_off_exactly(text: str, formulas: bool):
    assert writing.literal(writing.protected(text, formulas=formulas)) == text


@given(st.sampled_from(FIELDS), values)
def test_nothing_that_a_spreadsheet_runs_is_in_a_protected_file(field: Field, value: Any):
    cell = writing.cell(field, value)
    if cell.lstrip()[:1] in tuple("=+-@＝＋－＠") or cell[:1] in tuple("\t\r\n"):
        assert cell.strip() and Decimal(cell).is_finite()  # a number, that runs nothing
        assert not isinstance(value, str) or field.kind not in (Kind.TEXT, Kind.LONG_TEXT)


@given(st.sampled_from(FIELDS), values)
def test_a_workbook_says_the_same_as_the_record(field: Field, value: Any):
    cell = writing.spreadsheet(field, value)
    meant = said(field, value)
    if cell.kind != "text":
        assert same(field, writing.back(cell.value), value)
        return
    assert isinstance(cell.value, str)
    read = writing.meaning(cell.value)
    assert read == meant or (read is Token.KEEP and isinstance(meant, str) and len(cell.value) < 100)


@pytest.mark.parametrize("text", ["x" * 32_767, "😀" * 16_383, "<&>\r\n"])
def test_words_that_fit_a_cell_are_whole(text: str):
    assert writing.clipped(text) == text


@pytest.mark.parametrize("text", ["x" * 32_768, "😀" * 16_384, "x" + "😀" * 16_384])
def test_words_that_do_not_fit_are_cut_between_characters_and_say_so(text: str):
    kept = writing.clipped(text)
    assert 32_765 < len(kept.encode("utf-16-le")) // 2 <= 32_767
    assert kept.endswith("…") and text.startswith(kept[:-1])


def test_what_no_workbook_holds_is_shown_as_such():
    assert writing.clipped("a\ud800b\0c\uffff") == "a\ufffdb\ufffdc\ufffd"


@given(st.integers(32_760, 32_775).map(lambda n: "x" * n) | st.integers(16_380, 16_390).map(lambda n: "😀" * n))
def test_nothing_is_cut_to_fit_a_cell(text: str):
    cell = writing.spreadsheet(NAME, text)
    assert isinstance(cell.value, str) and len(cell.value.encode("utf-16-le", "surrogatepass")) <= 2 * 32_767
    assert writing.meaning(cell.value) == text or writing.meaning(cell.value) is Token.KEEP


def test_text_that_is_too_long_says_so():
    assert writing.spreadsheet(NAME, "x" * 32_767).value == "x" * 32_767
    assert writing.spreadsheet(NAME, "x" * 32_768).value == "[left as it is: 32,768 characters, more than a cell holds]"


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        (COUNT, 12, "number"),
        (COUNT, 10**15, "text"),
        (COUNT, "007", "text"),
        (PRICE, Decimal("1.10"), "number"),
        (PRICE, Decimal("0.1234567890123456"), "text"),
        (OWNER, 12, "text"),
        (ON, True, "boolean"),
        (DAY, "2026-01-02", "date"),
        (DAY, "1899-12-31", "text"),
        (MADE, "2026-01-02T03:04:05Z", "datetime"),
        (MADE, "2026-01-02T03:04:05.5Z", "text"),
        (LOCAL, "2026-01-02 03:04:05", "datetime"),
        (LOCAL, "2026-01-02T03:04:05Z", "text"),
        (NAME, "2026-01-02", "text"),
    ],
)
def test_a_workbook_has_types_where_these_say_exactly_the_same(field: Field, value: Any, kind: str):
    assert writing.spreadsheet(field, value).kind == kind


def test_null_that_is_pending_is_said():
    assert writing.meaning(writing.typed(None)) is Token.NULL
    assert writing.typed("") == EMPTY and writing.meaning(writing.typed("[null]")) == "[null]"


def test_headings_mean_their_fields_beyond_doubt():
    own = Field("_v", "_Version", Kind.TEXT)
    odd = Field("a [b]", "Label", Kind.TEXT)
    fields = [NAME, PRICE, own, odd, Field("b", "Line\none", Kind.TEXT)]
    for labels in (True, False):
        heads = writing.headings(fields, labels=labels)
        assert [writing.named(head, [f.name for f in fields]) for head in heads] == [f.name for f in fields]
        assert not any(head.startswith("_") for head in heads)
    assert writing.heading(NAME, labels=True) == "name" and writing.heading(fields[-1], labels=True) == "Line one [b]"
    assert writing.named("_before name", ["name", "_before name"]) is None
