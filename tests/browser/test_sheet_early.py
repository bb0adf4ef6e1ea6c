"""The grid is up before everything around it: what is pressed meanwhile is not lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect

from adminui.services import reading
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import cell, saved, sign_in_as, type_into
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    ids = [record["id"] for record in buzz.api.dump("campaigns")]
    return reading.open_ids(buzz.open(lead, "campaigns"), ids, ["notes", "max_bid"])


@pytest.fixture
def held(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> list[Route]:
    """The page with its grid, the scripts of everything around it on their way: [0].continue_() lets them come."""
    routes: list[Route] = []
    page.route("**/sheet/around*", lambda route: routes.append(route))
    sign_in_as(page, client_as("lead"), live_server)
    page.goto(f"/worksheets/{sheet.pk}/")
    expect(cell(page, 0, "max_bid")).not_to_have_text("")
    return routes


def test_cells_are_typed_into_and_saved_before_the_rest_is_here(page: Page, held: list[Route]):
    type_into(page, 1, "notes", "typed early")
    expect(cell(page, 1, "notes")).to_have_text("typed early")
    saved(page)
    held[0].continue_()
    expect(page.locator("#undo")).to_have_attribute("aria-disabled", "false")
    expect(page.locator("#plan-button")).to_have_text("Plan 1 change")


def test_ctrl_f_pressed_early_opens_the_search_when_it_is_here(page: Page, held: list[Route]):
    cell(page, 0, "notes").click()
    before = cell(page, 0, "notes").inner_text()
    page.keyboard.press("Control+f")
    page.keyboard.type("note")
    held[0].continue_()
    expect(page.locator("#find-text")).to_be_focused()
    assert cell(page, 0, "notes").inner_text() == before


def test_a_button_clicked_early_is_clicked_once_when_the_rest_is_here(page: Page, held: list[Route]):
    page.get_by_role("button", name="Columns").click()
    expect(page.locator("#columns")).to_be_hidden()
    held[0].continue_()
    expect(page.locator("#columns")).to_be_visible()
    expect(page.locator("#column-list li").first).to_be_visible()
    expect(page.locator("#column-search")).to_be_focused()
