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
    run = ledger.claim(ledger.me())
    if run is None:
        return False
    try:
        carry_out(run, stopping=stopping)
    except Exception:
        logger.exception("Run %s broke down on our side", run.pk)
        ledger.broke_down(run)
    else:
        homecoming.absorb(run)
    return True


def carry_out(
    run: Run, *, known: Mapping[RecordId, Record] | None = None, stopping: threading.Event | None = None
) -> None:
    """Execute a run this process has claimed, holding its lease all the while."""
    with leases.held(lambda: ledger.renew(run, run.owner), stopping or threading.Event()) as interrupted:
        execute(run, known=known, interrupted=interrupted)
