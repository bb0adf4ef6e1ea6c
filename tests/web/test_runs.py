"""The page of a run tells exactly what became of each row, and nothing that a person may not see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.html import escape

from adminui.planning.outcomes import Outcome
from adminui.runs.models import Exchange, Run
from adminui.sandbox.faults import Fault
from adminui.services import reading
from adminui.staff.models import Grant
from tests.web.happenings import carried_out, change, happened, queued, some

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed(buzz, lead) -> Run:
    """From a worksheet: one row that Buzz refuses, one that a colleague changed, others that had to wait for them."""
    opened = buzz.open(lead, "line-items")
    records = some(opened, 4)
    sheet = reading.open_ids(opened, [record["id"] for record in records], ["name"])
    names = ["", "=1+1 <script>alert(1)</script>", "Third", "Fourth"]
    rows = [change(opened, record, name=name) for record, name in zip(records, names, strict=True)]
    buzz.api.change("line-items", records[3]["id"], {"name": "Renamed by a colleague"})
    return happened(opened, rows, worksheet=sheet.pk, note="November check")


def page_of(client, run: Run, query: str = "") -> str:
    answer = client.get(f"/runs/{run.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_run_counts_its_rows_by_outcome_in_words(client_as, mixed):
    page = page_of(client_as("lead"), mixed)
    for words in (
        "1 rejected",
        "1 conflict",
        "2 done",
        "2 of 4 Line items: Name changed",
        "November check",
        "of 4 rows as planned",
    ):
        assert words in page, words
    assert 'hx-trigger="every "' not in page


def test_the_apis_words_stand_on_their_field_verbatim_and_grouped(client_as, mixed):
    page = page_of(client_as("lead"), mixed)
    assert page.count("This field may not be blank.") == 2  # on the card, and on the row
    assert "Somebody else set it to <bdi>Renamed by a colleague</bdi>" in page
    assert "&lt;script&gt;" in page and "<script>alert" not in page


def test_rows_are_filtered_by_outcome_and_by_the_same_words(client_as, mixed):
    rows = re.compile(r'<th scope="row">')
    client = client_as("lead")
    assert len(rows.findall(page_of(client, mixed))) == 4
    assert len(rows.findall(page_of(client, mixed, "?outcome=done"))) == 2
    key = re.search(r"\?same=([0-9a-f]{16})#rows", page_of(client, mixed))[1]
    assert len(rows.findall(page_of(client, mixed, f"?same={key}"))) == 1


def test_what_failed_is_fixed_in_its_worksheet_by_its_owner_only(client_as, mixed):
    link = f'href="/worksheets/{mixed.plan.worksheet}/?only=failed"'
    assert link in page_of(client_as("lead"), mixed) and "Fix and retry 2 rows" in page_of(client_as("lead"), mixed)
    assert link not in page_of(client_as("admin"), mixed)


def test_a_single_failed_record_is_fixed_on_its_own_page(client_as, buzz, editor):
    opened = buzz.open(editor, "line-items")
    record = some(opened, 1)[0]
    run = happened(opened, [change(opened, record, name="")])
    assert f'class="button primary" href="/c/buzz-test/line-items/records/{record["id"]}/"' in page_of(
        client_as("editor"), run
    )


def test_a_lost_answer_that_reading_settled_says_so(client_as, autotask, lead):
    opened = autotask.open(lead, "Companies")
    autotask.running.faults.add(Fault("drop_after_write", method="PATCH"))
    run = happened(opened, [change(opened, record, city="Graz") for record in some(opened, 2)])
    assert run.tally() == {Outcome.DONE: 2}
    page = page_of(client_as("lead"), run)
    assert "The answer was lost; reading the record back showed that the change was written." in page
    assert "2 Companies: City set to “Graz”" in page
    log = page_of(client_as("lead"), run, "?part=requests")
    assert "no answer" in log and "PATCH" in log


def test_a_run_that_cannot_reach_its_api_waits_for_somebody_and_says_why(client_as, buzz, lead, monkeypatch):
    monkeypatch.setattr("adminui.services.engine.desk.PAUSES", (0.05, 0.05, 0.05))
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    buzz.stop()
    run = carried_out(run)
    assert run.state == Run.State.PAUSED and run.tally() == {Outcome.PENDING: 3}
    page = page_of(client_as("lead"), run)
    assert escape(run.message) in page and 'class="pause-panel trouble' in page
    assert "Go on: send the remaining 3 rows" in page and "Cancel: leave 3 rows unsent" in page


def test_a_queued_run_waits_for_the_worker_and_after_ten_seconds_says_that_there_is_none(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    page = page_of(client_as("lead"), run)
    assert "Waiting for the worker to take this run" in page and "No worker has taken" not in page
    assert 'hx-trigger="every ' in page and page.count("close it, and come back") == 1
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(seconds=11))
    page = page_of(client_as("lead"), run)
    assert "No worker has taken this run" in page and "Nothing has been sent. Start one with" in page


def test_progress_is_asked_for_until_the_run_is_over_and_then_no_more(client_as, buzz, lead):
    client, opened = client_as("lead"), buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    first = client.get(f"/runs/{run.pk}/progress", headers={"HX-Request": "true"})
    assert "every " in first.content.decode() and "<title>0 %" in first.content.decode()
    assert "HX-Trigger" not in first.headers
    carried_out(run)
    last = client.get(f"/runs/{run.pk}/progress", headers={"HX-Request": "true"})
    assert "every " not in last.content.decode() and last.headers["HX-Trigger"] == "run-over"
    assert f"Run {run.pk} is finished: 3 done." in last.content.decode()


def test_a_run_on_a_resource_one_may_not_see_is_not_there(client_as, mixed):
    Grant.objects.create(
        group=Group.objects.get(name="viewer"), connection="*", resource="line-items", actions=["view"], deny=True
    )
    client = client_as("viewer")
    for address in ("", "progress", "?part=rows", "?part=requests", "?part=undo"):
        assert client.get(f"/runs/{mixed.pk}/{address}").status_code == 404


def test_fields_one_may_not_see_are_in_no_part_of_the_page(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, r, notes="Confidential", name=f"Name {r['id']}") for r in some(opened, 2)])
    Grant.objects.create(
        group=Group.objects.get(name="viewer"),
        connection="*",
        resource="line-items",
        fields="notes",
        actions=["view"],
        deny=True,
    )
    client = client_as("viewer")
    for address in ("", "?part=requests", "?part=sample", "?part=rows", "progress"):
        answer = client.get(f"/runs/{run.pk}/{address}")
        assert answer.status_code == 200 and b"Confidential" not in answer.content, address
    assert "Bodies and answers are left out" in page_of(client, run, "?part=requests")
    assert "Confidential" in page_of(client_as("lead"), run, "?part=requests")


def test_requests_are_shown_with_their_bodies_and_as_curl_and_hold_no_credentials(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, record, notes="It's seen") for record in some(opened, 2)])
    log = page_of(client_as("lead"), run, "?part=requests")
    assert "curl -X PATCH" in log and "PATCH</span>" in log and "It&#x27;s seen" in log
    for exchange in Exchange.objects.filter(run=run):
        kept = f"{exchange.url} {exchange.body} {exchange.answer}"
        assert "sandbox" not in kept and "ops@example.com" not in exchange.body and "cookie" not in kept.lower()


def test_many_rows_are_paged(client_as, buzz, lead, django_assert_max_num_queries):
    opened = buzz.open(lead, "line-items")
    records = some(opened, 50)
    run = queued(opened, [change(opened, record, notes="Seen") for record in records])
    sample = run.items.first()
    run.items.bulk_create(
        type(sample)(run=run, seq=100 + n, record_id=str(9000 + n), label=f"More {n}", changeset=sample.changeset)
        for n in range(200)
    )
    client = client_as("lead")
    with django_assert_max_num_queries(30):
        page = page_of(client, run, "?all&page=3")
    assert "101–150 of 250" in page and page.count('<th scope="row">') == 50


def test_an_unknown_run_is_not_there(client_as, buzz):
    assert client_as("lead").get("/runs/12345/").status_code == 404
