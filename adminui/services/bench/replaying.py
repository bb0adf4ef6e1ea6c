"""Several clean-ups over the same frames, one after the other: what a recipe and a rearrangement are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adminui.records.casting import to_text
from adminui.records.cleaning.base import Transformation
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue
from adminui.services.bench.cleaning import Cleaned, summed
from adminui.services.bench.folding import Ready, fold, pinned
from adminui.services.bench.frames import Changed, Frame
from adminui.services.catalog import Opened
from adminui.services.errors import Refused
from adminui.services.sharing import Cell, PreviewRow, Window, titled
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet


@dataclass(frozen=True)
class Stage:
    """One clean-up of several: ready to be done, or why it cannot be done here."""

    asked: Transformation
    ready: Ready | None
    problem: str = ""


@dataclass(frozen=True)
class Staged:
    """What became of a stage; nothing where it could not be done."""

    cleaned: Cleaned | None
    problem: str = ""


def stage(opened: Opened, sheet: Worksheet, asked: Transformation) -> Stage:
    try:
        here = pinned(opened, sheet, asked)
        return Stage(here, Ready(opened, here))
    except Refused as error:
        return Stage(asked, None, error.message)


def needed(stages: Iterable[Stage]) -> list[Field]:
    """The columns these clean-ups read and write."""
    found = {field.name: field for each in stages if each.ready for field in each.ready.needs}
    return list(found.values())


def play(one: Stage, frames: Sequence[Frame], sheet: Worksheet) -> Staged:
    """The frames are left as the clean-up leaves them; untouched where it cannot be done."""
    if one.ready is None:
        return Staged(None, one.problem)
    try:
        return Staged(summed(one.ready, fold(one.ready, frames, sheet)))
    except Refused as error:
        return Staged(None, error.message)


@dataclass(frozen=True)
class Difference:
    """What would be another edit afterwards, in cells and rows, with some of the rows."""

    cells: int
    rows: int
    preview: tuple[PreviewRow, ...]


def difference(
    opened: Opened, sheet: Worksheet, changes: Sequence[Changed], window: Window | None = None
) -> Difference:
    window = window or Window()
    rows = set[int]().union(*(change.rows for change in changes))
    shown = sorted(rows)[window.start : window.start + window.size]
    base = store.values_at(sheet, list({change.field for change in changes}), shown)
    by_row: dict[int, list[Cell]] = {row: [] for row in shown}
    for change in changes:
        for place, row in enumerate(change.rows):
            if row in by_row:
                by_row[row].append(_cell(opened, base[row], change, place))
    return Difference(sum(len(c.rows) for c in changes), len(rows), titled(opened, sheet, list(by_row.items())))


def _cell(opened: Opened, base: Mapping[str, MaybeValue], change: Changed, place: int) -> Cell:
    """An edit that is none shows what was read."""
    held = base.get(change.field, MISSING)
    read = None if held is None or held is MISSING else to_text(opened.resource.by_name[change.field], held)
    before, after = (read if edit is False else edit for edit in (change.before[place], change.after[place]))
    words = change.words.get(place, "")
    return Cell(change.field, before, after, "invalid" if words else "changed", words)
