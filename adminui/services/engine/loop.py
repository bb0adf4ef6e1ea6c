"""The engine's loop: heed, check, send, look, write down, wait for whatever comes back first."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from adminui.planning.plan import Step
from adminui.records.values import Record, RecordId
from adminui.services.book import Book, Line
from adminui.services.catalog import Opened
from adminui.services.engine.checking import Checking
from adminui.services.engine.desk import HEED_EVERY, Desk, Ending
from adminui.services.engine.proving import Proving
from adminui.services.engine.sending import Sending


class Engine:
    """Carries out steps through one connection. `gate`: rows after which it stops, to be looked at. `passed`: failures
    it does not stop for; None: it never asks. Not `patient`: somebody waits for it, so that nothing is waited for.
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
        self.desk = Desk(opened, lines, book, passed, interrupted or threading.Event(), patient=patient)
        self.steps, self.gate, self.known = steps, gate, known or {}

    def go(self) -> Ending:
        number = max(1, self.desk.opened.can.max_concurrency)
        with ThreadPoolExecutor(number) as lanes, ThreadPoolExecutor(2) as readers:
            self.checking = Checking(self.desk, self.steps, readers, self.gate, self.known)
            self.proving = Proving(self.desk, readers)
            self.sending = Sending(self.desk, self.proving, lanes, number)
            self.proving.settle_interrupted()
            while self._turn():
                self.desk.land(self._nap())
            self.proving.look_again()
        self.desk.flush(now=True)
        return self._ending()

    def _turn(self) -> bool:
        """One round of what each hand can do now; whether there is more to come."""
        desk = self.desk
        desk.heed()
        sent = not self.sending.busy and not (desk.ready and desk.ending is None)
        self.checking.go(idle=sent and not self.checking.busy and not self.proving.busy and not self.proving.waiting)
        self.sending.go()
        self.proving.go(idle=sent and not self.sending.busy)
        desk.flush()
        return bool(desk.jobs) or self._more()

    def _more(self) -> bool:
        """Whether anything waits that is not on its way."""
        if self.proving.unread or (self.proving.doubts and not self.desk.interrupted.is_set()):
            return True
        return self.desk.ending is None and bool(self.desk.ready or self.checking.next is not None)

    def _nap(self) -> float:
        """Seconds to wait for what is on its way, or until something is due."""
        soon = [doubt.due for doubt in self.proving.doubts] + [self.desk.hold_until]
        left = [moment - time.monotonic() for moment in soon]
        if not self.desk.jobs and not any(seconds > 0 for seconds in left):
            return 0
        return min([HEED_EVERY, *(seconds for seconds in left if seconds > 0)])

    def _ending(self) -> Ending:
        desk = self.desk
        doubts = self.proving.doubts
        if desk.interrupted.is_set() and (desk.ending is None or desk.ending.how == "interrupted" or doubts):
            # With rows in doubt also where it was about to end in another way: that is asked, or met, once more.
            return Ending("interrupted", in_seconds=max([0.0, *map(self.proving.open_for, doubts)]))
        if desk.ending is not None and desk.ending.how == "trouble" and not self._left():
            return Ending("finished", desk.remark)  # there is nothing left to ask about
        return desk.ending or Ending("finished", desk.remark)

    def _left(self) -> bool:
        return bool(self.desk.ready) or self.checking.next is not None or bool(self.proving.doubts)
