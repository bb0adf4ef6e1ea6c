"""What an open worksheet asks and tells: columns as they are kept, marks, steps, names, and how it stands. JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from adminui.records.schema import Field
from adminui.services import edits, references, sheets
from adminui.services import standing as standings
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, Refused
from adminui.services.scope import rows_in
from adminui.services.sheet_rights import require_edit
from adminui.web.templatetags.shown import since as ago
from adminui.web.values import show
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet

MOST_NAMES: Final = 500
MOST_STEPS: Final = 200  # in one request
RELOAD: Final = "Reload the page; what was saved is kept."


def found(request: HttpRequest, sheet: int) -> tuple[Worksheet, Opened]:
    """The worksheet, opened by this person. Raises NotThere."""
    held, opened = sheets.find(request.user, sheet)
    vars(request)["opened_at"] = {"connection": held.connection, "resource": held.resource}
    return held, opened


def posted(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the request. Raises BadInput."""
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise BadInput("The page sent something that cannot be read.", RELOAD)
    return document


@require_GET
def data(request: HttpRequest, sheet: int) -> HttpResponseBase:
    """Parts of columns, framed: for each part, for each field, its length in four bytes and its gzipped JSON."""
    held, opened = found(request, sheet)
    fields = [_visible(opened, name).name for name in request.GET.get("fields", "").split(",")]
    parts = [_number(text) for text in request.GET.get("parts", "").split(",")]
    if len({*fields}) < len(fields) or len({*parts}) < len(parts):
        raise BadInput("A page asks for each part of a column once.", RELOAD)
    if any(part not in store.parts_of(held) for part in parts):
        raise BadInput("This worksheet has no such part.", RELOAD)
    tag = _tag(held, fields, parts)
    response: HttpResponseBase = get_conditional_response(request, etag=tag) or StreamingHttpResponse(
        _framed(held, fields, parts), content_type="application/octet-stream"
    )
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _tag(sheet: Worksheet, fields: Sequence[str], parts: Sequence[int]) -> str:
    """Columns only ever change together with the baseline's number, or while rows are still being added."""
    named = [sheet.pk, sheet.baseline, sheet.rows, sheet.state, str(sheet.read_at), list(fields), list(parts)]
    return f'"{hashlib.sha256(json.dumps(named).encode()).hexdigest()[:32]}"'


def _framed(sheet: Worksheet, fields: Sequence[str], parts: Sequence[int]) -> Iterator[bytes]:
    """Part by part: a million rows are never in memory together."""
    for part in parts:
        chunks = store.raw_chunks(sheet, fields, [part])
        for name in fields:
            chunk = chunks.get((name, part), b"")
            yield len(chunk).to_bytes(4, "big") + chunk


def _visible(opened: Opened, name: str) -> Field:
    field = opened.resource.by_name.get(name)
    if field is None or field.hidden:
        raise BadInput(f"{opened.resource.label} have no field “{name[:80]}”.", RELOAD)
    return field


def _number(value: object) -> int:
    """A whole number as an address or a page writes it. Raises BadInput."""
    text = str(value)
    if isinstance(value, bool) or not _is_whole(text):
        raise BadInput("The page sent something that is no number.", RELOAD)
    return int(text)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


@require_GET
def marks(request: HttpRequest, sheet: int) -> HttpResponse:
    held, opened = found(request, sheet)
    return _json(edits.marks_document(opened, held))


@require_http_methods(["GET", "POST"])
def steps(request: HttpRequest, sheet: int) -> HttpResponse:
    """What happened since a step; a POST takes the page's own steps first, each for itself."""
    held, opened = found(request, sheet)
    if request.method == "GET":
        at = _at(request.GET.get("row"), request.GET.get("field"))
        return _json(edits.feed(opened, held, _number(request.GET.get("since", "")), at=at))
    asked = posted(request)
    since, sent = _number(asked.get("since")), asked.get("steps")
    if not isinstance(sent, list) or len(sent) > MOST_STEPS or not all(isinstance(step, dict) for step in sent):
        raise BadInput("The page sent something that cannot be read.", RELOAD)
    if sent:
        require_edit(opened, held)
    refused = [told for step in sent if (told := _take(opened, held, step)) is not None]
    feed = edits.feed(opened, held, since, at=_at(asked.get("row"), asked.get("field")))
    return _json(feed | {"refused": refused})


