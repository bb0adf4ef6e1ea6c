"""The signs between things: joining, reckoning, comparing, and · or · not."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation, Overflow, Underflow
from typing import Any, Final

from adminui.records.cleaning.formula import tree
from adminui.records.cleaning.formula.coercing import as_condition, as_date_text, as_number, as_text, fail
from adminui.records.cleaning.formula.made import (
    LONGEST_TEXT,
    TEXTS,
    Made,
    Result,
    Run,
    Type,
    day,
    moment,
    spelled,
    too_long,
    unfit,
)
from adminui.records.cleaning.formula.problems import Left
from adminui.records.values import MaybeValue

MOST_DIGITS: Final = 100
QUOTIENT_DIGITS: Final = 28
SIGNALS: Final = (Inexact, InvalidOperation, Overflow, Underflow)  # raised by what cannot be reckoned exactly
_SIZE: Final[dict[str, Any]] = {"Emax": 400, "Emin": -400}
_EXACT: Final = Context(prec=MOST_DIGITS, traps=[Inexact, InvalidOperation, Overflow], **_SIZE)
_WIDE: Final = Context(prec=MOST_DIGITS, traps=[InvalidOperation, Overflow, Underflow], **_SIZE)
_QUOTIENT: Final = Context(prec=QUOTIENT_DIGITS, traps=[InvalidOperation, Overflow, Underflow], **_SIZE)

Reckoning = Callable[[Decimal, Decimal], Decimal]


def chained(node: tree.Chain, parts: Sequence[Made]) -> Made:
    sign = node.rest[0][0]
    if sign == "&":
        return Made(_joined([as_text(part) for part in parts]), Type.TEXT, node)
    if sign in ("and", "or"):
        return logical(node, parts, until=sign == "or")
    for (each, _), part in zip(node.rest, parts[1:], strict=True):
        if each == "+" and (parts[0].type in TEXTS or part.type in TEXTS):
            raise fail(part if part.type in TEXTS else parts[0], "Numbers are added with +; texts are joined with &.")
    return Made(_reckoned(node, parts), Type.NUMBER, node, sure=True)


def _joined(runs: list[Run]) -> Run:
    def joined(value: MaybeValue, others: Sequence[MaybeValue]) -> str:
        text = ""
        for run in runs:
            part = run(value, others)
            if part:
                text += part  # type: ignore[operator]
                if len(text) > LONGEST_TEXT:
                    raise too_long()
        return text

    return joined


def _reckoned(node: tree.Chain, parts: Sequence[Made]) -> Run:
    first, *others = [as_number(part) for part in parts]
    rest = [(_RECKONING[sign], run) for (sign, _), run in zip(node.rest, others, strict=True)]
    if len(rest) == 1:
        return _pair(first, *rest[0])

    def reckoned(value: MaybeValue, others: Sequence[MaybeValue]) -> Decimal:
        result = first(value, others)
        for act, run in rest:
            result = act(result, run(value, others))
        return result

    return reckoned


def _pair(left: Callable[..., Decimal], act: Reckoning, right: Callable[..., Decimal]) -> Run:
    """Most often there are two."""
    return lambda value, others: act(left(value, others), right(value, others))


def _divided(left: Decimal, right: Decimal) -> Decimal:
    """To 28 digits; where the dividend alone has more, to a hundred."""
    if not right:
        raise Left("would be divided by 0")
    return (_QUOTIENT if _QUOTIENT.plus(left) == left else _WIDE).divide(left, right)


def _remainder(left: Decimal, right: Decimal) -> Decimal:
    """With the sign of the divisor, as spreadsheets have it."""
    if not right:
        raise Left("would be divided by 0")
    rest = _EXACT.remainder(left, right)
    return _EXACT.add(rest, right) if rest and (rest < 0) != (right < 0) else rest


_RECKONING: Final[dict[str, Reckoning]] = {
    "+": _EXACT.add,
    "-": _EXACT.subtract,
    "*": _EXACT.multiply,
    "/": _divided,
    "%": _remainder,
}


def minus(node: tree.Minus, part: Made) -> Made:
    number = as_number(part)
    return Made(lambda value, others: number(value, others).copy_negate(), Type.NUMBER, node, sure=True)


def negated(node: tree.Node, part: Made) -> Made:
    condition = as_condition(part)
    return Made(lambda value, others: not condition(value, others), Type.BOOLEAN, node, sure=True)


def logical(node: tree.Node, parts: Sequence[Made], *, until: bool) -> Made:
    """`until` true: whether any holds. What comes after the one that settles it is not looked at."""
    conditions = [as_condition(part) for part in parts]

    def run(value: MaybeValue, others: Sequence[MaybeValue]) -> bool:
        for condition in conditions:
            if condition(value, others) is until:
                return until
        return not until

    return Made(run, Type.BOOLEAN, node, sure=True)


def compared(node: tree.Compare, left: Made, right: Made) -> Made:
    known = {left.type, right.type} - {Type.ANY, Type.NULL}
    if Type.CHOICE in known and Type.NUMBER in known:
        left, right = (Made(as_text(each), Type.TEXT, each.node, each.called) for each in (left, right))
        known = {Type.TEXT}
    if len(known - TEXTS) > 1 or (known & TEXTS and known - TEXTS):
        raise fail(right, f"{left.type.value} cannot be compared with {right.type.value}.".capitalize())
    if Type.DATE in known:
        _dated_literals(left, right)
    if node.operator in ("=", "!="):
        act = _dates_equal(left, right) if Type.DATE in known else _equal(left, right)
        return Made(act if node.operator == "=" else _not(act), Type.BOOLEAN, node, sure=True)
    return Made(_ordered(node, left, right, dated=Type.DATE in known), Type.BOOLEAN, node, sure=True)


def _dated_literals(*parts: Made) -> None:
    """Text that stands beside a date has to be one."""
    for part in parts:
        if isinstance(part.constant, str):
            as_date_text(part)


def _not(run: Run) -> Run:
    return lambda value, others: not run(value, others)


def _equal(left: Made, right: Made) -> Run:
    one, other = left.run, right.run

    def equal(value: MaybeValue, others: Sequence[MaybeValue]) -> bool:
        a, b = one(value, others), other(value, others)
        return type(a) is type(b) and a == b

    return equal


def _dates_equal(left: Made, right: Made) -> Run:
    keys = _date_keys(left, right)

    def equal(value: MaybeValue, others: Sequence[MaybeValue]) -> bool:
        a, b = left.run(value, others), right.run(value, others)
        if a is None or b is None or a == b:
            return a is b or a == b
        one, other = keys(a, b)
        return bool(one == other)

    return equal


def _ordered(node: tree.Compare, left: Made, right: Made, *, dated: bool) -> Run:
    for each in (left, right):
        if each.type in (Type.NULL, Type.BOOLEAN):
            raise fail(each, f"{each.type.value.capitalize()} is neither more nor less than something.")
    act, keys = _ORDER[node.operator], _date_keys(left, right)
    if left.type is Type.NUMBER is right.type:
        one, other = as_number(left), as_number(right)
        return lambda value, others: act(one(value, others), other(value, others))

    def ordered(value: MaybeValue, others: Sequence[MaybeValue]) -> bool:
        a, b = left.run(value, others), right.run(value, others)
        if a is None or b is None:
            raise unfit(left if a is None else right, None, "")
        if type(a) is not type(b) or isinstance(a, bool):
            raise Left(f"cannot compare {_named(a)} with {_named(b)}")
        return act(*keys(a, b)) if dated else act(a, b)

    return ordered


def _date_keys(left: Made, right: Made) -> Callable[[Result, Result], tuple[Any, Any]]:
    """Two dates with times as moments, else two days."""

    def keys(a: Result, b: Result) -> tuple[Any, Any]:
        for made, held in ((left, a), (right, b)):
            if not isinstance(held, str) or day(held) is None:
                raise unfit(made, held, "a date")
        one, other = str(a), str(b)
        if len(one) == 10 or len(other) == 10:
            return day(one), day(other)
        first, second = moment(one), moment(other)
        assert first is not None and second is not None
        if (first.tzinfo is None) != (second.tzinfo is None):
            raise Left("cannot compare a time in UTC with a local one")
        return first, second

    return keys


def _named(value: Result) -> str:
    return "text" if isinstance(value, str) else "true or false" if isinstance(value, bool) else f"{spelled(value)}"


_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def floored(number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_FLOOR)
