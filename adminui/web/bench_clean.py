"""Clean-ups over HTTP: which there are, what one would do or does; and what find & replace and tables find."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Param, Transform, Transformation
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.records.schema import Field
from adminui.services import edits
from adminui.services.bench import cleaning, matches, tables
from adminui.services.bench.cleaning import Cleaned
from adminui.services.bench.tables import Met
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.statistics import field_named
from adminui.web import asking
from adminui.web.sheet_changes import labels_of, text_of

PAGE = 200  # matches shown at once
_PLACE = re.compile(r"at character (\d+)")


@require_http_methods(["GET", "HEAD", "POST"])
def clean(request: HttpRequest, sheet: int) -> JsonResponse:
    """GET: the clean-ups there are, and which fit which field. POST: count one, or make it (`keep`)."""
    if request.method != "POST":
        _, opened = asking.found(request, sheet)
        return JsonResponse(_offered(opened, request.GET.get("field", "")))
    held, opened, posted = asking.asked(request, sheet)
    asked = transformation(posted)
    if posted.get("keep") is not True:
        return _counted(asked, lambda: told(asked, cleaning.count(opened, held, asked, asking.window(posted))))
    since = asking.number(posted, "since", held.version)
    cleaned = cleaning.clean(opened, held, asked, asking.token(posted))
    return JsonResponse(told(asked, cleaned) | {"feed": edits.feed(opened, held, since)})


def _offered(opened: Opened, name: str) -> dict[str, Any]:
    fields = [field_named(opened, name)] if name else _targets(opened)
    transforms = list(TRANSFORMS.values())
    fits = {f.name: [at for at, each in enumerate(transforms) if each.fits(f)] for f in fields}
    return {"transforms": [_described(each) for each in transforms], "fits": fits}


def _targets(opened: Opened) -> list[Field]:
    return [f for f in opened.resource.visible if f.editable and f.name != opened.resource.id_field]


def _described(transform: Transform) -> dict[str, Any]:
    return {
        "name": transform.name,
        "label": transform.label,
        "group": transform.group,
        "help": transform.help,
        "params": [asdict(param) for param in transform.params],
    }


def transformation(posted: dict[str, Any]) -> Transformation:
    """The clean-up asked for; the page's rows are in `scope`, as of all that is done to many rows. Raises BadInput."""
    data, scope = posted.get("operation"), posted.get("scope")
    if not (scope is None or (isinstance(scope, dict) and isinstance(scope.get("rows"), str))):
        raise BadInput("Which rows are meant cannot be read.", asking.RELOAD)
    if scope is not None and isinstance(data, dict):
        data = {**data, "rows": scope["rows"]}
    try:
        return Transformation.from_data(data)
    except Invalid as error:
        raise BadInput(str(error)) from None


def _counted(asked: Transformation, count: Callable[[], dict[str, Any]]) -> JsonResponse:
    """While it is being set, what makes no sense is said at the parameter; it is no failure of the page."""
    try:
        return JsonResponse(count())
    except BadInput as error:
        return JsonResponse({"problem": problem(asked, error)})


def problem(asked: Transformation, error: BadInput) -> dict[str, Any]:
    """What is wrong, with which parameter, and where in it."""
    cause = error.__cause__ if isinstance(error.__cause__, Invalid) else None
    transform = TRANSFORMS.get(asked.name)
    at = getattr(cause, "at", None)
    if at is None and (place := _PLACE.search(error.message)):
        at = int(place[1]) - 1
    param = _at_fault(transform.params, cause, at) if transform and cause else ""
    return {"param": param, "at": at, "message": error.message}


def _at_fault(params: Sequence[Param], cause: Invalid, at: int | None) -> str:
    """The parameter that an error names, or is about by its words: what is typed as a pattern or a formula."""
    if named := getattr(cause, "param", ""):
        return str(named)
    if found := next((p.name for p in params if str(cause).startswith(p.label)), ""):
        return found
    if at is None and "pattern" not in str(cause).lower():
        return ""
    typed = (p.name for p in params if p.kind in ("formula", "regex") or p.name in ("find", "pattern"))
    return next(typed, "")


def told(asked: Transformation, cleaned: Cleaned) -> dict[str, Any]:
    """As the page draws it; `made` when it was kept."""
    tally = cleaned.tally
    return {
        "sentence": _sentence(asked, cleaned),
        "label": cleaned.label,
        "cells": cleaned.cells,
        "changed": tally.changed,
        "already": tally.already,
        "invalid": tally.invalid,
        "skipped": tally.skipped,
        "preview": [asdict(row) for row in cleaned.preview],
    }


def _sentence(asked: Transformation, cleaned: Cleaned) -> str:
    """Of what cannot be sent it is said whether it is written all the same."""
    if cleaned.step is not None and not cleaned.preview:
        return f"{cleaned.label}: kept already."
    words = "would be invalid"
    kept = "would be marked, invalid" if TRANSFORMS[asked.name].keeps_invalid else "left alone as invalid"
    return cleaned.tally.sentence.replace(words, kept)


@require_POST
def found(request: HttpRequest, sheet: int) -> JsonResponse:
    """The matches of a find & replace, with where they match; `ids` names them all."""
    held, opened, posted = asking.asked(request, sheet)
    asked = transformation(posted)
    if posted.get("ids") is True:
        return _counted(asked, lambda: {"ids": matches.every(opened, held, asked)})
    start = asking.number(posted, "start", 0)
    return _counted(asked, lambda: asdict(matches.listed(opened, held, asked, start, PAGE)))


@require_POST
def table(request: HttpRequest, sheet: int) -> JsonResponse:
    """How a table of old and new values meets the values of its fields: used, unused, unmatched."""
    held, opened, posted = asking.asked(request, sheet)
    asked = transformation(posted)
    return _counted(asked, lambda: _met(opened, tables.met(opened, held, asked, str(posted.get("find", "")))))


def _met(opened: Opened, met: Met) -> dict[str, Any]:
    labels: dict[int, str] = {}
    for field in {each.field.name: each.field for each in met.unmatched}.values():
        places = [at for at, each in enumerate(met.unmatched) if each.field.name == field.name]
        shown = labels_of(opened, field, [met.unmatched[at].value for at in places])
        labels.update(zip(places, shown, strict=True))
    unmatched = [
        {"field": each.field.name, "text": text_of(each.field, each.value), "label": labels[at], "rows": each.rows}
        for at, each in enumerate(met.unmatched)
    ]
    return {
        "used": [list(pair) for pair in met.used],
        "unused": list(met.unused),
        "unmatched": unmatched,
        "others": met.others,
        "values": met.values,
        "rows": met.rows,
    }
