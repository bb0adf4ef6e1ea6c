"""The requests of a plan as its page draws them: some at a time, with where it waits, and long addresses folded."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from django.utils.http import urlencode

from adminui.planning.explain import counted
from adminui.runs.models import Plan
from adminui.services import overview, review
from adminui.services.catalog import Opened
from adminui.services.overview import Overview
from adminui.services.plans import DrawnRequest
from adminui.web.values import grouped

REQUESTS = 20  # drawn at once
ROWS_NAMED = 12  # of a request, by id
IDS_AROUND = 3  # ids of an address before and after the fold in its middle


def requests(opened: Opened, plan: Plan, seen: Overview, start: int) -> dict[str, Any]:
    """Some of the requests, and after which of them it waits."""
    shown = overview.requests(opened, plan, start, REQUESTS)
    every, first = seen.requests, overview.first_requests(plan)
    left = every - start - len(shown)
    hidden = not review.bodies_shown(opened, plan)
    return {
        "requests": [
            {**_request(request, hidden=hidden), "number": number, "waits": number == first}
            for number, request in enumerate(shown, start + 1)
        ],
        "requests_count": grouped(str(every)),
        "open_first": start == 0,
        "more": min(left, REQUESTS) if left else 0,
        "left": grouped(str(left)),
        "more_url": f"?{urlencode({'from': start + REQUESTS})}",
        "waits_words": _waits(plan, seen.rows),
    }


def _waits(plan: Plan, rows: int) -> str:
    """What stands between the first requests and the others."""
    if not plan.canary:
        return ""
    who = "them" if plan.canary > 1 else "it"
    rest = counted(rows - plan.canary, "record")
    return f"Then it reads {who} back and waits for you; {rest} follow when you go on."


def _request(request: DrawnRequest, *, hidden: bool) -> dict[str, Any]:
    ids = [str(row.record_id) for row in request.rows]
    named = ", ".join(ids[:ROWS_NAMED]) + (f" and {len(ids) - ROWS_NAMED} more" if len(ids) > ROWS_NAMED else "")
    note = f"{counted(len(ids), 'row')}: {named}"
    if hidden:
        note += ". The body holds every field, also some you may not see, so it is not shown."
    return {
        "method": request.method,
        "url": request.url,
        "short": folded(request.url),
        "body": "" if hidden else request.pretty,
        "size": in_bytes(request.size),
        "curl": "" if hidden else request.curl,
        "note": note,
    }


def folded(url: str) -> str:
    """An address with many ids in it, without those in the middle; empty when it is short as it is."""
    address, found, query = url.partition("?ids=")
    ids = unquote(query).split(",")
    hidden = len(ids) - 2 * IDS_AROUND
    if not found or "&" in query or hidden < 2:
        return ""
    return f"{address}?ids={','.join(ids[:IDS_AROUND])} … {grouped(str(hidden))} more … {','.join(ids[-IDS_AROUND:])}"


def in_bytes(size: int) -> str:
    return (
        f"{size} B" if size < 1_000 else f"{size / 1_000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
    )
