"""How fast one connection may be used: lanes, an hour's budget, pauses the API asked for. Every wait is visible."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from adminui.dialects.errors import NotSent, Throttled
from adminui.remote.board import HOUR, Board, minute_left, minute_of
from adminui.remote.pacing import CONNECTION, Alone, Keeper, Queue, Way

LOOK: Final = 0.25  # seconds between two looks at what other processes wrote on the board
RENEW: Final = 5.0  # seconds a sleeper sleeps at most before it says again that it waits
SELDOM: Final = 0.02  # seconds between two looks for a place, once it has been waited for long
WORTH_TELLING: Final = 1.0  # seconds of waiting from which on other processes are told
_SLOW_DOWN: Final = "the API asked for fewer calls"
_HERE: Final = socket.gethostname()[:40]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Waiting:
    """A wait going on now: why, and until when, where that is known."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True)
class Budget:
    """Calls of the rolling hour, of all processes; the most allowed (None: no limit); seconds until the next is free.

    `others`: calls among those `used` that other programs made, where the API told. `frees`: in how many seconds how
    many of our own calls leave the hour.
    """

    used: int
    limit: int | None
    free_in: float = 0.0
    others: int | None = None
    frees: tuple[tuple[float, int], ...] = field(default=(), compare=False)

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


class Throttle:
    """Turns to call one API. Waits for other calls end with those; waits for time are bounded.

    Threads of this process queue here; then the keeper stands for all other processes. `sleep` gives True when there
    is no use in sleeping on, because the connection was closed.
    """

    def __init__(
        self,
        max_concurrency: int = 4,
        requests_per_hour: int | None = None,
        *,
        longest: float = 90.0,
        keeper: Keeper | None = None,
        on_wait: Callable[[Waiting | None], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.max_concurrency = max_concurrency
        self.requests_per_hour = requests_per_hour
        self.longest = longest  # seconds; nobody needs a place for more than that
        self._keeper = keeper or Alone(clock)
        self._on_wait = on_wait
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._queues: dict[tuple[str, int], Queue] = {}
        self._waits: list[Waiting] = []
        self._reserved = 0  # calls of this minute that are counted already
        self._minute, self._minute_ends = 0, 0.0
        self._closed_until: dict[str, float] = {}
        self._full_until = 0.0
        self._seen_at = float("-inf")
        self.asks_for_usage = False

    @contextmanager
    def turn(self, lane: str = "", cap: int | None = None, patience: float = 60.0) -> Iterator[float]:
        """Hold a place to send one request; gives the seconds waited for time. Raises Throttled beyond `patience`.

        A lane's place is taken before the connection's, so that one busy lane never starves the others; and the call
        is counted last, when nothing more keeps it from being sent.
        """
        waited = 0.0
        with self._place(lane, cap, f"other calls to {lane}") if cap else nullcontext():
            while True:
                waited += self._wait_for_time(lane, patience - waited)
                with self._place(CONNECTION, self.max_concurrency, "other calls on this connection"):
                    if self._count_call(lane):
                        yield waited
                        return

    def hold_off(self, lane: str, seconds: float) -> None:
        """Nobody takes a turn in this lane for so long, anywhere: the API said there were too many calls."""
        pause = min(seconds, HOUR)

        def edit(board: Board, now: float) -> None:
            board.tidy(now)
            board.pause(lane, now, pause)
            self._see(board, now)

        with self._lock:
            self._keeper.change(edit)

    def budget(self) -> Budget:
        with self._lock:
            board, now = self._keeper.look()
            mine = self._reserved if self._minute == minute_of(now) else 0
        used, others = board.used(now) - mine, board.others(now)
        free_in, frees = board.free_in(now, self.requests_per_hour), board.frees(now)
        limit, told = self.requests_per_hour, board.usage.limit if board.usage and others is not None else None
        if told is not None and (limit is None or told - used - (others or 0) <= limit - used):
            return Budget(used + (others or 0), told, free_in, others, frees)
        return Budget(used, limit, free_in, None if others is None else 0, frees)

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """The waits of this process."""
        with self._lock:
            return tuple(self._waits)

    def waiting_anywhere(self) -> tuple[Waiting, ...]:
        """The waits for time of all processes."""
        board, now = self._keeper.look()
        at = datetime.now(UTC)
        return tuple(
            Waiting(why, at + timedelta(seconds=seconds))
            for why, seconds in sorted(board.waiting(now), key=lambda wait: wait[1])
        )

    def may_ask_usage(self) -> bool:
        """Of all processes one may ask the API for its own count, once in a while."""
        self.asks_for_usage = False
        board, now = self._keeper.look()
        return board.may_ask(now) and self._keeper.change(Board.claim_asking)

    def heard_usage(self, used: int, limit: int) -> None:
        with self._lock:
            minute, reserved = self._minute, self._reserved

            def edit(board: Board, now: float) -> None:
                board.heard(now, used, limit, reserved if minute == minute_of(now) else 0)
                self._see(board, now)

            self._keeper.change(edit)

    def close(self) -> None:
        """Give back the calls that were counted beforehand."""
        with self._lock:
            minute, calls, self._reserved = self._minute, self._reserved, 0
            try:
                if calls:
                    self._keeper.change(lambda board, now: board.give_back(minute, calls))
            finally:
                self._keeper.close()

    @contextmanager
    def _place(self, lane: str, cap: int, reason: str) -> Iterator[None]:
        queue = self._queues.get((lane, cap)) or self._queues.setdefault((lane, cap), Queue(cap))
        waiting = Waiting(reason)
        if not queue.try_take():
            with self._shown(waiting):
                queue.take()
        try:
            way = self._keeper.way(lane, cap)
            try:
                if not way.ready():
                    with self._shown(waiting):
                        self._wait_until_ready(way)
                yield
            finally:
                way.end()
        finally:
            queue.give()

    def _wait_until_ready(self, way: Way) -> None:
        """Until there is a place; or, when a process that stands still keeps it, until no call could last so long: one
        call too many is answered with a 429, a place kept for ever would stop everybody.
        """
        began = time.monotonic()
        while not way.ready():
            waited = time.monotonic() - began
            if waited > self.longest:
                logger.warning("A place to call the API was not given back for %.0f s; going on without", waited)
                return
            if self._sleep(min(self._keeper.often + waited / 20, SELDOM)) is True:
                raise NotSent("The connection was closed before the request was sent.")

    def _wait_for_time(self, lane: str, patience: float) -> float:
        waited = 0.0
        while True:
            seconds, reason = self._due_in(lane)
            if seconds <= 0:
                return waited
            if waited + seconds > patience:
                raise Throttled(f"No call before {_words(seconds)}: {reason}.", status=None, retry_after=seconds)
            waited += self._sleep_through(seconds, reason)

    def _sleep_through(self, seconds: float, reason: str) -> float:
        """Sleep until then, with a word to others now and then that somebody still waits; gives the seconds slept."""
        slept = 0.0
        with self._shown(Waiting(reason, datetime.now(UTC) + timedelta(seconds=seconds))):
            try:
                while slept < seconds:
                    nap = min(RENEW, seconds - slept)
                    self._tell_others(reason, seconds - slept)
                    if self._sleep(nap) is True:
                        raise NotSent("The connection was closed before the request was sent.")
                    slept += nap
            finally:
                self._tell_others("", seconds)
        return slept

    def _due_in(self, lane: str) -> tuple[float, str]:
        """Seconds until a call may be made in this lane, as far as is known, and why not before."""
        with self._lock:
            now = self._clock()
            if now - self._seen_at > LOOK:
                self._see(*self._keeper.look())
            pause = self._closed_until.get(lane, 0.0) - now
            full = 0.0 if self._reserved and now < self._minute_ends else self._full_until - now
        if pause <= 0 and full <= 0:
            return 0.0, ""
        return (full, self._used_up()) if full > pause else (pause, _SLOW_DOWN)

    def _used_up(self) -> str:
        limit = self.requests_per_hour
        return f"the {limit:,} calls of this hour are used up" if limit else "the calls of this hour are used up"

    def _count_call(self, lane: str) -> bool:
        """Count a call that is about to be sent; False when the hour was used up or a pause begun meanwhile."""
        with self._lock:
            now = self._clock()
            if self._closed_until.get(lane, 0.0) > now:
                return False
            if not self._reserved or now >= self._minute_ends:
                self._reserve()
            if not self._reserved:
                return False
            self._reserved -= 1
            return True

    def _reserve(self) -> None:
        old, left = self._minute, self._reserved

        def edit(board: Board, now: float) -> tuple[int, float]:
            board.give_back(old, left)
            taken = board.take(now, self.requests_per_hour)
            self._see(board, now)
            return taken, now

        self._reserved, now = self._keeper.change(edit)
        self._minute, self._minute_ends = minute_of(now), self._clock() + minute_left(now)

    def _see(self, board: Board, now: float) -> None:
        """Take over what stands on the board; its clock is another one than ours."""
        here = self._clock()
        self._seen_at = here
        self._closed_until = {lane: here + seconds for lane, seconds in board.paused(now).items()}
        free_in = board.free_in(now, self.requests_per_hour)
        self._full_until = here + free_in if free_in else 0.0
        self.asks_for_usage = board.worth_asking(now)

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

    def _tell_others(self, reason: str, seconds: float) -> None:
        """Say on the board that this thread waits, or with no reason that it does not any more."""
        who = f"{_HERE}:{os.getpid()}:{threading.get_ident()}"
        if seconds > WORTH_TELLING:
            self._keeper.change(lambda board, now: board.say(who, reason, now, seconds))


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
