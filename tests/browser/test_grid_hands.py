"""The hands of the worksheet's grid by real keys and a real mouse: move, type, edit by kind, fill, copy and paste."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from adminui.services import reading
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = [
    "active",
    "budget_type",
    "advertiser_id",
    "start_date",
    "max_bid",
    "alternative_id",
    "notes",
    "revenue",
    "spend",
]
SHOWN = ["id", "name", *COLUMNS]
ROWS = 30
CAMPAIGN = {
    "active": True,
    "budget_type": "spend",
    "advertiser_id": 1,
    "start_date": "2026-01-15 00:00:00",
    "revenue": None,
}
Hold = Callable[[], dict[str, dict[int, Any]]]


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    """Campaigns that differ in their names, bids and notes only."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    for index, number in enumerate(ids):
        own = {
            "name": f"Campaign {index}",
            "max_bid": f"{index}.50",
            "notes": None if index % 2 else "",
            "alternative_id": f"alt-{index}",
        }
        buzz.api.change("campaigns", number, CAMPAIGN | own)
    return reading.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Iterator[Page]:
    sign_in_as(page, client_as("lead"), live_server)
    page.set_viewport_size({"width": 2000, "height": 900})  # all columns at once
    arrive(page, sheet)
    yield page
    assert page.evaluate("window.policyViolations") == []
    page.goto("about:blank")  # it asks for nothing more while the records are cleared away


@pytest.fixture
def edits(grid: Page, sheet: Worksheet, buzz: Live, lead: Any) -> Hold:
    """What the server holds once everything is saved."""

    def read() -> dict[str, dict[int, Any]]:
        saved(grid)
        return held(buzz, lead, sheet)

    return read


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def active(page: Page) -> tuple[int, str]:
    """The row (from 0) and field that the focus is said to be on."""
    page.evaluate("new Promise(requestAnimationFrame)")
    row, col = page.evaluate("""() => {
      const here = document.getElementById(document.activeElement.getAttribute("aria-activedescendant"));
      return [here.parentElement.ariaRowIndex, here.ariaColIndex].map(Number);
    }""")
    return row - 2, SHOWN[col - 1]


def selected(page: Page) -> int:
    page.evaluate("new Promise(requestAnimationFrame)")
    return page.locator('#grid .grid-row:not([hidden]) > [aria-selected="true"]').count()


def clip(page: Page, text: str | None = None) -> str:
    """What is on the clipboard, after `text` was put there if any."""
    if text is not None:
        page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    return str(page.evaluate("navigator.clipboard.readText()"))


def said(page: Page) -> Locator:
    return page.locator("#said")


def drag(page: Page, start: Locator, end: Locator) -> None:
    start.hover()
    page.mouse.down()
    end.hover()
    page.mouse.up()


