"""Filters as Buzz spells them, `field__suffix=value`, all of which must hold; and whether an answer kept to them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from adminui.dialects.base import ApiRequest
from adminui.records.casting import to_text
from adminui.records.queries import WITHOUT_VALUE, Condition, Group, Op, Query
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import Record, Value, as_boolean, as_datetime, as_decimal

# The documentation has a heading for searching in text whose suffix could not be read; this is the framework's own.
SEARCH_SUFFIX: Final = "__icontains"
_SUFFIXES: Final[Mapping[Op, str]] = {
    Op.EQ: "",
    Op.NE: "__not",
    Op.IN: "__in",
    Op.GTE: "__gte",
    Op.LTE: "__lte",
    Op.GT: "__gt",
    Op.LT: "__lt",
    Op.CONTAINS: SEARCH_SUFFIX,
    Op.EMPTY: "__isempty",
    Op.FILLED: "__isempty",
}
OPS: Final = frozenset(_SUFFIXES)
_NUMBERS: Final = frozenset({Kind.INTEGER, Kind.REFERENCE, Kind.DECIMAL})


def parameters(resource: Resource, query: Query) -> tuple[tuple[str, str], ...]:
    """The query string of a filter. Raises ValueError for what Buzz would misread rather than refuse."""
    pairs = [_parameter(resource, condition) for condition in _conditions(query.where)]
    repeated = [name for i, (name, _) in enumerate(pairs) if name in dict(pairs[:i])]
    if repeated:
        raise ValueError(f"Buzz takes “{repeated[0]}” once: of two conditions it would forget one.")
    return tuple(pairs)


def _conditions(group: Group) -> Iterable[Condition]:
    if group.join != "and" and len(group.items) > 1:
        raise ValueError("Buzz has no “or” between conditions.")
    for item in group.items:
        if isinstance(item, Group):
            raise ValueError("Buzz has no groups of conditions.")
        yield item


def _parameter(resource: Resource, condition: Condition) -> tuple[str, str]:
    field = resource.by_name.get(condition.field)
    if field is None or not field.queryable:
        raise ValueError(f"Buzz cannot filter {resource.label.lower()} by “{condition.field}”.")
    if condition.op not in OPS:
        raise ValueError(f"Buzz has no condition “{condition.op.value}”.")
    return field.name + _SUFFIXES[condition.op], _value(field, condition)


def _value(field: Field, condition: Condition) -> str:
    if condition.op in WITHOUT_VALUE:
        return "true" if condition.op is Op.EMPTY else "false"
    if condition.op is not Op.IN:
        return _text(field, condition.value)
    if not isinstance(condition.value, list) or not condition.value:
        raise ValueError(f"“is any of” needs values for {field.label}.")
    texts = [_text(field, value) for value in condition.value]
    if any("," in text for text in texts):
        raise ValueError(f"{field.label}: a value with a comma cannot be one of several.")
    return ",".join(texts)


def _text(field: Field, value: Value) -> str:
    text = to_text(field, value)
    if text == "":  # `name=` is commonly taken for no filter at all, and everything matches
        raise ValueError(f"{field.label}: use “is empty” instead of comparing with nothing.")
    return text


def ignored(resource: Resource, request: ApiRequest, records: Iterable[Record]) -> str | None:
    """The label of a filter that the answer plainly did not keep to, None if all is well.

    Which fields can be filtered is not documented, and an unknown parameter is commonly skipped in silence. Text is
    compared as loosely as any database collation does.
    """
    asked = [(field, suffix, text) for name, text in request.query for field, suffix in _named(resource, name)]
    for record in records:
        for field, suffix, text in asked:
            if field.name in record and not _keeps(field, suffix, text, record[field.name]):
                return field.label
    return None


def _named(resource: Resource, parameter: str) -> Iterable[tuple[Field, str]]:
    name, mark, suffix = parameter.partition("__")
    field = resource.by_name.get(name)
    if field is not None:
        yield field, mark + suffix


def _keeps(field: Field, suffix: str, text: str, value: Value) -> bool:
    if suffix == "__isempty":
        return (value is None or value in ("", [], {})) == (text == "true")
    if suffix == SEARCH_SUFFIX:
        return not isinstance(value, str) or _loose(text) in _loose(value)
    if suffix in _ORDERS:
        return _in_order(field, suffix, text, value)
    if field.kind in (Kind.DATETIME, Kind.DATE, Kind.LIST, Kind.JSON):
        return True  # a date alone may stand for its midnight or for the day
    if suffix == "__not":
        return value is None or not _equal(field, text, value)
    if suffix != "__in":
        return _equal(field, text, value)
    return str(value) in _parts(text) or any(_equal(field, part, value) for part in _parts(text))


@lru_cache(maxsize=16)
def _parts(text: str) -> frozenset[str]:
    """Kept for the records of a page: each is looked up among a hundred ids."""
    return frozenset(text.split(","))


def _equal(field: Field, text: str, value: Value) -> bool:
    if field.kind is Kind.BOOLEAN:
        return as_boolean(text) == as_boolean(value)
    left, right = as_decimal(text), as_decimal(value)
    if field.kind in _NUMBERS and left is not None and right is not None:
        return left == right
    return _loose(text) == _loose(to_text(field, value))


def _loose(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold().strip()


_ORDERS: Final[Mapping[str, frozenset[int]]] = {
    "__gte": frozenset({0, 1}),
    "__lte": frozenset({-1, 0}),
    "__gt": frozenset({1}),
    "__lt": frozenset({-1}),
}


def _in_order(field: Field, suffix: str, text: str, value: Value) -> bool:
    sign = _number_sign(value, text) if field.kind in _NUMBERS else _moment_sign(value, text)
    return sign is None or sign in _ORDERS[suffix]


def _number_sign(value: Value, text: str) -> int | None:
    left, right = as_decimal(value), as_decimal(text)
    return None if left is None or right is None else (left > right) - (left < right)


def _moment_sign(value: Value, text: str) -> int | None:
    left, right = as_datetime(value), as_datetime(text)
    if left is None or right is None or (left.tzinfo is None) != (right.tzinfo is None):
        return None
    return (left > right) - (left < right)
