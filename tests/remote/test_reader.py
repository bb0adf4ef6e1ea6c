"""Reading one, a page, many and all; an API whose pages lead nowhere is found out."""

import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import Gone, RemoteError, Unavailable
from adminui.planning.capabilities import Capabilities
from adminui.records.casting import to_json
from adminui.records.queries import Query
from adminui.remote.client import Client, Exchange
from adminui.remote.reader import count, read_all, read_many, read_one, read_page
from tests.remote import faultserver as fault
from tests.remote.tiny import CREDENTIALS, THINGS, Tiny


class Things:
    """A server of things 1…total, in pages of three."""

    def __init__(self, total: int, size: int = 3, gone: tuple[int, ...] = ()) -> None:
        self.ids = [i for i in range(1, total + 1) if i not in gone]
        self.size = size

    def __call__(self, sock, request) -> bool:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return fault.answer(to_json(self.document(parts.path, asked)))(sock, request)

    def document(self, path: str, asked: dict[str, str]) -> object:
        if path == "/things/count":
            return {"count": len(self.ids)}
        if path != "/things":
            return {"id": int(path.rpartition("/")[2])}
        wanted = set(map(int, asked["ids"].split(","))) if "ids" in asked else set(self.ids)
        ids = [i for i in self.ids if i in wanted]
        start = int(asked.get("start", 0))
        more = {**asked, "start": str(start + self.size)}
        following = "things?" + "&".join(f"{k}={v}" for k, v in more.items())
        page = [{"id": i} for i in ids[start : start + self.size]]
        return {"items": page, "next": following if start + self.size < len(ids) else None}


def pages(*documents: str) -> list[fault.Act]:
    return [fault.answer(document) for document in documents]


def test_one_record_is_read(server, connect):
    server.otherwise = Things(5)
    assert read_one(connect(), THINGS, 4) == {"id": 4}


def test_a_record_that_is_gone_says_so(server, connect):
    server.otherwise = fault.answer("{}", 404)
    with pytest.raises(Gone):
        read_one(connect(), THINGS, 4)


@pytest.mark.parametrize("document", ['{"id": 5}', '{"id": 44}', "{}", '{"id": null}'])
def test_a_record_other_than_the_one_asked_for_is_not_used(server, connect, document):
    server.otherwise = fault.answer(document)
    with pytest.raises(Unavailable, match="another record"):
        read_one(connect(), THINGS, 4)


def test_an_id_written_as_text_is_the_same_id(server, connect):
    server.otherwise = fault.answer('{"id": 4}')
    assert read_one(connect(), THINGS, "4") == {"id": 4}


def test_a_page_past_the_end_is_empty_and_the_first_one_missing_is_an_error(server, connect):
    server.otherwise = fault.answer('{"detail": "Invalid page."}', 404)
    client = connect()
    assert read_page(client, THINGS, Query(page=2)).records == ()
    with pytest.raises(Gone):
        read_page(client, THINGS, Query())


def test_a_last_page_that_went_away_meanwhile_is_the_end(server, connect):
    server.script = [*pages('{"items": [{"id": 1}], "next": "things?page=2"}'), fault.answer("{}", 404)]
    assert list(read_all(connect(), THINGS, Query())) == [{"id": 1}]


def test_a_first_page_that_is_missing_is_not_the_end(server, connect):
    server.otherwise = fault.answer("{}", 404)
    with pytest.raises(Gone):
        list(read_all(connect(), THINGS, Query()))


def test_a_body_is_not_part_of_what_a_request_looks_like():
    """Requests end up in log lines and tracebacks; a sign-in's body is a password."""
    assert "hunter2" not in repr(ApiRequest("POST", "login", body={"password": "hunter2"}))


def test_a_page_is_counted_when_asked_for(server, connect):
    server.otherwise = Things(7)
    client = connect()
    assert read_page(client, THINGS, Query()).count is None
    page = read_page(client, THINGS, Query(), counted=True)
    assert page.count == 7 and [r["id"] for r in page.records] == [1, 2, 3]


