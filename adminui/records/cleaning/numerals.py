"""Text as people write numbers, read by the signs of one chosen language: "1,234" is never guessed at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from babel.numbers import get_decimal_symbol, get_group_symbol, list_currencies

from adminui.records.entries import Skipped
from adminui.records.values import as_decimal

LOCALES: Final = (  # the most common, each with a number as it is written there
    ("en_US", "English (United States): 1,234,567.5"),
    ("en_GB", "English (United Kingdom): 1,234,567.5"),
    ("en_IN", "English (India): 12,34,567.5"),
    ("de_DE", "German (Germany): 1.234.567,5"),
    ("de_AT", "German (Austria): 1.234.567,5"),
    ("de_CH", "German (Switzerland): 1’234’567.5"),
    ("fr_FR", "French (France): 1 234 567,5"),
    ("fr_CH", "French (Switzerland): 1 234 567,5"),
    ("fr_CA", "French (Canada): 1 234 567,5"),
    ("es_ES", "Spanish (Spain): 1.234.567,5"),
    ("es_MX", "Spanish (Mexico): 1,234,567.5"),
    ("it_IT", "Italian (Italy): 1.234.567,5"),
    ("nl_NL", "Dutch (Netherlands): 1.234.567,5"),
    ("pt_BR", "Portuguese (Brazil): 1.234.567,5"),
    ("pt_PT", "Portuguese (Portugal): 1 234 567,5"),
    ("da_DK", "Danish (Denmark): 1.234.567,5"),
    ("sv_SE", "Swedish (Sweden): 1 234 567,5"),
    ("nb_NO", "Norwegian Bokmål (Norway): 1 234 567,5"),
    ("fi_FI", "Finnish (Finland): 1 234 567,5"),
    ("pl_PL", "Polish (Poland): 1 234 567,5"),
    ("cs_CZ", "Czech (Czechia): 1 234 567,5"),
    ("ru_RU", "Russian (Russia): 1 234 567,5"),
    ("tr_TR", "Turkish (Türkiye): 1.234.567,5"),
    ("ja_JP", "Japanese (Japan): 1,234,567.5"),
)
_LONGEST: Final = 200
_APART: Final = " \u00a0\u2007\u2009\u202f'’"  # between groups of digits in any language: they are never the point
_MINUS: Final = str.maketrans("−‒–﹣－", "-----")
_LOCAL: Final = frozenset({"KR", "KR.", "KČ", "ZŁ", "FR", "FR.", "SFR", "SFR.", "RS", "RS.", "R$", "US$", "A$", "C$"})
_BEFORE = re.compile(r"([-+]?)\s*([^\d\s(+-][^\d\s(.,+-]{0,2}\.?)\s*(?=[-+]?[\d.,])")
_BEHIND = re.compile(r"(?<=[\d.,])\s*([^\d\s).,+-]{1,3}\.?)$")
_DASHED = re.compile(r"(?<=\d)[.,]\s*[-–—]{1,2}$")  # 25.– in Switzerland
_ENDLESS = re.compile(r"[-+]?\d+(?:[.,]\d+)?[eE][-+]?\d+", re.ASCII)

NOT_ONE: Final = Skipped("is not a number as this language writes it")
SHORTENED: Final = Skipped("is in E notation: digits may be lost")


@dataclass(frozen=True)
class Read:
    """A number that was read. `coded` if it begins with a 0 too many, as codes do."""

    number: Decimal
    percent: bool
    coded: bool


def reader(locale: str) -> Callable[[str], Read | Skipped]:
    """Reads numbers as one language writes them: currencies and percent signs off, brackets as a minus."""
    shape = _shape(locale)

    def read(text: str) -> Read | Skipped:
        if len(text) > _LONGEST:
            return NOT_ONE
        bare = _DASHED.sub("", _digits(text).translate(_MINUS).strip())
        if _ENDLESS.fullmatch(bare):
            return SHORTENED
        bare, minus, percent = _unsigned(bare)
        found = shape.fullmatch(bare)
        return _read(found, minus=minus, percent=percent) if found else NOT_ONE

    return read


def _read(found: re.Match[str], *, minus: bool, percent: bool) -> Read | Skipped:
    whole, part = "".join(filter(str.isdecimal, found["whole"])), found["part"]
    sign = "-" if minus or found["sign"] == "-" else ""
    number = as_decimal(f"{sign}{whole or '0'}{f'.{part}' if part else ''}")
    if number is None or not (whole or part) or (minus and found["sign"]):
        return NOT_ONE
    return Read(number if number else abs(number), percent, len(whole) > 1 and whole[0] == "0")


@cache
def _shape(locale: str) -> re.Pattern[str]:
    """Sign, digits in equal groups or in none, and what stands behind the point. In India the last group is of three,
    the others of two.
    """
    point = get_decimal_symbol(locale)
    by = f"[{re.escape(''.join(sorted({*_APART, get_group_symbol(locale)} - {point})))}]"
    size = r"\d{2,3}" if locale == "en_IN" else r"\d{3}"
    grouped = rf"[1-9]\d{{0,2}}(?P<by>{by})(?:{size}(?P=by))*\d{{3}}"
    return re.compile(rf"(?P<sign>[-+]?)(?P<whole>{grouped}|\d*)(?:{re.escape(point)}(?P<part>\d*))?", re.ASCII)


def _digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join([str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text])


def _unsigned(text: str) -> tuple[str, bool, bool]:
    """Without brackets, a minus behind, percent and currency; whether it is negative, and of a hundred."""
    minus = text.startswith("(") and text.endswith(")")
    text = text[1:-1].strip() if minus else text
    text = _without_currency(text)
    percent = text.endswith("%")
    text = text[:-1].rstrip() if percent else text
    if text.endswith("-") and text[:-1] and not minus:
        return text[:-1].rstrip(), True, percent
    return text, minus, percent


def _without_currency(text: str) -> str:
    before = _BEFORE.match(text)
    if before and is_currency(before[2]):
        return before[1] + text[before.end() :]
    behind = _BEHIND.search(text)
    return text[: behind.start()] if behind and is_currency(behind[1]) else text


def is_currency(text: str) -> bool:
    """A sign such as € or the code or short name of a currency."""
    if len(text) == 1:
        return unicodedata.category(text) == "Sc"
    return text.upper() in _LOCAL or text.upper() in _codes()


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())
