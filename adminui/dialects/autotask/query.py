"""Queries: our operators from a whitelist, because an operator this API does not know matches every record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from adminui.dialects.autotask.encoding import encode
from adminui.dialects.autotask.udf import bare, flatten, is_udf
from adminui.dialects.base import ApiRequest, ApiResponse, Page
from adminui.dialects.errors import Unavailable, Unknown
from adminui.records.queries import WITH_LIST, WITHOUT_VALUE, Condition, Group, Op, Query
from adminui.records.schema import Field, Resource
from adminui.records.values import RecordId, Value

OPERATORS: Final[Mapping[Op, str]] = {
    Op.EQ: "eq",
    Op.NE: "noteq",
    Op.GT: "gt",
    Op.GTE: "gte",
    Op.LT: "lt",
    Op.LTE: "lte",
    Op.CONTAINS: "contains",
    Op.BEGINS: "beginsWith",
    Op.ENDS: "endsWith",
    Op.IN: "in",
    Op.NOT_IN: "notIn",
    Op.EMPTY: "notExist",
    Op.FILLED: "exist",
}
JOINS: Final = ("and", "or")
PAGE_SIZE: Final = 500
MOST_IDS: Final = 200
MOST_ORS: Final = 500
PAGES_KEPT: Final = 50  # how far a chain of next pages reaches
CONCURRENT: Final = 2  # of the 3 threads the API grants per entity and integration
_NEXT = "/query/next"


@dataclass(frozen=True)
class PageRequest(ApiRequest):
    """A request for the nth page of a chain."""

    nth: int = 1


# IncludeFields is never sent: a record is a baseline and may become a full replace, so it has to be whole.


def read_page(resource: Resource, query: Query) -> ApiRequest:
    """A page by position: rows come in ascending id and there is no other order."""
    if query.page > 1 and query.after is None:
        raise ValueError("Autotask pages by id: a later page needs the last id of the page before.")
    if not 1 <= query.page_size <= PAGE_SIZE:
        raise ValueError(f"Autotask gives 1 to {PAGE_SIZE} records per page.")
    conditions = _filter(resource, query.where)
    if query.after is not None:
        conditions = _behind(conditions, number(query.after))
    return _post(resource, conditions, query.page_size)


def read_many(resource: Resource, ids: Sequence[RecordId]) -> ApiRequest:
    if not 1 <= len(ids) <= MOST_IDS:
        raise ValueError(f"Autotask is asked for 1 to {MOST_IDS} records by id, not {len(ids)}.")
    return _post(resource, [{"op": "in", "field": "id", "value": [number(i) for i in ids]}], PAGE_SIZE)


def count(resource: Resource, query: Query) -> ApiRequest:
    body = {"Filter": _filter(resource, query.where)}
    return ApiRequest("POST", f"/{resource.name}/query/count", body=body, lane=resource.name, cap=CONCURRENT)


def page(resource: Resource, request: ApiRequest, response: ApiResponse) -> Page:
    """The rows, and how to go on: by the address the answer gives, beyond its reach by id."""
    answer = response.json
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) and "id" in item for item in items):
        raise Unknown("Autotask's answer holds no list of records.", status=response.status)
    return Page(tuple(flatten(resource, item) for item in items), _next(resource, request, answer, items))


def counted(response: ApiResponse) -> int:
    answer = response.json
    found = answer.get("queryCount") if isinstance(answer, dict) else None
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unknown("Autotask's answer holds no count.", status=response.status)
    return found


def number(record_id: object) -> int:
    """An id as the number it is; ids end up in addresses, so nothing else passes."""
    if isinstance(record_id, bool) or not str(record_id).isascii() or not str(record_id).isdigit():
        raise ValueError(f"{record_id!r} is not an Autotask id.")
    return int(str(record_id))


def _post(resource: Resource, conditions: list[dict[str, Any]], size: int) -> PageRequest:
    body = {"MaxRecords": size, "Filter": conditions}
    return PageRequest("POST", f"/{resource.name}/query", body=body, lane=resource.name, cap=CONCURRENT)


def _next(resource: Resource, request: ApiRequest, answer: Mapping[str, Any], items: list[Any]) -> ApiRequest | None:
    details, nth = answer.get("pageDetails"), _nth(request)
    full = len(items) >= request.body["MaxRecords"]
    if not isinstance(details, dict):
        if full:
            raise Unavailable("Autotask does not say whether there are more records.")
        return None
    address = details.get("nextPageUrl")
    if _is_next(address) and nth < PAGES_KEPT:
        return _by_address(request, address, nth)
    if address and not items:
        raise Unavailable("Autotask says there are more records, but not where.")
    # An address of another make still says that there is more. A chain that ends with a full page may have been cut;
    # a first page is taken at its word.
    return _by_id(resource, request, items) if items and (address or (full and nth > 1)) else None


def _nth(request: ApiRequest) -> int:
    return request.nth if isinstance(request, PageRequest) else 1


def _is_next(address: object) -> TypeGuard[str]:
    """Whether this is a whole address of a next page; one with a host the client has something to check by."""
    text = address.lower() if isinstance(address, str) else ""
    return text.startswith(("https://", "http://")) and _NEXT in text


def _by_address(request: ApiRequest, address: str, nth: int) -> PageRequest:
    """The same verb and body: the address holds only the position. Whose host it is, the client checks."""
    return PageRequest("POST", address, body=request.body, lane=request.lane, cap=request.cap, nth=nth + 1)


def _by_id(resource: Resource, request: ApiRequest, items: list[Any]) -> PageRequest:
    conditions = _behind(request.body["Filter"], _last_id(items))
    return _post(resource, conditions, request.body["MaxRecords"])


def _last_id(items: list[Any]) -> int:
    ids = [number(item["id"]) for item in items]
    if ids != sorted(ids):
        raise Unavailable("Autotask's records are not in order of id: reading on could leave some out.")
    return ids[-1]


def _behind(conditions: list[dict[str, Any]], last: int) -> list[dict[str, Any]]:
    """The conditions with the position in front, without what it implies."""
    return [{"op": "gt", "field": "id", "value": last}, *(c for c in conditions if not _implied(c, last))]


def _implied(condition: Mapping[str, Any], last: int) -> bool:
    of_id, op = condition.get("field") == "id", condition["op"]
    return of_id and (op == "exist" or (op == "gt" and condition["value"] <= last))


def _filter(resource: Resource, where: Group) -> list[dict[str, Any]]:
    """The top-level list, which means "and"; all records are asked for by a condition every record meets."""
    _check(where)
    if not where.items:
        return [{"op": "exist", "field": "id"}]
    if where.join == "and":
        return [_item(resource, item) for item in where.items]
    return [_item(resource, where)]


def _check(where: Group) -> None:
    found = list(_walk(where))
    udfs = {c.field for c in found if isinstance(c, Condition) and is_udf(c.field)}
    if len(udfs) > 1:
        raise ValueError("Autotask filters by one user-defined field at a time.")
    ors = sum(len(g.items) for g in (where, *found) if isinstance(g, Group) and g.join == "or")
    if ors > MOST_ORS:
        raise ValueError(f"Autotask takes at most {MOST_ORS} conditions joined by “or”; these are {ors}.")


def _walk(group: Group) -> Iterator[Condition | Group]:
    for item in group.items:
        yield item
        if isinstance(item, Group):
            yield from _walk(item)


def _item(resource: Resource, item: Condition | Group) -> dict[str, Any]:
    if isinstance(item, Condition):
        return _condition(resource, item)
    if item.join not in JOINS or not item.items:
        raise ValueError(
            f"A filter group joins one or more conditions by and/or, not {len(item.items)} by “{item.join}”."
        )
    return {"op": item.join, "items": [_item(resource, inner) for inner in item.items]}


def _condition(resource: Resource, condition: Condition) -> dict[str, Any]:
    op = OPERATORS.get(condition.op)
    if op is None:
        raise ValueError(f"Autotask knows no operator “{condition.op}” and would return every record.")
    field = resource.by_name.get(condition.field)
    if field is None or not field.queryable:
        raise ValueError(f"Autotask cannot filter {resource.label} by “{field.label if field else condition.field}”.")
    said: dict[str, Any] = {"op": op, "field": bare(field.name)}
    if condition.op not in WITHOUT_VALUE:
        said["value"] = _value(resource, field, condition)
    return {**said, "udf": True} if is_udf(field.name) else said


def _value(resource: Resource, field: Field, condition: Condition) -> Value:
    if condition.op not in WITH_LIST:
        return _one(resource, field, condition.value)
    listed = condition.value
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_ORS:
        raise ValueError(f"“{condition.op}” takes a list of 1 to {MOST_ORS} values.")
    return [_one(resource, field, value) for value in listed]


def _one(resource: Resource, field: Field, value: Value) -> Value:
    if value is None:
        raise ValueError(f"{field.label} is compared with a value; to find empty ones ask for “is empty”.")
    if field.name == resource.id_field:
        return number(value)
    return encode(resource.name, field, value)
