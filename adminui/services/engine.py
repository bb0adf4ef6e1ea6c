"""The engine of a run: keeps the lanes full, and each row's fate true, whatever the network does to the requests.

One thread decides and writes the book; others only send and read. A row goes through these hands:

    windows ─ check: read again, three ways ─▶ ready ─ marked sending, committed ─▶ flying ─▶ answered
       answered ─ proven by the answer, or read back ─▶ settled
       answer lost ─▶ doubts: read until it is known; untouched after a broken call ─▶ ready, once more
       all-or-nothing batch refused ─▶ planning.rescue ─▶ ready, without the bad rows or by halves
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from adminui.dialects.errors import (
    BadCredentials,
    NotOffered,
    NotSent,
    RemoteError,
    SignedOut,
    Throttled,
    Unknown,
)
from adminui.planning import rescue
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.planning.rescue import Try
from adminui.records.changes import ChangeSet
from adminui.records.values import Record, RecordId
from adminui.remote.client import Exchange
from adminui.remote.executor import Answer, send_step
from adminui.remote.reader import read_many
from adminui.runs.lines import Kept
from adminui.services import proving
from adminui.services.book import Book, Line
from adminui.services.catalog import Opened

logger = logging.getLogger(__name__)
# What is checked together: 2,000 rows in bulk calls, 200 in PATCHes, 20 in PUTs, which carry what was read of the
# untouched fields and so must follow the reading closely.
WINDOW = 2_000
WEIGHT = {Form.BULK_ROWS: 1, Form.BULK_SHARED: 1, Form.PATCH: 10, Form.PUT: 100}
HEED_EVERY = 0.25  # seconds between looks at what is asked, and between writes of what was settled
LOOK_AFTER = 4.0  # seconds that answered rows wait at most to be read back together
CHUNK = 0.05  # seconds of sending that a lane is given at once
QUICK = 0.003  # seconds a call: under this, more lanes only get into one another's way
PAUSES = (0.5, 1.0, 2.0)  # before another try, when a call could not be sent or the API could not be read
SENT_AT_MOST = 2  # requests for one row, when the first was broken off and reading shows that nothing was written
SAME_IN_A_ROW = 3
OUR_FAULT = "Something failed on our side while this was sent."
LOST = "The worker stopped while this was being sent."
NO_BULK = "The API has no bulk call here after all: instead of one request, each record was sent on its own."


@dataclass(frozen=True)
class Ending:
    """Why the engine stopped: "finished", "stopped", "canary", "asked", "trouble", or "interrupted"."""

    how: str
    words: str = ""
    passed: str = ""  # with trouble: what not to stop for again
    in_seconds: float = 0  # with an interruption: the API may be at it for so long


@dataclass
class Sent:
    """A try on its way back: its number in the book, the answer, and the exchanges it took."""

    number: int
    tried: Try
    answer: Answer | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    not_offered: NotOffered | None = None


@dataclass
class Doubt:
    """Rows whose answer was lost: read until it is known what became of them."""

    tried: Try
    open: dict[RecordId, RowResult]
    late: bool
    since: float
    due: float
    looks: int = 0


Done = Callable[[Any], None]


class Engine:
    """Carries out steps through one connection. `gate`: rows after which it stops, to be looked at. `passed`: failures
    it does not stop for; None: it never asks. Not `patient`: somebody waits for one request, so nothing is waited for.
    """

    def __init__(
        self,
        opened: Opened,
        lines: Mapping[RecordId, Line],
        steps: Sequence[Step],
        book: Book,
        *,
        gate: int = 0,
        passed: Sequence[str] | None = None,
        known: Mapping[RecordId, Record] | None = None,
        interrupted: threading.Event | None = None,
        patient: bool = True,
    ) -> None:
        self.opened, self.lines, self.book, self.patient = opened, lines, book, patient
        self.passed, self.known = passed, known or {}
        self.interrupted = interrupted or threading.Event()
        self.gate = gate
        self.windows = self._windows(steps)
        self.next_window: list[Step] | None = None
        self.ready: deque[Try] = deque()
        self.answered: list[tuple[ChangeSet, RowResult]] = []
        self.answered_at = 0.0
        self.doubts: list[Doubt] = []
        self.settled: list[tuple[Line, RowResult]] = []
        self.kept: list[Kept] = []
        self.live: dict[RecordId, Record] = {}
        self.proved: list[ChangeSet] = []
        self.jobs: dict[Future[Any], Done] = {}
        self.sending = self.checking = self.looking = 0
        self.seconds = 1.0  # a call takes, lately
        self.hold_until = 0.0
        self.heeded = self.flushed = 0.0
        self.unsent = 0
        self.same: tuple[str, int] = ("", 0)
        self.alone: dict[int, list[str]] = {}  # by refused batch: the words of rows refused alone; "" for an acceptance
        self.batches = 0
        self.sent_rows = 0
        self.ending: Ending | None = None
        self.words = self.remark = ""

    # ── the loop ──────────────────────────────────────────────────────────────────────────────────────────────────

    def go(self) -> Ending:
        self.lanes_at_most = max(1, self.opened.can.max_concurrency)
        with ThreadPoolExecutor(self.lanes_at_most) as self.lanes, ThreadPoolExecutor(2) as self.readers:
            self._settle_interrupted()
            while True:
                self._heed()
                self._check()
                self._send()
                self._look()
                self._flush()
                if not self.jobs and not self._waiting():
                    break
                self._land(wait(self.jobs, self._nap(), FIRST_COMPLETED).done)
            self._look_again()
        self._flush(now=True)
        return self._ended()

    def _waiting(self) -> bool:
        """Whether there is more to do than what is on its way."""
        if self.answered or (self.doubts and not self.interrupted.is_set()):
            return True
        return self.ending is None and bool(self.ready or self._window() is not None)

    def _nap(self) -> float:
        """Seconds until something is due; slept here when nothing is on its way that could be waited for."""
        soon = [d.due for d in self.doubts] + [self.hold_until]
        left = [t - time.monotonic() for t in soon]
        pause = min([HEED_EVERY, *(seconds for seconds in left if seconds > 0)])
        if not self.jobs and any(seconds > 0 for seconds in left):
            self.interrupted.wait(pause)
        return pause

    def _ended(self) -> Ending:
        if self.interrupted.is_set() and (self.ending is None or self.ending.how == "interrupted"):
            late = [d.since + self.opened.client.deadline - time.monotonic() for d in self.doubts if d.late]
            return Ending("interrupted", in_seconds=max([0.0, *late]))
        return self.ending or Ending("finished", self.remark)

    def _end(self, ending: Ending) -> None:
        """Nothing more is sent; what was is settled first."""
        if self.ending is None:
            self.ending = ending

    def _heed(self) -> None:
        now = time.monotonic()
        if self.ending is None and self.interrupted.is_set():
            self._end(Ending("interrupted"))
        if self.ending is not None or now - self.heeded < HEED_EVERY:
            return
        self.heeded = now
        heed = self.book.heed()
        if heed.asked == "stop":
            self._end(Ending("stopped", "Stopped by request: what was being sent was finished, the rest was not sent."))
        elif heed.barred:
            what = "the rest was" if any(line.sent for line in self.lines.values()) else "anything was"
            self._end(Ending("stopped", f"Stopped before {what} sent: {heed.barred}"))
        elif heed.asked == "pause":
            self._end(Ending("asked", "Paused by request: what was being sent was finished, the rest waits."))

    def _submit(self, pool: ThreadPoolExecutor, job: Callable[[], Any], done: Done) -> None:
        self.jobs[pool.submit(job)] = done

    def _land(self, landed: set[Future[Any]]) -> None:
        for future in landed:
            self.jobs.pop(future)(future.result())

    def _flush(self, *, now: bool = False) -> None:
        if not now and time.monotonic() - self.flushed < HEED_EVERY:
            return
        self.flushed = time.monotonic()
        settled, self.settled = self.settled, []
        kept, self.kept = self.kept, []
        self.book.doing(self.words)
        if settled and not self.book.settle(settled):
            self.interrupted.set()
            return
        self.book.keep(kept)

    # ── before the write: what is there now ───────────────────────────────────────────────────────────────────────

    def _windows(self, steps: Sequence[Step]) -> Iterator[list[Step]]:
        """Steps in groups of about WINDOW rows by weight, at least one each; those before the gate by themselves."""
        window: list[Step] = []
        size = rows = 0
        for step in steps:
            left = self._without(step, lambda i: not self._is(i, Outcome.PENDING))
            rows += len(step.rows)
            if left is not None:
                window.append(left)
                size += len(left.rows) * WEIGHT[left.form]
            if window and (size >= WINDOW or rows == self.gate):
                yield window
                window, size = [], 0
            if rows == self.gate:
                yield []  # the gate
        if window:
            yield window

    def _window(self) -> list[Step] | None:
        if self.next_window is None:
            self.next_window = next(self.windows, None)
        return self.next_window

    def _check(self) -> None:
        """Have the next window read, a little before its turn; a PUT's only when nothing else is left to send."""
        if self.ending is not None or self.checking or self.hold_until > time.monotonic():
            return
        window = self._window()
        if window is None or len(self.ready) > len(window) // 4 or (self._puts(window) and self.ready):
            return
        if not window:
            self._at_the_gate()
            return
        self.next_window = None
        ids = [i for step in window for i in step.ids]
        self.checking += 1
        self.words = f"Reading {len(ids):,} records once more before writing"
        self._submit(self.readers, lambda: self._read(ids, "check"), lambda read: self._checked(window, *read))

    def _at_the_gate(self) -> None:
        if self.jobs or self.ready or self.answered or self.doubts or self.settled:
            self._flush(now=not self.jobs and not self.answered and not self.doubts)
            return
        self.next_window = None
        first = "The first record was" if self.gate == 1 else f"The first {self.gate:,} records were"
        self._end(Ending("canary", f"{first} sent on purpose before the others. Look at what came of it, then go on."))

    @staticmethod
    def _puts(window: Sequence[Step]) -> bool:
        return any(step.form is Form.PUT for step in window)

    def _read(
        self, ids: Sequence[RecordId], purpose: str
    ) -> tuple[dict[RecordId, Record] | None, list[Kept], RemoteError | None]:
        """These records as they are now, None when the API cannot be read; in a reader's thread."""
        fresh = {i: self.known[i] for i in ids if i in self.known} if purpose == "check" else {}
        wanted = [i for i in ids if i not in fresh]
        exchanges: list[Exchange] = []
        error: RemoteError | None = None
        found: dict[RecordId, Record] | None = None
        try:
            with self.opened.client.observe(exchanges.append):
                found = fresh | read_many(self.opened.client, self.opened.whole, self.opened.can, wanted)
        except RemoteError as raised:
            error = raised
        return found, [Kept(purpose, None, seen) for seen in exchanges], error

    def _checked(
        self,
        window: list[Step],
        live: dict[RecordId, Record] | None,
        kept: list[Kept],
        error: RemoteError | None,
    ) -> None:
        self.checking -= 1
        self.kept += kept
        if live is None:
            assert error is not None
            self.next_window = window
            self._unreadable(error)
            return
        self.unsent = 0
        held: set[RecordId] = set()
        for row in (row for step in window for row in step.rows):
            if result := proving.held(self.opened, row, live.get(row.record_id)):
                held.add(row.record_id)
                self._settle(row, result)
            else:
                self.live[row.record_id] = live[row.record_id]
        self.ready += [Try(left) for step in window if (left := self._without(step, held.__contains__)) is not None]

    def _unreadable(self, error: RemoteError) -> None:
        if isinstance(error, Throttled) and self.patient:
            self._hold(error)
            return
        words = f"The records could not be read. {error.message}"
        if not self.patient:
            self._end(Ending("stopped", f"Stopped: {words[0].lower()}{words[1:]}"))
        elif self.unsent == len(PAUSES):
            self._end(Ending("trouble", words))
        else:
            self.hold_until = time.monotonic() + PAUSES[self.unsent]
            self.unsent += 1

    # ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _send(self) -> None:
        """Hand tries to the lanes, a few ahead of them, each row marked as being sent before its request can leave."""
        lanes = 1 if self.seconds < QUICK else self.lanes_at_most
        chunks: list[list[Try]] = []
        while self.ready and self.ending is None and self.hold_until <= time.monotonic():
            if self.sending + len(chunks) >= 2 * lanes:
                break
            chunks.append(self._chunk())
        if not chunks:
            return
        numbers = self.book.sending([[self.lines[i] for i in tried.step.ids] for chunk in chunks for tried in chunk])
        if numbers is None:  # our lease ran out, and somebody else goes on with the run
            self.interrupted.set()
            return
        number = iter(numbers)
        for chunk in chunks:
            going = [Sent(next(number), tried) for tried in chunk]
            for line in (self.lines[i] for sent in going for i in sent.tried.step.ids):
                line.outcome, line.tries, line.sent = Outcome.SENDING, line.tries + 1, True
            self.sending += 1
            self._submit(self.lanes, self._sender(going), self._returned)

    def _chunk(self) -> list[Try]:
        """One bulk request, or as many single ones as a lane sends in CHUNK seconds."""
        first = self.ready.popleft()
        chunk = [first]
        room = (
            min(50, int(CHUNK / self.seconds)) if len(first.step.rows) == 1 and first.step.form is not Form.PUT else 1
        )
        while len(chunk) < room and self.ready and len(self.ready[0].step.rows) == 1 and not self.ready[0].rest:
            chunk.append(self.ready.popleft())
        return chunk

    def _sender(self, going: list[Sent]) -> Callable[[], list[Sent]]:
        live = {i: self.live[i] for sent in going for i in sent.tried.step.ids}

        def send() -> list[Sent]:
            for position, sent in enumerate(going):
                with self.opened.client.observe(sent.exchanges.append):
                    self._send_one(sent, live)
                if sent.answer is not None and sent.answer.error is not None:
                    return going[: position + 1] + [Sent(s.number, s.tried) for s in going[position + 1 :]]
            return going

        return send

    def _send_one(self, sent: Sent, live: Mapping[RecordId, Record]) -> None:
        """In a lane's thread: what is to be written down goes back to the engine's own."""
        step = sent.tried.step
        try:
            sent.answer = send_step(self.opened.client, self.opened.whole, step, live)
        except NotOffered as error:
            sent.not_offered = error
        except Exception:
            logger.exception("A step failed on our side")
            ours = tuple(RowResult(i, Outcome.UNKNOWN, (OUR_FAULT,)) for i in step.ids)
            sent.answer = Answer(ours, Unknown(OUR_FAULT))

    def _returned(self, chunk: list[Sent]) -> None:
        self.sending -= 1
        for sent in chunk:
            self.kept += [Kept("write", sent.number, seen) for seen in sent.exchanges]
            for seen in sent.exchanges:
                self.seconds = 0.9 * self.seconds + 0.1 * seen.seconds if self.seconds < 1 else seen.seconds
            if sent.not_offered:
                self._fall_back(sent.tried, sent.not_offered)
            elif sent.answer is None:
                self._not_begun(sent.tried)
            elif sent.answer.error is not None:
                self._failed(sent.tried, sent.answer.results, sent.answer.error)
            else:
                self._answered(sent.tried, sent.answer.results)
        self.words = f"{self.sent_rows:,} of {len(self.lines):,} rows settled"

    def _answered(self, tried: Try, results: Sequence[RowResult]) -> None:
        self.unsent = 0
        self._take(results)
        refused = [r for r in results if r.outcome in (Outcome.REJECTED, Outcome.NOT_SENT)]
        if len(refused) < len(results):  # some of it was written, so that it was no refusal of the whole
            self._count_batch(tried, "")
            follows = rescue.accepted(tried)
            follows = rescue.Rescued((*refused, *follows.settled), follows.again)
        elif len(results) == 1 and not tried.batch:
            follows = rescue.Rescued(tuple(refused))
        else:
            self.batches += not tried.batch
            tried = tried if tried.batch else replace(tried, batch=self.batches)
            follows = rescue.refused(tried, results)
            self._back([row for again in follows.again for row in again.step.rows + again.rest])
        self.ready.extendleft(reversed(follows.again))
        for result in follows.settled:
            self._refused(tried, result)

    def _take(self, results: Sequence[RowResult]) -> None:
        """Rows that were written, or may have been: proven by the answer, or to be read back."""
        for result in results:
            row = self.lines[result.record_id].row
            if result.outcome is Outcome.DONE and proving.shown(self.opened, row, result):
                self._settle(row, proving.proven(self.opened, row, result, self.live.get(row.record_id), {}))
            elif result.outcome in (Outcome.DONE, Outcome.UNKNOWN):
                self.answered_at = self.answered_at or time.monotonic()
                self.answered.append((row, result))

    def _refused(self, tried: Try, result: RowResult) -> None:
        self._settle(self.lines[result.record_id].row, result)
        if tried.batch:
            words = "\n".join((*result.messages, *map(str, result.by_field.items())))
            self._count_batch(tried, words)
            if self.alone[tried.batch].count(words) >= rescue.ENOUGH and "" not in self.alone[tried.batch]:
                self._give_up(tried.batch, result)

    def _count_batch(self, tried: Try, words: str) -> None:
        if tried.batch:
            self.alone.setdefault(tried.batch, []).append(words)

    def _give_up(self, batch: int, said: RowResult) -> None:
        left = [tried for tried in self.ready if tried.batch == batch]
        self.ready = deque(tried for tried in self.ready if tried.batch != batch)
        for result in rescue.given_up(left, said):
            self._settle(self.lines[result.record_id].row, result)

    def _not_begun(self, tried: Try) -> None:
        """It was marked, and no byte of it left, or the API refused to look at it."""
        for record_id in tried.step.ids:
            self.lines[record_id].tries -= 1
        self._back(tried.step.rows)
        self.ready.appendleft(tried)

    def _back(self, rows: Sequence[ChangeSet]) -> None:
        found = [line for row in rows if (line := self.lines[row.record_id]).outcome is Outcome.SENDING]
        for line in found:
            line.outcome = Outcome.PENDING
        if found and not self.book.back_to_pending(found):
            self.interrupted.set()

    def _failed(self, tried: Try, results: Sequence[RowResult], error: RemoteError) -> None:
        """A whole request that failed: not sent at all, refused, or nobody knows."""
        if results[0].outcome is Outcome.UNKNOWN:
            self._doubt(tried, {r.record_id: r for r in results}, late=isinstance(error, Unknown) and error.late)
        elif self.patient and isinstance(error, NotSent | Throttled | SignedOut | BadCredentials):
            self._not_begun(tried)
            self._wait(error)
        elif results[0].outcome is Outcome.REJECTED:
            self._answered(tried, results)
        else:
            for result in results:
                self._settle(self.lines[result.record_id].row, result)
            self.ready.extend(rescue.untried(tried, tried.rest))

    def _wait(self, error: RemoteError) -> None:
        if isinstance(error, Throttled):
            self._hold(error)
        elif isinstance(error, BadCredentials) or self.unsent == len(PAUSES):
            self._end(Ending("trouble", f"Nothing can be sent. {error.message}"))
        else:
            self.hold_until = time.monotonic() + PAUSES[self.unsent]
            self.unsent += 1

    def _hold(self, error: Throttled) -> None:
        seconds = error.retry_after or PAUSES[-1]
        self.hold_until = max(self.hold_until, time.monotonic() + seconds)
        until = timezone.now() + timedelta(seconds=seconds)
        self.words = f"Waiting until {until:%H:%M:%S} UTC: {error.message}"

    def _fall_back(self, tried: Try, error: NotOffered) -> None:
        """There is no bulk address here after all: send the rows one by one, and remember it when it is for good."""
        if error.status == 405:
            self.book.no_bulk()
        self.remark = NO_BULK
        self._back(tried.step.rows)
        singles = [Try(Step(Form.PATCH, (row,))) for row in (*tried.step.rows, *tried.rest)]
        self.ready.extendleft(reversed(singles))

    # ── after it: what is stored ──────────────────────────────────────────────────────────────────────────────────

    def _settle_interrupted(self) -> None:
        """What an earlier owner left in the middle of sending is read, and only then anything is sent. The lease
        outlives the longest call: what that owner sent has arrived by now, or never will.
        """
        left = [line.row for line in self.lines.values() if line.outcome is Outcome.SENDING]
        if not left:
            return
        self.words = f"Reading {len(left):,} records that were being sent when the worker stopped"
        self._flush(now=True)
        read, kept, error = self._read([row.record_id for row in left], "verify")
        self.kept += kept
        if error is not None:
            self._end(
                Ending("trouble" if self.patient else "stopped", f"The records could not be read. {error.message}")
            )
            return
        untouched = []
        for row in left:
            found = proving.proven(self.opened, row, RowResult(row.record_id, Outcome.UNKNOWN, (LOST,)), None, read)
            if found.outcome is Outcome.NOT_SENT:
                untouched.append(row)
            else:
                self._settle(row, found)
        self._back(untouched)

    def _doubt(self, tried: Try, open_: dict[RecordId, RowResult], *, late: bool) -> None:
        now = time.monotonic()
        self.doubts.append(Doubt(tried, open_, late, now, now))

    def _look(self) -> None:
        """Read back together what was answered, and what is in doubt and due."""
        if self.looking or (self.hold_until > time.monotonic() and self.patient):
            return
        now = time.monotonic()
        due = [d for d in self.doubts if d.due <= now]
        idle = not self.sending and not (self.ready and self.ending is None)
        full = len(self.answered) >= self.opened.can.read_many
        if not due and not (self.answered and (idle or full or now - self.answered_at > LOOK_AFTER)):
            return
        answered, self.answered, self.answered_at = self.answered, [], 0.0
        ids = [row.record_id for row, _ in answered] + [i for d in due for i in d.open]
        self.looking += 1
        self.words = f"Reading {len(ids):,} records back"
        self._submit(self.readers, lambda: self._read(ids, "verify"), lambda read: self._looked(answered, due, *read))

    def _looked(
        self,
        answered: Sequence[tuple[ChangeSet, RowResult]],
        due: Sequence[Doubt],
        read: dict[RecordId, Record] | None,
        kept: list[Kept],
        error: RemoteError | None,
    ) -> None:
        self.looking -= 1
        self.kept += kept
        for row, result in answered:
            if result.outcome is Outcome.UNKNOWN and read is not None:
                self._doubt(Try(Step(Form.PATCH, (row,))), {row.record_id: result}, late=False)
                self._resolve(self.doubts.pop(), read)
            else:
                self._settle(row, proving.proven(self.opened, row, result, self.live.get(row.record_id), read))
        for doubt in due:
            self.doubts.remove(doubt)
            self._resolve(doubt, read)

    def _resolve(self, doubt: Doubt, read: Mapping[RecordId, Record] | None) -> None:
        """What reading says of rows whose answer was lost: settled, to be looked at again, or to be sent once more."""
        doubt.looks += 1
        patience = self.opened.client.deadline if doubt.late or read is None else settings.ADMINUI_SETTLE
        final = time.monotonic() - doubt.since >= patience
        untouched: list[ChangeSet] = []
        for record_id, result in list(doubt.open.items()):
            row = self.lines[record_id].row
            found = proving.proven(self.opened, row, result, self.live.get(record_id), read)
            if found.outcome is Outcome.NOT_SENT:
                untouched.append(row)
                if read is not None:
                    self.live[record_id] = read[record_id]
            elif found.outcome is not Outcome.UNKNOWN or final or read is not None:
                self._settle(row, found)
                del doubt.open[record_id]
        if not doubt.open:
            self._followed(doubt.tried)
        elif not final:
            doubt.due = min(time.monotonic() + 0.25 * 2**doubt.looks, doubt.since + patience)
            self.doubts.append(doubt)
        elif untouched:
            self._untouched(doubt, untouched)

    def _untouched(self, doubt: Doubt, rows: Sequence[ChangeSet]) -> None:
        """Nothing was written by now. After a broken call it is sent once more; the values are the same, so that a
        straggler does no harm. After our own deadline nobody can know: the API may be at it.
        """
        if doubt.late:
            for row in rows:
                result = doubt.open[row.record_id]
                self._settle(row, RowResult(row.record_id, Outcome.UNKNOWN, (*result.messages, proving.STILL_OPEN)))
            self._followed(doubt.tried)
            return
        again = Step(doubt.tried.step.form if len(rows) > 1 else self._single(doubt.tried), tuple(rows))
        if self.lines[rows[0].record_id].tries < SENT_AT_MOST and self.patient:
            tried = Try(again, doubt.tried.rest, doubt.tried.said, doubt.tried.batch, doubt.tried.form)
            self._back(rows)
            self.ready.appendleft(tried)
            return
        for row in rows:
            read = {row.record_id: self.live[row.record_id]}
            self._settle(row, proving.proven(self.opened, row, doubt.open[row.record_id], None, read))
        self._followed(doubt.tried)

    @staticmethod
    def _single(tried: Try) -> Form:
        return Form.PUT if tried.step.form is Form.PUT else Form.PATCH

    def _followed(self, tried: Try) -> None:
        """What the lost answer would have told of the rest of its batch is not known: it is sent as it is."""
        self.ready.extendleft(rescue.untried(tried, tried.rest))

    def _look_again(self) -> None:
        """Where rules of the API's may undo a change within seconds: a second look at what was done."""
        pause = settings.ADMINUI_SECOND_LOOK
        if not (self.opened.can.flips and self.patient and self.proved and pause) or self.interrupted.is_set():
            return
        self.words = f"A second look at {len(self.proved):,} rows: rules of the API may change them again"
        self._flush(now=True)
        if self.interrupted.wait(pause):
            return
        read, kept, _ = self._read([row.record_id for row in self.proved], "second look")
        self.kept += kept
        for row in self.proved:
            if read is not None and (found := proving.flipped(self.opened, row, read.get(row.record_id))):
                self.settled.append((self.lines[row.record_id], found))

    # ── fates ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _settle(self, row: ChangeSet, result: RowResult) -> None:
        line = self.lines[row.record_id]
        line.outcome = result.outcome
        self.live.pop(row.record_id, None)
        self.settled.append((line, result))
        self.sent_rows += 1
        if result.outcome is Outcome.DONE and self.opened.can.flips:
            self.proved.append(row)
        self._watch(result)

    def _watch(self, result: RowResult) -> None:
        """Stop and ask when it goes wrong in the same way again and again, with nothing going right in between."""
        if result.outcome is Outcome.DONE:
            self.same = ("", 0)
        if not self.lines[result.record_id].tries:
            return  # nothing was sent of it: that is no failure of sending
        if self.passed is None or result.outcome not in (Outcome.REJECTED, Outcome.NOT_SENT, Outcome.NOT_STORED):
            return
        kind = "\n".join([result.outcome, *result.messages, *map(str, result.by_field.items())])
        self.same = (kind, self.same[1] + 1 if self.same[0] == kind else 1)
        if self.same[1] >= SAME_IN_A_ROW and kind not in self.passed and self._more():
            said = " ".join([*result.messages, *(w for words in result.by_field.values() for w in words)])
            words = f"{SAME_IN_A_ROW} records in a row came to the same: {result.outcome}. {said}".strip()
            self._end(Ending("trouble", words, passed=kind))

    def _more(self) -> bool:
        return self.ending is None and bool(self.ready or self._window() is not None)

    def _is(self, record_id: RecordId, outcome: Outcome) -> bool:
        return self.lines[record_id].outcome is outcome

    @staticmethod
    def _without(step: Step, leave_out: Callable[[RecordId], bool]) -> Step | None:
        rows = tuple(row for row in step.rows if not leave_out(row.record_id))
        if not rows:
            return None
        return Step(step.form if len(rows) > 1 or step.form is Form.PUT else Form.PATCH, rows)
