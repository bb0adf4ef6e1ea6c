"""A file of text as a table: encoding, delimiter and header row found, or as a person says. Nothing is trimmed."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import BinaryIO, Final, TypeAlias

import charset_normalizer

DELIMITERS: Final = ",;\t|"
DELIMITER_WORDS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
ENCODINGS: Final = (
    "utf-8",
    "cp1252",
    "utf-16",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "mac_roman",
    "cp932",
    "gb18030",
)
LONGEST_CELL: Final = 10_000_000
MOST_ROWS: Final = 1_000_000
MOST_CELLS: Final = 40_000_000
MOST_COLUMNS: Final = 2_000
HEADER_WITHIN: Final = 20  # rows in which a header is looked for
_SAMPLE: Final = 256 * 1024
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BLOCK: Final = 10_000  # rows turned over at a time
_FEW: Final = 200
_RUN = re.compile(rb"[\x80-\xff]{3}")

Cell: TypeAlias = str | None  # None: the row ends before this column


class Unreadable(ValueError):
    """The file is not what it should be; `problems` are whole sentences, with lines where there are any."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Shape:
    """How a file is read. What is empty, or None, is found out."""

    encoding: str = ""
    delimiter: str = ""
    header: int | None = None  # its place among the rows that are not blank, from 0


@dataclass(frozen=True)
class Table:
    """A file as read: its columns' names, their cells column by column, and the line each row begins in."""

    names: tuple[str, ...]
    cells: tuple[list[Cell], ...]
    lines: list[int]
    shape: Shape  # as it was read in the end
    certain: bool  # whether the encoding is told by the file itself
    too_long: tuple[int, ...] = ()  # rows (places) with more cells than there are columns

    def __len__(self) -> int:
        return len(self.lines)


def read(file: BinaryIO, shape: Shape, known: Collection[str] = ()) -> Table:
    """The whole table. `known` are names a header may hold. Raises Unreadable."""
    encoding, certain = (shape.encoding, True) if shape.encoding else encoding_of(file)
    delimiter, skipped = _delimiter(file, encoding, shape.delimiter, known)
    lines = _rows(file, encoding, delimiter, skipped)
    first = list(islice(lines, HEADER_WITHIN))
    if not first:
        raise Unreadable("The file is empty: a first row names the columns.")
    header = _header(first, known) if shape.header is None else min(shape.header, len(first) - 1)
    names = named(first[header][1])
    body = _chain(first[header + 1 :], lines)
    return _table(names, body, Shape(encoding, delimiter, header), certain)


