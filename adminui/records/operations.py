"""What a shared change does to a value: the text an editor would hold afterwards. Pure; nothing is cast here.

What a field offers goes by its kind, and the page's panel knows the same rule:

    any editable field   set; null where it is nullable; empty where text may be ""
    integer, decimal     percent, plus ("add" too), round
    text, long text      append, prefix, replace
    date, datetime       shift (by days)
    list                 add, remove, replace (an entry), as `entries` has it; JSON with a key too

Numbers are exact: `percent` rounds to the field's decimal places, or to whole integers, half to even, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from typing import Final, TypeAlias

from adminui.records import entries
from adminui.records.casting import Invalid, to_text
from adminui.records.entries import Given, Skipped
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MISSING, MaybeValue, as_datetime, as_decimal

__all__ = ["Doing", "Given", "Operation", "Skipped", "described", "doing", "offered"]

NUMBERS: Final = frozenset({Kind.INTEGER, Kind.DECIMAL})
DATES: Final = frozenset({Kind.DATE, Kind.DATETIME})
_EXACT: Final = Context(prec=2_000, traps=[Inexact, InvalidOperation])
_ROUNDING: Final = Context(prec=2_000, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
_LONGEST_NUMBER: Final = 100  # characters of one that is typed
_MOST_PLACES: Final = 18
_MOST_DAYS: Final = 3_700_000  # more than from the first day there is to the last
_WHOLE = re.compile(r"[+-]?\d{1,7}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Operation:
    """What is asked: `name` as offered, `value` and, for replace, `by` as typed."""

    name: str
    value: str = ""
    by: str = ""


Doing: TypeAlias = Callable[[MaybeValue], Given | Skipped]


def offered(field: Field) -> tuple[str, ...]:
    """The operations this field can be asked for."""
    if not field.editable:
        return ()
    empty = field.kind in TEXTUAL and field.blank and not field.required
    return ("set", *(("null",) if field.nullable else ()), *(("empty",) if empty else ()), *_relative(field))


def _relative(field: Field) -> tuple[str, ...]:
    if field.kind in NUMBERS:
        return ("percent", "plus", "round")
    if field.kind in TEXTUAL:
        return ("append", "prefix", "replace")
    if field.kind in DATES:
        return ("shift",)
    listed = field.kind is Kind.LIST or (field.kind is Kind.JSON and field.key is not None)
    return ("add", "remove", "replace") if listed else ()


def doing(field: Field, operation: Operation) -> Doing:
    """The operation ready to be done to any value of the field. Raises Invalid when it makes no sense."""
    operation = _named(field, operation)
    if operation.name not in offered(field):
        raise Invalid(f"“{operation.name}” is not something that can be done to {field.label}.")
    if operation.name in _FIXED:
        return _FIXED[operation.name](field, operation)
    make = _MAKERS.get(operation.name) if field.kind not in (Kind.LIST, Kind.JSON) else None
    done = make(field, operation) if make else entries.doing(field, operation.name, operation.value, operation.by)
    return done if make is None else _on_values(done)


def _named(field: Field, operation: Operation) -> Operation:
    plus = operation.name == "add" and field.kind in NUMBERS
    return Operation("plus", operation.value) if plus else operation


def _on_values(done: Doing) -> Doing:
    def guarded(value: MaybeValue) -> Given | Skipped:
        if value is None:
            return Skipped("is null")
        return Skipped("is not set") if value is MISSING else done(value)

    return guarded


def _set(field: Field, operation: Operation) -> Doing:
    if operation.value == "" and field.kind not in TEXTUAL and field.choice("") is None:
        raise Invalid(f"Say what {field.label} is to be set to; null has a choice of its own.")
    given = Given(operation.value)
    return lambda value: given


def _fixed(text: str | None) -> Callable[[Field, Operation], Doing]:
    return lambda field, operation: lambda value: Given(text)


def _percent(field: Field, operation: Operation) -> Doing:
    percent = _operand(operation.value.strip().removesuffix("%"))
    factor = _EXACT.scaleb(_EXACT.add(percent, Decimal(100)), Decimal(-2))
    return _numeric(lambda number: _to_places(field, _EXACT.multiply(number, factor), number))


def _plus(field: Field, operation: Operation) -> Doing:
    operand = _operand(operation.value)
    places = 0 if field.kind is Kind.INTEGER else field.decimal_places
    if places is not None and _places(operand.normalize(_EXACT)) > places:
        most = f"{places} decimal places" if places else "whole numbers"
        raise Invalid(f"{field.label} takes {'at most ' if places else ''}{most}.")
    return _numeric(lambda number: Given(_spelt(_EXACT.add(number, operand))))


def _round(field: Field, operation: Operation) -> Doing:
    places = _counted(operation.value, _MOST_PLACES, "a number of decimal places")
    return _numeric(lambda number: Given(_spelt(_at(number, places) if _places(number) > places else number)))


def _numeric(calculate: Callable[[Decimal], Given]) -> Doing:
    def done(value: MaybeValue) -> Given | Skipped:
        number = as_decimal(value)
        if number is None:
            return Skipped("is not a number")
        try:
            return calculate(number)
        except (Inexact, InvalidOperation):
            return Skipped("has too many digits to be reckoned with exactly")

    return done


def _to_places(field: Field, exact: Decimal, was: Decimal) -> Given:
    """At the field's decimal places, half to even; where it has none, with as many as it takes."""
    if field.kind is not Kind.INTEGER and field.decimal_places is None:
        return Given(_spelt(_at(exact, max(_places(exact.normalize(_EXACT)), _places(was)))))
    places = 0 if field.kind is Kind.INTEGER else field.decimal_places or 0
    if _places(exact) <= places:
        return Given(_spelt(exact))
    rounded = _at(exact, places)
    return Given(_spelt(rounded), "" if rounded == exact else f"rounded from {_short(_spelt(exact.normalize(_EXACT)))}")


