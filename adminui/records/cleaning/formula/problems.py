"""What can be wrong with a formula, and with one row of what it is done to."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process

from adminui.records.casting import Invalid


class FormulaError(Invalid):
    """The formula cannot be used; `at` and `length` (characters) say which spot of it is meant."""

    def __init__(self, message: str, at: int, length: int) -> None:
        super().__init__(message)
        self.at = at
        self.length = length


class Left(Exception):
    """Raised while a row is reckoned: it is left as it is, and why. Never leaves this package."""


def instead(written: str, known: Iterable[str]) -> str:
    """“ Did you mean …?” when something known is spelt nearly so, else nothing."""
    names: dict[str, str] = {}
    for name in known:
        names.setdefault(name.casefold(), name)
    found = process.extractOne(written.casefold(), list(names), score_cutoff=65)
    return f" Did you mean {names[found[0]]}?" if found else ""


def short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
