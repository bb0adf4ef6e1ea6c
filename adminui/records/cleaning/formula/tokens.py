"""A formula cut into words, texts, numbers, fields and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from adminui.records.cleaning.formula.problems import FormulaError, short

LONGEST: Final = 10_000  # characters of a formula

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)
    | (?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    | (?P<field>\{[^{}]*\})
    | (?P<name>[^\W\d]\w*)
    | (?P<sign><=|>=|!=|<>|==|[-+*/%&=<>(),;])""",
    re.VERBOSE,
)
_SAME: Final = {"==": "=", "<>": "!=", ";": ","}


@dataclass(frozen=True)
class Token:
    kind: str  # number, text, field, name, sign, end
    text: str  # names in lower case; signs as they are called here
    at: int
    length: int


def tokens(formula: str) -> list[Token]:
    """All of them, an "end" last. Raises FormulaError."""
    if len(formula) > LONGEST:
        raise FormulaError(f"A formula has at most {LONGEST:,} characters.", LONGEST, len(formula) - LONGEST)
    found, at = [], 0
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        if match is None:
            raise _unknown(formula, at)
        if match.lastgroup != "space":
            found.append(_token(str(match.lastgroup), match))
        at = match.end()
    return [*found, Token("end", "", len(formula.rstrip()), 0)]


def _token(kind: str, match: re.Match[str]) -> Token:
    text = match[0]
    if kind == "text":
        quote = text[0]
        text = text[1:-1].replace(quote * 2, quote)
    elif kind == "field":
        text = text[1:-1].strip()
    else:
        text = _SAME.get(text, text.lower())
    return Token(kind, text, match.start(), match.end() - match.start())


def _unknown(formula: str, at: int) -> FormulaError:
    sign, rest = formula[at], len(formula) - at
    if sign in "\"'":
        return FormulaError(f"This text has no end: put {sign} after it.", at, rest)
    if sign == "{":
        return FormulaError("This field has no end: put } after its name.", at, _word(formula, at + 1) - at)
    if sign in "“”„‟«»‘’‚":
        return FormulaError("Text stands between straight quotes: \"…\" or '…'.", at, 1)
    return FormulaError(f"“{short(sign)}” means nothing in a formula.", at, 1)


def _word(formula: str, at: int) -> int:
    """Where the word that starts there ends."""
    found = re.compile(r"[\w ]*").match(formula, at)
    return found.end() if found else at
