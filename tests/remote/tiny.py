"""The smallest dialect that needs everything of a client: cookie login, write headers, pages, refusals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adminui.dialects.base import (
    Access,
    ApiRequest,
    ApiResponse,
    ApiUsage,
    Describe,
    Described,
    Page,
    ResourceName,
    SignIn,
)
from adminui.dialects.errors import (
    BadCredentials,
    Gone,
    NotOffered,
    Rejected,
    SignedOut,
    Throttled,
    Unavailable,
)
from adminui.planning.capabilities import Capabilities
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Step
from adminui.records.queries import Query
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import Record, RecordId

THINGS = Resource("things", "Things", "Thing", (Field("id", "Id", Kind.INTEGER), Field("price", "Price", Kind.DECIMAL)))
READ = ApiRequest("GET", "things/1")
WRITE = ApiRequest("PATCH", "things/1", body={"name": "new"}, writes=True)
CREDENTIALS = {"user": "ops", "password": "hunter2-hunter2"}


@dataclass(frozen=True)
class Tiny:
    logs_in: bool = False
    counts: bool = True
    tells_usage: bool = False
    name: str = "tiny"
    credentials: tuple[str, ...] = ("user", "password")
    optional_credentials: tuple[str, ...] = ()

    def resources(self) -> Sequence[ResourceName]:
        return (ResourceName("things", "Things"),)

    def sign_in(self, base_url: str, credentials: Mapping[str, str]) -> SignIn:
        if self.logs_in:
            response = yield ApiRequest("POST", "login", (("user", credentials["user"]),), body=dict(credentials))
            if response.status != 200:
                raise BadCredentials("The tiny API does not know this user.", status=response.status)
        return Access(base_url, {"Authorization": f"Key {credentials['password']}"}, {"On-Behalf-Of": "someone"})

    def describe(self, resource: str) -> Describe:
        response = yield ApiRequest("OPTIONS", resource)
        return Described(THINGS, Capabilities(patch=response.status != 405))

    def read_one(self, resource: Resource, record_id: RecordId) -> ApiRequest:
        return ApiRequest("GET", f"{resource.name}/{record_id}")

    def record(self, resource: Resource, response: ApiResponse) -> Record:
        found: Record = response.json
        return found

    def read_page(self, resource: Resource, query: Query) -> ApiRequest:
        size = (("size", str(query.page_size)),)
        return ApiRequest("GET", resource.name, (("page", str(query.page)), *size))

    def read_many(self, resource: Resource, ids: Sequence[RecordId]) -> ApiRequest:
        return ApiRequest("GET", resource.name, (("ids", ",".join(map(str, ids))),))

    def page(self, resource: Resource, request: ApiRequest, response: ApiResponse) -> Page:
        document: dict[str, Any] = response.json
        following = document.get("next")
        return Page(
            tuple(document["items"]), ApiRequest("GET", following) if following else None, document.get("count")
        )

    def count(self, resource: Resource, query: Query) -> ApiRequest | None:
        return ApiRequest("GET", f"{resource.name}/count") if self.counts else None

    def counted(self, response: ApiResponse) -> int:
        return int(response.json["count"])

    def write(self, resource: Resource, step: Step, live: Mapping[RecordId, Record]) -> ApiRequest:
        return ApiRequest("PATCH", f"{resource.name}/{step.ids[0]}", body=step.rows[0].values, writes=True)

    def outcomes(self, resource: Resource, step: Step, response: ApiResponse) -> tuple[RowResult, ...]:
        return tuple(RowResult(record_id, Outcome.DONE) for record_id in step.ids)

    def usage(self) -> ApiRequest | None:
        return ApiRequest("GET", "usage") if self.tells_usage else None

    def used(self, response: ApiResponse) -> ApiUsage:
        return ApiUsage(int(response.json["used"]), int(response.json["limit"]), 3600.0)

    def refusal(self, response: ApiResponse) -> None:
        status = response.status
        if status == 401:
            raise SignedOut("The login is over.", status=status)
        if status == 429:
            told = response.headers.get("retry-after")
            raise Throttled("Too many calls.", retry_after=float(told) if told else None)
        if status == 404:
            raise Gone("There is none.", status=status)
        if status == 405:
            raise NotOffered("Not here.", status=status)
        if status >= 500:
            raise Unavailable(f"The API answered {status}.", status=status)
        if status >= 400:
            raise Rejected(("No.",), status=status)
