"""History: every run can be found again, told truly, and read while the API is down."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from adminui.runs.models import Item, Plan, Run
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
    assert "8\u2009971–9\u2009000 of 10\u2009001" in page and page.count('<li class="event">') == 30
    assert page_of(client, "?page=99999").count('<li class="event">') == 10_001 % 30
    with django_assert_max_num_queries(25):
        assert page_of(client, "?text=7&outcome=pending&person=lead").count('<li class="event">') == 30
