"""Old values to new ones by a table: how merged clusters, resolved names and pasted lists are kept and done again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final, TypeAlias

from adminui.records.casting import to_text
from adminui.records.cleaning.base import (
    LONGEST,
    MOST_PAIRS,
    Doing,
    Given,
    Making,
    Param,
    Skipped,
    Transform,
    WrongParam,
    anything,
)
from adminui.records.cleaning.reading import NOT_SET, shown
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue, canonical

Pairs: TypeAlias = Sequence[Sequence[str | None]]  # old, new; null for new is null

NULL: Final = "(null)"  # how a pasted table says it
_UNLISTED: Final = Skipped("is not in the table")
_BY_MEANING: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.BOOLEAN, Kind.REFERENCE, Kind.DATE, Kind.DATETIME})
_ARROWS: Final = ("→", "=>", "->")
_SEPARATORS: Final = ("\t", *_ARROWS, ";", ",")
_LOOKED_AT: Final = 1_000  # lines, to find what separates them


def lookup(field: Field, pairs: Pairs, *, case: bool, trim: bool) -> Callable[[MaybeValue], int | None]:
    """Finds the place of the pair for a value: by what an editor holds, then by what is shown; as the old values are
    written, then without letter case or spaces if that is wanted. Raises Invalid for one old value with two new ones.
    """
    spelt = _spelt(field)
    exact, loose = _exact(spelt, pairs), _loose(pairs, case=case, trim=trim)
    label = shown(field)

    def find(value: MaybeValue) -> int | None:
        text = value if type(value) is str else to_text(field, value)
        seen = label(value)
        for each in (text,) if seen == text else (text, seen):
            at = exact.get(spelt(each))
            at = loose.get(_folded(each, case=case, trim=trim)) if at is None else at
            if at is not None:
                return at
        return None

    return find


def _spelt(field: Field) -> Callable[[str], Hashable]:
    """Numbers, dates and truths go by what they mean: 1.50 is 1.5."""
    return (lambda text: canonical(field, text)) if field.kind in _BY_MEANING else (lambda text: text)


def _exact(spelt: Callable[[str], Hashable], pairs: Pairs) -> dict[Hashable, int]:
    exact: dict[Hashable, int] = {}
    for at, (old, new) in enumerate(pairs):
        first = exact.setdefault(spelt(old or ""), at)
        if pairs[first][1] != new:
            raise WrongParam("pairs", f"“{(old or '')[:80]}” is in the table twice, with two new values.")
    return exact


def _loose(pairs: Pairs, *, case: bool, trim: bool) -> dict[str, int | None]:
    """None where pairs that differ in letter case or spaces alone say different things: then these matter."""
    loose: dict[str, int | None] = {}
    for at, (old, new) in enumerate(pairs):
        key = _folded(old or "", case=case, trim=trim)
        first = loose.setdefault(key, at)
        if first is not None and pairs[first][1] != new:
            loose[key] = None
    return loose


def _folded(text: str, *, case: bool, trim: bool) -> str:
    text = " ".join(text.split()) if trim else text
    return text if case else text.casefold()


def _map(making: Making) -> Doing:
    params, source = making.params, making.params["from"]
    find = lookup(
        making.other(source) if source else making.field, params["pairs"], case=params["case"], trim=params["trim"]
    )
    given = [Given(new) for _, new in params["pairs"]]
    otherwise = Given(None) if params["else"] == "null" else _UNLISTED

    def done(value: MaybeValue, others: Sequence[MaybeValue]) -> Given | Skipped:
        old = others[0] if source else value
        if old is MISSING:
            return NOT_SET
        at = find(old)
        return otherwise if at is None else given[at]

    return done


@dataclass(frozen=True)
class Usage:
    """What a table would do: its pairs, by their place, with the rows of each; and the values no pair is about."""

    used: tuple[tuple[int, int], ...]
    unused: tuple[int, ...]
    unmatched: tuple[tuple[MaybeValue, int], ...]  # most rows first


def usage(
    field: Field, pairs: Pairs, counts: Iterable[tuple[MaybeValue, int]], *, case: bool = False, trim: bool = True
) -> Usage:
    """What pairs come to in distinct values with their rows. Raises Invalid as `lookup` does."""
    find = lookup(field, pairs, case=case, trim=trim)
    rows: dict[int, int] = {}
    unmatched: list[tuple[MaybeValue, int]] = []
    for value, number in counts:
        at = None if value is MISSING else find(value)
        if at is None:
            unmatched.append((value, number))
        else:
            rows[at] = rows.get(at, 0) + number
    unused = tuple(at for at in range(len(pairs)) if at not in rows)
    return Usage(tuple(sorted(rows.items())), unused, tuple(sorted(unmatched, key=lambda each: -each[1])))


@dataclass(frozen=True)
class Problem:
    """A line of a pasted table that is no pair."""

    line: int  # from 1
    words: str


def parse_pairs(text: str) -> tuple[list[list[str | None]], list[Problem]]:
    """Pairs out of two pasted columns: with tabs between, else arrows (→ or =>), semicolons or commas, quoted as in
    CSV. “(null)” as a new value is null. Lines that are no pair are told, and so is what is left out beyond the most.
    """
    pairs: list[list[str | None]] = []
    problems: list[Problem] = []
    seen: dict[str, str | None] = {}
    for line, cells in _rows(text):
        if said := _wrong(cells, seen):
            problems.append(Problem(line, said))
        elif len(pairs) == MOST_PAIRS:
            problems.append(Problem(line, f"A table takes {MOST_PAIRS:,} pairs; from here on they are left out."))
            break
        elif cells[0] not in seen:
            seen[cells[0]] = new = None if cells[1] == NULL else cells[1]
            pairs.append([cells[0], new])
    return pairs, problems


def _wrong(cells: Sequence[str], seen: Mapping[str, str | None]) -> str:
    if len(cells) != 2:
        return f"This line has {len(cells)} {'column' if len(cells) == 1 else 'columns'}; a pair has two."
    if any(len(cell) > LONGEST for cell in cells):
        return f"A value may have {LONGEST:,} characters."
    new = None if cells[1] == NULL else cells[1]
    return f"“{cells[0][:80]}” stands here again, with another new value." if seen.get(cells[0], new) != new else ""


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not blank, by number, as its cells."""
    text = text.lstrip("\ufeff")
    between = _between([line for line in text.splitlines() if line.strip()][:_LOOKED_AT])
    if len(between) == 1 and between not in _ARROWS:
        yield from _separated(text, between)
        return
    for at, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield at, [part.strip() for part in line.split(between)]


