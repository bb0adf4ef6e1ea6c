"""The words a date filter understands, as spans of the account's wall clock."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
_DAYS = re.compile(r"last_(\d{1,4})_(complete_)?days")
_DAY = timedelta(days=1)


def span(word: str, now: datetime) -> Span | None:
    """From (included) and until (excluded), or None for a word there is not."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if match := _DAYS.fullmatch(word):
        return midnight - int(match[1]) * _DAY, midnight if match[2] else midnight + _DAY
    if word == "last_24_hours":
        return now - _DAY, now + timedelta(seconds=1)
    if word in ("today", "yesterday"):
        start = midnight if word == "today" else midnight - _DAY
        return start, start + _DAY
    which, _, unit = word.partition("_")
    if which not in ("this", "last") or unit not in _STARTS:
        return None
    start = _STARTS[unit](midnight)
    if which == "last":
        return _STARTS[unit](start - _DAY), start
    return start, _STARTS[unit](start + _LONGEST[unit])


def _week(day: datetime) -> datetime:
    return day - timedelta(days=day.weekday())


def _month(day: datetime) -> datetime:
    return day.replace(day=1)


def _quarter(day: datetime) -> datetime:
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def _year(day: datetime) -> datetime:
    return day.replace(month=1, day=1)


_STARTS: dict[str, Callable[[datetime], datetime]] = {
    "week": _week,
    "month": _month,
    "quarter": _quarter,
    "year": _year,
}
# From the first day of a unit, this many days lead into the following one and not past it.
_LONGEST = {name: timedelta(days=days) for name, days in (("week", 7), ("month", 31), ("quarter", 92), ("year", 366))}
