"""`manage.py worker`: carries out approved plans, and beside them reads worksheets. Start more workers for more."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection

from adminui.connections import live
from adminui.services import reading, worker

logger = logging.getLogger(__name__)
GARBAGE = 50_000  # objects between collections: records come as many small ones, hardly ever in circles
Work = Callable[[threading.Event], bool]


class Command(BaseCommand):
    help = "Carry out approved plans, and read worksheets, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        live.be_patient(60)
        gc.set_threshold(GARBAGE, 20, 50)
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while _side_by_side(stopping, once=options["once"]) and not stopping.is_set():
            pass


def _side_by_side(stopping: threading.Event, *, once: bool) -> bool:
    """Runs here and readings in a thread, so that a long reading delays no run; whether there was anything to do."""
    busy: list[bool] = []

    def read() -> None:
        try:
            busy.append(_work(reading.read_once, stopping, once=once))
        finally:
            connection.close()

    reader = threading.Thread(target=read, name="readings")
    reader.start()
    busy.append(_work(worker.work_once, stopping, once=once))
    reader.join()
    return any(busy)


def _work(work: Work, stopping: threading.Event, *, once: bool) -> bool:
    """Until stopped, or with `once` until nothing is left; whether anything was done."""
    worked = False
    while not stopping.is_set():
        close_old_connections()
        try:
            busy = work(stopping)
        except Exception:
            logger.exception("The worker cannot reach its ledger; it goes on when it can")
            stopping.wait(1)
            busy = False
        worked |= busy
        if not busy:
            if once:
                break
            stopping.wait(worker.IDLE)
    return worked
