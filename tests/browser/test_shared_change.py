"""The shared change in a real browser: counted exactly, shown row by row, made as one step, by keyboard alone."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from adminui.services import reading
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], None]
COLUMNS = ["notes", "max_bid", "active", "budget_type", "start_date", "end_date", "update_date"]
ROWS = 60


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Iterator[Worksheet]:
    """Sixty campaigns opened by the lead."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    yield reading.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def column_of(sheet: Worksheet, name: str) -> list[Any]:
    return [value for part in store.parts_of(sheet) for value in store.columns(sheet, [name], part)[name]]


def field(page: Page, name: str) -> Locator:
    return page.locator(f'.share-field[data-field="{name}"]')


def choose(page: Page, name: str, op: str) -> None:
    """Keep, Set, Null, Empty, or one of what More offers."""
    radio = field(page, name).get_by_role("radio", name=op, exact=True)
    if radio.count():
        return radio.check(force=True)
    field(page, name).locator("select").select_option(label=op)
    field(page, name).locator(".share-value input").first.focus()


def scope(page: Page, value: str) -> Locator:
    return page.locator(f"input[name=share-scope][value={value}]")


def fate(page: Page, name: str) -> Locator:
    return page.locator(f'#shared .share-fates [data-fate="{name}"]')


@pytest.fixture
def panel(grid: Page) -> Page:
    grid.locator("#fold").click()
    expect(grid.locator("#shared")).to_be_visible()
    return grid


def test_one_value_for_all_rows_is_counted_shown_made_and_taken_back_as_one_step(
    panel: Page, sheet: Worksheet, buzz: Live, lead: Any
):
    before = Counter(value == "same for all" for value in column_of(sheet, "notes"))
    assert not before[True]
    choose(panel, "notes", "Set")
    panel.keyboard.type("same for all")
    expect(panel.locator("#share-sentence")).to_contain_text("60 rows will change")
    expect(fate(panel, "changed").locator(".number")).to_have_text("60")
    expect(panel.locator("#shared .share-table tbody tr")).to_have_count(50)
    panel.locator("#shared .share-rows").evaluate("(each) => each.scrollTo(0, each.scrollHeight)")
    expect(panel.locator("#shared .share-table tbody tr")).to_have_count(60)
    assert not held(buzz, lead, sheet).get("notes")
    expect(panel.locator("#share-button")).to_have_text(re.compile("Set Notes to .same for all. in 60 rows"))
    panel.locator("#share-button").click()
    expect(panel.locator("#said")).to_contain_text("60 rows")
    expect(cell(panel, 0, "notes")).to_have_text("same for all")
    assert held(buzz, lead, sheet)["notes"] == dict.fromkeys(range(60), "same for all")
    assert not buzz.seen("PATCH") and not buzz.seen("PUT")
    expect(panel.locator("#share-sentence")).to_contain_text("60 already have it")
    expect(panel.locator("#share-button")).to_be_disabled()
    panel.keyboard.press("Escape")
    panel.keyboard.press("Control+z")
    saved(panel)
    expect(cell(panel, 0, "notes")).not_to_have_text("same for all")
    assert not held(buzz, lead, sheet).get("notes")


def test_the_scope_offers_what_is_ticked_selected_and_filtered_with_exact_counts(panel: Page):
    expect(scope(panel, "all")).to_be_checked()
    expect(scope(panel, "filter")).to_be_hidden()
    cell(panel, 2, "notes").click()
    panel.keyboard.press("Shift+ArrowDown")
    panel.keyboard.press("Shift+ArrowDown")
    expect(scope(panel, "range")).to_be_checked()
    expect(panel.locator("#shared .share-scope label:has([value=range]) .number")).to_have_text("3")
    panel.keyboard.press("Shift+Space")
    panel.keyboard.press("Escape")
    cell(panel, 1, "notes").click()
    panel.keyboard.press("Space")
    expect(scope(panel, "ticked")).to_be_checked()
    expect(panel.locator("#shared .share-scope label:has([value=all]) .number")).to_have_text("60")
    scope(panel, "all").check()
    choose(panel, "notes", "Null")
    filled = sum(value is not None for value in column_of(panel_sheet(panel), "notes"))
    expect(panel.locator("#share-sentence")).to_contain_text(f"{filled} rows will change")
    cell(panel, 5, "notes").click()
    expect(scope(panel, "all")).to_be_checked()  # somebody chose it: selecting does not change that any more


def panel_sheet(page: Page) -> Worksheet:
    return Worksheet.objects.get(pk=int(page.url.rstrip("/").split("/")[-1]))


def test_only_where_another_field_has_a_value(panel: Page, sheet: Worksheet, buzz: Live, lead: Any):
    active = column_of(sheet, "active")
    choose(panel, "notes", "Set")
    panel.keyboard.type("was active")
    field(panel, "active").locator(".share-name").click()
    yes = field(panel, "active").locator(".mixed", has_text="yes")
    expect(yes.locator(".number")).to_have_text(str(active.count(True)))
    yes.click()
    expect(panel.locator("#share-only")).to_contain_text("yes")
    expect(panel.locator("#share-sentence")).to_contain_text(f"{active.count(True)} rows will change")
    expect(fate(panel, "skipped").locator(".number")).to_have_text(str(ROWS - active.count(True)))
    panel.locator("#share-button").click()
    expect(panel.locator("#said")).to_contain_text("Pending")
    assert sorted(held(buzz, lead, sheet)["notes"]) == [row for row, value in enumerate(active) if value is True]
    panel.locator("#share-only button").click()
    expect(panel.locator("#share-only")).to_be_hidden()
    expect(panel.locator("#share-sentence")).to_contain_text(f"{ROWS - active.count(True)} rows will change")


