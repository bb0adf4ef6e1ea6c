"""A formula written in the clean-up panel: completed by keyboard, its mistake underlined, its result seen and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from adminui.services import reading
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Iterator[Worksheet]:
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:20]]
    yield reading.open_ids(buzz.open(lead, "campaigns"), ids, ["notes", "max_bid", "active"])


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def settled(page: Page) -> None:
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_a_formula_is_completed_told_wrong_at_its_spot_and_kept_by_keyboard_alone(
    grid: Page, sheet: Worksheet, buzz: Live, lead: Any, axe: Callable[[Page], None]
):
    cell(grid, 0, "notes").click()
    grid.locator("#clean-up").click()
    grid.locator("#clean-menu").get_by_role("button", name="Transform…").click()
    expect(grid.locator("#clean-fields .chip")).to_have_text("Notes")
    grid.locator("#clean-find").fill("formula")
    grid.keyboard.press("Enter")
    area = grid.locator(".formula-field textarea")
    area.focus()
    options = grid.locator(".formula-list [role=option]")

    grid.keyboard.type("UPP")
    expect(options.first).to_contain_text("upper(text)")
    expect(area).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    settled(grid)
    axe(grid)
    grid.emulate_media(color_scheme="dark")
    grid.keyboard.press("Tab")
    expect(area).to_have_value("upper(")
    expect(area).to_be_focused()
    expect(grid.locator(".formula-signature")).to_have_text("upper(text) In capital letters.")

    grid.keyboard.type("{na")
    expect(options.first).to_contain_text("Name")
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("ArrowUp")
    grid.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(grid.locator("#bench-clean")).to_be_visible()
    grid.keyboard.press("Control+Space")
    expect(options.first).to_be_visible()
    grid.keyboard.press("Enter")
    expect(area).to_have_value("upper({name}")

    grid.keyboard.type(') & "😀" & {nmae}')
    mark = grid.locator(".formula-mirror mark")
    expect(mark).to_have_text("{nmae}")
    expect(grid.locator(".formula-problem")).to_contain_text("Did you mean {name}?")
    expect(area).to_have_attribute("aria-invalid", "true")
    settled(grid)
    axe(grid)
    for _ in " & {nmae}":
        grid.keyboard.press("Backspace")
    expect(mark).to_have_count(0)
    expect(area).to_have_attribute("aria-invalid", "false")

    keep = grid.locator("#bench-clean [data-part=keep]")
    expect(keep).to_contain_text("20")
    keep.focus()
    grid.keyboard.press("Enter")
    expect(cell(grid, 19, "notes")).to_contain_text("😀")
    saved(grid)
    names = [record["name"] for record in buzz.api.dump("campaigns")[:20]]
    assert held(buzz, lead, sheet)["notes"] == {row: name.upper() + "😀" for row, name in enumerate(names)}
