"""What a person does with a run: pause it, go on, cancel it; and once it is over, plan what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from adminui.planning.explain import counted
from adminui.planning.outcomes import TO_FIX, Outcome
from adminui.runs.models import Run
from adminui.services import again, catalog, results, steering, switch, undoing
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.web.frame import worksheet_url

Verb = Callable[[HttpRequest, Opened, Run], HttpResponse]


@require_POST
def pause(request: HttpRequest, run: int) -> HttpResponse:
    steering.pause(request.user, results.find(request.user, run)[0])
    return redirect("run", run)


@require_POST
def go_on(request: HttpRequest, run: int) -> HttpResponse:
    found, opened = results.find(request.user, run)
    switch.require_on(opened.connection)
    steering.go_on(request.user, found)
    return redirect("run", run)


@require_POST
def cancel(request: HttpRequest, run: int) -> HttpResponse:
    steering.cancel(request.user, results.find(request.user, run)[0])
    return redirect("run", run)


@require_POST
def acknowledge(request: HttpRequest, run: int) -> HttpResponse:
    """The person has been told that their run is over; once is enough."""
    found, _ = results.find(request.user, run)
    if found.over and found.user_id == request.user.pk:
        steering.acknowledge(request.user, found)
    return HttpResponse(status=204) if "application/json" in request.headers.get("Accept", "") else redirect("queue")


def following(verb: Verb) -> Callable[..., HttpResponse]:
    """For what is planned from a run, with the rights of now; where nothing is left to plan, the page says so."""

    @require_POST
    @wraps(verb)
    def view(request: HttpRequest, run: int) -> HttpResponse:
        found, _ = results.find(request.user, run)
        opened = catalog.open_resource(request.user, found.plan.connection, found.plan.resource)
        try:
            return verb(request, opened, found)
        except BadInput as error:
            messages.warning(request, f"{error.message} {error.advice}".strip())
            return redirect("run", run)

    return view


def _listed(request: HttpRequest, name: str) -> Collection[str] | None:
    return request.POST.getlist(name) or None


@following
def retry(request: HttpRequest, opened: Opened, run: Run) -> HttpResponse:
    """A plan with the same values for rows that failed; nothing is sent by this."""
    outcomes = [outcome for outcome in TO_FIX if outcome in request.POST.getlist("outcome")]
    plan = again.retry(opened, run, kinds=_listed(request, "kind"), outcomes=outcomes or TO_FIX)
    return redirect("plan", plan.pk)


@following
def fix(request: HttpRequest, opened: Opened, run: Run) -> HttpResponse:
    """The rows that failed, with what was to be written, in a worksheet where that can be corrected."""
    sheet = again.worksheet_for(opened, run, kinds=_listed(request, "kind"))
    return redirect(f"{worksheet_url(sheet)}?only=failed")


@following
def sides(request: HttpRequest, opened: Opened, run: Run) -> HttpResponse:
    """Of clashes: mine is a plan over theirs, theirs leaves the records as they are; for some rows or all of them."""
    one, _, record = request.POST.get("sides", "").partition(" ")
    kinds = request.POST.getlist("kind")
    some = [record] if record else results.records_of(run, kinds=kinds) if kinds else []
    side: Literal["mine", "theirs"] = "mine" if "mine" in (one, request.POST.get("side")) else "theirs"
    plan = again.take_sides(opened, run, side, records=some or None)
    if plan is not None:
        return redirect("plan", plan.pk)
    words = counted(len(some), "row") if some else "All rows in conflict"
    stand = "is left as it is" if len(some) == 1 else "are left as they are"
    messages.success(request, f"{words} {stand} stored. Nothing was sent.")
    return redirect("run", run.pk)


@following
def check(request: HttpRequest, opened: Opened, run: Run) -> HttpResponse:
    """Read the records whose fate is not known; nothing is sent."""
    settled = again.check_again(opened, run)
    left = run.items.filter(outcome=Outcome.UNKNOWN).count()
    words = f"{counted(settled, 'row')} settled by reading." if settled else "Reading has settled nothing."
    more = f" {counted(left, 'row')} unknown as before: look at the records." if left else ""
    (messages.warning if left else messages.success)(request, words + more)
    return redirect("run", run.pk)


@following
def undo(request: HttpRequest, opened: Opened, run: Run) -> HttpResponse:
    """A plan that puts back what stood there before, for all rows or those ticked; nothing is written by this."""
    return redirect("plan", undoing.plan_undo(opened, run, records=_listed(request, "record")).pk)
