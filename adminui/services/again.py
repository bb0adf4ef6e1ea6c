"""Once more with what a run left undone: retried, settled by reading, decided for one side, or put into a worksheet.

Each makes a plan, from records read anew, that is looked at and approved like any other.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal
from uuid import uuid4

from django.utils import timezone

from adminui.planning.explain import counted
from adminui.planning.outcomes import TO_FIX, Outcome, RowResult
from adminui.planning.verify import HALF_WRITTEN, NOT_WRITTEN, VANISHED, WRITTEN_AFTER_ALL, verified
from adminui.records.casting import to_text
from adminui.records.changes import Change
from adminui.remote.client import Exchange
from adminui.remote.reader import read_many
from adminui.runs import ledger, lines
from adminui.runs.models import Item, Plan, Run
from adminui.services import edits, homecoming, plans, reading, sheets
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.rereading import (
    UNSURE,
    Found,
    Wish,
    before_of,
    items_of,
    require_over,
    require_seen,
    reread,
    wish,
)
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from adminui.worksheets.store import Mark

Side = Literal["mine", "theirs"]

DOOR: Final = "retry"
LEFT: Final = "Left as somebody else set it."
LEFT_KIND: Final = ledger.kind_of(RowResult("", Outcome.CANCELLED, (LEFT,)))  # settled: such rows are not to be fixed
MOST_IN_WORKSHEET: Final = 20_000  # rows that a person waits for while a worksheet of them is made
_READING: Final = frozenset({WRITTEN_AFTER_ALL, NOT_WRITTEN, HALF_WRITTEN, VANISHED, ledger.FATE_OPEN})


def retry(
    opened: Opened, run: Run, *, kinds: Collection[str] | None = None, outcomes: Collection[Outcome] = TO_FIX
) -> Plan:
    """The same values for rows that did not get them. One that moved since the run is held, not written over.

    Rows whose fate is unknown are read first. Raises BadInput when nothing is left to send.
    """
    require_over(opened, run)
    items = _chosen(run, outcomes, kinds)
    _settle(opened, run, [item for item in items if item.outcome == Outcome.UNKNOWN])
    wishes = [_same_again(opened, item) for item in items if item.to_fix]
    return _saved(opened, run, reread(opened, run, wishes))


def _chosen(run: Run, outcomes: Collection[Outcome], kinds: Collection[str] | None) -> list[Item]:
    items = run.items.filter(outcome__in=outcomes).exclude(outcome=Outcome.CANCELLED, kind=LEFT_KIND)
    return list(items if kinds is None else items.filter(kind__in=kinds))


def _same_again(opened: Opened, item: Item) -> Wish:
    changes = [change for change in item.row().changes if not _is_left(item, change.field)]
    require_seen(opened, changes)
    if item.outcome == Outcome.UNKNOWN:
        return wish(opened, item, (), [UNSURE.format(item.run_id)])
    if item.outcome == Outcome.NOT_STORED:  # over what the API made of it
        changes = [replace(c, before=item.stored.get(c.field, c.before)) for c in changes]
    return wish(opened, item, changes)


def _is_left(item: Item, field: str) -> bool:
    return LEFT in item.by_field.get(field, ())


def _saved(opened: Opened, run: Run, found: Found) -> Plan:
    if not found.rows:
        raise _nothing(run, found)
    old = run.plan
    return plans.save(
        opened,
        found.rows,
        door=DOOR,
        replace=old.replace,
        worksheet=old.worksheet,
        note=old.note,
        undoes=old.undoes,  # what is left of an undo is an undo
        retries=run,
        held=found.held,
    )


def _nothing(run: Run, found: Found) -> BadInput:
    if found.held:
        first = found.held[0]
        return BadInput(f"Nothing of run {run.pk} can be sent again. {first.label}: {first.why}")
    if found.there:
        return BadInput(f"Nothing is left to send: {counted(len(found.there), 'record')} as wanted already.")
    return BadInput(f"No row of run {run.pk} is to be sent again.")


def check_again(opened: Opened, run: Run) -> int:
    """Read the rows whose fate is unknown and settle those that reading can settle; how many it did."""
    require_over(opened, run)
    return _settle(opened, run, list(items_of(run, [Outcome.UNKNOWN], None)))


def _settle(opened: Opened, run: Run, items: Sequence[Item]) -> int:
    items = [item for item in items if opened.whole.by_name.keys() >= set(item.row().fields)]
    if not items:
        return 0
    rows = [item.row() for item in items]
    seen: list[Exchange] = []
    try:
        with opened.client.observe(seen.append):
            found = read_many(opened.client, opened.whole, opened.can, [row.record_id for row in rows])
    finally:
        lines.keep(run, [lines.Kept("verify", None, exchange) for exchange in seen])
    for item, row in zip(items, rows, strict=True):
        lost = RowResult(row.record_id, Outcome.UNKNOWN, tuple(w for w in item.messages if w not in _READING))
        _write(item, verified(opened.whole, row, lost, found.get(row.record_id)))
    Item.objects.bulk_update(items, ["outcome", "kind", "messages", "stored", "verified", "settled_at"], batch_size=100)
    return sum(item.outcome != Outcome.UNKNOWN for item in items)


def _write(item: Item, result: RowResult) -> None:
    item.outcome, item.messages, item.kind = result.outcome, list(result.messages), ledger.kind_of(result)
    item.verified, item.settled_at = result.stored is not None, timezone.now()
    if result.stored is not None and result.outcome is not Outcome.DONE:
        item.stored = {name: result.stored[name] for name in item.row().fields if name in result.stored}


def take_sides(
    opened: Opened,
    run: Run,
    side: Side,
    *,
    records: Collection[str] | None = None,
    fields: Collection[str] | None = None,
) -> Plan | None:
    """Settle clashes, all or those in some records and fields. What else a row was to change is planned with it.

    Mine: a plan over what stood there instead, if that still stands. Theirs: those fields stay as they are; there is
    a plan only where other fields of the rows are left to write. Raises BadInput when there is no such clash.
    """
    require_over(opened, run)
    found = items_of(run, [Outcome.CONFLICT], records)
    clashing = {item: chosen for item in found if (chosen := _clashing(item, fields))}
    if not clashing:
        raise BadInput(f"Run {run.pk} has no such clash left to settle.")
    for item in clashing:
        require_seen(opened, item.row().changes)
    plan = _mine(opened, run, clashing) if side == "mine" else _theirs(opened, run, clashing)
    _settle_in_worksheet(opened, run, clashing, side)
    return plan


def _clashing(item: Item, fields: Collection[str] | None = None) -> set[str]:
    """The fields that clash and are not left to the others yet."""
    return {name for name in item.theirs if not _is_left(item, name) and (fields is None or name in fields)}


def _mine(opened: Opened, run: Run, clashing: Mapping[Item, set[str]]) -> Plan:
    """Over what was shown as theirs; clashing fields that were not chosen stay out of it."""
    wishes = []
    for item, chosen in clashing.items():
        out = set(item.theirs) - chosen
        changes = (c for c in item.row().changes if c.field not in out)
        wishes.append(wish(opened, item, [replace(c, before=before_of(item, c)) for c in changes]))
    return _saved(opened, run, reread(opened, run, wishes))


def _theirs(opened: Opened, run: Run, clashing: Mapping[Item, set[str]]) -> Plan | None:
    """A row is settled once nothing it was to change is left open: not while others of its fields cannot be planned."""
    whole = [item for item, chosen in clashing.items() if chosen == _clashing(item)]
    wishes = [wish(opened, i, [c for c in i.row().changes if c.field not in i.theirs]) for i in whole]
    found = reread(opened, run, wishes)
    plan = _saved(opened, run, found) if found.rows else None
    held = {row.id for row in found.held}
    settled = {item.pk for item in whole if item.record_id not in held}
    for item, chosen in clashing.items():
        if item.pk in settled:
            item.outcome, item.messages, item.by_field, item.kind = Outcome.CANCELLED, [LEFT], {}, LEFT_KIND
        else:
            item.by_field = {**item.by_field, **{name: [LEFT] for name in sorted(chosen)}}
            item.kind = ledger.kind_of(RowResult("", Outcome.CONFLICT, tuple(item.messages), item.by_field))
    Item.objects.bulk_update(list(clashing), ["outcome", "kind", "messages", "by_field"], batch_size=100)
    return plan


def _settle_in_worksheet(opened: Opened, run: Run, clashing: Mapping[Item, set[str]], side: Side) -> None:
    sheet = _own_sheet(opened, run)
    if sheet is None:
        return
    homecoming.catch_up(opened, sheet)
    names = {name for chosen in clashing.values() for name in chosen}
    shown = [field.name for field in opened.resource.visible if field.name in names]
    rows = store.rows_of(sheet, opened.whole.id_field, (item.record_id for item in clashing))
    edits.resolve(opened, sheet, set(rows.values()), shown, side)


def _own_sheet(opened: Opened, run: Run) -> Worksheet | None:
    """The worksheet in which the run's values were typed, if it is there and the person may edit it."""
    if run.plan.worksheet is None or run.plan.undoes_id is not None:
        return None
    sheet = sheets.within_reach(opened.user).filter(pk=run.plan.worksheet).select_related("owner").first()
    return sheet if sheet is not None and sheets.may_edit(opened, sheet) else None


