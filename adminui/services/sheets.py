"""Worksheets: records read once, edits kept beside them, shared changes, and the plan that comes of it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.records.changes import Draft, diff
from adminui.records.documents import change_from_data
from adminui.records.queries import Group
from adminui.records.values import MISSING, MaybeValue, Record, RecordId
from adminui.runs.models import Item, Plan, Run
from adminui.services import browse, plans
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, NotThere, Refused
from adminui.staff.access import Person
from adminui.worksheets.models import Row, Worksheet

MOST_ROWS = 10_000
TITLE = 120  # characters of a worksheet's name


def open_ids(opened: Opened, ids: Sequence[RecordId], columns: Sequence[str]) -> Worksheet:
    """A worksheet over these records, in this order. Ids the API does not have are kept to be named."""
    if not ids:
        raise BadInput("No records are selected.", "Tick some in the list first.")
    if len(ids) > MOST_ROWS:
        raise BadInput(f"{len(ids):,} records are more than the {MOST_ROWS:,} a worksheet takes.", "Select fewer.")
    records, missing = browse.by_ids(opened, ids)
    if not records:
        raise BadInput("None of these ids exists there.", "Check them against the list.")
    others = f" and {counted(len(records) - 1, 'other')}" if len(records) > 1 else ""
    first = opened.resource.title_of(records[0])[:80].strip()
    return _create(opened, records, columns, first + others, missing)


def open_matching(opened: Opened, where: Group, columns: Sequence[str]) -> Worksheet:
    """A worksheet over everything that matches a filter."""
    records = browse.every(opened, where, MOST_ROWS)
    if not records:
        raise BadInput("Nothing matches this filter any more.", "Go back to the list and change it.")
    words = browse.in_words(opened, where)
    return _create(opened, records, columns, words or f"All {opened.resource.label}", [])


def _create(
    opened: Opened, records: Sequence[Record], columns: Sequence[str], title: str, missing: Sequence[RecordId]
) -> Worksheet:
    opened.require("view")
    with transaction.atomic():
        sheet = Worksheet.objects.create(
            owner_id=opened.user_id,
            connection=opened.connection.name,
            resource=opened.resource.name,
            title=_title(opened, title),
            source=counted(len(records), opened.resource.singular, opened.resource.label),
            columns=list(columns),
            read_at=timezone.now(),
            missing=[str(i) for i in missing],
        )
        Row.objects.bulk_create(
            (
                Row(worksheet=sheet, seq=seq, record_id=str(opened.whole.id_of(record)), baseline=dict(record))
                for seq, record in enumerate(records)
            ),
            batch_size=500,
        )
    return sheet


def _title(opened: Opened, words: str) -> str:
    """What was chosen, in words that none of the person's worksheets bears yet."""
    words = words if len(words) <= TITLE else f"{words[: TITLE - 1].strip()}…"
    taken = set(
        Worksheet.objects.filter(owner_id=opened.user_id, title__endswith=words).values_list("title", flat=True)
    )
    numbered = (f"({number}) {words}" for number in itertools.count(2))  # in front, where no sidebar cuts it off
    return words if words not in taken else next(each for each in numbered if each not in taken)


def rename(sheet: Worksheet, title: str) -> None:
    """Give the worksheet a name of its owner's own. Raises BadInput."""
    words = " ".join(title.split())
    if not words:
        raise BadInput("A worksheet needs a name.", "Write one that tells it apart from your others.")
    if len(words) > TITLE:
        raise BadInput(f"A worksheet's name takes {TITLE} characters; this one has {len(words)}.", "Shorten it.")
    sheet.title = words
    sheet.save(update_fields=["title", "changed_at"])


def find(user: Person, sheet_id: int) -> tuple[Worksheet, Opened]:
    """The person's own worksheet, opened, with what its runs have come to."""
    sheet = Worksheet.objects.filter(pk=sheet_id, owner_id=user.pk).first()
    if sheet is None:
        raise NotThere(f"There is no worksheet {sheet_id} of yours.", "It may have been discarded.")
    opened = open_resource(user, sheet.connection, sheet.resource)
    catch_up(opened, sheet)
    return sheet, opened


