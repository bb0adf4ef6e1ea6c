"""Reading worksheets: at once or by a worker, resumed, cancelled, read again; nothing is lost and nothing unsaid."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from adminui.dialects.errors import RemoteError
from adminui.management.commands import worker
from adminui.records import packing
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.values import MISSING
from adminui.remote import reader
from adminui.sandbox.faults import Fault
from adminui.services import edits, keeping, plans, reading, refreshing, sheets, standing
from adminui.services import worker as services_worker
from adminui.services.errors import BadInput, NotAllowed, NotThere, Stale
from adminui.worksheets import readings, store
from adminui.worksheets.models import Chunk, Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
PART = 20
State = Worksheet.State


@pytest.fixture
def by_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 20 rows, pages of 5, and everything read by a worker that looks around after every page."""
    chunks = reader._chunks
    monkeypatch.setattr(reader, "_chunks", lambda ids, size: chunks(ids, min(size, 5)))
    for module in (packing, keeping, store, refreshing):
        monkeypatch.setattr(module, "PART", PART)
    monkeypatch.setattr(reading, "AT_ONCE", 0)
    monkeypatch.setattr(reading, "PAGE_SIZE", 5)
    monkeypatch.setattr(keeping, "EVERY", 0.0)


def ids_of(api: Live, resource: str = "campaigns") -> list[int]:
    return sorted(i for i in (record["id"] for record in api.api.dump(resource)) if i)


def kept(sheet: Worksheet, name: str) -> list[Any]:
    return [value for _, held in store.each_part(sheet, [name]) for value in held[name]]


def edit(opened: Any, sheet: Worksheet, name: str, edited: dict[int, str | None]) -> None:
    edits.take(opened, sheet, uuid4(), "edit", "typed", {name: (list(edited), list(edited.values()))})


def fresh(sheet: Worksheet) -> Worksheet:
    return Worksheet.objects.get(pk=sheet.pk)


