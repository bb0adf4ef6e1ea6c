"""Columns as they were read, kept unpacked for a while: the next click asks for the same ones. Bounded, and every
process for itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final, TypeAlias

from adminui.records.packing import Packed
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

MOST: Final = 128_000_000  # bytes, as estimated: a column of a million different texts, or ten of a hundred thousand
LARGEST: Final = 1_200_000  # rows; a larger worksheet would only push itself out again
_PER_CODE: Final = 16
_PER_VALUE: Final = 90

Key: TypeAlias = tuple[object, ...]


class ColumnsCache:
    """Least lately used ones go first. What is kept is never changed by anybody."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.size = most, 0
        self._held: OrderedDict[Key, Packed] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Packed | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Key, column: Packed) -> None:
        with self._lock:
            old = self._held.pop(key, None)
            self.size += weight(column) - (weight(old) if old else 0)
            self._held[key] = column
            while self.size > self.most and self._held:
                self.size -= weight(self._held.popitem(last=False)[1])


def weight(column: Packed) -> int:
    codes = 0 if isinstance(column.codes, range) else len(column.codes) * _PER_CODE
    return codes + len(column.values) * _PER_VALUE


CACHE: Final = ColumnsCache()


def columns(sheet: Worksheet, names: Sequence[str], part: int) -> dict[str, Packed]:
    """As `store.columns`, from memory where they are there. Whatever replaces chunks raises `baseline`."""
    if sheet.state != Worksheet.State.READY or sheet.rows > LARGEST:
        return store.columns(sheet, names, part)
    keys = {name: (sheet.pk, sheet.created_at, sheet.baseline, sheet.rows, name, part) for name in names}
    held = {name: found for name, key in keys.items() if (found := CACHE.get(key)) is not None}
    missing = [name for name in names if name not in held]
    if missing:
        for name, column in store.columns(sheet, missing, part).items():
            CACHE.put(keys[name], column)
            held[name] = column
    return held
