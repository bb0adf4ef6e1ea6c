"""Values as JSON says them, with exact decimals, and typed equality: absent, null and empty are three things."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from adminui.records.schema import Field

Value: TypeAlias = bool | int | Decimal | str | list[Any] | dict[str, Any] | None
Record: TypeAlias = Mapping[str, Value]
RecordId: TypeAlias = int | str


class Absent(Enum):
    """The type of MISSING, so that type checkers know the sentinel."""

    MISSING = "missing"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Absent.MISSING
MaybeValue: TypeAlias = Value | Absent

_FRACTION = re.compile(r"(\.\d{6})\d+")
_MOST_DIGITS = 400  # before or after the point: more than any double has, and what "1e999999999" would need spelt out
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # a lone surrogate: JSON can spell it, UTF-8 cannot


def readable(text: str) -> str:
    """Text for a page: half a character, which no page can hold, shows as the mark for what cannot be shown."""
    return text if text.isascii() else _HALF_CHARACTER.sub("\ufffd", text)


def storable(text: str) -> str:
    """Readable text as every database keeps it: PostgreSQL takes no NUL."""
    return readable(text).replace("\0", "")


def same(field: Field, left: MaybeValue, right: MaybeValue) -> bool:
    """Whether two values of one field mean the same: 1 and "1", 1.0 and 1.00, two spellings of one instant."""
    if type(left) is type(right) and (repr(left) == repr(right) if isinstance(left, list | dict) else left == right):
        return True  # spelled alike: most comparisons end here (by repr, as [True] == [1])
    if type(left) is str and type(right) is str and field.kind.value not in _CANONICAL:
        return False
    return canonical(field, left) == canonical(field, right)


def canonical(field: Field, value: MaybeValue) -> Hashable:
    """A hashable form in which equal meanings are equal; what is not of the field's kind stays as it is, tagged."""
    if value is MISSING or value is None:
        return freeze(value)
    return _CANONICAL.get(field.kind.value, _text)(field, value)


def as_decimal(value: object) -> Decimal | None:
    """The exact number in an int, Decimal or numeric text; None when there is none (booleans are no numbers).

    Nor is one too long to be written out, so that whoever holds a number may turn it into an int or plain digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, str) and "_" in value:
        return None  # Python reads 1_000 as a number, nobody else does
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS else None


def as_datetime(text: object) -> datetime | None:
    """The instant (aware) or local time (naive) in ISO-like text: `T` or a space, any fraction, `Z` or an offset."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip()))
        return moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):  # OverflowError: in UTC it would lie before the year 1 or after 9999
        return None


def as_boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"1": True, "0": False, "true": True, "false": False}.get(str(value).strip().lower())


def _number(field: Field, value: Value) -> Hashable:
    number = as_decimal(value)
    return _text(field, value) if number is None else ("number", number)


def _boolean(field: Field, value: Value) -> Hashable:
    truth = as_boolean(value)
    return _text(field, value) if truth is None else ("boolean", truth)


def _choice(field: Field, value: Value) -> Hashable:
    return ("choice", str(value)) if isinstance(value, str | int | Decimal) else freeze(value)


def _datetime(field: Field, value: Value) -> Hashable:
    moment = as_datetime(value)
    if moment is None:
        return _text(field, value)
    if moment.tzinfo is None and field.zone == "UTC":
        moment = moment.replace(tzinfo=UTC)
    return ("datetime", moment.isoformat())


def _date(field: Field, value: Value) -> Hashable:
    moment = as_datetime(value)
    return _text(field, value) if moment is None else ("date", moment.date().isoformat())


def _text(field: Field, value: Value) -> Hashable:
    return ("text", value) if isinstance(value, str) else freeze(value)


def _nested(field: Field, value: Value) -> Hashable:
    if isinstance(value, list):
        item = field.children[0] if field.kind.value == "list" and len(field.children) == 1 else None
        frozen = [canonical(item, v) if item else freeze(v) for v in value]
        return ("list", frozenset(Counter(frozen).items()) if field.unordered else tuple(frozen))
    if isinstance(value, dict) and field.children:
        members = {child.name: child for child in field.children}
        typed = ((k, canonical(members[k], v) if k in members else freeze(v)) for k, v in value.items())
        return ("object", frozenset(typed))
    return freeze(value)


def freeze(value: Any) -> Hashable:
    """Untyped JSON, or MISSING, as a hashable whole: numbers by value, booleans apart from numbers, objects without
    member order.
    """
    if type(value) is str:  # nearly all there is
        return ("text", value)
    if value is MISSING:
        return ("missing",)
    if isinstance(value, dict):
        return ("object", frozenset((key, freeze(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(freeze(item) for item in value))
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, int | Decimal):
        return ("number", Decimal(value))
    return ("null",) if value is None else ("text", str(value))


_CANONICAL: Final = {
    "integer": _number,
    "reference": _number,
    "decimal": _number,
    "boolean": _boolean,
    "choice": _choice,
    "datetime": _datetime,
    "date": _date,
    "list": _nested,
    "json": _nested,
}
