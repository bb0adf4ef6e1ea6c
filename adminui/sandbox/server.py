"""A small, fast HTTP/1.1 server for sandbox APIs: keep-alive, one thread per connection, one send per answer."""

import contextlib
import socket
import struct
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from urllib.parse import parse_qsl, unquote

from adminui.sandbox.control import ControlPlane, Latency
from adminui.sandbox.faults import Delivery, FaultBook, carry_out
from adminui.sandbox.http import Api, Request, Response
from adminui.sandbox.log import Log

_HOST = "127.0.0.1"
_BACKLOG = 128
_HEAD_LIMIT = 65_536
_BODY_LIMIT = 256 * 1024 * 1024
_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = {204, 304}

Handler = Callable[[Request], Delivery]


class BadRequest(Exception):
    """What arrived is not an HTTP request this server reads; the connection ends."""


class Connection:
    """One client's connection: requests in, answers out, until either side ends it."""

    def __init__(
        self, peer: socket.socket, base_url: str, stopping: threading.Event, refuse: Callable[[float], None]
    ) -> None:
        self.peer, self.base_url, self.stopping, self.refuse = peer, base_url, stopping, refuse
        self.buffer = bytearray()

    def run(self, handler: Handler) -> None:
        with self.peer, contextlib.suppress(OSError):
            self.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self.stopping.is_set():
                try:
                    request = self.read()
                except BadRequest:
                    self.peer.sendall(_head(Response(400), 0))
                    return
                if request is None or not self.send(request, handler(request)):
                    return

    def read(self) -> Request | None:
        """The next request, or None when the client has closed."""
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            if len(self.buffer) > _HEAD_LIMIT:
                raise BadRequest
            if not self._receive():
                return None
        head = self.buffer[:end].decode("latin-1")
        del self.buffer[: end + 4]
        first, *lines = head.split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = self._body(headers)
        parts = first.split(" ")
        if body is None or len(parts) != 3:
            raise BadRequest
        path, _, query = parts[1].partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        return Request(parts[0].upper(), unquote(path), pairs, headers, body, self.base_url)

    def _body(self, headers: dict[str, str]) -> bytes | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _BODY_LIMIT or "transfer-encoding" in headers:
            raise BadRequest
        if headers.get("expect", "").lower() == "100-continue":
            self.peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        size = int(length)
        while len(self.buffer) < size:
            if not self._receive():
                return None
        body = bytes(self.buffer[:size])
        del self.buffer[:size]
        return body

    def _receive(self) -> int:
        data = self.peer.recv(262_144)
        self.buffer += data
        return len(data)

    def send(self, request: Request, delivery: Delivery) -> bool:
        """Send as the delivery says; whether the connection lives on."""
        if delivery.reset:
            self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if delivery.response is None or (delivery.wait and self.stopping.wait(delivery.wait)):
            return False
        data = _wire(request, delivery.response, delivery.cut)
        if delivery.seconds_per_byte:
            return self._drip(data, delivery.seconds_per_byte)
        self.peer.sendall(data)
        if delivery.closed_for:
            self.refuse(delivery.closed_for)
        return delivery.cut not in ("head", "body") and request.headers.get("connection", "").lower() != "close"

    def _drip(self, data: bytes, pause: float) -> bool:
        for position in range(len(data)):
            self.peer.sendall(data[position : position + 1])
            if self.stopping.wait(pause):
                return False
        return True


def _head(response: Response, length: int) -> bytes:
    """Content-Length comes last, so that a head cut in half does not announce one."""
    headers = {"Server": "sandbox", "Content-Type": response.content_type(), **response.headers}
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Set-Cookie: {cookie}" for cookie in response.cookies]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode("latin-1")


