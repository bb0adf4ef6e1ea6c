"""Plans: every changed row once, the fewest calls, within every limit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.planning.capabilities import Capabilities
from adminui.planning.plan import CannotPlan, Form, Plan, Step, make_plan
from adminui.records.casting import to_json
from adminui.records.changes import Change, ChangeSet

BOTH = Capabilities(bulk_rows=True, bulk_shared=True, max_batch=4)


def row(record_id: int, **values: object) -> ChangeSet:
    changes = tuple(Change(name, "before", value) for name, value in values.items())
    return ChangeSet(record_id, f"Record {record_id}", changes)


def forms(plan: Plan) -> list[tuple[Form, int]]:
    return [(step.form, len(step.rows)) for step in plan.steps]


def test_three_equal_changes_are_one_shared_call():
    plan = make_plan([row(i, status="x") for i in range(3)], BOTH)
    assert forms(plan) == [(Form.BULK_SHARED, 3)]


def test_three_different_changes_are_one_list_call():
    plan = make_plan([row(i, status=str(i)) for i in range(3)], BOTH)
    assert forms(plan) == [(Form.BULK_ROWS, 3)]


def test_one_change_is_a_plain_patch():
    assert forms(make_plan([row(1, status="x")], BOTH)) == [(Form.PATCH, 1)]


def test_rows_without_changes_are_counted_and_never_sent():
    plan = make_plan([row(1), row(2, status="x")], BOTH)
    assert plan.unchanged == (1,)
    assert [r.record_id for r in plan.rows] == [2]


def test_a_mix_is_planned_when_a_mix_needs_fewest_calls():
    """Six rows share a long value: 1 shared call and 1 list, where lists alone would need 3 for their bytes."""
    can = Capabilities(bulk_rows=True, bulk_shared=True, max_batch=6, max_body=200)
    rows = [row(i, note="same" * 20) for i in range(6)] + [row(10 + i, note=str(i)) for i in range(3)]
    plan = make_plan(rows, can)
    assert forms(plan) == [(Form.BULK_SHARED, 6), (Form.BULK_ROWS, 3)]


def test_without_bulk_every_row_is_a_patch_of_its_own():
    plan = make_plan([row(i, status="x") for i in range(3)], Capabilities())
    assert forms(plan) == [(Form.PATCH, 1)] * 3


def test_an_api_without_patch_gets_puts_and_one_without_either_is_refused():
    assert forms(make_plan([row(1, a="x")], Capabilities(patch=False, replace="nulls"))) == [(Form.PUT, 1)]
    with pytest.raises(CannotPlan):
        make_plan([row(1, a="x")], Capabilities(patch=False, replace=None))


def test_a_record_that_stands_twice_is_refused():
    with pytest.raises(CannotPlan):
        make_plan([row(1, a="x"), row(1, b="y")], BOTH)


def test_a_step_without_rows_cannot_be_made():
    """An empty id list means every record on some APIs."""
    with pytest.raises(ValueError):
        Step(Form.BULK_SHARED, ())


VALUES = st.sampled_from(["a", "b", "c", "a longer value " * 8])


def test_large_rows_fill_lists_well_wherever_they_stand():
    """Two of 60 and two of 40 make two bodies of 100, also when a great many small rows come first."""
    can = Capabilities(bulk_rows=True, max_batch=2, max_body=310)
    rows = [row(1, f="a"), row(2, f="b"), *(row(i, f=str(i) * n) for i, n in ((3, 100), (4, 100), (5, 170), (6, 170)))]
    assert len(make_plan(rows, can).steps) == 3


def test_ids_that_are_text_count_as_long_as_they_are_encoded():
    can = Capabilities(bulk_shared=True, max_ids_length=19)
    changes = (Change("f", "before", "after"),)
    rows = [ChangeSet(record_id, record_id, changes) for record_id in ("a", "é é", "b")]
    assert [len(step.rows) for step in make_plan(rows, can).steps] == [2, 1]


@st.composite
def workloads(draw: st.DrawFn) -> tuple[list[ChangeSet], Capabilities]:
    values = draw(st.lists(st.one_of(st.none(), VALUES, st.text(max_size=30)), max_size=60))
    rows = [row(i + 1, **({} if value is None else {"f": value})) for i, value in enumerate(values)]
    can = Capabilities(
        bulk_rows=draw(st.booleans()),
        bulk_shared=draw(st.booleans()),
        max_batch=draw(st.integers(1, 20)),
        max_body=draw(st.integers(200, 2_000)),
        max_ids_length=draw(st.integers(20, 200)),
    )
    return rows, can


@settings(max_examples=300, deadline=None)
@given(workloads())
def test_every_changed_row_is_sent_exactly_once_with_exactly_its_values(work: tuple[list[ChangeSet], Capabilities]):
    rows, can = work
    plan = make_plan(rows, can)
    assert sorted(r.record_id for r in plan.rows) == [r.record_id for r in rows if r.changes]
    assert set(plan.unchanged) == {r.record_id for r in rows if not r.changes}
    for step in plan.steps:
        if step.form is Form.BULK_SHARED:
            assert all(r.values == step.rows[0].values for r in step.rows)


@settings(max_examples=300, deadline=None)
@given(workloads())
def test_no_step_exceeds_a_limit(work: tuple[list[ChangeSet], Capabilities]):
    rows, can = work
    for step in make_plan(rows, can).steps:
        if len(step.rows) == 1:
            continue
        assert len(step.rows) <= can.max_batch
        if step.form is Form.BULK_ROWS:
            body = to_json([{"id": r.record_id, **r.values} for r in step.rows])
            assert len(body.encode()) <= can.max_body
        else:
            assert len(",".join(str(i) for i in step.ids)) <= can.max_ids_length


@settings(max_examples=300, deadline=None)
@given(workloads())
def test_a_mix_never_needs_more_calls_than_either_pure_form(work: tuple[list[ChangeSet], Capabilities]):
    rows, can = work
    from dataclasses import replace

    both = make_plan(rows, replace(can, bulk_rows=True, bulk_shared=True))
    for only in ({"bulk_rows": True, "bulk_shared": False}, {"bulk_rows": False, "bulk_shared": True}):
        assert len(both.steps) <= len(make_plan(rows, replace(can, **only)).steps)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=9), st.integers(1, 4), st.integers(1, 4))
def test_the_number_of_calls_is_the_least_possible(values: list[str], batch: int, ids: int):
    """Against trying every way of splitting groups into shared chunks and lists, for limits on rows and ids."""
    can = Capabilities(bulk_rows=True, bulk_shared=True, max_batch=batch, max_ids_length=ids * 2)
    rows = [row(i, f=value) for i, value in enumerate(values, 1)]
    assert len(make_plan(rows, can).steps) == least(values, batch, min(batch, ids))


def least(values: list[str], batch: int, ids: int) -> int:
    """Fewest calls: for each number of rows of each value sent shared, shared calls plus lists for the rest."""
    best = {0: 0}  # rows covered by shared calls → calls
    for value in set(values):
        count = values.count(value)
        options = {covered: -(-covered // ids) for covered in range(count + 1)}
        merged: dict[int, int] = {}
        for covered, calls in best.items():
            for more, cost in options.items():
                key = covered + more
                merged[key] = min(merged.get(key, 99), calls + cost)
        best = merged
    return min(calls + -(-(len(values) - covered) // batch) for covered, calls in best.items())
