"""From entityInformation, its fields and its user-defined fields to a resource: everything is read, per tenant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from adminui.dialects.autotask.children import CHILDREN
from adminui.dialects.autotask.entities import (
    BOUND,
    COLUMNS,
    IMMUTABLE,
    INTEGER_BOOLEANS,
    STAMPS,
    TITLES,
    TOGETHER,
    label,
    referenced,
    singular,
    words,
)
from adminui.dialects.autotask.udf import PREFIX, is_udf
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.values import Value, as_decimal

Document = Mapping[str, Any]

_KINDS: Final = {
    "string": Kind.TEXT,
    "short": Kind.INTEGER,
    "integer": Kind.INTEGER,
    "long": Kind.INTEGER,
    "boolean": Kind.BOOLEAN,
    "datetime": Kind.DATETIME,
    "decimal": Kind.DECIMAL,
    "double": Kind.DECIMAL,
}
_BITS: Final = {"short": 15, "integer": 31, "long": 63}
_LINE = 255  # longer texts get a box of several lines
_BASICS, _SYSTEM, _UDFS = "Basics", "System", "User-defined fields"
# The first group that one of a name's words belongs to.
_GROUPS: Final = {
    "Billing": {"bill", "billing", "invoice", "tax", "currency", "quote", "purchase"},
    "Ways to reach": {"phone", "fax", "email", "mobile", "extension", "web", "url"},
    "Address": {"address", "city", "state", "zip", "postal", "country", "room"},
    "Costs": {"cost", "fee", "price"},
    "Change approval": {"change"},
    "Domain and certificate": {"domain", "ssl"},
}
_ORDER: Final = (_BASICS, *_GROUPS, _UDFS, _SYSTEM)


def build(entity: str, info: Document, fields: Iterable[Document], udfs: Iterable[Document]) -> Resource:
    """The resource these three documents describe, with what is known beyond them laid over."""
    fields = list(fields)
    types = {str(raw["name"]).lower(): (str(raw["name"]), str(raw.get("dataType"))) for raw in fields}
    made = [_overlaid(entity, _standard(entity, raw, types)) for raw in fields]
    made += [_user_defined(raw) for raw in udfs]
    made.sort(key=lambda f: _ORDER.index(f.group))  # stable: within a group the API's own order
    names = {f.name for f in made}
    return Resource(
        name=entity,
        label=label(entity),
        singular=label(singular(entity)),
        fields=tuple(made),
        title_field=_title(entity, names),
        version_field=next((stamp for stamp in STAMPS if stamp in names), None),
        columns=_columns(entity, made, names),
        parent=_parent(entity, names),
        together=tuple(pair for pair in TOGETHER.get(entity, ()) if names.issuperset(pair)),
        bound=_bound(entity, names),
        can_update=_updatable(info),
    )


def _standard(entity: str, raw: Document, types: Mapping[str, tuple[str, str]]) -> Field:
    made = _field(raw, str(raw["name"]), types)
    if (entity, made.name) in INTEGER_BOOLEANS:
        return replace(made, kind=Kind.BOOLEAN, min_value=None, max_value=None)
    return made


def _user_defined(raw: Document) -> Field:
    """Here the type is called `type`, and every value is text."""
    made = _field({**raw, "dataType": raw.get("type")}, PREFIX + str(raw["name"]), {})
    unsupported = bool(raw.get("isReference"))  # the API does not offer user-defined references
    return replace(
        made,
        label=str(raw.get("label") or raw["name"]),
        group=_UDFS,
        nullable=not made.required,
        read_only=made.read_only or unsupported,
    )


def _field(raw: Document, name: str, types: Mapping[str, tuple[str, str]]) -> Field:
    """One field. `types`: by lower-case name, the spelling and type of the fields a picklist may depend on."""
    parent, parent_type = types.get(str(raw.get("picklistParentValueField") or "").lower(), (None, ""))
    data_type = str(raw.get("dataType")).lower()
    kind = _KINDS.get(data_type)
    choices = tuple(_choice(pick, "string" if is_udf(name) else data_type, parent_type) for pick in _picks(raw))
    required = bool(raw.get("isRequired"))
    return Field(
        name=name,
        label=_label(raw, name),
        kind=_kind(kind or Kind.TEXT, raw, choices),
        required=required,
        read_only=name == "id" or bool(raw.get("isReadOnly")) or kind is None,  # an unknown type is shown, never edited
        nullable=not required and kind is not Kind.BOOLEAN,  # the API takes true and false only
        max_length=int(raw.get("length") or 0) or None if kind is Kind.TEXT else None,
        **({} if choices or raw.get("isReference") else _range(data_type)),
        choices=choices,
        parent=parent if choices else None,
        reference=referenced(raw.get("referenceEntityType")) if raw.get("isReference") else None,
        queryable=raw.get("isQueryable") is not False,
        zone="UTC" if kind is Kind.DATETIME else "",
        group=_group(name, raw),
        help=str(raw.get("description") or ""),
    )


def _label(raw: Document, name: str) -> str:
    """Standard fields come without a label as a rule, or with their name for one."""
    said = raw.get("label")
    return str(said) if said and said != name else label(name)


def _kind(kind: Kind, raw: Document, choices: tuple[Choice, ...]) -> Kind:
    if choices:
        return Kind.CHOICE
    if raw.get("isReference") and kind is Kind.INTEGER:
        return Kind.REFERENCE
    return Kind.LONG_TEXT if kind is Kind.TEXT and int(raw.get("length") or 0) > _LINE else kind


def _range(data_type: str) -> dict[str, Any]:
    bits = _BITS.get(data_type)
    return {"min_value": -(2**bits), "max_value": 2**bits - 1} if bits else {}


def _picks(raw: Document) -> list[Document]:
    listed = raw.get("picklistValues") if raw.get("isPickList") else None
    return [pick for pick in listed or () if pick.get("value") is not None]


def _choice(pick: Document, data_type: str, parent_type: str) -> Choice:
    """Picklists say their values as text; records hold numbers."""
    return Choice(
        value=_typed(pick["value"], data_type),
        label=str(pick.get("label") or pick["value"]),
        active=pick.get("isActive") is not False,
        parent=_typed(pick.get("parentValue"), parent_type),
    )


def _typed(value: Any, data_type: str) -> Value:
    if value is None or value == "":
        return None
    number = as_decimal(value) if data_type.lower() in _BITS else None
    return str(value) if number is None else int(number)


def _group(name: str, raw: Document) -> str:
    if name == "id" or raw.get("isReadOnly"):
        return _SYSTEM
    said = {*words(name)}
    return next((group for group, belonging in _GROUPS.items() if said & belonging), _BASICS)


def _overlaid(entity: str, field: Field) -> Field:
    child = CHILDREN.get(entity)
    fixed = field.name in IMMUTABLE.get(entity, ()) or (child and field.name.lower() == child.parent_field.lower())
    return replace(field, read_only=True, help="Autotask keeps this as it was created.") if fixed else field


def _title(entity: str, names: set[str]) -> str:
    one = re.sub(r"^.*(?=[A-Z])", "", singular(entity)).lower()
    wanted = (TITLES.get(entity, ""), "name", "title", f"{one}Name", "label", "description")
    return next((name for name in wanted if name in names), "id")


def _columns(entity: str, fields: list[Field], names: set[str]) -> tuple[str, ...]:
    known = tuple(name for name in COLUMNS.get(entity, ()) if name in names)
    if known:
        return known
    short = [f.name for f in fields if f.editable and f.kind is not Kind.LONG_TEXT and f.group != _UDFS]
    return tuple(dict.fromkeys(("id", _title(entity, names), *short)))[:7]


def _parent(entity: str, names: set[str]) -> tuple[str, str] | None:
    child = CHILDREN.get(entity)
    if child is None:
        return None
    spelled = {name.lower(): name for name in names}
    return spelled.get(child.parent_field.lower(), child.parent_field), child.parent


def _bound(entity: str, names: set[str]) -> dict[str, tuple[str, ...]]:
    return {
        key: tuple(name for name in needed if name in names)
        for key, needed in BOUND.get(entity, {}).items()
        if key in names
    }


def _updatable(info: Document) -> bool:
    """Access is a word at live tenants and a number in the help."""
    return bool(info.get("canUpdate")) and str(info.get("userAccessForUpdate", "All")).lower() not in ("none", "0")
