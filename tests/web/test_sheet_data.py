"""What an open worksheet asks and tells over HTTP: framed columns, steps, marks, names; nothing beyond one's rights."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from adminui.services import plans, reading, standing, worker
from adminui.services.catalog import Opened
from adminui.staff.models import Grant
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.bench import dump
from tests.services.drafts import edits_of, mark, put

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"HTTP_ACCEPT": "application/json"}
ClientAs = Callable[[str], Client]


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return autotask.open(lead, "Companies")


@pytest.fixture
def sheet(autotask: Live, opened: Opened) -> Worksheet:
    """Four companies in Bonn."""
    ids = sorted(dump(autotask, "Companies"))[2:6]
    for record_id in ids:
        autotask.api.change("Companies", record_id, {"city": "Bonn"})
    return reading.open_ids(opened, ids, ["city"])


def get(client: Client, name: str, sheet: Worksheet, **query: Any) -> Any:
    return client.get(reverse(name, args=[sheet.pk]), query, **JSON)


def post(client: Client, name: str, sheet: Worksheet, document: Any) -> Any:
    return client.post(reverse(name, args=[sheet.pk]), json.dumps(document), content_type="application/json", **JSON)


def step(kind: str = "edit", **cells: dict[int, Any]) -> dict[str, Any]:
    told = {name: {"rows": list(held), "after": list(held.values())} for name, held in cells.items()}
    return {"token": str(uuid4()), "kind": kind, "label": kind.title(), "cells": told}


def send(client: Client, sheet: Worksheet, *steps: dict[str, Any], since: int = 0) -> Any:
    response = post(client, "sheet-steps", sheet, {"since": since, "steps": steps, "row": 1, "field": "city"})
    assert response.status_code == 200, response.content
    return response.json()


def frames(response: Any) -> list[Any]:
    """The chunks in the order they were asked for; None where there is none."""
    body, found = b"".join(response.streaming_content), []
    while body:
        length, body = int.from_bytes(body[:4], "big"), body[4:]
        found.append(json.loads(gzip.decompress(body[:length])) if length else None)
        body = body[length:]
    return found


def test_columns_come_framed_and_are_not_sent_again_while_nothing_changed(
    client_as: ClientAs, opened: Opened, sheet: Worksheet, autotask: Live
):
    client = client_as("lead")
    response = get(client, "sheet-data", sheet, fields="id,city", parts="0")
    ids, cities = frames(response)
    assert ids["values"] == sorted(dump(autotask, "Companies"))[2:6]
    assert cities == {"values": ["Bonn"], "codes": [0, 0, 0, 0]}
    assert response["Content-Type"] == "application/octet-stream" and "private" in response["Cache-Control"]
    known = {"HTTP_IF_NONE_MATCH": response["ETag"]}
    address = reverse("sheet-data", args=[sheet.pk])
    assert client.get(address, {"fields": "id,city", "parts": "0"}, **known).status_code == 304
    assert client.get(address, {"fields": "id", "parts": "0"}, **known).status_code == 200
    put(opened, sheet, city={0: "Trier"})
    plans.approve(opened, standing.plan(opened, sheet))
    assert worker.work_once()
    again = client.get(address, {"fields": "id,city", "parts": "0"}, **known)
    assert again.status_code == 200 and frames(again)[1]["values"] == ["Trier", "Bonn"]


@pytest.mark.parametrize("query", [{"fields": "city", "parts": "1"}, {"fields": "city", "parts": "x"}, {"fields": ""}])
def test_a_column_or_part_that_is_not_there_is_refused(client_as: ClientAs, sheet: Worksheet, query: Any):
    response = get(client_as("lead"), "sheet-data", sheet, **{"parts": "0", **query})
    assert response.status_code == 422 and response.json()["what_next"]


def test_fields_a_person_may_not_see_are_nowhere(client_as: ClientAs, opened: Opened, sheet: Worksheet, editor: Any):
    sheet.sharing = Worksheet.Sharing.EDIT
    sheet.save()
    put(opened, sheet, city={0: "Trier"}, phone={0: "1"})
    group = editor.groups.get()
    Grant.objects.create(group=group, connection="*", resource="Companies", fields="phone", actions=["view"], deny=True)
    client = client_as("editor")
    assert get(client, "sheet-data", sheet, fields="phone", parts="0").status_code == 422
    assert list(get(client, "sheet-marks", sheet).json()["marks"]) == ["city"]
    told = get(client, "sheet-steps", sheet, since=0).json()
    assert list(told["steps"][0]["cells"]) == ["city"] and told["standing"]["cells"] == 1
    assert get(client, "sheet-last", sheet, row=0, field="phone").status_code == 422
    [refused] = send(client, sheet, step(phone={0: "2"}))["refused"]
    assert "no field" in refused["words"] and mark(sheet, 0, "phone")["e"] == "1"


def test_steps_are_taken_once_each_and_what_is_refused_is_said(client_as: ClientAs, sheet: Worksheet):
    client = client_as("lead")
    good, bad = step(city={0: "Trier", 1: "Bonn"}), step(id={0: "7"})
    told = send(client, sheet, good, bad, step("undo"), step("redo"), good)
    assert [s["kind"] for s in told["steps"]] == ["edit", "undo", "redo"] and told["version"] == 3
    assert told["steps"][0]["token"] == good["token"]
    assert told["steps"][0]["cells"]["city"] == {"rows": [0, 1], "after": ["Trier", False], "words": {}}
    assert [r["token"] for r in told["refused"]] == [bad["token"]] and "cannot be edited" in told["refused"][0]["words"]
    assert told["standing"] == {"cells": 1, "invalid": 0, "clashes": 0, "failed": 0} and not told["reload"]
    assert edits_of(sheet) == {(0, "city"): "Trier"}
    assert get(client, "sheet-marks", sheet).json()["marks"] == {"city": {"rows": [0], "marks": ["Trier"]}}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"since": 0},
        {"since": -1, "steps": []},
        {"since": True, "steps": []},
        {"since": 0, "steps": ["x"]},
        {"since": 0, "steps": [{}] * 201},
        {"since": 0, "steps": [], "row": "x"},
    ],
)
def test_what_cannot_be_read_is_refused_with_words(client_as: ClientAs, sheet: Worksheet, document: Any):
    response = post(client_as("lead"), "sheet-steps", sheet, document)
    assert response.status_code == 422 and response.json()["what_happened"]


@pytest.mark.parametrize(
    "odd",
    [
        {"token": "x"},
        {"cells": None},
        {"cells": {"city": None}},
        {"cells": {"city": {"rows": 1, "after": []}}},
        {"cells": {"city": {"rows": [[]], "after": ["x"]}}},
        {"cells": {"city": {"rows": ["0"], "after": ["x"]}}},
        {"cells": {"city": {"rows": [0], "after": [{}]}}},
        {"cells": {"city": {"rows": [0.0], "after": ["x"]}}},
        {"cells": {"city": {"rows": [10**30], "after": ["x"]}}},
        {"kind": "applied"},
        {"kind": None},
    ],
)
def test_an_odd_step_is_refused_and_the_next_one_taken(client_as: ClientAs, sheet: Worksheet, odd: dict[str, Any]):
    told = send(client_as("lead"), sheet, step(city={0: "x"}) | odd, step(city={1: "y"}))
    assert len(told["refused"]) == 1 and edits_of(sheet) == {(1, "city"): "y"}


def test_a_label_may_hold_anything(client_as: ClientAs, sheet: Worksheet):
    odd = step(city={0: "x"}) | {"label": "half \ud83d a\0 " + "x" * 300}
    told = send(client_as("lead"), sheet, odd)
    assert told["steps"][0]["label"].startswith("half \ufffd a ") and not told["refused"]


def test_two_people_see_each_others_steps_and_where_they_are(client_as: ClientAs, sheet: Worksheet, lead: Any):
    sheet.sharing = Worksheet.Sharing.EDIT
    sheet.save()
    one, two = client_as("lead"), client_as("editor")
    send(one, sheet, step(city={0: "Trier"}))
    told = send(two, sheet, step(city={1: "Worms"}))
    assert [s["who"]["name"] for s in told["steps"]] == ["lead", "editor"]
    assert told["people"] == [{"id": lead.pk, "name": "lead", "row": 1, "field": "city"}]
    behind = get(one, "sheet-steps", sheet, since=1, row=3, field="name").json()
    assert [s["cells"]["city"]["after"] for s in behind["steps"]] == [["Worms"]]
    assert get(two, "sheet-steps", sheet, since=2).json()["people"][0]["row"] == 3
    assert get(one, "sheet-steps", sheet, since=3, row=10**17, field="\0").status_code == 200
    assert get(two, "sheet-steps", sheet, since=3).json()["people"][0] == {
        "id": lead.pk,
        "name": "lead",
        "row": None,
        "field": "",
    }
    mine = get(two, "sheet-history", sheet).json()["steps"]
    assert [(s["kind"], s["mine"]) for s in mine] == [("edit", True), ("edit", False)]


def test_nobody_edits_or_sees_what_is_not_shared_with_them(client_as: ClientAs, sheet: Worksheet):
    stranger = client_as("editor")
    for name in ("data", "marks", "steps", "history", "standing", "last"):
        assert get(stranger, f"sheet-{name}", sheet).status_code == 404
    sheet.sharing = Worksheet.Sharing.VIEW
    sheet.save()
    assert get(stranger, "sheet-marks", sheet).status_code == 200
    document = {"since": 0, "steps": [step(city={0: "x"})]}
    assert post(stranger, "sheet-steps", sheet, document).status_code == 403
    assert post(stranger, "sheet-resolve", sheet, {"since": 0, "side": "mine", "scope": None}).status_code == 403
    assert post(stranger, "sheet-steps", sheet, {"since": 0, "steps": []}).status_code == 200
    assert edits_of(sheet) == {} and Client().get(reverse("sheet-marks", args=[sheet.pk])).status_code in (302, 401)


def test_a_post_without_its_token_is_refused(sheet: Worksheet, lead: Any):
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead)
    for name in ("steps", "resolve", "names"):
        assert post(client, f"sheet-{name}", sheet, {"since": 0, "steps": []}).status_code == 403


def test_standing_says_what_a_plan_would_come_to(client_as: ClientAs, opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Trier"})
    told = get(client_as("lead"), "sheet-standing", sheet).json()
    assert told["cells"] == 1 and told["ready"] and told["plan_words"] == "Plan 1 change"
    assert told["sentence"].startswith("Planned: PATCH, 1 of ")


def test_clashes_are_settled_over_a_scope(client_as: ClientAs, autotask: Live, opened: Opened, sheet: Worksheet):
    put(opened, sheet, city={0: "Mine", 1: "Mine"})
    for record_id in sorted(dump(autotask, "Companies"))[2:4]:
        autotask.api.change("Companies", record_id, {"city": "Theirs"})
    plans.approve(opened, standing.plan(opened, sheet))
    assert worker.work_once()
    client = client_as("lead")
    marks = get(client, "sheet-marks", sheet).json()["marks"]["city"]["marks"]
    assert [(m["e"], m["t"], m["c"]) for m in marks] == [("Mine", "Bonn", True)] * 2
    told = post(client, "sheet-resolve", sheet, {"since": 2, "scope": {"rows": "0"}, "fields": None, "side": "mine"})
    assert told.json()["steps"][0]["reload"] == {"marks": True, "chunks": {}}
    post(client, "sheet-resolve", sheet, {"since": 2, "scope": None, "fields": ["city"], "side": "theirs"})
    assert edits_of(sheet) == {(0, "city"): "Mine"} and standing.counts(sheet)["clashes"] == 0
    for bad in ({"side": "both"}, {"side": "mine", "fields": "city"}, {"side": "mine", "fields": ["nothing"]}):
        assert post(client, "sheet-resolve", sheet, {"since": 0, "scope": None, **bad}).status_code == 422


def test_a_cell_says_who_set_it_last_and_in_which_run(client_as: ClientAs, opened: Opened, sheet: Worksheet):
    client = client_as("lead")
    assert get(client, "sheet-last", sheet, row=0, field="city").json() == {"words": "", "url": ""}
    put(opened, sheet, city={0: "Trier"})
    run = plans.approve(opened, standing.plan(opened, sheet))
    assert worker.work_once()
    told = get(client, "sheet-last", sheet, row=0, field="city").json()
    assert told == {"words": f"Set to “Trier” by lead in run {run.pk}, just now", "url": f"/runs/{run.pk}/"}
    for bad in ({"row": 4, "field": "city"}, {"row": 0, "field": "nothing"}, {"row": "x", "field": "city"}):
        assert get(client, "sheet-last", sheet, **bad).status_code == 422


def test_references_are_told_by_name(client_as: ClientAs, autotask: Live, sheet: Worksheet):
    client = client_as("lead")
    people = list(dump(autotask, "Resources").values())[:2]
    ids = [people[0]["id"], str(people[1]["id"]), "no id", 10**30]
    told = post(client, "sheet-names", sheet, {"field": "ownerResourceID", "ids": ids}).json()["names"]
    assert set(told) == {str(p["id"]) for p in people} and all(told.values())
    for bad in ({"field": "ownerResourceID", "ids": list(range(501))}, {"field": "nothing", "ids": []}, {"ids": 5}):
        assert post(client, "sheet-names", sheet, {"field": "city", **bad}).status_code == 422


def test_a_lost_worksheet_is_not_there(client_as: ClientAs, sheet: Worksheet):
    number = sheet.pk
    sheet.delete()
    assert client_as("lead").get(reverse("sheet-marks", args=[number]), **JSON).status_code == 404
