"""A workbook of records: typed columns, ids as text, nothing of it run; and a sheet that says what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO, Any, Final

import xlsxwriter

from adminui.records.schema import Kind
from adminui.records.tables import writing
from adminui.records.tables.writing import Written
from adminui.services.errors import BadInput
from adminui.services.files.laying import Heading, Maker

SHEET_ROWS: Final = 1_048_575  # below the headings
MOST_COLUMNS: Final = 16_384
ROWS: Final = "Rows"
ABOUT: Final = "Read me"
_WIDTHS: Final = {
    Kind.BOOLEAN: 10,
    Kind.INTEGER: 12,
    Kind.DECIMAL: 14,
    Kind.DATE: 12,
    Kind.DATETIME: 20,
    Kind.REFERENCE: 14,
    Kind.CHOICE: 14,
    Kind.TEXT: 28,
}
_OWN_WIDTHS: Final = {"message": 60, "version": 8, "outcome": 14}
_FORMATS: Final[dict[str, dict[str, object]]] = {
    "text": {"num_format": "@"},
    "number": {},
    "boolean": {},
    "date": {"num_format": "yyyy-mm-dd"},
    "datetime": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "ours": {"num_format": "@", "font_color": "#6b7280"},
    "head": {"bold": True, "bottom": 1, "bg_color": "#eef2f7"},
    "our head": {"bold": True, "italic": True, "bottom": 1, "font_color": "#6b7280", "bg_color": "#eef2f7"},
    "about": {"text_wrap": True, "valign": "top"},
    "key": {"bold": True, "valign": "top"},
}
_BLANK: Final = Written("")
MAKER: Final[Maker[Written]] = Maker(
    writing.spreadsheet,
    writing.spreadsheet_typed,
    lambda words: Written(writing.clipped(words)) if words else _BLANK,
)


def workbook(
    heads: Sequence[Heading], found: Iterator[Iterable[tuple[Written, ...]]], about: Sequence[tuple[str, str]]
) -> IO[bytes]:
    """A file at its beginning, to be read by whoever closes it. Raises BadInput for more columns than a sheet has."""
    if len(heads) > MOST_COLUMNS:
        raise BadInput(f"A workbook has {MOST_COLUMNS:,} columns; these are {len(heads):,}.", "Export as CSV.")
    file = TemporaryFile()  # noqa: SIM115 (whoever asked for it closes it)
    try:
        _fill(file, heads, chain.from_iterable(found), about)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _fill(
    file: IO[bytes], heads: Sequence[Heading], rows: Iterator[tuple[Written, ...]], about: Sequence[tuple[str, str]]
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, {**options, "strings_to_numbers": False}) as book:
        book.set_properties({"title": dict(about).get("title", "")})
        formats = {name: book.add_format(held) for name, held in _FORMATS.items()}
        number = 1
        while _sheet(book, f"{ROWS} {number}" if number > 1 else ROWS, heads, rows, formats) == SHEET_ROWS:
            number += 1
        _about(book, about, formats)


def _sheet(
    book: Any, name: str, heads: Sequence[Heading], rows: Iterator[tuple[Written, ...]], formats: dict[str, Any]
) -> int:
    sheet = book.add_worksheet(name)
    _columns(sheet, heads, formats)
    last = _rows(sheet, heads, islice(rows, SHEET_ROWS), formats)
    sheet.autofilter(0, 0, last, len(heads) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{_letters(len(heads) - 1)}{last + 1}"})
    return last


def _columns(sheet: Any, heads: Sequence[Heading], formats: dict[str, Any]) -> None:
    """Cells that are still blank have their column's format too: an id typed there stays as it is typed."""
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    for column, head in enumerate(heads):
        sheet.set_column(column, column, _width(head), formats[_format(head)])
        sheet.write_string(0, column, head.text, formats["our head" if head.ours else "head"])


def _format(head: Heading) -> str:
    if head.field is None or head.what == "means":
        return "ours"
    kind = head.field.kind
    return {Kind.DATE: "date", Kind.DATETIME: "datetime"}.get(kind) or ("number" if kind in _PLAIN else "text")


_PLAIN: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN})


def _width(head: Heading) -> int:
    if head.what in _OWN_WIDTHS:
        return _OWN_WIDTHS[head.what]
    wide = _WIDTHS.get(head.field.kind, 40) if head.field and head.what != "means" else 20
    return max(wide, min(len(head.text) + 4, 40))


def _rows(sheet: Any, heads: Sequence[Heading], rows: Iterable[tuple[Written, ...]], formats: dict[str, Any]) -> int:
    writers = {
        "text": (sheet.write_string, formats["text"]),
        "number": (sheet.write_number, formats["number"]),
        "boolean": (sheet.write_boolean, formats["boolean"]),
        "date": (sheet.write_datetime, formats["date"]),
        "datetime": (sheet.write_datetime, formats["datetime"]),
    }
    ours = [formats["ours"] if head.ours else None for head in heads]
    last = 0
    for last, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if cell.value != "":
                write, form = writers[cell.kind]
                write(last, column, cell.value, (cell.kind == "text" and ours[column]) or form)
    return last


def _about(book: Any, about: Sequence[tuple[str, str]], formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(ABOUT)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    for row, (key, text) in enumerate(about):
        sheet.write_string(row, 0, key, formats["key"])
        sheet.write_string(row, 1, writing.clipped(text), formats["about"])


def _letters(column: int) -> str:
    """0 as A, 26 as AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
