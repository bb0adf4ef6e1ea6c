"""Everything that can go wrong on the way, each kind written once and for any API.

A kind is a function from (api, request, fault) to a `Delivery`: the answer, whether the API carried the request out,
and how the answer's bytes travel. The server sends what it is told.
"""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from adminui.sandbox.http import Api, Request, Response

_RECORD_ID = re.compile(r"/(\d+)(?=/|$)")
_STEPS = tuple(step * sign for step in range(1, 20) for sign in (1, -1))
_FAR_AWAY = 1_000_000
_LOGIN_PAGE = (
    "<!doctype html><html><head><title>Sign in</title></head>"
    '<body><form method="post"><input name="email"><input name="password" type="password"></form></body></html>'
)


@dataclass(frozen=True)
class Fault:
    """A fault as added: it meets matching requests after the first `after` ones, `times` times (None: for ever).

    With a `rate` below 1 it meets that share of them, drawn at random from `seed`.
    """

    kind: str
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    after: int = 0
    seconds: float = 0.0
    retry_after: int | None = None
    rate: float = 1.0
    seed: int = 1

    def matches(self, request: Request) -> bool:
        if self.method is not None and self.method.upper() != request.method:
            return False
        return self.path is None or re.search(self.path, request.path) is not None


@dataclass(frozen=True)
class Delivery:
    """An answer and its journey."""

    response: Response | None
    handled: bool = True  # whether the API carried the request out
    wait: float = 0.0
    seconds_per_byte: float = 0.0
    cut: str = ""  # "", "head", "body" (the announced length is not reached) or "json" (it is, by half of the text)
    reset: bool = False
    closed_for: float = 0.0  # seconds for which the port refuses connections once the answer is out


Kind = Callable[[Api, Request, Fault], Delivery]


def deliver(api: Api, request: Request) -> Delivery:
    response = api.handle(request)
    return Delivery(response, handled=response.status < 400)


def drop_after_write(api: Api, request: Request, fault: Fault) -> Delivery:
    """The request is carried out; the connection closes without an answer."""
    return replace(deliver(api, request), response=None)


def drop_before(api: Api, request: Request, fault: Fault) -> Delivery:
    """Nothing is carried out; the connection closes without an answer."""
    return Delivery(None, handled=False)


def reset(api: Api, request: Request, fault: Fault) -> Delivery:
    """Nothing is carried out; the peer sees a TCP reset."""
    return Delivery(None, handled=False, reset=True)


