"""Filters, included fields, counts and single records."""

import json
from typing import Any

import pytest

from .conftest import Tenant, errors

ALL = {"op": "gte", "field": "id", "value": 0}


def company_ids(tenant: Tenant, test: Any) -> list[int]:
    return [row["id"] for row in tenant.api.dump("Companies") if test(row)]


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        ({"op": "eq", "field": "companyType", "value": 3}, lambda row: row["companyType"] == 3),
        ({"op": "eq", "field": "companyType", "value": "3"}, lambda row: row["companyType"] == 3),
        ({"op": "noteq", "field": "companyType", "value": 3}, lambda row: row["companyType"] != 3),
        ({"op": "gt", "field": "id", "value": 200}, lambda row: row["id"] > 200),
        ({"op": "gte", "field": "id", "value": 200}, lambda row: row["id"] >= 200),
        ({"op": "lt", "field": "id", "value": 200}, lambda row: row["id"] < 200),
        ({"op": "lte", "field": "id", "value": 174}, lambda row: row["id"] <= 174),
        (
            {"op": "beginsWith", "field": "companyName", "value": "ACME"},
            lambda row: row["companyName"].lower().startswith("acme"),
        ),
        (
            {"op": "endsWith", "field": "companyName", "value": "ltd"},
            lambda row: row["companyName"].lower().endswith("ltd"),
        ),
        ({"op": "contains", "field": "companyName", "value": "&amp;"}, lambda row: "&amp;" in row["companyName"]),
        ({"op": "exist", "field": "webAddress"}, lambda row: row["webAddress"] is not None),
        ({"op": "notExist", "field": "webAddress"}, lambda row: row["webAddress"] is None),
        ({"op": "in", "field": "id", "value": [0, 175, 999_999]}, lambda row: row["id"] in (0, 175)),
        ({"op": "notIn", "field": "companyType", "value": [1, 2]}, lambda row: row["companyType"] not in (1, 2)),
        ({"op": "eq", "field": "isActive", "value": False}, lambda row: row["isActive"] is False),
        ({"op": "lt", "field": "createDate", "value": "2022-01-01T00:00:00"}, lambda row: row["createDate"] < "2022"),
    ],
    ids=lambda value: value["op"] if isinstance(value, dict) else "",
)
def test_each_operator_finds_exactly_its_records(tenant: Tenant, condition: dict[str, Any], test: Any) -> None:
    found = tenant.ids("Companies", condition)
    assert found == company_ids(tenant, test)
    assert found


def test_a_mistyped_operator_is_ignored_and_returns_everything(tenant: Tenant) -> None:
    assert len(tenant.ids("Companies", {"op": "noteExist", "field": "webAddress"})) == 121


def test_a_list_means_and_and_groups_nest(tenant: Tenant) -> None:
    either = {
        "op": "or",
        "items": [{"op": "eq", "field": "companyType", "value": 3}, {"op": "notExist", "field": "webAddress"}],
    }
    found = tenant.ids("Companies", {"op": "eq", "field": "isActive", "value": True}, either)
    assert found == company_ids(tenant, lambda r: r["isActive"] and (r["companyType"] == 3 or r["webAddress"] is None))
    both = {
        "op": "and",
        "items": [{"op": "gt", "field": "id", "value": 180}, {"op": "lt", "field": "id", "value": 190}],
    }
    assert tenant.ids("Companies", both) == company_ids(tenant, lambda row: 180 < row["id"] < 190)


def test_names_of_keys_and_fields_are_case_blind(tenant: Tenant) -> None:
    body = {
        "MaxRecords": 2,
        "INCLUDEFIELDS": ["ID", "companyname"],
        "Filter": [{"op": "eq", "field": "CompanyName", "value": "acme LTD"}],
    }
    items = tenant.call("POST", "Companies/query", body).json()["items"]
    assert [(item["id"], item["companyName"]) for item in items] == [(174, "ACME ltd")]


def test_a_user_defined_field_needs_the_udf_flag(tenant: Tenant) -> None:
    golden = {"op": "eq", "field": "CustomerRanking", "value": "Golden"}
    assert errors(tenant.query("Companies", golden))[0] == "Unable to find CustomerRanking in the Company Entity"
    found = tenant.ids("Companies", {**golden, "udf": True})
    assert found
    assert {tenant.stored("Companies", each)["CustomerRanking"].lower() for each in found} == {"golden"}


def test_only_one_user_defined_field_may_be_asked(tenant: Tenant) -> None:
    names = ("CustomerRanking", "Support Tier")
    assert errors(tenant.query("Companies", *({"op": "exist", "field": name, "udf": True} for name in names)))


def test_an_unknown_field_is_refused_in_filter_and_include(tenant: Tenant) -> None:
    text = "Unable to find nope in the Company Entity"
    assert errors(tenant.query("Companies", {"op": "eq", "field": "nope", "value": 1})) == [text]
    assert errors(tenant.query("Companies", ALL, IncludeFields=["id", "nope"])) == [text]
    refused = errors(tenant.query("Companies", ALL, IncludeFields=["userDefinedFields"]))
    assert refused == ["Unable to find userDefinedFields in the Company Entity"]


