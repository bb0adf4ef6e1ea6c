"""A workbook of records: typed columns, ids as text, nothing of it run; and a sheet that says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from adminui.records.schema import Field, Kind
from adminui.records.tables import writing
from adminui.records.tables.writing import Written
from adminui.records.values import MaybeValue
from adminui.services.errors import BadInput
from adminui.services.files import streamed
from adminui.services.files.laying import Heading, Maker
from adminui.services.files.streamed import Rows, Skeleton, inline

MOST_COLUMNS: Final = 16_384
ROWS: Final = "Rows"
ABOUT: Final = "Read me"
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


class Cells:
    """Cells as XML, from behind their place on; nothing for blank ones. The first column holds the ids."""

    def __init__(self, heads: Sequence[Heading]) -> None:
        """Raises BadInput for more columns than a sheet has."""
        if len(heads) > MOST_COLUMNS:
            raise BadInput(f"A workbook has {MOST_COLUMNS:,} columns; these are {len(heads):,}.", "Export as CSV.")
        self._key = heads[0].field
        self._styles = dict(zip(_STYLES, _skeleton(heads, [], [0]).styles, strict=True))
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
        return inline(writing.clipped(words), self._ours)

    def _xml(self, cell: Written) -> str:
        value = cell.value
        if isinstance(value, str):
            return inline(value, self._text)
        style = self._styles[cell.kind]
        if isinstance(value, bool):
            return f' s="{style}" t="b"><v>{value:d}</v></c>'
        return f' s="{style}"><v>{_serial(value) if isinstance(value, date) else value}</v></c>'


def _serial(moment: date) -> str:
    """Days since the last one of 1899, with the day's fraction."""
    if not isinstance(moment, datetime):
        return str((moment - _DAY_0.date()).days)
    passed = moment - _DAY_0
    return f"{passed.days + passed.seconds / 86_400:.10f}" if passed.seconds else str(passed.days)


def workbook(heads: Sequence[Heading], found: Rows, about: About) -> Iterator[bytes]:
    """Block by block, as it is made."""
    return streamed.workbook(partial(_skeleton, heads, about), found)


def _skeleton(heads: Sequence[Heading], about: About, counts: Sequence[int]) -> Skeleton:
    def fill(book: Any) -> None:
        book.set_properties({"title": dict(about).get("title", "")})
        formats = {name: book.add_format(held) for name, held in (_STYLES | _OTHERS).items()}
        for at, count in enumerate(counts, 1):
            _sheet(book.add_worksheet(f"{ROWS} {at}" if at > 1 else ROWS), heads, count, formats)
        _about(book.add_worksheet(ABOUT), about, formats)

    return streamed.skeleton(fill, len(counts))


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
    sheet.ignore_errors({"number_stored_as_text": f"A1:{streamed.letters(len(heads) - 1)}{rows + 1}"})


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
