"""Records from an API straight into a file: page by page, each record once, and as many as the API counts or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from adminui.dialects.base import Page
from adminui.planning.explain import counted
from adminui.records.packing import PART, packed
from adminui.records.queries import Group, Query
from adminui.records.values import MISSING, Record, RecordId
from adminui.remote import reader
from adminui.services import browse
from adminui.services.catalog import Opened
from adminui.services.current import Column, Part
from adminui.services.errors import BadInput, Stale
from adminui.services.files.exporting import csv_from, text_maker
from adminui.services.files.laying import Cell, Heading, Maker, Wanted, cells, headings
from adminui.services.files.workbooks import About, Cells, workbook

PAGE_SIZE = 500
PASSES = 3  # over all that match, when records come and go meanwhile


@dataclass
class Fetch:
    """A reading of all that matches: how many records there are to be, and how many were given so far."""

    opened: Opened
    where: Group
    expected: int
    given: int = 0
    gone: int = 0  # that matched when they were read, and not any more at the end
    watch: Callable[[], None] = field(default=lambda: None, repr=False)  # called after every page
    _seen: set[RecordId] = field(default_factory=set, repr=False)

    def records(self) -> Iterator[list[Record]]:
        """Raises Stale where no pass saw just what the API counts: then nobody has all there is."""
        whole = self.opened.whole
        told: set[int | None] = {self.expected}
        for _ in range(PASSES):
            here: set[RecordId] = set()
            for page in self._pages():
                found = {whole.id_of(record): record for record in page.records}
                fresh = [record for i, record in found.items() if i not in self._seen]
                here.update(found)
                self._seen.update(found)
                told |= {page.count} - {None}
                self.given += len(fresh)
                self.watch()
                yield fresh
            now = reader.count(self.opened.client, whole, Query(self.where))
            if told <= {now} and len(here) == now:
                self.gone = len(self._seen) - now
                return
            told = set()
        raise Stale(
            f"Records came and went while these were read: {self.given:,} were given, the API counts {now:,} now.",
            "No file was written; try again in a moment.",
        )

    def _pages(self) -> Iterator[Page]:
        query = Query(self.where, page_size=PAGE_SIZE)
        read = reader.read_pages if self.opened.can.pages_by == "number" else reader.read_onward
        return read(self.opened.client, self.opened.whole, query)


def begun(opened: Opened, where: Group) -> Fetch:
    """Knows how many there are. Raises BadInput for a filter that the API cannot answer."""
    opened.require("view")
    try:
        return Fetch(opened, where, reader.count(opened.client, opened.whole, Query(where)))
    except ValueError as error:
        raise BadInput(f"The API cannot answer this filter: {error}", "Take a condition out.") from error


def file_of(fetch: Fetch, wanted: Wanted, about: About) -> Iterator[bytes]:
    """The file, block by block; it is whole when this ends without an error."""
    heads = headings(wanted, ())
    if wanted.form == "xlsx":
        return workbook(heads, _blocks(fetch, wanted, heads, Cells(heads).maker), about)
    return csv_from(wanted, heads, _blocks(fetch, wanted, heads, text_maker(wanted)))


def _blocks(
    fetch: Fetch, wanted: Wanted, heads: Sequence[Heading], maker: Maker[Cell]
) -> Iterator[list[Sequence[Cell]]]:
    make = partial(cells, fetch.opened.resource, wanted, heads, said=None, maker=maker)
    held: list[Record] = []
    for records in fetch.records():
        held += records
        if len(held) >= PART:
            yield make(part=_part(fetch, held))
            held = []
    if held:
        yield make(part=_part(fetch, held))


def _part(fetch: Fetch, records: Sequence[Record]) -> Part:
    """Only what this person may see."""
    columns = {
        f.name: (f, packed([record.get(f.name, MISSING) for record in records])) for f in fetch.opened.resource.visible
    }
    return Part(range(len(records)), {n: Column(f, held.values, held.codes, {}) for n, (f, held) in columns.items()})


def filter_words(fetch: Fetch) -> str:
    return browse.in_words(fetch.opened, fetch.where) or f"All {fetch.opened.resource.label}"


def result_words(fetch: Fetch) -> str:
    """What came of it, in a sentence."""
    words = counted(fetch.given, fetch.opened.resource.singular, fetch.opened.resource.label)
    gone = f", {fetch.gone:,} of which did not match any more at the end" if fetch.gone else ""
    return f"{words}{gone}"
