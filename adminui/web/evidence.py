"""The evidence of a run: one page to print and sign, its rows and requests as files, and all of it as one pack."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from adminui.services import evidence_files
from adminui.services.evidence import Evidence, of_run
from adminui.web.evidence_page import page_of, policy

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def evidence(request: HttpRequest, run: int) -> StreamingHttpResponse:
    """The page. Its style is part of it, so that it can be kept as one file; its policy allows nothing else."""
    found = _find(request, run)
    response = StreamingHttpResponse(page_of(found, packed=False), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = policy(found.run)
    return response


@require_safe
def results(request: HttpRequest, run: int) -> StreamingHttpResponse:
    """Every row as a file for a spreadsheet."""
    found = _find(request, run)
    return _attached(evidence_files.csv_of(found), f"run-{run}-results.csv", "text/csv; charset=utf-8")


@require_safe
def workbook(request: HttpRequest, run: int) -> StreamingHttpResponse:
    """The same, its cells as text. One that breaks off has no end, without which no program opens it."""
    return _attached(evidence_files.xlsx_of(_find(request, run)), f"run-{run}-results.xlsx", XLSX)


@require_safe
def requests(request: HttpRequest, run: int) -> StreamingHttpResponse:
    found = _find(request, run)
    return _attached(evidence_files.json_of(found), f"run-{run}-requests.json", "application/json")


@require_safe
def pack(request: HttpRequest, run: int) -> StreamingHttpResponse:
    found = _find(request, run)
    blocks = evidence_files.zip_of(found, page_of(found, packed=True))
    return _attached(blocks, f"run-{run}-evidence.zip", "application/zip")


def _find(request: HttpRequest, run: int) -> Evidence:
    found = of_run(request.user, run)
    vars(request)["opened_at"] = {"connection": found.run.plan.connection, "resource": found.run.plan.resource}
    return found


def _attached(blocks: Iterable[str] | Iterable[bytes], name: str, kind: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(blocks, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
