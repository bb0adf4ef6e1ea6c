"""A run comes home: done rows are the new baseline, the rest keeps what was typed, with the API's words."""

from __future__ import annotations

from typing import Any

import pytest

from adminui.dialects.errors import Unavailable
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Item, Run
from adminui.services import edits, homecoming, plans, reading, sheets, standing, worker
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.bench import dump, stored, writes
from tests.services.drafts import base, edits_of, ended, mark, marks_of, opened_by, put, sheet_of, thing, undo

pytestmark = pytest.mark.django_db
CITIES = ["Bonn", "Bonn", "Köln", None, "", "Ulm"]


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return autotask.open(lead, "Companies")


@pytest.fixture
def sheet(autotask: Live, opened: Opened) -> Worksheet:
    """Six companies with cities of every kind."""
    ids = sorted(dump(autotask, "Companies"))[2:8]
    for record_id, city in zip(ids, CITIES, strict=True):
        autotask.api.change("Companies", record_id, {"city": city})
    return reading.open_ids(opened, ids, ["city"])


@pytest.fixture
def desk(lead: Any) -> Opened:
    return opened_by(lead)


def id_at(opened: Opened, sheet: Worksheet, row: int) -> int:
    return int(base(sheet, row, opened.resource.id_field))


def applied_run(opened: Opened, sheet: Worksheet) -> Run:
    run = plans.approve(opened, standing.plan(opened, sheet))
    assert worker.work_once()
    run.refresh_from_db()
    return run


def test_done_rows_become_the_baseline(autotask: Live, opened: Opened, sheet: Worksheet):
    put(opened, sheet, "shared", city=dict.fromkeys(range(6), "Trier"))
    before = Worksheet.objects.get(pk=sheet.pk)
    run = applied_run(opened, sheet)
    assert run.tally() == {Outcome.DONE: 6} and edits_of(sheet) == {}
    assert {base(sheet, row, "city") for row in range(6)} == {"Trier"}
    assert all(stored(autotask, "Companies", id_at(opened, sheet, row))["city"] == "Trier" for row in range(6))
    after = Worksheet.objects.get(pk=sheet.pk)
    assert (after.version, after.baseline) == (before.version + 1, before.baseline + 1)
    assert mark(sheet, 0, "city") == {"o": "done", "r": run.pk}
    [told] = edits.feed(opened, sheet, before.version)["steps"]
    assert told["kind"] == "applied" and told["reload"] == {"marks": True, "chunks": {"city": [0]}}
    assert told["who"]["name"] == "lead"


def test_a_run_that_could_not_be_brought_home_comes_home_when_the_worksheet_is_opened(
    opened: Opened, sheet: Worksheet, lead: Any, monkeypatch: pytest.MonkeyPatch
):
    def down(*_: object) -> Opened:
        raise Unavailable("The API is down.")

    put(opened, sheet, city={0: "Aachen"})
    with monkeypatch.context() as away:
        away.setattr(homecoming, "open_resource", down)
        run = applied_run(opened, sheet)
    assert run.state == Run.State.FINISHED and edits_of(sheet) == {(0, "city"): "Aachen"}
    for _ in range(2):
        sheets.find(lead, sheet.pk)
        assert edits_of(sheet) == {} and base(sheet, 0, "city") == "Aachen"
    put(opened, sheet, city={0: "Trier"})
    homecoming.absorb(run)
    assert edits_of(sheet) == {(0, "city"): "Trier"} and Worksheet.objects.get(pk=sheet.pk).version == 3


