"""What can go wrong between us and an API.

RemoteError
├── NotSent        refused, unreachable or timed out before a byte left: nothing was written, sending again is safe
├── Unknown        sent, and the answer was lost or unreadable: settle it by reading, never by sending again
├── Unavailable    the API answered that it cannot answer (5xx without a verdict), or a read failed
├── SignedOut      the login is over: sign in once more and repeat
├── BadCredentials the API does not accept the configured credentials
├── Forbidden      signed in, but not allowed to do this
├── Gone           there is no such record or address
├── NotOffered     the address exists, the method does not
├── Throttled      too many calls; `retry_after` seconds when the API says
└── Rejected       the API read the request and refused it, with its own words per row and field
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adminui.records.values import RecordId


class RemoteError(Exception):
    """The root. `message` is one sentence for a person; `status` the HTTP status, if there was one."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class NotSent(RemoteError):
    """Nothing left this machine."""


class Unknown(RemoteError):
    """It may have been written. `late`: we stopped waiting, and the API may be at it still."""

    def __init__(self, message: str, *, status: int | None = None, late: bool = False) -> None:
        super().__init__(message, status=status)
        self.late = late


class Unavailable(RemoteError):
    """The API could not answer."""


class SignedOut(RemoteError):
    """The session expired; the refusal came before any work."""


class BadCredentials(RemoteError):
    """Signing in failed."""


class Forbidden(RemoteError):
    """No permission at the API."""


class Gone(RemoteError):
    """No such record or address."""


class NotOffered(RemoteError):
    """Method not offered here."""


class Throttled(RemoteError):
    """Too many calls."""

    def __init__(self, message: str, *, status: int | None = 429, retry_after: float | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


@dataclass(frozen=True)
class RowErrors:
    """The API's words about one row: on the whole of it, and by field."""

    messages: tuple[str, ...] = ()
    by_field: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Rejected(RemoteError):
    """A refusal with reasons: `messages` about the whole request, `rows` about single records."""

    def __init__(
        self,
        messages: tuple[str, ...],
        *,
        rows: Mapping[RecordId, RowErrors] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(" ".join(messages) or "The API refused the request.", status=status)
        self.messages = messages
        self.rows = rows or {}
