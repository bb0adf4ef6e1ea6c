"""`manage.py worker`: carries out approved plans. One run at a time; start more workers for more."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from adminui.connections import live
from adminui.services import worker

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Carry out approved plans until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        live.be_patient(60)
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not stopping.is_set():
            close_old_connections()
            try:
                busy = worker.work_once(stopping)
            except Exception:
                logger.exception("The worker cannot reach its ledger; it goes on when it can")
                stopping.wait(1)
                busy = False
            if not busy:
                if options["once"]:
                    return
                stopping.wait(worker.IDLE)
