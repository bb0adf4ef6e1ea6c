"""The control plane of a sandbox: its request log, faults, switches and records, as JSON on a port of its own.

GET, DELETE /log · GET /writes · GET /calls · GET /records/<resource> · POST /records/<resource>/<id>
GET, POST /switches · GET, POST, DELETE /faults · GET, POST /latency · POST /expire · POST /refuse

The log keeps the newest requests; writes and calls are counts of all since it was last deleted. A latency is what
every request takes at least, half of it before the API handles it and half after.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adminui.sandbox.faults import Fault, FaultBook
from adminui.sandbox.http import Api, Request, Response
from adminui.sandbox.log import Log


@dataclass
class Latency:
    """Seconds that every request takes at least; may be changed at any time."""

    seconds: float = 0.0


@dataclass(frozen=True)
class ControlPlane:
    api: Api
    faults: FaultBook
    log: Log
    latency: Latency
    refuse: Callable[[float], None]  # close the API's port for so many seconds

    def handle(self, request: Request) -> Response:
        match = re.fullmatch(
            r"/(log|writes|calls|records|switches|faults|latency|expire|refuse)(?:/([^/]+(?:/[^/]+)?))?", request.path
        )
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

    def _get_writes(self, rest: str, request: Request) -> Any:
        return self.log.writes()

    def _get_calls(self, rest: str, request: Request) -> Any:
        return self.log.calls()

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
        self.faults.add(Fault(**values | {name: float(values[name]) for name in ("seconds", "rate") if name in values}))
        return self.faults.listing()

    def _delete_faults(self, rest: str, request: Request) -> Any:
        self.faults.clear()
        return []

    def _get_latency(self, rest: str, request: Request) -> Any:
        return {"seconds": self.latency.seconds}

    def _post_latency(self, rest: str, request: Request) -> Any:
        self.latency.seconds = _seconds(request)
        return {"seconds": self.latency.seconds}

    def _post_refuse(self, rest: str, request: Request) -> Any:
        self.refuse(_seconds(request))
        return {"refusing": True}

    def _post_expire(self, rest: str, request: Request) -> Any:
        self.api.expire_sessions()
        return {"expired": True}


def _object(request: Request) -> dict[str, Any]:
    values = request.json()
    if not isinstance(values, dict):
        raise ValueError("send a JSON object")
    return values


def _seconds(request: Request) -> float:
    seconds = float(_object(request).get("seconds", 0))
    if not 0 <= seconds < 3600:
        raise ValueError("say how many seconds, from 0 to an hour")
    return seconds
