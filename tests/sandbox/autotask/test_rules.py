"""What the API checks before it writes, and in which words it refuses."""

from typing import Any

import pytest

from adminui.sandbox.autotask.refusals import NOISE

from .conftest import Tenant, errors


def patch(tenant: Tenant, entity: str, record_id: int, **values: Any) -> list[str]:
    """The errors of a PATCH; none when it passed."""
    answer = tenant.call("PATCH", entity, {"id": record_id, **values})
    return [] if answer.status_code == 200 else errors(answer)


@pytest.fixture
def ticket(tenant: Tenant) -> int:
    """A ticket of company 175 whose values all pass."""
    record_id = int(tenant.first("Tickets")["id"])
    clean: dict[str, Any] = dict.fromkeys(("contactID", "configurationItemID", "contractID", "companyLocationID"))
    clean |= {"companyID": 175, "priority": 1, "queueID": 5, "status": 1, "source": 2, "ticketCategory": 1}
    clean |= {"issueType": 4, "subIssueType": 11, "assignedResourceID": None, "assignedResourceRoleID": None}
    tenant.api.change("Companies", 175, {"parentCompanyID": None})
    tenant.api.change("Contacts", 30684047, {"isActive": 1})
    tenant.api.change("Tickets", record_id, clean)
    return record_id


def test_text_beyond_its_length_is_refused(tenant: Tenant) -> None:
    assert "phone" in patch(tenant, "Companies", 175, phone="5" * 26)[0]
    assert patch(tenant, "Companies", 175, phone="5" * 25) == []


@pytest.mark.parametrize("value", [None, ""])
def test_a_required_field_cannot_be_cleared(tenant: Tenant, value: str | None) -> None:
    refused = patch(tenant, "Companies", 175, companyName=value)
    assert refused == ["Value does not exist for the required field companyName", NOISE]


def test_an_unknown_picklist_value_is_refused(tenant: Tenant, ticket: int) -> None:
    refused = patch(tenant, "Tickets", ticket, priority=33)
    assert refused == ["Picklist value [33] does not exist for priority. ; on record number [1].", NOISE]


@pytest.mark.parametrize(("rule", "other", "same"), [("unchanged_only", 1, 0), ("accepted", 0, 0), ("refused", 1, 1)])
def test_inactive_picklist_values_pass_by_switch(tenant: Tenant, ticket: int, rule: str, other: int, same: int) -> None:
    tenant.switch(inactive_picklist_values=rule)
    tenant.api.change("Tickets", ticket, {"priority": 6})
    assert bool(patch(tenant, "Tickets", ticket, priority=6)) == bool(same)
    assert bool(patch(tenant, "Tickets", ticket, queueID=29683360)) == bool(other)


def test_a_child_picklist_must_fit_its_parent(tenant: Tenant, ticket: int) -> None:
    text = "Value does not exist for child picklist: subIssueType"
    assert patch(tenant, "Tickets", ticket, subIssueType=17)[0] == text
    assert patch(tenant, "Tickets", ticket, issueType=6)[0] == text
    assert patch(tenant, "Tickets", ticket, issueType=6, subIssueType=17) == []
    assert patch(tenant, "Tickets", ticket, issueType=5, subIssueType=None) == []


def test_a_reference_must_exist_and_zero_is_not_none(tenant: Tenant, ticket: int) -> None:
    assert (
        patch(tenant, "Tickets", ticket, contactID=0)[0] == "Value does not reference an existing entity for contactID."
    )
    assert patch(tenant, "Tickets", ticket, contactID=None) == []


@pytest.mark.parametrize(("rule", "other", "same"), [("unchanged_only", 1, 0), ("accepted", 0, 0), ("refused", 1, 1)])
def test_inactive_references_pass_by_switch(tenant: Tenant, ticket: int, rule: str, other: int, same: int) -> None:
    tenant.switch(inactive_references=rule)
    tenant.api.change("Contacts", 30684047, {"isActive": 0})
    refused = patch(tenant, "Tickets", ticket, contactID=30684047)
    text = "Reference value on field: contactID of type: Contact does not exist or is invalid."
    assert refused == ([text, NOISE] if other else [])
    tenant.api.change("Tickets", ticket, {"contactID": 30684047})
    assert bool(patch(tenant, "Tickets", ticket, contactID=30684047)) == bool(same)


def test_a_company_cannot_move_to_an_inactive_category(tenant: Tenant) -> None:
    tenant.api.change("Companies", 175, {"companyCategoryID": None})
    assert "companyCategoryID" in patch(tenant, "Companies", 175, companyCategoryID=4)[0]


def test_resource_and_role_go_together(tenant: Tenant, ticket: int) -> None:
    assert "assignedResourceRoleID is required" in patch(tenant, "Tickets", ticket, assignedResourceID=4)[0]
    assert patch(tenant, "Tickets", ticket, assignedResourceID=4, assignedResourceRoleID=8) == []
    assert patch(tenant, "Tickets", ticket, assignedResourceID=None)
    assert patch(tenant, "Tickets", ticket, assignedResourceID=None, assignedResourceRoleID=None) == []