def _wire(request: Request, response: Response, cut: str) -> bytes:
    payload = b"" if response.status in _BODILESS else response.payload()
    if cut == "json":
        payload = payload[: len(payload) // 2]
    head = _head(response, len(payload))
    if cut == "head":
        return head[: len(head) // 2]
    if request.method == "HEAD":
        return head
    return head + (payload[: len(payload) // 2] if cut == "body" else payload)


class Listener:
    """An accept loop on a loopback port in a daemon thread of its own."""

    def __init__(self, handler: Handler, port: int) -> None:
        self._handler = handler
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._peers: set[socket.socket] = set()
        self._closed_for = 0.0
        self._socket = socket.create_server((_HOST, port), backlog=_BACKLOG)
        self._address = self._socket.getsockname()
        self.url = f"http://{_HOST}:{self._address[1]}"
        self._thread = threading.Thread(target=self._accept, name=f"sandbox {self.url}", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                peer, _ = self._socket.accept()
            except OSError:
                if not self._reopen():
                    return
                continue
            with self._lock:
                self._peers.add(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def refuse(self, seconds: float) -> None:
        """For so long nobody gets in, and whoever is in is put out. The port is kept meanwhile."""
        self._closed_for = seconds
        self._wake()
        self._hang_up()

    def _reopen(self) -> bool:
        """Listen again on the same port, after the time it was to be closed; False when it is to end instead."""
        seconds, self._closed_for = self._closed_for, 0.0
        self._socket.close()
        if not seconds or self._stopping.is_set():
            return False
        held = socket.socket()  # bound and not listening: connections are refused, and nobody else gets the port
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(self._address)
        if self._stopping.wait(seconds):
            held.close()
            return False
        held.listen(_BACKLOG)
        self._socket = held
        return True

    def _wake(self) -> None:
        """The accept loop's socket ends, and the loop looks at why."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _hang_up(self) -> None:
        with self._lock:
            peers = list(self._peers)
        for peer in peers:
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)

    def _serve(self, peer: socket.socket) -> None:
        try:
            Connection(peer, self.url, self._stopping, self.refuse).run(self._handler)
        finally:
            with self._lock:
                self._peers.discard(peer)

    def stop(self) -> None:
        """Close the port and every connection; running handlers end by themselves."""
        self._stopping.set()
        self._wake()
        self._socket.close()
        self._thread.join(timeout=5)
        self._hang_up()

    def wait(self) -> None:
        self._stopping.wait()


@dataclass(frozen=True)
class Running:
    """A sandbox that answers; leaving the `with` block ends it."""

    api: Api
    faults: FaultBook
    log: Log
    latency: Latency
    listener: Listener
    control: Listener

    @property
    def url(self) -> str:
        return self.listener.url

    @property
    def control_url(self) -> str:
        return self.control.url

    def stop(self) -> None:
        self.listener.stop()
        self.control.stop()

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _watched(api: Api, faults: FaultBook, log: Log, latency: Latency) -> Handler:
    def handler(request: Request) -> Delivery:
        with log.watch(request) as entry:
            fault = faults.take(request)
            entry.fault = fault.kind if fault else None
            half = latency.seconds / 2
            if half:
                time.sleep(half)
            try:
                delivery = carry_out(api, request, fault)
            except Exception as error:  # a mistake of ours is an answer too, and must not end the connection
                traceback.print_exc()
                delivery = Delivery(Response(500, {"detail": f"{type(error).__name__}: {error}"}), handled=False)
            entry.status = delivery.response.status if delivery.response else None
            entry.applied = delivery.handled
            if half:
                time.sleep(half)
        return delivery

    return handler


def serve_in_thread(api: Api, port: int = 0, control_port: int = 0) -> Running:
    """Serve an API and its control plane; port 0 takes a free one."""
    faults, log, latency = FaultBook(), Log(), Latency()
    listener = Listener(_watched(api, faults, log, latency), port)
    plane = ControlPlane(api, faults, log, latency, listener.refuse)
    try:
        control = Listener(lambda request: Delivery(plane.handle(request)), control_port)
    except OSError:
        listener.stop()
        raise
    return Running(api, faults, log, latency, listener, control)


def serve(api: Api, port: int, control_port: int) -> None:
    """Serve until interrupted."""
    with serve_in_thread(api, port, control_port) as running, contextlib.suppress(KeyboardInterrupt):
        running.listener.wait()
