"""Planning 10,000 changed rows: how long, and how many requests beside the fewest possible."""

from __future__ import annotations

import random
import time

from adminui.planning.capabilities import Capabilities
from adminui.planning.plan import make_plan
from adminui.records.changes import Change, ChangeSet

CAN = Capabilities(bulk_rows=True, bulk_shared=True, max_batch=200, max_ids_length=2_000)
ROWS = 10_000


def rows(distinct: int) -> list[ChangeSet]:
    chance = random.Random(1)
    return [
        ChangeSet(100_000 + i, f"Row {i}", (Change("notes", "old", f"value {chance.randrange(distinct)}"),))
        for i in range(ROWS)
    ]


def test_planning_ten_thousand_rows():
    print(f"\n{'distinct values':>16} {'seconds':>8} {'requests':>9} {'÷ fewest':>9}")
    for distinct in (1, 3, 50, 5_000, 10**9):
        work = rows(distinct)
        began = time.perf_counter()
        plan = make_plan(work, CAN)
        seconds = time.perf_counter() - began
        fewest = -(-ROWS // CAN.max_batch)  # no call carries more rows than a batch, whatever its form
        print(f"{distinct:>16} {seconds:>8.3f} {len(plan.steps):>9} {len(plan.steps) / fewest:>9.2f}")
