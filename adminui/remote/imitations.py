"""Where a practice gets an imitation of an API from. Which there are is said by whoever starts the product."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class Imitation(Protocol):
    """An imitation of an API, answering on loopback until it is stopped."""

    @property
    def url(self) -> str: ...

    @property
    def credentials(self) -> Mapping[str, str]: ...

    def stop(self) -> None: ...


class Imitate(Protocol):
    def __call__(self, dialect: str, **given: Any) -> Imitation:
        """Serve an imitation that holds what is given, all of it plain data."""


class LooksAt(Protocol):
    def __call__(self, dialect: str, resource: str, fields: Collection[str]) -> frozenset[str]:
        """The references behind which its rules look when these fields are changed."""


@dataclass(frozen=True)
class Imitations:
    imitate: Imitate
    looks_at: LooksAt


_offered: list[Imitations] = []


def offer(imitations: Imitations) -> None:
    _offered[:] = [imitations]


def offered() -> Imitations | None:
    return _offered[0] if _offered else None
