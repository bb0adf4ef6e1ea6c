"""Pending edits of a worksheet: typed, pasted, undone, settled. Each is one step, taken once, and lost never."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from django.db import transaction

from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.records.schema import Field
from adminui.records.values import Value
from adminui.services import history as ledger_history
from adminui.services import steps
from adminui.services.bench import writing as operations
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.feeds import feed, history, marks_document
from adminui.services.marking import Place, Told, by_part, unsettled
from adminui.services.sheet_rights import require_edit
from adminui.services.steps import Cells, Edit, Reload, record
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Step, Worksheet

__all__ = [
    "Cells",
    "Edit",
    "LastChange",
    "Reload",
    "feed",
    "history",
    "last_change",
    "marks_document",
    "record",
    "redo",
    "resolve",
    "take",
    "undo",
]

MOST_CELLS: Final = 1_000_000  # in one step
RELOAD: Final = "Reload the page; what was saved is kept."

Raws: TypeAlias = Mapping[str, tuple[Sequence[int], Sequence[Edit]]]  # field → rows, and what is typed into each
Side = Literal["mine", "theirs"]


@transaction.atomic
def take(opened: Opened, sheet: Worksheet, token: UUID, kind: str, label: str, cells: Raws) -> Step:
    """Keep what was typed as one step: valid edits as they are cast, others as typed, none that changes nothing.

    What arrives is cast against the baseline as it is now. A token that was taken before is not taken again.
    """
    require_edit(opened, sheet)
    held = store.locked(sheet)
    if known := steps.taken(held, token):
        return known
    _check(opened, held, kind, cells)
    told = Told()
    for name, (rows, raws) in cells.items():
        for part, places in by_part(rows).items():
            place = Place(opened.resource, held, name, part, held.version + 1)
            for at in places:
                if (came := place.put(rows[at], raws[at])) is not None:
                    told.add(name, rows[at], *came)
            place.keep()
    step = record(opened, sheet, kind, label, cells=told.cells, token=token)
    if step.cells:
        steps.drop_redo(held, opened.user_id)
    return step


def _check(opened: Opened, sheet: Worksheet, kind: str, cells: Raws) -> None:
    if kind not in steps.TYPED:
        raise BadInput(f"“{kind[:40]}” is not a kind of edit.", RELOAD)
    if sum(len(rows) for rows, _ in cells.values()) > MOST_CELLS:
        raise BadInput(f"One step takes {MOST_CELLS:,} cells.", "Select fewer rows.")
    for name, (rows, raws) in cells.items():
        _check_field(opened, name, dropping=all(raw is False for raw in raws))
        _check_rows(sheet, rows, raws)


def _check_field(opened: Opened, name: str, *, dropping: bool) -> None:
    """One that this person may see and edit, or may at least take edits back in. Raises BadInput."""
    field = opened.resource.by_name.get(name)
    if field is None or field.hidden:
        raise BadInput(f"{opened.resource.label} have no field “{name[:80]}”.", RELOAD)
    allowed = _may_drop(opened, field) if dropping else field.editable
    if name == opened.resource.id_field or not allowed:
        raise BadInput(f"{field.label} cannot be edited here.", "Nothing of this step was kept.")


def _may_drop(opened: Opened, field: Field) -> bool:
    """What was typed before a field became read-only can be sent by nobody: everybody here may take it back."""
    return field.editable or (not field.hidden and not opened.whole.by_name[field.name].editable)


def _check_rows(sheet: Worksheet, rows: Sequence[int], raws: Sequence[Edit]) -> None:
    """Rows of this worksheet, each once, with an edit each."""
    whole = all(type(row) is int for row in rows) and len(rows) == len(raws) == len(set(rows))
    if not whole or (rows and not 0 <= min(rows) <= max(rows) < sheet.rows):
        raise BadInput("These are not rows of this worksheet.", RELOAD)
    if not all(raw is None or raw is False or isinstance(raw, str) for raw in raws):
        raise BadInput("An edit is text, null, or false for none.", RELOAD)


def undo(opened: Opened, sheet: Worksheet, token: UUID) -> Step:
    """Take this person's last step back, but for cells that somebody changed since. Raises BadInput without any."""
    return _turn(opened, sheet, token, back=True)


def redo(opened: Opened, sheet: Worksheet, token: UUID) -> Step:
    """Do again what this person undid last."""
    return _turn(opened, sheet, token, back=False)


@transaction.atomic
def _turn(opened: Opened, sheet: Worksheet, token: UUID, *, back: bool) -> Step:
    require_edit(opened, sheet)
    held = store.locked(sheet)
    if known := steps.taken(held, token):
        return known
    find = steps.last_to_undo if back else steps.next_to_redo
    step = find(held, opened.user_id)
    if step is None:
        raise BadInput(f"There is nothing of yours to {'undo' if back else 'redo'}.")
    source, content = steps.turned(step)
    operations.turned(held, step, steps.content(step), back=back)
    told, left = _turned_round(opened, held, source, content["cells"], clashing=step.kind in operations.IN_BULK)
    kind, spoken = "undo" if back else "redo", steps.content(step).get("speaks", ())
    reload: Reload | None = {"marks": True, "chunks": {}} if source.kind == "settled" else None
    made = record(
        opened,
        sheet,
        kind,
        step.label,
        cells=told.cells,
        left=left,
        token=token,
        reload=reload,
        of=step.number,
        speaks=spoken,
    )
    steps.turn(step, made, undone=back)
    return made


