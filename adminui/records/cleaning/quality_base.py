"""What the kinds of quality rule are made of: checked parameters, and how values are named. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

from adminui.records.casting import Invalid, to_text
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import MISSING, MaybeValue, RecordId, as_datetime, as_decimal

Judge: TypeAlias = Callable[[MaybeValue, MaybeValue], str]  # value, other's value → why it is broken, or nothing
Params: TypeAlias = dict[str, Any]

NUMBERS: Final = frozenset({Kind.INTEGER, Kind.DECIMAL})
DATES: Final = frozenset({Kind.DATE, Kind.DATETIME})
MOST_VALUES: Final = 5_000
LONGEST: Final = 1_000


@dataclass(frozen=True)
class Asked:
    """A rule's parameters with the fields they are about. `gone` are ids known not to exist."""

    resource: Resource
    field: Field
    other: Field | None
    params: Mapping[str, Any]
    gone: Container[RecordId] = frozenset()

    def text(self, name: str, otherwise: str = "") -> str:
        value = self.params.get(name, otherwise)
        if not isinstance(value, str) or len(value) > LONGEST:
            raise Invalid(f"“{name}” of a rule is text.")
        return value

    def values(self) -> list[str]:
        found = self.params.get("values")
        whole = isinstance(found, list) and all(isinstance(v, str) and len(v) <= LONGEST for v in found)
        if not whole or not found or len(found) > MOST_VALUES:
            raise Invalid("Say which values are meant.")
        return list(dict.fromkeys(found))

    @property
    def pair(self) -> Field:
        if self.other is None or self.other.name == self.field.name:
            raise Invalid(f"Say which other field {self.field.label} goes with.")
        return self.other


@dataclass(frozen=True)
class RuleKind:
    """One kind of rule. `alike` gives what a value means where all values of the column count, None for nothing."""

    name: str
    label: str
    help: str
    fits: Callable[[Field], bool]
    checked: Callable[[Asked], Params]  # raises Invalid
    words: Callable[[Asked], str]
    judge: Callable[[Asked], Judge]
    pair: bool = False  # it reads another field: `other`
    asks: bool = False
    alike: Callable[[Asked], Callable[[MaybeValue], Hashable | None]] | None = None


def blank(value: MaybeValue) -> bool:
    """Null, unset, empty, or nothing but spaces."""
    return value is None or value is MISSING or (not value.strip() if isinstance(value, str) else value in ([], {}))


def named(value: MaybeValue) -> str:
    return "not set" if value is MISSING else "null" if value is None else "empty" if value == "" else "blank"


def short(value: MaybeValue) -> str:
    text = to_text(_ANY, value)
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


_ANY: Final = Field("", "", Kind.JSON)


def said(field: Field, text: str) -> str:
    choice = field.choice(text) if field.choices else None
    return choice.label if choice else f"“{text}”"


def listed(field: Field, values: list[str]) -> str:
    first = ", ".join(said(field, text) for text in values[:4])
    return f"{first} and {len(values) - 4} more" if len(values) > 4 else first


def unless_blank(judge: Callable[[MaybeValue], str]) -> Judge:
    """A judge of one value, which has nothing to say of a blank one."""
    return lambda value, other: "" if blank(value) else judge(value)


def nothing(asked: Asked) -> Params:
    return {}


def amount_of(field: Field, value: MaybeValue) -> Decimal | date | None:
    """The number, or the day of the date."""
    if field.kind in NUMBERS:
        return as_decimal(value)
    moment = as_datetime(value)
    return None if moment is None else moment.date()
