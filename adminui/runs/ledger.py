"""Who has a run, and how it stands: taken by one owner at a time, by lease; paused, gone on with, ended."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from os import getpid
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from adminui.planning.outcomes import OPEN, Outcome, RowResult
from adminui.records.casting import to_json
from adminui.runs.models import Item, Run

LEASE = timedelta(seconds=settings.ADMINUI_LEASE)
# A lease that seems to have run out is looked at twice: when the clock was set, its owner renews it in between.
SECOND_LOOK = min(3.0, LEASE.total_seconds() / 3)
BREAKDOWNS = 3
KEPT = 4_000_000  # characters of a body or answer: more than any request we make
FATE_OPEN = "This was being sent when the run stopped; read the record to see whether it was written."
NOT_SENT_BECAUSE = "The run stopped before this record's turn; nothing of it was sent."

_silent: dict[int, tuple[datetime, float]] = {}  # runs whose lease was seen to have run out: until when, seen when
_behind: dict[int, tuple[int, float]] = {}  # runs that wait: for which other, and when to look again at the latest
LOOKING = 0.1  # of the time at most goes into looking whether a run still waits: at long ones it takes long


def me() -> str:
    """A name for the owner of a lease: this thread of this process on this machine, this once. Machines of one name
    and processes of one number are common in containers.
    """
    return f"{socket.gethostname()[:40]}:{getpid()}:{threading.get_ident()}:{uuid4().hex[:12]}"


def claim(owner: str, run_id: int | None = None, *, yields_to: Collection[Outcome] = OPEN) -> Run | None:
    """Take the oldest run that may start, or whose owner's lease ran out; of two who try at once, one gets it.

    `yields_to`: how rows stand in an earlier run, for this one to wait where it has the same records.
    """
    now = timezone.now()
    free = _free(now)
    waiting = Run.objects.filter(free, **({} if run_id is None else {"pk": run_id})).order_by("pk")
    for run in waiting.select_related("plan").defer("plan__changesets", "plan__steps")[:50]:
        if not (_surely_silent(run) if run.state == Run.State.RUNNING else _its_turn(run, yields_to)):
            continue
        taken = Run.objects.filter(free, pk=run.pk, lease_until=run.lease_until).update(
            state=Run.State.RUNNING,
            pause=Run.Pause.NOT,
            owner=owner,
            lease_until=now + LEASE,
            started_at=Coalesce("started_at", now),
        )
        if taken and not _met_another(run, owner, yields_to):
            return Run.objects.select_related("plan", "user").get(pk=run.pk)
    return None


def _its_turn(run: Run, yields_to: Collection[Outcome]) -> bool:
    """Whether no other run goes first. One that is to be cancelled sends nothing, and waits for nobody."""
    if run.asked == Run.Ask.STOP:
        return True
    began = time.monotonic()
    other, until = _behind.pop(run.pk, (0, 0.0))
    if until > began and Run.objects.filter(pk=other, state__in=(Run.State.QUEUED, Run.State.RUNNING)).exists():
        _behind[run.pk] = other, until
        return False
    ahead = ahead_of(run, yields_to)
    if ahead is not None:
        _behind[run.pk] = ahead.pk, time.monotonic() + (time.monotonic() - began) / LOOKING
    return ahead is None


def _met_another(run: Run, owner: str, yields_to: Collection[Outcome]) -> bool:
    """Looked at once more when it is taken: an earlier run may have been gone on with between our look and our taking.
    It goes back to the queue then, where the earlier one is first.
    """
    if run.state == Run.State.RUNNING or run.asked == Run.Ask.STOP or ahead_of(run, yields_to) is None:
        return False
    mine = Run.objects.filter(pk=run.pk, owner=owner, state=Run.State.RUNNING)
    mine.update(state=Run.State.QUEUED, owner="", lease_until=None, started_at=run.started_at)
    return True


def silent() -> bool:
    """Whether some run's lease seems to have run out: it is taken over once that is sure."""
    return Run.objects.filter(state=Run.State.RUNNING, lease_until__lt=timezone.now()).exists()


def _free(now: datetime) -> Q:
    due = Q(due_at=None) | Q(due_at__lte=now)
    return Q(due, state=Run.State.QUEUED) | Q(state=Run.State.RUNNING, lease_until__lt=now)


def _surely_silent(run: Run) -> bool:
    """Whether this process saw the same lease run out a while ago; by a clock that nobody sets."""
    assert run.lease_until is not None
    until, seen = _silent.get(run.pk, (None, 0.0))
    if until != run.lease_until:
        _silent[run.pk] = run.lease_until, time.monotonic()
        return SECOND_LOOK <= 0
    return time.monotonic() - seen >= SECOND_LOOK


