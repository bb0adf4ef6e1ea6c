"""Reading records through a client: one, a page, many by id, or all that match, however the API pages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice, repeat
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

from adminui.dialects.base import ApiRequest, Page
from adminui.dialects.errors import Gone, Unavailable, Unknown
from adminui.planning.capabilities import Capabilities
from adminui.records.casting import to_json
from adminui.records.queries import Query
from adminui.records.schema import Resource
from adminui.records.values import Record, RecordId
from adminui.remote.client import Client, Exchange, Observer
from adminui.remote.client.exchange import tell

T = TypeVar("T")
AHEAD: Final = 3  # answers per lane that wait for whoever asked
_EMPTY_PAGES = 10  # in a row, before "more follows" is no longer believed


def read_one(client: Client, resource: Resource, record_id: RecordId) -> Record:
    """The record as it is now. Raises Gone, and Unavailable for an answer that is about another record."""
    response = client.send(client.dialect.read_one(resource, record_id))
    with _a_read():
        record = client.dialect.record(resource, response)
    if str(record.get(resource.id_field)) != str(record_id):
        raise Unavailable("The API answered with another record than the one asked for; it is not used.")
    return record


def read_page(client: Client, resource: Resource, query: Query, *, counted: bool = False) -> Page:
    """One page, empty past the end; with `counted`, one more call tells the number where the page itself does not."""
    try:
        page = _page(client, resource, client.dialect.read_page(resource, query))
    except Gone:
        if query.page == 1:
            raise
        page = Page(())
    if not counted or page.count is not None:
        return page
    request = client.dialect.count(resource, query)
    return page if request is None else replace(page, count=_counted(client, request))


def count(client: Client, resource: Resource, query: Query) -> int:
    """How many records match."""
    request = client.dialect.count(resource, query)
    if request is not None:
        return _counted(client, request)
    told = read_page(client, resource, replace(query, page=1, page_size=1, after=None)).count
    if told is None:
        raise Unavailable("The API did not say how many records match.")
    return told


def read_many(client: Client, resource: Resource, can: Capabilities, ids: Iterable[RecordId]) -> dict[RecordId, Record]:
    """The records with these ids, keyed by the ids as asked for; those the API does not give are missing.

    Chunks are read side by side; observers hear of them in this thread, where the caller's database connection lives.
    """
    asked = {str(record_id): record_id for record_id in ids}
    chunks = list(_chunks(list(asked.values()), can.read_many))
    seen: deque[Exchange] = deque()
    try:
        found = _read_chunks(client, resource, chunks, seen.append)
    finally:
        for exchange in seen:
            tell(client, exchange)
    keyed = [(str(resource.id_of(record)), record) for record in found]
    if any(key not in asked for key, _ in keyed):  # then what it says of the others cannot be trusted either
        raise Unavailable("The API answered with records that nobody asked for.")
    return {asked[key]: record for key, record in keyed}


def read_all(client: Client, resource: Resource, query: Query, limit: int | None = None) -> Iterator[Record]:
    """Every record that matches, each once, page by page as they are asked for; at most `limit`."""
    return islice(_records(client, resource, client.dialect.read_page(resource, query)), limit)


def read_pages(client: Client, resource: Resource, query: Query, start: int = 0) -> Iterator[Page]:
    """The pages with numbers, from the one that holds the record at place `start` (0 for the first), side by side.

    In order, each as long as the API makes them, which may be less than was asked for.
    """
    first = read_page(client, resource, replace(query, page=1))
    if first.next is None or first.count is None or not first.records:
        yield first
        yield from () if first.next is None else _one_after_another(client, resource, first.next)
        return
    size = len(first.records)
    numbers = range(1 + start // size, 1 + -(-first.count // size))
    last = first if start < size else Page((), count=first.count)
    yield last
    jobs = (partial(read_page, client, resource, replace(query, page=n)) for n in numbers if n > 1)
    for last in _side_by_side(client.max_concurrency, jobs):
        yield last
    if last.next is not None and last.records:  # some were added behind meanwhile
        yield from _one_after_another(client, resource, last.next)


def read_onward(client: Client, resource: Resource, query: Query) -> Iterator[Page]:
    """The pages one after another, the next being read while one is looked at."""
    return _one_after_another(client, resource, client.dialect.read_page(resource, query))


def read_each(
    client: Client, resource: Resource, can: Capabilities, ids: Iterable[RecordId]
) -> Iterator[tuple[Sequence[RecordId], dict[str, Record]]]:
    """Some ids at a time, in order, with their records by id as text; those the API does not give are missing."""

    def read(chunk: Sequence[RecordId]) -> tuple[Sequence[RecordId], dict[str, Record]]:
        records = _records(client, resource, client.dialect.read_many(resource, chunk))
        return chunk, {str(resource.id_of(record)): record for record in records}

    chunks = _chunks(list(ids), can.read_many)
    return _side_by_side(client.max_concurrency, (partial(read, chunk) for chunk in chunks))


def _one_after_another(client: Client, resource: Resource, request: ApiRequest) -> Iterator[Page]:
    pages = _pages(client, resource, request)
    found = _side_by_side(1, repeat(partial(next, pages, None)))
    with closing(found):
        for page in found:
            if page is None:
                return
            yield page


def _side_by_side(lanes: int, jobs: Iterable[Callable[[], T]]) -> Generator[T, None, None]:
    """What the jobs give, in their order; never more than a few ahead of who asks, so that memory stays small."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(lanes, "adminui-read") as pool:
        try:
            for job in jobs:
                waiting.append(pool.submit(job))
                if len(waiting) > lanes * AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _read_chunks(
    client: Client, resource: Resource, chunks: Sequence[Sequence[RecordId]], observer: Observer
) -> list[Record]:
    def read(chunk: Sequence[RecordId]) -> list[Record]:
        with client.observe(observer):
            return list(_records(client, resource, client.dialect.read_many(resource, chunk)))

    if not chunks:
        return []
    with ThreadPoolExecutor(min(len(chunks), client.max_concurrency), "adminui-read") as pool:
        try:
            return [record for records in pool.map(read, chunks) for record in records]
        finally:
            pool.shutdown(cancel_futures=True)


