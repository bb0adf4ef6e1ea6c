"""From a tree to closures: what can be seen to be wrong is said here, at its spot; what is left depends on the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adminui.records.casting import Invalid
from adminui.records.cleaning.formula import made, operators, tree
from adminui.records.cleaning.formula.library import FUNCTIONS, called
from adminui.records.cleaning.formula.lookup import field_called
from adminui.records.cleaning.formula.made import Made
from adminui.records.cleaning.formula.problems import FormulaError, instead, short
from adminui.records.schema import Field, Resource


@dataclass(frozen=True)
class Scope:
    """What a formula can speak of: a cell of `field`, None while it is not known which; and the fields that are read,
    as they are written.
    """

    resource: Resource
    field: Field | None
    reads: Sequence[str]


def compiled(node: tree.Node, scope: Scope) -> Made:
    """Raises FormulaError."""
    match node:
        case tree.Constant():
            return made.constant(node)
        case tree.Cell():
            return made.cell(scope.field, node)
        case tree.Mention():
            return made.mentioned(field_of(node, scope.resource), scope.reads.index(node.written), node)
        case tree.Word():
            raise FormulaError(_wordless(node.name, scope.resource), node.at, node.length)
    parts = [compiled(part, scope) for part in tree.parts(node)]
    match node:
        case tree.Chain():
            return operators.chained(node, parts)
        case tree.Compare():
            return operators.compared(node, *parts)
        case tree.Minus():
            return operators.minus(node, *parts)
        case tree.Not():
            return operators.negated(node, *parts)
    assert isinstance(node, tree.Call)
    return called(node, parts)


def field_of(node: tree.Mention, resource: Resource) -> Field:
    """Raises FormulaError."""
    try:
        return field_called(resource, node.written)
    except Invalid as error:
        raise FormulaError(str(error), node.at, node.length) from None


def _wordless(name: str, resource: Resource) -> str:
    names = {each.casefold(): field.name for field in resource.visible for each in (field.name, field.label)}
    if name in names:
        return f"A field stands in braces: {{{names[name]}}}."
    if name in FUNCTIONS:
        return f"A function is followed by brackets: {FUNCTIONS[name].signature}."
    known = [*(f"{each}(…)" for each in FUNCTIONS), "value", "null", "true", "false"]
    return f"“{short(name)}” means nothing here; text stands in quotes, a field in braces.{instead(name, known)}"
