"""Dates and times as Excel shows them: in local orders, with names of months, as serial numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Final

_MONTHS: Final = (
    "jan january januar janvier janv ene enero gen gennaio januari jän jänner",
    "feb february februar février févr fév feb febrero febbraio februari",
    "mar march märz mrz mär mars marzo mrt maart",
    "apr april avril avr abr abril aprile",
    "may mai mayo mag maggio mei",
    "jun june juni juin junio giu giugno",
    "jul july juli juillet juil julio lug luglio",
    "aug august août ago agosto augustus",
    "sep sept september septembre septiembre set settembre",
    "oct october okt oktober octobre octubre ott ottobre",
    "nov november novembre noviembre",
    "dec december dez dezember déc décembre dic diciembre dicembre",
)
_NUMBER_OF: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAME: Final = r"(?P<name>[^\W\d_]{3,10})\.?"
_TIME = re.compile(
    r"(?:^|[T ,]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s?([AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d\d:?\d\d)?$"
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d(?::?\d\d(?::?\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_THREE = re.compile(r"(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})", re.ASCII)
_TWO = re.compile(r"(\d{1,2})\s?[./-]\s?(\d{1,4})\.?", re.ASCII)
_DAY_NAME = re.compile(rf"(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th)?[ -]*{_NAME}(?:,?[ -]*(?P<year>\d{{4}}|\d\d))?")
_NAME_DAY = re.compile(rf"{_NAME}[ -]*(?P<day>\d{{1,2}})(?:,?[ -]+(?P<year>\d{{4}}))?")
_NAME_YEAR = re.compile(rf"{_NAME}[ -]*(?P<year>\d{{4}}|\d\d)")
_SERIAL = re.compile(r"\d{1,7}(?:[.,]\d+)?", re.ASCII)
_EPOCHS: Final = (date(1899, 12, 30), date(1904, 1, 1))
_LAST_SERIAL: Final = 2_958_465  # the last day of 9999


@dataclass(frozen=True)
class Moment:
    """A day, with its year if that is known, and seconds since midnight if a time is shown."""

    year: int | None
    month: int
    day: int
    seconds: int | None = None
    exact: bool = True  # whether seconds are shown


def is_iso(text: str) -> bool:
    return _ISO.fullmatch(text.strip()) is not None


def is_short(text: str) -> bool:
    """A day or month by name, as Excel shows what it took for a date: `02. Jan`, `2-Jan`, `Mrz 24`."""
    text = text.strip()
    shapes = (_DAY_NAME.fullmatch(text), _NAME_DAY.fullmatch(text), _NAME_YEAR.fullmatch(text))
    return any(found is not None and found["name"].casefold() in _NUMBER_OF for found in shapes)


def is_local(text: str) -> bool:
    """Three numbers with points, slashes or dashes between, not in ISO's order."""
    return not is_iso(text) and _THREE.fullmatch(text.strip()) is not None and bool(readings(text))


def readings(text: str, *, serials: bool = False) -> set[Moment]:
    """Every day that the text may mean."""
    text = text.strip()
    if not text or len(text) > 40 or not any(map(str.isdigit, text)):
        return set()
    found = _TIME.search(text)
    seconds = _seconds(found) if found else None
    if found and seconds is None:
        return set()
    days = text[: found.start()].strip(" ,T") if found else text
    exact = found is None or found[3] is not None
    moments = {Moment(*day, seconds, exact) for day in _days(days) if _is_day(*day)}
    return moments | (_serial(text) if serials and not found else set())


def _seconds(found: re.Match[str]) -> int | None:
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if found[4][0] in "pP" else 0)
    return hours * 3600 + minutes * 60 + seconds if hours < 24 and minutes < 60 and seconds < 60 else None


def _days(text: str) -> Iterator[tuple[int | None, int, int]]:
    """(year, month, day), whether there is such a day or not."""
    if three := _THREE.fullmatch(text):
        first, second, third = int(three[1]), int(three[3]), int(three[4])
        if len(three[1]) == 4:
            yield first, second, third
        else:
            yield _year(three[4]), second, first
            yield _year(three[4]), first, second
            if len(three[4]) <= 2:
                yield _year(three[1]), second, third
    elif two := _TWO.fullmatch(text):
        first, second = int(two[1]), int(two[2])
        yield None, first, second
        yield None, second, first
        yield _year(two[2]), first, 1
    yield from _by_name(text)


