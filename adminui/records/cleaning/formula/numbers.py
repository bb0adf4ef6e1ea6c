"""Functions of numbers: exact, and rounded where that is asked for, halves away from 0 as spreadsheets do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Final

from adminui.records.cleaning.formula.functions import Function
from adminui.records.cleaning.formula.made import Result, Type, day, moment, spelled
from adminui.records.cleaning.formula.operators import floored
from adminui.records.cleaning.formula.problems import Left, short

MOST_PLACES: Final = 30
_UNITS: Final = {places: Decimal(1).scaleb(-places) for places in range(-MOST_PLACES, MOST_PLACES + 1)}
_ROUNDING: Final = Context(prec=2_000, rounding=ROUND_HALF_UP, traps=[InvalidOperation])


def _round(number: Decimal, places: int = 0) -> Decimal:
    """With no more places than it had: 2 stays 2."""
    rounded = _at(number, places)
    return number if rounded == number and number.compare_total_mag(rounded) > 0 else rounded


def _fixed(number: Decimal, places: int) -> str | None:
    if places < 0:
        raise Left("cannot have fewer than 0 decimal places")
    return spelled(_at(number, places))


def _at(number: Decimal, places: int) -> Decimal:
    if abs(places) > MOST_PLACES:
        raise Left(f"cannot be rounded to more than {MOST_PLACES} places")
    try:
        return _ROUNDING.quantize(number, _UNITS[places])
    except InvalidOperation:
        raise Left("has too many digits to be rounded") from None


def chosen_by(choose: Callable[..., Any]) -> Callable[..., Result]:
    """Of numbers, or of dates; null does not count."""

    def chosen(*values: Result) -> Result:
        held = [value for value in values if value is not None]
        return choose(held, key=_key(held)) if held else None

    return chosen


def _key(held: Sequence[Result]) -> Callable[[Result], Any]:
    if all(type(value) is Decimal for value in held):
        return lambda value: value
    for value in held:
        if not isinstance(value, str) or day(value) is None:
            raise Left(f"“{short(str(spelled(value)))}” is neither a number nor a date among the others")
    return _when


def _when(value: Result) -> Any:
    """Days before times of that day; times in UTC and local ones as they are written."""
    text = str(value)
    found = moment(text)
    assert found is not None
    return found.replace(tzinfo=None)


def _numbers(name: str, takes: str, gives: Type, help: str, act: Callable[..., Any]) -> Function:
    return Function(name, tuple(takes.split(", ")), gives, help, "Numbers", act)


_N, _T = Type.NUMBER, Type.TEXT
FUNCTIONS: Final = (
    _numbers(
        "round",
        "number, places: whole?",
        _N,
        "Rounded to decimal places, or to a whole number; halves away from 0.",
        _round,
    ),
    _numbers("fixed", "number, places: whole", _T, "As text with exactly so many decimal places.", _fixed),
    _numbers("floor", "number", _N, "The next whole number below.", floored),
    _numbers("ceil", "number", _N, "The next whole number above.", lambda n: n.to_integral_value(ROUND_CEILING)),
    _numbers("abs", "number", _N, "Without its sign.", Decimal.copy_abs),
)
