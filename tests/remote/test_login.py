"""Signing in: once for all threads, again when it is over, and never so often that the API locks the account."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import BadCredentials, Unavailable
from tests.remote import faultserver as fault
from tests.remote.faultserver import FaultServer, Request
from tests.remote.tiny import CREDENTIALS, READ, WRITE


@dataclass
class Sessions:
    """The API's side of the login: the cookie in force, logins made, and writes done by path."""

    server: FaultServer
    valid: str = ""
    logins: int = 0
    writes: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    refuse: fault.Act | None = None

    def __call__(self, sock, request: Request) -> bool:
        with self.lock:
            act = self._login() if request.path.startswith("/login") else self._work(request)
        return act(sock, request)

    def _login(self) -> fault.Act:
        self.logins += 1
        if self.refuse:
            return self.refuse
        self.valid = f"session={self.logins}"
        return fault.answer("{}", headers=f"Set-Cookie: {self.valid}; Path=/\r\n")

    def _work(self, request: Request) -> fault.Act:
        if not self.valid or request.headers.get("cookie") != self.valid:
            # As real APIs do, with an answer that also takes the cookie away: late ones must not hurt a new login.
            return fault.answer("{}", 401, "Set-Cookie: session=; Path=/; Max-Age=0\r\n")
        self.writes[request.path] += request.method == "PATCH"
        return fault.answer(fault.OK)


@pytest.fixture
def sessions(server):
    server.otherwise = Sessions(server)
    return server.otherwise


def test_it_signs_in_when_the_first_call_needs_it_and_not_before(sessions, connect):
    client = connect(logs_in=True)
    assert sessions.logins == 0
    client.send(READ)
    client.send(READ)
    assert sessions.logins == 1


def test_sixteen_threads_whose_login_expires_sign_in_once_and_write_each_change_once(sessions, connect):
    client = connect(logs_in=True, max_concurrency=16)
    client.send(READ)
    everybody = threading.Barrier(16, action=lambda: setattr(sessions, "valid", "expired"))

    def write(number: int) -> int:
        if 32 <= number < 48:
            everybody.wait()
        return client.send(ApiRequest("PATCH", f"things/{number}", body={"n": number}, writes=True)).status

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(write, range(80))) == {200}
    assert sessions.logins == 2
    done = {path: times for path, times in sessions.writes.items() if times}
    assert done == {f"/things/{number}": 1 for number in range(80)}


def test_cookies_set_by_later_answers_are_kept(server, connect):
    client = connect()
    server.script = [fault.answer(fault.OK, headers="Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Path=/\r\n")]
    client.send(READ)
    client.send(READ)
    assert server.requests[1].headers["cookie"] == "a=1; b=2"


def test_a_call_refused_right_after_signing_in_again_is_bad_credentials(sessions, connect):
    client = connect(logs_in=True)
    client.send(READ)
    sessions._work = lambda request: fault.answer("{}", 401)
    with pytest.raises(BadCredentials):
        client.send(WRITE)
    assert sessions.logins == 2
    assert len(sessions.server.requests) == 5  # login, read, write, login, write


def test_refused_credentials_are_tried_once_for_all_threads(sessions, connect):
    sessions.refuse = fault.later(0.05, fault.answer("{}", 401))
    client = connect(logs_in=True, max_concurrency=8)

    def attempt(_: int) -> str:
        with pytest.raises(BadCredentials) as caught:
            client.send(READ)
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(attempt, range(24))) == {"The tiny API does not know this user."}
    assert sessions.logins == 1


def test_a_login_that_failed_for_a_passing_reason_is_tried_again_by_the_next_call(sessions, connect):
    sessions.refuse = fault.close
    client = connect(logs_in=True)
    with pytest.raises(Unavailable):
        client.send(READ)
    sessions.refuse = None
    assert client.send(READ).status == 200


def test_the_login_body_carries_the_credentials_and_other_calls_the_headers(sessions, connect):
    client = connect(logs_in=True)
    client.send(READ)
    client.send(WRITE)
    login, read, write = sessions.server.requests
    assert login.json == CREDENTIALS and "authorization" not in login.headers
    assert read.headers["authorization"] == write.headers["authorization"] == "Key hunter2-hunter2"
    assert "on-behalf-of" not in read.headers and write.headers["on-behalf-of"] == "someone"
