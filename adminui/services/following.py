"""Following a run while it goes: how far it is, how fast of late, what is being checked, and why it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from adminui.connections import halting
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Exchange, Run
from adminui.services import steering
from adminui.services.results import Counts, read_back

NO_WORKER_FOR = timedelta(seconds=10)  # a worker looks several times a second
START = "Start one with “python3 manage.py worker”, or ask whoever runs this installation: it then goes on by itself."
RECENT = 400  # exchanges looked at for those whose rows are not settled yet
WINDOW = 30.0  # seconds that the rate of late is taken over
GAP = 20.0  # seconds without a look after which the rate starts anew


@dataclass(frozen=True)
class Progress:
    """How far a run is. `checking`: rows whose request has come back and that are being read; `lost`: those of them
    whose answer got lost.
    """

    total: int
    settled: int
    checking: int
    lost: int
    read_back: int
    rate: float | None = None  # rows a second, of late
    seconds_left: float | None = None

    @property
    def answered(self) -> int:
        return self.settled + self.checking

    @property
    def percent(self) -> int:
        return 100 * self.answered // self.total if self.total else 100


def progress(run: Run, counted: Counts) -> Progress:
    checking, lost = (0, 0) if run.over else _being_checked(run, counted)
    answered = counted.settled + checking
    rate = _rate(run, answered)
    left = (counted.total - answered) / rate if rate else None
    return Progress(counted.total, counted.settled, checking, lost, read_back(run, counted), rate, left)


def _being_checked(run: Run, counted: Counts) -> tuple[int, int]:
    """Rows on their way whose request has come back, and how many of them without an answer to go by."""
    if Outcome.SENDING not in counted.tally:
        return 0, 0
    writes = Exchange.objects.filter(run=run).order_by("-pk").values_list("step", "purpose", "status")[:RECENT]
    back = {step: status for step, purpose, status in writes if purpose == "write" and step is not None}
    steps = list(run.items.filter(outcome=Outcome.SENDING).order_by().values_list("step", flat=True))
    statuses = [back[step] for step in steps if step in back]
    return len(statuses), sum(status is None or status >= 500 for status in statuses)


def _rate(run: Run, answered: int) -> float | None:
    """Rows a second over the last half minute as pages have seen it; at first, since the run began."""
    if run.state != Run.State.RUNNING or run.started_at is None:
        return None
    now = timezone.now()
    seen = _seen(run, now, answered)
    (since, before), seconds = seen[0], (now - seen[0][0]).total_seconds()
    if seconds < 3:
        since, before = run.started_at, 0
        seconds = (now - since).total_seconds()
    return (answered - before) / seconds if seconds > 0 and answered > before else None


def _seen(run: Run, now: datetime, answered: int) -> Sequence[tuple[datetime, int]]:
    """What was counted at earlier looks, the oldest first, with this one added."""
    key = f"run-seen:{run.pk}"
    kept: list[tuple[datetime, int]] = cache.get(key, [])
    if kept and (now - kept[-1][0]).total_seconds() > GAP:
        kept = []
    kept = [look for look in kept if (now - look[0]).total_seconds() <= WINDOW]
    if not kept or (now - kept[-1][0]).total_seconds() >= 1:
        kept.append((now, answered))
        cache.set(key, kept, 120)
    return kept


@dataclass(frozen=True)
class Wait:
    """Why nothing is sent just now. `calm`: as it should be; nobody has to do anything."""

    title: str
    text: str = ""
    calm: bool = False
    behind: Run | None = None


def why_waiting(run: Run) -> Wait | None:
    """None when it is on its way, over, or paused (then a person is asked, not told)."""
    if run.over or run.state == Run.State.PAUSED:
        return None
    halt = halting.halted(run.plan.connection)
    if halt is not None:
        return Wait(
            f"Writing to {run.plan.connection_label} is switched off",
            f"By {halt.by}{f': {halt.why}' if halt.why else ''}. "
            "A run whose turn comes before somebody switches it on again is stopped, its rows unsent.",
        )
    return _in_the_queue(run) if run.state == Run.State.QUEUED else _without_a_worker(run)


def _in_the_queue(run: Run) -> Wait | None:
    if run.scheduled and run.due_at is not None:
        return Wait("It waits for its time", "Nothing has been sent.", calm=True)
    behind = steering.waits_for(run)
    if behind is not None:
        text = f"It changes some of the same records and was approved earlier, by {behind.user_name}."
        return Wait(f"It waits until run {behind.pk} is over", text, calm=True, behind=behind)
    now = timezone.now()
    if run.started_at is not None and run.owner == "" and _waited_since(run, now) > NO_WORKER_FOR:
        text = f"The worker that had it stopped. What was on its way is read first, nothing is sent twice. {START}"
        return Wait("No worker goes on with this run", text)
    if run.started_at is None and _waited_since(run, now) > NO_WORKER_FOR:
        return Wait("No worker has taken this run", f"Nothing has been sent. {START}")
    if run.started_at is None:
        return Wait("Waiting for the worker to take this run", "Nothing has been sent yet.", calm=True)
    return Wait("Waiting for a worker to go on", "What was on its way is settled first.", calm=True)


def _waited_since(run: Run, now: datetime) -> timedelta:
    since = max(filter(None, (run.created_at, run.due_at, _last_call(run))))
    return now - since


def _last_call(run: Run) -> datetime | None:
    if run.started_at is None:
        return None
    last = Exchange.objects.filter(run=run).order_by("-pk").values_list("started_at", flat=True).first()
    return last or run.started_at


def _without_a_worker(run: Run) -> Wait | None:
    if run.lease_until is None or run.lease_until >= timezone.now():
        return None
    text = f"Another one reads what was on its way first, and sends nothing twice. {START}"
    return Wait("The worker that had this run does not answer any more", text)