def test_counting_asks_the_count_address_or_a_page(server, connect):
    server.otherwise = Things(7)
    assert count(connect(), THINGS, Query()) == 7
    server.otherwise = fault.answer('{"items": [], "count": 41}')
    client = Client(Tiny(counts=False), server.url, CREDENTIALS)
    assert count(client, THINGS, Query(page=3, page_size=50)) == 41
    assert server.requests[-1].path == "/things?page=1&size=1"
    server.otherwise = fault.answer('{"items": []}')
    with pytest.raises(Unavailable, match="how many"):
        count(client, THINGS, Query())
    client.close()


def test_many_records_are_read_in_chunks_with_their_pages_and_missing_ones_are_missing(server, connect):
    server.otherwise = Things(40, gone=(5, 17))
    ids = [*range(1, 41), 1, 2]
    found = read_many(connect(), THINGS, Capabilities(read_many=10), ids)
    assert found == {i: {"id": i} for i in range(1, 41) if i not in (5, 17)}
    assert len([r for r in server.requests if "start" not in r.path]) == 4


def test_records_are_keyed_by_the_ids_as_they_were_asked_for(server, connect):
    server.otherwise = Things(4)
    assert set(read_many(connect(), THINGS, Capabilities(), ["2", 3])) == {"2", 3}


def test_no_ids_ask_nothing(server, connect):
    """Some APIs take an empty list of ids to mean every record."""
    assert read_many(connect(), THINGS, Capabilities(), []) == {}
    assert server.requests == []


def test_a_chunk_that_cannot_be_read_fails_the_whole(server, connect):
    things = Things(40)
    server.otherwise = lambda sock, request: (
        fault.close(sock, request) if "ids=21" in request.path else things(sock, request)
    )
    seen: list[Exchange] = []
    here: list[int] = []

    def observe(exchange: Exchange) -> None:
        seen.append(exchange)
        here.append(threading.get_ident())

    client = connect()
    with client.observe(observe), pytest.raises(Unavailable):
        read_many(client, THINGS, Capabilities(read_many=10), range(1, 41))
    assert len([e for e in seen if e.fault]) == 3 and set(here) == {threading.get_ident()}


def test_all_records_stream_in_order_up_to_a_limit(server, connect):
    server.otherwise = Things(10)
    client = connect()
    assert [r["id"] for r in read_all(client, THINGS, Query())] == list(range(1, 11))
    before = len(server.requests)
    assert [r["id"] for r in read_all(client, THINGS, Query(), limit=4)] == [1, 2, 3, 4]
    assert len(server.requests) == before + 2


def test_a_record_that_slid_onto_the_next_page_is_given_once(server, connect):
    server.script = pages('{"items": [{"id": 1}, {"id": 2}], "next": "b"}', '{"items": [{"id": 2}, {"id": 3}]}')
    assert [r["id"] for r in read_all(connect(), THINGS, Query())] == [1, 2, 3]


def test_a_page_that_names_itself_as_the_next_is_found_out(server, connect):
    server.otherwise = fault.answer('{"items": [], "next": "things?page=9"}')
    with pytest.raises(Unavailable, match="circle"):
        list(read_all(connect(), THINGS, Query()))
    assert len(server.requests) == 2


def test_pages_that_repeat_their_records_are_found_out(server, connect):
    server.script = pages(*(f'{{"items": [{{"id": 1}}], "next": "things?page={n}"}}' for n in range(9)))
    with pytest.raises(Unavailable, match="same records"):
        list(read_all(connect(), THINGS, Query()))
    assert len(server.requests) == 2


def test_empty_pages_without_end_are_found_out(server, connect):
    server.script = pages(*(f'{{"items": [], "next": "things?page={n}"}}' for n in range(99)))
    with pytest.raises(Unavailable, match="circle"):
        list(read_all(connect(), THINGS, Query()))
    assert len(server.requests) < 20


def test_a_next_page_on_another_host_is_not_asked_for(server, connect):
    server.otherwise = fault.answer('{"items": [{"id": 1}], "next": "http://127.0.0.2:1/next"}')
    records = read_all(connect(), THINGS, Query())
    assert next(records) == {"id": 1}
    with pytest.raises(RemoteError, match="another host"):
        next(records)
    assert len(server.requests) == 1
