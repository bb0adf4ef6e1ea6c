"""From an OPTIONS answer to fields: the tenant's words on type, need and length, our own on what OPTIONS leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from adminui.dialects.buzz.shapes import GROUPS, OTHER, SYSTEM, ZONE, known
from adminui.records.schema import NESTED, Choice, Field, Kind
from adminui.records.values import Record, as_decimal

OPAQUE: Final = "field"  # what OPTIONS calls every type it has no word for, foreign keys first of all
_KINDS: Final[Mapping[str, Kind]] = {
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "float": Kind.DECIMAL,
    "boolean": Kind.BOOLEAN,
    "choice": Kind.CHOICE,
    "multiple choice": Kind.LIST,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "list": Kind.LIST,
    "nested object": Kind.JSON,
}  # every other word (string, email, url, …) is text
_REFINED: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.TEXT: frozenset({Kind.LONG_TEXT, Kind.DECIMAL, Kind.DATETIME, Kind.DATE, Kind.CHOICE}),
    Kind.INTEGER: frozenset({Kind.REFERENCE, Kind.CHOICE}),
}  # our knowledge may narrow the tenant's type so far: decimals and dates travel as strings, ids as integers


def fields_of(infos: Mapping[str, Any], ours: Mapping[str, Field], samples: Iterable[Record]) -> tuple[Field, ...]:
    """All fields OPTIONS lists, those we know first in our order, the rest as the tenant orders them."""
    seen = _first_values(samples)
    listed = {name: info for name, info in infos.items() if isinstance(info, dict)}
    names = [*(n for n in ours if n in listed), *(n for n in listed if n not in ours)]
    made = [_field(name, listed[name], ours.get(name), seen.get(name)) for name in names]
    return tuple(sorted(made, key=lambda f: GROUPS.index(f.group)))


def read_only_fields(ours: Mapping[str, Field], samples: Iterable[Record]) -> tuple[Field, ...]:
    """Where OPTIONS lists nothing (the user may not write there): what we know and what records show."""
    seen = _first_values(samples)
    names = [n for n in ours if n in seen or not seen] + [n for n in seen if n not in ours]
    made = [ours[n] if n in ours else known(n, _kind_seen(seen[n]), OTHER, nullable=True) for n in names]
    return tuple(replace(field, read_only=True) for field in made)


def opaque(infos: Mapping[str, Any], ours: Mapping[str, Field]) -> bool:
    """Whether some field's type can be learnt from records only."""
    return any(_is_opaque(info) and name not in ours for name, info in infos.items())


def _is_opaque(info: Any) -> bool:
    return isinstance(info, dict) and info.get("type") == OPAQUE and not info.get("child") and not info.get("children")


def _first_values(samples: Iterable[Record]) -> dict[str, Any]:
    first: dict[str, Any] = {}
    for record in samples:
        for name, value in record.items():
            if first.get(name) is None:
                first[name] = value
    return first


def _field(name: str, info: Mapping[str, Any], ours: Field | None, seen: Any = None) -> Field:
    kind = _kind(info, ours, seen)
    base = ours if ours is not None and ours.kind is kind else _other_kind(name, kind, ours)
    required, read_only = bool(info.get("required")), bool(info.get("read_only"))
    return replace(
        base,
        label=str(info.get("label") or base.label),
        required=required,
        read_only=read_only or base.read_only,
        nullable=base.nullable if ours is not None else not required,
        max_length=_integer(info.get("max_length")) or base.max_length,
        min_value=_integer(info.get("min_value")),
        max_value=_integer(info.get("max_value")),
        max_digits=_integer(info.get("max_digits")),
        decimal_places=_integer(info.get("decimal_places")),
        choices=_choices(info) or base.choices,
        children=_children(info, base),
        zone=ZONE if kind is Kind.DATETIME else "",
        unordered=base.unordered or info.get("type") == "multiple choice",
        queryable=kind not in NESTED,
        group=base.group or (SYSTEM if read_only else OTHER),
        help=" ".join(filter(None, (info.get("help_text"), base.help))),
    )


def _other_kind(name: str, kind: Kind, ours: Field | None) -> Field:
    """A field whose type is the tenant's own: of our knowledge only the words about it stay."""
    if ours is None:
        return known(name, kind)
    return known(name, kind, ours.group, nullable=ours.nullable, read_only=ours.read_only, help=ours.help)


def _kind(info: Mapping[str, Any], ours: Field | None, seen: Any) -> Kind:
    if info.get("child"):
        return Kind.LIST
    if info.get("children"):
        return Kind.JSON
    if info.get("type") == OPAQUE:
        return ours.kind if ours is not None else _kind_seen(seen)
    said = _KINDS.get(str(info.get("type")), Kind.TEXT)
    return ours.kind if ours is not None and ours.kind in _REFINED.get(said, ()) else said


def _kind_seen(value: Any) -> Kind:
    kinds: tuple[tuple[type, Kind], ...] = (
        (bool, Kind.BOOLEAN),
        (int, Kind.INTEGER),
        (Decimal, Kind.DECIMAL),
        (list, Kind.LIST),
        (dict, Kind.JSON),
    )
    return next((kind for type_, kind in kinds if isinstance(value, type_)), Kind.TEXT)


def _children(info: Mapping[str, Any], base: Field) -> tuple[Field, ...]:
    """The members OPTIONS lists, or else the members we know; both as one where both tell."""
    if isinstance(item := info.get("child"), dict):
        return (_field("item", item, base.children[0] if len(base.children) == 1 else None),)
    if isinstance(listed := info.get("children"), dict):
        ours = {child.name: child for child in base.children}
        return tuple(_field(n, i, ours.get(n)) for n, i in listed.items() if isinstance(i, dict))
    return base.children


def _choices(info: Mapping[str, Any]) -> tuple[Choice, ...]:
    listed = info.get("choices")
    pairs = [c for c in listed if isinstance(c, dict) and "value" in c] if isinstance(listed, list) else []
    return tuple(Choice(c["value"], str(c.get("display_name", c["value"]))) for c in pairs)


def _integer(value: Any) -> int | None:
    number = None if isinstance(value, str) else as_decimal(value)
    return int(number) if number is not None and number == int(number) else None
