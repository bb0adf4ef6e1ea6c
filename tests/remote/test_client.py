"""What the client sends, where to, how often, and what it lets others see."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from adminui.dialects.base import ApiRequest, ApiResponse
from adminui.dialects.errors import Gone, NotOffered, NotSent, RemoteError, Throttled, Unavailable
from adminui.remote.client import Exchange
from tests.remote import faultserver as fault
from tests.remote.tiny import READ, WRITE, Tiny

EXACT = '{"price": 12345678901234567890.10, "rate": 0.1000, "big": 123456789012345678901234567890, "name": "Zoë €"}'


def test_decimals_and_text_survive_both_ways(server, connect):
    server.otherwise = fault.answer(EXACT)
    client = connect()
    document = client.send(READ).json
    assert document["price"] == Decimal("12345678901234567890.10") and str(document["rate"]) == "0.1000"
    client.send(ApiRequest("PATCH", "things/1", body=document, writes=True))
    sent = server.requests[1]
    assert sent.body.decode() == EXACT
    assert sent.headers["content-type"] == "application/json"


def test_a_byte_order_mark_is_no_part_of_the_answer(server, connect):
    server.otherwise = fault.answer(b'\xef\xbb\xbf{"id": 1}')
    assert connect().send(READ).json == {"id": 1}


def test_it_says_who_it_is_and_what_it_wants(server, connect):
    connect().send(READ)
    headers = server.requests[0].headers
    assert (headers["user-agent"], headers["accept"]) == ("adminui", "application/json")
    assert "content-type" not in headers


def test_paths_are_under_the_base_address_and_queries_are_encoded(server, connect):
    client = connect(f"{server.url}/rest/v2/")
    client.send(ApiRequest("GET", "/things", (("name", "a&b c"), ("name", "é/+"))))
    client.send(ApiRequest("GET", "things?fixed=1", (("page", "2"),)))
    assert [r.path for r in server.requests] == [
        "/rest/v2/things?name=a%26b%20c&name=%C3%A9%2F%2B",
        "/rest/v2/things?fixed=1&page=2",
    ]


def test_a_whole_address_of_the_same_origin_is_followed_as_it_is(server, connect):
    connect(f"{server.url}/rest").send(ApiRequest("GET", f"{server.url}/next?paging=%7b%22size%22%3a5%7d"))
    assert server.requests[0].path.lower() == "/next?paging=%7b%22size%22%3a5%7d"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.2:{port}/next",
        "http://127.0.0.1:1/next",
        "https://127.0.0.1:{port}/next",
        "http://127.0.0.1:{port}@127.0.0.2/next",
        "http://ops:pw@127.0.0.1:{port}/next",
        "http:///next",
        "things/../../admin",
        "things/..",
    ],
)
def test_credentials_never_leave_for_another_origin_or_place(address, server, connect):
    request = ApiRequest("GET", address.format(port=server.port))
    with pytest.raises(RemoteError, match="not sent"):
        connect().send(request)
    assert server.requests == []


def test_a_redirect_is_not_followed(server, connect):
    server.otherwise = fault.answer("", 307, f"Location: {server.url}/elsewhere\r\n")
    with pytest.raises(Unavailable, match="redirects are not followed"):
        connect().send(READ)
    assert [r.path for r in server.requests] == ["/things/1"]


def test_proxies_and_netrc_of_the_environment_are_ignored(server, connect, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password evil\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    connect().send(READ)
    assert server.requests[0].headers["authorization"].startswith("Key ")


@pytest.mark.parametrize(("status", "error"), [(404, Gone), (405, NotOffered)])
def test_a_refused_read_raises_and_a_refused_write_is_the_callers_to_judge(status, error, server, connect):
    server.otherwise = fault.answer('{"detail": "no"}', status)
    with pytest.raises(error):
        connect().send(READ)
    assert connect().send(WRITE).status == status
    assert len(server.requests) == 2


def test_what_is_not_implemented_is_not_asked_for_again(server, connect):
    server.otherwise = fault.answer("Not Implemented", 501)
    with pytest.raises(Unavailable):
        connect().send(READ)
    assert len(server.requests) == 1


def test_a_conversation_sees_refusals_as_answers(server, connect):
    server.otherwise = fault.answer("{}", 405)
    assert connect().converse(Tiny().describe("things")).capabilities.patch is False
    server.otherwise = fault.answer("{}")
    assert connect().converse(Tiny().describe("things")).capabilities.patch is True


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_a_throttled_call_waits_as_long_as_told_and_is_repeated(request_, server, connect):
    server.script = [fault.answer("", 429, "Retry-After: 0.15\r\n"), fault.answer("", 429)]
    waits: list[object] = []
    seen: list[Exchange] = []
    client = connect(on_wait=waits.append)
    with client.observe(seen.append):
        assert client.send(request_).status == 200
    assert [e.status for e in seen] == [429, 429, 200] and [e.attempt for e in seen] == [1, 2, 3]
    assert (seen[1].started_at - seen[0].started_at).total_seconds() >= 0.15
    assert waits[0].reason == "the API asked for fewer calls" and waits[0].until is not None
    assert waits[1] is None and client.waiting == ()


def test_a_call_is_not_held_back_for_longer_than_allowed(server, connect):
    server.otherwise = fault.answer("", 429, "Retry-After: 3600\r\n")
    with pytest.raises(Throttled) as caught:
        connect(max_wait=1).send(WRITE)
    assert caught.value.retry_after == 3600 and len(server.requests) == 1


def test_the_hours_budget_is_kept_and_told(server, connect):
    client = connect(requests_per_hour=3, max_wait=1)
    for _ in range(3):
        client.send(READ)
    with pytest.raises(Throttled, match="3 calls of this hour are used up") as caught:
        client.send(READ)
    assert 3600 <= caught.value.retry_after <= 3660
    assert (client.budget().used, client.budget().left) == (3, 0)
    assert len(server.requests) == 3


def test_an_observer_that_fails_does_not_cost_the_answer(server, connect, caplog):
    def broken(exchange: Exchange) -> None:
        raise RuntimeError("the database is full")

    client = connect()
    with client.observe(broken):
        assert client.send(WRITE).status == 200
    assert "observer" in caplog.text


def test_faults_and_long_answers_are_observed(server, connect):
    seen: list[Exchange] = []
    server.script = [fault.close, fault.answer(f'"{"x" * 30_000}"')]
    client, other = connect(), connect()
    with client.observe(seen.append):
        client.send(READ)
        other.send(READ)
    client.send(READ)
    assert len(seen) == 2
    assert (seen[0].status, seen[0].fault) == (None, "The connection broke before the whole answer came.")
    assert (seen[1].status, len(seen[1].answer_text), seen[1].fault) == (200, 30_002, None)


def test_eight_hundred_calls_over_eight_threads_use_eight_connections_at_most(server, connect):
    client = connect(max_concurrency=8)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.send(WRITE), range(800)))
    assert all(isinstance(answer, ApiResponse) for answer in answers)
    assert len(server.requests) == 800 and server.connections <= 8


def test_no_more_calls_than_allowed_run_at_once(server, connect):
    running: list[int] = []
    most: dict[str, int] = {}

    def count(sock, request):
        running.append(1)
        most[request.path] = max(most.get(request.path, 0), len(running))
        time.sleep(0.01)
        running.pop()  # before the answer: once it is there, the next call may come at any moment
        return fault.answer(fault.OK)(sock, request)

    server.otherwise = count
    client = connect(max_concurrency=4)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: client.send(ApiRequest("GET", "capped", lane="things", cap=2)), range(24)))
        list(pool.map(lambda _: client.send(ApiRequest("GET", "free")), range(24)))
    assert most == {"/capped": 2, "/free": 4}


def test_a_closed_client_sends_nothing_more(server, connect):
    client = connect()
    client.send(READ)
    client.close()
    with pytest.raises(NotSent, match="closed"):
        client.send(WRITE)
    assert len(server.requests) == 1


def test_the_address_shown_before_sending_is_the_one_sent_to(server, connect):
    client = connect(f"{server.url}/rest")
    request = ApiRequest("GET", "things", (("name", "a&b c"),))
    shown = client.address(request)
    assert server.requests == []
    client.send(request)
    assert shown == f"{server.url}{server.requests[0].path}"
