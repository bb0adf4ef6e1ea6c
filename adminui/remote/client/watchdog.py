"""Total deadlines: one thread that shuts a socket down when its exchange has taken too long, however alive it looks."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from math import inf


class Wire:
    """One exchange's hold on its socket: when it has to end, whether bytes were sent, whether time ran out."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.sent = False
        self.expired = False
        self._handle: socket.socket | None = None

    def hold(self, sock: socket.socket) -> None:
        """Put this socket under the deadline, once.

        A duplicate is held: it stays the same connection through a TLS wrap, and after http.client closes its own
        end of an answer with "Connection: close" whose body is still being read.
        """
        if self._handle is None:
            self._handle = socket.socket(sock.family, sock.type, fileno=os.dup(sock.fileno()))
            _watchdog.add(self)

    def release(self) -> None:
        if self._handle is not None:
            _watchdog.remove(self)
            self._handle.close()

    def left(self) -> float:
        return max(self.until - time.monotonic(), 0.001)

    def expire(self) -> None:
        self.expired = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """The wires in use, and a thread asleep until the earliest deadline it knew of."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wires: set[Wire] = set()
        self._wakes = inf
        self._thread: threading.Thread | None = None

    def add(self, wire: Wire) -> None:
        with self._changed:
            self._wires.add(wire)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="adminui-deadlines", daemon=True)
                self._thread.start()
            if wire.until < self._wakes:
                self._changed.notify()

    def remove(self, wire: Wire) -> None:
        with self._changed:
            self._wires.discard(wire)

    def _watch(self) -> None:
        with self._changed:
            while True:
                self._expire_overdue()
                self._wakes = min((wire.until for wire in self._wires), default=inf)
                self._changed.wait(None if self._wakes == inf else max(0.0, self._wakes - time.monotonic()))

    def _expire_overdue(self) -> None:
        now = time.monotonic()
        for wire in [wire for wire in self._wires if wire.until <= now]:
            self._wires.discard(wire)
            wire.expire()


def _start_afresh() -> None:
    """A forked child has the sets but not the thread."""
    global _watchdog
    _watchdog = Watchdog()


_watchdog = Watchdog()
os.register_at_fork(after_in_child=_start_afresh)
