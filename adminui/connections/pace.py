"""Limits of a connection that hold over all processes: lock files on one machine, PostgreSQL's locks over many.

Both die with their holder. When their medium fails, calls go on within the limits of each process, and the log says so.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar
from zlib import crc32

from django.conf import settings
from django.db import connection

from adminui.connections.config import Connection
from adminui.connections.tables import Tables
from adminui.connections.ways import GATE, SHUT, Shared
from adminui.remote.board import Board
from adminui.remote.pacing import Keeper

T = TypeVar("T")
BOARD: Final = "board"  # a lane for whoever edits it; its first place is the file
EDITION: Final = 1 << 16  # the most bytes of one


def keeper_for(connected: Connection) -> Keeper:
    """Of the one API that a connection leads to now: under the same name, another address is another API."""
    told = f"{connected.name} {connected.dialect} {connected.base_url}"
    key = hashlib.sha256(told.encode()).hexdigest()[:20]
    if connection.vendor == "postgresql":
        return Tables(key, connected.name)
    return Files(Path(settings.VAR_DIR) / "lanes" / key)


class Files(Shared):
    """Locked files in one folder: an unlocked place costs microseconds. For processes of one machine."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._open: dict[tuple[str, int], int] = {}
        self._writing = threading.Lock()

    def grab(self, lane: str, numbers: Sequence[int], *, gated: bool) -> int:
        if not gated and not self._locked(lane, GATE):
            return SHUT
        for number in numbers:
            if self._locked(lane, number):
                self.release(lane, GATE)
                return number
        return GATE

    def release(self, lane: str, number: int) -> None:
        fcntl.flock(self._file(lane, number), fcntl.LOCK_UN)

    def _locked(self, lane: str, number: int) -> bool:
        try:
            fcntl.flock(self._file(lane, number), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _file(self, lane: str, number: int) -> int:
        found = self._open.get((lane, number))
        if found is None:
            name = hashlib.sha256(lane.encode()).hexdigest()[:12]
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._open[lane, number] = os.open(self.folder / f"{name}.{number}", os.O_RDWR | os.O_CREAT, 0o600)
            weakref.finalize(self, os.close, found)
        return found

    def read(self) -> tuple[Board, float]:
        return self._newest()[1], time.time()

    def _newest(self) -> tuple[int, Board]:
        """The number of the newest whole edition, and what it says; the other one may be half written just now."""
        file = self._file(BOARD, 1)
        number, text = max(_edition(os.pread(file, EDITION, place * EDITION)) for place in (0, 1))
        return number, Board.from_text(text)

    def write(self, edit: Callable[[Board, float], T]) -> tuple[T, Board]:
        """Each edition is written over the one before the last, so that one is whole, whoever is killed when."""
        with self._writing:
            self._wait_for_board()
            try:
                number, board = self._newest()
                result = edit(board, time.time())
                said = f"{number + 1} {board.to_text()}".encode()
                whole = b"%d %s\n" % (crc32(said), said)
                if len(whole) > EDITION:
                    raise OSError("the board of calls is full")
                os.pwrite(self._file(BOARD, 1), whole, (number + 1) % 2 * EDITION)
                return result, board
            finally:
                self.release(BOARD, GATE)

    def _wait_for_board(self) -> None:
        """Who holds it writes a line and is done, unless the machine has put that process to sleep."""
        until = time.monotonic() + 2.0
        while not self._locked(BOARD, GATE):
            if time.monotonic() > until:
                raise TimeoutError("the board of calls is held by a process that does not go on")
            time.sleep(0.0002)

    def close(self) -> None:
        """The files are closed with the last thread that uses them."""


def _edition(found: bytes) -> tuple[int, str]:
    """What was written whole, with its number; nothing otherwise."""
    check, _, said = found.partition(b"\n")[0].partition(b" ")
    if not check.isdigit() or int(check) != crc32(said):
        return 0, ""
    number, _, text = said.decode().partition(" ")
    return int(number), text
