"""The queue of every connection, and what every page tells people of their own runs."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.runs.models import Run
from adminui.services import forecast, headline, history, switch
from adminui.services import queue as waiting
from adminui.services.catalog import Opened
from adminui.services.queue import Line
from adminui.web.frame import standing_in_words
from adminui.web.run_view import in_words
from adminui.web.telling import sentence


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Runs under way and waiting, by connection; only that part when the page asks for it again."""
    lines = waiting.lines(request.user)
    opened = history.schemas(request.user, [each.run for line in lines for each in line.runs])
    context = {
        "lines": [_drawn(line, opened) for line in lines],
        "busy": any(each.run.state != Run.State.PAUSED for line in lines for each in line.runs),
        "unseen": [
            {"run": run, "words": ended(run, tally), "kind": kind_of(run, tally)}
            for run, tally in waiting.unseen(int(request.user.pk or 0))
            if run.over
        ],
    }
    part = request.GET.get("part") == "lines"
    return render(request, "runs/queue.html#lines" if part else "runs/queue.html", context)


def _drawn(line: Line, opened: Mapping[tuple[str, str], Opened]) -> dict[str, object]:
    runs = [
        {"queued": each, "sentence": sentence(each.run, headline.summary(each.run, each.counts), opened.get(place))}
        for each in line.runs
        for place in [(each.run.plan.connection, each.run.plan.resource)]
    ]
    halted = switch.words(line.connection).rstrip(".")
    return {"line": line, "runs": runs, "waits": forecast.waiting(line.connection), "halted": halted}


@require_safe
def notice(request: HttpRequest) -> JsonResponse:
    """What the top bar says of the person's runs, and what there is to tell them."""
    user_id = int(request.user.pk or 0)
    standing = waiting.standing(user_id)
    news = waiting.unseen(user_id) if standing.paused or standing.ended else []
    return JsonResponse({**standing_in_words(standing), "news_told": [_told(run, tally) for run, tally in news]})


def _told(run: Run, tally: Mapping[Outcome, int]) -> dict[str, object]:
    return {
        "key": f"{run.pk}.{run.state}.{run.pause}.{tally.get(Outcome.PENDING, 0)}",  # a second pause is news again
        "text": ended(run, tally),
        "kind": kind_of(run, tally),
        "url": reverse("run", args=[run.pk]),
        "told": reverse("run-told", args=[run.pk]) if run.over else "",
    }


def ended(run: Run, tally: Mapping[Outcome, int]) -> str:
    """`Run 12 finished: 497 done, 3 rejected.`"""
    words = in_words(dict(tally))
    if run.state != Run.State.PAUSED:
        return f"Run {run.pk} {'finished' if run.state == Run.State.FINISHED else 'stopped'}: {words}."
    why = {Run.Pause.CANARY: "has written its first rows", Run.Pause.TROUBLE: "has stopped itself"}
    return f"Run {run.pk} {why.get(Run.Pause(run.pause), 'is paused')} and waits for you: {words}."


def kind_of(run: Run, tally: Mapping[Outcome, int]) -> str:
    if run.state == Run.State.PAUSED:
        return "info" if run.pause != Run.Pause.TROUBLE else "warning"
    return "success" if set(tally) <= SETTLED_WELL else "warning"