def _records(client: Client, resource: Resource, request: ApiRequest) -> Iterator[Record]:
    """Records of a page and all that follow it. Raises Unavailable when the API leads in circles."""
    seen: set[RecordId] = set()
    for page in _pages(client, resource, request):
        fresh = {i: record for record in page.records if (i := resource.id_of(record)) not in seen}
        if page.records and not fresh:
            raise Unavailable("The API gave the same records on two pages; reading stopped.")
        seen.update(fresh)
        yield from fresh.values()


def _pages(client: Client, resource: Resource, request: ApiRequest | None) -> Iterator[Page]:
    asked: set[str] = set()
    empty = 0
    while request is not None:
        address = to_json([request.method, request.path, request.query, request.body])
        if address in asked or empty > _EMPTY_PAGES:
            raise Unavailable("The API's pages lead in a circle; reading stopped.")
        asked.add(address)
        try:
            page = _page(client, resource, request)
        except Gone:
            if len(asked) == 1 or not _numbered(request):
                raise  # only a page with a number can lie past the end; one the API named itself must be there
            return  # records went away meanwhile, and their last page with them
        yield page
        empty = 0 if page.records else empty + 1
        request = page.next


def _numbered(request: ApiRequest) -> bool:
    return "page" in dict(request.query) | dict(parse_qsl(urlsplit(request.path).query))


def _page(client: Client, resource: Resource, request: ApiRequest) -> Page:
    response = client.send(request)
    with _a_read():
        return client.dialect.page(resource, request, response)


def _counted(client: Client, request: ApiRequest) -> int:
    response = client.send(request)
    with _a_read():
        return client.dialect.counted(response)


def _chunks(ids: list[RecordId], size: int) -> Iterator[list[RecordId]]:
    return (ids[start : start + size] for start in range(0, len(ids), max(size, 1)))


@contextmanager
def _a_read() -> Iterator[None]:
    """Unknown is a word about writes: an answer to a read that cannot be understood is one that was not given."""
    try:
        yield
    except Unknown as error:
        raise Unavailable(error.message, status=error.status) from error
