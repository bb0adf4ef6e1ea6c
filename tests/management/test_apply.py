"""`manage.py apply`, `runs` and `undo`: what was planned is sent once, and the exit status is true of every row."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from adminui.management import following
from adminui.runs.models import Plan, Run
from adminui.services import again, plans, worker
from tests.conftest import SANDBOX_AUTOTASK, Live
from tests.services.bench import applied, approved, changed, dump, live_records, writes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker comes in these tests unless they start one."""
    monkeypatch.setattr(following, "GRACE", timedelta(0))


@pytest.fixture
def planned(autotask: Live, lead: Any) -> Any:
    """Makes a plan that moves so many companies."""

    def make(rows: int = 3, **options: Any) -> Plan:
        opened = autotask.open(lead, "Companies")
        ids = sorted(dump(autotask, "Companies"))[2 : 2 + rows]
        records = live_records(opened, ids).values()
        changesets = [changed(opened, record, city="Moved") for record in records]
        return plans.save(opened, changesets, door="test", **{"canary": 0, **options})

    return make


def cities(live: Live, plan: Plan) -> list[str]:
    held = dump(live, "Companies")
    return [held[row.record_id]["city"] for row in plan.rows()]


def test_without_waiting_the_run_is_queued_and_the_status_says_it_is_not_over(manage, autotask: Live, planned):
    plan = planned()
    ended = manage("apply", plan.pk, "--note", "T-7", "--user", "lead", "--json")
    run = Run.objects.select_related("plan").get()
    assert ended.status == 4
    assert ended.data["run"] == run.pk and ended.data["outcomes"] == {"pending": 3}
    assert (run.state, run.plan.note, run.user_name) == ("queued", "T-7", "lead") and not writes(autotask)


def test_waiting_without_any_worker_still_ends_and_every_row_is_done(manage, autotask: Live, planned):
    plan = planned()
    ended = manage("apply", plan.pk, "--wait", "--user", "lead", "--json")
    assert ended.status == 0 and ended.data["outcomes"] == {"done": 3} and ended.data["failures"] == []
    assert cities(autotask, plan) == ["Moved"] * 3 and set(applied(autotask).values()) == {1}


def test_applied_a_second_time_it_shows_the_same_run_and_sends_nothing(manage, autotask: Live, planned):
    plan = planned()
    first = manage("apply", plan.pk, "--wait", "--user", "lead", "--json")
    sent = len(writes(autotask))
    second = manage("apply", plan.pk, "--wait", "--user", "lead", "--json")
    assert second.status == 0 and second.data["run"] == first.data["run"] and len(writes(autotask)) == sent


def test_a_worker_that_takes_the_run_is_waited_for(manage, autotask: Live, planned, monkeypatch):
    monkeypatch.setattr(following, "GRACE", timedelta(minutes=1))
    plan, stopping = planned(), threading.Event()

    def work() -> None:
        try:
            while not stopping.is_set():
                worker.work_once()
                stopping.wait(0.05)
        finally:
            connection.close()

    working = threading.Thread(target=work)
    working.start()
    try:
        ended = manage("apply", plan.pk, "--wait", "--user", "lead")
    finally:
        stopping.set()
        working.join()
    assert ended.status == 0 and "finished: 3 done." in ended.out and set(applied(autotask).values()) == {1}


def test_a_refused_row_is_status_1_with_the_words_of_the_api(manage, autotask: Live, lead):
    opened = autotask.open(lead, "Companies")
    good, bad = live_records(opened, sorted(dump(autotask, "Companies"))[2:4]).values()
    rows = [changed(opened, good, city="Moved"), changed(opened, bad, ownerResourceID=987_654)]
    plan = plans.save(opened, rows, door="test")
    ended = manage("apply", plan.pk, "--wait", "--user", "lead", "--json")
    assert ended.status == 1
    assert ended.data["outcomes"] == {"done": 1, "rejected": 1}
    (failure,) = ended.data["failures"]
    assert failure["outcome"] == "rejected" and failure["rows"] == 1 and failure["words"]
    shown = manage("runs", ended.data["run"], "--user", "lead")
    assert shown.status == 1 and failure["words"] in shown.out


