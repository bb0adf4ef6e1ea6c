"""Reading connections.toml: every mistake is found and named with its line, whatever the document holds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from adminui.connections import positions
from adminui.connections.config import PRODUCTION_GUARDS, ConfigError, Connection, Guards, Limits, Overrides
from adminui.remote.client.address import origin

ENVIRONMENTS: Final = ("sandbox", "production")
BULK_FORMS: Final = ("rows", "shared")
MOST_AT_ONCE: Final = 64
LONGEST: Final = 200
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_REFERENCE: Final = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")
_AT: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class Accepts:
    """What a dialect takes: credentials it needs, those it can do with, and the resources it knows."""

    needed: tuple[str, ...]
    optional: tuple[str, ...]
    resources: frozenset[str]


Dialects = Mapping[str, Accepts]
Problems = list[tuple[positions.Path, str]]


def read(path: Path, dialects: Dialects) -> dict[str, Connection]:
    """The connections in the file, by name; none when there is no file. Raises ConfigError."""
    text = _text(path)
    document = _parsed(path.name, text)
    problems: Problems = []
    found = _connections(_Table((), document, problems), dialects)
    if problems:
        lines = positions.lines(text)
        told = sorted((positions.line_of(lines, at), words) for at, words in problems)
        raise ConfigError([f"{path.name}, line {line}: {words}" for line, words in told])
    return found


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError([f"{path.name} cannot be read ({error.strerror})"]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path.name}, line {line}: this is not UTF-8 text"]) from None


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line = int(at[1]) if at and at[1] else text.rstrip("\n").count("\n") + 1
        raise ConfigError([f"{name}, line {line}: {_AT.sub('', str(error))}"]) from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets within thousands of brackets
        raise ConfigError([f"{name} cannot be read: a value in it is too large or too deep"]) from None


class _Table:
    """A table of the document. A wrong value is noted and replaced by something harmless, so that all are found."""

    def __init__(self, path: positions.Path, values: Mapping[str, Any], problems: Problems) -> None:
        self.path, self.values, self.problems = path, values, problems

    def problem(self, words: str, key: str | None = None) -> None:
        self.problems.append(((*self.path, key) if key is not None else self.path, words))

    def only(self, known: Collection[str]) -> None:
        for key in self.values:
            if key not in known:
                where = shown(".".join(self.path)) if self.path else "the file"
                self.problem(f"unknown key “{shown(key)}” in {where}; known: {', '.join(sorted(known))}", key)

    def table(self, key: str) -> _Table:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.problem(f"“{shown(key)}” must be a table", key)
            return _Table((*self.path, key), {}, [])  # one complaint is enough: nobody hears of what it lacks
        return _Table((*self.path, key), value, self.problems)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= LONGEST:
            return value
        expected = f"must be one line of text, {LONGEST} characters at most"
        self.problem(f"“{key}” is missing" if value is None else f"“{shown(key)}” {expected}", key)
        return ""

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        value = self.text(key)
        if value and value not in allowed:
            self.problem(f"“{key}” must be one of: {', '.join(allowed)}; not “{shown(value)}”", key)
            return ""
        return value

    def whole(self, key: str, most: int | None = None) -> int | None:
        value = self.values.get(key)
        if value is None:
            return None
        fits = isinstance(value, int) and not isinstance(value, bool) and value > 0
        if not fits or (most is not None and value > most):
            reach = "above 0" if most is None else f"from 1 to {most}"
            self.problem(f"“{key}” must be a whole number {reach}", key)
            return None
        return int(value)

    def whole_or_never(self, key: str, default: int | None) -> int | None:
        """A whole number, 0 among them, or `false`, which is None."""
        value = self.values.get(key, False if default is None else default)
        if value is False:
            return None
        if isinstance(value, int) and value is not True and value >= 0:
            return value
        self.problem(f"“{key}” must be a whole number, or false for never", key)
        return default

    def words(self, key: str, among: Collection[str] = ()) -> tuple[str, ...] | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self.problem(f"“{key}” must be a list of texts", key)
            return None
        if among and (wrong := [word for word in value if word not in among]):
            self.problem(f"“{key}” takes {', '.join(among)}; not “{shown(wrong[0])}”", key)
        return tuple(value)


def shown(text: str) -> str:
    """Somebody's text in a message of one line."""
    cut = text if len(text) <= 60 else f"{text[:60]}…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)


