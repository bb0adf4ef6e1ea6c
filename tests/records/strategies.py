"""Schemas, records and edits made up by hypothesis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from adminui.records.schema import Choice, Field, Kind, Resource

CHOICES = (Choice(1, "New"), Choice(2, "Done"), Choice(3, "Old", active=False))
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-999, max_value=999)
datetimes = st.datetimes().map(lambda d: d.replace(microsecond=0).isoformat(sep=" "))
nested: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | decimals | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: texts,
    Kind.LONG_TEXT: texts,
    Kind.INTEGER: st.integers(-(10**18), 10**18),
    Kind.DECIMAL: decimals,
    Kind.BOOLEAN: st.booleans(),
    Kind.CHOICE: st.sampled_from([1, 2]),
    Kind.REFERENCE: st.integers(0, 999),
    Kind.DATE: st.dates().map(lambda d: d.isoformat()),
    Kind.DATETIME: datetimes,
    Kind.LIST: st.lists(nested, max_size=3),
    Kind.JSON: st.dictionaries(texts, nested, max_size=3),
}


@st.composite
def fields(draw: st.DrawFn, name: str) -> Field:
    kind = draw(st.sampled_from(list(Kind)))
    return Field(
        name,
        name.title(),
        kind,
        read_only=draw(st.booleans()) and draw(st.booleans()),
        nullable=draw(st.booleans()),
        choices=CHOICES if kind is Kind.CHOICE else (),
    )


@st.composite
def resources(draw: st.DrawFn) -> Resource:
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True))
    made = tuple(draw(fields(name)) for name in names)
    return Resource(
        "things", "Things", "Thing", (Field("id", "Id", Kind.INTEGER, read_only=True), *made), title_field="a"
    )


@st.composite
def records(draw: st.DrawFn, resource: Resource) -> dict[str, Any]:
    record: dict[str, Any] = {"id": draw(st.integers(0, 10**6))}
    for field in resource.fields[1:]:
        empty = [st.none()] if field.nullable else []
        record[field.name] = draw(st.one_of(*empty, VALUES[field.kind]))
    return record


def respelled(field: Field, value: Any) -> Any:
    """Another spelling of the same value, as an API or a person might write it."""
    if isinstance(value, Decimal):
        return str(value) + "0" if "." in str(value) else str(value)
    if field.kind in (Kind.INTEGER, Kind.REFERENCE) and value is not None:
        return str(value)
    if field.kind is Kind.DATETIME and value:
        return value.replace(" ", "T")
    return value
