"""What a part of a formula becomes: a closure over the row, and what is known beforehand of what it gives.

While a row is reckoned there are texts (dates too, as ISO writes them), exact numbers, booleans and None. What is known
to be text or a date is never anything but text or None then; of all else it is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from adminui.records.casting import to_text
from adminui.records.cleaning.formula import tree
from adminui.records.cleaning.formula.problems import Left, short
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MISSING, MaybeValue, as_boolean, as_datetime, as_decimal

Result: TypeAlias = str | Decimal | bool | None
Run: TypeAlias = Callable[[MaybeValue, Sequence[MaybeValue]], Result]

_DAY = re.compile(r"\d{4}-\d\d-\d\d(?![^T ])", re.ASCII)
LONGEST_TEXT: Final = 100_000  # characters of what comes out, on the way too


class Type(Enum):
    """What is known of a part before any row is seen."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    DATE = "a date"
    CHOICE = "a choice"  # text that may be compared with a number, as picklists hold either
    NULL = "null"
    ANY = "anything"


TEXTS: Final = frozenset({Type.TEXT, Type.DATE, Type.CHOICE})


@dataclass(frozen=True)
class Made:
    run: Run
    type: Type
    node: tree.Node
    called: str = ""  # as its rows speak of it: a field's label; nothing for the cell itself
    field: Field | None = None
    sure: bool = False  # it gives nothing else in any row, not even null

    @property
    def constant(self) -> Result:
        """What stands there literally; None otherwise."""
        return self.node.value if isinstance(self.node, tree.Constant) else None


def cell(field: Field | None, node: tree.Node) -> Made:
    if field is None:
        return Made(lambda value, others: None, Type.ANY, node)
    load, same = _LOADS.get(field.kind, _text), _SAME.get(field.kind, str)

    def run(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
        return value if type(value) is same else load(value)  # type: ignore[return-value]

    return Made(run, _TYPES.get(field.kind, Type.TEXT), node, "", field)


def mentioned(field: Field, place: int, node: tree.Node) -> Made:
    """The `place`th of the other fields."""
    load, same = _LOADS.get(field.kind, _text), _SAME.get(field.kind, str)

    def run(value: MaybeValue, others: Sequence[MaybeValue]) -> Result:
        held = others[place]
        return held if type(held) is same else load(held)  # type: ignore[return-value]

    return Made(run, _TYPES.get(field.kind, Type.TEXT), node, field.label, field)


def constant(node: tree.Constant) -> Made:
    value = node.value
    kinds = {str: Type.TEXT, Decimal: Type.NUMBER, bool: Type.BOOLEAN}
    return Made(lambda cell, others: value, kinds.get(type(value), Type.NULL), node)


def _text(value: MaybeValue) -> str | None:
    if value is None or value is MISSING:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return format(Decimal(value), "f")
    return to_text(_ANY_FIELD, value)


def _number(value: MaybeValue) -> Result:
    if type(value) is int:
        return Decimal(value)
    number = as_decimal(value)
    return _text(value) if number is None else number


def _boolean(value: MaybeValue) -> Result:
    truth = as_boolean(value)
    return _text(value) if truth is None else truth


_ANY_FIELD: Final = Field("", "", Kind.TEXT)
_NUMBERS: Final = (Kind.INTEGER, Kind.DECIMAL, Kind.REFERENCE)
_LOADS: Final[dict[Kind, Callable[[MaybeValue], Result]]] = {
    **dict.fromkeys(_NUMBERS, _number),
    Kind.BOOLEAN: _boolean,
}
_SAME: Final[dict[Kind, type]] = {**dict.fromkeys(_NUMBERS, type(None)), Kind.BOOLEAN: bool}
_TYPES: Final = {
    **dict.fromkeys(TEXTUAL, Type.TEXT),
    **dict.fromkeys(_NUMBERS, Type.NUMBER),
    Kind.BOOLEAN: Type.BOOLEAN,
    Kind.CHOICE: Type.CHOICE,
    Kind.DATE: Type.DATE,
    Kind.DATETIME: Type.DATE,
}


def spelled(value: Result) -> str | None:
    """As an editor would hold it."""
    if type(value) is Decimal:
        return format(value if value else abs(value), "f")  # there is no -0
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value  # type: ignore[return-value]


def day(text: str) -> date | None:
    """The day of a date, or of a date and time, as it is written there."""
    try:
        return date.fromisoformat(text[:10]) if _DAY.match(text) and (len(text) == 10 or moment(text)) else None
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    return as_datetime(text) if len(text) <= 40 and _DAY.match(text) else None


def bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise too_long()
    return text


def too_long() -> Left:
    return Left(f"would have more than {LONGEST_TEXT:,} characters")


def unfit(made: Made, value: Result, what: str) -> Left:
    """Why a row is left alone: something in it is no number, date …; `what` with its article."""
    if value is None:
        return Left(
            f"{made.called} is null" if made.called else "is null" if _is_cell(made) else "would reckon with null"
        )
    shown = "" if made.called or _is_cell(made) else f"“{short(str(spelled(value)))}”"
    return Left(f"{made.called or shown} is not {what}".strip())


def _is_cell(made: Made) -> bool:
    return isinstance(made.node, tree.Cell)
