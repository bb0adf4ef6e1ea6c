"""What reading a record back proves of a row that was sent, in words a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import compress
from operator import ne

from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.verify import differing, verified
from adminui.records.changes import ChangeSet, merge, moved
from adminui.records.values import MISSING, MaybeValue, Record, RecordId, same
from adminui.services.catalog import Opened

MOVED = "Somebody else changed this since it was read; nothing of this record was sent."
GONE = "The API does not have this record any more."
ALREADY = "The record holds these values already."
UNPROVEN = {
    Outcome.DONE: "The API accepted it; it could not be read back afterwards to make sure.",
    Outcome.UNKNOWN: "The record could not be read back either; read it before you send this again.",
}
BESIDES = "Nobody asked for it, but this changed too, by the API itself or by somebody else: {}."
FLIPPED = "It was stored, and changed again within seconds: by a rule of the API's, or by somebody else."
STILL_OPEN = "No answer came in time, and reading the record showed nothing of it so far: the API may be at it still."


def held(opened: Opened, row: ChangeSet, current: Record | None) -> RowResult | None:
    """Why a row is not to be sent, by the record as it is now; None when it is."""
    if current is None:
        return RowResult(row.record_id, Outcome.NOT_SENT, (GONE,))
    merged = merge(opened.whole, row, _seen(row), current)
    if merged.clashes:
        return RowResult(row.record_id, Outcome.CONFLICT, (MOVED,), theirs={c.field: c.theirs for c in merged.clashes})
    return None if merged.changeset.changes else RowResult(row.record_id, Outcome.UNCHANGED, (ALREADY,))


def shown(opened: Opened, row: ChangeSet, result: RowResult) -> bool:
    """Whether the answer itself shows the asked values; one that shows others may speak of another record."""
    return result.stored is not None and not differing(opened.whole, row, result.stored)


def proven(
    opened: Opened, row: ChangeSet, result: RowResult, before: Record | None, read: Mapping[RecordId, Record] | None
) -> RowResult:
    """The result settled by `read`, the records as read back; None when they could not be."""
    if result.outcome is Outcome.DONE and result.stored is not None and (read is None or shown(opened, row, result)):
        return _besides(opened, row, verified(opened.whole, row, result, result.stored), before)
    if read is None:
        return replace(result, messages=(*result.messages, UNPROVEN[result.outcome]))
    return _besides(opened, row, verified(opened.whole, row, result, read.get(row.record_id)), before)


def _besides(opened: Opened, row: ChangeSet, result: RowResult, before: Record | None) -> RowResult:
    """The result, with a word on fields that nobody asked to change and that hold something else now; and with what
    stood in asked fields that somebody else had set meanwhile, for an undo must not take that back.
    """
    if before is None or result.stored is None:
        return result
    if set_already := _set_already(opened, row, before):
        result = replace(result, theirs=set_already)
    found = _moved_besides(opened, row, before, result.stored or {})
    names = ", ".join(opened.resource.by_name[name].label for name in found if not opened.resource.by_name[name].hidden)
    return replace(result, messages=(*result.messages, BESIDES.format(names))) if names else result


def _moved_besides(opened: Opened, row: ChangeSet, before: Record, stored: Record) -> list[str]:
    names = opened.whole.writable_names
    others = set(compress(names, map(ne, map(before.get, names), map(stored.get, names)))) - set(row.fields)
    if not others:  # nearly always, and much faster to know than what it would mean
        return []
    return [c.field for c in moved(opened.resource, row, before, stored) if c.field in others]


def _set_already(opened: Opened, row: ChangeSet, before: Record) -> dict[str, MaybeValue]:
    stood = ((change, before.get(change.field, MISSING)) for change in row.changes)
    return {c.field: value for c, value in stood if not same(opened.whole.by_name[c.field], value, c.before)}


def flipped(opened: Opened, row: ChangeSet, current: Record | None) -> RowResult | None:
    """A row that was done, looked at again a while later: what to say when it is not as it was asked any more."""
    if current is None or not differing(opened.whole, row, current):
        return None
    result = verified(opened.whole, row, RowResult(row.record_id, Outcome.DONE), current)
    return replace(result, messages=(FLIPPED,))


def _seen(row: ChangeSet) -> Record:
    return {c.field: c.before for c in row.changes if c.before is not MISSING}