def worksheet_for(opened: Opened, run: Run, *, kinds: Collection[str] | None = None) -> Worksheet:
    """Where rows that failed are fixed: the worksheet they came from, or a new one with their edits and the words.

    Raises BadInput when there are none, or too many to open at once.
    """
    require_over(opened, run)
    if (own := _own_sheet(opened, run)) is not None:
        homecoming.catch_up(opened, own)
        return own
    items = _chosen(run, TO_FIX, kinds)
    if len(items) > MOST_IN_WORKSHEET:
        said = f"{len(items):,} rows are more than the {MOST_IN_WORKSHEET:,} that are put into a worksheet at once."
        raise BadInput(said, "Choose one kind of failure.")
    if not items:
        raise BadInput(f"No row of run {run.pk} is left to be fixed.")
    for item in items:
        require_seen(opened, item.row().changes)
    return _new_sheet(opened, run, items)


def _new_sheet(opened: Opened, run: Run, items: Sequence[Item]) -> Worksheet:
    names = dict.fromkeys(name for item in items for name in item.row().fields)
    shown = [f.name for f in opened.resource.visible if f.name in names]
    sheet = reading.open_ids(opened, [item.row().record_id for item in items], shown)
    _until_read(sheet)
    places = store.rows_of(sheet, opened.whole.id_field, (item.record_id for item in items))
    cells: dict[str, tuple[list[int], list[edits.Edit]]] = {}
    for item, change in _typed_in(opened, items):
        if item.record_id in places:
            rows, raws = cells.setdefault(change.field, ([], []))
            rows.append(places[item.record_id])
            raws.append(_as_edit(opened, change))
    edits.take(opened, sheet, uuid4(), "paste", f"As run {run.pk} tried", cells)
    _mark(sheet, {places[item.record_id]: item for item in items if item.record_id in places})
    return sheet


