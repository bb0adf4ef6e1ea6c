"""A messy set of companies cleaned by clicks and keys: names clustered and merged, phones to E.164, states mapped from
a pasted table, owners resolved by name, inactive types replaced; planned, sent, undone, and done again by a recipe.

The whole size (10,000 companies) runs with ADMINUI_SOAK=1.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from adminui.runs.models import Run
from adminui.services import steering
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.browser.clean_up import LONG, open_all_matching, spaced
from tests.browser.sheet_page import cell, saved, sign_in_as
from tests.browser.test_big_cleanup import changed, flat
from tests.conftest import SANDBOX_AUTOTASK
from tests.processes import Apart, sandbox, worker

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS = 10_000 if os.environ.get("ADMINUI_SOAK") == "1" else 760  # the mess begins after 600
OWNER = "udf.Account Owner"
COLUMNS = ["companyName", "phone", "state", "companyType", "ownerResourceID", OWNER]
STAMPS = ("lastModifiedDate", "lastActivityDate", "lastTrackedModifiedDateTime")
STATES = {
    **dict.fromkeys(("Calif.", "California", "ca", "Ca", "CALIFORNIA"), "CA"),
    **dict.fromkeys(("Colo.", "Colorado", "co"), "CO"),
    **dict.fromkeys(("Conneticut", "Connecticut", "Conn.", "ct"), "CT"),
    **dict.fromkeys(("Newyork", "New York", "N.Y.", "ny"), "NY"),
    **dict.fromkeys(("Illinios", "Illinois", "Ill.", "il"), "IL"),
    **dict.fromkeys(("Texas", "Tex.", "tx"), "TX"),
    "Atlantis": "AT",
}


@pytest.fixture
def companies(db: None, configure: Callable[[str], None]) -> Iterator[Apart]:
    with sandbox("autotask", RECORDS) as api:
        requests.post(f"{api.control}/switches", json={"hour_limit": 1_000_000}, timeout=5).raise_for_status()
        # A run and its undo are more calls than Autotask grants in an hour; neither side is to wait for the next one.
        limits = "[connections.autotask-test.limits]\ncalls_per_hour = 1_000_000\n"
        configure(SANDBOX_AUTOTASK.format(url=api.url) + limits)
        with worker():
            yield api


@pytest.fixture
def admin_page(page: Page, live_server: Any, client_as: Callable[[str], Client]) -> Iterator[Page]:
    """Only an admin may send as many as they like."""
    sign_in_as(page, client_as("admin"), live_server)
    yield page
    page.goto("about:blank")


@contextmanager
def stage(words: str) -> Iterator[None]:
    """Says how long a stage took, for whoever looks."""
    began = time.perf_counter()
    yield
    print(f"\n  {words}: {time.perf_counter() - began:.1f} s", end="")


def panel(page: Page, name: str, field: str = "") -> Locator:
    """Out of the menu of clean-ups, at the cell of a field."""
    if field:
        cell(page, 0, field).click()
    page.locator("#clean-up").click()
    page.locator(f"#clean-menu [data-panel={name}]").click()
    opened = page.locator(f"#bench-{name}")
    expect(opened).to_be_visible()
    return opened


def keep(page: Page, opened: Locator) -> str:
    """Press the panel's button when it has something to do; what it says."""
    button = opened.locator("[data-part=keep]")
    expect(button).to_be_enabled(timeout=LONG)
    expect(opened.locator("[aria-busy=true]")).to_have_count(0)
    words = button.inner_text()
    page.evaluate("document.getElementById('said').textContent = ''")  # what the step before said
    button.click()
    expect(page.locator("#said")).to_contain_text("Pending now", timeout=LONG)
    saved(page)
    return words


def everywhere(opened: Locator) -> None:
    """All rows of the worksheet, whatever is selected."""
    opened.locator("input[value=all]").check()


def merge_names(page: Page) -> str:
    opened = panel(page, "clusters")
    opened.get_by_label("Values of").select_option("companyName")
    everywhere(opened)
    expect(opened.locator(".cluster").first).to_be_visible(timeout=LONG)
    opened.locator("#clusters-all").check()
    return keep(page, opened)


def phones(page: Page) -> str:
    opened = panel(page, "clean", "phone")
    everywhere(opened)
    page.locator("#clean-find").fill("phone")
    page.locator("#clean-find").press("Enter")
    return keep(page, opened)


def states(page: Page) -> str:
    opened = panel(page, "pairs", "state")
    everywhere(opened)
    page.evaluate("(text) => navigator.clipboard.writeText(text)", "\n".join(f"{a}\t{b}" for a, b in STATES.items()))
    opened.locator(".pair").first.wait_for()
    page.locator("#pairs-list").focus()
    page.keyboard.press("Control+v")
    expect(opened.locator("[data-tab=unused] .number")).not_to_have_text("0")  # nobody is in Atlantis
    return keep(page, opened)


def owners(page: Page) -> str:
    opened = panel(page, "resolve")
    everywhere(opened)
    opened.locator("#resolve-source").select_option(OWNER)
    expect(opened.locator("#resolve-target")).to_have_value("ownerResourceID")
    expect(opened.locator(".resolve-line.is-sure").first).to_be_visible(timeout=LONG)
    return keep(page, opened)


