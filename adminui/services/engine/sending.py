"""Sending: tries are marked in the book and given to the lanes; what comes back is settled, or tried otherwise."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from adminui.dialects.errors import BadCredentials, NotOffered, NotSent, RemoteError, SignedOut, Throttled, Unknown
from adminui.planning import rescue
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.planning.rescue import Try
from adminui.records.values import Record, RecordId
from adminui.remote.client import Exchange
from adminui.remote.executor import Answer, send_step
from adminui.runs.lines import Kept
from adminui.services.book import Meddled
from adminui.services.engine.desk import SAME_IN_A_ROW, Desk, Ending
from adminui.services.engine.proving import Proving

logger = logging.getLogger(__name__)
CHUNK = 0.05  # seconds of sending that a lane is given at once
MOST_AT_ONCE = 50  # requests of such a chunk
QUICK = 0.003  # seconds a call: under this, more lanes only get into one another's way
MEDDLED = (0.05, 5.0)  # seconds until rows are read again that another run of ours writes: longer and longer
MAX_WAIT = 2.0  # seconds a lane waits by itself when throttled: longer waits are the engine's, who heeds meanwhile
OUR_FAULT = "Something failed on our side while this was sent."
NO_BULK = "The API has no bulk call here after all: instead of one request, each record was sent on its own."
NOTHING_LEFT = (NotSent, Throttled, SignedOut, BadCredentials)


@dataclass
class Sent:
    """A try on its way back: its number in the book, the answer, and the exchanges it took. No answer: not begun."""

    number: int
    tried: Try
    answer: Answer | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    not_offered: NotOffered | None = None


class Sending:
    """The lanes of the run, and what their answers mean for what is tried next."""

    def __init__(self, desk: Desk, proving: Proving, lanes: ThreadPoolExecutor, number: int) -> None:
        self.desk, self.proving, self.lanes, self.number = desk, proving, lanes, number
        self.busy = 0  # chunks on their way
        self.lately: deque[float] = deque([1.0], maxlen=40)  # seconds of the last calls
        self.batches = 0
        self.meddled = MEDDLED[0]
        self.alone: dict[int, list[str]] = {}  # by refused batch: the words of rows refused alone; "" for an acceptance

    @property
    def seconds(self) -> float:
        """A call takes at best, lately: what it takes more when many are made at once is our own doing."""
        return max(min(self.lately), 0.0001)

    def go(self) -> None:
        """Keep the lanes a little ahead, or go step by step where it went wrong. A row is marked as being sent, and
        that is committed, before its request can leave.
        """
        desk = self.desk
        room = 1 if self.desk.wary else 2 * (1 if self.seconds < QUICK else self.number)
        chunks: list[list[Try]] = []
        while desk.ready and desk.ending is None and not self._kept_back and self.busy + len(chunks) < room:
            chunks.append(self._chunk())
        if not chunks:
            return
        try:
            numbers = desk.book.sending([[desk.lines[i] for i in t.step.ids] for chunk in chunks for t in chunk])
        except Meddled as meddled:
            desk.ready.extendleft(reversed([tried for chunk in chunks for tried in chunk]))
            desk.stale |= meddled.ids
            self.meddled = min(2 * self.meddled, MEDDLED[1])
            desk.rest(self.meddled)
            return
        self.meddled = MEDDLED[0]
        if numbers is None:  # our lease ran out, and somebody else goes on with the run
            desk.interrupted.set()
            return
        number = iter(numbers)
        for chunk in chunks:
            self._hand_over([Sent(next(number), tried) for tried in chunk])

    @property
    def _kept_back(self) -> bool:
        """Whether nothing may be sent now: it is waited for time, or some rows have to be read once more."""
        return self.desk.holding or self.desk.waited or bool(self.desk.stale)

    def _chunk(self) -> list[Try]:
        """One bulk request, or as many single ones as a lane sends in CHUNK seconds."""
        ready = self.desk.ready
        chunk = [ready.popleft()]
        single = len(chunk[0].step.rows) == 1 and chunk[0].step.form is not Form.PUT and not self.desk.wary
        room = min(MOST_AT_ONCE, int(CHUNK / self.seconds)) if single else 1
        while len(chunk) < room and ready and len(ready[0].step.rows) == 1 and not ready[0].rest:
            chunk.append(ready.popleft())
        return chunk

    def _hand_over(self, going: list[Sent]) -> None:
        for line in (self.desk.lines[i] for sent in going for i in sent.tried.step.ids):
            line.outcome, line.tries, line.sent = Outcome.SENDING, line.tries + 1, True
        live = {i: self.desk.live[i] for sent in going for i in sent.tried.step.ids}
        self.busy += 1
        self.desk.submit(self.lanes, lambda: self._send(going, live), self._returned)

    def _send(self, going: list[Sent], live: Mapping[RecordId, Record]) -> list[Sent]:
        """In a lane's thread; no further than failures go on, for the others may meet the same."""
        refused = 0
        for sent in going:
            if self.desk.interrupted.is_set():
                break
            with self.desk.opened.client.observe(sent.exchanges.append):
                self._send_one(sent, live)
            if sent.answer is None or sent.answer.error is not None:
                break
            refused = 0 if any(r.outcome is not Outcome.REJECTED for r in sent.answer.results) else refused + 1
            if refused == SAME_IN_A_ROW:
                break
        return going

    def _send_one(self, sent: Sent, live: Mapping[RecordId, Record]) -> None:
        step = sent.tried.step
        try:
            max_wait = MAX_WAIT if self.desk.patient else None
            client, unless = self.desk.opened.client, self.desk.interrupted
            sent.answer = send_step(client, self.desk.opened.whole, step, live, max_wait=max_wait, unless=unless)
        except NotOffered as error:
            sent.not_offered = error
        except Exception:
            logger.exception("A step failed on our side")
            results = tuple(RowResult(i, Outcome.UNKNOWN, (OUR_FAULT,)) for i in step.ids)
            sent.answer = Answer(results, Unknown(OUR_FAULT))

    # ── what came back ────────────────────────────────────────────────────────────────────────────────────────────

    def _returned(self, chunk: list[Sent]) -> None:
        self.busy -= 1
        for sent in chunk:
            self.desk.keep([Kept("write", sent.number, seen) for seen in sent.exchanges])
            self.lately.extend(seen.seconds for seen in sent.exchanges)
        for sent in chunk:
            if sent.not_offered:
                self._fall_back(sent.tried, sent.not_offered)
            elif sent.answer is None:
                self._not_begun(sent.tried)
            elif sent.answer.error is not None:
                self._failed(sent.tried, sent.answer.results, sent.answer.error)
            else:
                self._answered(sent.tried, sent.answer.results)
        if not self.desk.holding:
            self.desk.told()

    def _answered(self, tried: Try, results: Sequence[RowResult]) -> None:
        self.desk.failures = 0
        self.proving.take(results, tried.step.form)
        refused = tuple(r for r in results if r.outcome in (Outcome.REJECTED, Outcome.NOT_SENT))
        if len(refused) < len(results):  # some of it was written, so that it was no refusal of the whole
            self._count(tried, "")
            follows = self._partly(tried, results)
            follows = replace(follows, settled=refused + follows.settled)
        elif len(results) == 1 and not tried.batch:
            follows = rescue.Rescued(refused)
        else:
            self.batches += not tried.batch
            tried = tried if tried.batch else replace(tried, batch=self.batches)
            follows = rescue.refused(tried, results)
            self.desk.back([row for again in follows.again for row in again.step.rows + again.rest])
        self.desk.ready.extendleft(reversed(follows.again))
        for result in follows.settled:
            self._refused(tried, result, alone=len(results) == 1)

    def _partly(self, tried: Try, results: Sequence[RowResult]) -> rescue.Rescued:
        """Only where all of it was accepted, the culprit of its batch is known to be in the rest."""
        if all(result.outcome is Outcome.DONE for result in results):
            return rescue.accepted(tried)
        return rescue.Rescued(again=rescue.untried(tried, tried.rest))

    def _refused(self, tried: Try, result: RowResult, *, alone: bool) -> None:
        """`alone`: it was the only one in its request. Rows named together say nothing of how the others would fare."""
        self.desk.settle(self.desk.lines[result.record_id].row, result, watched=alone)
        if tried.batch and alone:
            words = f"{result.messages} {result.by_field}"
            self._count(tried, words)
            so_far = self.alone[tried.batch]
            if so_far.count(words) >= rescue.ENOUGH and "" not in so_far:
                self._give_up(tried.batch, result)

    def _count(self, tried: Try, words: str) -> None:
        if tried.batch:
            self.alone.setdefault(tried.batch, []).append(words)

    def _give_up(self, batch: int, said: RowResult) -> None:
        """Refused alone again and again, and not one of the batch accepted: the rest is not tried."""
        left = [tried for tried in self.desk.ready if tried.batch == batch]
        self.desk.ready = deque(tried for tried in self.desk.ready if tried.batch != batch)
        for result in rescue.given_up(left, said):
            self.desk.settle(self.desk.lines[result.record_id].row, result)

    def _failed(self, tried: Try, results: Sequence[RowResult], error: RemoteError) -> None:
        """A whole request that failed: nothing left, refused, or nobody knows."""
        if results[0].outcome is Outcome.UNKNOWN:
            self.proving.doubt(tried, results, late=isinstance(error, Unknown) and error.late)
        elif isinstance(error, NOTHING_LEFT) and self.desk.patient:
            self._not_begun(tried)
            self._wait(error)
        elif results[0].outcome is Outcome.REJECTED:
            self._answered(tried, results)
        else:
            for result in results:
                self.desk.settle(self.desk.lines[result.record_id].row, result)
            self.desk.ready.extendleft(rescue.untried(tried, tried.rest))

    def _wait(self, error: RemoteError) -> None:
        if isinstance(error, BadCredentials) and self.desk.failures:  # once may be a moment's trouble of the API's own
            self.desk.end(Ending("trouble", f"Nothing can be sent. {error.message}"))
        else:
            self.desk.hold(error, "Nothing can be sent.")

    def _not_begun(self, tried: Try) -> None:
        """It was marked, and no byte of it left, or the API refused to look at it."""
        self.desk.back(tried.step.rows, carried=False)
        self.desk.ready.appendleft(tried)

    def _fall_back(self, tried: Try, error: NotOffered) -> None:
        """There is no bulk address here after all: send the rows one by one, and remember it when it is for good."""
        if error.status == 405:
            self.desk.book.no_bulk()
        self.desk.remark = NO_BULK
        self.desk.back(tried.step.rows)
        singles = [Try(Step(Form.PATCH, (row,))) for row in (*tried.step.rows, *tried.rest)]
        self.desk.ready.extendleft(reversed(singles))
