"""Carrying out a run because an engine said so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connections

from adminui.connections import live
from adminui.services import worker

SWEEP = 5  # seconds between looks for runs whose message was lost, or whose worker was
HEED = 0.2  # seconds between looks whether the engine wants to end
PATIENCE = 60  # seconds a call may wait when an API asks us to slow down


def go_on(run_id: int, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Carry the run out, unless somebody does, it is over, or it waits for a person or for its time."""
    close_old_connections()
    live.be_patient(PATIENCE)
    try:
        with _heeding(should_stop) as stopping:
            worker.work_on(run_id, stopping)
    finally:
        connections.close_all()  # the engine's thread may never come back for it


@contextmanager
def _heeding(should_stop: Callable[[], bool]) -> Iterator[threading.Event]:
    """Set when the engine wants to end: what is on its way is settled, and the run left to the next worker."""
    stopping, over = threading.Event(), threading.Event()

    def look() -> None:
        while not over.wait(HEED):
            if should_stop():
                stopping.set()
                return

    looking = threading.Thread(target=look, name="engine", daemon=True)
    looking.start()
    try:
        yield stopping
    finally:
        over.set()
        looking.join()
