"""Values as cells of a file: exact, told apart on their return, and never run by a spreadsheet.

Blank is null or missing, `""` empty text, `[left as it is: why]` what no cell can hold. What looks like a formula, or
like one of these tokens, has one apostrophe in front, which `literal` takes off again.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final

from adminui.records.casting import to_text
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MaybeValue, as_datetime, as_decimal, same

EMPTY: Final = '""'
NULL: Final = "[null]"
KEEP: Final = "[left as it is"
LONGEST: Final = 32_767  # characters in a spreadsheet's cell
DIGITS: Final = 15  # of a number that a spreadsheet keeps
FIRST_DAY: Final = date(1900, 3, 1)  # before it, spreadsheets count a day that never was

_GUARDED = re.compile(r"""'*(?:(?P<formula>\s*[=+\-@＝＋－＠]|[\t\r\n])|""\Z|\[null\]\Z|\[left as it is)""")
_SIGNS: Final = frozenset("+-")
_FIRST: Final = frozenset("'\"[=+-@＝＋－＠")
_UNKEPT = re.compile("[\ud800-\udfff\0]")
_UNKEPT_IN_XML = re.compile("[\ufffe\uffff]")
_PLAIN_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Token(Enum):
    """What a whole cell says, other than text."""

    BLANK = "blank"
    EMPTY = "empty text"
    NULL = "null"
    KEEP = "left as it is"


@dataclass(frozen=True)
class Written:
    """A cell of a spreadsheet: text, unless a number, a truth or a moment says exactly the same."""

    value: str | int | float | bool | date | datetime
    kind: str = "text"  # or number, boolean, date, datetime


def written(field: Field, value: MaybeValue) -> str:
    """The text of a value, without what protects it: what `meaning` gives back, but for null, missing and empty."""
    return to_text(field, value)


def cell(field: Field, value: MaybeValue, *, formulas: bool = True) -> str:
    """The cell of a CSV file. With `formulas`, what a spreadsheet would run is kept from it."""
    return writer(field, formulas=formulas)(value)


def writer(field: Field, *, formulas: bool = True, longest: int | None = None) -> Callable[[MaybeValue], str]:
    """What writes the cells of a field, each distinct value once: made once, as there are many."""
    textual, most = field.kind in TEXTUAL, longest or sys.maxsize

    def write(value: MaybeValue) -> str:
        if type(value) is int:
            return str(value)
        if type(value) is str:
            if value[:1].isalnum() and value.isascii() and "\0" not in value and len(value) <= most:
                return value  # as nearly all text is
            text = value
        else:
            text = to_text(field, value)
        if not isinstance(value, str | list | dict):
            return text
        if not textual and text[:1] in _SIGNS and as_decimal(text) is not None:
            return text  # a number, no formula
        return _guarded(text, formulas=formulas, longest=longest)

    return write


def typed(text: str | None, *, formulas: bool = True) -> str:
    """The cell of a pending edit as it was typed: null is said, as nothing at all would leave the record as it is."""
    return NULL if text is None else _guarded(text, formulas=formulas, longest=None)


def _guarded(text: str, *, formulas: bool, longest: int | None) -> str:
    if text == "":
        return EMPTY
    found = protected(text, formulas=formulas)
    if found.isascii() and "\0" not in found and (longest is None or len(found) <= longest):
        return found
    why = _unwritable(found, longest)
    return f"{KEEP}: {why}]" if why else found


def _unwritable(text: str, longest: int | None) -> str:
    """Why a file cannot hold this text; empty when it can."""
    if _UNKEPT.search(text):
        return "it holds something that is no character"
    if longest is None:
        return ""
    if _UNKEPT_IN_XML.search(text):
        return "it holds something that a workbook cannot"
    return f"{len(text):,} characters, more than a cell holds" if _units(text) > longest else ""


def clipped(words: str) -> str:
    """Words for a cell of a workbook from which nothing goes back in, so that they may be cut."""
    if not words.isascii() or "\0" in words:
        words = _UNKEPT_IN_XML.sub("\ufffd", _UNKEPT.sub("\ufffd", words))
    if len(words) * 2 <= LONGEST or _units(words) <= LONGEST:
        return words
    return f"{words.encode('utf-16-le')[: 2 * LONGEST - 2].decode('utf-16-le', 'ignore')}…"


