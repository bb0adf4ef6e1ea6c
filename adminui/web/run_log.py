"""The requests of a run as they went over the wire: a page of them at a time, without secrets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adminui.records.casting import from_json, to_json
from adminui.runs.ledger import KEPT
from adminui.runs.models import Exchange
from adminui.services.plans import DrawnRequest
from adminui.web.history import page_of
from adminui.web.run_view import Followed

REQUESTS = 25


@dataclass(frozen=True)
class Logged:
    """An exchange as shown. Bodies are empty for those who may not see every field."""

    exchange: Exchange
    body: str
    answer: str
    curl: str
    cut: bool


def page_of_requests(followed: Followed) -> dict[str, Any]:
    found = Exchange.objects.filter(run=followed.run)
    total = found.count()
    page = page_of(followed.request, REQUESTS, total, "requests")
    keys = list(found.values_list("pk", flat=True)[(page - 1) * REQUESTS : page * REQUESTS])
    logged = log(followed, found.filter(pk__in=keys))
    return {"logged": logged, "requests_total": total, "requests_page": page, "requests_more": page * REQUESTS < total}


def log(followed: Followed, exchanges: Iterable[Exchange]) -> list[Logged]:
    return [_logged(each, shown=followed.bodies_shown) for each in exchanges]


def _logged(exchange: Exchange, *, shown: bool) -> Logged:
    cut = len(exchange.body) >= KEPT
    request = DrawnRequest(exchange.method, exchange.url, exchange.body, "", ())
    if not shown:
        return Logged(exchange, "", "", "", cut=False)
    return Logged(exchange, _pretty(exchange.body), _pretty(exchange.answer), "" if cut else request.curl, cut)


def _pretty(text: str) -> str:
    try:
        return to_json(from_json(text), indent=2)
    except ValueError:
        return text
