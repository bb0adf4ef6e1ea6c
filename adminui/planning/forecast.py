"""What a plan will cost: calls by purpose, when they will be over, and the waits for the hour's calls. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from math import ceil
from typing import Final

from adminui.planning.capabilities import Capabilities

HOUR: Final = 3600.0
ASSUMED: Final = 0.5  # seconds a call takes, where none has been measured
PURPOSES: Final = {"write": "to write", "check": "to check", "verify": "to read back"}
_SLACK: Final = 60.0  # seconds of waiting that are not worth a sentence
_WORTH_A_CLOCK: Final = 120.0  # seconds


class End(Enum):
    """What is told of the end: its moment, only how long it takes (of what waits for somebody), or only waits for
    calls to become free (of what is under way and shows its own pace).
    """

    AT = 0
    REST = 1
    WAITS = 2


@dataclass(frozen=True)
class Hour:
    """Calls of the hour: what is used of what may be, and in how many seconds how many leave it, soonest first."""

    used: int
    limit: int | None
    frees: tuple[tuple[float, int], ...] = ()
    others: int | None = None  # of those used, made by other programs, where the API told

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)


@dataclass(frozen=True)
class Course:
    """Seconds from now to the end, and of the waits on the way: when the first begins, the last ends, and their sum."""

    seconds: float
    waits_from: float | None = None
    waits_until: float | None = None
    waited: float = 0.0


@dataclass(frozen=True)
class Forecast:
    """`calls` by purpose; `used`, `limit` and `others` of the hour's calls; `seconds` None: it cannot be told."""

    calls: Mapping[str, int]
    used: int
    limit: int | None
    others: int | None = None
    seconds: float | None = None
    ends_at: datetime | None = None
    words: tuple[str, ...] = field(default=())

    @property
    def total(self) -> int:
        return sum(self.calls.values())


def calls_for(writes: Sequence[int], can: Capabilities, windows: Iterable[int]) -> dict[str, int]:
    """Calls by purpose for requests that carry so many rows each; `windows`: rows that are checked together."""
    rows = sum(writes)
    if not rows:
        return {}
    looks = (0 if can.echoes else 1) + (1 if can.flips else 0)
    found = {
        "write": len(writes),
        "check": sum(_reads(size, can) for size in windows),
        "verify": looks * _reads(rows, can),
    }
    return {purpose: calls for purpose, calls in found.items() if calls}


def _reads(rows: int, can: Capabilities) -> int:
    return ceil(rows / max(1, can.read_many))


def course(calls: int, pace: float, hour: Hour) -> Course:
    """How so many calls go, at `pace` calls a second: those made leave the hour again, an hour later."""
    if hour.left is None:
        return Course(calls / pace)
    now, free, left = 0.0, hour.left, calls
    waits: list[tuple[float, float]] = []
    untold = hour.used - sum(n for _, n in hour.frees)  # those of others, whose moments nobody knows
    frees = [*hour.frees, (HOUR, max(1, untold))]
    heapq.heapify(frees)
    while left:
        made = min(left, free)
        left, free, now = left - made, free - made, now + made / pace
        if made:
            heapq.heappush(frees, (now + HOUR, made))
        if not left:
            break
        at, calls_freed = heapq.heappop(frees)
        if at > now:
            waits.append((now, at))
        now, free = max(now, at), free + calls_freed
    long = [wait for wait in waits if wait[1] - wait[0] >= 1.0]
    waited = sum(until - since for since, until in waits)
    return Course(now, long[0][0], long[-1][1], waited) if long else Course(now)


def forecast(
    calls: Mapping[str, int],
    seconds_each: Mapping[str, float],
    lanes: int,
    hour: Hour,
    now: datetime,
    *,
    told: End = End.AT,
) -> Forecast:
    """`seconds_each`: what a call of a purpose took lately; a purpose that is missing takes as long as the others."""
    total = sum(calls.values())
    if not total:
        return Forecast(calls, hour.used, hour.limit, hour.others, 0.0, now, _of_hour(hour))
    typical = sum(seconds_each.values()) / len(seconds_each) if seconds_each else ASSUMED
    busy = sum(n * seconds_each.get(purpose, typical) for purpose, n in calls.items()) / max(1, lanes)
    way = course(total, total / max(busy, 1e-6), hour)
    words = (_of_calls(calls), *_of_hour(hour), *_of_end(way, now, told, guessed=not seconds_each))
    return Forecast(calls, hour.used, hour.limit, hour.others, way.seconds, now + timedelta(seconds=way.seconds), words)


def _of_calls(calls: Mapping[str, int]) -> str:
    total = sum(calls.values())
    parts = ", ".join(f"{calls[purpose]:,} {words}" for purpose, words in PURPOSES.items() if calls.get(purpose))
    return f"About {total:,} {'call' if total == 1 else 'calls'}: {parts}."


def _of_hour(hour: Hour) -> tuple[str, ...]:
    if hour.left is None:
        return ()
    text = f"{hour.left:,} of the {hour.limit:,} calls of this hour are left"
    return (f"{text}; other programs made {hour.others:,}." if hour.others else f"{text}.",)


def _of_end(way: Course, now: datetime, told: End, *, guessed: bool) -> Iterator[str]:
    waits = way.waits_from is not None and way.waited >= _SLACK
    if told is End.WAITS and not waits:
        return
    if told is End.REST:
        yield _of_rest(way)
    else:
        yield _of_waits(way, now) if waits else _of_course(way, now)
    if guessed:
        yield f"No call of this connection has been measured yet; {ASSUMED:g} s each are assumed."


def _of_course(way: Course, now: datetime) -> str:
    until = f", until {_moment(way.seconds, now)}" if way.seconds >= _WORTH_A_CLOCK else ""
    return f"It takes about {duration(way.seconds)}{until}."


def _of_waits(way: Course, now: datetime) -> str:
    assert way.waits_from is not None and way.waits_until is not None
    end = _moment(way.seconds, now)
    since, until = _moment(way.waits_from, now), _moment(way.waits_until, now)
    begin = "now" if way.waits_from < _SLACK else f"about {since}"
    if way.waits_until - way.waits_from <= way.waited + _SLACK:
        return f"The run waits from {begin} until {until} for calls to become free, and ends about {end}."
    text = f"From {begin} on the run goes as calls become free, {duration(way.waited)} of waiting in all"
    return f"{text}; it ends about {end}."


def _of_rest(way: Course) -> str:
    waited = f", {duration(way.waited)} of it waiting for calls to become free" if way.waited >= _SLACK else ""
    return f"Once it goes on, it takes about {duration(way.seconds)}{waited}."


def _moment(seconds: float, now: datetime) -> str:
    at = now + timedelta(seconds=seconds)
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%H:%M} on {at.day} {at:%B}"


def duration(seconds: float) -> str:
    """`8 seconds`, `12 minutes`, `3.5 hours`."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            number = seconds / size
            return f"{number:.1f} {unit}s" if unit == "hour" and number < 10 else f"{number:.0f} {unit}s"
    whole = max(1, round(seconds))
    return "1 second" if whole == 1 else f"{whole} seconds"
