"""How a file of records is laid out: which columns, and what stands in them for some rows of a worksheet or of an API.

Every distinct value is turned into a cell once; a row is then no more than places looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from adminui.records.packing import Packed
from adminui.records.schema import Field, Resource
from adminui.records.tables import versions, writing
from adminui.records.values import MISSING, MaybeValue
from adminui.services.current import Column, Part

Cell = TypeVar("Cell")


class Values(StrEnum):
    """Which values a file has."""

    NOW = "now"  # as they stand: pending edits over what was read
    READ = "read"
    BOTH = "both"  # as they stand, and beside them what was read where that differs


@dataclass(frozen=True)
class Wanted:
    """A file as somebody wants it. `fields` begin with the id."""

    fields: tuple[Field, ...]
    form: str = "csv"  # or xlsx
    values: Values = Values.NOW
    delimiter: str = ","
    mark: bool = True  # says that it is UTF-8, which spreadsheets need
    formulas: bool = True  # kept from being run
    labels: bool = False  # in headings, before the names
    means: bool = False  # a column beside a picklist's says what its values mean
    words: bool = False  # what became of the row, and what the API said


@dataclass(frozen=True)
class Heading:
    """One column of the file; `what` is "now", "read", "before" or "means" of a field, or one of our own."""

    text: str
    what: str
    field: Field | None = None

    @property
    def ours(self) -> bool:
        return self.text.startswith("_")


def headings(wanted: Wanted, changed: Collection[str]) -> list[Heading]:
    """The columns in order. `changed` are the fields with pending edits: only these have two sides."""
    found: list[Heading] = []
    for field in wanted.fields:
        found += _of_field(wanted, field, both=field.name in changed and wanted.values is Values.BOTH)
        if wanted.words and len(found) == 1:
            found += [Heading("_outcome", "outcome"), Heading("_message", "message")]
    return [*found, Heading(versions.COLUMN, "version")]


def _of_field(wanted: Wanted, field: Field, *, both: bool) -> list[Heading]:
    what = "read" if wanted.values is Values.READ else "now"
    found = [Heading(writing.heading(field, labels=wanted.labels), what, field)]
    if wanted.means and field.choices:
        found.append(Heading(f"_means {field.name}", "means", field))
    return [*found, Heading(f"_before {field.name}", "before", field)] if both else found


@dataclass(frozen=True)
class Maker(Generic[Cell]):
    """Makes the cells of one kind of file: of a field's values, of edits as they were typed, of words of our own."""

    values: Callable[[Field], Callable[[MaybeValue], Cell]]
    typed: Callable[[str | None], Cell]
    words: Callable[[str], Cell]


@dataclass(frozen=True)
class Said:
    """What is to be said of some rows, for each of them."""

    outcomes: Sequence[str]
    messages: Sequence[str]


def cells(
    resource: Resource, wanted: Wanted, heads: Iterable[Heading], part: Part, said: Said | None, maker: Maker[Cell]
) -> list[Sequence[Cell]]:
    """Columns of cells. `part` has all that is to be seen, as versions are of the whole record."""
    found: list[Sequence[Cell]] = []
    for head in heads:
        if head.field is not None:
            found.append(_spread(head.what, part.columns[head.field.name], maker))
        elif head.what == "version":
            found.append([maker.words(each) for each in _versions(resource, wanted, part)])
        else:
            words = (said.outcomes if head.what == "outcome" else said.messages) if said else [""] * len(part.rows)
            found.append([maker.words(each) for each in words])
    return found


def _spread(what: str, column: Column, maker: Maker[Cell]) -> list[Cell]:
    each = _MAKERS[what](column, maker)
    return [each[code] for code in column.codes]


def _now(column: Column, maker: Maker[Cell]) -> list[Cell]:
    """A pending edit to null is said in so many words, and one that cannot be sent stands as it was typed."""
    found = list(map(maker.values(column.field), column.values))
    for code, edit in column.edits.items():
        if not edit.valid or column.values[code] is None:
            found[code] = maker.typed(edit.typed)
    return found


def _read(column: Column, maker: Maker[Cell]) -> list[Cell]:
    return list(map(maker.values(column.field), _bases(column)))


def _before(column: Column, maker: Maker[Cell]) -> list[Cell]:
    write, blank = maker.values(column.field), maker.words("")
    return [write(base) if code in column.edits else blank for code, base in enumerate(_bases(column))]


def _means(column: Column, maker: Maker[Cell]) -> list[Cell]:
    found = (None if value is None or value is MISSING else column.field.choice(value) for value in column.values)
    return [maker.words(choice.label if choice else "") for choice in found]


_MAKERS: Mapping[str, Callable[..., list[Any]]] = {"now": _now, "read": _read, "before": _before, "means": _means}


def _bases(column: Column) -> Sequence[MaybeValue]:
    """What was read, by the same codes."""
    if not column.edits:
        return column.values
    return [column.base(code) for code in range(len(column.values))]


def _versions(resource: Resource, wanted: Wanted, part: Part) -> Iterable[str]:
    """Of what was read, whatever stands over it."""
    columns = {name: Packed(_bases(column), column.codes) for name, column in part.columns.items()}
    return versions.versions(resource, columns, wanted.fields)
