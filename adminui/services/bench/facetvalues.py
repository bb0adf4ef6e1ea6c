"""Facets that list values: in how many rows each stands, in order, searched, page by page."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

from adminui.records.casting import Invalid, to_text
from adminui.records.cleaning import facets
from adminui.records.cleaning.facets import Facet, Told, shapes_of
from adminui.records.cleaning.ranges import NUMERIC
from adminui.records.schema import Field, Kind
from adminui.records.values import Absent, MaybeValue, as_decimal
from adminui.services import references
from adminui.services.bench import where
from adminui.services.bench.frames import Frame
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.statistics import key_of

SIZE: Final = 50
MOST: Final = 1_000  # values told at once
NAMED: Final = 500  # references whose names are looked up to search or sort by them
EXACTLY: Final = 5_000  # values that are put in order by count and text; of more, by count alone
Masks = Sequence[bytes | None]  # one for each frame; None lets every row through


@dataclass(frozen=True)
class Valued:
    """One value of a facet. `chosen`: "in", "out" or neither."""

    key: str
    value: MaybeValue
    count: int
    chosen: str = ""


@dataclass(frozen=True)
class Values:
    """Values from `start`; chosen ones that do not come there by themselves are told first. `found` by the search."""

    values: tuple[Valued, ...]
    distinct: int
    found: int
    start: int


@dataclass(frozen=True)
class Counting:
    """What one facet is counted with."""

    opened: Opened
    frames: Sequence[Frame]
    field: Field
    facet: Facet
    masks: Masks = ()

    def columns(self) -> Iterator[tuple[Sequence[int], Sequence[MaybeValue], bytes | None]]:
        """For each frame: codes, values as facets see them, and what the other facets let through."""
        for frame, mask in zip(self.frames, self.masks, strict=True):
            column = frame.columns[self.field.name]
            yield column.codes, where.shown(column), mask


def texts(asked: Counting) -> Values:
    told = Told(asked.field)
    counts = where.tally(asked.columns(), told.meanings)
    pairs = [(told.value(meaning), rows) for meaning, rows in counts.items()]
    return _listed(asked, pairs, lambda value: key_of(asked.field, value), _Spoken(asked, [v for v, _ in pairs]))


class _Spoken:
    """What the values of a facet are called, to search and sort by: choices and references have names."""

    def __init__(self, asked: Counting, values: Sequence[MaybeValue]) -> None:
        self.field = asked.field
        self.names: references.Names = {}
        by_name = asked.facet.get("search") or asked.facet.get("sort") == "value"
        if by_name and self.field.kind is Kind.REFERENCE and len(values) <= NAMED:
            records: list[Any] = [{self.field.name: value} for value in values]
            self.names = references.names(asked.opened, [self.field], records)

    def text(self, value: MaybeValue) -> str:
        if type(value) is str and not self.field.choices:
            return value
        if value is None or isinstance(value, list | dict | Absent):
            return to_text(self.field, value)
        choice = self.field.choice(value) if self.field.choices else None
        name = self.names.get((self.field.reference or "", value)) if isinstance(value, int | str) else None
        return choice.label if choice else name or to_text(self.field, value)

    def order(self, value: MaybeValue) -> tuple[int, Any, str]:
        """Numbers, then texts in order of the alphabet, then what is blank."""
        text = self.text(value)
        number = as_decimal(value) if self.field.kind in NUMERIC and not self.names else None
        if number is not None:
            return 0, number, ""
        return (1, text.casefold(), text) if text.strip() else (2, facets.blank_of(value), text)


def _listed(
    asked: Counting, pairs: Sequence[tuple[Any, int]], key: Callable[[Any], str], spoken: _Spoken | None = None
) -> Values:
    """The values asked for: those the search finds, in order, from the start on, and the chosen ones."""
    facet, text = asked.facet, spoken.text if spoken else str
    search = str(facet.get("search") or "").casefold()
    found = [pair for pair in pairs if search in text(pair[0]).casefold()] if search else pairs
    start, size = _whole(facet, "from", 0, 10**9), _whole(facet, "size", SIZE, MOST)
    page = _ordered(facet, found, start + size, spoken)[start:]
    chosen = {k: name for name in ("in", "out") for k in facets.chosen(facet, name)}
    values = [Valued(k, value, rows, chosen.pop(k, "")) for value, rows in page for k in [key(value)]]
    rest = _chosen(asked, pairs, key, chosen) if start == 0 else []
    return Values((*rest, *values), len(pairs), len(found), start)


def _ordered(
    facet: Facet, found: Sequence[tuple[Any, int]], most: int, spoken: _Spoken | None
) -> list[tuple[Any, int]]:
    order = spoken.order if spoken else str
    if facet.get("sort") == "value":
        return heapq.nsmallest(most, found, key=lambda pair: order(pair[0]))
    if len(found) <= EXACTLY:
        return sorted(found, key=lambda pair: (-pair[1], order(pair[0])))[:most]
    return heapq.nlargest(most, found, key=lambda pair: pair[1])


def _chosen(
    asked: Counting, pairs: Sequence[tuple[Any, int]], key: Callable[[Any], str], left: Mapping[str, str]
) -> list[Valued]:
    """Chosen values that are not on the page, with how many rows they have now."""
    if not left:
        return []
    counts = {k: pair for pair in _with_keys(asked, pairs, left) if (k := key(pair[0])) in left}
    return [Valued(k, *counts.get(k, (_of_key(k), 0)), name) for k, name in left.items()]


def _with_keys(asked: Counting, pairs: Sequence[tuple[Any, int]], keys: Mapping[str, str]) -> Sequence[tuple[Any, int]]:
    """Those that may have these keys: to ask every value for its key would take long."""
    if asked.facet["facet"] != "text" or len(pairs) <= EXACTLY:
        return pairs
    flags = facets.by_value({"in": list(keys)}, asked.field, key_of)
    return list(compress(pairs, flags([value for value, _ in pairs]))) if flags else []


def _of_key(key: str) -> MaybeValue:
    """A value as its key tells of it: nothing in the worksheet holds it just now."""
    try:
        meaning = facets.meaning_of(key)
    except Invalid:
        return key
    return facets.bare(meaning)  # type: ignore[return-value]


def _whole(facet: Facet, name: str, otherwise: int, most: int) -> int:
    value = facet.get(name, otherwise)
    if type(value) is not int or value < 0:
        raise BadInput(f"“{name}” has to be a whole number.")
    return min(value, most)


def shapes(asked: Counting) -> Values:
    counts = where.tally(asked.columns(), lambda values: shapes_of(asked.field, values))
    return _listed(asked, [pair for pair in counts.items() if pair[0] is not None], str)


def _named(asked: Counting, names: Sequence[str], counts: Mapping[str, int]) -> Values:
    """A facet whose values are always the same few."""
    chosen = facets.chosen(asked.facet, "in", names)
    values = tuple(Valued(n, n, counts.get(n, 0), "in" if n in chosen else "") for n in names)
    return Values(values, len(names), len(names), 0)


def blanks(asked: Counting) -> Values:
    counts = where.tally(asked.columns(), lambda values: list(map(facets.blank_of, values)))
    return _named(asked, facets.BLANKS, counts)


def duplicates(asked: Counting) -> Values:
    """Which values are duplicates does not depend on the other facets; how many of them are counted does."""
    likeness = facets.likenesses_of(asked.facet, asked.field)
    everywhere = where.likes(asked.frames, asked.field, likeness)

    def told(values: Sequence[MaybeValue]) -> list[str]:
        return [_alike(like, everywhere) for like in likeness(values)]

    return _named(asked, facets.LIKENESS, where.tally(asked.columns(), told))


def _alike(like: Hashable | None, counts: Mapping[Hashable, int]) -> str:
    return "" if like is None else facets.LIKENESS[counts[like] > 1]


def states(opened: Opened, held: Sequence[Frame], facet: Facet, masks: Masks) -> Values:
    held_in = where.rows_in_states(opened, held, facet)
    let = [frame.rows if m is None else list(compress(frame.rows, m)) for frame, m in zip(held, masks, strict=True)]
    counts = {word: sum(row in rows for each in let for row in each) if rows else 0 for word, rows in held_in.items()}
    counts["unchanged"] = sum(map(len, let)) - counts["changed"]
    names = tuple(name for name in where.STATE_NAMES if counts[name] or name in facets.chosen(facet, "in"))
    return _named(Counting(opened, held, opened.resource.fields[0], facet), names, counts)
