"""What a sandbox saw: the newest requests in full, and counts of all of them that no length of a run wears out."""

import contextlib
import json
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from adminui.sandbox.http import Request, read_json

_LOG_LENGTH = 50_000
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_READS = frozenset({"query", "count", "next", "previous", "authenticate", "keep_logged_in"})  # also by POST
_NUMBER = re.compile(r"/\d+(?=/|$)")
EVERY, NEW = "every", "new"  # in place of an id: all records at once, or one that had none yet


@dataclass
class Entry:
    """One request seen: `status` is None when nothing was answered, `applied` whether the API carried it out."""

    seq: int
    at: float
    request: Request
    status: int | None = None
    applied: bool = False
    fault: str | None = None

    def as_json(self) -> dict[str, Any]:
        request = self.request
        body: Any = request.body.decode(errors="replace")
        with contextlib.suppress(ValueError):
            body = read_json(request.body)
        seen = {"method": request.method, "path": request.path, "query": dict(request.query), "body": body}
        outcome = {"status": self.status, "applied": self.applied, "fault": self.fault}
        return {"seq": self.seq, "at": self.at, **seen, **outcome}


@dataclass
class Log:
    """The requests seen, oldest first; only the newest are kept, all are counted."""

    _entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seq: int = 0
    _calls: Counter[str] = field(default_factory=Counter)
    _writes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _running: Counter[str] = field(default_factory=Counter)
    _at_once: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def watch(self, request: Request) -> Iterator[Entry]:
        """An entry for the request, counted once it is known what came of it."""
        entry = self._open(request)
        name, _ = target(request)
        try:
            yield entry
        finally:
            ids = _ids(request) if entry.applied and writes(request) else []
            with self._lock:
                self._running.subtract(("", name))
                self._writes[name].update(ids)

    def _open(self, request: Request) -> Entry:
        name = target(request)[0]
        with self._lock:
            self._seq += 1
            entry = Entry(self._seq, time.time(), request)
            self._entries.append(entry)
            self._calls[f"{request.method} {_NUMBER.sub('/{id}', request.path)}"] += 1
            self._running.update(("", name))
            for place in ("", name):
                self._at_once[place] = max(self._at_once[place], self._running[place])
        return entry

    def clear(self) -> None:
        with self._lock:
            for forgotten in (self._entries, self._calls, self._writes, self._at_once):
                forgotten.clear()

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            entries = list(self._entries)
        return [entry.as_json() for entry in entries]

    def writes(self) -> dict[str, dict[str, int]]:
        """How often each record was really written, by resource and id."""
        with self._lock:
            return {name: dict(times) for name, times in self._writes.items() if times}

    def calls(self) -> dict[str, dict[str, int]]:
        """Requests by method and path, and the most that were there at once: of any kind (``""``) and by resource."""
        with self._lock:
            return {"calls": dict(self._calls), "at_once": dict(self._at_once)}


def writes(request: Request) -> bool:
    """Whether a request means to write a record."""
    return request.method in _WRITES and request.path.rpartition("/")[2].lower() not in _READS


def target(request: Request) -> tuple[str, str]:
    """The resource a request is about, and the record where the path names one."""
    parts = request.path.strip("/").split("/")
    record = parts.pop() if parts[-1].isdecimal() else ""
    while parts and (parts[-1].isdecimal() or parts[-1] == "bulk" or parts[-1].lower() in _READS):
        parts.pop()
    return (parts[-1] if parts else "", record)


def _ids(request: Request) -> list[str]:
    """The records a write is about."""
    if any(name == "ids" for name, _ in request.query):
        return request.parameter("ids").split(",") if request.parameter("ids") else [EVERY]
    _, record = target(request)
    if record:
        return [record]
    try:
        body = json.loads(request.body)
    except ValueError:
        return [NEW]
    return [str(row.get("id", NEW)) for row in (body if isinstance(body, list) else [body]) if isinstance(row, dict)]
