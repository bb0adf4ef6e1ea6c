"""What the media of shared limits have in common: queueing for a lane's places, and going on without the medium."""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from django.db import Error

from adminui.remote.board import Board
from adminui.remote.pacing import Way

T = TypeVar("T")
logger = logging.getLogger(__name__)
GATE: Final = 0  # the number of a lane's turnstile; its places have the numbers from 1 on
SHUT: Final = -1
COMPLAIN: Final = 60.0  # seconds between two lines in the log about the same failure


class Shared(ABC):
    """A keeper that knows which places its own process holds. When its medium fails, it keeps to what it last knew."""

    often = 0.0005

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lanes: defaultdict[str, _Lane] = defaultdict(_Lane)
        self._last = Board()  # as last read or written
        self._complained = float("-inf")

    @abstractmethod
    def grab(self, lane: str, numbers: Sequence[int], *, gated: bool) -> int:
        """Lock the first free of these places: its number, or GATE when there is none, or SHUT.

        Unless `gated`, the gate is locked first: SHUT when somebody else has it. It stays locked only when there is no
        place, for whoever waits. Called with `lock` held.
        """

    @abstractmethod
    def release(self, lane: str, number: int) -> None:
        """Unlock the gate or a place."""

    @abstractmethod
    def read(self) -> tuple[Board, float]: ...

    @abstractmethod
    def write(self, edit: Callable[[Board, float], T]) -> tuple[T, Board]:
        """The edit's own result, and the board as it is now."""

    @abstractmethod
    def close(self) -> None: ...

    def way(self, lane: str, cap: int) -> Way:
        return _Way(self, lane, cap)

    def look(self) -> tuple[Board, float]:
        try:
            self._last, now = self.read()
        except (OSError, Error) as error:
            self.complain(error)
            now = time.time()
        self._last.tidy(now)
        return self._last, now

    def change(self, edit: Callable[[Board, float], T]) -> T:
        try:
            result, self._last = self.write(edit)
        except (OSError, Error) as error:
            self.complain(error)
            result = edit(self._last, time.time())
        return result

    def complain(self, error: Exception) -> None:
        if time.monotonic() - self._complained > COMPLAIN:
            self._complained = time.monotonic()
            logger.error("Limits hold for each process on its own now, not for all: %s", error)


class _Lane:
    """Of this process's own threads: who has the gate, and which places are held."""

    def __init__(self) -> None:
        self.gated = False
        self.held: set[int] = set()


class _Way:
    """Through the gate, which stays shut behind somebody who has to wait, to a free place."""

    __slots__ = ("_cap", "_gated", "_keeper", "_lane", "_name", "_place")

    def __init__(self, keeper: Shared, name: str, cap: int) -> None:
        self._keeper, self._name, self._cap = keeper, name, cap
        self._lane = keeper.lanes[name]
        self._gated = False
        self._place = GATE

    def ready(self) -> bool:
        keeper, lane = self._keeper, self._lane
        with keeper.lock:
            if lane.gated and not self._gated:
                return False
            numbers = [n for n in range(1, self._cap + 1) if n not in lane.held]
            try:
                found = keeper.grab(self._name, numbers, gated=self._gated)
            except (OSError, Error) as error:
                keeper.complain(error)
                found = numbers[0] if numbers else SHUT
            if found == SHUT:
                return False
            self._gated = lane.gated = found == GATE
            if found == GATE:
                return False
            self._place = found
            lane.held.add(found)
            return True

    def end(self) -> None:
        keeper, lane = self._keeper, self._lane
        with keeper.lock:
            if self._gated:
                lane.gated = self._gated = False
                self._give(GATE)
            if self._place != GATE:
                lane.held.discard(self._place)
                self._give(self._place)
                self._place = GATE

    def _give(self, number: int) -> None:
        try:
            self._keeper.release(self._name, number)
        except (OSError, Error) as error:
            self._keeper.complain(error)
