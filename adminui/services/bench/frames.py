"""Frames: some columns of a worksheet in memory, part by part, as they stand or as a clean-up would leave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from adminui.records.casting import Invalid, cast
from adminui.records.packing import PART
from adminui.records.schema import Field, Resource
from adminui.records.values import MaybeValue
from adminui.services.current import Column, Edited, each_part
from adminui.services.marking import typed
from adminui.services.steps import Edit
from adminui.worksheets.models import Worksheet

NO_EDIT: Final = False


@dataclass(frozen=True)
class Frame:
    """The rows meant within one part. Columns are replaced as transforms are done to them, never changed in place."""

    sheet: Worksheet
    part: int
    rows: Sequence[int]
    columns: dict[str, Column]

    def copy(self) -> Frame:
        return replace(self, columns=dict(self.columns))


def frames(sheet: Worksheet, rows: Sequence[int], fields: Sequence[Field]) -> list[Frame]:
    """These rows' columns with pending edits over them; only parts in which rows are meant."""
    return [
        Frame(sheet, each.rows[0] // PART, each.rows, dict(each.columns)) for each in each_part(sheet, rows, fields)
    ]


def input_of(column: Column, code: int) -> MaybeValue:
    """What an editor would be opened with: an edit that cannot be sent is cleaned as it was typed."""
    edit = column.edits.get(code)
    return column.values[code] if edit is None or edit.valid else edit.typed


def inputs_of(column: Column) -> Sequence[MaybeValue]:
    """The same for all of a column's values, by code."""
    if all(edit.valid for edit in column.edits.values()):
        return column.values
    return [input_of(column, code) for code in range(len(column.values))]


def edit_of(column: Column, code: int) -> Edit:
    edit = column.edits.get(code)
    return NO_EDIT if edit is None else edit.typed


class Editing:
    """Gives cells of one column other edits: every distinct one of every distinct value is judged once."""

    def __init__(self, resource: Resource, column: Column) -> None:
        self._resource, self._column = resource, column
        self._values, self._codes = list(column.values), list(column.codes)
        self._edits: dict[int, Edited] = dict(column.edits)
        self._places: dict[tuple[int, Edit], int] = {}

    def put(self, offset: int, edit: Edit, *, plain: bool = False) -> None:
        """The edit as it is kept: normalised, or as typed where it cannot be sent; `plain` text is its own value."""
        key = (self._codes[offset], edit)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._place(*key, plain=plain)
        self._codes[offset] = place

    def _place(self, code: int, edit: Edit, *, plain: bool) -> int:
        place, base = len(self._values), _base(self._values, self._edits, code)
        if edit is False:
            self._values.append(base)
            return place
        value, held = (edit, Edited(base, edit, True)) if plain else edited(self._column.field, base, edit)
        self._values.append(value)
        self._edits[place] = held
        return place

    @property
    def column(self) -> Column:
        return Column(self._column.field, self._values, self._codes, self._edits)


def _base(values: Sequence[MaybeValue], edits: Mapping[int, Edited], code: int) -> MaybeValue:
    return edits[code].base if code in edits else values[code]


def edited(field: Field, base: MaybeValue, typed: str | None) -> tuple[MaybeValue, Edited]:
    """The value a cell has with this edit; one that cannot be sent leaves what was read."""
    try:
        return cast(field, typed, base), Edited(base, typed, valid=True)
    except Invalid:
        return base, Edited(base, typed, valid=False)


@dataclass(frozen=True)
class Changed:
    """Cells of one field in one part that get another edit; `words`, by place in `rows`, why one cannot be sent."""

    field: str
    part: int
    rows: Sequence[int]
    before: Sequence[Edit]
    after: Sequence[Edit]
    words: Mapping[int, str]


def changes_between(resource: Resource, before: Sequence[Frame], after: Sequence[Frame]) -> Iterator[Changed]:
    """The cells that differ in their edits; both have the same rows of the same baseline."""
    for old, new in zip(before, after, strict=True):
        for name, column in new.columns.items():
            if column is not old.columns[name]:
                yield _changed(resource, name, old, new)


def _changed(resource: Resource, name: str, old: Frame, new: Frame) -> Changed:
    was, now = old.columns[name], new.columns[name]
    known: dict[tuple[int, int], tuple[Edit, Edit, str] | None] = {}
    found: list[tuple[int, tuple[Edit, Edit, str]]] = []
    for row, pair in zip(old.rows, zip(was.codes, now.codes, strict=True), strict=True):
        if pair not in known:
            known[pair] = _change(resource, name, was, now, *pair)
        if change := known[pair]:
            found.append((row, change))
    rows, changes = [row for row, _ in found], [change for _, change in found]
    words = {place: said for place, (_, _, said) in enumerate(changes) if said}
    return Changed(name, old.part, rows, [each[0] for each in changes], [each[1] for each in changes], words)


def _change(
    resource: Resource, name: str, old: Column, new: Column, was: int, now: int
) -> tuple[Edit, Edit, str] | None:
    before, after = edit_of(old, was), edit_of(new, now)
    if before == after and type(before) is type(after):
        return None
    edit = new.edits.get(now)
    words = typed(resource, name, edit.base, edit.typed)[1] if edit is not None and not edit.valid else ""
    return before, after, words
