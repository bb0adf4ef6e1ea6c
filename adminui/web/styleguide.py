"""The style guide: every component and state on one page, for looking at and for the accessibility test."""

from typing import Any

from django.contrib.auth.decorators import user_passes_test
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from adminui.web.values import Shown


def samples() -> dict[str, Any]:
    return {"values": VALUES, "changes": CHANGES, "call": CALL, "outcomes": OUTCOMES, "parts": PARTS, "pager": PAGER}


@user_passes_test(lambda user: user.is_staff)
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide.html", {"samples": samples()})


VALUES = [
    Shown("null"),
    Shown("empty"),
    Shown("missing"),
    Shown("text", "Spring launch, prospecting"),
    Shown("text", "حملة الربيع"),
    Shown("number", "1,204,332", "1204332"),
    Shown("number", "1,250.50", "1250.5000"),
    Shown("boolean", "Yes", "true"),
    Shown("boolean", "No", "false"),
    Shown("datetime", "14 Nov 2026", "2026-11-14"),
    Shown("datetime", "14 Nov 2026, 09:30", "2026-11-14T09:30:00-05:00"),
    Shown("json", "{3 keys}", '{"geo": ["US"], "daypart": null, "caps": 3}'),
    Shown("reference", "Northwind Traders", "advertiser 88", "#values"),
    Shown("picklist", "Customer", "1"),
    Shown("inactive", "Reseller", "7"),
]
CHANGES = [
    {
        "label": "Active",
        "name": "active",
        "before": Shown("boolean", "Yes", "true"),
        "after": Shown("boolean", "No", "false"),
    },
    {
        "label": "Budget",
        "name": "campaign_budget",
        "before": Shown("number", "12,000.00"),
        "after": Shown("number", "9,500.00"),
    },
    {
        "label": "End date",
        "name": "end_date",
        "before": Shown("null"),
        "after": Shown("datetime", "31 Dec 2026, 23:59", "2026-12-31"),
    },
    {
        "label": "Notes",
        "name": "notes",
        "before": Shown("text", "Ask Dana before raising the cap. " * 4),
        "after": Shown("empty"),
        "note": "They changed this an hour ago",
    },
]
CALL = {
    "method": "PATCH",
    "url": "https://acme.api.beeswax.example/rest/v2/campaigns/40211",
    "body": '{\n  "active": false,\n  "campaign_budget": "9500.00",\n  "notes": ""\n}',
    "size": "112 bytes",
    "curl": "curl -X PATCH https://acme.api.beeswax.example/rest/v2/campaigns/40211 --data '{}'",
    "note": "Signs in with the connection's own session",
}
OUTCOMES = [
    "pending",
    "sending",
    "done",
    "unchanged",
    "accepted but not stored",
    "rejected",
    "conflict",
    "not sent",
    "unknown",
    "cancelled",
]
PARTS = [
    {"outcome": "done", "count": 412, "start": 0, "share": 62.5},
    {"outcome": "unchanged", "count": 88, "start": 62.5, "share": 12.5},
    {"outcome": "rejected", "count": 30, "start": 75, "share": 6},
    {"outcome": "conflict", "count": 12, "start": 81, "share": 3},
    {"outcome": "unknown", "count": 6, "start": 84, "share": 2},
    {"outcome": "pending", "count": 94, "start": 86, "share": 14},
]
PAGER = {"first": "101", "last": "200", "total": "1,842", "previous_url": "#pages", "next_url": "#pages"}
