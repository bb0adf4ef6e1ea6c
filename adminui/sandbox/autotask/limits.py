"""Three calls at once per object endpoint, and a rolling hour for the whole tenant that slows down before it stops."""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager

from adminui.sandbox.autotask import refusals
from adminui.sandbox.autotask.switches import Switches

TIMEFRAME_MINUTES = 60
_SLOW = ((0.75, 1.0), (0.5, 0.5))  # share of the hour used, seconds added to each call


class Limits:
    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._calls: deque[float] = deque()

    @contextmanager
    def call(self, endpoint: str, method: str) -> Iterator[None]:
        """Hold one of the endpoint's threads for as long as the call takes; 429 when there is none."""
        pause = self._enter(endpoint, method)
        try:
            if pause:
                time.sleep(pause)
            yield
        finally:
            with self._lock:
                self._running[endpoint] -= 1

    def used(self) -> int:
        with self._lock:
            return self._used()

    def _enter(self, endpoint: str, method: str) -> float:
        threads, limit = int(self._switches.number("threads_per_object")), int(self._switches.number("hour_limit"))
        with self._lock:
            if self._running[endpoint] >= threads:
                raise refusals.too_many_threads(threads, method)
            used = self._used()
            if used >= limit:
                raise refusals.hour_spent(limit)
            self._running[endpoint] += 1
            self._calls.append(time.monotonic())
        return self._switches.number("latency") + self._added(used / limit)

    def _added(self, share: float) -> float:
        seconds = next((seconds for floor, seconds in _SLOW if share >= floor), 0.0)
        return seconds * self._switches.number("latency_scale")

    def _used(self) -> int:
        oldest = time.monotonic() - TIMEFRAME_MINUTES * 60
        while self._calls and self._calls[0] < oldest:
            self._calls.popleft()
        return int(self._switches.number("hour_start")) + len(self._calls)
