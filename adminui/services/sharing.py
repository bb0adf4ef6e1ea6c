"""Shared changes: the same done to many rows of a worksheet, counted and shown row by row before it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from adminui.planning.explain import counted
from adminui.records.casting import to_text
from adminui.records.cleaning.base import Transformation
from adminui.records.operations import described
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue
from adminui.services import edits
from adminui.services.bench import writing
from adminui.services.catalog import Opened
from adminui.services.current import Column, Part, each_part
from adminui.services.errors import BadInput
from adminui.services.fates import LEFT_OUT, Change, Done, Fate, Judge, Only
from adminui.services.scope import ranges_of
from adminui.services.sheet_rights import require_edit
from adminui.services.statistics import field_named, key_of
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Step, Worksheet

__all__ = ["FATES", "Change", "Only", "PreviewRow", "Shared", "Tally", "Window", "count", "share"]

SHOWN: Final = 50  # rows of a preview
LABEL: Final = 200


FATES: Final = frozenset(fate.word for fate in Fate)


@dataclass(frozen=True)
class Tally:
    """How a shared change comes out in rows, before or after it is made."""

    changed: int = 0
    already: int = 0
    invalid: int = 0
    skipped: int = 0
    left_out: int = 0  # of the skipped, by the condition

    @property
    def sentence(self) -> str:
        said = [f"{counted(self.changed, 'row')} will change"]
        said += [f"{_said(self.already)} already {'has' if self.already == 1 else 'have'} it"] if self.already else []
        said += [f"{_said(self.invalid)} would be invalid"] if self.invalid else []
        said += [f"{_said(self.skipped - self.left_out)} left alone"] if self.skipped > self.left_out else []
        said += [f"{_said(self.left_out)} left out by the condition"] if self.left_out else []
        return ", ".join(said) + "."


def _said(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


@dataclass(frozen=True)
class Cell:
    """One cell of the preview: editor texts, None where there is null or nothing."""

    field: str
    before: str | None
    after: str | None
    fate: str
    words: str


@dataclass(frozen=True)
class PreviewRow:
    row: int
    id: str
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Window:
    """Which rows the preview shows: so many of one fate, or of all, from the `start`th."""

    start: int = 0
    fate: str = ""
    size: int = SHOWN


@dataclass(frozen=True)
class Shared:
    """What a shared change comes to; `step` when it was made."""

    tally: Tally
    label: str
    preview: tuple[PreviewRow, ...]
    step: Step | None = None


def count(
    opened: Opened, sheet: Worksheet, rows: Sequence[int], changes: Sequence[Change], window: Window | None = None
) -> Shared:
    """What the change would do. Raises BadInput when it makes no sense."""
    require_edit(opened, sheet)
    return _made(opened, sheet, rows, changes, _Look(window or Window()))


@transaction.atomic
def share(opened: Opened, sheet: Worksheet, rows: Sequence[int], changes: Sequence[Change], token: UUID) -> Shared:
    """Make the change as one step: pending edits, invalid ones kept as they come. Once for each token.

    The worksheet is locked before it is read, or +10 % of a value that somebody just replaced would undo them.
    """
    require_edit(opened, sheet)
    held = store.locked(sheet)
    if step := Step.objects.filter(worksheet=held, token=token).first():
        return Shared(Tally(), step.label, (), step)
    keep: dict[str, tuple[list[int], list[str | None]]] = {change.field: ([], []) for change in changes}
    shared = _made(opened, held, rows, changes, _Look(Window()), keep)
    cells = {name: written for name, written in keep.items() if written[0]}
    if not cells:
        return shared
    if done := _operations(held, rows, changes):
        writing.appended(held, done, [described(field_named(opened, c.field), c.operation) for c in changes])
    return replace(shared, step=edits.take(opened, held, token, "shared", shared.label, cells))


def _operations(sheet: Worksheet, rows: Sequence[int], changes: Sequence[Change]) -> list[Transformation]:
    """The change as clean-ups that can be done again, one after the other; none where one would see another's work."""
    changed = {change.field for change in changes}
    if any(change.only and change.only.field in changed - {change.field} for change in changes):
        return []
    read = changed | {change.only.field for change in changes if change.only}
    if Marks.objects.filter(worksheet=sheet, field__in=read, invalid__gt=0).exists():
        return []  # a shared change passes over what cannot be sent, a clean-up mends it
    ranges = None if len(rows) == sheet.rows else ranges_of(rows)
    return [_operation(change, ranges) for change in changes]


def _operation(change: Change, rows: str | None) -> Transformation:
    asked, only = change.operation, change.only
    where = () if only is None else ({"facet": "text", "field": only.field, "in": [only.key]},)
    params = {"operation": asked.name, "value": asked.value, "by": asked.by}
    return Transformation("change", (change.field,), params, where, rows)


