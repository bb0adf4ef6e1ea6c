"""The page around a worksheet's grid: which rows, which columns, what is saved, and what the next click sends."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from adminui.runs.models import Plan
from adminui.services import reading, sheets
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as, type_into
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
COLUMNS = ["budget_type", "max_bid", "active", "alternative_id", "notes", "advertiser_id"]
ROWS = 12
# Messy records may hold what their own rules refuse: what is edited here must not be refused for something else.
CAMPAIGN = {"budget_type": 1, "active": True, "alternative_id": None}


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    """Twelve campaigns opened by the lead, told apart by name and bid."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    for index, number in enumerate(ids):
        own = {"name": f"Campaign {index:02}", "max_bid": f"{index}.1", "notes": f"note {index % 3}"}
        buzz.api.change("campaigns", number, CAMPAIGN | own)
    return reading.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Iterator[Page]:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    yield page
    assert page.evaluate("window.policyViolations") == []
    page.goto("about:blank")  # or it would ask on for a worksheet that is gone


def shown(page: Page) -> list[str]:
    """The names in the order shown, once they are drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    rows = page.locator("#grid [role=row]:not([hidden])").count() - 1
    return [cell(page, at, "name").inner_text() for at in range(rows)]


def menu(page: Page, field: str) -> None:
    """The menu of a column, by keyboard."""
    cell(page, 0, field).click()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#column-menu")).to_be_visible()


def head(page: Page, field: str) -> Any:
    return page.locator(f'#grid [role=columnheader][title="{field}"]')


def test_looks_count_their_rows_and_survive_a_reload(grid: Page):
    changed = grid.locator("#looks [data-only=changed]")
    expect(changed).to_have_text(re.compile("Changed 0"))
    expect(grid.locator("#looks [data-only=invalid]")).to_be_hidden()
    type_into(grid, 3, "name", "Renamed")
    type_into(grid, 5, "max_bid", "a lot")
    saved(grid)
    expect(changed).to_have_text(re.compile("Changed 2"))
    grid.locator("#looks [data-only=invalid]").click()
    expect(grid.locator("#rows-shown")).to_have_text("1 of 12 rows")
    changed.click()
    expect(grid.locator("#rows-shown")).to_have_text("2 of 12 rows")
    assert shown(grid) == ["Renamed", "Campaign 05"]
    grid.reload()
    expect(grid.locator("#rows-shown")).to_have_text("2 of 12 rows")
    expect(changed).to_have_attribute("aria-pressed", "true")


def test_the_column_menu_sorts_by_keyboard_and_the_address_keeps_it(grid: Page):
    menu(grid, "max_bid")
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("Enter")
    expect(head(grid, "max_bid")).to_have_attribute("aria-sort", "descending")
    expect(grid.locator("#grid .catcher")).to_be_focused()
    assert shown(grid)[0] == "Campaign 11"  # by number: 11.1 after 9.1
    menu(grid, "notes")
    grid.locator("[data-sort=up]").click(modifiers=["Shift"])
    assert grid.url.endswith("?sort=-max_bid%2Cnotes")
    grid.reload()
    expect(head(grid, "max_bid")).to_have_attribute("aria-sort", "descending")
    expect(cell(grid, 0, "name")).to_have_text("Campaign 11")
    grid.get_by_role("button", name="Remove: Max bid").click()
    expect(head(grid, "max_bid")).not_to_have_attribute("aria-sort", "descending")


def test_values_are_ticked_to_filter_and_what_fits_nothing_says_so(grid: Page):
    menu(grid, "notes")
    grid.locator("#filter-box input").fill("note 1")
    grid.keyboard.press("Enter")
    expect(grid.locator("#rows-shown")).to_have_text("4 of 12 rows")
    menu(grid, "budget_type")
    values = grid.locator(".filter-values label")
    expect(values.first).to_be_visible()
    values.first.locator("input").check()
    expect(grid.locator("#narrowed .chip")).to_have_count(2)
    grid.keyboard.press("Escape")
    menu(grid, "max_bid")
    grid.get_by_label("From", exact=True).fill("900")
    expect(grid.get_by_role("heading", name="No row is like that")).to_be_visible()
    grid.keyboard.press("Enter")
    grid.get_by_role("button", name="Show all rows").click()
    expect(grid.locator("#rows-shown")).to_have_text("12 rows")
    expect(grid.locator("#grid .catcher")).to_be_focused()


def test_rows_do_not_jump_while_edited_but_a_hint_says_they_would(grid: Page):
    menu(grid, "name")
    grid.locator("[data-sort=up]").click()
    type_into(grid, 0, "notes", "elsewhere")
    saved(grid)
    expect(grid.locator("#narrowed .stale")).to_have_count(0)
    type_into(grid, 0, "name", "Zebra")
    expect(grid.locator("#narrowed .stale")).to_be_visible()
    expect(cell(grid, 0, "name")).to_have_text("Zebra")
    grid.get_by_role("button", name="Sort again").click()
    expect(cell(grid, 11, "name")).to_have_text("Zebra")
    expect(grid.locator("#narrowed .stale")).to_have_count(0)


def test_columns_are_hidden_moved_and_frozen_and_come_back_like_that(grid: Page):
    with grid.expect_response("**/layout"):
        menu(grid, "budget_type")
        grid.locator("[data-do=hide]").click()
        grid.get_by_role("button", name="Columns").click()
        box = grid.locator("#column-list")
        box.get_by_label("Notes", exact=False).first.focus()
        for _ in range(3):
            grid.keyboard.press("Alt+ArrowUp")
        box.locator('[data-name="notes"] [data-freeze]').click()
    arrive(grid, Worksheet.objects.get())
    names = [each.get_attribute("title") for each in grid.locator("#grid [role=columnheader]").all()]
    assert names == ["id", "name", "notes", "max_bid", "active", "alternative_id", "advertiser_id"]
    assert "is-frozen" in (head(grid, "notes").get_attribute("class") or "")


def test_a_layout_is_kept_under_a_name_and_chosen_again(grid: Page):
    menu(grid, "max_bid")
    grid.locator("[data-sort=down]").click()
    grid.get_by_role("button", name="Layouts").click()
    grid.get_by_label("Name of this layout").fill("Dear ones")
    grid.keyboard.press("Enter")
    expect(grid.get_by_role("button", name="Dear ones", exact=True)).to_be_visible()
    grid.keyboard.press("Escape")
    grid.goto(grid.url.split("?")[0])
    expect(head(grid, "max_bid")).not_to_have_attribute("aria-sort", "descending")
    grid.get_by_role("button", name="Layouts").click()
    grid.get_by_role("button", name="Dear ones", exact=True).click()
    expect(head(grid, "max_bid")).to_have_attribute("aria-sort", "descending")
    grid.get_by_role("button", name="Layouts").click()
    grid.get_by_role("button", name="Delete layout Dear ones").click()
    expect(grid.get_by_role("button", name="Dear ones", exact=True)).to_have_count(0)


def test_find_counts_walks_and_gives_the_focus_back(grid: Page):
    cell(grid, 0, "name").click()
    grid.keyboard.press("Control+f")
    grid.keyboard.type("note 2")
    expect(grid.locator("#find-count")).to_have_text("4 found")
    grid.keyboard.press("Enter")
    grid.keyboard.press("Enter")
    grid.keyboard.press("Shift+Enter")
    grid.keyboard.press("Escape")
    expect(grid.locator("#grid .catcher")).to_be_focused()
    active = grid.locator("#grid .catcher").get_attribute("aria-activedescendant")
    expect(grid.locator(f"#{active}")).to_have_text("note 2")
    wanted = cell(grid, 9, "id").inner_text()
    grid.keyboard.press("Control+g")
    grid.keyboard.type(wanted)
    grid.keyboard.press("Enter")
    expect(grid.locator("#finder")).to_be_hidden()
    assert (grid.locator("#grid .catcher").get_attribute("aria-activedescendant") or "").startswith("grid-9-")
    grid.keyboard.press("Control+g")
    grid.keyboard.type("no such id")
    grid.keyboard.press("Enter")
    expect(grid.locator("#said")).to_contain_text("is not in this worksheet")


def test_the_steps_are_listed_and_the_button_says_what_it_undoes(grid: Page, buzz: Live, lead: Any, sheet: Worksheet):
    type_into(grid, 0, "name", "First")
    saved(grid)
    grid.get_by_role("button", name="Steps of this worksheet").click()
    expect(grid.locator("#steps li")).to_have_count(1)
    expect(grid.locator("#steps li")).to_contain_text("you · 1 cell")
    undo = grid.locator("#history-undo")
    expect(undo).to_have_text("Undo: Edit Name")
    undo.click()
    saved(grid)
    expect(grid.locator("#steps li.is-undone")).to_have_count(1)
    expect(cell(grid, 0, "name")).to_have_text("Campaign 00")
    expect(grid.locator("#redo")).to_have_attribute("title", "Redo: Edit Name (Ctrl+Y)")
    assert held(buzz, lead, sheet).get("name", {}) == {}


@pytest.mark.parametrize("expected_console", [["ERR_INTERNET_DISCONNECTED"]])
def test_offline_nothing_is_lost_and_the_status_bar_says_where_it_is(
    grid: Page, buzz: Live, lead: Any, sheet: Worksheet
):
    grid.context.set_offline(True)
    type_into(grid, 0, "name", "Typed on a train")
    expect(grid.locator("#saving")).to_have_text("Offline: 1 change kept on this machine and sent when back")
    assert held(buzz, lead, sheet) == {}
    grid.context.set_offline(False)
    saved(grid)
    assert held(buzz, lead, sheet)["name"] == {0: "Typed on a train"}


def test_the_status_bar_adds_up_exactly_and_counts_what_is_ticked(grid: Page):
    cell(grid, 0, "max_bid").click()
    cell(grid, 2, "max_bid").click(modifiers=["Shift"])
    facts = grid.locator("#range-facts")
    expect(facts).to_have_text("3 × 1 · Sum 3.3 · Average 1.1 · Min 0.1 · Max 2.1")
    grid.keyboard.press("Space")
    expect(grid.locator("#rows-ticked")).to_have_text("3 ticked")
    menu(grid, "name")
    grid.locator("#filter-box input").fill("Campaign 00")
    expect(grid.locator("#rows-ticked")).to_have_text("3 ticked, 2 of them hidden")


def test_only_the_ticked_rows_are_planned(grid: Page):
    type_into(grid, 0, "name", "One")
    type_into(grid, 1, "name", "Two")
    expect(grid.locator("#plan-button")).to_have_text("Plan 2 changes")
    expect(grid.locator("#plan-more")).to_be_hidden()
    cell(grid, 1, "name").click()
    grid.keyboard.press("Space")
    grid.locator("#plan-more").click()
    grid.get_by_role("button", name="Plan only the ticked row").click()
    grid.wait_for_url("**/plans/*/")
    assert len(Plan.objects.get().rows()) == 1


def test_what_cannot_be_planned_yet_says_why(grid: Page):
    type_into(grid, 0, "max_bid", "a lot")
    expect(grid.locator("#consequence")).to_contain_text("1 cell cannot be sent")
    expect(grid.locator("#plan-button")).to_have_attribute("aria-disabled", "true")
    grid.locator("#plan-button").click(force=True)
    expect(grid.locator("#said")).to_contain_text("1 cell cannot be sent")
    assert not Plan.objects.exists()


@pytest.mark.parametrize("expected_console", [["422"]])
def test_a_plan_that_cannot_be_made_brings_the_page_back_as_it_was(grid: Page, sheet: Worksheet):
    type_into(grid, 0, "max_bid", "a lot")
    saved(grid)
    cell(grid, 0, "name").click()
    grid.keyboard.press("Space")
    grid.locator("#looks [data-only=changed]").click()
    grid.locator("#plan-more").click()
    grid.get_by_role("button", name="Plan only the ticked row").click()
    expect(grid.locator(".callout.error")).to_be_visible()
    expect(grid.locator("#rows-shown")).to_have_text("1 of 12 rows")
    assert grid.url.endswith(f"/worksheets/{sheet.pk}/?only=changed")
    expect(cell(grid, 0, "max_bid")).to_have_text("a lot")


@pytest.fixture
def theirs(
    browser: Browser, live_server: Any, client_as: Callable[[str], Client], buzz: Live, lead: Any, sheet: Worksheet
) -> Iterator[Page]:
    """The editor's browser, in the lead's shared worksheet."""
    sheets.set_sharing(buzz.open(lead, "campaigns"), sheet, "edit")
    context = browser.new_context(base_url=str(live_server), locale="en-US")
    opened = context.new_page()
    sign_in_as(opened, client_as("editor"), live_server)
    arrive(opened, sheet)
    yield opened
    context.close()


def test_who_else_is_here_is_shown_and_where(grid: Page, theirs: Page):
    cell(theirs, 4, "notes").click()
    chip = grid.locator("#people").get_by_role("button", name=re.compile("editor is at Campaign 04, Notes"))
    expect(chip).to_be_visible()
    chip.click()
    assert (grid.locator("#grid .catcher").get_attribute("aria-activedescendant") or "").startswith("grid-4-")


def test_who_may_only_look_cannot_change_or_undo_anything(
    page: Page, live_server: Any, client_as: Callable[[str], Client], buzz: Live, lead: Any, sheet: Worksheet
):
    sheets.set_sharing(buzz.open(lead, "campaigns"), sheet, "view")
    sign_in_as(page, client_as("viewer"), live_server)
    arrive(page, sheet)
    cell(page, 0, "name").click()
    page.keyboard.type("x")
    expect(page.locator("#said")).to_contain_text("not change")
    page.keyboard.press("Control+z")
    expect(page.locator("#said")).to_have_text("Nothing to undo.")
    expect(page.locator("#saving")).to_have_text("Saved")
    for control in ("#undo", "#plan-button", "#fold", "[data-dialog-open=discard]"):
        expect(page.locator(control)).to_have_count(0)
    page.goto("about:blank")


@schemes
def test_the_page_is_accessible_with_everything_on_it(grid: Page, axe: Axe, scheme: str):
    type_into(grid, 0, "name", "Renamed")
    type_into(grid, 1, "max_bid", "a lot")
    saved(grid)
    axe(grid)
    menu(grid, "budget_type")
    grid.locator(".filter-values input").first.check()
    grid.locator("[data-do=stats]").click()
    expect(grid.locator("#column-facts dd").first).to_be_visible()
    axe(grid)
    grid.keyboard.press("Escape")
    grid.keyboard.press("Control+f")
    grid.get_by_role("button", name="Steps of this worksheet").click()
    expect(grid.locator("#steps li").first).to_be_visible()
    axe(grid)
    grid.get_by_role("button", name="Columns").click()
    axe(grid)


def test_a_narrow_window_needs_no_sideways_scrolling(grid: Page):
    grid.set_viewport_size({"width": 1024, "height": 768})
    cell(grid, 0, "max_bid").click()
    grid.keyboard.press("Control+Shift+ArrowDown")
    assert grid.evaluate("document.documentElement.scrollWidth") == 1024
    tall = grid.locator("#status").bounding_box()
    type_into(grid, 0, "name", "A long sentence follows")
    saved(grid)
    assert grid.locator("#status").bounding_box() == tall  # or the grid would jump


def test_a_deep_link_filters_and_what_is_unknown_in_it_is_left_out(grid: Page, sheet: Worksheet):
    wanted = json.dumps({"notes": {"text": "note 0", "how": "is"}, "nonsense": {"is": "null"}})
    grid.goto(f"/worksheets/{sheet.pk}/?sort=-name,nonsense&filters={wanted}")
    expect(grid.locator("#rows-shown")).to_have_text("4 of 12 rows")
    assert shown(grid) == ["Campaign 09", "Campaign 06", "Campaign 03", "Campaign 00"]