def _by_name(text: str) -> Iterator[tuple[int | None, int, int]]:
    for shape in (_DAY_NAME, _NAME_DAY, _NAME_YEAR):
        found = shape.fullmatch(text)
        month = _NUMBER_OF.get(found["name"].casefold()) if found else None
        if found and month:
            parts = found.groupdict()
            yield _year(parts["year"]) if parts.get("year") else None, month, int(parts.get("day") or 1)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 30 else 1900)


def _is_day(year: int | None, month: int, day: int) -> bool:
    try:
        date(2024 if year is None else year, month, day)
    except ValueError:
        return False
    return True


def _serial(text: str) -> set[Moment]:
    if not _SERIAL.fullmatch(text):
        return set()
    number = Decimal(text.replace(",", "."))
    if not 1 <= number <= _LAST_SERIAL:
        return set()
    seconds = round((number % 1) * 86_400)
    return {
        Moment(day.year, day.month, day.day, seconds % 86_400 if seconds else None)
        for epoch in _EPOCHS
        if (day := _later(epoch, int(number) + seconds // 86_400)) is not None
    }


def _later(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def explains(text: str, cell: str, order: str = "", *, serials: bool = False) -> bool:
    """Whether a cell that was given `text` may show `cell`: the same day, or time, written otherwise.

    `order` is that of day and month in the cells of this column, where it is known.
    """
    if text == cell or (_TWO.fullmatch(cell.strip()) and "." in cell):
        return False  # no cell shows a day like this by itself: it would look like a number
    if _same_time(text, cell):
        return True
    meant = readings(text)
    if not meant:
        return False
    shown = set(_in_order(cell.strip(), order)) if order and _THREE.match(cell.strip()) else None
    shown = readings(cell, serials=serials) if shown is None else shown
    return any(_shown(a, b) for a, b in product(meant, shown))


def _shown(meant: Moment, shown: Moment) -> bool:
    if (meant.month, meant.day) != (shown.month, shown.day):
        return False
    if None not in (meant.year, shown.year) and meant.year != shown.year:
        return False
    if shown.seconds is None or meant.seconds is None:
        return not shown.seconds
    return abs(meant.seconds - shown.seconds) <= (1 if shown.exact else 59)


def _same_time(text: str, cell: str) -> bool:
    found = _TIME.fullmatch(text.strip())
    seconds = _seconds(found) if found else None
    if seconds is None:
        return False
    other = _TIME.fullmatch(cell.strip())
    if other:
        return _seconds(other) == seconds
    fraction = cell.strip().replace(",", ".")
    return re.fullmatch(r"0?\.\d+", fraction) is not None and abs(float(fraction) * 86_400 - seconds) < 1


def order_of(cells: Iterable[str]) -> str:
    """The order of day and month that the cells of a column show, where one of them cannot be read otherwise."""
    seen: set[str] = set()
    for cell in cells:
        three = _THREE.match(cell.strip())
        if three and len(three[1]) <= 2:
            first, second = int(three[1]), int(three[3])
            seen |= {"dmy"} if first > 12 else {"mdy"} if second > 12 else set()
        elif three:
            seen.add("ymd")
    return seen.pop() if len(seen) == 1 else ""


def order_between(pairs: Iterable[tuple[str, str]]) -> str:
    """The order by which cells mean the very days their records hold, where only one of them mostly does."""
    hits = {"dmy": 0, "mdy": 0}
    for text, cell in pairs:
        meant = {(each.year, each.month, each.day) for each in readings(text)}
        told = [o for o in hits if any((m.year, m.month, m.day) in meant for m in _in_order(cell.strip(), o))]
        if len(told) == 1 and _THREE.match(cell.strip()):
            hits[told[0]] += 1
    first, second = sorted(hits, key=lambda order: -hits[order])
    return first if hits[first] > 2 * hits[second] else ""


def in_order(cell: str, order: str, *, timed: bool) -> str | None:
    """The day in ISO with its parts in this order; None where there is more than one answer, or none."""
    found = _in_order(cell.strip(), order)
    if len(found) != 1:
        return None
    moment = found.pop()
    day = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
    seconds = moment.seconds or 0
    return f"{day} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" if timed else day


def _in_order(cell: str, order: str) -> set[Moment]:
    found = {moment for moment in readings(cell) if moment.year is not None}
    if not found and order != "":
        found = {moment for moment in _serial(cell) if moment.year is not None}
        return {min(found, key=lambda each: each.year or 0)} if found else set()
    three = _THREE.match(cell)
    if len(found) < 2 or not three or order not in ("dmy", "mdy", "ymd"):
        return found
    parts = dict(zip(order, (three[1], three[3], three[4]), strict=True))
    year = _year(parts["y"])
    return {each for each in found if (each.year, each.month, each.day) == (year, int(parts["m"]), int(parts["d"]))}
