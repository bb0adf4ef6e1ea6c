"""Frames as a clean-up left them, written down: one step of the worksheet, and the worksheet's list of operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

from adminui.records.cleaning.base import Transformation
from adminui.services import steps
from adminui.services.bench.frames import Changed
from adminui.services.catalog import Opened
from adminui.services.marking import marked, unsettled
from adminui.services.steps import Cells, Turned, record
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet

IN_BULK: Final = frozenset({"clean", "recipe", "rearranged"})  # kinds of steps in which nobody looked at each cell


_Entry: TypeAlias = dict[str, Any]  # one of a worksheet's list of operations


def keep(
    opened: Opened,
    sheet: Worksheet,
    kind: str,
    label: str,
    changes: Iterable[Changed],
    token: UUID,
    operations: Turned | None = None,
    speaks: Iterable[str] = (),
) -> Step:
    """Make the changes as one step. `sheet` is locked, and still as it was when they were reckoned."""
    cells: dict[str, Cells] = {}
    for change in changes:
        if change.rows:
            _mark(sheet, change)
            _tell(cells.setdefault(change.field, {"rows": [], "before": [], "after": [], "words": {}}), change)
    step = record(opened, sheet, kind, label, cells=cells, token=token, operations=operations, speaks=speaks)
    if step.cells:
        steps.drop_redo(sheet, opened.user_id)
    return step


def _mark(sheet: Worksheet, change: Changed) -> None:
    place, number = (change.field, change.part), sheet.version + 1
    marks = store.marks(sheet, [place]).get(place, {})
    for at, (row, edit) in enumerate(zip(change.rows, change.after, strict=True)):
        old = marks.get(row)
        mark = unsettled(old, marked(old, edit, change.words.get(at, ""), number))
        if mark:
            marks[row] = mark
        else:
            marks.pop(row, None)
    store.keep_marks(sheet, {place: marks})


def _tell(cells: Cells, change: Changed) -> None:
    first = len(cells["rows"])
    cells["words"].update({str(first + place): words for place, words in change.words.items()})
    cells["rows"] += change.rows
    cells["before"] += change.before
    cells["after"] += change.after


def appended(sheet: Worksheet, transformations: Sequence[Transformation], labels: Sequence[str]) -> None:
    """The step about to be taken did these: they come last in the list."""
    number = sheet.version + 1
    sheet.operations = [
        *sheet.operations,
        *(entry(number, each, label) for each, label in zip(transformations, labels, strict=True)),
    ]
    save_list(sheet)


def entry(number: int, transformation: Transformation, label: str) -> dict[str, Any]:
    return {"id": uuid4().hex, "number": number, "on": True, "label": label, "step": transformation.as_data()}


def save_list(sheet: Worksheet) -> None:
    Worksheet.objects.filter(pk=sheet.pk).update(operations=sheet.operations)


def turned(sheet: Worksheet, step: Step, content: Mapping[str, Any], *, back: bool) -> None:
    """A step is taken back or done again: so is what it did to the list, but for what others did to that since."""
    held: Turned | None = content.get("operations")
    if held is not None:
        left, wanted = (held["after"], held["before"]) if back else (held["before"], held["after"])
        sheet.operations = _merged(sheet.operations, left, wanted)
        save_list(sheet)
    elif mine := [each for each in sheet.operations if each["number"] == step.number]:
        for each in mine:
            each["on"] = not back
        save_list(sheet)


def _merged(now: list[_Entry], left: list[_Entry], wanted: list[_Entry]) -> list[_Entry]:
    """The list as wanted, where it still is as it was left; entries that came since stay at its end."""
    here, there, then = ({each["id"]: each for each in entries} for entries in (now, left, wanted))
    if [name for name in here if name in there] != list(there):
        then = {name: then.get(name, each) for name, each in here.items()}  # somebody put it in another order
    kept = [here[name] if name in here and here[name] != there.get(name) else each for name, each in then.items()]
    return kept + [each for name, each in here.items() if name not in there and name not in then]
