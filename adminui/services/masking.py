"""What a connection signs in with is never written down: not even where an API repeats it in its words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from adminui.connections.config import resolve
from adminui.connections.live import dialect_of
from adminui.logs import is_secret, redacted
from adminui.planning.outcomes import RowResult
from adminui.services.catalog import Opened


def secrets_of(opened: Opened) -> frozenset[str]:
    """What the connection signs in with, but for who does: names are no secrets, and records hold them too."""
    found = set()
    for name in filter(is_secret, dialect_of(opened.connection).credentials):
        try:
            found.add(resolve(opened.connection.credentials[name]))
        except LookupError:  # configured no longer: nothing of it is known here
            continue
    return frozenset(found)


def masked(result: RowResult, secrets: Collection[str]) -> RowResult:
    """The result with secrets hidden in its words; nearly always there are no words, and nothing is done."""
    if not result.messages and not result.by_field:
        return result
    return replace(
        result,
        messages=_hidden(result.messages, secrets),
        by_field={name: _hidden(words, secrets) for name, words in result.by_field.items()},
    )


def _hidden(words: Collection[str], secrets: Collection[str]) -> tuple[str, ...]:
    return tuple(redacted(word, secrets) for word in words)
