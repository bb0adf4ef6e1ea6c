"""Files of changes: what they say is taken as it stands, and what cannot be read is named with its line."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.management.files import Tokens, Unreadable, parse
from adminui.records.casting import to_json

NONE = Tokens()


def rows(text: str | bytes, name: str = "x.csv", tokens: Tokens = NONE, encoding: str | None = None) -> list[dict]:
    data = text if isinstance(text, bytes) else text.encode()
    return [dict(row.values) for row in parse(data, name, tokens, encoding).rows]


def problems(text: str | bytes, name: str = "x.csv", tokens: Tokens = NONE) -> tuple[str, ...]:
    with pytest.raises(Unreadable) as caught:
        rows(text, name, tokens)
    return caught.value.problems


def test_an_empty_cell_leaves_the_field_alone_and_tokens_set_null_and_empty_text():
    tokens = Tokens(null="NULL", empty='""')
    assert rows('id,name,notes\n1,,NULL\n2,"""""",a\n', tokens=tokens) == [
        {"id": "1", "notes": None},
        {"id": "2", "name": "", "notes": "a"},
    ]


def test_without_tokens_every_word_is_a_value():
    assert rows("id,name\n1,NULL\n") == [{"id": "1", "name": "NULL"}]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_finds_the_id(mark):
    assert rows(f"id{mark}name\n1{mark}a,b;c\n".replace("a,b;c", "x")) == [{"id": "1", "name": "x"}]


def test_a_delimiter_in_a_label_does_not_mislead():
    assert rows('name;id;"City, state"\nA, B;1;Bonn\n') == [{"name": "A, B", "id": "1", "City, state": "Bonn"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_recognised_with_and_without_a_mark(encoding):
    assert rows("id,name\n1,Köln ☃\n".encode(encoding)) == [{"id": "1", "name": "Köln ☃"}]


def test_another_encoding_is_not_guessed_but_named():
    data = "id,name\n1,Köln\n".encode("cp1252")
    assert "Line 2" in problems(data)[0] and "--encoding" in problems(data)[0]
    assert rows(data, encoding="cp1252") == [{"id": "1", "name": "Köln"}]
    with pytest.raises(Unreadable, match="no encoding “cp9999”"):
        rows(data, encoding="cp9999")


def test_lines_are_those_of_the_file_also_after_text_of_several_lines():
    table = parse(b'id,notes\n1,"a\nb"\n\n2,c\n', "x.csv", NONE)
    assert [row.line for row in table.rows] == [2, 5]
    assert table.rows[0].values["notes"] == "a\nb"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id,name\n1\n", "Line 2: it has 1 cells"),
        ("id,name\n1,a,b\n", "Line 2: it has 3 cells"),
        ('id,name\n1,"a\n', "Line 2: this is not CSV"),
        ("id,name,name\n1,a,b\n", "“name” stands there twice"),
        ("", "empty"),
    ],
)
def test_a_csv_file_that_cannot_be_trusted_is_refused_with_its_line(text, line):
    assert line in problems(text)[0]


def test_json_keeps_null_empty_and_absent_apart_and_numbers_exact():
    text = '[{"id": 1, "bid": 0.10000000000000000001},\n {"id": 2, "name": "", "notes": null}]'
    assert rows(text, "x.json") == [
        {"id": 1, "bid": Decimal("0.10000000000000000001")},
        {"id": 2, "name": "", "notes": None},
    ]
    assert [row.line for row in parse(text.encode(), "x.json", NONE).rows] == [1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": 1}', "a list of objects"),
        ('[{"id": 1},\n 2]', "Line 2: this is no object"),
        ('[{"id": 1}\n {"id": 2}]', "Line 2: this is not JSON: a comma"),
        ('[{"id": 1},\n {"id": 2', "Line 2: this is not JSON"),
        ('[\n{"id": 1, "a": 1, "a": 2}]', "Line 2: this is not JSON: “a” stands there twice"),
        ('[{"id": 1, "a": NaN}]', "NaN"),
        ('[{"id": 1}] x', "something follows"),
        ('[{"id": 1, "a": ' + "[" * 100_000, "Line 1"),
    ],
)
def test_a_json_file_that_cannot_be_trusted_is_refused_with_its_line(text, said):
    assert said in problems(text, "x.json")[0]


def test_stdin_is_json_when_it_begins_like_json():
    assert rows(' [{"id": 1}]', "-") == [{"id": 1}]
    assert rows("id,name\n1,a\n", "-") == [{"id": "1", "name": "a"}]


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2)))
def test_what_a_csv_writer_writes_is_read_to_the_letter(cells):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["id", "a", "b"], *([str(i), *pair] for i, pair in enumerate(cells))])
    expected = [
        {"id": str(i)} | {name: cell for name, cell in zip("ab", pair, strict=True) if cell}
        for i, pair in enumerate(cells)
    ]
    assert rows(out.getvalue()) == expected


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), _VALUES)), st.sampled_from([None, 1]))
def test_what_json_says_is_read_to_the_letter(objects, indent):
    assert rows(to_json(objects, indent=indent), "x.json") == objects
