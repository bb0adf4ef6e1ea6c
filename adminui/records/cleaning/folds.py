"""Texts with everything folded away in which people differ when they type the same name."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_WORDS: Final = re.compile(r"[^\W_]+")
_APOSTROPHES: Final = re.compile(r"(?<=\w)['’ʼ`´](?=\w)")  # O'Neill is ONeill
_DOTTED: Final = re.compile(r"\b(?:[^\W\d_]\.){2,}[^\W\d_]?")  # L.L.C. is LLC
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d"}
)
_ALIKE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("limited", "limted"), "ltd"),
    **dict.fromkeys(("incorporated", "incorporation"), "inc"),
    **dict.fromkeys(("corporation",), "corp"),
    **dict.fromkeys(("company",), "co"),
    **dict.fromkeys(("brothers",), "bros"),
    **dict.fromkeys(("street",), "st"),
    **dict.fromkeys(("avenue",), "ave"),
    **dict.fromkeys(("road",), "rd"),
}


def plain(text: str) -> str:
    """In small letters, without accents and without what cannot be seen; entities of HTML as what they mean."""
    if "&" in text:
        text = html.unescape(text)
    if text.isascii():
        return text.lower()
    small = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return "".join(c for c in small if unicodedata.category(c) not in ("Mn", "Cf"))


def words(text: str) -> list[str]:
    return _WORDS.findall(text)


class Folded(dict[str, list[str]]):
    """The words of a text, folded; each text is folded once. `alike`: Limited is Ltd, and & is and."""

    def __init__(self, *, alike: bool = True) -> None:
        super().__init__()
        self._alike = alike

    def __missing__(self, text: str) -> list[str]:
        small = plain(text)
        if "." in small:
            small = _DOTTED.sub(_undotted, small)
        if "'" in small or "`" in small or not small.isascii():
            small = _APOSTROPHES.sub("", small)
        if self._alike and ("&" in small or "+" in small):
            small = small.replace("&", " and ").replace("+", " and ")
        held = words(small)
        self[text] = [_ALIKE.get(word, word) for word in held] if self._alike else held
        return self[text]


def _undotted(found: re.Match[str]) -> str:
    return found[0].replace(".", "")


def fingerprint(text: str) -> str:
    """The same for texts that differ in case, accents, punctuation or the order of their words; else empty."""
    return " ".join(sorted(set(Folded(alike=False)[text])))
