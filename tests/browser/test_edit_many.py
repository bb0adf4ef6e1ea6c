"""The whole road by keyboard alone: list, selection, worksheet, edits of every sort, plan, run, and what came of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from adminui.planning.outcomes import Outcome
from adminui.runs.models import Item, Plan, Run
from adminui.services import edits, plans, reading, standing, worker
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as, type_into
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
COLUMNS = ["start_date", "end_date", "max_bid", "notes"]
ROWS = 6
# Messy records may hold what their own rules refuse: what is edited here must not be refused for something else.
CAMPAIGN = {
    "budget_type": "spend",
    "start_date": "2026-01-15 00:00:00",
    "end_date": "2026-12-31 00:00:00",
    "bid_modifier_id": None,
    "delivery_modifier_id": None,
    "notes": None,
}
REFUSED = "2020-02-02 00:00:00"  # before the start: only the API knows


@pytest.fixture
def ids(buzz: Live) -> list[int]:
    found = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    for row, number in enumerate(found):
        buzz.api.change("campaigns", number, CAMPAIGN | {"name": f"Campaign {row}", "max_bid": f"{row}.10"})
    return found


@pytest.fixture
def signed_in(page: Page, live_server: Any, lead: Any, client_as: Callable[[str], Client]) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    return page


@pytest.fixture
def sheet(buzz: Live, lead: Any, ids: list[int]) -> Worksheet:
    return reading.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def grid(signed_in: Page, sheet: Worksheet) -> Iterator[Page]:
    arrive(signed_in, sheet)
    yield signed_in


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Walk there as somebody without a mouse does."""
    expect(wanted).to_be_visible()
    for _ in range(200):
        if wanted.evaluate("(each) => each === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"No {key} leads to {wanted}")


def go(page: Page, at: int, field: str) -> None:
    """To a cell by arrows; the grid has the focus."""
    column = page.locator(f'#grid [role=columnheader][title="{field}"]').get_attribute("aria-colindex")
    press(page, "Control+Home", *["ArrowDown"] * at, *["ArrowRight"] * (int(column or 0) - 1))


def leave(page: Page, wanted: Locator) -> None:
    press(page, "Escape")
    tab_to(page, wanted)


def fill_clipboard(page: Page, text: str) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)


def test_the_whole_road_by_keyboard_alone(signed_in: Page, ids: list[int], buzz: Live, lead: Any):
    page = signed_in
    page.goto(f"/c/buzz-test/campaigns/?ids={','.join(map(str, ids))}&columns={','.join(COLUMNS)}")
    for _ in ids:
        press(page, "j", "x")
    tab_to(page, page.get_by_role("button", name=f"Edit {ROWS} Campaigns"))
    press(page, "Enter")
    page.wait_for_url("**/worksheets/*/")
    expect(page.locator("#grid .catcher")).to_be_focused()
    expect(page.locator("#grid .grid-row:not([hidden]) .cell.is-loading")).to_have_count(0)
    sheet = Worksheet.objects.get()

    go(page, 0, "name")
    page.keyboard.type("Renamed")
    press(page, "Enter")
    go(page, 1, "end_date")
    page.keyboard.type(REFUSED)
    press(page, "Enter")
    fill_clipboard(page, "2.20\n3.30\n")
    go(page, 2, "max_bid")
    press(page, "Control+v", "Shift+ArrowDown", "Control+d")
    expect(page.locator("#said")).to_contain_text("Filled down 2 cells")
    saved(page)
    assert held(buzz, lead, sheet) == {
        "name": {0: "Renamed"}, "end_date": {1: REFUSED}, "max_bid": dict.fromkeys((2, 3, 4), "2.20")
    }  # fmt: skip
    press(page, "Control+z")
    saved(page)
    assert held(buzz, lead, sheet)["max_bid"] == {2: "2.20", 3: "3.30"}
    _shared_change(page)
    saved(page)
    assert held(buzz, lead, sheet)["notes"] == {row: "cleaned" for row in range(ROWS)}

    _plan_and_send(page, 4 + ROWS, buzz, back="Fix and retry 1 row")
    outcomes = [Outcome(item.outcome) for item in Item.objects.order_by("seq")]
    assert outcomes == [Outcome.DONE, Outcome.REJECTED] + [Outcome.DONE] * (ROWS - 2)
    _what_was_refused(page, buzz, lead, sheet)
    page.keyboard.type("2027-01-01 00:00:00")
    press(page, "Enter")
    saved(page)
    _plan_and_send(page, 2, buzz, back=sheet.title)
    _what_was_done(page, ids, buzz, lead, sheet)


def _plan_and_send(page: Page, cells: int, buzz: Live, back: str) -> None:
    """By the plan's page to the end of the run; nothing is sent before the button that says so. Back to the grid."""
    sent = len(buzz.seen("PATCH"))
    leave(page, page.locator("#plan-button"))
    expect(page.locator("#plan-button")).to_have_text(f"Plan {cells} changes")
    press(page, "Enter")
    page.wait_for_url("**/plans/*/")
    assert len(buzz.seen("PATCH")) == sent
    tab_to(page, page.locator("#send-button"))
    press(page, "Enter")
    page.wait_for_url("**/runs/*/")
    assert worker.work_once()
    tab_to(page, page.get_by_role("link", name=back))
    press(page, "Enter")
    page.wait_for_url("**/worksheets/*/**")
    expect(page.locator("#grid .grid-row:not([hidden]) .cell.is-loading")).to_have_count(0)


