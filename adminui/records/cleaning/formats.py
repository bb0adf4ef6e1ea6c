"""Formats that text can be asked to have: e-mail and web addresses, phone numbers, postal codes, patterns. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import phonenumbers

from adminui.records.casting import Invalid
from adminui.records.cleaning.patterns import TooSlow, safe_pattern

KNOWN: Final = 120_000  # phone numbers
Matches: TypeAlias = Callable[[str], bool]

_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+(?:\.[^\s.@,;:<>\"()\[\]\\]+)*")
_LABEL: Final = re.compile(
    r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\-\u0080-\U0010ffff]{0,61}[A-Za-z0-9\u0080-\U0010ffff])?"
)
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_POSTAL: Final[Mapping[str, str]] = {
    "US": r"\d{5}(?:-\d{4})?",
    "CA": r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d",
    "GB": r"(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})",
    "AT": r"\d{4}",
    "AU": r"\d{4}",
    "BE": r"\d{4}",
    "BR": r"\d{5}-?\d{3}",
    "CH": r"\d{4}",
    "DE": r"\d{5}",
    "DK": r"\d{4}",
    "ES": r"\d{5}",
    "FR": r"\d{5}",
    "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}",
    "IN": r"\d{6}",
    "IT": r"\d{5}",
    "JP": r"\d{3}-?\d{4}",
    "NL": r"[1-9]\d{3} ?[A-Z]{2}",
    "NO": r"\d{4}",
    "NZ": r"\d{4}",
    "PL": r"\d{2}-\d{3}",
    "SE": r"\d{3} ?\d{2}",
}
COUNTRIES: Final = tuple(_POSTAL)


@dataclass(frozen=True)
class Format:
    """One format: its label, what a value that has it is, and the parameters it needs."""

    label: str
    words: str
    needs: tuple[str, ...] = ()


FORMATS: Final[Mapping[str, Format]] = {
    "email": Format("E-mail address", "an e-mail address"),
    "phone": Format("Phone number", "a phone number ({region} or with its country code)", ("region",)),
    "e164": Format("Phone number, E.164", "a phone number in E.164, as +12125550123"),
    "url": Format("Web address", "a web address"),
    "postal": Format("Postal code", "a postal code of {region}", ("region",)),
    "trimmed": Format("No spaces around or doubled", "free of spaces around it or doubled"),
    "regex": Format("A pattern of your own", "as the pattern {pattern} has it", ("pattern",)),
}


def matcher(name: str, pattern: str, region: str) -> Matches:
    """Whether a text has the format. Raises Invalid for a format, pattern or country there is not."""
    if name == "regex":
        return _pattern(pattern) if pattern else _no_pattern()
    if name == "phone":
        return _phone(region)
    if name == "postal":
        return _postal(region)
    if name not in _PLAIN:
        raise Invalid(f"“{name[:40]}” is not a format that is known.")
    return _PLAIN[name]


def _whole(fullmatch: Callable[[str], object]) -> Matches:
    return lambda text: fullmatch(text) is not None


def _pattern(text: str) -> Matches:
    """Raises Invalid, also later for a pattern that turns out to take too long."""
    pattern = safe_pattern(text)

    def matches(value: str) -> bool:
        try:
            return pattern.fullmatch(value) is not None
        except TooSlow:
            raise Invalid("This pattern takes too long for some values: make it simpler.") from None

    return matches


def _no_pattern() -> Matches:
    raise Invalid("Write the pattern that the whole value has to match.")


def _phone(region: str) -> Matches:
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid(f"“{region[:40]}” is not a country: write two letters, as US.")

    return lambda text: is_phone(text, region)


@lru_cache(KNOWN)
def is_phone(text: str, region: str) -> bool:
    """Remembered: it takes longer than anything else here, and rules are counted again after every edit."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def _postal(region: str) -> Matches:
    if region not in _POSTAL:
        raise Invalid(f"Postal codes are known of {', '.join(COUNTRIES)}; for others write a pattern.")
    return _whole(re.compile(_POSTAL[region], re.ASCII | re.IGNORECASE).fullmatch)


def is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at) and len(text) <= 254 and _LOCAL.fullmatch(local) is not None and _is_domain(domain)


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return len(labels) > 1 and not labels[-1].isdigit() and all(_LABEL.fullmatch(label) for label in labels)


def is_url(text: str) -> bool:
    """With http or https, or without either: what people write into a field for it."""
    if any(character.isspace() for character in text):
        return False
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and _is_domain(host or "")


def is_trimmed(text: str) -> bool:
    return text == text.strip() and re.search(r"\s\s", text) is None


_PLAIN: Final[Mapping[str, Matches]] = {
    "email": is_email,
    "e164": lambda text: _E164.fullmatch(text) is not None,
    "url": is_url,
    "trimmed": is_trimmed,
}
