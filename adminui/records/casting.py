"""From what a person typed to a typed value, and back to text. Nothing is trimmed, rounded or guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import simplejson

from adminui.records.schema import NESTED, TEXTUAL, Choice, Field, Kind
from adminui.records.values import MISSING, MaybeValue, Value, as_boolean, as_datetime, as_decimal, same

_INTEGER = re.compile(r"[+-]?\d+")
_UNKEPT = re.compile("[\ud800-\udfff\0]")  # NUL: databases refuse it, ours and most APIs' own
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # a lone surrogate: JSON can spell it, UTF-8 cannot

MOST_LEVELS: Final = 50  # of nested JSON that can be typed


class Invalid(ValueError):
    """What was typed cannot be a value of this field; the message says what would be."""


def cast(field: Field, raw: object, before: MaybeValue = MISSING) -> Value:
    """The typed value of `raw`: text as typed, or JSON (null is an explicit null). Raises Invalid.

    `before` lets an untouched value pass where a new one would not: an inactive choice, a mixed line ending.
    """
    if field.read_only:
        raise Invalid(f"{field.label} is read-only.")
    value = _null(field) if raw is None else _CASTS[field.kind](field, raw, before)
    return before if before is not MISSING and value is not None and same(field, value, before) else value


def to_text(field: Field, value: MaybeValue) -> str:
    """The text an editor shows for a value; `cast(to_text(v))` gives the same value back for everything but null."""
    if value is None or value is MISSING:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return to_json(value)
    if isinstance(value, Decimal) and as_decimal(value) is not None:  # else written out it would not end
        return format(value, "f")
    return str(value)


def to_json(value: Any, *, indent: int | None = None) -> str:
    """JSON text with exact decimals and readable non-ASCII, which can always be encoded."""
    text = _ENCODER.encode(value) if indent is None else simplejson.dumps(value, indent=indent, **_EXACT)
    return text if text.isascii() else _HALF_CHARACTER.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def from_json(text: str | bytes) -> Any:
    """JSON text as Values: every number with a fraction is a Decimal. Raises ValueError, also for NaN and Infinity."""
    try:
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except RecursionError:
        raise ValueError("brackets within too many brackets") from None
    except InvalidOperation:
        raise ValueError("a number with an endless exponent") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


# Made once: to make them for each of ten thousand rows took as long as the work itself.
_EXACT: dict[str, Any] = {"use_decimal": True, "ensure_ascii": False}
_ENCODER = simplejson.JSONEncoder(**_EXACT)
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)


def _null(field: Field) -> Value:
    if not field.nullable:
        raise Invalid(f"{field.label} may not be null.")
    return None


def _text(field: Field, raw: object, before: MaybeValue) -> str:
    text = _as_text(field, raw)
    if isinstance(before, str) and "\r\n" in before and "\r" not in text:
        text = text.replace("\n", "\r\n")  # browsers turn every line end into \n: keep the record's own
    if _UNKEPT.search(text):
        raise Invalid(f"{field.label} holds something that is no character; type it anew.")
    if text == "" and (field.required or not field.blank):
        raise Invalid(f"{field.label} may not be empty.")
    if field.max_length and len(text) > field.max_length:
        raise Invalid(f"{len(text):,} characters; {field.label} takes at most {field.max_length:,}.")
    return text


def is_plain(field: Field, text: str, before: str) -> bool:
    """Whether a text field takes this text as it is: a quick yes, where `cast` need not be asked; not always a no."""
    if not text or (field.max_length and len(text) > field.max_length) or field.read_only or "\r" in before:
        return False
    return "\0" not in text if text.isascii() else not _UNKEPT.search(text)


def _as_text(field: Field, raw: object) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return to_text(field, raw)
    raise Invalid(f"{field.label} takes text.")


def _as_words(field: Field, raw: object) -> str:
    """As text, for kinds that are not text: there `true` is a word like any other."""
    return to_text(field, raw) if isinstance(raw, bool) else _as_text(field, raw)


def _empty_is_null(convert: Callable[[Field, str], Value]) -> Callable[[Field, object, MaybeValue], Value]:
    """An emptied input of a kind that has no empty value means null."""

    def wrapped(field: Field, raw: object, before: MaybeValue) -> Value:
        text = _as_words(field, raw).strip()
        return convert(field, text) if text else _null(field)

    return wrapped


def _integer(field: Field, text: str) -> int:
    number = _whole(text)
    if number is None:
        raise Invalid(f"“{_short(text)}” is not a whole number.")
    return int(_in_range(field, number))


def _whole(text: str) -> Decimal | None:
    return as_decimal(text) if _INTEGER.fullmatch(text) else None


def _decimal(field: Field, text: str) -> Decimal:
    number = as_decimal(text)
    if number is None:
        raise Invalid(f"“{_short(text)}” is not a number.")
    places = -int(number.as_tuple().exponent)
    if field.decimal_places is not None and places > field.decimal_places:
        raise Invalid(f"{field.label} takes at most {field.decimal_places} decimal places.")
    if field.max_digits is not None and _digits(number) > field.max_digits:
        raise Invalid(f"{field.label} takes at most {field.max_digits} digits in all.")
    return _in_range(field, number)


def _digits(number: Decimal) -> int:
    """Digits before the point, if it is not 0, and after it."""
    return max(number.adjusted() + 1, 0) + max(-int(number.as_tuple().exponent), 0)


def _in_range(field: Field, number: Decimal) -> Decimal:
    if field.min_value is not None and number < field.min_value:
        raise Invalid(f"{field.label} must be at least {field.min_value}.")
    if field.max_value is not None and number > field.max_value:
        raise Invalid(f"{field.label} must be at most {field.max_value}.")
    return number


def _boolean(field: Field, text: str) -> bool:
    truth = as_boolean(text)
    if truth is None:
        raise Invalid(f"“{_short(text)}” is neither true nor false.")
    return truth


def _choice(field: Field, raw: object, before: MaybeValue) -> Value:
    text = _as_words(field, raw)
    if text == "" and not any(c.value == "" for c in field.choices):
        return _null(field)
    choice = field.choice(text) or _by_label(field, text)
    if choice is None:
        raise Invalid(f"“{_short(text)}” is not one of the choices of {field.label}.")
    if not choice.active and not same(field, choice.value, before):
        raise Invalid(f"“{choice.label}” is inactive and cannot be chosen any more.")
    return choice.value


def _by_label(field: Field, text: str) -> Choice | None:
    """A pasted label counts when exactly one choice carries it."""
    named = [c for c in field.choices if c.label == text and c.active]
    return named[0] if len(named) == 1 else None


def _reference(field: Field, text: str) -> int:
    number = _whole(text)
    if number is None:
        raise Invalid(f"“{_short(text)}” is not an id.")
    return int(number)


def _date(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Invalid(f"“{_short(text)}” is not a date; write YYYY-MM-DD.") from None


def _datetime(field: Field, text: str) -> str:
    moment = as_datetime(text)
    if moment is None:
        raise Invalid(f"“{_short(text)}” is not a date and time; write YYYY-MM-DD HH:MM:SS.")
    if field.zone == "UTC":
        return moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if moment.tzinfo is not None:
        raise Invalid(f"{field.label} is in {field.zone or 'local time'}; leave the time zone out.")
    return moment.isoformat(sep=" ")


def _nested(field: Field, raw: object, before: MaybeValue) -> Value:
    if isinstance(raw, str):
        if not raw.strip():
            return _null(field)
        raw = _parse(raw)
    if raw is None:
        return _null(field)
    expected = list if field.kind is Kind.LIST else (list, dict)
    if not isinstance(raw, expected):
        raise Invalid(f"{field.label} takes a JSON {'list' if field.kind is Kind.LIST else 'object or list'}.")
    check_depth(field, raw)
    return raw


def check_depth(field: Field, value: Any) -> None:
    """Level by level, not by recursion, which is what it guards. Raises Invalid."""
    level, levels = [value], MOST_LEVELS
    while level and levels:
        level = [part for each in level if isinstance(each, list | dict) for part in _parts(each)]
        levels -= 1
    if level:
        raise Invalid(f"{field.label} is nested more than {MOST_LEVELS} levels deep.")


def _parts(value: list[Any] | dict[str, Any]) -> list[Any]:
    return value if isinstance(value, list) else list(value.values())


def _parse(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError as error:
        raise Invalid(f"This is not JSON: {error}.") from None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


_CASTS: Final[dict[Kind, Callable[[Field, object, MaybeValue], Value]]] = {
    **dict.fromkeys(TEXTUAL, _text),
    **dict.fromkeys(NESTED, _nested),
    Kind.INTEGER: _empty_is_null(_integer),
    Kind.DECIMAL: _empty_is_null(_decimal),
    Kind.BOOLEAN: _empty_is_null(_boolean),
    Kind.CHOICE: _choice,
    Kind.REFERENCE: _empty_is_null(_reference),
    Kind.DATE: _empty_is_null(_date),
    Kind.DATETIME: _empty_is_null(_datetime),
}