def _separated(text: str, between: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=between, skipinitialspace=between != "\t")
    while True:
        begun = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell of more than any field takes
            cells = [""]
        if any(cell.strip() for cell in cells):
            yield begun, cells


def _between(lines: Sequence[str]) -> str:
    """What makes two columns of most lines; of equals, what is rarest within values."""
    return max(_SEPARATORS, key=lambda between: sum(line.count(between) == 1 for line in lines))


def _worded(labels: str, params: Mapping[str, Any]) -> str:
    number = len(params["pairs"])
    thin = f"{number:,}".replace(",", "\u202f")
    by = f"Map {labels} by a table of {thin} {'pair' if number == 1 else 'pairs'}"
    source = f" from {params['from']}" if params["from"] else ""
    return f"{by}{source}{', everything else to null,' if params['else'] == 'null' else ''}"


_KEPT: Final = (("keep", "stays as it is"), ("null", "becomes null"))

TRANSFORMS: Final = (
    Transform(
        "map",
        "Map values",
        "Values",
        "Puts new values for old ones by a table. Old and new may be values or labels of a picklist.",
        _map,
        _worded,
        anything,
        (
            Param("pairs", "Table", "pairs", (), required=True),
            Param("case", "Letter case matters", "flag", False),
            Param("trim", "Spaces do not matter", "flag", True),
            Param("else", "What is not in the table", "choice", "keep", _KEPT),
            Param("from", "Look up the value of", "field", help="The field itself, unless another is chosen."),
        ),
        reads=lambda params: (params["from"],) if params["from"] else (),
    ),
)
