"""E-mail and web addresses tidied; what is none is left alone, and it is said why. Phone numbers are in `phones`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from adminui.records.cleaning import phones
from adminui.records.cleaning.base import Doing, Given, Making, Param, Skipped, Transform, textual
from adminui.records.cleaning.formats import is_email, is_url
from adminui.records.cleaning.reading import nothing, words
from adminui.records.cleaning.texts import normalised
from adminui.records.values import MaybeValue

_Act: TypeAlias = Callable[[str], Given | Skipped]

LONGEST: Final = 5_000  # characters of an address
_NAMED = re.compile(r"[^<>@]*<([^<>]*)>")
_NOT_EMAIL: Final = Skipped("is not an e-mail address")
_MANY: Final = Skipped("holds more than one e-mail address")
_NOT_URL: Final = Skipped("is not a web address")
_AROUND: Final = " \t\r\n\"'<>()[],;:"
_SCHEME = re.compile(r"(https?):[/\\]{1,3}", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d{1,5}(?:[/?#]|$))")
_HOST = re.compile(r"[^/?#\\]*")
_TRACKING = re.compile(
    r"(?:utm_\w+|gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_hs(?:enc|mi)|_ga|_gl)(?:=|$)"
)
_clean: Final = normalised("NFC", invisible=True)


def _checked(act: _Act) -> Doing:
    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        if not isinstance(value, str):
            return nothing(value) or Skipped("is not text")
        if len(value) > LONGEST:
            return Skipped("is too long for an address")
        return nothing(value) or act(value)

    return done


def _email(making: Making) -> Doing:
    everything = making.params["case"] == "all"

    def tidy(text: str) -> Given | Skipped:
        given = _address(_clean(text).strip())
        local, at, domain = given.rpartition("@")
        if not at:
            return _NOT_EMAIL
        made = f"{local.lower() if everything else local}@{domain.lower().rstrip('.')}"
        if not is_email(made):
            return _MANY if "@" in local and not given.startswith("@") else _NOT_EMAIL
        return Given(text if made == text else made, _left_out(text))

    return _checked(tidy)


def _address(text: str) -> str:
    named = _NAMED.fullmatch(text)
    inner = (named[1] if named else text).strip(_AROUND)
    inner = inner[7:] if inner[:7].lower() == "mailto:" else inner
    return inner.strip(_AROUND).rstrip(".")


def _left_out(text: str) -> str:
    """The name in front of an address in angle brackets is told, as it goes."""
    name = text.partition("<")[0].strip(_AROUND) if _NAMED.fullmatch(text.strip()) else ""
    return f"without the name {name[:80]}" if name else ""


def _url(making: Making) -> Doing:
    params = making.params

    def tidy(text: str) -> Given | Skipped:
        given = _clean(text).strip().strip("<>\"'").rstrip(".,;").strip()
        scheme = _SCHEME.match(given)
        rest = given[scheme.end() :] if scheme else given.removeprefix("//")
        if scheme is None and _ANY_SCHEME.match(given):
            return _NOT_URL
        host = _HOST.match(rest)
        assert host is not None  # it may be empty
        path = rest[host.end() :].replace(" ", "%20")
        path = _untracked(path) if params["tracking"] else path
        made = f"{scheme[1].lower() if scheme else params['scheme']}://{host[0].strip().rstrip('.').lower()}{path}"
        if not is_url(made):
            return _NOT_URL
        return Given(text if made == text else made)

    return _checked(tidy)


def _untracked(path: str) -> str:
    """Without the parts of a query that only tell where a reader came from."""
    before, mark, rest = path.partition("?")
    query, hash, fragment = rest.partition("#")
    kept = "&".join(part for part in query.split("&") if not _TRACKING.match(part))
    return f"{before}{mark if kept else ''}{kept}{hash}{fragment}" if mark and kept != query else path


_CASES: Final = (("domain", "of the domain"), ("all", "of all of it"))
_SCHEMES: Final = (("https", "https://"), ("http", "http://"))

TRANSFORMS: Final = (
    *phones.TRANSFORMS,
    Transform(
        "email",
        "E-mail address",
        "Contacts",
        "Takes off spaces, mailto:, names and dots at the end, and makes small letters. What is no address stays.",
        _email,
        words("Tidy e-mail addresses in {}"),
        textual,
        (Param("case", "Small letters", "choice", "domain", _CASES),),
    ),
    Transform(
        "url",
        "Web address",
        "Contacts",
        "Puts a scheme in front where there is none and makes small letters of the host. What is no address stays.",
        _url,
        words("Tidy web addresses in {}"),
        textual,
        (
            Param("scheme", "Where there is none", "choice", "https", _SCHEMES),
            Param("tracking", "Take out tracking (utm_…, gclid and such)", "flag", False),
        ),
    ),
)
