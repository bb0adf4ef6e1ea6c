"""Pages: ascending ids, a position instead of a query, and an end after fifty."""

import json

import pytest
import requests

from .conftest import Tenant, errors

ALL = {"op": "gte", "field": "id", "value": 0}


def test_pages_are_followed_by_post_with_the_same_body(tenant: Tenant) -> None:
    body = {"MaxRecords": 50, "filter": [ALL]}
    page = tenant.call("POST", "Companies/query", body).json()
    assert page["pageDetails"]["count"] == page["pageDetails"]["requestCount"] == 50
    assert page["pageDetails"]["prevPageUrl"] is None
    seen = [item["id"] for item in page["items"]]
    while url := page["pageDetails"]["nextPageUrl"]:
        page = tenant.call("POST", url, body).json()
        seen += [item["id"] for item in page["items"]]
    assert seen == [row["id"] for row in tenant.api.dump("Companies")]
    assert page["pageDetails"]["count"] == 21


def test_the_previous_page_is_where_one_came_from(tenant: Tenant) -> None:
    body = {"MaxRecords": 50, "filter": [ALL]}
    first = tenant.call("POST", "Companies/query", body).json()
    second = tenant.call("POST", first["pageDetails"]["nextPageUrl"], body).json()
    back = tenant.call("POST", second["pageDetails"]["prevPageUrl"], body).json()
    assert back["items"] == first["items"]
    assert back["pageDetails"] == first["pageDetails"]


def test_a_page_address_refuses_get_and_an_empty_post(tenant: Tenant) -> None:
    url = tenant.query("Companies", ALL, MaxRecords=5).json()["pageDetails"]["nextPageUrl"]
    assert url.startswith(f"{tenant.url}/ATServicesRest/V1.0/Companies/query/next?paging=")
    get = tenant.call("GET", url)
    assert (get.status_code, get.json()) == (
        405,
        {"Message": "The requested resource does not support http method 'GET'."},
    )
    assert "Parameter name: filters" in errors(tenant.call("POST", url))[0]


def test_the_address_holds_the_position_only_so_another_body_is_another_query(tenant: Tenant) -> None:
    url = tenant.query("Companies", ALL, MaxRecords=5).json()["pageDetails"]["nextPageUrl"]
    other = tenant.call("POST", url, {"filter": [{"op": "eq", "field": "companyType", "value": 1}]}).json()
    assert {item["companyType"] for item in other["items"]} == {1}


def test_a_get_query_carries_its_search_along(tenant: Tenant) -> None:
    search = json.dumps({"MaxRecords": 5, "filter": [ALL]})
    first = tenant.call("GET", f"Companies/query?search={search}").json()
    second = tenant.call("GET", first["pageDetails"]["nextPageUrl"])
    assert second.status_code == 200
    assert second.json()["items"][0]["id"] > first["items"][-1]["id"]


@pytest.mark.parametrize("size", [0, 501, -1, "many", True])
def test_a_page_holds_1_to_500(tenant: Tenant, size: object) -> None:
    assert "MaxRecords" in errors(tenant.query("Companies", ALL, MaxRecords=size))[0]


def test_only_so_many_pages_are_kept(tenant: Tenant) -> None:
    tenant.switch(pages_kept=2)
    body = {"MaxRecords": 10, "filter": [ALL]}
    first = tenant.call("POST", "Companies/query", body).json()
    second = tenant.call("POST", first["pageDetails"]["nextPageUrl"], body).json()
    assert second["pageDetails"]["nextPageUrl"] is None
    onward = {"MaxRecords": 10, "filter": [{"op": "gt", "field": "id", "value": second["items"][-1]["id"]}]}
    assert len(tenant.call("POST", "Companies/query", onward).json()["items"]) == 10


def test_500_is_the_default_and_the_id_must_be_included_beyond_it(tenant: Tenant) -> None:
    for number in range(400):
        tenant.api._store["Companies"].add({"id": 10_000 + number, "companyName": "More"})
    page = tenant.query("Companies", ALL).json()
    assert (page["pageDetails"]["count"], page["pageDetails"]["requestCount"]) == (500, 500)
    assert "id" in errors(tenant.query("Companies", ALL, IncludeFields=["companyName"]))[0]
    few = tenant.query("Companies", {"op": "lt", "field": "id", "value": 180}, IncludeFields=["companyName"])
    assert set(few.json()["items"][0]) == {"companyName", "userDefinedFields"}


def test_a_switch_points_the_address_at_another_host(tenant: Tenant) -> None:
    tenant.switch(next_page_origin="https://elsewhere.example")
    url = tenant.query("Companies", ALL, MaxRecords=5).json()["pageDetails"]["nextPageUrl"]
    assert requests.utils.urlparse(url).netloc == "elsewhere.example"
