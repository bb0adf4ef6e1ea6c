"""The record page: what it shows, what it says it will send, what it sends, and what it says when things go wrong."""

import json
import re
import threading
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from adminui.connections import live
from adminui.remote.client import Client as RemoteClient
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.staff.models import Grant
from tests.conftest import SANDBOX_BUZZ, Live

pytestmark = pytest.mark.django_db

CAMPAIGN = 1


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeated reads without the pauses between them, which are tested where they are made."""
    monkeypatch.setattr(RemoteClient, "_pause", lambda self, retries: 0.0)


@dataclass
class Page:
    """A record's page held open by a person: its baseline, its token, and what it posts."""

    client: Client
    connection: str
    resource: str
    record_id: int
    html: str = ""
    baseline: str = ""
    token: str = field(default_factory=lambda: str(uuid4()))

    def __post_init__(self) -> None:
        response = self.client.get(self.url("record"))
        assert response.status_code == 200, response.content.decode()[:2000]
        self.html = response.content.decode()
        found = re.search(r'data-baseline="([^"]*)" data-token="([^"]*)"', self.html)
        if found:
            self.baseline, self.token = unescape(found[1]), found[2]

    def url(self, name: str) -> str:
        return reverse(name, args=[self.connection, self.resource, self.record_id])

    def post(self, name: str, edits: Any, **more: Any) -> Any:
        body = {"baseline": self.baseline, "edits": edits} | more
        return self.client.post(
            self.url(name), json.dumps(body), content_type="application/json", headers={"Accept": "application/json"}
        )

    def preview(self, edits: Any, **more: Any) -> dict[str, Any]:
        response = self.post("preview", edits, **more)
        assert response.status_code == 200, response.content
        return response.json()

    def save(self, edits: Any, **more: Any) -> Any:
        return self.post("save", edits, **({"token": self.token} | more))

    def field(self, name: str) -> str:
        """The markup of one field."""
        start = self.html.index(f'data-field="{name}"')
        end = self.html.find('data-field="', start + 1)
        return self.html[start : end if end > 0 else None]


def opened(client: Client, api: Live, resource: str = "campaigns", record_id: int | None = None) -> Page:
    return Page(client, api.connection, resource, record_id or api.api.dump(resource)[0]["id"])


def stored(api: Live, page: Page) -> dict[str, Any]:
    return next(r for r in api.api.dump(page.resource) if r["id"] == page.record_id)


def writes(api: Live) -> list[Any]:
    return [entry for entry in api.seen() if entry["method"] in ("PUT", "PATCH")]


def bodies(html: str) -> list[Any]:
    return [json.loads(unescape(body)) for body in re.findall(r'aria-label="Body">(.*?)</pre>', html, re.DOTALL)]


# What the page shows


