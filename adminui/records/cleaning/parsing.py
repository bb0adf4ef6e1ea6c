"""Numbers and truths out of text as people write them, and rounding. Dates are in `days`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
)
from typing import Any, Final

from babel.numbers import get_decimal_symbol

from adminui.records.casting import to_text
from adminui.records.cleaning import days
from adminui.records.cleaning.base import Doing, Given, Making, Param, Skipped, Transform, WrongParam
from adminui.records.cleaning.numerals import LOCALES, NOT_ONE, Read, reader
from adminui.records.cleaning.reading import nothing, numeric_or_text, words
from adminui.records.operations import NUMBERS
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MaybeValue, as_decimal

MOST_PLACES: Final = 18
_EXACT: Final = Context(prec=2_000, traps=[Inexact, InvalidOperation])
_CODED: Final = Skipped("begins with 0, as codes do")
_PER_CENT: Final = Skipped("is a percentage")
_FRACTION: Final = Skipped("is not a whole number")


def _number(making: Making) -> Doing:
    params, field = making.params, making.field
    read = reader(params["locale"])
    textual = field.kind in TEXTUAL
    point = get_decimal_symbol(params["locale"]) if textual and params["write"] == "same" else "."

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if not isinstance(value, str):
            return nothing(value) or _typed(field, value)
        if (none := nothing(value)) is not None:
            return none
        found = read(value)
        if isinstance(found, Skipped):
            return found
        if found.coded and textual:
            return _CODED
        if found.percent and params["percent"] == "skip":
            return _PER_CENT
        return _written(field, _parted(found, params), point)

    return done


def _typed(field: Field, value: MaybeValue) -> Given | Skipped:
    return NOT_ONE if as_decimal(value) is None else Given(to_text(field, value))


def _parted(found: Read, params: Mapping[str, Any]) -> Decimal:
    divided = found.percent and params["percent"] == "divide"
    return found.number.scaleb(-2, _EXACT) if divided else found.number


def _written(field: Field, number: Decimal, point: str) -> Given | Skipped:
    if field.kind is Kind.INTEGER:
        whole = number.to_integral_value()
        return Given(format(whole, "f")) if whole == number else _FRACTION
    return Given(format(number, "f").replace(".", point))


_ROUNDINGS: Final = {
    "even": (ROUND_HALF_EVEN, "half to even, as banks do"),
    "half": (ROUND_HALF_UP, "half up, as at school"),
    "up": (ROUND_CEILING, "up"),
    "down": (ROUND_FLOOR, "down"),
    "cut": (ROUND_DOWN, "towards 0"),
}


def _round(making: Making) -> Doing:
    places = making.params["places"]
    if not -MOST_PLACES <= places <= MOST_PLACES:
        raise WrongParam("places", f"Decimal places: at most {MOST_PLACES}; below 0 for tens, hundreds and so on.")
    unit = Decimal(1).scaleb(-places)
    context = Context(prec=2_000, rounding=_ROUNDINGS[making.params["how"]][0], traps=[InvalidOperation])

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        number = as_decimal(value)
        if number is None:
            return nothing(value) or NOT_ONE
        if -int(number.as_tuple().exponent) <= places:
            return Given(to_text(making.field, value))  # it has no more places: nothing is put behind it
        made = number.quantize(unit, context=context)
        return Given(format(made if made else abs(made), "f"))

    return done


def _rounded(labels: str, params: Mapping[str, Any]) -> str:
    places = params["places"]
    way = {"up": "Round {} up", "down": "Round {} down", "cut": "Cut {}"}.get(params["how"], "Round {}")
    to = f"{places} decimal {'place' if places == 1 else 'places'}"
    if places <= 0:
        to = f"multiples of {10**-places:,}" if places else "whole numbers"
    return f"{way.replace('{}', labels)} to {to}"


YES: Final = "yes y true t 1 on x ✓ ja j wahr oui vrai si sí sì verdadero sim tak да"
NO: Final = "no n false f 0 off nein falsch non faux falso não nao nee nej nie нет"


def _boolean(making: Making) -> Doing:
    true, false = (frozenset(making.params[name].casefold().split()) for name in ("yes", "no"))
    if both := sorted(true & false):
        raise WrongParam("no", f"“{both[0][:40]}” cannot be both true and false.")
    if not (true and false):
        raise WrongParam("no" if true else "yes", "Say which words are true, and which are false.")
    answers = dict.fromkeys(true, Given("true")) | dict.fromkeys(false, Given("false"))
    neither = Skipped("is neither true nor false")

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if (none := nothing(value)) is not None:
            return none
        return answers.get(to_text(making.field, value).strip().casefold(), neither)

    return done


_PERCENT: Final = (("keep", "12 % is 12"), ("divide", "12 % is 0.12"), ("skip", "leave it alone"))
_WRITE: Final = (("same", "with its own sign for the point"), ("point", "with a point"))
_HOWS: Final = tuple((name, label) for name, (_, label) in _ROUNDINGS.items())

TRANSFORMS: Final = (
    Transform(
        "number",
        "Number",
        "Numbers and dates",
        "Reads numbers as one language writes them: groups of digits, currencies, percent, brackets for a minus.",
        _number,
        words("Write {} as plain numbers"),
        numeric_or_text,
        (
            Param("locale", "Written as in", "choice", "en_US", LOCALES),
            Param("percent", "A percentage", "choice", "keep", _PERCENT),
            Param("write", "In text, write", "choice", "same", _WRITE, help="With a point it is not safe to do twice."),
        ),
    ),
    *days.TRANSFORMS,
    Transform(
        "round",
        "Round",
        "Numbers and dates",
        "Rounds to decimal places; numbers with fewer stay as they are.",
        _round,
        _rounded,
        lambda field: field.kind in NUMBERS,
        (Param("places", "Decimal places", "number", 2), Param("how", "Round", "choice", "even", _HOWS)),
    ),
    Transform(
        "boolean",
        "True or false",
        "Numbers and dates",
        "Makes true and false of yes and no in many languages.",
        _boolean,
        words("Make {} true or false"),
        lambda field: field.kind is Kind.BOOLEAN or field.kind in TEXTUAL,
        (Param("yes", "Words for true", default=YES), Param("no", "Words for false", default=NO)),
    ),
)
