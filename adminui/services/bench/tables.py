"""How a table of old and new values meets what the columns hold: which pairs are used, and which values have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Transformation
from adminui.records.cleaning.mapping import Usage, usage
from adminui.records.cleaning.reading import shown
from adminui.records.schema import Field
from adminui.records.values import MaybeValue
from adminui.services.bench import where
from adminui.services.bench.folding import rows_meant
from adminui.services.bench.frames import Frame, frames, input_of
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.sheet_rights import require_edit
from adminui.services.statistics import field_named, spelling
from adminui.worksheets.models import Worksheet

NAMED: Final = 300  # unmatched values that are listed; a search finds the others


@dataclass(frozen=True)
class Unmatched:
    """A value that no pair is about, with its rows."""

    field: Field
    value: MaybeValue
    rows: int


@dataclass(frozen=True)
class Met:
    """What becomes of the pairs, by their places, and of the values; rows are cells where there are several fields."""

    used: tuple[tuple[int, int], ...]
    unused: tuple[int, ...]
    unmatched: tuple[Unmatched, ...]  # most rows first
    others: int  # unmatched values that are not among them
    values: int  # unmatched ones, whatever was searched for
    rows: int


def met(opened: Opened, sheet: Worksheet, asked: Transformation, find: str = "") -> Met:
    """Raises BadInput, also for one old value with two new ones."""
    require_edit(opened, sheet)
    looked_up = asked.params.get("from")
    fields = [field_named(opened, name) for name in ([looked_up] if looked_up else asked.fields)]
    held = _meant(opened, sheet, asked, fields)
    used, unmatched = Counter[int](), list[Unmatched]()
    for field in fields:
        told = _usage(field, asked.params, _counts(held, field.name))
        used.update(dict(told.used))
        unmatched += [Unmatched(field, value, rows) for value, rows in told.unmatched]
    unmatched.sort(key=lambda each: -each.rows)
    listed = [each for each in unmatched if find.casefold() in shown(each.field)(each.value).casefold()]
    return Met(
        tuple(sorted(used.items())),
        tuple(at for at in range(len(asked.params.get("pairs", ()))) if at not in used),
        tuple(listed[:NAMED]),
        max(0, len(listed) - NAMED),
        len(unmatched),
        sum(each.rows for each in unmatched),
    )


def _usage(field: Field, params: Mapping[str, Any], counts: Sequence[tuple[MaybeValue, int]]) -> Usage:
    ways = {name: params[name] for name in ("case", "trim") if isinstance(params.get(name), bool)}
    try:
        return usage(field, params.get("pairs", ()), counts, **ways)
    except Invalid as error:
        raise BadInput(str(error)) from error


def _meant(
    opened: Opened, sheet: Worksheet, asked: Transformation, fields: Sequence[Field]
) -> list[tuple[Frame, bytes | None]]:
    """The frames, each with the rows meant where these are not all it has."""
    rows = rows_meant(sheet, asked)
    if not asked.where:
        return [(frame, None) for frame in frames(sheet, rows, fields)]
    names = dict.fromkeys([*(field.name for field in fields), *sorted(where.needs(asked.where))])
    held = frames(sheet, range(sheet.rows), [field_named(opened, name) for name in names])
    masks = where.holding(opened, held, asked.where)
    if asked.rows is None:
        return list(zip(held, masks, strict=True))
    among = [bytes(row in rows for row in frame.rows) for frame in held]
    return [(f, bytes(map(int.__and__, m, a))) for f, m, a in zip(held, masks, among, strict=True)]


def _counts(held: Sequence[tuple[Frame, bytes | None]], name: str) -> list[tuple[MaybeValue, int]]:
    """Values that are spelt alike count together."""
    counts, values = Counter[object](), dict[object, MaybeValue]()
    for frame, mask in held:
        column = frame.columns[name]
        for code, number in Counter(column.codes if mask is None else compress(column.codes, mask)).items():
            value = input_of(column, code)
            key = spelling(value)
            counts[key] += number
            values.setdefault(key, value)
    return [(values[key], number) for key, number in counts.items()]
