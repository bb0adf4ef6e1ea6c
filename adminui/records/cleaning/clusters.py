"""Clusters: groups of texts that are likely to be one thing spelt in several ways, each with a suggested survivor.

    keys        texts with the same key are one group: fingerprint, n-grams, how it sounds
    neighbours  texts within reach of a group's most frequent one: Levenshtein, Jaro-Winkler

Groups of neighbours grow around one text, and everything else in a group is within reach of that text itself, never of
another member only: chains (cat, cart, card, hard) do not swallow a column. Texts that differ in their digits are no
neighbours: “Unit 12” is not a slip of “Unit 13”. Every text is in one group at most; the same texts and counts give
the same groups in the same order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import add
from typing import Any, Final, TypeAlias

import jellyfish

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Param
from adminui.records.cleaning.folds import Folded
from adminui.records.cleaning.looks import looks
from adminui.records.cleaning.neighbours import Near, by_edits, by_start

Found: TypeAlias = tuple[Iterable[Sequence[str]], bool]  # groups, and whether all there are

__all__ = ["METHODS", "Cluster", "Clustered", "Method", "Valued", "clusters"]


@dataclass(frozen=True)
class Valued:
    """One text, and in how many rows it stands."""

    text: str
    count: int


@dataclass(frozen=True)
class Cluster:
    """Texts that are likely to be one thing, most frequent first. `key` names the group while its texts are there."""

    key: str
    values: tuple[Valued, ...]
    survivor: str

    @property
    def rows(self) -> int:
        return sum(value.count for value in self.values)

    @property
    def spread(self) -> int:
        """By how many characters the longest is longer than the shortest."""
        lengths = [len(value.text) for value in self.values]
        return max(lengths) - min(lengths)


@dataclass(frozen=True)
class Clustered:
    """The groups, largest first. Not `whole`: so many texts are alike that not all were compared with each other."""

    clusters: tuple[Cluster, ...]
    whole: bool = True


@dataclass(frozen=True)
class Method:
    """One way of finding groups: `find` says which of the texts belong together."""

    name: str
    label: str
    help: str
    find: Callable[[Mapping[str, int], Folded, Mapping[str, Any]], Found]
    params: tuple[Param, ...] = ()
    limits: Mapping[str, tuple[int, int]] | None = None

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters, defaults filled in. Raises Invalid."""
        if unknown := given.keys() - {param.name for param in self.params}:
            raise Invalid(f"“{min(unknown)[:40]}” is not a parameter of “{self.label}”.")
        return {param.name: self._checked(param, given.get(param.name, param.default)) for param in self.params}

    def _checked(self, param: Param, value: Any) -> Any:
        if param.kind == "flag" and isinstance(value, bool):
            return value
        least, most = (self.limits or {}).get(param.name, (0, 0))
        if param.kind == "number" and type(value) is int and least <= value <= most:
            return value
        raise Invalid(f"{param.label} has to be a whole number from {least} to {most}.")


def clusters(counts: Mapping[str, int], method: str, params: Mapping[str, Any] | None = None) -> Clustered:
    """The groups of two or more among these texts. Raises Invalid for a method or parameter there is not."""
    if method not in METHODS:
        raise Invalid(f"There is no method “{method[:40]}”.")
    chosen = METHODS[method]
    checked = chosen.checked(params or {})
    folded = Folded(alike=checked["alike"])
    found, whole = chosen.find(counts, folded, checked)
    made = [_cluster(texts, counts, folded) for texts in found if len(texts) > 1]
    made.sort(key=lambda each: (-len(each.values), -each.rows, each.survivor, each.key))
    return Clustered(tuple(made), whole)


def _cluster(texts: Sequence[str], counts: Mapping[str, int], folded: Folded) -> Cluster:
    """Of the most frequent, that one survives whose words most of the others have too; then the best looking."""
    votes: Counter[str] = Counter()
    for text in texts if len(texts) > 2 else ():
        votes[" ".join(folded[text])] += counts[text]
    ordered = sorted(
        texts, key=lambda text: (-counts[text], -votes[" ".join(folded[text])] if votes else 0, looks(text), text)
    )
    return Cluster(min(texts), tuple([Valued(text, counts[text]) for text in ordered]), ordered[0])


# Keys


def _by_key(texts: Iterable[str], keys: Iterable[Hashable]) -> Found:
    """A text whose key is empty is like no other."""
    found: dict[Hashable, list[str]] = defaultdict(list)
    for text, key in zip(texts, keys, strict=True):
        if key:
            found[key].append(text)
    return found.values(), True


