"""`manage.py worker`: carries out approved plans, and beside them reads worksheets. Start more workers for more."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection

from adminui.connections import live
from adminui.runs import ledger
from adminui.services import practice, reading, undoing, worker

logger = logging.getLogger(__name__)
GARBAGE = 50_000  # objects between collections: records come as many small ones, hardly ever in circles
SWITCH = 0.0005  # seconds a busy thread keeps others waiting: an answer that has come is not to wait ten times as long
SIDE_BY_SIDE = 3  # runs of one worker at once: a small one does not wait for the end of a large one
Work = tuple[Callable[[threading.Event], bool], float]  # what to do, and seconds between looks for it


class Command(BaseCommand):
    help = "Carry out approved plans, and read worksheets, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is left to do")
        parser.add_argument("--side-by-side", type=int, default=SIDE_BY_SIDE, metavar="N", help="runs at once")

    def handle(self, *args: Any, **options: Any) -> None:
        live.be_patient(60)
        gc.set_threshold(GARBAGE, 20, 50)
        sys.setswitchinterval(SWITCH)
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        others: list[Work] = [(worker.work_once, 0.25)] * (options["side_by_side"] - 1)
        kinds: list[Work] = [
            (worker.work_once, worker.IDLE),
            *others,
            (reading.read_once, worker.IDLE),
            (practice.practise_once, 0.25),
            (lambda stopping: undoing.revert_once(), 1.0),
        ]
        while _side_by_side(kinds, stopping, once=options["once"]) and not stopping.is_set():
            pass


def _side_by_side(kinds: list[Work], stopping: threading.Event, *, once: bool) -> bool:
    """Each kind of work in a thread of its own, so that none delays another; whether there was anything to do."""
    busy: list[bool] = []

    def do(work: Work) -> None:
        try:
            busy.append(_work(work, stopping, once=once))
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(work,), name=f"work {n}") for n, work in enumerate(kinds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():  # in turns, so that the main thread hears signals
            thread.join(0.2)
    return any(busy)


def _work(kind: Work, stopping: threading.Event, *, once: bool) -> bool:
    """Until stopped, or with `once` until nothing is left; whether anything was done."""
    work, idle = kind
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
            if once and not (work is worker.work_once and ledger.silent()):  # one that fell silent is looked at twice
                break
            stopping.wait(idle)
    return worked