def _at(row: object, field: object) -> tuple[int | None, str]:
    return (None if row in (None, "") else _number(row)), str(field or "")


def _take(opened: Opened, sheet: Worksheet, step: Mapping[str, Any]) -> dict[str, str] | None:
    """Take one step; when it is refused, its token and the words."""
    try:
        token, kind = _token(step.get("token")), str(step.get("kind", ""))
        if kind in ("undo", "redo"):
            (edits.undo if kind == "undo" else edits.redo)(opened, sheet, token)
        else:
            edits.take(opened, sheet, token, kind, str(step.get("label", "")), _raws(step.get("cells")))
    except Refused as error:
        words = f"{error.message} {error.advice}".strip()
        return {"token": str(step.get("token", "")), "words": words}
    return None


def _token(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise BadInput("The page sent a step without a token.", RELOAD) from None


def _raws(cells: object) -> dict[str, tuple[list[int], list[edits.Edit]]]:
    """Field → rows and what is typed into them; what is in the lists is looked at where it is taken."""
    if not isinstance(cells, dict) or not all(isinstance(held, dict) for held in cells.values()):
        raise BadInput("The page sent a step that cannot be read.", RELOAD)
    found = {str(name): (held.get("rows"), held.get("after")) for name, held in cells.items()}
    if not all(isinstance(rows, list) and isinstance(after, list) for rows, after in found.values()):
        raise BadInput("The page sent a step that cannot be read.", RELOAD)
    return found


@require_GET
def history(request: HttpRequest, sheet: int) -> HttpResponse:
    held, opened = found(request, sheet)
    return _json(edits.history(opened, held))


@require_GET
def standing(request: HttpRequest, sheet: int) -> HttpResponse:
    held, opened = found(request, sheet)
    return _json({**standings.standing(opened, held)})


@require_POST
def names(request: HttpRequest, sheet: int) -> HttpResponse:
    """What the records are called that a reference field's ids stand for."""
    _, opened = found(request, sheet)
    asked = posted(request)
    field, ids = _visible(opened, str(asked.get("field", ""))), asked.get("ids")
    if not isinstance(ids, list) or len(ids) > MOST_NAMES:
        raise BadInput(f"Names are told for at most {MOST_NAMES} ids at once.", RELOAD)
    # What was typed may be no id at all.
    known = [{field.name: int(text)} for text in map(str, ids) if _is_whole(text)]
    called = references.names(opened, [field], known)
    return _json({"names": {str(record_id): name for (_, record_id), name in called.items()}})


@require_GET
def last(request: HttpRequest, sheet: int) -> HttpResponse:
    """Who set a cell last from here, in words, and the address of the run."""
    held, opened = found(request, sheet)
    change = edits.last_change(opened, held, _number(request.GET.get("row", "")), request.GET.get("field", ""))
    if change is None:
        return _json({"words": "", "url": ""})
    value = str(show(opened, change.field, change.value))
    value = value if change.value in (None, "") else f"“{value}”"
    when = f", {ago(timezone.now() - change.at, change.at)}" if change.at else ""
    words = f"Set to {value} by {change.by} in run {change.run}{when}"
    return _json({"words": words, "url": reverse("run", args=[change.run])})


@require_POST
def resolve(request: HttpRequest, sheet: int) -> HttpResponse:
    """Say whose value stands in clashing cells of a scope."""
    held, opened = found(request, sheet)
    asked = posted(request)
    side, fields = asked.get("side"), asked.get("fields")
    if side not in ("mine", "theirs"):
        raise BadInput("A conflict is settled with mine or theirs.", RELOAD)
    if fields is not None and not (isinstance(fields, list) and all(isinstance(name, str) for name in fields)):
        raise BadInput("The page sent something that cannot be read.", RELOAD)
    since = _number(asked.get("since"))
    edits.resolve(opened, held, rows_in(held, asked.get("scope")), fields, side)
    return _json(edits.feed(opened, held, since))


def _json(document: Mapping[str, Any]) -> HttpResponse:
    """Compact, as a page of marks is large."""
    return JsonResponse(document, json_dumps_params={"separators": (",", ":")})
