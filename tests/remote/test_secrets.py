"""Credentials stay out of everything a person or a log can see."""

import logging
import traceback

import pytest

from adminui.dialects.errors import RemoteError
from adminui.remote.client import Exchange
from tests.remote import faultserver as fault
from tests.remote.tiny import CREDENTIALS, READ, WRITE

SECRET = CREDENTIALS["password"]
ACTS = [
    fault.close,
    fault.reset,
    fault.CUT_HEADERS,
    fault.CUT_CHUNK,
    fault.DRIPPED_BODY,
    fault.answer("no", 401),
    fault.answer("no", 429, "Retry-After: 900\r\n"),
    fault.answer("no", 500),
    fault.answer("", 302, "Location: /login\r\n"),
    fault.answer("<html>"),
]


def everything_said(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize("logs_in", [True, False])
@pytest.mark.parametrize("act", ACTS)
def test_no_error_and_no_log_line_holds_a_credential(act, logs_in, server, connect, caplog):
    caplog.set_level(logging.DEBUG)
    server.script = [fault.answer("{}", headers=f"Set-Cookie: session={SECRET}\r\n")] * logs_in
    server.otherwise = act
    client = connect(logs_in=logs_in, deadline=0.2, max_wait=0.1)
    for request in (READ, WRITE):
        try:
            said = repr(client.send(request))
        except RemoteError as error:
            said = everything_said(error)
            assert error.__cause__ is None and (error.__context__ is None or error.__suppress_context__)
        assert SECRET not in said
    assert SECRET not in caplog.text
    assert caplog.records


@pytest.mark.parametrize("secret", ["line\nbreak", "umläut€"])
def test_a_credential_that_no_header_can_hold_is_not_quoted_and_not_sent(secret, server, connect, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(RemoteError, match="cannot be sent as HTTP") as caught:
        connect(credentials={"user": "ops", "password": secret}).send(WRITE)
    assert secret not in everything_said(caught.value) + caplog.text
    assert server.requests == []


def test_reprs_hold_no_credential(server, connect):
    server.script = [fault.answer("{}", headers=f"Set-Cookie: session={SECRET}; Path=/\r\n")]
    client = connect(logs_in=True)
    response = client.send(WRITE)
    assert SECRET in server.requests[1].headers["cookie"]
    login = client._logins.current()
    assert SECRET not in "".join(map(repr, (client, response, login, client._logins, client._transport)))


def test_answers_are_handed_on_without_cookies(server, connect):
    server.otherwise = fault.answer("{}", headers="Set-Cookie: session=abc\r\nX-Other: kept\r\n")
    headers = connect().send(READ).headers
    assert "set-cookie" not in headers and headers["x-other"] == "kept"


def test_of_a_sign_in_nothing_is_observed_but_other_exchanges_are_whole(server, connect):
    server.script = [fault.answer(f'{{"token": "{SECRET}"}}', headers=f"Set-Cookie: session={SECRET}; Path=/\r\n")]
    seen: list[Exchange] = []
    client = connect(logs_in=True)
    with client.observe(seen.append):
        client.send(WRITE)
    sign_in, exchange = seen
    assert (sign_in.method, sign_in.url, sign_in.status) == ("POST", f"{server.url}/login", 200)
    assert sign_in.body_text == sign_in.answer_text == ""
    assert SECRET not in repr(seen)
    assert (exchange.method, exchange.url) == ("PATCH", f"{server.url}/things/1")
    assert (exchange.body_text, exchange.answer_text, exchange.status) == ('{"name": "new"}', fault.OK, 200)
    assert exchange.started_at.tzinfo is not None and exchange.seconds > 0 and exchange.attempt == 1


def test_what_an_api_repeats_of_our_credentials_and_cookies_is_told_to_nobody(server, connect):
    server.script = [fault.answer('{"token": "t"}', headers="Set-Cookie: session=cookie-4471; Path=/\r\n")]
    server.otherwise = fault.answer(f'{{"echo": "{SECRET}", "cookie": "session=cookie-4471", "id": 1}}')
    seen: list[Exchange] = []
    client = connect(logs_in=True)
    with client.observe(seen.append):
        answer = client.send(WRITE)
    assert SECRET in answer.text  # what the API says is judged as it is
    assert SECRET not in repr(seen) and "cookie-4471" not in repr(seen)
    assert seen[1].answer_text == '{"echo": "[hidden]", "cookie": "session=[hidden]", "id": 1}'


def test_a_base_address_with_a_password_in_it_is_refused(connect):
    with pytest.raises(ValueError, match="without a user name"):
        connect("https://ops:secret@api.example.com")
