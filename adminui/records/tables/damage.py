"""What Excel does to cells on their way: whether a value explains a cell as a damaged form of itself. Pure.

Two questions, asked in this order. `explained(field, value, cell)`: is the cell what Excel makes of the value the
record holds? Then nobody changed anything. `looks(field, cell)`: does a new value look as if it came out of Excel
otherwise than it was meant? Then it is kept out, unless somebody says how it is to be read (`repaired`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from adminui.records.casting import to_text
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.tables import dates, numbers
from adminui.records.values import MaybeValue, as_boolean

LONGEST: Final = 32_767  # characters of a cell
NUMERIC: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.REFERENCE})
DATED: Final = frozenset({Kind.DATE, Kind.DATETIME})
TRUE: Final = frozenset(
    ["TRUE", "WAHR", "VRAI", "VERDADERO", "VERO", "WAAR", "VERDADEIRO", "SAND", "SANT", "PRAWDA", "TOSI", "ИСТИНА"]
)
FALSE: Final = frozenset(["FALSE", "FALSCH", "FAUX", "FALSO", "ONWAAR", "FALSK", "FALSKT", "FAŁSZ", "EPÄTOSI", "ЛОЖЬ"])
_ERROR = re.compile(r"#(?:N/A|NV|N/V|[A-ZÄÖÜÉ0/ÇÃ]{3,}[!?]|#+)")
_EXPONENT = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]?\d{1,4}")
_CUT_DIGITS = re.compile(r"[+-]?\d{15}0+")
_APOSTROPHE = re.compile(r"'[\d=+\-@.]")
_TWICE = re.compile("[ÂÃ][\u0080-\u00bf\u0152-\u2122]|â(?:€|‚|„)|Ã|ï»¿")
_TO_CP1252 = {
    chr(byte) if not (text := bytes([byte]).decode("cp1252", "ignore")) else text: byte for byte in range(256)
}
_FROM_CP1252 = "".join(sorted(_TO_CP1252, key=lambda char: _TO_CP1252[char]))


class Sign(StrEnum):
    """What was done to a cell, in words."""

    ZEROS = "lost leading zeros or a plus"
    EXPONENT = "turned into E notation"
    DIGITS = "cut after 15 digits"
    NUMBER = "number in another notation"
    DATE = "reformatted date or time"
    BOOLEAN = "turned into a word for true or false"
    ERROR = "an error of a formula"
    CUT = f"cut after {LONGEST:,} characters"
    LETTERS = "letters of another encoding"
    APOSTROPHE = "an apostrophe put in front"


NEVER: Final = frozenset({Sign.ERROR, Sign.CUT})  # there is no telling what they were


@dataclass(frozen=True)
class Reading:
    """How a column's cells are to be read: dates by the order of their parts, numbers by their decimal mark, and the
    digits that all of its numbers have. What is empty, or 0, nobody knows.
    """

    order: str = ""  # "dmy", "mdy", "ymd"
    decimal: str = ""  # "." or ","
    width: int = 0


PLAIN: Final = Reading()


def explained(field: Field, value: MaybeValue, cell: str, reading: Reading = PLAIN) -> Sign | None:
    """What Excel has done to the value if the cell is what came out of it; None where that is no explanation."""
    text = _lines(to_text(field, value))
    cell = _lines(cell)
    if not text or not cell:
        return None
    number = field.kind in NUMERIC
    if numbers.explains(text, cell, reading.decimal or ".,", number=number):
        return _of_number(field, text, cell)
    if dates.explains(text, cell, reading.order, serials=not number):
        return Sign.DATE
    if (truth := truth_of(cell)) is not None and cell == cell.upper() and truth == _truth(field, text):
        return Sign.BOOLEAN
    return _of_text(text, cell)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _of_number(field: Field, text: str, cell: str) -> Sign:
    if _EXPONENT.fullmatch(cell):
        return Sign.EXPONENT
    if text.lstrip().startswith(("0", "+")) and field.kind not in NUMERIC:
        return Sign.ZEROS
    return Sign.DIGITS if sum(map(str.isdigit, text)) > 15 else Sign.NUMBER


def _truth(field: Field, text: str) -> bool | None:
    return as_boolean(text) if field.kind is Kind.BOOLEAN else truth_of(text)


def truth_of(text: str) -> bool | None:
    word = text.strip().upper()
    return True if word in TRUE else False if word in FALSE else None


def _of_text(text: str, cell: str) -> Sign | None:
    if len(cell) >= LONGEST - 1 and len(text) > len(cell) and text.startswith(cell):
        return Sign.CUT
    if (cell.startswith("'") and cell[1:] == text) or (text.startswith("'") and text[1:] == cell):
        return Sign.APOSTROPHE
    if not text.isascii() and (cell in _otherwise(text) or _unknown_letters(text, cell)):
        return Sign.LETTERS
    return None


def _otherwise(text: str) -> set[str]:
    """How the text reads in the wrong encoding, or written in one that lacks its letters."""
    data = text.encode("utf-8", "replace")
    found = {"".join(_FROM_CP1252[byte] for byte in data), data.decode("mac_roman"), data.decode("latin-1")}
    return found | {text.encode(name, "replace").decode(name) for name in ("cp1252", "latin-1", "ascii", "mac_roman")}


def _unknown_letters(text: str, cell: str) -> bool:
    if "\ufffd" not in cell or len(cell) > 2_000:
        return False
    parts = [re.escape(part) for part in re.split("\ufffd+", cell)]
    return re.fullmatch("[^\x00-\x7f]+".join(parts), text) is not None


def looks(field: Field, cell: str, reading: Reading = PLAIN) -> Sign | None:
    """What a new value looks like that Excel has changed on the way; None for one that can be taken as it is."""
    if _ERROR.fullmatch(cell):
        return Sign.ERROR
    if field.kind in TEXTUAL:
        return _text_looks(cell, reading)
    if field.kind in NUMERIC:
        return _number_looks(field, cell.strip(), reading)
    if field.kind in DATED:
        return Sign.DATE if not dates.is_iso(cell) and dates.readings(cell, serials=True) else None
    if field.kind is Kind.BOOLEAN and as_boolean(cell) is None and truth_of(cell) is not None:
        return Sign.BOOLEAN
    return Sign.CUT if len(cell) == LONGEST else None


def _text_looks(cell: str, reading: Reading) -> Sign | None:
    if cell[:1] in "+-0123456789" and (sign := beyond(cell)):
        return sign
    if reading.width and cell.isdigit() and cell.isascii() and len(cell) < reading.width:
        return Sign.ZEROS
    if cell in TRUE or cell in FALSE:
        return Sign.BOOLEAN
    if _APOSTROPHE.match(cell):
        return Sign.APOSTROPHE
    if len(cell) == LONGEST:
        return Sign.CUT
    if len(cell) <= 12 and dates.is_short(cell):
        return Sign.DATE
    return Sign.LETTERS if not cell.isascii() and ("\ufffd" in cell or _decoded(cell) is not None) else None


def _number_looks(field: Field, cell: str, reading: Reading) -> Sign | None:
    if sign := beyond(cell):
        return sign
    whole = field.kind is not Kind.DECIMAL
    if numbers.is_plain(cell, whole=whole):
        return Sign.NUMBER if reading.decimal == "," and numbers.could_group(cell) else None
    if numbers.readings(cell):
        return Sign.NUMBER
    return Sign.DATE if dates.readings(cell) else None


def beyond(cell: str) -> Sign | None:
    """Digits that a cell of Excel could not hold."""
    if _EXPONENT.fullmatch(cell):
        return Sign.EXPONENT
    return Sign.DIGITS if _CUT_DIGITS.fullmatch(cell) else None


def of_key(cell: str, *, number: bool) -> Sign | None:
    """Whether what names a record may have named another one before. `number`: keys are whole numbers."""
    cell = cell.strip()
    if sign := beyond(cell):
        return sign
    if _ERROR.fullmatch(cell):
        return Sign.ERROR
    if cell in TRUE or cell in FALSE:
        return Sign.BOOLEAN
    if number and not numbers.is_plain(cell, whole=True) and numbers.readings(cell):
        return Sign.NUMBER
    dated = dates.readings(cell) if number else dates.is_short(cell) or dates.is_local(cell)
    if dated and not (number and cell.isdigit()):
        return Sign.DATE
    if _APOSTROPHE.match(cell):
        return Sign.APOSTROPHE
    return Sign.LETTERS if not cell.isascii() and ("\ufffd" in cell or _decoded(cell) is not None) else None


def _decoded(cell: str) -> str | None:
    """UTF-8 that was read as cp1252, put right; None where it was not."""
    if not _TWICE.search(cell):
        return None
    try:
        return bytes(_TO_CP1252[char] for char in cell).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None


def repaired(field: Field, cell: str, sign: Sign, reading: Reading) -> str | None:
    """The cell as it is to be read now that somebody has said how; None where nobody can know."""
    if sign in NEVER:
        return None
    if sign is Sign.DATE and field.kind in DATED:
        return dates.in_order(cell, reading.order, timed=field.kind is Kind.DATETIME)
    if sign in (Sign.NUMBER, Sign.EXPONENT) and field.kind in NUMERIC:
        number = numbers.by_mark(cell, reading.decimal or ".")
        return None if number is None else _spelt(number, whole=field.kind is not Kind.DECIMAL)
    if sign is Sign.BOOLEAN and field.kind is Kind.BOOLEAN:
        return "true" if truth_of(cell) else "false"
    if sign is Sign.APOSTROPHE:
        return cell[1:]
    return _decoded(cell) if sign is Sign.LETTERS and "\ufffd" not in cell else cell


def _spelt(number: Decimal, *, whole: bool) -> str:
    return format(number.to_integral_value() if whole and number == number.to_integral_value() else number, "f")


def reading_of(field: Field, pairs: Collection[tuple[str, str]], values: Collection[str]) -> Reading:
    """How a column is to be read, as far as it tells: `pairs` of what records hold and cells that differ from it, and
    `values` that records hold.
    """
    if field.kind in DATED:
        return Reading(order=dates.order_of(cell for _, cell in pairs) or dates.order_between(pairs))
    if field.kind in NUMERIC:
        return Reading(decimal=numbers.mark_of([cell for _, cell in pairs]))
    return Reading(width=numbers.width_of(values)) if field.kind in TEXTUAL else PLAIN
