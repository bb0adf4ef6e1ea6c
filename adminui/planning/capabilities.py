"""What one resource of one API can do, as data. The planner reads this and nothing else about the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adminui.records.queries import Op

Replace = Literal["keeps", "nulls", "unknown"]


@dataclass(frozen=True)
class Capabilities:
    """`replace`: what a PUT does to a writable field left out; None: there is no PUT. Limits are per request."""

    patch: bool = True
    replace: Replace | None = "unknown"
    bulk_rows: bool = False
    bulk_shared: bool = False
    bulk_atomic: bool = True
    max_batch: int = 100
    max_body: int = 1_000_000
    max_ids_length: int = 1_700  # ids in an address, encoded: with host and path within the 2,000 that proxies let pass
    max_concurrency: int = 4
    requests_per_hour: int | None = None
    read_many: int = 100
    ops: frozenset[Op] = frozenset({Op.EQ})
    or_groups: bool = False
    pages_by: Literal["number", "id"] = "number"
    echoes: bool = False  # the answer to a write shows the record as stored
    trims_text: bool = False  # a PUT sends text back trimmed
    flips: bool = False  # rules of the API's own may change a record again, seconds after a write
    flattens: tuple[str, ...] = ()  # rich text that a PUT would turn into plain text

    @property
    def bulk(self) -> bool:
        return self.bulk_rows or self.bulk_shared
