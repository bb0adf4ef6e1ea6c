"""What all who use one connection share, wherever they run: calls of the hour, pauses, waits, the API's own count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

HOUR: Final = 3600.0
ASK_AGAIN: Final = 180.0  # seconds between two questions after the API's own count
WORTH_ASKING: Final = 100  # calls of ours after which its count is worth one of them
STALE: Final = 15.0  # seconds after which a wait that nobody renewed is that of a process which died
_MINUTE: Final = 60
_BLOCK: Final = 25  # the most calls reserved at once
_NEARLY: Final = 100  # a block is this part of what is left, so that calls are counted one by one towards the end


@dataclass(frozen=True)
class Usage:
    """What the API itself counted, of everybody's calls; `ours` is what we had counted by then."""

    used: int
    limit: int
    at: float
    ours: int


@dataclass
class Board:
    """Moments are seconds on the one clock of the medium that keeps the board; `now` is always on that clock.

    A clock that jumps must not hold anybody up for long: a moment too far ahead counts as what it was when written.
    """

    spent: dict[int, int] = field(default_factory=dict)  # calls by minute, those reserved among them
    pauses: dict[str, tuple[float, float]] = field(default_factory=dict)  # lane: until when, and how long that was
    waits: dict[str, tuple[str, float, float]] = field(default_factory=dict)  # who: why, until when, last renewed
    usage: Usage | None = None
    asked: float = 0.0  # when the API was last asked for its count
    since: int = 0  # calls of ours since then

    def to_text(self) -> str:
        usage = self.usage and [self.usage.used, self.usage.limit, self.usage.at, self.usage.ours]
        return json.dumps([self.spent, self.pauses, self.waits, usage, self.asked, self.since])

    @classmethod
    def from_text(cls, text: str) -> Board:
        """An unreadable board, or one of another version, is an empty one: at worst the API itself says no."""
        try:
            spent, pauses, waits, usage, asked, since = json.loads(text)
            return cls(
                {int(minute): int(calls) for minute, calls in spent.items()},
                {lane: (float(until), float(length)) for lane, (until, length) in pauses.items()},
                {who: (str(why), float(until), float(renewed)) for who, (why, until, renewed) in waits.items()},
                usage and Usage(*usage),
                float(asked),
                int(since),
            )
        except (AttributeError, TypeError, ValueError):
            return cls()

    def tidy(self, now: float) -> None:
        """Forget what is over. Calls of a minute still to come, after a clock was set back, are this minute's."""
        this = int(now) // _MINUTE
        kept: dict[int, int] = {}
        for minute, calls in self.spent.items():
            if calls > 0 and _free_at(minute) > now:
                kept[min(minute, this)] = kept.get(min(minute, this), 0) + calls
        self.spent = kept
        self.pauses = {lane: pause for lane, pause in self.pauses.items() if _left(pause, now) > 0}
        self.waits = {who: wait for who, wait in self.waits.items() if abs(now - wait[2]) < STALE}

    def used(self, now: float) -> int:
        return sum(calls for minute, calls in self.spent.items() if _free_at(minute) > now)

    def others(self, now: float) -> int | None:
        """Calls that other programs made within the hour, as far as the API told lately."""
        if self.usage is None or abs(now - self.usage.at) >= HOUR:
            return None
        return max(0, self.usage.used - self.usage.ours)

    def left(self, now: float, limit: int | None) -> int | None:
        """Calls that may still be made within the hour, by our own limit and by what the API counted; None: any."""
        lefts = [] if limit is None else [limit - self.used(now)]
        if self.usage is not None and abs(now - self.usage.at) < ASK_AGAIN:
            lefts.append(self.usage.limit - self.used(now) - (self.others(now) or 0))
        return max(0, min(lefts)) if lefts else None

    def take(self, now: float, limit: int | None) -> int:
        """Reserve some calls for this minute; gives how many, 0 when the hour is used up."""
        self.tidy(now)
        left = self.left(now, limit)
        taken = _BLOCK if left is None else min(left, max(1, min(_BLOCK, left // _NEARLY)))
        self._count(minute_of(now), taken)
        return taken

    def give_back(self, minute: int, calls: int) -> None:
        """Reserved, and not made within their minute."""
        if minute in self.spent:
            self._count(minute, -min(calls, self.spent[minute]))

    def _count(self, minute: int, calls: int) -> None:
        self.spent[minute] = self.spent.get(minute, 0) + calls
        self.since = max(0, self.since + calls)

    def free_in(self, now: float, limit: int | None) -> float:
        """Seconds until a call may be made; 0 when one may now."""
        if self.left(now, limit) != 0:
            return 0.0
        over = 0 if limit is None else self.used(now) - limit
        for seconds, calls in self.frees(now) if over >= 0 and limit is not None else ():
            over -= calls
            if over < 0:
                return seconds
        if limit is not None and over >= 0:
            return HOUR
        assert self.usage is not None
        return max(1.0, self.usage.at + ASK_AGAIN - now)

    def frees(self, now: float) -> tuple[tuple[float, int], ...]:
        """When how many of our calls leave the hour: seconds from now, soonest first."""
        moments = ((_free_at(minute) - now, calls) for minute, calls in sorted(self.spent.items()))
        return tuple((seconds, calls) for seconds, calls in moments if seconds > 0 and calls)

    def pause(self, lane: str, now: float, seconds: float) -> None:
        if _left(self.pauses.get(lane, (0.0, 0.0)), now) < seconds:
            self.pauses[lane] = now + seconds, seconds

    def paused(self, now: float) -> dict[str, float]:
        """Seconds left by lane."""
        return {lane: _left(pause, now) for lane, pause in self.pauses.items() if _left(pause, now) > 0}

    def say(self, who: str, why: str, now: float, seconds: float) -> None:
        """Somebody waits for so long, or with no reason does not any more."""
        self.tidy(now)
        self.waits.pop(who, None)
        if why:
            self.waits[who] = why, now + seconds, now

    def waiting(self, now: float) -> Iterable[tuple[str, float]]:
        """Why somebody waits now, and for how many seconds more."""
        return {
            (why, max(0.0, until - now)) for why, until, renewed in self.waits.values() if abs(now - renewed) < STALE
        }

    def worth_asking(self, now: float) -> bool:
        """Whether the API's own count should be asked for: it is long ago, and much was called or little is left."""
        if not self.may_ask(now):
            return False
        usage = self.usage
        nearly = usage is not None and abs(now - usage.at) < HOUR and usage.used > usage.limit * 0.75
        return nearly or self.since >= WORTH_ASKING

    def may_ask(self, now: float) -> bool:
        return abs(now - self.asked) >= ASK_AGAIN

    def claim_asking(self, now: float) -> bool:
        """Of all who would ask for the count, one may, once in a while."""
        mine = self.may_ask(now)
        self.asked = now if mine else self.asked
        return mine

    def heard(self, now: float, used: int, limit: int, unmade: int = 0) -> None:
        """`unmade`: calls of ours that are counted here already and were not made yet."""
        self.usage, self.since = Usage(used, limit, now, self.used(now) - unmade), 0


def minute_of(now: float) -> int:
    return int(now) // _MINUTE


def minute_left(now: float) -> float:
    return _MINUTE - now % _MINUTE


def _free_at(minute: int) -> float:
    """When a minute's last call has left the rolling hour."""
    return (minute + 1) * _MINUTE + HOUR


def _left(pause: tuple[float, float], now: float) -> float:
    until, length = pause
    return min(until - now, length)
