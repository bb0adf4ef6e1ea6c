"""Fields of Buzz records: how each kind reads what is sent to it, in the words of Django REST framework."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from adminui.sandbox.buzz.errors import Invalid, not_a_dictionary, not_a_list

_TRUE, _FALSE = {"true", "True", "1", 1, "yes", "on"}, {"false", "False", "0", 0, "no", "off"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"https?://[^\s/]+\S*")
_WHEN = "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."


@dataclass(frozen=True)
class Field:
    """One field; `null` says it may be emptied, `fixed` that it cannot change after creation, `open` that an object
    may have other members than its children.
    """

    kind: str
    required: bool = False
    read_only: bool = False
    null: bool = False
    fixed: bool = False
    max_length: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    places: int = 2
    choices: tuple[str | int, ...] = ()
    target: str = ""
    children: Mapping[str, "Field"] | None = None
    child: "Field | None" = None
    default: Any = None
    open: bool = False


@dataclass(frozen=True)
class Context:
    """What validation needs to know beyond the value: the switches' verdicts and which records exist."""

    exists: Callable[[str, int], bool]
    trims: bool = True
    merges: bool = True
    lists_as_index: bool = False
    utc_offset_hours: int = 0


def clean(field: Field, value: Any, context: Context, old: Any = None) -> Any:
    """The stored form of a sent value; Invalid when it has none."""
    if value is None:
        if field.null:
            return None
        raise Invalid(["This field may not be null."])
    return _CLEANERS[field.kind](field, value, context, old)


def clean_object(
    fields: Mapping[str, Field], data: Any, context: Context, *, partial: bool, old: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The fields of `data` we know and may write, cleaned; all their errors at once."""
    if not isinstance(data, dict):
        raise Invalid(not_a_dictionary(data))
    cleaned: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, field in fields.items():
        if field.read_only:
            continue
        if name not in data:
            if field.required and not partial:
                errors[name] = ["This field is required."]
            continue
        try:
            cleaned[name] = clean(field, data[name], context, old.get(name) if old else None)
        except Invalid as invalid:
            errors[name] = invalid.errors
    if errors:
        raise Invalid(errors)
    return cleaned


def _string(field: Field, value: Any, context: Context, old: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Invalid(["Not a valid string."])
    text = str(value).strip() if context.trims else str(value)
    if not text.strip() and field.required:
        raise Invalid(["This field may not be blank."])
    if field.max_length is not None and len(text) > field.max_length:
        raise Invalid([f"Ensure this field has no more than {field.max_length} characters."])
    if "\0" in text:
        raise Invalid(["Null characters are not allowed."])
    return text


def _email(field: Field, value: Any, context: Context, old: Any) -> str:
    text = _string(field, value, context, old)
    if not _EMAIL.fullmatch(text):
        raise Invalid(["Enter a valid email address."])
    return text


def _url(field: Field, value: Any, context: Context, old: Any) -> str:
    text = _string(field, value, context, old)
    if text and not _URL.fullmatch(text):
        raise Invalid(["Enter a valid URL."])
    return text


def _boolean(field: Field, value: Any, context: Context, old: Any) -> bool:
    if isinstance(value, str | int | bool):
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    raise Invalid(["Must be a valid boolean."])


def _integer(field: Field, value: Any, context: Context, old: Any) -> int:
    try:
        number = int(re.sub(r"\.0*\s*$", "", str(value)))
    except ValueError:
        raise Invalid(["A valid integer is required."]) from None
    _within(field, number)
    return number


def _decimal(field: Field, value: Any, context: Context, old: Any) -> str:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise Invalid(["A valid number is required."]) from None
    if isinstance(value, bool) or not number.is_finite():
        raise Invalid(["A valid number is required."])
    _within(field, number)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > field.places:
        raise Invalid([f"Ensure that there are no more than {field.places} decimal places."])
    if number.adjusted() >= 12 - field.places:
        raise Invalid(["Ensure that there are no more than 12 digits in total."])
    return f"{number:.{field.places}f}"


def _within(field: Field, number: int | Decimal) -> None:
    if field.min_value is not None and number < field.min_value:
        raise Invalid([f"Ensure this value is greater than or equal to {field.min_value}."])
    if field.max_value is not None and number > field.max_value:
        raise Invalid([f"Ensure this value is less than or equal to {field.max_value}."])


def _datetime(field: Field, value: Any, context: Context, old: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid([_WHEN]) from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC) + timedelta(hours=context.utc_offset_hours)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _date(field: Field, value: Any, context: Context, old: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise Invalid(["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]) from None


def _choice(field: Field, value: Any, context: Context, old: Any) -> str | int:
    for choice in field.choices:
        if str(choice) == str(value) and not isinstance(value, bool):
            return choice
    raise Invalid([f'"{value}" is not a valid choice.'])


def _reference(field: Field, value: Any, context: Context, old: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip().isdecimal():
        raise Invalid([f"Incorrect type. Expected pk value, received {type(value).__name__}."])
    if not context.exists(field.target, int(value)):
        raise Invalid([f'Invalid pk "{value}" - object does not exist.'])
    return int(value)


def _json(field: Field, value: Any, context: Context, old: Any) -> Any:
    return value


def _object(field: Field, value: Any, context: Context, old: Any) -> dict[str, Any]:
    """Partial only where the old members are merged in; otherwise what is missing becomes its default."""
    children = field.children or {}
    others = (
        {name: value[name] for name in value if name not in children} if field.open and isinstance(value, dict) else {}
    )
    if context.merges and isinstance(old, dict):
        return {**old, **others, **clean_object(children, value, context, partial=True, old=old)}
    cleaned = clean_object(children, value, context, partial=False)
    return {name: child.default for name, child in children.items() if not field.open} | others | cleaned


def _list(field: Field, value: Any, context: Context, old: Any) -> list[Any]:
    assert field.child is not None
    nested = field.child.kind == "object"
    if not isinstance(value, list):
        raise Invalid(not_a_list(value) if nested else not_a_list(value)["non_field_errors"])
    cleaned, errors = [], {}
    for index, item in enumerate(value):
        try:
            cleaned.append(clean(field.child, item, context))
        except Invalid as invalid:
            errors[str(index)] = invalid.errors
    if errors and nested and not context.lists_as_index:
        raise Invalid([errors.get(str(index), {}) for index in range(len(value))])
    if errors:
        raise Invalid(errors)
    return cleaned


_CLEANERS: dict[str, Callable[[Field, Any, Context, Any], Any]] = {
    "string": _string,
    "email": _email,
    "url": _url,
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "datetime": _datetime,
    "date": _date,
    "choice": _choice,
    "reference": _reference,
    "json": _json,
    "object": _object,
    "list": _list,
}
