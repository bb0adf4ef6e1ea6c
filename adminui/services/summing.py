"""Runs in short, for sentences: how many rows met which fate, which fields they were to change, and to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import Count

from adminui.planning.outcomes import Outcome
from adminui.records.changes import ChangeSet
from adminui.records.documents import changeset_from_data
from adminui.records.values import MISSING, MaybeValue, freeze
from adminui.runs.models import Item, Run

KEPT_FOR = 24 * 3600  # seconds that a run's summary is kept: what a run is to change never changes
PAGE = 2_000


@dataclass(frozen=True)
class FieldChanged:
    """What happened to one field over a run: in how many rows, and the value they all got; MISSING when they differ."""

    name: str
    rows: int
    after: MaybeValue


@dataclass(frozen=True)
class Summary:
    """A run in short: its rows by outcome, its fields, and the only record it was about, if there was just one."""

    tally: Mapping[Outcome, int]
    fields: tuple[FieldChanged, ...]
    record_id: str
    label: str

    @property
    def rows(self) -> int:
        return sum(self.tally.values())


def summaries(runs: Sequence[Run]) -> dict[int, Summary]:
    """By run, in two queries for all of them."""
    tallies: dict[int, dict[str, int]] = {run.pk: {} for run in runs}
    counted = Item.objects.filter(run__in=runs).order_by().values_list("run_id", "outcome").annotate(n=Count("pk"))
    for run_id, outcome, number in counted:
        tallies[run_id][outcome] = number
    fields = _fields(runs)
    return {
        run.pk: Summary({o: tallies[run.pk][o] for o in Outcome if o in tallies[run.pk]}, *fields[run.pk])
        for run in runs
    }


Fields = tuple[tuple[FieldChanged, ...], str, str]


def to_keep(rows: Iterable[ChangeSet]) -> dict[str, Any]:
    """What these rows change, to be kept with their plan; `after` is left out where the values differ."""
    summed = _Sum()
    for row in rows:
        summed.add(row)
    fields, record_id, label = summed.told
    told = [{"name": f.name, "rows": f.rows} | ({} if f.after is MISSING else {"after": f.after}) for f in fields]
    return {"fields": told, "id": record_id, "label": label}


def kept(run: Run) -> Fields | None:
    """The same, as it was kept; None for plans of old."""
    data = run.plan.summary
    if not data:
        return None
    fields = tuple(FieldChanged(f["name"], f["rows"], f.get("after", MISSING)) for f in data["fields"])
    return fields, data["id"], data["label"]


def _fields(runs: Sequence[Run]) -> dict[int, Fields]:
    known = {run.pk: fields for run in runs if (fields := kept(run)) is not None}
    return known | _read([run for run in runs if run.pk not in known])


def _read(runs: Sequence[Run]) -> dict[int, Fields]:
    keys = {f"run-fields:{run.pk}:{run.plan.digest}": run.pk for run in runs}
    held: dict[int, Fields] = {keys[key]: fields for key, fields in cache.get_many(list(keys)).items()}
    sums = {pk: _Sum() for pk in keys.values() if pk not in held}
    if sums:
        rows = Item.objects.filter(run__in=list(sums)).order_by("seq").values_list("run_id", "changeset")
        for run_id, data in rows.iterator(chunk_size=PAGE):
            sums[run_id].add(changeset_from_data(data))
    fresh = {pk: made.told for pk, made in sums.items()}
    cache.set_many({key: fresh[pk] for key, pk in keys.items() if pk in fresh}, KEPT_FOR)
    return held | fresh


class _Sum:
    """Adds up the rows of a run one by one: it keeps a count and a value for each field, never the rows."""

    def __init__(self) -> None:
        self._rows = 0
        self._only = ("", "")
        self._counts: Counter[str] = Counter()
        self._values: dict[str, MaybeValue] = {}
        self._frozen: dict[str, object] = {}

    def add(self, row: ChangeSet) -> None:
        self._rows += 1
        self._only = (str(row.record_id), row.label)
        for change in row.changes:
            name = change.field
            self._counts[name] += 1
            if name not in self._values:
                self._values[name], self._frozen[name] = change.after, freeze(change.after)
            elif self._values[name] is not MISSING and freeze(change.after) != self._frozen[name]:
                self._values[name] = MISSING

    @property
    def told(self) -> Fields:
        fields = tuple(FieldChanged(name, rows, self._values[name]) for name, rows in self._counts.items())
        return fields, *(self._only if self._rows == 1 else ("", ""))
