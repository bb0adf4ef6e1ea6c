"""Before the write: rows in windows, each read again and checked three ways shortly before its turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step
from adminui.planning.rescue import Try, untried
from adminui.records.changes import ChangeSet
from adminui.records.values import Record, RecordId
from adminui.services import proving
from adminui.services.engine.desk import Desk, Ending, Reading

# What is checked together: 2,000 rows in bulk calls, 200 in PATCHes, 20 in PUTs, which carry what was read of the
# untouched fields and so must follow the reading closely.
WINDOW = 2_000
FRESH = 10.0  # seconds that what was read holds, when the run had to wait before it could send
WEIGHT = {Form.BULK_ROWS: 1, Form.BULK_SHARED: 1, Form.PATCH: 10, Form.PUT: 100}


class Checking:
    """Fills what is ready. `gate`: so many rows go first; then the run waits. `known`: records read just now."""

    def __init__(
        self,
        desk: Desk,
        steps: Sequence[Step],
        readers: ThreadPoolExecutor,
        gate: int,
        known: Mapping[RecordId, Record],
    ) -> None:
        self.desk, self.readers, self.gate, self.known = desk, readers, gate, known
        self.busy = False
        self._windows = self._cut(steps)
        self._steps = steps
        self._next: list[Step] | None = None

    @property
    def next(self) -> list[Step] | None:
        """The window whose turn it is; empty at the gate, None at the end."""
        if self._next is None:
            self._next = next(self._windows, None)
        return self._next

    def _cut(self, steps: Sequence[Step]) -> Iterator[list[Step]]:
        """What is pending when its turn comes, in groups of about WINDOW rows by weight; never across the gate."""
        window: list[Step] = []
        size = rows = 0
        for step in steps:
            left = without(step, lambda i: self.desk.lines[i].outcome is not Outcome.PENDING)
            rows += len(step.rows)
            if left is not None:
                window.append(left)
                size += len(left.rows) * WEIGHT[left.form]
            if window and (size >= WINDOW or rows == self.gate):
                yield window
                window, size = [], 0
            if rows == self.gate and self._pending_from(rows):
                yield []
        if window:
            yield window

    def _pending_from(self, place: int) -> bool:
        rows = [row.record_id for step in self._steps for row in step.rows]
        return any(self.desk.lines[i].outcome is Outcome.PENDING for i in rows[place:])

    def go(self, *, idle: bool) -> None:
        """Have the next window read a little before its turn; a PUT's only when nothing is left to send. `idle`: all
        rows so far are settled.
        """
        desk = self.desk
        if desk.ending is not None or self.busy or desk.holding:
            return
        if desk.waited or desk.stale:
            self._freshen()
            return
        window = self.next
        if window is None or len(desk.ready) > len(window) // 4:
            return
        if not window:
            self._at_the_gate(idle=idle)
        elif not (desk.ready and any(step.form is Form.PUT for step in window)):
            self._read(window)

    def _at_the_gate(self, *, idle: bool) -> None:
        if not idle:
            return
        self._next = None
        first = [row.record_id for step in self._steps for row in step.rows][: self.gate]
        sent = sum(self.desk.lines[i].sent for i in first)
        self.desk.end(Ending("canary", _told_at_the_gate(len(first), sent)))

    def _freshen(self) -> None:
        """What is ready and was read long ago, or was written by another run since, is read once more."""
        desk, now = self.desk, time.monotonic()
        desk.waited = False
        old = {i for tried in desk.ready for i in _ids(tried) if now - desk.read_at.get(i, 0.0) > FRESH} | desk.stale
        desk.stale = set()
        tries = [tried for tried in desk.ready if not old.isdisjoint(_ids(tried))]
        if not tries:
            return
        desk.ready = deque(tried for tried in desk.ready if old.isdisjoint(_ids(tried)))
        ids = [i for tried in tries for i in _ids(tried)]
        self.busy = True
        desk.words = f"Reading {len(ids):,} records once more after a wait"
        desk.submit(self.readers, lambda: desk.read(ids, "check"), lambda got: self._freshened(tries, got))

    def _freshened(self, tries: Sequence[Try], got: Reading) -> None:
        desk, self.busy = self.desk, False
        desk.keep(got.kept)
        if got.records is None:
            desk.ready.extendleft(reversed(tries))
            desk.stale.update(i for tried in tries for i in _ids(tried))
            self._unreadable(got)
            return
        desk.failures = 0
        again: list[Try] = []
        for tried in tries:
            rows = (*tried.step.rows, *tried.rest)
            left = [row for row in rows if self._still_to_send(row, got.records)]
            again += [tried] if len(left) == len(rows) else untried(tried, left)
        desk.ready.extendleft(reversed(again))

    def _still_to_send(self, row: ChangeSet, live: Mapping[RecordId, Record]) -> bool:
        if result := proving.held(self.desk.opened, row, live.get(row.record_id)):
            self.desk.settle(row, result, watched=False)
            return False
        self.desk.seen(row.record_id, live[row.record_id])
        return True

    def _read(self, window: list[Step]) -> None:
        self._next, self.busy = None, True
        ids = [i for step in window for i in step.ids]
        wanted = [i for i in ids if i not in self.known]
        self.desk.words = f"Reading {counted(len(ids), 'record')} once more before writing"
        self.desk.submit(self.readers, lambda: self.desk.read(wanted, "check"), lambda got: self._checked(window, got))

    def _checked(self, window: list[Step], got: Reading) -> None:
        desk, self.busy = self.desk, False
        desk.keep(got.kept)
        if got.records is None:
            assert got.error is not None
            self._next = window
            self._unreadable(got)
            return
        desk.failures = 0
        live = {**self.known, **got.records}
        held: set[RecordId] = set()
        for row in (row for step in window for row in step.rows):
            if result := proving.held(desk.opened, row, live.get(row.record_id)):
                held.add(row.record_id)
                desk.settle(row, result)
            else:
                desk.seen(row.record_id, live[row.record_id])
        desk.ready += [Try(left) for step in window if (left := without(step, held.__contains__)) is not None]

    def _unreadable(self, got: Reading) -> None:
        assert got.error is not None
        if self.desk.patient:
            self.desk.hold(got.error, "The records could not be read.")
        else:
            self.desk.end(Ending("stopped", f"Stopped: the records could not be read. {got.error.message}"))


def _ids(tried: Try) -> tuple[RecordId, ...]:
    return (*tried.step.ids, *(row.record_id for row in tried.rest))


def _told_at_the_gate(rows: int, sent: int) -> str:
    which = "The first record" if rows == 1 else f"The first {rows:,} records"
    how = f"{'was' if rows == 1 else 'were'} sent before the others, to be looked at"
    if sent < rows:
        how = "needed no sending, or could not be sent" if not sent else f"had to go first; {sent:,} of them were sent"
    return f"{which} {how}. See what came of it, then go on or cancel the rest."


def without(step: Step, leave_out: Callable[[RecordId], bool]) -> Step | None:
    rows = tuple(row for row in step.rows if not leave_out(row.record_id))
    if not rows:
        return None
    return Step(step.form if len(rows) > 1 or step.form is Form.PUT else Form.PATCH, rows)
