"""Facets in a real browser: counted within one another, chosen, left out, brushed, edited in all their rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from adminui.services import reading
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = ["companyName", "city", "phone", "companyType", "ownerResourceID", "createDate", "isActive", "postalCode"]
ROWS = 60


@pytest.fixture
def sheet(autotask: Live, lead: Any) -> Iterator[Worksheet]:
    """Sixty companies, in three cities and one of the same name with a space behind it."""
    ids = [record["id"] for record in autotask.api.dump("Companies")[:ROWS]]
    for at, record_id in enumerate(ids):
        city = ["Bonn", "Köln", "Ulm", "Bonn "][0 if at < 20 else 1 if at < 35 else 2 if at < 55 else 3]
        day = f"20{15 + at % 10}-03-0{1 + at % 9}T10:00:00Z"
        autotask.api.change("Companies", record_id, {"city": city, "createDate": day, "isActive": at % 3 > 0})
    yield reading.open_ids(autotask.open(lead, "Companies"), ids, COLUMNS)


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def column_of(sheet: Worksheet, name: str) -> list[Any]:
    return [value for part in store.parts_of(sheet) for value in store.columns(sheet, [name], part)[name]]


def add(page: Page, name: str, kind: str = "") -> Locator:
    """A facet by the picker; its card."""
    if page.locator("#bench-facets").is_hidden():
        page.locator("#facets-open").click()
    page.locator("#facets-add").click()
    page.locator("#facets-find").fill(name)
    field = page.locator("#facets-fields .facets-field").first
    if kind:
        field.hover()
        page.locator("#facets-fields .facets-kind", has_text=kind).first.click()
    else:
        field.click()
    expect(page.locator("#bench-facets")).to_have_attribute("aria-busy", "false")
    cards = page.locator(".facet")
    return cards.nth(cards.count() - 1)


def value(card: Locator, label: str) -> Locator:
    return card.locator(".facet-value").filter(has=card.page.locator(f'.facet-pick[title="{label}"]')).first


def counts(card: Locator) -> dict[str, int]:
    lines = card.locator(".facet-values .facet-value").all()
    return {
        line.locator(".facet-label").text_content() or "": int(
            re.sub(r"\D", "", line.locator(".facet-pick .number").text_content() or "")
        )
        for line in lines
    }


def accessible(page: Page, axe: Callable[[Page], None]) -> None:
    """Once all that is being counted has been."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    axe(page)


def shown(page: Page) -> Locator:
    return page.locator("#facets-count")


def test_facets_narrow_the_rows_and_are_counted_within_one_another(grid: Page, sheet: Worksheet):
    cities = column_of(sheet, "city")
    active = column_of(sheet, "isActive")
    city = add(grid, "city")
    assert counts(city) == Counter(cities)
    is_active = add(grid, "isActive")
    value(city, "Bonn").locator(".facet-pick").click()
    expect(shown(grid)).to_contain_text("20 of 60 rows")
    inside = Counter(str(a).lower() for a, c in zip(active, cities, strict=True) if c == "Bonn")
    assert sorted(counts(is_active).values()) == sorted(inside.values())
    assert counts(city) == Counter(cities)  # its own choice does not count for it
    value(city, "Bonn").hover()
    value(city, "Bonn").locator("[data-do=out]").click()
    expect(shown(grid)).to_contain_text("40 of 60 rows")
    value(city, "Ulm").locator(".facet-pick").click(modifiers=["Alt"])
    expect(shown(grid)).to_contain_text("20 of 60 rows")
    expect(grid.locator("#rows-shown")).to_contain_text("20")
    city.locator("[data-do=invert]").click()
    expect(shown(grid)).to_contain_text("40 of 60 rows")
    kept = json.loads(parse_qs(urlsplit(grid.url).query)["facets"][0])
    assert [each["field"] for each in kept] == ["city", "isActive"]
    assert kept[0]["not"] is True
    grid.reload()
    expect(shown(grid)).to_contain_text("40 of 60 rows")
    expect(grid.locator("#narrowed")).to_be_hidden()  # a line more would move what is clicked next
    grid.locator("#facets-close").click()
    grid.locator("#narrowed .chip", has_text="Facets: 1").locator(".icon-only").click()
    grid.locator("#facets-open").click()
    expect(shown(grid)).to_contain_text("All 60 rows")
    expect(grid.locator(".facet.is-active")).to_have_count(0)


