"""Formulas: what they give, what is refused where, and that nothing whatever makes them fail."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adminui.records.cleaning.base import Given, Making, Skipped
from adminui.records.cleaning.formula import language
from adminui.records.cleaning.formula.completing import completions, signature
from adminui.records.cleaning.formula.library import FUNCTIONS
from adminui.records.cleaning.formula.made import LONGEST_TEXT, Type
from adminui.records.cleaning.formula.parser import DEEPEST
from adminui.records.cleaning.formula.transform import TRANSFORMS
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.values import MISSING
from tests.records.cleaning.formulas import CELL, RESOURCE, done
from tests.records.strategies import VALUES, texts

WORDS = [
    *(f"{name}(" for name in FUNCTIONS),
    *("value", "null", "true", "{companyName}", "{Number of employees}", "{createDate}", "{secret}"),
    *('"a"', "'", '"', "{", "}", " ", "(", ")", ",", "+", "-", "*", "/", "%", "&", "=", "<", ">="),
    *("and ", "or ", "not ", "1", "2.5", '"(a+)+$"', "é", "😀", "\n"),
]  # fmt: skip


def error_of(formula, field=CELL):
    with pytest.raises(language.FormulaError) as caught:
        language.doing(formula, RESOURCE, field)
    return caught.value


def test_a_field_is_meant_by_its_name_or_its_label_however_cased():
    record = {"employees": 7}
    for written in ("employees", "Number of employees", "EMPLOYEES", " number OF employees "):
        assert done(f"{{{written}}}", record) == Given("7")


def test_a_label_that_two_fields_have_is_refused_with_their_names():
    twins = Resource("t", "Things", "Thing", (Field("a", "Note", Kind.TEXT), Field("b", "Note", Kind.TEXT)))
    with pytest.raises(language.FormulaError, match=r"2 fields are called “Note”: write \{a\} or \{b\}"):
        language.check("{Note}", twins, twins.by_name["a"])


def test_a_name_goes_before_a_label_that_is_spelt_alike():
    crossed = Resource("t", "Things", "Thing", (Field("a", "b", Kind.TEXT), Field("b", "a", Kind.TEXT)))
    assert [field.name for field in language.fields_of("{a}", crossed)] == ["a"]


def test_a_hidden_field_is_not_there_and_never_suggested():
    error = error_of("trim({secret})")
    assert (error.at, error.length) == (5, 8)
    assert "have no field" in str(error)
    assert "{secret}" not in str(error_of("{secre}"))
    assert "secret" not in str([*completions("{sec", 4, RESOURCE), *completions("", 0, RESOURCE)])


def test_the_fields_that_are_read_are_told_from_left_to_right_each_once():
    formula = "{city} & {Phone} & upper({phone}) & {city}"
    assert language.reads_of(formula) == ("city", "Phone", "phone")
    assert [field.name for field in language.fields_of(formula, RESOURCE)] == ["city", "phone"]
    assert language.reads_of("{city} & (") == ()


def test_the_cell_as_it_is_comes_to_the_text_an_editor_holds():
    for kind, held in [(Kind.DECIMAL, Decimal("1.50")), (Kind.DATETIME, "2024-02-29T10:15:00Z"), (Kind.BOOLEAN, True)]:
        field = Field("x", "X", kind)
        resource = Resource("t", "Things", "Thing", (field,))
        text = {True: "true"}.get(held, str(held)) if held is True else str(held)
        assert language.doing("value", resource, field)(held, ()) == Given(text)


def test_a_cell_that_is_not_set_stays_so_where_nothing_comes_out():
    assert done("value", {}) == Skipped("is not set")
    assert done("{city}", {"nickname": "x"}) == Given(None)
    assert done('"Ada"', {}) == Given("Ada")


def test_a_pending_edit_that_is_no_number_leaves_its_row():
    assert done("{employees} + 1", {"employees": "a dozen"}) == Skipped("Number of employees is not a number")
    assert done("value & 1", {"nickname": "a"}) == Given("a1")


def test_numbers_are_exact_and_spelt_out():
    assert done("{revenue} * 3", {"revenue": Decimal("0.10")}) == Given("0.30")
    assert done("{employees} + 1", {"employees": 10**30}) == Given(str(10**30 + 1))
    assert done("number(value) * 1", {"nickname": "1e30"}) == Given("1" + "0" * 30)
    assert done("-{employees}", {"employees": 0}) == Given("0")


def test_what_cannot_be_reckoned_exactly_leaves_the_row():
    for formula in (
        "{revenue} * {revenue}",
        "{revenue} + 1",
        "{revenue} - 0.5",
        "{revenue} % 7",
    ):
        result = done(formula, {"revenue": Decimal("1" + "2" * 99 + "E+250")})
        assert isinstance(result, Skipped), formula
        assert "digits" in result.words


def test_what_comes_first_in_a_condition_decides():
    assert done("{city} = null or {revenue} / 0 > 1", {}) == Given("true")
    assert done("false and {revenue} / 0 > 1", {"revenue": 1}) == Given("false")
    assert done('if(true, "a", {revenue} / 0)', {"revenue": 1}) == Given("a")


def test_dates_with_and_without_a_time_are_compared_by_their_days_and_two_times_by_moments():
    record = {"createDate": "2024-02-29T23:59:00Z", "nickname": "2024-03-01T00:30:00+01:00"}
    assert done('{createDate} = "2024-02-29"', record) == Given("true")
    assert done("{createDate} > value", record) == Given("true")
    assert done('{createDate} < "2024-03-01T00:00:00"', record) == Skipped(
        "cannot compare a time in UTC with a local one"
    )


def test_a_choice_can_be_compared_as_text_or_number_and_be_named():
    formula = '{companyType} = 1 and {companyType} = "1" and label({companyType}) = "Customer"'
    for written in (1, "1"):
        assert done(formula, {"companyType": written}) == Given("true")


@pytest.mark.parametrize(
    ("formula", "spot", "words"),
    [
        ("  ", "", "Write a formula."),
        ("{employees} & trim(1", "(", "not closed"),
        ("1 + * 2", "*", "needs something before it"),
        ("upper({employees}, 2)", "2", "upper(text) takes 1."),
        ("(1 + 2) {city}", "{city}", "an operator such as"),
        ("{employees} * {city}", "{city}", "To read it as one: number(…)"),
        ("not {city}", "{city}", "Compare it with something"),
        ("label({city})", "{city}", "a choice"),
        ('{createDate} < "soon"', '"soon"', "A date has to stand here"),
        ("{isActive} < true", "{isActive}", "neither more nor less"),
        ("IF(true, 1)", "IF(true, 1)", "“otherwise” is missing"),
        ("“a”", "“", "straight quotes"),
        ("value # 1", "#", "means nothing"),
        ("regex_matches(value, {city})", "{city}", "as text in quotes"),
        ('regex_replace(value, "a", "$1")', '"$1"', "no group $1"),
        ("trim", "trim", "followed by brackets: trim(text)"),
        ("nul", "nul", "Did you mean null?"),
        ("choose(1, 2)", "choose(1, 2)", "“then” is missing"),
        ("date(2026, 1)", "date(2026, 1)", "“day” is missing"),
    ],
)
def test_a_mistake_is_told_at_its_spot(formula, spot, words):
    error = error_of(formula)
    assert formula[error.at : error.at + error.length] == spot
    assert words in str(error)


def test_brackets_and_length_have_an_end_but_not_the_number_of_summands():
    assert done("(" * DEEPEST + "1" + ")" * DEEPEST, {}) == Given("1")
    assert "brackets" in str(error_of("(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1)))
    assert "characters" in str(error_of("1" + "+1" * 6_000))
    assert done("1" + "+1" * 4_900, {}) == Given("4901")
    for endless in ("-" * 9_000 + "1", "not " * 2_000 + "true", "trim(" * 1_999, "+" * 9_000 + "1"):
        error_of(endless)


@pytest.mark.parametrize(
    "formula",
    [
        'repeat(repeat(repeat("x", 99999), 99999), 99999)',
        'replace(repeat("a", 50000), "a", repeat("b", 50000))',
        'regex_replace(repeat("a", 50000), "a", repeat("b", 3) & "c")'.replace('repeat("b", 3) & "c"', '"bbbb"'),
        'pad("x", 1000000000)',
        " & ".join(['repeat("x", 90000)'] * 50),
        'join(repeat("x", 90000), 1, 2, 3)',
        'join("", ' + ", ".join(['repeat("x", 90000)'] * 50) + ")",
        'format_date("2024-01-01", repeat("MMMM", 20000))',
    ],
)
def test_no_text_grows_without_end(formula):
    begun = time.perf_counter()
    assert done(formula, {}) == Skipped(f"would have more than {LONGEST_TEXT:,} characters")
    assert time.perf_counter() - begun < 20


def test_a_pattern_that_would_take_for_ever_leaves_the_row():
    result = done('regex_matches(value, "^(a|aa)+$")', {"nickname": "a" * 5_000 + "b"})
    assert result in (Skipped("takes this pattern too long"), Given("false"))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14).map("".join) | st.text(max_size=40), st.integers(0, 40))
@example("{" * 5_000, 0)
@example('"' * 4_999, 4_999)
@example("İ(", 1)
def test_no_text_whatever_is_anything_but_a_formula_or_told_wrong_at_a_spot_within_it(formula, at):
    try:
        language.check(formula, RESOURCE, CELL)
    except language.FormulaError as error:
        assert str(error)
        assert 0 <= error.at <= len(formula)
        assert 0 <= error.length <= len(formula) - error.at
    else:
        assert set(language.reads_of(formula)) is not None
        assert isinstance(done(formula, {}), Given | Skipped)
    for each in completions(formula, at, RESOURCE):
        assert 0 <= each.start <= each.end <= len(formula)
    signature(formula, at)
    language.reads_of(formula)


CHOICES = (Choice(1, "New"), Choice(2, "Done"))
FIELDS = tuple(Field(f"f{place}", f"F {place}", kind, choices=CHOICES) for place, kind in enumerate(Kind))
ATOMS = {
    Type.TEXT: ["value", '"a"', '","', '"[a-z]+"', "{f0}", "{f1}", "{f9}"],
    Type.NUMBER: ["1", "-2", "0.5", "7", "{f2}", "{f3}", "{f6}"],
    Type.BOOLEAN: ["true", "{f4}", "null"],
    Type.DATE: ['"2024-02-29"', "{f7}", "{f8}"],
    Type.CHOICE: ["{f5}", "{f10}"],
}
ORDERS = ("=", "!=", "<", "<=", ">", ">=")
SIGNS = {
    Type.TEXT: ["&"],
    Type.NUMBER: ["+", "-", "*", "/", "%"],
    Type.BOOLEAN: [" and ", " or ", "=", "!="],
}
TYPES = {"number": Type.NUMBER, "whole": Type.NUMBER, "condition": Type.BOOLEAN, "day": Type.DATE, "date": Type.DATE}
ODD = ["1e400", "NaN", "-0", "2024-02-30", "0001-01-01", "9999-12-31T23:59:59-12:00"]
KINDS = Resource("things", "Things", "Thing", FIELDS)
held = st.none() | st.just(MISSING) | st.one_of(*VALUES.values()) | texts | st.sampled_from(ODD)


@st.composite
def calls(draw: st.DrawFn, type: Type, depth: int = 3) -> str:
    """Formulas that mostly make sense, of every function there is."""
    way = draw(st.integers(0, 4)) if depth else 0
    if way == 0:
        return draw(st.sampled_from(ATOMS[type]))
    if way == 1 and type in SIGNS:
        return f"({draw(calls(type, depth - 1))}{draw(st.sampled_from(SIGNS[type]))}{draw(calls(type, depth - 1))})"
    if way == 2 and type is Type.BOOLEAN:
        of = draw(st.sampled_from([Type.TEXT, Type.NUMBER, Type.DATE]))
        return f"({draw(calls(of, depth - 1))} {draw(st.sampled_from(ORDERS))} {draw(calls(of, depth - 1))})"
    function = draw(st.sampled_from([each for each in FUNCTIONS.values() if each.gives in (type, Type.ANY)]))
    most = function.fewest + 2 if function.most is None else function.most
    plain = type if function.gives is Type.ANY else Type.TEXT
    kinds = [TYPES.get(function.kind(place), plain) for place in range(draw(st.integers(function.fewest, most)))]
    args = ["{f5}" if function.name == "label" else draw(calls(kind, depth - 1)) for kind in kinds]
    return f"{function.name}({', '.join(args)})"


@settings(max_examples=400, deadline=None)
@given(st.data(), st.sampled_from(list(ATOMS)).flatmap(calls), st.sampled_from(FIELDS))
def test_whatever_stands_in_a_row_it_is_given_or_left_and_the_same_twice(data, formula, field):
    try:
        doing = language.doing(formula, KINDS, field)
    except language.FormulaError:
        return
    row = [data.draw(held) for _ in language.reads_of(formula)]
    value = data.draw(held)
    result = doing(value, row)
    assert isinstance(result, Given | Skipped)
    assert doing(value, row) == result
    if isinstance(result, Given):
        assert result.text is None or (type(result.text) is str and len(result.text) <= LONGEST_TEXT)
    else:
        assert result.words


def test_the_transform_reads_what_its_formula_names_and_says_where_it_is_wrong():
    (transform,) = TRANSFORMS
    params = transform.checked({"formula": 'upper({city}) & "!"'})
    assert transform.reads(params) == ("city",)
    assert transform.make(Making(RESOURCE, CELL, 0, params))("x", ["Bonn"]) == Given("BONN!")
    assert transform.words("Nickname", params) == 'Set Nickname by the formula upper({city}) & "!"'
    with pytest.raises(language.FormulaError) as caught:
        transform.make(Making(RESOURCE, CELL, 0, {"formula": "{ciy}"}))
    assert (caught.value.at, caught.value.length) == (0, 5)
