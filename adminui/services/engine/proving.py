"""After the write: rows proven by their answer or read back; lost answers read until their fate is known."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from django.conf import settings

from adminui.dialects.errors import Throttled
from adminui.planning import rescue
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.planning.rescue import Try
from adminui.records.changes import ChangeSet
from adminui.records.values import Record, RecordId
from adminui.services import proving
from adminui.services.engine.desk import HEED_EVERY, PAUSES, Desk, Ending, Reading

LOOK_AFTER = 4.0  # seconds that answered rows wait at most to be read back together
SENT_AT_MOST = 3  # requests for one row, when each was broken off and reading shows that nothing was written
LOOKED_AT = 2_000  # rows of a second look at once: a run may have a hundred thousand
TWICE = 2  # readings that may fail before nobody can know
FIRST_PAUSE = 0.25  # seconds between the first two looks at a row in doubt; each next one is twice as long
LOST = "The worker stopped while this was being sent."

Answered: TypeAlias = tuple[ChangeSet, RowResult, Form]  # and in which form it would be sent alone


@dataclass
class Doubt:
    """Rows whose answer was lost. `late`: we stopped waiting, so that the API may be at it still."""

    tried: Try
    open: dict[RecordId, RowResult]
    late: bool
    since: float
    due: float
    looks: int = 0


class Proving:
    """Reads back, in as few calls as it can, what the answers alone do not prove."""

    def __init__(self, desk: Desk, readers: ThreadPoolExecutor) -> None:
        self.desk, self.readers = desk, readers
        self.busy = False
        self.doubts: list[Doubt] = []
        self._answered: list[Answered] = []
        self._answered_at = 0.0

    @property
    def waiting(self) -> bool:
        return bool(self._answered or self.doubts)

    @property
    def unread(self) -> bool:
        return bool(self._answered)

    def take(self, results: Sequence[RowResult], form: Form) -> None:
        """Rows that were written, or may have been: settled where the answer shows the values, else to be read back."""
        desk = self.desk
        for result in results:
            row = desk.lines[result.record_id].row
            if result.outcome is Outcome.DONE and proving.shown(desk.opened, row, result):
                desk.settle(row, proving.proven(desk.opened, row, result, desk.live.get(row.record_id), {}))
            elif result.outcome in (Outcome.DONE, Outcome.UNKNOWN):
                self._answered_at = self._answered_at or time.monotonic()
                self._answered.append((row, result, _alone(form)))

    def doubt(self, tried: Try, results: Sequence[RowResult], *, late: bool) -> None:
        now = time.monotonic()
        self.doubts.append(Doubt(tried, {result.record_id: result for result in results}, late, now, now))

    def go(self, *, idle: bool) -> None:
        """Read together what was answered, and what is in doubt and due. `idle`: nothing is being sent, or will be."""
        desk, now = self.desk, time.monotonic()
        if self.busy or (desk.holding and desk.ending is None):
            return
        due = [doubt for doubt in self.doubts if doubt.due <= now]
        full = len(self._answered) >= desk.opened.can.read_many
        if not due and not (self._answered and (idle or full or now - self._answered_at > LOOK_AFTER)):
            return
        answered, self._answered, self._answered_at = self._answered, [], 0.0
        ids = [row.record_id for row, _, _ in answered] + [i for doubt in due for i in doubt.open]
        self.busy = True
        desk.words = f"Reading {len(ids):,} records back"
        desk.submit(self.readers, lambda: desk.read(ids, "verify"), lambda got: self._looked(answered, due, got))

    def _looked(self, answered: Sequence[Answered], due: Sequence[Doubt], got: Reading) -> None:
        desk, self.busy = self.desk, False
        desk.keep(got.kept)
        if isinstance(got.error, Throttled) and desk.patient and desk.ending is None:
            desk.hold(got.error, "")  # the API is there and says when: what was written is read back then
            self._answered[:0], self._answered_at = answered, time.monotonic()
            return
        for row, result, form in answered:
            if result.outcome is Outcome.UNKNOWN:
                self.doubt(Try(Step(form, (row,))), (result,), late=False)
                self._resolve(self.doubts[-1], got.records)
            else:
                before = desk.live.get(row.record_id)
                desk.settle(row, proving.proven(desk.opened, row, result, before, got.records))
        for doubt in due:
            self._resolve(doubt, got.records)

    def open_for(self, doubt: Doubt) -> float:
        """Seconds that the API may still be at it."""
        patience = self.desk.opened.client.deadline if doubt.late else settings.ADMINUI_SETTLE
        return doubt.since + patience - time.monotonic()

    def _resolve(self, doubt: Doubt, read: Mapping[RecordId, Record] | None) -> None:
        """What reading says of rows in doubt: settled, to be looked at again later, or nothing was written by now."""
        now = time.monotonic()
        doubt.looks += 1
        long = self.desk.patient and (doubt.late or read is None)
        patience = self.desk.opened.client.deadline if long else settings.ADMINUI_SETTLE
        hung = read is None and self.desk.patient and doubt.looks < TWICE  # one that hangs takes all the patience
        final = now - doubt.since >= patience and not hung
        untouched = self._settle_known(doubt, read, final=final)
        if doubt.open and not final:
            doubt.due = min(now + FIRST_PAUSE * 2 ** (doubt.looks - 1), doubt.since + patience)
            return
        self.doubts.remove(doubt)
        if doubt.open:
            self._untouched(doubt, untouched)
        else:
            self._follow(doubt.tried)

    def _settle_known(self, doubt: Doubt, read: Mapping[RecordId, Record] | None, *, final: bool) -> list[ChangeSet]:
        """Settles what the reading proves, or what nobody can know any more; the rows that were not touched so far."""
        desk, untouched = self.desk, []
        for record_id, result in list(doubt.open.items()):
            row = desk.lines[record_id].row
            found = proving.proven(desk.opened, row, result, desk.live.get(record_id), read)
            if found.outcome is Outcome.NOT_SENT and read is not None:
                untouched.append(row)
                desk.seen(record_id, read[record_id])
            elif read is not None or final:
                desk.settle(row, found)
                del doubt.open[record_id]
        return untouched

    def _untouched(self, doubt: Doubt, rows: Sequence[ChangeSet]) -> None:
        """After a broken call it is sent again: the values are the same, so that a straggler does no harm. After
        our own deadline nobody can know, for the API may be at it: then it is not sent again.
        """
        desk, tried = self.desk, doubt.tried
        if not doubt.late and desk.patient and desk.lines[rows[0].record_id].tries < SENT_AT_MOST:
            again = Step(tried.step.form if len(rows) > 1 else _alone(tried.step.form), tuple(rows))
            desk.back(rows)
            desk.ready.appendleft(Try(again, tried.rest, tried.said, tried.batch, tried.form))
            return
        for row in rows:
            result, read = doubt.open[row.record_id], {row.record_id: desk.live[row.record_id]}
            if doubt.late:
                desk.settle(row, RowResult(row.record_id, Outcome.UNKNOWN, (*result.messages, proving.STILL_OPEN)))
            else:
                desk.settle(row, proving.proven(desk.opened, row, result, None, read))
        self._follow(tried)

    def _follow(self, tried: Try) -> None:
        """What the lost answer would have told of the rest of its batch is not known: that is sent as it is."""
        self.desk.ready.extendleft(rescue.untried(tried, tried.rest))

    # ── what others left, and a second look ───────────────────────────────────────────────────────────────────────

    def settle_interrupted(self) -> None:
        """What an earlier owner left in the middle of sending is read, and only then anything is sent. The lease
        outlives the longest call: what that owner sent has arrived by now, or never will.
        """
        desk = self.desk
        left = [line.row for line in desk.lines.values() if line.outcome is Outcome.SENDING]
        if not left:
            return
        desk.words = f"Reading {len(left):,} records that were being sent when the worker stopped"
        desk.flush(now=True)
        got = self._read_patiently([row.record_id for row in left])
        if desk.interrupted.is_set():
            return
        if got.error is not None:
            words = f"The records could not be read. {got.error.message}"
            desk.end(Ending("trouble" if desk.patient else "stopped", words))
            return
        lost = [RowResult(row.record_id, Outcome.UNKNOWN, (LOST,)) for row in left]
        found = [proving.proven(desk.opened, row, r, None, got.records) for row, r in zip(left, lost, strict=True)]
        for row, result in zip(left, found, strict=True):
            if result.outcome is not Outcome.NOT_SENT:
                desk.settle(row, result)
        desk.back([row for row, result in zip(left, found, strict=True) if result.outcome is Outcome.NOT_SENT])

    def _read_patiently(self, ids: Sequence[RecordId]) -> Reading:
        """Again after a few pauses when the API cannot be read just now: it may have gone down with the worker."""
        desk, pauses = self.desk, iter(PAUSES)
        while True:
            got = desk.read(ids, "verify")
            desk.keep(got.kept)
            if got.error is None or not desk.patient:
                return got
            told = got.error.retry_after if isinstance(got.error, Throttled) else None
            seconds = told or next(pauses, None)
            if seconds is None or not self._waited(seconds):
                return got

    def _waited(self, seconds: float) -> bool:
        """Whether nobody asked for anything else meanwhile: an API may say to come back in an hour."""
        desk, until = self.desk, time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            desk.heed()
            if desk.ending is not None or desk.interrupted.wait(min(left, HEED_EVERY)):
                return False
        return True

    def look_again(self) -> None:
        """Where rules of the API's own may undo a change within seconds: a second look at what was done."""
        desk, pause = self.desk, settings.ADMINUI_SECOND_LOOK
        if not (desk.proved and desk.patient and pause) or desk.interrupted.is_set():
            return
        desk.words = f"A second look at {len(desk.proved):,} rows: rules of the API may change them again"
        desk.flush(now=True)
        desk.interrupted.wait(pause)
        for start in range(0, len(desk.proved), LOOKED_AT):
            if desk.interrupted.is_set():
                return
            self._look_at(desk.proved[start : start + LOOKED_AT])

    def _look_at(self, rows: Sequence[ChangeSet]) -> None:
        desk = self.desk
        got = desk.read([row.record_id for row in rows], "second look")
        desk.keep(got.kept)
        for row in rows:
            if found := proving.flipped(desk.opened, row, (got.records or {}).get(row.record_id)):
                desk.correct(row, found)
        desk.flush(now=True)


def _alone(form: Form) -> Form:
    """The form in which a row goes by itself: a full PUT stays what was approved."""
    return Form.PUT if form is Form.PUT else Form.PATCH
