"""The plan: what will be sent, looked at from every side, thinned out, and sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from adminui.records.casting import from_json
from adminui.runs.models import Plan
from adminui.services import plans, review, unticking
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, Refused, Stale
from adminui.services.uncollected import nothing_collected
from adminui.services.unticking import Unticked
from adminui.web import plan_page
from adminui.web.plan_page import Looked
from adminui.web.plan_requests import requests
from adminui.web.refusals import problem_of

MOMENTS = ("when", "due_at", "revert", "revert_at")
TYPED = ("note", "typed", *MOMENTS)  # what a person says before sending


def found(request: HttpRequest, number: int) -> tuple[Plan, Opened]:
    plan, opened = plans.find(request.user, number)
    vars(request)["opened_at"] = {"connection": plan.connection, "resource": plan.resource}
    return plan, opened


def _look(request: HttpRequest, number: int) -> Looked:
    plan, opened = found(request, number)
    finding = request.GET.get("finding", "")
    return Looked(plan, opened, _number(finding) if finding.isdecimal() else None)


@require_GET
@nothing_collected()
def plan(request: HttpRequest, plan: int) -> HttpResponse:
    """The page; with `fold` or `from` only more of its rows or requests."""
    look = _look(request, plan)
    if "fold" in request.GET:
        return _fold_rows(request, look)
    if "from" in request.GET:
        drawn = requests(look.opened, look.plan, look.seen, _number(request.GET["from"]))
        return render(request, "plans/requests.html", drawn)
    return render(request, "plans/plan.html", plan_page.page(look) | {"said": _typed(request.GET, look.plan)})


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _typed(said: Any, plan: Plan) -> dict[str, str]:
    """What was typed so far: it outlives a refusal and planning again."""
    return {name: said.get(name, "").strip() for name in TYPED} | {"note": said.get("note", plan.note).strip()}


def _fold_rows(request: HttpRequest, look: Looked) -> HttpResponse:
    fold = next((fold for fold in look.folds if fold.key == request.GET["fold"]), None)
    if fold is None:
        raise BadInput("This plan has no such group of changes.", "Reload the page.")
    return render(request, "plans/fold.html", plan_page.fold_rows(look, fold, _number(request.GET.get("row", "0"))))


@require_POST
@nothing_collected()
def revise(request: HttpRequest, plan: int) -> HttpResponse:
    """Plan again without what is unticked, or with other first rows; asked for JSON, only say what differs then."""
    held, opened = found(request, plan)
    left_out = _unticked(opened, held, request.POST.get("drop", ""))
    canary = _canary(request.POST.get("canary", ""), held)
    said = _typed(request.POST, held)
    held.note = said["note"]  # goes on into the new plan; the old one keeps its own
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"label": unticking.sentence(held, left_out, canary)})
    try:
        made = plans.revise(opened, held, drop_rows=left_out.rows, drop_cells=left_out.cells, canary=canary)
    except (BadInput, Stale) as error:
        return _refused(request, plan, error)
    kept = {name: said[name] for name in MOMENTS if said[name] not in ("", "now")}
    return redirect(f"{reverse('plan', args=[made.pk])}{f'?{urlencode(kept)}' if kept else ''}")


def _canary(text: str, plan: Plan) -> int | None:
    """How many rows are to go first; None for as many as do."""
    if not text:
        return None
    if not text.isdecimal() or len(text) > 8 or int(text) >= len(plan.changesets):
        raise BadInput(
            f"“{text[:20]}” records cannot go first: the plan has {len(plan.changesets)}.",
            "Give a smaller number, or untick it to send all in one go.",
        )
    return int(text)


def _refused(request: HttpRequest, number: int, error: Refused) -> HttpResponse:
    """The plan as it is by now, with why nothing was done, and with what was typed."""
    look = _look(request, number)
    context = plan_page.page(look) | {"problem": problem_of(error), "said": _typed(request.POST, look.plan)}
    return render(request, "plans/plan.html", context, status=error.status)


def _unticked(opened: Opened, plan: Plan, text: str) -> Unticked:
    """From `{"folds": [[key, finding or null]], "rows": [id], "cells": ["id<tab>field"]}`."""
    try:
        data = from_json(text)
        wanted: dict[int | None, set[str]] = {}
        for key, finding in data.get("folds", []):
            wanted.setdefault(finding if finding is None else int(finding), set()).add(str(key))
        cells = {(record, field) for record, _, field in (str(c).partition("\t") for c in data.get("cells", []))}
        dropped = {str(record) for record in data.get("rows", [])}
    except (ValueError, TypeError, AttributeError) as error:
        raise BadInput("What is unticked cannot be read.", "Reload the page and untick again.") from error
    return unticking.unticked(opened, plan, wanted, dropped, cells)


@require_POST
@nothing_collected()
def apply(request: HttpRequest, plan: int) -> HttpResponse:
    """Send it. What cannot be confirmed, is blocked or was sent already comes back with all that was typed."""
    held, opened = found(request, plan)
    said = _typed(request.POST, held)
    try:
        run = review.send(
            opened,
            held,
            note=said["note"],
            typed=said["typed"],
            due_at=_moment(said["due_at"], "send") if said["when"] == "at" else None,
            revert_at=_moment(said["revert_at"], "undo") if said["revert"] else None,
        )
    except (BadInput, Stale) as error:
        return _refused(request, plan, error)
    return redirect("run", run.pk)


def _moment(text: str, what: str) -> datetime:
    """A date and time of day in the zone of this installation, which the page names."""
    try:
        return timezone.make_aware(datetime.fromisoformat(text).replace(tzinfo=None))
    except ValueError:
        raise BadInput(
            f"When to {what} it is not said.", "Give a date and a time. Nothing was sent; what you typed is kept."
        ) from None
