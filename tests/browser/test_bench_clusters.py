"""Near-duplicates and names in a real browser: looked at, judged, merged and resolved as steps that can be undone."""

from __future__ import annotations

import re
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
Axe = Callable[[Page], None]
OWNER = "udf.Account Owner"
NAMES = [
    "Acme Ltd",
    "Acme Ltd",
    "ACME LTD.",
    "Ltd  Acme ",
    "Beta Farms Inc",
    "beta farms inc",
    "Beta Frams Inc",
    "Gamma",
]
OWNERS = ["Ben Evans", "EVANS, Ben", "Yusuf Quinn", "Quinn, Yusuf", "n/a", "Dan Lopez", "", "Ben Evnas"]


@pytest.fixture
def sheet(autotask: Live, lead: Any) -> Iterator[Worksheet]:
    """Eight companies: two of them in several spellings, and whose they are written out."""
    ids = [record["id"] for record in autotask.api.dump("Companies")][40:48]
    for record_id, name, owner in zip(ids, NAMES, OWNERS, strict=True):
        values = {"companyName": name, "Account Owner": owner, "ownerResourceID": 4}
        autotask.api.change("Companies", record_id, values)
    yield reading.open_ids(autotask.open(lead, "Companies"), ids, ["companyName", "ownerResourceID", OWNER])


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def opened(page: Page, name: str) -> Locator:
    """A panel out of the menu of clean-ups."""
    page.locator("#clean-up").click()
    page.locator(f"#clean-menu [data-panel={name}]").click()
    panel = page.locator(f"#bench-{name}")
    expect(panel).to_be_visible()
    return panel


def keep(panel: Locator) -> Locator:
    return panel.locator("[data-part=keep]")


def test_groups_are_looked_at_judged_and_merged_as_one_step(grid: Page, sheet: Worksheet, autotask: Live, lead: Any):
    panel = opened(grid, "clusters")
    groups = panel.locator(".cluster")
    expect(groups).to_have_count(2)
    acme = groups.nth(0)
    expect(acme.locator(".cluster-becomes input")).to_have_value("Acme Ltd")
    expect(acme.locator(".cluster-values li")).to_have_count(3)
    expect(acme.locator(".stray")).to_have_count(2)
    expect(keep(panel)).to_be_disabled()

    acme.get_by_role("button", name="4 rows").click()  # looked at in the grid
    expect(grid.locator("#rows-shown")).to_have_text("4 of 8 rows")
    expect(groups).to_have_count(2)
    acme.get_by_role("button", name="4 rows").click()
    expect(grid.locator("#rows-shown")).to_have_text("8 rows")

    acme.locator("[data-tick]").check()
    expect(keep(panel)).to_have_text("Merge 3 values into 1 in 2 rows")
    acme.locator(".cluster-values input").nth(1).uncheck()
    expect(keep(panel)).to_have_text("Merge 2 values into 1 in 1 row")
    acme.locator(".cluster-values input").nth(1).check()
    acme.locator(".cluster-becomes input").fill("ACME Limited")
    expect(keep(panel)).to_have_text("Merge 3 values into 1 in 4 rows")
    groups.nth(1).get_by_role("button", name="beta farms inc", exact=True).click()
    expect(keep(panel)).to_have_text("Merge 5 values into 2 in 5 rows")
    keep(panel).click()
    expect(grid.locator("#said")).to_contain_text("Pending now")
    assert held(autotask, lead, sheet)["companyName"] == {
        **dict.fromkeys(range(4), "ACME Limited"),
        4: "beta farms inc",
    }
    expect(groups).to_have_count(0)
    expect(panel.locator(".clusters-nothing")).to_contain_text("None of the 4 different values in 8 rows")
    assert not autotask.seen("PATCH")
    panel.locator("header button").click()
    cell(grid, 0, "companyName").click()
    grid.keyboard.press("Control+z")
    saved(grid)
    assert not held(autotask, lead, sheet).get("companyName")


