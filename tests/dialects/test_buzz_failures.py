"""Buzz: whatever body a refused bulk call has, the right rows are at fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.dialects.base import ApiResponse
from adminui.dialects.buzz import Buzz
from adminui.dialects.buzz.writing import in_sending_order
from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Field, Kind, Resource

BUZZ = Buzz()
NAMES = ("name", "notes", "active")
ROLES = Resource("roles", "Roles", "Role", (*(Field(n, n, Kind.TEXT) for n in NAMES), Field("id", "ID", Kind.INTEGER)))

Errors = Mapping[int, dict[str, Any]]  # by record id
Rendering = Callable[[list[int], Errors], Any]


def as_list(ids: list[int], errors: Errors) -> Any:
    return [errors.get(i, {}) for i in ids]


def by_index(ids: list[int], errors: Errors) -> Any:
    return {str(n): errors[i] for n, i in enumerate(ids) if i in errors}


def by_id(ids: list[int], errors: Errors) -> Any:
    return {str(i): e for i, e in errors.items()}


def with_ids_inside(ids: list[int], errors: Errors) -> Any:
    return [{"id": i, **e} for i, e in errors.items()]


def all_with_ids_inside(ids: list[int], errors: Errors) -> Any:
    return [{"id": i, **errors.get(i, {})} for i in reversed(ids)]


def wrapped(ids: list[int], errors: Errors) -> Any:
    return {"errors": [{"id": i, "errors": e} for i, e in errors.items()]}


def framed(ids: list[int], errors: Errors) -> Any:
    return {"errors": by_index(ids, errors)}


RENDERINGS: tuple[Rendering, ...] = (as_list, by_index, by_id, with_ids_inside, all_with_ids_inside, wrapped, framed)

messages = st.lists(st.text(min_size=1), min_size=1, max_size=3)
row_errors = st.dictionaries(st.sampled_from(NAMES), messages, min_size=1)
batches = st.lists(st.integers(1, 40) | st.integers(1_000, 9_999_999), min_size=2, max_size=25, unique=True)


def step(form: Form, ids: list[int]) -> Step:
    return Step(form, tuple(ChangeSet(i, str(i), (Change("name", "a", "b"),)) for i in ids))


@pytest.mark.parametrize("rendering", RENDERINGS, ids=lambda r: r.__name__)
@pytest.mark.parametrize("form", [Form.BULK_ROWS, Form.BULK_SHARED])
@given(ids=batches, data=st.data())
def test_fact_every_shape_of_a_failed_bulk_names_exactly_the_rows_at_fault(
    rendering: Rendering, form: Form, ids: list[int], data: st.DataObject
) -> None:
    """Section 5, the table of failed-bulk shapes; ids as small as positions included."""
    bad = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    errors = {i: data.draw(row_errors) for i in bad}
    sent = step(form, ids)
    order = [int(row.record_id) for row in in_sending_order(sent)]
    body = json.dumps(rendering(order, errors))
    found = BUZZ.outcomes(ROLES, sent, ApiResponse(400, body))
    assert [r.record_id for r in found] == ids
    for result in found:
        expected = {name: tuple(texts) for name, texts in errors.get(int(result.record_id), {}).items()}
        assert result.by_field == expected
        assert result.outcome is (Outcome.REJECTED if expected else Outcome.NOT_SENT)


@given(ids=batches)
def test_every_row_is_sent_once_and_a_small_id_stands_at_its_own_position(ids: list[int]) -> None:
    for form in (Form.BULK_ROWS, Form.BULK_SHARED):
        order = [int(row.record_id) for row in in_sending_order(step(form, ids))]
        assert sorted(order) == sorted(ids)
        assert all(order[i] == i for i in ids if i < len(ids))


@given(ids=batches)
def test_the_order_is_the_same_where_ids_are_text(ids: list[int]) -> None:
    for form in (Form.BULK_ROWS, Form.BULK_SHARED):
        rows = step(form, ids).rows
        as_text = Step(form, tuple(replace(row, record_id=str(row.record_id)) for row in rows))
        assert [r.record_id for r in in_sending_order(as_text)] == [
            str(r.record_id) for r in in_sending_order(step(form, ids))
        ]


def test_ids_that_read_as_the_same_number_are_all_sent() -> None:
    rows = [
        replace(row, record_id=i) for row, i in zip(step(Form.BULK_ROWS, [1, 2, 3]).rows, ("1", "01", 1), strict=True)
    ]
    sent = in_sending_order(Step(Form.BULK_ROWS, tuple(rows)))
    assert sorted(repr(row.record_id) for row in sent) == ["'01'", "'1'", "1"]


def test_a_list_of_another_length_names_no_row_by_position() -> None:
    found = BUZZ.outcomes(ROLES, step(Form.BULK_ROWS, [7, 8, 9]), ApiResponse(400, '[{"name": ["Bad."]}]'))
    assert {(r.outcome, r.messages) for r in found} == {(Outcome.REJECTED, ("name: Bad.",))}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["0", "1", "7", "id", "name", "x"]), inner)
    ),
    max_leaves=12,
)


@given(body=json_values, form=st.sampled_from([Form.BULK_ROWS, Form.BULK_SHARED]))
def test_any_json_at_all_gives_every_row_one_outcome_that_says_nothing_was_written(body: Any, form: Form) -> None:
    found = BUZZ.outcomes(ROLES, step(form, [7, 8, 9]), ApiResponse(400, json.dumps(body)))
    assert [r.record_id for r in found] == [7, 8, 9]
    assert {r.outcome for r in found} <= {Outcome.REJECTED, Outcome.NOT_SENT}
    assert any(r.outcome is Outcome.REJECTED for r in found)
    assert all(r.messages or r.by_field for r in found)
