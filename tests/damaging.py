"""What a spreadsheet does to the cells of a CSV file that is opened in it and saved again, locale by locale."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_DOWN, Context, Decimal

LONGEST = 32_767
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)?")
_PART_OF_DAY = re.compile(r"(\d{1,2})[-/](\d{1,2})")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Locale:
    """How one language writes things."""

    point: str
    day: str
    short: str
    true: str
    false: str
    months: str

    def number(self, text: str) -> Decimal | None:
        """The number that a cell takes the text for."""
        group = "," if self.point == "." else "."
        shape = rf"\s*[+-]?(\d+|\d{{1,3}}(\{group}\d{{3}})+)?(\{self.point}\d*)?([eE][+-]?\d{{1,2}})?\s*"
        if not re.fullmatch(shape, text, re.ASCII) or not re.search(r"^\D*\d", text):
            return None
        return Decimal(text.strip().replace(group, "").replace(self.point, ".").removesuffix("."))


US = Locale(".", "%-m/%-d/%Y", "%-d-{}", "TRUE", "FALSE", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
DE = Locale(",", "%d.%m.%Y", "%d. {}", "WAHR", "FALSCH", "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez")
LOCALES = (US, DE)


def opened_and_saved(text: str, locale: Locale, *, wide: bool = False) -> str:
    """The cell as it is after opening and saving. `wide`: the column was given a number format without E notation."""
    if text.lower() in ("true", "false"):
        return locale.true if text.lower() == "true" else locale.false
    for change in (_number, _moment, _part_of_day, _clock):
        if (changed := change(text, locale, wide)) is not None:
            return changed
    return text[:LONGEST]


def _number(text: str, locale: Locale, wide: bool) -> str | None:
    number = locale.number(text)
    if number is None or abs(number.adjusted()) > 300:
        return None
    number = Context(prec=15, rounding=ROUND_DOWN).plus(number)
    if number == number.to_integral_value() and (abs(number) < 10**11 or (wide and abs(number) < 10**25)):
        return format(number.quantize(Decimal(1)) if abs(number) < 10**20 else number, "f").partition(".")[0]
    if abs(number) >= 10**11 or (number and abs(number) < Decimal("1e-9")):
        return f"{number:.5E}".replace(".", locale.point) if number else "0"
    shown = format(Context(prec=10).plus(number).normalize(), "f")
    return shown.replace(".", locale.point)


def _moment(text: str, locale: Locale, wide: bool) -> str | None:
    found = _MOMENT.fullmatch(text)
    day = found[1] if found else text if _DAY.fullmatch(text) else None
    if day is None or day < "1900-03-01":
        return None
    try:
        shown = date.fromisoformat(day).strftime(locale.day)
    except ValueError:
        return None
    return f"{shown} {found[2]}" if found else shown


def _part_of_day(text: str, locale: Locale, wide: bool) -> str | None:
    found = _PART_OF_DAY.fullmatch(text)
    if not found:
        return None
    day, month = (int(found[1]), int(found[2])) if locale is DE else (int(found[2]), int(found[1]))
    try:
        moment = datetime(2026, month, day)
    except ValueError:
        return None
    return moment.strftime(locale.short).format(locale.months.split()[month - 1])


def _clock(text: str, locale: Locale, wide: bool) -> str | None:
    found = _CLOCK.fullmatch(text)
    return f"{int(found[1]):02}:{found[2]}" if found else None


def misread(text: str) -> str:
    """UTF-8 taken for what Windows in the West writes."""
    return text.encode().decode("cp1252", "replace") if _all_read(text) else text


def _all_read(text: str) -> bool:
    try:
        text.encode().decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True


def unwritable(text: str) -> str:
    """Saved in an encoding that lacks its letters."""
    return text.encode("cp1252", "replace").decode("cp1252")


Damage = Callable[[str], str]
EVERY: dict[str, Damage] = {
    "US": lambda text: opened_and_saved(text, US),
    "US, wide": lambda text: opened_and_saved(text, US, wide=True),
    "DE": lambda text: opened_and_saved(text, DE),
    "DE, wide": lambda text: opened_and_saved(text, DE, wide=True),
    "misread": misread,
    "unwritable": unwritable,
}