def _fingerprints(counts: Mapping[str, int], folded: Folded, params: Mapping[str, Any]) -> Found:
    return _by_key(counts, [" ".join(sorted(set(folded[text]))) for text in counts])


def _grams(counts: Mapping[str, int], folded: Folded, params: Mapping[str, Any]) -> Found:
    keys = _Grams(params["size"])
    return _by_key(counts, [keys["".join(folded[text])] for text in counts])


class _Grams(dict[str, Hashable]):
    """The runs of so many letters in a text; of a shorter one, the text. Runs of two are what is usual, and quick."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size

    def __missing__(self, text: str) -> Hashable:
        pairs = self._size == 2
        runs = map(add, text, text[1:]) if pairs else map("".join, zip(*self._shifted(text), strict=False))
        self[text] = frozenset(runs) or text
        return self[text]

    def _shifted(self, text: str) -> list[str]:
        return [text[at:] for at in range(self._size)]


def _sounds(counts: Mapping[str, int], folded: Folded, params: Mapping[str, Any]) -> Found:
    known = _Sounds()
    return _by_key(counts, [" ".join(sorted({known[word] for word in folded[text]})) for text in counts])


class _Sounds(dict[str, str]):
    """How a word sounds; one that is no Latin word, or holds digits, is itself."""

    def __missing__(self, word: str) -> str:
        sound = jellyfish.metaphone(word) if word.isascii() and word.isalpha() else ""
        self[word] = "".join(letter for letter, _ in groupby(sound)) or word  # dt is t as tt is
        return self[word]


# Neighbours


def _edits(counts: Mapping[str, int], folded: Folded, params: Mapping[str, Any]) -> Found:
    return _around(counts, folded, lambda texts: by_edits(texts, params["radius"]))


def _starts(counts: Mapping[str, int], folded: Folded, params: Mapping[str, Any]) -> Found:
    return _around(counts, folded, lambda texts: by_start(texts, params["likeness"] / 100))


def _around(counts: Mapping[str, int], folded: Folded, near: Callable[[Sequence[str]], Near]) -> Found:
    """Texts that differ in nothing but case, spaces and punctuation are one to begin with."""
    alike: dict[str, list[str]] = defaultdict(list)
    for text in counts:
        if held := " ".join(folded[text]):
            alike[held].append(text)
    found = near(sorted(alike))
    rows = {held: sum(counts[text] for text in texts) for held, texts in alike.items()}
    return [[text for held in group for text in alike[held]] for group in _stars(rows, found)], found.whole


def _stars(rows: Mapping[str, int], found: Near) -> Iterator[list[str]]:
    """Around the most frequent first; of several, around the one that has most neighbours."""
    pairs = found.pairs
    taken: set[str] = set()
    for centre in sorted(rows, key=lambda text: (-rows[text], -len(pairs.get(text, ())), looks(text), text)):
        if centre not in taken:
            group = [centre, *(text for text in sorted(pairs.get(centre, ())) if text not in taken)]
            taken.update(group)
            yield group


_ALIKE: Final = Param(
    "alike",
    "Ltd = Limited, & = and",
    "flag",
    True,
    help="Words that mean the same are taken for one: Inc, LLC, GmbH, St.",
)
_METHODS: Final = (
    Method(
        "fingerprint",
        "Same words",
        "The same words, whatever their order, case, accents and punctuation. Rarely wrong.",
        _fingerprints,
        (_ALIKE,),
    ),
    Method(
        "ngram",
        "Same letters (n-grams)",
        "The same runs of letters, spaces left out: finds words written together and apart.",
        _grams,
        (Param("size", "Letters in a run", "number", 2), _ALIKE),
        {"size": (1, 6)},
    ),
    Method(
        "phonetic",
        "Sounds alike (Metaphone)",
        "Words that sound alike in English, whatever their order. Look before you merge.",
        _sounds,
        (_ALIKE,),
    ),
    Method(
        "levenshtein",
        "A few letters apart (Levenshtein)",
        "Slips of the finger: so many letters added, lost or changed; fewer in short texts. Digits have to agree.",
        _edits,
        (Param("radius", "Letters apart", "number", 2), _ALIKE),
        {"radius": (1, 4)},
    ),
    Method(
        "jaro_winkler",
        "Alike, above all at the start (Jaro-Winkler)",
        "How much of two texts agrees, in per cent; the beginning counts more. Digits have to agree.",
        _starts,
        (Param("likeness", "Alike by at least, in %", "number", 95), _ALIKE),
        {"likeness": (80, 99)},
    ),
)
METHODS: Final[Mapping[str, Method]] = {method.name: method for method in _METHODS}
