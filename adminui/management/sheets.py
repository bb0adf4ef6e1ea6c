"""Worksheets for commands: opened over ids or conditions, and read to their end before anything goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence

from adminui.management import filters
from adminui.services import browse, reading
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.worksheets.models import Worksheet

PAUSE = 0.2  # seconds between looks while a worker reads


def opened_sheet(opened: Opened, ids: str | None, conditions: Sequence[str], columns: Sequence[str]) -> Worksheet:
    """A worksheet over these ids, or all records for which the conditions hold, read to its end. Raises Refused."""
    if ids is not None and conditions:
        raise BadInput("--ids and --filter do not go together.", "Give one of them.")
    if ids is not None:
        return read_to_end(reading.open_ids(opened, browse.ids_in(opened, ids), columns))
    return read_to_end(reading.open_matching(opened, filters.where(opened, conditions), columns))


def read_to_end(sheet: Worksheet) -> Worksheet:
    """By this process, or by a worker that was quicker."""
    while sheet.state == Worksheet.State.READING:
        if not reading.read_once():
            time.sleep(PAUSE)
        sheet.refresh_from_db()
    if sheet.state != Worksheet.State.READY:
        raise BadInput(f"The records could not all be read: {sheet.problem}", f"Worksheet {sheet.pk} has the others.")
    return sheet
