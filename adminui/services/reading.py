"""Reading the records of a worksheet: at once when they are few, else by a worker, part by part."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from adminui.dialects.base import Page
from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.records.casting import to_json
from adminui.records.queries import Group, Query
from adminui.records.values import MISSING, RecordId
from adminui.remote import reader
from adminui.runs import ledger
from adminui.services import browse, leases, refreshing
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, NotThere, Refused, Stale
from adminui.services.keeping import Cancelled, Interrupted, Keeper, columns_of
from adminui.services.sheet_rights import require_edit, require_owner
from adminui.services.sheets import title_for
from adminui.worksheets import readings, store
from adminui.worksheets.models import Worksheet

AT_ONCE = 1_000  # records read while the person waits for the page
MOST_ROWS = 2_000_000
PAGE_SIZE = 500
PASSES = 2  # over all that match, when records come and go meanwhile
CANCELLED = "Reading was cancelled."
OUR_FAULT = "Something failed on our side; the log says what."
State = Worksheet.State
logger = logging.getLogger(__name__)


def open_ids(opened: Opened, ids: Sequence[RecordId], columns: Sequence[str]) -> Worksheet:
    """A worksheet over these records, in this order. Ids the API does not have are kept to be named."""
    if not ids:
        raise BadInput("No records are selected.", "Tick some in the list first.")
    asked = list(dict.fromkeys(ids))
    return _open(opened, {"ids": asked}, _records_words(opened, len(asked)), len(asked), columns)


def open_matching(opened: Opened, where: Group, columns: Sequence[str]) -> Worksheet:
    """A worksheet over everything that matches a filter."""
    try:
        expected = reader.count(opened.client, opened.whole, Query(where))
    except ValueError as error:
        raise BadInput(f"The API cannot answer this filter: {error}", "Take a condition out.") from error
    if not expected:
        raise BadInput("Nothing matches this filter any more.", "Go back to the list and change it.")
    words = browse.in_words(opened, where) or f"All {opened.resource.label}"
    return _open(opened, {"where": browse.where_to_data(where)}, words, expected, columns)


def _open(opened: Opened, origin: dict[str, object], words: str, expected: int, columns: Sequence[str]) -> Worksheet:
    opened.require("view")
    if expected > MOST_ROWS:
        raise BadInput(f"{expected:,} records are more than the {MOST_ROWS:,} a worksheet takes.", "Select fewer.")
    now = expected <= AT_ONCE
    sheet = Worksheet.objects.create(
        owner_id=opened.user_id,
        connection=opened.connection.name,
        resource=opened.resource.name,
        title=title_for(opened, words),
        source=_records_words(opened, expected),
        origin=origin,
        columns=list(columns),
        expected=expected,
        **(readings.taken(ledger.me()) if now else {}),
    )
    if now:
        _read_at_once(opened, sheet)
    return sheet


def _read_at_once(opened: Opened, sheet: Worksheet) -> None:
    """Where that fails there is no worksheet: nothing half-read is left behind."""
    try:
        _read(opened, sheet, threading.Event())
    except BaseException:
        sheet.delete()
        raise
    sheet.refresh_from_db()


def _records_words(opened: Opened, number: int) -> str:
    return counted(number, opened.resource.singular, opened.resource.label)


def read_once(stopping: threading.Event | None = None) -> bool:
    """Carry one reading on to its end, if any waits; whether there was one. `stopping` ends it between requests."""
    sheet = readings.claim(ledger.me())
    if sheet is None:
        return False
    with leases.held(lambda: readings.renew(sheet), stopping or threading.Event()) as interrupted:
        _carry_on(sheet, interrupted)
    return True


def _carry_on(sheet: Worksheet, interrupted: threading.Event) -> None:
    try:
        opened = open_resource(sheet.owner, sheet.connection, sheet.resource)
        work = refreshing.read_again if sheet.state == State.REFRESHING else _read
        work(opened, sheet, interrupted)
    except Interrupted:
        readings.hand_over(sheet)
    except readings.Lost:
        logger.info("Worksheet %s is read elsewhere, or discarded", sheet.pk)
    except Cancelled:
        readings.stop(sheet, CANCELLED)
    except (Refused, RemoteError) as error:
        readings.stop(sheet, error.message)
    except Exception:
        logger.exception("Reading worksheet %s broke down on our side", sheet.pk)
        readings.stop(sheet, OUR_FAULT)


def _read(opened: Opened, sheet: Worksheet, interrupted: threading.Event) -> None:
    """Read what is not kept yet, and say where that is not all there is."""
    resumed = sheet.rows > 0
    with Keeper(sheet, columns_of(opened.whole), interrupted) as keeper:
        read = _read_ids if "ids" in sheet.origin else _read_matching
        remark = read(opened, sheet, keeper)
        keeper.rest()
        with transaction.atomic():
            keeper.end()
            if not sheet.rows:
                raise NotThere("None of these records is there any more.", "Check them against the list.")
            told = {"problem": remark, "missing": keeper.missing, "baseline": F("baseline") + int(resumed)}
            readings.done(sheet, **told, **_called(opened, sheet))


def _called(opened: Opened, sheet: Worksheet) -> dict[str, object]:
    """What the worksheet says of itself now that its records are known. A name somebody gave it meanwhile stays."""
    told: dict[str, object] = {"expected": sheet.rows, "source": _records_words(opened, sheet.rows)}
    held = Worksheet.objects.filter(pk=sheet.pk).values_list("title", flat=True).first()
    if "ids" not in sheet.origin or held != sheet.title:
        return told
    seen = opened.resource
    first = store.values_at(sheet, [seen.id_field, seen.title_field], [0])[0]
    record = {name: value for name, value in first.items() if value is not MISSING}
    others = f" and {counted(sheet.rows - 1, 'other')}" if sheet.rows > 1 else ""
    return {**told, "title": title_for(opened, seen.title_of(record)[:80].strip() + others)}


def _read_ids(opened: Opened, sheet: Worksheet, keeper: Keeper) -> str:
    known = {*map(str, keeper.ids()), *keeper.missing}
    left = [i for i in sheet.origin["ids"] if str(i) not in known]
    for chunk, found in reader.read_each(opened.client, opened.whole, opened.can, left):
        keeper.missing += [str(i) for i in chunk if str(i) not in found]
        keeper.add([found[str(i)] for i in chunk if str(i) in found])
    return ""


def _read_matching(opened: Opened, sheet: Worksheet, keeper: Keeper) -> str:
    """Pass over all that match until a pass has seen all that the API counts; returns what is to be said otherwise.

    Where pages have numbers, a record that goes away meanwhile makes one on the next page slip by: a pass during which
    the count changed proves nothing, and another one collects what the first has not seen.
    """
    query = Query(browse.parse_where(opened, to_json(sheet.origin["where"])), page_size=PAGE_SIZE)
    here = seen = set(keeper.ids())
    told, start, now = {sheet.expected}, sheet.rows, 0
    for _ in range(PASSES):
        for page in _pages(opened, query, keeper, start):
            found = {opened.whole.id_of(record): record for record in page.records}
            keeper.add([record for i, record in found.items() if i not in seen])
            seen.update(found)
            here.update(found)
            told |= {page.count} - {None}
        now = reader.count(opened.client, opened.whole, query)
        if told <= {now} and len(here) == now:
            return _gone_words(len(seen) - now)
        here, told, start = set(), set(), 0
    return _unsure_words(len(seen), now)


def _gone_words(number: int) -> str:
    return f"{counted(number, 'record')} of these did not match any more when reading ended." if number else ""


def _unsure_words(seen: int, now: int) -> str:
    return (
        f"Records came and went while these were read: {seen:,} are here, the API counts {now:,} now. "
        "Open the list again for those that may be missing."
    )


def _pages(opened: Opened, query: Query, keeper: Keeper, start: int) -> Iterator[Page]:
    """The pages from a place on; where they have no numbers, from behind the last record kept."""
    if opened.can.pages_by == "number":
        return reader.read_pages(opened.client, opened.whole, query, start)
    *_, last = (None, *keeper.ids()) if start else (None,)
    return reader.read_onward(opened.client, opened.whole, query if last is None else query.turned(2, last))


def refresh(opened: Opened, sheet: Worksheet) -> None:
    """Read the same records again: at once when they are few, else by a worker. Edits are kept."""
    require_edit(opened, sheet)
    now = sheet.rows <= AT_ONCE
    if not readings.begin_again(sheet, ledger.me() if now else ""):
        raise Stale("This worksheet is being read, or was not read to its end.", "Wait until that is over, or go on.")
    sheet.refresh_from_db()
    if now:
        try:
            refreshing.read_again(opened, sheet, threading.Event())
        except BaseException:
            readings.stop(sheet, "")
            raise
        sheet.refresh_from_db()


def cancel(opened: Opened, sheet: Worksheet) -> None:
    """Stop reading; what is kept of it stays, and it can go on."""
    require_edit(opened, sheet) if sheet.state == State.REFRESHING else require_owner(opened, sheet)
    readings.cancel(sheet, CANCELLED)
    sheet.refresh_from_db()


def resume(opened: Opened, sheet: Worksheet) -> None:
    require_owner(opened, sheet)
    if not readings.go_on(sheet):
        raise Stale("There is nothing left to be read here.", "Reload the page.")
    sheet.refresh_from_db()


@dataclass(frozen=True)
class Progress:
    """How a reading stands, in numbers and in words."""

    state: str
    read: int
    expected: int | None
    percent: int
    words: str
    left: str
    problem: str


def progress(sheet: Worksheet) -> Progress:
    again = sheet.state == State.REFRESHING
    expected = sheet.rows if again else sheet.expected
    over = sheet.state == State.READY
    read = sheet.rows if over else sheet.progress
    percent = 100 if over else min(99, 100 * read // expected) if expected else 0
    return Progress(sheet.state, read, expected, percent, _words(sheet, read, expected), _left(sheet), sheet.problem)


def _words(sheet: Worksheet, read: int, expected: int | None) -> str:
    sofar = f"{read:,}".replace(",", "\u202f")
    number = f"{sofar} of {counted(expected, 'record')}" if expected else counted(read, "record")
    if sheet.state in readings.UNDER_WAY and not sheet.reader and not read:
        return "Waiting for a worker to begin"
    verbs = {State.READING: "Reading: {} so far", State.REFRESHING: "Reading again: {} so far"}
    return verbs.get(State(sheet.state), "{} read").format(number)


def _left(sheet: Worksheet) -> str:
    """Time left at the rate so far."""
    total = sheet.rows if sheet.state == State.REFRESHING else sheet.expected
    if sheet.state not in readings.UNDER_WAY or not (total and sheet.started_at and sheet.progress):
        return ""
    spent = (timezone.now() - sheet.started_at).total_seconds()
    return _time_words(spent * max(total - sheet.progress, 0) / sheet.progress) if spent > 2 else ""


def _time_words(seconds: float) -> str:
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds, -1):.0f} seconds left"
    if seconds < 5400:
        return f"about {counted(round(seconds / 60), 'minute')} left"
    return f"about {counted(round(seconds / 3600), 'hour')} left"