def types(page: Page) -> str:
    """Inactive types become Customer: chosen by their values in the map."""
    opened = panel(page, "pairs", "companyType")
    everywhere(opened)
    retired = opened.locator(".pair", has_text=re.compile("Reseller 2014|old CRM"))
    expect(retired.first).to_be_visible(timeout=LONG)
    for line in retired.all():
        line.get_by_role("combobox").fill("Customer")
        page.keyboard.press("Tab")
    return keep(page, opened)


STEPS = {
    "names merged": merge_names,
    "phones to E.164": phones,
    "states mapped": states,
    "owners resolved": owners,
    "inactive types replaced": types,
}


def pending(sheet: Worksheet) -> dict[str, dict[int, Any]]:
    """Field → row → what is pending."""
    found: dict[str, dict[int, Any]] = {}
    for (name, _), marks in store.marks(sheet).items():
        found.setdefault(name, {}).update({row: mark["e"] for row, mark in marks.items() if "e" in mark})
    return {name: cells for name, cells in found.items() if cells}


def state(api: Apart) -> dict[int, dict[str, Any]]:
    """Every company, but for the stamps that every write leaves."""
    records = ((i, flat(record)) for i, record in api.dump("Companies").items())
    return {i: {name: value for name, value in record.items() if name not in STAMPS} for i, record in records}


def send(page: Page, rows: int) -> None:
    """Many records ask for their number and a note."""
    button = page.get_by_role("button", name=f"Send {spaced(rows)} requests")
    expect(button).to_be_visible(timeout=LONG)
    page.locator("#note").fill("Clean-up of companies")
    if page.locator("#typed").is_visible():
        page.locator("#typed").fill(str(rows))
    button.click()
    page.wait_for_url("**/runs/*/", timeout=LONG)


def wait_for(run: Run) -> Run:
    """To its end; a run that is refused alike three times in a row asks a person, who lets it go on."""
    over = time.monotonic() + LONG / 1000
    while not (run := Run.objects.select_related("user", "plan").get(pk=run.pk)).over:
        assert time.monotonic() < over, (run.state, run.pause, run.message, run.doing, run.tally())
        if run.state == Run.State.PAUSED:
            steering.go_on(run.user, run)
        time.sleep(0.1)
    return run


def test_a_messy_set_of_companies_is_cleaned_sent_undone_and_done_again_by_a_recipe(admin_page: Page, companies: Apart):
    page, before = admin_page, state(companies)
    with stage(f"{len(before):,} companies, from the list to the grid"):
        sheet = open_all_matching(page, "/c/autotask-test/Companies/", COLUMNS, len(before))
    for words, do in STEPS.items():
        with stage(words):
            said = do(page)
        print(f" ({said})", end="")
    asked = pending(sheet)
    assert asked.keys() == {"companyName", "phone", "state", "ownerResourceID", "companyType"}
    assert all(re.fullmatch(r"\+[1-9]\d{6,14}", text) for text in asked["phone"].values())
    assert set(asked["state"].values()) <= set(STATES.values())
    assert not companies.seen("PATCH", "PUT")

    opened = panel(page, "operations")
    expect(opened.locator(".ops-line")).to_have_count(len(STEPS))
    page.locator("#ops-save-open").click()
    page.locator("#ops-save-name").fill("Companies, weekly")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text(f"saved with {len(STEPS)} steps")
    opened.get_by_role("button", name="Close").click()

    rows = len({row for cells in asked.values() for row in cells})
    with stage(f"plan of {rows:,} rows"):
        page.locator("#plan-button").click()
        page.wait_for_url("**/plans/*/", timeout=LONG)
    with stage("run, every row verified"):
        send(page, rows)
        run = wait_for(Run.objects.get())
    assert run.tally() == {"done": rows}
    ids = sorted(before)
    wanted = {ids[row]: {} for cells in asked.values() for row in cells}
    for name, cells in asked.items():
        for row, text in cells.items():
            wanted[ids[row]][name] = text
    now = changed(before, state(companies))
    assert {i: {n: str(v) for n, v in each.items()} for i, each in now.items()} == wanted

    with stage("undo of the run"):
        page.reload()
        page.get_by_role("button", name=re.compile("^Plan the undo of")).first.click()
        page.wait_for_url("**/plans/*/", timeout=LONG)
        send(page, rows)
        back = wait_for(Run.objects.exclude(pk=run.pk).get())
    # What is inactive by now the API takes no more: these rows stay, and say so.
    refused = {ids[row] for row in asked["companyType"]}
    assert back.tally() == {"done": rows - len(refused), "rejected": len(refused)}
    assert changed(before, state(companies)).keys() == refused
    for record in refused:
        values = {name: before[record][name] for name in asked}
        requests.post(f"{companies.control}/records/Companies/{record}", json=values, timeout=5).raise_for_status()

    with stage("the recipe on a fresh worksheet"):
        Worksheet.objects.all().delete()
        fresh = open_all_matching(page, "/c/autotask-test/Companies/", COLUMNS, len(before))
        opened = panel(page, "operations")
        page.locator("#ops-tab-recipes").click()
        page.locator(".recipe-line").click()
        keep(page, opened)
    assert pending(fresh) == asked
    with stage("the recipe from the command line"):
        out = StringIO()
        call_command("recipe", "Companies, weekly", "autotask-test", "Companies", user="admin", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert told["pending"] == sum(map(len, asked.values()))
    assert pending(Worksheet.objects.get(pk=told["worksheet"])) == asked
