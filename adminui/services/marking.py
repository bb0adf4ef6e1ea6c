"""One part of one column being marked: its baseline and marks are read once and kept once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from adminui.records.casting import Invalid, to_text
from adminui.records.changes import change_of
from adminui.records.packing import PART
from adminui.records.schema import Field, Resource
from adminui.records.values import MaybeValue
from adminui.services.steps import Cells, Edit
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from adminui.worksheets.store import Mark

Typed: TypeAlias = tuple[Edit, str]  # the edit as it is kept, and the words why it cannot be sent


def typed(resource: Resource, name: str, base: MaybeValue, raw: Edit) -> Typed:
    """What an edit comes to against a baseline: normalised, or no edit, or kept as typed with what is wrong with it."""
    if raw is False:
        return False, ""
    try:
        change = change_of(resource, name, base, raw)
    except Invalid as error:
        return raw, str(error)
    if change is None:
        return False, ""
    return None if change.after is None else to_text(resource.by_name[name], change.after), ""


def about(field: Field) -> str:
    """What the API's words begin with on a cell of another field than the one they are about."""
    return f"{field.label}: "


class Place:
    """A part of a column. `put` types into a row of it; nothing is written before `keep`."""

    def __init__(self, resource: Resource, sheet: Worksheet, field: str, part: int, number: int) -> None:
        self.resource, self.sheet, self.field, self.part, self.number = resource, sheet, field, part, number
        self.first = part * PART
        self.baseline = store.columns(sheet, [field], part)[field]
        self.marks = store.marks(sheet, [(field, part)]).get((field, part), {})
        self._typed: dict[tuple[Edit, int], Typed] = {}

    def base(self, row: int) -> MaybeValue:
        return self.baseline[row - self.first]

    def edit(self, row: int) -> Edit:
        mark = self.marks.get(row)
        return mark.get("e", False) if mark else False

    def typed(self, row: int, raw: Edit) -> Typed:
        """Each distinct edit of each distinct value is cast once."""
        code = self.baseline.codes[row - self.first]
        found = self._typed.get((raw, code))
        if found is None:
            found = typed(self.resource, self.field, self.baseline.values[code], raw)
            self._typed[raw, code] = found
        return found

    def put(self, row: int, raw: Edit) -> tuple[Edit, Edit, str] | None:
        """(before, after, words) of what was typed; None when there is nothing to tell whoever typed it."""
        after, words = self.typed(row, raw)
        old = self.marks.get(row)
        before: Edit = old.get("e", False) if old else False
        if before != after or (old.get("w", "") if old else "") != words:
            self.set(row, marked(old, after, words, self.number))
        elif after == raw:
            return None
        return before, after, words

    def set(self, row: int, mark: Mark | None) -> None:
        if mark:
            self.marks[row] = mark
        else:
            self.marks.pop(row, None)

    def keep(self) -> None:
        store.keep_marks(self.sheet, {(self.field, self.part): self.marks})


def marked(old: Mark | None, edit: Edit, words: str, number: int) -> Mark | None:
    """The mark of a cell that was typed into. What moved underneath without a clash is still to be seen."""
    mark: Mark = {} if edit is False else {"e": edit, "s": number}
    if words:
        mark["w"] = words
    if old and "t" in old and "c" not in old:
        mark["t"] = old["t"]
    return mark or None


def unsettled(old: Mark | None, new: Mark | None) -> Mark | None:
    """The mark of a cell that was changed among many: nobody looked at this one, so a clash is still to be settled."""
    if not (old and new and "c" in old and "e" in new):
        return new
    return {**new, "t": old["t"], "c": True} if "t" in old else {**new, "c": True}


def by_part(rows: Sequence[int]) -> Mapping[int, list[int]]:
    """Part → places in `rows` of its rows."""
    found: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        found.setdefault(row // PART, []).append(at)
    return found


class Told:
    """The cells of a step as they come out, by field."""

    def __init__(self) -> None:
        self.cells: dict[str, Cells] = {}

    def add(self, field: str, row: int, before: Edit, after: Edit, words: str = "") -> None:
        held = self.cells.setdefault(field, {"rows": [], "before": [], "after": [], "words": {}})
        if words:
            held["words"][str(len(held["rows"]))] = words
        held["rows"].append(row)
        held["before"].append(before)
        held["after"].append(after)
