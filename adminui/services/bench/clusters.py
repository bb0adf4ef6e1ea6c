"""Clusters of a worksheet's column: groups of near-duplicates with their rows. Nothing of them is remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

from adminui.records.casting import Invalid
from adminui.records.cleaning import clusters
from adminui.records.cleaning.clusters import Cluster
from adminui.records.schema import TEXTUAL, Field
from adminui.services.bench import where
from adminui.services.bench.frames import Frame, frames, input_of
from adminui.services.bench.where import Where
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.scope import rows_in
from adminui.services.statistics import field_named
from adminui.worksheets.models import Worksheet

MOST: Final = 100_000  # distinct values that are compared
PAGE: Final = 5_000  # groups told at once


@dataclass(frozen=True)
class Asked:
    """Which groups: by what method, in which rows, and which of them, the largest first."""

    field: str
    method: str
    params: Mapping[str, Any]
    scope: object = None  # None: all rows, else {"rows": ranges}
    where: Where = ()
    search: str = ""
    start: int = 0
    size: int = PAGE


@dataclass(frozen=True)
class Groups:
    """A page of the groups. `all` are those there are, `found` those the search left of them."""

    page: tuple[Cluster, ...]
    all: int
    found: int
    distinct: int  # values in these rows
    rows: int
    whole: bool


def groups(opened: Opened, sheet: Worksheet, asked: Asked) -> Groups:
    """Raises BadInput for a field, method or parameter that makes no sense."""
    field = _texts_of(opened, asked.field)
    counts = counted(opened, sheet, field, asked.scope, asked.where)
    if len(counts) > MOST:
        raise BadInput(f"{field.label} has more than {MOST:,} different values here.", "Narrow the rows first.")
    try:
        made = clusters.clusters(counts, asked.method, asked.params)
    except Invalid as error:
        raise BadInput(str(error)) from error
    found = list(_with(made.clusters, asked.search))
    size = max(1, min(asked.size, PAGE))
    page = tuple(found[asked.start : asked.start + size])
    return Groups(page, len(made.clusters), len(found), len(counts), counts.total(), made.whole)


def _texts_of(opened: Opened, name: str) -> Field:
    field = field_named(opened, name)
    if field.kind not in TEXTUAL:
        raise BadInput(f"{field.label} holds no text.", "Spellings are compared in columns of text.")
    return field


def _with(found: Sequence[Cluster], search: str) -> Iterator[Cluster]:
    wanted = search.strip().casefold()
    return (each for each in found if not wanted or any(wanted in value.text.casefold() for value in each.values))


def counted(opened: Opened, sheet: Worksheet, field: Field, scope: object, facets: Where) -> Counter[str]:
    """The texts an editor would show in these rows, each with its rows; without null and what is blank."""
    counts: Counter[str] = Counter()
    for frame, held in rows_of(opened, sheet, field, scope, facets):
        column = frame.columns[field.name]
        for code, count in Counter(held).items():
            text = input_of(column, code)
            if isinstance(text, str) and text.strip():
                counts[text] += count
    return counts


def rows_of(
    opened: Opened, sheet: Worksheet, field: Field, scope: object, facets: Where
) -> Iterator[tuple[Frame, Iterable[int]]]:
    """Part by part the codes of a column in the rows that are meant and where the facets hold."""
    names = dict.fromkeys([field.name, *sorted(where.needs(facets))])
    chosen = rows_in(sheet, scope)
    if not facets:
        yield from ((frame, frame.columns[field.name].codes) for frame in frames(sheet, chosen, [field]))
        return
    held = frames(sheet, range(sheet.rows), [field_named(opened, name) for name in names])  # some facets count them all
    for frame, mask in zip(held, where.holding(opened, held, facets), strict=True):
        among = mask if scope is None else bytes(a & (row in chosen) for a, row in zip(mask, frame.rows, strict=True))
        yield frame, compress(frame.columns[field.name].codes, among)
