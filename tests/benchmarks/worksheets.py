"""What the benchmarks of worksheets share: a table of figures, and a reading by the worker."""

from __future__ import annotations

import time
from dataclasses import dataclass

from adminui.records.queries import Group
from adminui.services import reading
from adminui.services.catalog import Opened
from adminui.worksheets.models import Worksheet

COLUMNS = [
    *("alternative_id", "notes", "max_bid", "min_bid", "active", "type", "budget_type", "start_date", "end_date"),
    *("spend", "impressions", "advertiser_id", "campaign_id", "targeting_expression_id", "currency", "create_date"),
    *("update_date", "guaranteed"),
]  # twenty with id and name


@dataclass(frozen=True)
class Table:
    """Figures beside their goals, printed as they come."""

    head: str

    def __post_init__(self) -> None:
        print(f"\n{self.head:<62}{'found':>12}{'goal':>12}")

    def add(self, name: str, found: str, goal: str = "") -> None:
        print(f"{name:<62}{found:>12}{goal:>12}", flush=True)


def read_by_worker(opened: Opened) -> tuple[Worksheet, float]:
    """From asking for a worksheet of all line items until it is ready."""
    began = time.perf_counter()
    sheet = reading.open_matching(opened, Group(), COLUMNS)
    while sheet.state == Worksheet.State.READING:
        time.sleep(0.02)
        sheet.refresh_from_db(fields=["state"])
    spent = time.perf_counter() - began
    sheet.refresh_from_db()
    assert sheet.state == Worksheet.State.READY, sheet.problem
    return sheet, spent
