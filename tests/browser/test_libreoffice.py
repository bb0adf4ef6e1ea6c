"""A sheet saved by LibreOffice, pasted from the clipboard it filled: 600 cells, exactly, and back again."""

import xml.etree.ElementTree as Xml
import zipfile
from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from adminui.services import reading
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, held, saved, sign_in_as
from tests.conftest import SANDBOX_BUZZ, Live

pytestmark = pytest.mark.django_db(transaction=True)
SAVED = Path(__file__).parents[1] / "data"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FIELDS = ("name", "alternative_id", "min_bid", "notes")
ROWS = 150
BEFORE = {"alternative_id": None, "min_bid": "0.50", "notes": None}
# Both flavours of the clipboard, as LibreOffice fills it.
FILL = """([text, html]) => navigator.clipboard.write([new ClipboardItem({
  "text/plain": new Blob([text], {type: "text/plain"}), "text/html": new Blob([html], {type: "text/html"})})])"""


def in_the_workbook() -> list[list[str]]:
    """The rows of the workbook as LibreOffice saved it, every cell as text."""
    with zipfile.ZipFile(SAVED / "from_libreoffice.xlsx") as book:
        shared = Xml.fromstring(book.read("xl/sharedStrings.xml")).findall(f"{SHEET}si")
        strings = ["".join(piece.text or "" for piece in each.iter(f"{SHEET}t")) for each in shared]
        rows = Xml.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{SHEET}row")
        return [_cells(row, strings) for row in islice(rows, ROWS)]


def _cells(row: Xml.Element, strings: list[str]) -> list[str]:
    found = dict.fromkeys("ABCD", "")
    for each in row.findall(f"{SHEET}c"):
        value = each.findtext(f"{SHEET}v")
        if value is not None:
            found[each.attrib["r"][0]] = strings[int(value)] if each.get("t") == "s" else value
    return list(found.values())


@pytest.fixture
def buzz(configure: Callable[[str], None]) -> Any:
    with serve_in_thread(BuzzApi(records=ROWS + 10, seed=1)) as running:
        configure(SANDBOX_BUZZ.format(url=running.url))
        yield Live(running, "buzz-test")


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    """More line items than will be pasted, a note here and there that the sheet's empty cells will empty."""
    ids = [record["id"] for record in buzz.api.dump("line-items")]
    for row, number in enumerate(ids):
        noted = {"notes": "old"} if row % 2 else {}
        buzz.api.change("line-items", number, {"name": f"Line {row:03}"} | BEFORE | noted)
    return reading.open_ids(buzz.open(lead, "line-items"), ids, FIELDS[1:])


def copied(page: Page, text: str, html: str) -> None:
    """Put on the clipboard what LibreOffice did, from another page: ours lets no style be applied."""
    other = page.context.new_page()
    other.route("**/elsewhere", lambda route: route.fulfill(body="Elsewhere", content_type="text/html"))
    other.goto("/elsewhere")
    other.evaluate(FILL, [text, html])
    other.close()
    page.bring_to_front()


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def wanted(workbook: list[list[str]]) -> dict[str, dict[int, str]]:
    """What has to be pending: all of the workbook but the empty cells over what is empty already."""
    return {
        name: {row: line[col] for row, line in enumerate(workbook) if line[col] or (name == "notes" and row % 2)}
        for col, name in enumerate(FIELDS)
    }


def as_numbers(edits: dict[str, dict[int, Any]]) -> dict[str, dict[int, Any]]:
    return edits | {"min_bid": {row: Decimal(text) for row, text in edits["min_bid"].items()}}


def sort(page: Page, field: str) -> None:
    cell(page, 0, field).click()
    page.keyboard.press("Alt+ArrowDown")
    page.locator("[data-sort=down]").press("Enter")


def test_six_hundred_cells_from_libreoffice_are_pasted_sorted_reloaded_and_taken_back(
    grid: Page, sheet: Worksheet, buzz: Live, lead: Any
):
    workbook = in_the_workbook()
    assert sum("\n" in line[3] for line in workbook) == 21 and '"' in workbook[0][0] and workbook[1][1] == "000001"
    copied(grid, *((SAVED / f"from_libreoffice.{kind}").read_text() for kind in ("txt", "html")))
    cell(grid, 0, "name").click()
    grid.keyboard.press("Control+v")
    pending = wanted(workbook)
    cells = sum(map(len, pending.values()))
    assert 590 < cells < 600
    expect(grid.locator("#said")).to_have_text(f"Pasted {cells} cells; {600 - cells} already had the value.")
    saved(grid)
    first = held(buzz, lead, sheet)
    assert as_numbers(first) == as_numbers(pending)
    assert list(first["min_bid"].values()) == [
        line.split("\t")[2] for line in (SAVED / "from_libreoffice.txt").read_text().splitlines()
    ]

    sort(grid, "name")
    expect(cell(grid, 0, "name")).to_have_text(max(line[0] for line in workbook))
    grid.reload()
    expect(cell(grid, 0, "name")).to_have_text(max(line[0] for line in workbook))
    expect(grid.locator("#plan-button")).to_have_text(f"Plan {cells} changes")
    grid.keyboard.press("Control+z")
    expect(grid.locator("#said")).to_have_text(f"Undone: Paste, {cells} cells.")
    saved(grid)
    assert held(buzz, lead, sheet) == {}
    expect(grid.locator("#grid .grid-row:not([hidden]) .cell.is-pending")).to_have_count(0)
    grid.keyboard.press("Control+y")
    expect(grid.locator("#said")).to_have_text(f"Done again: Paste, {cells} cells.")
    saved(grid)
    assert held(buzz, lead, sheet) == first


def test_quotes_around_a_cell_are_its_own(grid: Page, sheet: Worksheet, buzz: Live, lead: Any):
    """LibreOffice puts no cell in quotes: that these belong to the text, only the HTML tells."""
    text = '"quoted"\tsays "so"\n"open\tclosed"\nplain\t"a" b\n'
    cells = [[each.replace('"', "&quot;") for each in line.split("\t")] for line in text.splitlines()]
    rows = "".join("<tr>" + "".join(f"<td height=17>{each}</td>" for each in line) + "</tr>" for line in cells)
    copied(grid, text, f"<html><style>td {{ color: red }}</style><body><table>{rows}</table></body></html>")
    cell(grid, 0, "name").click()
    grid.keyboard.press("Control+v")
    saved(grid)
    assert held(buzz, lead, sheet) == {
        "name": {0: '"quoted"', 1: '"open', 2: "plain"},
        "alternative_id": {0: 'says "so"', 1: 'closed"', 2: '"a" b'},
    }
