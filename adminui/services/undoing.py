"""Taking back what a run wrote: the inverse change set, against the records as they are now, as a plan like any other.

Undone is what is known to be stored: of a row that is done the values asked for; of one that was accepted but stored
otherwise the fields that hold something else than before. A field is put back only while it holds, in meaning, what
the run left there. A record in which a field was changed since is held whole; a field whose value before is not known
is left out and named. Fields that are back already need nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change
from adminui.records.values import MISSING, same
from adminui.runs import ledger
from adminui.runs.models import Item, Plan, Run
from adminui.services import again, leases, plans, switch
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, NotAllowed, Refused
from adminui.services.rereading import (
    UNSURE,
    WROTE,
    Found,
    Wish,
    before_of,
    items_of,
    left_by,
    require_over,
    require_seen,
    reread,
    wish,
)
from adminui.services.uncollected import nothing_collected

DOOR: Final = "undo"
SCHEDULED: Final = "scheduled undo"
AGAIN_AFTER: Final = timedelta(seconds=60)  # until a scheduled undo that could not be made now is tried again
KEPT_FOR: Final = 24 * 3600  # seconds that the cells which still stand are remembered: of runs that are over
OUR_FAULT: Final = "Something failed on our side; the log says what."
OVER: Final = (Run.State.FINISHED, Run.State.STOPPED)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Undoable:
    """How many rows of a run stand as it wrote them, as far as is known here; why they cannot be undone, if so."""

    rows: int
    why_not: str = ""
    undone_by: tuple[Run, ...] = ()


def undoable(opened: Opened, run: Run) -> Undoable:
    """What the run page says of undoing; counts only, until something was undone."""
    undos = tuple(_undos([run.pk]).select_related("plan").defer("plan__changesets", "plan__steps").order_by("pk"))
    rows = _standing_rows(opened, run, undos) if run.over else 0
    return Undoable(rows, _why_not(opened, run, rows, undos), undos)


def _why_not(opened: Opened, run: Run, rows: int, undos: tuple[Run, ...]) -> str:
    if not opened.editable:
        return f"You may not edit {opened.resource.label} of {opened.connection.label}."
    if not run.over:
        return "It is not over yet."
    if under_way := [undo for undo in undos if not undo.over]:
        return f"Run {under_way[0].pk} is to undo it."
    if rows:
        return ""
    return f"Run {undos[-1].pk} has undone it." if undos else "It wrote nothing that could be put back."


def _undos(runs: Collection[int]) -> QuerySet[Run]:
    return Run.objects.filter(plan__undoes__in=runs)


def _standing_rows(opened: Opened, run: Run, undos: Collection[Run]) -> int:
    tally = run.tally()
    undone = any(undo.over for undo in undos)
    if Outcome.NOT_STORED not in tally and not undone:
        return tally.get(Outcome.DONE, 0)
    said = [run.pk, run.plan.digest, *(tally.get(outcome, 0) for outcome in WROTE), *_family(run)]
    key = "undoable:" + ":".join(map(str, said))
    kept: int | None = cache.get(key)
    if kept is None:
        kept = len({record for record, _ in _standing(opened, run)}) if undone else _written(opened, run, tally)
        cache.set(key, kept, KEPT_FOR)
    return kept


def _written(opened: Opened, run: Run, tally: Mapping[Outcome, int]) -> int:
    """Nothing was undone so far: only the rows that are stored otherwise have to be looked at."""
    otherwise = {record for record, _ in _cells(opened, run, (Outcome.NOT_STORED,))}
    return tally.get(Outcome.DONE, 0) + len(otherwise)


def _family(run: Run) -> list[int]:
    """The undos of the run that are over, their undos, and so on."""
    found: list[int] = []
    level = [run.pk]
    while level := list(_undos(level).filter(state__in=OVER).order_by("pk").values_list("pk", flat=True)):
        found += level
    return found


def _standing(opened: Opened, run: Run) -> set[tuple[str, str]]:
    """(record, field) of what the run wrote, without what undos took back, unless that was itself undone."""
    cells = _cells(opened, run, WROTE)
    for undo in _undos([run.pk]).filter(state__in=OVER):
        cells -= _standing(opened, undo)
    return cells


def _cells(opened: Opened, run: Run, outcomes: Collection[Outcome]) -> set[tuple[str, str]]:
    """(record, field) that rows of these outcomes left as something else than before."""
    written = ((item, c) for item in items_of(run, outcomes, None) for c in item.row().changes)
    return {(item.record_id, c.field) for item, c in written if isinstance(_turned(opened, item, c), Change)}


@nothing_collected()
def plan_undo(
    opened: Opened, run: Run, *, records: Collection[str] | None = None, fields: Collection[str] | None = None
) -> Plan:
    """A plan that puts back what the run changed, in all its records and fields or in some. Raises BadInput."""
    found = _look(opened, run, records, fields)
    return plans.save(opened, found.rows, door=DOOR, worksheet=run.plan.worksheet, undoes=run, held=found.held)


def _look(opened: Opened, run: Run, records: Collection[str] | None, fields: Collection[str] | None) -> Found:
    require_over(opened, run)
    again.check_again(opened, run)
    items = items_of(run, (*WROTE, Outcome.UNKNOWN), None if records is None else set(records))
    wishes = [back for item in items if (back := _back(opened, item, fields)) is not None]
    if not wishes:
        raise BadInput(f"Run {run.pk} wrote nothing here that could be undone.")
    found = reread(opened, run, wishes)
    if not found.rows:
        raise _nothing(run, found)
    return found


def _nothing(run: Run, found: Found) -> BadInput:
    if not found.held:
        there = counted(len(found.there), "record")
        return BadInput(f"Nothing is left to undo of run {run.pk}: {there} as before it already.")
    first = found.held[0]
    others = f" So it is, or alike, with {counted(len(found.held) - 1, 'other')}." if len(found.held) > 1 else ""
    return BadInput(
        f"Nothing of run {run.pk} can be undone. {first.label}: {first.why}{others}", "Look at the records themselves."
    )


def _back(opened: Opened, item: Item, fields: Collection[str] | None) -> Wish | None:
    """The row turned round; None where it left nothing behind in these fields."""
    changes = [c for c in item.row().changes if fields is None or c.field in fields]
    require_seen(opened, changes)
    if item.outcome == Outcome.UNKNOWN:
        return wish(opened, item, (), [UNSURE.format(item.run_id)] if changes else ()) if changes else None
    turned: list[Change] = []
    lost: list[str] = []
    for change in changes:
        back = _turned(opened, item, change)
        if isinstance(back, str):
            lost.append(back)
        elif back is not None:
            turned.append(back)
    return wish(opened, item, turned, lost) if turned or lost else None


def _turned(opened: Opened, item: Item, change: Change) -> Change | str | None:
    """From what the run left to what was there; why that cannot be; or None where it changed nothing."""
    before, left = before_of(item, change), left_by(item, change)
    known = opened.resource.by_name.get(change.field)
    label = known.label if known else change.field
    if left is MISSING:
        return f"What run {item.run_id} left in {label} is not known."
    if known is not None and same(known, before, left):
        return None
    if before is MISSING:
        return f"{label} cannot be put back: the API did not show it before run {item.run_id}."
    return Change(change.field, left, before)


def revert_once() -> bool:
    """Make the undo of one run whose time for it has come, if there is one; whether there was one."""
    run = _claim()
    if run is None:
        return False
    with leases.held(lambda: bool(_mine(run).update(lease_until=timezone.now() + ledger.LEASE)), threading.Event()):
        words = _revert(run)
    if words:
        _mine(run).update(doing=words[:300], lease_until=timezone.now() + AGAIN_AFTER)
    return True


def _claim() -> Run | None:
    """By the lease of the run, which has no other use once it is over; it is also when to try again."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    due = Run.objects.filter(free, state__in=OVER, revert_at__lte=now)
    owner = ledger.me()
    for pk in due.order_by("revert_at", "pk").values_list("pk", flat=True)[:10]:
        if due.filter(pk=pk).update(owner=owner, lease_until=now + ledger.LEASE):
            return Run.objects.select_related("plan", "user").get(pk=pk)
    return None


