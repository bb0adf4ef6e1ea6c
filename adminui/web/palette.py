"""What the find-anything palette offers beyond the page it is opened on."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from adminui.services import catalog, history, sheets
from adminui.services.bench import cookbook
from adminui.web.frame import worksheet_url
from adminui.web.values import record_url

MOST = 20


@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """Entries for what was typed, as [{label, hint, url}]: resources, a record by its id, worksheets, runs."""
    words = request.GET.get("q", "")[:200].strip().lower()
    return JsonResponse(_entries(request, words)[:MOST], safe=False)


def _entries(request: HttpRequest, words: str) -> list[dict[str, str]]:
    if words.startswith("compare"):
        return _to_compare(request, words.removeprefix("compare").split())
    found: list[dict[str, str]] = []
    for connection in catalog.connections_for(request.user):
        for resource in catalog.resources_for(request.user, connection):
            place = f"{connection.label} {resource.label}"
            if all(word in place.lower() for word in words.split() if not word.isdecimal()):
                found += _resource_entries(connection.name, resource.name, resource.label, connection.label, words)
    reach = [*sheets.mine(request.user).only("title"), *sheets.shared_with(request.user)]
    found += [_entry(s.title, "Worksheet", worksheet_url(s)) for s in reach if words in s.title.lower()]
    if words:
        kept = [recipe for recipe in cookbook.all_of(request.user) if words in recipe.name.lower()]
        found += [_entry(r.name, f"Recipe for {r.resource}", reverse("recipe", args=[r.pk])) for r in kept]
    if words.isdecimal():
        runs = history.runs_for(request.user).filter(pk=int(words))
        found += [_entry(f"Run {r.pk}", r.plan.resource_label, reverse("run", args=[r.pk])) for r in runs]
    return found


def _to_compare(request: HttpRequest, words: list[str]) -> list[dict[str, str]]:
    """“compare 12”, “compare companies 12”: the record to begin with."""
    ids, others = [w for w in words if w.isdecimal()], [w for w in words if not w.isdecimal()]
    places = [(c, r) for c in catalog.connections_for(request.user) for r in catalog.resources_for(request.user, c)]
    fits = [(c, r) for c, r in places if all(word in f"{c.label} {r.label}".lower() for word in others)]
    return [
        _entry(f"Compare {r.label} {i}", c.label, f"{reverse('compare')}?{urlencode({'a': f'{c.name}/{r.name}/{i}'})}")
        for c, r in fits
        for i in ids[:1]
    ]


def _resource_entries(connection: str, resource: str, label: str, hint: str, words: str) -> list[dict[str, str]]:
    ids = [word for word in words.split() if word.isdecimal()]
    if ids:
        return [_entry(f"{label} {i}", hint, record_url(connection, resource, i)) for i in ids]
    return [_entry(label, hint, reverse("list", args=[connection, resource]))]


def _entry(label: str, hint: str, url: str) -> dict[str, str]:
    return {"label": label, "hint": hint, "url": url}
