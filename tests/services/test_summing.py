"""A plan in short is kept with it: it says what its rows say, and of plans of old it is worked out as before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from adminui.planning.outcomes import Outcome
from adminui.records.casting import from_json, to_json
from adminui.records.changes import Change, ChangeSet
from adminui.records.values import MISSING
from adminui.runs.models import Item, Plan, Run
from adminui.services import headline, plans, results, summing
from adminui.services.summing import FieldChanged
from tests.services.drafts import opened_by

pytestmark = pytest.mark.django_db
VALUES = st.sampled_from([None, True, 1, Decimal("1.0"), Decimal("1.10"), "1", "", "Köln", ["a"], {"b": [1]}])
ROWS = st.lists(st.dictionaries(st.sampled_from(["city", "size", "price"]), VALUES, min_size=1), min_size=1, max_size=6)


def row(number: int, **values: Any) -> ChangeSet:
    changes = tuple(Change(name, MISSING, after) for name, after in values.items())
    return ChangeSet(number, f"Thing {number}", changes)


def run_of(user: Any, rows: list[ChangeSet]) -> Run:
    opened = opened_by(user)
    return plans.approve(opened, plans.save(opened, rows, door="test", canary=0))


def as_of_old(run: Run) -> Run:
    """The same run, of a plan that was kept without its summary."""
    Plan.objects.filter(pk=run.plan_id).update(summary={})
    cache.clear()
    return Run.objects.select_related("plan").get(pk=run.pk)


@given(ROWS)
def test_what_is_kept_is_what_is_read_from_the_rows(values: list[dict[str, Any]]):
    rows = [row(number, **each) for number, each in enumerate(values, 1)]
    kept = from_json(to_json(summing.to_keep(rows)))
    run = Run(plan=Plan(summary=kept))
    summed = summing._Sum()
    for each in rows:
        summed.add(each)
    assert summing.kept(run) == summed.told


def test_a_run_is_summed_up_alike_with_and_without_what_was_kept(lead: Any):
    run = run_of(lead, [row(1, city="Ulm", size=3), row(2, city="Ulm"), row(3, city="Ulm", size=4)])
    now = summing.summaries([run])[run.pk]
    assert now.fields == (FieldChanged("city", 3, "Ulm"), FieldChanged("size", 2, MISSING))
    assert headline.summary(run, results.counts(run)) == now
    old = as_of_old(run)
    assert summing.summaries([old])[run.pk] == now == headline.summary(old, results.counts(old))


def test_a_run_of_one_record_is_told_by_its_name_and_rows_without_a_change_do_not_count(lead: Any):
    run = run_of(lead, [row(1), row(2, city="Ulm")])
    found = summing.summaries([run])[run.pk]
    assert (found.record_id, found.label, found.rows) == ("2", "Thing 2", 1)
    assert summing.summaries([as_of_old(run)])[run.pk] == found


def test_the_title_of_a_long_run_counts_every_row_and_names_the_value_they_share(lead: Any):
    number = headline.EXACT + 5
    run = run_of(lead, [row(n, city="Ulm") for n in range(number)])
    assert headline.summary(run, results.counts(run)).fields == (FieldChanged("city", number, "Ulm"),)


def test_the_rows_of_a_new_run_stand_as_the_model_would_have_made_them(lead: Any):
    run = run_of(lead, [row(1, city="Köln", price=Decimal("1.10")), row(2, city=None)])
    for seq, item in enumerate(run.items.all()):
        made = Item(run=run, seq=seq, record_id=str(seq + 1), label=f"Thing {seq + 1}")
        made.changeset, made.pk = run.plan.changesets[seq], item.pk
        names = [field.attname for field in Item._meta.concrete_fields]
        assert {name: getattr(item, name) for name in names} == {name: getattr(made, name) for name in names}
        assert item.outcome == Outcome.PENDING and item.row() == run.plan.rows()[seq]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases keep long values elsewhere")
def test_nothing_short_stands_behind_what_is_long_in_a_plan():
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, Plan._meta.db_table)
    assert [column.name for column in columns][-3:] == ["held", "steps", "changesets"]
