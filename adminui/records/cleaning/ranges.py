"""Numbers and days in values, and facets that choose them by a range."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from threading import Lock
from typing import Any, Final, TypeAlias

from adminui.records.casting import Invalid
from adminui.records.schema import Kind
from adminui.records.values import MaybeValue, as_datetime, as_decimal

Number: TypeAlias = int | Decimal
NUMERIC: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.REFERENCE})
_TIME = r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?Z?)?"
_DAY: Final = re.compile(rf"(\d{{4}}-\d\d-\d\d){_TIME}", re.ASCII)
_DAYS_JOINED: Final = re.compile(rf"(?>(?:\d{{4}}-\d\d-\d\d{_TIME})?\n)*+", re.ASCII)

Flags: TypeAlias = Callable[[Sequence[MaybeValue]], bytes]  # a byte, 0 or 1, for each of the values


def number_of(value: MaybeValue) -> Number | None:
    if type(value) is int:
        return value if -_LARGE < value < _LARGE else as_decimal(value)
    if type(value) is Decimal and value.is_finite() and -300 < value.adjusted() < 300:
        return value
    return as_decimal(value)


_LARGE: Final = 10**300
_COUNTABLE: Final[frozenset[type]] = frozenset({int, Decimal, type(None)})


def numbers_of(values: Sequence[MaybeValue]) -> Sequence[Number | None]:
    """Many at once: a column of numbers is what it is."""
    if _COUNTABLE.issuperset(map(type, values)):
        numbers: list[Any] = [value for value in values if value is not None]
        if not numbers or (min(numbers) > -_LARGE and max(numbers) < _LARGE):
            return values  # type: ignore[return-value]
    return list(map(number_of, values))


class _Kept:
    """What was read in the last columns: a facet reads its own twice, and the next click the same again. A column's
    values are never changed in place, so the list itself is the key.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._held: OrderedDict[int, tuple[Sequence[MaybeValue], list[str | None]]] = OrderedDict()

    def get(self, values: Sequence[MaybeValue]) -> list[str | None] | None:
        with self._lock:
            found = self._held.get(id(values))
            return found[1] if found and found[0] is values else None

    def put(self, values: Sequence[MaybeValue], days: list[str | None]) -> None:
        with self._lock:
            self._held[id(values)] = values, days
            if len(self._held) > self._most:
                self._held.popitem(last=False)


_KEPT: Final = _Kept(64)
_WORTH: Final = 1_000  # values


def days_of(values: Sequence[MaybeValue]) -> list[str | None]:
    """Many at once: those that are written as nearly all are, in one go."""
    if len(values) < _WORTH:
        return _days_of(values)
    known = _KEPT.get(values)
    if known is None:
        known = _days_of(values)
        _KEPT.put(values, known)
    return known


def _days_of(values: Sequence[MaybeValue]) -> list[str | None]:
    texts = [value if type(value) is str else "" for value in values]
    if not _DAYS_JOINED.fullmatch("\n".join(texts) + "\n"):
        return list(map(day_of, values))
    days = [text[:10] for text in texts]
    good = {day: day if day and _is_day(day) else None for day in set(days)}
    return list(map(good.__getitem__, days))


def day_of(value: MaybeValue) -> str | None:
    """The day of a date or a point in time, in UTC where it says in which zone it is."""
    if not isinstance(value, str):
        return None
    plain = _DAY.fullmatch(value)
    if plain:
        return plain[1] if _is_day(plain[1]) else None
    moment = as_datetime(value)
    return moment.date().isoformat() if moment else None


_DAYS: Final[dict[str, bool]] = {}


def _is_day(text: str) -> bool:
    known = _DAYS.get(text)
    if known is None:
        if len(_DAYS) > 50_000:
            _DAYS.clear()
        known = _DAYS[text] = _read_day(text) is not None
    return known


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number_bound(text: str) -> Decimal:
    number = as_decimal(text)
    if number is None:
        raise Invalid(f"“{text[:40]}” is not a number.")
    return number


def _day_bound(text: str) -> str:
    if len(text) != 10 or _read_day(text) is None:
        raise Invalid(f"“{text[:40]}” is not a day; write YYYY-MM-DD.")
    return text


def by_number(facet: Mapping[str, Any]) -> Flags | None:
    return _within(facet, numbers_of, _number_bound)


def by_day(facet: Mapping[str, Any]) -> Flags | None:
    return _within(facet, days_of, _day_bound)


def _within(
    facet: Mapping[str, Any], read: Callable[[Sequence[MaybeValue]], Sequence[Any]], bound: Callable[[str], Any]
) -> Flags | None:
    """From ≤ v < to, `closed` includes `to`. `blank`: with bounds, whether values without one come too; without
    bounds, true means only these and false all others.
    """
    low, high = (_bound(facet.get(name), bound) for name in ("from", "to"))
    blank, closed = facet.get("blank"), bool(facet.get("closed"))
    if blank not in (None, True, False):
        raise Invalid("What is chosen in a facet cannot be read.")
    if low is None and high is None:
        return None if blank is None else lambda values: bytes((found is None) is blank for found in read(values))
    return lambda values: _between(read(values), low, high, closed=closed, blank=bool(blank))


def _between(found: Sequence[Any], low: Any, high: Any, *, closed: bool, blank: bool) -> bytes:
    if found and type(found[0]) is int:  # like compares faster with like
        low, high = (int(end) if end is not None and end == end.to_integral_value() else end for end in (low, high))
    if high is None:
        return bytes(blank if each is None else low <= each for each in found)
    below = [blank if each is None else each <= high if closed else each < high for each in found]
    if low is None:
        return bytes(below)
    return bytes(fits and (each is None or low <= each) for fits, each in zip(below, found, strict=True))


def _bound(text: object, read: Callable[[str], Any]) -> Any:
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise Invalid("The bounds of a facet are sent as text.")
    return read(text.strip())
