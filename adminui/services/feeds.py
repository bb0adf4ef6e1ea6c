"""What an open page learns of a worksheet: steps since it last asked, all the marks, who is there, and history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db.models import QuerySet, Sum

from adminui.records.schema import Field
from adminui.services import sheets, steps
from adminui.services.bench.seeing import sees_all
from adminui.services.catalog import Opened
from adminui.services.marking import about
from adminui.services.standing import counts
from adminui.services.steps import Cells, Reload
from adminui.worksheets import store
from adminui.worksheets.models import Marks, Presence, Step, Worksheet

MOST_STEPS: Final = 300
MOST_CELLS: Final = 200_000  # beyond these a page loads the marks anew
UNTOLD: Final = "A change that you may not see"
UNSEEN: Final = "The API's words concern a field that you may not see."
At = tuple[int | None, str]  # row and field


def feed(opened: Opened, sheet: Worksheet, since: int, *, at: At | None = None) -> dict[str, Any]:
    """All that happened since that step, without the fields this person may not see. `at` says where they are now."""
    sheet.refresh_from_db(fields=["version", "baseline"])
    fields = {f.name for f in opened.resource.visible}
    news = Step.objects.filter(worksheet=sheet, number__gt=since, number__lte=sheet.version)
    far = sheet.version - since > MOST_STEPS or (news.aggregate(n=Sum("cells"))["n"] or 0) > MOST_CELLS
    if far:
        told = [_named(opened, step) for step in _last(opened, news)][::-1]
    else:
        told = [_told(opened, step, fields) for step in news.order_by("number")]
    return {
        "version": sheet.version,
        "baseline": sheet.baseline,
        "steps": told,
        "people": _people(opened, sheet, at, fields),
        "standing": counts(sheet, fields),
        "reload": far,
    }


def _people(opened: Opened, sheet: Worksheet, at: At | None, fields: Collection[str]) -> list[sheets.Companion]:
    """Who else is there, and where, as far as this person may see; their own place is noted if it is one."""
    row, field = at or _last_at(opened, sheet)
    here = row if row is not None and row < sheet.rows else None
    others = sheets.present(sheet, opened.user, here, field if field in fields else "")
    return [{**each, "field": each["field"] if each["field"] in fields else ""} for each in others]


def _last_at(opened: Opened, sheet: Worksheet) -> At:
    found = Presence.objects.filter(worksheet=sheet, user_id=opened.user_id).values_list("row", "field").first()
    return found or (None, "")


def _last(opened: Opened, found: QuerySet[Step]) -> QuerySet[Step]:
    """The last of these steps, newest first, with their cells only where it takes them to name one."""
    newest = found.order_by("-number")[:MOST_STEPS]
    return newest if _unseen(opened) else newest.defer("data")


def _unseen(opened: Opened) -> list[Field]:
    """Fields that others see here, but not this person."""
    return [field for field in opened.whole.visible if opened.resource.by_name[field.name].hidden]


def label(opened: Opened, step: Step) -> str:
    """Labels name fields and values: somebody else's is told to who may see all that the step touched."""
    if (
        step.kind not in steps.TYPED | steps.CLEANED | steps.TURNS
        or step.user_id == opened.user_id
        or not _unseen(opened)
    ):
        return step.label
    content = steps.content(step)
    touched = content["cells"].keys()
    seen = touched and sees_all(opened, (*touched, *content.get("speaks", ())))
    return step.label if seen else UNTOLD


def _named(opened: Opened, step: Step) -> dict[str, Any]:
    """The step without its cells: enough to know that it was taken."""
    return {
        "number": step.number,
        "token": str(step.token),
        "who": {"id": step.user_id, "name": step.user_name},
        "kind": step.kind,
        "label": label(opened, step),
        "cells": {},
        "left": 0,
        "reload": None,
    }


def _told(opened: Opened, step: Step, fields: Collection[str]) -> dict[str, Any]:
    content = steps.content(step)
    cells = {name: _after(held) for name, held in content["cells"].items() if name in fields}
    reload = content.get("reload")
    return _named(opened, step) | {
        "cells": cells,
        "left": content.get("left", 0),
        "reload": _seen(reload, fields) if reload else None,
    }


def _after(cells: Cells) -> dict[str, Any]:
    return {"rows": cells["rows"], "after": cells["after"], "words": cells.get("words") or {}}


def _seen(reload: Reload, fields: Collection[str]) -> dict[str, Any]:
    chunks = {name: parts for name, parts in reload.get("chunks", {}).items() if name in fields}
    return {"marks": reload.get("marks", False), "chunks": chunks}


def marks_document(opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    """All marks of the fields this person may see; one that is nothing but an edit is just that edit."""
    sheet.refresh_from_db(fields=["version", "baseline"])
    document: dict[str, dict[str, list[Any]]] = {}
    fields = [store.ROW, *(f.name for f in opened.resource.visible)]
    unseen = tuple(about(field) for field in _unseen(opened))
    places = Marks.objects.filter(worksheet=sheet, field__in=fields).order_by("field", "part")
    for place in places.values_list("field", "part"):
        held = document.setdefault(place[0], {"rows": [], "marks": []})
        for row, mark in store.marks(sheet, [place]).get(place, {}).items():
            held["rows"].append(row)
            held["marks"].append(_short(mark, unseen))
    return {"version": sheet.version, "baseline": sheet.baseline, "marks": document}


def _short(mark: Mapping[str, Any], unseen: tuple[str, ...]) -> Any:
    """`unseen` is what the API's words begin with that concern fields this person may not see."""
    if "e" in mark and mark.keys() <= {"e", "s"}:
        return mark["e"]
    if unseen and "m" in mark:
        return {**mark, "m": [UNSEEN if words.startswith(unseen) else words for words in mark["m"]]}
    return mark


def history(opened: Opened, sheet: Worksheet) -> dict[str, Any]:
    """The last steps, newest first."""
    return {"steps": [_remembered(opened, step) for step in _last(opened, Step.objects.filter(worksheet=sheet))]}


def _remembered(opened: Opened, step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "token": str(step.token),
        "who": {"id": step.user_id, "name": step.user_name},
        "kind": step.kind,
        "label": label(opened, step),
        "cells": step.cells,
        "at": step.at.isoformat(),
        "undone": step.undone,
        "mine": step.user_id == opened.user_id,
    }
