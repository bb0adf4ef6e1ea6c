"""The grid's cells: what stands in each, in which state, and the words that go with it. Typed on the server alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from adminui.planning.outcomes import SETTLED_WELL, TO_FIX, Outcome
from adminui.records.casting import to_json, to_text
from adminui.records.changes import Draft
from adminui.records.schema import NESTED, TEXTUAL, Field, Kind
from adminui.records.values import MISSING, MaybeValue
from adminui.services import references, views
from adminui.services.catalog import Opened
from adminui.services.references import Names
from adminui.services.sheets import clashes_of, draft_of
from adminui.web.values import record_url, show
from adminui.worksheets.models import Row, Worksheet

LONG = 120  # characters of text beyond which a box of its own opens
_FATES = {
    Outcome.NOT_SENT: "unsent",
    Outcome.CANCELLED: "unsent",
    Outcome.UNKNOWN: "doubtful",
    Outcome.NOT_STORED: "doubtful",
}
_EDITORS = {Kind.LONG_TEXT: "long", Kind.BOOLEAN: "boolean", Kind.CHOICE: "choice", Kind.REFERENCE: "reference"}
_HINTS = {
    Kind.DATE: "YYYY-MM-DD",
    Kind.DATETIME: "YYYY-MM-DD HH:MM:SS",
    Kind.INTEGER: "whole number",
    Kind.DECIMAL: "number",
    Kind.REFERENCE: "id",
    Kind.LIST: "JSON list",
    Kind.JSON: "JSON",
}


@dataclass(frozen=True)
class Cell:
    """A cell as the page holds it: `text` is what an editor starts from, None for null and absent."""

    text: str | None
    state: str  # "", "pending", "invalid", "conflict", "failed", "unsent", "doubtful" or "done"
    html: SafeString
    classes: str
    parent: str = ""  # the value a dependent picklist depends on

    @property
    def attributes(self) -> SafeString:
        text = "" if self.text is None else format_html(' data-text="{}"', self.text)
        parent = format_html(' data-parent="{}"', self.parent) if self.parent else ""
        invalid = mark_safe(' aria-invalid="true"') if self.state == "invalid" else ""
        locked = mark_safe(' aria-readonly="true"') if "is-locked" in self.classes else ""
        return format_html(' class="{}"{}{}{}{}', self.classes, text, parent, invalid, locked)

    def as_data(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "state": self.state,
            "html": self.html,
            "classes": self.classes,
            "parent": self.parent,
        }


@dataclass(frozen=True)
class Drawn:
    """A row of the grid. `cells` stand in the order of the columns."""

    row: Row
    url: str
    cells: tuple[Cell, ...]

    @property
    def number(self) -> int:
        return self.row.seq + 2  # the header is the first

    @property
    def outcome(self) -> str:
        return str(self.row.outcome)


def title_field(opened: Opened) -> Field | None:
    frozen = views.frozen(opened)
    return frozen[1] if len(frozen) > 1 else None


def columns(opened: Opened, sheet: Worksheet) -> tuple[Field, ...]:
    """The title first, then the worksheet's own choice."""
    title = title_field(opened)
    return ((title,) if title else ()) + views.columns(opened, sheet.columns)


def draw(opened: Opened, rows: Sequence[Row], fields: Sequence[Field]) -> list[Drawn]:
    drafts = [draft_of(opened, row) for row in rows]
    pending = [draft.changeset.values for draft in drafts]
    names = references.names(opened, fields, [*(row.baseline for row in rows), *pending])
    return [
        Drawn(
            row,
            record_url(opened.connection.name, opened.resource.name, row.record_id),
            tuple(draw_cell(opened, row, draft, field, names) for field in fields),
        )
        for row, draft in zip(rows, drafts, strict=True)
    ]


def touched(opened: Opened, sheet: Worksheet, rows: Sequence[Row]) -> dict[str, dict[str, dict[str, Any]]]:
    """Record id → field → cell, for the rows an edit has touched."""
    fields = columns(opened, sheet)
    drawn = draw(opened, rows, fields)
    return {d.row.record_id: {f.name: cell.as_data() for f, cell in zip(fields, d.cells, strict=True)} for d in drawn}


def draw_cell(opened: Opened, row: Row, draft: Draft, field: Field, names: Names) -> Cell:
    seen: MaybeValue = row.baseline.get(field.name, MISSING)
    text, body = _content(opened, row, draft, field, names)
    state, note = state_of(row, draft, field)
    old = _drawn(opened, field, seen, names) if field.name in row.edits else ""
    html = _clash(field, body, old) if state == "conflict" else _inner(body, old, note)
    return Cell(text, state, html, _classes(opened, field, state), _parent(row, draft, field))


