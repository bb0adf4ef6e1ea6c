"""Patterns that people type: compiled with the place of an error named, and never able to hold up a server.

Every search is stopped after a moment, and a pattern that took too long altogether is not asked again: whoever uses
one catches `TooSlow`. The `regex` package is used because only it can be stopped. Its stopping costs more than most
searches do, so a text too short for its pattern to be slow on is searched without.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, TypeVar

import regex

from adminui.records.casting import Invalid

LONGEST: Final = 1_000  # characters of a pattern
EACH: Final = 0.1  # seconds for one text
ALL: Final = 5.0  # seconds for all texts of one pattern
WORST: Final = 4_000_000  # steps, well within the time for one text
HEAVIEST: Final = 10_000  # parts a pattern may come to, repeats written out: they are when it is compiled

_Found = TypeVar("_Found")
_TOKEN = re.compile(
    r"\\(?:[pPN]\{[^}]*\}|.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?#[^)]*\)|\(\?P?<?[:=!>]?|\{\d+,?\d*\}|\{,\d+\}|.", re.DOTALL
)
_FLAGS = re.compile(r"\(\?[a-zA-Z]*[xV]")
_COUNTED = re.compile(r"\{(\d*)(,?)(\d*)\}")


class TooSlow(Exception):
    """A search was stopped. `words` say why a value is left as it is."""

    words: Final = "takes this pattern too long"


@dataclass
class Pattern:
    """One pattern while it is put to many texts. Its methods raise TooSlow."""

    compiled: Any
    short: int  # characters up to which a text cannot be slow
    spent: float = field(default=0.0, init=False)

    def search(self, text: str) -> Any:
        """The first match, or None."""
        return self._timed(self.compiled.search, text)

    def fullmatch(self, text: str) -> Any:
        return self._timed(self.compiled.fullmatch, text)

    def matches(self, text: str) -> list[Any]:
        """All matches, one after another."""
        return self._timed(lambda text, **limit: list(self.compiled.finditer(text, **limit)), text)

    def split(self, text: str, most: int = 0) -> list[str]:
        """The text between matches; at most so many pieces, of which the last is all that is left."""
        pieces: list[str] = []
        at = 0
        for match in self.matches(text):
            if most and len(pieces) == most - 1:
                break
            if match.end() > match.start():
                pieces.append(text[at : match.start()])
                at = match.end()
        return [*pieces, text[at:]]

    def _timed(self, search: Callable[..., _Found], text: str) -> _Found:
        if self.spent > ALL:
            raise TooSlow
        begun = perf_counter()
        try:
            return search(text) if len(text) <= self.short else search(text, timeout=EACH)
        except (TimeoutError, MemoryError):
            raise TooSlow from None
        finally:
            self.spent += perf_counter() - begun


def safe_pattern(text: str, *, case: bool = True) -> Pattern:
    """A pattern to be put to any text whatever. Raises Invalid, with the place of what is wrong."""
    if not text:
        raise Invalid("The pattern is empty.")
    if len(text) > LONGEST:
        raise Invalid(f"A pattern may have {LONGEST:,} characters.")
    if _FLAGS.search(text):
        raise Invalid("Leave out the flags x and V of this pattern.")
    if _weight(text) > HEAVIEST:
        raise Invalid("This pattern repeats too much; lower its counts in { }.")
    return Pattern(_compiled(text, case), _short(text))


def _compiled(text: str, case: bool) -> Any:
    try:
        return regex.compile(text, 0 if case else regex.IGNORECASE)
    except regex.error as error:
        raise Invalid(_said(error)) from None
    except (RecursionError, OverflowError, MemoryError, ValueError, LookupError):
        raise Invalid("This pattern has too much within itself.") from None


def _said(error: Any) -> str:
    told = str(error.msg)
    if error.pos is None:
        return f"This is no pattern: {told}."
    return f"This is no pattern: {told}, at character {error.pos + 1}."


def _weight(text: str) -> int:
    """How many parts a pattern comes to with its repeats written out."""
    open_groups: list[list[int]] = [[]]
    for token in _TOKEN.findall(text):
        if token.startswith("(") and not token.startswith("(?#"):
            open_groups.append([1])
        elif token == ")" and len(open_groups) > 1:
            weight = sum(open_groups.pop())
            open_groups[-1].append(weight)
        elif (counted := _COUNTED.fullmatch(token)) and open_groups[-1]:
            open_groups[-1][-1] *= max(int(counted[1] or 1), 1)
        else:
            open_groups[-1].append(1)
    return sum(map(sum, open_groups))


def _short(text: str) -> int:
    """Up to how many characters no text takes the pattern more than the worst number of steps: each open repeat may
    begin and end anywhere, each choice be made either way. 0 where repeats are repeated, or matches go back.
    """
    tokens = _TOKEN.findall(text)
    repeats = choices = 0
    for before, token in zip(["", *tokens], tokens, strict=False):
        counted = _COUNTED.fullmatch(token)
        repeats += token in ("*", "+") or bool(counted and counted[2])
        choices += token in ("?", "|")
        if (before == ")" and (token in ("*", "+", "?") or counted)) or _unruly(token):
            return 0
    return int((WORST / 2 ** min(choices, 60)) ** (1 / (repeats + 1)))


def _unruly(token: str) -> bool:
    """Back-references, recursion, fuzzy matching, sets of words."""
    if len(token) > 1 and token[0] == "\\":
        return token[1] in "123456789gkLXR"
    return token in ("{", "(?", "(?P", "(?P=", "(?P>")