def test_a_paused_run_waits_for_a_person_with_status_3_and_goes_on_when_told(manage, autotask: Live, planned):
    plan = planned(4, canary=1)
    ended = manage("apply", plan.pk, "--wait", "--user", "lead", "--json")
    assert ended.status == 3 and ended.data["state"] == "paused" and ended.data["message"]
    assert ended.data["outcomes"] == {"pending": 3, "done": 1} and len(applied(autotask)) == 1
    again = manage("apply", plan.pk, "--wait", "--user", "lead")
    assert again.status == 3 and "--go-on" in again.out and len(applied(autotask)) == 1
    on = manage("apply", plan.pk, "--go-on", "--wait", "--user", "lead", "--json")
    assert on.status == 0 and on.data["outcomes"] == {"done": 4} and set(applied(autotask).values()) == {1}


def test_going_on_with_what_was_never_sent_or_is_over_sends_nothing(manage, autotask: Live, planned):
    plan = planned()
    ended = manage("apply", plan.pk, "--go-on", "--wait", "--user", "lead")
    assert ended.status == 2 and "has not been sent" in ended.err and not Run.objects.exists()
    assert manage("apply", plan.pk, "--wait", "--user", "lead").status == 0
    sent = len(writes(autotask))
    assert manage("apply", plan.pk, "--go-on", "--user", "lead").status == 2 and len(writes(autotask)) == sent


def test_a_time_that_is_not_come_keeps_the_run_waiting(manage, autotask: Live, planned):
    due = timezone.now() + timedelta(hours=2)
    ended = manage("apply", planned().pk, "--at", due.isoformat(), "--user", "lead")
    assert ended.status == 4 and "waits until" in ended.out
    assert Run.objects.get().due_at == due and not worker.work_once() and not writes(autotask)
    for text, said in (("tomorrow", "not a date"), ("2020-01-01", "past")):
        ended = manage("apply", planned().pk, "--at", text, "--user", "lead")
        assert ended.status == 2 and said in ended.err and Run.objects.count() == 1


def test_production_wants_the_number_typed_as_on_the_page(manage, configure, autotask: Live, lead):
    text = SANDBOX_AUTOTASK.format(url=autotask.running.url).replace('"sandbox"', '"production"')
    configure(text.replace("autotask-test", "autotask-live"))
    live = Live(autotask.running, "autotask-live")
    opened = live.open(lead, "Companies")
    ids = sorted(dump(live, "Companies"))[2:4]
    rows = [changed(opened, record, city="Moved") for record in live_records(opened, ids).values()]
    plan = plans.save(opened, rows, door="test", note="T-1", canary=0)
    for typed in ([], ["--typed", "3"]):
        ended = manage("apply", plan.pk, "--wait", "--note", "T-1", "--user", "lead", *typed)
        assert ended.status == 2 and "type 2" in ended.err and not writes(live)
    ended = manage("apply", plan.pk, "--wait", "--note", "T-1", "--user", "lead", "--typed", "2")
    assert ended.status == 0 and set(applied(live).values()) == {1}


@pytest.mark.parametrize("command", ["apply", "undo", "runs"])
def test_what_a_person_may_not_see_is_not_there(manage, autotask: Live, planned, person, command):
    plan = planned()
    run = Run.objects.get(pk=manage("apply", plan.pk, "--wait", "--user", "lead", "--json").data["run"])
    person("viewer").groups.clear()
    ended = manage(command, plan.pk if command == "apply" else run.pk, "--user", "viewer")
    assert ended.status == 2 and len(ended.err.splitlines()) == 1
    assert manage(command, 999_999, "--user", "lead").status == 2


