"""What the page of a worksheet is given: what is known of it and of its fields, and where to ask for the rest."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from adminui.records.casting import to_text
from adminui.records.packing import PART
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.services import layouts, sheets, views
from adminui.services.bench import quality
from adminui.services.catalog import Opened
from adminui.web.errors import Problem
from adminui.web.values import record_url
from adminui.worksheets.models import Worksheet

LOOKS = ("changed", "invalid", "failed", "conflict", "moved", "selected", "gone")
_URLS = {
    "data": "sheet-data",
    "marks": "sheet-marks",
    "steps": "sheet-steps",
    "history": "sheet-history",
    "names": "sheet-names",
    "mix": "sheet-mix",
    "stats": "sheet-stats",
    "share": "sheet-share",
    "quality": "sheet-quality",
    "resolve": "sheet-resolve",
    "standing": "sheet-standing",
    "layout": "sheet-layout",
    "clean": "sheet-clean",
    "matches": "sheet-matches",
    "table": "sheet-table",
    "operations": "sheet-operations",
    "recipes": "sheet-recipes",
    "facets": "sheet-facets",
    "profile": "sheet-profile",
    "clusters": "sheet-clusters",
    "resolveNames": "sheet-resolve-names",
    "formula": "sheet-formula",
    "last": "sheet-last",
    "progress": "sheet-progress",
    "refresh": "refresh-worksheet",
    "plan": "plan-worksheet",
}
_HINTS = {
    Kind.DATE: "YYYY-MM-DD",
    Kind.INTEGER: "whole number",
    Kind.DECIMAL: "number",
    Kind.REFERENCE: "id",
    Kind.LIST: "JSON list",
    Kind.JSON: "JSON",
}


def page(request: HttpRequest, opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    """The context of worksheets/worksheet.html."""
    kept = {"sheet": sheet, "opened": opened, "boot": boot(request, opened, sheet)}
    if not sheet.problem:
        return kept
    stopped = sheet.state == Worksheet.State.STOPPED
    title = "Not all records have been read" if stopped else "What reading has to say"
    return {**kept, "problem": Problem(200, title, title, "", sheet.problem)}


def boot(request: HttpRequest, opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    fixed = [f.name for f in views.frozen(opened)]
    kept = layouts.of(opened)
    only = request.GET.get("only", "")
    return {
        "id": sheet.pk,
        "title": sheet.title,
        "version": sheet.version,
        "baseline": sheet.baseline,
        "rows": sheet.rows,
        "part": PART,
        "me": {"id": opened.user.pk, "name": opened.user.get_username()},
        "owner": {"id": sheet.owner_id, "name": sheet.owner.get_username()},
        "mine": sheets.owns(opened, sheet),
        "editable": sheets.may_edit(opened, sheet),
        "may_plan": sheets.may_edit(opened, sheet),
        "sharing": sheet.sharing,
        "source": sheet.source,
        "state": sheet.state,
        "read_at": sheet.read_at.isoformat() if sheet.read_at else None,
        "zone": "UTC",
        "connection": _connection(opened),
        "resource": _resource(opened),
        "fields": [spec(opened, sheet, f) for f in _in_order(opened, fixed)],
        "columns": [f.name for f in views.columns(opened, sheet.columns)],
        "layout": kept.left,
        "layouts": list(kept.named),
        "missing": sheet.missing,
        "rules": quality.number(opened),
        "only": only if only in LOOKS else "",
        "urls": _urls(opened, sheet),
    }


def _in_order(opened: Opened, fixed: list[str]) -> list[Field]:
    """The id first, then the title."""
    by_name = opened.resource.by_name
    return [*(by_name[name] for name in fixed), *(f for f in opened.resource.visible if f.name not in fixed)]


def _connection(opened: Opened) -> dict[str, str]:
    held = opened.connection
    return {"name": held.name, "label": held.label, "environment": held.environment}


def _resource(opened: Opened) -> dict[str, str]:
    held = opened.resource
    return {
        "name": held.name,
        "label": held.label,
        "singular": held.singular,
        "id_field": held.id_field,
        "title_field": held.title_field,
    }


def _urls(opened: Opened, sheet: Worksheet) -> dict[str, str]:
    here = {name: reverse(address, args=[sheet.pk]) for name, address in _URLS.items()}
    return {**here, "record": record_url(opened.connection.name, opened.resource.name, "__id__")}


def spec(opened: Opened, sheet: Worksheet, field: Field) -> dict[str, Any]:
    """What the page has to know of a field to show, edit and judge a value; the server has the last word."""
    at = [opened.connection.name, opened.resource.name, field.name]
    return {
        "name": field.name,
        "label": field.label,
        "kind": field.kind.value,
        "editable": field.editable and sheets.may_edit(opened, sheet) and field.name != opened.resource.id_field,
        "nullable": field.nullable,
        "blank": field.kind in TEXTUAL and field.blank and not field.required,
        "required": field.required,
        "max_length": field.max_length,
        "min": None if field.min_value is None else str(field.min_value),
        "max": None if field.max_value is None else str(field.max_value),
        "digits": field.max_digits,
        "places": field.decimal_places,
        "choices": [[to_text(field, c.value), c.label, c.active, to_text(field, c.parent)] for c in field.choices],
        "parent": field.parent or "",
        "reference": field.reference or "",
        "find": reverse("find-reference", args=at) if field.reference else "",
        "zone": field.zone,
        "unordered": field.unordered,
        "key": field.key,
        "group": field.group,
        "help": field.help,
        "hint": _hint(field),
        "now": "",
    }


def _hint(field: Field) -> str:
    if field.kind is Kind.DATETIME:
        return f"YYYY-MM-DD HH:MM:SS, {field.zone or 'local time'}"
    return _HINTS.get(field.kind, "")
