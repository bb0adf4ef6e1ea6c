"""Before the write: rows in windows, each read again and checked three ways shortly before its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step
from adminui.planning.rescue import Try
from adminui.records.values import Record, RecordId
from adminui.services import proving
from adminui.services.engine.desk import Desk, Ending, Reading

# What is checked together: 2,000 rows in bulk calls, 200 in PATCHes, 20 in PUTs, which carry what was read of the
# untouched fields and so must follow the reading closely.
WINDOW = 2_000
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
            if rows == self.gate:
                yield []
        if window:
            yield window

    def go(self, *, idle: bool) -> None:
        """Have the next window read a little before its turn; a PUT's only when nothing is left to send. `idle`: all
        rows so far are settled.
        """
        desk = self.desk
        if desk.ending is not None or self.busy or desk.holding:
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
        first = "The first record was" if self.gate == 1 else f"The first {self.gate:,} records were"
        words = f"{first} sent before the others, to be looked at. See what came of it, then go on or cancel the rest."
        self.desk.end(Ending("canary", words))

    def _read(self, window: list[Step]) -> None:
        self._next, self.busy = None, True
        ids = [i for step in window for i in step.ids]
        wanted = [i for i in ids if i not in self.known]
        self.desk.words = f"Reading {len(ids):,} records once more before writing"
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
                desk.live[row.record_id] = live[row.record_id]
        desk.ready += [Try(left) for step in window if (left := without(step, held.__contains__)) is not None]

    def _unreadable(self, got: Reading) -> None:
        assert got.error is not None
        if self.desk.patient:
            self.desk.hold(got.error, "The records could not be read.")
        else:
            self.desk.end(Ending("stopped", f"Stopped: the records could not be read. {got.error.message}"))


def without(step: Step, leave_out: Callable[[RecordId], bool]) -> Step | None:
    rows = tuple(row for row in step.rows if not leave_out(row.record_id))
    if not rows:
        return None
    return Step(step.form if len(rows) > 1 or step.form is Form.PUT else Form.PATCH, rows)
