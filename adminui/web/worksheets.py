"""Edit many: a worksheet's grid, its edits, the change shared by many rows, and the way to the plan."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.records.casting import from_json
from adminui.records.values import MISSING
from adminui.services import browse, references, sharing, sheets
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, Refused
from adminui.services.sharing import Shared, field_named
from adminui.services.standing import standing
from adminui.web import cells as grid
from adminui.web.refusals import problem_of
from adminui.web.values import grouped, show
from adminui.web.worksheet_page import PAGE, address, page, told
from adminui.worksheets.models import Worksheet

MIXED = 12  # values of a field named before the rest is summed up


@require_POST
def open_worksheet(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    """A worksheet over ids (`ids`), or over everything that matches (`all`, with the filter in `where`)."""
    opened = open_resource(request.user, connection, resource)
    columns = [name for part in request.POST.getlist("columns") for name in part.split(",") if name]
    if request.POST.get("all"):
        sheet = sheets.open_matching(opened, browse.parse_where(opened, request.POST.get("where", "")), columns)
    else:
        ids = "\n".join(request.POST.getlist("ids"))
        sheet = sheets.open_ids(opened, browse.ids_in(opened, ids), columns)
    return redirect("worksheet", sheet.pk)


@require_http_methods(["GET", "POST"])
def worksheet(request: HttpRequest, sheet: int) -> HttpResponse:
    """The grid; a POST renames it or chooses its columns."""
    held, opened = _find(request, sheet)
    if request.method == "POST":
        if "title" in request.POST:
            sheets.rename(held, request.POST["title"])
        else:
            sheets.choose_columns(opened, held, request.POST.getlist("columns"))
        return redirect(address(held, request.POST))
    return render(request, "worksheets/worksheet.html", page(request, opened, held))


def _find(request: HttpRequest, sheet: int) -> tuple[Worksheet, Opened]:
    held, opened = sheets.find(request.user, sheet)
    vars(request)["opened_at"] = {"connection": held.connection, "resource": held.resource}
    return held, opened


@require_POST
def cells(request: HttpRequest, sheet: int) -> HttpResponse:
    """Keep edits (`edits`: record id → field → text or null) and reverts (`revert`: record id → fields)."""
    held, opened = _find(request, sheet)
    posted = _json(request)
    edits = {str(i): dict(fields) for i, fields in _object(posted, "edits").items() if isinstance(fields, dict)}
    revert = {str(i): [str(f) for f in names] for i, names in _object(posted, "revert").items()}
    for name in {name for fields in edits.values() for name in fields}:
        field_named(opened, name)
    return _changed(opened, held, sheets.edit(opened, held, edits, revert=revert))


def _changed(opened: Opened, sheet: Worksheet, rows: list[Any]) -> JsonResponse:
    drawn = grid.touched(opened, sheet, rows) if len(rows) <= PAGE else {}
    return JsonResponse({"rows": drawn, "standing": told(standing(opened, sheet))})


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        posted = from_json(request.body)
    except (ValueError, UnicodeDecodeError):
        posted = None
    if not isinstance(posted, dict):
        raise BadInput("The page sent something that cannot be read.", "Reload the page; what was saved is kept.")
    return posted


def _object(posted: dict[str, Any], name: str) -> dict[str, Any]:
    value = posted.get(name) or {}
    if not isinstance(value, dict):
        raise BadInput(f"“{name}” has to be an object.", "Reload the page; what was saved is kept.")
    return value


def _ids(posted: dict[str, Any]) -> list[str] | None:
    """The rows meant; all for None."""
    ids = posted.get("ids")
    return None if ids is None else [str(i) for i in ids]


@require_http_methods(["GET", "POST"])
def mix(request: HttpRequest, sheet: int) -> HttpResponse:
    """The values of a field in these rows with their counts. A POST takes more ids than an address holds."""
    held, opened = _find(request, sheet)
    query = request.POST if request.method == "POST" else request.GET
    ids = query["ids"].split(",") if query.get("ids") else None
    field = field_named(opened, query.get("field", ""))
    found = sharing.mix(opened, held, ids, field.name)
    held_values = [{field.name: m.value} for m in found[:MIXED] if m.value is not MISSING]
    names = references.names(opened, [field], held_values)
    values = [
        {"key": m.key, "count": grouped(str(m.count)), "shown": str(show(opened, field, m.value, names))}
        for m in found[:MIXED]
    ]
    rest = {"values": len(found) - MIXED, "rows": sum(m.count for m in found[MIXED:])} if len(found) > MIXED else None
    return render(request, "worksheets/mix.html", {"field": field, "values": values, "rest": rest})


@require_POST
def share(request: HttpRequest, sheet: int) -> HttpResponse:
    """Count what a shared change would do, or do it (`keep`)."""
    held, opened = _find(request, sheet)
    posted = _json(request)
    changes = [_shared(opened, change) for change in posted.get("changes") or []]
    if not changes:
        raise BadInput("No field is set to change.", "Choose “Set”, “Null” or “Empty” for at least one field.")
    keep = posted.get("keep") is True
    tally = sharing.share(opened, held, _ids(posted), changes, keep=keep)
    if keep:
        shown = {f.name for f in grid.columns(opened, held)}
        used = [c.field for c in changes if c.field not in shown]
        if used:
            sheets.choose_columns(opened, held, [*(f.name for f in grid.columns(opened, held)), *used])
    fields, rows = counted(len({c.field for c in changes}), "field"), counted(tally.changed + tally.invalid, "row")
    counts = {"sentence": tally.sentence, "sample": tally.sample, "changed": tally.changed + tally.invalid}
    return JsonResponse({**counts, "label": f"Set {fields} in {rows}", "standing": told(standing(opened, held))})


def _shared(opened: Opened, change: Any) -> Shared:
    field = field_named(opened, str(change.get("field", "")))
    raws = {"set": str(change.get("value", "")), "null": None, "empty": ""}
    action = str(change.get("action"))
    if action not in raws:
        raise BadInput(f"“{action}” is not something that can be done to {field.label}.")
    only = change.get("only")
    return Shared(field.name, raws[action], None if only is None else str(only))


@require_POST
def resolve(request: HttpRequest, sheet: int) -> HttpResponse:
    """Whose value stands: `choices` (record id → field → side), or one `side` for every clash."""
    held, opened = _find(request, sheet)
    if "side" in request.POST:
        side = request.POST["side"]
        settled = sheets.resolve(opened, held, "theirs" if side == "theirs" else "mine")
        messages.success(request, f"{counted(len(settled), 'row')} settled; nothing was sent.")
        return redirect(address(held, request.POST))
    chosen = _object(_json(request), "choices")
    if any(side not in ("mine", "theirs") for fields in chosen.values() for side in fields.values()):
        raise BadInput("A conflict is settled with mine or theirs.")
    return _changed(opened, held, sheets.resolve(opened, held, chosen))


@require_POST
def plan(request: HttpRequest, sheet: int) -> HttpResponse:
    """Make the plan and show it; where that cannot be, the worksheet says why and keeps everything."""
    held, opened = _find(request, sheet)
    try:
        made = sheets.plan(opened, held)
    except (Refused, RemoteError) as error:
        problem = problem_of(error)
        assert problem is not None
        context = {**page(request, opened, held), "problem": problem}
        return render(request, "worksheets/worksheet.html", context, status=problem.status)
    return redirect("plan", made.pk)


@require_POST
def discard(request: HttpRequest, sheet: int) -> HttpResponse:
    held, opened = _find(request, sheet)
    edits = standing(opened, held).cells
    sheets.discard(held)
    messages.success(request, f"Worksheet discarded with {counted(edits, 'pending edit')}; nothing was sent.")
    return redirect("list", held.connection, held.resource)