def _until_read(sheet: Worksheet) -> None:
    """Many are read by whoever gets to it: a worker, or this process in the order of the queue."""
    while sheet.state == Worksheet.State.READING:
        if not reading.read_once():
            time.sleep(0.05)
        sheet.refresh_from_db()
    if sheet.state == Worksheet.State.STOPPED:
        raise BadInput(sheet.problem, "Try again.")


def _typed_in(opened: Opened, items: Iterable[Item]) -> Iterable[tuple[Item, Change]]:
    """What may be typed into a worksheet today."""
    for item in items:
        for change in item.row().changes:
            known = opened.resource.by_name.get(change.field)
            if known is not None and known.editable and not _is_left(item, change.field):
                yield item, change


def _as_edit(opened: Opened, change: Change) -> edits.Edit:
    return None if change.after is None else to_text(opened.resource.by_name[change.field], change.after)


def _mark(sheet: Worksheet, items: Mapping[int, Item]) -> None:
    """What the run came to, and what was said, on each cell that is still to be sent."""
    found = store.marks(sheet)
    for (name, _), marks in found.items():
        for row, mark in marks.items():
            if "e" in mark:
                mark |= _fate(items[row], name)
    store.keep_marks(sheet, found)


def _fate(item: Item, name: str) -> Mark:
    words = list(item.by_field.get(name) or item.messages)
    fate: Mark = {"o": item.outcome, "r": item.run_id}
    if words:
        fate["m"] = words
    return fate
