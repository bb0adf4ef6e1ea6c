"""The dialect itself: each member a few lines over the modules beside it."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from adminui.dialects.autotask import query as queries
from adminui.dialects.autotask import signing, thresholds, writing
from adminui.dialects.autotask.entities import RICH_TEXT, resource_names
from adminui.dialects.autotask.failures import by_field, messages, refuse
from adminui.dialects.autotask.schema import build
from adminui.dialects.autotask.udf import flatten
from adminui.dialects.base import ApiRequest, ApiResponse, ApiUsage, Describe, Described, Page, ResourceName, SignIn
from adminui.dialects.errors import Forbidden, Gone, Rejected, Unknown
from adminui.planning.capabilities import Capabilities
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Step
from adminui.records.queries import Query
from adminui.records.schema import Resource
from adminui.records.values import Record, RecordId


class Autotask:
    """Autotask PSA REST API 1.0."""

    name: str = "autotask"
    credentials: tuple[str, ...] = ("username", "secret", "integration_code")
    optional_credentials: tuple[str, ...] = ("impersonation_resource_id",)

    def resources(self) -> Sequence[ResourceName]:
        return resource_names()

    def sign_in(self, base_url: str, credentials: Mapping[str, str]) -> SignIn:
        return signing.sign_in(base_url, credentials)

    def describe(self, resource: str) -> Describe:
        """Three calls: what may be done, the fields, the user-defined fields."""
        if not (resource.isascii() and resource.isalnum()):
            raise Gone(f"Autotask has no resource “{resource}”.")
        info = yield from _ask(resource, "", "info")
        fields = yield from _ask(resource, "/fields", "fields")
        udfs = yield from _user_defined(resource, info)
        described = build(resource, info, fields, udfs)
        return Described(described, _capabilities(described))

    def read_one(self, resource: Resource, record_id: RecordId) -> ApiRequest:
        try:
            path = f"/{resource.name}/{queries.number(record_id)}"
        except ValueError as error:
            raise Gone(str(error)) from error
        return ApiRequest("GET", path, lane=resource.name, cap=queries.CONCURRENT)

    def record(self, resource: Resource, response: ApiResponse) -> Record:
        """A missing record is a 404 at some tenants and a null item at others."""
        refuse(response)
        answer = response.json
        if isinstance(answer, dict) and "item" in answer and answer["item"] is None:
            raise Gone("Autotask has no such record.", status=response.status)
        item = answer.get("item") if isinstance(answer, dict) else None
        if not isinstance(item, dict) or "id" not in item:
            raise Unknown("Autotask's answer holds no record.", status=response.status)
        return flatten(resource, item)

    def read_page(self, resource: Resource, query: Query) -> ApiRequest:
        return queries.read_page(resource, query)

    def read_many(self, resource: Resource, ids: Sequence[RecordId]) -> ApiRequest:
        return queries.read_many(resource, ids)

    def page(self, resource: Resource, request: ApiRequest, response: ApiResponse) -> Page:
        refuse(response)
        return queries.page(resource, request, response)

    def count(self, resource: Resource, query: Query) -> ApiRequest | None:
        return queries.count(resource, query)

    def counted(self, response: ApiResponse) -> int:
        refuse(response)
        return queries.counted(response)

    def write(self, resource: Resource, step: Step, live: Mapping[RecordId, Record]) -> ApiRequest:
        return writing.write(resource, step, live)

    def outcomes(self, resource: Resource, step: Step, response: ApiResponse) -> tuple[RowResult, ...]:
        """Success is the written record's id and nothing more; what was stored has to be read."""
        (row,) = step.rows
        if response.status == 200:
            return (_accepted(row.record_id, response),)
        try:
            refuse(response)
        except (Rejected, Forbidden, Gone) as refused:
            said = refused.messages if isinstance(refused, Rejected) else (refused.message,)
            named = by_field(resource, said, row.fields)
            return (RowResult(row.record_id, Outcome.REJECTED, said, named),)
        raise AssertionError(f"{response.status} was taken for a success")

    def usage(self) -> ApiRequest | None:
        return thresholds.usage()

    def used(self, response: ApiResponse) -> ApiUsage:
        refuse(response)
        return thresholds.used(response)

    def refusal(self, response: ApiResponse) -> None:
        refuse(response)


def _accepted(record_id: RecordId, response: ApiResponse) -> RowResult:
    answer = response.json
    written = answer.get("itemId") if isinstance(answer, dict) else None
    if written is not None and str(written) == str(record_id):
        return RowResult(record_id, Outcome.DONE)
    if written is not None:
        return RowResult(record_id, Outcome.UNKNOWN, (f"Autotask says it wrote record {written} instead.",))
    said = messages(response) or ("Autotask answered 200 without saying which record it wrote.",)
    return RowResult(record_id, Outcome.UNKNOWN, said)


def _ask(resource: str, what: str, member: str) -> Generator[ApiRequest, ApiResponse, Any]:
    path = f"/{resource}/entityInformation{what}"
    response = yield ApiRequest("GET", path, lane=resource, cap=queries.CONCURRENT)
    refuse(response)
    answer = response.json
    part = answer.get(member) if isinstance(answer, dict) else None
    readable = isinstance(part, dict) if member == "info" else _all_named(part)
    if not readable:
        raise Unknown(f"Autotask's description of {resource} is unreadable.", status=response.status)
    return part


def _user_defined(resource: str, info: Mapping[str, Any]) -> Generator[ApiRequest, ApiResponse, Any]:
    """An entity without such fields answers with 404, or with no list or a refusal unless it claimed to have some.

    Should one have them all the same, its records show them, and no PUT is built from fields that are not described.
    """
    try:
        return (yield from _ask(resource, "/userDefinedFields", "fields"))
    except Gone:
        return []
    except (Rejected, Unknown):
        if info.get("hasUserDefinedFields") is not False:
            raise
        return []


def _all_named(part: Any) -> bool:
    return isinstance(part, list) and all(isinstance(entry, dict) and entry.get("name") for entry in part)


def _capabilities(resource: Resource) -> Capabilities:
    return Capabilities(
        patch=True,
        replace="nulls",
        max_batch=1,
        max_concurrency=queries.CONCURRENT,
        requests_per_hour=10_000,
        read_many=queries.MOST_IDS,
        ops=frozenset(queries.OPERATORS),
        or_groups=True,
        pages_by="id",
        flips=True,  # workflow rules may take a change back within seconds
        flattens=tuple(name for name in RICH_TEXT.get(resource.name, ()) if name in resource.by_name),
    )
