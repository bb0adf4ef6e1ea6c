"""Functions of dates. Today is none of them: what is done again next week has to come to the same."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from adminui.records.cleaning.formula.functions import Function
from adminui.records.cleaning.formula.made import Type, bounded
from adminui.records.cleaning.formula.problems import Left

_MONTHS: Final = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PART = re.compile(r"YYYY|YY|MMMM|MMM|MM|M|DDDD|DDD|DD|D")


def _format(day: date, pattern: str) -> str:
    month, weekday = _MONTHS[day.month - 1], _DAYS[day.weekday()]
    shown = {
        "YYYY": f"{day.year:04}",
        "YY": f"{day.year % 100:02}",
        "MMMM": month,
        "MMM": month[:3],
        "MM": f"{day.month:02}",
        "M": str(day.month),
        "DDDD": weekday,
        "DDD": weekday[:3],
        "DD": f"{day.day:02}",
        "D": str(day.day),
    }
    return bounded(_PART.sub(lambda part: shown[part[0]], pattern))


def _add_days(text: str, days: int) -> str:
    try:
        moved = date.fromisoformat(text[:10]) + timedelta(days=days)
    except OverflowError:
        raise Left("would be no date any more") from None
    return moved.isoformat() + text[10:]  # time of day and zone stay as they are written


def _add_months(text: str, months: int) -> str:
    day = date.fromisoformat(text[:10])
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise Left("would be no date any more")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1])).isoformat() + text[10:]


def made_of(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except (ValueError, OverflowError):
        raise Left(f"there is no day {year}-{month:02}-{day:02}") from None


def _dates(name: str, takes: str, gives: Type, help: str, act: Callable[..., Any]) -> Function:
    return Function(name, tuple(takes.split(", ")), gives, help, "Dates", act)


_N, _D, _T = Type.NUMBER, Type.DATE, Type.TEXT
FUNCTIONS: Final = (
    _dates("year", "date: day", _N, "The year of a date.", lambda day: Decimal(day.year)),
    _dates("month", "date: day", _N, "The month of a date, 1 to 12.", lambda day: Decimal(day.month)),
    _dates("day", "date: day", _N, "The day of its month, 1 to 31.", lambda day: Decimal(day.day)),
    _dates(
        "weekday", "date: day", _N, "The day of its week, from 1 for Monday to 7.", lambda d: Decimal(d.isoweekday())
    ),
    _dates(
        "days_between",
        "from: day, to: day",
        _N,
        "How many days from one date to another.",
        lambda one, other: Decimal((other - one).days),
    ),
    _dates("add_days", "date, days: whole", _D, "The date so many days later; its time of day stays.", _add_days),
    _dates(
        "add_months",
        "date, months: whole",
        _D,
        "The date so many months later, at most that month's last day.",
        _add_months,
    ),
    _dates(
        "format_date",
        "date: day, pattern: text",
        _T,
        "Written after a pattern of YYYY YY MMMM MMM MM M DDDD DDD DD D.",
        _format,
    ),
)
