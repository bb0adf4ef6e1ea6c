"""Parts of a formula made fit for where they stand: refused at once when that can be seen, row by row otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast

from adminui.records.cleaning.formula.made import TEXTS, Made, Run, Type, day, spelled, unfit
from adminui.records.cleaning.formula.problems import FormulaError
from adminui.records.values import MaybeValue

Number: TypeAlias = Callable[[MaybeValue, Sequence[MaybeValue]], Decimal]
Condition: TypeAlias = Callable[[MaybeValue, Sequence[MaybeValue]], bool]
LARGEST_WHOLE: Final = 1_000_000_000


def fail(made: Made, message: str) -> FormulaError:
    return FormulaError(message, made.node.at, made.node.length)


def as_text(made: Made) -> Run:
    """Text or None."""
    run = made.run
    if made.type in TEXTS:
        return run

    def text(value: MaybeValue, others: Sequence[MaybeValue]) -> str | None:
        held = run(value, others)
        return held if type(held) is str else spelled(held)

    return text


def as_number(made: Made) -> Number:
    """A number; rows without one are left alone."""
    if made.type is Type.BOOLEAN:
        raise fail(made, "A number has to stand here; this is true or false.")
    if made.type in TEXTS:
        raise fail(made, f"A number has to stand here; this is {made.type.value}. To read it as one: number(…).")
    if made.type is Type.NULL:
        raise fail(made, "A number has to stand here, not null.")
    run, literal = made.run, made.constant
    if made.sure:
        return cast("Number", run)
    if isinstance(literal, Decimal):
        return lambda value, others: literal

    def number(value: MaybeValue, others: Sequence[MaybeValue]) -> Decimal:
        held = run(value, others)
        if type(held) is Decimal:
            return held
        raise unfit(made, held, "a number")

    return number


def as_whole(made: Made) -> Callable[[MaybeValue, Sequence[MaybeValue]], int]:
    number, literal = as_number(made), made.constant
    if isinstance(literal, Decimal):
        if not _is_whole(literal):
            raise fail(made, f"A whole number has to stand here, of no more than {LARGEST_WHOLE:,}.")
        known = int(literal)
        return lambda value, others: known

    def whole(value: MaybeValue, others: Sequence[MaybeValue]) -> int:
        held = number(value, others)
        if not _is_whole(held):
            raise unfit(made, held, "a whole number" if abs(held) <= LARGEST_WHOLE else "a number of that size")
        return int(held)

    return whole


def _is_whole(number: Decimal) -> bool:
    return -LARGEST_WHOLE <= number <= LARGEST_WHOLE and number == number.to_integral_value()


def as_condition(made: Made) -> Condition:
    """True or false; null counts as false."""
    if made.type not in (Type.BOOLEAN, Type.ANY, Type.NULL):
        raise fail(made, f"A condition has to stand here; this is {made.type.value}. Compare it with something.")
    run = made.run
    if made.sure:
        return cast("Condition", run)

    def condition(value: MaybeValue, others: Sequence[MaybeValue]) -> bool:
        held = run(value, others)
        if held is True or held is False:
            return held
        if held is None:
            return False
        raise unfit(made, held, "true or false")

    return condition


def as_day(made: Made) -> Callable[[MaybeValue, Sequence[MaybeValue]], date]:
    text = as_date_text(made)

    def days(value: MaybeValue, others: Sequence[MaybeValue]) -> date:
        held = text(value, others)
        found = day(held)
        assert found is not None
        return found

    return days


def as_date_text(made: Made) -> Callable[[MaybeValue, Sequence[MaybeValue]], str]:
    """A date, or date and time, as it is written; known to be one."""
    if made.type in (Type.NUMBER, Type.BOOLEAN, Type.NULL):
        raise fail(made, f"A date has to stand here; this is {made.type.value}.")
    if isinstance(made.constant, str) and day(made.constant) is None:
        raise fail(made, 'A date has to stand here: "2026-01-31" or date(2026, 1, 31).')
    run = made.run

    def dated(value: MaybeValue, others: Sequence[MaybeValue]) -> str:
        held = run(value, others)
        if type(held) is str and day(held) is not None:
            return held
        raise unfit(made, held, "a date")

    return dated


def as_it_is(made: Made) -> Run:
    return made.run


COERCING: Final[dict[str, Callable[[Made], Callable[[Any, Any], Any]]]] = {
    "text": as_text,
    "number": as_number,
    "whole": as_whole,
    "condition": as_condition,
    "day": as_day,
    "date": as_date_text,
    "any": as_it_is,
}
