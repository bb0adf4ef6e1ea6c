"""Comparing: two records side by side, or a worksheet with the same records elsewhere; and copying fields across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from adminui.connections.config import Connection
from adminui.planning.explain import counted
from adminui.services import browse, catalog
from adminui.services.bench import comparing
from adminui.services.bench.comparing import Pair, Side, Way
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput
from adminui.web.values import Shown, show


@dataclass(frozen=True)
class Row:
    """One field as the page shows it. `chosen`: whether it is ticked to be copied to the second record."""

    pair: Pair
    left: Shown
    right: Shown
    chosen: bool

    @property
    def value(self) -> str:
        return f"{self.pair.name}:{self.pair.digest}"

    @property
    def cautions(self) -> list[tuple[str, str]]:
        """What to think of, with the arrow it is about; said once where it is the same both ways."""
        told = [(self.pair.to_b.caution, "right"), (self.pair.to_a.caution, "left")]
        return [(words, arrow) for words, arrow in told if words][:1]

    @property
    def blocked(self) -> str:
        """Why it can be copied neither way."""
        ways = (self.pair.to_b, self.pair.to_a)
        return "" if any(way.open for way in ways) else _why(ways)


def _why(ways: Sequence[Way]) -> str:
    return ways[0].blocked if ways[0].blocked == ways[1].blocked else f"{ways[0].blocked} {ways[1].blocked}"


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """`a` and `b` as connection/resource/id; without `b` a choice of what to compare with."""
    a = _place(request.GET.get("a", ""))
    if "to" in request.GET:
        to, resource, other = request.GET["to"], a[1], request.GET.get("id", "").strip()
        return redirect(f"{reverse('compare')}?{urlencode({'a': '/'.join(a), 'b': f'{to}/{resource}/{other}'})}")
    left = _side(request, a)
    _at(request, left.opened)
    if not request.GET.get("b"):
        return render(request, "compare/choose.html", _choosing(request, left))
    right = _side(request, _place(request.GET["b"]))
    _alike(left.opened, right.opened)
    return render(request, "compare/records.html", _context(request, left, right))


def _place(text: str) -> tuple[str, str, str]:
    parts = text.split("/")
    if len(parts) < 3 or not all(parts):
        raise BadInput("Which record is meant cannot be read.", "Open the record and choose “Compare…” there.")
    return parts[0], "/".join(parts[1:-1]), parts[-1]


def _side(request: HttpRequest, place: tuple[str, str, str]) -> Side:
    opened = open_resource(request.user, place[0], place[1])
    ids = browse.ids_in(opened, place[2])
    if len(ids) != 1:
        raise BadInput("Write the id of one record.", "Go back and look at it again.")
    return comparing.side(opened, ids[0])


def _at(request: HttpRequest, opened: Opened) -> None:
    vars(request)["opened_at"] = {"connection": opened.connection.name, "resource": opened.resource.name}


def _alike(a: Opened, b: Opened) -> None:
    if a.resource.name != b.resource.name:
        raise BadInput(f"{a.resource.label} and {b.resource.label} have other fields: compare records of one kind.")


def _address(side: Side) -> str:
    return f"{side.opened.connection.name}/{side.opened.resource.name}/{side.id}"


def _choosing(request: HttpRequest, side: Side) -> dict[str, Any]:
    return {"side": side, "a": _address(side), "places": places(request, side.opened), **_record_url("url", side)}


def places(request: HttpRequest, opened: Opened) -> list[Connection]:
    """The connections that have the same kind of records for this person, others before this one."""
    found = [c for c in catalog.connections_for(request.user) if c.dialect == opened.connection.dialect]
    has = [c for c in found if any(r.name == opened.resource.name for r in catalog.resources_for(request.user, c))]
    return sorted(has, key=lambda c: (c.name == opened.connection.name, c.label))


def _record_url(name: str, side: Side) -> dict[str, str]:
    opened = side.opened
    return {name: reverse("record", args=[opened.connection.name, opened.resource.name, str(side.id)])}


def _context(request: HttpRequest, a: Side, b: Side) -> dict[str, Any]:
    pairs = comparing.compare(a, b)
    strangers = comparing.strangers(a, b)
    may = not (comparing.may_copy(b) or strangers)
    rows = [_row(a, b, pair, chosen=may) for pair in pairs]
    return {
        "a": a,
        "b": b,
        "addresses": {"a": _address(a), "b": _address(b)},
        "swap": f"{reverse('compare')}?{urlencode({'a': _address(b), 'b': _address(a)})}",
        "differing": sorted((row for row in rows if not row.pair.alike), key=lambda row: bool(row.blocked)),
        "same": [row for row in rows if row.pair.alike],
        "why_not": {"a": comparing.may_copy(a), "b": comparing.may_copy(b)},
        "token": str(uuid4()),
        "strangers": strangers,
        "places": places(request, a.opened),
        "across": a.opened.connection.name != b.opened.connection.name,
        **_record_url("a_url", a),
        **_record_url("b_url", b),
    }


def _row(a: Side, b: Side, pair: Pair, *, chosen: bool) -> Row:
    return Row(
        pair,
        show(a.opened, pair.a, pair.left, a.names) if pair.a else Shown("missing"),
        show(b.opened, pair.b, pair.right, b.names) if pair.b else Shown("missing"),
        chosen and not pair.alike and pair.to_b.safe,
    )


@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """Copy the chosen fields of `from` into a worksheet over `onto`, as pending edits, and go there."""
    source, target = (_side(request, _place(request.POST.get(name, ""))) for name in ("from", "onto"))
    _alike(source.opened, target.opened)
    sheet, step = comparing.copy(token_of(request), source, target, chosen_of(request))
    say(request, step.cells, target.opened)
    return redirect("worksheet", sheet.pk)


def chosen_of(request: HttpRequest) -> dict[str, str]:
    """The fields that are ticked, each with the digest of what was shown."""
    pairs = (value.rpartition(":") for value in request.POST.getlist("field"))
    return {name: seen for name, _, seen in pairs}


def token_of(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        raise BadInput("This page sent something that cannot be read.", "Reload it; nothing was copied.") from None


def say(request: HttpRequest, cells: int, opened: Opened) -> None:
    words = f"{counted(cells, 'field')} copied as pending edits for {opened.connection.label}."
    messages.success(request, f"{words} Nothing is sent yet: plan it when you have looked at it.")
