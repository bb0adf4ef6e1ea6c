"""Dates as people write them, read in one chosen order and language, written as ISO 8601 has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final, TypeAlias

from babel import Locale

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Doing, Given, Making, Param, Skipped, Transform, WrongParam, about
from adminui.records.cleaning.reading import nothing, short, words
from adminui.records.operations import DATES
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MaybeValue, as_datetime

LANGUAGES: Final = (
    ("en", "English"),
    ("de", "German"),
    ("fr", "French"),
    ("es", "Spanish"),
    ("it", "Italian"),
    ("nl", "Dutch"),
    ("pt", "Portuguese"),
    ("da", "Danish"),
    ("sv", "Swedish"),
    ("nb", "Norwegian Bokmål"),
    ("fi", "Finnish"),
    ("pl", "Polish"),
    ("cs", "Czech"),
    ("ru", "Russian"),
    ("tr", "Turkish"),
)
_LONGEST: Final = 100
_ONES: Final = {"M": "month", "d": "day", "H": "hour", "h": "hour", "m": "minute", "s": "second"}
_TOKEN = re.compile(r"'[^']*'|([A-Za-z])\1*|[^A-Za-z']+|'")
_CLOCK = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?", re.ASCII)
_TIME = re.compile(
    r"(?:^|[T,\s]\s*)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?\s*([ap])?\.?(?(5)m\.?)"
    r"\s*(z|utc|gmt|[+-]\d\d:?\d\d)?\s*(?:uhr|h)?$",
    re.IGNORECASE | re.ASCII,
)
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_NUMBERS = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})", re.ASCII)  # most there are
_BETWEEN = re.compile(r"[\s./,\-–]*")
_FILLERS: Final = frozenset({"st", "nd", "rd", "th", "of", "the", "de", "del", "di", "er", "den", "º", "ª", "г"})
_PLAIN_ORDER: Final = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}  # where year, month and day stand
NOT_ONE: Final = Skipped("is not a date in this order or language")
_OTHER: Final = Skipped("is not in any of these formats")
_NEVER: Final = Skipped("is a day that does not exist")
_TIMED: Final = Skipped("has a time of day, which would be lost")
_ZONED: Final = Skipped("has a time zone, which this field does not take")


@dataclass(frozen=True)
class Moment:
    """What was read: a day, and the time of day and zone as they are to be written, if there were any."""

    day: date
    time: str = ""
    zone: str = ""
    text: str = ""  # all of it, where it was written as it should be


Reader: TypeAlias = Callable[[str], Moment | Skipped]


def reader(order: str, language: str, pivot: int) -> Reader:
    """Reads dates whose parts come in an order. Two digits of a year after `pivot` are of the last century."""

    def read(text: str) -> Moment | Skipped:
        found = _TIME.search(text) if ":" in text else None
        clock = _clock(found[1], found[2], found[3], found[4], found[5]) if found else ""
        day = _day(text[: found.start()] if found else text, order, language, pivot)
        if clock is None or day is None:
            return NOT_ONE
        return day if isinstance(day, Skipped) else Moment(day, clock, _zone(found[6]) if found else "")

    return read


def _clock(hour: str, minute: str, second: str | None, fraction: str | None, half: str | None) -> str | None:
    at = int(hour)
    if half and not 1 <= at <= 12:
        return None
    at = at % 12 + (12 if half.lower() == "p" else 0) if half else at
    if at > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    return f"{at:02d}:{int(minute):02d}:{int(second or 0):02d}{f'.{fraction}' if fraction else ''}"


def _zone(text: str | None) -> str:
    zone = (text or "").upper()
    if zone in ("Z", "UTC", "GMT"):
        return "Z"
    return f"{zone[:3]}:{zone[3:]}" if len(zone) == 5 else zone


def _day(text: str, order: str, language: str, pivot: int) -> date | Skipped | None:
    if plain := _NUMBERS.fullmatch(text):
        return _in_order([plain[1], plain[3], plain[4]], order, pivot)
    if _BETWEEN.sub("", _PARTS.sub("", text)):
        return None
    parts = _PARTS.findall(text.casefold())
    numbers = [part for part in parts if part.isdecimal()]
    words = [part for part in parts if not part.isdecimal() and part not in _FILLERS]
    known, weekdays = _months(language), _weekdays(language)
    names = [word for word in words if word in known or word not in weekdays]
    if len(names) > 1 and names[0] in weekdays:
        del names[0]  # martes and marzo are both mar
    months = [known.get(name, 0) for name in names]
    if not months:
        return _in_order(numbers, order, pivot)
    return _with_name(numbers, months[0], pivot) if len(months) == 1 and months[0] else None


def _with_name(numbers: Sequence[str], month: int, pivot: int) -> date | Skipped | None:
    """A day and a year about the name of a month: the year is what has four digits, else what stands last."""
    if len(numbers) != 2:
        return None
    year, day = numbers if len(numbers[0]) == 4 else reversed(numbers)
    return _date(year, month, day, pivot)


def _in_order(numbers: Sequence[str], order: str, pivot: int) -> date | Skipped | None:
    if len(numbers) == 1 and len(numbers[0]) == 8 and order == "ymd":
        whole = numbers[0]
        numbers = [whole[:4], whole[4:6], whole[6:]]
    if len(numbers) != 3:
        return None
    places = _PLAIN_ORDER["ymd" if len(numbers[0]) == 4 else order]  # nobody writes year, day, month
    year, month, day = (numbers[place] for place in places)
    return _date(year, int(month), day, pivot) if len(month) <= 2 else None


def _date(year: str, month: int, day: str, pivot: int) -> date | Skipped | None:
    if len(year) not in (2, 4) or len(day) > 2:
        return None
    whole = int(year) if len(year) == 4 else int(year) + (2000 if int(year) <= pivot else 1900)
    try:
        return date(whole, month, int(day))
    except ValueError:
        return _NEVER


@cache
def _months(language: str) -> dict[str, int]:
    """Names of months, whole, short, and by their first letters where only one begins so."""
    names = _names(Locale.parse(language).months)
    known = {name: number for name, number in names if number}
    for length in range(3, 10):
        begun = {(name[:length], number) for name, number in names}
        starts = [start for start, _ in begun]
        known = {start: number for start, number in begun if starts.count(start) == 1} | known
    return known


@cache
def _weekdays(language: str) -> frozenset[str]:
    return frozenset(name for name, _ in _names(Locale.parse(language).days))


def _names(forms: Any) -> list[tuple[str, int]]:
    found = [
        (name.casefold().strip("."), number)
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in forms[context][width].items()
    ]
    return [(name, number) for name, number in found if name.isalpha()]


_LETTERS: Final = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<year>\d{2})",
    **dict.fromkeys(("MMMM", "MMM"), r"(?P<name>[^\W\d_]+)\.?"),
    **{letter * 2: rf"(?P<{name}>\d{{2}})" for letter, name in _ONES.items()},
    **{letter: rf"(?P<{name}>\d{{1,2}})" for letter, name in _ONES.items()},
    "a": r"(?P<half>[ap])\.?m\.?",
    **dict.fromkeys(("E", "EEE", "EEEE"), r"[^\W\d_]+\.?"),
}


def formats_reader(formats: str, language: str, pivot: int) -> Reader:
    """Reads dates by patterns with semicolons between, such as dd.MM.yyyy HH:mm. Raises Invalid."""
    shapes = [_shape(each.strip()) for each in formats.split(";") if each.strip()]

    def read(text: str) -> Moment | Skipped:
        for shape in shapes:
            if (found := shape.fullmatch(text)) is not None:
                return _moment(found.groupdict(), language, pivot)
        return _OTHER

    return read


def _shape(form: str) -> re.Pattern[str]:
    parts = [_part(token[0], form) for token in _TOKEN.finditer(form)]
    try:
        shape = re.compile(r"\s*" + "".join(parts) + r"\s*", re.IGNORECASE | re.ASCII)
    except re.error:
        raise Invalid(f"“{short(form)}” says the same part twice.") from None
    known = shape.groupindex.keys()
    if not {"year", "day"} <= known or not known & {"month", "name"} or ("minute" in known) != ("hour" in known):
        raise Invalid(f"“{short(form)}” needs year, month and day: as dd.MM.yyyy or M/d/yy h:mm a.")
    return shape


def _part(token: str, form: str) -> str:
    if token.startswith("'") and len(token) > 1:
        return re.escape(token.strip("'"))
    if not token[0].isalpha() and token != "'":
        return re.escape(token)
    if token not in _LETTERS:
        raise Invalid(f"“{short(token)}” in “{short(form)}” is no part of a date: use y M d H h m s a.")
    return _LETTERS[token]


def _moment(parts: Mapping[str, str | None], language: str, pivot: int) -> Moment | Skipped:
    name = (parts.get("name") or "").casefold()
    month = _months(language).get(name) if name else int(parts["month"] or 0)
    day = _date(parts["year"] or "", month, parts["day"] or "", pivot) if month else None
    hour, minute = parts.get("hour"), parts.get("minute")
    clock = _clock(hour, minute, parts.get("second"), None, parts.get("half")) if hour and minute else ""
    if day is None or clock is None:
        return NOT_ONE
    return day if isinstance(day, Skipped) else Moment(day, clock)


def _make(making: Making) -> Doing:
    params, field = making.params, making.field
    if not 0 <= params["pivot"] <= 99:
        raise WrongParam("pivot", "The last year of this century is a number from 0 to 99.")
    if params["formats"].strip(" ;"):
        with about("formats"):
            read = formats_reader(params["formats"], params["language"], params["pivot"])
    else:
        read = reader(params["order"], params["language"], params["pivot"])

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if (none := nothing(value)) is not None or not isinstance(value, str):
            return none or NOT_ONE
        text = value.strip()
        if len(text) > _LONGEST:
            return NOT_ONE
        found = _iso(text) or read(text)
        return found if isinstance(found, Skipped) else _written(field, found)

    return done


def _iso(text: str) -> Moment | None:
    """A date that is written as it should be; its time stays as it is written."""
    if not _ISO.fullmatch(text) or as_datetime(text) is None:
        return None
    clock = _CLOCK.match(text, 11)
    time, zone = (clock[0], text[clock.end() :]) if clock else (text[11:], "")
    return Moment(date.fromisoformat(text[:10]), time, zone, text)


def _written(field: Field, found: Moment) -> Given | Skipped:
    if field.kind is Kind.DATE:
        return _TIMED if found.time.strip("0:.") else Given(found.day.isoformat())
    if found.text:
        return Given(found.text)
    if field.kind is Kind.DATETIME and found.zone and field.zone != "UTC":
        return _ZONED
    timed = found.time or ("00:00:00" if field.kind is Kind.DATETIME else "")
    made = f"{found.day.isoformat()} {timed}{found.zone}".rstrip()
    return NOT_ONE if as_datetime(made) is None else Given(made)


_ORDERS: Final = (
    ("dmy", "day, month, year: 31.12.2024"),
    ("mdy", "month, day, year: 12/31/2024"),
    ("ymd", "year, month, day: 2024/12/31"),
)

TRANSFORMS: Final = (
    Transform(
        "date",
        "Date",
        "Numbers and dates",
        "Reads dates in one order and language and writes them as 2024-12-31. What fits neither stays as it is.",
        _make,
        words("Write {} as dates like 2024-12-31"),
        lambda field: field.kind in DATES or field.kind in TEXTUAL,
        (
            Param("order", "Order", "choice", "mdy", _ORDERS),
            Param("formats", "Or formats", help="Such as dd.MM.yyyy; d MMM yy. With these, nothing else is read."),
            Param("language", "Names of months in", "choice", "en", LANGUAGES),
            Param("pivot", "Last two-digit year of this century", "number", 68),
        ),
    ),
)
