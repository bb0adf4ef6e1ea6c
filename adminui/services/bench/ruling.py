"""Which rows of frames break a quality rule, with what is asked of the API for it: whether ids exist.

`where` has the facet {"facet": "rule", "rule": {…}} from here: `reads(data)` and `masks(opened, frames, data)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.records.cleaning import quality
from adminui.records.cleaning.quality import Invalid, Ready, Rule
from adminui.records.values import MaybeValue, RecordId
from adminui.remote import reader
from adminui.services.bench.frames import Frame, input_of
from adminui.services.catalog import Opened, open_resource
from adminui.services.current import Column
from adminui.services.errors import BadInput, Refused

MOST_CALLS: Final = 20  # for the ids of one rule: the page waits for them
MOST_IDS: Final = 5_000
KEPT_FOR: Final = 600  # seconds that a record is taken to be there, or not


@dataclass(frozen=True)
class Found:
    """The rows that break a rule, a byte per row for each frame; `note` says what could not be asked."""

    masks: list[bytes]
    note: str = ""


def reads(data: object) -> tuple[str, ...]:
    """The fields whose columns a rule needs. Raises BadInput."""
    return rule_of(data).reads


def rule_of(data: object) -> Rule:
    try:
        return Rule.from_data(data)
    except Invalid as error:
        raise BadInput(str(error)) from error


def ready(opened: Opened, rule: Rule) -> Ready:
    """The rule as this person may ask it. Raises BadInput."""
    try:
        return quality.ready(opened.resource, rule)
    except Invalid as error:
        raise BadInput(str(error)) from error


def masks(opened: Opened, frames: Sequence[Frame], data: object) -> list[bytes]:
    """For each frame a byte per row, 1 where it breaks the rule that `data` tells of; an edit that cannot be sent
    counts as it was typed. Raises BadInput, also where the API does not say whether ids exist.
    """
    return broken(opened, ready(opened, rule_of(data)), frames).masks


def broken(opened: Opened, ready: Ready, frames: Sequence[Frame], *, base: bool = False) -> Found:
    """With `base`, of the records as they were read. Raises BadInput where it cannot be known now."""
    wrap = _Base if base else _Shown
    parts = [{name: wrap(frame.columns[name]) for name in ready.rule.reads} for frame in frames]
    try:
        if not ready.asks:
            return Found(quality.broken(ready, parts))
        gone, note = _missing(opened, ready, quality.ids(ready, parts))
        return Found(quality.broken(quality.ready(opened.resource, ready.rule, gone), parts), note)
    except Invalid as error:
        raise BadInput(str(error)) from error


class _Shown:
    """A column as an editor would show it."""

    def __init__(self, column: Column) -> None:
        self.codes = column.codes
        self.values: Sequence[MaybeValue] = column.values
        if any(not edit.valid for edit in column.edits.values()):
            values = list(column.values)
            for code in column.edits:
                values[code] = input_of(column, code)
            self.values = values


class _Base:
    """A column as it was read."""

    def __init__(self, column: Column) -> None:
        self.codes = column.codes
        self.values: Sequence[MaybeValue] = column.values
        if column.edits:
            self.values = [column.base(code) for code in range(len(column.values))]


def _missing(opened: Opened, ready: Ready, ids: set[RecordId]) -> tuple[set[RecordId], str]:
    """Those of the ids that the API has no record for, and what to say where not all were asked for."""
    resource = ready.field.reference or ""
    keys = {f"there:{opened.connection.name}:{resource}:{i}": i for i in sorted(ids, key=str)}
    try:
        other = open_resource(opened.user, opened.connection.name, resource)
        held: dict[str, bool] = cache.get_many(list(keys))
        most = min(MOST_IDS, MOST_CALLS * max(other.can.read_many, 1))
        left = [key for key in keys if key not in held]
        fresh = _asked(other, {key: keys[key] for key in left[:most]})
    except (Refused, RemoteError) as error:
        raise BadInput(f"The API could not be asked which {resource} exist: {error.message}") from error
    known: Mapping[str, bool] = held | fresh
    note = f"{counted(len(left) - most, 'id')} more were not looked up." if len(left) > most else ""
    return {keys[key] for key, there in known.items() if not there}, note


def _asked(other: Opened, keys: Mapping[str, RecordId]) -> dict[str, bool]:
    read = {str(i) for i in reader.read_many(other.client, other.whole, other.can, keys.values())} if keys else set()
    found: dict[str, Any] = {key: str(i) in read for key, i in keys.items()}
    cache.set_many(found, KEPT_FOR)
    return found
