"""Numbers as Excel shows them: with local separators, in E notation, with no more than 15 digits. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Final

_EXACT_DIGITS: Final = 15  # of a number in a cell
_SHOWN_DIGITS: Final = range(9, 12)  # of a long fraction, in a cell as wide as it takes
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d{1,3})?", re.ASCII)
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(?:[.  \u202f'’]\d{3})+(?:,\d+)?", re.ASCII)
_SPACE_GROUPS = re.compile(r"[+-]?\d{1,3}(?:[  \u202f]\d{3})+(?:\.\d+)?", re.ASCII)
_SEPARATORS = re.compile(r"[  \u202f'’]")
_AS_SHOWN = re.compile(r"-?(?:0|[1-9]\d*)?(?:[.,]\d+)?(?:E[+-]?\d{1,3})?", re.ASCII)


def is_plain(text: str, *, whole: bool) -> bool:
    return (_WHOLE if whole else _PLAIN).fullmatch(text) is not None


def readings(text: str, marks: str = ".,") -> set[Decimal]:
    """Every number that the text may be: with a point or a comma before the fraction."""
    text, sign, percent = _unwrapped(text)
    found = {number for mark in marks if (number := _read(text, mark)) is not None}
    return {number.scaleb(-2) * sign for number in found} if percent else {number * sign for number in found}


def by_mark(text: str, mark: str) -> Decimal | None:
    """The number with this decimal mark."""
    text, sign, percent = _unwrapped(text)
    number = _read(text, mark)
    return None if number is None else (number.scaleb(-2) if percent else number) * sign


def _unwrapped(text: str) -> tuple[str, int, bool]:
    text = text.strip()
    negative = len(text) > 2 and text[0] == "(" and text[-1] == ")"
    text = text[1:-1] if negative else text
    percent = text.endswith("%")
    return text[:-1].rstrip() if percent else text, -1 if negative else 1, percent


def _read(text: str, mark: str) -> Decimal | None:
    if len(text) > 60 or not any(map(str.isdigit, text)):
        return None
    if mark == ".":
        if _PLAIN.fullmatch(text):
            return Decimal(text)
        grouped = _POINT_GROUPS.fullmatch(text) or _SPACE_GROUPS.fullmatch(text)
        return Decimal(_SEPARATORS.sub("", text).replace(",", "")) if grouped else None
    if _COMMA.fullmatch(text) or _COMMA_GROUPS.fullmatch(text):
        return Decimal(_SEPARATORS.sub("", text).replace(".", "").replace(",", "."))
    return Decimal(text) if _PLAIN.fullmatch(text) and "." not in text else None


def could_group(text: str) -> bool:
    """A point that may stand between thousands."""
    return re.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+", text) is not None


def explains(text: str, cell: str, marks: str = ".,", *, number: bool) -> bool:
    """Whether a cell that was given `text` may show `cell`; `number`: the text is one already, with a point.

    Of other text only what Excel shows by itself is an explanation. `marks` are the decimal marks of this column.
    """
    if text == cell or not any(map(str.isdigit, cell)) or not any(map(str.isdigit, text)):
        return False
    if not number and not _AS_SHOWN.fullmatch(cell):
        return False  # nor does it put zeros or a plus in front: that was a person
    shown = readings(cell, marks)
    held = readings(text, "." if number else ".,")
    return bool(shown) and any(_shows(each, cell, shown) for each in held)


def _shows(number: Decimal, cell: str, shown: Collection[Decimal]) -> bool:
    digits = _digits(cell)
    lengths = {_EXACT_DIGITS}
    if "E" in cell.upper():
        lengths.add(digits)
    elif number != number.to_integral_value():
        lengths |= {*_SHOWN_DIGITS, max(digits, _SHOWN_DIGITS.start)}
    made = {number} | {_cut(number, length, how) for length in lengths for how in (ROUND_DOWN, ROUND_HALF_UP)}
    return bool(made & set(shown))


def _cut(number: Decimal, digits: int, how: str) -> Decimal:
    return Context(prec=max(digits, 1), rounding=how).plus(number)


def _digits(cell: str) -> int:
    """Digits that are shown, but for zeros in front."""
    front = re.split("[eE]", cell)[0]
    return len("".join(filter(str.isdigit, front)).lstrip("0"))


def mark_of(cells: Collection[str]) -> str:
    """The decimal mark that the cells of a column have; nothing where none of them tells."""
    told = [mark for cell in cells if (mark := _mark(cell.strip()))]
    commas = told.count(",")
    return "," if commas > len(told) - commas else "." if told else ""


def _mark(cell: str) -> str:
    """The mark of a cell that cannot be read otherwise."""
    if could_group(cell) or (_POINT_GROUPS.fullmatch(cell) and "." not in cell):
        return ""
    if (_PLAIN.fullmatch(cell) and "." in cell) or _POINT_GROUPS.fullmatch(cell):
        return "."
    return "," if _COMMA.fullmatch(cell) or _COMMA_GROUPS.fullmatch(cell) else ""


def width_of(values: Collection[str]) -> int:
    """The digits all values have that are nothing but digits, where some begin with zero; 0 where they differ."""
    widths = {len(value) for value in values if value.isdigit()}
    zeros = any(value.startswith("0") and value.isdigit() for value in values)
    return widths.pop() if len(widths) == 1 and zeros and len(values) > 1 else 0
