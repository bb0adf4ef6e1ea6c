"""Edit many, over HTTP: what is typed is kept, shared changes are counted first, nobody does what they may not."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from adminui.runs import ledger
from adminui.runs.models import Plan, Run
from adminui.services import plans, sheets
from adminui.services.execution import execute
from adminui.worksheets.models import Row, Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"HTTP_ACCEPT": "application/json"}


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


def edit(client: Client, sheet: Worksheet, edits: dict[Any, dict[str, Any]]) -> Any:
    response = post(client, "cells", sheet, {"edits": {str(i): fields for i, fields in edits.items()}})
    assert response.status_code == 200, response.content
    return response.json()


def test_ids_the_api_does_not_have_are_named_on_the_worksheet(buzz: Live, client_as):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", [*ids_of(buzz, "campaigns", 2), 987654])
    html = page(client, sheet)
    assert "1 id not found" in html and "987654" in html and html.count("data-id=") == 2


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
    assert Worksheet.objects.latest("pk").source.endswith(" Campaigns")


def test_a_worksheet_is_renamed_by_its_owner_alone(buzz: Live, client_as):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 1), "notes,active")
    address = reverse("worksheet", args=[sheet.pk])
    assert client.post(address, {"title": "  Spring\n clean-up "}).status_code == 302
    for bad in ("   ", "x" * 121):
        assert client.post(address, {"title": bad}).status_code == 422
    assert client_as("admin").post(address, {"title": "Mine"}).status_code == 404
    sheet.refresh_from_db()
    assert sheet.title == "Spring clean-up" and sheet.columns == ["notes", "active"]


def test_everything_that_matches_a_filter_opens_as_a_worksheet(buzz: Live, client_as):
    client = client_as("lead")
    where = json.dumps(["and", ["active", "eq", "true"]])
    client.post(reverse("open-worksheet", args=[buzz.connection, "campaigns"]), {"all": "1", "where": where})
    active = [r["id"] for r in buzz.api.dump("campaigns") if r["active"]]
    assert Worksheet.objects.get().rows.count() == len(active) > 0


def test_an_edit_is_kept_across_a_reload_and_says_the_old_value(buzz: Live, client_as):
    client = client_as("editor")
    [one] = ids_of(buzz, "campaigns", 1)
    before = buzz.api.dump("campaigns")[0]["name"]
    sheet = opened(client, buzz, "campaigns", [one])
    told = edit(client, sheet, {one: {"name": "Renamed"}})
    assert told["rows"][str(one)]["name"]["state"] == "pending"
    assert told["standing"]["plan_words"] == "Plan 1 change" and told["standing"]["ready"]
    html = page(client, sheet)
    assert 'data-text="Renamed"' in html and before in html and "Plan 1 change" in html


def test_an_invalid_cell_keeps_what_was_typed_and_the_plan_says_why_not(buzz: Live, client_as):
    client = client_as("lead")
    first, second = ids_of(buzz, "campaigns", 2)
    sheet = opened(client, buzz, "campaigns", [first, second], "max_bid,notes")
    told = edit(client, sheet, {first: {"max_bid": "twelve"}, second: {"notes": "fine"}})
    cell = told["rows"][str(first)]["max_bid"]
    assert cell["state"] == "invalid" and cell["text"] == "twelve" and "is not a number" in cell["html"]
    assert told["standing"]["invalid"] == 1 and not told["standing"]["ready"]
    refused = client.post(reverse("plan-worksheet", args=[sheet.pk]))
    html = refused.content.decode()
    assert refused.status_code == 422 and "cannot be sent" in html and 'data-text="twelve"' in html
    assert not Plan.objects.exists() and 'data-text="fine"' in page(client, sheet)
    assert page(client, sheet, "?only=invalid").count("data-id=") == 1


def test_null_and_empty_text_are_two_different_edits(buzz: Live, client_as):
    client = client_as("lead")
    first, second = ids_of(buzz, "campaigns", 2)
    for record, notes in ((first, "something"), (second, "something")):
        buzz.api.change("campaigns", record, {"notes": notes})
    sheet = opened(client, buzz, "campaigns", [first, second], "notes")
    told = edit(client, sheet, {first: {"notes": ""}, second: {"notes": None}})
    assert told["rows"][str(first)]["notes"]["text"] == "" and "is-empty" in told["rows"][str(first)]["notes"]["html"]
    assert (
        told["rows"][str(second)]["notes"]["text"] is None and "is-null" in told["rows"][str(second)]["notes"]["html"]
    )
    client.post(reverse("plan-worksheet", args=[sheet.pk]))
    planned = {row.record_id: row.values for row in Plan.objects.get().rows()}
    assert planned == {first: {"notes": ""}, second: {"notes": None}}


def test_a_reverted_cell_is_pending_no_more(buzz: Live, client_as):
    client = client_as("editor")
    [one] = ids_of(buzz, "campaigns", 1)
    sheet = opened(client, buzz, "campaigns", [one])
    edit(client, sheet, {one: {"name": "Renamed"}})
    told = post(client, "cells", sheet, {"revert": {str(one): ["name"]}}).json()
    assert told["rows"][str(one)]["name"]["state"] == "" and told["standing"]["cells"] == 0


def test_markup_in_values_is_text(buzz: Live, client_as):
    client = client_as("lead")
    [one] = ids_of(buzz, "campaigns", 1)
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    buzz.api.change("campaigns", one, {"notes": evil})
    sheet = opened(client, buzz, "campaigns", [one], "notes")
    told = edit(client, sheet, {one: {"name": evil}})
    mix = client.get(reverse("mix", args=[sheet.pk]), {"field": "notes"}).content.decode()
    client.post(reverse("plan-worksheet", args=[sheet.pk]))
    plan = client.get(reverse("plan", args=[Plan.objects.get().pk])).content.decode()
    for html in (page(client, sheet), told["rows"][str(one)]["name"]["html"], mix, plan):
        assert "<script>alert" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_a_shared_change_says_exactly_what_it_would_do_and_then_does_it(buzz: Live, client_as):
    client = client_as("lead")
    chosen = ids_of(buzz, "campaigns", 5)
    for record in chosen:
        buzz.api.change("campaigns", record, {"notes": "done" if record == chosen[0] else "old"})
    sheet = opened(client, buzz, "campaigns", chosen)
    change = {"field": "notes", "action": "set", "value": "done"}
    told = post(client, "share", sheet, {"ids": None, "changes": [change], "keep": False}).json()
    assert told["sentence"] == "4 rows will change, 1 already has it." and told["label"] == "Set 1 field in 4 rows"
    assert sheet.rows.filter(edited=True).count() == 0
    told = post(client, "share", sheet, {"ids": None, "changes": [change], "keep": True}).json()
    assert told["standing"]["cells"] == 4 and "notes" in Worksheet.objects.get(pk=sheet.pk).columns
    assert sheet.rows.filter(edited=True).count() == 4


def test_a_shared_change_can_be_limited_to_ticked_rows_and_to_one_present_value(buzz: Live, client_as):
    client = client_as("lead")
    chosen = ids_of(buzz, "campaigns", 4)
    for record, notes in zip(chosen, ["a", "a", "b", None], strict=True):
        buzz.api.change("campaigns", record, {"notes": notes})
    sheet = opened(client, buzz, "campaigns", chosen, "notes")
    html = client.get(reverse("mix", args=[sheet.pk]), {"field": "notes"}).content.decode()
    assert "2 × " in html and html.count("data-only=") == 3
    key = html.split('data-only="')[1].split('"')[0].replace("&#x27;", "'").replace("&quot;", '"')
    change = {"field": "notes", "action": "null", "value": "", "only": key}
    told = post(client, "share", sheet, {"ids": [str(i) for i in chosen[1:]], "changes": [change], "keep": True}).json()
    assert told["sentence"] == "1 row will change, 2 left out by the condition."
    assert sheet.rows.get(edited=True).record_id == str(chosen[1])


def test_what_would_be_invalid_is_counted_and_explained_before(buzz: Live, client_as):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 3))
    change = {"field": "name", "action": "empty"}
    told = post(client, "share", sheet, {"changes": [change]}).json()
    assert told["sentence"].endswith("3 would be invalid.") and told["sample"] == ["Name may not be empty."]


def test_a_viewer_sees_and_changes_nothing(buzz: Live, client_as):
    client = client_as("viewer")
    [one] = ids_of(buzz, "campaigns", 1)
    sheet = opened(client, buzz, "campaigns", [one])
    html = page(client, sheet)
    assert "You may look" in html and "shared-change" not in html and "plan-button" not in html
    assert post(client, "cells", sheet, {"edits": {str(one): {"name": "x"}}}).status_code == 403
    change = {"field": "name", "action": "set", "value": "x"}
    assert post(client, "share", sheet, {"changes": [change], "keep": True}).status_code == 403
    assert sheet.rows.filter(edited=True).count() == 0


def test_an_editor_plans_one_row_and_is_told_in_place_why_not_two(buzz: Live, client_as):
    client = client_as("editor")
    first, second = ids_of(buzz, "campaigns", 2)
    sheet = opened(client, buzz, "campaigns", [first, second])
    edit(client, sheet, {first: {"name": "One"}, second: {"name": "Two"}})
    refused = client.post(reverse("plan-worksheet", args=[sheet.pk]))
    html = refused.content.decode()
    assert refused.status_code == 403 and "You may not change many" in html and 'data-text="Two"' in html
    post(client, "cells", sheet, {"revert": {str(second): ["name"]}})
    assert client.post(reverse("plan-worksheet", args=[sheet.pk])).status_code == 302


def test_somebody_elses_worksheet_is_not_there(buzz: Live, client_as):
    sheet = opened(client_as("lead"), buzz, "campaigns", ids_of(buzz, "campaigns", 1))
    stranger = client_as("editor")
    assert stranger.get(reverse("worksheet", args=[sheet.pk])).status_code == 404
    assert post(stranger, "cells", sheet, {"edits": {}}).status_code == 404
    assert stranger.post(reverse("discard-worksheet", args=[sheet.pk])).status_code == 404


def clashing(buzz: Live, client: Client) -> tuple[Worksheet, list[int]]:
    """A worksheet of two rows whose run found one of them changed meanwhile."""
    chosen = ids_of(buzz, "campaigns", 2)
    sheet = opened(client, buzz, "campaigns", chosen, "notes")
    edit(client, sheet, {i: {"notes": f"mine {i}"} for i in chosen})
    buzz.api.change("campaigns", chosen[0], {"notes": "theirs"})
    client.post(reverse("plan-worksheet", args=[sheet.pk]))
    run = plans.approve(buzz.open(sheet.owner, "campaigns"), Plan.objects.get())
    execute(ledger.claim("test", run.pk))
    sheets.absorb(Run.objects.get(pk=run.pk))
    return sheet, chosen


def test_a_conflict_after_applying_shows_theirs_and_asks(buzz: Live, client_as):
    client = client_as("lead")
    sheet, _ = clashing(buzz, client)
    html = page(client, sheet)
    assert "is-conflict" in html and "theirs: <bdi>theirs</bdi>" in html and "is-done" in html
    refused = client.post(reverse("plan-worksheet", args=[sheet.pk]))
    assert refused.status_code == 422 and "changed by somebody else" in refused.content.decode()


@pytest.mark.parametrize(("side", "text", "pending"), [("mine", "mine", 1), ("theirs", "theirs", 0)])
def test_a_conflict_is_settled_cell_by_cell(buzz: Live, client_as, side, text, pending):
    client = client_as("lead")
    sheet, chosen = clashing(buzz, client)
    told = post(client, "resolve", sheet, {"choices": {str(chosen[0]): {"notes": side}}}).json()
    assert told["rows"][str(chosen[0])]["notes"]["text"].startswith(text)
    assert told["standing"]["cells"] == pending and told["standing"]["clashes"] == 0
    if side == "mine":
        client.post(reverse("plan-worksheet", args=[sheet.pk]))
        [change] = Plan.objects.latest("pk").rows()[0].changes
        assert (change.before, change.after) == ("theirs", f"mine {chosen[0]}")


def test_what_was_typed_after_the_plan_was_made_survives_its_run(buzz: Live, client_as):
    client = client_as("lead")
    [one] = ids_of(buzz, "campaigns", 1)
    sheet = opened(client, buzz, "campaigns", [one], "notes")
    edit(client, sheet, {one: {"notes": "first"}})
    client.post(reverse("plan-worksheet", args=[sheet.pk]))
    edit(client, sheet, {one: {"notes": "second"}})
    run = plans.approve(buzz.open(sheet.owner, "campaigns"), Plan.objects.get())
    execute(ledger.claim("test", run.pk))
    sheets.absorb(Run.objects.get(pk=run.pk))
    row = sheet.rows.get()
    assert row.baseline["notes"] == "first" and row.edits == {"notes": "second"} and row.edited


def test_the_apis_words_stand_on_the_cell_they_are_about(buzz: Live, client_as):
    client = client_as("lead")
    [one] = ids_of(buzz, "campaigns", 1)
    sheet = opened(client, buzz, "campaigns", [one], "start_date,end_date,notes")
    edit(client, sheet, {one: {"start_date": "2031-01-02 00:00:00", "end_date": "2030-01-01 00:00:00"}})
    client.post(reverse("plan-worksheet", args=[sheet.pk]))
    run = plans.approve(buzz.open(sheet.owner, "campaigns"), Plan.objects.get())
    execute(ledger.claim("test", run.pk))
    sheets.absorb(Run.objects.get(pk=run.pk))
    html = page(client, sheet, "?only=failed")
    assert "is-failed" in html and "rejected: " in html and sheet.rows.get().edits
    told = edit(client, sheet, {one: {"end_date": "2032-01-01 00:00:00"}})
    assert told["rows"][str(one)]["end_date"]["state"] == "pending"


def test_discarding_says_what_is_lost_and_sends_nothing(buzz: Live, client_as):
    client = client_as("lead")
    [one] = ids_of(buzz, "campaigns", 1)
    sheet = opened(client, buzz, "campaigns", [one])
    edit(client, sheet, {one: {"name": "Renamed"}})
    assert "1 cell pending" in page(client, sheet)
    response = client.post(reverse("discard-worksheet", args=[sheet.pk]), follow=True)
    assert "1 pending edit; nothing was sent" in response.content.decode().replace("\n", " ")
    assert not Worksheet.objects.exists() and not buzz.seen("PATCH")


def test_a_page_holds_a_hundred_rows_and_the_columns_chosen(buzz: Live, client_as):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 1))
    baseline = sheet.rows.get().baseline
    Row.objects.bulk_create(
        Row(worksheet=sheet, seq=seq, record_id=str(-seq), baseline={**baseline, "id": -seq}) for seq in range(1, 130)
    )
    assert page(client, sheet).count("data-id=") == 100 and page(client, sheet, "?page=2").count("data-id=") == 30
    assert page(client, sheet, "?page=2").count('aria-rowindex="') == 31
    client.post(reverse("worksheet", args=[sheet.pk]), {"columns": ["end_date", "no such field"]})
    assert Worksheet.objects.get().columns == ["end_date"]


@pytest.mark.parametrize("data", ["[]", "not json", '{"edits": []}', '{"edits": {"1": {"no_such_field": "x"}}}'])
def test_what_cannot_be_read_is_refused_and_changes_nothing(buzz: Live, client_as, data):
    client = client_as("lead")
    sheet = opened(client, buzz, "campaigns", ids_of(buzz, "campaigns", 1))
    response = client.post(reverse("cells", args=[sheet.pk]), data, content_type="application/json", **JSON)
    assert response.status_code in (200, 422) and sheet.rows.filter(edited=True).count() == 0
    assert (response.status_code == 200) == (data == '{"edits": []}')
