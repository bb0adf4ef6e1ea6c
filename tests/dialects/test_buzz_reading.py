"""Buzz: signing in, what a status means, filters and pages. Literal documents of the fact sheet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adminui.dialects.base import Access, ApiRequest, ApiResponse
from adminui.dialects.buzz import Buzz
from adminui.dialects.buzz.statuses import retry_after
from adminui.dialects.errors import (
    BadCredentials,
    Forbidden,
    Gone,
    NotOffered,
    Rejected,
    RemoteError,
    SignedOut,
    Throttled,
    Unavailable,
    Unknown,
)
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Field, Kind, Resource

BUZZ = Buzz()
SECRETS = {"email": "ops@example.com", "password": "Tr0ub4dor&3"}
ROLES = Resource(
    "roles",
    "Roles",
    "Role",
    (
        Field("id", "ID", Kind.INTEGER, read_only=True),
        Field("name", "Name", Kind.TEXT),
        Field("archived", "Archived", Kind.BOOLEAN),
        Field("cost", "Cost", Kind.DECIMAL),
        Field("create_date", "Created", Kind.DATETIME, zone="account time"),
        Field("permissions", "Permissions", Kind.LIST, queryable=False),
    ),
)


def answer(status: int, body: Any = None, **headers: str) -> ApiResponse:
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return ApiResponse(status, text, {name.replace("_", "-"): value for name, value in headers.items()})


def sign_in(response: ApiResponse, credentials: dict[str, str] | None = None) -> tuple[ApiRequest, Access]:
    talk = BUZZ.sign_in("https://acme.api.beeswax.com/", credentials or SECRETS)
    request = next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send(response)
    return request, end.value.value


def where(*conditions: Condition | Group, join: str = "and") -> Query:
    return Query(where=Group(join, conditions), page_size=50)


def roles_page(*records: dict[str, Any], following: str | None = None, request: ApiRequest | None = None) -> Any:
    body = {"count": 120, "next": following, "previous": None, "results": list(records)}
    return BUZZ.page(ROLES, request or BUZZ.read_page(ROLES, Query(page_size=50)), answer(200, body))


def test_fact_signing_in_posts_email_and_password_and_asks_for_the_long_lived_cookie() -> None:
    """Section 2: the documented success says "true" as text."""
    request, access = sign_in(answer(200, {"success": "true", "message": "Cookie set successfully"}))
    assert (request.method, request.path) == ("POST", "https://acme.api.beeswax.com/rest/v2/authenticate")
    assert request.body == {**SECRETS, "keep_logged_in": True}
    assert not request.writes
    assert access == Access("https://acme.api.beeswax.com/rest/v2")


def test_fact_an_account_of_a_user_with_several_can_be_named() -> None:
    """Section 2: optional account_id."""
    request, _ = sign_in(answer(200, {"success": "true"}), {**SECRETS, "account_id": "2"})
    assert request.body["account_id"] == 2


@pytest.mark.parametrize(
    "refused",
    [
        answer(401, {"detail": "Incorrect authentication credentials."}),
        answer(403, {"detail": "Authentication credentials were not provided."}),
        answer(400, {"detail": f"Wrong password {SECRETS['password']}"}),
        answer(200, {"success": "false", "message": "No."}),
    ],
)
def test_a_refused_login_is_bad_credentials_and_names_no_secret(refused: ApiResponse) -> None:
    talk = BUZZ.sign_in("https://acme.api.beeswax.com", SECRETS)
    next(talk)
    with pytest.raises(BadCredentials) as error:
        talk.send(refused)
    assert SECRETS["password"] not in str(error.value) + repr(error.value)


def test_fact_too_many_logins_are_throttled() -> None:
    """Section 2: /authenticate is rate limited for security."""
    talk = BUZZ.sign_in("https://acme.api.beeswax.com", SECRETS)
    next(talk)
    with pytest.raises(Throttled) as error:
        talk.send(answer(429, {"detail": "Request was throttled. Expected available in 60 seconds."}))
    assert error.value.retry_after == 60


@pytest.mark.parametrize("wrong", [answer(404, "<html>"), answer(405), answer(200, "<html>"), answer(415), answer(502)])
def test_an_address_without_this_api_is_unavailable_rather_than_a_bad_password(wrong: ApiResponse) -> None:
    talk = BUZZ.sign_in("https://example.com", SECRETS)
    next(talk)
    with pytest.raises(Unavailable):
        talk.send(wrong)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(401, {"detail": "Authentication credentials were not provided."}), SignedOut),
        (answer(403, {"detail": "Authentication credentials were not provided."}), SignedOut),
        (answer(403, {"detail": "Incorrect authentication credentials."}), SignedOut),
        (answer(403, {"detail": "Your session has expired."}), SignedOut),
        (answer(403, {"detail": "Login required."}), SignedOut),
        (answer(403, {"detail": "You are not logged in."}), SignedOut),
        (answer(403, {"detail": "You do not have permission to perform this action."}), Forbidden),
        (answer(403, {"detail": "Your role may not sign in other users."}), Forbidden),
        (answer(403, "<html>blocked</html>"), Forbidden),
        (answer(404, {"detail": "No Role matches the given query."}), Gone),
        (answer(405, {"detail": 'Method "DELETE" not allowed.'}), NotOffered),
        (answer(429), Throttled),
        (answer(302), Unavailable),
        (answer(408), Unavailable),
        (answer(500), Unavailable),
        (answer(503, "<html>"), Unavailable),
    ],
)
def test_fact_every_status_has_its_word(response: ApiResponse, error: type[RemoteError]) -> None:
    """Section 2, client rule: 401, or 403 whose detail is that text, means sign in again; section 6 for the others."""
    with pytest.raises(error) as raised:
        BUZZ.refusal(response)
    assert type(raised.value) is error
    assert raised.value.status == response.status


@pytest.mark.parametrize("status", [200, 201, 204, 400])
def test_success_and_refused_content_are_left_to_whoever_asked(status: int) -> None:
    BUZZ.refusal(answer(status))


@pytest.mark.parametrize(
    ("response", "seconds"),
    [
        (answer(429, None, retry_after="7"), 7.0),
        (
            answer(429, None, retry_after="Wed, 21 Oct 2026 07:28:30 GMT", date="Wed, 21 Oct 2026 07:28:00 GMT"),
            30.0,
        ),
        (answer(429, None, retry_after="Wed, 21 Oct 2026 07:28:00 GMT", date="Wed, 21 Oct 2026 07:29:00 GMT"), 0.0),
        (answer(429, {"detail": "Request was throttled. Expected available in 12 seconds."}, retry_after="soon"), 12.0),
        (answer(429, None, retry_after="Wed, 21 Oct 2026 07:28:30 GMT"), None),
        (answer(429, None, retry_after="nan"), None),
        (answer(429), None),
    ],
)
def test_fact_the_wait_is_read_in_all_its_spellings(response: ApiResponse, seconds: float | None) -> None:
    """Section 6: Retry-After, or the sentence of the stock framework."""
    assert retry_after(response) == seconds


@pytest.mark.parametrize(
    ("condition", "pair"),
    [
        (Condition("name", Op.EQ, "Ops"), ("name", "Ops")),
        (Condition("id", Op.IN, [1, 2, 3]), ("id__in", "1,2,3")),
        (Condition("archived", Op.EQ, False), ("archived", "false")),
        (Condition("cost", Op.GTE, 5), ("cost__gte", "5")),
        (Condition("create_date", Op.GTE, "2020-01-01 14:00:00"), ("create_date__gte", "2020-01-01 14:00:00")),
        (Condition("name", Op.NE, "Ops"), ("name__not", "Ops")),
        (Condition("name", Op.EMPTY), ("name__isempty", "true")),
        (Condition("name", Op.FILLED), ("name__isempty", "false")),
        (Condition("name", Op.CONTAINS, "op"), ("name__icontains", "op")),
    ],
)
def test_fact_filters_are_spelled_as_documented(condition: Condition, pair: tuple[str, str]) -> None:
    """Section 3.2."""
    request = BUZZ.read_page(ROLES, where(condition))
    assert (request.method, request.path, request.writes) == ("GET", "roles", False)
    assert request.query == (pair, ("page", "1"), ("page_size", "50"))


@pytest.mark.parametrize(
    "query",
    [
        where(Condition("name", Op.EQ, "a"), Condition("name", Op.EQ, "b"), join="or"),
        where(Group("and", (Condition("name", Op.EQ, "a"),))),
        where(Condition("name", Op.BEGINS, "a")),
        where(Condition("id", Op.NOT_IN, [1])),
        where(Condition("name", Op.EQ, "")),
        where(Condition("name", Op.EQ, None)),
        where(Condition("name", Op.CONTAINS, "")),
        where(Condition("id", Op.IN, [])),
        where(Condition("name", Op.IN, ["a,b"])),
        where(Condition("nothing", Op.EQ, "a")),
        where(Condition("permissions", Op.EQ, "a")),
        where(Condition("name", Op.NE, "a"), Condition("name", Op.NE, "b")),
        where(Condition("name", Op.EMPTY), Condition("name", Op.FILLED)),
    ],
)
def test_fact_several_parameters_are_anded_and_what_cannot_be_said_is_refused_early(query: Query) -> None:
    """Section 3.2: no or, no nesting; nothing that the API would silently take for something else."""
    with pytest.raises(ValueError):
        BUZZ.read_page(ROLES, query)


def test_fact_the_next_page_is_asked_from_the_same_host_by_its_number() -> None:
    """Section 3.1: `next` is a whole address; only its number is used, so no foreign host is ever asked."""
    request = BUZZ.read_page(ROLES, where(Condition("archived", Op.EQ, False)))
    page = roles_page({"id": 7, "archived": False}, following="https://evil.test/rest/v2/roles?page=2", request=request)
    assert page.count == 120
    assert page.records == ({"id": 7, "archived": False},)
    assert page.next == ApiRequest("GET", "roles", (("archived", "false"), ("page_size", "50"), ("page", "2")))


def test_the_last_page_has_no_next() -> None:
    assert roles_page({"id": 7}).next is None


@pytest.mark.parametrize("following", ["https://a.test/rest/v2/roles?page=1", "https://a.test/roles?cursor=x"])
def test_a_next_page_that_leads_nowhere_ends_the_reading_with_an_error(following: str) -> None:
    with pytest.raises(Unavailable):
        roles_page({"id": 7}, following=following)


def test_fact_a_page_past_the_end_is_empty() -> None:
    """Section 3.1: 404 Invalid page., as when records went away between two pages."""
    request = BUZZ.read_page(ROLES, Query(page=3, page_size=50))
    assert BUZZ.page(ROLES, request, answer(404, {"detail": "Invalid page."})).records == ()
    with pytest.raises(Gone):
        BUZZ.page(ROLES, BUZZ.read_page(ROLES, Query()), answer(404, {"detail": "Not found."}))


@pytest.mark.parametrize(
    "body",
    [[{"id": 1}], {"id": 1}, {"results": {"id": 1}}, {"results": ["a"]}, {"results": [{"name": "a"}]}, "<html>", ""],
)
def test_an_answer_that_is_no_page_of_records_is_unavailable(body: Any) -> None:
    with pytest.raises(Unavailable):
        BUZZ.page(ROLES, BUZZ.read_page(ROLES, Query()), answer(200, body))


def test_a_filter_the_api_refuses_is_rejected_in_its_own_words() -> None:
    with pytest.raises(Rejected) as error:
        BUZZ.page(ROLES, BUZZ.read_page(ROLES, Query()), answer(400, {"name": ["Not a valid string."]}))
    assert error.value.messages == ("name: Not a valid string.",)


@pytest.mark.parametrize(
    ("condition", "record"),
    [
        (Condition("id", Op.IN, [1, 2]), {"id": 3}),
        (Condition("name", Op.EQ, "Ops"), {"id": 1, "name": "Sales"}),
        (Condition("name", Op.NE, "Ops"), {"id": 1, "name": "Ops"}),
        (Condition("name", Op.CONTAINS, "op"), {"id": 1, "name": "Sales"}),
        (Condition("name", Op.EMPTY), {"id": 1, "name": "Sales"}),
        (Condition("name", Op.FILLED), {"id": 1, "name": None}),
        (Condition("archived", Op.EQ, False), {"id": 1, "archived": True}),
        (Condition("cost", Op.GT, 5), {"id": 1, "cost": "5.00"}),
        (Condition("create_date", Op.LT, "2020-01-01"), {"id": 1, "create_date": "2020-01-01 00:00:00"}),
    ],
)
def test_fact_a_filter_ignored_in_silence_is_noticed(condition: Condition, record: dict[str, Any]) -> None:
    """Section 3.1: only some fields are filterable, which ones is not documented; section 12."""
    with pytest.raises(Rejected, match="does not filter"):
        roles_page({"id": 1} if condition.field != "id" else {"id": 2}, record, request=_asking(condition))


@pytest.mark.parametrize(
    ("condition", "record"),
    [
        (Condition("name", Op.EQ, "ops"), {"id": 1, "name": "Öps "}),
        (Condition("name", Op.IN, ["a", "b"]), {"id": 1, "name": "B"}),
        (Condition("cost", Op.EQ, 50), {"id": 1, "cost": "50.00"}),
        (Condition("cost", Op.GTE, 5), {"id": 1, "cost": "5.00"}),
        (Condition("name", Op.NE, "a"), {"id": 1, "name": None}),
        (Condition("create_date", Op.EQ, "2020-01-01"), {"id": 1, "create_date": "2020-01-01 14:00:00"}),
        (Condition("create_date", Op.GTE, "2020-01-01"), {"id": 1, "create_date": "2020-01-01T00:00:00Z"}),
        (Condition("name", Op.EMPTY), {"id": 1, "name": ""}),
    ],
)
def test_matches_in_the_databases_own_looser_way_pass(condition: Condition, record: dict[str, Any]) -> None:
    assert len(roles_page(record, request=_asking(condition)).records) == 1


def _asking(condition: Condition) -> ApiRequest:
    return BUZZ.read_page(ROLES, where(condition))


def test_many_records_are_read_by_id_and_never_with_an_empty_list() -> None:
    request = BUZZ.read_many(ROLES, [7, 9])
    assert request.query == (("id__in", "7,9"), ("page_size", "100"))
    for ids in ([], list(range(101)), ["1,2"]):
        with pytest.raises(ValueError):
            BUZZ.read_many(ROLES, ids)


def test_an_address_for_many_records_stays_within_two_thousand_characters() -> None:
    request = BUZZ.read_many(ROLES, list(range(9_999_999_900, 10_000_000_000)))
    encoded = "&".join(f"{name}={value.replace(',', '%2C')}" for name, value in request.query)
    assert len(f"https://{'k' * 20}.api.beeswax.com/rest/v2/targeting-expressions?{encoded}") < 2_000


def test_fact_one_record_is_a_bare_object() -> None:
    """Section 3.1; section 4 for the wrapped answers of creatives."""
    assert BUZZ.read_one(ROLES, 7).path == "roles/7"
    assert BUZZ.record(ROLES, answer(200, {"id": 7, "name": "Ops"})) == {"id": 7, "name": "Ops"}
    assert BUZZ.record(ROLES, answer(200, {"result": {"id": 7}, "warnings": None})) == {"id": 7}
    with pytest.raises(Gone, match="No Role matches the given query"):
        BUZZ.record(ROLES, answer(404, {"detail": "No Role matches the given query."}))


@pytest.mark.parametrize("body", ["<html>", "", '{"id": 7', [], {}, {"success": "true"}])
def test_an_answer_without_a_record_is_unknown(body: Any) -> None:
    with pytest.raises(Unknown):
        BUZZ.record(ROLES, answer(200, body))


@pytest.mark.parametrize("hostile", ["", "..", "."])
def test_a_record_address_is_always_below_its_resource(hostile: str) -> None:
    with pytest.raises(Gone):
        BUZZ.read_one(ROLES, hostile)
    assert BUZZ.read_one(ROLES, "../a?b").path == "roles/..%2Fa%3Fb"


def test_numbers_keep_their_digits() -> None:
    record = BUZZ.record(ROLES, ApiResponse(200, '{"id": 7, "cost": 0.10000000000000000001}'))
    assert str(record["cost"]) == "0.10000000000000000001"


def test_every_page_tells_its_count_so_none_is_asked_for() -> None:
    assert BUZZ.count(ROLES, Query()) is None
    assert BUZZ.counted(answer(200, {"count": 120, "next": None, "previous": None, "results": []})) == 120
