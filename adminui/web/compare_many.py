"""Comparing the records of a worksheet with the same ones in another worksheet or connection, and copying fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from adminui.records.schema import Field
from adminui.services import references, sheets
from adminui.services.bench import comparing_many
from adminui.services.bench.comparing_many import Compared, Differing, Elsewhere
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, Refused
from adminui.services.scope import ranges_of
from adminui.web import asking
from adminui.web.compare import chosen_of, places, say, token_of
from adminui.web.values import Shown, show
from adminui.worksheets.models import Worksheet

LISTED = 40  # worksheets to choose from


@dataclass(frozen=True)
class Line:
    """One differing field as the page shows it. `rows`: those it can be copied in, as ranges."""

    found: Differing
    examples: tuple[tuple[str, Shown, Shown], ...]
    sure: bool  # that the matched records are the same ones

    @property
    def value(self) -> str:
        return f"{self.found.field.name}:{self.found.digest}"

    @property
    def rows(self) -> str:
        return ranges_of(self.found.cells)

    @property
    def chosen(self) -> bool:
        return self.sure and bool(self.found.cells) and not self.found.caution


@require_http_methods(["GET", "HEAD", "POST"])
def many(request: HttpRequest, sheet: int) -> HttpResponse:
    """Choose what to compare with, see what differs; a POST copies the chosen fields as one step and goes back."""
    held, opened = asking.found(request, sheet)
    if request.method == "POST":
        other = _elsewhere(request, held, opened, request.POST.get("with", ""))
        key = request.POST.get("key", "")
        step = comparing_many.copy(opened, held, other, key, chosen_of(request), token_of(request))
        say(request, step.cells, opened)
        return redirect("worksheet", held.pk)
    context = _choosing(request, held, opened)
    if request.GET.get("with"):
        context |= _compared(request, held, opened)
    return render(request, "compare/many.html", context)


def _choosing(request: HttpRequest, sheet: Worksheet, opened: Opened) -> dict[str, Any]:
    connections = [c for c in places(request, opened) if c.name != opened.connection.name]
    return {
        "sheet": sheet,
        "opened": opened,
        "here": opened.connection,
        "connections": [*connections, opened.connection],
        "worksheets": _worksheets(opened, sheet),
        "with": request.GET.get("with", ""),
        "editable": sheets.may_edit(opened, sheet),
    }


def _worksheets(opened: Opened, sheet: Worksheet) -> list[Worksheet]:
    """Others of the same kind of records that the person may open."""
    reach = sheets.within_reach(opened.user).filter(resource=sheet.resource, state=Worksheet.State.READY)
    mine = reach.filter(owner_id=opened.user_id) | reach.filter(present__user_id=opened.user_id)
    return list(mine.exclude(pk=sheet.pk).distinct().defer("origin", "missing").order_by("-changed_at")[:LISTED])


def _compared(request: HttpRequest, sheet: Worksheet, opened: Opened) -> dict[str, Any]:
    other = _elsewhere(request, sheet, opened, request.GET["with"])
    keys = comparing_many.keys_for(opened, other.opened)
    key = request.GET.get("key") or (keys[0].name if keys else "")
    told: dict[str, Any] = {"other": other, "keys": keys, "key": key, "token": str(uuid4())}
    try:
        found = comparing_many.compare(opened, sheet, other, key)
    except Refused as error:
        return told | {"refused": error}
    return told | {"found": found, "lines": _lines(opened, other.opened, found)}


def _elsewhere(request: HttpRequest, sheet: Worksheet, opened: Opened, text: str) -> Elsewhere:
    kind, _, name = text.partition(":")
    if kind == "worksheet" and name.isdecimal() and int(name) != sheet.pk:
        other, theirs = sheets.find(request.user, int(name))
        if theirs.resource.name != opened.resource.name or other.state != Worksheet.State.READY:
            raise BadInput("This worksheet holds other records, or is still being read.", "Choose another one.")
        return Elsewhere(theirs, other)
    if kind != "connection":
        raise BadInput("Say what to compare with.", "Choose a connection or a worksheet.")
    return Elsewhere(open_resource(request.user, name, opened.resource.name))


def _lines(opened: Opened, theirs: Opened, found: Compared) -> list[Line]:
    return [Line(each, _examples(opened, theirs, each), not found.strangers) for each in found.fields]


def _examples(opened: Opened, theirs: Opened, found: Differing) -> tuple[tuple[str, Shown, Shown], ...]:
    drawn = (
        (each.key, _shown(opened, found.field, each.here), _shown(theirs, found.there, each.there))
        for each in found.examples
    )
    return tuple(drawn)


def _shown(opened: Opened, field: Field, value: Any) -> Shown:
    names = references.names(opened, [field], [{field.name: value}]) if field.reference else {}
    return show(opened, field, value, names)
