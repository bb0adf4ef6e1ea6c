"""Writing a run down as it goes: sending before the bytes leave, the outcome after, every exchange beside it."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from os import getpid
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from adminui.planning.outcomes import Outcome, RowResult
from adminui.records.casting import to_json
from adminui.remote.client import Exchange as Seen
from adminui.runs.models import Exchange, Item, Run

LEASE = timedelta(seconds=settings.ADMINUI_LEASE)
BREAKDOWNS = 3
KEPT = 4_000_000  # characters of a body or answer: more than any request we make
FATE_OPEN = "This was being sent when the run stopped; read the record to see whether it was written."
NOT_SENT_BECAUSE = "The run stopped before this record's turn; nothing of it was sent."


def me() -> str:
    """A name for the owner of a lease: this thread of this process on this machine, this once. Machines of one name
    and processes of one number are common in containers.
    """
    return f"{socket.gethostname()[:40]}:{getpid()}:{threading.get_ident()}:{uuid4().hex[:12]}"


def claim(owner: str, run_id: int | None = None) -> Run | None:
    """Take the oldest run that waits, or whose owner's lease ran out; of two who try at once, one gets it."""
    now = timezone.now()
    free = Q(state=Run.State.QUEUED) | Q(state=Run.State.RUNNING, lease_until__lt=now)
    waiting = Run.objects.filter(free, **({} if run_id is None else {"pk": run_id})).order_by("pk")
    for pk in waiting.values_list("pk", flat=True)[:10]:
        taken = Run.objects.filter(free, pk=pk).update(
            state=Run.State.RUNNING, owner=owner, lease_until=now + LEASE, started_at=Coalesce("started_at", now)
        )
        if taken:
            return Run.objects.select_related("plan", "user").get(pk=pk)
    return None


def renew(run: Run, owner: str) -> bool:
    """Hold the run for another LEASE; False when somebody else has it. Within a transaction nobody else gets it
    before the end: what is written there is written by the owner.
    """
    mine = Run.objects.filter(pk=run.pk, owner=owner, state=Run.State.RUNNING)
    return bool(mine.update(lease_until=timezone.now() + LEASE))


@transaction.atomic
def sending(run: Run, items: Sequence[Item]) -> int | None:
    """Mark rows as being sent, committed before the request leaves; returns the number of the step.

    None when somebody else has the run by now: then nothing of it may be sent here.
    """
    if not renew(run, run.owner):
        return None
    highest = run.items.aggregate(highest=Max("step"))["highest"]
    number = 1 if highest is None else highest + 1
    _update(items, outcome=Outcome.SENDING, step=number)
    return number


@transaction.atomic
def back_to_pending(run: Run, items: Sequence[Item]) -> bool:
    """False, and nothing done, when somebody else has the run by now."""
    if items and not renew(run, run.owner):
        return False
    _update(items, outcome=Outcome.PENDING, messages=[], stored={}, verified=False, settled_at=None, kind="")
    return True


@transaction.atomic
def settle(run: Run, results: Sequence[tuple[Item, RowResult]]) -> bool:
    """Write outcomes down: rows with nothing more to say in one statement per outcome, the others one by one.

    False, and nothing done, when somebody else has the run by now: they read what was on its way, and know better.
    """
    if results and not renew(run, run.owner):
        return False
    now = timezone.now()
    plain: defaultdict[tuple[Outcome, bool], list[Item]] = defaultdict(list)
    spoken: list[Item] = []
    for item, result in results:
        item.outcome, item.verified, item.settled_at = result.outcome, result.stored is not None, now
        item.messages, item.by_field = list(result.messages), {f: list(m) for f, m in result.by_field.items()}
        item.kind = kind_of(result)
        if result.stored is not None and result.outcome is not Outcome.DONE:
            item.stored = {c.field: result.stored.get(c.field) for c in item.row().changes if c.field in result.stored}
        if item.messages or item.by_field or item.theirs or item.stored:
            spoken.append(item)
        else:
            plain[result.outcome, item.verified].append(item)
    for (outcome, verified), items in plain.items():
        _update(items, outcome=outcome, verified=verified, settled_at=now, kind="")
    Item.objects.bulk_update(
        spoken,
        ["outcome", "verified", "settled_at", "kind", "messages", "by_field", "theirs", "stored"],
        batch_size=100,
    )
    return True


