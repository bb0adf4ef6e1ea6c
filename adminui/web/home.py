"""Home: the connections with their health, what is pending and what happened; and the page of one connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from adminui.connections import live
from adminui.connections.config import Connection
from adminui.connections.models import Health
from adminui.dialects.base import ResourceName
from adminui.runs.models import Run
from adminui.services import catalog, history, sheets, switch
from adminui.services.reading import progress
from adminui.web import quality
from adminui.web.history import Told, tell
from adminui.worksheets.models import Marks, Worksheet
from adminui.worksheets.readings import UNDER_WAY

LATELY = 8
ON_A_CARD = 3
SHEETS = 8
STALE = timedelta(minutes=15)  # after which the page asks the API again by itself


@dataclass(frozen=True)
class Card:
    """A connection as Home shows it."""

    connection: Connection
    resources: list[ResourceName]
    health: Health | None
    runs: list[Told]
    halted: str = ""

    @property
    def main(self) -> list[ResourceName]:
        return [r for r in self.resources if r.main]

    @property
    def lookups(self) -> list[ResourceName]:
        return [r for r in self.resources if not r.main]

    @property
    def stale(self) -> bool:
        return self.health is None or timezone.now() - self.health.checked_at > STALE


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    connections = catalog.connections_for(request.user)
    if not connections:
        return render(request, "home/first.html", {"configured": bool(live.connections())})
    told = _tell(request, list(history.runs_for(request.user)[:LATELY]))
    context = {"cards": [_card(request, c) for c in connections], "told": told, "sheets": _sheets(request)}
    return render(request, "home/home.html", context | {"boards": quality.of_home(request)})


def _card(request: HttpRequest, connection: Connection, runs: int = ON_A_CARD) -> Card:
    here = list(history.runs_for(request.user).filter(plan__connection=connection.name)[:runs])
    return Card(
        connection,
        catalog.resources_for(request.user, connection),
        Health.objects.filter(pk=connection.name).first(),
        _tell(request, here),
        switch.words(connection).rstrip("."),
    )


def _tell(request: HttpRequest, runs: list[Run]) -> list[Told]:
    return tell(runs, history.schemas(request.user, runs))


def _sheets(request: HttpRequest) -> list[dict[str, object]]:
    """The person's own worksheets and those they share in, the latest first."""
    own = sheets.mine(request.user).select_related("owner").defer("origin", "missing")[:SHEETS]
    found = [*_counted(list(own)), *_counted(sheets.shared_with(request.user)[:SHEETS])]
    connections = {c.name: c for c in catalog.connections_for(request.user)}
    return [
        {
            "sheet": sheet,
            "connection": connections.get(sheet.connection),
            "pending": pending,
            "clashes": clashes,
            "of": "" if sheet.owner_id == request.user.pk else sheet.owner.get_username(),
            "reading": progress(sheet) if sheet.state in UNDER_WAY else None,
        }
        for sheet, pending, clashes in sorted(found, key=lambda each: each[0].changed_at, reverse=True)[:SHEETS]
    ]


def _counted(listed: Sequence[Worksheet]) -> list[tuple[Worksheet, int, int]]:
    """Worksheets with their pending and clashing cells."""
    sums = Marks.objects.filter(worksheet__in=listed).values("worksheet")
    summed = {
        each["worksheet"]: (each["cells"], each["open"])
        for each in sums.annotate(cells=Sum("pending"), open=Sum("clashes"))
    }
    return [(sheet, *summed.get(sheet.pk, (0, 0))) for sheet in listed]


@require_http_methods(["GET", "HEAD", "POST"])
def health(request: HttpRequest, connection: str) -> HttpResponse:
    """The last word of a connection; POST asks the API for a new one."""
    found = catalog.connection_named(request.user, connection)
    if request.method == "POST":
        live.check_health(found)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("connection", connection)
    shown = Card(found, [], Health.objects.filter(pk=found.name).first(), [])
    return render(request, "home/health.html", {"card": shown, "asked": True})


@require_safe
def connection(request: HttpRequest, connection: str) -> HttpResponse:
    found = catalog.connection_named(request.user, connection)
    context = {
        "card": _card(request, found, LATELY),
        "halted": switch.words(found),
        "may_switch": switch.may_switch(request.user, found),
    }
    return render(request, "home/connection.html", context)


@require_POST
def halt(request: HttpRequest, connection: str) -> HttpResponse:
    """Stop all writing to the connection, for everybody."""
    switch.stop(request.user, catalog.connection_named(request.user, connection), request.POST.get("why", ""))
    return redirect("connection", connection)


@require_POST
def allow(request: HttpRequest, connection: str) -> HttpResponse:
    switch.allow(request.user, catalog.connection_named(request.user, connection))
    return redirect("connection", connection)
