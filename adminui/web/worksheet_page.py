"""What the page of a worksheet shows: its rows, its columns, the ways to look at it, and how it stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from adminui.planning.explain import counted
from adminui.records.casting import to_json
from adminui.records.schema import Field
from adminui.services.catalog import Opened
from adminui.services.standing import Only, Standing, rows_of, standing
from adminui.web import cells as grid
from adminui.web.values import grouped
from adminui.worksheets.models import Worksheet

PAGE = 100
ONLY: dict[str, Only] = {"changed": "changed", "invalid": "invalid", "failed": "failed"}
_LOOKS = {"": "All rows", "changed": "Changed", "invalid": "Invalid", "failed": "To fix"}


def address(sheet: Worksheet, query: Any, **other: object) -> str:
    kept = {name: query.get(name) for name in ("only", "page") if query.get(name)}
    wanted = {name: value for name, value in (kept | other).items() if value not in ("", 1, None)}
    path = reverse("worksheet", args=[sheet.pk])
    return f"{path}?{urlencode(wanted)}" if wanted else path


def page(request: HttpRequest, opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    stands = standing(opened, sheet)
    only = ONLY.get(request.GET.get("only", ""), "")
    found = rows_of(sheet, stands, only)
    total = found.count()
    number = _number(request.GET.get("page"), -(-total // PAGE))
    fields = grid.columns(opened, sheet)
    return {
        "sheet": sheet,
        "opened": opened,
        "here": address(sheet, request.GET),
        "only": only,
        "looks": _looks(sheet, stands, only),
        "pager": _pager(sheet, only, number, total),
        "columns": [_column(opened, field) for field in fields],
        "rows": grid.draw(opened, list(found[(number - 1) * PAGE : number * PAGE]), fields),
        "title": grid.title_field(opened),
        "shared": _shared_fields(opened, fields),
        "choosable": _choosable(opened, sheet),
        "total": total,
        "folded": request.COOKIES.get("shared") == "folded",
        **told(stands),
    }


def _number(text: str | None, most: int) -> int:
    return min(max(int(text), 1), max(most, 1)) if text and text.isdecimal() and len(text) < 7 else 1


def _looks(sheet: Worksheet, stands: Standing, only: Only) -> list[dict[str, Any]]:
    counts = {"": stands.rows, "changed": stands.changed, "invalid": len(stands.invalid_rows), "failed": stands.failed}
    return [
        {
            "name": look or "all",
            "label": label,
            "count": grouped(str(counts[look])),
            "url": address(sheet, {"only": look}),
            "on": look == only,
            "hidden": not counts[look] and look not in ("", "changed", only),
        }
        for look, label in _LOOKS.items()
    ]


def _pager(sheet: Worksheet, only: Only, page: int, total: int) -> dict[str, Any] | None:
    if total <= PAGE:
        return None
    last = min(page * PAGE, total)
    query = {"only": only}
    return {
        "first": grouped(str((page - 1) * PAGE + 1)),
        "last": grouped(str(last)),
        "total": grouped(str(total)),
        "previous_url": address(sheet, query, page=page - 1) if page > 1 else None,
        "next_url": address(sheet, query, page=page + 1) if last < total else None,
    }


def _column(opened: Opened, field: Field) -> dict[str, Any]:
    known = grid.spec(opened, field)
    return {
        "field": field,
        "editable": known["editable"],
        "spec": to_json(known),
        "number": _is_number(field),
        "blank": known["empty"] == "",
    }


def _is_number(field: Field) -> bool:
    return field.kind.value in ("integer", "decimal")


def _shared_fields(opened: Opened, shown: tuple[Field, ...]) -> dict[str, list[dict[str, Any]]]:
    """The fields a shared change can set: those of the grid first."""
    here = [_column(opened, f) for f in shown]
    others = [_column(opened, f) for f in opened.resource.visible if f not in shown]
    return {"here": [c for c in here if c["editable"]], "others": [c for c in others if c["editable"]]}


def _choosable(opened: Opened, sheet: Worksheet) -> list[dict[str, Any]]:
    shown = [f.name for f in grid.columns(opened, sheet)]
    fixed = {opened.resource.id_field, opened.resource.title_field}
    fields = sorted(
        (f for f in opened.resource.visible if f.name not in fixed),
        key=lambda f: shown.index(f.name) if f.name in shown else len(shown),
    )
    return [{"name": f.name, "label": f.label, "on": f.name in shown} for f in fields]


def told(stands: Standing) -> dict[str, Any]:
    """What the status bar says, as JSON and in the page alike."""
    return {
        "rows_words": counted(stands.rows, "row"),
        "look_all": grouped(str(stands.rows)),
        "look_changed": grouped(str(stands.changed)),
        "look_invalid": len(stands.invalid_rows),
        "look_failed": stands.failed,
        "cells": stands.cells,
        "pending_words": f"{counted(stands.cells, 'cell')} pending",
        "invalid": stands.invalid,
        "invalid_words": f"{counted(stands.invalid, 'cell')} invalid",
        "clashes": stands.clashes,
        "clash_words": f"{counted(stands.clashes, 'row')} in conflict",
        "failed": stands.failed,
        "sentence": stands.sentence,
        "ready": stands.ready,
        "plan_words": f"Plan {counted(stands.cells, 'change')}" if stands.cells else "Plan changes",
    }
