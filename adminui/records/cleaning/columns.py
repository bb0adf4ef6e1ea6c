"""Clean-ups that put a value from elsewhere into a field: another field, the row above, one value for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from adminui.records.casting import to_text
from adminui.records.cleaning.base import Doing, Given, Making, Param, Skipped, Transform, WrongParam, anything
from adminui.records.cleaning.reading import blank, short, shown, words
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MISSING, MaybeValue, as_datetime

FILLED: Final = Skipped("is filled already")


def _copy(making: Making) -> Doing:
    source, params = making.other(making.params["from"]), making.params
    if source.name == making.field.name:
        raise WrongParam("from", f"{source.label} cannot be copied from itself.")
    read = converted(source, making.field)
    nothing = Skipped(f"{source.label} is empty")

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if params["only_blank"] and not blank(value):
            return FILLED
        found = others[0]
        if found is MISSING or (blank(found) and not params["blanks"]):
            return nothing
        return Given(None if found is None else read(found))

    return done


def converted(source: Field, target: Field) -> Callable[[MaybeValue], str]:
    """A value of one field as it is typed into another: a choice by its label, a moment by its day."""
    if source.kind is Kind.CHOICE and target.kind is Kind.CHOICE:
        return _choice(source, target)
    if source.kind is Kind.CHOICE and target.kind in TEXTUAL:
        return shown(source)
    if source.kind is Kind.DATETIME and target.kind is Kind.DATE:
        return _day
    return lambda value: to_text(source, value)


def _choice(source: Field, target: Field) -> Callable[[MaybeValue], str]:
    """By its value only where that means the same in both picklists."""
    label, there = shown(source), {str(choice.value): choice.label for choice in target.choices}

    def read(value: MaybeValue) -> str:
        text = to_text(source, value)
        return text if there.get(text) == label(value) else label(value)

    return read


def _day(value: MaybeValue) -> str:
    """The day as it is written there: no zone is changed on the way."""
    text = str(value).strip()
    return text[:10] if as_datetime(text) else text


def _fill(making: Making) -> Doing:
    field, most = making.field, making.params["most"]
    if most < 0:
        raise WrongParam("most", "How many cells to fill at most is 0, for any number, or more.")
    above: Given | None = None
    filled = 0

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        nonlocal above, filled
        if not blank(value):
            above, filled = Given(to_text(field, value)), 0
            return FILLED
        if above is None:
            return Skipped("has nothing above it")
        filled += 1
        return above if not most or filled <= most else Skipped(f"is more than {most:,} below the last value")

    return done


def _constant(making: Making) -> Doing:
    given = Given(making.params["value"])
    if not making.params["only_blank"]:
        return lambda value, others: given
    return lambda value, others: given if blank(value) else FILLED


def _copied(labels: str, params: Mapping[str, Any]) -> str:
    return f"Copy {params['from']} to {labels}{' where it is empty' if params['only_blank'] else ''}"


def _put(labels: str, params: Mapping[str, Any]) -> str:
    return f"Put “{short(params['value'])}” into {labels}{' where it is empty' if params['only_blank'] else ''}"


_BLANK: Final = Param("only_blank", "Only where it is empty", "flag", False)

TRANSFORMS: Final = (
    Transform(
        "copy",
        "Copy from another field",
        "Columns",
        "Puts what another field holds here. A choice goes by its label.",
        _copy,
        _copied,
        lambda field: True,
        (
            Param("from", "From", "field", required=True),
            _BLANK,
            Param("blanks", "Empty ones too", "flag", False, help="Also where there is nothing to copy."),
        ),
        reads=lambda params: (params["from"],),
    ),
    Transform(
        "fill",
        "Fill from above",
        "Columns",
        "Puts the last value above into empty cells, in the order of the worksheet.",
        _fill,
        words("Fill {} from above"),
        lambda field: True,
        (Param("most", "Cells in a row at most", "number", 0, help="0 for any number."),),
        carries=True,
    ),
    Transform(
        "constant",
        "Put one value",
        "Columns",
        "Puts the same value everywhere, or where there is none.",
        _constant,
        _put,
        anything,
        (Param("value", "Value", required=True), Param("only_blank", "Only where it is empty", "flag", True)),
    ),
)
