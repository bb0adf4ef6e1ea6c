"""Names for the ids that records hold of one another, and finding an id by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.core.cache import cache

from adminui.dialects.errors import RemoteError, Unavailable
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Field, Kind
from adminui.records.values import Record, RecordId
from adminui.remote import reader
from adminui.services.bench.naming import Called
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import Refused

KEPT_FOR = 600  # seconds; a renamed company shows its old name in a list for at most this long
FOUND = 20
_ID = re.compile(r"\d{1,18}", re.ASCII)

Names = Mapping[tuple[str, RecordId], str]  # (resource, id) → what people call it


def names(opened: Opened, fields: Iterable[Field], records: Iterable[Record]) -> Names:
    """What the references in these records are called; one that cannot be read is left out, and shown as its id."""
    wanted: dict[str, set[RecordId]] = {}
    listed = list(records)
    for field in fields:
        if field.reference and field.kind is Kind.REFERENCE:
            held = (record.get(field.name) for record in listed)
            ids = {i for i in held if isinstance(i, int | str) and not isinstance(i, bool) and i != ""}
            wanted.setdefault(field.reference, set()).update(ids)
    found: dict[tuple[str, RecordId], str] = {}
    for resource, ids in wanted.items():
        try:
            found |= {(resource, i): name for i, name in _named(opened, resource, ids).items()}
        except Unavailable:
            break  # the API cannot be reached: each of the others would be waited for as long
    return found


def _named(opened: Opened, resource: str, ids: set[RecordId]) -> dict[RecordId, str]:
    """The cache is everybody's: whether this person may see these names is asked before it is looked into.

    Raises Unavailable when the API gives no answer at all.
    """
    try:
        other = open_resource(opened.user, opened.connection.name, resource)
    except (Refused, RemoteError) as error:
        _raise_if_down(error)
        return {}
    if not other.titled:
        return {}
    keys = {f"name:{opened.connection.name}:{resource}:{i}": i for i in ids}
    held: dict[RecordId, str] = {keys[key]: name for key, name in cache.get_many(list(keys)).items()}
    missing = ids - held.keys()
    try:
        read = reader.read_many(other.client, other.whole, other.can, missing)
    except RemoteError as error:
        _raise_if_down(error)
        return held
    fresh = {i: other.whole.title_of(record) for i, record in read.items()}
    cache.set_many({key: fresh[i] for key, i in keys.items() if i in fresh}, KEPT_FOR)
    return held | fresh


def _raise_if_down(error: Exception) -> None:
    if isinstance(error, Unavailable) and error.status is None:
        raise error


@dataclass(frozen=True)
class Found:
    """A record by its title; `facts` tell it from others that are called the same."""

    id: RecordId
    title: str
    facts: tuple[str, ...]


def find(opened: Opened, field: Field, text: str) -> list[Found]:
    """Records the field could refer to, by a part of their name or by id; at most FOUND."""
    if not field.reference:
        return []
    other = open_resource(opened.user, opened.connection.name, field.reference)
    records: list[Record] = []
    if _ID.fullmatch(text.strip()):
        records += reader.read_many(other.client, other.whole, other.can, [int(text)]).values()
    records += reader.read_page(other.client, other.whole, replace(_by_name(other, text), page_size=FOUND)).records
    called = Called(other.resource)
    found = {other.whole.id_of(record): record for record in records}
    listed = list(found.items())[:FOUND]
    return [Found(i, other.resource.title_of(record), tuple(called.besides(record))) for i, record in listed]


def _by_name(other: Opened, text: str) -> Query:
    """By any part of the title; of a person by first and last name too, where the API knows “or”."""
    op = next((o for o in (Op.CONTAINS, Op.BEGINS, Op.EQ) if o in other.can.ops), None)
    title = other.whole.by_name.get(other.whole.title_field)
    if not text.strip() or title is None or not other.titled or not title.queryable or op is None:
        return Query()
    parts = Called(other.resource).parts if other.can.or_groups else ()
    asked = dict.fromkeys((title, *(field for field in parts if field.queryable)))
    return Query(Group("or" if len(asked) > 1 else "and", tuple(Condition(f.name, op, text.strip()) for f in asked)))
