"""Steering a run: pausing it, going on with it, cancelling the rest. What is on its way is always finished."""

from __future__ import annotations

from django.utils import timezone

from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.services import homecoming, plans, switch, waking
from adminui.services.catalog import open_resource
from adminui.services.errors import NotAllowed, Stale
from adminui.staff.access import Person, allowed

State, Ask = Run.State, Run.Ask


def may_steer(user: Person, run: Run) -> bool:
    return not run.over and allowed(user, run.plan.connection, run.plan.resource, "edit")


def pause(user: Person, run: Run) -> None:
    """Ask it to wait after what is on its way; one that no worker has waits at once."""
    _require(user, run)
    if run.state == State.PAUSED:
        raise Stale(f"Run {run.pk} is paused already.", "Nothing is being sent.")
    asking = Run.objects.filter(pk=run.pk, state__in=(State.QUEUED, State.RUNNING))
    if not asking.exclude(asked=Ask.STOP).update(asked=Ask.PAUSE):
        raise Stale(f"Run {run.pk} cannot be paused any more.", "Look at its page: it was cancelled or is over.")
    words = "Paused by request before anything more was sent."
    Run.objects.filter(pk=run.pk, state=State.QUEUED, asked=Ask.PAUSE).update(
        state=State.PAUSED, pause=Run.Pause.ASKED, message=words, asked=Ask.NOTHING
    )


def go_on(user: Person, run: Run) -> None:
    """Send the rest of a paused run, or do not pause after all. Whoever goes on with it needs the right to send it."""
    _require(user, run)
    opened = open_resource(user, run.plan.connection, run.plan.resource)
    switch.require_on(opened.connection)  # or its turn would end it
    plans.check_rights(opened, run.plan.rows())
    paused = Run.objects.filter(pk=run.pk, state=State.PAUSED).exclude(asked=Ask.STOP)
    if not paused.update(
        state=State.QUEUED, pause=Run.Pause.NOT, message="", asked=Ask.NOTHING, owner="", lease_until=None
    ) and not Run.objects.filter(pk=run.pk, asked=Ask.PAUSE).update(asked=Ask.NOTHING):
        raise Stale(f"Run {run.pk} is not paused.", "Look at its page: it may have gone on already.")
    waking.wake(run.pk)


def cancel(user: Person, run: Run) -> None:
    """Ask it to end between requests; one that no worker has ends at once, unless rows of it are yet to be settled."""
    _require(user, run)
    Run.objects.filter(pk=run.pk).exclude(state__in=(State.FINISHED, State.STOPPED)).update(asked=Ask.STOP)
    if run.items.filter(outcome=Outcome.SENDING).exists():
        Run.objects.filter(pk=run.pk, state=State.PAUSED).update(state=State.QUEUED)  # a worker settles them first
        waking.wake(run.pk)
        return
    # With a lease as any other owner has: should this process die here, a worker ends the run.
    taken = {"state": State.RUNNING, "owner": ledger.me(), "lease_until": timezone.now() + ledger.LEASE}
    if not Run.objects.filter(pk=run.pk, state__in=(State.QUEUED, State.PAUSED)).update(asked=Ask.STOP, **taken):
        return
    mine = Run.objects.select_related("plan", "user").get(pk=run.pk)
    left = mine.items.filter(outcome=Outcome.PENDING).count()
    ledger.stop(mine, f"Stopped by request while it waited: {counted(left, 'row')} left unsent.")
    homecoming.absorb(mine)


def waits_for(run: Run) -> Run | None:
    """The earlier run with some of the same records that this one waits for."""
    return ledger.ahead_of(run) if run.state == State.QUEUED and not run.scheduled else None


def acknowledge(user: Person, run: Run) -> None:
    """Whoever approved it knows that it is over."""
    if run.over and not run.told and run.user_id == user.pk:
        Run.objects.filter(pk=run.pk).update(told=True)


def _require(user: Person, run: Run) -> None:
    if run.over:
        raise Stale(f"Run {run.pk} was over already.", "Look at its rows: what was sent is listed there.")
    if not may_steer(user, run):
        raise NotAllowed("You may not steer this run.", f"Ask {run.user_name}, or somebody who may edit there.")