def mine(user: Person) -> QuerySet[Worksheet]:
    return Worksheet.objects.filter(owner_id=user.pk).order_by("-changed_at")


def discard(sheet: Worksheet) -> None:
    sheet.delete()


def draft_of(opened: Opened, row: Row) -> Draft:
    """The row's pending edits, cast against its baseline."""
    return diff(opened.resource, row.baseline, row.edits)


Side = Literal["mine", "theirs"]
Edits = Mapping[str, Mapping[str, object]]  # record id → field → text or JSON as typed, null for an explicit null


@transaction.atomic
def edit(
    opened: Opened, sheet: Worksheet, edits: Edits, *, revert: Mapping[str, Sequence[str]] | None = None
) -> list[Row]:
    """Keep edits as typed, bad ones too; one that comes to the old value is dropped. Returns the rows touched."""
    opened.require("edit")
    revert = revert or {}
    rows = list(sheet.rows.select_for_update().filter(record_id__in={*edits, *revert}))
    for row in rows:
        kept = {name: raw for name, raw in row.edits.items() if name not in revert.get(row.record_id, ())}
        put(opened, row, {**kept, **edits.get(row.record_id, {})})
    store(rows)
    Worksheet.objects.filter(pk=sheet.pk).update(changed_at=timezone.now())
    return rows


def put(opened: Opened, row: Row, edits: Mapping[str, object]) -> Draft:
    """Make these the row's edits, without those that change nothing; what the API said of other values is forgotten."""
    draft = diff(opened.resource, row.baseline, edits)
    left = {*draft.changeset.values, *draft.invalid}
    before = row.edits
    row.edits = {name: raw for name, raw in edits.items() if name in left}
    row.edited = bool(row.edits)
    stale = {name for name in {*before, *row.edits} if before.get(name, MISSING) != row.edits.get(name, MISSING)}
    if stale:
        _forget(row, stale)
    return draft


def _forget(row: Row, names: Collection[str]) -> None:
    """What was said of these fields no longer holds; when nothing is left, neither does what was said of the row."""
    row.by_field = {name: words for name, words in row.by_field.items() if name not in names}
    if not row.by_field:
        row.messages, row.outcome = [], ""


def clashes_of(row: Row) -> list[str]:
    """Fields that somebody else changed meanwhile, and for which nobody has said yet whose value is to stand."""
    return [name for name in row.by_field if name in row.edits] if row.outcome == Outcome.CONFLICT else []


@transaction.atomic
def resolve(opened: Opened, sheet: Worksheet, choices: Mapping[str, Mapping[str, Side]] | Side) -> list[Row]:
    """Settle clashes (record id → field → whose value stands, or one side for all). Returns the rows touched."""
    opened.require("edit")
    rows = sheet.rows.select_for_update().filter(outcome=Outcome.CONFLICT)
    touched = [row for row in rows if (chosen := _sides(row, choices)) and _settle(row, chosen)]
    store(touched)
    return touched


def _sides(row: Row, choices: Mapping[str, Mapping[str, Side]] | Side) -> dict[str, Side]:
    if isinstance(choices, str):
        return {name: choices for name in clashes_of(row)}
    return {name: side for name, side in choices.get(row.record_id, {}).items() if name in clashes_of(row)}


def _settle(row: Row, chosen: Mapping[str, Side]) -> bool:
    """Mine stays pending against what is there now, theirs drops the edit."""
    row.edits = {name: raw for name, raw in row.edits.items() if chosen.get(name) != "theirs"}
    row.edited = bool(row.edits)
    _forget(row, chosen)
    return bool(chosen)


def choose_columns(opened: Opened, sheet: Worksheet, names: Sequence[str]) -> None:
    """Which fields the worksheet shows besides id and title, in this order."""
    known = {f.name for f in opened.resource.visible}
    sheet.columns = [name for name in dict.fromkeys(names) if name in known]
    sheet.save(update_fields=["columns", "changed_at"])