def _shared_change(page: Page) -> None:
    """One value for all rows, from the menu of the column to the button, and back to the grid."""
    go(page, 0, "notes")
    press(page, "Control+Space", "Alt+ArrowDown")
    tab_to(page, page.locator("[data-do=share]"), "ArrowDown")
    press(page, "Enter")
    expect(page.locator("#shared")).to_be_visible()
    press(page, "ArrowRight")  # from Keep to Set
    tab_to(page, page.locator('.share-field[data-field="notes"] .share-value').locator("input, textarea"))
    page.keyboard.type("cleaned")
    expect(page.locator("#share-sentence")).to_contain_text(f"{ROWS} rows will change")
    tab_to(page, page.locator("#share-button"))
    press(page, "Enter")
    expect(page.locator("#said")).to_contain_text(f"{ROWS} rows")
    press(page, "Escape")
    expect(page.locator("#grid .catcher")).to_be_focused()


def _what_was_refused(page: Page, buzz: Live, lead: Any, sheet: Worksheet) -> None:
    """It keeps what was typed, with the API's words; the others of its batch are done. All of it is one key away."""
    marks = held(buzz, lead, sheet)
    assert marks["end_date"][1]["e"] == REFUSED and "before start date" in marks["end_date"][1]["m"][0]
    assert marks["notes"].pop(1) == "cleaned"  # of this the API said nothing
    assert {mark["o"] for mark in marks["notes"].values()} == {Outcome.DONE}
    # the only row that is shown
    expect(cell(page, 0, "end_date")).to_have_class(re.compile(r"\bis-failed\b"))
    expect(page.locator("#looks [data-only=failed]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#looks [data-only=failed]")).to_have_text("Failed 1")
    expect(page.locator("#grid .catcher")).to_be_focused()
    go(page, 0, "end_date")
    expect(cell(page, 0, "end_date")).to_contain_text("02 Feb 2020")


def _what_was_done(page: Page, ids: list[int], buzz: Live, lead: Any, sheet: Worksheet) -> None:
    """Stored, the new baseline, and said so in every cell."""
    stored = {record["id"]: record for record in buzz.api.dump("campaigns")}
    assert [stored[number]["notes"] for number in ids] == ["cleaned"] * ROWS
    assert stored[ids[0]]["name"] == "Renamed" and stored[ids[1]]["end_date"] == "2027-01-01 00:00:00"
    assert [stored[number]["max_bid"] for number in ids[1:5]] == ["1.10", "2.20", "3.30", "4.10"]
    marks = [mark for marks in held(buzz, lead, sheet).values() for mark in marks.values()]
    assert len(marks) == 4 + ROWS and all(mark.get("o") == "done" and "e" not in mark for mark in marks)
    expect(page.locator("#plan-button")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#grid .cell.is-done")).to_have_count(4 + ROWS)


def test_the_words_of_the_api_are_beside_the_cell_that_it_refused(
    grid: Page, sheet: Worksheet, ids: list[int], buzz: Live, lead: Any
):
    type_into(grid, 2, "end_date", REFUSED)
    saved(grid)
    opened = buzz.open(lead, "campaigns")
    plans.approve(opened, standing.plan(opened, sheet))
    assert worker.work_once()
    grid.reload()
    expect(grid.locator("#grid .catcher")).to_be_focused()
    go(grid, 2, "end_date")
    expect(grid.get_by_text("End date must not be before start date.").first).to_be_visible()
    press(grid, "Control+z")  # of the step, not of what the API said
    saved(grid)
    assert "e" not in held(buzz, lead, sheet).get("end_date", {}).get(2, {})


def test_back_after_sending_shows_that_it_was_sent(grid: Page, sheet: Worksheet, buzz: Live, lead: Any):
    type_into(grid, 0, "notes", "once")
    saved(grid)
    plan = standing.plan(buzz.open(lead, "campaigns"), sheet)
    grid.goto(f"/plans/{plan.pk}/")
    grid.locator("#send-button").dblclick()
    grid.wait_for_url("**/runs/*/")
    grid.go_back()
    expect(grid.get_by_text("This plan was sent.")).to_be_visible()
    expect(grid.locator("#send-button")).to_have_count(0)
    assert Run.objects.count() == 1


@pytest.fixture
def plan(buzz: Live, lead: Any, sheet: Worksheet) -> Plan:
    """The same note in every row, and a bid of its own."""
    opened = buzz.open(lead, "campaigns")
    rows = list(range(ROWS))
    typed = {"notes": (rows, [""] * ROWS), "max_bid": (rows, [f"{row}.25" for row in rows])}
    edits.take(opened, sheet, uuid4(), "paste", "Paste", typed)
    return standing.plan(opened, sheet)


def test_unticking_a_change_plans_again_without_it(signed_in: Page, plan: Plan):
    page = signed_in
    page.goto(f"/plans/{plan.pk}/")
    page.get_by_text("different changes").click()
    box = page.locator(".change-rows tbody input").first
    expect(box).to_be_visible()
    box.uncheck()
    expect(page.locator("#revise-button")).to_have_text("Plan again without 1 field")
    expect(page.locator("#send-button")).to_be_hidden()
    page.locator("[aria-label^='Include Notes']").uncheck()
    expect(page.locator("#revise-button")).to_contain_text("Plan again without 1 row")
    page.locator("#revise-button").click()
    page.wait_for_url(f"**/plans/{plan.pk + 1}/")
    kept = Plan.objects.get(predecessor=plan).rows()
    assert len(kept) == ROWS - 1 and all(row.fields == ("max_bid",) for row in kept)


@schemes
def test_the_plan_is_accessible_with_warnings_and_open_groups(signed_in: Page, plan: Plan, axe: Axe):
    page = signed_in
    page.goto(f"/plans/{plan.pk}/")
    for summary in page.locator(".change-group summary").all():
        summary.click()
    expect(page.locator(".change-rows table").first).to_be_visible()
    page.locator(".change-rows tbody input").first.uncheck()
    expect(page.locator("#revise-button")).to_be_enabled()
    axe(page)
