"""Buzz: a tenant's OPTIONS and our own knowledge become one schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from adminui.dialects.base import ApiRequest, ApiResponse, Described
from adminui.dialects.buzz import Buzz
from adminui.dialects.buzz.profiles import PROFILES
from adminui.dialects.errors import Forbidden, Gone, SignedOut, Throttled, Unavailable
from adminui.records.schema import Field, Kind
from adminui.records.values import same

OPTIONS_OF_ROLES: dict[str, Any] = {
    "name": "Role Instance",
    "description": "",
    "renders": ["application/json", "text/html"],
    "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
    "actions": {
        "PUT": {
            "id": {"type": "integer", "required": False, "read_only": True, "label": "ID"},
            "name": {"type": "string", "required": True, "read_only": False, "label": "Name", "max_length": 100},
        }
    },
}


def info(type_: str, label: str = "", **more: Any) -> dict[str, Any]:
    return {"type": type_, "required": False, "read_only": False, "label": label or "Label", **more}


def reply(status: int, body: Any = None, **headers: str) -> ApiResponse:
    return ApiResponse(status, "" if body is None else json.dumps(body), headers)


def described(
    resource: str, options: Any, *, bulk: ApiResponse | None = None, records: list[Mapping[str, Any]] | None = None
) -> tuple[Described, list[ApiRequest]]:
    """Converse with a tenant that answers with these documents."""
    talk = Buzz().describe(resource)
    asked: list[ApiRequest] = []
    try:
        request = next(talk)
        while True:
            asked.append(request)
            request = talk.send(_answer(request, options, bulk, records or []))
    except StopIteration as end:
        return end.value, asked


def _answer(request: ApiRequest, options: Any, bulk: ApiResponse | None, records: list[Any]) -> ApiResponse:
    if request.method == "GET":
        return reply(200, {"count": len(records), "next": None, "previous": None, "results": records})
    if request.path.endswith("/bulk"):
        return bulk or reply(405, {"detail": 'Method "OPTIONS" not allowed.'})
    return reply(200, options)


def field(resource: str, name: str, told: Any, records: list[Mapping[str, Any]] | None = None) -> Field:
    listed = {"actions": {"PUT": {"id": info("integer", read_only=True), name: told}}}
    return described(resource, listed, records=records)[0].resource.by_name[name]


def test_fact_options_describe_a_resource() -> None:
    """Section 7: the composed answer."""
    result, asked = described("roles", OPTIONS_OF_ROLES)
    assert [(r.method, r.path) for r in asked] == [("OPTIONS", "roles"), ("OPTIONS", "roles/bulk")]
    name = result.resource.by_name["name"]
    assert (name.kind, name.label, name.required, name.max_length) == (Kind.TEXT, "Name", True, 100)
    assert result.resource.by_name["id"].read_only
    assert result.resource.can_update
    assert not any(r.writes for r in asked)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_fact_the_fields_stand_under_put_or_under_post(method: str) -> None:
    """Section 13: the sample has PUT on the list address, the stock framework POST."""
    result, _ = described("roles", {"actions": {method: OPTIONS_OF_ROLES["actions"]["PUT"]}})
    assert set(result.resource.by_name) == {"id", "name"}


def test_fact_without_actions_nothing_may_be_written() -> None:
    """Section 7: the block is absent when you may not write; what records show is read-only then."""
    result, asked = described("roles", {"name": "Role List"}, records=[{"id": 1, "name": "A", "odd": {"x": 1}}])
    assert not result.resource.can_update
    assert (result.capabilities.patch, result.capabilities.replace, result.capabilities.bulk) == (False, None, False)
    assert {f.name: f.kind for f in result.resource.fields} == {
        "name": Kind.TEXT,
        "id": Kind.INTEGER,
        "odd": Kind.JSON,
    }
    assert not result.resource.writable
    assert not any(r.path.endswith("bulk") for r in asked)


def test_fact_a_tenants_options_win_on_type_need_label_and_length() -> None:
    """Section 13: alternative_id has 191 characters in one place, 200 in another."""
    alternative = field("campaigns", "alternative_id", info("string", "Other id", required=True, max_length=200))
    assert (alternative.label, alternative.required, alternative.max_length) == ("Other id", True, 200)
    assert alternative.nullable
    assert field("campaigns", "continents", info("string")).kind is Kind.TEXT
    assert field("campaigns", "continents", info("list", child=info("string"))).unordered
    assert field("campaigns", "start_date", info("date")).kind is Kind.DATE


def test_fact_decimals_come_as_strings_and_are_compared_as_numbers() -> None:
    """Section 9: "50" and "50.00" are no change."""
    bid = field("line-items", "max_bid", info("string"))
    assert bid.kind is Kind.DECIMAL
    assert same(bid, "20.00", "20")
    budget = field("line-items", "spend_budget", info("field"))
    assert same(budget, {"lifetime": "5000.00", "daily": None}, {"daily": None, "lifetime": 5000})
    assert not same(budget, {"lifetime": "5000.00", "daily": None}, {"lifetime": "5000.00"})


def test_members_that_options_lists_keep_what_we_know_of_them() -> None:
    told = info("nested object", children={"lifetime": info("string", required=True), "extra": info("integer")})
    budget = field("campaigns", "spend_budget", told)
    assert [(c.name, c.kind) for c in budget.children] == [("lifetime", Kind.DECIMAL), ("extra", Kind.INTEGER)]


def test_fact_lists_in_which_order_means_nothing_are_compared_without_it() -> None:
    """Section 8: ids and permissions; the same entries in another order are no change."""
    report_ids = field("roles", "report_ids", info("list", child=info("integer")))
    assert same(report_ids, [1, 2], [2, 1])
    permissions = field("roles", "permissions", info("field"))
    ordered = [{"object_type": "advertiser", "permission": 15}, {"object_type": "campaign", "permission": 1}]
    assert permissions.key == "object_type"
    assert same(permissions, ordered, ordered[::-1])
    assert not same(permissions, ordered, ordered[:1])


def test_fact_dates_have_no_zone_but_the_accounts() -> None:
    """Section 9."""
    assert field("campaigns", "start_date", info("datetime")).zone == "account time"
    assert field("users", "first_seen", info("datetime")).zone == "account time"


def test_fact_fields_fixed_at_creation_are_shown_read_only_with_a_reason() -> None:
    """Section 8: type and currency of a line item."""
    for name in ("type", "currency"):
        fixed = field("line-items", name, info("choice", choices=[{"value": "banner", "display_name": "Banner"}]))
        assert fixed.read_only
        assert "after creation" in fixed.help


def test_choices_are_the_tenants_own() -> None:
    choices = [{"value": "spend", "display_name": "By money"}, {"value": "hours", "display_name": "By hours"}]
    told = field("campaigns", "budget_type", info("choice", choices=choices))
    assert [(c.value, c.label) for c in told.choices] == [("spend", "By money"), ("hours", "By hours")]
    assert "impressions" in {c.value for c in field("campaigns", "budget_type", info("choice")).choices}


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("integer", Kind.INTEGER),
        ("float", Kind.DECIMAL),
        ("decimal", Kind.DECIMAL),
        ("boolean", Kind.BOOLEAN),
        ("string", Kind.TEXT),
        ("email", Kind.TEXT),
        ("url", Kind.TEXT),
        ("choice", Kind.CHOICE),
        ("multiple choice", Kind.LIST),
        ("date", Kind.DATE),
        ("datetime", Kind.DATETIME),
        ("list", Kind.LIST),
        ("nested object", Kind.JSON),
        ("something new", Kind.TEXT),
    ],
)
def test_fact_unknown_fields_work_by_their_type(type_: str, kind: Kind) -> None:
    """Section 1: other changes may come any time; section 7: the type words."""
    new = field("campaigns", "brand_new", info(type_))
    assert (new.kind, new.group, new.queryable) == (kind, "Other", kind not in (Kind.LIST, Kind.JSON))


@pytest.mark.parametrize(
    ("value", "kind"),
    [(5, Kind.INTEGER), ("a", Kind.TEXT), ({"a": 1}, Kind.JSON), ([1], Kind.LIST), (True, Kind.BOOLEAN)],
)
def test_fact_an_opaque_type_is_learnt_from_records(value: Any, kind: Kind) -> None:
    """Section 7: `field` is the word for a type OPTIONS has no word for."""
    records: list[Mapping[str, Any]] = [{"id": 1, "mystery": None}, {"id": 2, "mystery": value}]
    assert field("campaigns", "mystery", info("field"), records).kind is kind


def test_a_resource_nobody_has_heard_of_is_described_all_the_same() -> None:
    result, _ = described("pixel-groups", OPTIONS_OF_ROLES)
    assert (result.resource.label, set(result.resource.by_name)) == ("Pixel groups", {"id", "name"})
    assert set(result.resource.columns) == {"id", "name"}
    assert result.resource.version_field is None


def test_fact_lost_updates_are_found_by_update_date() -> None:
    """Section 4: no ETag anywhere."""
    listed = {"actions": {"PUT": {"id": info("integer"), "update_date": info("datetime", read_only=True)}}}
    assert described("campaigns", listed)[0].resource.version_field == "update_date"


@pytest.mark.parametrize(
    ("resource", "answer", "offered"),
    [
        ("roles", reply(200, {"name": "Role Bulk"}, allow="PATCH, POST, DELETE, OPTIONS"), True),
        ("creatives", reply(200, {"actions": {"POST": {"name": info("string")}}}), True),
        ("roles", reply(405, {"detail": 'Method "OPTIONS" not allowed.'}), True),
        ("creatives", reply(405, {"detail": 'Method "OPTIONS" not allowed.'}), False),
        ("creatives", reply(405, {"detail": 'Method "OPTIONS" not allowed.'}, allow="PATCH, POST"), True),
        ("roles", reply(405, {"detail": 'Method "OPTIONS" not allowed.'}, allow="POST"), False),
        ("roles", reply(404, {"detail": "Not found."}), False),
        ("roles", reply(200, {"name": "Role Bulk"}, allow="POST, OPTIONS"), False),
        ("roles", reply(200, {"name": "Role Instance"}, allow="GET, PUT, PATCH, DELETE, OPTIONS"), True),
        ("creatives", reply(200, {"name": "Instance"}, allow="GET, PUT, PATCH, DELETE, OPTIONS"), False),
        ("roles", reply(403, {"detail": "You do not have permission to perform this action."}), True),
        ("creatives", reply(500), False),
    ],
)
def test_fact_bulk_support_is_discovered_by_options_and_never_by_a_write(
    resource: str, answer: ApiResponse, offered: bool
) -> None:
    """Section 5: the list of bulk resources is not documented; an inconclusive answer leaves our table's guess."""
    result, asked = described(resource, OPTIONS_OF_ROLES, bulk=answer)
    assert (result.capabilities.bulk_rows, result.capabilities.bulk_shared) == (offered, offered)
    assert {r.method for r in asked} == {"OPTIONS"}


