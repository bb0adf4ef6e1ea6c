"""The ledger when two owners meet, and what it holds exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import serializers
from django.utils import timezone

from adminui.connections import known, live
from adminui.connections.models import KnownResource
from adminui.dialects.base import Described
from adminui.planning.outcomes import Outcome, RowResult
from adminui.records.schema import Choice
from adminui.runs import ledger, lines
from adminui.runs.models import Item, Run
from adminui.services import catalog
from adminui.services.execution import execute
from tests.conftest import Live
from tests.services.bench import approved, changed, dump, live_records, writes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that seems to have run out is believed at the first look."""
    monkeypatch.setattr(ledger, "SECOND_LOOK", 0)


def a_run(api: Live, user: Any, number: int = 2, **values: Any) -> Run:
    opened = api.open(user, "Companies")
    read = live_records(opened, sorted(dump(api, "Companies"))[2 : 2 + number])
    return approved(opened, [changed(opened, record, **(values or {"city": "Moved"})) for record in read.values()])


def owned_by_two(run: Run) -> tuple[Run, Run]:
    """An owner that slept past its lease, and the one that has the run now."""
    sleeper = ledger.claim("sleeper", run.pk)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    owner = ledger.claim("owner", run.pk)
    assert sleeper is not None and owner is not None
    return sleeper, owner


def test_an_owner_whose_lease_ran_out_settles_nothing(autotask: Live, lead: Any):
    run = a_run(autotask, lead)
    sleeper, owner = owned_by_two(run)
    first, second = run.items.all()
    assert lines.settle(owner, [(first.pk, first.row(), RowResult(first.record_id, Outcome.DONE))])
    assert not lines.settle(
        sleeper, [(first.pk, first.row(), RowResult(first.record_id, Outcome.REJECTED, ("Late.",)))]
    )
    assert not lines.back_to_pending(sleeper, [first.pk])
    ledger.stop(sleeper, "Late as well.")
    run.refresh_from_db()
    assert (run.state, run.message) == (Run.State.RUNNING, "")
    assert [item.outcome for item in run.items.all()] == [Outcome.DONE, Outcome.PENDING]
    assert second.pk


def test_no_two_claims_of_one_process_are_the_same_owner():
    owners = {ledger.me() for _ in range(3)}
    assert len(owners) == 3 and max(map(len, owners)) <= Run._meta.get_field("owner").max_length


def test_a_run_whose_field_the_api_has_dropped_is_stopped_before_anything_is_sent(
    autotask: Live, lead: Any, monkeypatch
):
    run = a_run(autotask, lead)

    def without_city(*args: Any, **options: Any) -> catalog.Opened:
        opened = catalog.open_resource(*args, **options)
        return replace(
            opened, whole=opened.whole.with_fields(tuple(f for f in opened.whole.fields if f.name != "city"))
        )

    monkeypatch.setattr("adminui.services.execution.open_resource", without_city)
    claimed = ledger.claim("test", run.pk)
    assert claimed is not None
    execute(claimed)
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED and "no field “city” any more" in run.message
    assert run.tally() == {Outcome.NOT_SENT: 2} and not writes(autotask)


def test_what_is_kept_survives_a_fixture_digit_for_digit(autotask: Live, lead: Any):
    item = a_run(autotask, lead, 1).items.get()
    item.stored = {"fee": Decimal("1.10"), "said": None, "words": "[]"}
    item.save()
    (again,) = serializers.deserialize("json", serializers.serialize("json", [item]))
    again.save()
    kept = Item.objects.get(pk=item.pk)
    assert (kept.stored, kept.changeset) == (item.stored, item.changeset)
    assert str(kept.stored["fee"]) == "1.10"


def test_a_description_with_a_fraction_among_its_choices_is_kept(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    first, *others = opened.whole.fields
    odd = opened.whole.with_fields((replace(first, choices=(Choice(Decimal("0.50"), "Half"),)), *others))
    KnownResource.objects.update(described=known.to_data(Described(odd, opened.can), opened.connection))
    live.forget()
    assert autotask.open(lead, "Companies").whole.fields[0].choices[0].value == Decimal("0.50")
