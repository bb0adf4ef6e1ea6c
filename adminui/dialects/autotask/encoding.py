"""Typed values as this API takes them: choices as numbers, some booleans as 1 and 0, instants in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from typing import Final

from adminui.dialects.autotask.entities import INTEGER_BOOLEANS
from adminui.dialects.autotask.udf import is_udf
from adminui.records.casting import to_text
from adminui.records.schema import Field, Kind
from adminui.records.values import Value, as_boolean, as_datetime, as_decimal


def encode(entity: str, field: Field, value: Value) -> Value:
    """The value as sent. Raises ValueError, with a sentence, for what this field cannot hold."""
    if value is None:
        return None
    encoded = _ENCODERS.get(field.kind, _text)(field, value)
    if is_udf(field.name):
        return to_text(field, encoded)  # user-defined values travel as text, whatever their type
    return int(bool(encoded)) if (entity, field.name) in INTEGER_BOOLEANS else encoded


def _text(field: Field, value: Value) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{field.label} takes text.")
    return value


def _integer(field: Field, value: Value) -> int:
    number = as_decimal(value)
    if number is None or number != int(number):
        raise ValueError(f"{field.label} takes a whole number.")
    return int(number)


def _decimal(field: Field, value: Value) -> Decimal:
    number = as_decimal(value)
    if number is None:
        raise ValueError(f"{field.label} takes a number.")
    return number


def _boolean(field: Field, value: Value) -> bool:
    truth = as_boolean(value)
    if truth is None:
        raise ValueError(f"{field.label} takes true or false.")
    return truth


def _choice(field: Field, value: Value) -> Value:
    choice = field.choice(value)
    if choice is not None:
        return choice.value
    if isinstance(value, int | str) and not isinstance(value, bool):
        return value  # a value the picklist no longer lists, such as an undo to it: the API decides
    raise ValueError(f"{field.label} takes one of its choices.")


def _datetime(field: Field, value: Value) -> str:
    moment = as_datetime(value)
    if moment is None:
        raise ValueError(f"{field.label} takes a date and time.")
    finest = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.replace(tzinfo=UTC).isoformat(timespec=finest).replace("+00:00", "Z")


_ENCODERS: Final[dict[Kind, Callable[[Field, Value], Value]]] = {
    Kind.INTEGER: _integer,
    Kind.REFERENCE: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.DATETIME: _datetime,
}
