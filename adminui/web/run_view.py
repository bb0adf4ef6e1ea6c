"""A run as its page draws it: the title, the bar, the pace in words, what a person may do with it, its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from adminui.planning.explain import counted
from adminui.planning.forecast import Forecast
from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.records.values import MISSING
from adminui.runs.models import Item, Run
from adminui.services import following, forecast, headline, history, references, results, steering, switch, undoing
from adminui.services.catalog import Opened
from adminui.services.following import Progress, Wait
from adminui.services.references import Names
from adminui.services.results import Counts
from adminui.services.undoing import Undoable
from adminui.web.frame import worksheet_url
from adminui.web.history import DrawnChange, draw_changes
from adminui.web.telling import sentence
from adminui.web.templatetags.shown import thin
from adminui.web.values import record_url

AT_ONCE = 2_000  # rows of a run whose undo is told with the page itself
CHECKING = "being checked"  # sent, and its request has come back: it is read before its fate is told


@dataclass(frozen=True)
class Followed:
    """A run with what its templates ask for, each worked out only when drawn."""

    request: HttpRequest
    run: Run
    opened: Opened

    @cached_property
    def counts(self) -> Counts:
        return results.counts(self.run)

    @cached_property
    def sentence(self) -> str:
        return sentence(self.run, headline.summary(self.run, self.counts), self.opened)

    @cached_property
    def progress(self) -> Progress:
        return following.progress(self.run, self.counts)

    @cached_property
    def tally(self) -> dict[Outcome, int]:
        return self.counts.tally

    @cached_property
    def shown(self) -> dict[str, int]:
        """The tally, with what is being checked told apart from what is still on its way."""
        found: dict[str, int] = {}
        for outcome, count in self.tally.items():
            checking = self.progress.checking if outcome is Outcome.SENDING else 0
            found |= {name: n for name, n in ((CHECKING, checking), (outcome, count - checking)) if n}
        settled = {name: n for name, n in found.items() if name not in _UNDER_WAY}
        return settled | {name: found[name] for name in _UNDER_WAY if name in found}

    @property
    def bar(self) -> list[dict[str, Any]]:
        """Parts for elements/outcome_bar.html, in percent of all rows; what is settled comes first."""
        total, before, parts = self.progress.total or 1, 0, []
        for outcome, count in self.shown.items():
            share, start = round(100 * count / total, 3), round(100 * before / total, 3)
            parts.append({"outcome": outcome, "count": thin(count), "start": start, "share": share})
            before += count
        return parts

    @property
    def in_words(self) -> str:
        return in_words(self.shown)

    @property
    def in_words_settled(self) -> str:
        return in_words({name: count for name, count in self.shown.items() if name not in _UNDER_WAY})

    @property
    def unsent(self) -> int:
        return self.tally.get(Outcome.PENDING, 0)

    @property
    def rate(self) -> str:
        rate = self.progress.rate
        if rate is None:
            return ""
        if rate >= 1:
            return f"{thin(round(rate))} row{'' if round(rate) == 1 else 's'} a second"
        return f"a row every {about(1 / rate).removeprefix('about ')}"

    @property
    def left(self) -> str:
        seconds = self.progress.seconds_left
        if seconds is None or not self.unsent or self.run.asked:
            return ""
        return f"{about(seconds)} left"

    @property
    def ends_at(self) -> Any:
        """The moment it will probably be over, where that is worth a clock."""
        seconds = self.progress.seconds_left if self.left else None
        return timezone.now() + timedelta(seconds=seconds) if seconds is not None and seconds > 120 else None

    @property
    def young(self) -> bool:
        """Most runs end within seconds: those are followed closely."""
        return timezone.now() - self.run.created_at < timedelta(seconds=3)

    @cached_property
    def waits(self) -> Wait | None:
        return following.why_waiting(self.run)

    @property
    def key(self) -> str:
        """Changes when more of the page than its numbers has to be drawn anew, or something is worth saying aloud."""
        quarter = self.progress.percent // 25 if self.run.state == Run.State.RUNNING else ""
        return f"{self.run.state}.{self.run.pause}.{self.run.asked}.{quarter}"

    @cached_property
    def forecast(self) -> Forecast | None:
        if self.run.over or self.run.scheduled or self.run.asked:
            return None
        return forecast.for_run(self.opened, self.run)

    @cached_property
    def halted(self) -> str:
        return switch.words(self.opened.connection).rstrip(".")

    @cached_property
    def may_steer(self) -> bool:
        return steering.may_steer(self.request.user, self.run)

    @property
    def may_pause(self) -> bool:
        return self.may_steer and not self.run.asked and self.run.state in (Run.State.QUEUED, Run.State.RUNNING)

    @property
    def may_cancel(self) -> bool:
        return self.may_steer and not self.run.over and self.run.asked != Run.Ask.STOP

    @property
    def may_repeat(self) -> bool:
        """Whether this person may make another plan of these rows."""
        return self.opened.editable and self.run.over

    @property
    def to_fix(self) -> int:
        return self.counts.rows_to_fix

    @property
    def as_planned(self) -> int:
        return self.counts.of(SETTLED_WELL)

    @property
    def written(self) -> int:
        return self.counts.of((Outcome.DONE, Outcome.NOT_STORED))

    @cached_property
    def undoable(self) -> Undoable | None:
        return undoing.undoable(self.opened, self.run) if self.run.over else None

    @property
    def undo_later(self) -> bool:
        """Of large runs, how much can be undone is asked for once the page is there: it may take seconds to tell."""
        return self.counts.total > AT_ONCE

    @cached_property
    def follow_ups(self) -> list[tuple[str, Run]]:
        """Runs and what they have to do with this one."""
        plan, found = self.run.plan, []
        origins = {plan.undoes_id: "This undoes", plan.retries_id: "This tries again rows of"}
        for run in Run.objects.filter(pk__in=[pk for pk in origins if pk]):
            found.append((origins[run.pk], run))
        found += [(_undone(run), run) for run in Run.objects.filter(plan__undoes=self.run).order_by("pk")]
        found += [("Rows tried again by", run) for run in Run.objects.filter(plan__retries=self.run).order_by("pk")]
        return found

    @property
    def message_kind(self) -> str:
        """That it was undone as scheduled is as it should be."""
        undone = self.run.state == Run.State.FINISHED and Run.objects.filter(plan__undoes=self.run).exists()
        return "info" if undone else "warning"

    @cached_property
    def fix_url(self) -> str:
        """Where to correct what failed without more ado: the worksheet it came from, or the only record."""
        sheet = results.worksheet_of(self.request.user, self.run)
        if sheet is not None:
            return f"{worksheet_url(sheet)}?only=failed"
        return self.record_url(self.run.items.get().record_id) if self.counts.total == 1 else ""

    def record_url(self, record_id: str) -> str:
        return record_url(self.run.plan.connection, self.run.plan.resource, record_id)

    @property
    def revert_is_due(self) -> bool:
        return self.run.revert_at is not None and self.run.revert_at <= timezone.now()

    @property
    def bodies_shown(self) -> bool:
        """Bodies hold whole records: they are for those who may see every field."""
        return not any(field.hidden for field in self.opened.resource.fields)


_UNDER_WAY = (CHECKING, Outcome.SENDING, Outcome.PENDING)


def _undone(undo: Run) -> str:
    """How much of a run another one has taken back."""
    done = undo.items.filter(outcome__in=SETTLED_WELL).count()
    return f"{counted(done, 'row')} undone by" if done or undo.over else "To be undone by"


def in_words(tally: dict[str, int] | dict[Outcome, int]) -> str:
    return ", ".join(f"{thin(count)} {outcome}" for outcome, count in tally.items()) or "no rows"


def about(seconds: float) -> str:
    if seconds < 90:
        return f"about {counted(max(1, round(seconds)), 'second')}"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.1f} hours" if seconds < 48 * 3600 else f"about {round(seconds / 86400)} days"


def follow(request: HttpRequest, run_id: int) -> Followed:
    found, opened = results.find(request.user, run_id)
    vars(request)["opened_at"] = {"connection": found.plan.connection, "resource": found.plan.resource}
    return Followed(request, found, opened)


@dataclass(frozen=True)
class Row:
    """One record of the run."""

    item: Item
    outcome: str
    label: str
    url: str
    changes: list[DrawnChange]
    words: list[str]


def drawn(followed: Followed, items: Sequence[Item]) -> list[Row]:
    # While it runs, or when it broke off, the API has better to do or does not answer: ids stand for names then.
    ended_well = followed.run.state == Run.State.FINISHED
    names = _names(followed.opened, items) if ended_well else {}
    return [
        Row(
            item,
            item.outcome,
            history.label_of(followed.opened, item),
            followed.record_url(item.record_id),
            draw_changes(followed.opened, item, names),
            results.words_on_row(followed.opened, item),
        )
        for item in items
    ]


def _names(opened: Opened, items: Sequence[Item]) -> Names:
    """What the records that these changes refer to are called; fields that did not change are not gone into."""
    changed = [change for item in items for _, change in history.changes_shown(opened, item.row())]
    fields = [opened.resource.by_name[name] for name in {c.field for c in changed} & opened.resource.by_name.keys()]
    values = [{c.field: value} for c in changed for value in (c.before, c.after) if value is not MISSING]
    return references.names(opened, fields, values)


def first_rows(followed: Followed, outcomes: Iterable[str], size: int) -> list[Row]:
    """Some rows of these outcomes, with what is stored."""
    items = followed.run.items.filter(outcome__in=list(outcomes)).order_by("outcome", "kind", "seq")[:size]
    return drawn(followed, list(items))
