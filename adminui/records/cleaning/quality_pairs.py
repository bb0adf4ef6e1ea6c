"""Quality rules on two fields of a record: compared with one another, or filled where the other is something. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from adminui.records.casting import Invalid, to_text
from adminui.records.cleaning.quality_base import (
    DATES,
    NUMBERS,
    Asked,
    Judge,
    Params,
    amount_of,
    blank,
    listed,
    named,
    said,
    short,
)
from adminui.records.schema import Field, Kind
from adminui.records.values import MaybeValue, as_datetime, as_decimal, canonical

_OPS: Final[Mapping[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "=": ("equals", lambda a, b: bool(a == b)),
    "!=": ("differs from", lambda a, b: bool(a != b)),
    "<": ("is less than", lambda a, b: bool(a < b)),
    "<=": ("is at most", lambda a, b: bool(a <= b)),
    ">": ("is more than", lambda a, b: bool(a > b)),
    ">=": ("is at least", lambda a, b: bool(a >= b)),
}
_DATED: Final = {"<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before"}
OPS: Final = tuple((op, words) for op, (words, _) in _OPS.items())


def _family(field: Field) -> str:
    return "number" if field.kind in NUMBERS else "date" if field.kind in DATES else "other"


def compare_params(asked: Asked) -> Params:
    op, other = asked.text("op"), asked.pair
    if op not in _OPS:
        raise Invalid("Two fields are compared with =, !=, <, <=, > or >=.")
    families = {_family(asked.field), _family(other)}
    if op not in ("=", "!=") and (len(families) > 1 or "other" in families):
        raise Invalid(f"{asked.field.label} and {other.label} cannot be put in order: take two numbers or two dates.")
    return {"op": op, "other": other.name}


def _op_words(asked: Asked) -> str:
    op = asked.text("op")
    return _DATED.get(op, _OPS[op][0]) if _family(asked.field) == "date" else _OPS[op][0]


def compare_words(asked: Asked) -> str:
    return f"{asked.field.label} {_op_words(asked)} {asked.pair.label}"


def compare(asked: Asked) -> Judge:
    holds, meant = _OPS[asked.text("op")][1], _comparable(asked)
    said = compare_words(asked)

    def judge(value: MaybeValue, other: MaybeValue) -> str:
        if blank(value) or blank(other):
            return ""
        left, right = meant(asked.field, value), meant(asked.pair, other)
        if left is None or right is None:
            return f"{short(value if left is None else other)} cannot be compared"
        return "" if holds(left, right) else f"{short(value)} against {short(other)}: not so that {said}"

    return judge


def _comparable(asked: Asked) -> Callable[[Field, MaybeValue], Any]:
    """What stands for a value in a comparison: numbers as numbers, moments as moments, days where one is only a day."""
    kinds = {asked.field.kind, asked.pair.kind}
    if kinds <= NUMBERS:
        return lambda field, value: as_decimal(value)
    if kinds == {Kind.DATETIME} and asked.field.zone == asked.pair.zone:
        return lambda field, value: None if (m := as_datetime(value)) is None else m.replace(tzinfo=None)
    if kinds <= DATES:
        return lambda field, value: amount_of(field, value)
    return lambda field, value: to_text(field, value)


def filled_if_params(asked: Asked) -> Params:
    return {"other": asked.pair.name, "values": asked.values()}


def filled_if_words(asked: Asked) -> str:
    return f"{asked.field.label} is filled where {asked.pair.label} is {listed(asked.pair, asked.values())}"


def filled_if(asked: Asked) -> Judge:
    meant = {canonical(asked.pair, text) for text in asked.values()}

    def judge(value: MaybeValue, other: MaybeValue) -> str:
        if blank(other) or canonical(asked.pair, other) not in meant or not blank(value):
            return ""
        return f"{asked.field.label} is {named(value)} where {asked.pair.label} is {said(asked.pair, str(other))}"

    return judge
