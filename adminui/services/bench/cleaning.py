"""One clean-up of some rows of a worksheet: counted and shown row by row, then made as one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction

from adminui.planning.explain import counted
from adminui.records.casting import to_text
from adminui.records.cleaning.base import Transformation
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue
from adminui.services.bench import writing
from adminui.services.bench.folding import Came, Folded, Ready, judged, pinned, rows_meant, written
from adminui.services.bench.frames import Changed, Frame, edit_of, frames
from adminui.services.bench.seeing import spoken_of
from adminui.services.catalog import Opened
from adminui.services.current import Column
from adminui.services.fates import Fate
from adminui.services.sharing import LABEL, Cell, PreviewRow, Tally, Window, titled
from adminui.services.sheet_rights import require_edit
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet


@dataclass(frozen=True)
class Cleaned:
    """What a clean-up comes to, in rows and cells; `step` when it was made."""

    tally: Tally
    cells: int
    label: str
    preview: tuple[PreviewRow, ...] = ()
    step: Step | None = None


def count(opened: Opened, sheet: Worksheet, asked: Transformation, window: Window | None = None) -> Cleaned:
    """What it would do. Raises BadInput when it makes no sense."""
    require_edit(opened, sheet)
    ready = Ready(opened, asked)
    held = _frames(sheet, ready)
    folded = judged(ready, held, sheet)
    return replace(summed(ready, folded), preview=_preview(opened, sheet, held, folded, window or Window()))


@transaction.atomic
def clean(opened: Opened, sheet: Worksheet, asked: Transformation, token: UUID) -> Cleaned:
    """Make it as one step, once for each token, and list it among the worksheet's operations.

    The worksheet is locked before it is read: what is cleaned is what stands there when it is written.
    """
    require_edit(opened, sheet)
    held = store.locked(sheet)
    if step := Step.objects.filter(worksheet=held, token=token).first():
        return Cleaned(Tally(), step.cells, step.label, step=step)
    ready = Ready(opened, pinned(opened, held, asked))
    found = _frames(held, ready)
    folded = judged(ready, found, held)
    cleaned = summed(ready, folded)
    if not cleaned.cells:
        return cleaned
    writing.appended(held, [ready.asked], [cleaned.label])
    changes, speaks = _changes(ready, found, folded), spoken_of(asked)
    step = writing.keep(opened, held, "clean", cleaned.label, changes, token, speaks=speaks)
    sheet.version, sheet.operations = held.version, held.operations
    return replace(cleaned, step=step)


def _changes(ready: Ready, frames: Sequence[Frame], folded: Folded) -> Iterator[Changed]:
    for name, parts in folded.items():
        for frame, came in zip(frames, parts, strict=True):
            column, places = frame.columns[name], written(ready, came)
            yield Changed(
                name,
                frame.part,
                [frame.rows[at] for at in places],
                [edit_of(column, column.codes[at]) for at in places],
                [came[at].edit for at in places],
                {place: came[at].words for place, at in enumerate(places) if came[at].fate is Fate.INVALID},
            )


def _frames(sheet: Worksheet, ready: Ready) -> list[Frame]:
    """All rows where facets are to hold: some are counted over the whole worksheet."""
    rows = range(sheet.rows) if ready.asked.where else rows_meant(sheet, ready.asked)
    return frames(sheet, rows, ready.needs)


def summed(ready: Ready, folded: Folded) -> Cleaned:
    """Rows by fate, cells that are written, and the words for it. Rows that are not meant are not spoken of."""
    keeps, cells, fates = ready.transform.keeps_invalid, 0, dict.fromkeys(Fate, 0)
    for part in zip(*folded.values(), strict=True):
        each = [[came.fate for came in column] for column in part]
        by_row = each[0] if len(each) == 1 else list(map(max, *each))
        for fate in Fate:
            fates[fate] += by_row.count(fate)
        cells += sum(column.count(Fate.CHANGED) + keeps * column.count(Fate.INVALID) for column in each)
    tally = Tally(fates[Fate.CHANGED], fates[Fate.ALREADY], fates[Fate.INVALID], fates[Fate.SKIPPED])
    return Cleaned(tally, cells, _label(ready, tally, cells, keeps=keeps))


def _label(ready: Ready, tally: Tally, cells: int, *, keeps: bool) -> str:
    rows = counted(tally.changed + (tally.invalid if keeps else 0), "row")
    where = f" in {rows}" if len(ready.fields) == 1 else f": {counted(cells, 'cell')} in {rows}"
    return ready.words[: LABEL - len(where)] + where


def _preview(
    opened: Opened, sheet: Worksheet, frames: Sequence[Frame], folded: Folded, window: Window
) -> tuple[PreviewRow, ...]:
    found: list[tuple[int, list[Cell]]] = []
    passed, shown = 0, [fate for fate in Fate if fate is not Fate.LEFT_OUT and window.fate in ("", fate.word)]
    for at, frame in enumerate(frames):
        columns = [(frame.columns[name], parts[at]) for name, parts in folded.items()]
        fates = zip(*([came.fate for came in parts] for _, parts in columns), strict=True)
        for offset, fate in enumerate(map(max, fates)):
            if fate not in shown:
                continue
            passed += 1
            if passed > window.start:
                found.append((frame.rows[offset], [_cell(column, parts[offset], offset) for column, parts in columns]))
            if len(found) >= window.size:
                return titled(opened, sheet, found)
    return titled(opened, sheet, found)


def _cell(column: Column, came: Came, offset: int) -> Cell:
    code = column.codes[offset]
    edit = column.edits.get(code)
    before = edit.typed if edit is not None and not edit.valid else _text(column.field, column.values[code])
    after = came.text if came.fate >= Fate.CHANGED else before
    return Cell(column.field.name, before, after, came.fate.word, came.words)


def _text(field: Field, value: MaybeValue) -> str | None:
    return None if value is None or value is MISSING else to_text(field, value)
