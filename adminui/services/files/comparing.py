"""A file's cells beside what a worksheet's records hold: what would become pending, and what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from itertools import islice
from typing import Final, TypeAlias

from adminui.records.casting import Invalid, cast, to_text
from adminui.records.packing import PART, Packed
from adminui.records.schema import Field
from adminui.records.tables import damage
from adminui.records.tables.columns import Fate, Judge, Policy, Verdict, as_written
from adminui.records.tables.damage import Sign
from adminui.records.tables.reading import Table
from adminui.records.tables.versions import Version
from adminui.records.values import MISSING, MaybeValue, Value
from adminui.services.catalog import Opened
from adminui.services.files.choices import Choices, version_place
from adminui.services.files.matching import Keyed, Left
from adminui.services.steps import Edit
from adminui.services.uncollected import nothing_collected
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

TELLING: Final = 2_000  # distinct cells that say how a column is to be read
KNOWN: Final = 200_000  # distinct (value, cell) whose fate is remembered
TAKEN: Final = (Fate.EDIT, Fate.INVALID)


@dataclass
class ColumnCount:
    """What the cells of one column come to."""

    place: int
    name: str
    field: Field
    blank: int = 0
    fates: Counter[Fate] = made(default_factory=Counter)
    signs: Counter[Sign] = made(default_factory=Counter)  # of what is damaged, or looks it
    policy: Policy = made(default_factory=Policy)


@dataclass(frozen=True)
class Cell:
    """A cell that is not as the record has it: its place in the file, row in the worksheet, and what it comes to."""

    place: int
    row: int
    column: int
    text: str | None
    base: MaybeValue
    verdict: Verdict


@dataclass
class Compared:
    """What a file comes to. `taken` is what would be typed; `told` all cells that somebody should know of."""

    rows: int
    matched: int
    columns: list[ColumnCount]
    left: dict[int, tuple[Left, str]]  # rows (places) left out
    taken: dict[str, tuple[list[int], list[Edit]]] = made(default_factory=dict)
    told: list[Cell] = made(default_factory=list)
    changed_since: set[int] = made(default_factory=set)  # places whose record is another than when it was exported
    clashing: set[int] = made(default_factory=set)  # of these, whose edited cells are others now
    theirs: int = 0  # cells nobody touched in the file, which are others at the API now
    unchanged: int = 0  # rows
    versions: bool = False

    @property
    def pending(self) -> int:
        return sum(len(rows) for rows, _ in self.taken.values())

    @property
    def edited_rows(self) -> int:
        return len(set().union(*(rows for rows, _ in self.taken.values()))) if self.taken else 0

    def counted(self, fate: Fate) -> int:
        return sum(column.fates[fate] for column in self.columns)

    def why_left(self) -> Counter[Left]:
        return Counter(why for why, _ in self.left.values())


_Spot: TypeAlias = tuple[int, int]  # place in the file, row in the worksheet


@nothing_collected()
def compare(opened: Opened, sheet: Worksheet, table: Table, choices: Choices, keyed: Keyed) -> Compared:
    """Each mapped column beside the worksheet's baseline. Nothing is written."""
    spots, left = _spots(opened, sheet, table, keyed)
    counts = [
        ColumnCount(place, table.names[place], opened.resource.by_name[each.field])
        for place, each in choices.mapped().items()
    ]
    for count in counts:
        count.blank = table.cells[count.place].count("")
    found = Compared(len(table), sum(map(len, spots.values())), counts, left)
    run = _Run(opened, sheet, table, choices, found)
    for part, here in spots.items():
        run.part(part, here)
    found.unchanged = found.matched - len(run.touched)
    return found


