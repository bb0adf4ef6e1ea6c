"""The store under a worksheet: columns of what was read, in parts, and marks beside them. Two machines see the same.

Columns in parts because an operator asks by column (facets, sorting, a shared change) and an edit touches few of
them: a text column of a million rows is counted in half a second, and never more than one part is in memory.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypedDict

from django.db import transaction
from django.utils import timezone

from adminui.planning.outcomes import TO_FIX
from adminui.records.packing import PART, Packed, pack, packed, unpack
from adminui.records.values import MISSING, MaybeValue, Record
from adminui.worksheets.models import Chunk, Marks, Worksheet

ROW: Final = ""  # the field under which marks of a whole row are kept


class Mark(TypedDict, total=False):
    """One cell's mark. The names are short because a shared change writes a hundred thousand of them."""

    e: str | None  # the pending edit: text, or null; absent when there is none
    w: str  # why it cannot be sent
    s: int  # the step that put it there
    t: Any  # what stood there, as on the wire, before somebody else changed it underneath
    c: bool  # nobody has said yet whether the edit or the newer value is to stand
    o: str  # what the last run came to (planning.outcomes.Outcome)
    m: list[str]  # what the API said
    r: int  # that run
    gone: bool  # the record is there no longer; under ROW


Place: TypeAlias = tuple[str, int]  # field, part
PartMarks: TypeAlias = dict[int, Mark]  # by row


def part_of(row: int) -> int:
    return row // PART


def parts_of(sheet: Worksheet) -> range:
    return range(-(-sheet.rows // PART))


def write_part(sheet: Worksheet, part: int, records: Sequence[Record], fields: Iterable[str], *, staged: bool) -> None:
    """Keep the records of one part, in order; a record of None's place has been taken by an empty mapping."""
    write_columns(
        sheet, part, {name: packed([record.get(name, MISSING) for record in records]) for name in fields}, staged=staged
    )


def write_columns(sheet: Worksheet, part: int, columns: Mapping[str, Packed], *, staged: bool = False) -> None:
    Chunk.objects.bulk_create(
        [
            Chunk(worksheet=sheet, staged=staged, field=name, part=part, data=pack(column))
            for name, column in columns.items()
        ],
        update_conflicts=True,
        unique_fields=["worksheet", "staged", "field", "part"],
        update_fields=["data"],
    )


def raw_chunks(sheet: Worksheet, fields: Sequence[str], parts: Sequence[int]) -> dict[Place, bytes]:
    """Chunks as they are kept, which is how they are sent."""
    found = Chunk.objects.filter(worksheet=sheet, staged=False, field__in=fields, part__in=parts)
    return {(field, part): bytes(data) for field, part, data in found.values_list("field", "part", "data")}


def columns(sheet: Worksheet, fields: Sequence[str], part: int, *, staged: bool = False) -> dict[str, Packed]:
    """One part of these columns; one that was never read is MISSING throughout."""
    found = Chunk.objects.filter(worksheet=sheet, staged=staged, field__in=fields, part=part)
    read = {field: unpack(bytes(data)) for field, data in found.values_list("field", "data")}
    size = min(PART, sheet.rows - part * PART)
    return {name: read[name] if name in read else Packed([MISSING], [0] * size) for name in fields}


def each_part(sheet: Worksheet, fields: Sequence[str]) -> Iterator[tuple[int, dict[str, Packed]]]:
    """(first row, columns) part by part, so that no worksheet is ever whole in memory."""
    for part in parts_of(sheet):
        yield part * PART, columns(sheet, fields, part)


def values_at(sheet: Worksheet, fields: Sequence[str], rows: Iterable[int]) -> dict[int, dict[str, MaybeValue]]:
    """The baseline of some rows, in these fields; MISSING ones are left out."""
    by_part: dict[int, list[int]] = {}
    for row in rows:
        by_part.setdefault(part_of(row), []).append(row)
    found: dict[int, dict[str, MaybeValue]] = {}
    for part, wanted in by_part.items():
        held = columns(sheet, fields, part)
        for row in wanted:
            at = row - part * PART
            found[row] = {name: value for name in fields if (value := held[name][at]) is not MISSING}
    return found


def rows_of(sheet: Worksheet, id_field: str, ids: Iterable[object]) -> dict[str, int]:
    """Where these records are, by their ids as text."""
    wanted = {str(i) for i in ids}
    return {
        str(value): first + offset
        for first, held in each_part(sheet, [id_field])
        for offset, value in enumerate(held[id_field])
        if str(value) in wanted
    }


def marks(sheet: Worksheet, places: Iterable[Place] | None = None) -> dict[Place, PartMarks]:
    """Marks by place; all there are for None. A place without any is left out."""
    found = Marks.objects.filter(worksheet=sheet)
    wanted = None if places is None else set(places)
    if wanted is not None:
        found = found.filter(field__in={f for f, _ in wanted}, part__in={p for _, p in wanted})
    listed = found.values_list("field", "part", "data")
    return {(f, p): _marks_from(bytes(data)) for f, p, data in listed if wanted is None or (f, p) in wanted}


def _marks_from(data: bytes) -> PartMarks:
    return {int(row): mark for row, mark in json.loads(gzip.decompress(data)).items()}


def keep_marks(sheet: Worksheet, changed: Mapping[Place, PartMarks]) -> None:
    """Write these places' marks back whole; a place left without any is taken away."""
    kept = [_kept(sheet, place, marks) for place, marks in changed.items() if marks]
    Marks.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["worksheet", "field", "part"],
        update_fields=["data", "pending", "invalid", "clashes", "failed"],
    )
    for field, part in (place for place, marks in changed.items() if not marks):
        Marks.objects.filter(worksheet=sheet, field=field, part=part).delete()


def _kept(sheet: Worksheet, place: Place, marks: PartMarks) -> Marks:
    held = marks.values()
    return Marks(
        worksheet=sheet,
        field=place[0],
        part=place[1],
        data=to_gzip(marks),
        pending=sum("e" in mark for mark in held),
        invalid=sum("w" in mark for mark in held),
        clashes=sum("c" in mark for mark in held),
        failed=sum("e" in mark and mark.get("o") in TO_FIX for mark in held),
    )


def to_gzip(document: Any) -> bytes:
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode("ascii"), 1, mtime=0)


def from_gzip(data: bytes) -> Any:
    return json.loads(gzip.decompress(data))


def locked(sheet: Worksheet) -> Worksheet:
    """The worksheet as it is now, for this transaction alone: steps are taken one after another."""
    return Worksheet.objects.select_for_update().defer("origin", "operations", "imported").get(pk=sheet.pk)


@transaction.atomic
def baseline_changed(sheet: Worksheet) -> None:
    """Open pages have to load columns again."""
    held = locked(sheet)
    held.baseline += 1
    held.changed_at = timezone.now()
    held.save(update_fields=["baseline", "changed_at"])


def write_chunks(sheet: Worksheet, part: int, chunks: Mapping[str, bytes], *, staged: bool) -> None:
    """Keep columns of one part that are packed already: that takes long, and need not be done in a transaction."""
    Chunk.objects.bulk_create(
        [Chunk(worksheet=sheet, staged=staged, field=name, part=part, data=data) for name, data in chunks.items()],
        update_conflicts=True,
        unique_fields=["worksheet", "staged", "field", "part"],
        update_fields=["data"],
    )
