"""Functions of text. Places count from 1; a letter is a letter, whatever its case, only where the help says so."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from adminui.records.cleaning.formula.functions import Function
from adminui.records.cleaning.formula.made import LONGEST_TEXT, Type, bounded, too_long
from adminui.records.cleaning.formula.problems import Left, short
from adminui.records.values import as_decimal

_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _left(text: str, count: int) -> str:
    return text[: max(count, 0)]


def _right(text: str, count: int) -> str:
    return text[-count:] if count > 0 else ""


def _mid(text: str, start: int, count: int) -> str:
    if start < 1:
        raise Left("would start before the first character")
    return text[start - 1 : start - 1 + max(count, 0)]


def _replace(text: str, part: str, by: str) -> str:
    if not part:
        return text
    if len(text) + text.count(part) * (len(by) - len(part)) > LONGEST_TEXT:
        raise too_long()
    return text.replace(part, by)


def _split(text: str, separator: str, n: int) -> str | None:
    if not separator:
        raise Left("cannot be split at nothing")
    parts = text.split(separator)
    place = n - 1 if n > 0 else n
    return parts[place] if n and -len(parts) <= place < len(parts) else None


def _pad(text: str, length: int, fill: str = " ") -> str:
    return _filling(text, length, fill) + text


def _pad_end(text: str, length: int, fill: str = " ") -> str:
    return text + _filling(text, length, fill)


def _filling(text: str, length: int, fill: str) -> str:
    if length > LONGEST_TEXT:
        raise too_long()
    if len(fill) != 1:
        raise Left(f"is filled up with one character, not with “{short(fill)}”")
    return fill * (length - len(text))


def _repeat(text: str, count: int) -> str:
    if len(text) * max(count, 0) > LONGEST_TEXT:
        raise too_long()
    return text * count


def _title(text: str) -> str:
    return bounded(_WORD.sub(lambda word: word[0][0].upper() + word[0][1:].lower(), text))


def _number(text: str, mark: str = "") -> Decimal | None:
    """Plain, or with a decimal mark: then the other one, spaces and apostrophes may group the digits by three."""
    if not text.strip():
        return None
    if mark not in ("", ".", ","):
        raise Left(f"has no decimal mark “{short(mark)}”: it is . or ,")
    found = as_decimal(_plain(text.strip(), mark) if mark else text)
    if found is None:
        raise Left(f"“{short(text)}” is not a number")
    return found


def _plain(text: str, mark: str) -> str:
    whole, point, rest = text.partition(mark)
    grouped = _GROUPED[mark].fullmatch(whole)
    return (_GROUPING.sub("", whole) if grouped else whole) + ("." if point else "") + rest


_GROUPING = re.compile(r"[.,'’\s]")
_GROUPED: Final = {
    mark: re.compile(rf"[+-]?[0-9]{{1,3}}(?:([{other}'’\s])[0-9]{{3}})(?:\1[0-9]{{3}})*")
    for mark, other in ((".", ","), (",", "."))
}


def _texts(name: str, takes: str, gives: Type, help: str, act: object) -> Function:
    assert callable(act)
    return Function(name, tuple(takes.split(", ")) if takes else (), gives, help, "Text", act)


_T, _N, _B = Type.TEXT, Type.NUMBER, Type.BOOLEAN
FUNCTIONS: Final = (
    _texts("trim", "text", _T, "Without spaces at both ends.", str.strip),
    _texts("collapse", "text", _T, "Trimmed, and every run of spaces made one.", lambda t: _SPACES.sub(" ", t).strip()),
    _texts("upper", "text", _T, "In capital letters.", lambda t: bounded(t.upper())),
    _texts("lower", "text", _T, "In small letters.", lambda t: bounded(t.lower())),
    _texts("title", "text", _T, "Each word with a capital letter first, small ones after it.", _title),
    _texts("left", "text, count: whole", _T, "The first so many characters.", _left),
    _texts("right", "text, count: whole", _T, "The last so many characters.", _right),
    _texts("mid", "text, start: whole, count: whole", _T, "So many characters from a place on; the first is 1.", _mid),
    _texts("len", "text", _N, "How many characters it has.", lambda t: Decimal(len(t))),
    _texts(
        "find",
        "text, part: text",
        _N,
        "The place of the part in the text, 0 without it.",
        lambda t, part: Decimal(t.find(part) + 1),
    ),
    _texts("replace", "text, part: text, by: text", _T, "Every such part by another text.", _replace),
    _texts("contains", "text, part: text", _B, "Whether the text has this part.", lambda t, part: part in t),
    _texts("starts", "text, part: text", _B, "Whether the text starts so.", str.startswith),
    _texts("ends", "text, part: text", _B, "Whether the text ends so.", str.endswith),
    _texts(
        "split",
        "text, separator: text, n: whole",
        _T,
        "The n-th part between separators, from the end where n is negative; null without one.",
        _split,
    ),
    _texts(
        "pad", "text, length: whole, fill: text?", _T, "Filled up to a length in front, with spaces or `fill`.", _pad
    ),
    _texts("pad_end", "text, length: whole, fill: text?", _T, "Filled up to a length at the end.", _pad_end),
    _texts("repeat", "text, count: whole", _T, "The text so many times.", _repeat),
    _texts("newline", "", _T, "A line break.", lambda: "\n"),
    _texts("number", "text, mark: text?", _N, "Text read as a number; mark is the decimal mark, . or ,.", _number),
    _texts("text", "value: text", _T, "A number, or true and false, as text.", lambda t: t),
)
