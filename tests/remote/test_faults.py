"""Every way an exchange can go wrong, and the one word that says what it means for a read and for a write."""

import socket
import ssl
import subprocess
import time
from pathlib import Path
from shutil import which

import pytest

from adminui.dialects.errors import NotSent, RemoteError, Throttled, Unavailable, Unknown
from tests.remote import faultserver as fault
from tests.remote.faultserver import FaultServer, running
from tests.remote.tiny import READ, WRITE

LOGIN_PAGE = "<html><title>Sign in</title></html>"
DEADLINE = 0.3

# name: (what the server does, calls a read makes of it, the error of a read, the error of a write)
FAULTS = {
    "closes before answering": (fault.close, 3, Unavailable, Unknown),
    "resets": (fault.reset, 3, Unavailable, Unknown),
    "cuts the status line": (fault.CUT_STATUS, 3, Unavailable, Unknown),
    "cuts the headers": (fault.CUT_HEADERS, 3, Unavailable, Unknown),
    "cuts a body of unknown length": (fault.CUT_UNFRAMED, 3, Unavailable, Unknown),
    "sends less than Content-Length": (fault.SHORT_BODY, 3, Unavailable, Unknown),
    "cuts a chunk": (fault.CUT_CHUNK, 3, Unavailable, Unknown),
    "sends no last chunk": (fault.NO_LAST_CHUNK, 3, Unavailable, Unknown),
    "drips headers": (fault.DRIPPED_HEADERS, 1, Unavailable, Unknown),
    "drips the body": (fault.DRIPPED_BODY, 1, Unavailable, Unknown),
    "drips the body of a closing connection": (fault.DRIPPED_LAST_BODY, 1, Unavailable, Unknown),
    "drips a body of unknown length": (fault.DRIPPED_UNFRAMED, 1, Unavailable, Unknown),
    "answers after the deadline": (fault.later(DEADLINE + 0.2, fault.answer(fault.OK)), 1, Unavailable, Unknown),
    "answers a web page": (fault.answer(LOGIN_PAGE, kind="text/html"), 3, Unavailable, Unknown),
    "answers half a JSON": (fault.answer('{"id": 1, "na'), 3, Unavailable, Unknown),
    "answers what is not UTF-8": (fault.answer(b'{"name": "\xff\xfe"}'), 3, Unavailable, Unknown),
    "answers broken gzip": (
        fault.answer(b"\x1f\x8b nonsense", headers="Content-Encoding: gzip\r\n"),
        3,
        Unavailable,
        Unknown,
    ),
    "redirects": (fault.answer("", 302, "Location: http://127.0.0.2:1/elsewhere\r\n"), 1, Unavailable, Unknown),
    "throttles for longer than we wait": (fault.answer("", 429, "Retry-After: 90\r\n"), 1, Throttled, Throttled),
    "throttles for ever": (fault.answer("", 429), None, Throttled, Throttled),
    "fails without a word": (fault.answer("", 500), 3, Unavailable, None),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_read_that_fails_is_unavailable_and_was_tried_again_where_that_can_help(name, server, connect):
    server.otherwise, calls, expected, _ = FAULTS[name]
    with pytest.raises(RemoteError) as caught:
        connect(deadline=DEADLINE, max_wait=0.2).send(READ)
    assert type(caught.value) is expected
    assert calls in (None, len(server.requests))


@pytest.mark.parametrize("name", FAULTS)
def test_a_write_whose_answer_is_lost_is_unknown_and_was_sent_once(name, server, connect):
    server.otherwise, _, _, expected = FAULTS[name]
    client = connect(deadline=DEADLINE, max_wait=0.2)
    if expected is None:
        assert client.send(WRITE).status == 500
    else:
        with pytest.raises(RemoteError) as caught:
            client.send(WRITE)
        assert type(caught.value) is expected
    assert len(server.requests) == 1 or expected is Throttled


@pytest.mark.parametrize(
    "act", [fault.DRIPPED_HEADERS, fault.DRIPPED_BODY, fault.DRIPPED_LAST_BODY, fault.DRIPPED_UNFRAMED]
)
@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_dripped_bytes_do_not_outlast_the_deadline(act, request_, server, connect):
    server.otherwise = act
    began = time.monotonic()
    with pytest.raises(Unavailable if request_ is READ else Unknown, match="within"):
        connect(deadline=DEADLINE).send(request_)
    assert DEADLINE <= time.monotonic() - began <= DEADLINE + 3


def test_an_api_that_reads_slowly_does_not_outlast_the_deadline(connect):
    """The request itself cannot be delivered: the server never reads it."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        client = connect(f"http://127.0.0.1:{deaf.getsockname()[1]}", deadline=DEADLINE)
        began = time.monotonic()
        with pytest.raises(Unknown):
            client.send(WRITE.__class__("PATCH", "things/1", body="x" * 20_000_000, writes=True))
        assert time.monotonic() - began <= DEADLINE + 3


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    if not which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def tls(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_the_deadline_holds_over_tls_too(connect, certificate, tls):
    with running(tls) as server:
        client = connect(server.url, deadline=DEADLINE, ca_bundle=str(certificate[0]))
        assert client.send(READ).json == {"id": 1}
        for act in (fault.DRIPPED_HEADERS, fault.DRIPPED_LAST_BODY):
            server.otherwise = act
            began = time.monotonic()
            with pytest.raises(Unknown):
                client.send(WRITE)
            assert time.monotonic() - began <= DEADLINE + 3


def test_a_certificate_nobody_vouches_for_means_nothing_was_sent(connect, tls):
    with running(tls) as server:
        with pytest.raises(NotSent, match="certificate"):
            connect(server.url).send(WRITE)
        assert server.requests == []


def test_a_silent_tls_handshake_means_nothing_was_sent(connect):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = connect(f"https://127.0.0.1:{silent.getsockname()[1]}", deadline=DEADLINE)
        with pytest.raises(NotSent):
            client.send(WRITE)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_refused_connection_means_nothing_was_sent(connect):
    client = connect(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(NotSent, match="refuses connections"):
        client.send(WRITE)
    with pytest.raises(Unavailable, match="refuses connections"):
        client.send(READ)


def test_an_unknown_host_means_nothing_was_sent(connect, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent, match="host name is not known"):
        connect("http://api.invalid").send(WRITE)


def test_a_connection_that_takes_too_long_means_nothing_was_sent(connect):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:  # fill the queue of connections nobody accepts
            sock.setblocking(False)
            sock.connect_ex(address)
        began = time.monotonic()
        with pytest.raises(NotSent, match="did not answer the connection"):
            connect(f"http://127.0.0.1:{address[1]}", connect_timeout=0.2).send(WRITE)
        assert time.monotonic() - began < 5
        for sock in waiting:
            sock.close()


def test_a_read_recovers_from_passing_faults(server: FaultServer, connect):
    server.script = [fault.reset, fault.answer("", 503)]
    assert connect().send(READ).json == {"id": 1}
    assert len(server.requests) == 3


def test_a_write_on_a_kept_connection_that_the_server_closed_is_sent_on_a_new_one(server, connect):
    client = connect()
    server.script = [fault.raw(fault.HEAD + b'Content-Length: 9\r\n\r\n{"id": 1}')]  # closes without saying so
    client.send(READ)
    time.sleep(0.05)
    assert client.send(WRITE).status == 200
    assert server.connections == 2 and len(server.requests) == 2


def test_an_answer_without_length_that_is_whole_is_taken(server, connect):
    server.otherwise = fault.raw(fault.HEAD + b"\r\n" + fault.OK.encode())
    assert connect().send(WRITE).json == {"id": 1}


def test_an_early_refusal_of_a_large_body_is_heard(server, connect):
    """A server may answer and close before it has read everything."""
    server.otherwise = fault.answer('{"detail": "too large"}', 413, "Connection: close\r\n")
    response = connect().send(WRITE)
    assert (response.status, response.json) == (413, {"detail": "too large"})


def test_faults_leave_no_connection_taken(server, connect):
    client = connect(max_concurrency=1, deadline=0.2)
    acts = [fault.close, fault.SHORT_BODY, fault.DRIPPED_BODY, fault.answer("", 302), fault.CUT_CHUNK]
    server.script = list(acts)
    for _ in acts:
        with pytest.raises(Unknown):
            client.send(WRITE)
    assert client.send(WRITE).status == 200


def test_an_answer_too_long_to_hold_is_given_up_and_its_place_is_free_again(server, connect, monkeypatch):
    monkeypatch.setattr("adminui.remote.client.transport.MAX_ANSWER", 1000)
    server.script = [fault.answer('"' + "x" * 2000 + '"')] * 2
    client = connect(max_concurrency=1)
    with pytest.raises(Unknown, match="longer than"):
        client.send(WRITE)
    with pytest.raises(Unavailable, match="longer than"):
        client.send(READ)
    assert client.send(WRITE).status == 200
    assert len(server.requests) == 3


def test_a_success_without_a_body_is_an_answer(server, connect):
    client = connect()
    server.script = [fault.raw(b"HTTP/1.1 204 No Content\r\n\r\n", keep=True), fault.answer("")]
    assert [client.send(WRITE).status for _ in range(3)] == [204, 200, 200]
    assert server.connections == 1
