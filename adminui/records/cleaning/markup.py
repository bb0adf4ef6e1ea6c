"""HTML as text: entities as characters, and tags taken out."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Final

_TAG = re.compile(r"<(?:!--|(/?)([a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>)")
_BREAKS: Final = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNREAD: Final = frozenset({"script", "style"})


def unescaped(*, tags: bool) -> Callable[[str], str]:
    def unescape(text: str) -> str:
        if "<" not in text and "&" not in text:
            return text
        return html.unescape(_untagged(text) if tags else text)

    return unescape


def _untagged(text: str) -> str:
    """Without tags, comments, and what stands in scripts; where a tag breaks the line there is a space."""
    kept: list[str] = []
    at, unread = 0, ""
    for tag in _TAG.finditer(text):
        if tag.start() < at:
            continue
        kept += [] if unread else [text[at : tag.start()]]
        name = (tag[2] or "").lower()
        at = tag.end() if name else _after_comment(text, tag.end())
        kept += [" "] if name in _BREAKS and not unread else []
        unread = (unread if name != unread or not tag[1] else "") if unread else _begun(name, tag[1])
    return "".join([*kept, text[at:]]) if not unread else "".join(kept)


def _after_comment(text: str, at: int) -> int:
    end = text.find("-->", at)
    return len(text) if end < 0 else end + 3


def _begun(name: str, closing: str | None) -> str:
    return name if name in _UNREAD and not closing else ""
