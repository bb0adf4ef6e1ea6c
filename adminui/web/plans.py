"""The plan: what will be sent, looked at from every side, thinned out, and sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from adminui.planning.explain import counted
from adminui.records.casting import from_json
from adminui.records.changes import ChangeSet
from adminui.records.schema import Field
from adminui.records.values import MISSING
from adminui.runs.models import Plan
from adminui.services import plans, references, review, sheets
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, Refused, Stale
from adminui.services.plans import Drawn, DrawnRequest
from adminui.services.references import Names
from adminui.services.review import Fold, Unticked
from adminui.web.refusals import problem_of
from adminui.web.values import grouped, record_url, show

REQUESTS = 20  # drawn at once
ROWS = 100
ROWS_NAMED = 12  # of a request, by id
_KINDS = {"block": "error", "warn": "warning", "note": ""}
_ICONS = {"block": "error", "warn": "warning", "note": "info"}


@dataclass(frozen=True)
class Looked:
    """A plan opened to be looked at: its rows, its requests, and the finding the look is limited to."""

    plan: Plan
    opened: Opened
    rows: Sequence[ChangeSet]
    drawn: Drawn
    finding: int | None

    @property
    def looked_at(self) -> Sequence[ChangeSet]:
        return review.of_finding(self.drawn, self.rows, self.finding)


def _look(request: HttpRequest, number: int) -> Looked:
    plan, opened = _find(request, number)
    rows = plan.rows()
    finding = request.GET.get("finding", "")
    return Looked(plan, opened, rows, review.draw(opened, plan, rows), int(finding) if finding.isdigit() else None)


def _find(request: HttpRequest, number: int) -> tuple[Plan, Opened]:
    plan, opened = plans.find(request.user, number)
    vars(request)["opened_at"] = {"connection": plan.connection, "resource": plan.resource}
    return plan, opened


@require_GET
def plan(request: HttpRequest, plan: int) -> HttpResponse:
    """The page; with `fold` or `from` only more of its rows or requests."""
    look = _look(request, plan)
    if "fold" in request.GET:
        return _fold_rows(request, look)
    if "from" in request.GET:
        return render(request, "plans/requests.html", _requests(look, _number(request.GET["from"])))
    return render(request, "plans/plan.html", _page(look))


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _page(look: Looked) -> dict[str, Any]:
    plan, opened, drawn = look.plan, look.opened, look.drawn
    sent = len(drawn.requests)
    methods = Counter(request.method for request in drawn.requests)
    verbs = ", ".join(f"{grouped(str(n))} × {method}" for method, n in methods.items())
    return {
        "plan": plan,
        "opened": opened,
        "drawn": drawn,
        "rows": len(look.rows),
        "rows_words": counted(len(look.rows), "row"),
        "fields_words": counted(drawn.steps.cells, "field"),
        "findings": list(_findings(look)),
        "finding": drawn.findings[look.finding].text
        if look.finding is not None and look.finding < len(drawn.findings)
        else "",
        "finding_number": look.finding,
        "looked_at": counted(len(look.looked_at), "row"),
        "folds": _folds(look),
        "send_words": f"Send {counted(sent, 'request')}",
        "consequence": f"{verbs} to {opened.connection.label}",
        "size": _bytes(sum(r.size for r in drawn.requests)),
        "back": _back(look),
        "run": getattr(plan, "run", None),
        "may_send": plan.state == Plan.State.OPEN and opened.editable,
        **_requests(look, 0),
    }


def _back(look: Looked) -> str:
    sheet = look.plan.worksheet
    if sheet is not None and sheets.within_reach(look.opened.user).filter(pk=sheet).exists():
        return reverse("worksheet", args=[sheet])
    return ""


def _address(look: Looked, **query: str | int) -> str:
    wanted = {"finding": look.finding, **query}
    return f"?{urlencode({k: v for k, v in wanted.items() if v is not None})}"


def _findings(look: Looked) -> Iterator[dict[str, Any]]:
    for number, finding in enumerate(look.drawn.findings):
        yield {
            "text": finding.text,
            "count": grouped(str(finding.count)),
            "kind": _KINDS[finding.severity],
            "icon": _ICONS[finding.severity],
            "severity": {"block": "Blocks sending", "warn": "Warning", "note": "Note"}[finding.severity],
            "url": f"?{urlencode({'finding': number})}" if finding.ids else "",
            "on": number == look.finding,
        }


def _folds(look: Looked) -> list[dict[str, Any]]:
    found = review.folds(look.opened, look.looked_at)
    firsts = [(fold, fold.cells[0]) for fold in found]
    names = _names(look.opened, [fold.field for fold in found], [cell for _, cell in firsts])
    return [_fold(look, fold, names) for fold in found]


def _fold(look: Looked, fold: Fold, names: Names) -> dict[str, Any]:
    first = fold.cells[0]
    single = len(fold.cells) == 1
    return {
        "key": fold.key,
        "field": fold.field,
        "count": len(fold.cells),
        "rows": counted(len(fold.cells), "row"),
        "single": single,
        "label": _label(look, first.row),
        "id": first.row.record_id,
        "cell": _cell_key(first),
        "before": show(look.opened, fold.field, fold.before, names) if fold.same_before else None,
        "after": show(look.opened, fold.field, fold.after, names) if fold.same_after else None,
        "url": _address(look, fold=fold.key),
        "record": _record_url(look, first.row),
    }


def _cell_key(cell: review.Cell) -> str:
    return f"{cell.row.record_id}\t{cell.change.field}"  # neither holds a tab


def _label(look: Looked, row: ChangeSet) -> str:
    return row.label if look.opened.titled else f"{look.opened.resource.singular} {row.record_id}"


def _record_url(look: Looked, row: ChangeSet) -> str:
    return record_url(look.plan.connection, look.plan.resource, row.record_id)


def _names(opened: Opened, fields: Sequence[Field], cells: Sequence[review.Cell]) -> Names:
    values = [
        {cell.change.field: value}
        for cell in cells
        for value in (cell.change.before, cell.change.after)
        if value is not MISSING
    ]
    return references.names(opened, fields, values)


def _fold_rows(request: HttpRequest, look: Looked) -> HttpResponse:
    fold = next((f for f in review.folds(look.opened, look.looked_at) if f.key == request.GET["fold"]), None)
    if fold is None:
        raise BadInput("This plan has no such group of changes.", "Reload the page.")
    start = _number(request.GET.get("row", "0"))
    cells = fold.cells[start : start + ROWS]
    names = _names(look.opened, [fold.field], cells)
    more = len(fold.cells) - start - len(cells)
    context = {
        "key": fold.key,
        "field": fold.field,
        "first": start == 0,
        "cells": [_row(look, fold, cell, names) for cell in cells],
        "more": counted(more, "more row") if more else "",
        "next": _address(look, fold=fold.key, row=start + ROWS),
    }
    return render(request, "plans/fold.html", context)


def _row(look: Looked, fold: Fold, cell: review.Cell, names: Names) -> dict[str, Any]:
    return {
        "id": cell.row.record_id,
        "label": _label(look, cell.row),
        "url": _record_url(look, cell.row),
        "cell": _cell_key(cell),
        "others": len(cell.row.changes) - 1,
        "before": show(look.opened, fold.field, cell.change.before, names),
        "after": show(look.opened, fold.field, cell.change.after, names),
    }


def _requests(look: Looked, start: int) -> dict[str, Any]:
    drawn = look.drawn.requests
    shown = drawn[start : start + REQUESTS]
    left = len(drawn) - start - len(shown)
    hidden = not review.bodies_shown(look.opened, look.plan)
    return {
        "requests": [_request(request, hidden=hidden) for request in shown],
        "requests_count": grouped(str(len(drawn))),
        "open_first": start == 0,
        "more": min(left, REQUESTS) if left else 0,
        "left": grouped(str(left)),
        "more_url": f"?{urlencode({'from': start + REQUESTS})}",
    }


def _request(request: DrawnRequest, *, hidden: bool) -> dict[str, Any]:
    ids = [str(row.record_id) for row in request.rows]
    named = ", ".join(ids[:ROWS_NAMED]) + (f" and {len(ids) - ROWS_NAMED} more" if len(ids) > ROWS_NAMED else "")
    note = f"{counted(len(ids), 'row')}: {named}"
    if hidden:
        note += ". The body holds every field, also some you may not see, so it is not shown."
    return {
        "method": request.method,
        "url": request.url,
        "body": "" if hidden else request.pretty,
        "size": _bytes(request.size),
        "curl": "" if hidden else request.curl,
        "note": note,
    }


def _bytes(size: int) -> str:
    return (
        f"{size} B" if size < 1_000 else f"{size / 1_000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
    )


@require_POST
def revise(request: HttpRequest, plan: int) -> HttpResponse:
    """Plan again without what is unticked; asked for JSON, only say what that leaves out."""
    held, opened = _find(request, plan)
    rows = held.rows()
    left_out = _unticked(opened, held, rows, request.POST.get("drop", ""))
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"label": review.sentence(left_out, rows)})
    try:
        made = plans.revise(opened, held, drop_rows=left_out.rows, drop_cells=left_out.cells)
    except (BadInput, Stale) as error:
        return _refused(request, plan, error)
    return redirect("plan", made.pk)


def _refused(request: HttpRequest, number: int, error: Refused, **typed: str) -> HttpResponse:
    """The plan as it is by now, with why nothing was done, and with what was typed."""
    context = _page(_look(request, number)) | {"problem": problem_of(error), **typed}
    return render(request, "plans/plan.html", context, status=error.status)


def _unticked(opened: Opened, plan: Plan, rows: Sequence[ChangeSet], text: str) -> Unticked:
    """From `{"folds": [[key, finding or null]], "rows": [id], "cells": ["id<tab>field"]}`."""
    try:
        data = from_json(text)
        wanted: dict[int | None, set[str]] = {}
        for key, finding in data.get("folds", []):
            wanted.setdefault(finding, set()).add(str(key))
        cells = {(record, field) for record, _, field in (str(c).partition("\t") for c in data.get("cells", []))}
        dropped = {str(record) for record in data.get("rows", [])}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadInput("What is unticked cannot be read.", "Reload the page and untick again.") from error
    drawn = review.draw(opened, plan, rows) if any(finding is not None for finding in wanted) else None
    for finding, keys in wanted.items():
        some = rows if finding is None or drawn is None else review.of_finding(drawn, rows, finding)
        cells |= review.unticked(opened, some, keys, (), ()).cells
    return Unticked(frozenset(dropped), frozenset(cells))


@require_POST
def apply(request: HttpRequest, plan: int) -> HttpResponse:
    """Send it. What cannot be confirmed, is blocked or was sent already comes back with the note as it was typed."""
    held, opened = _find(request, plan)
    note, typed = request.POST.get("note", "").strip(), request.POST.get("typed", "")
    try:
        run = review.send(opened, held, note=note, typed=typed)
    except (BadInput, Stale) as error:
        return _refused(request, plan, error, note=note, typed=typed)
    return redirect("run", run.pk)
