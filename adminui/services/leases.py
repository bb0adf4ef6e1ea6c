"""Holding a lease while the work it is on is done, from a thread of its own: a slow answer must not cost the lease."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import Error, connection

from adminui.runs.ledger import LEASE

logger = logging.getLogger(__name__)
# Far more often than it would run out: should somebody set the clock, it is soon right again.
RENEWED_EVERY = min(2.0, LEASE.total_seconds() / 3)


class Hold(threading.Event):
    """Set when this process must let go of the work: because it was told so, or because the lease was not renewed for
    as long as it lasts, by whichever clock. So a machine that was put to sleep sends nothing when it wakes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.renewed(_clocks())

    def renewed(self, at: tuple[float, float]) -> None:
        self._renewed = at

    def is_set(self) -> bool:
        gone = max(now - then for now, then in zip(_clocks(), self._renewed, strict=True))
        return super().is_set() or gone > LEASE.total_seconds()


def _clocks() -> tuple[float, float]:
    """One that runs while the machine sleeps, and the wall's, which knows when a machine was frozen from outside."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)), time.time()


@contextmanager
def held(renew: Callable[[], bool], stopping: threading.Event) -> Iterator[Hold]:
    """Renews all the while; the event it gives is set when this process must let go of the work."""
    over, lost = threading.Event(), Hold()

    def hold() -> None:
        try:
            due = 0.0
            while not over.wait(0.2):
                due += 0.2
                if stopping.is_set():
                    lost.set()
                if due >= RENEWED_EVERY:
                    due = 0.0
                    _renew(renew, lost)
        finally:
            connection.close()

    holder = threading.Thread(target=hold, daemon=True, name="lease")
    holder.start()
    try:
        yield lost
    finally:
        over.set()
        holder.join()


def _renew(renew: Callable[[], bool], lease: Hold) -> None:
    """A database that cannot be reached just now has given the lease to nobody so far: it is tried again."""
    asked = _clocks()
    try:
        if renew():
            lease.renewed(asked)
        else:
            lease.set()
    except Error:
        logger.exception("A lease cannot be renewed just now")
        connection.close()
