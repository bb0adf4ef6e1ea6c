"""What a find & replace finds: every match with the text around it, before and after, in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from adminui.records.cleaning.base import Transformation
from adminui.records.cleaning.patterns import TooSlow
from adminui.records.cleaning.reading import shown
from adminui.records.cleaning.replacing import pattern_of, template
from adminui.services.bench.folding import Came, Ready, fold, rows_meant
from adminui.services.bench.frames import Frame, frames, input_of
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.fates import Fate
from adminui.services.sharing import Cell, titled
from adminui.services.sheet_rights import require_edit
from adminui.worksheets.models import Worksheet

AROUND: Final = 48  # characters shown before what was found first
SHOWN: Final = 240  # characters of a text that are shown

Pieces: TypeAlias = tuple[tuple[str, bool], ...]  # text, and whether it is what was found or put there
Places: TypeAlias = Callable[[str], list[tuple[int, int, str]]]  # from, to, what is put there


@dataclass(frozen=True)
class Match:
    """A cell in which something was found. `words` say what is wrong with what would be put there."""

    row: int
    id: str
    title: str
    field: str
    before: Pieces
    after: Pieces
    fate: str
    words: str


@dataclass(frozen=True)
class InField:
    field: str
    matches: int


@dataclass(frozen=True)
class Matches:
    """One page of matches, in the order of rows; `total` cells in `rows` rows."""

    total: int
    rows: int
    fields: tuple[InField, ...]
    matches: tuple[Match, ...]
    page: int


@dataclass(frozen=True)
class _Hit:
    frame: Frame
    offset: int
    field: str
    came: Came


def listed(opened: Opened, sheet: Worksheet, asked: Transformation, start: int, size: int) -> Matches:
    """All that would be replaced, whatever is taken out by hand. Raises BadInput."""
    require_edit(opened, sheet)
    ready = Ready(opened, replace(asked, but={}))
    if asked.name != "replace":
        raise BadInput("Matches are shown of what is found and replaced.", "Reload the page and choose it again.")
    found: list[_Hit] = []
    counts, rows = Counter[str](), 0
    for hits in _hits(ready, sheet):
        rows += 1
        counts.update(hit.field for hit in hits)
        found += [hit for at, hit in enumerate(hits, counts.total() - len(hits)) if start <= at < start + size]
    fields = tuple(InField(field.name, counts[field.name]) for field in ready.fields)
    return Matches(counts.total(), rows, fields, _drawn(opened, sheet, _places(ready.params), found), size)


def every(opened: Opened, sheet: Worksheet, asked: Transformation) -> dict[str, list[str]]:
    """The ids of all records with a match, by field: what is to be taken out for none to be replaced."""
    require_edit(opened, sheet)
    ready = Ready(opened, replace(asked, but={name: ("",) for name in asked.fields}))  # so that ids are at hand
    found: dict[str, list[str]] = {}
    for hits in _hits(ready, sheet):
        for hit in hits:
            ids = hit.frame.columns[opened.resource.id_field]
            found.setdefault(hit.field, []).append(str(ids.values[ids.codes[hit.offset]]))
    return found


def _hits(ready: Ready, sheet: Worksheet) -> Iterator[list[_Hit]]:
    """Row by row, the cells that would be another."""
    meant = range(sheet.rows) if ready.asked.where else rows_meant(sheet, ready.asked)
    held = frames(sheet, meant, ready.needs)
    before = [frame.copy() for frame in held]
    folded = fold(ready, held, sheet)
    for at, frame in enumerate(before):
        by_row: dict[int, list[_Hit]] = {}
        for name, parts in folded.items():
            for offset in [offset for offset, came in enumerate(parts[at]) if came.fate >= Fate.CHANGED]:
                by_row.setdefault(offset, []).append(_Hit(frame, offset, name, parts[at][offset]))
        yield from (by_row[offset] for offset in sorted(by_row))


def _drawn(opened: Opened, sheet: Worksheet, places: Places, found: Sequence[_Hit]) -> tuple[Match, ...]:
    cells = [(hit.frame.rows[hit.offset], [Cell(hit.field, None, None, "", "")]) for hit in found]
    named = titled(opened, sheet, cells)
    return tuple(_match(hit, each.row, each.id, each.title, places) for hit, each in zip(found, named, strict=True))


def _places(params: Mapping[str, Any]) -> Places:
    """As the transform itself finds and replaces."""
    pattern = pattern_of(params["find"], regex=params["regex"], case=params["case"])
    written = template(params["by"], pattern) if params["regex"] else lambda match: params["by"]

    def places(text: str) -> list[tuple[int, int, str]]:
        try:
            found = [pattern.fullmatch(text)] if params["whole"] else pattern.matches(text)
            return [(*match.span(), written(match)) for match in found if match]
        except TooSlow:
            return []

    return places


def _match(hit: _Hit, row: int, record_id: str, title: str, places: Places) -> Match:
    column = hit.frame.columns[hit.field]
    text = shown(column.field)(input_of(column, column.codes[hit.offset]))
    before, after = _marked(text, places(text))
    return Match(row, record_id, title, hit.field, before, after, hit.came.fate.word, hit.came.words)


def _marked(text: str, spans: Sequence[tuple[int, int, str]]) -> tuple[Pieces, Pieces]:
    """The text around what was found first, before and after."""
    begin = max(0, spans[0][0] - AROUND) if spans else 0
    before: list[tuple[str, bool]] = [("…", False)] if begin else []
    after, at = list(before), begin
    for start, end, wanted in spans:
        if start - begin > SHOWN:
            break
        for side, found in ((before, text[start:end]), (after, wanted)):
            side += [(text[at:start], False), (found, True)]
        at = end
    rest = text[at : max(at, begin + SHOWN)]
    rest += "…" if len(text) > at + len(rest) else ""
    return tuple(_filled(before, rest)), tuple(_filled(after, rest))


def _filled(pieces: Sequence[tuple[str, bool]], rest: str) -> Iterator[tuple[str, bool]]:
    return ((text[:SHOWN], found) for text, found in (*pieces, (rest, False)) if text)
