"""A run: how far it is, what it waits for, what became of each row, and the API's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from adminui.planning.outcomes import Outcome
from adminui.runs.models import Exchange, Item, Run
from adminui.services import forecast, steering
from adminui.services import results as found
from adminui.services.engine.desk import ALIKE
from adminui.services.results import Failure, Group, Rest
from adminui.web.history import page_of, pager
from adminui.web.run_log import log, page_of_requests
from adminui.web.run_view import Followed, Row, drawn, first_rows, follow
from adminui.web.values import icon

ROWS = 50
NEWEST = 12
SAMPLE = 10
TRIED = 3  # rows and requests of a canary that are drawn
MEANS = {
    Outcome.REJECTED: "The API refused these. Nothing of them was written.",
    Outcome.CONFLICT: "What others set stands until you choose.",
    Outcome.UNKNOWN: "The answer was lost, and reading has not settled it: they may or may not be stored.",
    Outcome.NOT_STORED: "The API said yes, yet stores something else. Look at the records.",
    Outcome.NOT_SENT: "Nothing of these was written.",
    Outcome.CANCELLED: "Nothing of these was sent.",
}


@require_safe
def run(request: HttpRequest, run: int) -> HttpResponse:
    """The page, or with `part` the piece of it that is loaded by itself."""
    followed = follow(request, run)
    template, context = _PARTS.get(request.GET.get("part", ""), ("", None))
    if context is not None:
        return render(request, template, {"follow": followed, **context(followed)})
    _seen(followed)
    return render(request, "runs/run.html", {"follow": followed, **_paused(followed), **_rows(followed)})


@require_safe
def progress(request: HttpRequest, run: int) -> HttpResponse:
    """What is asked every second until the run is over. `was` is what the page shows: where that is not so any more,
    the buttons, the question and the announcement come along; the last answer asks for the rows, and then for nothing.
    """
    followed = follow(request, run)
    changed = request.GET.get("was") != followed.key
    context = {"follow": followed, "again": True, "changed": changed, **(_paused(followed) if changed else {})}
    _seen(followed)
    response = render(request, "runs/progress.html", context)
    if changed and (followed.run.over or followed.run.state == Run.State.PAUSED):
        response["HX-Trigger"] = "run-over"
    return response


def _seen(followed: Followed) -> None:
    """Who looks at the end of their run has been told of it."""
    run = followed.run
    if run.over and not run.told and run.user_id == followed.request.user.pk:
        steering.acknowledge(followed.request.user, run)


def _paused(followed: Followed) -> dict[str, Any]:
    """What a person who is asked to go on has to see: the rows that went first, or the failure that came again."""
    run = followed.run
    if run.state != Run.State.PAUSED or run.pause == Run.Pause.ASKED:
        return {}
    if run.pause == Run.Pause.CANARY:
        settled = [outcome for outcome in followed.tally if outcome not in (Outcome.PENDING, Outcome.SENDING)]
        writes = Exchange.objects.filter(run=run, purpose="write")[:TRIED]
        good = all(outcome in (Outcome.DONE, Outcome.UNCHANGED) for outcome in settled)
        return {"tried": first_rows(followed, settled, TRIED), "logged": log(followed, writes), "tried_well": good}
    if not _failed_alike(run):
        return {}
    return {"trouble": found.latest_failure(followed.opened, run, followed.counts), "alike": ALIKE}


def _failed_alike(run: Run) -> bool:
    """Whether it stopped itself for what rows met, and not because nothing can be sent at all."""
    return run.pause == Run.Pause.TROUBLE and run.message.startswith(ALIKE)


def _rows(followed: Followed) -> dict[str, Any]:
    request, run, counts = followed.request, followed.run, followed.counts
    group = counts.group(request.GET.get("same", ""))
    outcome = next((each for each in followed.tally if each == request.GET.get("outcome")), None)
    live = not run.over and not group and not outcome and "all" not in request.GET
    total = group.rows if group else followed.tally[outcome] if outcome else counts.total
    page = page_of(request, ROWS, total)
    context = _page(followed, live=live, outcome=outcome, group=group, page=page)
    return {
        **context,
        **_to_look_at(followed),
        "arrow": icon("arrow"),
        "group": group,
        "outcome": outcome,
        "live": live,
        "pager": pager(request, page, ROWS, total, anchor="#rows"),
        "many": total > ROWS and not live,
        "query": _query(request, "outcome", "same", "page", "all"),
    }


def _page(followed: Followed, *, live: bool, outcome: Outcome | None, group: Group | None, page: int) -> dict[str, Any]:
    run = followed.run
    if live:
        items = found.settled_last(run, followed.counts, NEWEST)
    else:
        items = found.items_of(run, outcome=outcome or "", group=group, start=(page - 1) * ROWS, size=ROWS)
    rows = drawn(followed, items)
    return {"rows": rows, "tickable": followed.may_repeat and any(_written(row) for row in rows)}


def _written(row: Row) -> bool:
    return row.item.outcome in (Outcome.DONE, Outcome.NOT_STORED)


@dataclass(frozen=True)
class Card:
    """One kind of failure with what can be done about it."""

    failure: Failure
    means: str

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.failure.group.outcome)

    @property
    def rows(self) -> int:
        return self.failure.group.rows


def _to_look_at(followed: Followed) -> dict[str, Any]:
    failures, rest = found.failures(followed.opened, followed.run, followed.counts)
    return {
        "cards": [Card(each, MEANS[Outcome(each.group.outcome)]) for each in failures],
        "rest": rest,
        "more_kinds": _kinds(rest),
        "told_above": _failed_alike(followed.run) and not followed.run.over and len(failures) == 1,
        "by_outcome": {outcome: count for outcome, count in followed.tally.items() if outcome in MEANS},
    }


def _kinds(rest: list[Rest]) -> int:
    return sum(each.kinds for each in rest)


def _sample(followed: Followed) -> dict[str, Any]:
    items: list[Item] = found.items_of(followed.run, start=0, size=SAMPLE)
    return {"rows": drawn(followed, items), "left": followed.counts.total - len(items)}


def _query(request: HttpRequest, *names: str) -> str:
    query = request.GET.copy()
    for name in set(query) - set(names):
        del query[name]
    return query.urlencode()


def _forecast(followed: Followed) -> dict[str, Any]:
    return {"waits": () if followed.run.over else forecast.waiting(followed.opened.connection)}


_PARTS: dict[str, tuple[str, Callable[[Followed], dict[str, Any]]]] = {
    "requests": ("runs/log.html", page_of_requests),
    "forecast": ("runs/forecast.html", _forecast),
    "undo": ("runs/undo.html", lambda followed: {}),
    "sample": ("runs/run.html#sample", _sample),
    "rows": ("runs/rows.html", _rows),
}
