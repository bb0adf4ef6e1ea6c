"""Faults do what they say, to the requests they name, and no more."""

import socket
import time
from typing import Any

import pytest
import requests

from adminui.sandbox.faults import KINDS
from adminui.sandbox.http import Response
from adminui.sandbox.server import Running


def fault(running: Running, kind: str, **more: Any) -> None:
    answer = requests.post(f"{running.control_url}/faults", json={"kind": kind, **more}, timeout=5)
    assert answer.status_code == 200, answer.text


def patch(running: Running, **options: Any) -> requests.Response:
    return requests.patch(f"{running.url}/notes/2", json={"text": "new"}, timeout=options.pop("timeout", 5), **options)


def stored(running: Running, number: int = 2) -> str:
    text: str = running.api.dump("notes")[number - 1]["text"]
    return text


def last(running: Running) -> dict[str, Any]:
    entry: dict[str, Any] = requests.get(f"{running.control_url}/log", timeout=5).json()[-1]
    return entry


@pytest.mark.parametrize(("kind", "applied"), [("drop_after_write", True), ("drop_before", False), ("reset", False)])
def test_a_lost_answer_says_nothing_about_the_write(running, kind, applied):
    fault(running, kind)
    with pytest.raises(requests.ConnectionError):
        patch(running)
    assert (stored(running) == "new") is applied
    entry = last(running)
    assert (entry["status"], entry["applied"], entry["fault"]) == (None, applied, kind)


@pytest.mark.parametrize("kind", ["reset", "drop_before"])
def test_a_reset_is_a_tcp_reset_and_a_drop_is_not(running, kind):
    fault(running, kind)
    with socket.create_connection(("127.0.0.1", int(running.url.rsplit(":", 1)[1])), timeout=5) as peer:
        peer.sendall(b"GET /notes/1 HTTP/1.1\r\n\r\n")
        if kind == "drop_before":
            assert peer.recv(10) == b""
        else:
            with pytest.raises(ConnectionResetError):
                peer.recv(10)


def test_a_slow_answer_outlasts_a_read_time_out(running):
    fault(running, "slow", seconds=0.3, times=2)
    with pytest.raises(requests.ReadTimeout):
        patch(running, timeout=0.1)
    started = time.monotonic()
    assert patch(running).status_code == 200 and time.monotonic() - started >= 0.3


def test_dripped_bytes_never_trip_a_read_time_out(running):
    fault(running, "drip", seconds=0.003)
    started = time.monotonic()
    assert patch(running, timeout=0.2).json()["text"] == "new"
    assert time.monotonic() - started > 0.3


def test_cut_headers_look_like_an_empty_success(running):
    fault(running, "cut_headers")
    answer = patch(running)
    assert (answer.status_code, answer.content) == (200, b"") and "Content-Length" not in answer.headers
    assert stored(running) == "new"


def test_a_cut_body_is_shorter_than_announced(running):
    fault(running, "cut_body")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        patch(running)
    assert stored(running) == "new"


def test_truncated_json_has_a_proper_length_and_no_end(running):
    fault(running, "truncated_json")
    answer = patch(running)
    assert answer.status_code == 200 and len(answer.content) == int(answer.headers["Content-Length"]) > 0
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()
    assert stored(running) == "new"


@pytest.mark.parametrize("seconds", [None, 7])
def test_a_throttled_request_may_say_when_to_come_back(running, seconds):
    fault(running, "throttle", retry_after=seconds)
    answer = patch(running)
    assert answer.status_code == 429 and answer.headers.get("Retry-After") == (seconds and str(seconds))
    assert stored(running) == "note 2" and last(running)["applied"] is False


def test_a_server_error_has_no_body(running):
    fault(running, "server_error")
    answer = patch(running)
    assert (answer.status_code, answer.content, stored(running)) == (500, b"", "note 2")


def test_a_server_error_may_come_after_the_work(running):
    fault(running, "server_error_after_write")
    answer = patch(running)
    assert (answer.status_code, answer.content, stored(running)) == (500, b"", "new")
    assert (last(running)["status"], last(running)["applied"]) == (500, True)


