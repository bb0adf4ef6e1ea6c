"""What became of each row of a request: a word for every fate, none of them stretched to cover another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adminui.records.values import MaybeValue, Record, RecordId


class Outcome(StrEnum):
    """Fates of a row. `UNKNOWN` was sent and its answer lost: it is settled by reading, never by sending again."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    UNCHANGED = "unchanged"
    NOT_STORED = "accepted but not stored"
    REJECTED = "rejected"
    CONFLICT = "conflict"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


SETTLED_WELL = frozenset({Outcome.DONE, Outcome.UNCHANGED})
OPEN = frozenset({Outcome.PENDING, Outcome.SENDING})
TO_FIX = frozenset(
    {Outcome.NOT_STORED, Outcome.REJECTED, Outcome.CONFLICT, Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.CANCELLED}
)


@dataclass(frozen=True)
class RowResult:
    """One row's outcome. `messages` are the API's own words, `by_field` those on a field; `stored` is its echo.

    `theirs` is what stood in fields that somebody else had changed meanwhile. `suspect`: it is refused because of this
    record or of another suspect.
    """

    record_id: RecordId
    outcome: Outcome
    messages: tuple[str, ...] = ()
    by_field: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stored: Record | None = None
    theirs: Mapping[str, MaybeValue] = field(default_factory=dict)
    suspect: bool = False
