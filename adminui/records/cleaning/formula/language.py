"""The language as others use it: a formula of a resource, checked and ready, and the fields it reads."""

from __future__ import annotations

from collections.abc import Sequence

from adminui.records.cleaning.base import Doing, Given, Skipped
from adminui.records.cleaning.formula.compiling import Scope, compiled, field_of
from adminui.records.cleaning.formula.lookup import field_called
from adminui.records.cleaning.formula.made import LONGEST_TEXT, Run, spelled, too_long
from adminui.records.cleaning.formula.operators import SIGNALS
from adminui.records.cleaning.formula.parser import parse
from adminui.records.cleaning.formula.problems import FormulaError, Left
from adminui.records.cleaning.formula.tree import mentions
from adminui.records.schema import Field, Resource
from adminui.records.values import MISSING, MaybeValue

__all__ = ["FormulaError", "check", "doing", "field_called", "fields_of", "reads_of"]


def reads_of(formula: str) -> tuple[str, ...]:
    """The fields between braces as they are written, each once, from left to right: names and labels. Nothing for what
    cannot be read, which `doing` has a word about.
    """
    try:
        return tuple(dict.fromkeys(each.written for each in mentions(parse(formula))))
    except FormulaError:
        return ()


def fields_of(formula: str, resource: Resource) -> tuple[Field, ...]:
    """The fields it reads, each once. Raises FormulaError."""
    return tuple(
        {found.name: found for found in (field_of(each, resource) for each in mentions(parse(formula)))}.values()
    )


def check(formula: str, resource: Resource, field: Field | None) -> None:
    """For a cell of `field`, or of any. Raises FormulaError."""
    _run(formula, resource, field)


def _run(formula: str, resource: Resource, field: Field | None) -> Run:
    return compiled(parse(formula), Scope(resource, field, reads_of(formula))).run


def doing(formula: str, resource: Resource, field: Field) -> Doing:
    """What is done to a cell of `field`, given the others in the order of `reads_of`. Raises FormulaError."""
    run = _run(formula, resource, field)

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        try:
            result = run(value, others)
        except Left as why:
            return Skipped(str(why))
        except SIGNALS:
            return Skipped("has too many digits to be reckoned with exactly")
        text = result if type(result) is str else spelled(result)
        if text is None:  # nothing is no reason to send one more field
            return Skipped("is not set") if value is MISSING else Given(None)
        return Given(text) if len(text) <= LONGEST_TEXT else Skipped(str(too_long()))

    return done