def test_a_relative_change_says_when_it_would_be_made_twice_and_bad_rows_are_shown_with_words(
    panel: Page, sheet: Worksheet
):
    choose(panel, "max_bid", "Add")
    panel.keyboard.type("0.1")
    expect(panel.locator("#share-sentence")).to_contain_text("will change")
    row = panel.locator("#shared .share-table tbody tr").first
    expect(row.locator("ins")).to_be_visible()
    panel.locator("#share-button").click()
    expect(panel.locator("#share-button")).to_have_text(re.compile("^Once more: Change .* by .0.1 in"))
    choose(panel, "max_bid", "Set")
    panel.keyboard.type("not a number")
    expect(panel.locator("#share-sentence")).to_contain_text("60 would be invalid")
    fate(panel, "invalid").click()
    expect(panel.locator("#shared .share-words").first).to_be_visible()


def test_escape_goes_back_to_the_grid_and_keeps_what_is_set_while_closing_forgets(panel: Page):
    choose(panel, "notes", "Set")
    panel.keyboard.type("kept")
    panel.keyboard.press("Escape")
    expect(panel.locator("#grid .catcher")).to_be_focused()
    expect(field(panel, "notes").locator(".share-value input, .share-value textarea")).to_have_value("kept")
    panel.locator("#share-close").click()
    expect(panel.locator("#shared")).to_be_hidden()
    panel.locator("#fold").click()
    expect(field(panel, "notes").locator("input[value=keep]")).to_be_checked()


def test_a_field_that_is_no_column_is_found_by_name(panel: Page):
    expect(field(panel, "alternative_id")).to_have_count(0)
    panel.locator("#share-find").fill("alternative")
    expect(field(panel, "alternative_id")).to_be_visible()
    expect(field(panel, "notes")).to_have_count(0)


def test_by_keyboard_alone(grid: Page, sheet: Worksheet, buzz: Live, lead: Any):
    grid.locator("#fold").focus()
    grid.keyboard.press("Enter")
    grid.locator("#share-find").focus()
    grid.keyboard.type("notes")
    keep = field(grid, "notes").locator("input[value=keep]")
    keep.focus()
    grid.keyboard.press("ArrowRight")
    grid.keyboard.press("Tab")
    grid.keyboard.press("Tab")
    expect(field(grid, "notes").locator("textarea, .share-value input")).to_be_focused()
    grid.keyboard.type("by keys")
    expect(grid.locator("#share-button")).to_be_enabled()
    grid.locator("#share-button").focus()
    grid.keyboard.press("Enter")
    expect(grid.locator("#said")).to_contain_text("Pending")
    assert held(buzz, lead, sheet)["notes"] == dict.fromkeys(range(60), "by keys")


def test_the_panel_is_as_wide_as_it_was_left(panel: Page, sheet: Worksheet):
    grip = panel.locator("#shared .share-grip")
    before = panel.locator("#shared").bounding_box()
    grip.focus()
    for _ in range(3):
        panel.keyboard.press("ArrowLeft")
    wider = panel.locator("#shared").bounding_box()
    assert before and wider and wider["width"] > before["width"] + 60
    arrive(panel, sheet)
    panel.locator("#fold").click()
    again = panel.locator("#shared").bounding_box()
    assert again and again["width"] == wider["width"]


@pytest.mark.parametrize("answer", ["lost", "refused"])
def test_a_lost_answer_is_asked_for_again_and_marks_nothing_twice(
    panel: Page, sheet: Worksheet, buzz: Live, lead: Any, answer: str, expected_console: list[str]
):
    expected_console += ["Failed to load resource"]
    choose(panel, "notes", "Append")
    panel.keyboard.type(" (checked)")
    expect(panel.locator("#share-button")).to_be_enabled()

    def lose(route: Any) -> None:
        if not route.request.post_data_json["keep"]:
            return route.continue_()
        if answer == "lost":
            route.fetch()
        return route.abort() if answer == "lost" else route.fulfill(status=503, body="down")

    panel.route("**/share", lose)
    panel.locator("#share-button").click()
    expect(panel.locator("#share-problem")).to_contain_text("the same click finds out")
    panel.unroute("**/share")
    panel.locator("#share-button").click()
    expect(panel.locator("#said")).to_contain_text("Pending")
    saved(panel)
    notes = column_of(sheet, "notes")
    kept = held(buzz, lead, sheet)["notes"]
    assert {row: text for row, text in kept.items() if notes[row]} == {
        row: f"{note} (checked)" for row, note in enumerate(notes) if note
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_panel_has_no_accessibility_violations(panel: Page, axe: Axe):
    choose(panel, "notes", "Replace")
    panel.keyboard.type("a")
    choose(panel, "max_bid", "Set")
    panel.keyboard.type("wrong")
    expect(panel.locator("#shared .share-table tbody tr").first).to_be_visible()
    axe(panel)
