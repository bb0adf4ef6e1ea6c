"""What a run leaves for whoever signs it off: its facts, what it changed, row by row, and what went over the wire.

Everything is read in pages, so that a run of 100,000 rows takes no more memory than one of a hundred. What the reader
may not see is left out; the values of the connection's credentials are hidden wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from adminui.logs import redacted
from adminui.planning.outcomes import OPEN, SETTLED_WELL, TO_FIX, Outcome
from adminui.records.casting import to_json, to_text
from adminui.records.changes import Change
from adminui.records.documents import changeset_from_data
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue, readable, same
from adminui.runs.models import Exchange, Item, Run
from adminui.services import history, results
from adminui.services.again import LEFT_KIND
from adminui.services.catalog import Opened
from adminui.services.masking import secrets_of
from adminui.services.seen import met_meanwhile, stored_instead
from adminui.staff.access import Person

PAGE = 500
LEFT = Q(outcome=Outcome.CANCELLED, kind=LEFT_KIND)  # somebody looked, and left them as they are
TO_LOOK_AT = Q(outcome__in=TO_FIX) & ~LEFT

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Cell:
    """One field of a row. `stored` is what it holds instead of what was asked, `theirs` what somebody else had set it
    to meanwhile; both MISSING where there is no such thing. `already`: that was the very value that was asked.
    """

    field: Field
    before: MaybeValue
    after: MaybeValue
    words: tuple[str, ...]
    stored: MaybeValue = MISSING
    theirs: MaybeValue = MISSING
    already: bool = False


class Changed(NamedTuple):
    field: Field
    before: MaybeValue
    after: MaybeValue


@dataclass(frozen=True)
class Row:
    """One record of the run. `hidden`: how many of its changes the reader may not see."""

    seq: int
    id: str
    label: str
    outcome: Outcome
    cells: tuple[Cell, ...]
    words: tuple[str, ...]
    verified: bool
    settled_at: datetime | None
    step: int | None
    tries: int
    hidden: int
    left: bool = False  # as somebody else had set it: that is settled


@dataclass(frozen=True)
class Evidence:
    """One run as one person may see it."""

    run: Run
    opened: Opened
    at: datetime
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def bodies_shown(self) -> bool:
        """Bodies hold whole records: they are for those who may see every field."""
        return not self.fields_hidden

    @cached_property
    def fields_hidden(self) -> int:
        return sum(f.hidden for f in self.opened.resource.fields)

    @cached_property
    def address(self) -> str:
        """Where its requests went; the connection may lead elsewhere by now."""
        first = self.run.exchanges.order_by("pk").values_list("url", flat=True).first()
        return self.opened.connection.base_url if first is None else self.told("://".join(urlsplit(first)[:2]))

    @cached_property
    def tally(self) -> dict[Outcome, int]:
        return self.run.tally()

    @property
    def total(self) -> int:
        return sum(self.tally.values())

    @property
    def good(self) -> int:
        return sum(self.tally.get(outcome, 0) for outcome in SETTLED_WELL)

    @cached_property
    def left(self) -> int:
        return self.run.items.filter(LEFT).count() if Outcome.CANCELLED in self.tally else 0

    @cached_property
    def to_look_at(self) -> int:
        return sum(self.tally.get(outcome, 0) for outcome in TO_FIX) - self.left

    @cached_property
    def sent_again(self) -> int:
        """Rows that were in more than one request."""
        return self.run.items.filter(tries__gt=1).count()

    @property
    def unsettled(self) -> int:
        return sum(self.tally.get(outcome, 0) for outcome in OPEN)

    @cached_property
    def verified(self) -> int:
        return self.run.items.filter(verified=True).count()

    def told(self, text: str) -> str:
        return readable(redacted(text, self.secrets))


def of_run(user: Person, run_id: int) -> Evidence:
    """Raises NotThere for a run that this person may not see."""
    run = history.run_for(user, run_id)
    opened = history.remembered(user, run.plan.connection, run.plan.resource)
    return Evidence(run, opened, timezone.now(), secrets_of(opened))


def rows(evidence: Evidence, *, only: Q | None = None, most: int | None = None) -> Iterator[Row]:
    """The rows in the order of the plan: all, or only some, up to `most`."""
    return (_row(evidence, item) for item in _paged(evidence.run.items.filter(only or Q()), "seq", most))


def changed(evidence: Evidence) -> Iterator[tuple[Outcome, list[Changed]]]:
    """What each row was to change, and what became of it: less than `rows`, and faster."""
    found = evidence.run.items.order_by("seq").values_list("outcome", "changeset")
    for outcome, data in found.iterator(chunk_size=PAGE):
        shown = history.changes_shown(evidence.opened, changeset_from_data(data))
        yield (
            Outcome(outcome),
            [Changed(known, _told(evidence, c.before), _told(evidence, c.after)) for known, c in shown],
        )


def exchanges(evidence: Evidence, *, only: Q | None = None, most: int | None = None) -> Iterator[Exchange]:
    """What went over the wire, in the order it was written down; without bodies where these may not be seen."""
    found = Exchange.objects.filter(only or Q(), run=evidence.run)
    return (_exchange(evidence, each) for each in _paged(found, "pk", most))


def _paged(found: QuerySet[M], key: str, most: int | None) -> Iterator[M]:
    """By key, page after page: no cursor stays open while a slow reader takes what is there."""
    last, left = -1, most
    while left is None or left > 0:
        page = list(found.filter(**{f"{key}__gt": last}).order_by(key)[: PAGE if left is None else min(PAGE, left)])
        yield from page
        if len(page) < PAGE:
            return
        last, left = getattr(page[-1], key), None if left is None else left - len(page)


def _row(evidence: Evidence, item: Item) -> Row:
    row = item.row()
    cells = tuple(_cell(evidence, item, *found) for found in history.changes_shown(evidence.opened, row))
    return Row(
        item.seq,
        item.record_id,
        evidence.told(history.label_of(evidence.opened, item)),
        Outcome(item.outcome),
        cells,
        tuple(evidence.told(word) for word in results.words_on_row(evidence.opened, item)),
        item.verified,
        item.settled_at,
        item.step,
        item.tries,
        len(row.changes) - len(cells),
        item.outcome == Outcome.CANCELLED and item.kind == LEFT_KIND,
    )


def _cell(evidence: Evidence, item: Item, known: Field, change: Change) -> Cell:
    theirs = met_meanwhile(item, change.field)
    return Cell(
        known,
        _told(evidence, change.before),
        _told(evidence, change.after),
        tuple(evidence.told(word) for word in item.by_field.get(change.field, ())),
        _told(evidence, stored_instead(known, item, change)),
        _told(evidence, theirs),
        theirs is not MISSING and same(known, theirs, change.after),
    )


def _told(evidence: Evidence, value: MaybeValue) -> MaybeValue:
    """The value, unless a credential stands in it: then its text with that hidden."""
    if not isinstance(value, str | list | dict):
        return value
    text = value if isinstance(value, str) else to_json(value)
    kept = redacted(text, evidence.secrets)
    return value if kept == text else kept


def _exchange(evidence: Evidence, exchange: Exchange) -> Exchange:
    told, shown = evidence.told, evidence.bodies_shown
    exchange.url, exchange.fault = told(exchange.url), told(exchange.fault)
    exchange.body, exchange.answer = (told(exchange.body), told(exchange.answer)) if shown else ("", "")
    return exchange


def written(shown: Field, value: MaybeValue) -> str:
    """A value as text, exact; absent, null and empty stay apart."""
    if value is MISSING:
        return "(not set)"
    if value is None:
        return "(null)"
    return readable(to_text(shown, value)) or "(empty)"


def worded(shown: Field, value: MaybeValue) -> str:
    """The same for paper, where nothing can be looked up: a choice goes by its name and its value."""
    text = written(shown, value)
    choice = None if value is MISSING or isinstance(value, list | dict) else shown.choice(value)
    return text if choice is None or choice.label in ("", text) else f"{choice.label} ({text})"
