"""The shape of a text: which kinds of character stand where. “Ab 12-345” is shaped “Aaa 99-999”.

Digits keep their number, as it tells one sort of id or phone from another. Letters do not, or every name would have a
shape of its own: small ones are “aa”, a capital is “A”, several are “AA”.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONGEST: Final = 60  # characters of a shape; what is longer ends in …
_READ: Final = 200  # characters of a text that are looked at
_BETWEEN: Final = "\0"  # texts that are looked at together


class _Kinds(dict[int, str]):
    """What stands for a character; found out once for each."""

    def __missing__(self, code: int) -> str:
        self[code] = kind = _kind(chr(code))
        return kind


def _kind(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() or character.istitle() else "a"
    if character in "\t\n\0":
        return character
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


_KINDS: Final = _Kinds()


def shape(text: str) -> str:
    """“Aaa 99-999” for “Ab 12-345”."""
    kinds = _shortened(text[:_READ].translate(_KINDS)).replace(_BETWEEN, "\N{REPLACEMENT CHARACTER}")
    return kinds if len(kinds) <= LONGEST and len(text) <= _READ else f"{kinds[: LONGEST - 1]}…"


def shapes(texts: Sequence[str]) -> list[str]:
    """Many at once, as one text: several times as fast."""
    joined = _BETWEEN.join(texts)
    found = _shortened(joined.translate(_KINDS)).split(_BETWEEN)
    if len(found) != len(texts) or max(map(len, texts), default=0) > LONGEST:
        return list(map(shape, texts))
    return found


def _shortened(kinds: str) -> str:
    """Runs of letters as two; much is taken out of a long run at a time, or it would take long."""
    kinds = kinds.replace("a", "aa")
    for short in ("aa", "AA"):
        for length in (64, 16, 8, 4, 3):
            run = short[0] * length
            while run in kinds:
                kinds = kinds.replace(run, short)
    return kinds
