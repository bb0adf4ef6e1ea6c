"""Phone numbers as one standard writes them; what is no number, or more than one, is left alone and it is said why."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import phonenumbers
from babel import Locale
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from adminui.records.cleaning.base import Doing, Given, Making, Param, Skipped, Transform, WrongParam, textual
from adminui.records.cleaning.reading import blank, nothing, short, shown
from adminui.records.values import MaybeValue

_FORMATS: Final = {
    "E164": PhoneNumberFormat.E164,
    "international": PhoneNumberFormat.INTERNATIONAL,
    "national": PhoneNumberFormat.NATIONAL,
}
_LONGEST: Final = 100
# A label, one number, an extension: anything else would be lost.
_SHAPE = re.compile(
    r"\s*(?:(?:tel|phone|ph|mobile|cell|fax|telefon|t|p|m|f)\b\s*[.:]*\s*)?"
    r"([+＋]?[\d\s().\-‐‑‒–/·\u200e\u200f\u202a-\u202e]+?)"
    r"(?:[\s,;]*(?:x|ext|extn|extension|#)\s*[.:]?\s*(\d{1,7}))?\s*",
    re.IGNORECASE,
)
# The plainest numbers of North America: nearly all there are in most accounts, and the package takes its time.
_PLAIN = re.compile(r"\s*(?:\+?1[ .-]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[ .-]?)([2-9]\d\d)[ .-]?(\d{4})\s*", re.ASCII)
_NOT_ONE: Final = Skipped("is not a phone number")
_MANY: Final = Skipped("holds more than one phone number, or words")
_NO_COUNTRY: Final = Skipped("has no country code, and its country is not known")
_WRONG_CODE: Final = Skipped("has a country code that does not exist")
_REASONS: Final = {
    ValidationResult.TOO_SHORT: Skipped("is too short for a phone number"),
    ValidationResult.TOO_LONG: Skipped("is too long for a phone number"),
    ValidationResult.INVALID_COUNTRY_CODE: _WRONG_CODE,
    ValidationResult.INVALID_LENGTH: Skipped("has a length that phone numbers of this country do not have"),
}
_NO_SUCH: Final = Skipped("is not a phone number that exists")
_EXTENDED: Final = Skipped("has an extension, which this format cannot hold")
_LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pt")
_ALIASES: Final = {"usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US", "uk": "GB"} | {
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "holland": "NL",
    "the netherlands": "NL",
}


@cache
def _countries() -> dict[str, str]:
    """Names of countries in common languages, with their codes."""
    names = {
        name.casefold(): code
        for language in reversed(_LANGUAGES)
        for code, name in Locale.parse(language).territories.items()
        if code in phonenumbers.SUPPORTED_REGIONS
    }
    return names | _ALIASES


def region_of(country: str) -> str | None:
    """The code of a country that is told by its code or its name."""
    text = country.strip()
    if text.upper() in phonenumbers.SUPPORTED_REGIONS:
        return text.upper()
    return _countries().get(text.casefold())


def _phone(making: Making) -> Doing:
    params = making.params
    region = region_of(params["region"])
    if region is None:
        raise WrongParam("region", f"“{short(params['region'])}” is not a country: write two letters, as US.")
    country = shown(making.other(params["region_field"])) if params["region_field"] else None
    write = _writer(params["format"], params["extension"], keep=params["keep"])

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if (none := nothing(value)) is not None or not isinstance(value, str):
            return none or _NOT_ONE
        if country is None or blank(others[0]):
            return write(value, region)
        return write(value, region_of(country(others[0])))

    return done


def _writer(style: str, extension: str, *, keep: bool) -> Callable[[str, str | None], Given | Skipped]:
    """Writes a number as it is dialled from a region."""
    form = _FORMATS[style]

    def write(text: str, region: str | None) -> Given | Skipped:
        if style == "E164" and (plain := _plainest(text, region)):
            return Given(text if plain == text else plain)
        shape = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
        if shape is None:
            return _MANY if any(map(str.isdecimal, text)) else _NOT_ONE
        number = _parsed(shape[1], region)
        if isinstance(number, Skipped):
            return number
        if not (keep or phonenumbers.is_valid_number(number)):
            return _REASONS.get(phonenumbers.is_possible_number_with_reason(number), _NO_SUCH)
        if shape[2] and extension == "skip":
            return _EXTENDED
        written = phonenumbers.format_number(number, form)
        return Given(f"{written} x{shape[2]}" if shape[2] and extension == "append" else written)

    return write


def _plainest(text: str, region: str | None) -> str:
    """A number of the United States in E.164, if it is one of those that need no second look."""
    if region != "US" or (found := _PLAIN.fullmatch(text)) is None:
        return ""
    national = (found[1] or found[2]) + found[3] + found[4]
    return f"+1{national}" if _american().fullmatch(national) else ""


@cache
def _american() -> re.Pattern[str]:
    """All numbers in use in the United States, as the package's own metadata has them."""
    data = phonenumbers.PhoneMetadata.metadata_for_region("US")
    assert data is not None
    kinds = (data.fixed_line, data.mobile, data.toll_free, data.premium_rate, data.shared_cost, data.voip)
    used = (*kinds, data.personal_number, data.pager, data.uan, data.voicemail)
    return re.compile(
        "|".join(f"(?:{each.national_number_pattern})" for each in used if each and each.national_number_pattern)
    )


def _parsed(text: str, region: str | None) -> PhoneNumber | Skipped:
    """Also a number with 00 for the plus where that is not how one dials abroad."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        if error.error_type != NumberParseException.INVALID_COUNTRY_CODE:
            return _NOT_ONE
        return _NO_COUNTRY if region is None and "+" not in text else _WRONG_CODE
    digits = re.sub(r"[^\d+]", "", text)
    if digits.startswith("00") and not phonenumbers.is_valid_number(number):
        try:
            abroad = phonenumbers.parse(f"+{digits[2:]}", None)
        except NumberParseException:
            return number
        return abroad if phonenumbers.is_valid_number(abroad) else number
    return number


_STYLES: Final = (
    ("E164", "E.164: +12025550123"),
    ("international", "International: +1 202-555-0123"),
    ("national", "National: (202) 555-0123"),
)
_HOME: Final = "US"
_IN_WORDS: Final = {"E164": "as E.164", "international": "in international form", "national": "in national form"}


def _worded(labels: str, params: Mapping[str, Any]) -> str:
    dropped = ", dropping extensions," if params["extension"] == "drop" else ""
    where = f" as dialled in {params['region']}" if params["region"] != _HOME else ""
    return f"Write {labels} {_IN_WORDS[params['format']]}{where}{dropped}"


_EXTENSIONS: Final = (("skip", "leave the number alone"), ("append", "put “x12” behind it"), ("drop", "drop it"))

TRANSFORMS: Final = (
    Transform(
        "phone",
        "Phone number",
        "Contacts",
        "Writes phone numbers in one way. What is not a valid number stays as it is.",
        _phone,
        _worded,
        textual,
        (
            Param("format", "Format", "choice", "E164", _STYLES),
            Param("region", "Country of numbers without a country code", default=_HOME, required=True),
            Param("region_field", "Country from field", "field", help="By its code or name, where it is filled."),
            Param("extension", "An extension", "choice", "skip", _EXTENSIONS),
            Param("keep", "Also numbers that are not known to exist", "flag", False),
        ),
        reads=lambda params: (params["region_field"],) if params["region_field"] else (),
    ),
)
