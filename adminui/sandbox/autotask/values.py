"""One value as the server's JSON reader takes it: string numbers pass, words in place of numbers do not."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from adminui.sandbox.autotask.schema import Field
from adminui.sandbox.autotask.store import stamp

_RANGES = {"short": 1 << 15, "integer": 1 << 31, "long": 1 << 63}
_FRACTION = re.compile(r"(\.\d{6})\d+")


class Unreadable(Exception):
    """The value cannot be read as the field's type; the text is the API's error."""


def coerce(field: Field, value: Any) -> Any:
    """The value as it is stored; None stays None. User-defined values are stored as text whatever their type."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        raise Unreadable(
            f"Unexpected character encountered while parsing value: {'[' if isinstance(value, list) else '{'}"
        )
    if field.udf and value == "":
        return ""
    typed = _READERS[field.type](field, value)
    return _as_text(typed) if field.udf else typed


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _string(field: Field, value: Any) -> str:
    return str(value)


def _integer(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        raise Unreadable(f"Unexpected character encountered while parsing value: {str(value).lower()[0]}")
    number = _number(value)
    if number is None or number != number.to_integral_value():
        raise Unreadable(f"Could not convert string to integer: {value}. Path '{field.name}'.")  # invented
    if not -_RANGES[field.type] <= number < _RANGES[field.type]:
        raise Unreadable(f"Value was either too large or too small for {field.name}.")  # invented
    return int(number)


def _decimal(field: Field, value: Any) -> Decimal | int:
    number = None if isinstance(value, bool) else _number(value)
    if number is None:
        raise Unreadable(f"Could not convert string to decimal: {value}. Path '{field.name}'.")  # invented
    return number


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _boolean(field: Field, value: Any) -> bool:
    truth = {"true": True, "false": False, "1": True, "0": False}.get(str(value).strip().lower())
    if truth is None:
        raise Unreadable(f"Could not convert string to boolean: {value}. Path '{field.name}'.")  # invented
    return truth


def _datetime(field: Field, value: Any) -> str:
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", str(value).strip()))
    except ValueError:
        raise Unreadable(f"Could not convert string to DateTime: {value}. Path '{field.name}'.") from None  # invented
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def date_only(text: str | None) -> str | None:
    """The date as given, its time set to midnight, without any shift of zone."""
    return f"{text[:10]}T00:00:00.000Z" if text else text


_READERS = {
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "short": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "datetime": _datetime,
}
