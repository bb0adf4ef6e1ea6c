"""One HTTP exchange: out through a guarded socket, back as a whole answer, or as a Fault that knows if bytes left."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any, Final, TypeVar

from requests import PreparedRequest, RequestException
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError

from adminui.dialects.base import ApiResponse
from adminui.remote.client.peers import BlockedPeer, Peers
from adminui.remote.client.watchdog import Wire

E = TypeVar("E", bound=BaseException)
MAX_ANSWER: Final = 64 * 2**20
_PIECE: Final = 2**18


@dataclass(frozen=True)
class Fault:
    """No usable answer. `words` never quote a library's message: those may hold a header's value."""

    words: str
    sent: bool
    passing: bool = True  # trying again may help
    status: int | None = None
    late: bool = False  # our patience ended, not the exchange


@dataclass(frozen=True)
class Outgoing:
    """A request with everything in it, credentials too: kept out of every repr."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    jar: CookieJar

    def __repr__(self) -> str:
        return f"<Outgoing {self.method}>"

    def prepared(self) -> PreparedRequest:
        prepared = PreparedRequest()
        prepared.prepare(self.method, self.url, headers=self.headers, data=self.body, cookies=self.jar)
        return prepared


# The exchange this thread is in: urllib3 makes and reuses connections out of our sight.
_in_use: ContextVar[tuple[Wire, Peers]] = ContextVar("exchange")


class _Guarded(HTTPConnection):
    """Looks at whom it is connected to, puts its socket under the deadline, and notes the first byte that leaves."""

    def _new_conn(self) -> socket.socket:
        wire, peers = _in_use.get()
        sock = super()._new_conn()
        try:
            peers.check(sock.getpeername()[0])
            wire.hold(sock)
        except OSError:
            sock.close()
            raise
        return sock

    def send(self, data: Any) -> None:
        wire, _ = _in_use.get()
        if self.sock is None:
            self.connect()
        self.sock.settimeout(wire.left())
        wire.hold(self.sock)
        wire.sent = True
        super().send(data)


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _Adapter(HTTPAdapter):
    """Keeps as many sockets as there may be calls at once, and never retries."""

    def __init__(self, size: int) -> None:
        super().__init__(pool_connections=4, pool_maxsize=size, pool_block=True, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class Transport:
    """The pooled sockets of one connection. Knows no cookies, redirects, proxies or netrc of its own."""

    def __init__(
        self, size: int, networks: Iterable[str] | None, connect_timeout: float, ca_bundle: str | None
    ) -> None:
        self._adapter = _Adapter(size)
        self._peers = Peers(networks)
        self._connect_timeout = connect_timeout
        self._verify = ca_bundle or True

    def carry(self, outgoing: Outgoing, seconds: float) -> ApiResponse | Fault:
        """Send, and read the answer whole, within so many seconds in all. Bad networks are no exceptions."""
        wire = Wire(time.monotonic() + seconds)
        context = _in_use.set((wire, self._peers))
        try:
            return self._exchange(outgoing, wire)
        except (RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            return _fault(error, wire, seconds)
        finally:
            _in_use.reset(context)
            wire.release()

    def _exchange(self, outgoing: Outgoing, wire: Wire) -> ApiResponse | Fault:
        prepared = outgoing.prepared()
        timeout = (min(self._connect_timeout, wire.left()), wire.left())
        answer = self._adapter.send(prepared, stream=True, timeout=timeout, verify=self._verify)
        extract_cookies_to_jar(outgoing.jar, prepared, answer.raw)  # type: ignore[no-untyped-call]
        framed = answer.raw.chunked or answer.raw.length_remaining is not None
        try:
            body = _read(answer.raw)
        finally:
            answer.raw.release_conn()
        if wire.expired:
            raise TimeoutError
        return _answer(answer.status_code, answer.raw.headers, body, framed=framed)

    def close(self) -> None:
        self._adapter.close()


def _read(raw: BaseHTTPResponse) -> bytes:
    pieces, size = [], 0
    for piece in raw.stream(_PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > MAX_ANSWER:
            raw.close()
            raise _TooLong
    return b"".join(pieces)


class _TooLong(HTTPException):
    """More than we are willing to hold."""


def _answer(status: int, headers: Mapping[str, str], body: bytes, *, framed: bool) -> ApiResponse | Fault:
    """What http.client lets pass is looked at again: a 200 whose headers were cut has an empty body and no length."""
    kept = {name.lower(): value for name, value in headers.items() if name.lower() != "set-cookie"}
    if not 200 <= status < 300:
        if status >= 400:
            return ApiResponse(status, _text(body, kept, errors="replace"), kept)
        return Fault(f"The API answered {status} instead of a result; redirects are not followed.", True, False, status)
    try:
        response = ApiResponse(status, _text(body, kept, errors="strict"), kept)
    except UnicodeDecodeError:
        return Fault("The answer is not in the encoding it says it is in.", True, status=status)
    if not framed and not _is_json(response):
        return Fault("The answer was cut off.", True, status=status)
    return response


def _text(body: bytes, headers: Mapping[str, str], *, errors: str) -> str:
    charset = headers.get("content-type", "").lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset in ("", "utf-8", "utf8"):
        return body.decode("utf-8-sig", errors)
    try:
        return body.decode(charset, errors)
    except LookupError:
        return body.decode("utf-8", errors)


def _is_json(response: ApiResponse) -> bool:
    try:
        return response.json is not None or response.text.strip() == "null"
    except Exception:  # Unknown, said of whatever could not be parsed
        return False


def _fault(error: Exception, wire: Wire, seconds: float) -> Fault:
    if wire.expired or (wire.sent and _holds(error, TimeoutError)):
        return Fault(f"No whole answer came within {seconds:g} seconds.", wire.sent, late=True)
    for kind, words, passing in _AFTER_SENDING if wire.sent else _BEFORE_SENDING:
        if found := _holds(error, kind):
            return Fault(words.format(found), wire.sent, passing)
    rest = "The connection broke before the whole answer came." if wire.sent else "The API's host cannot be reached."
    return Fault(rest, wire.sent)


# What to say of what went wrong, most telling first, and whether it may pass. Only BlockedPeer's own text is quoted.
_BEFORE_SENDING: Final[tuple[tuple[type[Exception], str, bool], ...]] = (
    (BlockedPeer, "The API cannot be called: {}.", False),
    (socket.gaierror, "The API's host name is not known.", True),
    (ssl.SSLCertVerificationError, "The API's certificate is not trusted.", False),
    (ssl.SSLError, "No secure connection could be made to the API.", True),
    (ConnectionRefusedError, "The API's host refuses connections.", True),
    (TimeoutError, "The API's host did not answer the connection.", True),
    (ValueError, "A header or the address of the request cannot be sent as HTTP.", False),
)
_AFTER_SENDING: Final[tuple[tuple[type[Exception], str, bool], ...]] = (
    (_TooLong, f"The answer is longer than {MAX_ANSWER // 2**20} MiB.", False),
    (DecodeError, "The answer cannot be decompressed.", True),
)


def _holds(error: BaseException, kind: type[E]) -> E | None:
    """The exception of this kind that led to `error`, if one did."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, kind):
            return link
        link = link.__cause__ or link.__context__
    return None
