"""The entityInformation trio."""

from typing import Any

import pytest

from .conftest import Tenant

MAIN = ["Companies", "Contacts", "ContactGroups", "Tickets", "ConfigurationItems", "Resources"]


def field(tenant: Tenant, entity: str, name: str, kind: str = "fields") -> dict[str, Any]:
    fields = tenant.call("GET", f"{entity}/entityInformation/{kind}").json()["fields"]
    return next(item for item in fields if item["name"] == name)


@pytest.mark.parametrize("entity", MAIN)
def test_every_main_entity_describes_itself(tenant: Tenant, entity: str) -> None:
    info = tenant.call("GET", f"{entity}/entityInformation").json()["info"]
    assert info["canQuery"] is True
    assert info["userAccessForQuery"] == "All"
    assert field(tenant, entity, "id")["isReadOnly"] is True


def test_what_cannot_be_deleted_says_so(tenant: Tenant) -> None:
    can = {name: tenant.call("GET", f"{name}/entityInformation").json()["info"]["canDelete"] for name in MAIN}
    assert can == dict.fromkeys(MAIN, False) | {"Contacts": True, "ContactGroups": True}


def test_access_comes_as_numbers_by_a_switch(tenant: Tenant) -> None:
    tenant.switch(access_as="numbers")
    info = tenant.call("GET", "Companies/entityInformation").json()["info"]
    assert (info["userAccessForUpdate"], info["userAccessForDelete"]) == (1, 0)


def test_picklist_values_are_text_and_some_are_inactive(tenant: Tenant) -> None:
    company_type = field(tenant, "Companies", "companyType")
    assert {value["value"]: value["label"] for value in company_type["picklistValues"]}["6"] == "Cancellation"
    queue = field(tenant, "Tickets", "queueID")
    assert [value["value"] for value in queue["picklistValues"] if not value["isActive"]] == ["29683360"]


def test_a_dependent_picklist_names_its_parent_in_either_case(tenant: Tenant) -> None:
    sub_issue = field(tenant, "Tickets", "subIssueType")
    assert sub_issue["picklistParentValueField"] == "issueType"
    assert next(v for v in sub_issue["picklistValues"] if v["value"] == "11")["parentValue"] == "4"
    tenant.switch(parent_field_in_pascal_case=True)
    assert field(tenant, "Tickets", "subIssueType")["picklistParentValueField"] == "IssueType"


@pytest.mark.parametrize("nothing", ["", None])
def test_a_value_without_parent_has_empty_text_or_null(tenant: Tenant, nothing: str | None) -> None:
    tenant.switch(empty_parent_value=nothing)
    assert field(tenant, "Tickets", "priority")["picklistValues"][0]["parentValue"] == nothing


def test_lengths_references_and_missing_picklists_are_told(tenant: Tenant) -> None:
    phone, owner = field(tenant, "Companies", "phone"), field(tenant, "Companies", "ownerResourceID")
    assert (phone["dataType"], phone["length"], phone["isRequired"], phone["picklistValues"]) == (
        "string",
        25,
        True,
        None,
    )
    assert (owner["isReference"], owner["referenceEntityType"], owner["length"]) == (True, "Resource", 0)
    assert field(tenant, "Contacts", "isActive")["dataType"] == "integer"


def test_every_reference_leads_to_an_entity_that_can_be_queried(tenant: Tenant) -> None:
    singular = {
        tenant.call("GET", f"{name}/entityInformation").json()["info"]["name"] for name in tenant.api._schema.entities
    }
    for entity in MAIN:
        fields = tenant.call("GET", f"{entity}/entityInformation/fields").json()["fields"]
        assert {item["referenceEntityType"] for item in fields if item["isReference"]} <= singular


def test_user_defined_fields_have_a_type_and_a_label(tenant: Tenant) -> None:
    ranking = field(tenant, "Companies", "CustomerRanking", "userDefinedFields")
    assert (ranking["type"], ranking["label"], ranking["length"]) == ("string", "Customer Ranking", 8000)
    assert "dataType" not in ranking
    assert field(tenant, "Companies", "Accounts Code", "userDefinedFields")["isRequired"] is True
    tier = field(tenant, "Companies", "Support Tier", "userDefinedFields")
    assert {value["value"]: value["label"] for value in tier["picklistValues"]}["Quote Needed"] == "1-Quote Needed"


def test_devices_have_many_user_defined_fields_and_groups_have_none(tenant: Tenant) -> None:
    assert len(tenant.call("GET", "ConfigurationItems/entityInformation/userDefinedFields").json()["fields"]) == 40
    assert tenant.call("GET", "ContactGroups/entityInformation/userDefinedFields").status_code == 404


def test_protected_fields_are_known_to_the_definitions(tenant: Tenant) -> None:
    found = tenant.query("UserDefinedFieldDefinitions", {"op": "eq", "field": "isProtected", "value": True}).json()[
        "items"
    ]
    assert {item["name"] for item in found} == {"Portal Password", "Admin Password", "BIOS Password"}


def test_switches_change_what_the_metadata_says(tenant: Tenant) -> None:
    assert field(tenant, "Companies", "companyCategoryID")["isReadOnly"] is False
    tenant.switch(company_category_read_only=True, companies_is_active_required=True)
    assert field(tenant, "Companies", "companyCategoryID")["isReadOnly"] is True
    assert field(tenant, "Companies", "isActive")["isRequired"] is True


def test_a_child_describes_itself_below_its_parent_too(tenant: Tenant) -> None:
    below = tenant.call("GET", "Companies/175/Contacts/entityInformation/fields").json()
    assert below == tenant.call("GET", "Contacts/entityInformation/fields").json()
