"""What a column of a worksheet holds, pending edits included: its values with their counts, and figures of them."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from itertools import accumulate
from typing import Any, Final

from adminui.records.casting import to_json
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import MaybeValue, canonical
from adminui.services.catalog import Opened
from adminui.services.current import Column, each_part
from adminui.services.errors import BadInput
from adminui.worksheets.models import Worksheet

MOST: Final = 50  # values of a mix that are named
FREQUENT: Final = 5
_WIDE: Final = Context(prec=4_000, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
_NULL, _UNSET = ("null",), ("missing",)  # their canonical forms


def field_named(opened: Opened, name: str) -> Field:
    """A field the person may see. Raises BadInput."""
    found = opened.resource.by_name.get(name)
    if found is None or found.hidden:
        raise BadInput(f"{opened.resource.label} have no field “{name[:80]}”.")
    return found


def key_of(field: Field, value: MaybeValue) -> str:
    """A text that is equal exactly for values that mean the same, today and tomorrow."""
    return json.dumps(_plain(canonical(field, value)))


def _plain(part: Any) -> Any:
    if isinstance(part, tuple):
        return [_plain(each) for each in part]
    if isinstance(part, frozenset):
        return sorted((_plain(each) for each in part), key=json.dumps)
    if isinstance(part, Decimal):
        return f"{part.normalize(_WIDE):e}" if part else "0"
    return part


def spelling(value: MaybeValue) -> object:
    """Hashable, and equal only for values that are spelt alike: 1.0 and 1.00 are not, nor are 1 and true."""
    if isinstance(value, str):
        return value
    return type(value), str(value) if isinstance(value, Decimal) else _unnested(value)


def _unnested(value: MaybeValue) -> object:
    return to_json(value) if isinstance(value, list | dict) else value


@dataclass(frozen=True)
class Mixed:
    """One value of a field among chosen rows, and in how many it stands. `key` names it in a condition."""

    key: str
    value: MaybeValue
    count: int


@dataclass(frozen=True)
class Mix:
    """The most frequent values, most frequent first; and how many others there are, in how many rows."""

    distinct: int
    values: tuple[Mixed, ...]
    other_values: int
    other_rows: int


def mix(opened: Opened, sheet: Worksheet, rows: Sequence[int], name: str) -> Mix:
    """The values a field has in these rows now."""
    field = field_named(opened, name)
    return _mix(field, _counted(sheet, rows, field), MOST)


def _mix(field: Field, held: _Counts, most: int) -> Mix:
    first = held.most_common(most)
    named = tuple(Mixed(key_of(field, value), value, count) for value, count in first)
    rest = len(held.meanings) - len(named)
    return Mix(len(held.meanings), named, rest, held.rows - sum(each.count for each in named))


@dataclass
class _Counts:
    """Rows by what they mean. A text of a text field is its own meaning, which spares a million tuples."""

    of: Field
    meanings: Counter[Hashable] = field(default_factory=Counter)
    values: dict[Hashable, MaybeValue] = field(default_factory=dict)  # one value for each meaning that is not itself
    _known: dict[object, Hashable] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.meanings.total()

    def add(self, column: Column) -> None:
        codes, values = column.codes, column.values
        each = Counter(codes).items() if not isinstance(codes, range) else ((code, 1) for code in codes)
        textual, meanings = self.of.kind in TEXTUAL, self.meanings
        for code, count in each:
            value = values[code]
            meanings[value if textual and type(value) is str else self._meaning(value)] += count

    def _meaning(self, value: MaybeValue) -> Hashable:
        spelt = spelling(value)
        if spelt not in self._known:
            meaning = self._known[spelt] = canonical(self.of, value)
            self.values.setdefault(meaning, value)
        return self._known[spelt]

    def most_common(self, most: int) -> list[tuple[MaybeValue, int]]:
        found = heapq.nlargest(most, self.meanings.items(), key=lambda pair: pair[1])
        return [(self.value(meaning), count) for meaning, count in found]

    def value(self, meaning: Hashable) -> MaybeValue:
        return meaning if isinstance(meaning, str) else self.values[meaning]


def _counted(sheet: Worksheet, rows: Sequence[int], field: Field) -> _Counts:
    counts = _Counts(field)
    for part in each_part(sheet, rows, [field]):
        counts.add(part.columns[field.name])
    return counts


@dataclass(frozen=True)
class Numbers:
    """Figures of the rows that hold a number. `mean` is exact, or rounded where it would not end."""

    rows: int
    least: Decimal
    most: Decimal
    sum: Decimal
    mean: Decimal
    mean_is_exact: bool
    median: Decimal


@dataclass(frozen=True)
class Facts:
    """What there is to say of a column in these rows; `distinct` leaves null and unset out."""

    rows: int
    null: int
    empty: int
    unset: int
    distinct: int
    numbers: Numbers | None
    dates: tuple[MaybeValue, MaybeValue] | None  # earliest, latest
    texts: tuple[str, str] | None  # shortest that is not empty, longest
    frequent: tuple[Mixed, ...]


def stats(opened: Opened, sheet: Worksheet, rows: Sequence[int], name: str) -> Facts:
    """Figures of a field in these rows."""
    field = field_named(opened, name)
    held = _counted(sheet, rows, field)
    nothing = [held.meanings[meaning] for meaning in (_NULL, _UNSET)]
    return Facts(
        rows=held.rows,
        null=nothing[0],
        empty=_empty(held),
        unset=nothing[1],
        distinct=len(held.meanings) - sum(count > 0 for count in nothing),
        numbers=_numbers(held),
        dates=_dates(held),
        texts=_texts(held),
        frequent=_mix(field, held, FREQUENT).values,
    )


def _empty(held: _Counts) -> int:
    """Empty text, and lists and objects without anything in them."""
    return sum(count for meaning, count in held.meanings.items() if held.value(meaning) in ("", [], {}))


def _numbers(held: _Counts) -> Numbers | None:
    if held.of.kind not in (Kind.INTEGER, Kind.DECIMAL):
        return None
    pairs = sorted(
        (meaning[1], count)
        for meaning, count in held.meanings.items()
        if isinstance(meaning, tuple) and meaning[0] == "number" and count
    )
    if not pairs:
        return None
    rows, total = sum(count for _, count in pairs), Decimal(0)
    for number, count in pairs:
        total = _WIDE.add(total, _WIDE.multiply(number, Decimal(count)))
    mean, exact = _mean(held.of, total, rows)
    return Numbers(rows, pairs[0][0], pairs[-1][0], total, mean, exact, _median(pairs, rows))


def _mean(field: Field, total: Decimal, rows: int) -> tuple[Decimal, bool]:
    places = max(field.decimal_places or 0, -int(total.as_tuple().exponent), 0) + 2
    mean = _WIDE.divide(total, Decimal(rows)).quantize(Decimal(1).scaleb(-places), context=_WIDE)
    return mean, _WIDE.multiply(mean, Decimal(rows)) == total


def _median(pairs: Sequence[tuple[Decimal, int]], rows: int) -> Decimal:
    ends = list(accumulate(count for _, count in pairs))
    low, high = (next(pairs[at][0] for at, end in enumerate(ends) if place < end) for place in _middle(rows))
    return low if low == high else _WIDE.divide(_WIDE.add(low, high), Decimal(2))


def _middle(rows: int) -> tuple[int, int]:
    return (rows - 1) // 2, rows // 2


def _dates(held: _Counts) -> tuple[MaybeValue, MaybeValue] | None:
    if held.of.kind not in (Kind.DATE, Kind.DATETIME):
        return None
    found = [m for m in held.meanings if isinstance(m, tuple) and m[0] in ("date", "datetime")]
    return (held.value(min(found)), held.value(max(found))) if found else None


def _texts(held: _Counts) -> tuple[str, str] | None:
    if held.of.kind not in TEXTUAL:
        return None
    found = [meaning for meaning in held.meanings if isinstance(meaning, str) and meaning]
    return (min(found, key=len), max(found, key=len)) if found else None
