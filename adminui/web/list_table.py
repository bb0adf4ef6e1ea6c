"""The rows of a list, drawn in Python: a page holds over a thousand cells, and templates would take most of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue, Record, readable
from adminui.services.catalog import Opened
from adminui.services.references import Names
from adminui.web.values import LONGEST, Shown, show

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
    zone: str


def header(opened: Opened, frozen: Iterable[Field], fields: Iterable[Field]) -> list[Column]:
    held = opened.resource.id_field
    first = [_column(f, "col-id" if f.name == held else "col-label") for f in frozen]
    return [*first, *(_column(f, "is-number" if f.kind in _NUMBERS else "") for f in fields)]


def _column(field: Field, css: str) -> Column:
    return Column(field.name, field.label, field.kind.value, GLYPHS[field.kind], css, field.zone)


def rows(
    opened: Opened,
    records: Iterable[Record],
    title: Field | None,
    fields: Iterable[Field],
    names: Names,
    *,
    ticks: bool,
) -> SafeString:
    """`<tr>`s: room for a tick where rows can be chosen, id and title as links to the record, then the cells."""
    shown, to = tuple(fields), _links(opened)
    parts: list[str] = []
    for record in records:
        parts.append(_start(opened, record, title, ticks=ticks))
        parts += [_cell(show(opened, f, record.get(f.name, MISSING), names), f, record.get(f.name), to) for f in shown]
        parts.append("\n")
    return mark_safe(readable("".join(parts)))


# Half of what a page of cells weighs would be marks that say nothing: HTML lets end tags and quotes be left out,
# addresses be relative, and a cell itself carry what `Shown` needs an element for. The script adds ticks and hints.

_BARE = re.compile(r"[\w./-]+")
_WHOLE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?")
_MARKED = {
    "null": "<td class=is-null>null",
    "empty": "<td class=is-empty>empty",
    "missing": "<td class=is-missing>not set",
}
_MARKED_NUMBERS = {kind: re.sub(r"(is-\w+)", r'"\1 n"', cell) for kind, cell in _MARKED.items()}


def _start(opened: Opened, record: Record, title: Field | None, *, ticks: bool) -> str:
    """One link is enough: the script makes the id lead where the title does."""
    held = str(opened.whole.id_of(record))
    start, url = "<tr><td><td>" if ticks else "<tr><td>", _attribute(f"records/{quote(held, safe='')}/")
    if title is None:
        return f"{start}<a href={url}>{escape(held)}</a>"
    shown = show(opened, title, record.get(title.name, MISSING))
    text = shown.__html__() if shown.kind in _MARKED else escape(_cut(shown.text))
    return f"{start}{escape(held)}<th scope=row><a href={url}>{text}</a>"


def _links(opened: Opened) -> Mapping[str | None, str]:
    """The relative address of each referenced resource's records, seen from this list."""
    up = "../" * (opened.resource.name.count("/") + 1)
    return {f.reference: f"{up}{quote(f.reference)}/records/" for f in opened.resource.fields if f.reference}


def _cell(shown: Shown, field: Field, value: MaybeValue, to: Mapping[str | None, str]) -> str:
    if shown.kind in _MARKED:
        return (_MARKED_NUMBERS if field.kind in _NUMBERS else _MARKED)[shown.kind]
    if shown.kind == "reference":
        url = _attribute(f"{to[field.reference]}{quote(str(value), safe='')}/")
        return f"<td><a href={url}>{escape(_cut(shown.text))}</a>"
    if shown.kind == "number":
        return f"<td class=n>{escape(shown.text)}"
    if shown.kind == "boolean":
        return f"<td class=is-{shown.raw}>{escape(shown.text)}"
    if shown.kind == "datetime" and field.kind is Kind.DATETIME and _WHOLE.fullmatch(str(value)):
        return f"<td>{escape(shown.text)}"
    css = {"json": " class=value-json", "inactive": " class=value-inactive"}.get(shown.kind, "")
    return f"<td{css}{_exact(shown)}>{escape(_cut(shown.text))}{' (inactive)' if shown.kind == 'inactive' else ''}"


def _exact(shown: Shown) -> str:
    """The exact value, where the eye sees another one."""
    return f" title={_attribute(_cut(shown.raw))}" if shown.raw and shown.raw != shown.text else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _attribute(text: str) -> str:
    return text if _BARE.fullmatch(text) else f'"{escape(text)}"'
