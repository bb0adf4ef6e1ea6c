"""Every state of a cell at once: a sign besides its colour, words for a screen reader, and nothing axe minds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import CDPSession, Page, expect

from adminui.services import reading
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, sign_in_as
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
COLUMNS = ["max_bid", "active", "notes", "start_date"]
# State → its mark, what its name ends with, and what is described besides the values.
STATES: dict[str, tuple[store.Mark, str, str]] = {
    "is-pending": ({"e": "typed"}, ", changed", "Changed, not sent yet"),
    "is-invalid": ({"e": "wrong", "w": "At most 3 characters fit."}, ", invalid", "At most 3 characters fit."),
    "is-conflict": ({"e": "mine", "t": "then", "c": True}, ", changed there too", "Changed there and here"),
    "is-failed": ({"e": "sent", "o": "rejected", "m": ["It is locked."]}, ", refused", "It is locked."),
    "is-unsent": ({"e": "kept", "o": "not sent"}, ", not sent", "Not sent in the last run"),
    "is-doubtful": ({"e": "perhaps", "o": "unknown"}, ", uncertain", "not certain that it is stored"),
    "is-moved": ({"t": "before"}, ", changed there", "Changed there since it was read first"),
    "is-done": ({"o": "done"}, ", done", "Sent and stored"),
}
PLAIN = 10  # a row without any mark
# What tells a state when every colour is taken away.
SIGNS = """cell => {
  const [own, sign] = [getComputedStyle(cell), getComputedStyle(cell, "::after")];
  return [sign.content.split(" / ")[0], sign.borderStyle, own.borderInlineStartWidth, own.textDecorationLine,
    own.backgroundImage.replace(/(rgb|color)\\([^)]*\\)/g, "")].join();
}"""


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    """A cell in each state, down the column of notes; null and empty ones among the rest; a row that is gone."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:20]]
    for at, number in enumerate(ids):
        buzz.api.change("campaigns", number, {"notes": f"note {at}"})
    opened = reading.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)
    marks = dict(enumerate(mark for mark, _, _ in STATES.values()))
    marks |= {8: {"e": None}, 9: {"e": ""}}
    store.keep_marks(opened, {("notes", 0): marks, (store.ROW, 0): {12: {"gone": True}}})
    return opened


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    expect(cell(page, 0, "notes")).to_have_class("cell is-text is-pending")
    return page


def assert_told_apart(page: Page) -> None:
    signs = {css: cell(page, at, "notes").evaluate(SIGNS) for at, css in enumerate(STATES)}
    signs["plain"] = cell(page, PLAIN, "notes").evaluate(SIGNS)
    assert len(set(signs.values())) == len(signs), signs


def heard(session: CDPSession, page: Page, at: int) -> tuple[str, str]:
    """Name and description that the browser gives the active cell, going down row by row."""
    if at:
        page.keyboard.press("ArrowDown")
    here = cell(page, at, "notes")
    expect(here).to_have_id(f"grid-{at}-4")
    if at <= 9:
        expect(here).to_have_attribute("aria-describedby", "grid-card")
    script = f"document.getElementById('grid-{at}-4')"
    found = session.send("Runtime.evaluate", {"expression": script})["result"]["objectId"]
    tree = session.send("Accessibility.getPartialAXTree", {"objectId": found, "fetchRelatives": False})
    node = tree["nodes"][0]
    assert node["role"]["value"] == "gridcell"
    return node["name"]["value"], node.get("description", {}).get("value", "")


@schemes
def test_all_states_at_once_have_signs_of_their_own_and_are_accessible(grid: Page, axe: Callable[[Page], None]):
    assert_told_apart(grid)
    cell(grid, 0, "max_bid").click()
    cell(grid, 9, "notes").click(modifiers=["Shift"])
    expect(grid.locator("#clashes")).to_be_visible()
    expect(grid.locator("#moved")).to_be_visible()
    axe(grid)
    cell(grid, 2, "notes").click()
    expect(grid.locator(".sheet-card")).to_be_visible()
    grid.get_by_role("button", name="Change many rows").click()
    expect(grid.locator("#shared")).to_be_visible()
    axe(grid)


def test_every_state_is_told_where_colours_are_forced(grid: Page):
    grid.emulate_media(forced_colors="active")
    assert_told_apart(grid)


def test_every_state_is_heard_with_its_cell(grid: Page):
    cell(grid, 0, "notes").click()
    session = grid.context.new_cdp_session(grid)
    told = [heard(session, grid, at) for at in range(13)]
    for (_, words, about), (name, described) in zip(STATES.values(), told, strict=False):
        assert name.endswith(words), (name, words)
        assert about in described, (described, about)
    assert told[0] == ("typed , changed", "Changed, not sent yet was note 0 , now typed")
    assert told[8][0] == "null , changed"
    assert told[9][0] == "empty , changed"
    assert told[PLAIN] == (f"note {PLAIN}", "")
    assert told[12] == ("note 12 , gone there", "")
    expect(grid.locator("#grid [aria-describedby]")).to_have_count(0)  # none is left on a cell that was active


def test_narrow_windows_and_great_zoom_keep_the_plan_button_whole(grid: Page):
    grid.set_viewport_size({"width": 720, "height": 450})
    expect(grid.locator("#plan-button")).to_be_in_viewport(ratio=1)
    assert grid.evaluate("document.documentElement.scrollWidth <= innerWidth")
