"""What the pages of an import are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from django.urls import reverse

from adminui.planning.explain import counted
from adminui.records.casting import Invalid, cast
from adminui.records.tables.columns import Fate, meant
from adminui.records.tables.damage import DATED, NEVER, NUMERIC
from adminui.records.tables.reading import DELIMITER_WORDS, ENCODINGS
from adminui.records.values import MISSING, MaybeValue, readable
from adminui.services import references
from adminui.services.catalog import Opened
from adminui.services.files import importing, matching, spool
from adminui.services.files.choices import version_place
from adminui.services.files.comparing import Cell, ColumnCount, Compared
from adminui.services.files.importing import Import
from adminui.web import values
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

PREVIEW: Final = 20  # rows
SAMPLES: Final = 3
DELIMITERS: Final = {word: mark for mark, word in DELIMITER_WORDS.items()}
ORDERS: Final = ("dmy", "mdy", "ymd")
_ORDER_WORDS: Final = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
_MARK_WORDS: Final = {",": "comma: 1.234,50", ".": "point: 1,234.50"}
_ENCODING_WORDS: Final = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows, Western (cp1252)", "utf-16": "UTF-16",
    "cp1250": "Windows, Central European (cp1250)", "cp1251": "Windows, Cyrillic (cp1251)",
    "cp1253": "Windows, Greek (cp1253)", "cp1254": "Windows, Turkish (cp1254)", "mac_roman": "Mac, Western",
    "cp932": "Japanese (cp932)", "gb18030": "Chinese (GB 18030)",
}  # fmt: skip


def choosing(opened: Opened, sheet: Worksheet | None) -> dict[str, Any]:
    limit = spool.MOST_BYTES // 1024**2
    return {"opened": opened, "sheet": sheet, "limit": limit, "back": _home(opened, sheet), "step": 1}


def shapes() -> dict[str, Any]:
    """How a file of text may be read."""
    return {
        "encodings": [(name, _ENCODING_WORDS[name]) for name in ENCODINGS],
        "delimiters": list(DELIMITERS),
    }


def _home(opened: Opened, sheet: Worksheet | None) -> str:
    if sheet is not None:
        return reverse("worksheet", args=[sheet.pk])
    return reverse("list", args=[opened.connection.name, opened.resource.name])


def frame(this: Import, sheet: Worksheet | None) -> dict[str, Any]:
    """What all pages of one import show."""
    own = sheet is None or this.own
    return {
        "opened": this.opened,
        "upload": this.upload,
        "sheet": sheet,
        "own": own,
        "back": _home(this.opened, None if own else sheet),
        "rows": counted(len(this.table), "row"),
        "about": _about(this),
    }


def _about(this: Import) -> str:
    """Where a workbook that was exported here came from, if that is somewhere else."""
    told = this.upload.about.get("about") or {}
    here = {"connection": this.opened.connection.name, "resource": this.opened.resource.name}
    elsewhere = [f"{name} {told[name]}" for name, value in here.items() if told.get(name) not in (None, value)]
    return f"This workbook was exported from another place: {', '.join(elsewhere)}." if elsewhere else ""


def columns(this: Import, sheet: Worksheet | None) -> dict[str, Any]:
    found = meant(this.opened.resource, this.table.names)
    shape = this.table.shape
    return {
        **frame(this, sheet),
        "step": 2,
        "lines": [_line(this, place, each) for place, each in enumerate(found)],
        "keys": list(_keys(this)),
        "fields": this.opened.resource.visible,
        **shapes(),
        "encoding": "utf-8" if shape.encoding == "utf-8-sig" else shape.encoding,
        "certain": this.table.certain or this.upload.workbook,
        "delimiter": DELIMITER_WORDS.get(shape.delimiter, shape.delimiter),
        "header": shape.header,
        "sheets": this.upload.about.get("sheets") or [],
        "read": this.upload.about.get("read") or [],
        "merged": this.upload.about.get("merged") or 0,
        "choices": this.choices,
        "versions": version_place(this.table) is not None,
        "consequence": _reads(this, sheet),
    }


def _reads(this: Import, sheet: Worksheet | None) -> str:
    if sheet is not None and not this.own:
        return f"Compare {counted(len(this.table), 'row')} with this worksheet"
    label = this.opened.resource.label
    return f"Read {counted(len(this.table), this.opened.resource.singular, label)} and compare"


def _line(this: Import, place: int, found: Any) -> dict[str, Any]:
    cells = this.table.cells[place]
    chosen = this.choices.columns[place]
    field = this.opened.resource.by_name.get(chosen.field)
    perhaps = this.opened.resource.by_name.get(found.perhaps) if not chosen.field else None
    return {
        "place": place,
        "name": readable(this.table.names[place]) or f"column {place + 1}",
        "samples": [readable(each[:60]) for each in _samples(cells)],
        "blank": cells.count(""),
        "chosen": chosen,
        "field": field,
        "perhaps": perhaps,
        "ours": found.ours,
        "version": found.version,
        "key": this.choices.key == place,
    }


def _samples(cells: list[str | None]) -> list[str]:
    return list(islice(dict.fromkeys(cell for cell in cells[:500] if cell), SAMPLES))


def _keys(this: Import) -> Iterator[dict[str, Any]]:
    """Which columns could say which record a row is about."""
    allowed = {f.name: f for f in matching.key_fields(this.opened)}
    for place, column in this.choices.columns.items():
        if field := allowed.get(column.field):
            yield {
                "value": f"{place}:{field.name}",
                "field": field,
                "name": this.table.names[place],
                "on": place == this.choices.key,
            }


def sentence(this: Import, found: Compared) -> str:
    """What the one button does, in its own words."""
    edits, rows = counted(found.pending, "pending edit"), counted(found.edited_rows, "row")
    if not found.pending:
        return "Keep the report; nothing becomes pending"
    return (
        f"Make a worksheet with {edits} in {rows}"
        if this.own
        else f"Make {counted(found.pending, 'cell')} in {rows} pending"
    )


def taken_words(this: Import, found: Compared) -> str:
    """What a worksheet says when an import has gone into it."""
    return f"{counted(found.pending, 'cell')} in {counted(found.edited_rows, 'row')} pending, from {this.upload.name}."


def compared(this: Import, sheet: Worksheet, found: Compared) -> dict[str, Any]:
    told = importing.summary(this, found)
    return {
        **frame(this, sheet),
        "step": 3,
        "told": told,
        "findings": findings(told),
        "counts": [_count(this, each) for each in found.columns],
        "preview": _preview(this, sheet, found),
        "more": max(0, found.edited_rows - PREVIEW),
        "sentence": sentence(this, found),
        "choices": this.choices,
        "examples": told["examples"][:100],
    }


def _count(this: Import, count: ColumnCount) -> dict[str, Any]:
    suspect = count.fates[Fate.SUSPECT]
    chosen = this.choices.columns[count.place]
    takeable = suspect and not set(count.signs) <= NEVER
    return {
        "place": count.place,
        "name": count.name,
        "field": count.field,
        "blank": count.blank,
        "policy": chosen.blank,
        "edits": count.fates[Fate.EDIT],
        "invalid": count.fates[Fate.INVALID],
        "damaged": count.fates[Fate.DAMAGED],
        "suspect": suspect,
        "read_only": count.fates[Fate.READ_ONLY],
        "signs": ", ".join(f"{sign} ({number:,})" for sign, number in count.signs.items()),
        "ways": _ways(count) if takeable or chosen.take else [],
        "way": (chosen.order or chosen.decimal or "as it is") if chosen.take else "",
    }


def _ways(count: ColumnCount) -> list[tuple[str, str]]:
    """How what looks damaged could be taken all the same."""
    if count.field.kind in DATED:
        return [(order, f"take as {words}") for order, words in _ORDER_WORDS.items()]
    if count.field.kind in NUMERIC:
        return [(mark, f"take, decimal {words}") for mark, words in _MARK_WORDS.items()]
    return [("as it is", "take all the same")]


def findings(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What to know first, the worst first."""
    left = "left out" if not told["took_changed"] else "taken over what is there now"
    listed = (
        ("error", "damaged_ids", "rows with a damaged id: never matched with another record"),
        ("error", "duplicate", "rows with an id that stands twice: none of them is taken"),
        ("error", "ambiguous", "rows whose key several records have"),
        ("warning", "unmatched", "rows whose record is not there"),
        ("warning", "without_id", "rows without an id"),
        ("warning", "too_long", "rows with more cells than there are columns"),
        ("warning", "clashing", f"rows whose edited fields somebody changed since the export: {left}"),
        ("warning", "looks_damaged", "new values that look damaged: kept out"),
        ("error", "invalid", "values that cannot be sent: pending, marked in red"),
        ("info", "damaged", "cells damaged on the way: what is there is left alone"),
        ("info", "theirs", "cells that changed at the API since the export, and not in the file: left alone"),
        ("info", "read_only", "cells of fields that cannot be edited differ: not taken"),
        ("info", "changed_since", "records changed since they were exported"),
    )
    return [{"kind": kind, "count": told[name], "text": text} for kind, name, text in listed if told[name]]


