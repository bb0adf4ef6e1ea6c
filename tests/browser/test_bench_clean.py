"""The bench's hands in a real browser: transforms, find and replace, tables, operations and recipes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from adminui.services import reading
from adminui.worksheets.models import Recipe, Worksheet
from tests.browser.conftest import RULES
from tests.browser.sheet_page import arrive, cell, saved, sign_in_as
from tests.conftest import Live
from tests.services.columns import pending

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = ["companyName", "city", "state", "companyType"]
NAMES = [" Acme Ltd", "Beta ltd", "Gamma", "Delta Ltd, Ltd", "Epsilon  "]


@pytest.fixture
def ids(autotask: Live) -> list[int]:
    """Five companies whose names and states want cleaning."""
    found = sorted(record["id"] for record in autotask.api.dump("Companies") if record["id"])[: len(NAMES)]
    for record, name in zip(found, NAMES, strict=True):
        autotask.api.change("Companies", record, {"companyName": name, "state": "Calif.", "city": "ltdville"})
    return found


@pytest.fixture
def sheet(autotask: Live, lead: Any, ids: list[int]) -> Iterator[Worksheet]:
    yield reading.open_ids(autotask.open(lead, "Companies"), ids, COLUMNS)


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def panel(page: Page, name: str, field: str = "") -> Locator:
    """Open a panel as the menu does, at the cell of a field."""
    if field:
        cell(page, 0, field).click()
    page.locator("#clean-up").click()
    page.locator(f"#clean-menu [data-panel={name}]").click()
    opened = page.locator(f"#bench-{name}")
    expect(opened).to_be_visible()
    return opened


def keep(opened: Locator) -> Locator:
    return opened.locator("[data-part=keep]")


def everywhere(opened: Locator) -> None:
    opened.locator("input[value=all]").check()


def trim(page: Page) -> None:
    opened = panel(page, "clean", "companyName")
    everywhere(opened)
    page.locator("#clean-find").fill("trim")
    page.locator("#clean-find").press("Enter")
    expect(keep(opened)).to_contain_text("2 rows")
    keep(opened).click()
    expect(page.locator("#said")).to_contain_text("Pending now")
    saved(page)


def test_a_transform_is_found_by_typing_seen_before_it_is_made_and_undone_in_one(grid: Page, sheet: Worksheet):
    opened = panel(grid, "clean", "companyName")
    everywhere(opened)
    grid.locator("#clean-find").focus()
    grid.keyboard.type("trim")
    expect(grid.locator("[role=option][aria-selected=true]")).to_contain_text("Trim")
    expect(opened.locator("[data-fate=changed] .number")).to_have_text("2")
    expect(opened.locator(".share-table tbody tr")).to_have_count(2)
    expect(opened.locator(".share-table ins").first).to_have_text("Acme Ltd")
    assert not pending(sheet, "companyName")
    grid.keyboard.press("Enter")
    opened.locator(".bench-params select, .bench-params input").first.focus()
    keep(opened).focus()
    expect(keep(opened)).to_have_text("Trim spaces off Company name in 2 rows")
    grid.keyboard.press("Enter")
    expect(grid.locator("#said")).to_contain_text("Pending now: Trim spaces off Company name in 2 rows")
    saved(grid)
    assert pending(sheet, "companyName") == {0: "Acme Ltd", 4: "Epsilon"}
    expect(keep(opened)).to_be_disabled()
    expect(keep(opened)).to_have_text("Nothing to change")
    grid.keyboard.press("Escape")
    expect(grid.locator("#grid .catcher")).to_be_focused()
    grid.keyboard.press("Control+z")
    expect(grid.locator("#looks [data-only=changed] .number")).to_have_text("0")
    saved(grid)
    assert not pending(sheet, "companyName")
    grid.locator("#clean-back").click()
    grid.locator("#clean-find").fill("")
    expect(grid.locator(".clean-list .menu-title").first).to_have_text("Used last")
    grid.locator("#clean-find").fill("pad")
    grid.locator("#clean-find").press("Enter")
    grid.locator("#clean-param-width").fill("0")
    expect(grid.locator("#clean-param-width-error")).to_contain_text("from 1 to")
    expect(opened.locator("[data-part=sentence]")).to_contain_text("marked in red")


def test_every_match_has_a_tick_and_a_pasted_table_names_what_it_does_not_meet(grid: Page, sheet: Worksheet):
    opened = panel(grid, "replace")
    grid.locator("#replace-find").fill("ltd")
    grid.locator("#replace-by").fill("Limited")
    expect(grid.locator("#match-columns")).to_contain_text("8 cells in 5 rows")
    expect(grid.locator(".match")).to_have_count(8)
    expect(grid.locator(".match ins mark").first).to_have_text("Limited")
    grid.locator("#match-columns").get_by_label("City").uncheck()
    expect(keep(opened)).to_contain_text("3 cells in 3 rows")
    grid.locator(".match input:checked").nth(1).focus()
    grid.keyboard.press("Space")
    expect(keep(opened)).to_contain_text("2 cells in 2 rows")
    expect(grid.locator("#match-columns")).to_contain_text("6 taken out")
    grid.keyboard.press("ArrowDown")
    expect(grid.locator(".match input:focus")).to_have_count(1)
    keep(opened).click()
    expect(grid.locator("#said")).to_contain_text("Pending now")
    assert pending(sheet, "companyName") == {0: " Acme Limited", 3: "Delta Limited, Limited"}
    assert not pending(sheet, "city")
    grid.locator("#replace-regex").check()
    grid.locator("#replace-find").fill("(")
    expect(grid.locator("#replace-error")).to_contain_text("at character 2")
    expect(keep(opened)).to_be_disabled()

    # a pasted table
    opened = panel(grid, "pairs", "state")
    everywhere(opened)
    expect(opened.locator(".pair")).to_have_count(1)
    grid.evaluate("navigator.clipboard.writeText('Calif.\\tCA\\nBavaria\\tBY\\nalone')")
    grid.locator("#pairs-list").focus()
    grid.keyboard.press("Control+v")
    expect(grid.locator("#pairs-problems")).to_contain_text("Line 3 has one column")
    expect(opened.locator("[data-tab=used] .number")).to_have_text("1")
    expect(opened.locator("[data-tab=unused] .number")).to_have_text("1")
    expect(opened.locator("[data-tab=unmatched] .number")).to_have_text("0")
    expect(keep(opened)).to_contain_text("in 5 rows")
    keep(opened).click()
    expect(cell(grid, 4, "state")).to_have_text("CA")
    assert set(pending(sheet, "state").values()) == {"CA"}


def test_operations_are_rearranged_saved_as_a_recipe_and_run_on_a_fresh_worksheet(
    grid: Page, sheet: Worksheet, autotask: Live, lead: Any, ids: list[int]
):
    trim(grid)
    replacing = panel(grid, "replace")
    grid.locator("#replace-find").fill("Ltd")
    grid.locator("#replace-case").check()
    grid.locator("#replace-by").fill("Limited")
    expect(keep(replacing)).to_contain_text("2 rows")
    keep(replacing).click()
    expect(grid.locator("#said")).to_contain_text("Pending now: Replace")
    saved(grid)

    opened = panel(grid, "operations")
    expect(opened.locator(".ops-line")).to_have_count(2)
    opened.locator(".ops-handle").first.focus()
    grid.keyboard.press("Alt+ArrowDown")
    expect(opened.locator(".ops-label").first).to_contain_text("Replace")
    expect(opened.locator(".badge")).to_have_text(["moved"])
    expect(keep(opened)).to_have_text("Keep this list: no cell changes")
    opened.locator(".ops-line input").first.uncheck()
    expect(keep(opened)).to_have_text("Keep this list: 2 cells in 2 rows change")
    expect(opened.locator(".share-table tbody tr")).to_have_count(2)
    keep(opened).click()
    expect(grid.locator("#said")).to_contain_text("Pending now: Rearranged")
    saved(grid)
    assert pending(sheet, "companyName") == {0: "Acme Ltd", 4: "Epsilon"}
    opened.locator(".ops-line input").first.check()
    expect(keep(opened)).to_contain_text("2 cells")
    opened.get_by_role("button", name="Close").click()
    panel(grid, "operations")
    expect(opened.locator(".badge")).to_have_text("on again")
    expect(grid.locator("#ops-save-open")).to_be_disabled()
    expect(keep(opened)).to_contain_text("2 cells")
    keep(opened).click()
    expect(cell(grid, 0, "companyName")).to_have_text("Acme Limited")
    expect(grid.locator("#ops-save-open")).to_be_enabled()

    grid.locator("#ops-save-open").click()
    grid.locator("#ops-save-name").fill("Weekly")
    grid.keyboard.press("Enter")
    expect(grid.locator("#said")).to_contain_text("saved with 2 steps")
    assert [step["op"] for step in Recipe.objects.get().steps] == ["replace", "trim"]

    fresh = reading.open_ids(autotask.open(lead, "Companies"), ids, COLUMNS)
    arrive(grid, fresh)
    opened = panel(grid, "operations")
    grid.locator("#ops-tab-recipes").click()
    grid.locator(".recipe-line").click()
    expect(grid.locator(".recipe-steps li")).to_have_count(2)
    expect(keep(opened)).to_have_text("Do 2 steps: 3 cells in 3 rows")
    keep(opened).click()
    expect(cell(grid, 3, "companyName")).to_have_text("Delta Limited, Limited")
    assert pending(fresh, "companyName") == pending(sheet, "companyName")


def test_a_step_is_edited_in_the_panel_it_came_from(grid: Page, sheet: Worksheet):
    trim(grid)
    opened = panel(grid, "operations")
    opened.locator("[data-do=edit]").click()
    editing = grid.locator("#bench-clean")
    expect(editing).to_be_visible()
    expect(editing.locator(".share-scope")).to_be_hidden()
    expect(editing.locator("h2")).to_have_text("Edit step 1")
    expect(editing.locator("[data-part=sentence]")).to_contain_text("in 2 rows. No cell changes by this.")
    editing.get_by_role("radio", name="the start").check()
    expect(editing.locator("[data-part=sentence]")).to_contain_text(
        "the start of Company name in 1 row. 1 cell in 1 row"
    )
    editing.get_by_role("button", name="Close").click()
    expect(opened).to_be_visible()
    expect(opened.locator(".badge")).to_have_count(0)
    opened.locator("[data-do=edit]").click()
    editing.get_by_label("Columns", exact=True).select_option("city")
    expect(keep(editing)).to_be_enabled()
    keep(editing).click()
    expect(opened.locator(".badge")).to_have_text("edited")
    expect(opened.locator("[data-do=edit]")).to_be_focused()
    expect(keep(opened)).to_contain_text("Keep this list")
    keep(opened).click()
    expect(opened.locator(".badge")).to_have_count(0)
    assert sheet.pk and Worksheet.objects.get(pk=sheet.pk).operations[0]["step"]["fields"] == ["companyName", "city"]


def check(page: Page, within: str) -> None:
    """No violation in the light; in the dark, of what colours can break."""
    calm(page)
    for scheme, options in (("light", RULES), ("dark", RULES | {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page, within, options)
        assert found.violations_count == 0, found.generate_report()


def calm(page: Page) -> None:
    """Until nothing is being counted."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_the_panels_and_pages_have_no_accessibility_violations(grid: Page, lead: Any):
    opened = panel(grid, "clean", "companyName")
    everywhere(opened)
    expect(opened.locator(".share-table tbody tr").first).to_be_visible()
    check(grid, "#bench-clean")
    grid.locator("#clean-find").fill("title")
    grid.locator("#clean-find").press("Enter")
    expect(opened.locator(".bench-params .field").first).to_be_visible()
    check(grid, "#bench-clean")
    panel(grid, "replace")
    grid.locator("#replace-find").fill("ltd")
    expect(grid.locator(".match").first).to_be_visible()
    check(grid, "#bench-replace")
    opened = panel(grid, "pairs", "companyType")
    expect(opened.locator(".pair").first).to_be_visible()
    check(grid, "#bench-pairs")
    steps = [{"op": "trim", "fields": ["companyName"]}, {"op": "trim", "fields": ["gone"]}]
    recipe = Recipe.objects.create(owner=lead, resource="Companies", name="Weekly", steps=steps)
    panel(grid, "operations")
    grid.locator("#ops-tab-recipes").click()
    grid.locator(".recipe-line").click()
    expect(grid.locator(".recipe-steps .field-error")).to_be_visible()
    check(grid, "#bench-operations")
    for address in ("/recipes/", f"/recipes/{recipe.pk}/"):
        grid.goto(address)
        check(grid, "main")
