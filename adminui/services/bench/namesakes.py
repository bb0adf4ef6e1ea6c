"""A book of records by everything they may be called, and what a name means by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import extract

from adminui.records.cleaning.folds import Folded, fingerprint
from adminui.records.values import Record, RecordId
from adminui.services.bench.naming import Called

MOST_CANDIDATES: Final = 8
FEW: Final = 2_000  # names of records of which a name is compared with all
MUCH: Final = 0.9  # alike, from 0 to 1: worth being looked at


@dataclass(frozen=True)
class Candidate:
    """A record that may be meant. `facts` tell it from others of the same name; `how` says why it is here."""

    id: RecordId
    title: str
    facts: tuple[tuple[str, str], ...]
    active: bool
    how: str


@dataclass(frozen=True)
class Name:
    """A text as it stands in the column, in how many rows, and the records it may mean, likeliest first. `sure`: it
    means the first.
    """

    text: str
    rows: int
    candidates: tuple[Candidate, ...] = ()
    sure: bool = False


_WORDS: Final = "the same words"
_STEPS: Final[Mapping[str, Callable[[str], str]]] = {
    "the same": str,
    "the same, in other letter case": lambda text: " ".join(text.casefold().split()),
    _WORDS: fingerprint,
}


@dataclass
class Book:
    """The records by everything they may be called. Not `whole`: others were not read, who may be called so too; then
    only a title is sure, as all records with that title were asked for.
    """

    called: Called
    id_field: str
    records: Sequence[Record]
    whole: bool = True
    _at: Mapping[str, Mapping[str, list[int]]] = field(init=False)

    def __post_init__(self) -> None:
        steps: dict[str, dict[str, list[int]]] = {how: defaultdict(list) for how in _STEPS}
        for at, record in enumerate(self.records):
            for name in dict.fromkeys(self.called.names(record)):
                for how, fold in _STEPS.items():
                    _add(steps[how], fold(name), at)
        self._at = steps

    @cached_property
    def _initials(self) -> Mapping[str, list[int]]:
        held: dict[str, list[int]] = defaultdict(list)
        for at, record in enumerate(self.records):
            for name in self.called.initials(record):
                _add(held, fingerprint(name), at)
        return held

    @cached_property
    def _ids(self) -> Mapping[str, int]:
        return {str(record[self.id_field]): at for at, record in enumerate(self.records)}

    @cached_property
    def _letters(self) -> Mapping[str, list[int]]:
        """Without spaces, in the order of the name: a space that slipped is a slip like another."""
        held: dict[str, list[int]] = defaultdict(list)
        for at, record in enumerate(self.records):
            for name in self.called.names(record):
                _add(held, _letters(name), at)
        return held

    @cached_property
    def _keys(self) -> Mapping[str, list[str]]:
        """All of them, and those by the first letter: of many records only these are compared."""
        held: dict[str, list[str]] = defaultdict(list)
        for key in self._letters:
            held[""].append(key)
            held[key[:1]].append(key)
        return held

    def name(self, text: str) -> Name:
        by_id = self._ids.get(text.strip())
        for how, fold in _STEPS.items():
            if held := self._at[how].get(fold(text)):
                also = [] if by_id is None or by_id in held else [by_id]
                return self._found(text, [*held, *also], how)
        return Name(text, 0, self._likely(text)) if by_id is None else self._found(text, [by_id], "the id")

    def _found(self, text: str, places: Sequence[int], how: str) -> Name:
        """Sure where it is one record that may be chosen, and where no other can be called so."""
        candidates = self._candidates(places, how)
        alone = len(places) == 1 and candidates[0].active
        return Name(
            text, 0, candidates, sure=alone and (self.whole or how == "the id" or self._titled(places[0], text))
        )

    def _titled(self, at: int, text: str) -> bool:
        return self.records[at].get(self.called.resource.title_field) == text

    def _likely(self, text: str) -> tuple[Candidate, ...]:
        if held := self._initials.get(fingerprint(text)):
            return self._candidates(held, "the initial and last name")
        letters = _letters(text)
        keys = self._keys[letters[:1] if len(self._letters) > FEW else ""]
        alike = extract(letters, keys, scorer=JaroWinkler.similarity, score_cutoff=MUCH, limit=MOST_CANDIDATES)
        scores: dict[int, float] = {}
        for key, score, _ in alike:
            for at in self._letters[key]:
                scores.setdefault(at, score)
        return tuple(self._candidate(at, f"{score:.0%} alike") for at, score in list(scores.items())[:MOST_CANDIDATES])

    def _candidates(self, places: Sequence[int], how: str) -> tuple[Candidate, ...]:
        made = [self._candidate(at, how) for at in places]
        return tuple(sorted(made, key=lambda each: not each.active)[:MOST_CANDIDATES])

    def _candidate(self, at: int, how: str) -> Candidate:
        record, called = self.records[at], self.called
        record_id = record[self.id_field]
        assert isinstance(record_id, int | str)
        return Candidate(record_id, called.title(record), tuple(called.facts(record)), called.is_active(record), how)


def _letters(text: str) -> str:
    return "".join(Folded(alike=False)[text])


def _add(held: dict[str, list[int]], key: str, at: int) -> None:
    places = held[key]
    if key and (not places or places[-1] != at):
        places.append(at)
