"""Rows of past runs by a field or a value. Changes are kept as JSON text, so this looks through text.

First the database finds, in one pass, the runs in whose text the words stand; then the rows of the newest of them are
read and judged by what the person may see. Both are bounded, and it is said when the bounds were met.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Count, Max, Q, QuerySet

from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.records.casting import to_json, to_text
from adminui.records.changes import Change
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, MaybeValue
from adminui.runs.models import Item, Run
from adminui.services.catalog import Opened
from adminui.services.seen import changes_shown, label_of

RUNS: Final = 200  # that are judged, the newest first
ROWS: Final = 50  # of a run that are judged, once one has matched
MOST: Final = 10_000  # rows that one search judges
SAMPLES: Final = 3
CHOICES: Final = 12  # fields whose choices go by the words; what more there are is not looked for

Schemas = Mapping[tuple[str, str], Opened]


@dataclass(frozen=True)
class Match:
    """One field of one row that fits."""

    item: Item
    label: str
    field: Field
    change: Change

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.item.outcome)


@dataclass
class Matches:
    """The rows of a run that fit: how many at least, and the first few. `more`: not all rows were looked at."""

    rows: int = 0
    more: bool = False
    samples: list[Match] = field(default_factory=list)


@dataclass(frozen=True)
class Sifted:
    matches: Mapping[int, Matches]
    partly: bool


@dataclass(frozen=True)
class _Words:
    """What is looked for, folded, as it is compared."""

    field: str
    value: str

    def fit(self, field: Field, change: Change) -> bool:
        return self.names(field) and (not self.value or any(map(self.said, _sides(field, change))))

    def names(self, field: Field) -> bool:
        return self.field in field.name.casefold() or self.field in field.label.casefold()

    def said(self, texts: tuple[str, ...]) -> bool:
        return any(self.value in text.casefold() for text in texts)


def _sides(field: Field, change: Change) -> Iterator[tuple[str, ...]]:
    """What a person may call the value before, and the one after: null and empty go by these words."""
    for value in (change.before, change.after):
        choice = None if value is MISSING or isinstance(value, list | dict) else field.choice(value)
        yield (_text(field, value), *([choice.label] if choice else []))


def _text(field: Field, value: MaybeValue) -> str:
    if value is MISSING:
        return ""
    return "null" if value is None else to_text(field, value) or "empty"


def sift(runs: QuerySet[Run], name: str, value: str, schemas: Callable[[Iterable[Run]], Schemas]) -> Sifted:
    """Which of these runs, newest first, changed the field of this label or name, from or to something with `value`."""
    newest = runs.order_by().values("plan__connection", "plan__resource").annotate(newest=Max("pk"))
    known = schemas(list(runs.filter(pk__in=[each["newest"] for each in newest])))
    words, items = _Words(name.casefold(), value.casefold()), _standing_in(runs, name, value, known)
    counted = items.order_by("-run_id").values("run_id", "run__plan__connection", "run__plan__resource")
    found: dict[int, Matches] = {}
    left, candidates = MOST, list(counted.annotate(rows=Count("pk"))[: RUNS + 1])
    for each in candidates[:RUNS]:
        opened = known.get((each["run__plan__connection"], each["run__plan__resource"]))
        if opened is None or not left:
            continue
        judged, matches = _judge(items.filter(run=each["run_id"]).order_by("seq")[:left], opened, words)
        matches.more = judged < each["rows"]
        left -= judged
        if matches.rows:
            found[each["run_id"]] = matches
    return Sifted(found, len(candidates) > RUNS or not left)


def _judge(items: QuerySet[Item], opened: Opened, words: _Words) -> tuple[int, Matches]:
    """How many rows were looked at, and what fits of them: enough to tell of it, or all there are."""
    judged, matches = 0, Matches()
    for judged, item in enumerate(items.iterator(chunk_size=ROWS), 1):
        fits = [found for found in changes_shown(opened, item.row()) if words.fit(*found)]
        matches.rows += bool(fits)
        if fits and len(matches.samples) < SAMPLES:
            matches.samples.append(Match(item, label_of(opened, item), *fits[0]))
        if judged >= ROWS and matches.rows:
            break
    return judged, matches


def of_record(runs: Sequence[Run], record_id: str, known: Schemas) -> Mapping[int, Matches]:
    """In which of these runs this record stands, and its first change that the person may see."""
    found: dict[int, Matches] = {}
    places = {run.pk: (run.plan.connection, run.plan.resource) for run in runs}
    for item in Item.objects.filter(run__in=runs, record_id=record_id):
        opened = known.get(places[item.run_id])
        shown = changes_shown(opened, item.row())[:1] if opened else []
        samples = [Match(item, label_of(opened, item), *each) for each in shown if opened]
        found[item.run_id] = Matches(1, samples=samples)
    return found


def undone_in(undos: Sequence[Run], items: Sequence[Item]) -> set[tuple[int, str]]:
    """In which of these runs that undo others which of these rows' records were put back."""
    rows = Item.objects.filter(run__in=undos, record_id__in={item.record_id for item in items})
    return set(rows.filter(outcome__in=SETTLED_WELL).order_by().values_list("run_id", "record_id"))


def _standing_in(runs: QuerySet[Run], name: str, value: str, known: Schemas) -> QuerySet[Item]:
    """Rows in whose text the words may stand: more than fit, and none of those that fit is left out but for CHOICES."""
    items = Item.objects.filter(run__in=runs.order_by().values("pk"))
    fields = {field.name: field for opened in known.values() for field in opened.resource.visible}
    words = _Words(name.casefold(), value.casefold())
    named = [field for field in fields.values() if words.names(field)] if name else list(fields.values())
    if name and len(named) <= CHOICES:
        texts = [f'"field": {to_json(each)}' for each in (*(field.name for field in named), name)]
        items = items.filter(_any(texts))
    return items.filter(_any(_spellings(named, value))) if value else items


def _spellings(fields: Iterable[Field], value: str) -> Iterator[str]:
    """How the value may stand in the text: as it is, by what stands for null and empty, or for a choice's label."""
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    for word, spelt in (("null", "null"), ("empty", '""')):
        if value.casefold() in word:
            yield from (f'"after": {spelt}', f'"before": {spelt}')
    choices = [c for f in fields if f.kind is Kind.CHOICE for c in f.choices if value.casefold() in c.label.casefold()]
    for raw in {to_json(choice.value) for choice in choices[:CHOICES]}:
        yield from (f'"after": {raw}', f'"before": {raw}')


def _any(texts: Iterable[str]) -> Q:
    found = Q()
    for text in texts:
        found |= Q(changeset__icontains=text)
    return found
