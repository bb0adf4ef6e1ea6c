"""What tests of an open worksheet do with its page, and what the server holds of it."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from adminui.services import edits
from adminui.worksheets.models import Worksheet
from tests.conftest import Live


def arrive(page: Page, sheet: Worksheet) -> None:
    """Open the worksheet and wait until its rows are there to be edited."""
    page.goto(f"/worksheets/{sheet.pk}/")
    expect(page.locator("#grid .grid-row:not([hidden])").first).to_be_visible()
    expect(page.locator("#grid .grid-row:not([hidden]) .cell.is-loading")).to_have_count(0)
    expect(page.locator("#sheet")).not_to_have_attribute("aria-busy", "true")


def sign_in_as(page: Page, client: Any, live_server: Any) -> None:
    """Without the form: other tests drive that."""
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": str(live_server)}])


def cell(page: Page, at: int, field: str) -> Locator:
    """The cell of a field in the row at a place in the order shown, from 0."""
    column = page.locator(f'#grid [role=columnheader][title="{field}"]').get_attribute("aria-colindex")
    return page.locator(f'#grid .grid-row[aria-rowindex="{at + 2}"]:not([hidden]) [aria-colindex="{column}"]')


def type_into(page: Page, at: int, field: str, text: str) -> None:
    """Choose a cell with the mouse, type and commit by Enter."""
    cell(page, at, field).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def saved(page: Page) -> None:
    expect(page.locator("#saving")).to_have_attribute("data-state", "saved")


def held(api: Live, user: Any, sheet: Worksheet) -> dict[str, dict[int, Any]]:
    """The marks the server holds: field → row → mark, where a mark that is a text or null is a plain edit."""
    document = edits.marks_document(api.open(user, sheet.resource), sheet)
    return {name: dict(zip(told["rows"], told["marks"], strict=True)) for name, told in document["marks"].items()}
