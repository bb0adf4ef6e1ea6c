"""Which of several spellings looks most like the one that was meant."""

from __future__ import annotations

import re
from typing import Final

_UNTIDY: Final = re.compile(r"^\s|\s$|\s\s|[\t\r\n\u200b-\u200f\ufeff\xa0]|&(?:amp|lt|gt|quot|#\d+);|\s[,.;]|[,;:\-]$")
_REMARK: Final = re.compile(r"[(\[?*]|(?i:\b(?:do not use|duplicate)\b|^(?:zz|xx))")


def looks(text: str) -> tuple[int, ...]:
    """Sorts the best looking first: nothing stray in it, no remark, not shouted, names with capitals, complete."""
    cased = [word[0] for word in text.split() if word[0].isalpha()]
    small = sum(map(str.islower, cased))
    bare = text.replace(" ", "")
    return (
        _UNTIDY.search(text) is not None,
        _REMARK.search(text) is not None,
        len(text) > 3 and text.isupper(),
        bool(small) and small == len(cased),
        small,
        sum(map(text.count, ".,-_/;")),
        -len(bare),
    )
