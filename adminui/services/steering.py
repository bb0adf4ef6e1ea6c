"""Steering a run: pausing it, going on with it, cancelling the rest. What is on its way is always finished."""

from __future__ import annotations

from django.db.models import Q

from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.services import homecoming, plans, waking
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
    _ask(run, Ask.PAUSE)
    words = "Paused by request before anything more was sent."
    Run.objects.filter(pk=run.pk, state=State.QUEUED).update(
        state=State.PAUSED, pause=Run.Pause.ASKED, message=words, asked=Ask.NOTHING
    )


def go_on(user: Person, run: Run) -> None:
    """Send the rest of a paused run, or do not pause after all. Whoever goes on with it needs the right to send it."""
    _require(user, run)
    opened = open_resource(user, run.plan.connection, run.plan.resource)
    plans.check_rights(opened, run.plan.rows())
    paused = Q(state=State.PAUSED) | Q(asked=Ask.PAUSE)
    if not Run.objects.filter(paused, pk=run.pk, state=State.PAUSED).update(
        state=State.QUEUED, pause=Run.Pause.NOT, message="", asked=Ask.NOTHING, owner="", lease_until=None
    ) and not Run.objects.filter(pk=run.pk, asked=Ask.PAUSE).update(asked=Ask.NOTHING):
        raise Stale(f"Run {run.pk} is not paused.", "Look at its page: it may have gone on already.")
    waking.wake(run.pk)


def cancel(user: Person, run: Run) -> None:
    """Ask it to end between requests; one that no worker has ends at once, unless rows of it are yet to be settled."""
    _require(user, run)
    _ask(run, Ask.STOP)
    if run.items.filter(outcome=Outcome.SENDING).exists():
        Run.objects.filter(pk=run.pk, state=State.PAUSED).update(state=State.QUEUED)  # a worker settles them first
        return
    owner = ledger.me()
    free = Run.objects.filter(pk=run.pk, state__in=(State.QUEUED, State.PAUSED))
    if not free.update(state=State.RUNNING, owner=owner, lease_until=None):
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


def _ask(run: Run, what: Run.Ask) -> None:
    Run.objects.filter(pk=run.pk).update(asked=what)
