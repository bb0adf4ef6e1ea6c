"""How a worksheet stands: what is pending, what cannot be sent, what was refused, and which rows those are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from adminui.planning.explain import counted, explain
from adminui.planning.outcomes import TO_FIX, Outcome
from adminui.planning.plan import CannotPlan, make_plan
from adminui.records.casting import Invalid, cast, to_json
from adminui.services.catalog import Opened
from adminui.services.sheets import clashes_of, draft_of
from adminui.worksheets.models import Row, Worksheet

EXACTLY = 300  # pending rows up to which every look says the very requests; the plan page always does
Only = Literal["", "changed", "invalid", "failed"]


@dataclass(frozen=True)
class Standing:
    """Counts of a worksheet, in rows but for `cells` and `invalid`, which count cells."""

    rows: int
    changed: int
    cells: int
    invalid: int
    failed: int
    clashes: int
    sentence: str
    invalid_rows: tuple[int, ...] = ()

    @property
    def ready(self) -> bool:
        return bool(self.cells) and not self.invalid and not self.clashes


def standing(opened: Opened, sheet: Worksheet) -> Standing:
    """Counted without reading the records: only the edits are looked at, each distinct one cast once."""
    edited = list(sheet.rows.filter(edited=True).values_list("pk", "edits"))
    known: dict[tuple[str, str], bool] = {}
    bad: Counter[int] = Counter()
    for pk, edits in edited:
        for name, raw in edits.items():
            key = (name, raw if isinstance(raw, str) else to_json(raw) + " (JSON)")
            if key not in known:
                known[key] = _invalid(opened, name, raw)
            if known[key]:
                bad[pk] += 1
    failed = sheet.rows.filter(outcome__in=TO_FIX)
    clashing = sum(
        bool(clashes_of(row)) for row in failed.filter(outcome=Outcome.CONFLICT).defer("baseline", "messages")
    )
    cells = sum(len(edits) for _, edits in edited)
    counts = (sheet.rows.count(), len(edited), cells, sum(bad.values()), failed.count(), clashing)
    return Standing(*counts, _sentence(opened, sheet, len(edited), cells, bad.total(), clashing), tuple(bad))


def _invalid(opened: Opened, name: str, raw: object) -> bool:
    field = opened.resource.by_name.get(name)
    if field is None:
        return True
    try:
        cast(field, raw)
    except Invalid:
        return True
    return False


def _sentence(opened: Opened, sheet: Worksheet, rows: int, cells: int, invalid: int, clashing: int) -> str:
    """What planning now would come to."""
    if not cells:
        return "Nothing is pending: the next click would send nothing."
    if invalid:
        return f"{counted(invalid, 'cell')} cannot be sent; correct or revert what is marked in red."
    if clashing:
        return f"{counted(clashing, 'row')} changed meanwhile; choose mine or theirs first."
    if rows > EXACTLY:
        return f"The plan will show the requests for {counted(cells, 'field')} in {counted(rows, 'record')}."
    changesets = [draft_of(opened, row).changeset for row in sheet.rows.filter(edited=True)]
    try:
        return "Planned: " + explain(opened.whole, opened.can, make_plan(changesets, opened.can))
    except CannotPlan as error:
        return str(error)


def rows_of(sheet: Worksheet, stands: Standing, only: Only) -> QuerySet[Row]:
    """The rows a look is limited to."""
    if only == "changed":
        return sheet.rows.filter(edited=True)
    if only == "failed":
        return sheet.rows.filter(outcome__in=TO_FIX)
    if only == "invalid":
        return sheet.rows.filter(pk__in=stands.invalid_rows[:5_000])
    return sheet.rows.all()