def _spots(
    opened: Opened, sheet: Worksheet, table: Table, keyed: Keyed
) -> tuple[dict[int, list[_Spot]], dict[int, tuple[Left, str]]]:
    """The rows found, by part, and those left out."""
    at = store.rows_of(sheet, opened.whole.id_field, keyed.ids.values())
    left = dict(keyed.left)
    spots: dict[int, list[_Spot]] = {}
    for place, record_id in keyed.ids.items():
        row = at.get(str(record_id))
        if row is None:
            left[place] = (Left.UNMATCHED, f"{opened.resource.singular} {record_id} is not there")
        else:
            spots.setdefault(row // PART, []).append((place, row))
    return spots, left


class _Run:
    """Part by part; what is known of a value and a cell is kept for the next part."""

    def __init__(self, opened: Opened, sheet: Worksheet, table: Table, choices: Choices, found: Compared) -> None:
        self.opened, self.sheet, self.table, self.choices, self.found = opened, sheet, table, choices, found
        self.version = version_place(table)
        found.versions = self.version is not None
        self.judges: dict[int, Judge] = {}
        self.known: dict[int, dict[tuple[str, str | None], Verdict]] = {}
        self.touched: set[int] = set()

    def part(self, part: int, spots: list[_Spot]) -> None:
        names = {count.field.name for count in self.found.columns}
        if self.version is not None:  # what was exported is known as a whole
            names |= {f.name for f in self.opened.resource.visible}
        held = store.columns(self.sheet, list(names), part)
        if not self.judges:
            self._learn(part, spots, held)
        marks = store.marks(self.sheet, [(count.field.name, part) for count in self.found.columns])
        cells = [cell for count in self.found.columns for cell in self._column(count, held[count.field.name], spots)]
        cells = [cell for cell in cells if not self._pending(cell, marks.get((self._count(cell).field.name, part), {}))]
        if self.version is not None:
            cells = self._since(held, part * PART, cells)
        self._take(cells)

    def _learn(self, part: int, spots: list[_Spot], held: Mapping[str, Packed]) -> None:
        """How each column is to be read, told by what the first part differs in."""
        for count in self.found.columns:
            column, cells = held[count.field.name], self.table.cells[count.place]
            values = [to_text(count.field, value) for value in islice(column.values, TELLING)]
            few = spots[:TELLING]
            pairs = {(to_text(count.field, column[row - part * PART]), cells[place] or "") for place, row in few}
            differing = set(islice(((text, cell) for text, cell in pairs if cell and text != cell), TELLING))
            filled = {value for value in values if value}
            count.policy = self.choices.policy(count.place, damage.reading_of(count.field, differing, filled))
            self.judges[count.place] = Judge(self.opened.resource, count.field.name, count.policy)
            self.known[count.place] = {}

    def _column(self, count: ColumnCount, held: Packed, spots: list[_Spot]) -> Iterator[Cell]:
        """The cells that are not as they would be written."""
        cells, codes, first = self.table.cells[count.place], held.codes, spots[0][1] // PART * PART
        texts = as_written(count.field, held.values, count.policy)
        differing = [(place, row) for place, row in spots if cells[place] != texts[codes[row - first]]]
        count.fates[Fate.SAME] += len(spots) - len(differing)
        for place, row in differing:
            base = held.values[codes[row - first]]
            verdict = self._verdict(count, base, cells[place])
            count.fates[verdict.fate] += 1
            if verdict.sign:
                count.signs[verdict.sign] += 1
            if verdict.fate not in (Fate.SAME, Fate.KEPT):
                yield Cell(place, row, count.place, cells[place], base, verdict)

    def _verdict(self, count: ColumnCount, base: MaybeValue, text: str | None) -> Verdict:
        known = self.known[count.place]
        key = (repr(base), text)
        if key not in known:
            if len(known) > KNOWN:
                known.clear()
            known[key] = self.judges[count.place].of(base, text)
        return known[key]

    def _pending(self, cell: Cell, marks: store.PartMarks) -> bool:
        """Whether this very edit is pending already: then nothing is to be typed, and nothing to be told."""
        mark = marks.get(cell.row, {})
        same = cell.verdict.fate in TAKEN and "e" in mark and mark["e"] == cell.verdict.edit
        if same:
            self._recount(cell, Fate.SAME)
        return same

    def _since(self, held: Mapping[str, Packed], first: int, cells: list[Cell]) -> list[Cell]:
        """Without the cells that somebody else changed since, and nobody in the file."""
        changed = self._changed(held, first, cells)
        kept: list[Cell] = []
        for cell in cells:
            version = changed.get(cell.place)
            field = self._count(cell).field
            if version is None or cell.verdict.fate is Fate.READ_ONLY or version.held(field, cell.base):
                kept.append(cell)
            elif cell.verdict.fate in TAKEN and self._untouched(version, field, cell):
                self._recount(cell, Fate.KEPT)
                self.found.theirs += 1
            else:
                kept.append(cell)
                self.found.clashing |= {cell.place} if cell.verdict.fate in TAKEN else set()
        return kept

    def _changed(self, held: Mapping[str, Packed], first: int, cells: list[Cell]) -> dict[int, Version]:
        """Of rows that are not as the file has them, those whose record is another than it was when it was exported,
        or of which that cannot be told. Where all cells are as exported, nothing of the record matters here.
        """
        said, resource = self.table.cells[self.version or 0], self.opened.resource
        found: dict[int, Version] = {}
        for place, row in {cell.place: cell.row for cell in cells}.items():
            version = Version.parse(said[place] or "")
            if version is None:
                continue
            saw = version.saw(resource)
            if not (saw and version.record_is(resource, _record(held, row - first))):
                found[place] = version
                self.found.changed_since |= {place} if saw else set()
        return found

    def _untouched(self, version: Version, field: Field, cell: Cell) -> bool:
        """Whether the cell says what was exported."""
        if cell.verdict.edit is None:
            return version.held(field, None) or version.held(field, MISSING)
        try:
            return version.held(field, cast(field, cell.verdict.edit, cell.base))
        except Invalid:
            return version.held(field, cell.verdict.edit)

    def _count(self, cell: Cell) -> ColumnCount:
        return next(count for count in self.found.columns if count.place == cell.column)

    def _recount(self, cell: Cell, fate: Fate) -> None:
        fates = self._count(cell).fates
        fates[cell.verdict.fate] -= 1
        fates[fate] += 1

    def _take(self, cells: Sequence[Cell]) -> None:
        leave = set() if self.choices.take_changed else self.found.clashing
        for cell in cells:
            self.touched.add(cell.place)
            self.found.told.append(cell)
            if cell.verdict.fate in TAKEN and cell.place not in leave:
                rows, edits = self.found.taken.setdefault(self._count(cell).field.name, ([], []))
                rows.append(cell.row)
                edits.append(cell.verdict.edit)


def _record(held: Mapping[str, Packed], at: int) -> dict[str, Value]:
    return {name: value for name, column in held.items() if (value := column[at]) is not MISSING}
