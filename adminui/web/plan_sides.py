"""Beside a plan: what sending takes, and what comes of it on an imitation of its API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from adminui.planning.explain import counted
from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.remote.imitations import offered
from adminui.runs.models import Plan, Practice
from adminui.services import forecast as forecasts
from adminui.services import overview
from adminui.services import practice as practices
from adminui.services.catalog import Opened
from adminui.services.uncollected import nothing_collected

KINDS = 6  # drawn; the largest
_WOULD = {
    Outcome.REJECTED: "would be refused",
    Outcome.CONFLICT: "would clash with somebody else's change",
    Outcome.NOT_STORED: "would be accepted and stored otherwise",
    Outcome.UNCHANGED: "would need nothing",
    Outcome.NOT_SENT: "would not be sent",
    Outcome.UNKNOWN: "would be left unknown",
}


def found(request: HttpRequest, number: int) -> tuple[Plan, Opened, int]:
    """Refused for whom the plan changes what they may not see."""
    plan, opened, rows = overview.glance(request.user, number)
    vars(request)["opened_at"] = {"connection": plan.connection, "resource": plan.resource}
    return plan, opened, rows


@require_GET
@nothing_collected()
def forecast(request: HttpRequest, plan: int) -> HttpResponse:
    """Asked for by itself, because the API may have to be asked what is left of its limits."""
    held, opened, _ = found(request, plan)
    return render(request, "plans/forecast.html", {"forecast": forecasts.for_plan(opened, held)})


@require_POST
def practise(request: HttpRequest, plan: int) -> HttpResponse:
    held, opened, rows = found(request, plan)
    practices.start(opened, held)
    if request.htmx:  # type: ignore[attr-defined]
        return _practice(request, opened, held, rows)
    return redirect("plan", plan)


@require_GET
def practice(request: HttpRequest, plan: int) -> HttpResponse:
    held, opened, rows = found(request, plan)
    return _practice(request, opened, held, rows)


def _practice(request: HttpRequest, opened: Opened, plan: Plan, rows: int) -> HttpResponse:
    return render(request, "plans/practice.html", {"plan": plan, **practised(opened, plan, rows)})


def practised(opened: Opened, plan: Plan, rows: int) -> dict[str, Any]:
    """What the panel draws: the last practice of this plan, or of the one that it replaced."""
    last = practices.latest(plan) or _of_predecessor(plan)
    return {
        "may_practise": opened.editable and plan.state == Plan.State.OPEN and offered() is not None,
        "practise_words": f"on {counted(rows, 'record')}",
        "practice": _told(opened, plan, last) if last is not None else None,
    }


def _of_predecessor(plan: Plan) -> Practice | None:
    before = Plan.objects.filter(successor=plan).defer("changesets", "steps").first()
    found = practices.latest(before) if before is not None else None
    return found if found is not None and found.finished_at else None


def _told(opened: Opened, plan: Plan, practice: Practice) -> dict[str, Any]:
    told = practices.of(practice, opened)
    kinds = sorted(told.kinds, key=lambda kind: kind.outcome in SETTLED_WELL)  # what goes wrong comes first
    more = len(kinds) - KINDS
    return {
        "told": told,
        "at": practice.finished_at or practice.created_at,
        "plan": practice.plan_id,
        "stale": practice.plan_id != plan.pk,
        "kinds": [_kind(kind, told.total) for kind in kinds[:KINDS]],
        "kinds_more": counted(more, "more kind") if more > 0 else "",
    }


def _kind(kind: Any, total: int) -> dict[str, Any]:
    """`12 of 500 would be refused`, the API's words, and some of the rows."""
    more = kind.count - len(kind.sample)
    return {
        "outcome": kind.outcome,
        "words": f"{kind.count:,} of {counted(total, 'row')} {_WOULD.get(kind.outcome, f'would be {kind.outcome}')}",
        "said": kind.said,
        "sample": kind.sample,
        "more": counted(more, "more", "more") if more > 0 else "",
    }
