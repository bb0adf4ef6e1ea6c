"""Taking a run, holding its lease while it is carried out, and bringing the outcomes home."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from adminui.records.values import Record, RecordId
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.services import homecoming, leases
from adminui.services.execution import execute

logger = logging.getLogger(__name__)
IDLE = 0.05  # seconds between looks at the queue: what a person waits at most before their run starts


def work_once(stopping: threading.Event | None = None) -> bool:
    """Carry out one run, if any waits; whether there was one. `stopping` ends it between requests, to be continued."""
    return work_on(None, stopping)


def work_on(run_id: int | None, stopping: threading.Event | None = None) -> bool:
    """The same for this run, if it waits; None is the oldest that does."""
    run = ledger.claim(ledger.me(), run_id)
    if run is not None:
        work_through(run, stopping)
    return run is not None


def work_through(run: Run, stopping: threading.Event | None = None) -> None:
    """Carry out a run that was just claimed, as far as it goes."""
    try:
        carry_out(run, stopping=stopping)
    except Exception:
        logger.exception("Run %s broke down on our side", run.pk)
        ledger.broke_down(run)
    else:
        homecoming.absorb(run)


def carry_out(
    run: Run,
    *,
    known: Mapping[RecordId, Record] | None = None,
    stopping: threading.Event | None = None,
    patient: bool = True,
) -> None:
    """Execute a run this process has claimed, holding its lease all the while."""
    with leases.held(lambda: ledger.renew(run, run.owner), stopping or threading.Event()) as interrupted:
        execute(run, known=known, interrupted=interrupted, patient=patient)