def _connections(document: _Table, dialects: Dialects) -> dict[str, Connection]:
    document.only(["connections"])
    tables = document.table("connections")
    return {name: _connection(name, tables.table(name), dialects) for name in tables.values}


def _connection(name: str, table: _Table, dialects: Dialects) -> Connection:
    if not _NAME.fullmatch(name):
        table.problem("a connection's name is lower-case letters, digits and hyphens")
    table.only(["label", "dialect", "base_url", "environment", "credentials", "limits", "guards", "resources"])
    environment = table.one_of("environment", ENVIRONMENTS)
    dialect = table.one_of("dialect", dialects)
    accepts = dialects.get(dialect)
    return Connection(
        name=name,
        label=table.text("label", default=name or "?"),
        dialect=dialect,
        base_url=_base_url(table),
        environment=environment,
        credentials=_credentials(table.table("credentials"), accepts),
        limits=_limits(table.table("limits")),
        guards=_guards(table.table("guards"), PRODUCTION_GUARDS if environment == "production" else Guards()),
        resources=_resources(table.table("resources"), accepts),
    )


def _base_url(table: _Table) -> str:
    """Judged by the parser that will carry the requests, so that no two readings of one address exist."""
    url = table.text("base_url").rstrip("/")
    if not url:
        return ""
    if "@" in url or "?" in url or "#" in url:
        table.problem("base_url takes no user, password, query or fragment", "base_url")
    elif re.search(r"\s", url) or origin(url) is None or not urlsplit(url).hostname:
        table.problem("base_url must be a whole address, such as https://acme.api.example.com", "base_url")
    return url


def _credentials(table: _Table, accepts: Accepts | None) -> dict[str, str]:
    if accepts is not None:
        table.only([*accepts.needed, *accepts.optional])
        for name in accepts.needed:
            if name not in table.values:
                table.problem(f"the credential “{name}” is missing")
    return {name: _reference(table, name) for name in table.values}


def _reference(table: _Table, name: str) -> str:
    value = table.values[name]
    if isinstance(value, str) and value.isprintable() and _REFERENCE.fullmatch(value):
        return value
    table.problem(f"“{shown(name)}” must be a reference, env:NAME or file:/path, never the secret itself", name)
    return ""


def _limits(table: _Table) -> Limits:
    table.only(["max_concurrency", "calls_per_hour"])
    at_once = table.whole("max_concurrency", MOST_AT_ONCE)
    return Limits(at_once or Limits.max_concurrency, table.whole("calls_per_hour"))


def _guards(table: _Table, usual: Guards) -> Guards:
    """What is not said is as usual in the connection's environment."""
    table.only(["type_above", "note_above", "canary_above"])
    return Guards(
        type_above=table.whole_or_never("type_above", usual.type_above),
        note_above=table.whole_or_never("note_above", usual.note_above),
        canary_above=table.whole_or_never("canary_above", usual.canary_above),
    )


def _resources(table: _Table, accepts: Accepts | None) -> dict[str, Overrides]:
    for name in table.values:
        if accepts is not None and name not in accepts.resources:
            table.problem(f"there is no resource “{shown(name)}” in this API", name)
    return {name: _overrides(table.table(name)) for name in table.values}


def _overrides(table: _Table) -> Overrides:
    table.only(["hidden", "labels", "columns", "bulk", "max_batch", "put"])
    labels = table.table("labels")
    return Overrides(
        hidden=table.words("hidden") or (),
        labels={field: labels.text(field) for field in labels.values},
        columns=table.words("columns") or (),
        bulk=table.words("bulk", among=BULK_FORMS),
        max_batch=table.whole("max_batch"),
        put=_put(table),
    )


def _put(table: _Table) -> Literal["keeps", "nulls"] | None:
    said = table.one_of("put", ("keeps", "nulls")) if "put" in table.values else ""
    return "keeps" if said == "keeps" else "nulls" if said == "nulls" else None
