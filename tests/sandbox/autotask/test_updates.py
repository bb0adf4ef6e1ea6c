"""Where updates go, what PATCH changes, and what PUT empties."""

from typing import Any

import pytest

from adminui.sandbox.autotask.refusals import NOISE

from .conftest import Tenant, errors


def put_of(tenant: Tenant, entity: str, record_id: int) -> dict[str, Any]:
    """A whole record as read, the way a careful client sends it back."""
    return dict(tenant.call("GET", f"{entity}/{record_id}").json()["item"])


def test_patch_changes_what_is_sent_and_answers_the_id_alone(tenant: Tenant) -> None:
    before = tenant.stored("Companies", 175)
    answer = tenant.call("PATCH", "Companies", {"id": 175, "city": "Leeds", "fax": None})
    assert (answer.status_code, answer.json()) == (200, {"itemId": 175})
    stamps = {"lastTrackedModifiedDateTime", "lastActivityDate"}
    after = tenant.stored("Companies", 175)
    assert after["city"] == "Leeds"
    assert after["fax"] is None
    assert {name for name in before if before[name] != after[name]} <= {"city", "fax"} | stamps
    assert after["lastTrackedModifiedDateTime"] > before["lastTrackedModifiedDateTime"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("path", ["Companies/175", "Contacts/30684047", "Companies/175/Contacts/30684047"])
def test_an_id_in_the_path_is_405_with_a_message(tenant: Tenant, method: str, path: str) -> None:
    answer = tenant.call(method, path, {"lastName": "Byrne"})
    assert answer.status_code == 405
    assert answer.json() == {"Message": f"The requested resource does not support http method '{method}'."}


@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST"])
def test_a_child_entity_cannot_be_written_at_its_flat_path(tenant: Tenant, method: str) -> None:
    answer = tenant.call(method, "Contacts", {"id": 30684047, "lastName": "Byrne"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_contact_is_updated_below_its_company_only(tenant: Tenant) -> None:
    body = {"id": 30684047, "lastName": "Byrne", "isActive": 1}
    assert tenant.call("PATCH", "Companies/175/Contacts", body).json() == {"itemId": 30684047}
    assert tenant.stored("Contacts", 30684047)["lastName"] == "Byrne"
    assert errors(tenant.call("PATCH", "Companies/174/Contacts", {"id": 30684047, "lastName": "Lost"}))
    assert tenant.stored("Contacts", 30684047)["lastName"] == "Byrne"


def test_a_contacts_active_flag_is_a_number_and_no_boolean(tenant: Tenant) -> None:
    answer = tenant.call("PATCH", "Companies/175/Contacts", {"id": 30684047, "isActive": True})
    assert errors(answer)[0] == "Unexpected character encountered while parsing value: t"


def test_string_numbers_and_pascal_case_are_accepted(tenant: Tenant) -> None:
    assert tenant.call("PATCH", "ContactGroups", {"Id": "4", "IsActive": "False"}).json() == {"itemId": 4}
    assert tenant.stored("ContactGroups", 4)["isActive"] is False


def test_unknown_names_are_dropped_and_read_only_ones_ignored_with_200(tenant: Tenant) -> None:
    before = tenant.stored("Companies", 175)
    body = {"id": 175, "taxExempt": True, "createDate": "2001-01-01T00:00:00Z", "billToCity": "X"}
    body["userDefinedFields"] = [{"name": "Nowhere", "value": "1"}]
    assert tenant.call("PATCH", "Companies", body).status_code == 200
    after = tenant.stored("Companies", 175)
    assert {name for name in after if after[name] != before[name]} <= {
        "lastTrackedModifiedDateTime",
        "lastActivityDate",
    }


def test_the_company_of_a_contact_or_device_does_not_change(tenant: Tenant) -> None:
    device = tenant.first("ConfigurationItems")
    answer = tenant.call("PATCH", "ConfigurationItems", {"id": device["id"], "companyID": device["companyID"] + 1})
    assert answer.status_code == 200
    assert tenant.stored("ConfigurationItems", device["id"])["companyID"] == device["companyID"]


def test_an_unknown_or_missing_id_is_500(tenant: Tenant) -> None:
    assert errors(tenant.call("PATCH", "Companies", {"id": 999_999, "city": "Leeds"}))[-1] == NOISE
    assert "id" in errors(tenant.call("PATCH", "Companies", {"city": "Leeds"}))[0]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"'])
def test_a_body_that_is_no_object_is_500(tenant: Tenant, body: bytes) -> None:
    answer = tenant.session.patch(f"{tenant.url}/ATServicesRest/V1.0/Companies", data=body, timeout=5)
    assert errors(answer)


@pytest.mark.parametrize(
    ("rule", "noisy"), [("every", [True, True]), ("some", [True, False]), ("none", [False, False])]
)
def test_the_record_number_line_follows_failures_by_switch(tenant: Tenant, rule: str, noisy: list[bool]) -> None:
    tenant.switch(error_noise=rule)
    answers = [errors(tenant.call("PATCH", "Companies", {"id": 175, "companyType": 99})) for _ in range(2)]
    assert [NOISE in answer for answer in answers] == noisy


@pytest.mark.parametrize(("rule", "stored"), [("kept", ""), ("null", None)])
def test_empty_text_is_stored_as_such_or_as_null(tenant: Tenant, rule: str, stored: str | None) -> None:
    tenant.switch(empty_text=rule)
    tenant.call("PATCH", "Companies", {"id": 175, "address2": ""})
    assert tenant.stored("Companies", 175)["address2"] == stored


def test_patch_leaves_other_user_defined_fields_alone(tenant: Tenant) -> None:
    tenant.api.change("Companies", 198, {"Credit Limit": "5.0000", "CustomerRanking": "Silver"})
    pairs = [{"name": "CustomerRanking", "value": "Golden"}]
    assert tenant.call("PATCH", "Companies", {"id": 198, "userDefinedFields": pairs}).status_code == 200
    after = tenant.stored("Companies", 198)
    assert (after["CustomerRanking"], after["Credit Limit"]) == ("Golden", "5.0000")
    tenant.call("PATCH", "Companies", {"id": 198, "userDefinedFields": [{"name": "CustomerRanking", "value": None}]})
    assert tenant.stored("Companies", 198)["CustomerRanking"] is None


def test_put_empties_every_writable_field_left_out(tenant: Tenant) -> None:
    tenant.api.change("Companies", 175, {"city": "Leeds", "stockSymbol": "ACM", "billToCity": "Kept"})
    assert tenant.call("PUT", "Companies", tenant.complete_company()).json() == {"itemId": 175}
    after = tenant.stored("Companies", 175)
    assert (after["city"], after["stockSymbol"], after["isActive"]) == (None, None, None)
    assert after["billToCity"] == "Kept"
    assert after["createDate"] is not None


def test_put_of_a_whole_record_as_read_changes_nothing_but_stamps(tenant: Tenant) -> None:
    tenant.switch(masked_udfs=False)
    owner = tenant.first("Resources", isActive=True)["id"]
    tenant.api.change("Companies", 175, {"ownerResourceID": owner, "phone": "555"})
    before = tenant.stored("Companies", 175)
    assert tenant.call("PUT", "Companies", put_of(tenant, "Companies", 175)).status_code == 200
    after = tenant.stored("Companies", 175)
    assert {name for name in after if after[name] != before[name]} <= {
        "lastTrackedModifiedDateTime",
        "lastActivityDate",
    }


def test_put_names_the_first_missing_required_field_only(tenant: Tenant) -> None:
    answer = errors(tenant.call("PUT", "Companies", {"id": 175, "companyName": "Acme"}))
    assert answer == ["Missing Required Field: companyType", NOISE]
    assert tenant.stored("Companies", 175)["city"]


def test_is_active_can_be_made_required_for_put(tenant: Tenant) -> None:
    tenant.switch(companies_is_active_required=True)
    assert errors(tenant.call("PUT", "Companies", tenant.complete_company()))[0] == "Missing Required Field: isActive"


def test_a_contacts_company_can_be_made_required_for_put(tenant: Tenant) -> None:
    body = {"id": 30684047, "firstName": "A", "lastName": "B", "isActive": 1}
    assert tenant.call("PUT", "Companies/175/Contacts", body).status_code == 200
    tenant.switch(contact_company_required_on_put=True)
    refused = errors(tenant.call("PUT", "Companies/175/Contacts", body))
    assert refused[0] == "Missing Required Field: companyID"


@pytest.mark.parametrize(
    ("rule", "ranking", "code"),
    [("nulled", None, None), ("kept", "Golden", "A1"), ("kept_when_required", None, "A1")],
)
def test_user_defined_fields_left_out_of_a_put(
    tenant: Tenant, rule: str, ranking: str | None, code: str | None
) -> None:
    tenant.api.change("Companies", 175, {"CustomerRanking": "Golden", "Accounts Code": "A1"})
    tenant.switch(put_omitted_udfs=rule)
    assert tenant.call("PUT", "Companies", tenant.complete_company()).status_code == 200
    after = tenant.stored("Companies", 175)
    assert (after["CustomerRanking"], after["Accounts Code"]) == (ranking, code)


def test_a_company_category_is_ignored_when_a_switch_makes_it_read_only(tenant: Tenant) -> None:
    tenant.api.change("Companies", 175, {"companyCategoryID": 1})
    tenant.switch(company_category_read_only=True)
    assert tenant.call("PATCH", "Companies", {"id": 175, "companyCategoryID": 2}).status_code == 200
    assert tenant.stored("Companies", 175)["companyCategoryID"] == 1
    tenant.switch(company_category_read_only=False)
    tenant.call("PATCH", "Companies", {"id": 175, "companyCategoryID": 2})
    assert tenant.stored("Companies", 175)["companyCategoryID"] == 2
