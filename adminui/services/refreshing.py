"""Reading a worksheet's records again: edits stay, what moved underneath is marked, and clashes are left to settle."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from adminui.planning.explain import counted
from adminui.records.casting import Invalid
from adminui.records.changes import change_of
from adminui.records.packing import PART, pack, packed, to_wire, unpack
from adminui.records.schema import Field, Resource
from adminui.records.values import MaybeValue, Record, RecordId, same
from adminui.remote import reader
from adminui.services import edits
from adminui.services.catalog import Opened
from adminui.services.errors import Stale
from adminui.services.keeping import Columns, Watch, columns_of
from adminui.worksheets import readings, store
from adminui.worksheets.models import Chunk, Worksheet
from adminui.worksheets.store import ROW, Mark, PartMarks, Place

TRIES = 3  # when runs come home while their records are being read again
Moved = dict[int, tuple[MaybeValue, MaybeValue]]  # row → what stood there, and what stands there now


@dataclass(frozen=True)
class Difference:
    """What reading again has found: the places that are to be replaced with what moved in them, and the rows gone."""

    moved: dict[Place, Moved] = field(default_factory=dict)
    gone: dict[int, frozenset[int]] = field(default_factory=dict)  # by part, every part

    @property
    def chunks(self) -> dict[str, list[int]]:
        """Field → parts."""
        found: dict[str, list[int]] = {}
        for name, part in self.moved:
            found.setdefault(name, []).append(part)
        return found


def read_again(opened: Opened, sheet: Worksheet, interrupted: threading.Event) -> None:
    """Stage every part, then put what is new in place of what was. Raises Stale when that cannot be got hold of.

    What was read before a run came home may be older than what the run left behind: it is read once more.
    """
    watch = Watch(sheet, interrupted)
    for _ in range(TRIES):
        baseline = Worksheet.objects.values_list("baseline", flat=True).get(pk=sheet.pk)
        for part in _outdated(sheet, baseline):
            _stage(opened, sheet, part, baseline, watch)
        if _put_in_place(opened, sheet, baseline, _difference(opened.whole, sheet)):
            return
    raise Stale("Runs kept changing these records while they were read again.", "Wait until they are over.")


def _outdated(sheet: Worksheet, baseline: int) -> list[int]:
    """The parts that are not staged, or were when the baseline was another."""
    staged = Chunk.objects.filter(worksheet=sheet, staged=True, field=ROW).values_list("part", "data")
    good = {part for part, data in staged if set(unpack(bytes(data)).values) <= {baseline, None}}
    return [part for part in store.parts_of(sheet) if part not in good]


def _stage(opened: Opened, sheet: Worksheet, part: int, baseline: int, watch: Watch) -> None:
    """Read a part's records. Beside them, under ROW, the baseline they were read at; null for those that are gone."""
    names = columns_of(opened.whole)
    ids = [i for i in store.columns(sheet, [names[0]], part)[names[0]] if isinstance(i, int | str)]
    found = _found(opened, ids, part * PART, watch)
    rows: list[Mapping[str, MaybeValue]] = [found.get(str(i), {}) for i in ids]
    if len(found) < len(ids):
        before = store.columns(sheet, names, part)
        for at, i in enumerate(ids):
            if str(i) not in found:
                rows[at] = {name: before[name][at] for name in names}
    read_at = pack(packed([baseline if str(i) in found else None for i in ids]))
    turned = Columns(names)
    turned.add(rows)
    readings.keep(sheet, part, {**turned.packed(), ROW: read_at}, staged=True)


def _found(opened: Opened, ids: Sequence[RecordId], first: int, watch: Watch) -> dict[str, Record]:
    found: dict[str, Record] = {}
    asked = first
    for chunk, records in reader.read_each(opened.client, opened.whole, opened.can, ids):
        found |= records
        asked += len(chunk)
        watch.look(asked)
    return found


def _difference(whole: Resource, sheet: Worksheet) -> Difference:
    found = Difference()
    for part in store.parts_of(sheet):
        staged = _raw(sheet, part, staged=True)
        read_at = unpack(staged.pop(ROW))
        found.gone[part] = frozenset(part * PART + at for at, value in enumerate(read_at) if value is None)
        before = _raw(sheet, part, staged=False)
        for name, data in staged.items():
            if before.get(name) != data:
                found.moved[name, part] = _moved(whole.by_name[name], part, before.get(name), data)
    return found


def _raw(sheet: Worksheet, part: int, *, staged: bool) -> dict[str, bytes]:
    held = Chunk.objects.filter(worksheet=sheet, staged=staged, part=part).values_list("field", "data")
    return {name: bytes(data) for name, data in held}