def test_capabilities_say_what_is_and_is_not_known() -> None:
    can = described("roles", OPTIONS_OF_ROLES)[0].capabilities
    assert (can.patch, can.replace, can.bulk_atomic, can.max_batch) == (True, "unknown", True, 200)
    assert (can.trims_text, can.or_groups) == (True, False)


@pytest.mark.parametrize(("status", "error"), [(429, Throttled), (503, Unavailable), (401, SignedOut)])
def test_a_description_that_could_not_be_given_is_an_error(status: int, error: type[Exception]) -> None:
    talk = Buzz().describe("roles")
    next(talk)
    with pytest.raises(error):
        talk.send(reply(status))


@pytest.mark.parametrize("status", [403, 404, 405])
def test_where_describing_is_refused_records_are_shown_and_not_edited(status: int) -> None:
    talk = Buzz().describe("creatives")
    assert next(talk).method == "OPTIONS"
    assert talk.send(reply(status, {"detail": "No."})).method == "GET"
    record = talk.send(reply(200, {"count": 1, "next": None, "results": [{"id": 5, "name": "A", "odd": 1}]}))
    assert (record.method, record.path) == ("OPTIONS", "creatives/5")
    with pytest.raises(StopIteration) as end:
        talk.send(reply(status, {"detail": "No."}))
    result: Described = end.value.value
    assert not result.resource.can_update and not result.resource.writable
    assert {"id", "name", "odd"} == set(result.resource.by_name)


