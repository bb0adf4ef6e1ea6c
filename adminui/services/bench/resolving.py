"""Names resolved to the ids of another resource's records: the sure ones, those to pick from, and those not found.

exactly → without letter case and stray spaces → the same words in any order, accents aside      one record: sure
an initial and the last name · texts that are much alike                                         to pick from
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from adminui.planning.explain import counted
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import NESTED, Field, Kind
from adminui.records.values import Record, RecordId
from adminui.remote import reader
from adminui.services import browse
from adminui.services.bench.clusters import rows_of
from adminui.services.bench.frames import input_of
from adminui.services.bench.namesakes import Book, Name
from adminui.services.bench.naming import Called
from adminui.services.bench.where import Where
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, NotAllowed, NotThere
from adminui.services.statistics import field_named
from adminui.worksheets.models import Worksheet

MOST_READ: Final = 20_000  # records of a reference resource that are read to compare all their names
MOST_NAMES: Final = 5_000  # different names resolved at once
ASKED_AT_ONCE: Final = 100  # names in one request, where there are too many records to read


@dataclass(frozen=True)
class Resolution:
    """Every name once, most rows first. `read` records were compared of `records` there are; `said` what that means."""

    reference: str
    names: tuple[Name, ...]
    records: int
    read: int
    said: str
    blank: int  # rows without a name

    @property
    def sure(self) -> tuple[Name, ...]:
        return tuple(name for name in self.names if name.sure)

    @property
    def ambiguous(self) -> tuple[Name, ...]:
        return tuple(name for name in self.names if name.candidates and not name.sure)

    @property
    def none(self) -> tuple[Name, ...]:
        return tuple(name for name in self.names if not name.candidates)


@dataclass(frozen=True)
class Names:
    """Where the names come from: a column, or a list that was pasted."""

    source: str = ""
    texts: Sequence[str] = ()
    scope: object = None
    where: Where = ()


def resolve(opened: Opened, sheet: Worksheet, names: Names, target: str) -> Resolution:
    """What the names mean for a reference field. Raises NotAllowed where the person may not see what it refers to,
    BadInput for a field that refers to nothing, and RemoteErrors.
    """
    field = _reference(opened, target)
    other = reference_of(opened, field)
    counts, blank = _named(opened, sheet, names)
    if len(counts) > MOST_NAMES:
        raise BadInput(f"There are more than {MOST_NAMES:,} different names here.", "Narrow the rows first.")
    records, there, said = _records(other, counts)
    book = Book(Called(other.resource), other.whole.id_field, records, whole=len(records) == there)
    found = [replace(book.name(text), rows=count) for text, count in counts.items()]
    found.sort(key=lambda name: (-name.rows, name.text))
    return Resolution(other.resource.label, tuple(found), there, len(records), said, blank)


def _reference(opened: Opened, name: str) -> Field:
    field = field_named(opened, name)
    if field.kind is not Kind.REFERENCE or not field.reference:
        raise BadInput(f"{field.label} refers to no other records.", "Choose a field that holds ids of others.")
    return field


def reference_of(opened: Opened, field: Field) -> Opened:
    """The resource a field refers to, as this person may see it."""
    try:
        other = open_resource(opened.user, opened.connection.name, field.reference or "")
    except (NotAllowed, NotThere) as error:
        raise NotAllowed(
            f"{field.label} refers to {field.reference}, which you may not see at {opened.connection.label}.",
            "Names are compared with records you may see; ask an administrator for the right to see these.",
        ) from error
    if not other.titled:
        raise NotAllowed(
            f"You may not see what {other.resource.label} of {opened.connection.label} are called.",
            "Ask an administrator for the right to see their names.",
        )
    return other


def targets(opened: Opened) -> list[Field]:
    """The fields names can be resolved into."""
    fields = opened.resource.visible
    return [f for f in fields if f.kind is Kind.REFERENCE and f.reference and f.editable]


def _named(opened: Opened, sheet: Worksheet, names: Names) -> tuple[Counter[str], int]:
    """The names with their rows; and how many rows have none."""
    if not names.source:
        texts = Counter(text.strip() for text in names.texts)
        return texts, texts.pop("", 0)
    field = field_named(opened, names.source)
    if field.kind in NESTED or field.kind in (Kind.BOOLEAN, Kind.REFERENCE):
        raise BadInput(f"{field.label} holds no names.", "Choose a column of text.")
    counts: Counter[str] = Counter()
    blank = 0
    for frame, codes in rows_of(opened, sheet, field, names.scope, names.where):
        column = frame.columns[field.name]
        for code, count in Counter(codes).items():
            value = input_of(column, code)
            text = "" if isinstance(value, bool) or not isinstance(value, str | int) else str(value)
            counts[text] += count
    for text in [text for text in counts if not text.strip()]:
        blank += counts.pop(text)
    return counts, blank


# Reading


def _records(other: Opened, names: Iterable[str]) -> tuple[list[Record], int, str]:
    """The records to compare with, how many there are, and in words what that leaves out."""
    there = reader.count(other.client, other.whole, Query())
    label = other.resource.label
    if there <= MOST_READ:
        return (
            browse.every(other, Group(), MOST_READ),
            there,
            f"Compared with all {counted(there, 'record')} of {label}.",
        )
    said = f"There are {there:,} {label}, too many to compare with all of them: "
    title = other.whole.by_name.get(other.whole.title_field)
    op = Op.IN if Op.IN in other.can.ops else None
    if title is None or not title.queryable or op is None:
        raise BadInput(f"{said}and this API cannot be asked for many by name.", "Resolve by another field.")
    found = _by_title(other, title, list(names))
    return found, there, f"{said}only whole names were asked for. The others have to be searched by hand."


def _by_title(other: Opened, title: Field, names: Sequence[str]) -> list[Record]:
    spelt = list(dict.fromkeys(each for name in names for each in (name, " ".join(name.split()))))
    chunks = (spelt[at : at + ASKED_AT_ONCE] for at in range(0, len(spelt), ASKED_AT_ONCE))
    queries = (Query(Group("and", (Condition(title.name, Op.IN, list(chunk)),)), page_size=500) for chunk in chunks)
    found = (each for query in queries for each in reader.read_all(other.client, other.whole, query))
    return list({other.whole.id_of(record): record for record in found}.values())


# Back


@dataclass(frozen=True)
class Titled:
    """An id of a column, in how many rows it stands, and what its record is called; empty where there is none."""

    id: str
    rows: int
    title: str


def titles(opened: Opened, sheet: Worksheet, names: Names) -> list[Titled]:
    """The way back: what the records a reference column holds are called. Most rows first."""
    field = _reference(opened, names.source)
    other = reference_of(opened, field)
    counts: Counter[RecordId] = Counter()
    for frame, codes in rows_of(opened, sheet, field, names.scope, names.where):
        column = frame.columns[field.name]
        for code, count in Counter(codes).items():
            value = input_of(column, code)
            if isinstance(value, int | str) and not isinstance(value, bool) and value != "":
                counts[value] += count
    found = dict(_called(other, counts))
    listed = [Titled(str(i), count, found.get(str(i), "")) for i, count in counts.items()]
    return sorted(listed, key=lambda each: (-each.rows, each.id))


def _called(other: Opened, ids: Iterable[RecordId]) -> Iterator[tuple[str, str]]:
    called = Called(other.resource)
    for record in reader.read_many(other.client, other.whole, other.can, ids).values():
        yield str(other.whole.id_of(record)), called.title(record)