def _mine(run: Run) -> QuerySet[Run]:
    """The run, while this is the process to undo it and nobody has put that off or called it off."""
    return Run.objects.filter(pk=run.pk, owner=run.owner, revert_at=run.revert_at)


def _revert(run: Run) -> str:
    """Undo it with the rights its person has now, or write down why not. Words where it is to be tried again."""
    try:
        opened = _opened(run)
        switch.require_on(opened.connection)
        found = _look(opened, run, None, None)
        plan = plans.save(
            opened, found.rows, door=SCHEDULED, worksheet=run.plan.worksheet, canary=0, undoes=run, held=found.held
        )
        _approve(opened, run, plan)
    except Refused as error:
        _end(run, f"It was not undone as scheduled, with the rights of {run.user_name}: {error.message}")
    except RemoteError as error:
        return f"Its undo is due and is tried every minute: {error.message}"
    except Exception:
        logger.exception("The scheduled undo of run %s broke down on our side", run.pk)
        return f"Its undo is due and is tried every minute: {OUR_FAULT}"
    return ""


def _opened(run: Run) -> Opened:
    if run.user is None or not run.user.is_active:
        raise NotAllowed(f"{run.user_name} has no account here any more.")
    return open_resource(run.user, run.plan.connection, run.plan.resource)


@transaction.atomic
def _approve(opened: Opened, run: Run, plan: Plan) -> None:
    """Once: of two who got here, the one who still has the run."""
    if not _mine(run).update(doing=""):
        plan.delete()
        return
    undo = plans.approve(opened, plan, note=f"Scheduled when run {run.pk} was approved")
    held = f"; {counted(len(plan.held), 'record')} held back, see its plan" if plan.held else ""
    _end(run, f"Run {undo.pk} undoes it as scheduled{held}.")


def _end(run: Run, words: str) -> None:
    message = f"{run.message} {words}".strip()
    _mine(run).update(message=message, revert_at=None, lease_until=None, doing="")
