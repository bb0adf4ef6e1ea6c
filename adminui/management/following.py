"""Following a run to its end from a terminal; where no worker takes it, it is worked on here."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone

from adminui.management.speaking import NOT_ALL_DONE, UNDER_WAY, WAITS_FOR_A_PERSON, WELL
from adminui.planning.explain import counted
from adminui.planning.outcomes import SETTLED_WELL, TO_FIX, Outcome
from adminui.records.changes import ChangeSet
from adminui.runs.models import Item, Run
from adminui.services import history, results, worker
from adminui.services.again import LEFT_KIND
from adminui.services.catalog import Opened
from adminui.services.evidence import worded

LOOK = 0.1  # seconds between looks at a run that somebody else works on
GRACE = timedelta(seconds=2)  # what a worker gets to take it first
SHOWN = 5  # rows printed with before and after
LONGEST = 60  # characters of a value in a line
NO_WORDS = "Nothing more is known."


def follow(run: Run) -> Run:
    """Until it is over or waits for a person, or until we are told to stop: then it goes on without us."""
    since = timezone.now()
    with _told_to_stop() as stopping:
        while not run.over and run.state != Run.State.PAUSED and not stopping.is_set():
            if not (_is_left_alone(run, since) and worker.work_on(run.pk, stopping)):
                stopping.wait(LOOK)
            run.refresh_from_db()
    return run


def _is_left_alone(run: Run, since: Any) -> bool:
    """Whether it waits for nothing but a worker, and none has come."""
    now = timezone.now()
    if run.state == Run.State.RUNNING:
        return run.lease_until is not None and run.lease_until < now
    return not run.scheduled and now - max(since, run.due_at or since) > GRACE


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM, so that requests on their way are settled first; the second time ends at once."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def status_of(run: Run) -> int:
    if run.state == Run.State.PAUSED:
        return WAITS_FOR_A_PERSON
    if not run.over:
        return UNDER_WAY
    return WELL if set(run.tally()) <= SETTLED_WELL and run.state == Run.State.FINISHED else NOT_ALL_DONE


def as_data(run: Run) -> dict[str, Any]:
    """For machines."""
    return {
        "run": run.pk,
        "plan": run.plan_id,
        "state": run.state,
        "message": run.message,
        "outcomes": {str(outcome): n for outcome, n in run.tally().items()},
    }


def sentence(run: Run) -> str:
    """The run in a line: `Run 7 finished: 98 done, 2 rejected.`"""
    tally = ", ".join(f"{n:,} {outcome}" for outcome, n in run.tally().items())
    return f"Run {run.pk} {_state_words(run)}: {tally}.{' ' + run.message if run.message else ''}"


def _state_words(run: Run) -> str:
    if run.scheduled and run.due_at is not None:
        return f"waits until {run.due_at:%Y-%m-%d %H:%M} UTC"
    return {Run.State.QUEUED: "waits for a worker", Run.State.RUNNING: "is running", Run.State.PAUSED: "is paused"}.get(
        Run.State(run.state), run.state
    )


def kinds(opened: Opened, run: Run) -> list[dict[str, Any]]:
    """The rows to look at, those that met the same words together, the most first; only what this person may see."""
    rows = run.items.filter(outcome__in=TO_FIX).exclude(outcome=Outcome.CANCELLED, kind=LEFT_KIND).order_by()
    groups = rows.values("outcome", "kind").annotate(rows=Count("pk"), first=Min("pk")).order_by("-rows", "first")
    firsts: Mapping[int, Item] = run.items.in_bulk([group["first"] for group in groups])
    return [
        {"outcome": group["outcome"], "kind": group["kind"], "rows": group["rows"], "words": words, "first": first}
        for group in groups
        for words, first in [_words_of(opened, firsts[group["first"]])]
    ]


def _words_of(opened: Opened, item: Item) -> tuple[str, str]:
    shown = [
        f"{field.label}: {word}"
        for field, _ in history.changes_shown(opened, item.row())
        for word in item.by_field.get(field.name, ())
    ]
    return "; ".join([*shown, *results.words_on_row(opened, item)]) or NO_WORDS, item.record_id


def change_lines(opened: Opened, rows: Iterable[ChangeSet]) -> list[str]:
    """Before and after, a line per field, of what this person may see."""
    shown = ((row.record_id, *found) for row in rows for found in history.changes_shown(opened, row))
    return [
        f"{record_id}  {field.label}: {_short(worded(field, c.before))} → {_short(worded(field, c.after))}"
        for record_id, field, c in shown
    ]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def first_lines(opened: Opened, run: Run) -> list[str]:
    """Of a run that waits for somebody to look at its first rows: those rows."""
    if run.pause != Run.Pause.CANARY:
        return []
    items = run.items.exclude(outcome=Outcome.PENDING).order_by("seq")[:SHOWN]
    return [
        f"{line} ({item.outcome}{', read back' if item.verified else ''})"
        for item in items
        for line in change_lines(opened, [item.row()])
    ]


def kind_lines(found: list[dict[str, Any]]) -> list[str]:
    return [f"{counted(k['rows'], 'row')} {k['outcome']}: {k['words']} (such as {k['first']})" for k in found]
