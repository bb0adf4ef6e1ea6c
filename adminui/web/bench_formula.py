"""A formula while it is typed: what could come next, what is wrong with it and where. All places are characters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from adminui.records.cleaning.formula import language
from adminui.records.cleaning.formula.completing import Completion, completions, signature
from adminui.records.schema import Field, Resource
from adminui.services.errors import BadInput
from adminui.services.statistics import field_named
from adminui.web.sheet_data import RELOAD, found, posted


@require_POST
def formula(request: HttpRequest, sheet: int) -> JsonResponse:
    """Nothing is kept, and no record is read."""
    _, opened = found(request, sheet)
    asked = posted(request)
    text, at = asked.get("formula"), asked.get("at", 0)
    if not isinstance(text, str) or type(at) is not int:
        raise BadInput("The page sent something that cannot be read.", RELOAD)
    field = field_named(opened, str(asked["field"])) if asked.get("field") else None
    told = signature(text, at)
    return JsonResponse(
        {
            "completions": [_told(each) for each in completions(text, at, opened.resource)],
            "signature": asdict(told) if told else None,
            **_checked(text, opened.resource, field),
        }
    )


def _checked(text: str, resource: Resource, field: Field | None) -> dict[str, Any]:
    try:
        language.check(text, resource, field)
        reads = [each.name for each in language.fields_of(text, resource)]
    except language.FormulaError as error:
        return {"problem": {"message": str(error), "at": error.at, "length": error.length}, "reads": []}
    return {"problem": None, "reads": reads}


def _told(completion: Completion) -> dict[str, Any]:
    told = asdict(completion)
    return told | {"from": told.pop("start"), "to": told.pop("end")}
