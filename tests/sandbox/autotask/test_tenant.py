"""Creating and deleting, limits, what happens after a write, and the invented records."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from adminui.sandbox.autotask import AutotaskApi

from .conftest import Tenant, errors


def together(tenant: Tenant, *paths: str) -> list[int]:
    """The statuses of calls that start at the same moment."""
    gate = threading.Barrier(len(paths))

    def call(path: str) -> int:
        gate.wait()
        return tenant.call("GET", path).status_code

    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(call, paths))


def test_a_created_record_answers_its_id_and_is_there(tenant: Tenant) -> None:
    made = tenant.call("POST", "ContactGroups", {"name": "Fresh", "isActive": True}).json()
    assert list(made) == ["itemId"]
    assert tenant.stored("ContactGroups", made["itemId"])["name"] == "Fresh"


def test_creating_needs_the_required_fields_and_names_the_first(tenant: Tenant) -> None:
    body = {"companyID": 175, "priority": 1, "status": 1}
    assert errors(tenant.call("POST", "Tickets", body)) == ["Missing Required Field: title"]
    made = tenant.call("POST", "Tickets", {**body, "title": "New"}).json()["itemId"]
    assert tenant.stored("Tickets", made)["ticketNumber"].startswith("T2")


def test_a_contact_is_created_below_its_company_and_gets_it(tenant: Tenant) -> None:
    body = {"firstName": "A", "lastName": "B", "isActive": 1}
    made = tenant.call("POST", "Companies/174/Contacts", body).json()["itemId"]
    assert tenant.stored("Contacts", made)["companyID"] == 174
    assert errors(tenant.call("POST", "Companies/999999/Contacts", body))


def test_contacts_are_deleted_unless_a_ticket_uses_them(tenant: Tenant) -> None:
    used = {row["contactID"] for row in tenant.api.dump("Tickets")}
    rows = tenant.api.dump("Contacts")
    free = next(row for row in rows if row["id"] not in used)
    busy = next(row for row in rows if row["id"] in used)
    assert tenant.call("DELETE", f"Companies/{free['companyID']}/Contacts/{free['id']}").json() == {
        "itemId": free["id"]
    }
    assert free["id"] not in tenant.ids("Contacts", {"op": "exist", "field": "id"})
    assert errors(tenant.call("DELETE", f"Companies/{busy['companyID']}/Contacts/{busy['id']}"))
    assert errors(tenant.call("DELETE", f"Companies/{free['companyID']}/Contacts/{free['id']}"))


@pytest.mark.parametrize("path", ["Companies/175", "Tickets/7601", "ConfigurationItems/2001", "Contacts/30684047"])
def test_main_records_cannot_be_deleted_there(tenant: Tenant, path: str) -> None:
    assert tenant.call("DELETE", path).status_code == 405


def test_an_inactive_groups_members_stay_as_they_are(tenant: Tenant) -> None:
    assert errors(tenant.call("POST", "ContactGroups/6/Contacts", {"contactID": 30684047}))
    member = next(row for row in tenant.api.dump("ContactGroupContacts") if row["contactGroupID"] == 6)
    assert errors(tenant.call("DELETE", f"ContactGroups/6/Contacts/{member['id']}"))
    assert tenant.call("POST", "ContactGroups/5/Contacts", {"contactID": 30684047}).status_code == 200


def test_the_fourth_call_at_once_to_one_object_is_429_without_retry_after(tenant: Tenant) -> None:
    tenant.switch(latency=0.3)
    assert Counter(together(tenant, *["Companies/0"] * 4)) == {200: 3, 429: 1}
    tenant.switch(threads_per_object=0)
    refused = tenant.call("GET", "Companies/0")
    assert "Retry-After" not in refused.headers
    assert refused.json()["errors"][0].startswith("Thread Threshold Exceeded")


def test_another_object_has_threads_of_its_own_and_a_child_path_counts_for_the_child(tenant: Tenant) -> None:
    tenant.switch(latency=0.3)
    assert set(together(tenant, *["Companies/0"] * 3, *["Companies/175/Contacts"] * 3)) == {200}


def test_the_hour_is_counted_and_shown(tenant: Tenant) -> None:
    tenant.switch(hour_start=120)
    tenant.call("GET", "Companies/0")
    tenant.call("GET", "zoneInformation?user=api@example.com")
    assert tenant.call("GET", "ThresholdInformation").json() == {
        "externalRequestThreshold": 10_000,
        "requestThresholdTimeframe": 60,
        "currentTimeframeRequestCount": 122,
    }


def test_a_spent_hour_refuses_everything_with_429(tenant: Tenant) -> None:
    tenant.switch(hour_start=9_999)
    assert [tenant.call("GET", path).status_code for path in ("Companies/0", "Companies/0", "Tickets/7601")] == [
        200,
        429,
        429,
    ]


@pytest.mark.parametrize(("used", "seconds"), [(4_000, 0.0), (5_000, 0.3), (7_500, 0.6)])
def test_half_and_three_quarters_of_the_hour_slow_each_call_down(tenant: Tenant, used: int, seconds: float) -> None:
    tenant.switch(hour_start=used, latency_scale=0.6)
    started = time.monotonic()
    tenant.call("GET", "Companies/0")
    assert seconds <= time.monotonic() - started < seconds + 2


def test_a_workflow_rule_gives_the_status_back(tenant: Tenant) -> None:
    ticket = tenant.first("Tickets", status=8)["id"]
    tenant.switch(workflow_status_flip_ms=150)
    assert tenant.call("PATCH", "Tickets", {"id": ticket, "status": 5}).status_code == 200
    first = tenant.call("GET", f"Tickets/{ticket}").json()["item"]
    assert first["status"] == 5
    assert first["completedDate"] is not None
    time.sleep(0.2)
    second = tenant.call("GET", f"Tickets/{ticket}").json()["item"]
    assert (second["status"], second["completedDate"]) == (8, None)


def test_a_silently_immutable_field_answers_200_and_stays(tenant: Tenant) -> None:
    tenant.switch(silently_immutable=["Companies.invoiceTemplateID"])
    assert tenant.call("PATCH", "Companies", {"id": 175, "invoiceTemplateID": 1, "city": "Leeds"}).status_code == 200
    after = tenant.stored("Companies", 175)
    assert (after["invoiceTemplateID"], after["city"]) == (None, "Leeds")


def test_an_update_that_holds_a_rich_text_field_destroys_its_rich_version(tenant: Tenant) -> None:
    device = next(row for row in tenant.api.dump("ConfigurationItems") if "rich:notes" in row)
    tenant.call("PATCH", "ConfigurationItems", {"id": device["id"], "serialNumber": "S1"})
    assert "<b>" in tenant.stored("ConfigurationItems", device["id"])["rich:notes"]
    tenant.call("PATCH", "ConfigurationItems", {"id": device["id"], "notes": device["notes"]})
    after = tenant.stored("ConfigurationItems", device["id"])
    assert after["notes"] == device["notes"]
    assert "rich:notes" not in after


def test_a_change_behind_the_back_bumps_the_stamp(tenant: Tenant) -> None:
    before = tenant.stored("Tickets", tenant.first("Tickets")["id"])
    after = tenant.api.change("Tickets", before["id"], {"title": "Changed"})
    assert after["title"] == "Changed"
    assert after["lastTrackedModificationDateTime"] > before["lastTrackedModificationDateTime"]


def test_the_same_seed_makes_the_same_tenant_and_another_a_different_one() -> None:
    one, same, other = (AutotaskApi(records=50, seed=seed) for seed in (1, 1, 2))
    for entity in ("Companies", "Contacts", "Tickets", "ConfigurationItems", "Resources"):
        assert one.dump(entity) == same.dump(entity)
        assert one.dump(entity) != other.dump(entity)


def test_the_tenant_is_as_messy_as_a_real_one() -> None:
    api = AutotaskApi(records=400)
    companies, tickets = api.dump("Companies"), api.dump("Tickets")
    names = [row["companyName"] for row in companies]
    assert {"ACME ltd", "Acme Ltd.", "Acme, Ltd", "Smith &amp; Sons"} <= set(names)
    assert max(map(len, names)) == 100
    assert any(name != name.strip() for name in names)
    assert {None, ""} <= {row["webAddress"] for row in companies}
    assert any(row["phone"] is None for row in companies)
    assert any(row["priority"] == 6 for row in tickets)
    assert any("<script>" in (row["description"] or "") for row in tickets)
    leavers = {row["id"] for row in api.dump("Resources") if not row["isActive"]}
    assert leavers & {row["ownerResourceID"] for row in companies}


def test_two_thousand_records_are_there_at_once() -> None:
    started = time.perf_counter()
    api = AutotaskApi(records=2_000)
    assert time.perf_counter() - started < 8
    sizes = [len(api.dump(name)) for name in ("Companies", "Contacts", "Tickets", "ConfigurationItems", "Resources")]
    assert sizes == [2_001, 2_000, 2_000, 1_000, 40]
