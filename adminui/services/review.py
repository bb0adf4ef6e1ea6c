"""A saved plan as it is looked at before it is sent: its requests, its changes folded by kind, and the sending."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from adminui.planning.checks import Severity
from adminui.planning.explain import counted
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Field, Resource
from adminui.records.values import MISSING, MaybeValue, Record, RecordId, Value, canonical
from adminui.remote import reader
from adminui.runs.models import Plan, Run
from adminui.services import plans
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, Stale
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

FOLDS = 20  # different changes of one field that get a line of their own; the rest share one


@dataclass(frozen=True)
class Cell:
    """One change of one record."""

    row: ChangeSet
    change: Change


@dataclass(frozen=True)
class Fold:
    """Changes of one field that read as one line: all to the same value, or the various rest."""

    key: str
    field: Field
    cells: tuple[Cell, ...]
    same_before: bool
    same_after: bool

    @property
    def before(self) -> MaybeValue:
        return self.cells[0].change.before

    @property
    def after(self) -> MaybeValue:
        return self.cells[0].change.after


def draw(opened: Opened, plan: Plan, rows: Sequence[ChangeSet]) -> plans.Drawn:
    """The plan's requests and findings. Raises NotAllowed where it would show what the person may not see."""
    unseen = {name for row in rows for name in row.fields if opened.resource.by_name[name].hidden}
    if unseen:
        raise NotAllowed("This plan changes fields that you may not see.", "Ask whoever made it.")
    steps, live = plans.steps_of(plan, rows), live_for(opened, plan, rows)
    return plans.draw_steps(opened, steps, live, replace=plan.replace)


def live_for(opened: Opened, plan: Plan, rows: Sequence[ChangeSet]) -> Mapping[RecordId, Record]:
    """What the requests are built and checked against: a full PUT needs each record as it is now, a PATCH none."""
    if is_put(opened, plan):
        return reader.read_many(opened.client, opened.whole, opened.can, [row.record_id for row in rows])
    sheet = Worksheet.objects.filter(pk=plan.worksheet or 0).first()
    kept = _as_read(opened.whole, sheet, rows) if sheet else {}
    return {row.record_id: kept.get(str(row.record_id)) or _as_seen(row, opened.whole.id_field) for row in rows}


def _as_read(resource: Resource, sheet: Worksheet, rows: Sequence[ChangeSet]) -> dict[str, Record]:
    """The records as the worksheet read them, as far as the checks look at them."""
    places = store.rows_of(sheet, resource.id_field, (row.record_id for row in rows))
    names = _looked_at(resource, {name for row in rows for name in row.fields})
    held = store.values_at(sheet, names, places.values())
    return {record_id: _present(held[place]) for record_id, place in places.items()}


def _present(values: Mapping[str, MaybeValue]) -> Record:
    return {name: value for name, value in values.items() if value is not MISSING}


def _looked_at(resource: Resource, changed: Collection[str]) -> list[str]:
    """The changed fields, and those whose values decide whether the changes fit the record."""
    names = {resource.id_field, *changed, *(resource.parent[:1] if resource.parent else ())}
    for group in resource.together:
        names.update(group if names.intersection(group) else ())
    for name in changed:
        names.update(resource.bound.get(name, ()))
    for field in resource.fields:
        if field.parent and {field.name, field.parent}.intersection(changed):
            names.update((field.name, field.parent))
    return sorted(names)


def _as_seen(row: ChangeSet, id_field: str) -> Record:
    seen: dict[str, Value] = {c.field: c.before for c in row.changes if c.before is not MISSING}
    return {id_field: row.record_id, **seen}


def is_put(opened: Opened, plan: Plan) -> bool:
    return plan.replace or not opened.can.patch


def bodies_shown(opened: Opened, plan: Plan) -> bool:
    """A full PUT carries every field, also those this person may not see."""
    return not is_put(opened, plan) or not any(f.hidden for f in opened.resource.fields)


def folds(opened: Opened, rows: Iterable[ChangeSet]) -> list[Fold]:
    """The changes by kind, field by field in the record's order, the most frequent first."""
    by_field: dict[str, dict[object, list[Cell]]] = {}
    for row in rows:
        for change in row.changes:
            field = opened.resource.by_name[change.field]
            by_field.setdefault(field.name, {}).setdefault(canonical(field, change.after), []).append(Cell(row, change))
    return [fold for f in opened.resource.fields if f.name in by_field for fold in _folds_of(f, by_field[f.name])]


