"""How a connection is shared with other processes: the keeper it takes, one for a process that is alone, and queues."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from adminui.remote.board import Board

T = TypeVar("T")
CONNECTION: Final = "*"  # the lane of all calls of a connection


class Way(Protocol):
    """One caller's way into a lane. Only its own thread uses it."""

    def ready(self) -> bool:
        """Whether there is a place for it now. A caller that has to wait keeps its turn before later ones."""

    def end(self) -> None:
        """Give the place back, or give up waiting."""


class Keeper(Protocol):
    """What is shared by all who use a connection. What one of them holds is free as soon as that process is dead."""

    often: float  # seconds between two looks for a free place, at least

    def way(self, lane: str, cap: int) -> Way:
        """A way to one of `cap` places in a lane."""

    def look(self) -> tuple[Board, float]:
        """The board as it stands, and the time on its clock."""

    def change(self, edit: Callable[[Board, float], T]) -> T:
        """Edit the board while nobody else does; `edit` may be called again on a newer one."""

    def close(self) -> None:
        """Let go of what was opened."""


class _Free:
    def ready(self) -> bool:
        return True

    def end(self) -> None:
        pass


_FREE: Final = _Free()


@dataclass
class Alone:
    """Of a process that shares the connection with no other: its own queues are all there is."""

    clock: Callable[[], float] = time.time
    often: float = 0.01

    def __post_init__(self) -> None:
        self._board = Board()
        self._lock = threading.Lock()

    def way(self, lane: str, cap: int) -> Way:
        return _FREE

    def look(self) -> tuple[Board, float]:
        with self._lock:
            now = self.clock()
            self._board.tidy(now)
            return Board.from_text(self._board.to_text()), now

    def change(self, edit: Callable[[Board, float], T]) -> T:
        with self._lock:
            return edit(self._board, self.clock())

    def close(self) -> None:
        pass


class Queue:
    """Places for the threads of this process, first come, first served: whoever gives one back goes to the end."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._waiting: deque[threading.Lock] = deque()

    def try_take(self) -> bool:
        with self._lock:
            if not self._free:
                return False
            self._free -= 1
            return True

    def take(self) -> None:
        """Wait for a place."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()

    def give(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
