"""A run in short, for its title: as it was kept with its plan, else of as many rows as a page has time to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.cache import cache

from adminui.records.changes import ChangeSet
from adminui.records.documents import changeset_from_data
from adminui.records.values import MISSING, MaybeValue, freeze
from adminui.runs.models import Run
from adminui.services.results import Counts
from adminui.services.summing import FieldChanged, Fields, Summary, kept

EXACT = 1_000  # rows that are all read; of more, so many from all over the run are, and no value is claimed for all
KEPT_FOR = 24 * 3600  # what a run is to change never changes


def summary(run: Run, counted: Counts) -> Summary:
    fields, record_id, label = kept(run) or _remembered(run, counted)
    return Summary(counted.tally, fields, record_id, label)


def _remembered(run: Run, counted: Counts) -> Fields:
    """For plans of old, which were kept without."""
    key = f"run-headline:{run.pk}:{run.plan.digest}"
    found: Fields | None = cache.get(key)
    if found is None:
        found = _read(run, counted)
        cache.set(key, found, KEPT_FOR)
    return found


def _read(run: Run, counted: Counts) -> Fields:
    whole = counted.total <= EXACT
    rows = [changeset_from_data(data) for data in _changesets(run, counted, whole=whole)]
    values: dict[str, list[MaybeValue]] = {}
    for row in rows:
        for change in row.changes:
            values.setdefault(change.field, []).append(change.after)
    fields = tuple(_field(name, after, whole=whole) for name, after in values.items())
    only: ChangeSet | None = rows[0] if len(rows) == 1 else None
    return fields, str(only.record_id) if only else "", only.label if only else ""


def _changesets(run: Run, counted: Counts, *, whole: bool) -> Sequence[Mapping[str, Any]]:
    rows = run.items.order_by("seq")
    if not whole:
        step = max(1, counted.total // (EXACT // 5))
        rows = rows.filter(seq__in=list(range(0, counted.total, step)))
    return list(rows.values_list("changeset", flat=True))


def _field(name: str, after: Sequence[MaybeValue], *, whole: bool) -> FieldChanged:
    first = freeze(after[0])
    same = whole and all(freeze(value) == first for value in after[1:])
    return FieldChanged(name, len(after), after[0] if same else MISSING)
