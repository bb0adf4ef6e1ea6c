"""The rows of a list, drawn in Python: a page holds over a thousand cells, and templates would take most of its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, Record
from adminui.services.catalog import Opened
from adminui.services.references import Names
from adminui.web.values import Shown, record_url, show

GLYPHS: dict[Kind, str] = {
    Kind.TEXT: "Aa",
    Kind.LONG_TEXT: "¶",
    Kind.INTEGER: "#",
    Kind.DECIMAL: "0.0",
    Kind.BOOLEAN: "y/n",
    Kind.CHOICE: "≡",
    Kind.REFERENCE: "→",
    Kind.DATE: "date",
    Kind.DATETIME: "time",
    Kind.LIST: "[ ]",
    Kind.JSON: "{ }",
}
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True)
class Column:
    """A header: the field, the sign of its type, and the classes of its cells."""

    name: str
    label: str
    kind: str
    glyph: str
    css: str


def header(opened: Opened, frozen: Iterable[Field], fields: Iterable[Field]) -> list[Column]:
    held = opened.resource.id_field
    first = [_column(f, "col-id" if f.name == held else "col-label") for f in frozen]
    return [*first, *(_column(f, "is-number" if f.kind in _NUMBERS else "") for f in fields)]


def _column(field: Field, css: str) -> Column:
    return Column(field.name, field.label, field.kind.value, GLYPHS[field.kind], css)


def rows(
    opened: Opened,
    records: Iterable[Record],
    title: Field | None,
    fields: Iterable[Field],
    names: Names,
    *,
    ticks: bool,
) -> SafeString:
    """`<tr>`s: a tick where rows can be chosen, id and title as links to the record, then the cells."""
    drawn = [(f, '<td class="is-number">' if f.kind in _NUMBERS else "<td>") for f in fields]
    parts: list[str] = []
    for record in records:
        parts.append(_start(opened, record, title, ticks=ticks))
        parts += [
            f"{start}{show(opened, field, record.get(field.name, MISSING), names).__html__()}" for field, start in drawn
        ]
        parts.append("\n")
    return mark_safe("".join(parts))


def _start(opened: Opened, record: Record, title: Field | None, *, ticks: bool) -> str:
    """HTML lets `</td>` and `</tr>` be left out; over a page of cells that is a tenth of it."""
    held = escape(opened.whole.id_of(record))
    url = escape(record_url(opened.connection.name, opened.resource.name, held))
    tick = f'<td class="col-select"><input type="checkbox" value="{held}" aria-label="Select {held}">' if ticks else ""
    start = f'<tr>{tick}<td class="col-id"><a href="{url}" data-nav-item>{held}</a>'
    if title is None:
        return start
    shown = _unlinked(show(opened, title, record.get(title.name, MISSING)))
    return f'{start}<th class="col-label" scope="row"><a href="{url}" tabindex="-1">{shown}</a>'


def _unlinked(shown: Shown) -> str:
    """A link may not hold another."""
    return Shown("text", shown.text, shown.raw).__html__() if shown.url else shown.__html__()
