"""How a worksheet stands, and the way from its pending edits to a plan. Only columns with edits are ever unpacked."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Final, TypedDict

from django.db.models import Sum

from adminui.planning.explain import counted, explain
from adminui.planning.plan import CannotPlan, make_plan
from adminui.records.changes import ChangeSet, Draft, diff
from adminui.records.packing import PART, Packed
from adminui.records.values import MISSING, Value
from adminui.runs.models import Plan
from adminui.services import plans
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed
from adminui.services.judging import judge_anew
from adminui.services.uncollected import nothing_collected
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Worksheet
from adminui.worksheets.store import Mark

EXACTLY: Final = 300  # pending rows up to which every look says the very requests; the plan page always does


class Counts(TypedDict):
    """Cells by what is to be said of them."""

    cells: int
    invalid: int
    clashes: int
    failed: int


class Standing(Counts):
    """Counts, and what planning now would come to."""

    sentence: str
    plan_words: str
    ready: bool


def counts(sheet: Worksheet, fields: Iterable[str] | None = None) -> Counts:
    """Summed up where the marks are kept; of these fields alone, if they are given."""
    found = Marks.objects.filter(worksheet=sheet)
    found = found if fields is None else found.filter(field__in=list(fields))
    sums = found.aggregate(cells=Sum("pending"), invalid=Sum("invalid"), clashes=Sum("clashes"), failed=Sum("failed"))
    cells, invalid, clashes, failed = (sums[name] or 0 for name in ("cells", "invalid", "clashes", "failed"))
    return Counts(cells=cells, invalid=invalid, clashes=clashes, failed=failed)


def standing(opened: Opened, sheet: Worksheet) -> Standing:
    held = counts(sheet, (f.name for f in opened.resource.visible))
    return Standing(
        **held,
        sentence=_sentence(opened, sheet, held),
        plan_words=f"Plan {counted(held['cells'], 'change')}" if held["cells"] else "Plan changes",
        ready=bool(held["cells"]) and not held["invalid"] and not held["clashes"],
    )


def _sentence(opened: Opened, sheet: Worksheet, held: Counts) -> str:
    if not held["cells"]:
        return "Nothing is pending: the next click would send nothing."
    if held["invalid"]:
        return f"{counted(held['invalid'], 'cell')} cannot be sent; correct or revert what is marked in red."
    if held["clashes"]:
        return f"{counted(held['clashes'], 'cell')} changed meanwhile; choose mine or theirs first."
    parts = list(_pending(opened, sheet, None))
    rows = sum(len(pending.edits) for pending in parts)
    if rows > EXACTLY:
        return f"The plan will show the requests for {counted(held['cells'], 'field')} in {counted(rows, 'record')}."
    if invalid := sum(bool(draft.invalid) for pending in parts for draft in _drafts(opened, sheet, pending)):
        return f"{counted(invalid, 'row')} cannot be sent any more; planning will mark the cells."
    try:
        return "Planned: " + explain(opened.whole, opened.can, make_plan(drafts(opened, sheet), opened.can))
    except CannotPlan as error:
        return str(error)


class _Pending:
    """The pending edits of one part: row → field → edit, and how many rows have a clash."""

    def __init__(self, part: int) -> None:
        self.part = part
        self.edits: dict[int, dict[str, str | None]] = {}
        self.clashing: set[int] = set()

    def add(self, name: str, marks: Mapping[int, Mark], rows: Container[int] | None) -> None:
        for row, mark in marks.items():
            if rows is not None and row not in rows:
                continue
            if "e" in mark:
                self.edits.setdefault(row, {})[name] = mark["e"]
            if "c" in mark:
                self.clashing.add(row)

    @property
    def fields(self) -> set[str]:
        return {name for edits in self.edits.values() for name in edits}


def _pending(opened: Opened, sheet: Worksheet, rows: Container[int] | None) -> Iterator[_Pending]:
    """Part by part, of the fields this person may see."""
    seen = [f.name for f in opened.resource.visible]
    marked = Marks.objects.filter(worksheet=sheet, field__in=seen, pending__gt=0).values_list("part", "field")
    by_part: dict[int, list[str]] = {}
    for part, name in marked.order_by("part"):
        by_part.setdefault(part, []).append(name)
    for part, names in by_part.items():
        pending = _Pending(part)
        for (name, _), marks in store.marks(sheet, [(name, part) for name in names]).items():
            pending.add(name, marks, rows)
        yield pending


def _drafts(opened: Opened, sheet: Worksheet, pending: _Pending) -> Iterator[Draft]:
    """The rows of one part, cast against their baseline, in order."""
    resource = opened.resource
    also = [resource.id_field, resource.title_field, *(resource.parent[:1] if resource.parent else ())]
    held = store.columns(sheet, list({*also, *pending.fields}), pending.part)
    for row in sorted(pending.edits):
        yield diff(resource, _record(held, row - pending.part * PART), pending.edits[row])


def _record(held: Mapping[str, Packed], at: int) -> dict[str, Value]:
    return {name: value for name, column in held.items() if (value := column[at]) is not MISSING}


def drafts(opened: Opened, sheet: Worksheet, rows: Container[int] | None = None) -> list[ChangeSet]:
    """The change sets of the pending edits in these rows, or in all; without what cannot be sent."""
    found = (_drafts(opened, sheet, pending) for pending in _pending(opened, sheet, rows))
    return [draft.changeset for part in found for draft in part if draft.changeset.changes]


@nothing_collected()
def plan(opened: Opened, sheet: Worksheet, *, rows: Container[int] | None = None, ready: bool = False) -> Plan:
    """A plan of all pending edits, or of some rows'; with `ready`, without the rows that cannot be sent as they are.

    Raises BadInput when an edit is invalid or in conflict, or when there is none.
    """
    changesets: list[ChangeSet] = []
    invalid = clashing = 0
    for pending in _pending(opened, sheet, rows):
        _check_rights(opened, pending)
        clashing += len(pending.clashing)
        for row, draft in zip(sorted(pending.edits), _drafts(opened, sheet, pending), strict=True):
            invalid += bool(draft.invalid)
            left_out = ready and (draft.invalid or row in pending.clashing)
            changesets += [draft.changeset] if draft.changeset.changes and not left_out else []
    if invalid:
        judge_anew(opened, sheet)  # some may not be marked, as they could be sent when they were typed
    if not ready:
        _refuse(invalid, clashing)
    if not changesets:
        raise BadInput("There are no pending changes to send.", "Edit some cells, or set a field for all rows.")
    return plans.save(opened, changesets, door="edit many", worksheet=sheet.pk)


def _check_rights(opened: Opened, pending: _Pending) -> None:
    """Somebody else's edit of a field that this person may not change is not theirs to send."""
    for name in sorted(pending.fields):
        if opened.whole.by_name[name].editable and not opened.resource.by_name[name].editable:
            label = opened.resource.by_name[name].label
            raise NotAllowed(f"You may not change {label} here.", "Ask whoever typed it to plan it.")


def _refuse(invalid: int, clashing: int) -> None:
    if invalid:
        raise BadInput(
            f"{counted(invalid, 'row')} {'has' if invalid == 1 else 'have'} values that cannot be sent.",
            "Correct or revert the cells marked in red; nothing typed is lost.",
        )
    if clashing:
        raise BadInput(
            f"{counted(clashing, 'row')} {'was' if clashing == 1 else 'were'} changed by somebody else meanwhile.",
            "Choose mine or theirs in the cells marked as conflicts; nothing typed is lost.",
        )
