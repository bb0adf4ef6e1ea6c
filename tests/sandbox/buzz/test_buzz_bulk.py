"""The bulk calls of the Buzz sandbox: both forms, all or nothing, and the shapes a refusal may take."""

import time

import pytest

from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.http import Request, write_json

REQUIRED = {"name": ["This field may not be blank."]}


def by_id(answer, status=200):
    assert answer.status_code == status, answer.text
    return {record["id"]: record for record in answer.json()}


def test_the_list_form_gives_each_record_its_own_change(buzz):
    rows = [{"id": number, "notes": f"note {number}"} for number in range(1, 31)]
    answered = by_id(buzz.call("PATCH", "line-items/bulk", rows))
    stored = {record["id"]: record for record in buzz.api.dump("line-items")}
    assert set(answered) == set(range(1, 31))
    assert all(
        stored[number]["notes"] == f"note {number}" and answered[number] == stored[number] for number in answered
    )
    assert stored[31]["notes"] != "note 31"


@pytest.mark.parametrize("shuffled", [True, False])
def test_bulk_answers_come_in_no_order(buzz, shuffled):
    buzz.switch(bulk_shuffled=shuffled)
    answered = buzz.call("PATCH", "line-items/bulk", [{"id": number} for number in range(1, 31)]).json()
    ids = [record["id"] for record in answered]
    assert (ids == sorted(ids)) is not shuffled


def test_the_shared_form_gives_all_records_one_change(buzz):
    answered = by_id(buzz.call("PATCH", "roles/bulk?ids=2,3", {"notes": "same"}))
    assert {number: record["notes"] for number, record in answered.items()} == {2: "same", 3: "same"}
    assert buzz.get("roles/4")["notes"] != "same"


def test_a_bulk_post_creates_all_and_a_bulk_delete_removes_all(buzz):
    made = by_id(buzz.call("POST", "segments/bulk", [{"name": "A"}, {"name": "B"}]), 201)
    assert {record["name"] for record in made.values()} == {"A", "B"}
    gone = by_id(buzz.call("DELETE", f"segments/bulk?ids={','.join(map(str, made))}"))
    assert set(gone) == set(made)
    assert not set(made) & {record["id"] for record in buzz.api.dump("segments")}


SHAPES = [
    ("list", [{}, REQUIRED, {}]),
    ("index-dict", {"1": REQUIRED}),
    ("flat", REQUIRED),
    ("keyed-by-id", {"8": REQUIRED}),
]


@pytest.mark.parametrize(("shape", "body"), SHAPES)
def test_one_bad_row_fails_the_call_and_nothing_is_written(buzz, shape, body):
    buzz.switch(bulk_errors=shape)
    before = buzz.api.dump("campaigns")
    rows = [{"id": 7, "notes": "a"}, {"id": 8, "name": ""}, {"id": 9, "notes": "c"}]
    answer = buzz.call("PATCH", "campaigns/bulk", rows)
    assert (answer.status_code, answer.json()) == (400, body)
    assert buzz.api.dump("campaigns") == before


@pytest.mark.parametrize(("shape", "body"), [("list", REQUIRED), ("keyed-by-id", {"7": REQUIRED, "8": REQUIRED})])
def test_the_shared_form_is_refused_for_all_its_records(buzz, shape, body):
    buzz.switch(bulk_errors=shape)
    answer = buzz.call("PATCH", "campaigns/bulk?ids=7,8", {"name": ""})
    assert (answer.status_code, answer.json()) == (400, body)


def test_errors_in_nested_lists_change_their_shape_too(buzz):
    body = {"permissions": [{"object_type": "a", "permission": 1}, {"object_type": "b", "permission": 99}]}
    expected = {"permission": ["Ensure this value is less than or equal to 15."]}
    assert buzz.call("PATCH", "roles/2", body).json() == {"permissions": [{}, expected]}
    buzz.switch(bulk_errors="index-dict")
    assert buzz.call("PATCH", "roles/2", body).json() == {"permissions": {"1": expected}}


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize(("path", "body"), [("bulk", [{"id": 2}, {"id": 999}]), ("bulk?ids=2,999", {"notes": "x"})])
def test_an_unknown_id_fails_the_whole_call(buzz, status, path, body):
    buzz.switch(bulk_unknown_id=status)
    before = buzz.api.dump("roles")
    answer = buzz.call("PATCH", f"roles/{path}", body)
    assert answer.status_code == status
    assert ("detail" in answer.json()) is (status == 404)
    assert buzz.api.dump("roles") == before


