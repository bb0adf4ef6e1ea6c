"""Changes in a file: CSV or JSON as rows of raw values, each with the line it begins in. Nothing is trimmed."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from adminui.records.tables.reading import DELIMITERS, Unreadable, csv_rows

__all__ = ["Row", "Table", "Tokens", "Unreadable", "parse"]

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SPACE: Final = " \t\r\n"


@dataclass(frozen=True)
class Row:
    """One record of the file: column → raw value. What is to be left alone is absent, None is null."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A file as read."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Tokens:
    """What cells of a CSV file say where they mean null, and empty text."""

    null: str | None = None
    empty: str | None = None


def parse(data: bytes, name: str, tokens: Tokens, encoding: str | None = None) -> Table:
    """By the name's ending; without one that is known, what begins as JSON is JSON. Raises Unreadable."""
    text = _decoded(data, encoding)
    ending = name.lower().rpartition(".")[2]
    looks_json = text.lstrip()[:1] in ("[", "{")
    if ending == "json" or (ending not in ("csv", "tsv", "txt") and looks_json):
        return _from_json(text)
    return _from_csv(text, tokens)


def _decoded(data: bytes, encoding: str | None) -> str:
    if encoding is None:
        encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        return data.decode(encoding)
    except LookupError:
        raise Unreadable(f"There is no encoding “{encoding}”.") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        hint = " Name the file's own with --encoding, such as cp1252."
        raise Unreadable(f"Line {line}: this is not {encoding} text.{hint}") from None


def _from_csv(text: str, tokens: Tokens) -> Table:
    lines = list(csv_rows(io.StringIO(text, newline=""), _delimiter(text)))
    if not lines:
        raise Unreadable("The file is empty: the first line names the columns, one of them id.")
    (_, header), *body = lines
    columns = tuple(name.strip() for name in header)
    _check_columns(columns)
    odd = [_odd_length(line, cells, columns) for line, cells in body if len(cells) != len(columns)]
    if odd:
        raise Unreadable(*odd)
    return Table(columns, tuple(Row(line, _meant(columns, cells, tokens)) for line, cells in body))


def _delimiter(text: str) -> str:
    """The one that finds most columns in the first line, if one of them is id."""
    first = next(iter(text.splitlines()), "")
    widths = {mark: names for mark in DELIMITERS if "id" in (names := _header(first, mark))}
    return max(widths, key=lambda mark: len(widths[mark]), default=",")


def _header(line: str, delimiter: str) -> list[str]:
    return [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter), [])]


def _check_columns(columns: Sequence[str]) -> None:
    twice = {name for name in columns if columns.count(name) > 1}
    if twice:
        raise Unreadable(*(f"Line 1: the column “{name}” stands there twice." for name in sorted(twice)))


def _odd_length(line: int, cells: Sequence[str], columns: Sequence[str]) -> str:
    return f"Line {line}: it has {len(cells)} cells, the first line {len(columns)}."


def _meant(columns: Sequence[str], cells: Sequence[str], tokens: Tokens) -> dict[str, str | None]:
    """An empty cell leaves the field alone."""
    return {name: _cell(cell, tokens) for name, cell in zip(columns, cells, strict=True) if cell != ""}


def _cell(cell: str, tokens: Tokens) -> str | None:
    if cell == tokens.null:
        return None
    return "" if cell == tokens.empty else cell


def _from_json(text: str) -> Table:
    rows = tuple(_json_rows(text))
    columns = tuple(dict.fromkeys(name for row in rows for name in row.values))
    return Table(columns, rows)


def _json_rows(text: str) -> Iterator[Row]:
    """Object by object, so that each has its line."""
    at, line, counted = _skip(text, 0), 1, 0
    if text[at : at + 1] != "[":
        raise Unreadable("Line 1: JSON is a list of objects here, each with an id and the fields to set.")
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        line, counted = line + text.count("\n", counted, at), at
        row, at = _object(text, at, line)
        yield row
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise Unreadable(f"Line {text.count(chr(10), 0, at) + 1}: this is not JSON: a comma or ] is missing.")
    if text[_skip(text, at + 1) :]:
        raise Unreadable(f"Line {text.count(chr(10), 0, at) + 1}: something follows the list.")


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _object(text: str, at: int, line: int) -> tuple[Row, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise Unreadable(f"Line {error.lineno}: this is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise Unreadable(f"Line {line}: this is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise Unreadable(f"Line {line}: this is no object with an id and the fields to set.")
    return Row(line, value), end


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"“{next(n for n in names if names.count(n) > 1)}” stands there twice")
    return made


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object_of)
