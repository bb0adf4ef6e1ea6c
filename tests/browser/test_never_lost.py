"""Browsers and servers killed in the middle of the work: every committed cell is there afterwards, and each step once.

The site is a process of its own over the test's database, the browser one of its own over a profile that outlives it.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import Error, Page, Playwright, expect

from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from adminui.services import reading
from adminui.worksheets.models import Step, Worksheet
from tests.browser.processes import Browser, Site
from tests.browser.sheet_page import arrive, cell, held, saved
from tests.conftest import SANDBOX_BUZZ, Live

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 500
FIELDS = ("alternative_id", "notes", "min_bid", "max_bid")
PLAIN = {"alternative_id": None, "notes": None, "min_bid": None, "max_bid": None}
SURE = 0.1  # seconds after Enter in which the browser has taken note of it
Held = dict[str, dict[int, Any]]


@pytest.fixture
def buzz(configure: Callable[[str], None]) -> Iterator[Live]:
    with serve_in_thread(BuzzApi(records=ROWS, seed=1)) as running:
        configure(SANDBOX_BUZZ.format(url=running.url))
        yield Live(running, "buzz-test")


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    ids = [record["id"] for record in buzz.api.dump("line-items")]
    for number in ids:
        buzz.api.change("line-items", number, PLAIN)
    return reading.open_ids(buzz.open(lead, "line-items"), ids, FIELDS)


@pytest.fixture
def site(tmp_path: Path, sheet: Worksheet) -> Iterator[Site]:
    started = Site(tmp_path)
    started.start()
    yield started
    started.kill()


@pytest.fixture
def own_browser(
    playwright: Playwright, chromium: str, tmp_path: Path, site: Site, client_as: Callable[[str], Client]
) -> Iterator[Browser]:
    started = Browser(playwright, chromium, tmp_path / "profile", site, client_as("lead"))
    yield started
    started.end()


@pytest.fixture
def kept(buzz: Live, lead: Any, sheet: Worksheet) -> Callable[[], Held]:
    return lambda: held(buzz, lead, sheet)


@pytest.mark.parametrize("cells", [2, 11])
def test_a_browser_killed_in_the_middle_of_typing_loses_no_committed_cell(
    own_browser: Browser, sheet: Worksheet, kept: Callable[[], Held], cells: int
):
    page = own_browser.start()
    arrive(page, sheet)
    cell(page, 0, "notes").click()
    texts = [f"typed {n}" for n in range(400)]
    committed, killed = list[float](), list[float]()
    timer = Timer(1.3 * SURE, lambda: killed.append(time.monotonic()) or own_browser.kill())
    with pytest.raises(Error):
        for number, text in enumerate(texts):
            page.keyboard.type(text)
            page.keyboard.press("Enter")
            committed.append(time.monotonic())
            if number + 1 == cells:
                timer.start()
    timer.join()
    sure = sum(when < killed[0] - SURE for when in committed)
    notes = found_again(own_browser, sheet, kept)["notes"]
    assert sure >= cells and notes == {row: texts[row] for row in range(len(notes))}
    assert sure <= len(notes) <= len(committed) + 1  # what was never committed is not there either


def test_what_was_typed_while_there_was_no_site_outlives_the_browser(
    own_browser: Browser, site: Site, sheet: Worksheet, kept: Callable[[], Held]
):
    page = own_browser.start()
    arrive(page, sheet)
    cell(page, 0, "notes").click()
    site.kill()
    typed = [f"typed {n}" for n in range(8)]
    for text in typed:
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    paste(page, 20, [["a", "b"], ["c", "d"]])
    page.keyboard.press("Control+z")
    expect(page.locator("#saving")).to_have_text(
        "Not saved yet, trying again: 10 changes kept on this machine and sent when back"
    )
    page.keyboard.press("Control+y")
    expect(page.locator("#saving")).to_contain_text("11 changes")
    page.wait_for_timeout(1000 * SURE)
    own_browser.kill()
    site.start()
    assert found_again(own_browser, sheet, kept) == {
        "notes": dict(enumerate(typed)) | {20: "b", 21: "d"},
        "alternative_id": {20: "a", 21: "c"},
    }
    assert Step.objects.count() == 11


def found_again(own_browser: Browser, sheet: Worksheet, kept: Callable[[], Held]) -> Held:
    """What the server holds once the worksheet was opened again, which is what the page shows."""
    page = own_browser.start()
    arrive(page, sheet)
    saved(page)
    marks = kept()
    for at, text in list(marks["notes"].items())[:10]:
        expect(cell(page, at, "notes")).to_have_text(text)
    cells = f"{sum(map(len, marks.values())):,}".replace(",", r"\s")
    expect(page.locator("#plan-button")).to_have_text(re.compile(f"Plan {cells} changes?"))
    return marks


def paste(page: Page, at: int, block: list[list[str]]) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", "\n".join(map("\t".join, block)))
    cell(page, at, FIELDS[0]).click()
    page.keyboard.press("Control+v")


def block_of(name: str) -> list[list[str]]:
    """Two thousand cells that are in no other block."""
    seed = 11 + sum(map(ord, name)) % 80
    return [[f"{name} {row}", f"note {name} {row}", f"{row}.{seed}", f"{row + 1}.{seed}"] for row in range(ROWS)]


@pytest.fixture
def grid(own_browser: Browser, sheet: Worksheet) -> Page:
    page = own_browser.start()
    arrive(page, sheet)
    return page


@pytest.mark.parametrize("moments", [("at once", "waiting", "kept"), ("any", "any", "any")], ids=["chosen", "random"])
def test_a_site_killed_in_the_middle_of_a_save_has_every_cell_once(
    grid: Page, site: Site, kept: Callable[[], Held], moments: tuple[str, ...]
):
    dice = random.Random(3)
    for number, moment in enumerate(moments):
        block = block_of(f"{moment} {number}")
        held_back = transaction.atomic() if moment == "waiting" else nullcontext()
        with held_back:  # nobody else can write meanwhile
            with grid.expect_request(lambda request: request.method == "POST" and request.url.endswith("/steps")):
                paste(grid, 0, block)
            if moment == "waiting":
                grid.wait_for_timeout(200)
            elif moment == "kept":
                _await_step(number + 1)
            elif moment == "any":
                time.sleep(dice.uniform(0, 0.25))
            site.kill()
        saving = grid.locator("#saving")  # the answer may have come before the end: then it is saved, and says so
        expect(saving).to_have_attribute("data-state", re.compile("^(retrying|saved)$"))
        state, taken = saving.get_attribute("data-state"), Step.objects.count()
        assert taken == number + 1 if moment == "kept" else taken in (number, number + 1)
        assert state != "saved" or taken == number + 1
        site.start()
        expect(grid.locator("#saving")).to_have_attribute("data-state", "saved", timeout=15_000)
        assert kept() == {name: {row: line[col] for row, line in enumerate(block)} for col, name in enumerate(FIELDS)}
        assert Step.objects.count() == number + 1


def _await_step(number: int) -> None:
    while Step.objects.count() < number:
        time.sleep(0.001)


def test_offline_for_a_while_everything_is_kept_and_sent_once(
    grid: Page, own_browser: Browser, sheet: Worksheet, kept: Callable[[], Held]
):
    block = block_of("offline")
    grid.context.set_offline(True)
    cell(grid, 0, "notes").click()
    for n in range(5):
        grid.keyboard.type(f"typed {n}")
        grid.keyboard.press("Enter")
    paste(grid, 0, block)
    grid.keyboard.press("Control+z")
    expect(grid.locator("#saving")).to_have_text("Offline: 7 changes kept on this machine and sent when back")
    assert not Step.objects.exists()
    grid.context.set_offline(False)
    saved(grid)
    assert kept() == {"notes": {n: f"typed {n}" for n in range(5)}} and Step.objects.count() == 7
    grid.context.set_offline(True)
    grid.keyboard.press("Control+y")
    grid.keyboard.type("on a train")
    grid.keyboard.press("Enter")
    expect(grid.locator("#saving")).to_contain_text("Offline: 2 changes")
    grid.wait_for_timeout(1000 * SURE)
    own_browser.kill()
    assert found_again(own_browser, sheet, kept)["alternative_id"] == {
        row: line[0] if row else "on a train" for row, line in enumerate(block)
    }
    assert Step.objects.count() == 9