def test_a_tickets_contact_belongs_to_its_company_or_the_parent(tenant: Tenant, ticket: int) -> None:
    text = "contactID is not associated to the companyID or its Parent Company"
    assert patch(tenant, "Tickets", ticket, contactID=30684047) == []
    assert patch(tenant, "Tickets", ticket, companyID=174) == [text, NOISE]
    assert tenant.stored("Tickets", ticket)["companyID"] == 175
    tenant.api.change("Companies", 174, {"parentCompanyID": 175})
    assert patch(tenant, "Tickets", ticket, companyID=174) == []
    assert patch(tenant, "Tickets", ticket, companyID=0, contactID=None) == []


def test_a_ticket_category_can_make_a_field_required(tenant: Tenant, ticket: int) -> None:
    assert patch(tenant, "Tickets", ticket, queueID=None) == []
    assert patch(tenant, "Tickets", ticket, ticketCategory=4)[0] == "queueID is required"
    tenant.switch(required_by_category={"3": ["dueDateTime"]})
    assert patch(tenant, "Tickets", ticket, ticketCategory=4) == []
    assert patch(tenant, "Tickets", ticket, ticketCategory=3, dueDateTime=None)[0] == "dueDateTime is required"


def test_several_messages_can_come_at_once(tenant: Tenant, ticket: int) -> None:
    assert len(patch(tenant, "Tickets", ticket, priority=33, status=44)) == 3


def test_group_names_are_unique(tenant: Tenant) -> None:
    assert patch(tenant, "ContactGroups", 4, name="newsletter")
    assert patch(tenant, "ContactGroups", 4, name="Board Members") == []


def test_a_populated_required_user_defined_field_cannot_be_emptied(tenant: Tenant) -> None:
    refused = patch(tenant, "Companies", 175, userDefinedFields=[{"name": "Accounts Code", "value": None}])
    assert refused[0] == "Value does not exist for the required field Accounts Code"


def test_user_defined_values_are_typed_but_travel_as_text(tenant: Tenant) -> None:
    def send(name: str, value: Any) -> list[str]:
        return patch(tenant, "Companies", 175, userDefinedFields=[{"name": name, "value": value}])

    assert send("Credit Limit", "much")
    assert send("Credit Limit", "12.50") == []
    assert send("Support Tier", "1-Quote Needed")
    assert send("Support Tier", "Quote Needed") == []
    assert send("Customer Since", "2020-02-29") == []
    after = tenant.stored("Companies", 175)
    assert (after["Credit Limit"], after["Support Tier"]) == ("12.50", "Quote Needed")
    assert after["Customer Since"] == "2020-02-29T00:00:00.000Z"


def test_a_mask_is_shown_and_cannot_be_written_back(tenant: Tenant) -> None:
    tenant.api.change("Companies", 175, {"Portal Password": "hunter2"})
    item = tenant.call("GET", "Companies/175").json()["item"]
    assert {"name": "Portal Password", "value": "*****"} in item["userDefinedFields"]
    assert "Portal Password" in patch(tenant, "Companies", 175, userDefinedFields=item["userDefinedFields"])[0]
    assert tenant.stored("Companies", 175)["Portal Password"] == "hunter2"
    tenant.switch(masked_udfs=False)
    item = tenant.call("GET", "Companies/175").json()["item"]
    assert {"name": "Portal Password", "value": "hunter2"} in item["userDefinedFields"]


def test_a_put_loses_or_refuses_a_masked_value(tenant: Tenant) -> None:
    tenant.api.change("Companies", 175, {"Portal Password": "hunter2"})
    pairs = [{"name": "Portal Password", "value": "*****"}]
    assert errors(tenant.call("PUT", "Companies", tenant.complete_company(userDefinedFields=pairs)))
    assert tenant.call("PUT", "Companies", tenant.complete_company()).status_code == 200
    assert tenant.stored("Companies", 175)["Portal Password"] is None


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("2026-05-01T10:20:30.1234567Z", "2026-05-01T10:20:30.123Z"),
        ("2026-05-01T10:20:30", "2026-05-01T10:20:30.000Z"),
        ("2026-05-01T10:20:30+02:00", "2026-05-01T08:20:30.000Z"),
    ],
)
def test_moments_are_stored_in_utc(tenant: Tenant, ticket: int, sent: str, held: str) -> None:
    assert patch(tenant, "Tickets", ticket, dueDateTime=sent) == []
    assert tenant.stored("Tickets", ticket)["dueDateTime"] == held


def test_date_only_fields_keep_the_date_and_lose_the_time(tenant: Tenant) -> None:
    device = int(tenant.first("ConfigurationItems")["id"])
    assert patch(tenant, "ConfigurationItems", device, installDate="2026-05-01T23:30:00Z") == []
    assert tenant.stored("ConfigurationItems", device)["installDate"] == "2026-05-01T00:00:00.000Z"
    tenant.switch(date_only_fields=[])
    assert patch(tenant, "ConfigurationItems", device, installDate="2026-05-01T23:30:00Z") == []
    assert tenant.stored("ConfigurationItems", device)["installDate"] == "2026-05-01T23:30:00.000Z"


@pytest.mark.parametrize(
    "values", [{"estimatedHours": "many"}, {"dueDateTime": "soon"}, {"status": 1.5}, {"title": ["x"]}]
)
def test_values_of_the_wrong_type_are_refused(tenant: Tenant, ticket: int, values: dict[str, Any]) -> None:
    assert patch(tenant, "Tickets", ticket, **values)
