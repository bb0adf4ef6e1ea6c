"""History: every run can be found again, told truly, and read while the API is down."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.html import escape

from adminui.runs.models import Item, Plan, Run
from adminui.services import history, sifting
from adminui.staff.models import Grant
from tests.web.happenings import change, happened, queued, some

pytestmark = pytest.mark.django_db


def page_of(client, query: str = "") -> str:
    answer = client.get(f"/history/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_anything_was_sent_history_says_what_it_is_for(client_as, buzz):
    assert "Nothing has been sent from here yet" in page_of(client_as("viewer"))


def test_a_run_is_told_in_a_sentence_with_who_where_and_why(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    happened(opened, [change(opened, record, notes="Dead") for record in some(opened, 3)], note="IO 4471")
    page = page_of(client_as("viewer"))
    for words in ("3 Line items: Notes set to “Dead”", "lead", "Buzz (Test), Line items", "IO 4471", "3 done", "Today"):
        assert words in page, words


def test_different_values_are_not_told_as_one(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    happened(opened, [change(opened, record, notes=f"No {n}") for n, record in enumerate(some(opened, 3))])
    assert "3 Line items: Notes changed" in page_of(client_as("viewer"))


def test_what_was_done_in_part_is_told_as_a_part(client_as, buzz, lead):
    opened = buzz.open(lead, "campaigns")
    records = some(opened, 3)
    buzz.api.change("campaigns", records[0]["id"], {"notes": "theirs"})
    happened(opened, [change(opened, record, notes="Dead") for record in records])
    assert "2 of 3 Campaigns: Notes set to “Dead”" in page_of(client_as("viewer"))


def test_what_only_was_tried_is_not_told_as_done(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    happened(opened, [change(opened, some(opened, 1)[0], name="")])
    page = page_of(client_as("viewer"))
    assert "tried to set Name to empty" in page and "nothing written" in page


def test_filters_are_in_the_address_and_each_narrows(client_as, buzz, lead, editor):
    lines, campaigns = buzz.open(lead, "line-items"), buzz.open(editor, "campaigns")
    first, second = some(lines, 2)
    happened(lines, [change(lines, first, notes="One")], note="Flight 12 ends")
    happened(campaigns, [change(campaigns, some(campaigns, 1)[0], notes="Two")])
    happened(lines, [change(lines, second, name="")])
    client = client_as("viewer")
    found = {
        "": 3,
        "?resource=campaigns": 1,
        "?person=lead": 2,
        "?outcome=rejected": 1,
        "?text=flight+12": 1,
        f"?text={first['id']}&resource=line-items": 1,
        "?connection=buzz-test": 3,
        "?connection=elsewhere": 0,
    }
    counted = {query: page_of(client, query).count('<li class="event">') for query in found}
    assert counted == found
    assert "No run matches" in page_of(client, "?connection=elsewhere")


def fitting(client, query: str) -> int:
    return page_of(client, query).count('<li class="event">')


def test_runs_are_found_by_field_and_by_what_it_held_or_was_set_to(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    first, second = some(opened, 2)
    happened(opened, [change(opened, first, notes='Say "Dead" \\ now'), change(opened, second, notes="Other")])
    happened(opened, [change(opened, second, name="Dead or alive")])
    client = client_as("viewer")
    found = {
        "?field=Notes": 1,
        "?field=notes": 1,
        "?field=Name": 1,
        "?field=Budget": 0,
        "?value=dead": 2,
        "?value=say+%22dead%22+%5C+now": 1,
        "?field=Notes&value=dead": 1,
        "?field=Notes&value=alive": 0,
        "?value=changes": 0,
        f"?field=name&value={quote(second['name'])}": 1,
    }
    assert {query: fitting(client, query) for query in found} == found
    page = page_of(client, "?field=Notes&value=dead")
    assert "1 row fits" in page and f"<bdi>{escape(first['name'])}</bdi></a>" in page


def test_a_choice_is_found_by_its_label_and_null_by_its_name(client_as, autotask, lead):
    opened = autotask.open(lead, "Companies")
    records = some(opened, 12)
    field = opened.resource.by_name["classification"]
    choice = next(each for each in field.choices if each.active and "Customer" in each.label)
    rows = [change(opened, r, classification=choice.value) for r in records if r["classification"] != choice.value]
    happened(opened, rows)
    client = client_as("viewer")
    assert fitting(client, f"?value={quote(choice.label)}") == 1
    nulls = sum(row.changes[0].before is None for row in rows)
    page = page_of(client, "?field=classification&value=null")
    assert f"{nulls} row{'' if nulls == 1 else 's'} fit" in page


def test_runs_are_found_by_day_and_by_where_they_were_made(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, some(opened, 1)[0], notes="One")])
    happened(opened, [change(opened, some(opened, 1)[0], notes="Two")])
    Run.objects.filter(pk=run.pk).update(created_at=datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    Plan.objects.filter(run=run).update(door="record")
    client = client_as("viewer")
    found = {
        "?since=2026-02-01": 1,
        "?until=2026-01-31": 1,
        "?since=2026-01-31&until=2026-01-31": 1,
        "?since=nonsense": 2,
        "?door=record": 1,
        "?door=undo": 0,
    }
    assert {query: fitting(client, query) for query in found} == found


def test_a_search_tells_nothing_of_fields_one_may_not_see(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    happened(opened, [change(opened, some(opened, 1)[0], notes="Confidential", name="Open")])
    Grant.objects.create(
        group=Group.objects.get(name="viewer"),
        connection="*",
        resource="*",
        fields="notes",
        actions=["view"],
        deny=True,
    )
    client = client_as("viewer")
    assert [fitting(client, query) for query in ("?value=confid", "?field=notes", "?value=open")] == [0, 0, 1]
    assert fitting(client_as("lead"), "?value=confid") == 1


def test_more_than_one_search_goes_through_is_said(client_as, buzz, lead, monkeypatch):
    opened = buzz.open(lead, "line-items")
    for number in range(3):
        happened(opened, [change(opened, record, notes=f"Seen {number}") for record in some(opened, 2)])
    monkeypatch.setattr(sifting, "RUNS", 2)
    page = page_of(client_as("viewer"), "?value=seen")
    assert "2 runs among the newest" in page and page.count('<li class="event">') == 2
    monkeypatch.setattr(sifting, "RUNS", 200)
    monkeypatch.setattr(sifting, "ROWS", 1)
    assert "at least 1 row fits" in page_of(client_as("viewer"), "?value=seen")


def test_an_undone_run_says_when_and_by_whom_and_the_other_one_what_it_undoes(client_as, buzz, lead, editor):
    opened = buzz.open(lead, "line-items")
    records = some(opened, 3)
    run = happened(opened, [change(opened, record, notes="Dead") for record in records])
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    again = some(opened, 3)
    back = [change(opened, now, notes=was["notes"]) for now, was in zip(again, records, strict=True)]
    undo = happened(opened, back[:2], undoes=run)
    page = page_of(client_as("viewer"))
    assert "2 of 3 rows undone 2 hours later, by lead" in page
    assert f'undoes <a href="/runs/{run.pk}/">run {run.pk}</a>' in page
    rest = happened(opened, back[2:], undoes=run)
    Run.objects.filter(pk=undo.pk).delete()
    Item.objects.filter(run=rest).update(outcome="rejected")
    assert "not undone, though tried 2 hours later, by lead" in page_of(client_as("viewer"))
    record = client_as("viewer").get(f"/c/buzz-test/line-items/records/{records[2]['id']}/history").content.decode()
    assert "undone 2 hours later" not in record
    Item.objects.filter(run=rest).update(outcome="done")
    record = client_as("viewer").get(f"/c/buzz-test/line-items/records/{records[2]['id']}/history").content.decode()
    assert "undone 2 hours later, by lead" in record and f'to undo <a href="/runs/{run.pk}/">' in record


def test_what_waits_says_for_what(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Later")])
    stories = {
        "scheduled for 01 Jan 2100, 02:00 UTC; nothing has been sent": {"due_at": datetime(2100, 1, 1, 2, tzinfo=UTC)},
        "paused by request": {"due_at": None, "state": "paused", "pause": "asked"},
        "paused after its first rows": {"pause": "canary"},
        "paused itself: The same words": {"pause": "trouble", "message": "The same words"},
        "waits for its turn": {"state": "queued", "pause": ""},
        "to be undone by itself on 01 Jan 2100": {"state": "finished", "revert_at": datetime(2100, 1, 1, tzinfo=UTC)},
    }
    for words, state in stories.items():
        Run.objects.filter(pk=run.pk).update(**state)
        assert words in page_of(client_as("viewer")), words


def test_a_field_says_who_set_it_last_from_here_and_whether_it_still_holds_that(client_as, buzz, lead, editor):
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0]
    happened(opened, [change(opened, record, notes="First", name="Named")], note="Ticket 1")
    last = happened(opened, [change(opened, some(opened, 1)[0], notes="Second")], note="Ticket 2")
    happened(opened, [change(opened, some(opened, 1)[0], name="")])
    found = history.blame(opened, record["id"])
    assert {name: (each.after, each.note) for name, each in found.items()} == {
        "notes": ("Second", "Ticket 2"),
        "name": ("Named", "Ticket 1"),
    }
    assert found["notes"].before == "First" and found["notes"].run == last.pk
    address = f"/c/buzz-test/line-items/records/{record['id']}/"
    for role in ("editor", "viewer"):
        page = client_as(role).get(address).content.decode()
        assert page.count('<details class="blame">') == 2
        assert f"run {last.pk}</a>: Ticket 2" in page and "changed elsewhere since" not in page
    buzz.api.change("line-items", record["id"], {"notes": "Elsewhere"})
    page = client_as("editor").get(address).content.decode()
    assert "Last set from here to" in page and "changed elsewhere since" in page


def test_blame_is_one_query_and_leaves_out_what_one_may_not_see(buzz, lead, viewer, django_assert_num_queries):
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0]
    happened(opened, [change(opened, record, notes="Seen", name="Named")])
    Grant.objects.create(
        group=Group.objects.get(name="viewer"),
        connection="*",
        resource="*",
        fields="notes",
        actions=["view"],
        deny=True,
    )
    seen = buzz.open(viewer, "line-items")
    assert set(history.blame(seen, record["id"])) == {"name"}
    with django_assert_num_queries(1):
        history.blame(opened, record["id"])


def test_the_timeline_alone_comes_for_the_filter(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    happened(opened, [change(opened, some(opened, 1)[0], notes="One")])
    part = page_of(client_as("viewer"), "?part=timeline&person=")
    assert 'id="timeline"' in part and "<html" not in part


def test_what_changed_opens_in_place(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, record, notes="Dead") for record in some(opened, 12)])
    assert f'hx-get="/runs/{run.pk}/?part=sample"' in page_of(client_as("viewer"))
    part = client_as("viewer").get(f"/runs/{run.pk}/?part=sample").content.decode()
    assert part.count('<table class="diff">') == 10 and "2 more rows" in part


def test_history_is_read_without_asking_the_api(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0]
    run = happened(opened, [change(opened, record, notes="Dead")])
    buzz.stop()
    client = client_as("viewer")
    assert "Notes set to “Dead”" in page_of(client)
    assert client.get(f"/runs/{run.pk}/").status_code == 200
    assert client.get(f"/c/buzz-test/line-items/records/{record['id']}/history").status_code == 200


def test_runs_on_resources_one_may_not_see_are_left_out(client_as, buzz, lead):
    lines, campaigns = buzz.open(lead, "line-items"), buzz.open(lead, "campaigns")
    happened(lines, [change(lines, some(lines, 1)[0], notes="Hidden away")])
    happened(campaigns, [change(campaigns, some(campaigns, 1)[0], notes="Open to all")])
    Grant.objects.create(
        group=Group.objects.get(name="viewer"), connection="*", resource="line-items", actions=["view"], deny=True
    )
    page = page_of(client_as("viewer"))
    assert "Open to all" in page and "Hidden away" not in page and "Line items" not in page.partition("<main")[2]


def test_fields_one_may_not_see_are_left_out_of_sentences_and_of_the_records_history(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0]
    happened(opened, [change(opened, record, notes="Confidential")])
    Grant.objects.create(
        group=Group.objects.get(name="viewer"),
        connection="*",
        resource="*",
        fields="notes",
        actions=["view"],
        deny=True,
    )
    client = client_as("viewer")
    page = page_of(client) + client.get(f"/c/buzz-test/line-items/records/{record['id']}/history").content.decode()
    assert "Confidential" not in page and "that you may not see" in page


def test_a_record_has_its_own_history_with_before_and_after(client_as, buzz, editor):
    opened = buzz.open(editor, "line-items")
    record = some(opened, 1)[0]
    happened(opened, [change(opened, record, notes="First")], note="Why not")
    again = some(opened, 1)[0]
    happened(opened, [change(opened, again, notes="Second")])
    address = f"/c/buzz-test/line-items/records/{record['id']}/history"
    page = client_as("viewer").get(address).content.decode()
    assert "changed from here 2 times" in page and "Why not" in page
    assert page.index("Second") < page.rindex("First")
    part = client_as("viewer").get(address, headers={"HX-Request": "true"}).content.decode()
    assert 'id="record-changes"' in part and "<html" not in part
    never = client_as("viewer").get("/c/buzz-test/line-items/records/999/history").content.decode()
    assert "Never changed from here" in never


def test_ten_thousand_runs_are_paged_with_few_queries(client_as, buzz, lead, django_assert_max_num_queries):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    item, plan = run.items.get(), run.plan
    same = {f.attname: getattr(plan, f.attname) for f in Plan._meta.concrete_fields if f.name not in ("id", "token")}
    made = Plan.objects.bulk_create((Plan(**same) for _ in range(10_000)), batch_size=1000)
    runs = Run.objects.bulk_create((Run(plan=each, user=lead, user_name="lead") for each in made), batch_size=1000)
    Item.objects.bulk_create(
        (Item(run=each, seq=0, record_id="7", label="Seven", changeset=item.changeset) for each in runs),
        batch_size=1000,
    )
    client = client_as("viewer")
    with django_assert_max_num_queries(25):
        page = page_of(client, "?page=300")
    assert "8\u202f971–9\u202f000 of 10\u202f001" in page and page.count('<li class="event">') == 30
    assert page_of(client, "?page=99999").count('<li class="event">') == 10_001 % 30
    with django_assert_max_num_queries(25):
        assert page_of(client, "?text=7&outcome=pending&person=lead").count('<li class="event">') == 30


def test_a_search_for_what_no_text_may_hold_is_a_search_for_the_rest(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    happened(opened, [change(opened, some(opened, 1)[0], notes="One")], note="Ticket 4471")
    for name, value in {"text": "Ticket\0", "field": "No\0tes", "value": "\0One", "person": "lead\0"}.items():
        answer = client_as("viewer").get("/history/", {name: value})
        assert answer.status_code == 200 and "Ticket 4471" in answer.content.decode(), name


def test_a_run_that_went_well_in_part_does_not_claim_what_may_have_gone_wrong(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    rows = [change(opened, each, notes="All") for each in some(opened, 5)]
    rows[4] = change(opened, some(opened, 5)[4], notes="All", max_bid="-1")
    happened(opened, rows)
    page = html.unescape(page_of(client_as("viewer")))
    assert "4 of 5 Line items: Notes set to “All”, 1 more field in some of them" in page


def test_blame_is_for_what_was_stored_and_was_set_by_us(buzz, lead):
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0]
    buzz.api.change("line-items", record["id"], {"name": "Set by both"})
    happened(opened, [change(opened, record, name="Set by both", notes="By us")])
    assert set(history.blame(opened, record["id"])) == {"notes"}
    happened(opened, [change(opened, some(opened, 1)[0], name="  Blanks  ", notes="Stored")])
    found = history.blame(opened, record["id"])
    assert {name: each.after for name, each in found.items()} == {"notes": "Stored"}


def test_a_records_history_says_what_is_stored_instead_only_of_what_is_not_as_asked(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0]
    buzz.api.change("line-items", record["id"], {"notes": "Already"})
    happened(opened, [change(opened, record, name="  Blanks  ", notes="Already")])
    page = client_as("viewer").get(f"/c/buzz-test/line-items/records/{record['id']}/history").content.decode()
    assert "Name: stored instead" in page and "Notes: stored instead" not in page
    assert "Notes: somebody else had set it to this already" in page
