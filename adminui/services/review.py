"""A saved plan on its way out: what its requests are built and checked against, and the sending."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from adminui.planning.checks import Severity
from adminui.records.changes import ChangeSet
from adminui.records.schema import Resource
from adminui.records.values import MISSING, MaybeValue, Record, RecordId, Value
from adminui.remote import reader
from adminui.runs.models import Plan, Run
from adminui.services import guards, plans, switch
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, Stale
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet


def draw(opened: Opened, plan: Plan, rows: Sequence[ChangeSet]) -> plans.Drawn:
    """The plan's requests and findings. Raises NotAllowed where it would show what the person may not see."""
    require_sight(opened, {name for row in rows for name in row.fields})
    return draw_whole(opened, plan, rows)


def draw_whole(opened: Opened, plan: Plan, rows: Sequence[ChangeSet]) -> plans.Drawn:
    """The same for whoever asks."""
    steps, live = plans.steps_of(plan, rows), live_for(opened, plan, rows)
    return plans.draw_steps(opened, steps, live, replace=plan.replace)


def require_sight(opened: Opened, fields: Collection[str]) -> None:
    if any(opened.resource.by_name[name].hidden for name in fields):
        raise NotAllowed("This plan changes fields that you may not see.", "Ask whoever made it.")


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


def send(
    opened: Opened,
    plan: Plan,
    *,
    note: str = "",
    typed: str = "",
    due_at: datetime | None = None,
    revert_at: datetime | None = None,
) -> Run:
    """Approve what was looked at. The same person clicking twice gets the same run; the plan is sent at most once."""
    if (run := _sent_by(opened, plan)) is not None:
        return run
    if plan.state == Plan.State.OPEN:
        _may_go(opened, plan, note or plan.note, typed)
        _in_order(due_at, revert_at)
    try:
        return plans.approve(opened, plan, note=note, due_at=due_at, revert_at=revert_at)
    except Stale:
        if (run := _sent_by(opened, plan)) is not None:
            return run
        raise


def _may_go(opened: Opened, plan: Plan, note: str, typed: str) -> None:
    switch.require_on(opened.connection)
    rows = plan.rows()
    guards.check(opened, len(rows), typed, note)
    blocking = [f.text for f in draw(opened, plan, rows).findings if f.severity is Severity.BLOCK]
    if blocking:
        raise BadInput(blocking[0], "Take these rows or fields out and plan again. Nothing was sent.")


def _in_order(due_at: datetime | None, revert_at: datetime | None) -> None:
    """Each moment lies ahead, and undoing comes after sending."""
    now = timezone.now()
    for moment, what in ((due_at, "send"), (revert_at, "undo")):
        if moment is not None and moment <= now:
            raise BadInput(
                f"The time to {what} at, {said(moment)}, has passed.", "Choose a later one; nothing was sent."
            )
    if due_at is not None and revert_at is not None and revert_at <= due_at:
        raise BadInput(
            f"It would be undone at {said(revert_at)}, before it is sent at {said(due_at)}.",
            "Choose a later time to undo it; nothing was sent.",
        )


def said(moment: datetime) -> str:
    """A moment in the zone of this installation, which is named."""
    local = timezone.localtime(moment)
    return f"{local:%d %b %Y, %H:%M} {local.tzname()}"


def _sent_by(opened: Opened, plan: Plan) -> Run | None:
    run = Run.objects.filter(plan=plan).first()
    return run if run is not None and run.user_id == opened.user.pk else None