@dataclass
class _Look:
    """Collects the rows of the preview while the parts go by."""

    window: Window
    passed: int = 0
    found: list[tuple[int, list[Cell]]] = field(default_factory=list)

    def at(self, part: Part, names: Sequence[str], done: Sequence[Sequence[Done]], fates: Sequence[Fate]) -> None:
        for place, fate in enumerate(fates):
            if len(self.found) >= self.window.size:
                return
            if self.window.fate in ("", fate.word):
                self.passed += 1
                if self.passed > self.window.start:
                    cells = [_cell(part.columns[n], place, d[place]) for n, d in zip(names, done, strict=True)]
                    self.found.append((part.rows[place], cells))


def _made(
    opened: Opened,
    sheet: Worksheet,
    rows: Sequence[int],
    changes: Sequence[Change],
    look: _Look,
    keep: Mapping[str, tuple[list[int], list[str | None]]] | None = None,
) -> Shared:
    """The change reckoned part by part; what is to be written is put into `keep`."""
    judges = _judges(opened, changes)
    names = [change.field for change in changes]
    wanted = dict.fromkeys([*names, *(change.only.field for change in changes if change.only)])
    fates: Counter[Fate] = Counter()
    for part in each_part(sheet, rows, [field_named(opened, name) for name in wanted]):
        done = [_reckoned(part, change, judge) for change, judge in zip(changes, judges, strict=True)]
        by_row = list(_fates(done))
        fates.update(by_row)
        look.at(part, names, done, by_row)
        if keep is not None:
            for name, each in zip(names, done, strict=True):
                _collect(keep[name], part.rows, each)
    tally = _tally(fates)
    return Shared(tally, _label(opened, changes, tally), titled(opened, sheet, look.found))


def _judges(opened: Opened, changes: Sequence[Change]) -> list[Judge]:
    if not changes:
        raise BadInput("No field is set to change.", "Choose what is to be done to at least one field.")
    if twice := [name for name, times in Counter(c.field for c in changes).items() if times > 1]:
        raise BadInput(f"{field_named(opened, twice[0]).label} is to be changed twice.", "One change after the other.")
    return [Judge(opened, change) for change in changes]


def _reckoned(part: Part, change: Change, judge: Judge) -> list[Done]:
    """For each row of the part; each distinct value is reckoned once."""
    column, only = part.columns[change.field], change.only
    if only is None:
        known = {code: judge.of(column, code) for code in set(column.codes)}
        return [known[code] for code in column.codes]
    asked = part.columns[only.field]
    holds = {code for code in set(asked.codes) if key_of(asked.field, asked.values[code]) == only.key}
    meant = [code in holds for code in asked.codes]
    pairs = zip(column.codes, meant, strict=True)
    known = {code: judge.of(column, code) for code in {code for code, holding in pairs if holding}}
    return [known[code] if holding else LEFT_OUT for code, holding in zip(column.codes, meant, strict=True)]


def _fates(done: Sequence[Sequence[Done]]) -> Iterator[Fate]:
    if len(done) == 1:
        return (each.fate for each in done[0])
    return map(max, *([each.fate for each in column] for column in done))


def _collect(kept: tuple[list[int], list[str | None]], rows: Sequence[int], done: Sequence[Done]) -> None:
    written = [(row, each.after) for row, each in zip(rows, done, strict=True) if each.fate >= Fate.CHANGED]
    kept[0].extend(row for row, _ in written)
    kept[1].extend(after for _, after in written)


def _tally(fates: Mapping[Fate, int]) -> Tally:
    left_out = fates[Fate.LEFT_OUT]
    return Tally(
        fates[Fate.CHANGED], fates[Fate.ALREADY], fates[Fate.INVALID], fates[Fate.SKIPPED] + left_out, left_out
    )


def _label(opened: Opened, changes: Sequence[Change], tally: Tally) -> str:
    """What the step of undo is called; rows that would be invalid are written too."""
    words = f"Change {counted(len(changes), 'field')}"
    if len(changes) == 1:
        words = described(field_named(opened, changes[0].field), changes[0].operation)
    rows = f" in {counted(tally.changed + tally.invalid, 'row')}"
    return words[: LABEL - len(rows)] + rows


def _cell(column: Column, place: int, done: Done) -> Cell:
    code = column.codes[place]
    edit = column.edits.get(code)
    before = edit.typed if edit is not None and not edit.valid else _text(column.field, column.values[code])
    after = done.after if done.fate >= Fate.CHANGED else before
    return Cell(column.field.name, before, after, done.fate.word, done.words)


def _text(field: Field, value: MaybeValue) -> str | None:
    return None if value is None or value is MISSING else to_text(field, value)


def titled(opened: Opened, sheet: Worksheet, found: Sequence[tuple[int, Sequence[Cell]]]) -> tuple[PreviewRow, ...]:
    """Rows of a preview with what people call them."""
    resource = opened.resource
    names = [resource.id_field, *([resource.title_field] if resource.title_field in resource.by_name else [])]
    held: dict[int, dict[str, Any]] = store.values_at(sheet, names, (row for row, _ in found))
    return tuple(
        PreviewRow(row, str(held[row].get(resource.id_field, "")), resource.title_of(held[row]), tuple(cells))
        for row, cells in found
    )
