"""One record's page: read it, say what saving would send, save it, and say how that ended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from adminui.records.casting import from_json
from adminui.records.changes import Clash
from adminui.records.schema import Kind
from adminui.records.values import Record, RecordId
from adminui.services import records, references
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, NotThere, Stale
from adminui.web import forms, verdicts
from adminui.web.blaming import blames
from adminui.web.errors import wants_json


@require_GET
def record(request: HttpRequest, connection: str, resource: str, record_id: str) -> HttpResponse:
    """The page; for a script that asks for JSON, the record read again with its fields drawn."""
    opened = open_resource(request.user, connection, resource)
    held = records.read(opened, _id(opened, record_id))
    if wants_json(request):
        return JsonResponse({"record": _drawn_record(request, opened, held)})
    return render(request, "records/record.html", _context(opened, held) | {"token": uuid4()})


@require_POST
def preview(request: HttpRequest, connection: str, resource: str, record_id: str) -> HttpResponse:
    """What saving these edits would send. Never writes."""
    opened = open_resource(request.user, connection, resource)
    sent = _sent(request, opened, record_id)
    found = records.preview(opened, sent.baseline, sent.edits, replace=sent.replace)
    panel = verdicts.panel(opened, found) | {"opened": opened}
    return JsonResponse(
        {
            "html": render_to_string("records/record.html#preview", panel, request),
            "changed": list(found.draft.changeset.fields),
            "invalid": dict(found.draft.invalid),
            "button": verdicts.button(opened, found),
            "sendable": verdicts.sendable(found),
            "verb": panel["verb"],
        }
    )


@require_POST
def save(request: HttpRequest, connection: str, resource: str, record_id: str) -> HttpResponse:
    """Save against what the person saw; the answer says how it ended and brings the record as it is now."""
    opened = open_resource(request.user, connection, resource)
    sent = _sent(request, opened, record_id)
    if sent.token is None:
        raise BadInput("This save carries no token, so a second click could write twice.", "Reload the page.")
    saved = records.save(opened, sent.baseline, sent.edits, token=sent.token, replace=sent.replace, note=sent.note)
    if saved.run is not None:
        return _ended(request, opened, saved)
    if saved.clashes and saved.current is not None:
        return _clashed(request, opened, saved, saved.current, sent)
    kind, status = ("invalid", 422) if saved.draft.invalid else ("nothing", 200)
    return JsonResponse({"kind": kind, "invalid": dict(saved.draft.invalid)}, status=status)


def _ended(request: HttpRequest, opened: Opened, saved: records.Saved) -> HttpResponse:
    assert saved.run is not None
    item = saved.run.items.get()
    context = {
        "verdict": verdicts.verdict(opened, saved, item),
        "outcome": item.outcome,
        "changes": verdicts.settled(opened, saved, item),
        "compares": verdicts.compares(saved, item),
        "theirs": verdicts.theirs(opened, saved),
        "run_url": reverse("run", args=[saved.run.pk]),
    }
    return JsonResponse(
        {
            "kind": "ended" if saved.run.over else "on its way",
            "outcome": item.outcome,
            "html": render_to_string("records/record.html#ended", context, request),
            "invalid": {name: " ".join(words) for name, words in item.by_field.items()},
            "left": list(saved.left),
            "record": _drawn_record(request, opened, saved.fresh) if saved.fresh is not None else None,
            **({"token": str(uuid4())} if saved.run.over else {}),
        }
    )


def _clashed(request: HttpRequest, opened: Opened, saved: records.Saved, current: Record, sent: Sent) -> HttpResponse:
    context = {"clashes": len(saved.clashes), "theirs": verdicts.theirs(opened, saved)}
    return JsonResponse(
        {
            "kind": "clash",
            "fields": [clash.field for clash in saved.clashes],
            "left": list(sent.edits),
            "html": render_to_string("records/record.html#clashed", context, request),
            "record": _drawn_record(request, opened, current, saved.clashes),
        },
        status=409,
    )


def _drawn_record(request: HttpRequest, opened: Opened, held: Record, clashes: Iterable[Clash] = ()) -> dict[str, Any]:
    """A record to go on with: the new baseline, and its fields drawn anew."""
    context = _context(opened, held, clashes)
    return {
        "baseline": context["baseline"],
        "title": context["title"],
        "html": render_to_string("records/record.html#fields", context, request),
    }


def _context(opened: Opened, held: Record, clashes: Iterable[Clash] = ()) -> dict[str, Any]:
    listed = list(clashes)
    sides: list[Record] = [{c.field: v} for c in listed for v in (c.before, c.mine) if isinstance(v, int | str)]
    names = references.names(opened, opened.resource.visible, [held, *sides])
    form = forms.build(opened, held, names, listed)
    record_id = opened.whole.id_of(held)
    at = [opened.connection.name, opened.resource.name, record_id]
    return {
        "opened": opened,
        "form": form,
        "blames": blames(opened, held, record_id, names),
        "record_id": record_id,
        "title": opened.resource.title_of(held),
        "baseline": records.seal(opened, held) if form.count else "",
        "urls": {name: reverse(name, args=at) for name in ("record", "preview", "save", "record-history")},
        "compare_url": f"{reverse('compare')}?{urlencode({'a': '/'.join(map(str, at))})}",
        "list_url": reverse("list", args=at[:2]),
        "why_not": "" if form.count else _why_not(opened),
    }


def _why_not(opened: Opened) -> str:
    label = opened.resource.label
    if not opened.resource.can_update:
        return f"{opened.connection.label} does not let {label} be changed through its API."
    if not opened.may("edit"):
        return f"Your role may see {label} of {opened.connection.label}, not change them."
    return f"None of the fields of {label} can be changed here."


@dataclass(frozen=True)
class Sent:
    """What the page posts: the baseline the person saw, and only the fields they touched."""

    baseline: Record
    edits: Mapping[str, object]
    replace: bool
    note: str
    token: UUID | None


def _sent(request: HttpRequest, opened: Opened, record_id: str) -> Sent:
    try:
        body = from_json(request.body)
        edits, sealed, note = body["edits"], body["baseline"], body.get("note", "")
        token = UUID(body["token"]) if "token" in body else None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput("This page sent something that cannot be read.", "Reload the page; nothing was sent.") from error
    if not _is_edits(edits) or not isinstance(sealed, str) or not isinstance(note, str):
        raise BadInput("This page sent something that cannot be read.", "Reload the page; nothing was sent.")
    baseline = records.unseal(opened, sealed)
    if str(opened.whole.id_of(baseline)) != record_id:
        raise Stale("This page belongs to another record.", "Reload the page; nothing was sent.")
    return Sent(baseline, edits, body.get("replace") is True, note.strip()[:1000], token)


def _is_edits(edits: object) -> bool:
    return isinstance(edits, dict) and all(isinstance(v, str) or v is None for v in edits.values())


def _id(opened: Opened, text: str) -> RecordId:
    """The record's id as the API types it."""
    if opened.whole.by_name[opened.whole.id_field].kind is not Kind.INTEGER:
        return text
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise NotThere(f"“{text[:40]}” is not an id of {opened.resource.label}.", "Ids are whole numbers.")
    return int(text)