def _moved(field: Field, part: int, before: bytes | None, after: bytes) -> Moved:
    """Rows whose values mean something else now; each pair of values is compared once."""
    if before is None:
        return {}  # a field that was not known when the worksheet was read
    old, new = unpack(before), unpack(after)
    alike: dict[tuple[int, int], bool] = {}
    moved: Moved = {}
    for at, pair in enumerate(zip(old.codes, new.codes, strict=True)):
        if pair not in alike:
            alike[pair] = same(field, old.values[pair[0]], new.values[pair[1]])
        if not alike[pair]:
            moved[part * PART + at] = old.values[pair[0]], new.values[pair[1]]
    return moved


@transaction.atomic
def _put_in_place(opened: Opened, sheet: Worksheet, baseline: int, found: Difference) -> bool:
    """False, and nothing done, when the baseline was replaced meanwhile."""
    held = store.locked(sheet)
    if held.baseline != baseline:
        return False
    tally: Counter[str] = Counter()
    _mark(opened.whole, held, found, tally)
    _swap(held, found)
    chunks = found.chunks
    readings.done(sheet, baseline=baseline + bool(chunks), problem="", progress=sheet.rows)
    held.refresh_from_db()
    edits.record(opened, held, "refreshed", _label(tally), cells={}, reload={"marks": True, "chunks": chunks})
    return True


def _swap(sheet: Worksheet, found: Difference) -> None:
    by_part: dict[int, list[str]] = {}
    for name, part in found.moved:
        by_part.setdefault(part, []).append(name)
    for part, names in by_part.items():
        places = Chunk.objects.filter(worksheet=sheet, part=part, field__in=names)
        places.filter(staged=False).delete()
        places.filter(staged=True).update(staged=False)
    Chunk.objects.filter(worksheet=sheet, staged=True).delete()


def _mark(whole: Resource, sheet: Worksheet, found: Difference, tally: Counter[str]) -> None:
    marks = store.marks(sheet, {*found.moved, *((ROW, part) for part in found.gone)})
    changed: dict[Place, PartMarks] = {}
    for (name, part), moved in found.moved.items():
        if not whole.by_name[name].editable:
            continue  # the API's own stamps and counts move by themselves, also by what was sent from here
        here = marks.get((name, part), {})
        for row, (old, new) in moved.items():
            here[row] = _marked(whole, name, here.get(row, {}), old, new, tally)
        if moved:
            changed[name, part] = {row: mark for row, mark in here.items() if mark}
    for part, rows in found.gone.items():
        before = marks.get((ROW, part), {})
        if {row for row, mark in before.items() if "gone" in mark} != rows:
            changed[ROW, part] = _gone(before, rows)
        tally["gone"] += len(rows)
    store.keep_marks(sheet, changed)


def _marked(whole: Resource, name: str, mark: Mark, old: MaybeValue, new: MaybeValue, tally: Counter[str]) -> Mark:
    """The mark of a cell that moved. What stood there first is told until it is settled."""
    tally["moved"] += 1
    then = mark.get("t", to_wire(old))
    if "e" not in mark:
        return {**mark, "t": then}
    if _already(whole, name, mark["e"], new):
        tally["already"] += 1
        return {"t": then}
    tally["clashes"] += 1
    return {**mark, "t": then, "c": True}


def _already(whole: Resource, name: str, edit: str | None, new: MaybeValue) -> bool:
    """Whether the edit comes to what is there by now."""
    try:
        return change_of(whole, name, new, edit) is None
    except Invalid:
        return False


def _gone(before: PartMarks, rows: frozenset[int]) -> PartMarks:
    """The marks of a part's rows: those that are gone, and what else was said of them."""
    said: PartMarks = {}
    for row in {*before, *rows}:
        mark = before.get(row, {}).copy()
        mark.pop("gone", None)
        if row in rows:
            mark["gone"] = True
        if mark:
            said[row] = mark
    return said


def _label(tally: Counter[str]) -> str:
    said = [f"{counted(tally['moved'], 'cell')} moved"] if tally["moved"] else ["nothing had moved"]
    said += [f"{counted(tally['clashes'], 'clash', 'clashes')} with an edit"] if tally["clashes"] else []
    said += [f"{counted(tally['already'], 'edit')} there already"] if tally["already"] else []
    said += [f"{counted(tally['gone'], 'record')} gone"] if tally["gone"] else []
    return f"Read again: {', '.join(said)}"