def test_a_late_write_lands_after_its_client_has_gone(running):
    fault(running, "late", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        patch(running, timeout=0.1)
    assert stored(running) == "note 2"
    until = time.monotonic() + 5
    while stored(running) != "new":
        assert time.monotonic() < until
        time.sleep(0.01)
    assert last(running)["applied"]


def test_a_silent_api_does_nothing_and_says_nothing(running):
    fault(running, "silent", seconds=0.2)
    with pytest.raises(requests.ConnectionError):
        patch(running)
    assert stored(running) == "note 2" and not last(running)["applied"]


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_port_is_closed_for_a_while_and_open_again(running, by_hand):
    with requests.Session() as session:
        if by_hand:
            session.get(f"{running.url}/notes/1", timeout=5)
            requests.post(f"{running.control_url}/refuse", json={"seconds": 0.3}, timeout=5)
        else:
            fault(running, "refuse", seconds=0.3)
            assert session.patch(f"{running.url}/notes/2", json={"text": "new"}, timeout=5).status_code == 200
        for place in (session, requests):
            with pytest.raises(requests.ConnectionError):
                place.get(f"{running.url}/notes/1", timeout=5)
        time.sleep(0.4)
        assert session.get(f"{running.url}/notes/1", timeout=5).status_code == 200


@pytest.mark.parametrize(("kind", "ids"), [("short", [1]), ("reordered", [2, 1]), ("foreign", [1000001, 1000002])])
def test_an_answer_may_be_short_in_another_order_or_about_others(running, kind, ids):
    running.api.handle = lambda request: Response(200, [{"id": 1}, {"id": 2}])
    fault(running, kind)
    assert [row["id"] for row in requests.patch(f"{running.url}/notes/bulk", json=[], timeout=5).json()] == ids


def test_a_rate_meets_the_same_share_of_the_requests_each_time(running):
    def met() -> list[int]:
        fault(running, "server_error", rate=0.2, seed=3, times=None)
        codes = [patch(running).status_code for _ in range(50)]
        requests.delete(f"{running.control_url}/faults", timeout=5)
        return codes

    first, second = met(), met()
    assert first == second and 3 <= first.count(500) <= 20


def test_a_login_page_arrives_instead_of_json(running):
    fault(running, "html")
    answer = patch(running)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert 'type="password"' in answer.text and stored(running) == "note 2"


def test_an_expired_login_is_answered_in_the_api_s_own_words(running):
    fault(running, "expired_login")
    assert (patch(running).json(), stored(running)) == ({"detail": "log in"}, "note 2")
    assert patch(running).status_code == 200


def test_an_answer_may_be_for_another_record(running):
    fault(running, "wrong_record")
    assert patch(running).json() == {"id": 3, "text": "note 3", "stamp": 0}
    assert stored(running) == "new"


def test_an_answer_for_another_record_needs_no_number_in_the_address(running):
    running.api.handle = lambda request: Response(200, {"itemId": 4, "items": [{"id": 9}]})
    fault(running, "wrong_record")
    assert requests.post(f"{running.url}/notes", timeout=5).json() == {"itemId": 5, "items": [{"id": 10}]}


def test_a_fault_chooses_by_method_and_path_skips_some_and_is_used_up(running):
    fault(running, "server_error", method="PATCH", path=r"/notes/[23]$", after=1, times=2)
    requests.get(f"{running.url}/notes/2", timeout=5)
    requests.patch(f"{running.url}/notes/1", json={}, timeout=5)
    assert [patch(running).status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_without_a_number_of_times_stays_until_it_is_removed(running):
    fault(running, "server_error", times=None)
    assert [patch(running).status_code for _ in range(3)] == [500] * 3
    listed = requests.get(f"{running.control_url}/faults", timeout=5).json()
    assert [(entry["kind"], entry["met"]) for entry in listed] == [("server_error", 3)]
    assert requests.delete(f"{running.control_url}/faults", timeout=5).json() == []
    assert patch(running).status_code == 200


@pytest.mark.parametrize("body", [{"kind": "earthquake"}, {"kind": "slow", "path": "("}, {"colour": 1}, [1]])
def test_a_fault_that_cannot_be_is_refused(running, body):
    assert requests.post(f"{running.control_url}/faults", json=body, timeout=5).status_code == 400
    assert patch(running).status_code == 200


def test_every_kind_of_fault_is_named():
    assert set(KINDS) == {
        *("drop_after_write", "drop_before", "reset", "slow", "drip", "cut_headers", "cut_body"),
        *("truncated_json", "throttle", "server_error", "html", "expired_login", "wrong_record"),
        *("refuse", "late", "silent", "server_error_after_write", "short", "reordered", "foreign"),
    }
