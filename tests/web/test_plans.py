"""The plan page: what it shows is what is sent, what is unticked is not, and it is sent once, by those who may."""

import json
import re
import shlex
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change, changeset_of
from adminui.runs import ledger
from adminui.runs.models import Plan, Run
from adminui.services import edits, overview, plans, practice, switch
from adminui.services.catalog import Opened
from adminui.services.execution import execute
from adminui.services.plans import Held
from adminui.staff.models import Grant
from adminui.worksheets.models import Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)


def planned(opened: Opened, api: Live, edits: dict[int, dict[str, Any]], **options: Any) -> Plan:
    held = {r["id"]: r for r in api.api.dump(opened.resource.name)}
    rows = [
        changeset_of(opened.whole, held[i], [Change(f, held[i].get(f), v) for f, v in fields.items()])
        for i, fields in edits.items()
    ]
    return plans.save(opened, rows, door="test", **options)


def ids_of(api: Live, resource: str, count: int) -> list[int]:
    return [record["id"] for record in api.api.dump(resource)[:count]]


def page(client: Client, plan: Plan, query: str = "") -> str:
    response = client.get(reverse("plan", args=[plan.pk]) + query)
    assert response.status_code == 200, response.content.decode()[:3000]
    return response.content.decode()


def carried_out(plan: Plan) -> Run:
    run = ledger.claim("test", Run.objects.get(plan=plan).pk)
    execute(run)
    return run


def bodies(html: str) -> list[Any]:
    return [json.loads(unescape(body)) for body in re.findall(r'aria-label="Body[^"]*">(.*?)</pre>', html, re.DOTALL)]


def test_the_same_change_in_three_rows_is_one_call_by_ids_and_what_is_shown_is_sent(buzz: Live, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 3)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "checked"} for i in chosen})
    html = page(client, plan)
    assert "Send 1 request<" in html and "3 rows</span>" in html
    response = client.post(reverse("apply-plan", args=[plan.pk]), {"note": "why"})
    assert response["Location"] == reverse("run", args=[Run.objects.get().pk])
    assert carried_out(plan).tally() == {Outcome.DONE: 3}
    [sent] = buzz.seen("PATCH")
    assert bodies(html) == [sent["body"]] == [{"notes": "checked"}]
    query = "&".join(f"{k}={v}" for k, v in sent["query"].items())
    shown = unescape(re.search(r'class="url">(.*?)</span>', html)[1]).replace("%2C", ",")
    assert shown.endswith(f"{sent['path']}?{query}")
    assert Plan.objects.get().note == "why"


def test_three_different_changes_are_one_list_and_the_very_text_shown_is_sent(buzz: Live, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 3)
    edits = {i: {"name": f"Näme <{n}> 'x' \"y\"", "max_bid": f"{n}.50"} for n, i in enumerate(chosen)}
    plan = planned(buzz.open(lead, "campaigns"), buzz, edits)
    html = page(client, plan)
    assert "Send 1 request<" in html
    client.post(reverse("apply-plan", args=[plan.pk]))
    run = carried_out(plan)
    [sent] = buzz.seen("PATCH")
    assert bodies(html) == [sent["body"]] and len(sent["body"]) == 3
    [exchange] = run.exchanges.filter(purpose="write")
    copied = unescape(re.search(r'data-copy="([^"]*)" data-copy-label="curl', html)[1])
    words = shlex.split(copied.replace("\\\n", ""))
    assert words[-1] == exchange.body and exchange.url in words


def test_where_there_is_no_bulk_call_every_record_has_its_own_request_and_the_plan_says_so(
    autotask: Live, lead, client_as
):
    client, chosen = client_as("lead"), ids_of(autotask, "Companies", 3)
    plan = planned(autotask.open(lead, "Companies"), autotask, {i: {"city": "Zwolle"} for i in chosen})
    html = page(client, plan)
    assert "Send 3 requests<" in html and "no bulk call" in html and "3 × PATCH" in html
    client.post(reverse("apply-plan", args=[plan.pk]))
    carried_out(plan)
    sent = [entry["body"] for entry in autotask.seen("PATCH")]
    assert sorted(bodies(html), key=str) == sorted(sent, key=str) and len(sent) == 3