def kind_of(result: RowResult) -> str:
    """The same for all rows of one outcome that met the same words; empty without words."""
    by_field = {name: list(words) for name, words in result.by_field.items()}
    if not result.messages and not by_field:
        return ""
    return hashlib.sha256(to_json([result.outcome, list(result.messages), by_field]).encode()).hexdigest()[:16]


def _update(items: Sequence[Item], **values: object) -> None:
    for start in range(0, len(items), 500):
        Item.objects.filter(pk__in=[item.pk for item in items[start : start + 500]]).update(**values)
    for item in items:
        for name, value in values.items():
            setattr(item, name, value)


def doing(run: Run, words: str) -> None:
    Run.objects.filter(pk=run.pk).update(doing=words)


def stop_asked(run: Run) -> bool:
    return Run.objects.filter(pk=run.pk, asked=Run.Ask.STOP).exists()


def finish(run: Run, why_stopped: str = "", *, remark: str = "") -> None:
    """The run is over; rows that never had their turn say so. `remark` is what else a person should know of it."""
    if why_stopped:
        stop(run, f"{why_stopped} {remark}".strip())
        return
    _over(run, Run.State.FINISHED, remark)


def hand_over(run: Run) -> None:
    """This process stops: the run waits for the next worker, which settles what was on its way and goes on."""
    mine = Run.objects.filter(pk=run.pk, owner=run.owner, state=Run.State.RUNNING)
    mine.update(state=Run.State.QUEUED, owner="", lease_until=None, doing="")


@transaction.atomic
def broke_down(run: Run) -> None:
    """Something failed on our side: another try settles what was on its way first; after BREAKDOWNS of them it ends."""
    Run.objects.filter(pk=run.pk, owner=run.owner).update(breakdowns=F("breakdowns") + 1)
    if Run.objects.filter(pk=run.pk, breakdowns__gte=BREAKDOWNS).exists():
        stop(run, f"Stopped: something failed on our side {BREAKDOWNS} times; the log says what.")
    else:
        hand_over(run)


def stop(run: Run, why: str) -> None:
    if not renew(run, run.owner):
        return
    left = run.items.filter(outcome=Outcome.PENDING)
    outcome = Outcome.CANCELLED if stop_asked(run) else Outcome.NOT_SENT
    _end(left, outcome, NOT_SENT_BECAUSE)
    _end(run.items.filter(outcome=Outcome.SENDING), Outcome.UNKNOWN, FATE_OPEN)
    _over(run, Run.State.STOPPED, why)


def _end(items: QuerySet[Item], outcome: Outcome, words: str) -> None:
    kind = kind_of(RowResult("", outcome, (words,)))
    items.update(outcome=outcome, messages=[words], kind=kind, settled_at=timezone.now())


def _over(run: Run, state: Run.State, message: str) -> None:
    run.state, run.message, run.finished_at = state, message, timezone.now()
    run.doing, run.lease_until = "", None
    Run.objects.filter(pk=run.pk, owner=run.owner).update(
        state=state, message=message, finished_at=run.finished_at, doing="", lease_until=None
    )


def keep(run: Run, purpose: str, exchanges: Iterable[Seen], step: int | None = None) -> None:
    """Keep exchanges of the run; answers to reads are not kept, they are the records themselves."""
    Exchange.objects.bulk_create(
        Exchange(
            run_id=run.pk,
            step=step,
            purpose=purpose,
            method=seen.method,
            url=seen.url,
            body=seen.body_text[:KEPT],
            status=seen.status,
            answer=seen.answer_text[:KEPT] if purpose == "write" else "",
            fault=seen.fault or "",
            started_at=seen.started_at,
            seconds=seen.seconds,
        )
        for seen in exchanges
    )
