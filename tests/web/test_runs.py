"""The page of a run tells exactly what became of each row, and nothing that a person may not see."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.html import escape

from adminui.planning.outcomes import Outcome
from adminui.runs import ledger
from adminui.runs.models import Exchange, Run
from adminui.sandbox.faults import Fault
from adminui.services import reading
from adminui.staff.models import Grant
from adminui.web.runs import defused
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
    for words in ("1 rejected", "1 conflict", "2 not sent", "tried to change Name", "November check", "4 of 4"):
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
    assert len(rows.findall(page_of(client, mixed, "?outcome=not+sent"))) == 2
    key = re.search(r"\?same=([0-9a-f]{12})#rows", page_of(client, mixed))[1]
    assert 0 < len(rows.findall(page_of(client, mixed, f"?same={key}"))) < 4


def test_what_failed_is_fixed_in_its_worksheet_by_its_owner_only(client_as, mixed):
    link = f'href="/worksheets/{mixed.plan.worksheet}/?only=failed"'
    assert link in page_of(client_as("lead"), mixed) and "Fix and retry 4 rows" in page_of(client_as("lead"), mixed)
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


def test_a_stopped_run_says_why_and_what_was_not_sent(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    rows = [change(opened, record, notes="Seen") for record in some(opened, 3)]
    run = queued(opened, rows)
    buzz.stop()
    run = carried_out(run)
    assert run.tally() == {Outcome.NOT_SENT: 3} and run.state == Run.State.STOPPED
    page = page_of(client_as("lead"), run)
    assert "the run is stopped" in page and "Stopped: the records could not be read." in page
    assert escape(ledger.NOT_SENT_BECAUSE) in page


def test_a_queued_run_waits_for_the_worker_and_after_ten_seconds_says_that_there_is_none(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    page = page_of(client_as("lead"), run)
    assert "Waiting for the worker" in page and "No worker has taken" not in page
    assert 'hx-trigger="every ' in page and page.count("close it, and come back") == 1
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(seconds=11))
    assert "No worker has taken this run. Nothing has been sent." in page_of(client_as("lead"), run)


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


def test_stopping_a_run_that_no_worker_has_ends_it_and_sends_nothing(client_as, buzz, lead):
    client, opened = client_as("lead"), buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    assert "Stop: leave" in page_of(client, run)
    assert client.post(f"/runs/{run.pk}/stop").headers["Location"] == f"/runs/{run.pk}/"
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED and run.tally() == {Outcome.CANCELLED: 3}
    assert not buzz.seen("PATCH")
    page = page_of(client, run)
    assert "3 rows left unsent" in page and "Stop: leave" not in page
    assert client.post(f"/runs/{run.pk}/stop").status_code == 409


def test_stopping_a_run_on_its_way_leaves_the_end_to_its_worker(client_as, buzz, lead):
    client, opened = client_as("lead"), buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    assert ledger.claim("somebody else", run.pk)
    client.post(f"/runs/{run.pk}/stop")
    run.refresh_from_db()
    assert run.state == Run.State.RUNNING and run.asked == "stop"
    page = page_of(client, run)
    assert "Stopping: what is on its way is finished" in page and "Stop: leave" not in page


def test_a_viewer_may_follow_a_run_and_not_stop_it(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    assert "Stop: leave" not in page_of(client_as("viewer"), run)
    assert client_as("viewer").post(f"/runs/{run.pk}/stop").status_code == 403
    assert Run.objects.get(pk=run.pk).asked == ""


def test_a_run_on_a_resource_one_may_not_see_is_not_there(client_as, mixed):
    Grant.objects.create(
        group=Group.objects.get(name="viewer"), connection="*", resource="line-items", actions=["view"], deny=True
    )
    client = client_as("viewer")
    for address in ("", "progress", "results.csv"):
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
    for address in ("", "?part=requests", "?part=sample", "results.csv", "progress"):
        answer = client.get(f"/runs/{run.pk}/{address}")
        text = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200 and b"Confidential" not in text, address
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
        page = page_of(client, run, "?page=3")
    assert "201–250 of 250" in page and page.count('<th scope="row">') == 50


def test_results_are_a_csv_of_every_row_and_field_with_formulas_defused(client_as, mixed):
    answer = client_as("lead").get(f"/runs/{mixed.pk}/results.csv")
    assert answer.streaming and "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert lines[0] == ["id", "label", "outcome", "field", "before", "after", "messages"]
    assert len(lines) == 5
    assert lines[1][2:4] == ["rejected", "name"] and lines[1][5] == "(empty)"
    assert "This field may not be blank." in lines[1][6]
    assert lines[2][5] == "'=1+1 <script>alert(1)</script>"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1", "'=1"),
        ("@x", "'@x"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        (" =1", "' =1"),
        ("\t=1", "'\t=1"),
        ("-5.20", "-5.20"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_text_and_a_number_stays_one(cell, written):
    assert defused(cell) == written


def test_an_unknown_run_is_not_there(client_as, buzz):
    assert client_as("lead").get("/runs/12345/").status_code == 404