def test_the_same_change_folds_to_one_line_and_opens_to_its_rows(buzz: Live, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 12)
    edits = {i: {"notes": "same", "name": f"Name {i}"} for i in chosen}
    html = page(client, planned(buzz.open(lead, "campaigns"), buzz, edits))
    assert html.count("data-fold=") == 2 and "12 different changes" in html and "Name 1" not in _changes(html)
    address = unescape(re.search(r'hx-get="(\?fold=[^"]*)"', html)[1])
    rows = page(client, Plan.objects.get(), address)
    assert rows.count("<tr>") == 13 and "<html" not in rows and rows.count("Whole row") == 12


def _changes(html: str) -> str:
    return html.split('id="plan-changes"')[1].split('id="plan-requests"')[0]


def test_ten_thousand_rows_are_grouped_and_paged(buzz: Live, admin_user, client_as):
    opened = buzz.open(admin_user, "campaigns")
    [held] = buzz.api.dump("campaigns")[:1]
    rows = [
        changeset_of(opened.whole, {**held, "id": i}, [Change("notes", "old", "new"), Change("name", "a", f"b {i}")])
        for i in range(1, 10_001)
    ]
    plan = plans.save(opened, rows, door="test")
    html = page(client_as("admin"), plan)
    assert "Send 50 requests" in html and html.count('<details class="request"') == 20 and len(html) < 1_500_000
    more = unescape(re.search(r'hx-get="(\?from=20)"', html)[1])
    assert page(client_as("admin"), plan, more).count('<details class="request"') == 20
    fold = unescape(re.search(r'hx-get="(\?fold=[^"]*)"', html)[1])
    assert page(client_as("admin"), plan, fold).count("<tr>") <= 102


def test_what_is_unticked_is_counted_and_then_not_in_the_new_plan(buzz: Live, lead, client_as):
    client, (one, two, three) = client_as("lead"), ids_of(buzz, "campaigns", 3)
    edits = {one: {"notes": "n", "name": "A"}, two: {"notes": "n"}, three: {"notes": "n", "name": "C"}}
    plan = planned(buzz.open(lead, "campaigns"), buzz, edits)
    drop = json.dumps({"folds": [], "rows": [str(two)], "cells": [f"{one}\tname"]})
    address = reverse("revise-plan", args=[plan.pk])
    told = client.post(address, {"drop": drop}, HTTP_ACCEPT="application/json").json()
    assert told["label"] == "Plan again without 1 row and 1 field"
    assert Plan.objects.count() == 1
    client.post(address, {"drop": drop})
    newer = Plan.objects.get(predecessor=plan)
    assert {r.record_id: set(r.fields) for r in newer.rows()} == {one: {"notes"}, three: {"notes", "name"}}
    assert "Open the newer plan" in page(client, plan)
    for verb, posted in (("apply-plan", {"note": "typed"}), ("revise-plan", {"drop": drop})):
        late = client.post(reverse(verb, args=[plan.pk]), posted)
        assert late.status_code == 409 and "Open the newer plan" in late.content.decode()
    assert not buzz.seen("PATCH")


def test_a_whole_fold_can_be_unticked(buzz: Live, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 4)
    edits = {i: {"notes": "same", "name": f"Name {i}"} for i in chosen}
    plan = planned(buzz.open(lead, "campaigns"), buzz, edits)
    html = page(client, plan)
    fold = next(f for f in re.findall(r'data-fold="(\w+)" aria-label="([^"]*)"', html) if "Notes" in f[1])
    client.post(reverse("revise-plan", args=[plan.pk]), {"drop": json.dumps({"folds": [[fold[0], None]]})})
    assert all(set(r.fields) == {"name"} for r in Plan.objects.get(predecessor=plan).rows())


