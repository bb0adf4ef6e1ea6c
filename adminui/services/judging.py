"""Pending edits judged anew: what could be sent when it was typed may not be by now, and the other way round."""

from __future__ import annotations

from django.db import transaction

from adminui.planning.explain import counted
from adminui.services.catalog import Opened
from adminui.services.marking import Place
from adminui.services.steps import record
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Worksheet


@transaction.atomic
def judge_anew(opened: Opened, sheet: Worksheet) -> int:
    """Say at each cell what the API's schema makes of its edit now; how many are another than they were said to be."""
    held = store.locked(sheet)
    names = [field.name for field in opened.whole.visible]
    pending = Marks.objects.filter(worksheet=held, field__in=names, pending__gt=0)
    changed = 0
    for name, part in list(pending.values_list("field", "part")):
        place = Place(opened.whole, held, name, part, held.version + 1)
        if here := _judged(place):
            place.keep()
            changed += here
    if changed:
        label = f"{counted(changed, 'edit')} judged anew"
        record(opened, sheet, "settled", label, reload={"marks": True, "chunks": {}})
    return changed


def _judged(place: Place) -> int:
    changed = 0
    for row, mark in place.marks.items():
        words = place.typed(row, mark["e"])[1] if "e" in mark else ""
        if words == mark.get("w", ""):
            continue
        mark.pop("w", None)
        if words:
            mark["w"] = words
        changed += 1
    return changed
