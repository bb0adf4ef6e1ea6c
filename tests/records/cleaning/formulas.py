"""The record that docs/formulas.md takes its examples from, and its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from adminui.records.cleaning.base import Given, Skipped
from adminui.records.cleaning.formula import language
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.values import MISSING, MaybeValue

DOCUMENT = Path(__file__).parents[3] / "docs" / "formulas.md"
RESOURCE = Resource(
    "companies",
    "Companies",
    "Company",
    (
        Field("id", "Id", Kind.INTEGER, read_only=True),
        Field("companyName", "Company name", Kind.TEXT),
        Field("phone", "Phone", Kind.TEXT),
        Field("city", "City", Kind.TEXT),
        Field("employees", "Number of employees", Kind.INTEGER),
        Field("revenue", "Revenue", Kind.DECIMAL),
        Field("discount", "Discount", Kind.DECIMAL),
        Field("createDate", "Created", Kind.DATETIME, zone="UTC"),
        Field("companyType", "Type", Kind.CHOICE, choices=(Choice(1, "Customer"), Choice(2, "Lead"))),
        Field("isActive", "Active", Kind.BOOLEAN),
        Field("missing", "Never set", Kind.TEXT),
        Field("nickname", "Nickname", Kind.TEXT),
        Field("secret", "Secret", Kind.TEXT, hidden=True),
    ),
    title_field="companyName",
)
CELL = RESOURCE.by_name["nickname"]
_ROW = re.compile(r"^\| `` (.+?) `` \| (.+?) \|$", re.MULTILINE)


def done(formula: str, record: dict[str, MaybeValue], field: Field = CELL) -> Given | Skipped:
    """What becomes of the cell of this record."""
    doing = language.doing(formula, RESOURCE, field)
    fields = (lookup(name) for name in language.reads_of(formula))
    return doing(record.get(field.name, MISSING), [record.get(each.name, MISSING) for each in fields])


def lookup(written: str) -> Field:
    return language.field_called(RESOURCE, written)


def shown(result: Given | Skipped) -> str:
    """As the document has it."""
    if isinstance(result, Skipped):
        return f"*left:* {result.words}"
    return "*null*" if result.text is None else "*empty*" if result.text == "" else f"`` {result.text} ``"


def told(formula: str) -> str:
    """What is wrong with it, and the spot."""
    try:
        language.check(formula, RESOURCE, CELL)
    except language.FormulaError as error:
        spot = formula[error.at : error.at + error.length]
        return f"{error} → {f'`` {spot} ``' if spot else 'at its end'}"
    return "nothing"


def sections(text: str) -> dict[str, str]:
    """The text under each heading."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> Iterator[tuple[str, str]]:
    """The two cells of each row that begins with a formula."""
    for match in _ROW.finditer(text):
        yield match[1], match[2]
