"""Keeping what is read: a part is packed while the next one is being read, and written as soon as it is whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType

from adminui.dialects.errors import RemoteError
from adminui.records.packing import PART, Packer, pack
from adminui.records.schema import Resource
from adminui.records.values import MISSING, MaybeValue, Record, RecordId
from adminui.worksheets import readings, store
from adminui.worksheets.models import Worksheet

EVERY = 1.0  # seconds between looks at whether to go on


class Interrupted(Exception):
    """This process has to let go of the reading."""


class Cancelled(Exception):
    """Somebody asked for the reading to end."""


def columns_of(whole: Resource) -> list[str]:
    """The fields that are kept: all but those that nobody is shown."""
    return list(dict.fromkeys([whole.id_field, *(f.name for f in whole.visible)]))


class Columns:
    """Records turned into columns as they come: an API's pages are many small objects, best let go of at once."""

    def __init__(self, names: Collection[str]) -> None:
        self.rows = 0
        self._packers = {name: Packer() for name in names}

    def add(self, records: Sequence[Mapping[str, MaybeValue]]) -> None:
        if not records:
            return
        self.rows += len(records)
        shape = tuple(records[0])
        if all(tuple(record) == shape for record in records):  # as most APIs give them: turned over in one go
            turned = dict(zip(shape, zip(*(record.values() for record in records), strict=True), strict=True))
            missing = (MISSING,) * len(records)
            for name, packer in self._packers.items():
                packer.add(turned.get(name, missing))
            return
        for name, packer in self._packers.items():
            packer.add([record.get(name, MISSING) for record in records])

    def packed(self) -> dict[str, bytes]:
        return {name: pack(packer.packed) for name, packer in self._packers.items()}


class Watch:
    """Says about once a second how far a reading is, and raises when it is not to go on here."""

    def __init__(self, sheet: Worksheet, interrupted: threading.Event) -> None:
        self.sheet = sheet
        self.interrupted = interrupted
        self._looked = time.monotonic()

    def look(self, progress: int) -> None:
        """Raises Interrupted, Cancelled, or readings.Lost."""
        if time.monotonic() - self._looked < EVERY:
            return
        self._looked = time.monotonic()
        if self.interrupted.is_set():
            raise Interrupted
        readings.tell(self.sheet, progress=progress)
        if readings.cancel_asked(self.sheet):
            raise Cancelled


class Keeper:
    """Takes records in order and keeps them by parts. What is not a whole part is only kept at the end."""

    def __init__(self, sheet: Worksheet, names: Sequence[str], interrupted: threading.Event) -> None:
        self.sheet = sheet
        self.missing: list[str] = list(sheet.missing)
        self._names = names
        self._watch = Watch(sheet, interrupted)
        self._columns = Columns(names)
        self._pool = ThreadPoolExecutor(1, "adminui-pack")
        self._packing: tuple[int, Future[dict[str, bytes]]] | None = None

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if isinstance(error, Interrupted | Cancelled | RemoteError):
            self._write()
        self._pool.shutdown(cancel_futures=True)

    @property
    def rows(self) -> int:
        """Rows kept so far."""
        return self.sheet.rows

    def ids(self) -> Iterator[RecordId]:
        """The ids of the rows kept so far."""
        name = self._names[0]
        for _, held in store.each_part(self.sheet, [name]):
            yield from (value for value in held[name] if isinstance(value, int | str))

    def add(self, records: Sequence[Record]) -> None:
        while records:
            room = PART - self._columns.rows
            self._columns.add(records[:room])
            records = records[room:]
            if self._columns.rows == PART:
                self._pack()
        if self._packing and self._packing[1].done():
            self._write()
        packing = self._packing[0] if self._packing else 0
        self._watch.look(self.rows + packing + self._columns.rows)

    def rest(self) -> None:
        """Pack what is left."""
        if self._columns.rows:
            self._pack()
            wait([self._packing[1]] if self._packing else [])

    def end(self) -> None:
        """Keep it, which belongs together with saying that nothing follows: only whole parts can be gone on from."""
        self._write()

    def _pack(self) -> None:
        self._write()
        self._packing = self._columns.rows, self._pool.submit(self._columns.packed)
        self._columns = Columns(self._names)

    def _write(self) -> None:
        if self._packing is None:
            return
        size, packing = self._packing
        self._packing = None
        chunks, rows = packing.result(), self.rows + size
        readings.keep(self.sheet, self.rows // PART, chunks, rows=rows, progress=rows, missing=self.missing)
        self.sheet.rows = rows
