"""Buzz: plan steps as requests, and what the answers say of each row."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from adminui.dialects.base import ApiResponse
from adminui.dialects.buzz import Buzz
from adminui.dialects.errors import NotOffered, Rejected, SignedOut, Throttled, Unavailable, Unknown
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import Value

BUZZ = Buzz()
LINE_ITEMS = Resource(
    "line-items",
    "Line items",
    "Line item",
    (
        Field("id", "ID", Kind.INTEGER, read_only=True),
        Field("name", "Name", Kind.TEXT, required=True),
        Field("type", "Type", Kind.TEXT, required=True, read_only=True),
        Field("active", "Active", Kind.BOOLEAN),
        Field("max_bid", "Max bid", Kind.DECIMAL),
        Field("start_date", "Start", Kind.DATETIME, zone="account time"),
        Field("bidding", "Bidding", Kind.JSON),
        Field("event_ids", "Events", Kind.LIST),
        Field("notes", "Notes", Kind.TEXT),
        Field("update_date", "Updated", Kind.DATETIME, read_only=True),
    ),
)
LIVE: dict[str, Value] = {
    "id": 12,
    "name": " Spring CTV ",
    "type": "video",
    "active": False,
    "max_bid": "20.00",
    "start_date": "2026-03-01T00:00:00Z",
    "bidding": {"strategy": "CPM", "values": {"cpm_bid": 10}},
    "event_ids": [],
    "notes": None,
    "update_date": "2026-02-21 10:30:00",
    "unheard_of": {"kept": Decimal("1.10")},
}


def row(record_id: int, **values: Value) -> ChangeSet:
    return ChangeSet(record_id, f"Line item {record_id}", tuple(Change(k, "before", v) for k, v in values.items()))


def step(form: Form, *rows: ChangeSet) -> Step:
    return Step(form, rows)


def results(sent: Step, status: int, body: Any = None) -> tuple[RowResult, ...]:
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return BUZZ.outcomes(LINE_ITEMS, sent, ApiResponse(status, text))


PATCH = step(Form.PATCH, row(12, name="New"))
BULK = step(Form.BULK_ROWS, row(12, name="New"), row(900, active=True), row(31, notes=None))
SHARED = step(Form.BULK_SHARED, row(31, active=True), row(12, active=True))


def test_fact_patch_names_only_what_changes() -> None:
    """Section 4."""
    request = BUZZ.write(LINE_ITEMS, step(Form.PATCH, row(12, max_bid=Decimal("1E+2"), notes=None)), {})
    assert (request.method, request.path, request.query, request.writes) == ("PATCH", "line-items/12", (), True)
    assert request.body == {"max_bid": "100", "notes": None}


def test_fact_values_are_written_as_buzz_writes_them() -> None:
    """Section 9: decimals as strings, dates in account time without a zone, booleans; nested objects complete."""
    nested: Value = {"strategy": "CPC", "values": {"cpc_bid": Decimal("0.10")}}
    sent = row(12, max_bid=20, start_date="2026-03-01T00:00:00", active=True, bidding=nested, event_ids=["b", "a"])
    assert BUZZ.write(LINE_ITEMS, step(Form.PATCH, sent), {}).body == {
        "max_bid": "20",
        "start_date": "2026-03-01 00:00:00",
        "active": True,
        "bidding": nested,
        "event_ids": ["b", "a"],
    }


def test_a_stored_spelling_of_an_instant_is_sent_back_as_it_stood() -> None:
    body = BUZZ.write(LINE_ITEMS, step(Form.PATCH, row(12, start_date="2026-03-01T00:00:00Z")), {}).body
    assert body == {"start_date": "2026-03-01T00:00:00Z"}


def test_fact_a_put_is_the_live_record_minus_what_is_read_only_plus_the_edits() -> None:
    """Section 4, safe rule: untouched values in their very spelling; fixed and unknown fields go back too."""
    request = BUZZ.write(LINE_ITEMS, step(Form.PUT, row(12, max_bid=Decimal("5.5"))), {12: LIVE})
    assert (request.method, request.path, request.writes) == ("PUT", "line-items/12", True)
    left_out = {"id", "update_date"}
    assert request.body == {**{k: v for k, v in LIVE.items() if k not in left_out}, "max_bid": "5.5"}
    assert request.body["name"] is LIVE["name"]


@pytest.mark.parametrize(
    "live",
    [{}, {12: {**LIVE, "id": 13}}, {12: {k: v for k, v in LIVE.items() if k != "notes"}}],
)
def test_a_put_that_could_lose_something_is_refused(live: dict[Any, Any]) -> None:
    with pytest.raises(Rejected):
        BUZZ.write(LINE_ITEMS, step(Form.PUT, row(12, name="New")), live)


def test_fact_different_changes_go_as_a_list_of_objects_with_their_ids() -> None:
    """Section 5."""
    request = BUZZ.write(LINE_ITEMS, BULK, {})
    assert (request.method, request.path, request.query) == ("PATCH", "line-items/bulk", ())
    assert request.body == [{"id": 12, "name": "New"}, {"id": 900, "active": True}, {"id": 31, "notes": None}]


def test_fact_the_same_change_goes_as_one_object_with_the_ids_in_the_query() -> None:
    """Section 5."""
    request = BUZZ.write(LINE_ITEMS, SHARED, {})
    assert (request.method, request.path, request.query) == ("PATCH", "line-items/bulk", (("ids", "12,31"),))
    assert request.body == {"active": True}


def test_fact_nothing_empty_is_ever_sent() -> None:
    """Section 5: an empty list is a success, and an empty id list may mean every record."""
    for form in Form:
        with pytest.raises(ValueError):
            Step(form, ())
        with pytest.raises(ValueError):
            BUZZ.write(LINE_ITEMS, step(form, row(12)), {12: LIVE})


def test_a_shared_step_of_different_values_is_refused() -> None:
    with pytest.raises(ValueError):
        BUZZ.write(LINE_ITEMS, step(Form.BULK_SHARED, row(1, active=True), row(2, active=1)), {})


@pytest.mark.parametrize(
    "values", [{"nothing": 1}, {"update_date": "2026-01-01 00:00:00"}, {"id": 5}, {"type": "native"}]
)
def test_unknown_and_read_only_fields_never_go_out(values: dict[str, Value]) -> None:
    for form in Form:
        with pytest.raises(Rejected):
            BUZZ.write(LINE_ITEMS, step(form, row(12, **values)), {12: LIVE})


def test_fact_the_answer_to_one_write_is_the_object_as_updated() -> None:
    """Section 4."""
    (result,) = results(PATCH, 200, {"id": 12, "name": "New"})
    assert (result.outcome, result.stored) == (Outcome.DONE, {"id": 12, "name": "New"})


def test_fact_wrapped_answers_are_unwrapped_and_their_warnings_kept() -> None:
    """Section 4: creatives answer with result, warnings and errors."""
    (result,) = results(PATCH, 200, {"result": {"id": 12, "name": "New"}, "warnings": ["Look."], "errors": None})
    assert (result.outcome, result.stored, result.messages) == (Outcome.DONE, {"id": 12, "name": "New"}, ("Look.",))
    assert results(PATCH, 200, {"results": [{"id": 12}]})[0].outcome is Outcome.DONE


@pytest.mark.parametrize(
    "body", [{"id": 13, "name": "New"}, {"success": True}, [], "", "<html>", '{"id": 12', None, 12]
)
def test_a_success_without_the_record_is_unknown(body: Any) -> None:
    for sent in (PATCH, BULK, SHARED):
        text = json.dumps({"id": 7}) if isinstance(body, dict) and body.get("id") else body
        with pytest.raises(Unknown):
            results(sent, 200, text)


def test_fact_bulk_answers_come_in_any_order_and_are_matched_by_id() -> None:
    """Section 5: the order is not documented."""
    stored = [{"id": 31, "notes": None}, {"id": 12, "name": "New"}, {"id": 900, "active": True}, {"id": 5}]
    found = results(BULK, 200, stored)
    assert [(r.record_id, r.outcome, r.stored) for r in found] == [
        (12, Outcome.DONE, stored[1]),
        (900, Outcome.DONE, stored[2]),
        (31, Outcome.DONE, stored[0]),
    ]


def test_a_row_missing_from_a_bulk_answer_is_unknown() -> None:
    found = results(BULK, 200, [{"id": 31}, {"id": "12"}])
    assert [r.outcome for r in found] == [Outcome.DONE, Outcome.UNKNOWN, Outcome.DONE]


def test_fact_any_error_fails_the_whole_batch_and_only_named_rows_are_at_fault() -> None:
    """Section 5: all or nothing."""
    found = results(BULK, 400, [{}, {"active": ["Must be a valid boolean."]}, {}])
    assert [(r.record_id, r.outcome) for r in found] == [
        (12, Outcome.NOT_SENT),
        (900, Outcome.REJECTED),
        (31, Outcome.NOT_SENT),
    ]
    assert found[1].by_field == {"active": ("Must be a valid boolean.",)}
    assert "another record" in found[0].messages[0]


def test_fact_an_error_of_the_shared_form_belongs_to_every_row() -> None:
    """Section 5."""
    for result in results(SHARED, 400, {"active": ["Must be a valid boolean."]}):
        assert (result.outcome, result.by_field) == (Outcome.REJECTED, {"active": ("Must be a valid boolean.",)})


def test_field_errors_without_a_row_fall_on_the_rows_that_send_the_field() -> None:
    found = results(BULK, 400, {"name": ["This field may not be blank."]})
    assert [r.outcome for r in found] == [Outcome.REJECTED, Outcome.NOT_SENT, Outcome.NOT_SENT]
    two = step(Form.BULK_ROWS, row(1, name="a"), row(2, name="b"), row(3, active=True))
    found = results(two, 400, {"name": ["This field may not be blank."]})
    assert [r.outcome for r in found] == [Outcome.REJECTED, Outcome.REJECTED, Outcome.NOT_SENT]
    assert [r.suspect for r in found] == [True, True, False]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": "JSON parse error - x"}, "JSON parse error - x"),
        ({"non_field_errors": ["No more than 500 elements."]}, "No more than 500 elements."),
        (["Too many."], "Too many."),
        ({}, "Buzz refused the request without giving a reason (status 400)."),
        ([{}, {}, {}], "Buzz refused the request without giving a reason (status 400)."),
        ("<html>", "Buzz refused the request without giving a reason (status 400)."),
    ],
)
def test_a_refusal_of_the_whole_is_a_refusal_of_every_row(body: Any, words: str) -> None:
    for result in results(BULK, 400, body):
        assert (result.outcome, result.messages) == (Outcome.REJECTED, (words,))


def test_fact_messages_are_kept_to_the_letter_and_nested_ones_named_by_their_path() -> None:
    """Section 6: nested fields nest, several fields at once."""
    body = {
        "bidding": {"values": {"cpm_bid": ["A valid number is required."]}, "non_field_errors": ["Bad pair."]},
        "name": ["This field may not be blank.", "  Twice. "],
        "modules": {"geo": {"all": {"foo": ["Not a valid string."]}}},
    }
    (result,) = results(PATCH, 400, body)
    assert result.by_field == {
        "bidding": ("bidding.values.cpm_bid: A valid number is required.", "Bad pair."),
        "name": ("This field may not be blank.", "  Twice. "),
    }
    assert result.messages == ("modules.geo.all.foo: Not a valid string.",)


@pytest.mark.parametrize("nested", [[{}, {"duration": ["Bad."]}], {"1": {"duration": ["Bad."]}}])
def test_fact_errors_in_nested_lists_read_the_same_in_both_framework_versions(nested: Any) -> None:
    """Section 5, measured before and after 3.18."""
    (result,) = results(PATCH, 400, {"bidding": {"caps": nested}})
    assert result.by_field == {"bidding": ("bidding.caps.1.duration: Bad.",)}


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            403,
            {"detail": "You do not have permission to perform this action."},
            "You do not have permission to perform",
        ),
        (404, {"detail": "No LineItem matches the given query."}, "No LineItem matches"),
        (409, {"detail": "Conflict."}, "Conflict."),
        (413, "<html>Too large</html>", "status 413"),
        (415, {"detail": 'Unsupported media type "x" in request.'}, "Unsupported media type"),
    ],
)
def test_any_refusal_of_one_record_rejects_it_in_the_apis_words(status: int, body: Any, words: str) -> None:
    (result,) = results(PATCH, status, body)
    assert result.outcome is Outcome.REJECTED
    assert words in result.messages[0]


@pytest.mark.parametrize("status", [404, 405])
def test_fact_a_missing_bulk_address_is_not_offered(status: int) -> None:
    """Section 5: treat bulk support as discovered; single calls tell which record is gone, if one is."""
    for sent in (BULK, SHARED):
        with pytest.raises(NotOffered):
            results(sent, status, {"detail": 'Method "PATCH" not allowed.'})


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"detail": "x"}, SignedOut),
        (403, {"detail": "Authentication credentials were not provided."}, SignedOut),
        (429, None, Throttled),
        (500, None, Unavailable),
        (502, "<html>", Unavailable),
        (302, None, Unavailable),
    ],
)
def test_answers_that_are_no_verdict_are_raised(status: int, body: Any, error: type[Exception]) -> None:
    for sent in (PATCH, BULK, SHARED):
        with pytest.raises(error):
            results(sent, status, body)
