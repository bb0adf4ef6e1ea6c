"""Facets beside the grid: what values rows have, counted against one another, and which rows all let through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

from adminui.records.casting import Invalid
from adminui.records.cleaning import bins
from adminui.records.cleaning.facets import Facet, length_of
from adminui.records.cleaning.ranges import Number, days_of, numbers_of
from adminui.records.schema import Field
from adminui.records.values import MaybeValue
from adminui.services.bench import columnscache, facetvalues, where
from adminui.services.bench.facetvalues import Counting, Masks, Values
from adminui.services.bench.frames import Frame
from adminui.services.catalog import Opened
from adminui.services.current import each_part
from adminui.services.errors import BadInput
from adminui.services.statistics import field_named
from adminui.worksheets.models import Worksheet
from adminui.worksheets.store import part_of


@dataclass(frozen=True)
class Bin:
    """From ≤ v < to, as text, None where it is open; `total` without the other facets."""

    low: str | None
    high: str | None
    count: int
    total: int


@dataclass(frozen=True)
class Bins:
    """A histogram of the rows that have a number, a day or a length; `blank` have none."""

    bins: tuple[Bin, ...]
    least: str | None
    most: str | None
    blank: int
    blank_total: int


@dataclass(frozen=True)
class Looked:
    """`rows` is a bit for each row of the worksheet, the lowest first; None when no facet narrows them."""

    rows: bytes | None
    count: int
    total: int
    facets: tuple[Values | Bins | None, ...]


def look(opened: Opened, sheet: Worksheet, rows: Sequence[int], asked: Sequence[Facet]) -> Looked:
    """Count these facets; each obeys all others and not itself. Raises BadInput for one that makes no sense."""
    fields = [field_named(opened, name) for name in sorted(where.needs(asked))]
    held = cached_frames(sheet, rows, fields)
    masks = where.masks_of(opened, held, asked)
    told = tuple(
        _told(opened, held, facet, _all(held, [*masks[:place], *masks[place + 1 :]]))
        for place, facet in enumerate(asked)
    )
    both = _all(held, masks)
    if all(mask is None for mask in both):
        return Looked(None, len(rows), len(rows), told)
    return Looked(_bits(sheet, held, both), _rows(held, both), len(rows), told)


def cached_frames(sheet: Worksheet, rows: Sequence[int], fields: Sequence[Field]) -> list[Frame]:
    """Frames whose columns are from memory, where they are there."""
    parts = each_part(sheet, rows, fields, columnscache.columns)
    return [Frame(sheet, part_of(each.rows[0]), each.rows, dict(each.columns)) for each in parts]


def _all(held: Sequence[Frame], masks: Sequence[Masks]) -> list[bytes | None]:
    """What all of these facets let through, frame by frame."""
    return [_both(len(frame.rows), [each[place] for each in masks]) for place, frame in enumerate(held)]


def _both(rows: int, masks: Masks) -> bytes | None:
    return None if all(mask is None for mask in masks) else where.together(rows, masks)


def _rows(held: Sequence[Frame], masks: Masks) -> int:
    pairs = zip(held, masks, strict=True)
    return sum(len(frame.rows) if mask is None else mask.count(1) for frame, mask in pairs)


def _bits(sheet: Worksheet, held: Sequence[Frame], masks: Masks) -> bytes:
    flags = bytearray(sheet.rows)
    for frame, mask in zip(held, masks, strict=True):
        let, meant = b"\1" * len(frame.rows) if mask is None else mask, frame.rows
        if isinstance(meant, range) and meant.step == 1:
            flags[meant.start : meant.stop] = let
        else:
            for row in compress(meant, let):
                flags[row] = 1
    return int(flags[::-1].translate(_DIGITS), 2).to_bytes(-(-sheet.rows // 8), "little") if sheet.rows else b""


_DIGITS: Final = b"01" + bytes(254)


def _told(opened: Opened, held: Sequence[Frame], facet: Facet, masks: Masks) -> Values | Bins | None:
    kind = str(facet.get("facet"))
    try:
        if kind == "state":
            return facetvalues.states(opened, held, facet, masks)
        if kind not in _COUNTS:
            return None
        return _COUNTS[kind](Counting(opened, held, field_named(opened, str(facet["field"])), facet, masks))
    except Invalid as error:
        raise BadInput(str(error)) from error


# Histograms


def _numbers(asked: Counting) -> Bins:
    return _histogram(asked, numbers_of, bins.of_numbers, plain)


def _days(asked: Counting) -> Bins:
    return _histogram(asked, days_of, bins.of_days, str)


def _lengths(asked: Counting) -> Bins:
    return _histogram(asked, lambda values: [length_of(asked.field, value) for value in values], bins.of_numbers, str)


def _histogram(
    asked: Counting,
    read: Callable[[Sequence[MaybeValue]], Sequence[Any]],
    edges_of: Callable[[bins.Spread], bins.Edges],
    said: Callable[[Any], str],
) -> Bins:
    tables = [(codes, read(values), mask) for codes, values, mask in asked.columns()]
    spread = [bins.Spread.of(_used(codes, table)) for codes, table, _ in tables]
    found = bins.Spread.together([each for each in spread if each])
    edges = edges_of(found) if found else bins.Edges((), low=False, high=False)
    counts, totals = Counter[int](), Counter[int]()
    for codes, table, mask in tables:
        places = where.spread(codes, edges.places(table))
        totals.update(places)
        counts.update(places if mask is None else compress(places, mask))
    ends = [tuple(None if end is None else said(end) for end in edges.ends(place)) for place in edges.bins]
    told = tuple(Bin(low, high, counts[n], totals[n]) for n, (low, high) in zip(edges.bins, ends, strict=True))
    first, last = (said(found.least), said(found.most)) if found else (None, None)
    return Bins(told, first, last, counts[0], totals[0])


def _used(codes: Sequence[int], table: Sequence[Any]) -> Sequence[Any]:
    """Values that stand in a row: an edit may have left what was read without any."""
    return table if isinstance(codes, range) else list(map(table.__getitem__, set(codes)))


def plain(number: Number) -> str:
    return str(number) if type(number) is int else format(number, "f")


_COUNTS: Final[Mapping[str, Callable[[Counting], Values | Bins]]] = {
    "text": facetvalues.texts,
    "shape": facetvalues.shapes,
    "blank": facetvalues.blanks,
    "duplicate": facetvalues.duplicates,
    "number": _numbers,
    "date": _days,
    "length": _lengths,
}
