"""The document on formulas says what is so."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adminui.records.cleaning.formula.library import FUNCTIONS
from tests.records.cleaning.formulas import DOCUMENT, RESOURCE, done, rows, sections, shown, told

TEXT = DOCUMENT.read_text()
SECTIONS = sections(TEXT)
WRONG = SECTIONS["What is wrong, and where"]
RECORD = {
    "companyName": "Acme Ltd",
    "phone": "(030) 555-1234",
    "city": None,
    "employees": 120,
    "revenue": Decimal("1234.50"),
    "discount": None,
    "createDate": "2024-02-29T10:15:00Z",
    "companyType": 1,
    "isActive": True,
    "nickname": "  acme   LTD ",
}
RIGHT = [row for name, text in SECTIONS.items() if text is not WRONG for row in rows(text)]


@pytest.mark.parametrize(("formula", "result"), RIGHT)
def test_each_documented_formula_gives_what_the_document_says(formula, result):
    assert shown(done(formula, RECORD)) == result


@pytest.mark.parametrize(("formula", "words"), list(rows(WRONG)))
def test_each_documented_mistake_is_told_so_and_at_this_spot(formula, words):
    assert told(formula) == words


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_every_function_is_documented_with_its_parameters_its_help_and_an_example_of_its_use(function):
    section = SECTIONS[function.signature]
    assert function.help in section
    assert any(f"{function.name}(" in formula for formula, _ in rows(section))


def test_the_document_has_no_function_that_is_not_there_and_enough_to_be_checked():
    headings = {name for name in SECTIONS if "(" in name}
    assert headings == {function.signature for function in FUNCTIONS.values()}
    assert len(RIGHT) > 100


def test_the_record_of_the_examples_is_the_one_the_document_shows():
    for field in RESOURCE.visible:
        if field.name != "id":
            assert f"| {field.name} | {field.label} | {field.kind.value}" in TEXT, field.name
