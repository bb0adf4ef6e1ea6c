"""The control plane of a sandbox: its request log, faults, switches and records, as JSON on a port of its own.

GET, DELETE /log · GET /records/<resource> · POST /records/<resource>/<id> · GET, POST /switches
GET, POST, DELETE /faults · POST /expire
"""

import contextlib
import re
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from adminui.sandbox.faults import Fault, FaultBook
from adminui.sandbox.http import Api, Request, Response, read_json

_LOG_LENGTH = 50_000


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
    """The requests seen, oldest first; only the newest are kept."""

    _entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=_LOG_LENGTH))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seq: int = 0

    def open(self, request: Request) -> Entry:
        with self._lock:
            self._seq += 1
            entry = Entry(self._seq, time.time(), request)
            self._entries.append(entry)
        return entry

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            entries = list(self._entries)
        return [entry.as_json() for entry in entries]


@dataclass(frozen=True)
class ControlPlane:
    api: Api
    faults: FaultBook
    log: Log

    def handle(self, request: Request) -> Response:
        match = re.fullmatch(r"/(log|records|switches|faults|expire)(?:/([^/]+(?:/[^/]+)?))?", request.path)
        method = getattr(self, f"_{request.method.lower()}_{match[1]}", None) if match else None
        if match is None or method is None:
            return Response(404, {"detail": f"The control plane has no {request.method} {request.path}"})
        try:
            return Response(200, method(match[2] or "", request))
        except KeyError as missing:
            return Response(404, {"detail": f"there is no {missing.args[0]}"})
        except (TypeError, ValueError, re.error) as wrong:
            return Response(400, {"detail": str(wrong)})

    def _get_log(self, rest: str, request: Request) -> Any:
        return self.log.listing()

    def _delete_log(self, rest: str, request: Request) -> Any:
        self.log.clear()
        return []

    def _get_records(self, rest: str, request: Request) -> Any:
        return self.api.dump(self._resource(rest))

    def _post_records(self, rest: str, request: Request) -> Any:
        resource, _, record_id = rest.rpartition("/")
        return self.api.change(self._resource(resource), int(record_id), _object(request))

    def _resource(self, name: str) -> str:
        if not name:
            raise ValueError("name a resource: /records/<resource>[/<id>]")
        return name

    def _get_switches(self, rest: str, request: Request) -> Any:
        return self.api.switches

    def _post_switches(self, rest: str, request: Request) -> Any:
        values = _object(request)
        unknown = sorted(values.keys() - self.api.switches.keys())
        if unknown:
            raise KeyError(f"switch called {', '.join(unknown)}")
        self.api.switches.update(values)
        return self.api.switches

    def _get_faults(self, rest: str, request: Request) -> Any:
        return self.faults.listing()

    def _post_faults(self, rest: str, request: Request) -> Any:
        values = _object(request)
        if "seconds" in values:
            values["seconds"] = float(values["seconds"])
        self.faults.add(Fault(**values))
        return self.faults.listing()

    def _delete_faults(self, rest: str, request: Request) -> Any:
        self.faults.clear()
        return []

    def _post_expire(self, rest: str, request: Request) -> Any:
        self.api.expire_sessions()
        return {"expired": True}


def _object(request: Request) -> dict[str, Any]:
    values = request.json()
    if not isinstance(values, dict):
        raise ValueError("send a JSON object")
    return values
