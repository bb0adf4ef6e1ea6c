"""What is shown and kept of an exchange: the request and the answer, never a header, never anything of a sign-in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from adminui.logs import redacted

SHOWN: Final = 2_000_000
logger = logging.getLogger("adminui.remote")


@dataclass(frozen=True)
class Exchange:
    """One attempt: what was sent, and the answer (cut) or the fault. `status` is None when no answer came."""

    method: str
    url: str
    body_text: str
    status: int | None
    answer_text: str
    started_at: datetime
    seconds: float
    attempt: int
    fault: str | None

    def without(self, secrets: Collection[str]) -> Exchange:
        """The same with these values hidden: an API may repeat what we sign in with, in an answer or in an error."""
        return replace(
            self,
            url=redacted(self.url, secrets),
            body_text=redacted(self.body_text, secrets),
            answer_text=redacted(self.answer_text, secrets),
            fault=None if self.fault is None else redacted(self.fault, secrets),
        )


Observer: TypeAlias = Callable[[Exchange], None]
_observers: ContextVar[tuple[tuple[object, Observer], ...]] = ContextVar("observers", default=())


@contextmanager
def observed(source: object, observer: Observer) -> Iterator[None]:
    """Tell `observer` of every exchange that `source` makes in this thread meanwhile."""
    token = _observers.set((*_observers.get(), (source, observer)))
    try:
        yield
    finally:
        _observers.reset(token)


def tell(source: object, exchange: Exchange) -> None:
    """An observer that fails must not cost us the answer to a write."""
    for wanted, observer in _observers.get():
        if wanted is source:
            try:
                observer(exchange)
            except Exception:
                logger.exception("An observer of the remote client failed")
