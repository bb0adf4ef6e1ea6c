"""A plan at a glance: its sentence, findings, changes folded by kind, and size. Worked out once and kept.

A saved plan never changes, and one of 100,000 rows takes seconds to work through: what the page draws are some folds
and the first requests, so rows are known here by their place in the plan and made into change sets when looked at.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from django.core.cache import cache

from adminui.planning.checks import Finding, Severity
from adminui.planning.plan import from_outline
from adminui.records.changes import Change, ChangeSet
from adminui.records.documents import changeset_from_data
from adminui.records.schema import Field, Resource
from adminui.records.values import MISSING, MaybeValue, RecordId, canonical
from adminui.runs.models import Plan
from adminui.services import plans, review
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import NotThere
from adminui.services.plans import DrawnRequest
from adminui.staff.access import Person
from adminui.worksheets.models import Worksheet

FOLDS = 20  # different changes of one field that get a line of their own; the rest share one
KEPT_FOR = 600  # seconds; labels of a schema may change in the meantime, nothing that is sent does


@dataclass(frozen=True)
class Fold:
    """Changes of one field that read as one line: all to the same value, or the various rest. `rows` are places."""

    key: str
    field: str
    rows: Sequence[int]
    same_before: bool
    same_after: bool


@dataclass(frozen=True)
class Overview:
    """What there is to say of a plan as a whole."""

    sentence: str
    findings: tuple[Finding, ...]
    methods: Mapping[str, int]
    size: int  # bytes of all bodies
    rows: int
    cells: int
    folds: tuple[Fold, ...]

    @property
    def requests(self) -> int:
        return sum(self.methods.values())

    @property
    def blocked(self) -> bool:
        return any(f.severity is Severity.BLOCK for f in self.findings)


def glance(user: Person, plan_id: int) -> tuple[Plan, Opened, int]:
    """A plan and its number of rows, for whoever may see it: nothing is read from the API, nor its rows when known."""
    plan = Plan.objects.defer("changesets", "steps", "held").filter(pk=plan_id).first()
    if plan is None:
        raise NotThere(f"There is no plan {plan_id}.")
    opened = open_resource(user, plan.connection, plan.resource)
    if not review.is_put(opened, plan):
        return plan, opened, overview(opened, plan).rows
    review.require_sight(opened, {change["field"] for row in plan.changesets for change in row["changes"]})
    return plan, opened, len(plan.changesets)


def overview(opened: Opened, plan: Plan) -> Overview:
    """Raises NotAllowed where it would show what the person may not see."""
    seen = _worked_out(opened, plan) if review.is_put(opened, plan) else _kept(opened, plan)
    review.require_sight(opened, {fold.field for fold in seen.folds})
    return seen


def _kept(opened: Opened, plan: Plan) -> Overview:
    """A plan of PATCHes is the same however often one looks: only its worksheet may be read again meanwhile."""
    sheet = Worksheet.objects.filter(pk=plan.worksheet or 0).values_list("read_at", "baseline", "changed_at").first()
    said = "\n".join(map(str, (plan.pk, plan.digest, plan.connection, sheet)))
    key = f"plan-overview-{hashlib.sha256(said.encode()).hexdigest()}"
    held: Overview | None = cache.get(key)
    if held is None:
        held = _worked_out(opened, plan)
        cache.set(key, held, KEPT_FOR)
    return held


def _worked_out(opened: Opened, plan: Plan) -> Overview:
    drawn = review.draw_whole(opened, plan, plan.rows())
    return Overview(
        sentence=drawn.sentence,
        findings=drawn.findings,
        methods=Counter(request.method for request in drawn.requests),
        size=sum(request.size for request in drawn.requests),
        rows=len(plan.changesets),
        cells=drawn.steps.cells,
        folds=tuple(folds(opened.whole, plan)),
    )


def of_finding(seen: Overview, plan: Plan, number: int | None) -> Collection[int] | None:
    """The places of the rows a finding is about; None for all of them."""
    if number is None or not 0 <= number < len(seen.findings):
        return None
    ids = set(seen.findings[number].ids)
    return array("I", (place for place, data in enumerate(plan.changesets) if data["id"] in ids))


def rows_at(plan: Plan, places: Iterable[int]) -> list[ChangeSet]:
    return [changeset_from_data(plan.changesets[place]) for place in places]


def folds(resource: Resource, plan: Plan, places: Iterable[int] | None = None) -> list[Fold]:
    """The changes by kind, field by field in the record's order, the most frequent first."""
    by_field: dict[str, dict[Any, array[int]]] = {}
    for place in range(len(plan.changesets)) if places is None else places:
        for change in plan.changesets[place]["changes"]:
            field = resource.by_name[change["field"]]
            by_after = by_field.setdefault(field.name, {})
            by_after.setdefault(canonical(field, change["after"]), array("I")).append(place)
    return [
        fold for f in resource.fields if f.name in by_field for fold in _folds_of(f, plan, by_field[f.name].items())
    ]


def _folds_of(field: Field, plan: Plan, by_after: Iterable[tuple[Any, array[int]]]) -> Iterator[Fold]:
    groups = sorted(by_after, key=lambda group: len(group[1]), reverse=True)
    shared = [(after, rows) for after, rows in groups if len(rows) > 1][:FOLDS]
    rest = [(after, rows) for after, rows in groups if len(rows) == 1] + [
        (after, rows) for after, rows in groups[FOLDS:] if len(rows) > 1
    ]
    yield from (_fold(field, plan, rows, {after}) for after, rows in shared)
    if rest:
        yield _fold(field, plan, array("I", chain.from_iterable(rows for _, rows in rest)), {a for a, _ in rest})


def _fold(field: Field, plan: Plan, rows: array[int], afters: Collection[Any]) -> Fold:
    befores: set[Any] = set()
    for place in rows:
        befores.add(canonical(field, change_at(plan, place, field.name).before))
        if len(befores) > 1:
            break
    name = [field.name, repr(next(iter(afters))) if len(afters) == 1 else "various"]
    key = hashlib.sha256("\n".join(name).encode()).hexdigest()[:16]
    return Fold(key, field.name, rows, len(befores) == 1, len(afters) == 1)


def change_at(plan: Plan, place: int, field: str) -> Change:
    data = next(change for change in plan.changesets[place]["changes"] if change["field"] == field)
    return Change(field, data.get("before", MISSING), data["after"])


def values_of(plan: Plan, fold: Fold) -> tuple[MaybeValue, MaybeValue]:
    """The first row's value before and after: those of all rows where the fold says they are the same."""
    change = change_at(plan, fold.rows[0], fold.field)
    return change.before, change.after


def requests(opened: Opened, plan: Plan, start: int, count: int) -> list[DrawnRequest]:
    """Some of the plan's requests, drawn as they will go."""
    outline = plan.steps[start : start + count]
    wanted: set[RecordId] = {record for _, ids in outline for record in ids}
    rows = [changeset_from_data(data) for data in plan.changesets if data["id"] in wanted]
    live = review.live_for(opened, plan, rows)
    return [plans.draw_step(opened, step, live) for step in from_outline(outline, rows).steps]


def first_requests(plan: Plan) -> int:
    """How many requests carry the rows that go first, before it waits; 0 when it does not."""
    carried = list(accumulate(len(ids) for _, ids in plan.steps))
    return next((n for n, rows in enumerate(carried, 1) if rows >= plan.canary), 0) if plan.canary else 0
