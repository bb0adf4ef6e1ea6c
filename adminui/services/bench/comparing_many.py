"""The records of a worksheet against the same ones in another worksheet or another connection, matched by a key.

A key is a field whose values tell records apart on both sides; what stands twice on either side is matched to nothing.
The worksheet's values count with pending edits in, as do those of another worksheet. Copying is one step of pending
edits, and is refused where anything of what is to be copied is not what was shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adminui.planning.explain import counted
from adminui.records.casting import to_text
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue, Record, RecordId, canonical
from adminui.remote import reader
from adminui.services import edits, references, sheets
from adminui.services.bench.comparing import digest, elsewhere, judged, means_the_same, not_editable
from adminui.services.bench.frames import frames
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, Stale
from adminui.services.references import Names
from adminui.services.steps import Edit
from adminui.worksheets.models import Step, Worksheet

MOST_ROWS: Final = 50_000  # that are compared at once
MOST_READ: Final = 5_000  # records that are read for it while the page waits
AT_ONCE: Final = 100  # keys in one question
EXAMPLES: Final = 3
LIKELY: Final = ("alternative_id", "externalID", "companyNumber", "accountNumber", "serialNumber", "number")


@dataclass(frozen=True)
class Elsewhere:
    """Where the other records are: a connection, or a worksheet."""

    opened: Opened
    sheet: Worksheet | None = None

    @property
    def label(self) -> str:
        return f"worksheet “{self.sheet.title}”" if self.sheet else self.opened.connection.label


@dataclass(frozen=True)
class Example:
    """One row in which a field differs."""

    key: str
    here: MaybeValue
    there: MaybeValue


@dataclass(frozen=True)
class Differing:
    """One field that differs: in how many matched rows, and what copying would type in those where it can be."""

    field: Field
    there: Field
    rows: int
    cells: Mapping[int, str | None]
    blocked: str
    caution: str
    cautioned: int  # rows whose ids or choices mean something else there
    examples: tuple[Example, ...]

    @property
    def digest(self) -> str:
        return digest([self.field.name, [[row, raw] for row, raw in sorted(self.cells.items())]])


@dataclass(frozen=True)
class Compared:
    """What matching came to, and the fields that differ, those that can be copied first, then most rows first."""

    key: Field
    rows: int
    matched: int
    unmatched: int  # rows whose key the other side does not have
    blank: int
    twice: int  # rows whose key stands more than once on either side
    alike: int  # fields that differ nowhere
    fields: tuple[Differing, ...]
    strangers: int = 0  # rows matched by the id of another environment that are called otherwise there


def keys_for(opened: Opened, other: Opened) -> list[Field]:
    """The fields that can tell records apart on both sides, the likeliest first."""
    both = {f.name for f in other.resource.visible}
    fits = [
        f
        for f in opened.resource.visible
        if f.name in both and f.kind in (Kind.TEXT, Kind.INTEGER) and (f.queryable or f.name == opened.whole.id_field)
    ]
    first = [opened.resource.id_field, *LIKELY]
    if opened.connection.name != other.connection.name:
        first = [*LIKELY, opened.resource.title_field, opened.resource.id_field]
    return sorted(fits, key=lambda f: (first.index(f.name) if f.name in first else len(first), f.label))


def compare(opened: Opened, sheet: Worksheet, other: Elsewhere, key: str) -> Compared:
    """Match the rows and compare every field both sides have. Raises Refused."""
    other.opened.require("view")
    field = _key(opened, other.opened, key)
    if sheet.rows > MOST_ROWS:
        raise BadInput(f"At most {MOST_ROWS:,} rows are compared at once.", "Open fewer in a worksheet.")
    keys = column_of(sheet, field)
    there = _Sheet(other.sheet) if other.sheet else _Read(other.opened, field, keys)
    matching = _match(field, keys, there.column(other.opened.resource.by_name[key]))
    each = (
        _field(sheet, f, other.opened.resource.by_name[f.name], there, matching) for f in _both(opened, other.opened)
    )
    found = [_differing(opened, other, one, keys) for one in each]
    differing = sorted((each for each in found if each.rows), key=lambda each: (not each.cells, -each.rows))
    return Compared(
        field,
        sheet.rows,
        len(matching.pairs),
        matching.unmatched,
        matching.blank,
        matching.twice,
        len(found) - len(differing),
        tuple(differing),
        _strangers(opened, other, field, differing),
    )


def _strangers(opened: Opened, other: Elsewhere, key: Field, differing: Sequence[Differing]) -> int:
    across = opened.connection.name != other.opened.connection.name
    named = (each.rows for each in differing if each.field.name == opened.resource.title_field)
    return next(named, 0) if across and key.name == opened.resource.id_field else 0


def _key(opened: Opened, other: Opened, name: str) -> Field:
    found = next((f for f in keys_for(opened, other) if f.name == name), None)
    if found is None:
        raise BadInput(f"Records cannot be matched by “{name[:80]}”.", "Choose another field.")
    return found


def _both(opened: Opened, other: Opened) -> list[Field]:
    """Fields to compare: all that the person sees on both sides, but for the id."""
    theirs = {f.name for f in other.resource.visible}
    return [f for f in opened.resource.visible if f.name in theirs and f.name != opened.resource.id_field]


def column_of(sheet: Worksheet, field: Field) -> list[MaybeValue]:
    """A whole column as it stands, pending edits in."""
    held = (frame.columns[field.name] for frame in frames(sheet, range(sheet.rows), [field]))
    return [column.values[code] for column in held for code in column.codes]


class _Sheet:
    """The other records as another worksheet has them."""

    def __init__(self, sheet: Worksheet) -> None:
        if sheet.rows > MOST_ROWS:
            raise BadInput(f"At most {MOST_ROWS:,} rows are compared at once.", "Choose a smaller worksheet.")
        self._sheet = sheet

    def column(self, field: Field) -> list[MaybeValue]:
        return column_of(self._sheet, field)


class _Read:
    """The other records as they are read now, by their keys."""

    def __init__(self, opened: Opened, key: Field, keys: Sequence[MaybeValue]) -> None:
        asked = list({canonical(key, k): k for k in keys if isinstance(k, int | str) and k != ""}.values())
        if len(asked) > MOST_READ:
            raise BadInput(
                f"{len(asked):,} records are more than the {MOST_READ:,} that are read while you wait.",
                f"Open them in a worksheet of {opened.connection.label} and compare with that.",
            )
        self._records = _read(opened, key, asked)

    def column(self, field: Field) -> list[MaybeValue]:
        return [record.get(field.name, MISSING) for record in self._records]


def _read(opened: Opened, key: Field, asked: Sequence[RecordId]) -> list[Record]:
    if key.name == opened.whole.id_field:
        return list(reader.read_many(opened.client, opened.whole, opened.can, asked).values())
    if Op.IN in opened.can.ops:
        chunks = (asked[at : at + AT_ONCE] for at in range(0, len(asked), AT_ONCE))
        return [record for chunk in chunks for record in _with(opened, Condition(key.name, Op.IN, list(chunk)))]
    total = reader.count(opened.client, opened.whole, Query())
    if total > MOST_READ:
        raise BadInput(
            f"{opened.connection.label} cannot be asked for records by {key.label}.",
            "Match by the id, or open the records there in a worksheet and compare with that.",
        )
    return list(reader.read_all(opened.client, opened.whole, Query()))


def _with(opened: Opened, condition: Condition) -> Iterable[Record]:
    return reader.read_all(opened.client, opened.whole, Query(Group("and", (condition,))))


@dataclass(frozen=True)
class _Matching:
    pairs: list[tuple[int, int]]  # row here, place there
    unmatched: int
    blank: int
    twice: int


def _match(field: Field, here: Sequence[MaybeValue], there: Sequence[MaybeValue]) -> _Matching:
    mine, theirs = ([None if k in (None, "", MISSING) else canonical(field, k) for k in side] for side in (here, there))
    often = {key for side in (mine, theirs) for key, times in Counter(side).items() if times > 1 and key is not None}
    places = {key: at for at, key in enumerate(theirs)}
    pairs = [
        (row, places[key]) for row, key in enumerate(mine) if key is not None and key not in often and key in places
    ]
    blank, twice = sum(key is None for key in mine), sum(key in often for key in mine)
    return _Matching(pairs, len(mine) - len(pairs) - blank - twice, blank, twice)


@dataclass(frozen=True)
class _Field:
    """One field of matched rows on both sides."""

    here: Field
    there: Field
    mine: Sequence[MaybeValue]
    theirs: Sequence[MaybeValue]
    rows: Sequence[tuple[int, int]]  # those that differ


def _field(sheet: Worksheet, here: Field, there: Field, held: _Sheet | _Read, matching: _Matching) -> _Field:
    mine, theirs = column_of(sheet, here), held.column(there)
    rows = [(row, at) for row, at in matching.pairs if not means_the_same(here, there, mine[row], theirs[at])]
    return _Field(here, there, mine, theirs, rows)


def _differing(opened: Opened, other: Elsewhere, each: _Field, keys: Sequence[MaybeValue]) -> Differing:
    blocked = not_editable(opened, each.here)
    ways = {} if blocked else {r: judged(each.there, each.here, each.theirs[at], each.mine[r]) for r, at in each.rows}
    cells = {row: way.raw for row, way in ways.items() if way.open}
    why = blocked or ("" if cells else next((way.blocked for way in ways.values()), ""))
    caution, cautioned = ("", 0) if blocked else _caution(opened, other, each)
    first = [Example(to_text(each.here, keys[r]), each.mine[r], each.theirs[at]) for r, at in each.rows[:EXAMPLES]]
    return Differing(each.here, each.there, len(each.rows), cells, why, caution, cautioned, tuple(first))


def _caution(opened: Opened, other: Elsewhere, each: _Field) -> tuple[str, int]:
    """The first thing to think of, and in how many rows there is one."""
    here, there = each.here, each.there
    if there.kind is not here.kind:
        return f"{there.kind.value.capitalize()} there, {here.kind.value} here.", len(each.rows)
    if opened.connection.name == other.opened.connection.name or there.kind not in (Kind.REFERENCE, Kind.CHOICE):
        return "", 0
    values = [each.theirs[at] for _, at in each.rows]
    names = _names(other.opened, there, values), _names(opened, here, values)
    places = other.opened.connection.label, opened.connection.label
    said = {str(v): elsewhere(there, here, v, places, names) for v in values if v not in (None, "", MISSING)}
    bad = {value: words for value, words in said.items() if words}
    return next(iter(bad.values()), ""), sum(str(value) in bad for value in values)


def _names(opened: Opened, field: Field, values: Iterable[MaybeValue]) -> Names:
    if field.kind is not Kind.REFERENCE:
        return {}
    return references.names(opened, [field], [{field.name: value} for value in values if value is not MISSING])


def copy(opened: Opened, sheet: Worksheet, other: Elsewhere, key: str, chosen: Mapping[str, str], token: UUID) -> Step:
    """Copy the chosen fields (name → digest of what was shown) of all matched rows: one step of pending edits."""
    sheets.require_edit(opened, sheet)
    if not chosen:
        raise BadInput("No field is chosen.", "Tick those that are to be copied.")
    fields = {each.field.name: each for each in compare(opened, sheet, other, key).fields}
    cells: dict[str, tuple[list[int], list[Edit]]] = {}
    for name, seen in chosen.items():
        found = fields.get(name)
        if found is None or found.digest != seen:
            raise Stale("Something has changed since this was compared.", "Compare again; nothing was copied.")
        cells[name] = (list(found.cells), list(found.cells.values()))
    rows = {row for held, _ in cells.values() for row in held}
    label = f"Copied {counted(len(cells), 'field')} in {counted(len(rows), 'record')} from {other.label}"
    return edits.take(opened, sheet, token, "paste", label, cells)
