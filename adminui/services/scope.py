"""Which rows of a worksheet are meant: all of them, or ranges as the page writes them, such as "0-99,105"."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise, starmap
from typing import Final, overload

from adminui.planning.explain import counted
from adminui.services.errors import BadInput
from adminui.worksheets.models import Worksheet

_RANGE: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?(?:,(?=\d)|\Z)", re.ASCII)


class Ranges(Sequence[int]):
    """Rows in ascending order, kept as ranges: a million ticked rows take no more than their gaps do."""

    def __init__(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        """From `starts` up to, not including, `ends`; ascending and apart."""
        self._starts, self._ends = array("L", starts), array("L", ends)
        lengths = (end - start for start, end in zip(self._starts, self._ends, strict=True))
        self._before = array("L", accumulate(lengths, initial=0))

    def __len__(self) -> int:
        return self._before[-1]

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(starmap(range, zip(self._starts, self._ends, strict=True)))

    def __contains__(self, row: object) -> bool:
        at = bisect_right(self._starts, row) - 1 if isinstance(row, int) else -1
        return at >= 0 and isinstance(row, int) and row < self._ends[at]

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        at = bisect_right(self._before, index) - 1
        return self._starts[at] + index - self._before[at]

    def within(self, first: int, last: int) -> list[range]:
        """The ranges from `first` up to, not including, `last`."""
        at = bisect_right(self._ends, first)
        found: list[range] = []
        while at < len(self._starts) and self._starts[at] < last:
            found.append(range(max(first, self._starts[at]), min(last, self._ends[at])))
            at += 1
        return found


def rows_in(sheet: Worksheet, data: object) -> Sequence[int]:
    """The rows a scope means: None all of them, else {"rows": ranges}. Raises BadInput."""
    if data is None:
        return range(sheet.rows)
    text = data.get("rows") if isinstance(data, dict) else None
    if not isinstance(text, str):
        raise _unreadable()
    found = _parsed(text)
    if found and found[-1] >= sheet.rows:
        raise BadInput(f"The worksheet has {counted(sheet.rows, 'row')}; more were chosen.", "Reload the page.")
    return found


def _parsed(text: str) -> Ranges:
    starts, ends, read = array("L"), array("L"), 0
    for found in _RANGE.finditer(text):
        start = int(found[1])
        end = int(found[2]) if found[2] else start
        if found.start() != read or end < start or (ends and start < ends[-1]):
            raise _unreadable()
        starts.append(start)
        ends.append(end + 1)
        read = found.end()
    if read != len(text):
        raise _unreadable()
    return Ranges(starts, ends)


def _unreadable() -> BadInput:
    return BadInput("Which rows are meant cannot be read.", "Reload the page and choose them again.")


def ranges_of(rows: Iterable[int]) -> str:
    """Rows as ranges, ascending: what `rows_in` reads."""
    ordered = sorted(set(rows))
    if not ordered:
        return ""
    breaks = [(a, b) for a, b in pairwise(ordered) if b != a + 1]
    starts = [ordered[0], *(b for _, b in breaks)]
    ends = [*(a for a, _ in breaks), ordered[-1]]
    return ",".join(f"{a}-{b}" if b > a else str(a) for a, b in zip(starts, ends, strict=True))


def parts_of(rows: Sequence[int], first: int, last: int) -> list[range]:
    """Those of the rows that lie from `first` up to, not including, `last`."""
    if isinstance(rows, Ranges):
        return rows.within(first, last)
    if not isinstance(rows, range):
        return [range(row, row + 1) for row in rows if first <= row < last]
    both = range(max(first, rows.start), min(last, rows.stop))
    return [both] if both else []
