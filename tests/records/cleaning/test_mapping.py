"""Tables of old and new values: what is matched, what a pasted table says, what is used of it."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Given
from adminui.records.cleaning.mapping import parse_pairs, usage
from adminui.records.schema import Kind
from adminui.records.values import MISSING
from tests.records.cleaning.making import FIELDS, done, made

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x1c\x1d\x1e\x85\u2028\u2029\x0b\x0c"), max_size=8)
WORDS = st.text("abcdefghij", min_size=1, max_size=4)


def test_values_are_found_whatever_their_case_and_spaces_unless_these_matter() -> None:
    pairs = [["new  york", "NY"], ["Texas", "TX"]]
    assert done("map", " New York", pairs=pairs) == "NY"
    assert done("map", "New York", pairs=pairs, case=True) == "[is not in the table]"
    assert done("map", "New York", pairs=pairs, trim=False) == "[is not in the table]"
    assert done("map", "Texas", pairs=pairs, case=True, trim=False) == "TX"


def test_what_is_written_alike_comes_first_and_what_is_ambiguous_stays() -> None:
    pairs = [["acme", "one"], ["ACME", "two"]]
    assert [done("map", old, pairs=pairs) for old in ("acme", "ACME", "Acme")] == [
        "one",
        "two",
        "[is not in the table]",
    ]


def test_a_choice_is_found_by_its_value_and_its_label() -> None:
    pairs = [["california", "Nevada"], ["2", "California"]]
    assert done("map", 1, Kind.CHOICE, pairs=pairs) == "Nevada"
    assert done("map", 2, Kind.CHOICE, pairs=pairs) == "California"


def test_numbers_and_truths_are_found_by_what_they_mean() -> None:
    assert done("map", Decimal("1.50"), Kind.DECIMAL, pairs=[["1.5", "2"]]) == "2"
    assert done("map", True, Kind.BOOLEAN, pairs=[["TRUE", "false"]]) == "false"
    assert done("map", "Jane Doe", Kind.REFERENCE, pairs=[["jane doe", "29682885"]]) == "29682885"


def test_null_empty_and_not_set_are_three_things() -> None:
    pairs: list[list[str | None]] = [["", "unknown"], ["x", None]]
    assert done("map", None, pairs=pairs) == done("map", "", pairs=pairs) == "unknown"
    assert done("map", MISSING, pairs=pairs) == "[is not set]"
    assert done("map", "x", pairs=pairs) is None


def test_what_is_not_in_the_table_may_become_null() -> None:
    assert done("map", "y", pairs=[["x", "z"]], else_="null") is None


def test_another_field_can_be_looked_up() -> None:
    pairs = [["California", "West"]]
    assert done("map", "?", others=(1,), pairs=pairs, from_="choice") == "West"


def test_one_old_value_with_two_new_ones_is_refused() -> None:
    with pytest.raises(Invalid):
        made("map", pairs=[["a", "b"], ["a", "c"]])
    with pytest.raises(Invalid):
        made("map", pairs=[])


@given(pairs=st.dictionaries(WORDS, WORDS, min_size=1).filter(lambda d: len({*d.values()}) == len(d)))
def test_the_inverse_of_a_table_restores(pairs: dict[str, str]) -> None:
    there = made("map", pairs=[[old, new] for old, new in pairs.items()], case=True, trim=False)
    back = made("map", pairs=[[new, old] for old, new in pairs.items()], case=True, trim=False)
    for old in pairs:
        new = there(old, ())
        assert isinstance(new, Given) and back(new.text, ()) == Given(old)


def test_a_table_says_what_it_would_be_used_for() -> None:
    pairs = [["ca", "CA"], ["nv", "NV"], ["California", "CA"]]
    found = usage(FIELDS[Kind.TEXT], pairs, [("CA", 3), ("California", 2), ("Texas", 1), (None, 9), ("ca ", 1)])
    assert found.used == ((0, 4), (2, 2))
    assert found.unused == (1,)
    assert found.unmatched == ((None, 9), ("Texas", 1))


@pytest.mark.parametrize(
    "text",
    [
        "a\tx\nb, c\ty\n",
        "\ufeffa → x\n\nb, c → y",
        "a => x\nb, c => y",
        'a,x\n"b, c",y\n',
        "a;x\r\nb, c;y\r\n",
    ],
)
def test_a_pasted_table_is_understood(text: str) -> None:
    assert parse_pairs(text) == ([["a", "x"], ["b, c", "y"]], [])


def test_lines_that_are_no_pair_are_told() -> None:
    pairs, problems = parse_pairs("a\tb\nalone\na\tb\na\tc\nx\t(null)\np\tq\tr\n")
    assert pairs == [["a", "b"], ["x", None]]
    assert [problem.line for problem in problems] == [2, 4, 6]
    assert "1 column" in problems[0].words and "again" in problems[1].words and "3 columns" in problems[2].words


@given(pairs=st.dictionaries(CELLS, CELLS, min_size=1).filter(lambda d: all(old.strip() for old in d)))
def test_a_table_that_a_spreadsheet_wrote_is_read_back(pairs: dict[str, str]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="\t").writerows(pairs.items())
    read, problems = parse_pairs(file.getvalue())
    expected = {old.lstrip("\ufeff") if at == 0 else old: new for at, (old, new) in enumerate(pairs.items())}
    if all("\t" not in cell and not cell.startswith("\ufeff") for pair in pairs.items() for cell in pair):
        assert not problems
        assert {old: "(null)" if new is None else new for old, new in read} == expected


@given(text=st.text('ab,\t;→=>"\n\r\0', max_size=40) | st.text(max_size=40))
def test_whatever_is_pasted_is_pairs_and_problems(text: str) -> None:
    pairs, problems = parse_pairs(text)
    assert all(len(pair) == 2 for pair in pairs)
    assert all(problem.line >= 1 and problem.words for problem in problems)
    if pairs:
        made("map", pairs=pairs)
