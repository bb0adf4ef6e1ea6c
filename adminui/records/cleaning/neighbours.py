"""Texts that are near one another, found without comparing each with all.

Few texts are all compared. Of many, each is compared with those that share one of its rarest runs of letters, which two
near texts all but always do; runs that are too common to tell anything apart are not asked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz.distance import JaroWinkler, Levenshtein
from rapidfuzz.process import extract_iter

FEW: Final = 600  # texts of which each is compared with all
RUN: Final = 4  # letters
ASKED: Final = 6  # of the rarest runs of each text
COMMON: Final = 400  # texts with a run that tells nothing
LETTERS_FOR_EACH: Final = 4  # so many letters a text has to have for each that may differ
_DIGITS: Final = re.compile(r"\d+")


@dataclass
class Near:
    """Each text's neighbours. Not `whole`: some may be missing."""

    pairs: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole: bool = True

    def add(self, left: str, right: str) -> None:
        self.pairs[left].add(right)
        self.pairs[right].add(left)


def by_edits(texts: Sequence[str], radius: int) -> Near:
    """Neighbours are at most so many letters apart, a letter for each four at most."""

    def near(text: str, others: Iterable[str]) -> Iterator[str]:
        most = min(radius, len(text) // LETTERS_FOR_EACH)
        return _within(text, others, Levenshtein.distance, most) if most else iter(())

    return _near(texts, near)


def by_start(texts: Sequence[str], least: float) -> Near:
    """Neighbours are at least so much alike, from 0 to 1."""
    return _near(texts, lambda text, others: _within(text, others, JaroWinkler.similarity, least))


def _within(text: str, others: Iterable[str], scorer: Callable[..., Any], cutoff: float) -> Iterator[str]:
    return (found[0] for found in extract_iter(text, others, scorer=scorer, score_cutoff=cutoff))


def _near(texts: Sequence[str], near: Callable[[str, Iterable[str]], Iterator[str]]) -> Near:
    found = Near()
    by_digits: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for text in texts:
        by_digits[tuple(_DIGITS.findall(text))].append(text)
    for alike in by_digits.values():
        candidates = _all_others if len(alike) <= FEW else _Runs(alike, found)
        for at, text in enumerate(alike):
            for other in near(text, candidates(alike, at)):
                found.add(text, other)
    return found


def _all_others(texts: Sequence[str], at: int) -> Sequence[str]:
    return texts[at + 1 :]


class _Runs:
    """Which texts share one of the rarest runs of letters of a text."""

    def __init__(self, texts: Sequence[str], found: Near) -> None:
        self.held: Mapping[str, list[int]] = _index(texts)
        self.found = found

    def __call__(self, texts: Sequence[str], at: int) -> Sequence[str]:
        runs = [held for run in _runs_of(texts[at]) if len(held := self.held[run]) > 1]
        runs.sort(key=len)
        asked = [held for held in runs[:ASKED] if len(held) <= COMMON]
        if runs and not asked:
            self.found.whole = False
        others = set().union(*asked)
        others.discard(at)
        return [texts[other] for other in sorted(others)]


def _index(texts: Sequence[str]) -> Mapping[str, list[int]]:
    held: dict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        for run in _runs_of(text):
            held[run].append(at)
    return held


def _runs_of(text: str) -> set[str]:
    bare = text.replace(" ", "")
    return {bare[at : at + RUN] for at in range(len(bare) - RUN + 1)} or {bare}
