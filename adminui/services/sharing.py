"""Shared changes: the same values put into many rows of a worksheet, counted before they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from adminui.planning.explain import counted
from adminui.records.changes import diff
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue, canonical
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.sheets import chosen, put, store
from adminui.worksheets.models import Row, Worksheet


@dataclass(frozen=True)
class Shared:
    """One field's part of a shared change: `raw` as typed, None for an explicit null; `only` limits it to rows whose
    current value has that key.
    """

    field: str
    raw: object
    only: str | None = None


@dataclass(frozen=True)
class Tally:
    """How a shared change comes out, before or after it is made; `sample` holds words for what would be invalid."""

    changed: int
    already: int
    invalid: int
    skipped: int
    sample: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        said = [f"{counted(self.changed, 'row')} will change"]
        said += [f"{self.already:,} already {'has' if self.already == 1 else 'have'} it"] if self.already else []
        said += [f"{self.skipped:,} left out by the condition"] if self.skipped else []
        said += [f"{self.invalid:,} would be invalid"] if self.invalid else []
        return ", ".join(said) + "."


@transaction.atomic
def share(
    opened: Opened, sheet: Worksheet, ids: Sequence[str] | None, changes: Sequence[Shared], *, keep: bool
) -> Tally:
    """Put the same values into many rows (all for `ids` None) as pending edits; with `keep` false only count."""
    opened.require("edit")
    for change in changes:
        field_named(opened, change.field)
    tally: Counter[str] = Counter()
    sample: dict[str, None] = {}
    touched: list[Row] = []
    for row in chosen(sheet, ids):
        fate, words = _put_shared(opened, row, changes)
        tally[fate] += 1
        sample.update(dict.fromkeys(words))
        touched += [row] if fate in ("changed", "invalid") else []
    if keep:
        store(touched)
        Worksheet.objects.filter(pk=sheet.pk).update(changed_at=timezone.now())
    return Tally(tally["changed"], tally["already"], tally["invalid"], tally["skipped"], tuple(sample)[:3])


def _put_shared(opened: Opened, row: Row, changes: Sequence[Shared]) -> tuple[str, list[str]]:
    """What comes of the row in one word, and the words for what is invalid in it."""
    wanted = {c.field: c.raw for c in changes if _meets(opened, row, c)}
    if not wanted:
        return "skipped", []
    before = dict(row.edits)
    draft = put(opened, row, {**row.edits, **wanted})
    if words := [draft.invalid[name] for name in wanted if name in draft.invalid]:
        return "invalid", words
    return ("already" if row.edits == before else "changed"), []


def _meets(opened: Opened, row: Row, change: Shared) -> bool:
    if change.only is None:
        return True
    field = opened.resource.by_name[change.field]
    return _key(field, current_value(opened, row, field)) == change.only


def current_value(opened: Opened, row: Row, field: Field) -> MaybeValue:
    """The value a cell shows: pending if there is a valid one, else as read."""
    if field.name in row.edits:
        values = diff(opened.resource, row.baseline, {field.name: row.edits[field.name]}).changeset.values
        if field.name in values:
            return values[field.name]
    value: MaybeValue = row.baseline.get(field.name, MISSING)
    return value


@dataclass(frozen=True)
class Mixed:
    """One value of a field among chosen rows, and in how many it stands. `key` names it in a condition."""

    key: str
    value: MaybeValue
    count: int


def mix(opened: Opened, sheet: Worksheet, ids: Sequence[str] | None, name: str) -> list[Mixed]:
    """The values a field has in these rows, most frequent first."""
    field = field_named(opened, name)
    counts: Counter[str] = Counter()
    values: dict[str, MaybeValue] = {}
    for row in chosen(sheet, ids).iterator():
        value = current_value(opened, row, field)
        key = _key(field, value)
        values.setdefault(key, value)
        counts[key] += 1
    return [Mixed(key, values[key], count) for key, count in counts.most_common()]


def field_named(opened: Opened, name: str) -> Field:
    """A field the person may see. Raises BadInput."""
    field = opened.resource.by_name.get(name)
    if field is None or field.hidden:
        raise BadInput(f"{opened.resource.label} have no field “{name}”.")
    return field


def _key(field: Field, value: MaybeValue) -> str:
    """A text that is equal exactly for values that mean the same."""
    return repr(canonical(field, value))
