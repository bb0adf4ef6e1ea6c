"""What a read-back proves: whether what was asked is what is stored. Pure."""

from __future__ import annotations

from dataclasses import replace

from adminui.planning.outcomes import Outcome, RowResult
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Resource
from adminui.records.values import MISSING, Record, same

WRITTEN_AFTER_ALL = "The answer was lost; reading the record back showed that the change was written."
NOT_WRITTEN = "The answer was lost; reading the record back showed that nothing was written by then."
HALF_WRITTEN = "The answer was lost, and the record now holds neither the old values nor the new ones."
VANISHED = "The record could not be read back: the API does not have it any more."


def verified(resource: Resource, row: ChangeSet, result: RowResult, stored: Record | None) -> RowResult:
    """A result settled by what is stored: DONE only when every asked value is there, UNKNOWN where reading can tell."""
    if result.outcome is Outcome.UNKNOWN:
        return _settled(resource, row, result, stored)
    if result.outcome is not Outcome.DONE:
        return result
    if stored is None:
        return replace(result, outcome=Outcome.UNKNOWN, messages=(*result.messages, VANISHED))
    if lost := differing(resource, row, stored):
        by_field = {name: (f"Accepted, but the API stores {_words(stored, name)}.",) for name in lost}
        return replace(result, outcome=Outcome.NOT_STORED, by_field={**result.by_field, **by_field}, stored=stored)
    return result if result.stored is stored else replace(result, stored=stored)


def _settled(resource: Resource, row: ChangeSet, result: RowResult, stored: Record | None) -> RowResult:
    if stored is None:
        return replace(result, messages=(*result.messages, VANISHED))
    if not differing(resource, row, stored):
        return replace(result, outcome=Outcome.DONE, messages=(*result.messages, WRITTEN_AFTER_ALL), stored=stored)
    if untouched(resource, row, stored):
        return replace(result, outcome=Outcome.NOT_SENT, messages=(*result.messages, NOT_WRITTEN), stored=stored)
    if all(_arrived(resource, c, stored) for c in row.changes):
        done = replace(result, outcome=Outcome.DONE, messages=(*result.messages, WRITTEN_AFTER_ALL))
        return verified(resource, row, done, stored)
    return replace(result, messages=(*result.messages, HALF_WRITTEN), stored=stored)


def _arrived(resource: Resource, change: Change, stored: Record) -> bool:
    """Whether the asked value was written, be it that the API keeps text without the spaces at its ends."""
    found, asked = stored.get(change.field, MISSING), change.after
    return same(resource.by_name[change.field], found, asked) or (isinstance(asked, str) and found == asked.strip())


def differing(resource: Resource, row: ChangeSet, stored: Record) -> tuple[str, ...]:
    """The fields whose stored value is not the asked one."""
    return tuple(
        c.field for c in row.changes if not same(resource.by_name[c.field], stored.get(c.field, MISSING), c.after)
    )


def untouched(resource: Resource, row: ChangeSet, stored: Record) -> bool:
    return all(same(resource.by_name[c.field], stored.get(c.field, MISSING), c.before) for c in row.changes)


def _words(stored: Record, name: str) -> str:
    if name not in stored:
        return "nothing under this name"
    value = stored[name]
    if isinstance(value, list | dict):
        return "other content"
    return "null" if value is None else f"“{value}”" if value != "" else "empty text"
