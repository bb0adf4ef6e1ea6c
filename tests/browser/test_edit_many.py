"""Edit many in a real browser: the grid by keyboard, what is typed never lost, the plan, and how it looks to a machine."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from adminui.runs import ledger
from adminui.runs.models import Plan, Run
from adminui.services import plans, sheets
from adminui.services.execution import execute
from adminui.worksheets.models import Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
COLUMNS = ["active", "budget_type", "start_date", "end_date", "max_bid", "notes", "update_date"]


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Iterator[Worksheet]:
    """Twelve campaigns opened by the lead."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:12]]
    yield sheets.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def grid(page: Page, sheet: Worksheet, sign_in: Callable[[Page, str], None]) -> Page:
    sign_in(page, "lead")
    page.goto(f"/worksheets/{sheet.pk}/")
    return page


def at(page: Page, row: int, field: str) -> Any:
    """The cell of a row (from 0) and field."""
    index = 1 + ["id", "name", *COLUMNS].index(field)
    return page.locator("#grid tbody tr").nth(row).locator("td, th").nth(index)


def saved(page: Page) -> None:
    expect(page.locator("#saving")).to_have_text("Saved")


def pending(sheet: Worksheet) -> dict[int, dict[str, Any]]:
    return {row.seq: row.edits for row in sheet.rows.filter(edited=True)}
