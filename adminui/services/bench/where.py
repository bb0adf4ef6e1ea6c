"""In which rows facets hold: what a clean-up is limited by, and what the facets beside the grid are counted by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any, Final

from adminui.planning.outcomes import TO_FIX
from adminui.records.casting import Invalid
from adminui.records.cleaning import facets
from adminui.records.cleaning.facets import Facet
from adminui.records.cleaning.ranges import Flags
from adminui.records.schema import Field
from adminui.records.values import MaybeValue
from adminui.services.bench import ruling
from adminui.services.bench.frames import Frame, input_of
from adminui.services.catalog import Opened
from adminui.services.current import Column
from adminui.services.errors import BadInput
from adminui.services.statistics import field_named, key_of
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

Where = Sequence[Mapping[str, Any]]
Likeness = Callable[[Sequence[MaybeValue]], Sequence[Hashable | None]]
MOST_FACETS: Final = 50
STATES: Final[Mapping[str, Callable[[store.Mark], bool]]] = {
    "changed": lambda mark: "e" in mark,
    "invalid": lambda mark: "w" in mark,
    "failed": lambda mark: "e" in mark and mark.get("o") in TO_FIX,
    "clash": lambda mark: "c" in mark,
    "moved": lambda mark: "t" in mark and "c" not in mark and "e" not in mark,
}
STATE_NAMES: Final = (*STATES, "unchanged")


def needs(where: Where) -> set[str]:
    """The fields whose columns have to be there. Raises BadInput."""
    return {name for facet in where for name in _reads(facet)}


def holding(opened: Opened, frames: Sequence[Frame], where: Where) -> list[bytes]:
    """For each frame a byte, 0 or 1, for each of its rows: whether all facets hold. Duplicates are those among the
    rows of all frames. Raises BadInput for a facet that makes no sense.
    """
    masks = masks_of(opened, frames, where)
    return [together(len(frame.rows), (each[place] for each in masks)) for place, frame in enumerate(frames)]


def masks_of(opened: Opened, frames: Sequence[Frame], where: Where) -> list[list[bytes] | list[None]]:
    """For each facet what `holding` tells of it alone; None for each frame where it lets everything through."""
    if len(where) > MOST_FACETS:
        raise BadInput(f"At most {MOST_FACETS} facets at once.")
    return [_masks(opened, frames, facet) for facet in where]


def together(rows: int, masks: Iterable[bytes | None]) -> bytes:
    """Rows that all of these masks let through."""
    held = [mask for mask in masks if mask is not None]
    if len(held) <= 1:
        return held[0] if held else b"\1" * rows
    both = int.from_bytes(held[0], "little")
    for mask in held[1:]:
        both &= int.from_bytes(mask, "little")
    return both.to_bytes(rows, "little")


def _masks(opened: Opened, frames: Sequence[Frame], facet: Facet) -> list[bytes] | list[None]:
    try:
        if facet.get("facet") == "state":
            return _by_state(opened, frames, facet)
        if facet.get("facet") == "rule":
            return _by_rule(opened, frames, facet)
        field = field_named(opened, _text(facet, "field"))
        flags = _flags(frames, facet, field)
    except Invalid as error:
        raise BadInput(str(error)) from error
    if flags is None:
        return [None] * len(frames)
    return [mask(frame.columns[field.name], flags) for frame in frames]


def _flags(frames: Sequence[Frame], facet: Facet, field: Field) -> Flags | None:
    if facet.get("facet") == "text":
        return facets.by_value(facet, field, key_of)
    if facet.get("facet") == "duplicate":
        return _duplicates(frames, facet, field)
    return facets.flags_of(facet, field)


def shown(column: Column) -> Sequence[MaybeValue]:
    """The values of a column as facets see them: an edit that cannot be sent as it was typed."""
    if not any(not edit.valid for edit in column.edits.values()):
        return column.values
    values = list(column.values)
    for code in column.edits:
        values[code] = input_of(column, code)
    return values


def mask(column: Column, flags: Flags) -> bytes:
    """A byte for each row of the column."""
    return spread(column.codes, flags(shown(column)))


def spread(codes: Sequence[int], each: bytes) -> bytes:
    """A byte per value made a byte per row."""
    if codes == range(len(each)):
        return each
    if len(each) <= 256:
        return bytes(codes).translate(each.ljust(256, b"\0"))
    return bytes(map(each.__getitem__, codes))


# Duplicates


def _duplicates(frames: Sequence[Frame], facet: Facet, field: Field) -> Flags | None:
    wanted = set(facets.chosen(facet, "in", facets.LIKENESS))
    likeness = facets.likenesses_of(facet, field)
    if not wanted:
        return None
    counts = likes(frames, field, likeness)

    def flags(values: Sequence[MaybeValue]) -> bytes:
        return bytes(
            like is not None and ("duplicate" if counts[like] > 1 else "unique") in wanted for like in likeness(values)
        )

    return facets.turned(facet, flags)


def likes(frames: Sequence[Frame], field: Field, likeness: Likeness) -> Counter[Any]:
    """In how many rows each likeness stands."""
    columns = [frame.columns[field.name] for frame in frames]
    return tally(((column.codes, shown(column), None) for column in columns), likeness)


def tally(
    columns: Iterable[tuple[Sequence[int], Sequence[MaybeValue], bytes | None]],
    told: Callable[[Sequence[MaybeValue]], Sequence[Any]],
) -> Counter[Any]:
    """In how many rows each thing stands that is told of their values: codes, values, and a mask of the rows meant."""
    counts: Counter[Any] = Counter()
    for codes, values, mask in columns:
        if len(values) * 2 > len(codes):
            each: Iterable[Any] = told(values) if isinstance(codes, range) else map(told(values).__getitem__, codes)
            counts.update(each if mask is None else compress(each, mask))
            continue
        by_code = Counter(codes if mask is None else compress(codes, mask))
        for thing, rows in zip(told([values[code] for code in by_code]), by_code.values(), strict=True):
            counts[thing] += rows
    return counts


# States


def _by_state(opened: Opened, frames: Sequence[Frame], facet: Facet) -> list[bytes] | list[None]:
    wanted = set(facets.chosen(facet, "in", STATE_NAMES))
    if not wanted:
        return [None] * len(frames)
    states = rows_in_states(opened, frames, facet)
    turned = facet.get("not")
    found: list[bytes] = []
    for frame in frames:
        rows: set[int] = set().union(*(states[word] for word in wanted & STATES.keys()))
        within = bytearray(row in rows for row in frame.rows)
        if "unchanged" in wanted:
            changed = states["changed"]
            within = bytearray(a or row not in changed for a, row in zip(within, frame.rows, strict=True))
        found.append(bytes(within.translate(_OTHER)) if turned else bytes(within))
    return found


_OTHER: Final = bytes([1, 0]) + bytes(254)


def rows_in_states(opened: Opened, frames: Sequence[Frame], facet: Facet) -> dict[str, set[int]]:
    """The rows that are changed, invalid and so on: in this field, or in any that the person may see."""
    name = _text(facet, "field", "")
    fields = [field_named(opened, name)] if name else opened.resource.visible
    found: dict[str, set[int]] = {word: set() for word in STATES}
    for marks in _marks(frames, [field.name for field in fields]):
        for word, holds in STATES.items():
            found[word].update(row for row, mark in marks.items() if holds(mark))
    return found


def _marks(frames: Sequence[Frame], names: Sequence[str]) -> Iterable[store.PartMarks]:
    if not frames:
        return []
    sheet: Worksheet = frames[0].sheet
    wanted = [(name, frame.part) for name in names for frame in frames]
    return store.marks(sheet, wanted).values()


# What is asked of a facet


def _text(facet: Facet, name: str, otherwise: str | None = None) -> str:
    value = facet.get(name, otherwise)
    if not isinstance(value, str):
        raise BadInput("A facet does not say which field it is of.", "Remove it and add it again.")
    return value


def _reads(facet: Facet) -> Iterable[str]:
    if facet.get("facet") == "state":
        return ()
    if facet.get("facet") == "rule":
        return ruling.reads(facet.get("rule"))
    return (_text(facet, "field"),)


def _by_rule(opened: Opened, frames: Sequence[Frame], facet: Facet) -> list[bytes]:
    masks = ruling.masks(opened, frames, facet.get("rule"))
    return [mask.translate(_OTHER) for mask in masks] if facet.get("not") else masks