def _at(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), context=_ROUNDING)


def _places(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _spelt(number: Decimal) -> str:
    return format(number if number else abs(number), "f")  # there is no -0


def _operand(text: str) -> Decimal:
    number = as_decimal(text) if len(text) <= _LONGEST_NUMBER else None
    if number is None:
        raise Invalid(f"“{_short(text)}” is not a number.")
    return number


def _counted(text: str, most: int, of_what: str) -> int:
    if not _WHOLE.fullmatch(text.strip()) or abs(int(text)) > most:
        raise Invalid(f"“{_short(text)}” is not {of_what}.")
    return int(text)


def _append(field: Field, operation: Operation) -> Doing:
    return _textual(field, operation, lambda text: text + operation.value)


def _prefix(field: Field, operation: Operation) -> Doing:
    return _textual(field, operation, lambda text: operation.value + text)


def _textual(field: Field, operation: Operation, act: Callable[[str], str]) -> Doing:
    if not operation.value:
        raise Invalid(f"Say what to put to {field.label}.")
    return lambda value: Given(act(to_text(field, value)))


def _replace(field: Field, operation: Operation) -> Doing:
    if not operation.value:
        raise Invalid(f"Say what to replace in {field.label}.")

    def done(value: MaybeValue) -> Given | Skipped:
        text = to_text(field, value)
        if operation.value not in text:
            return Skipped(f"does not contain “{_short(operation.value)}”")
        return Given(text.replace(operation.value, operation.by))

    return done


def _shift(field: Field, operation: Operation) -> Doing:
    days = timedelta(days=_counted(operation.value, _MOST_DAYS, "a number of days"))

    def done(value: MaybeValue) -> Given | Skipped:
        text = value.strip() if isinstance(value, str) else ""
        moment, day = as_datetime(text), _DAY.match(text)
        if moment is None or day is None:
            return Skipped("is not a date")
        if field.kind is Kind.DATE:
            return _moved(moment.date().isoformat(), days, "")
        return _moved(day[0], days, text[day.end() :])  # time of day and zone stay as they are written

    return done


def _moved(day: str, days: timedelta, rest: str) -> Given | Skipped:
    moment = as_datetime(day)
    assert moment is not None
    try:
        return Given((moment.date() + days).isoformat() + rest)
    except OverflowError:
        return Skipped("would be no date any more")


def described(field: Field, operation: Operation) -> str:
    """The operation in words, as a step of undo is called."""
    operation = _named(field, operation)
    choice = field.choice(operation.value) if operation.name == "set" else None
    said, by, label = _short(choice.label if choice else operation.value), _short(operation.by), field.label
    signed = said if said.startswith(("-", "+")) else f"+{said}"
    return {
        "set": f"Set {label} to “{said}”",
        "null": f"Set {label} to null",
        "empty": f"Empty {label}",
        "percent": f"Change {label} by {signed.removesuffix('%').strip()} %",
        "plus": f"Change {label} by {signed}",
        "round": f"Round {label} to {said} decimal {'place' if said == '1' else 'places'}",
        "append": f"Append “{said}” to {label}",
        "prefix": f"Put “{said}” in front of {label}",
        "shift": f"Shift {label} by {signed} {'day' if signed in ('+1', '-1') else 'days'}",
        "add": f"Add {said} to {label}",
        "remove": f"Remove {said} from {label}",
        "replace": f"Replace “{said}” by “{by}” in {label}",
    }[operation.name]


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


_FIXED: Final = {"set": _set, "null": _fixed(None), "empty": _fixed("")}
_MAKERS: Final = {
    "percent": _percent,
    "plus": _plus,
    "round": _round,
    "append": _append,
    "prefix": _prefix,
    "replace": _replace,
    "shift": _shift,
}