def _folds_of(field: Field, by_after: Mapping[object, list[Cell]]) -> list[Fold]:
    shared = sorted((cells for cells in by_after.values() if len(cells) > 1), key=len, reverse=True)
    rest = [cells[0] for cells in by_after.values() if len(cells) == 1]
    rest += [cell for cells in shared[FOLDS:] for cell in cells]
    return [_fold(field, cells) for cells in shared[:FOLDS]] + ([_fold(field, rest)] if rest else [])


def _fold(field: Field, cells: Sequence[Cell]) -> Fold:
    befores = {canonical(field, cell.change.before) for cell in cells}
    afters = {canonical(field, cell.change.after) for cell in cells}
    name = [field.name, repr(next(iter(afters))) if len(afters) == 1 else "various"]
    key = hashlib.sha256("\n".join(name).encode()).hexdigest()[:16]
    return Fold(key, field, tuple(cells), len(befores) == 1, len(afters) == 1)


def of_finding(drawn: plans.Drawn, rows: Sequence[ChangeSet], number: int | None) -> Sequence[ChangeSet]:
    """The rows a finding is about; all of them for None."""
    if number is None or not 0 <= number < len(drawn.findings):
        return rows
    ids = set(drawn.findings[number].ids)
    return [row for row in rows if row.record_id in ids]


@dataclass(frozen=True)
class Unticked:
    """What is to be left out: whole records, and single cells as (record id, field)."""

    rows: frozenset[str]
    cells: frozenset[tuple[str, str]]

    def counted_in(self, changesets: Sequence[ChangeSet]) -> tuple[int, int]:
        """How many records go altogether, and how many fields go of records that stay."""
        gone = fields = 0
        for row in changesets:
            record = str(row.record_id)
            dropped = len(row.changes) if record in self.rows else sum((record, f) in self.cells for f in row.fields)
            if dropped == len(row.changes):
                gone += 1
            else:
                fields += dropped
        return gone, fields


def sentence(unticked: Unticked, changesets: Sequence[ChangeSet]) -> str:
    """The label of the button that plans again: exactly what it leaves out. Empty when nothing is unticked."""
    gone, fields = unticked.counted_in(changesets)
    said = [counted(gone, "row")] if gone else []
    said += [counted(fields, "field")] if fields else []
    return f"Plan again without {' and '.join(said)}" if said else ""


def unticked(
    opened: Opened,
    changesets: Sequence[ChangeSet],
    fold_keys: Collection[str],
    rows: Collection[str],
    cells: Collection[tuple[str, str]],
) -> Unticked:
    """Unticked folds, records and cells as what they come to."""
    folded = {
        (str(cell.row.record_id), fold.field.name)
        for fold in folds(opened, changesets)
        if fold.key in fold_keys
        for cell in fold.cells
    }
    return Unticked(frozenset(rows), frozenset({*folded, *cells}))


def send(opened: Opened, plan: Plan, *, note: str = "", typed: str = "") -> Run:
    """Approve what was looked at. The same person clicking twice gets the same run; the plan is sent at most once."""
    if (run := _sent_by(opened, plan)) is not None:
        return run
    rows = plan.rows()
    if plan.state == Plan.State.OPEN:
        _confirmed(opened, rows, typed)
        blocking = [f.text for f in draw(opened, plan, rows).findings if f.severity is Severity.BLOCK]
        if blocking:
            raise BadInput(blocking[0], "Take these rows or fields out and plan again. Nothing was sent.")
    try:
        return plans.approve(opened, plan, note=note)
    except Stale:
        if (run := _sent_by(opened, plan)) is not None:
            return run
        raise


def _confirmed(opened: Opened, rows: Sequence[ChangeSet], typed: str) -> None:
    """In production the number of records is typed by hand."""
    if not opened.connection.production:
        return
    if "".join(c for c in typed if c.isdigit()) != str(len(rows)):
        raise BadInput(
            f"{opened.connection.label} is production: type {len(rows)}, the number of records, to confirm.",
            "Nothing was sent; your note is kept.",
        )


def _sent_by(opened: Opened, plan: Plan) -> Run | None:
    run = Run.objects.filter(plan=plan).first()
    return run if run is not None and run.user_id == opened.user.pk else None
