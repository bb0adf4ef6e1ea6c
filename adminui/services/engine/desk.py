"""What the engine's hands share: the rows, what is ready to be sent, what is on its way, and the book."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.utils import timezone

from adminui.dialects.errors import RemoteError, Throttled
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.rescue import Try
from adminui.records.changes import ChangeSet
from adminui.records.values import Record, RecordId
from adminui.remote.client import Exchange
from adminui.remote.reader import read_many
from adminui.runs.lines import Kept
from adminui.services.book import Book, Line
from adminui.services.catalog import Opened
from adminui.services.masking import masked, secrets_of

HEED_EVERY = 0.25  # seconds between looks at what is asked, and between writes of what was settled
PAUSES = (0.5, 1.0, 2.0)  # before another try, when a call could not be sent or the API could not be read
SAME_IN_A_ROW = 3
OF_FIELDS = "What was said of their fields stands with the records."
ALIKE: Final = f"{SAME_IN_A_ROW} records in a row came to the same"  # how the words of such a pause begin
SENT_BADLY = (Outcome.REJECTED, Outcome.NOT_SENT, Outcome.NOT_STORED)


@dataclass(frozen=True)
class Ending:
    """Why the engine stopped: "finished", "stopped", "canary", "asked", "trouble", or "interrupted"."""

    how: str
    words: str = ""
    passed: str = ""  # with trouble: what not to stop for again
    in_seconds: float = 0  # with an interruption: the API may be at it for so long


class Reading(NamedTuple):
    """Records by id, None when the API could not be read, with the error; and the calls it took."""

    records: dict[RecordId, Record] | None
    kept: list[Kept]
    error: RemoteError | None


class Desk:
    """The state of one run being carried out. All of it belongs to the engine's own thread."""

    def __init__(
        self,
        opened: Opened,
        lines: Mapping[RecordId, Line],
        book: Book,
        passed: Sequence[str] | None,
        interrupted: threading.Event,
        *,
        patient: bool,
    ) -> None:
        self.opened, self.lines, self.book = opened, lines, book
        self.passed, self.interrupted, self.patient = passed, interrupted, patient
        self.secrets = secrets_of(opened)
        self.ready: deque[Try] = deque()
        self.live: dict[RecordId, Record] = {}  # rows on their way, as read right before
        self.read_at: dict[RecordId, float] = {}  # when that was
        self.stale: set[RecordId] = set()  # rows to be read once more before they are sent
        self.proved: list[ChangeSet] = []  # rows that were done, where a second look is called for
        self.jobs: dict[Future[Any], Callable[[Any], None]] = {}
        self.ending: Ending | None = None
        self.words = self.remark = ""
        self.hold_until = 0.0
        self.waited = False  # for time: what was read before may be old by now
        self.failures = 0  # calls in a row that could not be made
        self._kept: list[Kept] = []
        self._settled: list[tuple[Line, RowResult]] = []
        self._same: tuple[str, int] = ("", 0)
        self._heeded = self._flushed = 0.0

    # ── ends and waits ────────────────────────────────────────────────────────────────────────────────────────────

    def end(self, ending: Ending) -> None:
        """Nothing more is sent; what was is settled first."""
        self.ending = self.ending or ending

    @property
    def holding(self) -> bool:
        return self.hold_until > time.monotonic()

    def heed(self) -> None:
        if self.interrupted.is_set():
            self.end(Ending("interrupted"))
        if self.ending is not None or time.monotonic() - self._heeded < HEED_EVERY:
            return
        self._heeded = time.monotonic()
        heed = self.book.heed()
        if heed.asked == "stop":
            self.end(Ending("stopped", "Stopped by request: what was being sent was finished, the rest was not sent."))
        elif heed.barred:
            what = "the rest was" if any(line.sent for line in self.lines.values()) else "anything was"
            self.end(Ending("stopped", f"Stopped before {what} sent: {heed.barred}"))
        elif heed.asked == "pause":
            self.end(Ending("asked", "Paused by request: what was being sent was finished, the rest waits."))

    def hold(self, error: RemoteError, trouble: str) -> None:
        """Wait before the next call; with `trouble` as the reason, the run waits for a person at last."""
        if isinstance(error, Throttled):
            seconds = PAUSES[-1] if error.retry_after is None else error.retry_after
            until = timezone.now() + timedelta(seconds=seconds)
            self.words = f"Waiting until {until:%H:%M:%S} UTC: {error.message}"
        elif self.failures == len(PAUSES):
            self.end(Ending("trouble", f"{trouble} {error.message}"))
            return
        else:
            seconds = PAUSES[self.failures]
            self.words = f"Trying again in {seconds:g} s: {error.message}"
            self.failures += 1
        self.rest(seconds)

    def rest(self, seconds: float) -> None:
        self.waited = True
        self.hold_until = max(self.hold_until, time.monotonic() + seconds)

    def submit(self, pool: ThreadPoolExecutor, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.jobs[pool.submit(job)] = done

    def land(self, seconds: float) -> None:
        """Wait so long for jobs at most, and take what came of them; with none on its way, just wait."""
        if not self.jobs:
            self.interrupted.wait(seconds)
        for future in wait(self.jobs, seconds, FIRST_COMPLETED).done:
            self.jobs.pop(future)(future.result())

    # ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def wary(self) -> bool:
        """Whether the last row went wrong in a way that may go on."""
        return self.passed is not None and self._same[1] > 0 and self._same[0] not in self.passed

    def seen(self, record_id: RecordId, record: Record) -> None:
        """The record as it was read right before it is sent."""
        self.live[record_id], self.read_at[record_id] = record, time.monotonic()

    def settle(self, row: ChangeSet, result: RowResult, *, watched: bool = True) -> None:
        line, result = self.lines[row.record_id], masked(result, self.secrets)
        line.outcome = result.outcome
        self.live.pop(row.record_id, None)
        self.read_at.pop(row.record_id, None)
        self._settled.append((line, result))
        if result.outcome is Outcome.DONE and self.opened.can.flips:
            self.proved.append(row)
        if watched and line.tries:  # of what was never sent, nothing is learnt
            self._watch(result)

    def correct(self, row: ChangeSet, result: RowResult) -> None:
        """A row that was settled turns out to be otherwise."""
        self._settled.append((self.lines[row.record_id], masked(result, self.secrets)))

    def back(self, rows: Sequence[ChangeSet], *, carried: bool = True) -> None:
        """Rows that were marked as being sent, and are not."""
        found = [line for row in rows if (line := self.lines[row.record_id]).outcome is Outcome.SENDING]
        for line in found:
            line.outcome = Outcome.PENDING
            line.tries -= not carried
        if found and not self.book.back_to_pending(found, carried=carried):
            self.interrupted.set()

    def _watch(self, result: RowResult) -> None:
        """Stop and ask when it goes wrong in the same way again and again, with nothing going right in between."""
        if result.outcome is Outcome.DONE:
            self._same = ("", 0)
        if self.passed is None or result.outcome not in SENT_BADLY:
            return
        by_field = [f"{name}: {' '.join(words)}" for name, words in result.by_field.items()]
        kind = "\n".join([result.outcome, *result.messages, *by_field])
        self._same = (kind, self._same[1] + 1 if self._same[0] == kind else 1)
        if self._same[1] >= SAME_IN_A_ROW and kind not in self.passed:
            # Words on fields stand with the rows, for those who may see the fields: this is read by others, too.
            said = " ".join([*result.messages, *([OF_FIELDS] if by_field else [])])
            words = f"{ALIKE}, {result.outcome}: {said}"
            self.end(Ending("trouble", words, passed=kind))

    # ── the book ──────────────────────────────────────────────────────────────────────────────────────────────────

    def keep(self, kept: Sequence[Kept]) -> None:
        self._kept += kept

    def told(self) -> None:
        self.words = "Sending, and comparing what is stored with what was sent"

    @property
    def written(self) -> bool:
        return not self._settled

    def flush(self, *, now: bool = False) -> None:
        """Write down what was settled, a few times a second."""
        if not now and time.monotonic() - self._flushed < HEED_EVERY:
            return
        self._flushed = time.monotonic()
        settled, self._settled = self._settled, []
        kept, self._kept = self._kept, []
        self.book.doing(self.words)
        if settled and not self.book.settle(settled):
            self.interrupted.set()  # somebody else has the run by now, and knows better
            return
        self.book.keep(kept)

    def read(self, ids: Sequence[RecordId], purpose: str) -> Reading:
        """These records as they are now; in a reader's thread."""
        exchanges: list[Exchange] = []
        error: RemoteError | None = None
        found: dict[RecordId, Record] | None = None
        try:
            with self.opened.client.observe(exchanges.append):
                found = read_many(self.opened.client, self.opened.whole, self.opened.can, ids)
        except RemoteError as raised:
            error = raised
        return Reading(found, [Kept(purpose, None, seen) for seen in exchanges], error)
