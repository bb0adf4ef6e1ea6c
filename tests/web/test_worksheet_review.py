"""What an adversary's reading of a worksheet's addresses found: names told to the wrong person, bodies that broke."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from adminui.records.queries import Condition, Op
from adminui.records.queries import Group as Where
from adminui.services import layouts, reading
from adminui.services.catalog import Opened
from adminui.staff.models import Grant
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"HTTP_ACCEPT": "application/json"}
SECRET = "Project Nightfall"


@pytest.fixture
def opened(buzz: Live, lead: Any) -> Opened:
    return buzz.open(lead, "campaigns")


def ids_of(buzz: Live, count: int) -> list[int]:
    return [record["id"] for record in buzz.api.dump("campaigns")[:count]]


@pytest.fixture
def sheet(buzz: Live, opened: Opened) -> Worksheet:
    """Two campaigns, shared to look at; its name is the first one's."""
    ids = ids_of(buzz, 2)
    buzz.api.change("campaigns", ids[0], {"name": SECRET})
    return share(reading.open_ids(opened, ids, []))


def share(sheet: Worksheet, how: str = "view") -> Worksheet:
    Worksheet.objects.filter(pk=sheet.pk).update(sharing=how)
    return sheet


def deny(role: str, *fields: str, resource: str = "campaigns") -> None:
    for field in fields:
        Grant.objects.create(
            group=Group.objects.get(name=role), resource=resource, fields=field, actions=["view"], deny=True
        )


