"""What to read: filters as a small tree, with a page. Operators are ours; each dialect spells them its own way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from adminui.records.schema import Field, Kind
from adminui.records.values import RecordId, Value


class Op(StrEnum):
    """Comparison operators; a dialect declares which it can send."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONTAINS = "contains"
    BEGINS = "begins"
    ENDS = "ends"
    IN = "in"
    NOT_IN = "not_in"
    EMPTY = "empty"
    FILLED = "filled"


WORDS: dict[Op, str] = {
    Op.EQ: "is",
    Op.NE: "is not",
    Op.GT: "is more than",
    Op.GTE: "is at least",
    Op.LT: "is less than",
    Op.LTE: "is at most",
    Op.CONTAINS: "contains",
    Op.BEGINS: "begins with",
    Op.ENDS: "ends with",
    Op.IN: "is any of",
    Op.NOT_IN: "is none of",
    Op.EMPTY: "is empty",
    Op.FILLED: "is not empty",
}
WITHOUT_VALUE = frozenset({Op.EMPTY, Op.FILLED})
WITH_LIST = frozenset({Op.IN, Op.NOT_IN})
_EQUALITY = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN, Op.EMPTY, Op.FILLED)
_ORDER = (Op.GTE, Op.LTE, Op.GT, Op.LT)
_TEXT = (Op.CONTAINS, Op.BEGINS, Op.ENDS)


def sensible_ops(f: Field) -> tuple[Op, ...]:
    """Operators that mean something for a kind of field, before asking what the API can do."""
    if f.kind in (Kind.LIST, Kind.JSON):
        return ()
    if f.kind is Kind.BOOLEAN:
        return (Op.EQ, Op.EMPTY, Op.FILLED)
    if f.kind in (Kind.CHOICE, Kind.REFERENCE):
        return _EQUALITY
    if f.kind in (Kind.TEXT, Kind.LONG_TEXT):
        return (*_TEXT, *_EQUALITY)
    return (*_ORDER, *_EQUALITY)


@dataclass(frozen=True)
class Condition:
    """`field op value`; value is typed, a list for IN and NOT_IN, None for EMPTY and FILLED."""

    field: str
    op: Op
    value: Value = None


@dataclass(frozen=True)
class Group:
    """Conditions joined by "and" or "or"; groups nest."""

    join: str = "and"
    items: tuple[Condition | Group, ...] = ()

    @property
    def nested(self) -> bool:
        return any(isinstance(item, Group) for item in self.items)


@dataclass(frozen=True)
class Query:
    """A filter and a page of its result. `after` is the last id of the page before, where an API pages by id."""

    where: Group = field(default_factory=Group)
    page: int = 1
    page_size: int = 100
    after: RecordId | None = None

    def turned(self, page: int, after: RecordId | None = None) -> Query:
        return replace(self, page=page, after=after)