def test_arrows_and_jumps_lead_where_they_lead_in_excel(grid: Page):
    cell(grid, 0, "name").click()
    press(grid, "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert active(grid) == (1, "active")
    press(grid, "Control+ArrowDown")
    assert active(grid) == (ROWS - 1, "active")
    press(grid, "Home", "Control+ArrowRight")
    assert active(grid) == (ROWS - 1, "alternative_id"), "the next cell, notes, is empty"
    press(grid, "Control+ArrowRight")
    assert active(grid) == (ROWS - 1, "spend"), "over the empty ones to what is filled"
    press(grid, "Control+Home")
    assert active(grid) == (0, "id")
    press(grid, "Control+End")
    assert active(grid) == (ROWS - 1, "spend")
    press(grid, "Home", "PageUp", "End", "PageDown")
    assert active(grid) == (ROWS - 1, "spend")


def test_enter_and_tab_walk_about_in_a_selection_and_return_to_where_a_row_of_tabs_began(grid: Page):
    cell(grid, 1, "max_bid").click()
    press(grid, "Shift+ArrowRight", "Shift+ArrowDown")
    walked = []
    for key in ("Tab", "Tab", "Enter", "Enter", "Shift+Enter", "Shift+Tab"):
        press(grid, key)
        walked.append(active(grid))
    assert walked == [
        (1, "alternative_id"),
        (2, "max_bid"),
        (1, "alternative_id"),
        (2, "alternative_id"),
        (1, "alternative_id"),
        (1, "max_bid"),
    ]
    assert selected(grid) == 4
    cell(grid, 4, "max_bid").click()
    grid.keyboard.type("7")
    press(grid, "Tab")
    grid.keyboard.type("x")
    press(grid, "Enter")
    assert active(grid) == (5, "max_bid")


def test_tab_leaves_the_grid_at_its_edges_and_after_escape(grid: Page):
    in_grid = "document.activeElement.matches('.catcher')"
    cell(grid, 1, "revenue").click()
    press(grid, "Tab")
    assert active(grid) == (1, "spend")
    press(grid, "Tab")
    assert not grid.evaluate(in_grid)
    press(grid, "Shift+Tab")
    assert grid.evaluate(in_grid) and active(grid) == (1, "spend")
    press(grid, "Home", "Shift+Tab")
    assert not grid.evaluate(in_grid)
    cell(grid, 1, "max_bid").click()
    press(grid, "Escape", "Shift+Tab")
    assert not grid.evaluate(in_grid)


def test_typing_replaces_f2_goes_on_escape_leaves_and_arrows_commit(grid: Page, edits: Hold):
    cell(grid, 0, "name").click()
    grid.keyboard.type("New")
    press(grid, "ArrowDown")
    assert active(grid) == (1, "name")
    press(grid, "F2")
    grid.keyboard.type("!")
    press(grid, "ArrowLeft", "Delete", "Enter")
    press(grid, "F2")
    grid.keyboard.type("?")
    press(grid, "Enter")
    grid.keyboard.type("never")
    press(grid, "Escape")
    cell(grid, 4, "alternative_id").dblclick()
    press(grid, "Alt+Enter")
    grid.keyboard.type("two")
    cell(grid, 5, "name").click()
    assert edits() == {"name": {0: "New", 2: "Campaign 2?"}, "alternative_id": {4: "alt-4\ntwo"}}


def test_the_first_character_of_an_input_method_is_not_lost(grid: Page, edits: Hold):
    cell(grid, 2, "name").click()
    ime = grid.context.new_cdp_session(grid)
    ime.send("Input.imeSetComposition", {"text": "に", "selectionStart": 1, "selectionEnd": 1})
    expect(grid.locator(".catcher")).to_have_value("に")
    expect(grid.locator(".catcher")).to_have_class("catcher is-over is-open")
    ime.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    ime.send("Input.insertText", {"text": "日本"})
    press(grid, "Enter")
    assert edits() == {"name": {2: "日本"}}


def test_read_only_cells_say_so_and_take_nothing(grid: Page, edits: Hold):
    cell(grid, 1, "spend").click()
    for way in (lambda: grid.keyboard.type("1"), lambda: press(grid, "F2"), lambda: press(grid, "Delete")):
        cell(grid, 1, "name").click()
        cell(grid, 1, "spend").click()
        way()
        expect(said(grid)).to_have_text("Spend is read-only.")
        expect(grid.locator(".catcher")).to_have_value("")
    ime = grid.context.new_cdp_session(grid)
    ime.send("Input.insertText", {"text": "日本"})
    expect(grid.locator(".catcher")).to_have_value("")
    assert edits() == {}


def test_choices_are_found_by_their_beginning_by_arrows_and_by_the_mouse(grid: Page, edits: Hold):
    cell(grid, 0, "budget_type").click()
    grid.keyboard.type("im")
    press(grid, "Tab")
    cell(grid, 1, "budget_type").click()
    press(grid, "Enter", "ArrowDown", "Enter")
    assert active(grid) == (2, "budget_type")
    press(grid, "F2")
    grid.get_by_role("option", name="spend including vendor fees").click()
    cell(grid, 3, "budget_type").click()
    grid.keyboard.type("barter")
    expect(grid.locator(".cell-under")).to_contain_text("“barter” is not one of the choices")
    press(grid, "Enter")
    wrong = edits()["budget_type"].pop(3)
    assert wrong["e"] == "barter" and "not one of the choices" in wrong["w"]
    kept = {0: "impressions", 1: "impressions", 2: "spend including vendor fees"}
    assert {row: mark for row, mark in edits()["budget_type"].items() if row < 3} == kept


def test_a_boolean_turns_by_space_and_by_its_first_letter(grid: Page, edits: Hold):
    cell(grid, 0, "active").click()
    press(grid, "F2", "Space", "Enter")
    grid.keyboard.type("n")
    press(grid, "Enter")
    press(grid, "F2", "Space", "Space", "Enter")
    assert edits() == {"active": {0: "false", 1: "false"}}


def test_a_reference_is_found_by_name_or_typed_as_an_id(grid: Page, edits: Hold, buzz: Live):
    advertiser = buzz.api.dump("advertisers")[3]
    cell(grid, 0, "advertiser_id").click()
    grid.keyboard.type(advertiser["name"][:6].strip())
    grid.get_by_role("option").filter(has_text=str(advertiser["id"])).first.click()
    press(grid, "Escape")
    cell(grid, 1, "advertiser_id").click()
    grid.keyboard.type("5")
    press(grid, "Enter")
    assert edits() == {"advertiser_id": {0: str(advertiser["id"]), 1: "5"}}
    expect(cell(grid, 0, "advertiser_id")).to_contain_text(advertiser["name"].strip().split("  ")[0])


def test_a_date_is_picked_without_touching_its_time(grid: Page, edits: Hold):
    cell(grid, 0, "start_date").click()
    press(grid, "F2")
    expect(grid.locator(".cell-under")).to_contain_text("account time")
    grid.locator(".cell-picker").fill("2026-02-03")
    expect(grid.locator(".catcher")).to_be_focused()
    press(grid, "Enter")
    assert edits() == {"start_date": {0: "2026-02-03 00:00:00"}}


def test_the_box_tells_line_and_column_and_keeps_every_digit(grid: Page, edits: Hold):
    box = grid.locator("#box-text")
    cell(grid, 0, "revenue").click()
    press(grid, "F2")
    expect(box).to_be_focused()
    box.fill('{"type": "CPM",\n "amount": 12.50,}')
    expect(grid.locator("#box-help")).to_have_text("A name in double quotes was expected, line 2, column 18.")
    box.fill('{"type": "CPM", "amount": 12.50}')
    press(grid, "Control+Enter")
    assert active(grid) == (0, "revenue")
    press(grid, "F2")
    expect(box).to_have_value('{\n  "type": "CPM",\n  "amount": 12.50\n}')
    grid.get_by_role("button", name="Leave as it was").click()
    cell(grid, 1, "notes").click()
    grid.keyboard.type("typed ")
    press(grid, "F2")
    grid.keyboard.type("and more")
    grid.get_by_role("button", name="Put into the cell").click()
    grid.keyboard.type("typing goes on")  # the focus is back in the grid, with its caret
    press(grid, "Enter")
    assert edits() == {"revenue": {0: '{"type": "CPM", "amount": 12.50}'}, "notes": {1: "typing goes on"}}


def test_delete_empties_control_delete_sets_null_and_both_go_over_the_selection(grid: Page, edits: Hold):
    cell(grid, 1, "max_bid").click()
    cell(grid, 2, "notes").click(modifiers=["Shift"])
    press(grid, "Delete")
    expect(said(grid)).to_have_text("Emptied 5 cells; 1 already had the value.")
    assert edits() == {"max_bid": {1: None, 2: None}, "alternative_id": {1: "", 2: ""}, "notes": {1: ""}}
    press(grid, "Control+Delete")
    assert edits() == {"max_bid": {1: None, 2: None}, "alternative_id": {1: None, 2: None}, "notes": {2: None}}
    press(grid, "Control+z", "Control+z")
    expect(said(grid)).to_have_text("Undone: Clear, 5 cells.")
    assert edits() == {}
    press(grid, "Control+Shift+z")
    expect(said(grid)).to_have_text("Done again: Clear, 5 cells.")


def test_one_value_goes_into_all_that_is_selected_and_fills_go_down_and_right(grid: Page, edits: Hold):
    cell(grid, 0, "alternative_id").click()
    press(grid, "Shift+ArrowDown")
    cell(grid, 4, "alternative_id").click(modifiers=["Control"])
    grid.keyboard.type("same")
    press(grid, "Control+Enter")
    assert edits() == {"alternative_id": {0: "same", 1: "same", 4: "same"}}
    press(grid, "Control+z")
    cell(grid, 6, "alternative_id").click()
    press(grid, "Shift+ArrowRight", "Control+r", "Shift+ArrowDown", "Control+d")
    assert edits() == {"alternative_id": {7: "alt-6"}, "notes": {6: "alt-6", 7: "alt-6"}}
    cell(grid, 9, "name").click()
    press(grid, "Control+d")
    assert edits()["name"] == {9: "Campaign 8"}


def test_a_block_is_pasted_as_one_step_with_read_only_bad_and_overflowing_cells_told(grid: Page, edits: Hold):
    clip(grid, '2.25\t"two\nlines, ""quoted"""\tn\t\t9\t9\t9\nmuch\tb\t\t\t9\t9\t9\r\n9\t9\t9\t\t9\t9\t9\n')
    cell(grid, ROWS - 2, "max_bid").click()
    press(grid, "Control+v")
    expect(said(grid)).to_have_text(
        "Pasted 5 cells; 3 already had the value; 1 invalid; 2 read-only spared; "
        "7 beyond the last row left out; 4 beyond the last column left out."
    )
    assert selected(grid) == 10
    marks = edits()
    assert marks["max_bid"][ROWS - 2] == "2.25" and marks["max_bid"][ROWS - 1]["e"] == "much"
    assert marks["alternative_id"] == {ROWS - 2: 'two\nlines, "quoted"', ROWS - 1: "b"}
    assert marks["notes"] == {ROWS - 2: "n"}
    press(grid, "Control+z")
    expect(said(grid)).to_have_text("Undone: Paste, 5 cells.")
    assert edits() == {}


def test_one_copied_value_fills_every_range_and_a_block_repeats_in_its_multiple(grid: Page, edits: Hold):
    cell(grid, 0, "alternative_id").click()
    press(grid, "Control+c")
    expect(said(grid)).to_have_text("1 cell copied.")
    cell(grid, 2, "alternative_id").click()
    cell(grid, 4, "alternative_id").click(modifiers=["Control"])
    press(grid, "Shift+ArrowDown", "Control+v")
    assert edits() == {"alternative_id": dict.fromkeys((2, 4, 5), "alt-0")}
    clip(grid, "x\ny")
    cell(grid, 6, "alternative_id").click()
    press(grid, *["Shift+ArrowDown"] * 3, "Control+v")
    assert edits()["alternative_id"] == {2: "alt-0", 4: "alt-0", 5: "alt-0", 6: "x", 7: "y", 8: "x", 9: "y"}


def test_what_was_copied_here_keeps_null_apart_from_empty_and_other_programs_get_a_table(grid: Page, edits: Hold):
    grid.evaluate(
        "document.addEventListener('copy', (event) => (window.html = event.clipboardData.getData('text/html')))"
    )
    cell(grid, 0, "alternative_id").click()
    cell(grid, 1, "notes").click(modifiers=["Shift"])
    press(grid, "Control+c")
    assert clip(grid) == "alt-0\t\nalt-1\t"
    html = grid.evaluate("html")
    assert html.count("<tr>") == 2 and html.count("<td") == 4 and ">alt-1</td>" in html
    cell(grid, 3, "alternative_id").click()
    press(grid, "Control+v")
    assert edits() == {"alternative_id": {3: "alt-0", 4: "alt-1"}, "notes": {3: "", 4: None}}
    press(grid, "Control+x")
    expect(said(grid)).to_have_text("Cut 3 cells; 1 already had the value.")
    assert edits() == {"alternative_id": {3: "", 4: ""}, "notes": {3: ""}}


def test_pasting_into_an_open_editor_is_pasting_text(grid: Page, edits: Hold):
    clip(grid, "a\tb")
    cell(grid, 0, "name").dblclick()
    press(grid, "Home", "Control+v", "Control+z", "Control+v", "Enter")
    assert edits() == {"name": {0: "a\tbCampaign 0"}}


def test_the_mouse_selects_cells_columns_and_rows_and_keeps_what_was_typed(grid: Page, edits: Hold):
    drag(grid, cell(grid, 1, "max_bid"), cell(grid, 3, "notes"))
    assert selected(grid) == 9 and active(grid) == (1, "max_bid")
    cell(grid, 5, "max_bid").click(modifiers=["Control"])
    cell(grid, 6, "max_bid").click(modifiers=["Shift"])
    assert selected(grid) == 11
    grid.locator('#grid [role=columnheader][title="notes"] .label').click()
    assert selected(grid) == ROWS
    grid.locator('#grid [role=columnheader][title="max_bid"] .label').click(modifiers=["Shift"])
    assert selected(grid) == 3 * ROWS
    cell(grid, 2, "id").locator(".tick").click()
    cell(grid, 4, "id").locator(".tick").click(modifiers=["Shift"])
    expect(grid.locator("#grid .grid-body .grid-row.is-ticked")).to_have_count(3)
    cell(grid, 2, "name").click()
    press(grid, "Space")
    expect(grid.locator("#grid .grid-body .grid-row.is-ticked")).to_have_count(2)
    press(grid, "Shift+Space")
    assert selected(grid) == len(SHOWN)
    press(grid, "Control+a")
    assert selected(grid) == ROWS * len(SHOWN)
    cell(grid, 0, "name").dblclick()
    grid.keyboard.type("!")
    cell(grid, 0, "id").locator("a").click()
    grid.wait_for_url("**/records/*/")
    grid.go_back()
    assert edits() == {"name": {0: "Campaign 0!"}}


def test_a_drag_goes_on_beyond_the_window(grid: Page):
    grid.set_viewport_size({"width": 2000, "height": 640})
    cell(grid, 0, "notes").hover()
    grid.mouse.down()
    grid.mouse.move(500, 638)
    expect(cell(grid, ROWS - 1, "notes")).to_have_attribute("aria-selected", "true")
    grid.mouse.up()
    assert active(grid) == (0, "notes")


def test_the_fill_handle_continues_a_series_or_repeats_and_goes_down_beside_data(grid: Page, edits: Hold):
    handle = grid.locator(".grid-layer > .fill")
    cell(grid, 1, "max_bid").click()
    press(grid, "Shift+ArrowDown")
    drag(grid, handle, cell(grid, 4, "max_bid"))
    assert edits() == {}, "the series 1.50, 2.50 goes on as it was there already"
    expect(said(grid)).to_have_text("Filled 0 cells; 2 already had the value.")
    grid.keyboard.down("Control")
    cell(grid, 9, "notes").hover()
    grid.keyboard.up("Control")
    cell(grid, 1, "max_bid").click()
    drag(grid, handle, cell(grid, 3, "max_bid"))
    assert edits() == {"max_bid": {2: "1.50", 3: "1.50"}}
    press(grid, "Control+z")
    cell(grid, 1, "alternative_id").click()
    grid.keyboard.type("code 07")
    press(grid, "Enter", "ArrowUp")
    handle.hover()
    grid.mouse.down()
    cell(grid, 3, "alternative_id").hover()
    grid.keyboard.down("Control")
    grid.mouse.up()
    grid.keyboard.up("Control")
    assert edits() == {"alternative_id": {1: "code 07", 2: "code 08", 3: "code 09"}}
    cell(grid, 8, "alternative_id").click()
    handle.dblclick()
    assert edits()["alternative_id"] == {1: "code 07", 2: "code 08", 3: "code 09"} | dict.fromkeys(
        range(9, ROWS), "alt-8"
    )


def test_enter_on_an_id_opens_the_record(grid: Page):
    cell(grid, 0, "name").click()
    press(grid, "ArrowLeft", "Enter")
    grid.wait_for_url("**/records/*/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_open_editor_with_its_list_and_its_error_is_accessible(grid: Page, axe: Callable[[Page], None]):
    cell(grid, 0, "budget_type").click()
    press(grid, "F2")
    expect(grid.get_by_role("option").first).to_be_visible()
    axe(grid)
    grid.keyboard.type("barter")
    expect(grid.locator(".cell-under.is-wrong")).to_be_visible()
    axe(grid)
    press(grid, "Escape")
