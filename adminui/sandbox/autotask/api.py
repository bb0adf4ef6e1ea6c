"""The imitation itself: sign-in, thread and hour limits, then one method per route."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from adminui.sandbox.autotask import limits, metadata, query, refusals
from adminui.sandbox.autotask.bodies import read_object
from adminui.sandbox.autotask.given import SWITCHES, store_of
from adminui.sandbox.autotask.query import Position, Search
from adminui.sandbox.autotask.routes import Route, resolve
from adminui.sandbox.autotask.schema import Entity, load
from adminui.sandbox.autotask.seed import fill
from adminui.sandbox.autotask.store import Store, full, put
from adminui.sandbox.autotask.switches import Switches
from adminui.sandbox.autotask.writer import Writer
from adminui.sandbox.given import Given
from adminui.sandbox.http import Request, Response

Answer = Callable[["AutotaskApi", Route, Request], Any]
_OPEN = frozenset({"zone", "versions"})  # no credentials, no thread, not counted
_READS = frozenset({"query", "count", "next", "previous"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}


class AutotaskApi:
    """One tenant. `handle` is safe from many threads: threads are counted outside the lock that guards the data.

    Made of what is `given`, it holds that and nothing else, and takes for existing whatever it was not given.
    """

    def __init__(
        self,
        records: int = 2_000,
        seed: int = 1,
        username: str = "api@example.com",
        secret: str = "sandbox",
        integration_code: str = "SANDBOX",
        given: Given | None = None,
    ) -> None:
        self.switches: dict[str, object] = Switches(SWITCHES if given else None)
        self._credentials = {"username": username, "secret": secret, "apiintegrationcode": integration_code}
        self._store = store_of(given) if given else Store(load())
        self._schema = self._store.schema
        if given is None:
            fill(self._store, records, seed)
        self._limits = limits.Limits(self._switch)
        self._writer = Writer(self._store, self._switch)
        self._lock = threading.RLock()
        self._expired = False

    @property
    def _switch(self) -> Switches:
        assert isinstance(self.switches, Switches)
        return self.switches

    def handle(self, request: Request) -> Response:
        try:
            return Response(200, self._answer(request))
        except refusals.Refusal as refusal:
            return refusal.response

    def change(self, resource: str, record_id: int, values: dict[str, Any]) -> dict[str, Any]:
        """Change a record behind the user's back, unchecked; user-defined fields go by their own names."""
        with self._lock:
            table = self._store[resource]
            if record_id not in table.rows:
                raise KeyError(f"{resource} {record_id}")
            row = table.rows[record_id]
            put(row, {self._key(table.entity, name): value for name, value in values.items()})
            table.touch(row)
            return full(table.entity, row)

    def dump(self, resource: str) -> list[dict[str, Any]]:
        with self._lock:
            table = self._store[resource]
            return [full(table.entity, row) for row in table.after(None)]

    def expire_sessions(self) -> None:
        """There is no session to expire: the next call answers 401, once."""
        self._expired = True

    def _key(self, entity: Entity, name: str) -> str:
        found = entity.by_name.get(name.lower()) or entity.udf_by_name.get(name.lower())
        if found is None:
            raise KeyError(f"field {name} in {entity.name}")
        return found.key

    def _answer(self, request: Request) -> Any:
        route = resolve(self._schema, request.path)
        if route is None:
            raise refusals.html_not_found()
        if route.name in _OPEN:
            return _ANSWERS[route.name](self, route, request) if request.method == "GET" else self._wrong_verb(request)
        self._sign_in(request)
        with self._limits.call(route.endpoint, request.method):
            if request.method not in route.methods:
                self._wrong_verb(request)
            with self._lock:
                return self._served(route, request)

    def _served(self, route: Route, request: Request) -> Any:
        self._writer.run_workflows()
        self._check_permission(route, request)
        return _ANSWERS[route.name](self, route, request)

    def _wrong_verb(self, request: Request) -> Any:
        raise refusals.wrong_verb(request.method)

    def _sign_in(self, request: Request) -> None:
        expired, self._expired = self._expired, False
        given = {name: request.headers.get(name) for name in self._credentials}
        if expired or given != self._credentials:
            raise refusals.unauthorized(self._switch.word("unauthorized_body"))

    def _check_permission(self, route: Route, request: Request) -> None:
        """Impersonation is for writes, by an active resource; an entity may be denied to this user's writes."""
        writes = route.name not in _READS and request.method in _VERBS
        verb = _VERBS[request.method] if writes else "query"
        impersonated = request.headers.get("impersonationresourceid")
        if impersonated is not None and not (writes and self._is_active_resource(impersonated)):
            raise refusals.no_permission(verb)
        if writes and route.entity and route.entity.name in self._switch.names("denied_entities"):
            raise refusals.no_permission(verb)

    def _is_active_resource(self, text: str) -> bool:
        row = self._store["Resources"].rows.get(int(text)) if text.isdecimal() else None
        return row is not None and row.get("isActive") is True

    def _entity(self, route: Route) -> Entity:
        if route.entity is None:
            raise refusals.html_not_found()
        return metadata.tuned(self._schema, self._switch, route.entity)

    def _zone(self, route: Route, request: Request) -> Any:
        if request.parameter("user").lower() != self._credentials["username"].lower():
            raise refusals.errors("The zone of this user could not be determined.")  # invented
        url = self._switch.word("zone_url") or f"{request.base_url}/ATServicesRest/"
        return {"zoneName": "Sandbox", "url": url, "webUrl": f"{request.base_url}/", "ci": 1}

    def _versions(self, route: Route, request: Request) -> Any:
        return {"apiVersions": ["v1.0"]}

    def _threshold(self, route: Route, request: Request) -> Any:
        return {
            "externalRequestThreshold": int(self._switch.number("hour_limit")),
            "requestThresholdTimeframe": limits.TIMEFRAME_MINUTES,
            "currentTimeframeRequestCount": self._limits.used(),
        }

    def _information(self, route: Route, request: Request) -> Any:
        return metadata.information(self._entity(route), self._switch)

    def _fields(self, route: Route, request: Request) -> Any:
        return metadata.fields(self._entity(route), self._switch)

    def _udfs(self, route: Route, request: Request) -> Any:
        entity = self._entity(route)
        if not entity.udfs:
            raise refusals.html_not_found()
        return metadata.user_defined(entity, self._switch)

    def _query(self, route: Route, request: Request) -> Any:
        search = query.read_search(self._entity(route), request, self._switch)
        query.check_include(self._store[self._entity(route).name], search)
        return self._page(route, request, search, Position(search.size))

    def _count(self, route: Route, request: Request) -> Any:
        entity = self._entity(route)
        search = query.read_search(entity, request, self._switch)
        return {"queryCount": query.count(self._store[entity.name], search)}

    def _turn(self, route: Route, request: Request) -> Any:
        """A page address is followed with the verb of the first call: a GET only works where `search` came along."""
        if request.method == "GET" and not request.parameter("search"):
            self._wrong_verb(request)
        search = query.read_search(self._entity(route), request, self._switch)
        return self._page(route, request, search, query.read_position(request, search))

    def _page(self, route: Route, request: Request, search: Search, position: Position) -> Any:
        entity = self._entity(route)
        rows, more = query.take(self._store[entity.name], search, position)
        origin = self._switch.word("next_page_origin") or request.base_url

        def address(direction: str, onward: Position) -> str:
            carried = f"&search={quote(search.text, safe='')}" if search.text else ""
            path = f"/ATServicesRest/V1.0/{entity.name}/query/{direction}"
            return f"{origin}{path}?paging={quote(onward.token(), safe='')}{carried}"

        pages_kept = int(self._switch.number("pages_kept"))
        return {
            "items": [query.render(entity, row, self._switch, search.include) for row in rows],
            "pageDetails": query.details(rows, position, more=more, pages_kept=pages_kept, address=address),
        }

    def _collection(self, route: Route, request: Request) -> Any:
        if request.method == "GET":
            return self._children(route)
        entity, body = self._entity(route), read_object(request)
        if request.method == "POST":
            creator = request.headers.get("impersonationresourceid")
            made = self._writer.create(
                entity, body, parent_id=route.parent_id, creator=int(creator) if creator else None
            )
            return {"itemId": made}
        replace = request.method == "PUT"
        return {"itemId": self._writer.update(entity, body, replace=replace, parent_id=route.parent_id)}

    def _children(self, route: Route) -> Any:
        entity = self._entity(route)
        name = entity.parent.field if entity.parent else ""
        rows = [row for row in self._store[entity.name].after(None) if row.get(name) == route.parent_id]
        rows = rows[: query.PAGE_SIZE]
        details = {"count": len(rows), "requestCount": query.PAGE_SIZE, "prevPageUrl": None, "nextPageUrl": None}
        return {"items": [query.render(entity, row, self._switch) for row in rows], "pageDetails": details}

    def _item(self, route: Route, request: Request) -> Any:
        entity, record_id = self._entity(route), route.record_id
        assert record_id is not None
        if request.method == "DELETE":
            return {"itemId": self._writer.delete(entity, record_id, route.parent_id)}
        row = self._store[entity.name].rows.get(record_id)
        if row is not None and entity.parent and route.parent_id not in (None, row.get(entity.parent.field)):
            row = None
        if row is None and self._switch.word("missing_id") == "404":
            raise refusals.errors("No matching records found.", status=404)  # invented
        return {"item": None if row is None else query.render(entity, row, self._switch)}


_ANSWERS: dict[str, Answer] = {
    "zone": AutotaskApi._zone,
    "versions": AutotaskApi._versions,
    "threshold": AutotaskApi._threshold,
    "information": AutotaskApi._information,
    "fields": AutotaskApi._fields,
    "udfs": AutotaskApi._udfs,
    "query": AutotaskApi._query,
    "count": AutotaskApi._count,
    "next": AutotaskApi._turn,
    "previous": AutotaskApi._turn,
    "collection": AutotaskApi._collection,
    "item": AutotaskApi._item,
}
