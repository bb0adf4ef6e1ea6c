"""The Buzz sandbox's front door: logins, routes and answers."""

import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from adminui.sandbox.buzz import listing
from adminui.sandbox.buzz.errors import Refused, detail, not_a_dictionary, not_a_list, throttled
from adminui.sandbox.buzz.given import store_of, switches_of
from adminui.sandbox.buzz.resources import Resource
from adminui.sandbox.buzz.schema import describe, present, tuned
from adminui.sandbox.buzz.seed import fill
from adminui.sandbox.buzz.sessions import Sessions
from adminui.sandbox.buzz.store import Record, Store
from adminui.sandbox.buzz.switches import DEFAULTS, Switches
from adminui.sandbox.buzz.writing import Writer
from adminui.sandbox.given import Given
from adminui.sandbox.http import Request, Response

_ROOT = "/rest/v2/"
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_ROUTES = re.compile(r"(?P<name>[a-z-]+|ref/[a-z-]+)(?:/(?P<id>\d+)(?P<creatives>/creatives)?|/(?P<bulk>bulk))?")
_MINUTE = 60.0


class BuzzApi:
    """An imitation of Buzz 2.0 over records in memory; `switches` may be changed at any time.

    Made of what is `given`, it holds that and nothing else, and takes for existing whatever it was not given.
    """

    def __init__(
        self,
        records: int = 2000,
        seed: int = 1,
        *,
        key: str = "acme",
        email: str = "ops@example.com",
        password: str = "sandbox",
        switches: Mapping[str, object] | None = None,
        clock: Callable[[], float] = time.time,
        given: Given | None = None,
    ) -> None:
        unknown = sorted((switches or {}).keys() - DEFAULTS.keys())
        if unknown:
            raise ValueError(f"there is no switch called {', '.join(unknown)}")
        self.switches: dict[str, object] = {**DEFAULTS, **(switches_of(given) if given else {}), **(switches or {})}
        self._switches, self._clock, self._lock = Switches(self.switches), clock, threading.RLock()
        self._recent: deque[float] = deque()
        rng = random.Random(seed)
        self._store = store_of(given, self._switches, clock) if given else Store(self._switches, clock)
        self._writer = Writer(self._store, self._switches, rng)
        self._sessions = Sessions(self._switches, clock, rng, key, email, password)
        if given is None:
            fill(self._store, records, seed, email)

    def handle(self, request: Request) -> Response:
        with self._lock:
            try:
                return self._answer(request)
            except Refused as refused:
                return Response(refused.status, refused.body, refused.headers)

    def change(self, resource: str, record_id: int, values: dict[str, Any]) -> Record:
        with self._lock:
            record = self._store.get(resource, record_id)
            if record is None:
                raise KeyError(f"{resource} {record_id}")
            stamped = self._store.stamped(record) if "update_date" in record else record
            changed: Record = {**stamped, **values}
            self._store.put(resource, changed)
            return dict(changed)

    def dump(self, resource: str) -> list[Record]:
        with self._lock:
            records = list(self._store.table(resource).values())
        return [_copy(record) for record in records]

    def expire_sessions(self) -> None:
        with self._lock:
            self._sessions.expire()

    def _answer(self, request: Request) -> Response:
        path = request.path.removeprefix(_ROOT) if request.path.startswith(_ROOT) else ""
        self._throttle()
        if path == "authenticate":
            return self._authenticate(request)
        match = _ROUTES.fullmatch(path)
        if path != "authenticate/keep_logged_in" and (match is None or match["name"] not in self._store.resources):
            raise detail(404, "Not found.")
        cookies = self._sessions.admit(request)
        try:
            response = self._resource(request, match) if match else self._sessions.keep_logged_in()
        except Refused as refused:
            response = Response(refused.status, refused.body, refused.headers)
        response.cookies = cookies + response.cookies
        return response

    def _throttle(self) -> None:
        limit, now = self._switches.value("requests_per_minute"), self._clock()
        if limit is None:
            return
        while self._recent and self._recent[0] <= now - _MINUTE:
            self._recent.popleft()
        if len(self._recent) >= int(limit):
            raise throttled(int(_MINUTE), header=self._switches.on("retry_after"))
        self._recent.append(now)

    def _authenticate(self, request: Request) -> Response:
        if request.method == "POST":
            return self._sessions.login(_body(request))
        if request.method == "DELETE":
            return self._sessions.logout(request)
        raise _not_allowed(request)

    def _resource(self, request: Request, match: re.Match[str]) -> Response:
        resource = self._store.resources[match["name"]]
        if match["bulk"]:
            return self._bulk(resource, request)
        if request.method == "OPTIONS":
            return self._options(resource, record=bool(match["id"]))
        if match["creatives"]:
            return self._creatives(resource, request, int(match["id"]))
        allowed = ("GET", "HEAD", "PUT", "PATCH", "DELETE") if match["id"] else ("GET", "HEAD", "POST")
        self._permit(resource, request, allowed)
        if match["id"]:
            return self._record(resource, request, self._found(resource, int(match["id"])))
        return self._create(resource, request) if request.method == "POST" else self._list(resource, request)

    def _options(self, resource: Resource, *, record: bool) -> Response:
        writable = resource.name not in self._switches.names("read_only_resources")
        return Response(200, describe(resource, self._switches, record=record, writable=writable))

    def _permit(self, resource: Resource, request: Request, allowed: tuple[str, ...]) -> None:
        offered = request.method in resource.methods or request.method in ("HEAD", "OPTIONS")
        if request.method not in allowed or not offered:
            raise _not_allowed(request, [method for method in allowed if method in resource.methods])
        if request.method in _WRITES and resource.name in self._switches.names("read_only_resources"):
            raise detail(403, "You do not have permission to perform this action.")

    def _found(self, resource: Resource, record_id: int) -> Record:
        record = self._store.get(resource.name, record_id)
        if record is None:
            named = self._switches.value("not_found") == "named"
            raise detail(404, f"No {resource.label} matches the given query." if named else "Not found.")
        return record

    def _list(self, resource: Resource, request: Request) -> Response:
        fields = tuned(resource, self._switches)
        table = self._store.table(resource.name)
        records = listing.select(table, fields, request, self._switches, self._store.now())
        envelope = listing.page(records, request, self._switches)
        return Response(200, {**envelope, "results": self._shown(resource, envelope["results"])})

    def _create(self, resource: Resource, request: Request) -> Response:
        record = self._writer.create(resource, _body(request))
        shown = present(resource.name, record, self._switches)
        if resource.name == "creatives" and self._switches.on("creatives_wrapped"):
            return Response(201, {"result": shown, "warnings": None, "errors": None})
        return Response(201, shown)

    def _record(self, resource: Resource, request: Request, record: Record) -> Response:
        if request.method == "DELETE":
            self._writer.delete(resource, [record["id"]])
            kept = self._switches.value("delete_answer") == "object"
            return Response(200, present(resource.name, record, self._switches)) if kept else Response(204)
        if request.method in ("PUT", "PATCH"):
            record = self._writer.update(resource, record, _body(request), partial=request.method == "PATCH")
        return Response(200, present(resource.name, record, self._switches))

    def _bulk(self, resource: Resource, request: Request) -> Response:
        if resource.name not in self._switches.names("bulk_resources"):
            raise _not_allowed(request)
        if request.method == "OPTIONS":
            return self._options(resource, record=False)
        self._permit(resource, request, ("POST", "PATCH", "DELETE"))
        shared = any(name == "ids" for name, _ in request.query)
        if request.method == "DELETE":
            return self._bulk_answer(resource, 200, self._writer.delete(resource, self._known_ids(resource, request)))
        data = _body(request)
        if request.method == "PATCH" and shared:
            ids = self._ids(resource, request)
            return self._bulk_answer(resource, 200, self._writer.update_same(resource, ids, data))
        if not isinstance(data, list):
            raise Refused(400, not_a_list(data))
        self._within_cap(len(data))
        if request.method == "POST":
            return self._bulk_answer(resource, 201, self._writer.create_all(resource, data))
        return self._bulk_answer(resource, 200, self._writer.update_each(resource, data))

    def _bulk_answer(self, resource: Resource, status: int, records: list[Record]) -> Response:
        return Response(status, self._shown(resource, records))

    def _shown(self, resource: Resource, records: list[Record]) -> list[Mapping[str, Any]]:
        return [present(resource.name, record, self._switches) for record in records]

    def _ids(self, resource: Resource, request: Request) -> list[int]:
        """The ids named in the address; none at all may mean every record, which no cap holds back."""
        parts = [part.strip() for part in request.parameter("ids").split(",") if part.strip()]
        if not parts and request.method == "PATCH" and self._switches.on("empty_ids_changes_all"):
            return list(self._store.table(resource.name))
        if not all(part.isdecimal() for part in parts):
            raise Refused(400, {"ids": ["Enter a list of numbers."]})
        self._within_cap(len(parts))
        return [int(part) for part in parts]

    def _known_ids(self, resource: Resource, request: Request) -> list[int]:
        ids = self._ids(resource, request)
        for record_id in ids:
            if not self._store.exists(resource.name, record_id):
                if self._switches.number("bulk_unknown_id") == 404:
                    self._found(resource, record_id)
                raise Refused(400, {"id": [f'Invalid pk "{record_id}" - object does not exist.']})
        return ids

    def _within_cap(self, rows: int) -> None:
        cap = self._switches.number("bulk_max")
        if rows > cap:
            raise Refused(400, {"non_field_errors": [f"Ensure this field has no more than {cap} elements."]})

    def _creatives(self, resource: Resource, request: Request, line_item: int) -> Response:
        """The creatives associated with a line item."""
        if resource.name != "line-items":
            raise detail(404, "Not found.")
        self._permit(resource, request, ("GET", "POST"))
        self._found(resource, line_item)
        links = self._store.links.get(line_item, [])
        if request.method == "POST":
            link = self._link(_body(request), 1 + max((link["id"] for link in links), default=line_item * 100))
            self._store.links[line_item] = [*links, link]
            return Response(201, link)
        table = self._store.table("creatives")
        return Response(200, [{**link, "creative": table.get(link["creative_id"])} for link in links])

    def _link(self, data: Any, number: int) -> Record:
        if not isinstance(data, dict):
            raise Refused(400, not_a_dictionary(data))
        creative = data.get("creative_id")
        if creative is None:
            raise Refused(400, {"creative_id": ["This field is required."]})
        if not isinstance(creative, int) or not self._store.exists("creatives", creative):
            raise Refused(400, {"creative_id": [f'Invalid pk "{creative}" - object does not exist.']})
        return {"id": number, "creative_id": creative, "active": True}


def _not_allowed(request: Request, allowed: Iterable[str] = ()) -> Refused:
    sentence = f'Method "{request.method}" not allowed.'
    return detail(405, sentence, {"Allow": ", ".join([*allowed, "OPTIONS"])})


def _body(request: Request) -> Any:
    """The request's data, as JSON or url-encoded."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body:
        return {}
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True))
    if kind != "application/json":
        raise detail(415, f'Unsupported media type "{kind}" in request.')
    try:
        return request.json()
    except ValueError as error:
        raise detail(400, f"JSON parse error - {error}") from None


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(member) for name, member in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
