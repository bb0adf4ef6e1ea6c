"""Near-duplicates and names of a worksheet, as its page asks for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods

from adminui.records.cleaning.clusters import METHODS, Cluster, Method
from adminui.records.schema import TEXTUAL, Kind
from adminui.services.bench import clusters, resolving
from adminui.services.bench.clusters import Asked
from adminui.services.bench.namesakes import Name
from adminui.services.bench.resolving import Names
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.web import asking

MOST_TEXTS = 5_000


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest, sheet: int) -> JsonResponse:
    """GET: the methods there are, and the columns of text. POST: the groups of a column."""
    if request.method != "POST":
        _, opened = asking.found(request, sheet)
        texts = [f.name for f in opened.resource.visible if f.kind in TEXTUAL and f.editable]
        return JsonResponse({"methods": [_described(method) for method in METHODS.values()], "fields": texts})
    held, opened, posted = asking.asked(request, sheet)
    found = clusters.groups(opened, held, _asked(posted))
    counts = {"all": found.all, "found": found.found, "distinct": found.distinct, "rows": found.rows}
    return JsonResponse(counts | {"whole": found.whole, "groups": [_group(each) for each in found.page]})


def _described(method: Method) -> dict[str, Any]:
    params = [asdict(param) | {"limits": (method.limits or {}).get(param.name)} for param in method.params]
    return {"name": method.name, "label": method.label, "help": method.help, "params": params}


def _asked(posted: dict[str, Any]) -> Asked:
    params = posted.get("params") or {}
    if not isinstance(params, dict):
        raise BadInput("The parameters cannot be read.", asking.RELOAD)
    return Asked(
        str(posted.get("field", "")),
        str(posted.get("method", "")),
        params,
        posted.get("scope"),
        _where(posted),
        str(posted.get("search") or ""),
        asking.number(posted, "from", 0),
        asking.number(posted, "size", clusters.PAGE),
    )


def _where(posted: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    facets = posted.get("where") or []
    if not isinstance(facets, list) or not all(isinstance(each, dict) for each in facets):
        raise BadInput("The facets cannot be read.", asking.RELOAD)
    return tuple(facets)


def _group(cluster: Cluster) -> dict[str, Any]:
    """Short, as there are thousands: each value with its rows."""
    return {"key": cluster.key, "survivor": cluster.survivor, "values": [[v.text, v.count] for v in cluster.values]}


@require_http_methods(["GET", "HEAD", "POST"])
def names(request: HttpRequest, sheet: int) -> JsonResponse:
    """GET: what can be resolved into what. POST: names with what they may mean, or ids with what they are called."""
    if request.method != "POST":
        _, opened = asking.found(request, sheet)
        return JsonResponse(_offered(opened))
    held, opened, posted = asking.asked(request, sheet)
    asked = Names(str(posted.get("source") or ""), _texts(posted), posted.get("scope"), _where(posted))
    if posted.get("back") is True:
        return JsonResponse({"names": [asdict(each) for each in resolving.titles(opened, held, asked)]})
    return JsonResponse(_resolved(resolving.resolve(opened, held, asked, str(posted.get("target", "")))))


def _offered(opened: Opened) -> dict[str, Any]:
    texts = [f for f in opened.resource.visible if f.kind in TEXTUAL]
    references = [f for f in opened.resource.visible if f.kind is Kind.REFERENCE and f.reference]
    return {
        "texts": [f.name for f in texts],
        "targets": [{"name": f.name, "reference": f.reference} for f in resolving.targets(opened)],
        "references": [{"name": f.name, "reference": f.reference} for f in references],
        "writable": [f.name for f in texts if f.editable],
    }


def _texts(posted: dict[str, Any]) -> list[str]:
    texts = posted.get("texts") or []
    if not isinstance(texts, list) or len(texts) > MOST_TEXTS or not all(isinstance(each, str) for each in texts):
        raise BadInput(f"A list of names has {MOST_TEXTS:,} lines at most.", "Paste a part of it.")
    return texts


def _resolved(found: resolving.Resolution) -> dict[str, Any]:
    return {
        "reference": found.reference,
        "said": found.said,
        "blank": found.blank,
        "records": found.records,
        "read": found.read,
        "names": [_name(each) for each in found.names],
    }


def _name(name: Name) -> dict[str, Any]:
    candidates = [asdict(each) | {"id": str(each.id)} for each in name.candidates]
    return {"text": name.text, "rows": name.rows, "sure": name.sure, "candidates": candidates}
