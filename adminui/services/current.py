"""Columns of a worksheet as they stand now: what was read, with pending edits over it, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from adminui.records.casting import Invalid, cast
from adminui.records.packing import PART, Packed
from adminui.records.schema import Field
from adminui.records.values import MaybeValue
from adminui.services.scope import parts_of
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Worksheet


@dataclass(frozen=True)
class Edited:
    """A cell with a pending edit: what was read, what is typed, and whether that can be sent."""

    base: MaybeValue
    typed: str | None
    valid: bool


@dataclass(frozen=True)
class Column:
    """Some rows of a column: `codes` is, for each row, the place of its value in `values`. A valid edit is the value;
    one that cannot be sent leaves what was read. `edits` tells of the places that stand for cells with an edit.
    """

    field: Field
    values: Sequence[MaybeValue]
    codes: Sequence[int]
    edits: Mapping[int, Edited]

    def base(self, code: int) -> MaybeValue:
        return self.edits[code].base if code in self.edits else self.values[code]


@dataclass(frozen=True)
class Part:
    """The rows meant within one part, with the columns asked for, which have a code for each of these rows."""

    rows: Sequence[int]
    columns: Mapping[str, Column]


Read = Callable[[Worksheet, Sequence[str], int], Mapping[str, Packed]]


def each_part(
    sheet: Worksheet, rows: Sequence[int], fields: Sequence[Field], read: Read = store.columns
) -> Iterator[Part]:
    """The rows meant, part by part: never more than one is in memory."""
    names = [field.name for field in fields]
    marked = set(
        Marks.objects.filter(worksheet=sheet, field__in=names, pending__gt=0).values_list("field", "part").iterator()
    )
    for part in store.parts_of(sheet):
        first, last = part * PART, min((part + 1) * PART, sheet.rows)
        meant = parts_of(rows, first, last)
        if not meant:
            continue
        held = read(sheet, names, part)
        marks = store.marks(sheet, places) if (places := [(n, part) for n in names if (n, part) in marked]) else {}
        columns = {f.name: _column(f, held[f.name], marks.get((f.name, part), {}), first) for f in fields}
        if meant != [range(first, last)]:
            columns = {name: _cut(column, meant, first) for name, column in columns.items()}
        yield Part(meant[0] if len(meant) == 1 else list(chain.from_iterable(meant)), columns)


def _cut(column: Column, meant: Sequence[range], first: int) -> Column:
    codes = list(chain.from_iterable(column.codes[r.start - first : r.stop - first] for r in meant))
    return Column(column.field, column.values, codes, column.edits)


def _column(field: Field, held: Packed, marks: store.PartMarks, first: int) -> Column:
    edited = [(row - first, mark) for row, mark in marks.items() if "e" in mark]
    if not edited:
        return Column(field, held.values, held.codes, {})
    values, codes = list(held.values), list(held.codes)
    places: dict[tuple[int, str | None, bool], int] = {}
    edits: dict[int, Edited] = {}
    for offset, mark in edited:
        key = (codes[offset], mark["e"], "w" not in mark)
        if key not in places:
            places[key] = len(values)
            value, edits[len(values)] = _edited(field, values[key[0]], mark["e"], refused=not key[2])
            values.append(value)
        codes[offset] = places[key]
    return Column(field, values, codes, edits)


def _edited(field: Field, base: MaybeValue, typed: str | None, *, refused: bool) -> tuple[MaybeValue, Edited]:
    try:
        if not refused:
            return cast(field, typed, base), Edited(base, typed, valid=True)
    except Invalid:
        pass  # the schema has changed since it was typed
    return base, Edited(base, typed, valid=False)