def test_where_reading_is_refused_too_the_refusal_is_the_answer() -> None:
    for status, error in ((403, Forbidden), (404, Gone)):
        talk = Buzz().describe("creatives")
        next(talk)
        talk.send(reply(405))
        with pytest.raises(error):
            talk.send(reply(status))


def test_fact_who_may_change_but_not_create_is_told_at_a_record() -> None:
    """Section 7: stock has POST on the list URL and PUT on a record's, and leaves out what the user may not do."""
    talk = Buzz().describe("roles")
    next(talk)
    talk.send(reply(200, {"name": "Role List"}))
    record = talk.send(reply(200, {"count": 1, "next": None, "results": [{"id": "a/b", "name": "A"}]}))
    assert (record.method, record.path, record.writes) == ("OPTIONS", "roles/a%2Fb", False)
    assert talk.send(reply(200, OPTIONS_OF_ROLES)).path == "roles/bulk"
    with pytest.raises(StopIteration) as end:
        talk.send(reply(405))
    result: Described = end.value.value
    assert result.resource.can_update and result.resource.by_name["name"].max_length == 100


def test_every_profile_is_consistent_with_itself() -> None:
    for profile in PROFILES.values():
        names = [f.name for f in profile.fields]
        assert len(names) == len(set(names))
        assert profile.fixed <= {f.name for f in profile.fields if f.read_only}
        assert {*profile.columns, profile.id_field} <= set(names)
        targets = {f.reference for f in profile.fields if f.reference}
        assert targets <= set(PROFILES)


def test_the_resources_are_offered_main_ones_first() -> None:
    mains = [r.main for r in Buzz().resources()]
    assert mains == sorted(mains, reverse=True)
    assert {"users", "roles", "advertisers", "campaigns", "line-items", "creatives", "segments"} == {
        r.name for r in Buzz().resources() if r.main
    }
