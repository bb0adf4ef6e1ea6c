"""Thousands of changes in the fewest calls under the limits of real APIs, and a sentence that is true of them."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.planning.capabilities import Capabilities
from adminui.planning.explain import explain
from adminui.planning.plan import Form, Plan, make_plan
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Field, Kind, Resource

BULK = Capabilities(bulk_rows=True, bulk_shared=True, max_batch=200)
ONE_BY_ONE = Capabilities(max_batch=1, max_concurrency=2)
THINGS = Resource("things", "Things", "Thing", tuple(Field(name, name, Kind.TEXT) for name in ("a", "b", "c")))
WORDS = {"one shared body for": Form.BULK_SHARED, "a list of": Form.BULK_ROWS, "a PATCH(?: each)? for": Form.PATCH}


def rows(*values: dict[str, object]) -> list[ChangeSet]:
    return [
        ChangeSet(number, f"Thing {number}", tuple(Change(name, "before", after) for name, after in each.items()))
        for number, each in enumerate(values, 1)
    ]


def clean_up(shared: int, own: int, both: int = 0, unchanged: int = 0) -> list[ChangeSet]:
    """Some rows get one value, some their own, some both."""
    return rows(
        *({"a": "same"} for _ in range(shared)),
        *({"b": f"own {n}"} for n in range(own)),
        *({"a": "same", "b": f"own too {n}"} for n in range(both)),
        *({} for _ in range(unchanged)),
    )


def said(plan: Plan, can: Capabilities = BULK) -> str:
    return explain(THINGS, can, plan).replace("\u202f", ",")


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (clean_up(400, 0), "2 requests change 400 fields in 400 records: one shared body for 400 records in 2 calls."),
        (clean_up(0, 150), "1 request changes 150 fields in 150 records: a list of 150 records."),
        (
            clean_up(5_400, 601, 600),
            "34 requests change 7,201 fields in 6,601 records: one shared body for 5,400 records in 27 calls, "
            "a list of 1,200 records in 6 calls, a PATCH for 1 record.",
        ),
        (
            clean_up(3, 0, unchanged=1),
            "1 request changes 3 fields in 3 records: one shared body for 3 records; 1 record already has the values.",
        ),
        (clean_up(0, 0, unchanged=9), "Nothing to send: no field differs from what is stored."),
    ],
)
def test_the_plan_says_why_and_how_many(work: list[ChangeSet], sentence: str):
    assert said(make_plan(work, BULK)) == sentence


def test_without_bulk_every_record_is_a_call_of_its_own_in_the_order_of_the_rows():
    """Whatever order they leave in, no more are under way than the API's lanes take; so the rows' own is kept."""
    work = clean_up(300, 100, 100)
    plan = make_plan(work, ONE_BY_ONE)
    assert [step.ids for step in plan.steps] == [(row.record_id,) for row in work]
    assert said(plan, ONE_BY_ONE) == "500 requests change 600 fields in 500 records: a PATCH each for 500 records."


cleanups = st.builds(clean_up, st.integers(0, 700), st.integers(0, 500), st.integers(0, 300), st.integers(0, 5))


@settings(max_examples=60, deadline=None)
@given(cleanups)
def test_no_plan_has_more_calls_than_full_ones_would_need(work: list[ChangeSet]):
    """While bytes are no limit, fewer calls than records ÷ cap cannot be."""
    changed = sum(bool(row.changes) for row in work)
    assert len(make_plan(work, BULK).steps) == -(-changed // BULK.max_batch)


@settings(max_examples=60, deadline=None)
@given(cleanups, st.integers(300, 20_000))
def test_the_sentence_counts_the_very_requests(work: list[ChangeSet], body: int):
    plan = make_plan(work, Capabilities(bulk_rows=True, bulk_shared=True, max_batch=200, max_body=body))
    if len(plan.steps) < 2:
        return
    told = said(plan)
    number = r"(\d[\d,]*)"
    calls, cells, records = re.match(
        rf"{number} requests change {number} fields? in {number} records?: ", told
    ).groups()
    assert [calls, cells, records] == [f"{n:,}" for n in (len(plan.steps), plan.cells, len(plan.rows))]
    for words, form in WORDS.items():
        steps = [step for step in plan.steps if step.form is form]
        found = re.search(rf"{words} {number} records?(?: in {number} calls)?", told)
        assert bool(found) == bool(steps)
        if found:
            assert found[1] == f"{sum(len(step.rows) for step in steps):,}"
            assert found[2] == (f"{len(steps):,}" if form is not Form.PATCH and len(steps) > 1 else None)


@settings(max_examples=60, deadline=None)
@given(cleanups)
def test_each_call_carries_the_touched_fields_and_none_besides(work: list[ChangeSet]):
    plan = make_plan(work, BULK)
    carried = Counter((row.record_id, name) for step in plan.steps for row in step.rows for name in row.values)
    assert carried == Counter((row.record_id, name) for row in work for name in row.fields)
