"""The facets that a step is limited by, in words: `where Company type is Dead or Lead, and City is empty`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from adminui.records.schema import Field, Resource
from adminui.services.statistics import key_of

NAMED: Final = 3  # values that are named, the others are counted
LONGEST: Final = 40  # characters of one
_LENGTH: Final = "the length of "


def in_words(where: Sequence[Mapping[str, Any]], resource: Resource | None = None) -> str:
    """Empty where there is no condition; without a resource fields go by their raw names."""
    said = [_turned(facet, _said(facet, resource)) for facet in where]
    return f"where {', and '.join(said)}" if said else ""


def _said(facet: Mapping[str, Any], resource: Resource | None) -> str:
    field = resource.by_name.get(str(facet.get("field"))) if resource else None
    label = field.label if field else str(facet.get("field") or "the row")
    kind = str(facet.get("facet"))
    if kind == "rule":
        return "a quality rule is broken"
    if kind == "match":
        return f"{label} {'fits' if facet.get('regex') else 'contains'} “{_short(str(facet.get('text', '')))}”"
    if kind in ("number", "date", "length"):
        return _range(facet, _LENGTH + label if kind == "length" else label)
    show = _value(field) if kind == "text" else str
    verb = "looks like" if kind == "shape" else "is"
    parts = [f"{verb} {_listed(facet['in'], show)}"] if facet.get("in") else []
    parts += (
        [f"{'does not look like' if kind == 'shape' else 'is not'} {_listed(facet['out'], show)}"]
        if facet.get("out")
        else []
    )
    return f"{label} {' and '.join(parts) or 'is anything'}"


def _turned(facet: Mapping[str, Any], words: str) -> str:
    return f"not ({words})" if facet.get("not") else words


def _range(facet: Mapping[str, Any], label: str) -> str:
    ends = [f"from {facet['from']}"] if facet.get("from") not in (None, "") else []
    below = "to" if facet.get("closed") or facet.get("facet") == "length" else "below"
    ends += [f"{below} {facet['to']}"] if facet.get("to") not in (None, "") else []
    return f"{label} is {' '.join(ends)}" if ends else f"{label} is {'blank' if facet.get('blank') else 'anything'}"


def _listed(keys: Any, show: Callable[[str], str]) -> str:
    listed = [str(key) for key in keys] if isinstance(keys, list) else [str(keys)]
    named = [_short(show(key)) for key in listed[:NAMED]]
    more = len(listed) - NAMED
    return " or ".join(named) if more <= 0 else f"{', '.join(named)} or {more} more"


def _value(field: Field | None) -> Callable[[str], str]:
    """What a key of a value means to people: a choice's label, a text as it is."""
    labels = {key_of(field, choice.value): choice.label for choice in field.choices} if field else {}
    return lambda key: labels.get(key) or _decoded(key)


def _decoded(key: str) -> str:
    try:
        told = json.loads(key)
    except ValueError:
        return key
    if isinstance(told, str):
        return told or "empty"
    if not (isinstance(told, list) and told):
        return key
    if len(told) == 1:
        return "not set" if told[0] == "missing" else str(told[0])
    try:
        return f"{Decimal(str(told[-1])):f}"
    except InvalidOperation:
        return str(told[-1])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