def store(rows: Iterable[Row]) -> None:
    """Write rows back. As an upsert: ten times as fast as the ORM's own update of many rows."""
    Row.objects.bulk_create(
        list(rows),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["baseline", "edits", "edited", "outcome", "messages", "by_field"],
    )


def chosen(sheet: Worksheet, ids: Sequence[str] | None) -> QuerySet[Row]:
    """These rows, or all of them for None."""
    return sheet.rows.all() if ids is None else sheet.rows.filter(record_id__in=ids)


def plan(opened: Opened, sheet: Worksheet, *, only: Sequence[str] | None = None) -> Plan:
    """A plan of all pending edits (or those of some rows). Raises BadInput when an edit is invalid or there is none."""
    rows = list(chosen(sheet, only).filter(edited=True))
    drafts = [draft_of(opened, row) for row in rows]
    if invalid := sum(bool(draft.invalid) for draft in drafts):
        raise BadInput(
            f"{counted(invalid, 'row')} {'has' if invalid == 1 else 'have'} values that cannot be sent.",
            "Correct or revert the cells marked in red; nothing typed is lost.",
        )
    if clashing := sum(bool(clashes_of(row)) for row in rows):
        raise BadInput(
            f"{counted(clashing, 'row')} {'was' if clashing == 1 else 'were'} changed by somebody else meanwhile.",
            "Choose mine or theirs in the cells marked as conflicts; nothing typed is lost.",
        )
    changesets = [draft.changeset for draft in drafts if draft.changeset.changes]
    if not changesets:
        raise BadInput("There are no pending changes.", "Edit some cells, or set a field for all rows.")
    return plans.save(opened, changesets, door="edit many", worksheet=sheet.pk)


def absorb(run: Run) -> None:
    """Bring an ended run's outcomes home. Where that cannot be now, the worksheet catches up when it is opened."""
    sheet = Worksheet.objects.filter(pk=run.plan.worksheet or 0).select_related("owner").first()
    if sheet is None:
        return
    try:
        opened = open_resource(sheet.owner, sheet.connection, sheet.resource)
    except (Refused, RemoteError):
        return  # its owner may not see it any more, or the API is down
    catch_up(opened, sheet)


def catch_up(opened: Opened, sheet: Worksheet) -> None:
    """Bring home what the worksheet's runs came to, each run once, in the order they ended."""
    ended = Run.objects.filter(absorbed=False, state__in=(Run.State.FINISHED, Run.State.STOPPED))
    for run in ended.filter(plan__worksheet=sheet.pk).order_by("finished_at", "pk"):
        _absorb(opened, sheet, run)


@transaction.atomic
def _absorb(opened: Opened, sheet: Worksheet, run: Run) -> None:
    """Done rows become the baseline, others keep their edits."""
    if not Run.objects.filter(pk=run.pk, absorbed=False).update(absorbed=True):
        return
    items = {item.record_id: item for item in run.items.all() if not item.open}
    rows = [row for row in sheet.rows.select_for_update() if row.record_id in items]
    for row in rows:
        _absorb_row(opened, row, items[row.record_id])
    store(rows)


def _absorb_row(opened: Opened, row: Row, item: Item) -> None:
    if item.outcome in SETTLED_WELL:
        after = item.row().values
        row.baseline = {**row.baseline, **after}
        put(opened, row, row.edits)  # what was typed since the plan was made stays pending
        row.outcome, row.messages, row.by_field = item.outcome, item.messages, {name: [] for name in after}
        return
    row.outcome, row.messages, row.by_field = item.outcome, item.messages, item.by_field
    if item.outcome == Outcome.CONFLICT:
        theirs = {name: change_from_data(data).before for name, data in item.theirs.items()}
        row.baseline = {**row.baseline, **{n: v for n, v in theirs.items() if v is not MISSING}}
        row.by_field = {
            name: [f"Somebody else set this to {_said(value)} meanwhile."] for name, value in theirs.items()
        }
    elif item.stored:
        row.baseline = {**row.baseline, **item.stored}
    row.edited = bool(row.edits)


def _said(value: MaybeValue) -> str:
    if value is None or value is MISSING:
        return "null"
    return f"“{value}”" if isinstance(value, str) else str(value)
