"""A file into a worksheet: choosing it, what its columns mean, what it comes to, and the report afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from adminui.dialects.errors import RemoteError
from adminui.services import reading, sheets
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, Refused
from adminui.services.files import importing, report, spool
from adminui.services.files.choices import Choices, Column
from adminui.services.files.importing import Finished, Import
from adminui.web import files_in_page as pages
from adminui.web.refusals import problem_of
from adminui.worksheets.models import Worksheet

ENVELOPE = 64 * 1024  # bytes of a form around its file
LONGEST_PASTE = 10 * 1024**2
State = Worksheet.State


@csrf_exempt  # only until the size is known: `_choose` checks it, and to check it the whole upload is read
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    """Where a file is dropped, chosen or pasted, for a worksheet of its own."""
    _check_size(request)
    checked: HttpResponse = _choose(request, open_resource(request.user, connection, resource), None)
    return checked


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def into(request: HttpRequest, sheet: int) -> HttpResponse:
    """The same, for a worksheet that is there."""
    _check_size(request)
    held, opened = sheets.find(request.user, sheet)
    vars(request)["opened_at"] = {"connection": held.connection, "resource": held.resource}
    checked: HttpResponse = _choose(request, opened, held)
    return checked


def _check_size(request: HttpRequest) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > spool.MOST_BYTES + ENVELOPE:
        raise spool.too_big()


@csrf_protect
def _choose(request: HttpRequest, opened: Opened, sheet: Worksheet | None) -> HttpResponse:
    opened.require("edit")
    if request.method != "POST":
        return render(request, "files/import.html", pages.choosing(opened, sheet))
    try:
        upload = importing.begin(opened, *_sent(request), sheet)
    except Refused as error:
        context = {
            **pages.choosing(opened, sheet),
            "problem": problem_of(error),
            "pasted": request.POST.get("pasted", ""),
        }
        return render(request, "files/import.html", context, status=error.status)
    return redirect("import-file", opened.connection.name, opened.resource.name, upload.token)


def _sent(request: HttpRequest) -> tuple[str, Iterator[bytes]]:
    """The file's name and content; rows that were pasted are a file without a name."""
    file = request.FILES.get("file")
    if file is not None:
        return str(file.name or ""), iter(file.chunks())
    pasted = request.POST.get("pasted", "")
    if not pasted.strip():
        raise BadInput(
            "No file was chosen, and no rows were pasted.", "Choose a file, or paste rows with their header."
        )
    return "pasted rows", iter([pasted.encode("utf-8", "replace")])


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, connection: str, resource: str, token: str) -> HttpResponse:
    """The import as it stands: what its columns mean, how far reading is, or what it comes to."""
    opened = open_resource(request.user, connection, resource)
    try:
        this = importing.load(opened, token)
    except Finished as error:
        return redirect("import-report", error.done["sheet"], error.done["report"])
    except BadInput as error:
        return _misread(request, opened, token, error)
    if request.method == "POST":
        return _ACTS.get(request.POST.get("do", ""), _unknown)(request, this)
    return _shown(request, this)


def _misread(request: HttpRequest, opened: Opened, token: str, error: BadInput) -> HttpResponse:
    """A file that cannot be read in the encoding or with the delimiter chosen: others are to be tried."""
    if request.POST.get("do") == "shape":
        encoding, delimiter = request.POST.get("encoding", "")[:40], request.POST.get("delimiter", "")
        importing.read_as(opened, token, Choices(encoding, pages.DELIMITERS.get(delimiter, "")))
        return redirect("import-file", opened.connection.name, opened.resource.name, token)
    context = {**pages.choosing(opened, None), **pages.shapes(), "problem": problem_of(error), "misread": token}
    return render(request, "files/import.html", context, status=error.status)


def _shown(request: HttpRequest, this: Import) -> HttpResponse:
    sheet = importing.worksheet_of(this)
    if sheet is None or not importing.is_matched(this) or "columns" in request.GET:
        return render(request, "files/import_columns.html", pages.columns(this, sheet))
    if sheet.state in (State.READING, State.STOPPED):
        told = {"progress": reading.progress(sheet), "mine": sheets.owns(this.opened, sheet)}
        return render(request, "files/import_reading.html", {**pages.frame(this, sheet), **told})
    found = importing.compare(this, sheet)
    return render(request, "files/import_compared.html", pages.compared(this, sheet, found))