def _chain(
    first: Sequence[tuple[int, list[str]]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield from first
    yield from rest


def _table(names: tuple[str, ...], body: Iterator[tuple[int, list[str]]], shape: Shape, certain: bool) -> Table:
    cells: tuple[list[Cell], ...] = tuple([] for _ in names)
    pools: list[dict[str, str]] = [{} for _ in names]
    lines: list[int] = []
    too_long: list[int] = []
    while block := list(islice(body, _BLOCK)):
        for at, (_, row) in enumerate(block, len(lines)):
            if len(row) > len(names) and any(row[len(names) :]):
                too_long.append(at)
        lines += [line for line, _ in block]
        if len(lines) > MOST_ROWS or len(lines) * len(names) > MOST_CELLS:
            raise Unreadable(f"The file has more than {min(MOST_ROWS, MOST_CELLS // len(names)):,} rows: split it.")
        turned = zip_longest(*(row for _, row in block))
        for column, pool, held in zip(cells, pools, turned, strict=False):
            column += [value if value is None else pool.setdefault(value, value) for value in held]
        for column in cells:
            column += [None] * (len(lines) - len(column))
    return Table(names, cells, lines, shape, certain, tuple(too_long))


def named(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names: without space around them, and without what is blank at the end."""
    names = [name.strip().removeprefix("\ufeff") for name in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Unreadable("The first row names no column.")
    if len(names) > MOST_COLUMNS:
        raise Unreadable(f"The file has {len(names):,} columns; {MOST_COLUMNS:,} are read at most.")
    return tuple(names)


def encoding_of(file: BinaryIO) -> tuple[str, bool]:
    """The encoding, and whether it is certain: a mark at the beginning, or UTF-8 throughout."""
    file.seek(0)
    start = file.read(_SAMPLE)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name, True
    if start[:200].count(0) > len(start[:200]) // 4:
        return ("utf-16-le" if start[1:2] == b"\0" else "utf-16-be"), False
    if _is_utf8(file):
        return "utf-8", True
    return _guessed(file), False


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while block := file.read(1 << 20):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(file: BinaryIO) -> str:
    """By the lines that are not plain ASCII, which alone can tell."""
    file.seek(0)
    telling: list[bytes] = []
    size = 0
    for line in islice(file, 200_000):
        if not line.isascii():
            telling.append(line)
            size += len(line)
        if size > _SAMPLE // 4:
            break
    sample = b"".join(telling)
    if sum(byte > 127 for byte in sample) < _FEW and not _RUN.search(sample):
        return "cp1252"  # a letter here and there is most likely Western; too few to tell otherwise
    candidates = [name for name in ENCODINGS if name not in ("utf-8", "utf-16")]
    best = charset_normalizer.from_bytes(sample, cp_isolation=candidates).best()
    return best.encoding if best is not None and best.encoding in candidates else "cp1252"


def _text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    file.seek(0)
    try:
        return io.TextIOWrapper(io.BufferedReader(_Kept(file), 1 << 20), encoding=encoding, newline="")
    except LookupError:
        raise Unreadable(f"There is no encoding “{encoding}”.") from None


class _Kept(io.RawIOBase):
    """A file that stays open when who reads it is done."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)


def _delimiter(file: BinaryIO, encoding: str, said: str, known: Collection[str]) -> tuple[str, int]:
    """The delimiter, and how many lines come before the table: Excel may say `sep=;` in the first."""
    sample = _sample(file, encoding)
    first = sample.split("\n", 1)[0].strip().strip('"')
    if first.lower().startswith("sep=") and len(first) <= 5:
        return said or first[4:] or ",", 1
    if said:
        return said, 0
    wanted = {name.casefold() for name in known}
    return max(DELIMITERS, key=lambda mark: _fit(sample, mark, wanted)), 0


def _sample(file: BinaryIO, encoding: str) -> str:
    reader = _text(file, encoding)
    try:
        text = reader.read(_SAMPLE // 4)
    except UnicodeDecodeError as error:
        raise _undecoded(file, encoding, error) from None
    return text if len(text) < _SAMPLE // 4 else text[: text.rfind("\n") + 1] or text


def _fit(sample: str, mark: str, wanted: set[str]) -> tuple[int, int, int]:
    """How well a delimiter cuts: known names in one row, then rows of the commonest width, then that width."""
    try:
        rows = [row for row in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=mark), 50) if row]
    except csv.Error:
        return 0, 0, 0
    if not rows:
        return 0, 0, 0
    names = max(len({cell.strip().casefold() for cell in row} & wanted) for row in rows[:HEADER_WITHIN])
    width, times = Counter(map(len, rows)).most_common(1)[0]
    return names, times if width > 1 else 0, width


def _rows(file: BinaryIO, encoding: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    text = _text(file, encoding)
    try:
        for _ in range(skipped):
            text.readline()
        yield from ((line + skipped, row) for line, row in csv_rows(text, delimiter) if any(row))
    except UnicodeDecodeError as error:
        raise _undecoded(file, encoding, error) from None


def csv_rows(text: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins in; blank lines are nothing. Raises Unreadable."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"Line {begins}: this is not CSV: {error}.") from None


def _undecoded(file: BinaryIO, encoding: str, error: UnicodeDecodeError) -> Unreadable:
    """Which line is no text in that encoding: looked for from the beginning, as the reader counts from its buffer."""
    file.seek(0)
    if encoding.startswith("utf-16"):
        return Unreadable(f"This is not {encoding} text: {error.reason}. Choose another encoding.")
    for number, line in enumerate(file, 1):
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            return Unreadable(f"Line {number}: this is not {encoding} text. Choose another encoding.")
    return Unreadable(f"This is not {encoding} text. Choose another encoding.")


def _header(rows: Sequence[tuple[int, list[str]]], known: Collection[str]) -> int:
    """The row with most known names; without any, the first that is as wide as the rows mostly are."""
    wanted = {name.casefold() for name in known}
    hits = [len({cell.strip().casefold() for cell in row} & wanted) for _, row in rows]
    if max(hits):
        return hits.index(max(hits))
    filled = [sum(bool(cell.strip()) for cell in row) for _, row in rows]
    usual = Counter(filled).most_common(1)[0][0]
    return next(at for at, width in enumerate(filled) if width >= usual)
