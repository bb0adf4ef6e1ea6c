"""Change sets: what a person changed against what they saw, and what the record has become since. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from adminui.records.casting import Invalid, cast, to_json, to_text
from adminui.records.schema import Field, Resource
from adminui.records.values import MISSING, MaybeValue, Record, RecordId, Value, freeze, readable, same


@dataclass(frozen=True)
class Change:
    """One field's value as the person saw it, and as they want it."""

    field: str
    before: MaybeValue
    after: Value


@dataclass(frozen=True)
class ChangeSet:
    """All changes to one record. `label` is what people call the record; `parent` the id writes go through, if any."""

    record_id: RecordId
    label: str
    changes: tuple[Change, ...]
    parent: RecordId | None = None

    @property
    def values(self) -> dict[str, Value]:
        return {c.field: c.after for c in self.changes}

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(c.field for c in self.changes)

    @cached_property
    def size(self) -> int:
        """Bytes of the values as JSON; kept, because a planner asks often."""
        return len(to_json(self.values).encode())

    def without(self, fields: Iterable[str]) -> ChangeSet:
        left_out = frozenset(fields)
        return replace(self, changes=tuple(c for c in self.changes if c.field not in left_out))


@dataclass(frozen=True)
class Draft:
    """Edits after casting: the change set to plan, and per field the words for what cannot be sent."""

    changeset: ChangeSet
    invalid: Mapping[str, str]


@dataclass(frozen=True)
class Clash:
    """Both sides changed one field: what the person saw, what they want, what the record holds now."""

    field: str
    before: MaybeValue
    mine: Value
    theirs: MaybeValue


@dataclass(frozen=True)
class Merge:
    """A three-way merge, per field: what is left to write, what is there already, what they changed, what clashes."""

    changeset: ChangeSet
    already: tuple[str, ...]
    theirs: tuple[Change, ...]
    clashes: tuple[Clash, ...]


def diff(resource: Resource, baseline: Record, edits: Mapping[str, object]) -> Draft:
    """Cast `edits` (field → text or JSON as posted) and keep what differs from `baseline`, the record as seen."""
    changes: list[Change] = []
    invalid: dict[str, str] = {}
    for name, raw in edits.items():
        try:
            change = change_of(resource, name, baseline.get(name, MISSING), raw)
        except Invalid as error:
            invalid[name] = str(error)
            continue
        changes += [change] if change else []
    return Draft(changeset_of(resource, baseline, changes), invalid)


def change_of(resource: Resource, name: str, before: MaybeValue, raw: object) -> Change | None:
    """What typing `raw` over `before` comes to; None for no change. Raises Invalid."""
    field = resource.by_name.get(name)
    if field is None or field.hidden or name == resource.id_field:
        raise Invalid(f"{resource.label} has no field “{name}” that could be changed.")
    if _as_it_was(field, before, raw):
        return None  # even where the API holds what it would not accept: what was not touched is not judged
    after = cast(field, raw, before)
    if before is MISSING and after in (None, ""):
        return None  # the API left the field out and nothing was put in: MISSING is not made null by looking at it
    return None if same(field, before, after) else Change(name, before, after)


def _as_it_was(field: Field, before: MaybeValue, raw: object) -> bool:
    if before is None or before is MISSING or raw is None:
        return before is None and raw is None
    text = to_text(field, before)
    return raw in (text, readable(text))


def changeset_of(resource: Resource, record: Record, changes: Iterable[Change]) -> ChangeSet:
    """A change set for `record`, with its label and, where writes go through a parent, the parent's id."""
    parent = record.get(resource.parent[0]) if resource.parent else None
    return ChangeSet(
        record_id=resource.id_of(record),
        label=resource.title_of(record),
        changes=tuple(sorted(changes, key=lambda c: resource.positions.get(c.field, len(resource.fields)))),
        parent=parent if isinstance(parent, int | str) else None,
    )


def merge(resource: Resource, wanted: ChangeSet, seen: Record, current: Record) -> Merge:
    """`seen` is the baseline, `wanted` mine, `current` theirs, read just now. Only fields in `seen` are compared."""
    todo: list[Change] = []
    already: list[str] = []
    clashes: list[Clash] = []
    for change in wanted.changes:
        field, theirs = resource.by_name[change.field], current.get(change.field, MISSING)
        if same(field, theirs, change.after):
            already.append(change.field)
        elif same(field, theirs, change.before):
            todo.append(change)
        else:
            clashes.append(Clash(change.field, change.before, change.after, theirs))
    left = wanted if len(todo) == len(wanted.changes) else replace(wanted, changes=tuple(todo))
    return Merge(left, tuple(already), moved(resource, wanted, seen, current), tuple(clashes))


def moved(resource: Resource, wanted: ChangeSet, seen: Record, current: Record) -> tuple[Change, ...]:
    """What somebody else changed, outside the wanted fields, since the record was seen."""
    touched = frozenset(wanted.fields)
    others = [f for f in resource.fields if f.name in seen and f.name not in touched]
    return tuple(
        Change(f.name, seen[f.name], current[f.name])
        for f in others
        if f.name in current and not same(f, seen[f.name], current[f.name])
    )


def apply_to(record: Record, changeset: ChangeSet) -> dict[str, Value]:
    """The record as it should be after the change set: untouched fields are the very same objects."""
    return {**record, **changeset.values}


@dataclass(frozen=True)
class PartChange:
    """One entry or member that differs inside a list or object."""

    part: str
    before: Any
    after: Any


def parts(field: Field, before: MaybeValue, after: MaybeValue) -> tuple[PartChange, ...]:
    """The differing entries of two nested values: a list of pairs by its key, an object by member, else by position."""
    key = field.key if _told_apart(before, field.key) and _told_apart(after, field.key) else None
    left, right = _entries(before, key), _entries(after, key)
    if left is None or right is None:
        return ()
    pairs = ((name, left.get(name, MISSING), right.get(name, MISSING)) for name in dict.fromkeys([*left, *right]))
    return tuple(PartChange(name, old, new) for name, old, new in pairs if freeze(old) != freeze(new))


def _told_apart(value: MaybeValue, key: str | None) -> bool:
    """Whether no entry would be lost by going by its key: new ones often have none yet."""
    if not isinstance(value, list):
        return True
    return all(isinstance(v, dict) and key in v for v in value) and len({str(v[key]) for v in value}) == len(value)


def _entries(value: MaybeValue, key: str | None) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(v[key]) if key else str(i): v for i, v in enumerate(value)}
    return {} if value is None or value is MISSING else None
