"""Worksheets over HTTP: how they are opened, read, named, shared, planned and discarded, and by whom."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from adminui.runs.models import Plan
from adminui.services import edits, reading
from adminui.staff.models import Grant
from adminui.worksheets.models import Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"HTTP_ACCEPT": "application/json"}
State = Worksheet.State


def ids_of(api: Live, resource: str, count: int) -> list[int]:
    return [record["id"] for record in api.api.dump(resource)[:count]]


def opened(client: Client, api: Live, resource: str, ids: list[Any], columns: str = "") -> Worksheet:
    address = reverse("open-worksheet", args=[api.connection, resource])
    response = client.post(address, {"ids": "\n".join(map(str, ids)), "columns": columns})
    assert response.status_code == 302, response.content.decode()[:2000]
    return Worksheet.objects.get(pk=int(response["Location"].strip("/").split("/")[-1]))


def post(client: Client, name: str, sheet: Worksheet, data: Any) -> Any:
    return client.post(reverse(name, args=[sheet.pk]), json.dumps(data), content_type="application/json", **JSON)


def page(client: Client, sheet: Worksheet, query: str = "") -> str:
    response = client.get(reverse("worksheet", args=[sheet.pk]) + query)
    assert response.status_code == 200
    return response.content.decode()


def boot(client: Client, sheet: Worksheet, query: str = "") -> dict[str, Any]:
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', page(client, sheet, query), re.S)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])
    return told


def edit(api: Live, user: Any, sheet: Worksheet, name: str, texts: list[str | None]) -> None:
    cells = {name: (list(range(len(texts))), texts)}
    edits.take(api.open(user, sheet.resource), sheet, uuid4(), "edit", "typed", cells)


def shared(client: Client, sheet: Worksheet, how: str) -> None:
    assert post(client, "link-worksheet", sheet, {"sharing": how}).json() == {"sharing": how}


def test_the_page_is_told_what_it_needs_to_know_of_every_field(buzz: Live, client_as):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", [*ids_of(buzz, "campaigns", 2), 987654], "notes,active")
    told = boot(client, sheet, "?only=changed")
    assert (told["rows"], told["missing"], told["only"]) == (2, ["987654"], "changed")
    assert told["columns"] == ["notes", "active"] and told["mine"] and told["editable"] and told["may_plan"]
    assert [spec["name"] for spec in told["fields"][:2]] == ["id", "name"] and not told["fields"][0]["editable"]
    specs = {spec["name"]: spec for spec in told["fields"]}
    assert specs["name"]["required"] and not specs["name"]["blank"] and specs["notes"]["blank"]
    assert specs["active"]["kind"] == "boolean"
    assert specs["advertiser_id"]["find"] == reverse("find-reference", args=["buzz-test", "campaigns", "advertiser_id"])
    assert told["urls"]["record"].endswith("/records/__id__/") and told["urls"]["steps"]
    assert boot(client, sheet, "?only=<b>")["only"] == ""


def test_worksheets_are_told_apart_by_what_was_chosen(buzz: Live, client_as):
    client = client_as("lead")
    one, two, three = buzz.api.dump("campaigns")[:3]
    ids = [one["id"], two["id"]]
    where = json.dumps(["and", ["active", "eq", "true"]])
    assert opened(client, buzz, "campaigns", ids).title == f"{one['name'].strip()} and 1 other"
    assert opened(client, buzz, "campaigns", ids).title == f"(2) {one['name'].strip()} and 1 other"
    assert opened(client, buzz, "campaigns", [three["id"]]).title == three["name"].strip()
    for title in ("Active is yes", "(2) Active is yes"):
        client.post(reverse("open-worksheet", args=[buzz.connection, "campaigns"]), {"all": "1", "where": where})
        assert Worksheet.objects.latest("pk").title == title
    active = [r["id"] for r in buzz.api.dump("campaigns") if r["active"]]
    assert Worksheet.objects.latest("pk").source == f"{len(active)} Campaigns"
    assert Worksheet.objects.latest("pk").rows == len(active) > 0


def test_a_worksheet_is_renamed_by_its_owner_alone(buzz: Live, client_as):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 1), "notes,active")
    address = reverse("worksheet", args=[sheet.pk])
    assert client.post(address, {"title": "  Spring\n clean-up "}).status_code == 302
    for bad in ("   ", "x" * 121):
        assert client.post(address, {"title": bad}).status_code == 422
    assert client_as("admin").post(address, {"title": "Mine"}).status_code == 404
    shared(client, sheet, "edit")
    assert client_as("admin").post(address, {"title": "Mine"}).status_code == 403
    sheet.refresh_from_db()
    assert sheet.title == "Spring clean-up" and sheet.columns == ["notes", "active"]


def test_reading_shows_how_far_it_is_and_is_cancelled_and_gone_on_with(
    buzz: Live, client_as, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "AT_ONCE", 0)
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 3))
    address = reverse("sheet-progress", args=[sheet.pk])
    html = page(client, sheet)
    assert "Waiting for a worker" in html and f'hx-get="{address}"' in html and "Cancel reading" in html
    told = client.get(address).json()
    assert told | {"words": ""} == {
        **{"state": "reading", "read": 0, "expected": 3, "percent": 0},
        **{"words": "", "left": "", "problem": ""},
    }
    assert client.post(address, {"do": "cancel"}).status_code == 302
    html = page(client, sheet)
    assert "Reading was cancelled" in html and "Read from the start" in html and "every 1s" not in html
    assert "hx-get" not in client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert post(client, "sheet-progress", sheet, {"do": "resume"}).json()["state"] == "reading"
    assert post(client, "sheet-progress", sheet, {"do": "resume"}).status_code == 409
    assert post(client, "sheet-progress", sheet, {"do": "jump"}).status_code == 422
    assert reading.read_once()
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert boot(client, sheet)["rows"] == 3


def test_a_part_is_not_taken_for_the_whole_unasked(buzz: Live, client_as):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 3))
    Worksheet.objects.update(state=State.STOPPED, problem="The API went away.", expected=100)
    html = page(client, sheet)
    assert "Go on from 3 records" in html and "The API went away." in html and 'id="boot"' not in html
    assert boot(client, sheet, "?kept")["rows"] == 3
    assert "Not all records have been read" in page(client, sheet, "?kept")


def test_reading_again_is_asked_for_from_the_page(buzz: Live, client_as, lead):
    client = client_as("lead")
    [one] = ids_of(buzz, "campaigns", 1)
    sheet = opened(client, buzz, "campaigns", [one], "notes")
    buzz.api.change("campaigns", one, {"notes": "theirs"})
    assert post(client, "refresh-worksheet", sheet, {}).json()["state"] == "ready"
    assert boot(client, sheet)["baseline"] == sheet.baseline + 1
    Worksheet.objects.update(state=State.REFRESHING)
    assert post(client, "refresh-worksheet", sheet, {}).status_code == 409


def test_a_viewer_sees_and_changes_nothing(buzz: Live, client_as):
    client = client_as("viewer")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 1))
    told = boot(client, sheet)
    assert not told["editable"] and not told["may_plan"] and not any(spec["editable"] for spec in told["fields"])
    assert post(client, "refresh-worksheet", sheet, {}).status_code == 403
    assert client.post(reverse("plan-worksheet", args=[sheet.pk])).status_code == 403


def test_an_editor_plans_one_row_and_is_told_in_place_why_not_two(buzz: Live, client_as, editor):
    client = client_as("editor")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 2))
    edit(buzz, editor, sheet, "name", ["One", "Two"])
    refused = client.post(reverse("plan-worksheet", args=[sheet.pk]))
    html = refused.content.decode()
    assert refused.status_code == 403 and "You may not change many" in html and 'id="boot"' in html
    assert client.post(reverse("plan-worksheet", args=[sheet.pk]), {"rows": "1"}).status_code == 302
    assert [row.values for row in Plan.objects.get().rows()] == [{"name": "Two"}]
    assert client.post(reverse("plan-worksheet", args=[sheet.pk]), {"rows": "x"}).status_code == 422


def test_somebody_elses_worksheet_is_not_there(buzz: Live, client_as):
    sheet = opened(client_as("lead"), buzz, "campaigns", ids_of(buzz, "campaigns", 1))
    stranger = client_as("editor")
    for name in ("worksheet", "sheet-progress", "sheet-steps", "sheet-marks"):
        assert stranger.get(reverse(name, args=[sheet.pk])).status_code == 404
    for name in ("discard-worksheet", "link-worksheet", "refresh-worksheet", "plan-worksheet"):
        assert stranger.post(reverse(name, args=[sheet.pk])).status_code == 404
    assert Worksheet.objects.exists()


def test_a_link_lets_others_look_or_edit_until_it_is_taken_back(buzz: Live, client_as):
    owner, other = client_as("lead"), client_as("editor")
    sheet = opened(owner, buzz, "campaigns", ids_of(buzz, "campaigns", 1))
    shared(owner, sheet, "view")
    told = boot(other, sheet)
    assert not told["mine"] and not told["editable"] and told["owner"]["name"] == "lead"
    assert post(other, "link-worksheet", sheet, {"sharing": "edit"}).status_code == 403
    assert other.post(reverse("discard-worksheet", args=[sheet.pk])).status_code == 403
    assert "Only the owner" in other.post(reverse("discard-worksheet", args=[sheet.pk])).content.decode()
    shared(owner, sheet, "edit")
    assert boot(other, sheet)["editable"] and boot(other, sheet)["may_plan"]
    assert not boot(client_as("viewer"), sheet)["editable"]
    assert post(owner, "link-worksheet", sheet, {"sharing": "all"}).status_code == 422
    shared(owner, sheet, "")
    assert other.get(reverse("worksheet", args=[sheet.pk])).status_code == 404


def test_who_shares_a_worksheet_sees_the_fields_that_are_theirs_to_see(buzz: Live, client_as):
    owner, other = client_as("lead"), client_as("editor")
    sheet = opened(owner, buzz, "campaigns", ids_of(buzz, "campaigns", 1), "notes,active")
    shared(owner, sheet, "edit")
    group = Group.objects.get(name="editor")
    Grant.objects.create(group=group, fields="notes", actions=["view"], deny=True)
    told = boot(other, sheet)
    assert "notes" not in {spec["name"] for spec in told["fields"]} and told["columns"] == ["active"]
    assert "notes" in {spec["name"] for spec in boot(owner, sheet)["fields"]}


def test_home_and_palette_list_what_is_shared_once_one_has_been_there(buzz: Live, client_as, lead):
    owner, other = client_as("lead"), client_as("editor")
    sheet = opened(owner, buzz, "campaigns", ids_of(buzz, "campaigns", 2))
    owner.post(reverse("worksheet", args=[sheet.pk]), {"title": "Spring clean-up"})
    edit(buzz, lead, sheet, "notes", ["one", "two"])
    shared(owner, sheet, "view")
    assert "Spring clean-up" not in other.get("/").content.decode()
    page(other, sheet)
    html = other.get("/").content.decode()
    assert "Spring clean-up" in html and "of lead" in html and "2 pending" in html
    assert "Spring clean-up" in other.get(reverse("palette"), {"q": "spring"}).content.decode()
    shared(owner, sheet, "")
    assert "Spring clean-up" not in other.get("/").content.decode()


def test_discarding_says_what_went_with_it(buzz: Live, client_as, lead):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 2))
    edit(buzz, lead, sheet, "notes", ["one"])
    answer = client.post(reverse("discard-worksheet", args=[sheet.pk]), follow=True)
    assert "discarded with 1 pending edit; nothing was sent" in answer.content.decode()
    assert not Worksheet.objects.exists()


def test_markup_in_values_is_text(buzz: Live, client_as, lead):
    client = client_as("lead")
    [one] = ids_of(buzz, "campaigns", 1)
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    buzz.api.change("campaigns", one, {"name": evil})
    sheet = opened(client, buzz, "campaigns", [one], "notes")
    html = page(client, sheet)
    assert sheet.title == evil and boot(client, sheet)["title"] == evil
    assert "<script>alert" not in html and "<img" not in html
