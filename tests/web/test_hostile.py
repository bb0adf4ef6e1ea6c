"""Hostile input and hidden fields: nothing leaks, nothing climbs, and what refuses says so instead of failing."""

import re
import time
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from adminui import logs
from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import RemoteError
from adminui.records.casting import to_json
from adminui.records.changes import diff
from adminui.remote.client.address import resolve
from adminui.runs.models import Run
from adminui.services import records, references
from adminui.services.evidence_files import defused
from adminui.staff import throttle
from adminui.staff.models import Grant
from adminui.web import forms, list_table
from adminui.web.values import show
from tests.conftest import PASSWORD, SANDBOX_BUZZ, Live
from tests.web.happenings import change, happened, some
from tests.web.test_records import Page, opened

pytestmark = pytest.mark.django_db

SECRET = "never to be shown"


def deny(role: str, resource: str, fields: str) -> None:
    Grant.objects.create(
        group=Group.objects.get(name=role), resource=resource, fields=fields, actions=["view"], deny=True
    )


# Fields that may not be seen


def test_the_preview_of_a_full_put_keeps_the_fields_to_itself_that_may_not_be_seen(autotask: Live, client_as):
    client = client_as("editor")
    deny("editor", "Companies", "phone")
    record = next(r for r in autotask.api.dump("Companies") if r.get("phone"))
    page = Page(client, autotask.connection, "Companies", record["id"])
    told = page.preview({"companyName": "Renamed"}, replace=True)
    assert told["verb"] == "PUT"
    assert record["phone"] not in told["html"] and "phone" not in told["html"]
    assert "may not see" in told["html"]


def test_a_patch_is_still_shown_to_the_letter(autotask: Live, client_as):
    client = client_as("editor")
    deny("editor", "Companies", "phone")
    page = opened(client, autotask, "Companies")
    assert "Renamed" in page.preview({"companyName": "Renamed"})["html"]


def test_a_field_hidden_by_the_configuration_cannot_be_edited_or_guessed_at(buzz: Live, configure, client_as):
    hiding = '[connections.buzz-hiding.resources.campaigns]\nhidden = ["notes"]\n'
    configure(SANDBOX_BUZZ.format(url=buzz.running.url).replace("buzz-test", "buzz-hiding") + hiding)
    record = buzz.api.dump("campaigns")[0]
    buzz.api.change("campaigns", record["id"], {"notes": SECRET})
    page = Page(client_as("editor"), "buzz-hiding", "campaigns", record["id"])
    assert SECRET not in page.html
    answers = [page.save({"notes": guess}) for guess in (SECRET, "something else")]
    assert [a.status_code for a in answers] == [422, 422]
    assert not buzz.seen("PATCH") and not Run.objects.exists()


def test_a_title_that_may_not_be_seen_is_no_title(buzz: Live, client_as, lead: User, editor: User):
    record = buzz.api.change("campaigns", buzz.api.dump("campaigns")[0]["id"], {"name": SECRET})
    by_lead = buzz.open(lead, "campaigns")
    run = happened(by_lead, [change(by_lead, r, notes="x") for r in some(by_lead, 1)])
    deny("editor", "campaigns", "name")
    client = client_as("editor")
    for address in (
        reverse("record", args=[buzz.connection, "campaigns", record["id"]]),
        reverse("record-history", args=[buzz.connection, "campaigns", record["id"]]),
        reverse("list", args=[buzz.connection, "campaigns"]),
        reverse("run", args=[run.pk]),
        reverse("run", args=[run.pk]) + "?part=sample",
        reverse("run-results", args=[run.pk]),
        reverse("history"),
        reverse("home"),
    ):
        response = client.get(address)
        text = b"".join(response).decode()
        assert response.status_code == 200 and SECRET not in text, address


def test_names_of_records_that_may_not_be_seen_do_not_come_from_what_others_looked_up(buzz: Live, lead, editor):
    deny("editor", "advertisers", "*")
    names = {}
    for user in (lead, editor):
        campaigns = buzz.open(user, "campaigns")
        names[user.username] = references.names(campaigns, campaigns.resource.fields, some(campaigns, 5))
    assert any(resource == "advertisers" for resource, _ in names["lead"])
    assert not any(resource == "advertisers" for resource, _ in names["editor"])


def test_a_reference_is_neither_named_nor_found_by_a_title_that_may_not_be_seen(buzz: Live, lead, editor, client_as):
    first = buzz.api.dump("advertisers")[0]["id"]
    buzz.api.change("advertisers", first, {"name": SECRET})
    deny("editor", "advertisers", "name")
    for role, seen in (("lead", True), ("editor", False)):
        address = reverse("find-reference", args=[buzz.connection, "campaigns", "advertiser_id"])
        text = client_as(role).get(address, {"q": SECRET}).content.decode()
        assert (SECRET in text) is seen
        text = client_as(role).get(address, {"q": str(first)}).content.decode()
        assert (SECRET in text) is seen and f'"{first}"' in text
        page = client_as(role).get(reverse("list", args=[buzz.connection, "campaigns"]), {"columns": "advertiser_id"})
        assert (SECRET in page.content.decode()) is seen


