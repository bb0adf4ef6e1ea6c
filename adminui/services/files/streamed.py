"""A workbook sent as it is made: its rows are written here as XML, what surrounds them is xlsxwriter's.

Styles, relations, widths and filters come from a workbook without rows. Written cell by cell, rows took that library
five times as long, and text such as `<r>…</r>` went out as raw XML.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter

SHEET_ROWS: Final = 1_048_575  # below the headings
SHEET_BYTES: Final = 1 << 30  # of XML: a member of a ZIP that spreadsheets open has less than 2 GiB
LEVEL: Final = 2  # of compression: a third larger than the usual one, and twice as fast
Rows = Iterator[list[Sequence[str]]]  # columns of cells, a part of the rows at a time

_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"[&<>]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9a-fA-F]{4}_)")


def inline(text: str, style: int) -> str:
    """A cell of text, from behind its place on; nothing for a blank one."""
    if not text:
        return ""
    space = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() else ""
    return f' s="{style}" t="inlineStr"><is><t{space}>{escaped(text)}</t></is></c>'


def escaped(text: str) -> str:
    """As XML, with what XML has no character for in the format's own spelling of it."""
    text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text)


@dataclass(frozen=True)
class Skeleton:
    """A workbook without rows: its parts by name. `sheets` (name, head, tail) are those of rows, cut where these go."""

    parts: dict[str, bytes]
    sheets: Sequence[tuple[str, bytes, bytes]]
    styles: Sequence[int]


Draw = Callable[[Sequence[int]], Skeleton]  # with a sheet of rows for each of these numbers of rows


def skeleton(fill: Callable[[Any], None], sheets: int) -> Skeleton:
    """Of the workbook that `fill` draws, sheets of rows first; in their second row, blank cells name the styles."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        fill(book)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [f"xl/worksheets/sheet{at}.xml" for at in range(1, sheets + 1)]
    found = [_cut(name, parts.pop(name)) for name in names]
    return Skeleton(parts, [each[:3] for each in found], found[0][3])


def _cut(name: str, xml: bytes) -> tuple[str, bytes, bytes, list[int]]:
    head, _, rest = xml.partition(b'<row r="2"')
    row, end, tail = rest.partition(b"</sheetData>")
    styles = [int(number) for number in re.findall(rb' s="(\d+)"', row)]
    head = re.sub(rb"<dimension [^>]*/>", b"", head)  # it need not be there, and is not known yet
    return name, head, end + tail, styles


def workbook(draw: Draw, found: Rows) -> Iterator[bytes]:
    """Block by block. One that breaks off has no end, without which no program opens it: nobody takes it for whole."""
    pipe, feed = Pipe(), _Feed(found)
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        counts: list[int] = []
        while not counts or feed.more():
            counts.append(0)
            name, head, _ = draw(counts).sheets[-1]
            with archive.open(_member(name), "w") as member:
                member.write(head)
                for number, xml in feed.sheet():
                    counts[-1] = number
                    member.write(xml)
                    yield pipe.taken()
                member.write(draw(counts).sheets[-1][2])
        for name, data in draw(counts).parts.items():
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
    placed = [_column(letters(at), numbers, column) for at, column in enumerate(columns)]
    lines = map("".join, zip(*placed, strict=True))
    return "".join(f'<row r="{number}">{line}</row>' for number, line in zip(numbers, lines, strict=True))


def _column(name: str, numbers: range, cells: Sequence[str]) -> list[str]:
    start = f'<c r="{name}'
    return [f'{start}{number}"{cell}' if cell else "" for number, cell in zip(numbers, cells, strict=True)]


def letters(column: int) -> str:
    """0 as A, 26 as AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


class Pipe:
    """A file that is written to and emptied in turn, so that a ZIP goes out while it is made."""

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
