"""A column of values as it is kept and sent: each distinct value once, and a code per row. Exact, small, one way.

On the wire a value is what any JSON reader keeps exactly: text, true, false, null, a whole number that fits a double;
`{}` is MISSING; `{"j": text}` is everything else, as its own JSON text: decimals, longer numbers, lists and objects.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from adminui.records.casting import from_json, to_json
from adminui.records.values import MISSING, MaybeValue

PART: Final = 10_000  # rows in every part of a column but the last
_EXACT: Final = 2**53  # beyond it a double skips whole numbers
_LEVEL: Final = 5
_OFTEN: Final = 2  # rows that share a value, on average, from which on it is kept once
_FRACTION: Final = re.compile(r"-?\d{1,300}\.\d{1,300}", re.ASCII)
_PLAIN: Final = frozenset({str, int, type(None), type(MISSING)})  # told apart by themselves


@dataclass(frozen=True)
class Packed:
    """Some rows of a column. `codes` holds, for each row, the place of its value in `values`."""

    values: Sequence[MaybeValue]
    codes: Sequence[int]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, offset: int) -> MaybeValue:
        return self.values[self.codes[offset]]

    def __iter__(self) -> Iterator[MaybeValue]:
        return map(self.values.__getitem__, self.codes)

    def changed(self, values: Mapping[int, MaybeValue]) -> Packed:
        """The same rows with other values at some offsets."""
        rows = list(self)
        for offset, value in values.items():
            rows[offset] = value
        return packed(rows)


class _Places(dict[object, int]):
    """Keys, each with its place in the order they came: looked up or given in one go."""

    def __missing__(self, key: object) -> int:
        self[key] = place = len(self)
        return place


class Packer:
    """Packs a column as its rows come. Values seen before are let go of at once."""

    def __init__(self) -> None:
        self._places = _Places()
        self._spelt: dict[str, int] = {}  # where values are not told apart by themselves: places by how they are spelt
        self._values: dict[int, MaybeValue] = {}  # and the values that have these places
        self._codes: list[int] = []

    def add(self, rows: Sequence[MaybeValue]) -> None:
        if _PLAIN.issuperset(map(type, rows)):
            self._codes += map(self._places.__getitem__, rows)
            return
        keys = list(map(repr, rows))
        if not self._spelt.keys() >= set(keys):
            self._learn(keys, rows)
        self._codes += map(self._spelt.__getitem__, keys)

    def _learn(self, keys: Sequence[str], rows: Sequence[MaybeValue]) -> None:
        for key, value in zip(keys, rows, strict=True):
            if key not in self._spelt:
                plain = type(value) in _PLAIN
                self._spelt[key] = place = self._places[value if plain else (type(value), key)]
                if not plain:
                    self._values[place] = value

    @property
    def packed(self) -> Packed:
        places: Any = self._places
        values = [self._values.get(place, key) for place, key in enumerate(places)] if self._values else list(places)
        return Packed(values, self._codes)


def packed(rows: Sequence[MaybeValue]) -> Packed:
    """Rows as distinct values and codes. `True` and `1`, `1.0` and `1.00` stay apart, as the API spelt them."""
    packer = Packer()
    packer.add(rows)
    return packer.packed


def pack(column: Packed) -> bytes:
    """Gzipped JSON `{"values": […], "codes": […]}`; without codes a value per row, where hardly any stands twice."""
    if len(column.values) * _OFTEN > len(column):  # the codes would take more room than they spare
        document: dict[str, Any] = {"values": [to_wire(value) for value in column]}
    else:
        document = {"values": [to_wire(value) for value in column.values], "codes": list(column.codes)}
    text = json.dumps(document, separators=(",", ":"))
    return gzip.compress(text.encode("ascii"), _LEVEL, mtime=0)


def unpack(data: bytes) -> Packed:
    document = json.loads(gzip.decompress(data))
    values = [from_wire(value) for value in document["values"]]
    return Packed(values, document.get("codes", range(len(values))))


def to_wire(value: MaybeValue) -> Any:
    if isinstance(value, str | bool) or value is None:
        return value
    if value is MISSING:
        return {}
    if isinstance(value, int) and -_EXACT < value < _EXACT:
        return value
    return {"j": to_json(value)}


def from_wire(value: Any) -> MaybeValue:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "j" not in value:
        return MISSING
    text = value["j"]
    return Decimal(text) if _FRACTION.fullmatch(text) else from_json(text)  # prices, mostly: a tenth of the time