@pytest.mark.parametrize("drop", ["", "[]", '{"cells": 3}', "{"])
def test_unticking_that_cannot_be_read_changes_nothing(buzz: Live, lead, client_as, drop):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    response = client_as("lead").post(reverse("revise-plan", args=[plan.pk]), {"drop": drop})
    assert response.status_code == 422 and Plan.objects.get().state == Plan.State.OPEN


def test_everything_unticked_is_refused_and_the_plan_stays(buzz: Live, lead, client_as):
    [one] = ids_of(buzz, "campaigns", 1)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {one: {"notes": "n"}})
    response = client_as("lead").post(
        reverse("revise-plan", args=[plan.pk]), {"drop": json.dumps({"rows": [str(one)]})}
    )
    assert response.status_code == 422 and Plan.objects.get().state == Plan.State.OPEN


def test_a_double_click_is_one_run(buzz: Live, lead, client_as):
    client, [one] = client_as("lead"), ids_of(buzz, "campaigns", 1)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {one: {"notes": "n"}})
    answers = [client.post(reverse("apply-plan", args=[plan.pk])) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 302] and answers[0]["Location"] == answers[1]["Location"]
    carried_out(plan)
    assert len(buzz.seen("PATCH")) == 1 and "Open the run" in page(client, plan)
    assert client_as("admin").post(reverse("apply-plan", args=[plan.pk])).status_code == 409


def test_a_plan_that_is_not_what_was_saved_is_a_409_and_nothing_is_sent(buzz: Live, lead, client_as):
    [one] = ids_of(buzz, "campaigns", 1)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {one: {"notes": "n"}})
    plan.changesets[0]["changes"][0]["after"] = "something else"
    plan.save(update_fields=["changesets"])
    response = client_as("lead").post(reverse("apply-plan", args=[plan.pk]))
    assert response.status_code == 409 and not Run.objects.exists()


def test_production_wants_the_number_of_records_typed_and_keeps_the_note(
    buzz: Live, configure, lead, client_as, settings
):
    path = settings.ADMINUI_CONNECTIONS
    path.write_text(path.read_text().replace('environment = "sandbox"', 'environment = "production"'))
    configure("")
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 3)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in chosen})
    assert "PRODUCTION" in page(client, plan) and 'id="typed"' in page(client, plan)
    refused = client.post(reverse("apply-plan", args=[plan.pk]), {"note": "typed with care", "typed": "2"})
    html = refused.content.decode()
    assert refused.status_code == 422 and "type 3, the number of records" in html and 'value="typed with care"' in html
    assert not Run.objects.exists()
    assert client.post(reverse("apply-plan", args=[plan.pk]), {"typed": "3"}).status_code == 302


def test_a_full_put_is_drawn_from_the_record_as_it_is_now(buzz: Live, lead, client_as):
    [one] = ids_of(buzz, "campaigns", 1)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {one: {"notes": "n"}}, replace=True)
    buzz.api.change("campaigns", one, {"alternative_id": "changed meanwhile"})
    [body] = bodies(page(client_as("lead"), plan))
    assert body["alternative_id"] == "changed meanwhile" and body["notes"] == "n"


def test_a_finding_limits_the_changes_to_its_rows(buzz: Live, lead, client_as):
    client, (one, two, three) = client_as("lead"), ids_of(buzz, "campaigns", 3)
    for record in (one, two, three):
        buzz.api.change("campaigns", record, {"notes": "kept"})
    plan = planned(buzz.open(lead, "campaigns"), buzz, {one: {"notes": ""}, two: {"notes": "a"}, three: {"notes": "a"}})
    assert "Notes will be emptied." in page(client, plan)
    assert "Only 1 row: Notes will be emptied." in page(client, plan, "?finding=0")


def test_a_viewer_and_an_editor_may_look_at_a_plan_and_not_send_it(buzz: Live, lead, client_as):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    for role in ("viewer", "editor"):
        assert client_as(role).post(reverse("apply-plan", args=[plan.pk])).status_code == 403
        assert client_as(role).post(reverse("revise-plan", args=[plan.pk]), {"drop": "{}"}).status_code in (403, 422)
    assert "send-button" not in page(client_as("viewer"), plan)
    assert not Run.objects.exists()