def post(client: Client, name: str, sheet: Worksheet, body: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(reverse(name, args=[sheet.pk]), text, content_type="application/json", **JSON)


def pages(client: Client, sheet: Worksheet) -> str:
    """Everything in which a worksheet is named."""
    client.get(reverse("worksheet", args=[sheet.pk]))
    answers = [client.get(reverse("worksheet", args=[sheet.pk])), client.get("/"), client.get(reverse("palette"))]
    return "".join(answer.content.decode() for answer in answers)


def test_a_worksheet_is_not_named_after_a_title_that_may_not_be_seen(sheet: Worksheet, client_as: Any, editor: Any):
    assert SECRET in pages(client_as("editor"), sheet)
    deny("editor", "name")
    told = pages(client_as("editor"), sheet)
    assert SECRET not in told and f"Campaigns: worksheet {sheet.pk}" in told
    assert SECRET in pages(client_as("lead"), sheet)
    assert Worksheet.objects.get().title.startswith(SECRET)


def test_nor_after_a_filter_of_fields_that_may_not_be_seen(buzz: Live, opened: Opened, client_as: Any, editor: Any):
    for record_id in ids_of(buzz, 2):
        buzz.api.change("campaigns", record_id, {"notes": SECRET})
    where = Where("and", (Condition("notes", Op.EQ, SECRET),))
    sheet = share(reading.open_matching(opened, where, []))
    assert SECRET in sheet.title and SECRET in pages(client_as("editor"), sheet)
    deny("editor", "name")
    assert sheet.title in Worksheet.objects.get().title and "Notes" in pages(client_as("editor"), sheet)
    deny("editor", "notes")
    assert SECRET not in pages(client_as("editor"), sheet)


def test_what_is_not_theirs_to_see_any_more_is_not_listed(sheet: Worksheet, client_as: Any, editor: Any):
    assert f"/worksheets/{sheet.pk}/" in pages(client_as("editor"), sheet)
    deny("editor", "*")
    told = pages(client_as("editor"), sheet)
    assert SECRET not in told and f"/worksheets/{sheet.pk}/" not in told.replace("/worksheets/new", "")
    for name in ("sheet-marks", "sheet-steps", "sheet-history", "sheet-standing", "sheet-progress"):
        assert client_as("editor").get(reverse(name, args=[sheet.pk]), {"since": "0"}, **JSON).status_code == 404


DEEP = "[" * 700 + "]" * 700
ODD: list[tuple[str, Any]] = [
    ("sheet-share", {"scope": None, "changes": [{"field": "notes", "op": "set", "value": "x"}], "fate": ["changed"]}),
    ("sheet-share", {"scope": None, "changes": [{"field": "notes", "op": "set", "value": "x"}], "fate": {"a": 1}}),
    ("sheet-layout", f'{{"name": "deep", "data": {DEEP}}}'),
    ("sheet-layout", {"name": "x" * 101, "data": {}}),
    ("sheet-steps", f'{{"since": 0, "steps": {DEEP}}}'),
    ("sheet-steps", {"since": 0, "steps": [{}] * 201}),
    ("sheet-resolve", {"scope": {"rows": "0-999999999"}, "fields": None, "side": "mine", "since": 0}),
    ("sheet-mix", {"scope": {"rows": "1,0"}, "field": "notes"}),
    ("sheet-stats", {"scope": {"rows": "1" * 50}, "field": "notes"}),
]


@pytest.mark.parametrize(("name", "body"), ODD, ids=[f"{name}-{i}" for i, (name, _) in enumerate(ODD)])
def test_a_body_of_the_wrong_shape_is_refused_and_not_a_failure(client_as: Any, sheet: Worksheet, name: str, body: Any):
    assert post(client_as("lead"), name, sheet, body).status_code == 422


@pytest.mark.parametrize("query", [{"fields": "id,id", "parts": "0"}, {"fields": "id", "parts": "0,0"}])
def test_a_column_is_not_sent_over_and_over_in_one_answer(client_as: Any, sheet: Worksheet, query: dict[str, str]):
    assert client_as("lead").get(reverse("sheet-data", args=[sheet.pk]), query, **JSON).status_code == 422


def test_a_layout_is_kept_as_every_database_keeps_it(opened: Opened, sheet: Worksheet, client_as: Any):
    data = {
        "widths": {"name": 100.5, "notes": 10**400},
        "filters": {"name": {"text": "\ud800\0x"}, "notes": {"in": ["\0", None]}, "budget": {"from": "\0", "to": "1"}},
        "more": json.loads("[" * 300 + "]" * 300),
    }
    answer = post(client_as("lead"), "sheet-layout", sheet, {"name": "a\0\ud800 b", "data": data})
    assert answer.status_code == 200
    [kept] = layouts.of(opened).named
    assert kept["name"] == "a\ufffd b" and kept["data"]["widths"] == {"name": 100}
    assert "\\u0000" not in json.dumps(kept) and "\\ud800" not in json.dumps(kept)


def test_typing_into_a_worksheet_that_is_being_discarded_is_no_failure(
    sheet: Worksheet, client_as: Any, monkeypatch: pytest.MonkeyPatch
):
    locked = store.locked

    def discarded(held: Worksheet) -> Worksheet:
        Worksheet.objects.filter(pk=held.pk).delete()
        return locked(held)

    monkeypatch.setattr(store, "locked", discarded)
    step = {"token": str(uuid4()), "kind": "edit", "label": "x", "cells": {"notes": {"rows": [0], "after": ["y"]}}}
    answer = post(client_as("lead"), "sheet-steps", sheet, {"since": 0, "steps": [step]})
    assert answer.status_code == 404 and "discarded" in answer.json()["what_happened"]


def test_a_name_is_kept_without_what_no_database_keeps(opened: Opened, sheet: Worksheet, client_as: Any):
    client_as("lead").post(reverse("worksheet", args=[sheet.pk]), {"title": "Spring\0 clean-up"})
    assert Worksheet.objects.get().title == "Spring clean-up"


def test_a_token_taken_in_one_worksheet_is_free_in_another(buzz: Live, opened: Opened, sheet: Worksheet, client_as):
    other, token = reading.open_ids(opened, ids_of(buzz, 2), []), str(uuid4())
    for each in (sheet, other):
        cells = {"notes": {"rows": [0], "after": [str(each.pk)]}}
        step = {"token": token, "kind": "edit", "label": "x", "cells": cells}
        answer = post(client_as("lead"), "sheet-steps", each, {"since": 0, "steps": [step]}).json()
        assert answer["refused"] == [] and answer["steps"][0]["cells"]["notes"]["after"] == [str(each.pk)]
