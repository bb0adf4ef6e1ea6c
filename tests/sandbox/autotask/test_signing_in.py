"""Zones, versions, the three headers and impersonation."""

import pytest
import requests

from .conftest import Tenant, errors


@pytest.mark.parametrize("base", ["/atservicesrest/v1.0", "/ATServicesRest/V1.0"])
def test_zone_information_needs_no_credentials_and_any_casing(tenant: Tenant, base: str) -> None:
    answer = requests.get(f"{tenant.url}{base}/zoneInformation?user=api@example.com", timeout=5)
    assert answer.status_code == 200
    assert answer.json()["url"] == f"{tenant.url}/ATServicesRest/"


@pytest.mark.parametrize("user", ["", "nobody@example.com"])
def test_an_unknown_user_has_no_zone_and_gets_500(tenant: Tenant, user: str) -> None:
    answer = requests.get(f"{tenant.url}/ATServicesRest/V1.0/zoneInformation?user={user}", timeout=5)
    assert errors(answer)


def test_a_switch_sends_the_tenant_to_another_zone(tenant: Tenant) -> None:
    tenant.switch(zone_url="https://elsewhere.example/ATServicesRest/")
    answer = tenant.call("GET", "zoneInformation?user=api@example.com")
    assert answer.json()["url"] == "https://elsewhere.example/ATServicesRest/"


def test_version_information_names_the_one_version(tenant: Tenant) -> None:
    answer = requests.get(f"{tenant.url}/atservicesrest/versioninformation", timeout=5)
    assert answer.json() == {"apiVersions": ["v1.0"]}


@pytest.mark.parametrize("header", ["UserName", "Secret", "ApiIntegrationCode"])
def test_each_of_the_three_headers_must_be_right(tenant: Tenant, header: str) -> None:
    assert tenant.call("GET", "Companies/0", headers={header: "wrong"}).status_code == 401
    assert tenant.call("GET", "Companies/0", headers={header: None}).status_code == 401
    assert tenant.call("GET", "Companies/0").status_code == 200


@pytest.mark.parametrize(("form", "text"), [("json", '{"errors"'), ("html", "<html>"), ("empty", "")])
def test_the_body_of_a_401_is_not_always_json(tenant: Tenant, form: str, text: str) -> None:
    tenant.switch(unauthorized_body=form)
    answer = tenant.call("GET", "Companies/0", headers={"Secret": "wrong"})
    assert answer.status_code == 401
    assert answer.text.startswith(text)
    assert bool(answer.text) == bool(text)


def test_expiring_makes_the_next_call_401_once(tenant: Tenant) -> None:
    tenant.api.expire_sessions()
    assert [tenant.call("GET", "Companies/0").status_code for _ in range(2)] == [401, 200]


def test_impersonation_is_refused_on_a_query_and_taken_on_a_write(tenant: Tenant) -> None:
    active = {"ImpersonationResourceId": "4"}
    answer = tenant.call("POST", "ContactGroups/query", {"filter": [{"op": "exist", "field": "id"}]}, headers=active)
    assert "adequate permissions to query" in errors(answer)[0]
    assert tenant.call("PATCH", "ContactGroups", {"id": 4, "isActive": False}, headers=active).status_code == 200


def test_a_record_created_for_somebody_else_says_so(tenant: Tenant) -> None:
    body = tenant.complete_company(userDefinedFields=[])
    made = tenant.call("POST", "Companies", body, headers={"ImpersonationResourceId": "4"}).json()["itemId"]
    assert tenant.stored("Companies", made)["impersonatorCreatorResourceID"] == 4


def test_an_inactive_resource_cannot_be_impersonated(tenant: Tenant) -> None:
    headers = {"ImpersonationResourceId": "7"}
    answer = tenant.call("PATCH", "ContactGroups", {"id": 4, "isActive": False}, headers=headers)
    assert "adequate permissions to update" in errors(answer)[0]
    assert tenant.stored("ContactGroups", 4)["isActive"] is True


def test_a_denied_entity_refuses_writes_with_the_permissions_text(tenant: Tenant) -> None:
    tenant.switch(denied_entities=["ContactGroups"])
    assert "adequate permissions" in errors(tenant.call("PATCH", "ContactGroups", {"id": 4, "isActive": False}))[0]
    assert tenant.ids("ContactGroups", {"op": "eq", "field": "id", "value": 4}) == [4]
