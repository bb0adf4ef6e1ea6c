"""Records of a worksheet as a file: CSV as it is made, a workbook once it is whole.

choosing: what is wanted ─▶ laying: its columns, and their cells part by part ─▶ here, workbooks: bytes
"""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.utils import timezone

from adminui.planning.explain import counted
from adminui.records.tables import writing
from adminui.services import current
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.feeds import UNSEEN
from adminui.services.files.choosing import with_edits
from adminui.services.files.laying import Cell, Heading, Maker, Said, Values, Wanted, cells, headings
from adminui.services.files.workbooks import Cells, workbook
from adminui.services.marking import about
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

BROKEN_OFF: Final = "INCOMPLETE: writing this file broke off here. Export it again."
HOW_BACK: Final = (
    "Change cells on the sheet “Rows”, save, and choose Import on the list or in a worksheet. Only columns and rows "
    "that are there are looked at: delete what you do not need. Nothing is sent before you apply a plan.",
    "A blank cell leaves the field alone, unless you say otherwise when importing. Empty text is two quotation marks, "
    'null is [null]. "[left as it is…]" stands where a cell could not hold the value: it is never taken for one.',
    "Keep the columns id and _version: they say which record a row is, and what was changed elsewhere since. "
    "Columns that begin with _ are only to be read.",
)
_VALUES: Final = {
    Values.NOW: "as they stand: pending edits over what was read",
    Values.READ: "as they were read, without pending edits",
    Values.BOTH: "as they stand; beside them, in columns that begin with _before, what was read where that differs",
}
_UNSAFE = re.compile(r"[^\w.]+")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Export:
    """A file to be made of these rows of a worksheet."""

    opened: Opened
    sheet: Worksheet
    wanted: Wanted
    rows: Sequence[int]
    at: datetime

    @property
    def name(self) -> str:
        return file_name(self.opened, self.sheet.title, self.at, self.wanted.form)

    @property
    def headings(self) -> list[Heading]:
        return headings(self.wanted, with_edits(self.sheet))


def prepared(opened: Opened, sheet: Worksheet, wanted: Wanted, rows: Sequence[int]) -> Export:
    """Raises BadInput where there is nothing to be written."""
    opened.require("view")
    if not rows:
        raise BadInput("None of these rows is there to be exported.", "Choose other rows.")
    return Export(opened, sheet, wanted, rows, timezone.now())


def file_name(opened: Opened, words: str, at: datetime, form: str) -> str:
    """Whose records, which, and when; of letters that every file system takes."""
    parts = (opened.connection.name, opened.resource.name, words[:60], f"{at:%Y-%m-%d-%H%M}")
    return f"{'-'.join(filter(None, (_UNSAFE.sub('-', part).strip('-.') for part in parts)))}.{form}"


def told(export: Export) -> str:
    """Says in the log who took what out."""
    wanted, sheet = export.wanted, export.sheet
    what = f"{counted(len(export.rows), 'row')} × {counted(len(wanted.fields), 'field')} of {sheet.resource}"
    words = f"{export.opened.user.get_username()} exports {what} ({sheet.connection}, worksheet {sheet.pk})"
    logger.info("%s as %s", words, wanted.form)
    return words


def blocks(export: Export, heads: Sequence[Heading], maker: Maker[Cell]) -> Iterator[list[Sequence[Cell]]]:
    """Columns of cells, a part of the worksheet at a time."""
    opened = export.opened
    for part in current.each_part(export.sheet, export.rows, opened.resource.visible):
        said = _said(opened, export.sheet, part.rows) if export.wanted.words else None
        yield cells(opened.resource, export.wanted, heads, part, said, maker)


def written(export: Export) -> Iterator[bytes]:
    """The file, block by block."""
    heads = export.headings
    if export.wanted.form == "xlsx":
        return workbook(heads, blocks(export, heads, Cells(heads).maker), readme(export))
    return csv_from(export.wanted, heads, blocks(export, heads, text_maker(export.wanted)))


class _Line:
    """A file for csv.writer that keeps the lines until they are taken."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def write(self, line: str) -> None:
        self._lines.append(line)

    def taken(self) -> bytes:
        text = "".join(self._lines)
        self._lines.clear()
        return text.encode()


def text_maker(wanted: Wanted) -> Maker[str]:
    return Maker(
        partial(writing.writer, formulas=wanted.formulas),
        partial(writing.typed, formulas=wanted.formulas),
        partial(writing.protected, formulas=wanted.formulas),
    )


def csv_from(wanted: Wanted, heads: Sequence[Heading], found: Iterator[list[Sequence[str]]]) -> Iterator[bytes]:
    """Block by block. One that breaks off says so in its last line, wherever it is kept; nobody takes it for whole."""
    lines = _Line()
    writer = csv.writer(lines, delimiter=wanted.delimiter)
    writer.writerow([head.text for head in heads])
    yield ("\ufeff" if wanted.mark else "").encode() + lines.taken()
    try:
        for columns in found:
            writer.writerows(zip(*columns, strict=True))
            yield lines.taken()
    except Exception:
        writer.writerow([BROKEN_OFF])
        yield lines.taken()
        raise


def _said(opened: Opened, sheet: Worksheet, rows: Sequence[int]) -> Said:
    """What became of each row, and all that is to be said of its cells, in the fields this person may see."""
    labels = {field.name: field.label for field in opened.resource.visible}
    marks = store.marks(sheet, [(name, store.part_of(rows[0])) for name in labels])
    unseen = tuple(about(field) for field in opened.whole.visible if opened.resource.by_name[field.name].hidden)
    by_row: dict[int, dict[str, store.Mark]] = {}
    for (name, _), held in marks.items():
        for row, mark in held.items():
            by_row.setdefault(row, {})[labels[name]] = mark
    found = [_of_row(by_row.get(row, {}), unseen) for row in rows]
    return Said([outcome for outcome, _ in found], [message for _, message in found])


def _of_row(marks: Mapping[str, store.Mark], unseen: tuple[str, ...]) -> tuple[str, str]:
    """Each thing once: what the API said of the record stands on every field that was tried."""
    outcomes = dict.fromkeys(mark["o"] for mark in marks.values() if "o" in mark)
    said: dict[str, list[str]] = {}
    for label, mark in marks.items():
        for words in [*mark.get("m", []), *([mark["w"]] if "w" in mark else [])]:
            said.setdefault(UNSEEN if unseen and words.startswith(unseen) else words, []).append(label)
    return ", ".join(outcomes), "\n".join(f"{', '.join(labels)}: {words}" for words, labels in said.items())


def readme(export: Export) -> list[tuple[str, str]]:
    """What the file is, for whoever finds it: where it is from, what is in it, and how it goes back in."""
    opened, sheet, wanted = export.opened, export.sheet, export.wanted
    return [
        ("title", f"{opened.resource.label}: {sheet.title}"),
        ("connection", opened.connection.name),
        ("environment", str(opened.connection.environment)),
        ("resource", opened.resource.name),
        ("worksheet", str(sheet.pk)),
        ("records", f"{sheet.source} ({sheet.title})"),
        ("rows", f"{len(export.rows):,} of {sheet.rows:,}"),
        ("values", _VALUES[wanted.values]),
        ("read_at", sheet.read_at.isoformat() if sheet.read_at else ""),
        ("exported_at", export.at.isoformat()),
        ("exported_by", opened.user.get_username()),
        *(("how to import", each) for each in HOW_BACK),
    ]
