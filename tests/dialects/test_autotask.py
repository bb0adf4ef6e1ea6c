"""Signing in, describing, reading and judging answers, against the documents of the fact sheet."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adminui.dialects.autotask.entities import label, referenced, singular
from adminui.dialects.base import Access, ApiRequest, ApiResponse, Dialect
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
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step, make_plan
from adminui.records.schema import Kind
from tests.dialects.autotask_facts import (
    BASE,
    CREDENTIALS,
    HTML_404,
    answer,
    describe,
    dialect,
    resource,
    row,
)

NOISE = "Error updating entity for record number [1]."


def signed_in(zone: str, base: str = BASE, **more: str) -> Access:
    conversation = dialect.sign_in(base, {**CREDENTIALS, **more})
    next(conversation)
    with pytest.raises(StopIteration) as stop:
        conversation.send(answer({"zoneName": "2", "url": zone, "webUrl": "https://ww2.autotask.net/", "ci": 1}))
    access = stop.value.value
    assert isinstance(access, Access)
    return access


def outcome(response: ApiResponse, entity: str = "Tickets", **values: int | str) -> RowResult:
    made = resource(entity)
    (result,) = dialect.outcomes(made, Step(Form.PATCH, (row(values or {"title": "x"}),)), response)
    return result


def test_it_is_a_dialect() -> None:
    checked: Dialect = dialect
    assert checked.name == "autotask"


def test_the_zone_is_asked_for_without_credentials() -> None:
    request = next(dialect.sign_in(BASE + "/", CREDENTIALS))
    assert (request.method, request.path) == ("GET", f"{BASE}/atservicesrest/v1.0/zoneInformation")
    assert request.query == (("user", "api@example.com"),)
    assert "s$cret#" not in repr(request)
    assert not request.writes


def test_the_zones_address_loses_its_slash_and_gains_the_version() -> None:
    access = signed_in("https://webservices5.autotask.net/ATServicesRest/")
    assert access.base_url == "https://webservices5.autotask.net/ATServicesRest/v1.0"
    assert access.headers == {"ApiIntegrationCode": "CODE", "UserName": "api@example.com", "Secret": "s$cret#"}


def test_impersonation_goes_with_writes_only() -> None:
    assert signed_in(f"{BASE}/ATServicesRest/").write_headers == {}
    access = signed_in(f"{BASE}/ATServicesRest/", impersonation_resource_id="29")
    assert access.write_headers == {"ImpersonationResourceId": "29"}
    assert "ImpersonationResourceId" not in access.headers


@pytest.mark.parametrize(
    "zone",
    [
        "https://evil.example/ATServicesRest/",
        "http://webservices5.autotask.net/ATServicesRest/",
        "https://autotask.net.evil.example/ATServicesRest/",
        "https://notautotask.net/ATServicesRest/",
        "https://webservices5.autotask.net@evil.example/",
        "https://evil.example\\@webservices5.autotask.net/",
        "https://webservices5.autotask.net:8443/ATServicesRest/",
        "https://webservices5.autotask.net:port/",
        "http://127.0.0.1:8001/ATServicesRest/",
        "",
    ],
)
def test_credentials_never_go_to_an_unexpected_host(zone: str) -> None:
    conversation = dialect.sign_in(BASE, CREDENTIALS)
    next(conversation)
    with pytest.raises(BadCredentials, match="unexpected host"):
        conversation.send(answer({"url": zone}))


def test_a_loopback_sandbox_may_name_itself_and_nothing_else() -> None:
    base = "http://127.0.0.1:8001"
    assert signed_in(f"{base}/ATServicesRest/", base).base_url == f"{base}/ATServicesRest/v1.0"
    for other in ("http://127.0.0.1:8002/ATServicesRest/", "https://127.0.0.1.example/"):
        conversation = dialect.sign_in(base, CREDENTIALS)
        next(conversation)
        with pytest.raises(BadCredentials):
            conversation.send(answer({"url": other}))


def test_plain_http_is_for_loopback_only() -> None:
    conversation = dialect.sign_in("http://webservices2.autotask.net", CREDENTIALS)
    next(conversation)
    with pytest.raises(BadCredentials):
        conversation.send(answer({"url": "http://webservices2.autotask.net/ATServicesRest/"}))


@pytest.mark.parametrize("status", [500, 401, 404])
def test_an_unknown_user_is_bad_credentials(status: int) -> None:
    conversation = dialect.sign_in(BASE, CREDENTIALS)
    next(conversation)
    with pytest.raises(BadCredentials, match="no zone"):
        conversation.send(answer({"errors": ["The zone could not be determined."]}, status))


def test_a_page_instead_of_a_zone_is_bad_credentials() -> None:
    conversation = dialect.sign_in(BASE, CREDENTIALS)
    next(conversation)
    with pytest.raises(BadCredentials, match="no zone in its answer"):
        conversation.send(answer("<html></html>"))


def test_an_empty_credential_is_named_before_any_call() -> None:
    with pytest.raises(BadCredentials, match="secret"):
        next(dialect.sign_in(BASE, {**CREDENTIALS, "secret": ""}))


def test_describing_takes_three_calls_in_the_entitys_lane() -> None:
    asked: list[ApiRequest] = []
    describe("Contacts", asked)
    stem = "/Contacts/entityInformation"
    assert [r.path for r in asked] == [stem, f"{stem}/fields", f"{stem}/userDefinedFields"]
    assert {(r.method, r.lane, r.cap, r.writes) for r in asked} == {("GET", "Contacts", 2, False)}


def test_kinds_come_from_the_metadata() -> None:
    fields = resource("Tickets").by_name
    kinds = {name: fields[name].kind for name in ("title", "description", "dueDateTime", "estimatedHours", "contactID")}
    assert kinds == {
        "title": Kind.TEXT,
        "description": Kind.LONG_TEXT,
        "dueDateTime": Kind.DATETIME,
        "estimatedHours": Kind.DECIMAL,
        "contactID": Kind.REFERENCE,
    }
    assert (fields["title"].max_length, fields["title"].required, fields["title"].nullable) == (255, True, False)
    assert fields["dueDateTime"].zone == "UTC"
    assert fields["contactID"].reference == "Contacts"
    assert fields["id"].read_only


def test_picklist_values_become_the_records_numbers() -> None:
    status = resource("Tickets").by_name["status"]
    assert [(c.value, c.label, c.active) for c in status.choices] == [
        (1, "New", True),
        (5, "Complete", True),
        (8, "Old", False),
    ]


def test_a_dependent_picklist_finds_its_parent_in_other_case() -> None:
    sub = resource("Tickets").by_name["subIssueType"]
    assert sub.parent == "issueType"
    assert [(c.value, c.parent) for c in sub.choices] == [(11, 4), (12, 5)]


def test_a_picklist_without_values_stays_what_it_is_underneath() -> None:
    odd = answer(
        {"fields": [{"name": "invoiceMethod", "dataType": "integer", "isPickList": True, "picklistValues": None}]}
    )
    assert describe("ContactGroups", fields=odd).resource.by_name["invoiceMethod"].kind is Kind.INTEGER


def test_a_field_of_an_unknown_type_is_shown_and_never_edited() -> None:
    odd = answer({"fields": [{"name": "shape", "dataType": "geometry"}]})
    assert describe("ContactGroups", fields=odd).resource.by_name["shape"].read_only


def test_user_defined_fields_are_ordinary_fields_with_their_own_labels() -> None:
    made = resource("Companies")
    ranking, state = made.by_name["udf.CustomerRanking"], made.by_name["udf.Quote State"]
    assert (ranking.label, ranking.group, ranking.kind) == ("Customer Ranking", "User-defined fields", Kind.LONG_TEXT)
    assert [c.value for c in state.choices] == ["Quote Needed", "Sent"]


def test_an_entity_without_user_defined_fields_is_described_all_the_same() -> None:
    assert not [name for name in resource("Tickets").by_name if name.startswith("udf.")]


def test_labels_are_built_from_names() -> None:
    labels = {n: label(n) for n in ("companyName", "facebookUrl", "billToCountryID", "address1", "dattoOSVersionID")}
    assert labels == {
        "companyName": "Company name",
        "facebookUrl": "Facebook URL",
        "billToCountryID": "Bill to country ID",
        "address1": "Address 1",
        "dattoOSVersionID": "Datto OS version ID",
    }


def test_groups_follow_what_names_say() -> None:
    fields = resource("Companies").by_name
    groups = {n: fields[n].group for n in ("companyName", "city", "webAddress", "billToCity", "id")}
    assert groups == {
        "companyName": "Basics",
        "city": "Address",
        "webAddress": "Ways to reach",
        "billToCity": "System",
        "id": "System",
    }


def test_integer_booleans_are_booleans_to_the_person() -> None:
    active = resource("Contacts").by_name["isActive"]
    assert (active.kind, active.min_value) == (Kind.BOOLEAN, None)


def test_a_boolean_is_never_null() -> None:
    assert not resource("Companies").by_name["isActive"].nullable


def test_what_is_immutable_in_fact_is_read_only() -> None:
    for entity in ("Contacts", "ConfigurationItems"):
        company = resource(entity).by_name["companyID"]
        assert company.read_only
        assert company.help
    assert not resource("Tickets").by_name["companyID"].read_only


def test_a_resource_knows_its_title_stamp_parent_and_partners() -> None:
    contacts, tickets = resource("Contacts"), resource("Tickets")
    assert (contacts.title_field, contacts.version_field) == ("lastName", "lastModifiedDate")
    assert contacts.parent == ("companyID", "Companies")
    assert contacts.columns == ("id", "firstName", "lastName", "companyID", "emailAddress", "isActive")
    assert tickets.parent is None
    assert tickets.version_field == "lastTrackedModificationDateTime"
    assert tickets.together == (("assignedResourceID", "assignedResourceRoleID"),)
    assert tickets.bound == {"companyID": ("contactID", "companyLocationID")}


@pytest.mark.parametrize(("can", "access", "expected"), [
    (True, "All", True), (True, "Restricted", True), (True, 1, True),
    (True, "None", False), (True, 0, False), (False, "All", False),
])  # fmt: skip
def test_whether_records_can_be_updated_is_read_in_words_and_numbers(can: bool, access: object, expected: bool) -> None:
    info = answer({"info": {"canUpdate": can, "userAccessForUpdate": access}})
    assert describe("Tickets", entityInformation=info).resource.can_update is expected


@pytest.mark.parametrize("said", [{"fields": None}, {}, [], "<html></html>"])
def test_user_defined_fields_may_be_missing_where_none_are_claimed(said: object) -> None:
    none = answer({"info": {"canUpdate": True, "hasUserDefinedFields": False}})
    made = describe("Companies", entityInformation=none, userDefinedFields=answer(said)).resource
    assert made.can_update and not [name for name in made.by_name if name.startswith("udf.")]
    refused = answer({"errors": ["This entity has no user-defined fields."]}, 500)
    assert describe("Companies", entityInformation=none, userDefinedFields=refused).resource.can_update
    some = answer({"info": {"canUpdate": True, "hasUserDefinedFields": True}})
    with pytest.raises(Unknown):
        describe("Companies", entityInformation=some, userDefinedFields=answer(said))
    with pytest.raises(Rejected):
        describe("Companies", entityInformation=some, userDefinedFields=refused)


def test_an_unreadable_description_is_no_description() -> None:
    for odd in (answer({"fields": [{}]}), answer({}), answer([])):
        with pytest.raises(Unknown):
            describe("Tickets", fields=odd)


def test_a_resource_name_cannot_leave_its_place_in_the_address() -> None:
    with pytest.raises(Gone):
        next(dialect.describe("../Tickets"))


def test_references_find_their_resource_by_its_singular() -> None:
    assert [referenced(n) for n in ("Company", "country", "TaxRegion", "Tax", "Martian", "")] == [
        "Companies", "Countries", "TaxRegions", "Taxes", None, None,
    ]  # fmt: skip
    assert singular("ConfigurationItemCategories") == "ConfigurationItemCategory"


def test_the_main_resources_come_first_and_none_twice() -> None:
    names = dialect.resources()
    assert [n.name for n in names[:4]] == ["Companies", "Contacts", "Tickets", "ConfigurationItems"]
    assert len({n.name for n in names}) == len(names)
    assert not next(n for n in names if n.name == "TicketNotes").main


def test_user_defined_values_are_flattened_and_absent_ones_are_null() -> None:
    companies = resource("Companies")
    pairs = [{"name": "customerranking", "value": "Golden"}, {"name": "New", "value": "1"}]
    item = {"id": 0, "companyName": "We", "odd": [1], "assetValue": Decimal("1.10"), "userDefinedFields": pairs}
    assert dialect.record(companies, answer({"item": item})) == {
        "id": 0,
        "companyName": "We",
        "odd": [1],
        "assetValue": Decimal("1.10"),
        "udf.CustomerRanking": "Golden",
        "udf.Quote State": None,
        "udf.Seats": None,
        "udf.New": "1",
    }


@pytest.mark.parametrize("pairs", [{}, {"userDefinedFields": []}, {"userDefinedFields": None}])
def test_the_list_of_user_defined_fields_may_be_missing(pairs: dict[str, object]) -> None:
    read = dialect.record(resource("Companies"), answer({"item": {"id": 1, **pairs}}))
    assert read["udf.CustomerRanking"] is None


@pytest.mark.parametrize(
    "response", [HTML_404, answer({"errors": ["No matching records found."]}, 404), answer({"item": None})]
)
def test_a_missing_record_is_gone_in_every_form(response: ApiResponse) -> None:
    with pytest.raises(Gone):
        dialect.record(resource("Companies"), response)


@pytest.mark.parametrize("body", [{"items": [{"id": 1}]}, {"item": {"companyName": "x"}}, {"item": [1]}, [], "cut {"])
def test_an_answer_without_a_record_is_unknown(body: object) -> None:
    with pytest.raises(Unknown):
        dialect.record(resource("Companies"), answer(body))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, SignedOut), (403, Forbidden), (404, Gone), (405, NotOffered), (429, Throttled),
     (400, Rejected), (503, Unavailable), (302, Unknown), (202, Unknown)],
)  # fmt: skip
@pytest.mark.parametrize("body", ["", "<html></html>", '{"Message":"The requested resource does not support it."}'])
def test_every_other_status_is_an_error(status: int, kind: type[RemoteError], body: str) -> None:
    with pytest.raises(RemoteError) as raised:
        dialect.refusal(answer(body, status))
    assert type(raised.value) is kind
    assert raised.value.status == status


def test_a_throttled_answer_names_no_time() -> None:
    with pytest.raises(Throttled) as raised:
        dialect.refusal(answer("", 429))
    assert raised.value.retry_after is None


def test_the_thread_threshold_is_throttling_whatever_its_status() -> None:
    said = "Thread Threshold Exceeded: the thread threshold of 3 threads has been exceeded. Method: Companies"
    for status in (403, 500):
        with pytest.raises(Throttled):
            dialect.refusal(answer({"errors": [said]}, status))


def test_missing_permissions_come_as_500_and_are_forbidden() -> None:
    said = "The logged in Resource does not have the adequate permissions to update this entity type."
    with pytest.raises(Forbidden, match="adequate permissions"):
        dialect.refusal(answer({"errors": [said]}, 500))


def test_success_that_carries_errors_is_an_error() -> None:
    with pytest.raises(Rejected):
        dialect.refusal(answer({"errors": ["Something."]}))
    dialect.refusal(answer({"items": [], "errors": []}))


def test_fact_3_a_200_is_not_proof_so_nothing_counts_as_stored() -> None:
    assert outcome(answer({"itemId": 30684047})) == RowResult(30684047, Outcome.DONE, stored=None)


@pytest.mark.parametrize(
    "body", [{"itemId": 4}, {"itemId": None}, {}, {"item": {"id": 30684047}}, [], {"errors": ["No."]}]
)
def test_a_200_that_does_not_name_the_record_is_unknown(body: object) -> None:
    result = outcome(answer(body))
    assert result.outcome is Outcome.UNKNOWN
    assert result.messages


def test_a_200_that_cannot_be_read_is_unknown() -> None:
    with pytest.raises(Unknown):
        outcome(answer('{"itemId": 30'))


def test_fact_6_a_500_with_errors_is_a_refusal_with_reasons() -> None:
    said = "contactID is not associated to the companyID or its Parent Company"
    result = outcome(answer({"errors": [said, NOISE]}, 500))
    assert (result.outcome, result.messages) == (Outcome.REJECTED, (said,))
    assert result.by_field == {"contactID": (said,)}


def test_fact_6_a_500_without_errors_says_nothing_about_the_values() -> None:
    bodies: list[object] = ["<html></html>", {"Message": "An error has occurred."}, {"errors": []}]
    for body in bodies:
        with pytest.raises(Unavailable):
            outcome(answer(body, 500))


@pytest.mark.parametrize("body", [{"Errors": ["No.", NOISE]}, {"ERRORS": "No."}, {"errors": "No."}])
def test_reasons_are_found_in_any_case_and_as_one_sentence(body: object) -> None:
    result = outcome(answer(body, 500))
    assert (result.outcome, result.messages) == (Outcome.REJECTED, ("No.",))


def test_a_500_in_plain_text_is_quoted_and_still_says_nothing_about_the_values() -> None:
    with pytest.raises(Unavailable, match=r"\(500\)\. It says: Deadlock found\.$"):
        outcome(answer("Deadlock\n found.", 500))
    for body in ("<html>secret</html>", '{"cut', "x" * 301, ""):
        with pytest.raises(Unavailable, match=r"\(500\)\.$"):
            outcome(answer(body, 500))


def test_the_record_number_is_dropped_and_nothing_else() -> None:
    said = "Picklist value [3] does not exist for status. ; on record number [1]."
    assert outcome(answer({"errors": [said, NOISE]}, 500)).messages == (
        "Picklist value [3] does not exist for status.",
    )
    assert outcome(answer({"errors": [NOISE]}, 500)).messages == (NOISE,)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Reference value on field: contactID of type: Contact does not exist or is invalid.", "contactID"),
        ("Value does not reference an existing entity for contactID.", "contactID"),
        ("Value does not exist for the required field TITLE", "title"),
        ("Missing Required Field: title", "title"),
        ("queueID is required", "queueID"),
        ("Value does not exist for child picklist: subIssueType", "subIssueType"),
    ],
)
def test_messages_are_laid_to_the_field_they_name(said: str, name: str) -> None:
    assert outcome(answer({"errors": [said]}, 500)).by_field == {name: (said,)}


def test_messages_about_user_defined_fields_find_them_by_their_own_name() -> None:
    said = "Picklist value [Lost] does not exist for Quote State, sorry"
    result = outcome(answer({"errors": [said]}, 500), "Companies", **{"udf.Quote State": "Lost"})
    assert result.by_field == {"udf.Quote State": (said,)}


def test_a_message_that_names_no_field_stays_whole() -> None:
    result = outcome(answer({"errors": ["Unexpected character encountered while parsing value: t"]}, 500))
    assert result.by_field == {}


def test_a_refused_permission_or_address_rejects_the_row() -> None:
    said = "The logged in Resource does not have the adequate permissions to update this entity type."
    assert outcome(answer({"errors": [said]}, 500)).messages == (said,)
    assert outcome(HTML_404).outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    ("status", "kind"), [(401, SignedOut), (405, NotOffered), (429, Throttled), (502, Unavailable)]
)
def test_faults_that_are_not_about_the_values_are_raised(status: int, kind: type[RemoteError]) -> None:
    with pytest.raises(kind):
        outcome(answer("", status))


def test_fact_1_there_is_no_bulk_so_every_record_is_a_step() -> None:
    can = describe("Tickets").capabilities
    assert not can.bulk
    plan = make_plan([row({"status": 1}, record_id=n) for n in range(5)], can)
    assert [step.form for step in plan.steps] == [Form.PATCH] * 5


def test_fact_2_a_put_nulls_and_flattens() -> None:
    assert describe("Tickets").capabilities.replace == "nulls"
    assert describe("Tickets").capabilities.flattens == ("description",)
    assert describe("ConfigurationItems").capabilities.flattens == ("notes",)


def test_fact_7_two_lanes_per_entity_and_ten_thousand_calls_an_hour() -> None:
    can = describe("Contacts").capabilities
    assert (can.max_concurrency, can.requests_per_hour, can.read_many) == (2, 10_000, 200)
    request = dialect.read_one(resource("Contacts"), 5)
    assert (request.path, request.lane, request.cap) == ("/Contacts/5", "Contacts", 2)


def test_fact_8_lengths_picklists_and_requirements_are_the_tenants() -> None:
    fields = answer({"fields": [{"name": "name", "dataType": "string", "length": 7, "isRequired": False}]})
    name = describe("ContactGroups", fields=fields).resource.by_name["name"]
    assert (name.max_length, name.required, name.nullable) == (7, False, True)
