"""One call on its way: what is left of its time and patience, what goes over the wire, and what its end means."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from adminui.dialects.base import ApiRequest, ApiResponse
from adminui.dialects.errors import (
    BadCredentials,
    NotSent,
    RemoteError,
    SignedOut,
    Throttled,
    Unavailable,
    Unknown,
)
from adminui.records.casting import to_json
from adminui.remote.client.address import resolve, without_query
from adminui.remote.client.exchange import SHOWN, Exchange
from adminui.remote.client.login import Login
from adminui.remote.client.transport import Fault, Outgoing


@dataclass
class Call:
    """One request on its way, with what is left of its time and patience."""

    request: ApiRequest
    seconds_left: float
    patience: float
    login: Login | None = None  # given: the call is part of signing in
    lenient: bool = False  # refusals are the caller's to judge
    aside: bool = False  # nobody's request: observers are not told
    unless: threading.Event | None = None
    attempts: int = 0
    retries: int = 0
    throttled: int = 0
    signed_in_again: bool = False

    @property
    def signing_in(self) -> bool:
        return self.login is not None


def settled(call: Call, answer: ApiResponse | Fault, error: RemoteError | None) -> ApiResponse:
    """The answer, where it is one for the caller to judge; else the error, raised with nothing chained to it."""
    if isinstance(error, SignedOut) and not call.signing_in:
        error = BadCredentials("The API refused the call right after signing in again.", status=error.status)
    if isinstance(answer, ApiResponse) and (error is None or _left_to_caller(call, error)):
        return answer
    assert error is not None
    raise error from None


def _left_to_caller(call: Call, error: RemoteError) -> bool:
    if call.signing_in:
        return not isinstance(error, Throttled)
    return call.lenient and not isinstance(error, Throttled | BadCredentials | Unknown)


def fault_error(request: ApiRequest, fault: Fault) -> RemoteError:
    if not request.writes:
        return Unavailable(fault.words, status=fault.status)
    if not fault.sent:
        return NotSent(f"{fault.words} Nothing was sent.")
    return Unknown(f"{fault.words} The change may have been made.", status=fault.status, late=fault.late)


def outgoing_of(request: ApiRequest, login: Login) -> Outgoing:
    access = login.access
    body = None if request.body is None else to_json(request.body).encode()
    headers = {"User-Agent": "adminui", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    headers |= access.headers
    if request.writes:
        headers |= access.write_headers
    return Outgoing(request.method, resolve(access.base_url, request), headers, body, login.jar)


def exchange_of(
    call: Call, outgoing: Outgoing, answer: ApiResponse | Fault, started_at: datetime, seconds: float
) -> Exchange:
    """The telling of an attempt; of a sign-in only that it was made, and how it ended."""
    secret = call.signing_in
    return Exchange(
        method=outgoing.method,
        url=without_query(outgoing.url) if secret else outgoing.url,
        body_text="" if secret or outgoing.body is None else outgoing.body.decode(),
        status=answer.status,
        answer_text="" if secret or isinstance(answer, Fault) else answer.text[:SHOWN],
        started_at=started_at,
        seconds=seconds,
        attempt=call.attempts,
        fault=answer.words if isinstance(answer, Fault) else None,
    )