def _preview(this: Import, sheet: Worksheet, found: Compared) -> list[dict[str, Any]]:
    """The first rows of which something would change, each cell before and after."""
    rows: dict[int, list[Cell]] = {}
    for cell in found.told:
        if cell.verdict.fate is not Fate.READ_ONLY and (cell.place in rows or len(rows) < PREVIEW):
            rows.setdefault(cell.place, []).append(cell)
    opened = this.opened
    wanted = [opened.resource.id_field, opened.resource.title_field]
    held = store.values_at(sheet, wanted, [cells[0].row for cells in rows.values()])
    fields = {count.place: count.field for count in found.columns}
    names = _names(this, fields, [cell for cells in rows.values() for cell in cells])
    return [
        {
            "line": this.table.lines[place],
            "id": held[cells[0].row].get(opened.resource.id_field),
            "title": _title(opened, held[cells[0].row]),
            "cells": [_drawn(this, found, fields[cell.column], cell, names) for cell in cells],
        }
        for place, cells in sorted(rows.items())
    ]


def _title(opened: Opened, held: Mapping[str, MaybeValue]) -> str:
    record = {name: value for name, value in held.items() if value is not MISSING}
    return opened.resource.title_of(record) if opened.titled else ""


def _names(this: Import, fields: Mapping[int, Any], cells: list[Cell]) -> Any:
    """What records referred to are called, before and after."""
    shown = [f for f in fields.values() if f.reference]
    records = [
        {fields[cell.column].name: value}
        for cell in cells
        for value in (cell.base, _after(fields[cell.column], cell))
        if value is not MISSING and fields[cell.column].reference
    ]
    return references.names(this.opened, shown, records)


def _after(field: Any, cell: Cell) -> MaybeValue:
    if cell.verdict.fate is not Fate.EDIT:
        return MISSING
    try:
        return cast(field, cell.verdict.edit, cell.base)
    except Invalid:
        return cell.verdict.edit


def _drawn(this: Import, found: Compared, field: Any, cell: Cell, names: Any) -> dict[str, Any]:
    verdict = cell.verdict
    clash = cell.place in found.clashing and verdict.fate in (Fate.EDIT, Fate.INVALID)
    text = readable(cell.text or "")
    return {
        "field": field,
        "before": values.show(this.opened, field, cell.base, names),
        "after": values.show(this.opened, field, _after(field, cell), names)
        if verdict.fate is Fate.EDIT
        else text[:80],
        "fate": "clash" if clash else verdict.fate.name.lower(),
        "words": "changed since the export" if clash else verdict.words or str(verdict.sign or ""),
        "out": (clash and not this.choices.take_changed) or verdict.fate in (Fate.SUSPECT, Fate.DAMAGED),
    }


def report(opened: Opened, sheet: Worksheet, told: dict[str, Any]) -> dict[str, Any]:
    return {"opened": opened, "sheet": sheet, "told": told, "findings": findings(told), "examples": told["examples"]}
