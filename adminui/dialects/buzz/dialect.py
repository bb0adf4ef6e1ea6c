"""Buzz as a dialect: each member hands on to the module whose subject it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from adminui.dialects.base import ApiRequest, ApiResponse, ApiUsage, Describe, Page, ResourceName, SignIn
from adminui.dialects.buzz import answers, describing, reading, signing, statuses, writing
from adminui.dialects.buzz.profiles import PROFILES
from adminui.dialects.errors import Unknown
from adminui.planning.outcomes import RowResult
from adminui.planning.plan import Step
from adminui.records.queries import Query
from adminui.records.schema import Resource
from adminui.records.values import Record, RecordId


class Buzz:
    """See `adminui.dialects.base.Dialect`; without state, so one instance serves every connection."""

    name: str = "buzz"
    credentials: tuple[str, ...] = ("email", "password")
    optional_credentials: tuple[str, ...] = ("account_id",)

    def resources(self) -> Sequence[ResourceName]:
        return _RESOURCES

    def sign_in(self, base_url: str, credentials: Mapping[str, str]) -> SignIn:
        return signing.sign_in(base_url, credentials)

    def describe(self, resource: str) -> Describe:
        return describing.describe(resource)

    def read_one(self, resource: Resource, record_id: RecordId) -> ApiRequest:
        return reading.read_one(resource, record_id)

    def record(self, resource: Resource, response: ApiResponse) -> Record:
        return reading.record(resource, response)

    def read_page(self, resource: Resource, query: Query) -> ApiRequest:
        return reading.read_page(resource, query)

    def read_many(self, resource: Resource, ids: Sequence[RecordId]) -> ApiRequest:
        return reading.read_many(resource, ids)

    def page(self, resource: Resource, request: ApiRequest, response: ApiResponse) -> Page:
        return reading.page(resource, request, response)

    def count(self, resource: Resource, query: Query) -> ApiRequest | None:
        return None

    def counted(self, response: ApiResponse) -> int:
        return reading.counted(response)

    def write(self, resource: Resource, step: Step, live: Mapping[RecordId, Record]) -> ApiRequest:
        return writing.write(resource, step, live)

    def outcomes(self, resource: Resource, step: Step, response: ApiResponse) -> tuple[RowResult, ...]:
        return answers.outcomes(resource, step, response)

    def usage(self) -> ApiRequest | None:
        return None

    def used(self, response: ApiResponse) -> ApiUsage:
        raise Unknown("Buzz does not tell how many calls were made.", status=response.status)

    def refusal(self, response: ApiResponse) -> None:
        statuses.check(response)


_RESOURCES: Final = tuple(ResourceName(p.name, p.label, p.main) for p in PROFILES.values())