def state_of(row: Row, draft: Draft, field: Field) -> tuple[str, str]:
    """The one state that matters most, and the words for it."""
    name = field.name
    if name in draft.invalid:
        return "invalid", draft.invalid[name]
    if name in clashes_of(row):
        return "conflict", ""
    if name in row.edits and row.outcome in TO_FIX and (words := _words(row, name)):
        return _FATES.get(Outcome(row.outcome), "failed"), words
    if name in row.edits:
        return "pending", ""
    return ("done", "") if row.outcome in SETTLED_WELL and name in row.by_field else ("", "")


def _words(row: Row, name: str) -> str:
    """What the API said of this field; of the whole row where it named no field that was tried."""
    if said := row.by_field.get(name):
        return f"{row.outcome}: {' '.join(said)}"
    elsewhere = any(other in row.edits for other in row.by_field)
    return "" if elsewhere else f"{row.outcome}: {' '.join(row.messages)}"


def _content(opened: Opened, row: Row, draft: Draft, field: Field, names: Names) -> tuple[str | None, SafeString]:
    if field.name in draft.invalid:
        raw = row.edits[field.name]
        text = raw if isinstance(raw, str) else "null" if raw is None else to_json(raw)
        return text, escape(text[:300]) if text else show(opened, field, "").__html__()  # type: ignore[return-value]
    value: MaybeValue = draft.changeset.values.get(field.name, row.baseline.get(field.name, MISSING))
    return (None if value is None or value is MISSING else to_text(field, value)), _drawn(opened, field, value, names)


def _drawn(opened: Opened, field: Field, value: MaybeValue, names: Names) -> SafeString:
    # Links are reached by Enter on their cell: inside the grid only one thing takes part in the order of tabs.
    html = show(opened, field, value, names).__html__().replace("<a ", '<a tabindex="-1" ', 1)
    return mark_safe(html)


def _inner(body: SafeString, old: SafeString | str, note: str) -> SafeString:
    if not old and not note:
        return body
    was = format_html('<del class="cell-old">{}</del>', old) if old else ""
    said = format_html('<span class="cell-note" title="{}">{}</span>', note, note) if note else ""
    return format_html('<span class="cell-value">{}</span>{}{}', body, was, said)


def _clash(field: Field, body: SafeString, theirs: SafeString | str) -> SafeString:
    return format_html(
        '<span class="cell-value">{}</span><span class="cell-note">theirs: {}</span><span class="cell-sides">'
        '<button type="button" class="button small" data-side="mine" tabindex="-1" aria-label="{} mine">Mine</button>'
        '<button type="button" class="button small" data-side="theirs" tabindex="-1" aria-label="{} theirs">Theirs'
        "</button></span>",
        body,
        theirs,
        f"{field.label}: keep",
        f"{field.label}: take",
    )


def _classes(opened: Opened, field: Field, state: str) -> str:
    names = [f"is-{state}"] if state else []
    names += ["col-label"] if field.name == opened.resource.title_field else []
    names += ["is-number"] if field.kind in (Kind.INTEGER, Kind.DECIMAL) else []
    return " ".join(names + (["is-locked"] if field.read_only else []))


def _parent(row: Row, draft: Draft, field: Field) -> str:
    if not field.parent:
        return ""
    value = draft.changeset.values.get(field.parent, row.baseline.get(field.parent))
    return "" if value is None else str(value)


def spec(opened: Opened, field: Field) -> dict[str, Any]:
    """What the page's script has to know of a field to offer an editor; casting stays here."""
    at = [opened.connection.name, opened.resource.name, field.name]
    return {
        "name": field.name,
        "label": field.label,
        "editable": field.editable and opened.editable and field.name != opened.resource.id_field,
        "editor": "long" if field.kind in NESTED else _EDITORS.get(field.kind, "line"),
        "code": field.kind in NESTED,
        "nullable": field.nullable,
        "empty": _empty(field),
        "hint": _HINTS.get(field.kind, ""),
        "choices": [[str(c.value), c.label, "" if c.parent is None else str(c.parent)] for c in _offered(field)],
        "parent": field.parent or "",
        "find": reverse("find-reference", args=at) if field.reference else "",
    }


def _offered(field: Field) -> Iterable[Any]:
    return (choice for choice in field.choices if choice.active)


def _empty(field: Field) -> str | None:
    """What Delete puts in: empty text where there is such a thing, else null."""
    return "" if field.kind in TEXTUAL and field.blank and not field.required else None