def test_more_rows_than_the_role_may_change_cannot_be_planned(buzz: Live, lead, client_as):
    Grant.objects.filter(group__name="lead").update(max_rows=2)
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 3)
    client.post(reverse("open-worksheet", args=[buzz.connection, "campaigns"]), {"ids": "\n".join(map(str, chosen))})
    sheet = Worksheet.objects.get()
    edits.take(buzz.open(lead, "campaigns"), sheet, uuid4(), "edit", "typed", {"notes": ([0, 1, 2], ["n"] * 3)})
    refused = client.post(reverse("plan-worksheet", args=[sheet.pk]))
    assert refused.status_code == 403 and "at once; this plan has 3" in refused.content.decode()


def test_a_field_hidden_from_somebody_hides_the_plan_that_changes_it(buzz: Live, lead, viewer, client_as):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    grant = Grant.objects.filter(group__name="viewer").first()
    Grant.objects.create(group=grant.group, fields="notes", actions=["view"], deny=True)
    response = client_as("viewer").get(reverse("plan", args=[plan.pk]))
    assert response.status_code == 403 and "may not see" in response.content.decode()


@pytest.fixture
def production(buzz: Live, configure, settings) -> None:
    path = settings.ADMINUI_CONNECTIONS
    path.write_text(path.read_text().replace('environment = "sandbox"', 'environment = "production"'))
    configure(f"[connections.{buzz.connection}.guards]\nnote_above = 2\ncanary_above = 2\n")


def test_a_note_is_asked_for_in_words_before_and_after(buzz: Live, production, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 3)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in chosen})
    html = page(client, plan)
    assert "Production: a note or ticket is needed above 2 records." in html and "needed here" in html
    refused = client.post(reverse("apply-plan", args=[plan.pk]), {"typed": "3"})
    assert refused.status_code == 422 and "give a note or ticket" in refused.content.decode()
    assert 'value="3"' in refused.content.decode() and not Run.objects.exists()
    assert client.post(reverse("apply-plan", args=[plan.pk]), {"typed": "3", "note": "OPS-1"}).status_code == 302


def test_in_production_the_first_record_goes_alone_and_the_button_says_so(buzz: Live, production, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 3)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in chosen})
    html = page(client, plan)
    assert plan.canary == 1 and "Send 1 of 2 requests, then wait<" in html
    first, wait, second = html.index(f"campaigns/{chosen[0]}<"), html.index("waits for you"), html.index("bulk?ids")
    assert first < wait < second and "2 records follow when you go on" in html
    client.post(reverse("apply-plan", args=[plan.pk]), {"typed": "3", "note": "OPS-1"})
    assert Run.objects.get().gate == 1


def test_other_first_rows_are_another_plan_whose_requests_are_drawn_as_they_go(buzz: Live, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 5)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in chosen}, note="Why")
    address = reverse("revise-plan", args=[plan.pk])
    told = client.post(address, {"drop": "{}", "canary": "2"}, HTTP_ACCEPT="application/json").json()
    assert told["label"] == "Plan again, sending 2 records first"
    drop = json.dumps({"rows": [str(chosen[4])]})
    told = client.post(address, {"drop": drop, "canary": "2"}, HTTP_ACCEPT="application/json").json()
    assert told["label"] == "Plan again without 1 row, sending 2 records first"
    typed = {"note": "Because", "when": "at", "due_at": "2999-01-01T10:00"}
    answer = client.post(address, {"drop": "{}", "canary": "2", **typed})
    newer = Plan.objects.get(predecessor=plan)
    assert newer.canary == 2 and [len(ids) for _, ids in newer.steps] == [2, 3] and newer.note == "Because"
    html = client.get(answer["Location"]).content.decode()
    assert 'value="Because"' in html and 'value="2999-01-01T10:00"' in html and "Send 1 of 2 requests" in html
    client.post(reverse("revise-plan", args=[newer.pk]), {"drop": "{}", "canary": "0"})
    newest = Plan.objects.get(predecessor=newer)
    assert newest.canary == 0 and "waits for you" not in page(client, newest)