def test_another_method_finds_slips_and_all_are_ticked_by_keyboard(grid: Page, sheet: Worksheet):
    panel = opened(grid, "clusters")
    expect(panel.locator(".cluster")).to_have_count(2)
    panel.locator("#clusters-method").select_option("levenshtein")
    expect(panel.locator(".cluster-values li", has_text="Beta Frams Inc")).to_be_visible()
    expect(panel.locator(".cluster-values li")).to_have_count(5)
    panel.locator("#clusters-params input[type=number]").fill("9")
    expect(panel.locator("#clusters-fault")).to_have_text("Letters apart: a whole number from 1 to 4.")
    panel.locator("#clusters-params input[type=number]").fill("1")
    expect(panel.locator("#clusters-fault")).to_be_hidden()
    expect(panel.locator(".cluster-values li")).to_have_count(4)
    panel.locator("#clusters-params input[type=number]").fill("2")
    expect(panel.locator(".cluster-values li")).to_have_count(5)
    panel.locator("[data-tick]").first.focus()
    grid.keyboard.press("Space")
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("Space")
    expect(panel.locator("#clusters-all")).to_be_checked()
    expect(keep(panel)).to_have_text("Merge 5 values into 2 in 3 rows")
    panel.locator("#clusters-find").fill("farms")
    expect(panel.locator(".cluster")).to_have_count(1)
    expect(panel.locator("#clusters-all-words")).to_have_text("1 group of 3 values, 1 ticked")


def test_names_become_ids_where_they_are_sure_or_picked(grid: Page, sheet: Worksheet, autotask: Live, lead: Any):
    panel = opened(grid, "resolve")
    panel.locator("#resolve-source").select_option(OWNER)
    expect(panel.locator("#resolve-target")).to_have_value("ownerResourceID")
    expect(panel.locator("#resolve-said")).to_have_text(
        "Compared with all 40 records of Resources. 1 row without a name."
    )
    chips = panel.locator("#resolve-tabs .number")
    expect(chips.nth(0)).to_have_text("3")
    expect(chips.nth(1)).to_have_text("2")
    expect(chips.nth(2)).to_have_text("1")
    expect(keep(panel)).to_have_text("Set Owner resource ID in 1 row")
    panel.locator("[data-tab=pick]").click()
    quinn = panel.locator(".resolve-line", has_text="Yusuf Quinn")
    expect(quinn.locator(".help")).to_have_text("also Yusuf Quinn")
    quinn.locator("label", has_text="+1 771 265 4805").click()
    expect(keep(panel)).to_have_text("Set Owner resource ID in 3 rows")
    panel.locator("[data-tab=none]").click()
    search = panel.get_by_role("combobox", name="Who is n/a")
    search.fill("arossi")
    grid.get_by_role("option", name=re.compile("arossi")).click()
    expect(keep(panel)).to_have_text("Set Owner resource ID in 4 rows")
    keep(panel).click()
    expect(grid.locator("#said")).to_contain_text("Pending now")
    assert held(autotask, lead, sheet)["ownerResourceID"] == {2: "31", 3: "31", 4: "35", 5: "5"}
    assert not autotask.seen("PATCH")


def test_ids_become_names_in_a_text(grid: Page, sheet: Worksheet, autotask: Live, lead: Any):
    panel = opened(grid, "resolve")
    panel.get_by_role("radio", name="Ids to names").check(force=True)
    panel.locator("#resolve-source").select_option("ownerResourceID")
    panel.locator("#resolve-target").select_option(OWNER)
    expect(panel.locator(".resolve-line.is-title")).to_have_text(re.compile("4.*Ben Evans.*8 rows"))
    expect(keep(panel)).to_have_text("Set Account owner (old CRM) in 7 rows")
    keep(panel).click()
    expect(grid.locator("#said")).to_contain_text("Pending now")
    assert held(autotask, lead, sheet)[OWNER] == dict.fromkeys(range(1, 8), "Ben Evans")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_panels_can_be_used_by_everybody(grid: Page, axe: Axe, scheme: str):
    panel = opened(grid, "clusters")
    panel.locator("[data-tick]").first.check()
    panel.locator(".cluster-values input").nth(1).uncheck()
    expect(keep(panel)).to_contain_text("Merge")
    axe(grid)
    panel = opened(grid, "resolve")
    expect(grid.locator("#bench-clusters")).to_be_hidden()
    panel.locator("#resolve-source").select_option(OWNER)
    expect(panel.locator(".resolve-line.is-sure").first).to_be_visible()
    axe(grid)
    panel.locator("[data-tab=pick]").click()
    expect(panel.locator(".resolve-line input[type=radio]").first).to_be_visible()
    axe(grid)
