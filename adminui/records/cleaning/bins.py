"""Bins of a histogram, with edges a person would choose; far-off values share a bin at either end.

Edges ascend; bin n holds edges[n] ≤ v < edges[n + 1]. `Edges.low` and `high` say that values lie beyond the first and
from the last on: these are bins of their own, or one price of 10,000,000 would put all others into one bar.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any, Final

from adminui.records.cleaning.ranges import Number

MOST: Final = 40
_SOME: Final = 500  # values of a part that are looked at to find those that are far off
_LEAST: Final = Decimal("-Infinity")
_TAIL: Final = 100  # the part of the values that may lie in either of the end bins: one in so many
_FAR: Final = 3  # how many times wider the whole range has to be for end bins


@dataclass(frozen=True)
class Spread:
    """How far values go: the least, the most, and some of those between, in order."""

    least: Any
    some: Sequence[Any]
    most: Any

    @classmethod
    def of(cls, values: Sequence[Any]) -> Spread | None:
        there = [value for value in values if value is not None]
        if not there:
            return None
        return cls(min(there), sorted(there[:: max(1, len(there) // _SOME)]), max(there))

    @classmethod
    def together(cls, spreads: Sequence[Spread]) -> Spread | None:
        if not spreads:
            return None
        some = sorted(chain.from_iterable(spread.some for spread in spreads))
        return cls(min(spread.least for spread in spreads), some, max(spread.most for spread in spreads))


@dataclass(frozen=True)
class Edges:
    """Numbers or ISO days. Without `low`, nothing lies before the first edge."""

    at: Sequence[Any]
    low: bool
    high: bool

    def places(self, values: Sequence[Any]) -> bytes:
        """For each value its bin, from 1; 0 for None."""
        edges = self.at
        if edges and isinstance(edges[0], str):
            known = {value: 0 if value is None else bisect_right(edges, value) + 1 for value in set(values)}
            return bytes(map(known.__getitem__, values))
        if type(None) in set(map(type, values)):
            return bytes(0 if value is None else bisect_right(edges, value) + 1 for value in values)
        return bytes(map(partial(bisect_right, (_LEAST, *edges)), values))

    def ends(self, place: int) -> tuple[Any, Any]:
        """From and to of the bin; None where it is open."""
        return self.at[place - 2] if place > 1 else None, self.at[place - 1] if place <= len(self.at) else None

    @property
    def bins(self) -> range:
        """The places of the bins there are, in order."""
        return range(1 if self.low else 2, len(self.at) + (2 if self.high else 1))


def of_numbers(found: Spread) -> Edges:
    least, low, high, most = _range(found, lambda a, b: b - a)
    whole = all(type(number) is int for number in (least, low, high, most))
    step = _step(high - low, whole=whole)
    first = Decimal(low) // step - (1 if low < 0 and Decimal(low) % step else 0)
    edges = [(first + n) * step for n in range(MOST + 5)]
    last = next(n for n, edge in enumerate(edges) if edge > high or n == len(edges) - 1)
    at: list[Number] = [int(edge) if whole else edge for edge in edges[: last + 1]]  # like compares faster with like
    return Edges(at, low=least < at[0], high=most >= at[-1])


def _step(width: Number, *, whole: bool) -> Decimal:
    """1, 2 or 5 times a power of ten, so that at most MOST bins are needed."""
    rough = Decimal(width) / (MOST - 2)
    if not rough or (whole and rough <= 1):
        return Decimal(1)
    power = Decimal(1).scaleb(rough.adjusted())
    return next(step for n in (1, 2, 5, 10) if (step := n * power) >= rough)


def of_days(found: Spread) -> Edges:
    """For ISO days: by day, week, month, quarter, year or more."""
    least, low, high, most = _range(found, lambda a, b: (date.fromisoformat(b) - date.fromisoformat(a)).days)
    edges = _calendar(date.fromisoformat(low), date.fromisoformat(high))
    return Edges(edges, low=least < edges[0], high=most >= edges[-1])


def _calendar(low: date, high: date) -> list[str]:
    days, months = (high - low).days, (high.year - low.year) * 12 + high.month - low.month
    if days < MOST:
        return _days(low, high, 1)
    if days < MOST * 7:
        return _days(low - timedelta(min(low.weekday(), low.toordinal() - 1)), high, 7)
    step = next(n for n in (1, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 6_000) if months // n < MOST - 1)
    first = low.year * 12 + low.month - 1
    first -= first % step
    edges = [_month(first)]
    while edges[-1] <= high.isoformat() and edges[-1] < _END:
        first += step
        edges.append(_month(first))
    return edges


_END: Final = "9999-12-31"


def _days(low: date, high: date, step: int) -> list[str]:
    last = min(high.toordinal() + step, date.max.toordinal())
    return [date.fromordinal(n).isoformat() for n in range(low.toordinal(), last + 1, step)] or [low.isoformat()]


def _month(number: int) -> str:
    return (
        date(number // 12, number % 12 + 1, 1).isoformat()
        if 12 <= number < 120_000
        else _END
        if number > 12
        else "0001-01-01"
    )


def _range(found: Spread, width: Callable[[Any, Any], Any]) -> tuple[Any, Any, Any, Any]:
    """Least, the range that is worth bins of its own, most."""
    some = found.some
    aside = max(len(some) // _TAIL, 1 if len(some) >= 10 else 0)
    low, high = some[aside], some[-1 - aside]
    if low < high and width(found.least, found.most) > _FAR * width(low, high):
        return found.least, low, high, found.most
    return found.least, found.least, found.most, found.most
