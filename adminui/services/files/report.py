"""What an import came to: kept with the worksheet, with the rows that were not taken as a file to be repaired."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from adminui.planning.explain import counted
from adminui.records.tables.columns import Fate
from adminui.records.tables.reading import Table
from adminui.records.tables.writing import meaning, protected
from adminui.records.values import storable
from adminui.services.catalog import Opened
from adminui.services.errors import NotAllowed, NotThere
from adminui.services.files.choices import Choices
from adminui.services.files.comparing import Cell, Compared
from adminui.services.files.matching import Left
from adminui.worksheets import store
from adminui.worksheets.models import Chunk, Worksheet

WHY: Final = "_why"  # a column of our own: ignored when the file comes in again
EXAMPLES: Final = 60  # of each kind
MOST_REPORTS: Final = 10
_FIELD: Final = " not taken"  # no field begins with a space
_PARTS: Final = 2_000_000_000  # behind all parts of a column
_SHOWN: Final = 80


def summary(opened: Opened, table: Table, choices: Choices, found: Compared) -> dict[str, Any]:
    """The counts, and examples of each kind, as JSON."""
    why = found.why_left()
    signs = [
        {"column": each.name, "sign": str(sign), "cells": number}
        for each in found.columns
        for sign, number in each.signs.items()
    ]
    return {
        "rows": found.rows,
        "matched": found.matched,
        "unmatched": why[Left.UNMATCHED],
        "duplicate": why[Left.DUPLICATE],
        "ambiguous": why[Left.AMBIGUOUS],
        "damaged_ids": why[Left.DAMAGED],
        "without_id": why[Left.BLANK] + why[Left.NOT_ID],
        "too_long": why[Left.LONG],
        "pending": found.pending,
        "edited_rows": found.edited_rows,
        "invalid": _taken(found, Fate.INVALID, choices),
        "unchanged": found.unchanged,
        "damaged": found.counted(Fate.DAMAGED),
        "looks_damaged": found.counted(Fate.SUSPECT),
        "read_only": found.counted(Fate.READ_ONLY),
        "changed_since": len(found.changed_since | found.clashing),
        "clashing": len(found.clashing),
        "took_changed": choices.take_changed,
        "theirs": found.theirs,
        "versions": found.versions,
        "key": choices.key_field,
        "columns": [_column(each) for each in found.columns],
        "signs": signs,
        "ignored": [name for place, name in enumerate(table.names) if _is_ignored(place, name, choices)],
        "not_taken": len(_places(found, choices)),
        "examples": _examples(table, found),
    }


def _taken(found: Compared, fate: Fate, choices: Choices) -> int:
    leave = set() if choices.take_changed else found.clashing
    return sum(cell.verdict.fate is fate and cell.place not in leave for cell in found.told)


def _is_ignored(place: int, name: str, choices: Choices) -> bool:
    column = choices.columns.get(place)
    return place != choices.key and not name.startswith("_") and not (column and column.field)


def _column(each: Any) -> dict[str, Any]:
    return {
        "name": each.name,
        "field": each.field.name,
        "label": each.field.label,
        "blank": each.blank,
        "policy": each.policy.blank,
        **{fate.name.lower(): each.fates[fate] for fate in Fate},
    }


def _examples(table: Table, found: Compared) -> list[dict[str, Any]]:
    """The first of each kind, by line."""
    told: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for place, (why, words) in sorted(found.left.items()):
        counts[why] = counts.get(why, 0) + 1
        if counts[why] <= EXAMPLES:
            told.append({"kind": why.value, "line": table.lines[place], "column": "", "cell": "", "words": words})
    for cell in found.told:
        kind = _kind(cell, found)
        counts[kind] = counts.get(kind, 0) + 1
        if kind and counts[kind] <= EXAMPLES:
            told.append(_told(table, cell, kind))
    return told


def _kind(cell: Cell, found: Compared) -> str:
    fate = cell.verdict.fate
    if cell.place in found.clashing and fate in (Fate.EDIT, Fate.INVALID):
        return "changed since"
    return "" if fate is Fate.EDIT else fate.value


def _told(table: Table, cell: Cell, kind: str) -> dict[str, Any]:
    text = storable(cell.text or "")
    return {
        "kind": kind,
        "line": table.lines[cell.place],
        "column": table.names[cell.column],
        "cell": text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…",
        "words": cell.verdict.words or str(cell.verdict.sign or ""),
    }


def sentence(told: Mapping[str, Any]) -> str:
    """What taking it does."""
    if not told["pending"]:
        return "Nothing of this file would change anything."
    return f"{counted(told['pending'], 'pending edit')} in {counted(told['edited_rows'], 'row')}"


def _places(found: Compared, choices: Choices) -> list[int]:
    """Rows of which something was not taken that somebody may have meant."""
    places = set(found.left)
    places |= {cell.place for cell in found.told if cell.verdict.fate is Fate.SUSPECT}
    return sorted(places | (set() if choices.take_changed else found.clashing))


def _reasons(table: Table, found: Compared, choices: Choices) -> dict[int, list[str]]:
    told: dict[int, list[str]] = {place: [words] for place, (_, words) in found.left.items()}
    for cell in found.told:
        if cell.verdict.fate is Fate.SUSPECT:
            told.setdefault(cell.place, []).append(f"{table.names[cell.column]}: {cell.verdict.sign}")
        elif cell.place in found.clashing and not choices.take_changed and cell.verdict.fate is Fate.EDIT:
            told.setdefault(cell.place, []).append(f"{table.names[cell.column]}: changed since it was exported")
    return told


def not_taken(table: Table, found: Compared, choices: Choices) -> Iterator[Sequence[str]]:
    """The rows left out, as they were, with the reason: they can be repaired and come in again."""
    reasons = _reasons(table, found, choices)
    mine = [place for place, name in enumerate(table.names) if name != WHY]
    yield [*(table.names[place] for place in mine), WHY]
    for place in _places(found, choices):
        cells = [_again(table.cells[column][place]) for column in mine]
        yield [*cells, protected("; ".join(reasons.get(place, ["changed since it was exported"])))]


def _again(cell: str | None) -> str:
    """The cell as it came in; what a spreadsheet would run is kept from it."""
    said = meaning(cell or "")
    return protected(said) if isinstance(said, str) else cell or ""


@transaction.atomic
def keep(opened: Opened, sheet: Worksheet, told: Mapping[str, Any], rows: Iterator[Sequence[str]]) -> int:
    """Keep a report with the worksheet, and the rows not taken; its number."""
    held = store.locked(sheet)
    reports = held.imported.get("reports", [])
    number = 1 + max((each["number"] for each in reports), default=0)
    mine = {
        "number": number,
        "at": timezone.now().isoformat(),
        "by": opened.user.get_username(),
        "by_id": opened.user_id,
    }
    held.imported = {**held.imported, "reports": [*reports, {**told, **mine}][-MOST_REPORTS:]}
    held.save(update_fields=["imported"])
    sheet.imported = held.imported
    if told["not_taken"]:
        _write(held, number, rows)
    return number


def _write(sheet: Worksheet, number: int, rows: Iterator[Sequence[str]]) -> None:
    buffer = io.BytesIO()
    with gzip.open(buffer, "wt", 5, encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows(rows)
    Chunk.objects.create(worksheet=sheet, field=_FIELD, part=_PARTS + number, data=buffer.getvalue())


def find(opened: Opened, sheet: Worksheet, number: int) -> dict[str, Any]:
    """A report, for whom it was made: it quotes cells. Raises NotThere, NotAllowed."""
    told = next((each for each in sheet.imported.get("reports", []) if each["number"] == number), None)
    if told is None:
        raise NotThere("This worksheet has no such import report.")
    if told["by_id"] != opened.user_id:
        raise NotAllowed(f"This report is for {told['by']}, whose file it was.", "Ask them for what it says.")
    return dict(told)


def rows_of(opened: Opened, sheet: Worksheet, number: int) -> bytes:
    """The rows that were not taken, as CSV with a mark that says UTF-8."""
    find(opened, sheet, number)
    held = Chunk.objects.filter(worksheet=sheet, field=_FIELD, part=_PARTS + number).values_list("data", flat=True)
    data = held.first()
    if data is None:
        raise NotThere("All rows of this file were taken.")
    return b"\xef\xbb\xbf" + gzip.decompress(bytes(data))