def _reshape(request: HttpRequest, this: Import) -> HttpResponse:
    header = request.POST.get("header", "")
    wanted = replace(
        this.choices,
        encoding=request.POST.get("encoding", this.choices.encoding)[:40],
        delimiter=pages.DELIMITERS.get(request.POST.get("delimiter", ""), this.choices.delimiter),
        header=int(header) if header.isdigit() and len(header) < 3 else None,
        sheet=request.POST.get("sheet", this.choices.sheet)[:200],
    )
    try:
        this = importing.reshape(this, wanted)
    except BadInput as error:
        importing.choose(this, this.choices)
        context = {**pages.columns(this, importing.worksheet_of(this)), "problem": problem_of(error)}
        return render(request, "files/import_columns.html", context, status=error.status)
    return _back(this, "?columns")


def _compare(request: HttpRequest, this: Import) -> HttpResponse:
    this = importing.choose(this, _chosen(request, this.choices))
    try:
        if "again" not in request.POST:
            importing.start(this)
    except (Refused, RemoteError) as error:
        problem = problem_of(error)
        assert problem is not None
        context = {**pages.columns(this, importing.worksheet_of(this)), "problem": problem}
        return render(request, "files/import_columns.html", context, status=problem.status)
    return _back(this)


def _chosen(request: HttpRequest, held: Choices) -> Choices:
    """What the form says; what it does not have stays as it was."""
    posted = request.POST
    key, _, key_field = posted.get("key", f"{held.key}:{held.key_field}").partition(":")
    return replace(
        held,
        key=int(key) if key.isdigit() else None,
        key_field=key_field,
        columns={place: _column(posted, place, column) for place, column in held.columns.items()},
        null=posted.get("null", held.null)[:100],
        empty=posted.get("empty", held.empty)[:100],
        take_changed=posted.get("take_changed") == "1" if "again" in posted else held.take_changed,
    )


def _column(posted: Any, place: int, held: Column) -> Column:
    how = posted.get(f"take-{place}", "")
    taking = {
        "take": bool(how),
        "order": how if how in pages.ORDERS else "",
        "decimal": how if how in (".", ",") else "",
    }
    return Column(
        posted.get(f"field-{place}", held.field),
        posted.get(f"blank-{place}", held.blank),
        **(taking if f"take-{place}" in posted else {"take": held.take, "order": held.order, "decimal": held.decimal}),
    )


def _take(request: HttpRequest, this: Import) -> HttpResponse:
    sheet = importing.worksheet_of(this)
    if sheet is None:
        return _back(this)
    found = importing.compare(this, sheet)
    if request.POST.get("sentence", "") != pages.sentence(this, found):
        context = {**pages.compared(this, sheet, found), "moved": True}
        return render(request, "files/import_compared.html", context, status=409)
    taken = importing.take(this, sheet, found)
    if not found.pending:
        return redirect("import-report", sheet.pk, taken.report)
    messages.success(request, pages.taken_words(this, found))
    return redirect("worksheet", sheet.pk)


def _cancel(request: HttpRequest, this: Import) -> HttpResponse:
    sheet = None if this.own else importing.worksheet_of(this)
    importing.cancel(this)
    if sheet is not None:
        return redirect("worksheet", sheet.pk)
    return redirect("list", this.opened.connection.name, this.opened.resource.name)


def _unknown(request: HttpRequest, this: Import) -> HttpResponse:
    raise BadInput("The page sent something that cannot be done.", "Reload it; the file is kept.")


def _back(this: Import, query: str = "") -> HttpResponse:
    to = redirect("import-file", this.opened.connection.name, this.opened.resource.name, this.upload.token)
    to["Location"] += query
    return to


_ACTS = {"shape": _reshape, "compare": _compare, "take": _take, "cancel": _cancel}


@require_GET
def imported(request: HttpRequest, sheet: int, number: int) -> HttpResponse:
    """What an import came to."""
    held, opened = sheets.find(request.user, sheet)
    vars(request)["opened_at"] = {"connection": held.connection, "resource": held.resource}
    return render(request, "files/import_report.html", pages.report(opened, held, report.find(opened, held, number)))


@require_GET
def rows_not_taken(request: HttpRequest, sheet: int, number: int) -> HttpResponse:
    """The rows that were left out, as a file to be repaired."""
    held, opened = sheets.find(request.user, sheet)
    name = f"not-taken-{held.pk}-{number}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(report.rows_of(opened, held, number), content_type="text/csv; charset=utf-8", headers=headers)
