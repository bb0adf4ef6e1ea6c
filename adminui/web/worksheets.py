"""Worksheets: opening one, its page, how its reading goes, who shares it, and the way to the plan."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.records.casting import from_json
from adminui.services import browse, reading, sheets, standing
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, Refused
from adminui.services.scope import rows_in
from adminui.web.refusals import problem_of
from adminui.web.worksheet_page import page
from adminui.worksheets.models import Worksheet

State = Worksheet.State


@require_POST
def open_worksheet(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    """A worksheet over ids (`ids`), or over everything that matches (`all`, with the filter in `where`)."""
    opened = open_resource(request.user, connection, resource)
    columns = [name for part in request.POST.getlist("columns") for name in part.split(",") if name]
    if request.POST.get("all"):
        sheet = reading.open_matching(opened, browse.parse_where(opened, request.POST.get("where", "")), columns)
    else:
        ids = "\n".join(request.POST.getlist("ids"))
        sheet = reading.open_ids(opened, browse.ids_in(opened, ids), columns)
    return redirect("worksheet", sheet.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def worksheet(request: HttpRequest, sheet: int) -> HttpResponse:
    """The grid, or how far reading is; a POST renames it or chooses its columns."""
    held, opened = _find(request, sheet)
    if request.method == "POST":
        if "title" in request.POST:
            sheets.rename(opened, held, request.POST["title"])
        else:
            sheets.choose_columns(opened, held, request.POST.getlist("columns"))
        return redirect("worksheet", sheet)
    sheets.visited(held, request.user)
    if held.state == State.READING or (held.state == State.STOPPED and not _worked_on(request, held)):
        return render(request, "worksheets/progress.html", _progress(opened, held))
    return render(request, "worksheets/worksheet.html", page(request, opened, held))


def _worked_on(request: HttpRequest, sheet: Worksheet) -> bool:
    """Whether what was read before reading stopped is taken as it is: nobody takes a part for the whole unasked."""
    return bool(sheet.rows) and ("kept" in request.GET or sheet.version > 0)


def _find(request: HttpRequest, sheet: int) -> tuple[Worksheet, Opened]:
    held, opened = sheets.find(request.user, sheet)
    vars(request)["opened_at"] = {"connection": held.connection, "resource": held.resource}
    return held, opened


def _progress(opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    return {"sheet": sheet, "opened": opened, "progress": reading.progress(sheet), "mine": sheets.owns(opened, sheet)}


@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, sheet: int) -> HttpResponse:
    """How far reading is, as JSON or as the part of the page that asks again; a POST cancels it or has it go on."""
    held, opened = _find(request, sheet)
    if request.method == "POST":
        act = {"cancel": reading.cancel, "resume": reading.resume}.get(str(_posted(request).get("do")))
        if act is None:
            raise BadInput("Reading can be cancelled or gone on with.")
        act(opened, held)
    if not request.htmx:  # type: ignore[attr-defined]
        return _answer(request, held)
    if held.state not in (State.READING, State.STOPPED):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "worksheets/progress.html#progress", _progress(opened, held))


def _answer(request: HttpRequest, sheet: Worksheet) -> HttpResponse:
    """To a script how reading stands, to a plain form the page."""
    if request.method == "POST" and "application/json" not in request.headers.get("Accept", ""):
        return redirect("worksheet", sheet.pk)
    return JsonResponse(asdict(reading.progress(sheet)))


def _posted(request: HttpRequest) -> dict[str, Any]:
    """What a form or a script sent."""
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        posted = from_json(request.body)
    except ValueError:
        posted = None
    if not isinstance(posted, dict):
        raise BadInput("The page sent something that cannot be read.", "Reload the page; what was saved is kept.")
    return posted


@require_POST
def refresh(request: HttpRequest, sheet: int) -> HttpResponse:
    """Read the records again: at once when they are few, else by a worker."""
    held, opened = _find(request, sheet)
    reading.refresh(opened, held)
    return _answer(request, held)


@require_POST
def link(request: HttpRequest, sheet: int) -> HttpResponse:
    """Who else may open it: nobody, or who has the link, to look or to edit."""
    held, opened = _find(request, sheet)
    sheets.set_sharing(opened, held, str(_posted(request).get("sharing", "")))
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"sharing": held.sharing})
    return redirect("worksheet", sheet)


@require_POST
def plan(request: HttpRequest, sheet: int) -> HttpResponse:
    """Make the plan: of all rows, some (`rows`), or what can be sent (`ready`). Where that cannot be, the page says why
    and keeps everything.
    """
    held, opened = _find(request, sheet)
    rows = request.POST.get("rows", "")
    try:
        sheets.require_edit(opened, held)
        scope = rows_in(held, {"rows": rows}) if rows else None
        made = standing.plan(opened, held, rows=scope, ready=request.POST.get("ready") == "1")
    except (Refused, RemoteError) as error:
        problem = problem_of(error)
        assert problem is not None
        context = {**page(request, opened, held), "problem": problem}
        return render(request, "worksheets/worksheet.html", context, status=problem.status)
    return redirect("plan", made.pk)


@require_POST
def discard(request: HttpRequest, sheet: int) -> HttpResponse:
    held, opened = _find(request, sheet)
    edits = standing.counts(held)["cells"]
    sheets.discard(opened, held)
    messages.success(request, f"Worksheet discarded with {counted(edits, 'pending edit')}; nothing was sent.")
    return redirect("list", held.connection, held.resource)
