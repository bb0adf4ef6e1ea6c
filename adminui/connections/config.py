"""What connections.toml says: which APIs there are, and what is known of them here. Secrets stay references."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Limits:
    """The most calls at once, and per rolling hour; None leaves the hour to what the API itself allows."""

    max_concurrency: int = 4
    calls_per_hour: int | None = None


@dataclass(frozen=True)
class Guards:
    """What is asked of a person before a plan is sent, each from more than so many records on; None: never.

    `type_above`: type the number of records; `note_above`: give a note or ticket; `canary_above`: one record is sent
    first and looked at.
    """

    type_above: int | None = 1_000
    note_above: int | None = None
    canary_above: int | None = None


PRODUCTION_GUARDS = Guards(type_above=0, note_above=100, canary_above=50)


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
    guards: Guards = Guards()
    resources: Mapping[str, Overrides] = field(default_factory=dict)

    @property
    def production(self) -> bool:
        return self.environment == "production"


class ConfigError(Exception):
    """All that is wrong with the file: `problems`, a line each, in the order of the file."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def resolve(reference: str) -> str:
    """The secret behind a reference. Raises LookupError with words that name the reference, never a value."""
    kind, _, where = reference.partition(":")
    if kind == "env":
        found, what = os.environ.get(where, ""), f"the environment variable {where}"
        if not found:
            raise LookupError(f"{what} is not set")
    else:
        found, what = _held_in(where), f"the file {where}"
        if not found:
            raise LookupError(f"{what} is empty")
    if not found.isprintable():
        raise LookupError(f"{what} does not hold one line of text")
    return found


def _held_in(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise LookupError(f"the file {file} does not hold one line of text") from None
    except OSError as error:
        raise LookupError(f"the file {file} cannot be read ({error.strerror})") from None