def ahead_of(run: Run, outcomes: Collection[Outcome] = OPEN) -> Run | None:
    """A run on its way, or an earlier one about to be, that has yet to send some of the same records: this waits for
    it. A later one is on its way when this one was paused or scheduled meanwhile. Nobody waits for a later one that
    only waits itself, so that no two wait for each other.
    """
    due = Q(due_at=None) | Q(due_at__lte=timezone.now())
    before = Run.objects.filter(
        Q(state=Run.State.RUNNING) | Q(due, state=Run.State.QUEUED, pk__lt=run.pk),
        plan__connection=run.plan.connection,
        plan__resource=run.plan.resource,
    ).exclude(pk=run.pk)
    for each in before.order_by("pk"):
        theirs = each.items.order_by().filter(outcome__in=outcomes).values("record_id")
        if run.items.order_by().filter(record_id__in=theirs).exists():  # one pass over each; a join would be many
            return each
    return None


def renew(run: Run, owner: str) -> bool:
    """Hold the run for another LEASE; False when somebody else has it. Within a transaction nobody else gets it
    before the end: what is written there is written by the owner.
    """
    mine = Run.objects.filter(pk=run.pk, owner=owner, state=Run.State.RUNNING)
    return bool(mine.update(lease_until=timezone.now() + LEASE))


def kind_of(result: RowResult) -> str:
    """The same for all rows of one outcome that met the same words; empty without words."""
    by_field = {name: list(words) for name, words in result.by_field.items()}
    if not result.messages and not by_field:
        return ""
    return hashlib.sha256(to_json([result.outcome, list(result.messages), by_field]).encode()).hexdigest()[:16]


def doing(run: Run, words: str) -> None:
    Run.objects.filter(pk=run.pk, owner=run.owner).update(doing=words[:300])


def asked(run: Run) -> str:
    """What somebody has asked of it, for the owner to heed."""
    return Run.objects.values_list("asked", flat=True).get(pk=run.pk)


def finish(run: Run, why_stopped: str = "", *, remark: str = "") -> None:
    """The run is over; rows that never had their turn say so. `remark` is what else a person should know of it."""
    if why_stopped:
        stop(run, f"{why_stopped} {remark}".strip())
        return
    _over(run, Run.State.FINISHED, remark)


@transaction.atomic
def pause(run: Run, why: Run.Pause, words: str, *, passed: list[str] | None = None) -> None:
    """It waits for a person; what was on its way is settled. `passed`: failures not to stop for again later.

    What was asked since we looked last is heeded: a cancelled run does not wait, nor one that is to go on after all.
    """
    if not renew(run, run.owner):
        return
    wanted = asked(run)
    if wanted == Run.Ask.STOP:
        stop(run, f"Stopped by request. {words}")
        return
    if why is Run.Pause.ASKED and wanted != Run.Ask.PAUSE:
        hand_over(run)
        return
    mine = Run.objects.filter(pk=run.pk, owner=run.owner, state=Run.State.RUNNING)
    told = {} if passed is None else {"passed": passed}
    gate = {"gate": 0} if why is Run.Pause.CANARY else {}
    mine.update(
        state=Run.State.PAUSED, pause=why, message=words, asked="", owner="", lease_until=None, doing="", **told, **gate
    )


def hand_over(run: Run, *, in_seconds: float = 0) -> None:
    """This process stops: the run waits for the next worker, which settles what was on its way and goes on.

    `in_seconds`: not before then, because the API may be at what was sent.
    """
    mine = Run.objects.filter(pk=run.pk, owner=run.owner, state=Run.State.RUNNING)
    if in_seconds:
        mine.update(owner="", lease_until=timezone.now() + timedelta(seconds=in_seconds), doing="")
    else:
        mine.update(state=Run.State.QUEUED, owner="", lease_until=None, doing="")


@transaction.atomic
def broke_down(run: Run) -> None:
    """Something failed on our side: another try settles what was on its way first; after BREAKDOWNS it waits."""
    Run.objects.filter(pk=run.pk, owner=run.owner).update(breakdowns=F("breakdowns") + 1)
    if Run.objects.filter(pk=run.pk, breakdowns__gte=BREAKDOWNS).exists():
        words = f"Something failed on our side {BREAKDOWNS} times; the log says what."
        Run.objects.filter(pk=run.pk).update(breakdowns=0)
        pause(run, Run.Pause.TROUBLE, words)
    else:
        hand_over(run)


@transaction.atomic
def stop(run: Run, why: str) -> None:
    if not renew(run, run.owner):
        return
    outcome = Outcome.CANCELLED if asked(run) == Run.Ask.STOP else Outcome.NOT_SENT
    _end(run.items.filter(outcome=Outcome.PENDING), outcome, NOT_SENT_BECAUSE)
    _end(run.items.filter(outcome=Outcome.SENDING), Outcome.UNKNOWN, FATE_OPEN)
    _over(run, Run.State.STOPPED, why)


def _end(items: QuerySet[Item], outcome: Outcome, words: str) -> None:
    kind = kind_of(RowResult("", outcome, (words,)))
    items.update(outcome=outcome, messages=[words], kind=kind, settled_at=timezone.now())


def _over(run: Run, state: Run.State, message: str) -> None:
    run.state, run.message, run.finished_at = state, message, timezone.now()
    run.doing, run.lease_until = "", None
    Run.objects.filter(pk=run.pk, owner=run.owner).update(
        state=state, message=message, finished_at=run.finished_at, doing="", lease_until=None, pause="", asked=""
    )
