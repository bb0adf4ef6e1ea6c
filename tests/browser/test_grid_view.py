"""The grid as the worksheet's page draws it: what is there, what a screen reader hears, and that no value breaks it."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from adminui.services import reading
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, sign_in_as
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = ["budget_type", "max_bid", "alternative_id", "notes", "start_date"]
LONG = "A text that never ends, " * 40
HEBREW = "שלום עולם, קמפיין 2026"
MARKS: dict[str, store.Mark] = {
    "is-pending": {"e": "typed"},
    "is-invalid": {"e": "typed wrongly", "w": "At most 10 characters fit."},
    "is-conflict": {"e": "mine", "t": "then", "c": True},
    "is-failed": {"e": "sent", "o": "rejected", "m": ["The campaign is locked."]},
    "is-unsent": {"e": "kept", "o": "not sent"},
    "is-doubtful": {"e": "perhaps", "o": "unknown"},
    "is-moved": {"t": "before"},
    "is-done": {"o": "done"},
}


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    ids = [record["id"] for record in buzz.api.dump("campaigns")]
    return reading.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def marked(sheet: Worksheet) -> Worksheet:
    """A cell in each state, in the column of notes."""
    store.keep_marks(sheet, {("notes", 0): dict(enumerate(MARKS.values()))})
    return sheet


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    page.set_viewport_size({"width": 1440, "height": 600})
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def head(page: Page, field: str) -> Locator:
    return page.locator(f'#grid [role=columnheader][title="{field}"]')


def fields(page: Page) -> list[str | None]:
    return [each.get_attribute("title") for each in page.locator("#grid [role=columnheader]").all()]


def press(page: Page, keys: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(keys)


def test_the_grid_says_how_large_it_is_and_where_each_cell_stands(grid: Page, sheet: Worksheet):
    table = grid.get_by_role("grid")
    expect(table).to_have_attribute("aria-rowcount", str(sheet.rows + 1))
    expect(table).to_have_attribute("aria-colcount", str(len(COLUMNS) + 2))
    expect(table).to_have_attribute("aria-multiselectable", "true")
    first = table.get_by_role("row").and_(grid.locator('[aria-rowindex="2"]'))
    expect(first.get_by_role("rowheader")).to_have_attribute("aria-readonly", "true")
    expect(first.get_by_role("gridcell")).to_have_count(len(COLUMNS) + 1)
    assert fields(grid) == ["id", "name", *COLUMNS]


def test_only_what_can_be_seen_is_drawn(grid: Page, sheet: Worksheet):
    rows = grid.locator("#grid .grid-body > .grid-row:not([hidden])")
    assert rows.count() < sheet.rows
    grid.locator("#grid .grid-scroll").evaluate("element => { element.scrollTop = element.scrollHeight }")
    expect(grid.locator(f'#grid [aria-rowindex="{sheet.rows + 1}"] .id')).to_be_in_viewport()
    assert rows.count() < sheet.rows


def test_the_active_cell_is_announced_and_stays_there_when_it_is_scrolled_away(grid: Page):
    cell(grid, 2, "notes").click()
    catcher = grid.locator("#grid .catcher")
    expect(catcher).to_be_focused()
    expect(cell(grid, 2, "notes")).to_have_attribute("id", str(catcher.get_attribute("aria-activedescendant")))
    grid.locator("#grid .grid-scroll").evaluate("element => { element.scrollTop = 1000 }")
    expect(cell(grid, 2, "notes")).not_to_be_in_viewport()
    expect(grid.locator(f"#{catcher.get_attribute('aria-activedescendant')}")).to_have_count(1)
    press(grid, "ArrowDown")
    expect(cell(grid, 3, "notes")).to_be_in_viewport()
    expect(catcher).to_have_attribute("aria-activedescendant", str(cell(grid, 3, "notes").get_attribute("id")))


def test_a_range_is_selected_for_the_eye_and_for_a_screen_reader(grid: Page):
    cell(grid, 1, "budget_type").click()
    press(grid, "Shift+ArrowDown", 2)
    press(grid, "Shift+ArrowRight")
    expect(grid.locator("#grid .range:not([hidden])")).to_have_count(1)
    expect(grid.locator("#grid .cell[aria-selected=true]")).to_have_count(6)
    cell(grid, 7, "notes").click(modifiers=["Control"])
    expect(grid.locator("#grid .range:not([hidden])")).to_have_count(2)
    expect(grid.locator("#grid .cell[aria-selected=true]")).to_have_count(7)


def test_frozen_columns_stay_when_the_others_scroll(grid: Page):
    grid.set_viewport_size({"width": 760, "height": 600})
    before = cell(grid, 0, "id").bounding_box()
    grid.locator("#grid .grid-scroll").evaluate("element => { element.scrollLeft = 300 }")
    expect(grid.locator("#grid .frozen-edge")).to_be_visible()
    assert cell(grid, 0, "id").bounding_box() == before
    cell(grid, 0, "start_date").click()
    press(grid, "ArrowLeft", len(COLUMNS) - 1)  # a cell that lay under the frozen ones
    name, active = cell(grid, 0, "name").bounding_box(), cell(grid, 0, COLUMNS[0]).bounding_box()
    assert name and active and active["x"] >= name["x"] + name["width"]


def test_a_column_is_resized_at_its_edge_and_moved_by_dragging(grid: Page):
    box = head(grid, "notes").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    grid.mouse.move(box["x"] + box["width"] - 1, middle)
    grid.mouse.down()
    grid.mouse.move(box["x"] + box["width"] + 79, middle, steps=4)
    grid.mouse.up()
    wide = head(grid, "notes").bounding_box()
    assert wide and wide["width"] == box["width"] + 80
    expect(cell(grid, 0, "notes")).to_have_css("width", f"{wide['width']:g}px")
    target = head(grid, "budget_type").bounding_box()
    assert target
    grid.mouse.move(wide["x"] + 40, middle)
    grid.mouse.down()
    grid.mouse.move(target["x"] + 5, middle, steps=6)
    grid.mouse.up()
    expect(grid.locator("#grid [role=columnheader]").nth(2)).to_have_attribute("title", "notes")
    assert fields(grid) == ["id", "name", "notes", "budget_type", "max_bid", "alternative_id", "start_date"]


def test_every_state_has_a_sign_of_its_own(marked: Worksheet, grid: Page):
    looks = set()
    for at, css in enumerate(MARKS):
        assert css in str(cell(grid, at, "notes").get_attribute("class")).split()
        looks.add(
            cell(grid, at, "notes").evaluate(
                "cell => { const [own, sign] = [getComputedStyle(cell), getComputedStyle(cell, '::after')];"
                " return [sign.content, sign.borderStyle, own.backgroundImage.replace(/rgb\\([^)]*\\)/g, 'x'),"
                " own.textDecorationLine].join() }"
            )
        )
    assert len(looks) == len(MARKS), "Two states differ by nothing but their colour."
    expect(grid.locator("#grid [aria-invalid=true]")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible(marked: Worksheet, grid: Page, axe: Callable[[Page], None]):
    press(grid, "Escape")
    cell(grid, 1, "budget_type").click()
    press(grid, "Shift+ArrowDown", 3)
    cell(grid, 2, "notes").click(modifiers=["Control"])
    expect(grid.locator(".sheet-card")).to_be_visible()
    if folder := os.environ.get("ADMINUI_SHOTS"):
        dark = grid.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        grid.screenshot(path=f"{folder}/grid-{'dark' if dark else 'light'}.png")
    axe(grid)


def test_the_card_of_a_cell_says_what_stood_there_and_what_is_wrong(marked: Worksheet, grid: Page, buzz: Live):
    card = grid.locator(".sheet-card")
    before = buzz.api.dump("campaigns")[1]["notes"]
    cell(grid, 1, "notes").click()
    expect(card).to_be_visible()
    expect(card.locator("del")).to_have_text({None: "null", "": "empty"}.get(before, before))
    expect(card.locator("ins")).to_have_text("typed wrongly")
    expect(card).to_contain_text("At most 10 characters fit.")
    expect(grid.locator("#grid .catcher")).to_have_attribute("aria-describedby", str(card.get_attribute("id")))
    cell(grid, 3, "notes").hover()
    expect(card).to_contain_text("The campaign is locked.")
    press(grid, "ArrowDown", 12)
    grid.mouse.move(5, 5)
    expect(card).to_be_hidden()
    expect(grid.locator("#grid .catcher")).not_to_have_attribute("aria-describedby", "grid-card")


def test_the_card_of_a_clash_shows_both_sides(marked: Worksheet, grid: Page):
    cell(grid, 2, "notes").click()
    card = grid.locator(".sheet-card")
    expect(card.locator("dt")).to_have_text(["Then", "Now", "Mine"])
    expect(card.locator("dd").first).to_have_text("then")
    expect(card.locator("dd").last).to_have_text("mine")
    card.get_by_role("button", name="Keep mine").click()
    expect(cell(grid, 2, "notes")).to_have_class("cell is-text is-pending")


def test_no_text_breaks_a_row(sheet: Worksheet, page: Page, live_server: Any, client_as: Callable[[str], Client]):
    texts = [LONG, HEBREW, "two\nlines", "   "]
    store.keep_marks(sheet, {("notes", 0): {row: {"e": text} for row, text in enumerate(texts)}})
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    quiet = cell(page, len(texts), "notes").bounding_box()
    assert quiet
    for row in range(len(texts)):
        loud = cell(page, row, "notes").bounding_box()
        assert loud == {**quiet, "y": quiet["y"] - 28 * (len(texts) - row)}
    cell(page, 0, "notes").hover()
    expect(page.locator(".sheet-card ins")).to_contain_text(LONG.strip()[:500])


def test_rows_follow_the_chosen_density(grid: Page):
    grid.evaluate("document.documentElement.dataset.density = 'compact'")
    expect(cell(grid, 3, "notes")).to_have_css("height", "23px")
    first, second = cell(grid, 0, "id").bounding_box(), cell(grid, 1, "id").bounding_box()
    assert first and second and second["y"] - first["y"] == 24