@pytest.mark.parametrize("canary", ["3", "-1", "x", "999999999999"])
def test_as_many_first_rows_as_there_are_or_nonsense_are_refused(buzz: Live, lead, client_as, canary):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 3)})
    response = client_as("lead").post(reverse("revise-plan", args=[plan.pk]), {"drop": "{}", "canary": canary})
    assert response.status_code == 422 and Plan.objects.get().state == Plan.State.OPEN


def _in(hours: int) -> str:
    return f"{timezone.localtime() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def test_it_can_be_sent_later_and_undone_by_itself(buzz: Live, lead, client_as):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    assert "UTC" in page(client_as("lead"), plan)
    moments = {"when": "at", "due_at": _in(2), "revert": "on", "revert_at": _in(5)}
    client_as("lead").post(reverse("apply-plan", args=[plan.pk]), moments)
    run = Run.objects.get()
    assert run.scheduled and f"{run.due_at:%Y-%m-%dT%H:%M}" == _in(2) and f"{run.revert_at:%Y-%m-%dT%H:%M}" == _in(5)


def test_moments_that_are_not_wanted_do_not_count(buzz: Live, lead, client_as):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    client_as("lead").post(
        reverse("apply-plan", args=[plan.pk]), {"when": "now", "due_at": _in(2), "revert_at": _in(3)}
    )
    assert Run.objects.get().due_at is None and Run.objects.get().revert_at is None


@pytest.mark.parametrize(
    ("due", "revert", "words"),
    [
        (-1, None, "has passed"),
        (None, -1, "has passed"),
        (3, 2, "before it is sent"),
        (3, 3, "before it is sent"),
        ("", None, "When to send it is not said"),
        (None, "tomorrow", "When to undo it is not said"),
    ],
)
def test_moments_that_cannot_be_are_refused_and_kept(buzz: Live, lead, client_as, due, revert, words):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    said = {"note": "kept"}
    if due is not None:
        said |= {"when": "at", "due_at": due if isinstance(due, str) else _in(due)}
    if revert is not None:
        said |= {"revert": "on", "revert_at": revert if isinstance(revert, str) else _in(revert)}
    refused = client_as("lead").post(reverse("apply-plan", args=[plan.pk]), said)
    html = refused.content.decode()
    assert refused.status_code == 422 and words in html and not Run.objects.exists()
    assert all(f'value="{said[name]}"' in html for name in ("note", "due_at", "revert_at") if name in said)


def test_records_of_another_run_are_shown_with_its_owner_and_that_this_one_waits(buzz: Live, lead, client_as):
    opened, chosen = buzz.open(lead, "campaigns"), ids_of(buzz, "campaigns", 5)
    run = plans.approve(opened, planned(opened, buzz, {i: {"notes": "n"} for i in chosen[:3]}))
    html = page(client_as("admin"), planned(opened, buzz, {i: {"notes": "m"} for i in chosen[2:]}))
    assert (
        f"1 record is also in run {run.pk} of lead, which is queued." in html and "waits until that run is over" in html
    )
    assert reverse("run", args=[run.pk]) in html
    apart = page(client_as("admin"), planned(opened, buzz, {i: {"notes": "m"} for i in chosen[3:]}))
    assert "also in run" not in apart


def test_only_what_is_on_its_way_is_said_to_be_waited_for(buzz: Live, lead, client_as):
    opened, chosen = buzz.open(lead, "campaigns"), ids_of(buzz, "campaigns", 5)
    run = plans.approve(opened, planned(opened, buzz, {i: {"notes": "n"} for i in chosen[:3]}))
    plan = planned(opened, buzz, {i: {"notes": "m"} for i in chosen[2:]})
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() + timedelta(hours=1))
    html = page(client_as("lead"), plan)
    assert "That run reads them again when its time comes" in html and "waits until" not in html
    Run.objects.filter(pk=run.pk).update(due_at=None, state=Run.State.PAUSED)
    html = page(client_as("lead"), plan)
    assert "This run does not wait for it." in html and "waits until" not in html


