"""Records of a plan that are on their way in another run: found before sending, quickly, and only those."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from adminui.runs.models import Item, Plan, Run
from adminui.services import overlaps, plans
from adminui.services.catalog import Opened
from tests.conftest import Live
from tests.web.test_plans import ids_of, planned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(buzz: Live, admin_user) -> Opened:
    return buzz.open(admin_user, "campaigns")


def of(opened: Opened, buzz: Live, ids: list[int]) -> Plan:
    return planned(opened, buzz, {i: {"notes": "n"} for i in ids})


def test_shared_records_of_a_run_on_its_way_are_found_and_named(opened: Opened, buzz: Live):
    ids = ids_of(buzz, "campaigns", 6)
    run = plans.approve(opened, of(opened, buzz, ids[:4]))
    [found] = overlaps.overlaps(of(opened, buzz, ids[2:]))
    assert (found.run, found.rows, found.ids) == (run, 2, (str(ids[2]), str(ids[3])))
    assert overlaps.overlaps(of(opened, buzz, ids[4:])) == []


@pytest.mark.parametrize(
    ("state", "counts"),
    [("queued", True), ("running", True), ("paused", True), ("finished", False), ("stopped", False)],
)
def test_a_run_counts_until_it_is_over(opened: Opened, buzz: Live, state, counts):
    ids = ids_of(buzz, "campaigns", 2)
    run = plans.approve(opened, of(opened, buzz, ids))
    Run.objects.filter(pk=run.pk).update(state=state)
    assert bool(overlaps.overlaps(of(opened, buzz, ids))) is counts


def test_a_scheduled_run_counts_and_plans_and_the_plans_own_run_do_not(opened: Opened, buzz: Live):
    ids = ids_of(buzz, "campaigns", 2)
    of(opened, buzz, ids)
    later = of(opened, buzz, ids)
    assert overlaps.overlaps(later) == []
    run = plans.approve(opened, later, due_at=timezone.now() + timedelta(hours=1))
    assert overlaps.overlaps(later) == []
    assert [found.run for found in overlaps.overlaps(of(opened, buzz, ids))] == [run]


def test_the_same_ids_of_another_resource_are_other_records(opened: Opened, buzz: Live, admin_user):
    items = buzz.open(admin_user, "line-items")
    shared = sorted({*ids_of(buzz, "campaigns", 60)} & {*ids_of(buzz, "line-items", 60)})[:2]
    assert shared
    plans.approve(items, of(items, buzz, shared))
    assert overlaps.overlaps(of(opened, buzz, shared)) == []


def test_many_records_against_as_many_take_no_time():
    """100,000 against 100,000 take 0.1 to 0.2 s on a quiet machine."""

    def plan(start: int) -> Plan:
        rows = [{"id": i, "label": "", "parent": None, "changes": []} for i in range(start, start + 20_000)]
        return Plan.objects.create(connection="buzz", resource="campaigns", changesets=rows, door="test")

    run = Run.objects.create(plan=plan(1), user_name="somebody")
    items = (Item(run=run, seq=i, record_id=str(i), changeset={}) for i in range(1, 20_001))
    Item.objects.bulk_create(items, batch_size=500)
    looked_at = plan(10_001)
    began = time.perf_counter()
    [found] = overlaps.overlaps(looked_at)
    took = time.perf_counter() - began
    assert found.rows == 10_000 and found.run == run
    assert took < 10, took
