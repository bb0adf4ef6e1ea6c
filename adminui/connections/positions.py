"""Which line of a TOML document defines what; the standard library's parser keeps no positions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

Path: TypeAlias = tuple[str, ...]

_TOKEN: Final = re.compile(
    r'''
      (?P<string> """(?:\\.|[^\\])*?"""(?!") | \'\'\'.*?\'\'\'(?!\') | "(?:\\.|[^"\\])*" | '[^']*' )
    | (?P<newline> \n )
    | (?P<mark> [\[\]{}=,.] )
    | (?P<bare> [^\s\[\]{}=,.\#"']+ )
    | (?P<nothing> \#[^\n]* | \s | . )
    ''',
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def lines(text: str) -> dict[Path, int]:
    """The line of each table and key. The document is one that tomllib has read without complaint."""
    walk = _Walk()
    for token in _tokens(text):
        walk.take(token)
    return walk.found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line that defines `path`, or else the nearest table around it."""
    return next((found[path[:n]] for n in range(len(path), 0, -1) if path[:n] in found), 1)


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "nothing":
            yield _Token(match.lastgroup or "", match[0], line)
        line += match[0].count("\n")


class _Walk:
    """Either a key is being read, piece by piece, or the value behind it is passed over."""

    def __init__(self) -> None:
        self.found: dict[Path, int] = {}
        self.table: Path = ()
        self.path: Path = ()
        self.pieces: list[str] | None = []  # of the key being read; None within a value
        self.open: list[Path | None] = []  # inline tables by their path, arrays as None

    def take(self, token: _Token) -> None:
        if token.kind == "newline":
            if not self.open:
                self.pieces = []
        elif self.pieces is None:
            self.value(token)
        elif token.kind == "mark":
            self.end_key(token, self.pieces)
        else:
            self.pieces.append(_bare(token))

    def end_key(self, token: _Token, pieces: list[str]) -> None:
        if token.text == "]":
            self.table = tuple(pieces)
            self.define(self.table, token.line)
        elif token.text == "=":
            self.path = (*(self.inside or self.table), *pieces)
            self.define(self.path, token.line)
        elif token.text == "}":
            self.open.pop()
        else:
            return
        self.pieces = None

    def value(self, token: _Token) -> None:
        if token.kind != "mark":
            return
        if token.text in "[{":
            self.open.append(self.path if token.text == "{" else None)
        elif token.text in "]}" and self.open:
            self.open.pop()
        if token.text == "{" or (token.text == "," and self.inside is not None):
            self.pieces = []

    @property
    def inside(self) -> Path | None:
        """The innermost inline table being read."""
        return self.open[-1] if self.open else None

    def define(self, path: Path, line: int) -> None:
        for n in range(1, len(path)):
            self.found.setdefault(path[:n], line)
        self.found[path] = line


def _bare(token: _Token) -> str:
    return str(tomllib.loads(f"key = {token.text}")["key"]) if token.kind == "string" else token.text
