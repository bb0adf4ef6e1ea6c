"""Reading: one record, a page, many by id. Pages go by number; a foreign `next` address is never followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from adminui.dialects.base import ApiRequest, ApiResponse, Page
from adminui.dialects.buzz.failures import read_failure
from adminui.dialects.buzz.filters import ignored, parameters
from adminui.dialects.buzz.statuses import check, detail, document_of
from adminui.dialects.errors import Gone, Rejected, Unavailable, Unknown
from adminui.records.queries import Query
from adminui.records.schema import Resource
from adminui.records.values import Record, RecordId

# 100 ids of 10 digits and their commas are 1,100 characters: with host and path well under the 2,000 that
# proxies commonly let pass.
MAX_IDS: Final = 100


def path_of(resource: str, record_id: RecordId) -> str:
    """A record's address under the base; the id is one path segment whatever it holds."""
    segment = quote(str(record_id), safe="")
    if segment in ("", ".", ".."):
        raise ValueError(f"{record_id!r} is not a record id")
    return f"{resource}/{segment}"


def read_one(resource: Resource, record_id: RecordId) -> ApiRequest:
    try:
        return ApiRequest("GET", path_of(resource.name, record_id))
    except ValueError as error:
        raise Gone(str(error)) from error


def record(resource: Resource, response: ApiResponse) -> Record:
    _checked(resource, response)
    found = unwrap(response.json)
    if not isinstance(found, dict) or resource.id_field not in found:
        raise Unknown(f"Buzz answered with something that is no {resource.singular.lower()}.", status=response.status)
    return found


def unwrap(document: Any) -> Any:
    """The object in an answer: bare, as `result` (creatives), or as the only one of `results`."""
    if isinstance(document, dict) and "id" not in document:
        if isinstance(document.get("result"), dict | list):
            return document["result"]
        results = document.get("results")
        if isinstance(results, list) and "count" not in document:
            return results[0] if len(results) == 1 else results
    return document


def read_page(resource: Resource, query: Query) -> ApiRequest:
    paging = (("page", str(query.page)), ("page_size", str(query.page_size)))
    return ApiRequest("GET", resource.name, query=(*parameters(resource, query), *paging))


def read_many(resource: Resource, ids: Sequence[RecordId]) -> ApiRequest:
    """By `id__in`. Never with no ids: an empty list may be taken for no filter, and every record comes back."""
    if not 0 < len(ids) <= MAX_IDS:
        raise ValueError(f"{len(ids)} ids in one call; it takes 1 to {MAX_IDS}")
    listed = [str(i) for i in ids]
    if any("," in i or not i for i in listed):
        raise ValueError("an id with a comma in it cannot be asked for in a list")
    where = (f"{resource.id_field}__in", ",".join(listed))
    return ApiRequest("GET", resource.name, query=(where, ("page_size", str(MAX_IDS))))


def page(resource: Resource, request: ApiRequest, response: ApiResponse) -> Page:
    """Records and the page after. A page past the end (records went away meanwhile) is an empty one."""
    number = int(dict(request.query).get("page", "1"))
    if response.status == 404 and number > 1 and detail(response) == "Invalid page.":
        return Page(())
    _checked(resource, response)
    envelope = _envelope(response)
    records = _records(resource, envelope, response)
    if (name := ignored(resource, request, records)) is not None:
        raise Rejected((f"Buzz does not filter by “{name}” here: it sent records that do not match.",))
    count = envelope.get("count")
    return Page(records, _next(request, number, envelope, response.status), count if isinstance(count, int) else None)


def counted(response: ApiResponse) -> int:
    check(response)
    count = _envelope(response).get("count")
    if not isinstance(count, int):
        raise Unavailable("Buzz did not say how many records there are.", status=response.status)
    return count


def _checked(resource: Resource, response: ApiResponse) -> None:
    check(response)
    if response.status >= 400:
        failure = read_failure(resource, document_of(response), ())
        raise Rejected(failure.whole.messages + _by_field(failure.whole.by_field), status=response.status)


def _by_field(said: Any) -> tuple[str, ...]:
    return tuple(f"{name}: {text}" for name, texts in said.items() for text in texts)


def _envelope(response: ApiResponse) -> dict[str, Any]:
    try:
        document = response.json
    except Unknown as error:
        raise Unavailable(error.message, status=response.status) from error
    if not isinstance(document, dict) or not isinstance(document.get("results"), list):
        raise Unavailable("Buzz answered with something that is no page of records.", status=response.status)
    return document


def _records(resource: Resource, envelope: dict[str, Any], response: ApiResponse) -> tuple[Record, ...]:
    rows = envelope["results"]
    if not all(isinstance(row, dict) and isinstance(row.get(resource.id_field), int | str) for row in rows):
        raise Unavailable("Buzz sent a page with something in it that is no record.", status=response.status)
    return tuple(rows)


def _next(request: ApiRequest, number: int, envelope: dict[str, Any], status: int) -> ApiRequest | None:
    """The same request with the page number that `next` names; it must lead forward, or reading would never end."""
    address = envelope.get("next")
    if not address:
        return None
    named = parse_qs(urlsplit(str(address)).query).get("page", [""])[-1]
    if not named.isdecimal() or int(named) <= number:
        raise Unavailable("Buzz says there are more records, but not where.", status=status)
    others = tuple(pair for pair in request.query if pair[0] != "page")
    return replace(request, query=(*others, ("page", named)))