def _units(text: str) -> int:
    """The length as spreadsheets count it: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def protected(text: str, *, formulas: bool = True) -> str:
    """Text as it stands in a cell: with an apostrophe where it would be run, or taken for something else."""
    found = _GUARDED.match(text) if text[:1] in _FIRST or text[:1].isspace() else None
    if found is None or (found["formula"] and not formulas and text[0] != "'"):
        return text
    return f"'{text}"


def literal(cell: str) -> str:
    """The text that a cell stands for: the inverse of `protected`, whichever way that was asked."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def meaning(cell: str) -> Token | str:
    """What a cell of a file says: one of the tokens, or its text."""
    if cell == "":
        return Token.BLANK
    if cell == EMPTY:
        return Token.EMPTY
    if cell == NULL:
        return Token.NULL
    return Token.KEEP if cell.startswith(KEEP) else literal(cell)


def spreadsheet(field: Field, value: MaybeValue) -> Written:
    """The cell of a workbook. Text formats keep it from being run; references are text, so that none is cut."""
    return spreadsheet_writer(field)(value)


def spreadsheet_writer(field: Field, *, typed: bool = True) -> Callable[[MaybeValue], Written]:
    """What writes the cells of a field in a workbook, each distinct value once; as text alone unless `typed`."""
    as_typed = _TYPED.get(field.kind) if typed else None
    text = writer(field, formulas=False, longest=LONGEST)

    def write(value: MaybeValue) -> Written:
        found = as_typed(field, value) if as_typed else None
        return found if found is not None and same(field, back(found.value), value) else Written(text(value))

    return write


def spreadsheet_typed(text: str | None) -> Written:
    """The cell of a workbook for a pending edit as it was typed."""
    return Written(NULL if text is None else _guarded(text, formulas=False, longest=LONGEST))


def back(value: str | int | float | bool | date | datetime) -> str:
    """What a typed cell of a workbook is when it is read: numbers in digits, moments as records spell them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(field: Field, value: MaybeValue) -> Written | None:
    number = as_decimal(value)
    if number is None or len(number.as_tuple().digits) > DIGITS or not -DIGITS <= number.adjusted() < DIGITS:
        return None
    if isinstance(value, str) and field.kind is Kind.INTEGER and str(number) != value:
        return None  # 007 as text
    return Written(int(number) if number == number.to_integral_value() else float(number), "number")


def _boolean(field: Field, value: MaybeValue) -> Written | None:
    return Written(value, "boolean") if isinstance(value, bool) else None


def _date(field: Field, value: MaybeValue) -> Written | None:
    moment = as_datetime(value)
    plain = isinstance(value, str) and _PLAIN_DAY.fullmatch(value)
    return Written(moment.date(), "date") if moment and plain and moment.date() >= FIRST_DAY else None


def _datetime(field: Field, value: MaybeValue) -> Written | None:
    moment = as_datetime(value)
    if moment is None or moment.microsecond or moment.date() < FIRST_DAY:
        return None
    return Written(moment.replace(tzinfo=None), "datetime")


_TYPED: Final = {
    Kind.INTEGER: _number,
    Kind.DECIMAL: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
}


def heading(field: Field, *, labels: bool = False) -> str:
    """What stands above a field's column: its raw name, or `Label [name]` where the label says more."""
    label = " ".join(field.label.split()).lstrip("_ ")
    if not field.name.startswith("_") and (not labels or not label or _alike(label) == _alike(field.name)):
        return field.name
    return f"{label} [{field.name}]" if label else f"[{field.name}]"


def _alike(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()


def named(heading: str, names: Iterable[str]) -> str | None:
    """The raw name that a heading means beyond doubt; columns of our own, which begin with `_`, mean none."""
    text = heading.strip()
    if text.startswith("_"):
        return None
    held = list(names)
    if text in held:
        return text
    found = [name for name in held if text == f"[{name}]" or text.endswith(f" [{name}]")]
    return max(found, key=len) if found else None


def headings(fields: Sequence[Field], *, labels: bool = False) -> list[str]:
    return [heading(field, labels=labels) for field in fields]
