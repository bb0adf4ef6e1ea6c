"""The few HTTP values every sandbox API is written against, and the JSON they travel as."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

# The standard encoder cannot write a Decimal as a number, so each one travels through it as a marked string.
_MARK = secrets.token_hex(8)
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


@dataclass(frozen=True)
class Request:
    """One request as seen by an API: header names lower-cased, path percent-decoded and without its query."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    def parameter(self, name: str, default: str = "") -> str:
        """The last value of a query parameter, as Django reads it."""
        return next((value for key, value in reversed(self.query) if key == name), default)

    def json(self) -> Any:
        """The parsed body with exact decimals; ValueError when it is not JSON."""
        return read_json(self.body)


@dataclass
class Response:
    """An answer; `cookies` are whole Set-Cookie values, since a mapping holds one header per name."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()

    def payload(self) -> bytes:
        """Bytes and text as they are, None as nothing, everything else as JSON."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else write_json(self.body)).encode()

    def content_type(self) -> str:
        if isinstance(self.body, str):
            return "text/html; charset=utf-8"
        return "application/octet-stream" if isinstance(self.body, bytes) else "application/json"


class Api(Protocol):
    """What the server, the faults and the control plane need of an imitation; each keeps its own lock."""

    switches: dict[str, object]

    def handle(self, request: Request) -> Response: ...

    def change(self, resource: str, record_id: int, values: dict[str, Any]) -> dict[str, Any]:
        """Change a record behind the user's back and bump its modified stamp; KeyError when there is none."""

    def dump(self, resource: str) -> list[dict[str, Any]]:
        """Copies of all records of a resource; KeyError when there is no such resource."""

    def expire_sessions(self) -> None:
        """The next request is answered as the API answers a login that has run out."""


def _not_a_number(text: str) -> Any:
    raise ValueError(f"Out of range float values are not JSON compliant: {text!r}")


def read_json(body: bytes) -> Any:
    return json.loads(body.decode(), parse_float=Decimal, parse_constant=_not_a_number)


def _marked(value: object) -> str:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{_MARK}{value}"
    raise TypeError(f"{value!r} has no JSON form")


def write_json(value: object) -> str:
    """Compact JSON in which a Decimal is a number with exactly its digits."""
    text = json.dumps(value, default=_marked, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _MARKED.sub(r"\1", text) if _MARK in text else text