def test_a_range_of_days_is_brushed_by_mouse_by_keys_and_typed(grid: Page, sheet: Worksheet):
    days = [made[:10] for made in column_of(sheet, "createDate")]
    card = add(grid, "createDate")
    bars = card.locator(".histogram-bars li")
    plot = card.locator(".histogram-plot").bounding_box()
    assert plot
    grid.mouse.move(plot["x"] + 2, plot["y"] + 30)
    grid.mouse.down()
    grid.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + 30, steps=4)
    grid.mouse.up()
    expect(card.locator(".histogram-plot")).to_have_class(re.compile("is-chosen"))
    below = card.get_by_label("Below").input_value()
    expect(shown(grid)).to_contain_text(f"{sum(day < below for day in days)} of 60 rows")
    card.get_by_role("button", name=re.compile("^Clear")).click()
    expect(shown(grid)).to_contain_text("All 60 rows")
    card.get_by_role("slider").last.focus()
    for _ in range(3):
        grid.keyboard.press("ArrowLeft")
    expect(bars.nth(0)).to_have_class(re.compile("is-in"))
    below = card.get_by_label("Below").input_value()
    expect(shown(grid)).to_contain_text(f"{sum(day < below for day in days)} of 60 rows")
    card.locator("input").nth(0).fill("2018-01-01")
    card.locator("input").nth(1).fill("2019-12-31")
    card.locator("input").nth(1).press("Tab")
    expect(shown(grid)).to_contain_text(f"{sum('2018-01-01' <= day <= '2019-12-31' for day in days)} of 60 rows")


def test_a_value_edited_in_its_facet_is_edited_in_all_its_rows_and_undone_in_one_step(
    grid: Page, sheet: Worksheet, autotask: Live, lead: Any
):
    card = add(grid, "city")
    value(card, "Bonn ").hover()
    value(card, "Bonn ").locator("[data-do=edit]").click()
    edit = card.locator(".facet-edit")
    edit.locator("input").fill("Bonn")
    expect(edit.get_by_role("button", name="Change 5 rows")).to_have_attribute("aria-disabled", "false")
    edit.locator("input").press("Enter")
    expect(card.locator(".facet-value")).to_have_count(3)
    assert counts(card)["Bonn"] == 25
    saved(grid)
    marks = held(autotask, lead, sheet)["city"]
    assert [row for row, text in marks.items() if text == "Bonn"] == list(range(55, 60))
    grid.locator("#undo").click()
    expect(card.locator(".facet-value")).to_have_count(4)
    saved(grid)
    assert "city" not in held(autotask, lead, sheet)


def test_rows_do_not_jump_while_a_cell_is_edited(grid: Page):
    card = add(grid, "city")
    value(card, "Köln").locator(".facet-pick").click()
    expect(shown(grid)).to_contain_text("15 of 60 rows")
    cell(grid, 0, "city").click()
    grid.keyboard.type("Ulm")
    grid.keyboard.press("Enter")
    saved(grid)
    expect(shown(grid)).to_contain_text("14 of 60 rows")
    expect(cell(grid, 0, "city")).to_contain_text("Ulm")
    grid.get_by_role("button", name="Sort and filter again").click()
    expect(cell(grid, 0, "city")).to_contain_text("Köln")


def test_a_profile_says_what_looks_wrong_and_leads_to_what_mends_it(grid: Page, axe: Callable[[Page], None]):
    grid.locator('#grid [role=columnheader][title="city"]').click(button="right")
    grid.locator("#column-menu [data-panel=profile]").click()
    body = grid.locator("#profile-body")
    expect(body).to_contain_text("5 begin or end with a space")
    expect(body).to_contain_text("differ only in case or spaces")
    accessible(grid, axe)
    body.get_by_role("button", name="Trim 5…").click()
    expect(grid.locator("#bench-clean")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_inaccessible(grid: Page, axe: Callable[[Page], None]):
    grid.locator("#facets-open").click()
    accessible(grid, axe)
    city = add(grid, "city")
    add(grid, "createDate")
    add(grid, "phone", "Pattern")
    value(city, "Köln").locator(".facet-pick").click()
    value(city, "Ulm").hover()
    value(city, "Ulm").locator("[data-do=out]").click()
    expect(shown(grid)).to_contain_text("15 of 60 rows")
    accessible(grid, axe)
    value(city, "Bonn").hover()
    value(city, "Bonn").locator("[data-do=edit]").click()
    expect(city.locator(".facet-edit")).to_be_visible()
    accessible(grid, axe)