@pytest.mark.parametrize("status", [400, 404])
def test_deleting_an_unknown_id_removes_nothing(buzz, status):
    buzz.switch(bulk_unknown_id=status)
    assert buzz.call("DELETE", "line-items/bulk?ids=3,999").status_code == status
    assert buzz.call("GET", "line-items/3").status_code == 200


def test_the_last_of_two_rows_with_one_id_wins_or_both_are_refused(buzz):
    rows = [{"id": 2, "notes": "first", "name": "kept"}, {"id": 2, "notes": "last"}]
    answered = by_id(buzz.call("PATCH", "roles/bulk", rows))
    assert (answered[2]["notes"], answered[2]["name"]) == ("last", "kept")
    buzz.switch(bulk_duplicate_ids="reject")
    assert buzz.call("PATCH", "roles/bulk", rows).json() == [{}, {"id": ["This id appears more than once."]}]


def test_a_row_without_an_id_is_refused(buzz):
    assert buzz.call("PATCH", "roles/bulk", [{"notes": "x"}, 5]).json() == [{"id": ["This field is required."]}] * 2


def test_an_object_where_a_list_is_due_is_refused(buzz):
    sentence = 'Expected a list of items but got type "dict".'
    assert buzz.call("PATCH", "roles/bulk", {"notes": "x"}).json() == {"non_field_errors": [sentence]}


@pytest.mark.parametrize(("method", "status"), [("PATCH", 200), ("POST", 201)])
def test_an_empty_list_is_a_success(buzz, method, status):
    answer = buzz.call(method, "roles/bulk", [])
    assert (answer.status_code, answer.json()) == (status, [])


@pytest.mark.parametrize("trap", [True, False])
def test_no_ids_with_a_shared_change_may_change_every_record(buzz, trap):
    buzz.switch(empty_ids_changes_all=trap, bulk_max=5)
    answer = buzz.call("PATCH", "line-items/bulk?ids=", {"notes": "oops"})
    assert answer.status_code == 200
    changed = [record for record in buzz.api.dump("line-items") if record["notes"] == "oops"]
    assert len(changed) == (60 if trap else 0)


def test_more_rows_than_the_cap_are_refused(buzz):
    buzz.switch(bulk_max=3)
    sentence = {"non_field_errors": ["Ensure this field has no more than 3 elements."]}
    assert buzz.call("PATCH", "roles/bulk", [{"id": n} for n in range(2, 6)]).json() == sentence
    assert buzz.call("PATCH", "roles/bulk?ids=2,3,4,5", {"notes": "x"}).json() == sentence
    assert buzz.call("PATCH", "roles/bulk?ids=2,3,4", {"notes": "x"}).status_code == 200


@pytest.mark.parametrize("resource", ["creatives", "targeting-expressions"])
@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "POST", "DELETE"])
def test_resources_without_bulk_answer_405(buzz, resource, method):
    assert buzz.call(method, f"{resource}/bulk").status_code == 405


def test_where_bulk_exists_is_a_switch_and_put_is_never_there(buzz):
    buzz.switch(bulk_resources=["creatives"])
    assert buzz.call("PATCH", "creatives/bulk?ids=1,2", {"notes": "x"}).status_code == 200
    assert buzz.call("PATCH", "roles/bulk?ids=2", {"notes": "x"}).status_code == 405
    assert buzz.call("PUT", "creatives/bulk", []).status_code == 405
    assert buzz.call("OPTIONS", "creatives/bulk").status_code == 200


def test_a_thousand_rows_are_quick():
    api = BuzzApi(records=1000, switches={"bulk_max": 1000, "basic_auth": True})
    rows = [{"id": number, "notes": f"n{number}", "max_bid": "12.5"} for number in range(1, 1001)]
    headers = {"content-type": "application/json", "authorization": "Basic b3BzQGV4YW1wbGUuY29tOnNhbmRib3g="}
    body = write_json(rows).encode()
    started = time.process_time()
    answer = api.handle(Request("PATCH", "/rest/v2/line-items/bulk", (), headers, body, "http://sandbox"))
    assert answer.status == 200 and len(answer.payload()) > 500_000
    assert time.process_time() - started < 3
