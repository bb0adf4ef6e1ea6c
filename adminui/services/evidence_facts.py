"""What an evidence pack says of a whole run: its changes folded, its plan's sentence and digest, calls and undos."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, Count, F, Max, Min, Q, Sum, TextField, Value, When
from django.db.models.functions import Cast

from adminui.planning.explain import explain
from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step
from adminui.planning.plan import Plan as Steps
from adminui.records.casting import to_json
from adminui.records.changes import ChangeSet
from adminui.records.schema import Field
from adminui.runs.models import Exchange, Plan, Run
from adminui.services import history
from adminui.services.evidence import Cell, Changed, Evidence, worded

FOLDS: Final = 10_000  # different changes that are counted one by one
WHOLE: Final = 5_000  # rows up to which the plan is explained from its very rows
_COMMA: Final = to_json([0, 0])[2:-2]
SIGN_IN: Final = "sign-in"
_ORDER: Final = (SIGN_IN, "check", "write", "verify", "second look")
FAILED: Final = Q(status__gte=400) | Q(status=None)


@dataclass(frozen=True)
class Fold:
    """One change that several rows share, and what became of those rows."""

    field: Field
    before: str
    after: str
    rows: int
    tally: Counter[Outcome]


def folds(found: Iterable[tuple[Outcome, Iterable[Cell | Changed]]]) -> tuple[list[Fold], int]:
    """Equal changes, the most frequent first; and in how many cells stand changes beyond the first FOLDS kinds."""
    known: dict[tuple[str, str, str], tuple[Field, Counter[Outcome]]] = {}
    beyond = 0
    for outcome, cells in found:
        for cell in cells:
            key = (cell.field.name, worded(cell.field, cell.before), worded(cell.field, cell.after))
            if key not in known and len(known) == FOLDS:
                beyond += 1
                continue
            known.setdefault(key, (cell.field, Counter()))[1][outcome] += 1
    made = [Fold(of, before, after, n.total(), n) for (_, before, after), (of, n) in known.items()]
    return sorted(made, key=lambda fold: -fold.rows), beyond


@dataclass(frozen=True)
class _Counted(Steps):
    """Steps without the contents of their rows, whose fields are counted already."""

    fields: int = 0

    @property
    def cells(self) -> int:
        return self.fields


def sentence(evidence: Evidence, fields: int) -> str:
    """What the plan said of itself, as its page does. `fields`: how many it changes, over all rows."""
    plan, opened = evidence.run.plan, evidence.opened
    known: dict[str, ChangeSet] = {}
    if evidence.total <= WHOLE:
        known = {item.record_id: item.row() for item in evidence.run.items.all()}
    steps = tuple(
        Step(Form(form), tuple(known.get(str(i)) or ChangeSet(i, "", ()) for i in ids)) for form, ids in plan.steps
    )
    return explain(opened.whole, opened.can, _Counted(steps, (), fields), asked_to_replace=plan.replace)


def as_approved(plan: Plan) -> bool:
    """Whether the plan is still, to the letter, what its digest was taken of; from its text, without unpacking it."""
    texts = [Cast(name, TextField()) for name in ("changesets", "steps")]
    changesets, steps = Plan.objects.filter(pk=plan.pk).values_list(*texts).get()
    said = [to_json(plan.connection), to_json(plan.resource), to_json(plan.replace), changesets, steps]
    said += [to_json(plan.canary)] if plan.canary else []
    return hashlib.sha256(f"[{_COMMA.join(said)}]".encode()).hexdigest() == plan.digest


def calls(evidence: Evidence) -> list[dict[str, Any]]:
    """The exchanges by what they were for: how many, how many of them refused or without an answer, and how long."""
    signing_in = When(_signing_in(evidence), then=Value(SIGN_IN))
    grouped = {"reason": Case(signing_in, default=F("purpose")), "verb": F("method")}
    found = Exchange.objects.filter(run=evidence.run).order_by().values(**grouped)
    told = found.annotate(
        calls=Count("pk"),
        failed=Count("pk", filter=FAILED),
        seconds=Sum("seconds"),
        first=Min("started_at"),
        last=Max("started_at"),
    )
    order = {purpose: place for place, purpose in enumerate(_ORDER)}
    return sorted((dict(each) for each in told), key=lambda each: (order.get(each["reason"], 9), each["verb"]))


def _signing_in(evidence: Evidence) -> Q:
    """What is sent to get in goes to no record; a write does, if not always under its resource's name."""
    return Q(method__in=("GET", "POST")) & ~Q(url__contains=f"/{evidence.run.plan.resource}")


def reason(evidence: Evidence, exchange: Exchange) -> str:
    """What one exchange was for, as in `calls`."""
    to_records = f"/{evidence.run.plan.resource}" in exchange.url
    return exchange.purpose if to_records or exchange.method not in ("GET", "POST") else SIGN_IN


def settled_by(evidence: Evidence, found: Iterable[Exchange]) -> dict[int, Counter[Outcome]]:
    """By write: what became of the rows whose last request it was. A refused batch goes again without its bad rows,
    in requests of other steps; a request that was put off goes again in its own step, and only the last one counts.
    """
    steps = {each.step for each in found if each.purpose == "write"} - {None}
    writes = Exchange.objects.filter(run=evidence.run, purpose="write", step__in=steps, method__in=("PATCH", "PUT"))
    lasts = dict(writes.order_by().values_list("step").annotate(last=Max("pk")))
    tallies: dict[int, Counter[Outcome]] = {pk: Counter() for pk in lasts.values()}
    rows = evidence.run.items.filter(step__in=steps).order_by().values_list("step", "outcome")
    for step, outcome, number in rows.annotate(n=Count("pk")):
        if step in lasts:
            tallies[lasts[step]][Outcome(outcome)] += number
    return tallies


def fields_planned(evidence: Evidence) -> int:
    """How many fields the plan was to change, over all rows."""
    run = evidence.run
    return sum(field.rows for field in history.summaries([run])[run.pk].fields)


def looked_at(evidence: Evidence) -> tuple[datetime | None, datetime | None]:
    """When the run paused after the rows that went first, and when it went on; None for what did not happen."""
    run, first = evidence.run, evidence.run.plan.canary
    if not first or run.gate:
        return None, None
    ids = [str(record_id) for _, ids in run.plan.steps[:first] for record_id in ids][:first]
    paused = run.items.filter(record_id__in=ids).aggregate(at=Max("settled_at"))["at"]
    later = Exchange.objects.filter(run=run, purpose__in=("check", "write"), started_at__gt=paused or run.created_at)
    return paused, later.aggregate(at=Min("started_at"))["at"] if paused else None


def undone_by(evidence: Evidence) -> list[Run]:
    """The runs that were to take back what this one did, oldest first."""
    return list(history.runs_for(evidence.opened.user).filter(plan__undoes=evidence.run).order_by("pk"))
