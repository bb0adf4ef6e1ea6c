"""Facets and the profile of a column, as the worksheet page asks for them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from adminui.records.casting import to_text
from adminui.records.schema import Field, Kind
from adminui.records.values import MaybeValue
from adminui.services.bench import profile as profiling
from adminui.services.bench.facets import Bins, look
from adminui.services.bench.facetvalues import Valued, Values
from adminui.services.bench.profile import Profile
from adminui.services.bench.where import MOST_FACETS
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.scope import rows_in
from adminui.services.statistics import field_named
from adminui.web import asking
from adminui.web.sheet_changes import labels_of, text_of

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "blank": {
        "null": "null",
        "missing": "not set",
        "empty": "empty text",
        "spaces": "nothing but spaces",
        "filled": "filled",
    },
    "duplicate": {"unique": "stands once", "duplicate": "stands several times"},
    "state": {
        "changed": "changed",
        "unchanged": "not changed",
        "invalid": "invalid",
        "failed": "failed in the last run",
        "clash": "conflict",
        "moved": "changed there since",
    },
}


@require_POST
def facets(request: HttpRequest, sheet: int) -> JsonResponse:
    """Counts of facets, each obeying all others, and a bit per row that all let through."""
    held, opened, posted = asking.asked(request, sheet)
    asked = _facets(posted.get("facets"))
    looked = look(opened, held, rows_in(held, posted.get("scope")), asked)
    told = [_told(opened, facet, found) for facet, found in zip(asked, looked.facets, strict=True)]
    rows = None if looked.rows is None else b64encode(looked.rows).decode("ascii")
    return JsonResponse({"rows": rows, "count": looked.count, "total": looked.total, "facets": told})


def _facets(posted: object) -> list[dict[str, Any]]:
    listed = posted if isinstance(posted, list) else []
    if len(listed) > MOST_FACETS or not all(isinstance(each, dict) for each in listed):
        raise BadInput("The facets cannot be read.", asking.RELOAD)
    return listed


def _told(opened: Opened, facet: dict[str, Any], found: Values | Bins | None) -> dict[str, Any]:
    if found is None:
        return {}
    if isinstance(found, Bins):
        return asdict(found)
    counts = {"distinct": found.distinct, "found": found.found, "start": found.start}
    return counts | {"values": _values(opened, facet, found.values)}


def _values(opened: Opened, facet: dict[str, Any], values: tuple[Valued, ...]) -> list[dict[str, Any]]:
    if facet["facet"] != "text":
        labels = _LABELS.get(facet["facet"], {})
        return [asdict(each) | {"text": each.key, "label": labels.get(each.key, each.key)} for each in values]
    field = field_named(opened, str(facet["field"]))
    shown = labels_of(opened, field, [each.value for each in values])
    return [_value(field, each, label) for each, label in zip(values, shown, strict=True)]


def _value(field: Field, each: Valued, label: str) -> dict[str, Any]:
    """`text` is what an editor holds, null where there is none."""
    told = {"key": each.key, "count": each.count, "chosen": each.chosen, "label": label}
    text = text_of(field, each.value)
    return told | {"text": text, "plain": text == label, "missing": text is None and each.value is not None}


@require_POST
def profile(request: HttpRequest, sheet: int) -> JsonResponse:
    """What a column holds, and what looks wrong with it."""
    held, opened, posted = asking.asked(request, sheet)
    field = field_named(opened, str(posted.get("field", "")))
    rows = rows_in(held, posted.get("scope"))
    return JsonResponse(_profile(opened, field, profiling.profile(opened, held, rows, field.name)))


def _profile(opened: Opened, field: Field, found: Profile) -> dict[str, Any]:
    labels = labels_of(opened, field, [value for value, _ in found.top])
    ends = [None if end is None else _end(opened, field, end) for end in (found.least, found.most)]
    told = asdict(found) | {"least": ends[0], "most": ends[1]}
    told["top"] = [{"label": label, "count": rows} for label, (_, rows) in zip(labels, found.top, strict=True)]
    told["odd"] = [asdict(each) for each in found.odd]
    return told | {"label": field.label, "kind": field.kind.value}


def _end(opened: Opened, field: Field, value: MaybeValue) -> str:
    if field.kind in (Kind.DATE, Kind.DATETIME):
        return labels_of(opened, field, [value])[0]
    return to_text(field, value)
