"""Send one plan step and say what became of every row in it. Never sends anything twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Event
from typing import NamedTuple

from adminui.dialects.errors import (
    BadCredentials,
    Forbidden,
    Gone,
    NotOffered,
    NotSent,
    Rejected,
    RemoteError,
    SignedOut,
    Throttled,
)
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Step
from adminui.records.schema import Resource
from adminui.records.values import Record, RecordId
from adminui.remote.client import Client

_NOTHING_HAPPENED = (NotSent, SignedOut, BadCredentials, Throttled)
_REFUSED = (Rejected, Forbidden, Gone, NotOffered)


class Answer(NamedTuple):
    """One result per row, in the step's order, and the error they all come of, if there was one."""

    results: tuple[RowResult, ...]
    error: RemoteError | None = None


def send_step(
    client: Client,
    resource: Resource,
    step: Step,
    live: Mapping[RecordId, Record],
    *,
    max_wait: float | None = None,
    unless: Event | None = None,
) -> Answer:
    """Raises NotOffered for a bulk step whose address does not exist. `max_wait`: seconds, when it is throttled.
    `unless`: once it is set nothing is sent.
    """
    dialect = client.dialect
    try:
        request = dialect.write(resource, step, live)
    except Rejected as error:
        return Answer(_all(step, Outcome.NOT_SENT, error), error)
    try:
        response = client.send(request, max_wait=max_wait, unless=unless)
        return Answer(_in_order(step, dialect.outcomes(resource, step, response)))
    except RemoteError as error:
        if isinstance(error, NotOffered) and len(step.rows) > 1:
            raise
        return Answer(_all(step, _fate(error), error), error)


def _fate(error: RemoteError) -> Outcome:
    """What an error proves about a write: refused before work, refused after reading it, or nothing at all."""
    if isinstance(error, _NOTHING_HAPPENED):
        return Outcome.NOT_SENT
    return Outcome.REJECTED if isinstance(error, _REFUSED) else Outcome.UNKNOWN


def _all(step: Step, outcome: Outcome, error: RemoteError) -> tuple[RowResult, ...]:
    rows = error.rows if isinstance(error, Rejected) else {}
    whole = error.messages if isinstance(error, Rejected) and error.messages else (error.message,)
    return tuple(
        RowResult(
            i,
            outcome,
            rows[i].messages if i in rows else whole,
            rows[i].by_field if i in rows else {},
            suspect=i not in rows and len(step.ids) > 1,
        )
        for i in step.ids
    )


def _said_once(result: RowResult) -> RowResult:
    """Words that name a field stand at the field only."""
    if not (result.messages and result.by_field):
        return result
    at_fields = {words for said in result.by_field.values() for words in said}
    return replace(result, messages=tuple(words for words in result.messages if words not in at_fields))


def _in_order(step: Step, results: tuple[RowResult, ...]) -> tuple[RowResult, ...]:
    """Every row accounted for by id: one the answer does not speak of is unknown, never done."""
    by_id = {str(result.record_id): _said_once(result) for result in results}
    missing = RowResult("", Outcome.UNKNOWN, ("The answer does not mention this record.",))
    found = ((i, by_id.get(str(i), missing)) for i in step.ids)
    return tuple(result if result.record_id == i else replace(result, record_id=i) for i, result in found)
