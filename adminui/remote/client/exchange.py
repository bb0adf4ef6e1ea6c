"""What is shown and kept of an exchange: the request and the answer, never a header, never anything of a sign-in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

SHOWN: Final = 20_000
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


Observer: TypeAlias = Callable[[Exchange], None]


def tell(observer: Observer | None, exchange: Exchange) -> None:
    """An observer that fails must not cost us the answer to a write."""
    if observer is None:
        return
    try:
        observer(exchange)
    except Exception:
        logger.exception("An observer of the remote client failed")