def test_what_the_plan_had_to_leave_out_is_listed_and_its_run_named(buzz: Live, lead, client_as):
    opened, (one, two, three) = buzz.open(lead, "campaigns"), ids_of(buzz, "campaigns", 3)
    run = plans.approve(opened, planned(opened, buzz, {one: {"notes": "n"}, two: {"notes": "n"}}))
    held = [Held(str(three), "Spring <3", "Somebody changed Notes since.")]
    undo = page(client_as("lead"), planned(opened, buzz, {one: {"notes": "m"}}, undoes=run, held=held))
    assert "1 record is not in this plan" in undo and "Spring &lt;3" in undo and "changed Notes since" in undo
    assert f">run {run.pk}</a>" in undo and "Undoes 1 row of" in undo
    retry = page(client_as("lead"), planned(opened, buzz, {one: {"notes": "m"}, two: {"notes": "m"}}, retries=run))
    assert "Tries 2 rows of" in retry and "</a> again" in retry and "not in this plan" not in retry


def test_while_writing_is_stopped_every_page_of_the_connection_says_so_and_nothing_is_sent(
    buzz: Live, lead, admin_user, client_as
):
    opened = buzz.open(lead, "campaigns")
    plan = planned(opened, buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    switch.stop(admin_user, opened.connection, "Billing <moves>")
    for address in (reverse("plan", args=[plan.pk]), reverse("list", args=[buzz.connection, "campaigns"])):
        html = client_as("viewer").get(address).content.decode()
        assert "admin stopped all writing to Buzz (Test): Billing &lt;moves&gt;." in html
    html = page(client_as("lead"), plan)
    assert re.search(r'id="send-button"[^>]* disabled>', html) and "Nothing can be sent: writing is stopped" in html
    assert client_as("lead").post(reverse("apply-plan", args=[plan.pk])).status_code == 409
    assert not Run.objects.exists()


def test_an_administrator_stops_and_allows_writing_on_the_connections_page(buzz: Live, client_as):
    where = reverse("connection", args=[buzz.connection])
    assert "Stop all writing to Buzz (Test)" in client_as("admin").get(where).content.decode()
    assert "Stop all writing" not in client_as("lead").get(where).content.decode()
    halt, allow = (reverse(name, args=[buzz.connection]) for name in ("halt-connection", "allow-connection"))
    assert client_as("lead").post(halt, {"why": "no"}).status_code == 403
    assert client_as("admin").get(halt).status_code == 405
    assert client_as("admin").post(halt, {"why": "Migration"})["Location"] == where
    assert "Migration" in client_as("lead").get(where).content.decode()
    assert "Allow writing" not in client_as("lead").get(where).content.decode()
    assert client_as("lead").post(allow).status_code == 403
    assert client_as("admin").post(allow)["Location"] == where
    assert "Migration" not in client_as("lead").get(where).content.decode()


def test_a_long_address_is_folded_in_its_middle_and_there_in_full_beneath(buzz: Live, lead, client_as):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 20)
    html = page(client, planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in chosen}))
    [shown] = re.findall(r'class="url">(.*?)</span>', html)
    assert "… 14 more …" in shown and len(shown) < 100
    [whole] = re.findall(r'aria-label="The whole address[^"]*">(.*?)</pre>', html)
    ids = unescape(whole).split("ids=")[1].replace("%2C", ",").split(",")
    assert sorted(map(int, ids)) == sorted(chosen) and f'data-copy="{whole}" data-copy-label="Address"' in html


def test_an_editor_may_look_at_a_plan_of_many_and_is_told_why_not_more(buzz: Live, lead, client_as):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    html = page(client_as("editor"), plan)
    assert "send-button" not in html and "one by one" in html