@pytest.mark.parametrize(
    ("entity", "name"), [("Companies", "assetValue"), ("Contacts", "surveyOptOut"), ("Tickets", "creatorType")]
)
def test_some_fields_cannot_be_queried(tenant: Tenant, entity: str, name: str) -> None:
    assert name in errors(tenant.query(entity, {"op": "exist", "field": name}))[0]


def test_wrong_types_in_a_filter_are_refused(tenant: Tenant) -> None:
    word = errors(tenant.query("Companies", {"op": "eq", "field": "companyType", "value": "Customer"}))
    assert word[0].startswith("Conversion failed when converting the varchar value")
    assert errors(tenant.query("Companies", {"op": "eq", "field": "isActive", "value": None}))


def test_null_compares_with_nothing_unless_a_switch_says_otherwise(tenant: Tenant) -> None:
    condition = {"op": "noteq", "field": "webAddress", "value": "x"}
    missing = company_ids(tenant, lambda row: row["webAddress"] is None)
    assert not set(missing) & set(tenant.ids("Companies", condition))
    tenant.switch(noteq_matches_null=True)
    assert set(missing) <= set(tenant.ids("Companies", condition))


def test_more_than_500_alternatives_are_refused(tenant: Tenant) -> None:
    assert errors(tenant.query("Companies", {"op": "in", "field": "id", "value": list(range(501))}))
    assert tenant.query("Companies", {"op": "in", "field": "id", "value": list(range(500))}).status_code == 200


def test_a_missing_filter_is_refused_and_an_empty_one_by_switch(tenant: Tenant) -> None:
    assert "Parameter name: filters" in errors(tenant.call("POST", "Companies/query"))[0]
    assert "Parameter name: filters" in errors(tenant.query("Companies"))[0]
    tenant.switch(empty_filter="all")
    assert len(tenant.ids("Companies")) == 121


def test_included_fields_are_all_that_comes_back(tenant: Tenant) -> None:
    item = tenant.query("Companies", ALL, IncludeFields=["id", "CustomerRanking"]).json()["items"][0]
    assert item == {"id": 0, "userDefinedFields": [{"name": "CustomerRanking", "value": None}]}


def test_count_answers_the_number_alone_by_either_verb(tenant: Tenant) -> None:
    body = {"filter": [{"op": "eq", "field": "isActive", "value": True}]}
    wanted = {"queryCount": len(company_ids(tenant, lambda row: row["isActive"]))}
    assert tenant.call("POST", "Companies/query/count", body).json() == wanted
    assert tenant.call("GET", f"Companies/query/count?search={json.dumps(body)}").json() == wanted


def test_a_get_query_works_until_its_url_is_too_long(tenant: Tenant) -> None:
    short = json.dumps({"filter": [{"op": "in", "field": "id", "value": [174, 175]}]})
    assert len(tenant.call("GET", f"Companies/query?search={short}").json()["items"]) == 2
    long = json.dumps({"filter": [{"op": "in", "field": "id", "value": list(range(400))}]})
    answer = tenant.call("GET", f"Companies/query?search={long}")
    assert (answer.status_code, answer.text[:9]) == (404, "<!DOCTYPE")


def test_one_record_is_wrapped_as_item_and_id_0_is_valid(tenant: Tenant) -> None:
    assert tenant.call("GET", "Companies/0").json()["item"]["companyName"] == "Our Own MSP"


def test_a_missing_record_is_404_or_a_null_item(tenant: Tenant) -> None:
    assert tenant.call("GET", "Companies/999999").status_code == 404
    tenant.switch(missing_id="null")
    answer = tenant.call("GET", "Companies/999999")
    assert (answer.status_code, answer.json()) == (200, {"item": None})


def test_children_are_listed_below_their_parent_without_query(tenant: Tenant) -> None:
    answer = tenant.call("GET", "Companies/175/Contacts").json()
    assert 30684047 in [item["id"] for item in answer["items"]]
    assert {item["companyID"] for item in answer["items"]} == {175}
    assert answer["pageDetails"]["nextPageUrl"] is None
    assert tenant.call("POST", "Companies/175/Contacts/query", {"filter": [ALL]}).status_code == 404


@pytest.mark.parametrize(("form", "shown"), [("empty", []), ("missing", None)])
def test_rows_without_user_defined_values_show_them_in_several_ways(tenant: Tenant, form: str, shown: Any) -> None:
    assert len(tenant.call("GET", "Companies/0").json()["item"]["userDefinedFields"]) == 7
    tenant.api.change("Companies", 0, {"Accounts Code": None})
    tenant.switch(empty_udfs=form)
    assert tenant.call("GET", "Companies/0").json()["item"].get("userDefinedFields") == shown


def test_moments_are_utc_with_fraction_and_z(tenant: Tenant) -> None:
    assert tenant.call("GET", "Companies/0").json()["item"]["createDate"] == "2012-10-24T05:00:00.000Z"
