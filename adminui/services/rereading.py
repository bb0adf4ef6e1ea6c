"""Rows of an earlier run held against the records as they are now: what is left to write, what moved, and by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change, ChangeSet, Clash, changeset_of, merge
from adminui.records.documents import change_from_data
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue, Record, same
from adminui.remote import reader
from adminui.runs.models import Item, Run
from adminui.services import history
from adminui.services.catalog import Opened
from adminui.services.errors import NotAllowed, NotThere, Stale
from adminui.services.plans import Held

WROTE: Final = (Outcome.DONE, Outcome.NOT_STORED)  # outcomes of rows whose record the run has, or may have, changed
GONE: Final = "The API does not have this record any more."
UNSURE: Final = "It is not known whether run {} wrote this; look at the record itself."
AT_ONCE: Final = 500  # rows named in one statement


@dataclass(frozen=True)
class Wish:
    """What one record is to hold, over what it must hold by now; `lost` says why other fields of it are left out."""

    row: ChangeSet
    lost: tuple[str, ...] = ()


@dataclass
class Found:
    """What became of wishes: change sets over the records as they are now, those held and why, those there already."""

    rows: list[ChangeSet] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    there: set[str] = field(default_factory=set)


def require_over(opened: Opened, run: Run) -> None:
    """Raises Stale while the run may still write, NotAllowed for who may not edit."""
    if (run.plan.connection, run.plan.resource) != (opened.connection.name, opened.resource.name):
        raise NotThere(f"Run {run.pk} is not about {opened.resource.label} of {opened.connection.label}.")
    opened.require("edit")
    if not run.over:
        raise Stale(f"Run {run.pk} is not over yet.", "Wait for its end, or cancel it first.")


def items_of(run: Run, outcomes: Collection[Outcome], records: Collection[str] | None) -> Iterator[Item]:
    """The run's rows of these outcomes, in its order, or of these records among them."""
    rows = run.items.filter(outcome__in=outcomes)
    if records is None:
        yield from rows.iterator(chunk_size=2_000)
        return
    for some in _chunks(records):
        yield from rows.filter(record_id__in=some)


def wish(opened: Opened, item: Item, changes: Iterable[Change], lost: Iterable[str] = ()) -> Wish:
    """The changes that can still be written today; of the others, why not."""
    open_: list[Change] = []
    words = list(lost)
    for change in changes:
        if closed := _closed(opened, change.field):
            words.append(closed)
        else:
            open_.append(change)
    row = replace(item.row(), label=history.label_of(opened, item), changes=tuple(open_))
    return Wish(row, tuple(words))


def require_seen(opened: Opened, changes: Iterable[Change]) -> None:
    if any(history.field_shown(opened, change.field) is None for change in changes):
        raise NotAllowed("This run changed fields that you may not see.", "Ask whoever approved it.")


def _closed(opened: Opened, name: str) -> str:
    known = opened.whole.by_name.get(name)
    if known is None:
        return f"{opened.resource.label} have no field “{name}” any more."
    return f"{known.label} cannot be written any more." if known.read_only else ""


def before_of(item: Item, change: Change) -> MaybeValue:
    """What stood there right before the run wrote, where it was not what the person had seen."""
    return change_from_data(item.theirs[change.field]).before if change.field in item.theirs else change.before


def left_by(item: Item, change: Change) -> MaybeValue:
    """What the run left in the field, by what was read back; MISSING where that is not known."""
    return change.after if item.outcome == Outcome.DONE else item.stored.get(change.field, MISSING)


def reread(opened: Opened, run: Run, wishes: Sequence[Wish]) -> Found:
    """Hold wishes against the live records, per field: a record in which one of the fields moved is held whole."""
    found = Found()
    why: dict[str, tuple[str, ...]] = {}
    moved: dict[str, Sequence[Clash]] = {}
    asked = {str(each.row.record_id): each for each in wishes if each.row.changes}
    ids = [each.row.record_id for each in asked.values()]
    for chunk, records in reader.read_each(opened.client, opened.whole, opened.can, ids):
        for key in map(str, chunk):
            if key not in records:
                why[key] = (GONE,)
            elif clashes := _take(opened, found, asked[key].row, records[key]):
                moved[key] = clashes
    why |= _told(opened, run, moved)
    for each in wishes:
        key = str(each.row.record_id)
        if words := (*why.get(key, ()), *each.lost):
            found.held.append(Held(key, each.row.label, " ".join(words)))
    return found


def _take(opened: Opened, found: Found, row: ChangeSet, current: Record) -> tuple[Clash, ...]:
    """What clashes, if anything does; else the row goes where it belongs."""
    merged = merge(opened.whole, row, {}, current)
    if merged.clashes:
        return merged.clashes
    if not merged.changeset.changes:
        found.there.add(str(row.record_id))
        return ()
    now = (Change(c.field, current.get(c.field, MISSING), c.after) for c in merged.changeset.changes)
    found.rows.append(changeset_of(opened.resource, current, now))
    return ()


def _told(opened: Opened, run: Run, moved: Mapping[str, Sequence[Clash]]) -> dict[str, tuple[str, ...]]:
    """Per record a sentence for each field that moved, with who moved it as far as it was done from here."""
    movers = _movers(opened, run, moved)
    return {
        key: tuple(_sentence(opened.whole.by_name[c.field], run, movers.get((key, c.field))) for c in clashes)
        for key, clashes in moved.items()
    }


def _sentence(moved: Field, run: Run, mover: tuple[int, str] | None) -> str:
    by = f"by run {mover[0]} of {mover[1]}" if mover else "but not from here"
    return f"{moved.label} was changed after run {run.pk}, {by}."


def _movers(opened: Opened, run: Run, moved: Mapping[str, Sequence[Clash]]) -> dict[tuple[str, str], tuple[int, str]]:
    """(record, field) → the later run, and its person, that left there what is there now."""
    theirs = {(key, c.field): c.theirs for key, clashes in moved.items() for c in clashes}
    found: dict[tuple[str, str], tuple[int, str]] = {}
    later = Item.objects.filter(
        run_id__gt=run.pk,
        run__plan__connection=opened.connection.name,
        run__plan__resource=opened.resource.name,
        outcome__in=WROTE,
    )
    for some in _chunks(moved):
        for item in later.filter(record_id__in=some).select_related("run").order_by("run_id"):
            for change in item.row().changes:
                cell = item.record_id, change.field
                if cell in theirs and same(opened.whole.by_name[change.field], left_by(item, change), theirs[cell]):
                    found[cell] = item.run_id, item.run.user_name
    return found


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while some := list(islice(left, AT_ONCE)):
        yield some