def test_a_viewer_sends_and_undoes_nothing(manage, autotask: Live, planned, person):
    person("viewer")
    plan = planned()
    assert manage("apply", plan.pk, "--user", "viewer").status == 2
    run = manage("apply", plan.pk, "--wait", "--user", "lead", "--json").data["run"]
    sent = len(writes(autotask))
    ended = manage("undo", run, "--wait", "--user", "viewer")
    assert ended.status == 2 and len(writes(autotask)) == sent


def test_runs_are_listed_by_what_one_looks_for(manage, autotask: Live, lead, planned):
    opened = autotask.open(lead, "Companies")
    ids = sorted(dump(autotask, "Companies"))[2:4]
    for record in live_records(opened, ids).values():
        approved(opened, [changed(opened, record, city="Moved")], note="T-9")
    worker.work_once()
    listed = manage("runs", "--user", "lead", "--json").data["runs"]
    assert [run["state"] for run in listed] == ["queued", "finished"] and listed[0]["note"] == "T-9"
    assert len(manage("runs", "--state", "queued", "--user", "lead").out.splitlines()) == 1
    assert len(manage("runs", "--limit", "1", "--user", "lead").out.splitlines()) == 1
    assert manage("runs", "--user-name", "somebody", "--user", "lead").out == "No runs.\n"
    assert manage("runs", "--connection", "elsewhere", "--user", "lead").out == "No runs.\n"
    assert [manage("runs", run["run"], "--user", "lead").status for run in listed] == [4, 0]


def test_an_undo_puts_back_what_was_there_and_names_the_rows_edited_since(manage, autotask: Live, planned):
    plan = planned(4)
    before = cities(autotask, plan)
    run = manage("apply", plan.pk, "--wait", "--user", "lead", "--json").data["run"]
    edited = plan.rows()[0].record_id
    autotask.api.change("Companies", edited, {"city": "Since"})
    looked_at = manage("undo", run, "--plan-only", "--user", "lead", "--json")
    assert looked_at.status == 0 and looked_at.data["rows"] == 3
    assert [row["id"] for row in looked_at.data["held"]] == [str(edited)]
    ended = manage("undo", run, "--wait", "--user", "lead")
    assert ended.status == 1 and f"{edited} " in ended.out and "3 done" in ended.out
    assert cities(autotask, plan) == ["Since", *before[1:]]


def test_an_undo_of_some_records_leaves_the_others(manage, autotask: Live, planned):
    plan = planned(3)
    before = cities(autotask, plan)
    run = manage("apply", plan.pk, "--wait", "--user", "lead", "--json").data["run"]
    chosen = ",".join(str(row.record_id) for row in plan.rows()[:2])
    words = ["--records", chosen, "--fields", "city", "--wait", "--user", "lead", "--json"]
    ended = manage("undo", run, *words)
    assert ended.status == 0 and ended.data["outcomes"] == {"done": 2}
    assert cities(autotask, plan) == [*before[:2], "Moved"]


def test_a_pause_after_the_first_row_shows_that_row_and_how_to_go_on(manage, autotask: Live, planned):
    plan = planned(canary=1)
    ended = manage("apply", plan.pk, "--wait", "--user", "lead")
    first = plan.rows()[0]
    assert (
        ended.status == 3 and f"  {first.record_id}  City: " in ended.out and "→ Moved (done, read back)" in ended.out
    )
    assert f"manage.py apply {plan.pk} --go-on --wait --user lead" in ended.out
    shown = manage("runs", Run.objects.get().pk, "--user", "lead")
    assert "→ Moved (done, read back)" in shown.out and "\n  \n" not in shown.out


def test_rows_left_as_somebody_else_set_them_are_no_failures(manage, autotask: Live, planned, lead):
    plan = planned()
    autotask.api.change("Companies", plan.rows()[0].record_id, {"city": "Elsewhere"})
    ended = manage("apply", plan.pk, "--wait", "--user", "lead", "--json")
    assert [each["outcome"] for each in ended.data["failures"]] == ["conflict"]
    again.take_sides(autotask.open(lead, "Companies"), Run.objects.get(), "theirs")
    assert manage("runs", ended.data["run"], "--user", "lead", "--json").data["failures"] == []
