"""A file from a spreadsheet, imported in a real browser: chosen, its columns looked at, compared, taken, repaired."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from tests.conftest import Live

Axe = Callable[[Page], None]

pytestmark = pytest.mark.django_db(transaction=True)


def some(live: Live, number: int) -> list[dict[str, object]]:
    return [dict(record) for record in live.api.dump("Companies")[:number]]


@pytest.fixture
def editing(page: Page, sign_in: Callable[[Page, str], None], autotask: Live) -> Page:
    sign_in(page, "editor")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_western_file_with_semicolons_becomes_pending_edits_and_its_rest_a_file(
    editing: Page, axe: Axe, autotask: Live, tmp_path: Path
) -> None:
    first, second, third = (record["id"] for record in some(autotask, 3))
    rows = [
        ["id", "Ort", "Fon", "phone"],
        [first, "", "", "0301"],
        [second, "Köln", "", "#REF!"],
        ["7E+09", "", "", "1"],
        [third, "", "", ""],
    ]
    path = tmp_path / "firmen.csv"
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    path.write_bytes(out.getvalue().encode("cp1252"))
    page = editing
    page.goto(f"/c/{autotask.connection}/Companies/")
    page.get_by_role("link", name="Import…").click()
    axe(page)
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("firmen.csv")).to_be_visible()
    page.get_by_role("button", name="Read this file").click()
    expect(page.get_by_text("The encoding is a guess")).to_be_visible()
    expect(page.get_by_text("Köln")).to_be_visible()
    page.get_by_label("Ort means").select_option("city")
    axe(page)
    page.get_by_role("button", name="Read 4 Companies and compare").click()
    expect(page.get_by_text("rows with a damaged id: never matched with another record")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Make a worksheet with 2 pending edits in 2 rows").click()
    expect(page.get_by_role("button", name="Plan 2 changes").first).to_be_visible()
    page.get_by_role("link", name="firmen.csv, 2 rows not taken").click()
    axe(page)
    with page.expect_download() as started:
        page.get_by_role("link", name="Download these rows").click()
    kept = list(csv.reader(io.StringIO(started.value.path().read_text("utf-8-sig"), newline="")))
    assert [row[0] for row in kept] == ["id", str(second), "7E+09"] and kept[0][-1] == "_why"


def test_damaged_cells_of_a_workbook_are_taken_as_somebody_says(editing: Page, autotask: Live, tmp_path: Path) -> None:
    first, second = (record["id"] for record in some(autotask, 2))
    path = tmp_path / "prices.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Prices")
        for row, cells in enumerate(
            [("id", "marketSegmentID", "assetValue"), (first, "", "1.234,50"), (second, "", "7,25")]
        ):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
    page = editing
    page.goto(f"/c/{autotask.connection}/Companies/import")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Read this file").click()
    expect(page.get_by_label("Sheet")).to_have_value("Prices")
    page.get_by_role("button", name="Read 2 Companies and compare").click()
    expect(page.get_by_text("Nothing of this file would change anything")).to_be_visible()
    page.get_by_label("What looks damaged in assetValue").select_option(",")
    expect(page.get_by_role("button", name="Make a worksheet with 2 pending edits in 2 rows")).to_be_visible()
    page.get_by_role("button", name="Throw this import away").click()
    expect(page.get_by_role("heading", name="Companies", exact=True)).to_be_visible()
