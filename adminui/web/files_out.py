"""Files out: what is wanted of a worksheet as CSV or XLSX, the file itself, and all that matches a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from adminui.services import browse, reading, sheets, standing
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import Stale
from adminui.services.files import choosing, exporting
from adminui.services.files.streamed import SHEET_ROWS
from adminui.worksheets.models import Worksheet

State = Worksheet.State
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_POST
def export_list(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    """Everything that matches, as a worksheet that is read first, however many there are, and then exported."""
    opened = open_resource(request.user, connection, resource)
    columns = [name for part in request.POST.getlist("columns") for name in part.split(",") if name]
    where = browse.parse_where(opened, request.POST.get("where", ""))
    return redirect("export-worksheet", reading.open_matching(opened, where, columns).pk)


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, sheet: int) -> HttpResponseBase:
    """The form, on a page of its own or as the part that a dialog shows (`part=form`); a POST answers with the file."""
    held, opened = sheets.find(request.user, sheet)
    vars(request)["opened_at"] = {"connection": held.connection, "resource": held.resource}
    opened.require("view")
    if request.method == "POST":
        return _file(request, opened, held)
    if held.state == State.READING or (held.state == State.STOPPED and not held.rows):
        return render(request, "files/export_waiting.html", _waiting(opened, held))
    part = "files/export_form.html" if request.GET.get("part") == "form" else "files/export.html"
    return render(request, part, _form(request, opened, held))


def _waiting(opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    return {"sheet": sheet, "opened": opened, "progress": reading.progress(sheet), "mine": sheets.owns(opened, sheet)}


def _form(request: HttpRequest, opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    shown = choosing.shown_in(opened, sheet)
    seen = {field.name for field in opened.resource.visible}
    counts = standing.counts(sheet, seen)
    return {
        "sheet": sheet,
        "opened": opened,
        "dialog": request.GET.get("part") == "form",
        "fields": [{"name": f.name, "label": f.label, "shown": f.name in shown} for f in opened.resource.visible],
        "shown": len(shown),
        "changed": len(choosing.rows_of(opened, sheet, "changed", "")) if counts["cells"] else 0,
        "failed": len(choosing.rows_of(opened, sheet, "failed", "")) if counts["failed"] else 0,
        "sheet_rows": SHEET_ROWS,
        "picklists": any(field.choices for field in opened.resource.visible),
    }


def _file(request: HttpRequest, opened: Opened, sheet: Worksheet) -> StreamingHttpResponse:
    """Sent as it is made. A CSV that breaks off says so in its last line; a workbook that does cannot be opened."""
    if sheet.state == State.READING:
        raise Stale("This worksheet is still being read.", "Wait until all of its records are here.")
    asked = {name: request.POST.get(name, "") for name in request.POST} | {"names": request.POST.getlist("names")}
    wanted = choosing.wanted(opened, asked, choosing.shown_in(opened, sheet))
    rows = choosing.rows_of(opened, sheet, request.POST.get("rows", "all"), request.POST.get("ranges", ""))
    made = exporting.prepared(opened, sheet, wanted, rows)
    exporting.told(made)
    response = StreamingHttpResponse(exporting.written(made), content_type=_TYPES[wanted.form])
    response["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response["X-Rows"] = str(len(rows))
    return response
