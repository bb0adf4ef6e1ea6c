"""Carrying out an approved plan: read again, check three ways, send, verify, and write each fate down at once."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from adminui.connections import live as connections
from adminui.dialects.errors import NotOffered, RemoteError
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.planning.verify import differing, verified
from adminui.records.changes import Change, ChangeSet, merge, moved
from adminui.records.documents import change_to_data
from adminui.records.values import MISSING, Record, RecordId
from adminui.remote.client import Exchange
from adminui.remote.executor import send_step
from adminui.remote.reader import read_many
from adminui.runs import ledger
from adminui.runs.models import Item, Run
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import Refused, Stale
from adminui.services.plans import check_rights, digest_of, steps_of

logger = logging.getLogger(__name__)
# What is read, sent and verified together: 2,000 rows in bulk calls, 200 in PATCHes, 20 in PUTs, which carry what was
# read of the untouched fields and so must follow the reading closely.
WINDOW = 2_000
WEIGHT = {Form.BULK_ROWS: 1, Form.BULK_SHARED: 1, Form.PATCH: 10, Form.PUT: 100}
GIVE_UP_AFTER = 3  # calls in a row that could not be sent
MOVED = "Somebody else changed this since it was read; nothing of this record was sent."
GONE = "The API does not have this record any more."
UNPROVEN = {
    Outcome.DONE: "The API accepted it; it could not be read back afterwards to make sure.",
    Outcome.UNKNOWN: "The record could not be read back either; read it before you send this again.",
}
OUR_FAULT = "Something failed on our side while this was sent."
ALREADY = "The record holds these values already."
BESIDES = "Nobody asked for it, but this changed too, by the API itself or by somebody else: {}."


def execute(
    run: Run, *, known: Mapping[RecordId, Record] | None = None, interrupted: threading.Event | None = None
) -> None:
    """Carry out `run`, which the caller owns. `known`: records read just now, not to be read again."""
    items = {item.row().record_id: item for item in run.items.all()}
    try:
        opened = open_resource(run.user_or_none, run.plan.connection, run.plan.resource)
        rows = [item.row() for item in items.values()]
        _check_fields(opened, rows)
        check_rights(opened, rows)
        _check_approved(run, [item.changeset for item in items.values()])
    except (Refused, RemoteError) as error:
        what = "anything was" if all(item.step is None for item in items.values()) else "the rest was"
        ledger.stop(run, f"Stopped before {what} sent: {error.message}")
        return
    Execution(run, opened, items, known or {}, interrupted or threading.Event()).go()


def _check_fields(opened: Opened, rows: Iterable[ChangeSet]) -> None:
    """Raises Stale when the API has changed its fields since."""
    gone = sorted({name for row in rows for name in row.fields} - opened.whole.by_name.keys())
    if gone:
        raise Stale(f"{opened.resource.label} have no field “{gone[0]}” any more.")


def _check_approved(run: Run, rows: list[object]) -> None:
    """Raises Stale when the rows are not, to the letter, those of the approved plan."""
    plan = run.plan
    if plan.digest != digest_of(plan.connection, plan.resource, plan.replace, rows, plan.steps, plan.canary):
        raise Stale("The rows of this run are not what was approved.")


@dataclass(frozen=True)
class Sent:
    """What came of one step: a result per row, the exchanges it took, or that there is no such bulk address."""

    results: tuple[RowResult, ...]
    exchanges: list[Exchange]
    not_offered: NotOffered | None = None


class Execution:
    """One run being carried out by one process: reads and writes go through the connection's lanes."""

    def __init__(
        self,
        run: Run,
        opened: Opened,
        items: Mapping[RecordId, Item],
        known: Mapping[RecordId, Record],
        interrupted: threading.Event,
    ) -> None:
        self.run, self.opened, self.items, self.known, self.interrupted = run, opened, items, known, interrupted
        self.rows = {record_id: item.row() for record_id, item in items.items()}
        self.live: Mapping[RecordId, Record] = {}  # as read right before they were sent
        self.not_sent_in_a_row = 0
        self.why_stopped = ""
        self.remark = ""

    def go(self) -> None:
        self.settle_interrupted()
        settled = {i: item for i, item in self.items.items() if item.outcome != Outcome.PENDING}
        approved = steps_of(self.run.plan, list(self.rows.values())).steps
        for window in _windows(left for step in approved if (left := _without(step, settled)) is not None):
            if self.stopping():
                break
            self.carry_out(window)
        if self.interrupted.is_set() and not self.why_stopped:
            ledger.hand_over(self.run)
        else:
            ledger.finish(self.run, self.why_stopped, remark=self.remark)

    def settle_interrupted(self) -> None:
        """What an earlier owner left in the middle of sending is read, and only then anything is sent."""
        left = [row for i, row in self.rows.items() if self.items[i].outcome == Outcome.SENDING]
        lost = "The worker stopped while this was being sent."
        self.verify([(row, RowResult(row.record_id, Outcome.UNKNOWN, (lost,))) for row in left])
        # A lease outlives the longest call: what the dead owner sent has arrived by now, or never will.
        read = [self.items[row.record_id] for row in left]
        self.back_to_pending([item for item in read if item.outcome == Outcome.NOT_SENT])

    def settle(self, results: Iterable[RowResult]) -> None:
        """Write outcomes down, or let go of the run when it is somebody else's by now."""
        if not ledger.settle(self.run, [(self.items[r.record_id], r) for r in results]):
            self.interrupted.set()

    def back_to_pending(self, items: Sequence[Item]) -> None:
        if not ledger.back_to_pending(self.run, items):
            self.interrupted.set()

    def carry_out(self, window: Sequence[Step]) -> None:
        ids = [i for step in window for i in step.ids]
        ledger.doing(self.run, f"Reading {len(ids):,} records once more before writing")
        live = self.read(ids, "check")
        if live is None:
            return
        self.live = live
        self.verify(list(self.send(self.without_held(window, live), live)))

    def read(self, ids: Sequence[RecordId], purpose: str) -> dict[RecordId, Record] | None:
        """These records as they are now; None (and the run stops) when the API cannot be read."""
        fresh = {i: self.known[i] for i in ids if i in self.known} if purpose == "check" else {}
        exchanges: list[Exchange] = []
        try:
            wanted = [i for i in ids if i not in fresh]
            with self.opened.client.observe(exchanges.append):
                return fresh | read_many(self.opened.client, self.opened.whole, self.opened.can, wanted)
        except RemoteError as error:
            self.why_stopped = f"Stopped: the records could not be read. {error.message}"
            return None
        finally:
            ledger.keep(self.run, purpose, exchanges)

    def without_held(self, window: Sequence[Step], live: Mapping[RecordId, Record]) -> list[Step]:
        """The steps without rows that moved, vanished or are there already; those get their outcome now."""
        held = {i: result for step in window for i in step.ids if (result := self.held(i, live)) is not None}
        self.settle(held.values())
        return [left for step in window if (left := _without(step, held)) is not None]

    def held(self, record_id: RecordId, live: Mapping[RecordId, Record]) -> RowResult | None:
        row, current = self.rows[record_id], live.get(record_id)
        if current is None:
            return RowResult(record_id, Outcome.NOT_SENT, (GONE,))
        merged = merge(self.opened.whole, row, _seen(row), current)
        if merged.clashes:
            self.items[record_id].theirs = {
                c.field: change_to_data(Change(c.field, c.theirs, None)) for c in merged.clashes
            }
            return RowResult(record_id, Outcome.CONFLICT, (MOVED,))
        return None if merged.changeset.changes else RowResult(record_id, Outcome.UNCHANGED, (ALREADY,))

    def send(self, steps: Iterable[Step], live: Mapping[RecordId, Record]) -> Iterator[tuple[ChangeSet, RowResult]]:
        """Send over the lanes, marking each step before its first byte leaves; yields what came of each row."""
        queue = deque(steps)
        total, done = sum(len(s.rows) for s in queue), 0
        with ThreadPoolExecutor(self.opened.can.max_concurrency) as lanes:
            flying: dict[Future[Sent], tuple[int, Step]] = {}
            while flying or (queue and not self.stopping()):
                while queue and len(flying) < self.opened.can.max_concurrency and not self.stopping():
                    step = queue.popleft()
                    number = ledger.sending(self.run, [self.items[i] for i in step.ids])
                    if number is None:  # our lease ran out, and somebody else goes on with the run
                        self.interrupted.set()
                        break
                    flying[lanes.submit(self.send_one, step, live)] = number, step
                landed, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in landed:
                    number, step = flying.pop(future)
                    sent = future.result()
                    ledger.keep(self.run, "write", sent.exchanges, number)
                    if sent.not_offered:
                        self.fall_back(step, queue, sent.not_offered)
                        continue
                    done += len(step.rows)
                    self.landed(sent.results, f"Sent {done:,} of {total:,} rows")
                    yield from zip(step.rows, sent.results, strict=True)

    def send_one(self, step: Step, live: Mapping[RecordId, Record]) -> Sent:
        """In a lane's thread: no database here, what is to be written down goes back to the run's own thread."""
        exchanges: list[Exchange] = []
        with self.opened.client.observe(exchanges.append):
            try:
                return Sent(send_step(self.opened.client, self.opened.whole, step, live), exchanges)
            except NotOffered as error:
                return Sent((), exchanges, not_offered=error)
            except Exception:
                logger.exception("A step of run %s failed on our side", self.run.pk)
                return Sent(tuple(RowResult(i, Outcome.UNKNOWN, (OUR_FAULT,)) for i in step.ids), exchanges)

    def landed(self, results: Sequence[RowResult], words: str) -> None:
        self.watch(results)
        self.settle(r for r in results if r.outcome not in (Outcome.DONE, Outcome.UNKNOWN))
        ledger.doing(self.run, words)

    def fall_back(self, step: Step, queue: deque[Step], error: NotOffered) -> None:
        """There is no bulk address here after all: send the rows one by one, and remember it when it is for good."""
        if error.status == 405:
            connections.remember_no_bulk(self.opened.connection, self.opened.resource.name)
        self.remark = (
            "The API has no bulk call here after all: instead of one request, each record was sent on its own."
        )
        self.back_to_pending([self.items[i] for i in step.ids])
        queue.extendleft(Step(Form.PATCH, (row,)) for row in reversed(step.rows))

    def watch(self, results: Sequence[RowResult]) -> None:
        """Stop when the API cannot be reached at all, instead of failing every row one after another."""
        unsent = bool(results) and all(r.outcome is Outcome.NOT_SENT for r in results)
        self.not_sent_in_a_row = self.not_sent_in_a_row + 1 if unsent else 0
        if self.not_sent_in_a_row >= GIVE_UP_AFTER:
            self.why_stopped = f"Stopped after {GIVE_UP_AFTER} calls that could not be sent: {results[0].messages[0]}"

    def verify(self, results: Sequence[tuple[ChangeSet, RowResult]]) -> None:
        """Compare what was asked with what is stored: by the answer where it shows the record, by reading where not."""
        open_ = [(row, r) for row, r in results if r.outcome in (Outcome.DONE, Outcome.UNKNOWN)]
        unread = [row.record_id for row, r in open_ if not self.shown(row, r)]
        stored: dict[RecordId, Record] | None = {}
        if unread:
            ledger.doing(self.run, f"Reading {len(unread):,} records back")
            stored = self.read(unread, "verify")
        self.settle(self.besides(row, self.proven(row, r, stored)) for row, r in open_)

    def besides(self, row: ChangeSet, result: RowResult) -> RowResult:
        """The result, with a word on fields that nobody asked to change and that hold something else now."""
        before, resource = self.live.get(row.record_id), self.opened.resource
        if before is None or result.stored is None:
            return result
        writable = {f.name for f in self.opened.whole.writable}
        found = [c.field for c in moved(resource, row, before, result.stored) if c.field in writable]
        names = ", ".join(resource.by_name[name].label for name in found if not resource.by_name[name].hidden)
        return replace(result, messages=(*result.messages, BESIDES.format(names))) if names else result

    def shown(self, row: ChangeSet, result: RowResult) -> bool:
        """Whether the answer itself shows the asked values; one that shows others may speak of another record."""
        return result.stored is not None and not differing(self.opened.whole, row, result.stored)

    def proven(self, row: ChangeSet, result: RowResult, stored: Mapping[RecordId, Record] | None) -> RowResult:
        if result.outcome is Outcome.DONE and result.stored is not None and (stored is None or self.shown(row, result)):
            return verified(self.opened.whole, row, result, result.stored)
        if stored is None:
            return replace(result, messages=(*result.messages, UNPROVEN[result.outcome]))
        return verified(self.opened.whole, row, result, stored.get(row.record_id))

    def stopping(self) -> bool:
        if not self.why_stopped and ledger.stop_asked(self.run):
            self.why_stopped = "Stopped by request: what was being sent was finished, the rest was not sent."
        return bool(self.why_stopped) or self.interrupted.is_set()


def _seen(row: ChangeSet) -> Record:
    return {c.field: c.before for c in row.changes if c.before is not MISSING}


def _without(step: Step, held: Mapping[RecordId, object]) -> Step | None:
    rows = tuple(row for row in step.rows if row.record_id not in held)
    if not rows:
        return None
    return Step(step.form if len(rows) > 1 or step.form is Form.PUT else Form.PATCH, rows)


def _windows(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Steps in groups of about WINDOW rows by weight, at least one step each."""
    window: list[Step] = []
    size = 0
    for step in steps:
        window.append(step)
        size += len(step.rows) * WEIGHT[step.form]
        if size >= WINDOW:
            yield window
            window, size = [], 0
    if window:
        yield window
