"""What surrounds every page: where we are, what else there is, who is here. A context processor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from adminui.connections.config import Connection
from adminui.services import catalog, queue, sheets, switch
from adminui.services import views as saved_views
from adminui.services.queue import Standing
from adminui.staff.access import role_of
from adminui.worksheets.models import Worksheet


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame` for base.html; nothing while nobody is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"frame": None}
    return {"frame": _Frame(request)}


class _Frame:
    """Worked out only when a page asks for it, so that fragments cost nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = request.user
        match = request.resolver_match
        here = getattr(request, "opened_at", None) or (match.kwargs if match else {})
        self.connection_name = here.get("connection")
        self.resource_name = here.get("resource")

    @cached_property
    def connections(self) -> list[dict[str, Any]]:
        return [self._connection(c) for c in catalog.connections_for(self.user)]

    @cached_property
    def connection(self) -> dict[str, Any] | None:
        """Where we are, and that nothing is written there at the moment."""
        here = next((c for c in catalog.connections_for(self.user) if c.name == self.connection_name), None)
        return None if here is None else {**self._connection(here), "halted": switch.words(here).rstrip(".")}

    def _connection(self, connection: Connection) -> dict[str, Any]:
        return {
            "name": connection.name,
            "label": connection.label,
            "environment": connection.environment,
            "url": reverse("connection", args=[connection.name]),
        }

    @cached_property
    def resources(self) -> list[dict[str, Any]]:
        here = next((c for c in catalog.connections_for(self.user) if c.name == self.connection_name), None)
        if here is None:
            return []
        listed = catalog.resources_for(self.user, here)
        return [
            {
                "name": r.name,
                "label": r.label,
                "url": reverse("list", args=[here.name, r.name]),
                "current": r.name == self.resource_name,
                "main": r.main,
                "monogram": letters,
            }
            for r, letters in zip(listed, monograms([r.label for r in listed]), strict=True)
        ]

    @cached_property
    def lookups(self) -> int:
        """How many resources are only looked up in: too many for a menu."""
        return sum(not r["main"] for r in self.resources)

    @cached_property
    def resource(self) -> dict[str, Any] | None:
        return next((r for r in self.resources if r["current"]), None)

    @cached_property
    def views(self) -> list[dict[str, str]]:
        """Of a resource the person may see: this is drawn around refusals too."""
        if self.connection is None or self.resource is None:
            return []
        found = saved_views.saved_at(self.user, self.connection["name"], self.resource["name"])
        return [{"label": v.name, "url": f"{self.resource['url']}?{v.query_string}"} for v in found]

    @cached_property
    def worksheets(self) -> list[dict[str, str]]:
        return [{"label": w.title, "url": worksheet_url(w)} for w in sheets.mine(self.user).only("title")[:5]]

    @cached_property
    def runs(self) -> dict[str, object]:
        """The person's own runs: those under way, and those that ended or wait without their having looked."""
        return standing_in_words(queue.standing(int(getattr(self.user, "pk", None) or 0)))

    @cached_property
    def user_name(self) -> str:
        return self.user.get_username()

    @cached_property
    def role(self) -> str:
        return role_of(self.user)

    @cached_property
    def links(self) -> dict[str, str | None]:
        staff = getattr(self.user, "is_staff", False)
        return {
            "home": reverse("home"),
            "history": reverse("history"),
            "queue": reverse("queue"),
            "recipes": reverse("recipes"),
            "sign_out": reverse("sign-out"),
            "staff": reverse("admin:index") if staff else None,
        }


def standing_in_words(standing: Standing) -> dict[str, object]:
    """`2 runs · 1 waits for you · 1 ended`, and what matters most of it."""
    parts = (
        (standing.active, "run" if standing.active == 1 else "runs"),
        (standing.paused, "waits for you" if standing.paused == 1 else "wait for you"),
        (standing.ended, "ended"),
    )
    return {
        "active": standing.active,
        "count": standing.any,
        "news": standing.paused + standing.ended,
        "label": " · ".join(f"{number} {words}" for number, words in parts if number),
        "mark": "paused" if standing.paused else "active" if standing.active else "ended",
    }


def monograms(labels: Sequence[str]) -> list[str]:
    """Two letters for each label, to tell them apart in a folded sidebar: initials, else the first not taken."""
    given: list[str] = []
    for label in labels:
        first, *others = label.split()
        wanted = [first[0] + word[0].upper() for word in others] + [first[0] + letter for letter in first[1:]]
        given.append(next((two for two in wanted if two not in given), label[:2]))
    return given


def worksheet_url(sheet: Worksheet) -> str:
    return reverse("worksheet", args=[sheet.pk])