def test_each_kind_of_field_gets_its_own_control_with_its_label_type_and_help(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    assert '<select class="select"' in page.field("active") and "yes or no" in page.field("active")
    assert 'role="combobox"' in page.field("advertiser_id") and "reference to advertisers" in page.field(
        "advertiser_id"
    )
    assert 'inputmode="decimal"' in page.field("max_bid") and 'type="number"' not in page.html
    assert "date and time, account time" in page.field("start_date") and "data-pick" in page.field("start_date")
    assert "data-nested-open" in page.field("spend_budget") and "&quot;lifetime&quot;" in page.field("spend_budget")
    assert 'data-max="191"' in page.field("name") and 'title="name"' in page.field("name")
    assert "required" in page.field("name") and "<textarea" in page.field("notes")


def test_a_reference_shows_the_name_with_the_id_and_leads_to_the_record(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    advertiser = next(a for a in buzz.api.dump("advertisers") if a["id"] == stored(buzz, page)["advertiser_id"])
    shown = unescape(page.field("advertiser_id"))
    assert f"{advertiser['name']} · {advertiser['id']}" in shown
    assert f'href="/c/buzz-test/advertisers/records/{advertiser["id"]}/"' in shown


def test_read_only_fields_are_text_and_hidden_ones_are_not_drawn(buzz, configure, client_as):
    configure('[connections.buzz-test.resources.campaigns]\nhidden = ["notes"]\n')
    page = opened(client_as("editor"), buzz)
    assert 'data-field="create_date"' not in page.html and "Create date</dt>" in page.html
    assert 'data-field="notes"' not in page.html and 'title="notes"' not in page.html


def test_null_empty_text_and_a_line_end_are_each_told_apart(buzz, client_as):
    for value, mark in ((None, " data-null"), ("", 'placeholder="empty"'), ("one\r\ntwo", "<textarea")):
        buzz.api.change("campaigns", CAMPAIGN, {"alternative_id": value})
        shown = opened(client_as("editor"), buzz, record_id=CAMPAIGN).field("alternative_id")
        assert mark in shown
        assert (" data-null" in shown.split(">", 1)[0]) == (value is None)


def test_an_inactive_choice_is_shown_where_it_is_held_and_offered_nowhere_else(autotask, client_as, person):
    client, editor = client_as("editor"), person("admin")
    page = opened(client, autotask, "Tickets")
    resource = autotask.open(editor, "Tickets").resource
    choices = next(f for f in resource.fields if any(not c.active for c in f.choices) and f.editable)
    inactive = next(c for c in choices.choices if not c.active)
    autotask.api.change("Tickets", page.record_id, {choices.name: inactive.value})
    held = opened(client, autotask, "Tickets", page.record_id).field(choices.name)
    assert f"{inactive.label} (inactive)" in unescape(held) and "selected" in held
    active = next(c for c in choices.choices if c.active)
    autotask.api.change("Tickets", page.record_id, {choices.name: active.value})
    assert "(inactive)" not in opened(client, autotask, "Tickets", page.record_id).field(choices.name)


def test_a_dependent_picklist_names_the_value_each_entry_belongs_to(autotask, client_as):
    shown = opened(client_as("editor"), autotask, "Tickets").field("subIssueType")
    assert 'data-depends="issueType"' in shown and re.search(r'data-parent="\d+"', shown)


def test_user_defined_fields_stand_in_a_group_of_their_own_by_label(autotask, client_as):
    page = opened(client_as("editor"), autotask, "Contacts")
    assert ">User-defined fields <" in page.html
    assert "Preferred Language" in page.field("udf.Preferred Language")


def test_scripts_and_ten_thousand_characters_are_shown_as_the_text_they_are(buzz, client_as):
    text = "<script>alert(1)</script>\n\n</textarea>" + "é" * 10_000
    buzz.api.change("campaigns", CAMPAIGN, {"notes": text, "name": "<img src=x onerror=alert(1)>"})
    page = opened(client_as("editor"), buzz, record_id=CAMPAIGN)
    assert "<script>alert" not in page.html and "<img src=x" not in page.html
    box = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.field("notes"), re.DOTALL)
    assert unescape(box[1]) == text
    assert page.preview({"notes": text})["button"] == "Nothing to send"


def test_a_viewer_reads_the_same_as_text_and_is_told_why(buzz, client_as):
    page = opened(client_as("viewer"), buzz)
    assert "Your role may see Campaigns" in page.html
    assert "data-baseline" not in page.html and "<textarea" not in page.html and 'id="save"' not in page.html
    assert page.save({"name": "No"}).status_code in (403, 409) and not writes(buzz)


def test_a_field_granted_to_be_seen_only_is_text_for_this_person(buzz, client_as, person):
    editor = person("editor")
    client = client_as("editor")
    Grant.objects.filter(group__user=editor).delete()
    group = editor.groups.get()
    Grant.objects.create(group=group, actions=["view"])
    Grant.objects.create(group=group, actions=["view", "edit"], fields="name")
    page = opened(client, buzz)
    assert 'data-field="name"' in page.html and 'data-field="notes"' not in page.html
    assert page.preview({"notes": "x"})["invalid"] == {"notes": "Notes is read-only."}


# What it says it will send


def test_the_panel_tells_the_request_in_full_and_sends_nothing(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    told = page.preview({"name": "A 'quoted' name", "max_bid": "9.50"})
    assert told["button"] == "Change 2 fields of this campaign" and told["sendable"]
    assert bodies(told["html"]) == [{"name": "A 'quoted' name", "max_bid": "9.50"}]
    assert f"{buzz.running.url}/rest/v2/campaigns/{page.record_id}" in told["html"]
    assert "2 of 25 fields" in told["html"] and "23 others untouched" in told["html"]
    assert "curl -X PATCH" in told["html"] and "buzz_key" not in told["html"] and "sandbox&#x27;" not in told["html"]
    assert not writes(buzz)


def test_typing_the_old_value_back_in_any_spelling_is_nothing_to_send(buzz, client_as):
    buzz.api.change("campaigns", CAMPAIGN, {"max_bid": "19.50", "spend_budget": {"lifetime": "5.00", "daily": None}})
    page = opened(client_as("editor"), buzz, record_id=CAMPAIGN)
    told = page.preview({"max_bid": "19.5", "spend_budget": '{"daily":null,"lifetime":5.0}'})
    assert (told["button"], told["sendable"], told["changed"]) == ("Nothing to send", False, [])


def test_null_empty_text_and_untouched_are_three_different_requests(buzz, client_as):
    buzz.api.change("campaigns", CAMPAIGN, {"alternative_id": "x", "notes": "y"})
    page = opened(client_as("editor"), buzz, record_id=CAMPAIGN)
    assert bodies(page.preview({"alternative_id": None})["html"]) == [{"alternative_id": None}]
    assert bodies(page.preview({"alternative_id": ""})["html"]) == [{"alternative_id": ""}]
    assert bodies(page.preview({})["html"]) == []


def test_a_nested_value_is_told_by_the_parts_that_differ(buzz, client_as):
    budget = {"lifetime": "5.00", "daily": None, "include_fees": False}
    buzz.api.change("campaigns", CAMPAIGN, {"spend_budget": budget})
    told = opened(client_as("editor"), buzz, record_id=CAMPAIGN).preview(
        {"spend_budget": json.dumps(budget | {"daily": "1.00"})}
    )
    diff = told["html"].split("</table>")[0]
    assert "Spend budget › daily" in diff and "lifetime" not in diff


@pytest.mark.parametrize(
    ("field_name", "typed", "words"),
    [
        ("max_bid", "abc", "is not a number"),
        ("name", "", "may not be empty"),
        ("name", "x" * 10_000, "10,000 characters"),
        ("start_date", "tomorrow", "is not a date and time"),
        ("spend_budget", "{", "This is not JSON"),
        ("advertiser_id", "Acme", "is not an id"),
        ("active", None, "may not be null"),
        ("create_date", "2026-01-01", "is read-only"),
        ("no_such_field", "1", "has no field"),
    ],
)
def test_what_cannot_be_a_value_is_told_on_its_field_and_cannot_be_sent(buzz, client_as, field_name, typed, words):
    page = opened(client_as("editor"), buzz)
    told = page.preview({field_name: typed, "notes": "fine"})
    assert words in told["invalid"][field_name] and not told["sendable"]
    assert told["button"] == "Correct 1 field first"
    refused = page.save({field_name: typed, "notes": "fine"})
    assert refused.status_code == 422 and words in refused.json()["invalid"][field_name]
    assert not writes(buzz)


def test_a_full_replace_says_what_it_is_and_names_what_it_would_empty(autotask, client_as):
    company = next(c for c in autotask.api.dump("Companies") if c["id"] and c["phone"])
    page = opened(client_as("editor"), autotask, "Companies", company["id"])
    told = page.preview({"companyName": "Renamed", "fax": None, "city": ""}, replace=True)
    assert told["verb"] == "PUT" and "you asked for a full replace" in told["html"]
    assert "City will be emptied." in told["html"]
    [body] = bodies(told["html"])
    assert len(body) > 10 and body["companyName"] == "Renamed" and body["phone"] == company["phone"]


def test_a_full_replace_that_misses_a_required_value_cannot_be_sent(buzz, client_as):
    buzz.api.change("campaigns", CAMPAIGN, {"name": ""})
    page = opened(client_as("editor"), buzz, record_id=CAMPAIGN)
    told = page.preview({"notes": "x"}, replace=True)
    assert not told["sendable"] and "Name is required in a PUT" in told["html"]
    assert page.save({"notes": "x"}, replace=True).status_code == 422 and not writes(buzz)


def test_production_is_named_on_the_button(buzz, configure, client_as):
    configure(
        SANDBOX_BUZZ.format(url=buzz.running.url).replace("buzz-test", "buzz-live").replace('"sandbox"', '"production"')
    )
    page = Page(client_as("editor"), "buzz-live", "campaigns", CAMPAIGN)
    assert "is-production" in page.html and "this changes the live record" in page.html
    assert page.preview({"notes": "x"})["button"] == "Change 1 field of this live campaign"


# Saving


def test_a_save_sends_exactly_what_was_told_and_goes_on_with_what_is_stored(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    edits = {"name": "Renamed", "max_bid": "9.50"}
    told = bodies(page.preview(edits)["html"])
    answer = page.save(edits, note="because").json()
    assert [w["body"] for w in writes(buzz)] == told
    assert (answer["kind"], answer["outcome"], answer["left"]) == ("ended", "done", [])
    assert answer["record"]["title"] == "Renamed" and 'value="Renamed"' in answer["record"]["html"]
    assert answer["token"] != page.token and "Saved: 2 fields changed" in answer["html"]
    run = Run.objects.get()
    assert f"/runs/{run.pk}/" in answer["html"] and run.plan.note == "because"
    page.baseline, page.token = answer["record"]["baseline"], answer["token"]
    assert page.save({"notes": "and on"}).json()["outcome"] == "done"


def test_a_double_click_is_one_write_with_one_answer(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    first, second = (page.save({"notes": "once"}).json() for _ in range(2))
    assert first["outcome"] == second["outcome"] == "done" and second["left"] == []
    assert len(writes(buzz)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one_write(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    buzz.running.faults.add(Fault("slow", method="PATCH", seconds=0.4))
    answers: list[Any] = []
    clicks = [threading.Thread(target=lambda: answers.append(_closing(page))) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join(timeout=15)
    assert len(writes(buzz)) == 1 and len(answers) == 2
    assert any(a.status_code == 200 and a.json()["outcome"] == "done" for a in answers)
    assert {a.status_code for a in answers} <= {200, 409}


def _closing(page: Page) -> Any:
    from django.db import connections

    try:
        return page.save({"notes": "once"})
    finally:
        connections.close_all()


def test_a_repeated_save_with_more_typed_since_reports_the_first_and_keeps_the_rest_to_send(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    page.save({"notes": "first"})
    answer = page.save({"notes": "first", "name": "Typed later"}).json()
    assert answer["outcome"] == "done" and answer["left"] == ["name"]
    assert len(writes(buzz)) == 1 and stored(buzz, page)["name"] != "Typed later"


def test_two_tabs_merge_where_they_touch_different_fields(buzz, client_as):
    one, other = opened(client_as("editor"), buzz), opened(client_as("lead"), buzz)
    assert other.save({"notes": "theirs"}).json()["outcome"] == "done"
    answer = one.save({"name": "Mine"}).json()
    assert answer["outcome"] == "done" and "Somebody else changed 1 other field; that is kept" in answer["html"]
    now = stored(buzz, one)
    assert (now["name"], now["notes"]) == ("Mine", "theirs")


def test_two_tabs_on_one_field_are_asked_with_all_three_values_and_nothing_is_sent(buzz, client_as):
    buzz.api.change("campaigns", CAMPAIGN, {"name": "Seen"})
    page = opened(client_as("editor"), buzz, record_id=CAMPAIGN)
    buzz.api.change("campaigns", CAMPAIGN, {"name": "Theirs", "notes": "kept"})
    response = page.save({"name": "Mine", "max_bid": "3.00"})
    answer = response.json()
    assert (response.status_code, answer["kind"], answer["fields"]) == (409, "clash", ["name"])
    clash = answer["record"]["html"].split("data-clash", 1)[1].split("</fieldset>")[0]
    assert "Seen" in clash and "Theirs" in clash and "Mine" in clash
    assert set(answer["left"]) == {"name", "max_bid"} and "that is kept" in answer["html"]
    assert not writes(buzz)
    page.baseline = answer["record"]["baseline"]
    assert page.save({"name": "Mine", "max_bid": "3.00"}).json()["outcome"] == "done"
    assert stored(buzz, page)["name"] == "Mine" and stored(buzz, page)["notes"] == "kept"


def test_a_refusal_puts_the_words_of_the_api_on_the_field_and_keeps_what_was_typed(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    answer = page.save({"frequency_caps": '{"limits": [{}]}', "notes": "typed"}).json()
    assert answer["outcome"] == "rejected" and "required" in answer["invalid"]["frequency_caps"]
    assert set(answer["left"]) == {"frequency_caps", "notes"}
    assert "Nothing was written" in answer["html"] and stored(buzz, page)["notes"] != "typed"


def test_what_the_api_accepts_and_does_not_store_is_told_per_field(buzz, client_as):
    buzz.api.switches["silently_ignored_field"] = "notes"
    page = opened(client_as("editor"), buzz)
    answer = page.save({"notes": "ignored", "name": "Stored"}).json()
    assert answer["outcome"] == "accepted but not stored" and answer["left"] == ["notes"]
    assert "Accepted, but the API stores" in answer["invalid"]["notes"] and "Asked → stored now" in answer["html"]


def test_a_contact_goes_through_its_company_and_keeps_its_integer_truth(autotask, client_as):
    page = opened(client_as("editor"), autotask, "Contacts")
    before = stored(autotask, page)
    target = "false" if before["isActive"] else "true"
    told = page.preview({"isActive": target})
    [body] = bodies(told["html"])
    assert f"/Companies/{before['companyID']}/Contacts" in told["html"]
    assert body["id"] == page.record_id and body["isActive"] == (0 if before["isActive"] else 1)
    assert page.save({"isActive": target}).json()["outcome"] == "done"
    assert stored(autotask, page)["isActive"] == body["isActive"]


def test_one_user_defined_field_is_sent_alone(autotask, client_as):
    page = opened(client_as("editor"), autotask, "Contacts")
    edits = {"udf.Preferred Language": "Welsh"}
    [body] = bodies(page.preview(edits)["html"])
    assert body["userDefinedFields"] == [{"name": "Preferred Language", "value": "Welsh"}] and len(body) == 2
    assert page.save(edits).json()["outcome"] == "done"


# Failures on the way

READ_FAULTS = ["html", "truncated_json", "wrong_record", "server_error", "cut_body", "cut_headers"]


@pytest.mark.parametrize("kind", READ_FAULTS)
def test_a_record_that_cannot_be_read_is_a_page_that_says_so(buzz, client_as, kind):
    client = client_as("editor")
    opened(client, buzz)
    buzz.running.faults.add(Fault(kind, method="GET", path=r"/campaigns/1$", times=None))
    response = client.get(reverse("record", args=["buzz-test", "campaigns", CAMPAIGN]))
    text = response.content.decode()
    assert response.status_code == 502 and "nothing was sent" in text and "What to do" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("kind", [*READ_FAULTS, "drop_before"])
def test_an_api_that_fails_before_the_save_leaves_everything_as_it_was(buzz, client_as, kind):
    page = opened(client_as("editor"), buzz)
    before = stored(buzz, page)
    buzz.running.faults.add(Fault(kind, method="GET", path=r"/campaigns/\d+$", times=None))
    response = page.save({"notes": "typed"})
    assert response.status_code == 502 and "nothing was sent" in response.json()["was_written"]
    assert not writes(buzz) and stored(buzz, page) == before
    buzz.running.faults.clear()
    assert page.save({"notes": "typed"}).json()["outcome"] == "done"


@pytest.mark.parametrize(
    "kind", ["html", "truncated_json", "cut_body", "cut_headers", "drop_after_write", "wrong_record"]
)
def test_an_answer_lost_in_the_middle_of_a_save_is_settled_by_reading(buzz, client_as, kind):
    page = opened(client_as("editor"), buzz)
    buzz.running.faults.add(Fault(kind, method="PATCH"))
    answer = page.save({"notes": "typed"}).json()
    written = stored(buzz, page)["notes"] == "typed"
    assert (answer["outcome"] == "done") == written and answer["outcome"] in ("done", "not sent", "rejected")
    assert answer["left"] == ([] if written else ["notes"])
    assert len(writes(buzz)) == 1


@pytest.mark.parametrize("api", ["buzz", "autotask"])
def test_an_answer_that_is_never_settled_is_unknown_and_says_what_to_do(request, api, client_as):
    running = request.getfixturevalue(api)
    resource, edits = ("campaigns", {"notes": "typed"}) if api == "buzz" else ("Companies", {"city": "Typed"})
    page = opened(client_as("editor"), running, resource)
    running.running.faults.add(Fault("drop_after_write", method="PATCH"))
    running.running.faults.add(Fault("server_error", path=resource, after=1, times=None))
    answer = page.save(edits).json()
    assert answer["outcome"] == "unknown" and answer["record"] is None and answer["left"] == list(edits)
    assert "not known whether this was written" in answer["html"] and "Read again" in answer["html"]
    running.running.faults.clear()
    assert page.save(edits).json()["outcome"] == "unknown"
    assert len(writes(running)) == 1


def test_a_slow_api_is_waited_for(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    buzz.running.faults.add(Fault("slow", method="PATCH", seconds=0.5))
    assert page.save({"notes": "patience"}).json()["outcome"] == "done"


def test_a_login_that_expires_in_the_middle_of_a_save_is_renewed_and_written_once(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    buzz.running.faults.add(Fault("expired_login", method="PATCH"))
    assert page.save({"notes": "renewed"}).json()["outcome"] == "done"
    assert [w["status"] for w in writes(buzz)] == [401, 200]


def test_an_api_that_is_down_is_said_so_and_nothing_is_lost(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    buzz.stop()
    response = page.save({"notes": "typed"})
    assert response.status_code == 502 and "nothing was sent" in response.json()["was_written"]
    assert page.preview({"notes": "typed"})["sendable"], "what would be sent is still known without the API"


def test_wrong_credentials_are_named_and_not_shown(buzz, client_as, monkeypatch):
    client = client_as("editor")
    opened(client, buzz)
    monkeypatch.setenv("TEST_BUZZ_PASSWORD", "wrong-secret-word")
    live.forget()
    response = client.get(reverse("record", args=["buzz-test", "campaigns", CAMPAIGN]))
    text = response.content.decode()
    assert response.status_code == 502 and "does not accept our login" in text and "wrong-secret-word" not in text


def test_a_record_or_resource_that_is_not_there_is_a_page_that_says_so(buzz, autotask, client_as):
    client = client_as("editor")
    for connection, resource, record_id in (
        ("buzz-test", "campaigns", "987654"),
        ("buzz-test", "campaigns", "no-number"),
        ("buzz-test", "vanished", "1"),
        ("gone", "campaigns", "1"),
        ("autotask-test", "Companies", "987654"),
    ):
        response = client.get(reverse("record", args=[connection, resource, record_id]))
        assert response.status_code == 404 and "What to do" in response.content.decode()


def test_a_record_that_vanishes_while_it_is_edited_is_told_and_nothing_is_sent(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    buzz.api._store.tables["campaigns"].pop(page.record_id)
    response = page.save({"notes": "typed"})
    assert response.status_code == 404 and not writes(buzz)


def test_a_stale_csrf_token_is_refused_in_place_before_anything_is_sent(buzz, person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("editor"))
    page = opened(client, buzz)
    response = page.save({"notes": "typed"})
    assert response.status_code == 403 and response.json()["title"] == "This page was out of date"
    assert not writes(buzz)
    token = re.search(r'X-CSRFToken": "([^"]+)"', page.html)[1]
    body = {"baseline": page.baseline, "edits": {"notes": "typed"}, "token": page.token}
    again = client.post(
        page.url("save"), json.dumps(body), content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert again.json()["outcome"] == "done"


def test_our_own_session_that_ended_is_told_in_place(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    page.client.logout()
    response = page.save({"notes": "typed"})
    assert response.status_code == 401 and "signed out" in response.json()["title"] and not writes(buzz)


def test_a_baseline_that_was_touched_or_belongs_elsewhere_is_refused(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    other = opened(page.client, buzz, record_id=2)
    honest = page.baseline
    for baseline in (honest[:-2] + "xx", other.baseline, "", opened(page.client, buzz, "advertisers").baseline):
        page.baseline = baseline
        assert page.save({"notes": "typed"}).status_code == 409
    assert not writes(buzz)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", b'{"baseline": 1, "edits": {}}', b'{"baseline": "x", "edits": {"name": 5}}', b"\xff"],
)
def test_what_is_not_a_save_is_refused(buzz, client_as, body):
    page = opened(client_as("editor"), buzz)
    response = page.client.post(page.url("save"), body, content_type="application/json")
    assert response.status_code == 422 and not writes(buzz)


def test_a_save_without_a_token_is_refused(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    assert page.post("save", {"notes": "typed"}).status_code == 422 and not writes(buzz)


def test_reading_again_brings_a_new_baseline_and_the_fields_alone(buzz, client_as):
    page = opened(client_as("editor"), buzz)
    buzz.api.change("campaigns", page.record_id, {"name": "Moved on"})
    answer = page.client.get(page.url("record"), headers={"Accept": "application/json"}).json()["record"]
    assert answer["title"] == "Moved on" and "<html" not in answer["html"] and answer["baseline"] != page.baseline


def test_long_texts_are_told_from_where_they_part(autotask, client_as):
    company = autotask.api.dump("Companies")[0]["id"]
    page = opened(client_as("editor"), autotask, "Companies", company)
    first = "same " * 90 + "first end"
    assert page.post("save", {"udf.CustomerRanking": first}, token=page.token).json()["kind"] == "ended"
    again = opened(client_as("editor"), autotask, "Companies", company)
    told = again.post("preview", {"udf.CustomerRanking": "same " * 90 + "second end"}).json()["html"]
    for side, end in (("del", "first"), ("ins", "second")):
        assert re.search(rf"<{side}><bdi[^>]*>…[same ]{{50,70}}{end} end</bdi>\s*</{side}>", told)
