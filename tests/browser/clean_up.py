"""A bulk clean-up step by step by real keys: from the list to a worksheet, changes of many rows, the plan, the run."""

from __future__ import annotations

from typing import Any, TypeAlias

from playwright.sync_api import Page, expect

from adminui.runs.models import Run
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import saved

LONG = 300_000  # milliseconds for what thousands of records take
Asked: TypeAlias = dict[int, dict[str, Any]]  # by record id: field → value


def open_all_matching(page: Page, address: str, columns: list[str], records: int) -> Worksheet:
    page.goto(f"{address}?columns={','.join(columns)}")
    page.check("[data-select-page]")
    if (everything := page.locator("[data-select-all]")).is_visible():
        everything.click()
    page.locator("[data-edit-form] button").click()
    page.wait_for_url("**/worksheets/*/")
    expect(page.locator("#rows-shown")).to_have_text(f"{spaced(records)} rows", timeout=LONG)
    expect(page.locator("#grid .grid-row:not([hidden]) .cell.is-loading")).to_have_count(0, timeout=LONG)
    return Worksheet.objects.get()


def spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def go_to(page: Page, record: object) -> None:
    """To a record by its id, in the column where the focus is."""
    page.keyboard.press("Control+g")
    page.locator("#goto-id").fill(str(record))
    page.keyboard.press("Enter")
    expect(page.locator("#finder")).to_be_hidden()


def paste(page: Page, texts: list[str]) -> None:
    page.evaluate("(text) => navigator.clipboard.writeText(text)", "\n".join(texts))
    page.keyboard.press("Control+v")
    expect(page.locator("#said")).to_have_text(f"Pasted {spaced(len(texts))} cells.")
    saved(page)


def set_for_selected(page: Page, name: str, text: str, rows: int) -> None:
    """By the panel of shared changes, in the rows of the selected cells."""
    page.locator("#fold").click()
    expect(page.locator("input[name=share-scope][value=range]")).to_be_checked()
    field = page.locator(f'.share-field[data-field="{name}"]')
    field.get_by_role("radio", name="Set", exact=True).check(force=True)
    page.keyboard.type(text)
    expect(page.locator("#share-sentence")).to_contain_text(f"{spaced(rows)} rows will change", timeout=LONG)
    page.locator("#share-button").click()
    expect(page.locator("#said")).to_contain_text("Pending now", timeout=LONG)
    page.locator("#share-close").click()
    saved(page)


def select_from(page: Page, record: object) -> None:
    """From this record to the last."""
    go_to(page, record)
    page.keyboard.press("Control+Shift+End")


def type_at(page: Page, record: object, text: str) -> None:
    go_to(page, record)
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    saved(page)


def plan(page: Page, asked: Asked) -> str:
    """To the plan; what it says of why and how many."""
    cells = sum(map(len, asked.values()))
    expect(page.locator("#plan-button")).to_have_text(f"Plan {spaced(cells)} changes", timeout=LONG)
    page.locator("#plan-button").click()
    page.wait_for_url("**/plans/*/", timeout=LONG)
    return page.locator(".plan-headline").inner_text()


def send(page: Page, calls: int, rows: int) -> Run:
    """Say why, type the number, send, and follow the run to its end."""
    button = page.get_by_role("button", name=f"Send {spaced(calls)} requests")
    page.locator("#note").fill("Clean-up")
    page.locator("#typed").fill(str(rows))
    button.click()
    page.wait_for_url("**/runs/*/", timeout=LONG)
    run = Run.objects.get()
    expect(page.locator("#run-said")).to_have_text(f"Run {run.pk} is finished: {spaced(rows)} done.", timeout=LONG)
    return run
