"""A workbook of records, sent as it is made: typed columns, ids as text, nothing of it run; and a sheet that says what.

What surrounds the rows (styles, relations, widths, filters) is xlsxwriter's, taken from a workbook without rows. The
rows themselves are written here: cell by cell it took five times as long, and text such as `<r>…</r>` went out raw.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter

from adminui.records.schema import Field, Kind
from adminui.records.tables import writing
from adminui.records.tables.writing import Written
from adminui.records.values import MaybeValue
from adminui.services.errors import BadInput
from adminui.services.files.laying import Heading, Maker

SHEET_ROWS: Final = 1_048_575  # below the headings
SHEET_BYTES: Final = 1 << 30  # of XML: a member of a ZIP that spreadsheets open has less than 2 GiB
MOST_COLUMNS: Final = 16_384
ROWS: Final = "Rows"
ABOUT: Final = "Read me"
LEVEL: Final = 2  # of compression: a third larger than the usual one, and twice as fast
Rows = Iterator[list[Sequence[str]]]  # columns of cells, a part of the rows at a time
About = Sequence[tuple[str, str]]

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
_STYLES: Final[dict[str, dict[str, object]]] = {  # of the cells below the headings
    "text": {"num_format": "@"},
    "number": {"num_format": 0},
    "boolean": {"num_format": 0, "align": "left"},
    "date": {"num_format": "yyyy-mm-dd"},
    "datetime": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "ours": {"num_format": "@", "font_color": "#6B7280"},
}
_OTHERS: Final[dict[str, dict[str, object]]] = {
    "head": {"bold": True, "bottom": 1, "bg_color": "#EEF2F7"},
    "our head": {"bold": True, "italic": True, "bottom": 1, "font_color": "#6B7280", "bg_color": "#EEF2F7"},
    "about": {"text_wrap": True, "valign": "top"},
    "key": {"bold": True, "valign": "top"},
}
_PLAIN: Final = {Kind.INTEGER: "number", Kind.DECIMAL: "number", Kind.BOOLEAN: "boolean"}
_MOMENTS: Final = {Kind.DATE: "date", Kind.DATETIME: "datetime"}
_DAY_0: Final = datetime(1899, 12, 30)
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[&<>]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9a-fA-F]{4}_)")


class Cells:
    """Cells as XML, from behind their place on; nothing for blank ones. The first column holds the ids."""

    def __init__(self, heads: Sequence[Heading]) -> None:
        """Raises BadInput for more columns than a sheet has."""
        if len(heads) > MOST_COLUMNS:
            raise BadInput(f"A workbook has {MOST_COLUMNS:,} columns; these are {len(heads):,}.", "Export as CSV.")
        self._key = heads[0].field
        self._styles = _skeleton(heads, [0], []).styles
        self._text, self._ours = self._styles["text"], self._styles["ours"]

    @property
    def maker(self) -> Maker[str]:
        return Maker(self._values, self._typed, self._words)

    def _values(self, field: Field) -> Callable[[MaybeValue], str]:
        write = writing.spreadsheet_writer(field, typed=field != self._key)
        return lambda value: self._xml(write(value))

    def _typed(self, text: str | None) -> str:
        return self._xml(writing.spreadsheet_typed(text))

    def _words(self, words: str) -> str:
        return _inline(writing.clipped(words), self._ours) if words else ""

    def _xml(self, cell: Written) -> str:
        value = cell.value
        if isinstance(value, str):
            return _inline(value, self._text) if value else ""
        style = self._styles[cell.kind]
        if isinstance(value, bool):
            return f' s="{style}" t="b"><v>{value:d}</v></c>'
        return f' s="{style}"><v>{_serial(value) if isinstance(value, date) else value}</v></c>'


def _inline(text: str, style: int) -> str:
    space = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
    return f' s="{style}" t="inlineStr"><is><t{space}>{escaped(text)}</t></is></c>'


def escaped(text: str) -> str:
    """As XML, with what XML has no character for in the format's own spelling of it."""
    text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text)


def _serial(moment: date) -> str:
    """Days since the last one of 1899, with the day's fraction."""
    if not isinstance(moment, datetime):
        return str((moment - _DAY_0.date()).days)
    passed = moment - _DAY_0
    return f"{passed.days + passed.seconds / 86_400:.10f}" if passed.seconds else str(passed.days)


@dataclass(frozen=True)
class _Skeleton:
    """A workbook without rows: its parts by name. `sheets` are those of rows, cut where the rows go."""

    parts: dict[str, bytes]
    sheets: Sequence[tuple[str, bytes, bytes]]
    styles: dict[str, int]


