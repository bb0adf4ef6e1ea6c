"""Formulas over 100,000 rows, reckoned alone: no worksheet, no preview. Printed; nothing here fails for being slow."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import pytest

from adminui.records.cleaning.formula import language
from tests.records.cleaning.formulas import CELL, RESOURCE

pytestmark = pytest.mark.benchmark
ROWS, TIMES, GOAL = 100_000, 3, 200  # milliseconds
RECORDS = [
    {"companyName": f" name {at} ", "employees": at, "city": f"City {at % 500}" if at % 10 else None}
    for at in range(ROWS)
]
FORMULAS = (
    '{companyName} & " " & {city}',
    'upper(trim({companyName})) & ", " & {city}',
    "if(blank({city}), {companyName}, title({city}))",
    '{employees} * 1.19 & " in " & {city}',
    'if({employees} > 500 and {city} != "City 7", left({companyName}, 3), value)',
    'round({employees} / 7, 2) & ""',
    'regex_replace({companyName}, "\\d+", "#") & {city}',
)


def took(formula: str) -> float:
    doing = language.doing(formula, RESOURCE, CELL)
    names = [language.field_called(RESOURCE, name).name for name in language.reads_of(formula)]
    rows = [[record[name] for name in names] for record in RECORDS]
    begun = perf_counter()
    for row in rows:
        doing("x", row)
    return (perf_counter() - begun) * 1_000


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_over_a_hundred_thousand_rows(formula: str):
    print(f"\n{median(took(formula) for _ in range(TIMES)):6.0f} ms (goal {GOAL})  {formula}")
