"""What was done in a worksheet, done in another order; and recipes: kept from it, looked at and run on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods

from adminui.planning.explain import counted
from adminui.records.cleaning.base import Transformation
from adminui.services import edits, sheets
from adminui.services.bench import conditions, operations, recipes
from adminui.services.bench.describing import in_words
from adminui.services.bench.operations import Entry, Rearranged
from adminui.services.bench.recipes import Cooked
from adminui.services.bench.replaying import Difference, Staged
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.web import asking
from adminui.worksheets.models import Recipe, Worksheet


@require_http_methods(["GET", "HEAD", "POST"])
def done(request: HttpRequest, sheet: int) -> JsonResponse:
    """GET: the operations. POST: what another order, switches or parameters would change, or make it so (`keep`)."""
    if request.method != "POST":
        held, opened = asking.found(request, sheet)
        return JsonResponse({"entries": [_entry(opened, each) for each in operations.listed(opened, held)]})
    held, opened, posted = asking.asked(request, sheet)
    wanted = operations.wanted_from(posted.get("wanted"))
    if posted.get("keep") is not True:
        return JsonResponse(_rearranged(operations.rearrange(opened, held, wanted, window=asking.window(posted))))
    since = asking.number(posted, "since", held.version)
    told = _rearranged(operations.rearrange(opened, held, wanted, asking.token(posted)))
    return JsonResponse(told | {"feed": edits.feed(opened, held, since)})


def _entry(opened: Opened, entry: Entry) -> dict[str, Any]:
    asked = entry.asked
    return {
        "id": entry.id,
        "on": entry.on,
        "label": entry.label,
        "who": entry.who,
        "at": entry.at.isoformat() if entry.at else "",
        "cells": entry.cells,
        "frozen": entry.frozen,
        "step": asked.as_data() if asked else None,
        "words": in_words(opened, asked) if asked else "",
        "where": conditions.in_words(asked.where, opened.resource) if asked else "",
        "portable": asked is not None and asked.portable,
    }


def _rearranged(told: Rearranged) -> dict[str, Any]:
    entries = [{"id": name, **_staged(each)} for name, each in told.entries if each is not None]
    return {**_difference(told.difference), "label": told.label, "entries": entries}


def _staged(each: Staged) -> dict[str, Any]:
    if each.cleaned is None:
        return {"label": "", "cells": 0, "rows": 0, "invalid": 0, "problem": each.problem}
    tally = each.cleaned.tally
    told = {"label": each.cleaned.label, "cells": each.cleaned.cells, "rows": tally.changed, "invalid": tally.invalid}
    return {**told, "problem": each.problem}


def _difference(found: Difference) -> dict[str, Any]:
    words = f"{counted(found.cells, 'cell')} in {counted(found.rows, 'row')}"
    return {
        "sentence": f"{words} will change." if found.cells else "No cell changes by this.",
        "cells": found.cells,
        "rows": found.rows,
        "changed": found.rows,
        "already": 0,
        "invalid": 0,
        "skipped": 0,
        "preview": [asdict(row) for row in found.preview],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest, sheet: int) -> JsonResponse:
    """GET: the recipes for such records. POST: keep one (`do`: save), look at what one does here (count), run it."""
    if request.method != "POST":
        _, opened = asking.found(request, sheet)
        return JsonResponse({"recipes": [_recipe(opened, each) for each in recipes.of_resource(opened)]})
    held, opened, posted = asking.asked(request, sheet)
    act = {"save": _save, "count": _count, "run": _run}.get(str(posted.get("do")))
    if act is None:
        raise BadInput("A recipe can be saved, looked at and run.", asking.RELOAD)
    return JsonResponse(act(opened, held, posted))


def _recipe(opened: Opened, recipe: Recipe) -> dict[str, Any]:
    return {
        "id": recipe.pk,
        "name": recipe.name,
        "note": recipe.note,
        "shared": recipe.shared,
        "mine": recipe.owner_id == opened.user_id,
        "owner": recipe.owner.get_username(),
        "at": recipe.changed_at.isoformat(),
        "steps": [in_words(opened, step) for step in _steps(recipe)],
    }


def _steps(recipe: Recipe) -> list[Transformation]:
    return recipes.read_steps(recipe.steps)


def _save(opened: Opened, held: Worksheet, posted: dict[str, Any]) -> dict[str, Any]:
    """The steps of these operations, in their order."""
    sheets.require_edit(opened, held)
    wanted = [str(each) for each in _list(posted, "entries")]
    chosen = [each.asked for each in operations.listed(opened, held) if each.id in wanted and each.asked]
    kept = recipes.save(
        opened,
        str(posted.get("name", "")),
        chosen,
        shared=posted.get("shared") is True,
        note=str(posted.get("note", "")),
        over=posted.get("over") is True,
    )
    return {"recipe": _recipe(opened, kept)}


def _asked(opened: Opened, posted: dict[str, Any]) -> tuple[Recipe, list[Transformation]]:
    """The recipe, and those of its steps that are not left out."""
    recipe = recipes.find(opened.user, asking.number(posted, "recipe", 0))
    if recipe.resource != opened.resource.name:
        raise BadInput(f"“{recipe.name}” is a recipe for {recipe.resource}.", "Choose one for these records.")
    without = _list(posted, "without")
    return recipe, [step for at, step in enumerate(_steps(recipe)) if at not in without]


def _list(posted: dict[str, Any], name: str) -> list[Any]:
    found = posted.get(name) or []
    if not isinstance(found, list):
        raise BadInput("The page sent something that cannot be read.", asking.RELOAD)
    return found


def _count(opened: Opened, held: Worksheet, posted: dict[str, Any]) -> dict[str, Any]:
    recipe, steps = _asked(opened, posted)
    return _cooked(opened, steps, recipes.count(opened, held, steps, asking.window(posted), recipe.name))


def _run(opened: Opened, held: Worksheet, posted: dict[str, Any]) -> dict[str, Any]:
    recipe, steps = _asked(opened, posted)
    since = asking.number(posted, "since", held.version)
    cooked = recipes.cook(opened, held, steps, asking.token(posted), recipe.name)
    return _cooked(opened, steps, cooked) | {"feed": edits.feed(opened, held, since)}


def _cooked(opened: Opened, steps: Sequence[Transformation], cooked: Cooked) -> dict[str, Any]:
    doable = sum(each.cleaned is not None for each in cooked.steps)
    return {
        **_difference(cooked.difference),
        "label": f"Do {counted(doable, 'step')}: {cooked.label.rpartition(': ')[2]}",
        "made": cooked.label,
        "steps": [{"words": w, **_staged(each)} for w, each in zip(_worded(opened, steps), cooked.steps, strict=False)],
    }


def _worded(opened: Opened, steps: Iterable[Transformation]) -> list[str]:
    return [in_words(opened, step) for step in steps]