def workbook(heads: Sequence[Heading], found: Rows, about: About) -> Iterator[bytes]:
    """Block by block. One that breaks off has no end, without which no program opens it: nobody takes it for whole."""
    pipe, feed = _Pipe(), _Feed(found)
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        counts: list[int] = []
        while not counts or feed.more():
            counts.append(0)
            name, head, _ = _skeleton(heads, counts, about).sheets[-1]
            with archive.open(_member(name), "w") as member:
                member.write(head)
                for number, xml in feed.sheet():
                    counts[-1] = number
                    member.write(xml)
                    yield pipe.taken()
                member.write(_skeleton(heads, counts, about).sheets[-1][2])
        whole = _skeleton(heads, counts, about)
        for name, data in whole.parts.items():
            archive.writestr(_member(name), data)
    yield pipe.taken()


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return info


class _Feed:
    """Rows as XML, up to what a sheet takes at a time."""

    def __init__(self, found: Rows) -> None:
        self._found = found
        self._rest: list[Sequence[str]] | None = None

    def more(self) -> bool:
        if self._rest is None:
            self._rest = next(self._found, None)
        return self._rest is not None

    def sheet(self) -> Iterator[tuple[int, bytes]]:
        """(rows so far, the next of them) until the sheet is full."""
        rows = size = 0
        while rows < SHEET_ROWS and size < SHEET_BYTES and self.more():
            columns, self._rest = self._rest or [], None
            count = len(columns[0])
            if count > SHEET_ROWS - rows:
                count = SHEET_ROWS - rows
                self._rest = [column[count:] for column in columns]
            xml = _rows([column[:count] for column in columns], rows + 2).encode()
            rows, size = rows + count, size + len(xml)
            yield rows, xml


def _rows(columns: Sequence[Sequence[str]], first: int) -> str:
    """Rows of cells that know their places, numbered from `first`, where the headings are 1."""
    numbers = range(first, first + len(columns[0]))
    placed = [_column(_letters(at), numbers, column) for at, column in enumerate(columns)]
    lines = map("".join, zip(*placed, strict=True))
    return "".join(f'<row r="{number}">{line}</row>' for number, line in zip(numbers, lines, strict=True))


def _column(letters: str, numbers: range, cells: Sequence[str]) -> list[str]:
    start = f'<c r="{letters}'
    return [f'{start}{number}"{cell}' if cell else "" for number, cell in zip(numbers, cells, strict=True)]


def _skeleton(heads: Sequence[Heading], counts: Sequence[int], about: About) -> _Skeleton:
    """With a second row in its sheets that names the styles, and that is cut out."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": dict(about).get("title", "")})
        formats = {name: book.add_format(held) for name, held in (_STYLES | _OTHERS).items()}
        for at, count in enumerate(counts, 1):
            _sheet(book.add_worksheet(f"{ROWS} {at}" if at > 1 else ROWS), heads, count, formats)
        _about(book.add_worksheet(ABOUT), about, formats)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [f"xl/worksheets/sheet{at}.xml" for at in range(1, len(counts) + 1)]
    sheets = [_cut(name, parts.pop(name)) for name in names]
    return _Skeleton(parts, [each[:3] for each in sheets], sheets[0][3])


def _cut(name: str, xml: bytes) -> tuple[str, bytes, bytes, dict[str, int]]:
    head, _, rest = xml.partition(b'<row r="2"')
    row, end, tail = rest.partition(b"</sheetData>")
    numbers = map(int, re.findall(rb' s="(\d+)"', row))
    head = re.sub(rb"<dimension [^>]*/>", b"", head)  # it need not be there, and is not known yet
    return name, head, end + tail, dict(zip(_STYLES, numbers, strict=True))


def _sheet(sheet: Any, heads: Sequence[Heading], rows: int, formats: dict[str, Any]) -> None:
    """Cells that are still blank have their column's format too: an id typed there stays as it is typed."""
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    for column, head in enumerate(heads):
        sheet.set_column(column, column, _width(head), formats[_style(head) if column else "text"])
        sheet.write_string(0, column, head.text, formats["our head" if head.ours else "head"])
    for column, style in enumerate(_STYLES):
        sheet.write_blank(1, column, None, formats[style])
    sheet.autofilter(0, 0, rows, len(heads) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{_letters(len(heads) - 1)}{rows + 1}"})


def _style(head: Heading) -> str:
    if head.field is None or head.what == "means":
        return "ours"
    return _MOMENTS.get(head.field.kind) or _PLAIN.get(head.field.kind, "text")


def _width(head: Heading) -> int:
    if head.what in _OWN_WIDTHS:
        return _OWN_WIDTHS[head.what]
    wide = _WIDTHS.get(head.field.kind, 40) if head.field and head.what != "means" else 20
    return max(wide, min(len(head.text) + 4, 40))


def _about(sheet: Any, about: About, formats: dict[str, Any]) -> None:
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


class _Pipe:
    """A file that is written to and emptied in turn, so that a workbook goes out while it is made."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, block: bytes) -> int:
        self._blocks.append(bytes(block))
        return len(block)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """It is no file."""

    def taken(self) -> bytes:
        block = b"".join(self._blocks)
        self._blocks.clear()
        return block
