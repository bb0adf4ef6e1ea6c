"""User-defined fields: nested pairs at the API, ordinary fields called "udf.<Name>" here. And masked values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from adminui.records.schema import Resource
from adminui.records.values import Value

PREFIX: Final = "udf."
MEMBER: Final = "userDefinedFields"


def is_udf(name: str) -> bool:
    return name.startswith(PREFIX)


def bare(name: str) -> str:
    """The field's own name at the API."""
    return name.removeprefix(PREFIX)


def flatten(resource: Resource, item: Mapping[str, Any]) -> dict[str, Value]:
    """The record with each pair as a field. One of the schema that is not listed is null: empty ones are left out."""
    spelled = {f.name.lower(): f.name for f in resource.fields if is_udf(f.name)}
    pairs = [pair for pair in item.get(MEMBER) or () if isinstance(pair, dict) and "name" in pair]
    held = {
        spelled.get(name.lower(), name): pair.get("value") for pair in pairs for name in (f"{PREFIX}{pair['name']}",)
    }
    return {
        **{name: value for name, value in item.items() if name != MEMBER},
        **dict.fromkeys(spelled.values()),
        **held,
    }


def nest(values: Mapping[str, Value]) -> dict[str, Value]:
    """The body for these values: pairs back in their list, which is left out when there are none."""
    pairs: list[Any] = [{"name": bare(name), "value": value} for name, value in values.items() if is_udf(name)]
    plain = {name: value for name, value in values.items() if not is_udf(name)}
    return {**plain, MEMBER: pairs} if pairs else plain


def masked(value: object) -> bool:
    """Whether this is the row of asterisks shown instead of a protected value."""
    return isinstance(value, str) and len(value) >= 3 and not value.strip("*")


def masked_names(values: Mapping[str, Value], names: Iterable[str]) -> list[str]:
    return [name for name in names if masked(values.get(name))]
