"""Queries, counts and pages: ascending id, at most 500 a page, and page addresses that hold only a position."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from adminui.sandbox.autotask import refusals
from adminui.sandbox.autotask.filters import Compiler, last_id_before, wanted_ids
from adminui.sandbox.autotask.schema import Entity, Field
from adminui.sandbox.autotask.store import Predicate, Row, Table, udf_list
from adminui.sandbox.autotask.switches import Switches
from adminui.sandbox.http import Request

PAGE_SIZE = 500
URL_LIMIT = 2048


@dataclass(frozen=True)
class Search:
    """A query as read. `include` is None for all fields; `ids` and `floor` come from id conditions at the top."""

    matches: Predicate | None
    ids: list[int] | None
    include: tuple[Field, ...] | None
    size: int
    floor: int | None = None
    text: str = ""  # the `search` parameter of a GET, which its page addresses carry on


@dataclass(frozen=True)
class Position:
    """What a page address holds: `after` or `before` an id, and how many pages came before."""

    size: int
    page: int = 1
    after: int | None = None
    before: int | None = None

    def token(self) -> str:
        edge = {"afterId": self.after} if self.before is None else {"beforeId": self.before}
        return json.dumps({"pageSize": self.size, "pageNumber": self.page, **edge}, separators=(",", ":"))


def missing_filter() -> refusals.Refusal:
    return refusals.errors("Value cannot be null.\r\nParameter name: filters")


def read_search(entity: Entity, request: Request, switches: Switches) -> Search:
    text = ""
    if request.method == "GET":
        text = request.parameter("search")
        if len(request.base_url) + len(request.path) + len(urlencode(request.query, quote_via=quote)) + 1 > URL_LIMIT:
            raise refusals.html_not_found()
    return _search(entity, _body(request, text), switches, text)


def _body(request: Request, text: str) -> dict[str, Any]:
    try:
        body = json.loads(text) if text else request.json()
    except ValueError:
        raise missing_filter() from None
    if not isinstance(body, dict):
        raise missing_filter()
    return {str(key).lower(): value for key, value in body.items()}


def _search(entity: Entity, body: dict[str, Any], switches: Switches, text: str) -> Search:
    items = body.get("filter")
    if not isinstance(items, list) or (not items and switches.word("empty_filter") == "refused"):
        raise missing_filter()
    matches = Compiler(entity, switches).compile(items)
    include = _include(entity, body.get("includefields"))
    return Search(matches, wanted_ids(items), include, _size(body), last_id_before(items), text)


def _size(body: dict[str, Any]) -> int:
    asked = body.get("maxrecords")
    if asked is None:
        return PAGE_SIZE
    if isinstance(asked, bool) or not str(asked).isdecimal() or not 1 <= int(asked) <= PAGE_SIZE:
        raise refusals.errors(f"MaxRecords must be between 1 and {PAGE_SIZE}.")  # invented
    return int(asked)


def _include(entity: Entity, names: Any) -> tuple[Field, ...] | None:
    if not names:
        return None
    if not isinstance(names, list):
        raise refusals.errors("IncludeFields must be an array.")  # invented
    return tuple(_included(entity, str(name)) for name in names)


def _included(entity: Entity, name: str) -> Field:
    found = entity.by_name.get(name.lower()) or entity.udf_by_name.get(name.lower())
    if found is None:
        raise refusals.unknown_field(name, entity.singular)
    return found


def read_position(request: Request, search: Search) -> Position:
    try:
        token = json.loads(request.parameter("paging"))
        size, page = int(token["pageSize"]), int(token["pageNumber"])
        if "beforeId" in token:
            return Position(size, page, before=int(token["beforeId"]))
        return Position(size, page, after=int(token["afterId"]))
    except (ValueError, KeyError, TypeError):
        raise refusals.errors("The paging parameter is not valid.") from None  # invented


def _matching(table: Table, search: Search, rows: Iterable[Row]) -> Iterable[Row]:
    return rows if search.matches is None else filter(search.matches, rows)


def _candidates(table: Table, search: Search, position: Position) -> Iterable[Row]:
    if search.ids is None:
        edges = [edge for edge in (position.after, search.floor) if edge is not None]
        return table.after(max(edges, default=None)) if position.before is None else table.before(position.before)
    rows = [table.rows[each] for each in search.ids if each in table.rows]
    if position.before is not None:
        return [row for row in reversed(rows) if row["id"] < position.before]
    return [row for row in rows if position.after is None or row["id"] > position.after]


def count(table: Table, search: Search) -> int:
    candidates = _candidates(table, search, Position(PAGE_SIZE))
    return sum(1 for _ in candidates) if search.matches is None else sum(map(search.matches, candidates))


def take(table: Table, search: Search, position: Position) -> tuple[list[Row], bool]:
    """The page at a position, and whether rows follow it."""
    found = list(islice(_matching(table, search, _candidates(table, search, position)), position.size + 1))
    rows = found[: position.size]
    if position.before is not None:
        return rows[::-1], True
    return rows, len(found) > position.size


def check_include(table: Table, search: Search) -> None:
    """Without the id in IncludeFields more than one full page cannot be read."""
    if search.include is None or any(item.key == "id" for item in search.include):
        return
    everything = _matching(table, search, _candidates(table, search, Position(PAGE_SIZE)))
    if len(list(islice(everything, PAGE_SIZE + 1))) > PAGE_SIZE:
        raise refusals.errors(f"IncludeFields must contain id when more than {PAGE_SIZE} records match.")  # invented


Address = Callable[[str, Position], str]


def details(rows: list[Row], position: Position, *, more: bool, pages_kept: int, address: Address) -> dict[str, Any]:
    """The pageDetails of an answer; after `pages_kept` pages there is no next address, whatever follows."""
    onward = more and bool(rows) and position.page < pages_kept
    back = position.page > 1 and bool(rows)
    following = Position(position.size, position.page + 1, after=rows[-1]["id"]) if onward else None
    earlier = Position(position.size, position.page - 1, before=rows[0]["id"]) if back else None
    return {
        "count": len(rows),
        "requestCount": position.size,
        "prevPageUrl": address("previous", earlier) if earlier else None,
        "nextPageUrl": address("next", following) if following else None,
    }


def render(entity: Entity, row: Row, switches: Switches, include: tuple[Field, ...] | None = None) -> dict[str, Any]:
    """A record as an answer holds it: nulls written out, protected values masked, user-defined fields as a list."""
    shown = entity.fields if include is None else [item for item in include if not item.udf]
    record: dict[str, Any] = {item.name: row.get(item.name) for item in shown}
    only = None if include is None else [item.key for item in include if item.udf]
    udfs = udf_list(entity, row, masked=switches.on("masked_udfs"), only=only)
    form = switches.word("empty_udfs")
    if form != "listed" and all(udf["value"] is None for udf in udfs):
        udfs = []
    if entity.udfs and (udfs or form != "missing"):
        record["userDefinedFields"] = udfs
    return record