def test_the_frame_of_a_refusal_does_not_name_the_views_of_what_may_not_be_seen(buzz: Live, client_as):
    address = reverse("save-view", args=[buzz.connection, "campaigns"])
    client_as("lead").post(address, {"name": SECRET, "query": "", "shared": "on"})
    deny("viewer", "campaigns", "*")
    response = client_as("viewer").get(reverse("list", args=[buzz.connection, "campaigns"]))
    assert response.status_code == 404 and SECRET not in response.content.decode()


# Input that was not typed into our pages


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "body", [DEEP, '{"edits": {"notes": ' + DEEP + '}, "baseline": ""}', "\x00", "[1e999999999]", '"\\ud800"']
)
def test_a_body_that_is_no_edit_is_refused_and_not_a_failure(buzz: Live, client_as, body):
    page = opened(client_as("editor"), buzz)
    for name in ("preview", "save"):
        response = page.client.post(page.url(name), body, content_type="application/json")
        assert response.status_code == 422, (name, response.status_code)


@pytest.mark.parametrize(
    "where",
    [
        "[" * 100_000,
        DEEP,
        '["and",' * 300 + '["and"]' + "]" * 300,
        '["and",["name","eq"]]',
        '["and",["id","eq","²"]]',
        '["and",["max_bid","eq","1e999999999"]]',
        '["and",["max_bid","in",["1e-999999999"]]]',
        '["and",["id","in",[[[]]]]]',
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(buzz: Live, client_as, where):
    response = client_as("viewer").get(reverse("list", args=[buzz.connection, "campaigns"]), {"where": where})
    assert response.status_code == 422


@pytest.mark.parametrize(
    "typed", ["1e999999999", "-1E+999999", "1e-999999999", "0e999999999", "9" * 5000, "\ud800", "a\x00b"]
)
@pytest.mark.parametrize("field", ["max_bid", "notes", "advertiser_id", "start_date"])
def test_what_cannot_be_a_value_is_said_at_its_field(buzz: Live, client_as, field, typed):
    page = opened(client_as("editor"), buzz)
    told = page.post("preview", {field: typed})
    assert told.status_code == 200
    if field != "notes" or not typed.isascii() or "\x00" in typed:
        assert field in told.json()["invalid"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_instant_outside_the_calendar_is_no_instant(buzz: Live, client_as, moment):
    told = opened(client_as("editor"), buzz).post("preview", {"start_date": moment})
    assert told.status_code == 200 and "start_date" in told.json()["invalid"]


@pytest.mark.parametrize("words", ["²", "9" * 5000, "99999999999999999999", "\x00", "--5", "%2e%2e/"])
def test_odd_words_find_nothing_and_break_nothing(buzz: Live, client_as, words):
    client = client_as("lead")
    finding = reverse("find-reference", args=[buzz.connection, "campaigns", "advertiser_id"])
    listing = reverse("list", args=[buzz.connection, "campaigns"])
    for address, query in (
        ("/palette", {"q": words}),
        (finding, {"q": words}),
        (listing, {"find": words}),
        (listing, {"ids": words}),
        (listing, {"after": words, "page": words, "size": words}),
        ("/history/", {"text": words, "page": words}),
    ):
        assert client.get(address, query).status_code in (200, 422), address


@pytest.mark.parametrize(
    "held",
    [
        "..",
        "%2e%2e",
        "1%2F..%2F..%2Fauthenticate",
        "bulk",
        "1%3Fids=2",
        "1%2523",
        "1%00",
        "²",
        "９",
        "-1",
        "1_0",
        "9" * 5000,
        "1e3",
    ],
)
@pytest.mark.parametrize("api", ["buzz", "autotask"])
def test_an_id_in_an_address_never_changes_where_a_request_goes(request, client_as, api, held):
    served: Live = request.getfixturevalue(api)
    resource = {"buzz": "campaigns", "autotask": "Companies"}[api]
    served.open(client_as("editor") and User.objects.get(username="editor"), resource)
    before = len(served.seen())
    response = client_as("editor").get(f"/c/{served.connection}/{resource}/records/{held}/")
    assert response.status_code in (200, 404), response.content.decode()[:500]
    paths = [entry["path"] for entry in served.seen()[before:]]
    assert all(
        re.fullmatch(rf"/(\w[\w.]*/)*{resource}(/-?\d+|/entityInformation\w*(/\w+)?|/query)?/?", p) for p in paths
    ), paths


# Signing in


@pytest.mark.parametrize("spelling", ["lead", "LEAD", " lead ", "\uff4cead", "l\uff45ad", "\U0001d425ead"])
def test_another_spelling_of_a_name_is_the_same_name_to_the_throttle(client: Client, lead: User, spelling: str):
    for _ in range(throttle.LIMIT):
        client.post("/sign-in/", {"username": "lead", "password": "wrong"})
    assert client.post("/sign-in/", {"username": spelling, "password": PASSWORD}).status_code == 429


def test_a_name_with_a_nul_is_a_wrong_name(client: Client):
    assert client.post("/sign-in/", {"username": "lead\x00", "password": "wrong"}).status_code == 422


# Staff


def admin_page(client: Client, path: str, data: dict[str, Any]) -> Any:
    return client.post(f"/staff/auth/user/{path}", data)


def test_an_admin_does_not_make_superusers(client_as, admin_user: User, viewer: User):
    client = client_as("admin")
    for user in (viewer, admin_user):  # the last gives their own role away with it
        data = {
            "username": user.username,
            "is_active": "on",
            "is_superuser": "on",
            "is_staff": "on",
            "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00:00",
        }
        assert admin_page(client, f"{user.pk}/change/", data).status_code == 302
        user.refresh_from_db()
        assert not user.is_superuser and user.is_staff


@pytest.mark.parametrize("path", ["change/", "password/", "delete/"])
def test_an_admin_does_not_touch_a_superuser(client_as, path):
    boss = User.objects.create_superuser("boss", password=PASSWORD)
    held = boss.password
    data = {
        "username": "boss",
        "post": "yes",
        "password1": "another long password",
        "password2": "another long password",
        "usable_password": "true",
    }
    assert admin_page(client_as("admin"), f"{boss.pk}/{path}", data).status_code == 403
    boss = User.objects.get(pk=boss.pk)
    assert boss.password == held and boss.is_superuser


def test_an_admin_does_not_delete_a_superuser_among_others(client_as):
    boss = User.objects.create_superuser("boss", password=PASSWORD)
    data = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
    admin_page(client_as("admin"), "", data)
    assert User.objects.filter(pk=boss.pk).exists()


# What is kept of pages on the way


def test_pages_are_kept_by_nobody_between_us_and_the_person(buzz: Live, client_as, client):
    signed_in = client_as("viewer")
    for address in (
        "/",
        reverse("list", args=[buzz.connection, "campaigns"]),
        "/history/",
        "/palette",
        "/no/such/page",
    ):
        kept = signed_in.get(address)["Cache-Control"]
        assert "private" in kept and "no-cache" in kept, address
    assert "private" in client.get("/sign-in/")["Cache-Control"]


def test_the_results_file_is_not_kept_either(buzz: Live, client_as, lead: User):
    by_lead = buzz.open(lead, "campaigns")
    run = happened(by_lead, [change(by_lead, r, notes="x") for r in some(by_lead, 1)])
    assert "private" in client_as("viewer").get(reverse("run-results", args=[run.pk]))["Cache-Control"]


def test_half_a_character_from_the_api_does_not_break_what_is_drawn_or_kept(buzz: Live, editor: User):
    campaigns = buzz.open(editor, "campaigns")
    record = {**some(campaigns, 1)[0], "name": "half a \ud83d", "notes": "\ud83d"}
    fields = [campaigns.resource.by_name[name] for name in ("name", "notes")]
    for text in (
        list_table.rows(campaigns, [record], fields[0], fields, {}, ticks=True),
        *(str(given.text) for section in forms.build(campaigns, record, {}).sections for given in section.inputs),
        *(show(campaigns, f, record[f.name]).html for f in fields),
        campaigns.resource.title_of(record),
        to_json(record),
    ):
        text.encode()
    assert records.unseal(campaigns, records.seal(campaigns, record))["notes"] == "\ud83d"
    assert not diff(campaigns.resource, record, {"notes": "\ufffd"}).changeset.changes


def test_an_empty_cell_of_the_results_stays_empty():
    assert defused("") == "" and defused("-12.50") == "-12.50"
    assert all(defused(cell).startswith("'") for cell in ("=1", " =1", "\t=1", "\uff1d1", "@x", "-x"))


def test_one_token_is_for_one_record(buzz: Live, client_as):
    client, (first, second) = client_as("editor"), [r["id"] for r in buzz.api.dump("campaigns")[:2]]
    page = opened(client, buzz, record_id=first)
    assert page.save({"notes": "written"}).status_code == 200
    other = opened(client, buzz, record_id=second)
    answer = other.save({"notes": "never written"}, token=page.token)
    assert answer.status_code == 409 and len(buzz.seen("PATCH")) == 1


@pytest.mark.parametrize("path", ["campaigns/%2e%2e/authenticate", "campaigns/%2E./x", "campaigns/../x", "campaigns/."])
def test_an_address_does_not_climb_however_it_is_spelt(path):
    with pytest.raises(RemoteError, match="climbs"):
        resolve("https://api.example.com/rest/v2", ApiRequest("GET", path))


@pytest.mark.parametrize("line", ["x" * 100_000, "password" * 12_000, "password " * 12_000, "cookie" + " " * 100_000])
def test_a_long_line_is_redacted_in_no_time(line):
    began = time.monotonic()
    logs.redact(line)
    assert time.monotonic() - began < 10
