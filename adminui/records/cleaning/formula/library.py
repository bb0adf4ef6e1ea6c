"""All functions there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from adminui.records.cleaning.formula import choosing, dates, numbers, regexes, texts, tree
from adminui.records.cleaning.formula.functions import Function
from adminui.records.cleaning.formula.made import Made
from adminui.records.cleaning.formula.problems import FormulaError, instead, short

FUNCTIONS: Final[Mapping[str, Function]] = {
    each.name: each for group in (texts, regexes, choosing, numbers, dates) for each in group.FUNCTIONS
}


def called(node: tree.Call, args: Sequence[Made]) -> Made:
    """Raises FormulaError."""
    if node.name in FUNCTIONS:
        return FUNCTIONS[node.name].called(node, args)
    words = _ABSENT.get(node.name) or f"There is no function {short(node.name)}(…).{instead(node.name, FUNCTIONS)}"
    raise FormulaError(words, node.at, len(node.name))


_ABSENT: Final = {
    name: "What is done again later has to come to the same: write the date itself, as date(2026, 1, 31)."
    for name in ("today", "now")
}
