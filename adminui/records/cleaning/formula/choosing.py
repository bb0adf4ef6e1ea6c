"""Functions that choose, or that need to know more than the values of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from adminui.records.cleaning.formula import operators, tree
from adminui.records.cleaning.formula.coercing import as_condition, as_day, as_it_is, as_text, as_whole, fail
from adminui.records.cleaning.formula.dates import made_of
from adminui.records.cleaning.formula.functions import Function, applied
from adminui.records.cleaning.formula.made import LONGEST_TEXT, TEXTS, Made, Result, Type, too_long
from adminui.records.cleaning.formula.numbers import chosen_by
from adminui.records.cleaning.formula.problems import FormulaError, Left
from adminui.records.schema import Kind
from adminui.records.values import MaybeValue


def _if(node: tree.Call, args: Sequence[Made]) -> Made:
    condition, yes, no = as_condition(args[0]), args[1].run, args[2].run

    def run(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
        return yes(value, others) if condition(value, others) else no(value, others)

    return Made(run, common(args[1:]), node)


def common(parts: Sequence[Made]) -> Type:
    """What is known of something that is one of these."""
    types = {part.type for part in parts} - {Type.NULL}
    if len(types) == 1:
        return types.pop()
    return Type.TEXT if types and types <= TEXTS else Type.ANY


def _choose(node: tree.Call, args: Sequence[Made]) -> Made:
    """choose(of, when, then, when, then, …, otherwise)"""
    if len(args) < 3:
        raise FormulaError("choose(of, when, then, …, [otherwise]): a “when” needs a “then”.", node.at, node.length)
    pairs = list(zip(args[1::2], args[2::2], strict=False))
    rest = args[-1] if len(args) % 2 == 0 else None
    tests = [
        operators.compared(tree.Compare(when.node.at, when.node.length, "=", args[0].node, when.node), args[0], when)
        for when, _ in pairs
    ]
    ways = [(test.run, then.run) for test, (_, then) in zip(tests, pairs, strict=True)]
    otherwise = rest.run if rest else _none_of_these

    def run(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
        for test, then in ways:
            if test(value, others):
                return then(value, others)
        return otherwise(value, others)

    return Made(run, common([*(then for _, then in pairs), *([rest] if rest else [])]), node)


def _none_of_these(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
    raise Left("is none of what is listed")


def _blank(node: tree.Call, args: Sequence[Made]) -> Made:
    run = args[0].run
    return Made(lambda value, others: is_blank(run(value, others)), Type.BOOLEAN, node, sure=True)


def is_blank(value: Result) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _first(passed: Callable[[Result], bool]) -> Callable[[tree.Call, Sequence[Made]], Made]:
    """The first that is not passed over, else null."""

    def build(node: tree.Call, args: Sequence[Made]) -> Made:
        runs = [arg.run for arg in args]

        def run(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
            for each in runs:
                held = each(value, others)
                if not passed(held):
                    return held
            return None

        return Made(run, common(args), node)

    return build


def _join(node: tree.Call, args: Sequence[Made]) -> Made:
    """Null is as blank as empty text here, so nothing makes the whole null."""
    between, runs = as_text(args[0]), [as_text(arg) for arg in args[1:]]

    def run(value: MaybeValue, others: Sequence[MaybeValue]) -> str:
        texts = [text for each in runs if (text := str(each(value, others) or "")).strip()]
        separator = str(between(value, others) or "")
        if sum(map(len, texts)) + len(separator) * len(texts) > LONGEST_TEXT + len(separator):
            raise too_long()
        return separator.join(texts)

    return Made(run, Type.TEXT, node)


def _logical(*, until: bool) -> Callable[[tree.Call, Sequence[Made]], Made]:
    return lambda node, args: operators.logical(node, args, until=until)


def _date(node: tree.Call, args: Sequence[Made]) -> Made:
    """The day of a date and time, or of year, month and day."""
    if len(args) == 2:
        raise FormulaError("date(year, month, day): “day” is missing.", node.at, node.length)
    if len(args) == 1:
        return Made(applied(date.isoformat, [as_day(args[0])]), Type.DATE, node)
    return Made(applied(made_of, [as_whole(arg) for arg in args]), Type.DATE, node)


def _extreme(choose: Callable[..., Any]) -> Callable[[tree.Call, Sequence[Made]], Made]:
    act = chosen_by(choose)

    def build(node: tree.Call, args: Sequence[Made]) -> Made:
        for arg in args:
            if arg.type is Type.BOOLEAN:
                raise fail(arg, "A number or a date has to stand here; this is true or false.")
        runs, type = [as_it_is(arg) for arg in args], common(args)

        def run(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
            return act(*[each(value, others) for each in runs])

        return Made(run, Type.ANY if type in TEXTS and type is not Type.DATE else type, node)

    return build


def _label(node: tree.Call, args: Sequence[Made]) -> Made:
    field, text = args[0].field, as_text(args[0])
    if field is None and isinstance(args[0].node, tree.Cell):
        return Made(text, Type.TEXT, node)  # a cell of it is not known which field
    if field is None or field.kind is not Kind.CHOICE:
        raise fail(args[0], "A field that is a choice has to stand here.")
    labels = {str(choice.value): choice.label for choice in field.choices}

    def run(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
        held = text(value, others)
        return held if held is None else labels.get(str(held), str(held))

    return Made(run, Type.TEXT, node)


def _choosing(
    name: str, takes: str, gives: Type, help: str, build: Callable[..., Made], group: str = "Choosing"
) -> Function:
    return Function(name, tuple(takes.split(", ")), gives, help, group, build=build)


_A, _B, _T = Type.ANY, Type.BOOLEAN, Type.TEXT
FUNCTIONS: Final = (
    _choosing("if", "condition, then: any, otherwise: any", _A, "One of two. To leave the cell as it is: value.", _if),
    _choosing(
        "choose",
        "of: any, when: any, then: any, more: any*",
        _A,
        "What stands after the first equal “when”, else the last when one is over; else the row is left.",
        _choose,
    ),
    _choosing("blank", "value: any", _B, "Whether it is null, empty or nothing but spaces.", _blank),
    _choosing(
        "coalesce", "value: any, more: any*", _A, "The first that is not null.", _first(lambda held: held is None)
    ),
    _choosing("first", "value: any, more: any*", _A, "The first that is not blank.", _first(is_blank)),
    _choosing(
        "and", "condition, more: condition*", _B, "Whether all hold; also written a and b.", _logical(until=False)
    ),
    _choosing("or", "condition, more: condition*", _B, "Whether any holds; also written a or b.", _logical(until=True)),
    _choosing(
        "not",
        "condition",
        _B,
        "Whether it does not hold; also written not a.",
        lambda node, args: operators.negated(node, args[0]),
    ),
    _choosing(
        "join",
        "separator: text, value: any, more: any*",
        _T,
        "What is not blank, with the separator between.",
        _join,
        "Text",
    ),
    _choosing("label", "field: any", _T, "What a choice is called, instead of its value.", _label),
    _choosing(
        "min",
        "value: any, more: any*",
        _A,
        "The least number or first date; null does not count.",
        _extreme(min),
        "Numbers",
    ),
    _choosing(
        "max",
        "value: any, more: any*",
        _A,
        "The greatest number or last date; null does not count.",
        _extreme(max),
        "Numbers",
    ),
    _choosing(
        "date",
        "year: any, month: whole?, day: whole?",
        Type.DATE,
        "The date of year, month and day; of a date and time alone, its day.",
        _date,
        "Dates",
    ),
)
