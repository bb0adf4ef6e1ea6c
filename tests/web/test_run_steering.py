"""Steering a run from its page, what follows from one that is over, the queue, and the notice of its end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from adminui.connections import halting
from adminui.planning.outcomes import Outcome
from adminui.runs import ledger
from adminui.runs.models import Plan, Run
from adminui.services import plans, results
from tests.web.happenings import carried_out, change, happened, queued, some
from tests.web.test_runs import mixed, page_of

__all__ = ["mixed"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(buzz, lead) -> Run:
    opened = buzz.open(lead, "line-items")
    return queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])


@pytest.fixture
def tried(buzz, lead) -> Run:
    """One row has been written and read back; two wait for somebody to look at it."""
    opened = buzz.open(lead, "line-items")
    rows = [change(opened, record, notes="Seen") for record in some(opened, 3)]
    return carried_out(plans.approve(opened, plans.save(opened, rows, door="edit many", canary=1)))


def test_pausing_says_what_becomes_of_what_is_on_its_way_and_going_on_says_how_many_rows_are_sent(client_as, waiting):
    client = client_as("lead")
    page = page_of(client, waiting)
    assert "Pause: send nothing until somebody goes on" in page and "rows unsent" in page
    assert client.post(f"/runs/{waiting.pk}/pause").headers["Location"] == f"/runs/{waiting.pk}/"
    page = page_of(client, waiting)
    assert "Go on: send the remaining 3 rows" in page and 'class="pause-panel asked' in page
    assert "Pause: send nothing" not in page
    client.post(f"/runs/{waiting.pk}/resume")
    assert Run.objects.get(pk=waiting.pk).state == Run.State.QUEUED


def test_a_canary_shows_the_real_row_with_what_is_stored_and_its_request(client_as, buzz, tried):
    assert tried.pause == Run.Pause.CANARY
    page = page_of(client_as("lead"), tried)
    assert "1 record was written and read back: 1 done." in page
    assert "Stored now" in page and page.count("Seen") >= 3 and "curl -X PATCH" in page
    assert re.search(r'class="button large primary"[^>]*id="go-on".*?Go on: send the remaining 2 rows', page, re.S)
    assert "Cancel: leave 2 rows unsent" in page
    assert len(buzz.seen("PATCH")) == 1


def test_a_canary_that_failed_does_not_suggest_going_on(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    rows = [change(opened, record, name="") for record in some(opened, 3)]
    run = carried_out(plans.approve(opened, plans.save(opened, rows, door="edit many", canary=1)))
    page = page_of(client_as("lead"), run)
    assert "1 record was tried first: 1 rejected." in page and "This is what the others are likely to meet" in page
    assert 'class="button large primary"' not in page and "Go on: send the remaining 2 rows" in page


def test_a_run_that_fails_the_same_way_again_asks_and_says_what_going_on_means(client_as, autotask, lead):
    opened = autotask.open(lead, "Contacts")
    rows = [change(opened, record, title="T" * 60) for record in some(opened, 30)]
    run = carried_out(plans.approve(opened, plans.save(opened, rows, door="edit many", canary=0)))
    assert (run.state, run.pause) == (Run.State.PAUSED, Run.Pause.TROUBLE)
    page = page_of(client_as("lead"), run)
    assert "The run has stopped itself: 3 records in a row came to the same" in page
    assert 'class="pause-panel trouble' in page and "Failures with these words will not stop it again." in page
    assert page.count("The value of title exceeds") == 1 + run.tally()[Outcome.REJECTED]  # the panel, and the rows


def test_cancelling_a_run_that_no_worker_has_ends_it_and_sends_nothing(client_as, buzz, waiting):
    client = client_as("lead")
    assert client.post(f"/runs/{waiting.pk}/stop").headers["Location"] == f"/runs/{waiting.pk}/"
    waiting.refresh_from_db()
    assert waiting.state == Run.State.STOPPED and waiting.tally() == {Outcome.CANCELLED: 3}
    assert not buzz.seen("PATCH")
    page = page_of(client, waiting)
    assert "3 rows left unsent" in page and "Cancel: leave" not in page
    assert client.post(f"/runs/{waiting.pk}/stop").status_code == 409


def test_cancelling_a_run_on_its_way_leaves_the_end_to_its_worker(client_as, waiting):
    client = client_as("lead")
    assert ledger.claim("somebody else", waiting.pk)
    client.post(f"/runs/{waiting.pk}/stop")
    waiting.refresh_from_db()
    assert waiting.state == Run.State.RUNNING and waiting.asked == "stop"
    page = page_of(client, waiting)
    assert "Cancelling: what is on its way is finished and checked" in page and "Cancel: leave" not in page


@pytest.mark.parametrize("verb", ["pause", "resume", "stop"])
def test_a_viewer_may_follow_a_run_and_not_steer_it(client_as, waiting, verb):
    page = page_of(client_as("viewer"), waiting)
    assert "Cancel: leave" not in page and 'id="pause"' not in page
    assert client_as("viewer").post(f"/runs/{waiting.pk}/{verb}").status_code == 403
    assert Run.objects.get(pk=waiting.pk).asked == ""


@pytest.mark.parametrize("verb", ["pause", "resume", "stop", "retry", "fix", "sides", "check", "undo", "told"])
def test_nothing_is_done_by_a_mere_visit(client_as, waiting, verb):
    assert client_as("lead").get(f"/runs/{waiting.pk}/{verb}").status_code == 405


def test_rows_show_as_they_settle_the_newest_first(client_as, tried):
    page = page_of(client_as("lead"), tried)
    assert "As they settle" in page and page.count("data-nav-item") >= 1
    first = results.settled_last(tried, results.counts(tried), 5)
    assert [item.outcome for item in first] == ["done"]


def test_progress_brings_the_buttons_along_only_when_they_have_changed(client_as, waiting):
    client = client_as("lead")
    was = re.search(r"progress\?was=([^\"]+)", page_of(client, waiting))[1]
    same = client.get(f"/runs/{waiting.pk}/progress?was={was}").content.decode()
    assert 'id="run-actions"' not in same and 'id="unsent"' in same
    client.post(f"/runs/{waiting.pk}/pause")
    answer = client.get(f"/runs/{waiting.pk}/progress?was={was}")
    assert 'id="go-on"' in answer.content.decode() and "is paused: 3 pending" in answer.content.decode()


def test_rows_of_a_kind_are_planned_again_and_nothing_is_sent(client_as, buzz, mixed):
    sent = len(buzz.seen("PATCH"))
    page = page_of(client_as("lead"), mixed)
    kind = re.search(r'failure rejected.*?name="kind" value="([0-9a-f]+)"', page, re.S)[1]
    assert "Plan this row again" in page
    answer = client_as("lead").post(f"/runs/{mixed.pk}/retry", {"kind": kind})
    plan = Plan.objects.latest("pk")
    assert answer.headers["Location"] == f"/plans/{plan.pk}/" and plan.retries_id == mixed.pk
    assert len(plan.changesets) == 1 and len(buzz.seen("PATCH")) == sent


def test_a_clash_is_settled_as_mine_by_a_plan_or_as_theirs_at_once(client_as, buzz, mixed):
    client = client_as("lead")
    page = page_of(client, mixed)
    assert "Mine: plan 1 row over theirs" in page and "Theirs: leave 1 row as they are" in page
    record = mixed.items.get(outcome=Outcome.CONFLICT).record_id
    answer = client.post(f"/runs/{mixed.pk}/sides", {"sides": f"mine {record}"})
    assert answer.headers["Location"] == f"/plans/{Plan.objects.latest('pk').pk}/"
    answer = client.post(f"/runs/{mixed.pk}/sides", {"sides": f"theirs {record}"}, follow=True)
    assert "1 row is left as it is stored. Nothing was sent." in answer.content.decode()
    assert mixed.tally()[Outcome.CANCELLED] == 1
    assert "failure cancelled" not in page_of(client, mixed)


def test_undo_is_a_plan_of_all_rows_or_of_those_ticked(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    client, sent = client_as("lead"), len(buzz.seen("PATCH"))
    page = page_of(client, run)
    assert "Plan the undo of 3 rows" in page and page.count('name="record"') == 3
    one = run.items.first().record_id
    client.post(f"/runs/{run.pk}/undo", {"record": [one]})
    plan = Plan.objects.latest("pk")
    assert plan.undoes_id == run.pk and [row.record_id for row in plan.rows()] == [int(one)]
    undo = carried_out(plans.approve(opened, plan))
    assert f'1 row undone by <a href="/runs/{undo.pk}/">' in page_of(client, run)
    assert f'This undoes <a href="/runs/{run.pk}/">' in page_of(client, undo)
    assert len(buzz.seen("PATCH")) == sent + 1


def test_what_cannot_be_planned_is_said_on_the_page(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, record, notes="Seen") for record in some(opened, 2)])
    answer = client_as("lead").post(f"/runs/{run.pk}/retry", follow=True)
    assert answer.redirect_chain == [(f"/runs/{run.pk}/", 302)] and "callout warning" in answer.content.decode()


def test_kinds_of_failure_beyond_the_largest_are_counted_together(client_as, waiting):
    item = waiting.items.first()
    waiting.items.all().delete()
    waiting.items.model.objects.bulk_create(
        waiting.items.model(
            run=waiting,
            seq=n,
            record_id=str(n),
            changeset=item.changeset,
            outcome=Outcome.REJECTED,
            kind=f"{n % 40:016x}",
            messages=[f"Name {n % 40} is taken."],
        )
        for n in range(120)
    )
    Run.objects.filter(pk=waiting.pk).update(state="finished", finished_at=timezone.now())
    page = page_of(client_as("lead"), waiting)
    assert page.count("failure rejected") == results.CARDS + 1
    assert "120 rows, 40 kinds" in page and f"{40 - results.CARDS} more kinds" in page


def test_the_queue_lists_whose_run_waits_for_what_and_steers_it(client_as, buzz, lead, waiting):
    opened = buzz.open(lead, "line-items")
    second = queued(opened, [change(opened, record, name="Twice") for record in some(opened, 2)])
    later = queued(opened, [change(opened, record, name="Later") for record in some(opened, 2)])
    Run.objects.filter(pk=later.pk).update(due_at=timezone.now() + timedelta(days=2))
    page = client_as("lead").get("/runs/").content.decode()
    assert f'Waits until <a href="/runs/{waiting.pk}/">run {waiting.pk}</a> is over: the same records' in page
    assert (
        "To be sent" in page and f"/runs/{second.pk}/stop" in page and "3 Line items: setting Notes to “Seen”" in page
    )
    seen = client_as("viewer").get("/runs/").content.decode()
    assert f"/runs/{second.pk}/" in seen and f"/runs/{second.pk}/stop" not in seen


def test_a_connection_that_is_switched_off_is_why_a_run_waits(client_as, buzz, waiting):
    halting.halt("buzz-test", "admin", "the audit")
    page = page_of(client_as("lead"), waiting)
    assert "Writing to Buzz (Test) is switched off" in page and "By admin: the audit." in page


def test_the_end_of_a_run_is_told_to_whoever_approved_it_once(client_as, waiting):
    client = client_as("lead")
    assert client.get("/runs/notice").json()["active"] == 1
    carried_out(waiting)
    told = client.get("/runs/notice").json()
    assert [each["text"] for each in told["news_told"]] == [f"Run {waiting.pk} finished: 3 done."]
    assert told["label"] == "1 ended" and client_as("viewer").get("/runs/notice").json()["count"] == 0
    assert f"Run {waiting.pk} finished: 3 done." in client.get("/runs/").content.decode()
    client_as("viewer").post(f"/runs/{waiting.pk}/told")
    assert client.get("/runs/notice").json()["count"] == 1
    page_of(client, waiting)
    assert client.get("/runs/notice").json()["count"] == 0


def test_a_paused_run_is_told_as_waiting_for_somebody(client_as, tried):
    told = client_as("lead").get("/runs/notice").json()
    assert told["mark"] == "paused" and told["label"] == "1 waits for you"
    assert "has written its first rows and waits for you" in told["news_told"][0]["text"]


def test_a_record_saved_on_its_own_page_is_no_news(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = carried_out(
        plans.approve(opened, plans.save(opened, [change(opened, some(opened, 1)[0], notes="x")], door="record"))
    )
    assert run.over and client_as("lead").get("/runs/notice").json()["count"] == 0


def test_the_notice_costs_one_small_query_while_there_is_no_news(client_as, waiting, django_assert_max_num_queries):
    client = client_as("lead")
    client.get("/runs/notice")
    with django_assert_max_num_queries(3):  # the session, the person, the runs
        client.get("/runs/notice")


def test_a_paused_run_does_not_go_on_while_writing_is_stopped_and_keeps_its_rows(client_as, tried):
    halting.halt("buzz-test", "admin", "Migration")
    client = client_as("lead")
    page = page_of(client, tried)
    assert re.search(r'id="go-on" disabled aria-describedby="halted-words"', page)
    assert "admin stopped all writing to" in page and "It can go on once that is allowed again." in page
    assert client.post(f"/runs/{tried.pk}/resume").status_code == 409
    assert Run.objects.get(pk=tried.pk).state == Run.State.PAUSED
    queue = client.get("/runs/").content.decode()
    assert queue.count("Nothing is sent.") == 1 and "Migration" in queue
    halting.allow("buzz-test")
    client.post(f"/runs/{tried.pk}/resume")
    assert Run.objects.get(pk=tried.pk).state == Run.State.QUEUED


def test_no_end_is_promised_for_a_run_that_is_asked_to_pause_or_waits_for_somebody(client_as, tried):
    client, part = client_as("lead"), f"/runs/{tried.pk}/?part=forecast"
    told = client.get(part).content.decode()
    assert "Once it goes on, it takes about" in told and "until" not in told
    Run.objects.filter(pk=tried.pk).update(state=Run.State.RUNNING, pause="", asked=Run.Ask.PAUSE)
    assert "it takes" not in client.get(part).content.decode() and " left" not in page_of(client, tried)


def test_a_run_that_nothing_can_be_sent_for_does_not_blame_its_rows(client_as, mixed):
    Run.objects.filter(pk=mixed.pk).update(
        state=Run.State.PAUSED, pause=Run.Pause.TROUBLE, message="The API refuses all connections."
    )
    page = page_of(client_as("lead"), mixed)
    panel = page[page.index('id="run-paused"') : page.index('id="run-rows"')]
    assert "The API refuses all connections." in panel and 'class="failure ' not in panel
    assert 'id="to-look-at"' in page
