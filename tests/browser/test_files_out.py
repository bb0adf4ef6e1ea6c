"""Export… in a real browser: the dialog knows what is ticked and shown, counts rows, and keeps no part of a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

from adminui.services import reading
from adminui.services.files import exporting
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, cell, saved, sign_in_as, type_into
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 40


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    return reading.open_ids(buzz.open(lead, "campaigns"), ids, ["notes", "max_bid", "active", "start_date"])


@pytest.fixture
def grid(page: Page, live_server: Any, client_as: Callable[[str], Client], sheet: Worksheet) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    arrive(page, sheet)
    return page


def dialog(page: Page) -> Locator:
    page.locator("#clean-up").click()
    page.get_by_role("link", name="Export…").click()
    found = page.locator("#export")
    expect(found).to_be_visible()
    return found


def downloaded(page: Page, found: Locator, tmp_path: Path) -> bytes:
    with page.expect_download() as waiting:
        found.locator("[type=submit]").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path.read_bytes()


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_ticked_rows_go_into_a_csv(grid: Page, tmp_path: Path):
    for at in (2, 5):
        cell(grid, at, "id").locator(".tick").click()
    ids = [cell(grid, at, "id").inner_text() for at in (2, 5)]
    found = dialog(grid)
    expect(found.get_by_label("Ticked")).to_be_checked()
    found.get_by_label("CSV", exact=True).check()
    expect(found.locator("[type=submit]")).to_have_text("Export 2 rows × 6 columns as CSV")
    rows = lines(downloaded(grid, found, tmp_path))
    assert [row["id"] for row in rows] == ids and list(rows[0])[-1] == "_version"
    expect(found.locator("[role=status]")).to_contain_text("2 rows in buzz-test-campaigns")


def test_pending_changes_and_chosen_columns_go_into_a_workbook(grid: Page, tmp_path: Path):
    type_into(grid, 1, "notes", "=SUM(A1)")
    saved(grid)
    found = dialog(grid)
    found.locator("[name=rows][value=changed]").check()
    found.get_by_label("Only these").check()
    names = found.get_by_role("group", name="Columns of the file")
    for box in names.get_by_role("checkbox").all():
        box.set_checked(box.get_attribute("value") in ("id", "notes"))
    expect(found.locator("[type=submit]")).to_have_text("Export 1 row × 2 columns as XLSX")
    book = CalamineWorkbook.from_filelike(io.BytesIO(downloaded(grid, found, tmp_path)))
    assert [row[:2] for row in book.get_sheet_by_name("Rows").to_python()][1][1] == "=SUM(A1)"


def test_a_file_that_breaks_off_is_not_kept(grid: Page, monkeypatch: pytest.MonkeyPatch):
    made = exporting.written
    monkeypatch.setattr(exporting, "written", lambda export: [b"".join(made(export))[:-400]])
    found = dialog(grid)
    for kind in ("CSV", "Excel workbook (XLSX)"):
        found.get_by_label(kind, exact=True).check()
        found.locator("[type=submit]").click()
        expect(found.get_by_role("alert")).to_contain_text("Nothing was saved")


@pytest.mark.parametrize("expected_console", [["422"]])
def test_what_is_refused_is_said_where_it_was_asked(grid: Page):
    found = dialog(grid)
    found.get_by_label("Only these").check()
    for box in found.get_by_role("group", name="Columns of the file").get_by_role("checkbox").all():
        box.set_checked(False)
    found.locator("[type=submit]").click()
    expect(found.get_by_role("alert")).to_contain_text("No column is chosen")
    grid.keyboard.press("Escape")
    expect(found).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_and_the_page_are_for_everybody(grid: Page, sheet: Worksheet, axe: Callable[[Page], None]):
    found = dialog(grid)
    found.get_by_label("Only these").check()
    found.get_by_label("CSV", exact=True).check()
    axe(grid)
    grid.goto(f"/worksheets/{sheet.pk}/export")
    expect(grid.get_by_role("button", name="Export 40 rows × 6 columns as XLSX")).to_be_visible()
    axe(grid)


def test_a_list_is_exported_by_way_of_a_worksheet(grid: Page, buzz: Live, tmp_path: Path):
    grid.goto(f"/c/{buzz.connection}/campaigns/")
    grid.get_by_role("button", name="Export 60 Campaigns…").click()
    grid.get_by_label("CSV", exact=True).check()
    form = grid.locator("[data-export-form]")
    assert len(lines(downloaded(grid, form, tmp_path))) == len(buzz.api.dump("campaigns"))
