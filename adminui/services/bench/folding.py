"""What a transformation makes of the rows of some frames: the one evaluator behind previews, steps and recipes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, compress
from typing import Any, Final, NamedTuple

from adminui.records.casting import Invalid, is_plain
from adminui.records.cleaning.base import Doing, Given, Making, Skipped, Transform, Transformation
from adminui.records.cleaning.formula.lookup import field_called
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.records.schema import TEXTUAL, Field
from adminui.records.values import MaybeValue, readable, same
from adminui.services.bench import where
from adminui.services.bench.frames import Editing, Frame, edit_of, edited, input_of, inputs_of
from adminui.services.bench.frames import frames as frames_of
from adminui.services.catalog import Opened
from adminui.services.current import Column
from adminui.services.errors import BadInput
from adminui.services.fates import Fate
from adminui.services.marking import typed
from adminui.services.scope import parts_of, ranges_of, rows_in
from adminui.services.statistics import field_named
from adminui.services.steps import Edit
from adminui.worksheets.models import Worksheet


class Came(NamedTuple):
    """What becomes of one cell: `text` as it came out, `edit` as it is kept where it is written. `plain`: text of a
    text field that is kept as it is.
    """

    fate: Fate
    text: str | None = None
    edit: Edit = False
    words: str = ""
    plain: bool = False


LEFT_OUT: Final = Came(Fate.LEFT_OUT, words="is left out by the condition")
_UNTICKED: Final = Came(Fate.SKIPPED, words="was taken out by hand")
_ALREADY: Final = Came(Fate.ALREADY)
Folded = dict[str, list[list[Came]]]  # field → for each frame, for each of its rows


class Ready:
    """A transformation that makes sense here, ready to be done. Raises BadInput, naming the parameter at fault."""

    def __init__(self, opened: Opened, asked: Transformation) -> None:
        self.opened, self.asked = opened, asked
        self.transform = _transform(asked.name)
        self.fields = [_target(opened, self.transform, name) for name in asked.fields]
        try:
            self.params = self.transform.checked(asked.params)
            self.doings = [self._doing(field, place) for place, field in enumerate(self.fields)]
            self.reads = [field_called(opened.resource, name) for name in self.transform.reads(self.params)]
        except Invalid as error:
            raise BadInput(str(error)) from error
        self.needs = self._needs()

    def _doing(self, field: Field, place: int) -> Doing:
        return self.transform.make(Making(self.opened.resource, field, place, self.params))

    def _needs(self) -> list[Field]:
        """Every column that has to be there."""
        asked = where.needs(self.asked.where)
        names = [f.name for f in (*self.fields, *self.reads)] + sorted(asked)
        names += [self.opened.resource.id_field] if any(self.asked.but.values()) else []
        return [column_of(self.opened, name) for name in dict.fromkeys(names)]

    @property
    def words(self) -> str:
        """What the step is called, but for its rows."""
        labels = [field.label for field in self.fields]
        named = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
        return self.transform.words(named if len(labels) <= 4 else f"{len(labels)} fields", self._spoken())

    def _spoken(self) -> dict[str, Any]:
        """The parameters as people call them: fields and choices by their labels."""
        known = self.opened.resource.by_name
        choices = {str(choice.value): choice.label for field in self.fields for choice in field.choices}
        spoken = dict(self.params)
        for param in self.transform.params:
            value = self.params[param.name]
            if param.kind == "field" and value in known:
                spoken[param.name] = known[value].label
            elif param.kind == "fields":
                spoken[param.name] = [known[name].label if name in known else name for name in value]
            elif param.name == "value":
                spoken[param.name] = choices.get(value, value)
        return spoken


def column_of(opened: Opened, name: str) -> Field:
    """A field to read: an edit of somebody who may edit it is one, whoever looks. Raises BadInput."""
    field, whole = field_named(opened, name), opened.whole.by_name[name]
    return field if field.read_only == whole.read_only else replace(field, read_only=whole.read_only)


def pinned(opened: Opened, sheet: Worksheet, asked: Transformation) -> Transformation:
    """With the rows that are in these states now instead of the states: done anew it means the same rows."""
    states = [facet for facet in asked.where if facet.get("facet") == "state"]
    if not states:
        return asked
    held = frames_of(sheet, rows_meant(sheet, asked), [])
    masks = where.holding(opened, held, states)
    rows = chain.from_iterable(compress(frame.rows, mask) for frame, mask in zip(held, masks, strict=True))
    others = tuple(facet for facet in asked.where if facet.get("facet") != "state")
    return replace(asked, where=others, rows=ranges_of(rows))


def _transform(name: str) -> Transform:
    if name not in TRANSFORMS:
        raise BadInput(f"There is no clean-up “{readable(name[:40])}”.", "Reload the page and choose it again.")
    return TRANSFORMS[name]


def _target(opened: Opened, transform: Transform, name: str) -> Field:
    field = field_named(opened, name)
    if not field.editable or field.name == opened.resource.id_field:
        raise BadInput(f"{field.label} cannot be changed here.")
    if not transform.fits(field):
        raise BadInput(f"“{transform.label}” is nothing for {field.label}.")
    return field


def rows_meant(sheet: Worksheet, asked: Transformation) -> Sequence[int]:
    return rows_in(sheet, None if asked.rows is None else {"rows": asked.rows})


def fold(ready: Ready, frames: Sequence[Frame], sheet: Worksheet) -> Folded:
    """Do it to the frames, whose columns are as it leaves them afterwards; and what became of every row."""
    folded = judged(ready, frames, sheet)
    for name, columns in folded.items():  # after all fields: what one reads is what stood there before the step
        for frame, each in zip(frames, columns, strict=True):
            frame.columns[name] = _written(ready, frame.columns[name], each)
    return folded


def judged(ready: Ready, frames: Sequence[Frame], sheet: Worksheet) -> Folded:
    """What becomes of every row of these frames, which stay as they are."""
    meant = _meant(ready, frames, sheet)
    left = [_unticked(ready, frame) for frame in frames]
    folded: Folded = {}
    for field, doing in zip(ready.fields, ready.doings, strict=True):
        judge = _Judge(ready, field, doing)
        came = [judge.frame(frame, mask) for frame, mask in zip(frames, meant, strict=True)]
        for each, unticked in zip(came, left, strict=True):
            for offset in unticked.get(field.name, ()):
                each[offset] = _UNTICKED if each[offset].fate >= Fate.CHANGED else each[offset]
        folded[field.name] = came
    return folded


def _meant(ready: Ready, frames: Sequence[Frame], sheet: Worksheet) -> list[bytes]:
    """For each frame a byte per row: whether the facets hold and the row is among those chosen."""
    rows = rows_meant(sheet, ready.asked)
    chosen = [_chosen(frame, rows, whole=ready.asked.rows is None) for frame in frames]
    if not ready.asked.where:
        return chosen
    holding = where.holding(ready.opened, frames, ready.asked.where)
    return [bytes(map(int.__and__, a, b)) for a, b in zip(chosen, holding, strict=True)]


def _chosen(frame: Frame, rows: Sequence[int], *, whole: bool) -> bytes:
    if whole:
        return b"\1" * len(frame.rows)
    first, last = frame.rows[0], frame.rows[-1] + 1
    among = {row for each in parts_of(rows, first, last) for row in each}
    return bytes(row in among for row in frame.rows)


def _unticked(ready: Ready, frame: Frame) -> Mapping[str, Iterable[int]]:
    if not any(ready.asked.but.values()):
        return {}
    ids = frame.columns[ready.opened.resource.id_field]
    held = [str(ids.values[code]) for code in ids.codes]
    without = {name: set(listed) for name, listed in ready.asked.but.items()}
    return {name: [at for at, each in enumerate(held) if each in listed] for name, listed in without.items()}


def _written(ready: Ready, column: Column, came: Sequence[Came]) -> Column:
    """The column with what was done to it; itself where nothing was."""
    changed = written(ready, came)
    if not changed:
        return column
    editing = Editing(ready.opened.resource, column)
    for at in changed:
        editing.put(at, came[at].edit, plain=came[at].plain)
    return editing.column


def written(ready: Ready, came: Sequence[Came]) -> list[int]:
    """The places of the cells that get another edit."""
    if ready.transform.keeps_invalid:
        return [at for at, each in enumerate(came) if each.fate >= Fate.CHANGED]
    changed = Fate.CHANGED
    return [at for at, each in enumerate(came) if each.fate is changed]


class _Judge:
    """What becomes of the cells of one field: each distinct value, with what is read beside it, is judged once."""

    def __init__(self, ready: Ready, field: Field, doing: Doing) -> None:
        self.resource, self.field, self.doing = ready.opened.resource, field, doing
        self.reads, self.carries = [each.name for each in ready.reads], ready.transform.carries
        self.textual, self.skips = field.kind in TEXTUAL, dict[str, Came]()

    def frame(self, frame: Frame, mask: bytes) -> list[Came]:
        column, others = frame.columns[self.field.name], [frame.columns[name] for name in self.reads]
        if self.carries:
            return list(self._each(column, others, mask))
        if others:
            return self._beside(column, others, mask)
        whole = 0 not in mask
        codes = set(column.codes) if whole else {c for c, meant in zip(column.codes, mask, strict=True) if meant}
        held = inputs_of(column)
        known = {code: self.came(column, code, held[code], ()) for code in codes}
        if whole:
            return [known[code] for code in column.codes]
        return [known[code] if meant else LEFT_OUT for code, meant in zip(column.codes, mask, strict=True)]

    def _beside(self, column: Column, others: Sequence[Column], mask: bytes) -> list[Came]:
        known: dict[tuple[int, ...], Came] = {}
        came: list[Came] = []
        held, inputs = inputs_of(column), [inputs_of(other) for other in others]
        for meant, key in zip(mask, zip(column.codes, *(other.codes for other in others), strict=True), strict=True):
            if not meant:
                came.append(LEFT_OUT)
                continue
            found = known.get(key)
            if found is None:
                beside = [values[code] for values, code in zip(inputs, key[1:], strict=True)]
                found = known[key] = self.came(column, key[0], held[key[0]], beside)
            came.append(found)
        return came

    def _each(self, column: Column, others: Sequence[Column], mask: bytes) -> Iterator[Came]:
        for at, (meant, code) in enumerate(zip(mask, column.codes, strict=True)):
            beside = [input_of(other, other.codes[at]) for other in others]
            yield self.came(column, code, input_of(column, code), beside) if meant else LEFT_OUT

    def came(self, column: Column, code: int, held: MaybeValue, beside: Sequence[MaybeValue]) -> Came:
        given = self.doing(held, beside)
        if isinstance(given, Skipped):
            return self._skipped(given.words)
        if not self.textual or code in column.edits or not isinstance(held, str):
            return self._judged(column, code, given)
        text = given.text
        if text == held:
            return _ALREADY
        if text is not None and is_plain(self.field, text, held):
            return Came(Fate.CHANGED, text, text, given.note, True)
        return self._judged(column, code, given)

    def _skipped(self, words: str) -> Came:
        found = self.skips.get(words)
        if found is None:
            found = self.skips[words] = Came(Fate.SKIPPED, words=words)
        return found

    def _judged(self, column: Column, code: int, given: Given) -> Came:
        base = column.base(code)
        after, words = typed(self.resource, self.field.name, base, given.text)
        if words:
            unchanged = edit_of(column, code) == given.text
            return _ALREADY if unchanged else Came(Fate.INVALID, given.text, given.text, words)
        if self._is_there(column, code, after):
            return _ALREADY
        return Came(Fate.CHANGED, given.text, after, given.note)

    def _is_there(self, column: Column, code: int, after: Edit) -> bool:
        edit = column.edits.get(code)
        if edit is None or after is False:
            return edit is None and after is False
        return edit.valid and same(self.field, column.values[code], edited(self.field, edit.base, after)[0])
