"""What a plan and the rest of a run will cost, told from the plan, the ledger and the connection's budget."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from adminui.connections import live
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Exchange, Run
from adminui.services import forecast, plans
from tests.conftest import Live
from tests.services.bench import approved, changed, dump, live_records

pytestmark = pytest.mark.django_db


def rows_of(api: Live, opened: Any, number: int) -> list[Any]:
    ids = sorted(dump(api, opened.resource.name))[2 : 2 + number]
    return [changed(opened, record, city="Moved") for record in live_records(opened, ids).values()]


def measured(run: Run, purpose: str, *seconds: float) -> None:
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now())
    Exchange.objects.bulk_create(
        Exchange(run=run, purpose=purpose, method="PATCH", url="", status=200, started_at=timezone.now(), seconds=s)
        for s in seconds
    )


def test_a_plan_says_its_calls_and_what_is_left_of_the_hour(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    rows = rows_of(autotask, opened, 12)
    plan = plans.save(opened, rows, door="test")
    told = forecast.for_plan(opened, plan, rows)
    assert told.calls == {"write": 12, "check": 1, "verify": 2}  # Autotask's rules may change a record once more
    assert told.limit == 10_000 and told.used >= len(autotask.seen())
    assert forecast.for_plan(opened, plan, rows[:5]).calls["write"] == 5
    assert "measured yet" in told.words[-1]


def test_the_tenant_s_own_count_is_asked_for_and_heeded(autotask: Live, lead: Any):
    autotask.api.switches["hour_start"] = 9_000
    opened = autotask.open(lead, "Companies")
    budget = forecast.budget(opened)
    assert (budget.used, budget.limit) == (9_000 + len(_counted(autotask)), 10_000)
    forecast.budget(opened)
    assert sum(entry["path"].endswith("/ThresholdInformation") for entry in autotask.seen()) == 1


def _counted(api: Live) -> list[Any]:
    """Finding the zone is no call of the tenant's, but one of ours."""
    return [entry for entry in api.seen() if "zoneInformation" not in entry["path"]]


def test_an_api_without_such_a_count_is_not_asked(buzz: Live, lead: Any):
    opened = buzz.open(lead, "campaigns")
    before = len(buzz.seen())
    budget = forecast.budget(opened)
    assert (budget.limit, budget.others) == (None, None) and len(buzz.seen()) == before


def test_a_run_is_told_by_what_is_left_of_it(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    run = approved(opened, rows_of(autotask, opened, 10))
    assert forecast.for_run(opened, run).calls["write"] == 10
    run.items.filter(seq__lt=6).update(outcome=Outcome.DONE)
    assert forecast.for_run(opened, run).calls["write"] == 4
    run.items.update(outcome=Outcome.DONE)
    told = forecast.for_run(opened, run)
    assert (told.calls, told.seconds) == ({}, 0.0)


def test_the_last_runs_tell_how_long_a_call_takes(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    run = approved(opened, rows_of(autotask, opened, 4))
    measured(run, "write", 1.0, 3.0)
    measured(run, "check", 0.5)
    assert forecast.seconds_each("autotask-test") == {"write": 2.0, "check": 0.5}
    told = forecast.for_run(opened, run)
    assert told.seconds == pytest.approx((4 * 2.0 + 0.5 + 2 * 1.25) / 2)
    assert not any("measured yet" in words for words in told.words)


def test_waits_of_the_connection_are_told(autotask: Live, lead: Any):
    autotask.open(lead, "Companies")
    connection = live.connections()["autotask-test"]
    assert forecast.waiting(connection) == ()
    throttle = live.client_for(connection)._throttle
    throttle._tell_others("the API asked for fewer calls", 60)
    assert [wait.reason for wait in forecast.waiting(connection)] == ["the API asked for fewer calls"]


def test_waits_of_a_connection_without_a_password_are_none(autotask: Live, lead: Any, monkeypatch: Any):
    live.forget()
    monkeypatch.delenv("TEST_AUTOTASK_SECRET")
    assert forecast.waiting(live.connections()["autotask-test"]) == ()
