"""One run as a person follows it: how far, how fast, what went wrong and in which words; its rows; stopping it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as of
from datetime import timedelta

from django.utils import timezone

from adminui.planning.explain import counted
from adminui.planning.outcomes import OPEN, TO_FIX, Outcome
from adminui.records.casting import to_text
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue
from adminui.runs import ledger
from adminui.runs.models import Exchange, Item, Run
from adminui.services import homecoming, sheets
from adminui.services.catalog import Opened
from adminui.services.errors import NotAllowed, Stale
from adminui.services.history import changes_shown, field_shown, label_of
from adminui.staff.access import Person, allowed
from adminui.worksheets.models import Worksheet

NO_WORKER_FOR = timedelta(seconds=10)  # a worker looks several times a second
START = "Start one with “python3 manage.py worker”, or ask whoever runs this installation: it then goes on by itself."
COLUMNS = ("id", "label", "outcome", "field", "before", "after", "messages")


@dataclass(frozen=True)
class Progress:
    """How far a run is. `answered`: rows whose request was answered or that needed none; `settled`: those proven."""

    total: int
    settled: int
    answered: int
    verified: int
    rate: float | None = None  # rows a second since it started
    seconds_left: float | None = None

    @property
    def percent(self) -> int:
        return 100 * self.answered // self.total if self.total else 100


def progress(run: Run) -> Progress:
    tally = run.tally()
    total, settled = sum(tally.values()), sum(n for outcome, n in tally.items() if outcome not in OPEN)
    writes = Exchange.objects.filter(run=run, purpose="write").values("step")
    waiting = run.items.filter(outcome=Outcome.SENDING, step__in=writes).count() if not run.over else 0
    answered = settled + waiting
    verified = run.items.filter(verified=True).count()
    rate = _rate(run, answered)
    left = (total - answered) / rate if rate else None
    return Progress(total, settled, answered, verified, rate, left)


def _rate(run: Run, answered: int) -> float | None:
    if run.over or run.started_at is None or not answered:
        return None
    seconds = (timezone.now() - run.started_at).total_seconds()
    return answered / seconds if seconds > 0 else None


def waits_because(run: Run) -> str:
    """Why nothing happens, when nothing does: no worker is there, or the one that had the run is gone."""
    now = timezone.now()
    if run.state == Run.State.QUEUED and run.started_at is not None:
        return (
            f"The worker that had this run stopped. What was on its way is read first, nothing is sent twice. {START}"
        )
    if run.state == Run.State.QUEUED and now - run.created_at > NO_WORKER_FOR:
        return f"No worker has taken this run. Nothing has been sent. {START}"
    if run.state == Run.State.RUNNING and run.lease_until is not None and run.lease_until < now:
        return (
            f"The worker that had this run does not answer any more; another one settles what was on its way. {START}"
        )
    return ""


@dataclass
class Failures:
    """Rows that met the same words: `field` is None for words about the whole row. `items` in the order of the run."""

    outcome: Outcome
    field: Field | None
    message: str
    items: list[int] = of(default_factory=list)

    @property
    def key(self) -> str:
        name = self.field.name if self.field else ""
        return hashlib.sha256(f"{self.outcome}\n{name}\n{self.message}".encode()).hexdigest()[:12]


def failures(opened: Opened, run: Run) -> list[Failures]:
    """Everything to look at, grouped by outcome, field and words, the largest group first."""
    groups: dict[tuple[str, str, str], Failures] = {}
    rows = run.items.filter(outcome__in=TO_FIX).values_list("pk", "outcome", "messages", "by_field")
    for pk, outcome, messages, by_field in rows:
        for name, words in _said(messages, by_field):
            shown = field_shown(opened, name) if name else None
            if name and shown is None:
                name, words = "", "The API's words concern a field that you may not see."
            group = groups.setdefault((outcome, name, words), Failures(Outcome(outcome), shown, words))
            group.items += [pk] if pk not in group.items[-1:] else []
    return sorted(groups.values(), key=lambda group: -len(group.items))


def _said(messages: Sequence[str], by_field: dict[str, list[str]]) -> list[tuple[str, str]]:
    said = [(name, words) for name, listed in by_field.items() for words in listed]
    said += [("", " ".join(messages))] if messages else []
    return said or [("", "Nothing more is known.")]


def items_of(run: Run, *, outcome: str = "", only: Failures | None = None, start: int, size: int) -> list[Item]:
    """A page of the run's rows, of one outcome or of one group of failures."""
    if only is not None:
        return list(run.items.filter(pk__in=only.items[start : start + size]))
    rows = run.items.filter(outcome=outcome) if outcome else run.items.all()
    return list(rows[start : start + size])


def worksheet_of(user: Person, run: Run) -> Worksheet | None:
    """The worksheet the run's plan came from, if it is the person's own and still there."""
    if run.plan.worksheet is None:
        return None
    return sheets.within_reach(user).filter(pk=run.plan.worksheet).first()


def result_rows(opened: Opened, run: Run) -> Iterator[tuple[str, ...]]:
    """Every row of the run, a line per field, in the order of COLUMNS; absent, null and empty stay apart."""
    for item in run.items.iterator(chunk_size=500):
        common = (item.record_id, label_of(opened, item), str(item.outcome))
        changes = changes_shown(opened, item.row())
        on_row = words_on_row(opened, item)
        for shown, change in changes:
            words = "; ".join([*item.by_field.get(change.field, ()), *on_row])
            yield (*common, shown.name, _written(shown, change.before), _written(shown, change.after), words)
        if not changes:
            yield (*common, "", "", "", "; ".join(on_row))


def words_on_row(opened: Opened, item: Item) -> list[str]:
    """The API's words about the whole row, and those on fields that the row does not change."""
    changed = set(item.row().fields)
    others = ((field_shown(opened, name), words) for name, words in item.by_field.items() if name not in changed)
    return [*item.messages, *(f"{f.label}: {word}" for f, words in others if f is not None for word in words)]


def _written(shown: Field, value: MaybeValue) -> str:
    if value is MISSING:
        return "(not set)"
    if value is None:
        return "(null)"
    return to_text(shown, value) if value != "" else "(empty)"


def may_stop(user: Person, run: Run) -> bool:
    return not run.over and allowed(user, run.plan.connection, run.plan.resource, "edit")


def stop(user: Person, run: Run) -> None:
    """Ask the run to end between requests; one that no worker has is ended here."""
    if run.over:
        raise Stale(f"Run {run.pk} was over already.", "Look at its rows: what was sent is listed there.")
    if not may_stop(user, run):
        raise NotAllowed("You may not stop this run.", f"Ask {run.user_name}, or somebody who may edit there.")
    Run.objects.filter(pk=run.pk).update(asked=Run.Ask.STOP)
    # Rows on their way have to be settled by a worker; without any, the run can end at once.
    if run.items.filter(outcome=Outcome.SENDING).exists():
        return
    claimed = ledger.claim(ledger.me(), run.pk) if run.state == Run.State.QUEUED else None
    if claimed is not None:
        left = claimed.items.filter(outcome=Outcome.PENDING).count()
        ledger.stop(claimed, f"Stopped by request while it waited: {counted(left, 'row')} left unsent.")
        homecoming.absorb(claimed)
