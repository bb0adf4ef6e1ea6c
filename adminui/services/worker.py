"""Taking a run, holding its lease while it is carried out, and bringing the outcomes home."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection

from adminui.records.values import Record, RecordId
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.services import sheets
from adminui.services.execution import execute

logger = logging.getLogger(__name__)
IDLE = 0.05  # seconds between looks at the queue: what a person waits at most before their run starts


def work_once(stopping: threading.Event | None = None) -> bool:
    """Carry out one run, if any waits; whether there was one. `stopping` ends it between requests, to be continued."""
    run = ledger.claim(ledger.me())
    if run is None:
        return False
    try:
        carry_out(run, stopping=stopping)
    except Exception:
        logger.exception("Run %s broke down on our side", run.pk)
        ledger.broke_down(run)
    else:
        sheets.absorb(run)
    return True


def carry_out(
    run: Run, *, known: Mapping[RecordId, Record] | None = None, stopping: threading.Event | None = None
) -> None:
    """Execute a run this process has claimed, holding its lease all the while."""
    with _lease_held(run, stopping or threading.Event()) as interrupted:
        execute(run, known=known, interrupted=interrupted)


@contextmanager
def _lease_held(run: Run, stopping: threading.Event) -> Iterator[threading.Event]:
    """Renews the lease from a thread of its own; the event it gives is set when this process must let go of the run."""
    over, lost = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            due = 0.0
            while not over.wait(0.2):
                due += 0.2
                if stopping.is_set():
                    lost.set()
                if due >= ledger.LEASE.total_seconds() / 3:
                    due = 0.0
                    if not ledger.renew(run, run.owner):
                        lost.set()
        finally:
            connection.close()

    holder = threading.Thread(target=hold, daemon=True, name=f"lease-{run.pk}")
    holder.start()
    try:
        yield lost
    finally:
        over.set()
        holder.join()
