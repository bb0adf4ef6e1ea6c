"""A raw-socket HTTP server on 127.0.0.1 that misbehaves on demand, in ways no HTTP library would let it."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

OK = '{"id": 1}'


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


# Answers a request on this socket; True keeps the connection.
Act: TypeAlias = Callable[[socket.socket, Request], bool]


@dataclass
class FaultServer:
    """`script` gives the act for each request in turn, then `otherwise`."""

    port: int
    scheme: str = "http"
    script: list[Act] = field(default_factory=list)
    otherwise: Act = field(default_factory=lambda: answer(OK))
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def next_act(self, request: Request) -> Act:
        with self.lock:
            self.requests.append(request)
            return self.script.pop(0) if self.script else self.otherwise

    def serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            sock.settimeout(10)
            while (request := _read(sock)) is not None:
                if not self.next_act(request)(sock, request):
                    return


@contextmanager
def running(context: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    server = FaultServer(listener.getsockname()[1], "https" if context else "http")
    open_sockets: list[socket.socket] = []
    threads = [threading.Thread(target=_accept, args=(listener, server, context, open_sockets))]
    threads[0].start()
    try:
        yield server
    finally:
        server.done.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        threads[0].join()
        for sock in open_sockets:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _accept(
    listener: socket.socket, server: FaultServer, context: ssl.SSLContext | None, held: list[socket.socket]
) -> None:
    while True:
        try:
            sock, _ = listener.accept()
            if context:
                sock = context.wrap_socket(sock, server_side=True)
        except ssl.SSLError:
            continue
        except OSError:
            return
        server.connections += 1
        held.append(sock)
        threading.Thread(target=server.serve, args=(sock,), daemon=True).start()


def _read(sock: socket.socket) -> Request | None:
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = sock.recv(65536)
        if not piece:
            return None
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    method, path, _ = first.split(" ", 2)
    return Request(method, path, headers, body)


def answer(text: str | bytes = "", status: int = 200, headers: str = "", kind: str = "application/json") -> Act:
    body = text.encode() if isinstance(text, str) else text
    head = f"HTTP/1.1 {status} Word\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return raw(head.encode() + body, keep=True)


def raw(data: bytes, *, keep: bool = False) -> Act:
    def act(sock: socket.socket, request: Request) -> bool:
        sock.sendall(data)
        return keep

    return act


def later(seconds: float, act: Act) -> Act:
    def waited(sock: socket.socket, request: Request) -> bool:
        time.sleep(seconds)
        return act(sock, request)

    return waited


def drip(before: bytes, data: bytes, every: float = 0.05) -> Act:
    """One byte at a time: each resets a read time-out."""

    def act(sock: socket.socket, request: Request) -> bool:
        sock.sendall(before)
        for byte in data:
            sock.sendall(bytes([byte]))
            time.sleep(every)
        return False

    return act


def close(sock: socket.socket, request: Request) -> bool:
    return False


def reset(sock: socket.socket, request: Request) -> bool:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CUT_HEADERS = raw(b"HTTP/1.1 200 OK\r\nContent-Ty")
CUT_STATUS = raw(b"HTTP/1.1 2")
CUT_UNFRAMED = raw(HEAD + b'\r\n{"id": 1, "na')
SHORT_BODY = raw(HEAD + b'Content-Length: 400\r\n\r\n{"id": 1}')
CUT_CHUNK = raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"id"')
NO_LAST_CHUNK = raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"id": 1}\r\n')
DRIPPED_HEADERS = drip(b"HTTP/1.1 200 OK\r\n", b"X-Slow: " + b"y" * 400)
DRIPPED_BODY = drip(HEAD + b"Content-Length: 400\r\n\r\n", b"{" + b" " * 400)
DRIPPED_LAST_BODY = drip(HEAD + b"Connection: close\r\nContent-Length: 400\r\n\r\n", b"{" + b" " * 400)
DRIPPED_UNFRAMED = drip(HEAD + b"\r\n", OK.encode() + b" " * 400)
