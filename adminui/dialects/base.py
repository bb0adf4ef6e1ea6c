"""The narrow interface of a dialect, and the requests and answers it speaks in. No I/O: `remote` carries them."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from adminui.dialects.errors import Unknown
from adminui.planning.capabilities import Capabilities
from adminui.planning.outcomes import RowResult
from adminui.planning.plan import Step
from adminui.records.casting import from_json
from adminui.records.queries import Query
from adminui.records.schema import Resource
from adminui.records.values import Record, RecordId


@dataclass(frozen=True)
class ApiRequest:
    """One HTTP request, without host or credentials. `path` is under the base address of `Access`, or a whole address
    for a next page. `body` is JSON (None: no body). `writes` says whether sending it twice could matter; `lane` names
    what the API counts concurrent calls by; `cap` the most of them at once, if the API has one.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = field(default=None, repr=False)
    writes: bool = False
    lane: str = ""
    cap: int | None = None


@dataclass(frozen=True)
class ApiResponse:
    """An answer as it came: header names in lower case, the text whole."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def json(self) -> Any:
        """The body as JSON with exact decimals. Raises Unknown when it is none: a cut answer proves nothing."""
        try:
            return from_json(self.text)
        except ValueError as error:
            kind = "a web page" if self.text.lstrip().startswith("<") else "no readable JSON"
            raise Unknown(f"The API answered {self.status} with {kind}.", status=self.status) from error


@dataclass(frozen=True)
class Access:
    """What signing in gives: where calls go, headers for all calls, and for writes only. Cookies live in the client."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    write_headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Page:
    """A page of records; `next` continues it, None at the end; `count` is all that match, where the answer tells."""

    records: tuple[Record, ...]
    next: ApiRequest | None = None
    count: int | None = None


@dataclass(frozen=True)
class Described:
    """A resource as the API describes it, and what can be done with it there."""

    resource: Resource
    capabilities: Capabilities


@dataclass(frozen=True)
class ResourceName:
    """A resource the dialect knows of, before the API has been asked about it."""

    name: str
    label: str
    main: bool = True  # listed first; the others are look-ups


@dataclass(frozen=True)
class ApiUsage:
    """The API's own count of everybody's calls within its time frame, and the most it allows."""

    used: int
    limit: int
    timeframe_seconds: float


# A conversation: yields requests, is sent the answers, returns its result. As httpx's auth_flow, for any purpose.
SignIn: TypeAlias = Generator[ApiRequest, ApiResponse, Access]
Describe: TypeAlias = Generator[ApiRequest, ApiResponse, Described]


class Dialect(Protocol):
    """Everything the product knows of one API. Methods that take an answer raise a RemoteError for a refusal."""

    name: str
    credentials: tuple[str, ...]  # names that must be configured
    optional_credentials: tuple[str, ...]

    def resources(self) -> Sequence[ResourceName]:
        """What may be opened at all."""

    def sign_in(self, base_url: str, credentials: Mapping[str, str]) -> SignIn:
        """Converse until signed in; raises BadCredentials."""

    def describe(self, resource: str) -> Describe:
        """Converse until the resource's schema and capabilities are known."""

    def read_one(self, resource: Resource, record_id: RecordId) -> ApiRequest:
        """One record; its answer goes to `record`. Raises Gone for what cannot be an id there."""

    def record(self, resource: Resource, response: ApiResponse) -> Record:
        """The record in the answer to `read_one`; raises Gone."""

    def read_page(self, resource: Resource, query: Query) -> ApiRequest:
        """A page of what matches; its answer goes to `page`. Ascending by id where the API has an order."""

    def read_many(self, resource: Resource, ids: Sequence[RecordId]) -> ApiRequest:
        """These records, at most `capabilities.read_many` of them; its answer, with its next pages, goes to `page`."""

    def page(self, resource: Resource, request: ApiRequest, response: ApiResponse) -> Page:
        """Records, continuation and count from an answer to `request`."""

    def count(self, resource: Resource, query: Query) -> ApiRequest | None:
        """A request for the number of matches; None when every page tells it."""

    def counted(self, response: ApiResponse) -> int:
        """The number in the answer to `count`."""

    def write(self, resource: Resource, step: Step, live: Mapping[RecordId, Record]) -> ApiRequest:
        """The request of a plan step. `live` holds the records as last read; a PUT is built from them. Raises Rejected
        when it cannot be built without losing something (a masked value, an unread record).
        """

    def outcomes(self, resource: Resource, step: Step, response: ApiResponse) -> tuple[RowResult, ...]:
        """What the answer says of each row of the step, every row once, matched by id. A refusal by validation is a
        result (REJECTED for rows it names, NOT_SENT for good rows in an all-or-nothing batch), not an exception;
        SignedOut, Throttled, NotOffered, Unavailable and Unknown are raised.
        """

    def usage(self) -> ApiRequest | None:
        """A request for the API's own count of calls; None where it does not tell."""

    def used(self, response: ApiResponse) -> ApiUsage:
        """The count in the answer to `usage`."""

    def refusal(self, response: ApiResponse) -> None:
        """Raise what the status of any answer means (SignedOut, Throttled, Forbidden, …), or return for success."""
