"""The operations of a worksheet, in another order, without some, or with other parameters: what was done since it was
read is done anew. What people typed in between is a step like the others and says again what it said.

Nothing is done anew that a run or another reading has come after: its results are the baseline by now.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from adminui.planning.explain import counted
from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Transformation
from adminui.services import feeds, steps
from adminui.services.bench import replaying, writing
from adminui.services.bench.folding import column_of, pinned
from adminui.services.bench.frames import Changed, Editing, Frame, changes_between, frames
from adminui.services.bench.replaying import Difference, Stage, Staged
from adminui.services.bench.seeing import sees
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed
from adminui.services.marking import by_part
from adminui.services.sharing import Window
from adminui.services.sheet_rights import require_edit
from adminui.services.steps import Edit, Turned
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet

BARRIERS = ("applied", "refreshed")
BY_HAND = (steps.TYPED | {"import", "settled"}) - steps.TURNS
HAND = "hand-"  # what the id of a step begins with that was typed
FROZEN = "Its values were sent or read again since: it is part of what is there."
UNSEEN = "It concerns a field that you may not see; who may can rearrange it."


@dataclass(frozen=True)
class Entry:
    """One thing that was done. `asked` is None for what was typed; `frozen` says why it stays as it is."""

    id: str
    number: int
    on: bool
    label: str
    who: str
    at: datetime | None
    cells: int
    asked: Transformation | None
    frozen: str = ""


@dataclass(frozen=True)
class Rearranged:
    """What a rearrangement comes to: each entry anew, and all together; `step` when it was made."""

    entries: tuple[tuple[str, Staged | None], ...]
    difference: Difference
    label: str
    step: Step | None = None


def listed(opened: Opened, sheet: Worksheet) -> list[Entry]:
    """Everything done here, in the order in which it counts."""
    since = _barrier(sheet)
    known = {step.number: step for step in Step.objects.filter(worksheet=sheet).defer("data")}
    merged = _merged(sheet, known, _turned_later(sheet, since))
    return [_entry(opened, each, known.get(each["number"]), since) for each in merged]


def _barrier(sheet: Worksheet) -> int:
    last = Step.objects.filter(worksheet=sheet, kind__in=BARRIERS).order_by("-number").values_list("number", flat=True)
    return last.first() or 0


def _turned_later(sheet: Worksheet, since: int) -> set[int]:
    """Steps that took back, or did again, what had been sent or read again by then: they are edits like typed ones."""
    turns = Step.objects.filter(worksheet=sheet, kind__in=steps.TURNS, number__gt=since, cells__gt=0)
    return {step.number for step in turns if steps.content(step).get("of", since + 1) <= since}


def _merged(sheet: Worksheet, known: Mapping[int, Step], turned: Collection[int]) -> list[dict[str, Any]]:
    """The kept list, with what was typed since at its place."""
    merged = [dict(each) for each in sheet.operations]
    there = {each["number"] for each in merged}
    for number in sorted(known):
        step = known[number]
        typed = (step.kind in BY_HAND or number in turned) and step.cells and not step.dropped
        if typed and number not in there:
            place = next((at for at in range(len(merged), 0, -1) if merged[at - 1]["number"] < number), 0)
            merged.insert(place, {"id": f"{HAND}{number}", "number": number, "on": not step.undone})
    return merged


def _entry(opened: Opened, held: Mapping[str, Any], step: Step | None, since: int) -> Entry:
    asked = Transformation.from_data(held["step"]) if "step" in held else None
    label = held["label"] if asked else _called(opened, step) if step else ""
    frozen = FROZEN if held["number"] <= since else ""
    if label == feeds.UNTOLD or (asked is not None and not sees(opened, asked)):
        asked, label, frozen = None, feeds.UNTOLD, UNSEEN
    who, at, cells = (step.user_name, step.at, step.cells) if step else ("", None, 0)
    return Entry(held["id"], held["number"], held["on"], label, who, at, cells, asked, frozen)


def _called(opened: Opened, step: Step) -> str:
    label = feeds.label(opened, step)
    done = {"undo": "Undid", "redo": "Did again"}.get(step.kind)
    return f"{done}: {label}" if done and label != feeds.UNTOLD else label


def wanted_from(data: Any) -> list[tuple[str, bool, Transformation | None]]:
    """What the page asks for: [{"id", "on", "step"?}], in order. Raises BadInput."""
    if not isinstance(data, list) or not all(isinstance(each, dict) and "id" in each for each in data):
        raise BadInput("The list of operations cannot be read.", "Reload the page.")
    try:
        return [
            (str(each["id"]), each.get("on") is not False, Transformation.from_data(each["step"]))
            if each.get("step") is not None
            else (str(each["id"]), each.get("on") is not False, None)
            for each in data
        ]
    except Invalid as error:
        raise BadInput(str(error)) from None


@transaction.atomic
def rearrange(
    opened: Opened,
    sheet: Worksheet,
    wanted: Sequence[tuple[str, bool, Transformation | None]],
    token: UUID | None = None,
    window: Window | None = None,
) -> Rearranged:
    """Do everything anew, as wanted: with a token as one step, without one to be looked at."""
    require_edit(opened, sheet)
    held = store.locked(sheet) if token else Worksheet.objects.get(pk=sheet.pk)
    if token and (step := Step.objects.filter(worksheet=held, token=token).first()):
        return Rearranged((), Difference(step.cells, 0, ()), step.label, step)
    plan = _Plan(opened, held, wanted)
    before, after, staged = plan.played()
    changes = list(changes_between(opened.resource, before, after))
    plan.require_own(changes)
    found = replaying.difference(opened, held, changes, window)
    label = f"Rearranged {counted(len(plan.changed), 'operation')}: {counted(found.cells, 'cell')}"
    told = Rearranged(staged, found, f"{label} in {counted(found.rows, 'row')}")
    if token is None or not (plan.changed or found.cells):
        return told
    turned = plan.turned(staged)
    held.operations = turned["after"]
    writing.save_list(held)
    step = writing.keep(opened, held, "rearranged", told.label, changes, token, turned)
    sheet.version, sheet.operations = held.version, held.operations
    return replace(told, step=step)


class _Plan:
    """What is wanted, held against what there is. Raises BadInput where that cannot be."""

    def __init__(
        self, opened: Opened, sheet: Worksheet, wanted: Sequence[tuple[str, bool, Transformation | None]]
    ) -> None:
        self.opened, self.sheet, self.since = opened, sheet, _barrier(sheet)
        self.there = {entry.id: entry for entry in listed(opened, sheet)}
        settled = Step.objects.filter(worksheet=sheet, kind="settled").values_list("number", flat=True)
        self.settled = {f"{HAND}{number}" for number in settled}
        if sorted(self.there) != sorted(each[0] for each in wanted):
            raise BadInput("Somebody did something in this worksheet meanwhile.", "Look at the list again.")
        self.entries = [self._wished(*each) for each in wanted]
        if any(entry.frozen and entry.number > self.since for entry in self.there.values()):
            raise NotAllowed("Some of what was done here concerns fields that you may not see.", "Ask who may.")
        frozen = [entry.id for entry in self.there.values() if entry.frozen]
        if [entry.id for entry in self.entries][: len(frozen)] != frozen:
            raise BadInput("What was sent or read again since stays where it is.")
        order = {name: at for at, name in enumerate(self.there)}
        still = _in_order([order[each.id] for each in self.entries])
        self.changed = [each for each in self.entries if each != self.there[each.id] or order[each.id] not in still]

    def _wished(self, name: str, on: bool, asked: Transformation | None) -> Entry:
        held = self.there[name]
        if name in self.settled and on != held.on:
            raise BadInput(f"“{held.label}” stays as it is.", "Settle such cells in the grid.")
        asked = asked if asked is None or held.asked is None else pinned(self.opened, self.sheet, asked)
        wished = replace(held, on=on, asked=asked if asked is not None and held.asked is not None else held.asked)
        if held.frozen and wished != held:
            raise BadInput(f"“{held.label}” stays as it is. {held.frozen}")
        return wished

    def require_own(self, changes: Sequence[Changed]) -> None:
        """What comes out otherwise has to be the person's to edit; what nobody can send may be taken back."""
        for change in changes:
            field, whole = (each.by_name[change.field] for each in (self.opened.resource, self.opened.whole))
            dropping = not whole.editable and all(edit is False for edit in change.after)
            if change.rows and not (field.editable or dropping):
                words = f"This would change {field.label}, which you may not edit."
                raise NotAllowed(words, "Ask who may to rearrange the list.")

    def played(self) -> tuple[list[Frame], list[Frame], tuple[tuple[str, Staged | None], ...]]:
        """The frames as they are, as they would be, and what became of each operation."""
        doing = [entry for entry in self.entries if entry.on and not entry.frozen]
        stages = {e.id: replaying.stage(self.opened, self.sheet, e.asked) for e in doing if e.asked is not None}
        contents = dict(self._contents())
        names = dict.fromkeys(name for content in contents.values() for name in content)
        if not names.keys() <= {field.name for field in self.opened.resource.visible}:
            raise NotAllowed("Some of what was done here concerns fields that you may not see.", "Ask who may.")
        fields = [column_of(self.opened, name) for name in names]
        needed = [field for field in replaying.needed(stages.values()) if field.name not in names]
        before = frames(self.sheet, range(self.sheet.rows), [*fields, *needed])
        after = [frame.copy() for frame in before]
        self._restore(after, contents)
        return before, after, tuple((entry.id, self._play(entry, stages, contents, after)) for entry in doing)

    def _contents(self) -> Iterator[tuple[int, Mapping[str, steps.Cells]]]:
        later = Step.objects.filter(worksheet=self.sheet, number__gt=self.since).order_by("number")
        return ((step.number, steps.content(step)["cells"]) for step in later)

    def _restore(self, held: Sequence[Frame], contents: Mapping[int, Mapping[str, steps.Cells]]) -> None:
        """As everything was before the first step since the barrier."""
        first: dict[str, dict[int, Edit]] = {}
        for content in contents.values():
            for name, cells in content.items():
                found = first.setdefault(name, {})
                for row, edit in zip(cells["rows"], cells["before"], strict=True):
                    found.setdefault(row, edit)
        for name, edits in first.items():
            self._put(held, name, list(edits), list(edits.values()))

    def _put(self, held: Sequence[Frame], name: str, rows: Sequence[int], edits: Sequence[Edit]) -> None:
        by_number = {frame.part: frame for frame in held}
        for part, places in by_part(rows).items():
            frame = by_number[part]
            editing = Editing(self.opened.resource, frame.columns[name])
            for at in places:
                editing.put(rows[at] - frame.rows[0], edits[at])
            frame.columns[name] = editing.column

    def _play(
        self,
        entry: Entry,
        stages: Mapping[str, Stage],
        contents: Mapping[int, Mapping[str, steps.Cells]],
        held: Sequence[Frame],
    ) -> Staged | None:
        if entry.id in stages:
            return replaying.play(stages[entry.id], held, self.sheet)
        for name, cells in contents[entry.number].items():
            self._put(held, name, cells["rows"], cells["after"])
        return None

    def turned(self, staged: Sequence[tuple[str, Staged | None]]) -> Turned:
        """The list as it was and as it will be."""
        kept = {each["id"]: each for each in self.sheet.operations}
        labels = {name: each.cleaned.label for name, each in staged if each is not None and each.cleaned is not None}
        after = [
            kept[entry.id] if entry.frozen and entry.id in kept else _kept(entry, labels.get(entry.id, entry.label))
            for entry in self.entries
        ]
        return {"before": self.sheet.operations, "after": after}


def _in_order(places: Sequence[int]) -> set[int]:
    """A longest run of them that ascends: the others were moved past it."""
    runs: list[list[int]] = []  # of each length, the one that ends lowest
    for place in places:
        at = bisect_left(runs, place, key=lambda run: run[-1])
        runs[at : at + 1] = [[*(runs[at - 1] if at else ()), place]]
    return set(runs[-1]) if runs else set()


def _kept(entry: Entry, label: str) -> dict[str, Any]:
    held = {"id": entry.id, "number": entry.number, "on": entry.on}
    return held if entry.asked is None else {**held, "label": label, "step": entry.asked.as_data()}
