"""Runs told in sentences: what they did or tried, what they wait for, and who took it back when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adminui.planning.explain import counted
from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue
from adminui.runs.models import Run
from adminui.services import history as past
from adminui.services.catalog import Opened
from adminui.services.history import FieldChanged, Summary
from adminui.web.templatetags.shown import thin
from adminui.web.values import show

LONGEST = 60  # characters of a value in a sentence
PAUSED = {
    "asked": "paused by request",
    "canary": "paused after its first rows, so that somebody looks at them",
    "trouble": "paused itself",
}
TOUCHED = (Outcome.DONE, Outcome.NOT_STORED, Outcome.UNKNOWN)  # something was written, or may have been
# Of several outcomes the one a run is marked by: the first it has.
TELLING = (
    Outcome.REJECTED,
    Outcome.CONFLICT,
    Outcome.UNKNOWN,
    Outcome.NOT_STORED,
    Outcome.NOT_SENT,
    Outcome.CANCELLED,
    Outcome.DONE,
    Outcome.UNCHANGED,
)


@dataclass(frozen=True)
class Undone:
    """That another run takes this one back, in words that come before the link to it."""

    run: Run
    words: str


@dataclass(frozen=True)
class Told:
    """A run as an entry of a timeline."""

    run: Run
    sentence: str
    mark: Outcome
    tally: tuple[tuple[Outcome, int], ...]
    undone: tuple[Undone, ...] = ()

    @property
    def waits(self) -> str:
        return waits(self.run)

    @property
    def written_nothing(self) -> bool:
        return self.run.over and not any(outcome in TOUCHED for outcome, _ in self.tally)


def tell(runs: Sequence[Run], opened: Mapping[tuple[str, str], Opened]) -> list[Told]:
    summaries, undoings = past.summaries(runs), past.undoings(runs)
    return [
        _told(run, summaries[run.pk], opened.get((run.plan.connection, run.plan.resource)), undoings[run.pk])
        for run in runs
    ]


def _told(run: Run, summary: Summary, opened: Opened | None, undoings: Sequence[past.Undoing]) -> Told:
    undone = tuple(Undone(each.run, undone_in_words(run, summary, each)) for each in undoings)
    return Told(run, sentence(run, summary, opened), _mark(run, summary), tuple(summary.tally.items()), undone)


def undone_in_words(run: Run, summary: Summary, undo: past.Undoing) -> str:
    """`undone 2 hours later, by kim`; `3 of 500 rows undone …`; what is under way is told as that."""
    by = f"by {undo.run.user_name}"
    if not undo.run.over:
        return f"being undone {by}" if undo.run.started_at else f"to be undone {by}"
    if not undo.rows:
        return f"not undone, though tried {later(run, undo.run)}, {by}"
    written = sum(count for outcome, count in summary.tally.items() if outcome in SETTLED_WELL)
    some = "" if undo.rows >= written else f"{thin(undo.rows)} of {thin(written)} rows "
    return f"{some}undone {later(run, undo.run)}, {by}"


def later(run: Run, then: Run) -> str:
    """How long after a run another one came, roughly."""
    seconds = ((then.finished_at or then.created_at) - (run.finished_at or run.created_at)).total_seconds()
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{counted(round(seconds / size), noun)} later"
    return "right after"


def waits(run: Run) -> str:
    """What a run that is not over waits for, or does; for one that is over, when it is to be undone."""
    if run.over:
        return f"to be undone by itself on {_moment(run.revert_at)}" if run.revert_at else ""
    if run.scheduled and run.due_at:
        return f"scheduled for {_moment(run.due_at)}; nothing has been sent"
    if run.state == Run.State.PAUSED:
        return PAUSED.get(run.pause, "paused") + (f": {run.message}" if run.message else "")
    return "waits for its turn" if run.state == Run.State.QUEUED else run.doing or "running"


def _moment(at: datetime) -> str:
    return f"{at:%d %b %Y, %H:%M} {at.tzname()}"


def _mark(run: Run, summary: Summary) -> Outcome:
    if not run.over:
        return Outcome.SENDING if run.state == Run.State.RUNNING else Outcome.PENDING
    return next((outcome for outcome in TELLING if outcome in summary.tally), Outcome.UNCHANGED)


def sentence(run: Run, summary: Summary, opened: Opened | None) -> str:
    """What a run did, or tried, or is doing: `312 Companies: Status set to Dead`."""
    good = sum(count for outcome, count in summary.tally.items() if outcome in SETTLED_WELL)
    some = f"{thin(good)} of " if run.over and 0 < good < summary.rows else ""
    rows = f"{some}{thin(summary.rows)} {run.plan.resource_label}"
    if summary.record_id:
        rows = summary.label if opened and opened.titled else f"{run.plan.resource_label} {summary.record_id}"
    if not run.over:
        verbs = ("setting", "changing")
    elif not SETTLED_WELL.intersection(summary.tally):
        verbs = ("tried to set", "tried to change")
    else:
        verbs = ("", "")
    sure = _surely_changed(run, summary, good)
    more = len(summary.fields) - len(sure)
    others = f", {counted(more, 'more field')} in some of them" if more else ""
    return f"{rows}: {_fields_in_words(sure, opened, verbs)}{others}"


def _surely_changed(run: Run, summary: Summary, good: int) -> Sequence[FieldChanged]:
    """Of a run that is over and went well in part: the fields of more rows than went wrong, if there are such."""
    bad = summary.rows - good if run.over and good else 0
    return [field for field in summary.fields if field.rows > bad] or summary.fields


def _fields_in_words(changed: Sequence[FieldChanged], opened: Opened | None, verbs: tuple[str, str]) -> str:
    """With verbs in front (`tried to set A to 1`), or without any as what has happened (`A set to 1`)."""
    shown = [(field, each) for each in changed if opened and (field := past.field_shown(opened, each.name))]
    if opened is None or not shown:
        what = f"{len(changed)} field{'' if len(changed) == 1 else 's'}{' that you may not see' if opened else ''}"
        return f"{verbs[1]} {what}" if verbs[1] else f"{what} changed"
    if len(shown) <= 2 and all(each.after is not MISSING for _, each in shown):
        to = " to " if verbs[0] else " set to "
        said = " and ".join(f"{field.label}{to}{_quoted(opened, field, each.after)}" for field, each in shown)
        return f"{verbs[0]} {said}".strip()
    said = _listed([field.label for field, _ in shown])
    return f"{verbs[1]} {said}" if verbs[1] else f"{said} changed"


def _listed(labels: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B, C and 4 more`."""
    if len(labels) > 4:
        return f"{', '.join(labels[:3])} and {len(labels) - 3} more fields"
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))


def _quoted(opened: Opened, field: Field, value: MaybeValue) -> str:
    shown = show(opened, field, value)
    text = str(shown) if len(str(shown)) <= LONGEST else f"{str(shown)[: LONGEST - 1]}…"
    return f"“{text}”" if shown.kind == "text" else text