def test_looking_again_works_nothing_out_again_and_reading_the_worksheet_again_does(
    buzz: Live, lead, client_as, monkeypatch
):
    client, chosen = client_as("lead"), ids_of(buzz, "campaigns", 3)
    worked_out = []
    true_one = overview._worked_out
    monkeypatch.setattr(overview, "_worked_out", lambda *given: worked_out.append(1) or true_one(*given))
    client.post(reverse("open-worksheet", args=[buzz.connection, "campaigns"]), {"ids": "\n".join(map(str, chosen))})
    sheet = Worksheet.objects.get()
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in chosen}, worksheet=sheet.pk)
    first = page(client, plan)
    assert page(client, plan).split("<main")[1].split("csrf")[0] == first.split("<main")[1].split("csrf")[0]
    page(client_as("admin"), plan, "?from=0")
    assert len(worked_out) == 1
    Worksheet.objects.update(baseline=2)
    page(client, plan)
    assert len(worked_out) == 2


def test_practising_shows_what_would_come_and_writes_nothing(buzz: Live, lead, client_as):
    client, (one, two, three) = client_as("lead"), ids_of(buzz, "campaigns", 3)
    edits = {one: {"notes": "n"}, two: {"notes": "n"}, three: {"name": "x" * 250}}
    plan = planned(buzz.open(lead, "campaigns"), buzz, edits)
    assert "Practise on 3 records" in page(client, plan)
    asked = client.post(reverse("practise-plan", args=[plan.pk]), HTTP_HX_REQUEST="true").content.decode()
    assert "every 1s" in asked and "waits for a worker" in asked and "<html" not in asked
    assert practice.practise_once()
    told = client.get(reverse("plan-practice", args=[plan.pk])).content.decode()
    assert "every 1s" not in told and "of 3 rows would be refused" in told and "191 characters" in told
    assert "As far as the imitation knows" in told and "Practise on 3 records again" in told
    assert not buzz.seen("PATCH") and not Run.objects.exists()
    drop = json.dumps({"rows": [str(three)]})
    client.post(reverse("revise-plan", args=[plan.pk]), {"drop": drop})
    newer = page(client, Plan.objects.get(predecessor=plan))
    assert "which this one replaced" in newer and "Practise on 2 records again" in newer


def test_asking_how_a_practice_stands_reads_nothing_from_the_api_not_even_for_a_put(buzz: Live, lead, client_as):
    client, [one] = client_as("lead"), ids_of(buzz, "campaigns", 1)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {one: {"notes": "n"}}, replace=True)
    client.post(reverse("practise-plan", args=[plan.pk]))
    before = len(buzz.seen())
    for _ in range(3):
        assert "waits for a worker" in client.get(reverse("plan-practice", args=[plan.pk])).content.decode()
    assert len(buzz.seen()) == before


def test_what_sending_takes_is_told_by_purpose(autotask: Live, lead, client_as):
    plan = planned(
        autotask.open(lead, "Companies"), autotask, {i: {"city": "Ulm"} for i in ids_of(autotask, "Companies", 3)}
    )
    told = client_as("lead").get(reverse("plan-forecast", args=[plan.pk])).content.decode()
    assert all(each in told for each in ("3 to write", "1 to check", "It takes about", "of this hour are left"))
    assert reverse("plan-forecast", args=[plan.pk]) in page(client_as("lead"), plan)


def test_who_may_not_see_a_plan_does_not_see_its_practice(buzz: Live, lead, viewer, client_as):
    plan = planned(buzz.open(lead, "campaigns"), buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    assert client_as("viewer").post(reverse("practise-plan", args=[plan.pk])).status_code == 403
    grant = Grant.objects.filter(group__name="viewer").first()
    Grant.objects.create(group=grant.group, fields="notes", actions=["view"], deny=True)
    assert client_as("viewer").get(reverse("plan-practice", args=[plan.pk])).status_code == 403
