"""Saving the good rows of a refused all-or-nothing batch with few calls: the named ones out, or else by halves. Pure.

A batch that is refused without saying for whom is cut in two. When one half is accepted, the other is known to hold
the culprit and is cut again without being sent: one bad row among 100 costs at most 15 calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.records.changes import ChangeSet

ENOUGH = 3  # rows refused alone in the same words, none accepted: the rest of the batch would be refused too
WITH_OTHERS = "It was refused together with others; sent alone, {} of them were refused in these words each."


@dataclass(frozen=True)
class Try:
    """A request to make. `rest`: rows that hold a culprit if `step` is accepted, with what was `said` of them all."""

    step: Step
    rest: tuple[ChangeSet, ...] = ()
    said: RowResult | None = None
    batch: int = 0  # tries that came of one refused batch have its number; 0: none was refused
    form: Form | None = None  # of that batch: a try of one row is a plain PATCH

    @property
    def bulk(self) -> Form:
        return self.form or self.step.form


@dataclass(frozen=True)
class Rescued:
    """What is settled now, and what to send next, in this order."""

    settled: tuple[RowResult, ...] = ()
    again: tuple[Try, ...] = ()


def refused(tried: Try, results: Sequence[RowResult]) -> Rescued:
    """What to make of a refusal of all rows of `tried`; `results` in its order, and never a single suspect."""
    both = list(zip(tried.step.rows, results, strict=True))
    suspects = [row for row, result in both if result.suspect]
    good = [row for row, result in both if result.outcome is not Outcome.REJECTED]
    named = tuple(result for result in results if result.outcome is Outcome.REJECTED and not result.suspect)
    onward = untried(tried, good) + untried(tried, tried.rest)
    if not suspects:
        return Rescued(named, onward)
    said = replace(next(result for result in results if result.suspect), suspect=False)
    return Rescued(named, _halves(tried, suspects, said) + onward)


def accepted(tried: Try) -> Rescued:
    """What follows from an acceptance: the culprit is in the rest."""
    if not tried.rest or tried.said is None:
        return Rescued()
    if len(tried.rest) == 1:
        return Rescued((replace(tried.said, record_id=tried.rest[0].record_id),))
    return Rescued((), _halves(tried, tried.rest, tried.said))


def given_up(tries: Sequence[Try], said: RowResult) -> tuple[RowResult, ...]:
    """The rows of a batch that are not tried any more."""
    words = (*said.messages, WITH_OTHERS.format(ENOUGH))
    rows = [row for tried in tries for row in (*tried.step.rows, *tried.rest)]
    return tuple(replace(said, record_id=row.record_id, messages=words) for row in rows)


def untried(of: Try, rows: Sequence[ChangeSet]) -> tuple[Try, ...]:
    """Rows of a batch of which nothing is known, in one request."""
    return (Try(_step(of.bulk, rows), batch=of.batch, form=of.bulk),) if rows else ()


def _halves(of: Try, rows: Sequence[ChangeSet], said: RowResult) -> tuple[Try, ...]:
    """Rows that hold a culprit: one half to be sent, the other to be judged by what comes of it."""
    half = len(rows) // 2
    return (Try(_step(of.bulk, rows[:half]), tuple(rows[half:]), said, of.batch, of.bulk),)


def _step(form: Form, rows: Sequence[ChangeSet]) -> Step:
    return Step(form if len(rows) > 1 else Form.PATCH, tuple(rows))
