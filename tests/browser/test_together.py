"""Two people in one worksheet, and what changes underneath: nobody's edit is lost, and nothing moves unnoticed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from adminui.services import reading, sheets
from adminui.worksheets.models import Worksheet
from tests.browser.conftest import WATCH_POLICY, watch
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as, type_into
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], None]
COLUMNS = ["budget_type", "max_bid", "alternative_id", "notes"]
ROWS = 12


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    """Twelve campaigns opened by the lead."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    return reading.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def shared(buzz: Live, lead: Any, sheet: Worksheet) -> Worksheet:
    sheets.set_sharing(buzz.open(lead, "campaigns"), sheet, "edit")
    return sheet


@pytest.fixture
def mine(page: Page, live_server: Any, lead: Any, client_as: Callable[[str], Client]) -> Page:
    """The lead's browser."""
    sign_in_as(page, client_as("lead"), live_server)
    return page


@pytest.fixture
def theirs(
    browser: Browser, live_server: Any, client_as: Callable[[str], Client], expected_console: list[str]
) -> Iterator[Page]:
    """The editor's browser, watched like the first."""
    context = browser.new_context(base_url=str(live_server), viewport={"width": 1440, "height": 900}, locale="en-US")
    context.add_init_script(WATCH_POLICY)
    context.set_default_timeout(10_000)
    troubles: list[str] = []
    opened = context.new_page()
    watch(opened, troubles)
    sign_in_as(opened, client_as("editor"), live_server)
    yield opened
    troubles += opened.evaluate("window.policyViolations ?? []")
    context.close()
    assert not [each for each in troubles if not any(piece in each for piece in expected_console)]


def test_each_sees_the_others_edits_within_seconds_and_undoes_only_their_own(
    mine: Page, theirs: Page, shared: Worksheet, buzz: Live, lead: Any
):
    arrive(mine, shared)
    arrive(theirs, shared)
    type_into(mine, 0, "notes", "from the lead")
    type_into(theirs, 1, "notes", "from the editor")
    expect(cell(theirs, 0, "notes")).to_have_text("from the lead", timeout=6_000)
    expect(cell(mine, 1, "notes")).to_have_text("from the editor", timeout=6_000)
    saved(mine)
    saved(theirs)
    assert held(buzz, lead, shared)["notes"] == {0: "from the lead", 1: "from the editor"}
    mine.locator("#grid .catcher").focus()
    mine.keyboard.press("Control+z")
    saved(mine)
    expect(cell(theirs, 0, "notes")).not_to_have_text("from the lead", timeout=6_000)
    expect(cell(mine, 1, "notes")).to_have_text("from the editor")
    assert held(buzz, lead, shared)["notes"] == {1: "from the editor"}


def test_who_is_here_is_said_and_where(mine: Page, theirs: Page, shared: Worksheet):
    arrive(mine, shared)
    arrive(theirs, shared)
    cell(theirs, 3, "notes").click()
    expect(mine.locator("#people")).to_contain_text("editor", timeout=6_000)
    mine.locator("[data-dialog-open=link]").click()
    expect(mine.locator("#link-people")).to_contain_text("editor")
    expect(mine.locator("#link-url")).to_have_value(mine.url)


@pytest.fixture
def underneath(mine: Page, sheet: Worksheet, buzz: Live) -> Page:
    """Two edits of the lead's, then three cells changed at the API, two of them under the edits; read again."""
    arrive(mine, sheet)
    type_into(mine, 0, "notes", "mine 0")
    type_into(mine, 1, "notes", "mine 1")
    type_into(mine, 2, "notes", "the same")
    saved(mine)
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    for row, note in {0: "theirs 0", 1: "theirs 1", 2: "the same", 3: "theirs 3"}.items():
        buzz.api.change("campaigns", ids[row], {"notes": note})
    mine.get_by_role("button", name="Read again").click()
    expect(mine.locator("#clashes")).to_be_visible()
    return mine


def test_reading_again_says_what_moved_underneath(underneath: Page, sheet: Worksheet, buzz: Live, lead: Any):
    said = underneath.locator("#said")
    expect(said).to_contain_text("changed there")
    expect(said).to_contain_text("2 in conflict with your edits")
    expect(said).to_contain_text("1 of your edits already there")
    expect(underneath.locator("#clashes strong")).to_have_text("2 cells changed by somebody else meanwhile")
    expect(cell(underneath, 3, "notes")).to_have_text("theirs 3")
    expect(cell(underneath, 0, "notes")).to_have_text("mine 0")
    marks = held(buzz, lead, sheet)["notes"]
    assert marks[0]["e"] == "mine 0" and marks[0]["c"] and "e" not in marks[3]