def refuse(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out and answered; then the port is closed for `seconds`, and everybody who was connected is out."""
    return replace(deliver(api, request), closed_for=fault.seconds)


def slow(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out at once and answered late, outside the API's lock so that others are not held up."""
    return replace(deliver(api, request), wait=fault.seconds)


def late(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out `seconds` after it came, whether or not anybody still waits for the answer."""
    time.sleep(fault.seconds)
    return deliver(api, request)


def silent(api: Api, request: Request, fault: Fault) -> Delivery:
    """Nothing is carried out, and for `seconds` nothing is said either."""
    time.sleep(fault.seconds)
    return Delivery(None, handled=False)


def drip(api: Api, request: Request, fault: Fault) -> Delivery:
    """One byte per `seconds`: no single read is slow, the whole is."""
    return replace(deliver(api, request), seconds_per_byte=fault.seconds)


def cut_headers(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out; half of the head arrives, which many clients take for a success with an empty body."""
    return replace(deliver(api, request), cut="head")


def cut_body(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out; the connection ends in the middle of the announced body."""
    return replace(deliver(api, request), cut="body")


def truncated_json(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out; the body ends half-way although its length is announced correctly."""
    return replace(deliver(api, request), cut="json")


def throttle(api: Api, request: Request, fault: Fault) -> Delivery:
    """429 before anything is carried out, with Retry-After only when the fault names one."""
    detail, headers = "Request was throttled.", {}
    if fault.retry_after is not None:
        detail += f" Expected available in {fault.retry_after} seconds."
        headers["Retry-After"] = str(fault.retry_after)
    return Delivery(Response(429, {"detail": detail}, headers), handled=False)


def server_error(api: Api, request: Request, fault: Fault) -> Delivery:
    """500 without a body, nothing carried out."""
    return Delivery(Response(500), handled=False)


def server_error_after_write(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out, and answered with a 500 without a body."""
    return replace(deliver(api, request), response=Response(500))


def html(api: Api, request: Request, fault: Fault) -> Delivery:
    """200 with a login page, as a proxy would answer; nothing carried out."""
    return Delivery(Response(200, _LOGIN_PAGE), handled=False)


def expired_login(api: Api, request: Request, fault: Fault) -> Delivery:
    """The API's own answer to a login that has run out."""
    api.expire_sessions()
    return deliver(api, request)


def wrong_record(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out on the right record; the answer shows its neighbour."""
    done = deliver(api, request)
    for path in _neighbours(request.path) if done.handled else ():
        other = api.handle(replace(request, method="GET", path=path, body=b""))
        if other.status == 200:
            return _with_body(done, other.body)
    return _with_body(done, _renumbered(_body(done), 1))


def short(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out; the answer to a bulk call lacks half of the records, that to a single one is empty."""
    done = deliver(api, request)
    rows = _body(done)
    return _with_body(done, rows[: len(rows) // 2] if isinstance(rows, list) else {}) if done.handled else done


def reordered(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out; the answer to a bulk call shows the records the other way round."""
    done = deliver(api, request)
    rows = _body(done)
    return _with_body(done, rows[::-1]) if isinstance(rows, list) else done


def foreign(api: Api, request: Request, fault: Fault) -> Delivery:
    """Carried out; every record in the answer bears the id of one that nobody asked about."""
    done = deliver(api, request)
    return _with_body(done, _renumbered(_body(done), _FAR_AWAY))


def _body(done: Delivery) -> Any:
    return done.response.body if done.response else None


def _with_body(done: Delivery, body: Any) -> Delivery:
    return replace(done, response=replace(done.response, body=body)) if done.response else done


def _neighbours(path: str) -> Iterator[str]:
    """The same path with nearby numbers in place of its last record id."""
    for match in list(_RECORD_ID.finditer(path))[-1:]:
        for step in _STEPS:
            yield f"{path[: match.start(1)]}{int(match[1]) + step}{path[match.end(1) :]}"


def _renumbered(body: Any, step: int) -> Any:
    if isinstance(body, list):
        return [_renumbered(item, step) for item in body]
    if not isinstance(body, dict):
        return body
    moved = {name: body[name] + step for name in ("id", "itemId") if isinstance(body.get(name), int)}
    return {name: moved.get(name, _renumbered(value, step)) for name, value in body.items()}


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        drop_after_write,
        drop_before,
        reset,
        refuse,
        slow,
        late,
        silent,
        drip,
        cut_headers,
        cut_body,
        truncated_json,
        throttle,
        server_error,
        server_error_after_write,
        html,
        expired_login,
        wrong_record,
        short,
        reordered,
        foreign,
    )
}


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0
    met: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.fault.seed)

    def meets(self, request: Request) -> bool:
        if self.spent or not self.fault.matches(request):
            return False
        self.seen += 1
        if self.seen <= self.fault.after or (self.fault.rate < 1 and self.chance.random() >= self.fault.rate):
            return False
        self.met += 1
        return True

    @property
    def spent(self) -> bool:
        return self.fault.times is not None and self.met >= self.fault.times


class FaultBook:
    """The faults waiting for requests; the first that meets a request takes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        if fault.kind not in KINDS:
            raise ValueError(f"no fault is called {fault.kind!r}; there are {', '.join(KINDS)}")
        if fault.path is not None:
            re.compile(fault.path)
        with self._lock:
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{**vars(armed.fault), "met": armed.met} for armed in self._armed]

    def take(self, request: Request) -> Fault | None:
        if not self._armed:
            return None
        with self._lock:
            return next((armed.fault for armed in self._armed if armed.meets(request)), None)


def carry_out(api: Api, request: Request, fault: Fault | None) -> Delivery:
    return deliver(api, request) if fault is None else KINDS[fault.kind](api, request, fault)
