"""connections.toml: which APIs there are. Read at start; a mistake is named with its line. Secrets stay references."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

ENVIRONMENTS: Final = ("sandbox", "production")
BULK_FORMS: Final = ("rows", "shared")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")


@dataclass(frozen=True)
class Limits:
    """What we may ask of the API at once and per rolling hour."""

    max_concurrency: int = 4
    calls_per_hour: int | None = None


@dataclass(frozen=True)
class Overrides:
    """What this installation knows better than the dialect about one resource. None: nothing said."""

    hidden: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    bulk: tuple[str, ...] | None = None
    max_batch: int | None = None
    put: Literal["keeps", "nulls"] | None = None


@dataclass(frozen=True)
class Connection:
    """One API to work on. `credentials` are references (`env:NAME`, `file:/path`), never the secrets themselves."""

    name: str
    label: str
    dialect: str
    base_url: str
    environment: str
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = Limits()
    resources: Mapping[str, Overrides] = field(default_factory=dict)

    @property
    def production(self) -> bool:
        return self.environment == "production"


class ConfigError(Exception):
    """All that is wrong with the file, a line each."""


Dialects = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]  # name → (credentials it needs, those it can take)


def read(path: Path, dialects: Dialects) -> dict[str, Connection]:
    """The connections in the file, by name; none when there is no file. Raises ConfigError."""
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: {error}") from error
    reader = _Reader(text, dialects)
    found = reader.connections(document)
    if reader.problems:
        raise ConfigError("\n".join(f"{path.name}, line {line}: {text}" for line, text in sorted(reader.problems)))
    return found


class _Reader:
    """Walks the document, collecting every problem with its line."""

    def __init__(self, text: str, dialects: Dialects) -> None:
        self.lines = text.splitlines()
        self.dialects = dialects
        self.problems: list[tuple[int, str]] = []

    def connections(self, document: Mapping[str, Any]) -> dict[str, Connection]:
        self.only_known((), document, {"connections"})
        tables = self.table((), document, "connections")
        return {name: made for name in tables if (made := self.connection(name, tables)) is not None}

    def connection(self, name: str, tables: Mapping[str, Any]) -> Connection | None:
        at = ("connections", name)
        before = len(self.problems)
        if not _NAME.fullmatch(name):
            self.problem(at, "a connection's name is lower-case letters, digits and hyphens")
        table = self.table(at[:1], tables, name)
        self.only_known(
            at, table, {"label", "dialect", "base_url", "environment", "credentials", "limits", "resources"}
        )
        made = Connection(
            name=name,
            label=self.text(at, table, "label", default=name),
            dialect=self.one_of(at, table, "dialect", tuple(self.dialects)),
            base_url=self.base_url(at, table),
            environment=self.one_of(at, table, "environment", ENVIRONMENTS),
            credentials=self.credentials(at, table),
            limits=self.limits(at, self.table(at, table, "limits")),
            resources=self.resources(at, self.table(at, table, "resources")),
        )
        return made if len(self.problems) == before else None

    def base_url(self, at: tuple[str, ...], table: Mapping[str, Any]) -> str:
        url = self.text(at, table, "base_url").rstrip("/")
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            self.problem((*at, "base_url"), "base_url must be a whole address, such as https://acme.api.example.com")
        elif parts.username or parts.password or parts.query or parts.fragment:
            self.problem((*at, "base_url"), "base_url takes no user, password, query or fragment")
        return url

    def credentials(self, at: tuple[str, ...], table: Mapping[str, Any]) -> dict[str, str]:
        needed, optional = self.dialects.get(str(table.get("dialect")), ((), ()))
        given = self.table(at, table, "credentials")
        at = (*at, "credentials")
        if table.get("dialect") in self.dialects:
            self.only_known(at, given, {*needed, *optional})
        for name in needed:
            if name not in given:
                self.problem(at, f"“{name}” is missing")
        for name, reference in given.items():
            if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
                self.problem(
                    (*at, name), f"“{name}” must be a reference, env:NAME or file:/path, never the secret itself"
                )
        return dict(given)

    def limits(self, at: tuple[str, ...], table: Mapping[str, Any]) -> Limits:
        at = (*at, "limits")
        self.only_known(at, table, {"max_concurrency", "calls_per_hour"})
        return Limits(
            self.positive(at, table, "max_concurrency") or Limits.max_concurrency,
            self.positive(at, table, "calls_per_hour"),
        )

    def resources(self, at: tuple[str, ...], tables: Mapping[str, Any]) -> dict[str, Overrides]:
        at = (*at, "resources")
        return {name: self.overrides((*at, name), self.table(at, tables, name)) for name in tables}

    def overrides(self, at: tuple[str, ...], table: Mapping[str, Any]) -> Overrides:
        self.only_known(at, table, {"hidden", "labels", "columns", "bulk", "max_batch", "put"})
        labels = self.table(at, table, "labels")
        for name, label in labels.items():
            if not isinstance(label, str):
                self.problem((*at, "labels", name), f"the label of “{name}” must be text")
        return Overrides(
            hidden=self.words(at, table, "hidden") or (),
            labels=dict(labels),
            columns=self.words(at, table, "columns") or (),
            bulk=self.words(at, table, "bulk", among=BULK_FORMS),
            max_batch=self.positive(at, table, "max_batch"),
            put=self.put(at, table),
        )

    def put(self, at: tuple[str, ...], table: Mapping[str, Any]) -> Literal["keeps", "nulls"] | None:
        said = self.one_of(at, table, "put", ("keeps", "nulls")) if "put" in table else None
        return "keeps" if said == "keeps" else "nulls" if said == "nulls" else None

    # Values of one kind each; a wrong one is noted and replaced by something harmless, so that all problems are found.

    def table(self, at: tuple[str, ...], table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.problem((*at, key), f"“{key}” must be a table")
        return {}

    def text(self, at: tuple[str, ...], table: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
        value = table.get(key, default)
        if isinstance(value, str) and value:
            return value
        self.problem((*at, key), f"“{key}” is missing" if key not in table else f"“{key}” must be text")
        return ""

    def one_of(self, at: tuple[str, ...], table: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(at, table, key)
        if value and value not in allowed:
            self.problem((*at, key), f"“{key}” must be one of: {', '.join(allowed)}; not “{value}”")
        return value

    def positive(self, at: tuple[str, ...], table: Mapping[str, Any], key: str) -> int | None:
        value = table.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self.problem((*at, key), f"“{key}” must be a whole number above 0")
        return None

    def words(
        self, at: tuple[str, ...], table: Mapping[str, Any], key: str, *, among: tuple[str, ...] = ()
    ) -> tuple[str, ...] | None:
        value = table.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.problem((*at, key), f"“{key}” must be a list of texts")
            return None
        if among and (wrong := [v for v in value if v not in among]):
            self.problem((*at, key), f"“{key}” takes {', '.join(among)}; not “{wrong[0]}”")
        return tuple(value)

    def only_known(self, at: tuple[str, ...], table: Mapping[str, Any], known: set[str]) -> None:
        for key in table:
            if key not in known:
                where = ".".join(at) or "the file"
                self.problem((*at, key), f"unknown key “{key}” in {where}; known: {', '.join(sorted(known))}")

    def problem(self, at: tuple[str, ...], text: str) -> None:
        self.problems.append((line_of(self.lines, at), text))


def line_of(lines: list[str], path: tuple[str, ...]) -> int:
    """The line that defines `path`, or the nearest table above it; tomllib itself keeps no positions."""
    best, deepest = 1, 0
    for number, table, key in _definitions(lines):
        here = (*table, *key)
        shared = len(here) if here == path[: len(here)] else 0
        if shared > deepest:
            best, deepest = number, shared
    return best


def _definitions(lines: list[str]) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    table: tuple[str, ...] = ()
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = _dotted(header[1])
            yield number, table, ()
        elif assignment := re.match(r"\s*([^=#\[]+?)\s*=", line):
            yield number, table, _dotted(assignment[1])


def _dotted(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))


def resolve(reference: str) -> str:
    """The secret behind a reference. Raises LookupError with words that name the reference, never a value."""
    kind, _, where = reference.partition(":")
    if kind == "env":
        if not os.environ.get(where):
            raise LookupError(f"the environment variable {where} is not set")
        return os.environ[where]
    try:
        return Path(where).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise LookupError(f"the file {where} cannot be read ({error.strerror})") from error
