"""How fast one connection may be used: lanes, an hour's budget, pauses the API asked for. Every wait is visible."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from adminui.dialects.errors import Throttled

HOUR = 3600.0


@dataclass(frozen=True)
class Waiting:
    """A wait going on now: why, and until when, where that is known."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Budget:
    """Calls made in the rolling hour, the most allowed (None: no limit), and seconds until the next is free."""

    used: int
    limit: int | None
    free_in: float = 0.0

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


class Throttle:
    """Turns to call one API, within this process. Waits for other calls end with those; waits for time are bounded."""

    def __init__(
        self,
        max_concurrency: int = 4,
        requests_per_hour: int | None = None,
        *,
        on_wait: Callable[[Waiting | None], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.max_concurrency = max_concurrency
        self.requests_per_hour = requests_per_hour
        self._on_wait = on_wait
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(max_concurrency)
        self._lanes: dict[tuple[str, int], threading.BoundedSemaphore] = {}
        self._calls: deque[float] = deque()
        self._closed_until: dict[str, float] = {}
        self._waits: list[Waiting] = []

    @contextmanager
    def turn(self, lane: str = "", cap: int | None = None, patience: float = 60.0) -> Iterator[float]:
        """Hold a place to send one request; gives the seconds waited for time. Raises Throttled beyond `patience`.

        A lane's place is taken before the connection's, so that one busy lane never starves the others.
        """
        with self._place(self._lane(lane, cap), f"other calls to {lane}"):
            waited = self._wait_for_time(lane, patience)
            with self._place(self._slots, "other calls on this connection"):
                yield waited

    def hold_off(self, lane: str, seconds: float) -> None:
        """Nobody takes a turn in this lane for so long: the API said there were too many calls."""
        with self._lock:
            self._closed_until[lane] = max(self._closed_until.get(lane, 0.0), self._clock() + seconds)

    def budget(self) -> Budget:
        with self._lock:
            self._forget_old_calls()
            return Budget(len(self._calls), self.requests_per_hour, self._until_budget())

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        with self._lock:
            return tuple(self._waits)

    def _lane(self, lane: str, cap: int | None) -> threading.BoundedSemaphore | None:
        if cap is None:
            return None
        with self._lock:
            return self._lanes.setdefault((lane, cap), threading.BoundedSemaphore(cap))

    @contextmanager
    def _place(self, places: threading.BoundedSemaphore | None, reason: str) -> Iterator[None]:
        if places is None:
            yield
            return
        if not places.acquire(blocking=False):
            with self._shown(Waiting(reason)):
                places.acquire()
        try:
            yield
        finally:
            places.release()

    def _wait_for_time(self, lane: str, patience: float) -> float:
        waited = 0.0
        while True:
            seconds, reason = self._take_call(lane)
            if seconds <= 0:
                return waited
            if waited + seconds > patience:
                raise Throttled(f"No call before {_words(seconds)}: {reason}.", status=None, retry_after=seconds)
            with self._shown(Waiting(reason, datetime.now(UTC) + timedelta(seconds=seconds))):
                self._sleep(seconds)
            waited += seconds

    def _take_call(self, lane: str) -> tuple[float, str]:
        """Count a call and give 0, or give the seconds it has to wait and why."""
        with self._lock:
            self._forget_old_calls()
            pause, full = self._closed_until.get(lane, 0.0) - self._clock(), self._until_budget()
            if pause <= 0 and full <= 0:
                self._calls.append(self._clock())
                return 0.0, ""
            if full > pause:
                return full, f"the {self.requests_per_hour:,} calls of this hour are used up"
            return pause, "the API asked for fewer calls"

    def _forget_old_calls(self) -> None:
        while self._calls and self._calls[0] <= self._clock() - HOUR:
            self._calls.popleft()

    def _until_budget(self) -> float:
        if self.requests_per_hour is None or len(self._calls) < self.requests_per_hour:
            return 0.0
        return self._calls[0] + HOUR - self._clock() if self._calls else HOUR

    @contextmanager
    def _shown(self, waiting: Waiting) -> Iterator[None]:
        with self._lock:
            self._waits.append(waiting)
        self._tell(waiting)
        try:
            yield
        finally:
            with self._lock:
                self._waits.remove(waiting)
            self._tell(None)

    def _tell(self, waiting: Waiting | None) -> None:
        if self._on_wait:
            self._on_wait(waiting)


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
