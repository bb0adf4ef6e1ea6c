"""How a filter is shown and edited: chips in words, and what the builder needs to know of each field."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from adminui.records.casting import to_json, to_text
from adminui.records.queries import WITH_LIST, WITHOUT_VALUE, Condition, Group
from adminui.records.schema import Field
from adminui.services import browse, references, views
from adminui.services.catalog import Opened
from adminui.services.references import Names
from adminui.web.list_address import Address


@dataclass(frozen=True)
class Chip:
    """One condition or group of the filter, in words, and the address without it."""

    words: str
    without: str
    index: int


def chips(opened: Opened, where: Group, names: Names, address: Address) -> list[Chip]:
    return [
        Chip(browse.item_words(opened, item, names), str(address.but(where=_without(where, index))), index)
        for index, item in enumerate(where.items)
    ]


def _without(where: Group, index: int) -> str:
    left = replace(where, items=(*where.items[:index], *where.items[index + 1 :]))
    return as_json(left)


def as_json(where: Group) -> str:
    return to_json(browse.where_to_data(where)) if where.items else ""


def names_in(opened: Opened, where: Group) -> Names:
    """What the references that the filter compares with are called."""
    found = list(browse.conditions(where))
    fields = [opened.resource.by_name[c.field] for c in found]
    return references.names(opened, fields, [{c.field: value} for c in found for value in _values(c)])


def _values(condition: Condition) -> list[Any]:
    return condition.value if isinstance(condition.value, list) else [condition.value]


def catalogue(opened: Opened) -> dict[str, Any]:
    """Every visible field for the builder and the column picker; asked for when one of them is opened."""
    fixed = {f.name for f in views.frozen(opened)}
    return {
        "fields": [_entry(opened, field, fixed=field.name in fixed) for field in opened.resource.visible],
        "without_value": sorted(WITHOUT_VALUE),
        "with_list": sorted(WITH_LIST),
        "groups": opened.can.or_groups,
    }


def _entry(opened: Opened, field: Field, *, fixed: bool) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "ops": [op.value for op in browse.operators(opened, field)],
        "choices": [[to_text(field, c.value), c.label, c.active] for c in field.choices],
        "reference": field.reference or "",
        "zone": field.zone,
        "words": {op.value: browse.op_words(field, op) for op in browse.operators(opened, field)},
        "fixed": fixed,
    }