def test_clashes_are_shown_and_settled_all_at_once(underneath: Page, sheet: Worksheet, buzz: Live, lead: Any):
    underneath.locator("#clashes [data-look]").click()
    expect(underneath.locator("#grid .grid-body .grid-row:not([hidden])")).to_have_count(2)
    underneath.locator("#looks [data-only='']").click()
    expect(underneath.locator("#clashes [data-side=theirs]")).to_have_text("Take theirs in 2 cells")
    underneath.locator("#clashes [data-side=theirs]").click()
    expect(underneath.locator("#clashes")).to_be_hidden()
    expect(underneath.locator("#said")).to_contain_text("Took theirs in 2 cells")
    expect(cell(underneath, 1, "notes")).to_have_text("theirs 1")
    assert not any("e" in mark for mark in held(buzz, lead, sheet).get("notes", {}).values() if isinstance(mark, dict))


def test_clashes_of_the_selection_are_settled_alone(underneath: Page, sheet: Worksheet, buzz: Live, lead: Any):
    cell(underneath, 1, "notes").click()
    underneath.locator("#clash-scope").select_option("range")
    expect(underneath.locator("#clashes [data-side=mine]")).to_have_text("Keep mine in 1 cell")
    underneath.locator("#clashes [data-side=mine]").click()
    expect(underneath.locator("#clashes strong")).to_have_text("1 cell changed by somebody else meanwhile")
    marks = held(buzz, lead, sheet)["notes"]
    assert marks[1] == "mine 1" and marks[0]["c"]


def test_one_clash_is_settled_by_keys(underneath: Page, sheet: Worksheet, buzz: Live, lead: Any):
    cell(underneath, 0, "notes").click()
    underneath.keyboard.press("Alt+t")
    expect(cell(underneath, 0, "notes")).to_have_text("theirs 0")
    expect(underneath.locator("#clashes strong")).to_have_text("1 cell changed by somebody else meanwhile")
    assert not isinstance(held(buzz, lead, sheet)["notes"].get(0), str)


def test_what_moved_is_marked_as_seen_without_settling_clashes(
    underneath: Page, sheet: Worksheet, buzz: Live, lead: Any
):
    expect(underneath.locator("#moved")).to_be_visible()
    underneath.locator("#moved [data-seen]").click()
    expect(underneath.locator("#moved")).to_be_hidden()
    expect(underneath.locator("#clashes strong")).to_have_text("2 cells changed by somebody else meanwhile")
    marks = held(buzz, lead, sheet)["notes"]
    assert sorted(marks) == [0, 1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_clashes_on_screen_have_no_accessibility_violations(underneath: Page, axe: Axe):
    axe(underneath)


def test_the_owner_shares_by_link_and_takes_it_back(
    mine: Page, theirs: Page, sheet: Worksheet, axe: Axe, expected_console: list[str]
):
    expected_console += ["404", "Failed to load resource"]
    arrive(mine, sheet)
    theirs.goto(f"/worksheets/{sheet.pk}/")
    expect(theirs.locator("#grid")).to_have_count(0)
    mine.locator("[data-dialog-open=link]").click()
    axe(mine)
    mine.locator("#link input[value=view]").check()
    expect(mine.locator("#link-said")).not_to_be_empty()
    arrive(theirs, sheet)
    expect(theirs.locator("#fold")).to_have_count(0)
    theirs.locator("[data-dialog-open=link]").click()
    expect(theirs.locator("#link")).to_contain_text("the worksheet of lead")
    expect(theirs.locator("#link input[name=sharing]")).to_have_count(0)
    mine.locator("#link input[value=edit]").check()
    expect(mine.locator("#link-said")).not_to_be_empty()
    mine.wait_for_timeout(200)
    arrive(theirs, sheet)
    type_into(theirs, 0, "notes", "may edit now")
    saved(theirs)
    mine.locator('#link input[name=sharing][value=""]').check()
    mine.wait_for_timeout(200)
    theirs.goto(f"/worksheets/{sheet.pk}/")
    expect(theirs.locator("#grid")).to_have_count(0)
