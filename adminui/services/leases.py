"""Holding a lease while the work it is on is done, from a thread of its own: a slow answer must not cost the lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from adminui.runs.ledger import LEASE

# Far more often than it would run out: should somebody set the clock, it is soon right again.
RENEWED_EVERY = min(2.0, LEASE.total_seconds() / 3)


@contextmanager
def held(renew: Callable[[], bool], stopping: threading.Event) -> Iterator[threading.Event]:
    """Renews all the while; the event it gives is set when this process must let go of the work."""
    over, lost = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            due = 0.0
            while not over.wait(0.2):
                due += 0.2
                if stopping.is_set():
                    lost.set()
                if due >= RENEWED_EVERY:
                    due = 0.0
                    if not renew():
                        lost.set()
        finally:
            connection.close()

    holder = threading.Thread(target=hold, daemon=True, name="lease")
    holder.start()
    try:
        yield lost
    finally:
        over.set()
        holder.join()
