"""The sandbox server's transport and JSON."""

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from decimal import Decimal

import pytest
import requests

from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.faults import Fault
from adminui.sandbox.http import Request, read_json, write_json
from adminui.sandbox.server import serve_in_thread


def test_one_connection_carries_many_requests(running):
    port = int(running.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        peer.sendall(
            b"GET /notes/1 HTTP/1.1\r\nHost: x\r\n\r\nGET /notes/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        data = b"".join(iter(lambda: peer.recv(4096), b""))
    assert data.count(b"HTTP/1.1 200 OK") == 2 and data.endswith(
        write_json({"id": 2, "text": "note 2", "stamp": 0}).encode()
    )


def test_query_headers_cookies_and_large_bodies_arrive(running):
    answer = requests.post(f"{running.url}/echo?a=1&a=%20x&empty=", data=b"x" * 3_000_000, timeout=5)
    assert answer.json() == {"query": [["a", "1"], ["a", " x"], ["empty", ""]], "size": 3_000_000}
    assert answer.headers["X-One"] == "1" and dict(answer.cookies) == {"a": "1", "b": "2"}


def test_an_answer_without_a_body_still_has_a_length(running):
    answer = requests.delete(f"{running.url}/notes/1", timeout=5)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (204, "0", b"")


def test_head_answers_the_head_only(running):
    with socket.create_connection(("127.0.0.1", int(running.url.rsplit(":", 1)[1])), timeout=5) as peer:
        peer.sendall(b"HEAD /notes/1 HTTP/1.1\r\nConnection: close\r\n\r\n")
        data = b"".join(iter(lambda: peer.recv(4096), b""))
    assert b"Content-Length: 34" in data and data.endswith(b"\r\n\r\n")


def test_the_last_of_a_repeated_parameter_counts():
    request = Request("GET", "/", (("page", "1"), ("page", "2")), {}, b"", "")
    assert (request.parameter("page"), request.parameter("size", "50")) == ("2", "50")


@pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"x" * 70_000])
def test_what_is_not_http_is_a_400(running, raw):
    with socket.create_connection(("127.0.0.1", int(running.url.rsplit(":", 1)[1])), timeout=5) as peer:
        peer.sendall(raw)
        assert peer.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_a_mistake_in_the_api_is_a_500_and_not_a_lost_connection(running, capfd):
    with requests.Session() as session:
        assert session.get(f"{running.url}/boom", timeout=5).status_code == 500
        assert session.get(f"{running.url}/notes/1", timeout=5).status_code == 200
    assert "RuntimeError: boom" in capfd.readouterr().err


def test_stopping_closes_the_ports_and_wakes_slow_answers():
    server = serve_in_thread(BuzzApi(records=20))
    server.faults.add(Fault("slow", seconds=60))
    started = time.monotonic()
    failures: list[type[Exception]] = []

    def ask() -> None:
        try:
            requests.get(f"{server.url}/rest/v2/roles", timeout=30)
        except requests.ConnectionError as error:
            failures.append(type(error))

    asking = threading.Thread(target=ask)
    asking.start()
    while not server.log.listing():
        time.sleep(0.01)
    server.stop()
    asking.join(timeout=5)
    assert failures and time.monotonic() - started < 5
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=1)


def test_a_taken_control_port_leaves_nothing_running(running):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OSError):
        serve_in_thread(BuzzApi(records=20), port, int(running.control_url.rsplit(":", 1)[1]))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_the_blocking_server_ends_quietly_when_interrupted():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        port, control_port = one.getsockname()[1], two.getsockname()[1]
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # also where a shell ignores it
        "from adminui.sandbox.buzz import BuzzApi; from adminui.sandbox.server import serve; "
        f"serve(BuzzApi(records=20), {port}, {control_port})"
    )
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) as process:
        for _ in range(100):
            with contextlib.suppress(requests.ConnectionError):
                assert requests.get(f"http://127.0.0.1:{control_port}/log", timeout=5).json() == []
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        try:
            _, complaints = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, complaints) == (0, b"")


def test_small_requests_are_quick(running):
    connection = http.client.HTTPConnection("127.0.0.1", int(running.url.rsplit(":", 1)[1]), timeout=5)
    started = time.monotonic()
    for _ in range(300):
        connection.request("GET", "/notes/1")
        connection.getresponse().read()
    connection.close()
    assert time.monotonic() - started < 6  # 12 where each waited for a delayed acknowledgement


def test_decimals_travel_with_exactly_their_digits():
    value = {"bid": Decimal("10.10"), "big": Decimal("0.10000000000000000001"), "text": "10.10"}
    assert write_json(value) == '{"bid":10.10,"big":0.10000000000000000001,"text":"10.10"}'
    assert read_json(write_json(value).encode()) == value


@pytest.mark.parametrize("value", [float("nan"), Decimal("NaN"), object()])
def test_what_json_cannot_say_is_an_error(value):
    with pytest.raises((ValueError, TypeError)):
        write_json([value])