def test_what_is_typed_while_the_run_goes_stays_pending(opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Trier", 1: "Trier"})
    plan = standing.plan(opened, sheet)
    put(opened, sheet, city={0: "Worms", 1: False}, phone={0: "1"})
    plans.approve(opened, plan)
    assert worker.work_once()
    assert base(sheet, 0, "city") == base(sheet, 1, "city") == "Trier"
    assert edits_of(sheet) == {(0, "city"): "Worms", (0, "phone"): "1"}
    assert mark(sheet, 0, "city") == {"e": "Worms", "s": 2}


def test_a_rejected_row_keeps_its_edit_with_the_apis_words_until_it_is_changed(
    autotask: Live, opened: Opened, sheet: Worksheet
):
    put(opened, sheet, ownerResourceID={0: "99999"}, city={1: "Trier"})
    before = base(sheet, 0, "ownerResourceID")
    run = applied_run(opened, sheet)
    assert run.tally() == {Outcome.DONE: 1, Outcome.REJECTED: 1}
    kept = mark(sheet, 0, "ownerResourceID")
    assert (kept["e"], kept["o"], kept["r"]) == ("99999", "rejected", run.pk)
    assert "does not reference an existing entity" in kept["m"][0] and base(sheet, 0, "ownerResourceID") == before
    assert standing.counts(sheet) == {"cells": 1, "invalid": 0, "clashes": 0, "failed": 1}
    someone = str(next(i for i in dump(autotask, "Resources") if i != before))
    put(opened, sheet, ownerResourceID={0: someone})
    assert mark(sheet, 0, "ownerResourceID") == {"e": someone, "s": 3} and standing.counts(sheet)["failed"] == 0


def test_a_clash_shows_theirs_and_waits_for_a_choice(autotask: Live, opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Mine", 1: "Mine"})
    ids = [id_at(opened, sheet, row) for row in (0, 1)]
    for record_id in ids:
        autotask.api.change("Companies", record_id, {"city": "Theirs"})
    assert applied_run(opened, sheet).tally() == {Outcome.CONFLICT: 2} and not writes(autotask)
    kept = mark(sheet, 0, "city")
    assert (kept["e"], kept["t"], kept["c"], base(sheet, 0, "city")) == ("Mine", "Bonn", True, "Theirs")
    assert kept["m"] == ["Somebody else set this to “Theirs” meanwhile."]
    with pytest.raises(BadInput, match="changed by somebody else"):
        standing.plan(opened, sheet)
    edits.resolve(opened, sheet, [0], None, "mine")
    edits.resolve(opened, sheet, [1], None, "theirs")
    assert edits_of(sheet) == {(0, "city"): "Mine"}
    assert applied_run(opened, sheet).tally() == {Outcome.DONE: 1}
    assert [stored(autotask, "Companies", i)["city"] for i in ids] == ["Mine", "Theirs"]


def test_accepted_but_not_stored_stays_pending_against_what_is_really_there(
    autotask: Live, opened: Opened, sheet: Worksheet
):
    autotask.api.switches["silently_immutable"] = ["Companies.city"]
    before = base(sheet, 0, "phone")
    put(opened, sheet, city={0: "Trier"}, phone={0: "4711"})
    run = applied_run(opened, sheet)
    assert run.tally() == {Outcome.NOT_STORED: 1}
    assert (base(sheet, 0, "city"), base(sheet, 0, "phone")) == ("Bonn", "4711")
    assert edits_of(sheet) == {(0, "city"): "Trier"} and "Bonn" in mark(sheet, 0, "city")["m"][0]
    assert mark(sheet, 0, "phone") == {"o": "done", "r": run.pk}
    [planned] = standing.plan(opened, sheet).rows()
    assert planned.values == {"city": "Trier"}
    undo(opened, sheet)
    assert edits_of(sheet) == {(0, "phone"): before}


def test_words_about_the_record_stand_on_every_cell_that_was_tried(desk: Opened):
    sheet = sheet_of(desk, [thing(1), thing(2)])
    put(desk, sheet, city={0: "A", 1: "B"}, size={0: "6", 1: "7"})
    by_field = {"size": ["Too big."], "name": ["Rename it."]}
    fates = {
        "1": {"outcome": Outcome.REJECTED, "messages": ["No."], "by_field": {"name": ["Rename it."]}},
        "2": {"outcome": Outcome.REJECTED, "messages": ["No."], "by_field": by_field},
    }
    run = ended(desk, standing.plan(desk, sheet), lambda item: fates[item.record_id])
    failed = {"o": "rejected", "r": run.pk}
    assert mark(sheet, 0, "city") == {"e": "A", "s": 1, **failed, "m": ["No.", "Name: Rename it."]}
    assert mark(sheet, 0, "size")["m"] == ["No.", "Name: Rename it."]
    assert mark(sheet, 1, "city") == {"e": "B", "s": 1}
    assert mark(sheet, 1, "size") == {"e": "7", "s": 1, **failed, "m": ["Too big."]}


def test_what_was_typed_since_carries_no_words_about_what_was_tried(desk: Opened):
    sheet = sheet_of(desk, [thing(1), thing(2)])
    put(desk, sheet, city={0: "A", 1: "A"})
    plan = standing.plan(desk, sheet)
    put(desk, sheet, city={0: "B", 1: False})
    ended(desk, plan, lambda item: {"outcome": Outcome.UNKNOWN, "messages": ["Lost."]})
    assert marks_of(sheet) == {(0, "city"): {"e": "B", "s": 2}}


def test_nothing_is_lost_of_a_conflict_in_which_the_field_is_gone_or_theirs_is_mine_by_now(desk: Opened):
    sheet = sheet_of(desk, [thing(1), thing(2)])
    put(desk, sheet, city={0: "A", 1: "A"})
    plan = standing.plan(desk, sheet)
    put(desk, sheet, city={1: "Theirs"})
    theirs = {"1": {"field": "city", "after": None}, "2": {"field": "city", "before": "Theirs", "after": None}}
    ended(desk, plan, lambda item: {"outcome": Outcome.CONFLICT, "theirs": {"city": theirs[item.record_id]}})
    assert base(sheet, 0, "city") == "not there" and mark(sheet, 0, "city")["c"]
    assert mark(sheet, 1, "city") == {"t": "Bonn"} and base(sheet, 1, "city") == "Theirs"
    edits.resolve(desk, sheet, None, None, "mine")
    [planned] = standing.plan(desk, sheet).rows()
    assert planned.values == {"city": "A"}


def test_it_comes_home_whole_to_whoever_opens_the_worksheet(desk: Opened, editor: Any):
    sheet = sheet_of(desk, [thing(1)])
    sheet.sharing = Worksheet.Sharing.VIEW
    sheet.save()
    put(desk, sheet, size={0: "6"}, city={0: "A"})
    plan = standing.plan(desk, sheet)
    run = plans.approve(desk, plan)
    Item.objects.filter(run=run).update(outcome=Outcome.DONE)
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    homecoming.catch_up(opened_by(editor, hidden=["size"], locked=["city"]), sheet)
    assert edits_of(sheet) == {} and (base(sheet, 0, "size"), base(sheet, 0, "city")) == (6, "A")


def test_runs_come_home_in_the_order_they_ended_and_rows_that_are_not_here_are_passed_over(desk: Opened):
    sheet = sheet_of(desk, [thing(1), thing(2)])
    put(desk, sheet, city={0: "A", 1: "A"})
    first = standing.plan(desk, sheet, rows=[0])
    second = standing.plan(desk, sheet, rows=[1])
    store.write_columns(sheet, 0, {"id": store.columns(sheet, ["id"], 0)["id"].changed({0: 77})})
    ended(desk, first)
    ended(desk, second)
    assert edits_of(sheet) == {(0, "city"): "A"} and base(sheet, 1, "city") == "A"
    assert [step.kind for step in sheet.steps.all()] == ["edit", "applied", "applied"]
