"""Beside a field: who set it last from here, to what, when and why, and whether it still holds that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adminui.records.values import MISSING, Record, RecordId, same
from adminui.services import history
from adminui.services.catalog import Opened
from adminui.services.references import Names
from adminui.web.values import Shown, show


@dataclass(frozen=True)
class Blamed:
    """The last change of a field from here. `moved`: it has been changed elsewhere since."""

    label: str
    run: int
    who: str
    at: datetime | None
    note: str
    before: Shown
    after: Shown
    moved: bool
    undoes: int | None


def blames(opened: Opened, held: Record, record_id: RecordId, names: Names) -> Mapping[str, Blamed]:
    """By field; none for one that was never changed from here."""
    fields = {field.name: field for field in opened.resource.visible}
    return {
        name: Blamed(
            fields[name].label,
            blame.run,
            blame.who,
            blame.at,
            blame.note,
            show(opened, fields[name], blame.before, names),
            show(opened, fields[name], blame.after, names),
            not same(fields[name], held.get(name, MISSING), blame.after),
            blame.undoes,
        )
        for name, blame in history.blame(opened, record_id).items()
        if name in fields
    }