def _turned_round(
    opened: Opened, sheet: Worksheet, source: Step, cells: Mapping[str, Cells], *, clashing: bool
) -> tuple[Told, int]:
    """The cells put back, and how many were left alone. With `clashing` what is to be settled stays so."""
    told, left = Told(), 0
    since = steps.applied_since(sheet, source.number, cells.keys())
    for name, held in cells.items():
        field = opened.resource.by_name.get(name)
        if field is None or not _may_drop(opened, field):
            left += len(held["rows"])
            continue
        for part, places in by_part(held["rows"]).items():
            place = Place(opened.resource, sheet, name, part, sheet.version + 1)
            for at, row in ((at, held["rows"][at]) for at in places):
                old = place.marks.get(row)
                left += not (back := _put_back(place, held, at, since[name], told))
                if back and source.kind == "settled" and place.edit(row) is not False:
                    place.set(row, {**place.marks[row], "c": True})  # to be settled again
                elif back and clashing:
                    place.set(row, unsettled(old, place.marks.get(row)))
            place.keep()
    return told, left


def _put_back(place: Place, held: Cells, at: int, since: Mapping[int, str | None], told: Told) -> bool:
    """Whether the cell still stands as the step left it, and so was put back as it was before.

    Where a run made the edit the baseline since, no edit means what the baseline was then.
    """
    row, before, after = held["rows"][at], held["before"][at], held["after"][at]
    if row in since:
        before, after = (since[row] if edit is False else edit for edit in (before, after))
    now = place.edit(row)
    if now != after and (now is not False or row not in since or place.typed(row, after)[0] is not False):
        return False
    if (came := place.put(row, before)) is not None:
        told.add(place.field, row, *came)
    return True


@transaction.atomic
def resolve(
    opened: Opened, sheet: Worksheet, rows: Container[int] | None, fields: Sequence[str] | None, side: Side
) -> Step | None:
    """Settle clashes: mine stay pending against what is there now, theirs drop the edit. None where there are none.

    With mine, what moved underneath without an edit has been seen.
    """
    require_edit(opened, sheet)
    held = store.locked(sheet)
    told, settled, seen = Told(), 0, 0
    for name, part in _to_settle(opened, held, fields, side):
        place = Place(opened.resource, held, name, part, held.version + 1)
        settled += (here := _settle(opened, place, rows, side, told))
        seen += (moved := _see(place, rows) if side == "mine" else 0)
        if here or moved:
            place.keep()
    if not settled and not seen:
        return None
    label = f"{'Mine' if side == 'mine' else 'Theirs'} in" if settled else "Seen what moved in"
    label = f"{label} {counted(settled or seen, 'cell')}"
    step = record(opened, sheet, "settled", label, cells=told.cells, reload={"marks": True, "chunks": {}})
    if step.cells:
        steps.drop_redo(held, opened.user_id)
    return step


def _to_settle(opened: Opened, sheet: Worksheet, fields: Sequence[str] | None, side: Side) -> Iterable[tuple[str, int]]:
    """Field and part of what may hold clashes or, with mine, something that moved. Raises BadInput."""
    seen = {f.name for f in opened.resource.visible}
    if unknown := [name for name in fields or () if name not in seen]:
        raise BadInput(f"{opened.resource.label} have no field “{unknown[0][:80]}”.", RELOAD)
    places = Marks.objects.filter(worksheet=sheet, field__in=seen if fields is None else fields)
    return list((places if side == "mine" else places.filter(clashes__gt=0)).values_list("field", "part"))


def _settle(opened: Opened, place: Place, rows: Container[int] | None, side: Side, told: Told) -> int:
    field = place.resource.by_name[place.field]
    if not (_may_drop(opened, field) if side == "theirs" else field.editable):
        return 0
    clashing = [row for row, mark in place.marks.items() if mark.get("c") and (rows is None or row in rows)]
    for row in clashing:
        mine = place.edit(row)
        after, words = place.typed(row, mine if side == "mine" else False)
        place.set(row, None if after is False else {"e": after, "s": place.number, **({"w": words} if words else {})})
        if mine != after:
            told.add(place.field, row, mine, after, words)
    return len(clashing)


def _see(place: Place, rows: Container[int] | None) -> int:
    moved = [row for row, m in place.marks.items() if "t" in m and "c" not in m and (rows is None or row in rows)]
    for row in moved:
        mark = place.marks[row].copy()
        mark.pop("t")
        place.set(row, mark)
    return len(moved)


@dataclass(frozen=True)
class LastChange:
    """Who set a cell last from here, to what, when and in which run."""

    field: Field
    value: Value
    by: str
    run: int
    at: datetime | None


def last_change(opened: Opened, sheet: Worksheet, row: int, name: str) -> LastChange | None:
    """The last change of this cell that a run is known to have made."""
    field = opened.resource.by_name.get(name)
    if field is None or field.hidden or not 0 <= row < sheet.rows:
        raise BadInput("There is no such cell.", RELOAD)
    key = opened.resource.id_field
    record_id = store.values_at(sheet, [key], [row])[row].get(key)
    done = ledger_history.of_record(opened, record_id).filter(outcome=Outcome.DONE)
    for item in done.iterator(chunk_size=20):
        if name in (after := item.row().values):
            return LastChange(field, after[name], item.run.user_name, item.run_id, item.settled_at)
    return None