def stop_after(pages: int, then: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something happen once that many pages have been kept or read."""
    add, seen = keeping.Keeper.add, iter(range(10_000))

    def counted(self: Any, records: Any) -> None:
        if next(seen) == pages:
            then()
        add(self, records)

    monkeypatch.setattr(keeping.Keeper, "add", counted)


def test_few_records_are_read_at_once_whole_and_exact(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    sheet = reading.open_matching(opened, Group(), ["notes"])
    stored = {record["id"]: record for record in buzz.api.dump("campaigns")}
    assert sheet.state == State.READY and sheet.rows == len(stored) == sheet.expected
    names = [f.name for f in opened.whole.visible]
    for row, values in store.values_at(sheet, names, range(sheet.rows)).items():
        record = reader.read_one(opened.client, opened.whole, values["id"])
        assert values == {name: record[name] for name in names if name in record}, row


@pytest.mark.parametrize("resource", ["campaigns", "Companies"])
def test_a_worker_reads_part_by_part_what_matches(by_worker, request: Any, lead: User, resource: str):
    api: Live = request.getfixturevalue("buzz" if resource == "campaigns" else "autotask")
    opened = api.open(lead, resource)
    sheet = reading.open_matching(opened, Group(), [])
    assert sheet.state == State.READING and sheet.rows == 0
    assert reading.progress(sheet).words == "Waiting for a worker to begin"
    assert reading.read_once() and not reading.read_once()
    sheet = fresh(sheet)
    ids = [record["id"] for record in reader.read_all(opened.client, opened.whole, reading.Query())]
    assert sheet.state == State.READY and not sheet.problem and kept(sheet, "id") == ids and len(ids) > 2 * PART
    assert Chunk.objects.filter(worksheet=sheet, field="id").count() == -(-len(ids) // PART)


def test_a_filter_is_read_as_it_was_asked(by_worker, buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    sheet = reading.open_matching(opened, Group("and", (Condition("active", Op.EQ, True),)), [])
    assert reading.read_once() and fresh(sheet).title == "Active is yes"
    assert kept(fresh(sheet), "id") == [r["id"] for r in buzz.api.dump("campaigns") if r["active"]]


def test_ids_are_read_in_the_order_given_and_missing_ones_are_named(by_worker, buzz: Live, lead: User):
    ids = ids_of(buzz)[::-1]
    sheet = reading.open_ids(buzz.open(lead, "campaigns"), [*ids[:7], 987_654, *ids[7:]], [])
    reading.read_once()
    assert kept(fresh(sheet), "id") == ids and fresh(sheet).missing == ["987654"]
    assert fresh(sheet).title.endswith(f" and {len(ids) - 1} others")


def test_where_none_of_the_ids_is_there_no_worksheet_is_left_behind(buzz: Live, lead: User):
    with pytest.raises(NotThere, match="None of these"):
        reading.open_ids(buzz.open(lead, "campaigns"), [987_654], [])
    with pytest.raises(BadInput):
        reading.open_ids(buzz.open(lead, "campaigns"), [], [])
    assert not Worksheet.objects.exists()


@pytest.mark.parametrize("by", ["ids", "filter"])
def test_a_worker_that_dies_is_followed_by_one_that_goes_on_behind_the_parts_kept(
    by_worker, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch, by: str
):
    opened, ids = buzz.open(lead, "campaigns"), ids_of(buzz)
    sheet = reading.open_ids(opened, ids, []) if by == "ids" else reading.open_matching(opened, Group(), [])

    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(opened.can), "read_many", 5, raising=False)
        stop_after(10, die, patched)
        with pytest.raises(Killed):
            reading.read_once()
    assert fresh(sheet).rows == 2 * PART or fresh(sheet).rows == PART
    assert not reading.read_once(), "the dead worker's lease still holds"
    Worksheet.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    buzz.running.log.clear()
    assert reading.read_once()
    assert fresh(sheet).state == State.READY and kept(fresh(sheet), "id") == ids


def test_a_worker_told_to_stop_hands_over_at_once(by_worker, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch):
    sheet = reading.open_matching(buzz.open(lead, "campaigns"), Group(), [])
    stopping = threading.Event()

    def stop() -> None:
        stopping.set()
        time.sleep(0.5)

    with monkeypatch.context() as patched:
        stop_after(6, stop, patched)
        assert reading.read_once(stopping)
    assert fresh(sheet).rows == PART
    assert fresh(sheet).state == State.READING and not fresh(sheet).reader
    assert reading.read_once() and fresh(sheet).rows == len(ids_of(buzz))


def test_a_cancelled_reading_keeps_whole_parts_says_so_and_can_go_on(
    by_worker, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch
):
    opened = buzz.open(lead, "campaigns")
    sheet = reading.open_matching(opened, Group(), [])
    with monkeypatch.context() as patched:
        stop_after(7, lambda: reading.cancel(opened, fresh(sheet)), patched)
        assert reading.read_once()
    stopped = fresh(sheet)
    assert stopped.state == State.STOPPED and stopped.problem == reading.CANCELLED
    assert stopped.rows in (PART, 2 * PART)
    assert not reading.read_once(), "it waits to be asked for"
    reading.resume(opened, stopped)
    with pytest.raises(Stale):
        reading.resume(opened, stopped)
    assert reading.read_once() and kept(fresh(sheet), "id") == ids_of(buzz) and not fresh(sheet).problem


def test_an_api_that_fails_stops_reading_with_its_words(by_worker, buzz: Live, lead: User):
    sheet = reading.open_matching(buzz.open(lead, "campaigns"), Group(), [])
    buzz.stop()
    assert reading.read_once()
    assert fresh(sheet).state == State.STOPPED and fresh(sheet).problem and not fresh(sheet).reader


def test_at_once_a_failure_leaves_nothing_half_read(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    buzz.stop()
    with pytest.raises(RemoteError):
        reading.open_ids(opened, [1, 2, 3], [])
    assert not Worksheet.objects.exists()


def test_a_discarded_worksheet_is_not_written_to(by_worker, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch):
    sheet = reading.open_matching(buzz.open(lead, "campaigns"), Group(), [])
    with monkeypatch.context() as patched:
        stop_after(3, lambda: Worksheet.objects.all().delete(), patched)
        assert reading.read_once()
    assert not Chunk.objects.exists() and not Worksheet.objects.filter(pk=sheet.pk).exists()


def test_records_that_slip_by_while_others_go_away_are_read_after_all(
    by_worker, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch
):
    opened, ids = buzz.open(lead, "campaigns"), ids_of(buzz)
    opened.client.max_concurrency = 1
    monkeypatch.setattr(reader, "AHEAD", 0)
    sheet = reading.open_matching(opened, Group(), [])
    stop_after(4, lambda: forget(buzz, ids[:3]), monkeypatch)
    assert reading.read_once()
    assert set(kept(fresh(sheet), "id")) == set(ids), "those that had been read stay, and none slipped by"
    assert "3 records of these did not match any more" in fresh(sheet).problem


def forget(api: Live, ids: list[int]) -> None:
    """They are deleted there."""
    for record in ids:
        del api.api._store.table("campaigns")[record]


def test_time_left_is_told_from_the_rate_so_far(buzz: Live, lead: User):
    begun = timezone.now() - timedelta(seconds=30)
    sheet = Worksheet(state=State.READING, expected=100_000, progress=25_000, reader="x", started_at=begun)
    told = reading.progress(sheet)
    assert (told.percent, told.left) == (25, "about 2 minutes left")
    assert told.words == "Reading: 25\u202f000 of 100\u202f000 records so far"


@pytest.fixture(params=["at once", "by a worker"])
def again(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Reads a worksheet again, one way or the other."""

    def refresh(opened: Any, sheet: Worksheet) -> Worksheet:
        if request.param == "by a worker":
            monkeypatch.setattr(reading, "AT_ONCE", 0)
        reading.refresh(opened, fresh(sheet))
        if request.param == "by a worker":
            assert fresh(sheet).state == State.REFRESHING and reading.read_once()
        return fresh(sheet)

    yield refresh


def test_reading_again_marks_what_moved_and_keeps_edits(again, buzz: Live, lead: User):
    opened, ids = buzz.open(lead, "campaigns"), ids_of(buzz)[:6]
    for i in ids:
        buzz.api.change("campaigns", i, {"notes": "before"})
    sheet = reading.open_ids(opened, ids, ["notes"])
    edit(opened, sheet, "notes", {1: "mine", 2: "theirs", 3: "only mine"})
    for i in ids[:3]:
        buzz.api.change("campaigns", i, {"notes": "theirs"})
    before = fresh(sheet)
    sheet = again(opened, sheet)
    assert {name for name, _ in store.marks(sheet)} == {"notes"}, "stamps of the API, such as update_date, are no news"
    marks = store.marks(sheet)["notes", 0]
    assert marks[0] == {"t": "before"}
    assert (marks[1]["e"], marks[1]["t"], marks[1]["c"]) == ("mine", "before", True)
    assert marks[2] == {"t": "before"}, "the edit was there already"
    assert marks[3]["e"] == "only mine" and "t" not in marks[3] and "c" not in marks[3]
    assert kept(sheet, "notes") == ["theirs"] * 3 + ["before"] * 3
    assert (sheet.state, sheet.baseline) == (State.READY, before.baseline + 1) and sheet.read_at > before.read_at
    assert standing.counts(sheet) == {"cells": 2, "invalid": 0, "clashes": 1, "failed": 0}
    step = sheet.steps.latest("number")
    assert step.kind == "refreshed" and sheet.version == step.number and "1 clash with an edit" in step.label
    assert not Chunk.objects.filter(staged=True).exists()


def test_what_moved_before_is_told_from_where_it_first_stood(again, buzz: Live, lead: User):
    opened, [one] = buzz.open(lead, "campaigns"), ids_of(buzz)[:1]
    buzz.api.change("campaigns", one, {"notes": "first"})
    sheet = reading.open_ids(opened, [one], ["notes"])
    for notes in ("second", "third"):
        buzz.api.change("campaigns", one, {"notes": notes})
        sheet = again(opened, sheet)
    assert store.marks(sheet)["notes", 0] == {0: {"t": "first"}} and kept(sheet, "notes") == ["third"]


def test_rows_that_are_gone_keep_their_values_and_say_so(again, buzz: Live, lead: User):
    opened, ids = buzz.open(lead, "campaigns"), ids_of(buzz)[:4]
    sheet = reading.open_ids(opened, ids, [])
    names = kept(sheet, "name")
    forget(buzz, ids[1:2])
    sheet = again(opened, sheet)
    assert store.marks(sheet)[store.ROW, 0] == {1: {"gone": True}}
    assert kept(sheet, "name") == names and kept(sheet, "id") == ids
    assert "1 record gone" in sheet.steps.latest("number").label


def test_where_nothing_moved_nothing_is_loaded_again(again, buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    sheet = reading.open_ids(opened, ids_of(buzz)[:5], [])
    baseline = sheet.baseline
    sheet = again(opened, sheet)
    assert sheet.baseline == baseline and "nothing had moved" in sheet.steps.latest("number").label


def test_a_run_that_comes_home_meanwhile_is_not_undone_by_what_was_read_before_it(
    buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch
):
    opened, [one] = buzz.open(lead, "campaigns"), ids_of(buzz)[:1]
    buzz.api.change("campaigns", one, {"notes": "old"})
    sheet = reading.open_ids(opened, [one], ["notes"])
    difference, homecomings = refreshing._difference, iter([True])

    def late(whole: Any, held: Worksheet) -> Any:
        found = difference(whole, held)
        if next(homecomings, False):
            buzz.api.change("campaigns", one, {"notes": "sent from here"})
            column = store.columns(held, ["notes"], 0)["notes"].changed({0: "sent from here"})
            store.write_columns(held, 0, {"notes": column})
            store.baseline_changed(held)
        return found

    monkeypatch.setattr(refreshing, "_difference", late)
    reading.refresh(opened, sheet)
    assert kept(fresh(sheet), "notes") == ["sent from here"] and ("notes", 0) not in store.marks(fresh(sheet))


def test_a_failed_refresh_leaves_everything_as_it_was(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    sheet = reading.open_ids(opened, ids_of(buzz)[:3], ["notes"])
    edit(opened, sheet, "notes", {0: "mine"})
    names = kept(sheet, "name")
    buzz.stop()
    with pytest.raises(RemoteError):
        reading.refresh(opened, fresh(sheet))
    sheet = fresh(sheet)
    assert sheet.state == State.READY and kept(sheet, "name") == names and standing.counts(sheet)["cells"] == 1
    assert not Chunk.objects.filter(staged=True).exists()


def test_only_who_may_edit_it_has_a_worksheet_read_again(buzz: Live, lead: User, editor: User, viewer: User):
    sheet = reading.open_ids(buzz.open(lead, "campaigns"), ids_of(buzz)[:2], [])
    sheets.set_sharing(buzz.open(lead, "campaigns"), sheet, "view")
    for person in (editor, viewer):
        with pytest.raises(NotAllowed):
            reading.refresh(buzz.open(person, "campaigns"), sheets.find(person, sheet.pk)[0])


def test_two_workers_read_one_worksheet_once(by_worker, buzz: Live, lead: User):
    reading.open_matching(buzz.open(lead, "campaigns"), Group(), [])
    first = readings.claim("one")
    assert first is not None and readings.claim("two") is None
    Worksheet.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    second = readings.claim("two")
    assert second is not None
    with pytest.raises(readings.Lost):
        readings.keep(first, 0, {"id": packing.pack(packing.packed([1, MISSING]))}, rows=2)
    assert not Chunk.objects.exists() and readings.renew(second) and not readings.renew(first)


@pytest.mark.parametrize("start", [0, 7, 40, 1_000])
def test_pages_with_numbers_are_read_side_by_side_and_come_in_order(buzz: Live, lead: User, start: int):
    opened, ids = buzz.open(lead, "campaigns"), ids_of(buzz)
    buzz.api.switches["page_size_max"] = 7
    pages = reader.read_pages(opened.client, opened.whole, Query(page_size=500), start)
    assert [record["id"] for page in pages for record in page.records] == ids[start - start % 7 :]


def test_a_long_reading_delays_no_run(by_worker, buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "PAGE_SIZE", 2)
    opened = buzz.open(lead, "campaigns")
    sheet = reading.open_ids(opened, ids_of(buzz)[:1], ["notes"])
    assert reading.read_once()
    edit(opened, fresh(sheet), "notes", {0: "sent"})
    run = plans.approve(opened, standing.plan(opened, fresh(sheet)))
    long = reading.open_matching(opened, Group(), [])
    buzz.running.faults.add(Fault("slow", method="GET", path="/campaigns$", times=None, seconds=0.2))
    kinds = [(services_worker.work_once, 0.05), (reading.read_once, 0.05)]
    assert worker._side_by_side(kinds, threading.Event(), once=True)
    run.refresh_from_db()
    assert fresh(long).state == State.READY and run.state == run.State.FINISHED
    assert run.finished_at < fresh(long).read_at
