"""Waking workers: an engine hears of a run once it is there, and one that cannot be reached costs nothing."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.services import waking
from tests.conftest import Live
from tests.services.bench import approved, changed, dump, live_records

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What an engine is told."""
    settings.ADMINUI_WAKE = "celery"
    told: list[int] = []
    monkeypatch.setattr(waking, "import_module", lambda name: SimpleNamespace(wake=told.append))
    return told


def run_of(live: Live, user: Any, **options: Any) -> Run:
    opened = live.open(user, "Companies")
    (record,) = live_records(opened, sorted(dump(live, "Companies"))[2:3]).values()
    return approved(opened, [changed(opened, record, city="Moved")], **options)


def test_an_engine_hears_of_a_run_when_it_is_committed_and_not_before(autotask: Live, lead, heard):
    with transaction.atomic():
        run = run_of(autotask, lead)
        assert heard == []
    assert heard == [run.pk]


def test_of_a_run_that_was_taken_back_nobody_hears(autotask: Live, lead, heard):
    with pytest.raises(RuntimeError), transaction.atomic():
        run_of(autotask, lead)
        raise RuntimeError
    assert heard == []


def test_a_broker_that_is_away_costs_nothing_but_a_line_in_the_log(autotask: Live, lead, settings, caplog):
    settings.ADMINUI_WAKE = "celery"
    settings.CELERY_BROKER_URL = "filesystem://"  # without a folder: refused by the real engine at once
    with transaction.atomic():
        run = run_of(autotask, lead)
    assert Run.objects.get(pk=run.pk).state == Run.State.QUEUED
    assert any("on_commit" in record.getMessage() for record in caplog.records)


def test_a_sweep_finds_what_is_due_and_what_a_silent_worker_left(autotask: Live, lead):
    run = run_of(autotask, lead)
    assert waking.waiting() == [run.pk]
    claimed = ledger.claim("worker", run.pk)
    assert claimed is not None and waking.waiting() == []
    ago = timezone.now() - timedelta(seconds=1)
    Run.objects.filter(pk=run.pk).update(lease_until=ago)
    assert waking.waiting() == [run.pk]
    Run.objects.filter(pk=run.pk).update(state=Run.State.QUEUED, due_at=timezone.now() + timedelta(hours=1))
    assert waking.waiting() == []
    Run.objects.filter(pk=run.pk).update(due_at=ago)
    assert waking.waiting() == [run.pk]
    for state in (Run.State.PAUSED, Run.State.FINISHED, Run.State.STOPPED):
        Run.objects.filter(pk=run.pk).update(state=state)
        assert waking.waiting() == []
