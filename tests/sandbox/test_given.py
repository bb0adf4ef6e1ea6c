"""Imitations made of given data: they hold a tenant's own fields and records, and doubt nothing they were not given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from adminui.sandbox.imitation import Imitation, imitate, looks_at

Told = dict[str, Any]


def told(name: str, kind: str, **more: Any) -> Told:
    return {"name": name, "kind": kind, **more}


@pytest.fixture
def made() -> Iterator[Callable[..., Imitation]]:
    running: list[Imitation] = []

    def make(dialect: str, **given: Any) -> Imitation:
        running.append(imitate(dialect, **given))
        return running[-1]

    yield make
    for each in running:
        each.stop()


class Buzz:
    """A signed-in client of an imitation."""

    def __init__(self, imitation: Imitation) -> None:
        self.root, self.session = f"{imitation.url}/rest/v2", requests.Session()
        assert self.call("POST", "authenticate", dict(imitation.credentials)).status_code == 200

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, f"{self.root}/{path}", json=body, timeout=10)


class Autotask:
    """A client with the imitation's login in its headers."""

    def __init__(self, imitation: Imitation) -> None:
        self.root = f"{imitation.url}/ATServicesRest/V1.0"
        named = {name.replace("integration_code", "ApiIntegrationCode"): v for name, v in imitation.credentials.items()}
        self.headers = named

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(method, f"{self.root}/{path}", json=body, headers=self.headers, timeout=10)

    def errors(self, method: str, path: str, body: Any) -> str:
        answer = self.call(method, path, body)
        return "" if answer.status_code == 200 else " ".join(answer.json()["errors"])


LINE_ITEM = [
    told("id", "integer", read_only=True),
    told("name", "text", required=True, max_length=10),
    told("campaign_id", "reference", reference="campaigns", required=True),
    told("active", "boolean"),
    told("start_date", "datetime", nullable=True),
    told("end_date", "datetime", nullable=True),
    told("tier", "choice", choices=[{"value": "gold"}, {"value": "tin"}], nullable=True),
    told("mood", "json", children=[told("temper", "text", max_length=3)], nullable=True),
]


def line_items(**of_each: Any) -> list[Told]:
    return [
        {"id": i, "name": f"Item {i}", "campaign_id": 7, "active": False, "tier": "tin", **of_each} for i in (1, 2, 3)
    ]


CAMPAIGN = {"id": 7, "advertiser_id": 5, "start_date": "2026-01-01 00:00:00", "end_date": "2026-12-31 23:59:59"}


@pytest.fixture
def buzz(made: Callable[..., Imitation]) -> Callable[..., Buzz]:
    def make(**given: Any) -> Buzz:
        whole = {"resource": "line-items", "fields": LINE_ITEM, "records": line_items(), **given}
        return Buzz(made("buzz", **whole))

    return make


def test_buzz_shows_the_records_as_they_were_given(buzz: Callable[..., Buzz]):
    api = buzz(records=line_items(own="kept"))
    assert api.call("GET", "line-items?id__in=1,3").json()["results"] == [
        record for record in line_items(own="kept") if record["id"] != 2
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "far too long a name"}, "no more than 10 characters"),
        ({"tier": "silver"}, "not a valid choice"),
        ({"name": None}, "may not be null"),
        ({"mood": {"temper": "angry"}}, "no more than 3 characters"),
        ({"start_date": "soon"}, "Datetime has wrong format"),
    ],
)
def test_buzz_judges_by_the_tenants_own_fields(buzz: Callable[..., Buzz], values: Told, words: str):
    answer = buzz().call("PATCH", "line-items/2", values)
    assert answer.status_code == 400 and words in answer.text and set(answer.json()) == set(values)


def test_members_that_nobody_told_of_are_stored_as_they_are(buzz: Callable[..., Buzz]):
    answer = buzz().call("PATCH", "line-items/2", {"mood": {"temper": "ok", "tenants": "own"}})
    assert answer.json()["mood"] == {"temper": "ok", "tenants": "own"}


def test_a_line_item_is_held_against_its_campaign_where_that_was_given(buzz: Callable[..., Buzz]):
    early = {"start_date": "2025-12-31 00:00:00"}
    assert "before its campaign" in buzz(related={"campaigns": [CAMPAIGN]}).call("PATCH", "line-items/1", early).text
    assert buzz().call("PATCH", "line-items/1", early).status_code == 200


def test_dates_in_another_spelling_raise_no_false_alarm(buzz: Callable[..., Buzz]):
    campaign = {**CAMPAIGN, "start_date": "2026-01-01T00:00:00", "end_date": "whenever"}
    api = buzz(related={"campaigns": [campaign]}, records=line_items(update_date="2026-05-05T10:00:00Z"))
    within = {"start_date": "2026-01-01 08:00:00", "end_date": "2030-01-01 00:00:00"}
    assert api.call("PATCH", "line-items/1", within).status_code == 200


def test_a_reference_passes_unless_it_is_known_to_lead_nowhere(buzz: Callable[..., Buzz]):
    api = buzz(absent={"campaigns": {99}})
    assert api.call("PATCH", "line-items/1", {"campaign_id": 98}).status_code == 200
    assert "object does not exist" in api.call("PATCH", "line-items/1", {"campaign_id": 99}).text


def test_a_line_item_may_become_active_where_nobody_told_of_its_creatives(buzz: Callable[..., Buzz]):
    assert buzz().call("PATCH", "line-items/1", {"active": True}).json()["active"] is True


@pytest.mark.parametrize(("bulk", "status"), [(True, 200), (False, 405)])
def test_there_are_bulk_calls_where_the_connection_has_them(buzz: Callable[..., Buzz], bulk: bool, status: int):
    rows = [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}]
    assert buzz(bulk=bulk).call("PATCH", "line-items/bulk", rows).status_code == status


@pytest.mark.parametrize(("nulls", "left"), [(True, None), (False, "tin")])
def test_put_does_to_what_is_left_out_as_the_connection_has_it(buzz: Callable[..., Buzz], nulls: bool, left: Any):
    api = buzz(put_nulls=nulls)
    assert api.call("PUT", "line-items/1", {"name": "short", "campaign_id": 7}).json()["tier"] == left


def test_a_resource_the_imitation_never_heard_of_is_practised_too(buzz: Callable[..., Buzz]):
    fields = [told("id", "integer", read_only=True), told("name", "text", required=True, max_length=5)]
    api = buzz(resource="bid-modifiers", fields=fields, records=[{"id": 4, "name": "four"}])
    assert api.call("PATCH", "bid-modifiers/4", {"name": "vier"}).json() == {"id": 4, "name": "vier"}
    assert api.call("PATCH", "bid-modifiers/4", {"name": "quatre"}).status_code == 400


COMPANY = [
    told("id", "integer", read_only=True),
    told("companyName", "text", required=True, max_length=100),
    told(
        "companyType", "choice", choices=[{"value": 1, "label": "One"}, {"value": 9, "label": "Old", "active": False}]
    ),
    told("udf.Shoe size", "decimal"),
    told("udf.Plan", "choice", choices=[{"value": "A", "label": "A"}]),
    told("udf.Secret", "text"),
]
COMPANIES = [
    {"id": 175, "companyName": "One", "companyType": 1, "udf.Plan": "A", "udf.Secret": "*****", "udf.Shoe size": None},
    {"id": 176, "companyName": "Two", "companyType": 9, "udf.Plan": None, "udf.Secret": None, "udf.Shoe size": "42"},
]


@pytest.fixture
def autotask(made: Callable[..., Imitation]) -> Callable[..., Autotask]:
    def make(**given: Any) -> Autotask:
        return Autotask(made("autotask", **{"resource": "Companies", "fields": COMPANY, "records": COMPANIES, **given}))

    return make


def test_autotask_shows_the_records_as_they_were_given(autotask: Callable[..., Autotask]):
    filters = [{"op": "in", "field": "id", "value": [175, 176]}]
    one, two = autotask().call("POST", "Companies/query", {"Filter": filters}).json()["items"]
    assert (one["companyName"], two["companyType"]) == ("One", 9)
    assert {"name": "Secret", "value": "*****"} in one["userDefinedFields"]
    assert {"name": "Shoe size", "value": "42"} in two["userDefinedFields"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"companyType": 2}, "Picklist value [2] does not exist for companyType"),
        ({"companyType": 9}, "Picklist value [9]"),
        ({"companyName": "x" * 101}, "maximum length of 100"),
        ({"companyName": ""}, "required field companyName"),
        ({"userDefinedFields": [{"name": "Plan", "value": "B"}]}, "Picklist value [B] does not exist for Plan"),
        ({"userDefinedFields": [{"name": "Shoe size", "value": "big"}]}, "Could not convert"),
        ({"userDefinedFields": [{"name": "Secret", "value": "mine"}]}, "protected field Secret"),
    ],
)
def test_autotask_judges_by_the_tenants_own_fields(autotask: Callable[..., Autotask], values: Told, words: str):
    assert words in autotask().errors("PATCH", "Companies", {"id": 175, **values})


def test_a_good_change_of_own_fields_is_stored(autotask: Callable[..., Autotask]):
    api = autotask()
    udfs = [{"name": "Plan", "value": "A"}, {"name": "Shoe size", "value": "43.5"}]
    assert not api.errors("PATCH", "Companies", {"id": 176, "companyType": 9, "userDefinedFields": udfs})
    held = api.call("GET", "Companies/176").json()["item"]["userDefinedFields"]
    assert {"name": "Plan", "value": "A"} in held and {"name": "Shoe size", "value": "43.5"} in held


TICKET = [
    told("id", "integer", read_only=True),
    told("title", "text", required=True),
    told("companyID", "reference", reference="Companies", required=True),
    told("contactID", "reference", reference="Contacts"),
    told("assignedResourceID", "reference", reference="Resources"),
    told("assignedResourceRoleID", "reference", reference="Roles"),
]
CONTACTS = [{"id": 1, "companyID": 175, "isActive": 1}, {"id": 2, "companyID": 176, "isActive": 1}]


@pytest.mark.parametrize(
    ("given", "values", "words"),
    [
        ({}, {"contactID": 2}, ""),
        ({"related": {"Contacts": CONTACTS}}, {"contactID": 2}, ""),
        ({"related": {"Contacts": CONTACTS, "Companies": COMPANIES}}, {"contactID": 2}, "not associated"),
        ({"related": {"Contacts": CONTACTS, "Companies": COMPANIES}}, {"contactID": 1}, ""),
        ({"absent": {"Contacts": {3}}}, {"contactID": 3}, "does not reference an existing entity"),
        ({"related": {"Contacts": [{**CONTACTS[0], "isActive": 0}]}}, {"contactID": 1}, "does not exist or is invalid"),
        ({}, {"assignedResourceID": 4}, "assignedResourceRoleID is required"),
        ({}, {"assignedResourceID": 4, "assignedResourceRoleID": 8}, ""),
    ],
)
def test_a_ticket_is_held_against_what_was_given(
    autotask: Callable[..., Autotask], given: Told, values: Told, words: str
):
    api = autotask(resource="Tickets", fields=TICKET, records=[{"id": 7, "title": "T", "companyID": 175}], **given)
    said = api.errors("PATCH", "Tickets", {"id": 7, **values})
    assert words in said and bool(words) == bool(said)


def test_a_child_is_written_through_its_parent_wherever_that_is(autotask: Callable[..., Autotask]):
    fields = [
        told("id", "integer", read_only=True),
        told("name", "text", max_length=4),
        told("expenseReportID", "integer"),
    ]
    api = autotask(
        resource="ExpenseItems",
        singular="Expense item",
        fields=fields,
        records=[{"id": 3, "name": "Taxi", "expenseReportID": 12}],
        parent=("expenseReportID", "ExpenseReports"),
    )
    assert not api.errors("PATCH", "Expenses/12/Items", {"id": 3, "name": "Bus"})
    assert "maximum length" in api.errors("PATCH", "Expenses/12/Items", {"id": 3, "name": "Train"})
    assert "does not belong" in api.errors("PATCH", "Expenses/13/Items", {"id": 3, "name": "Tram"})
    assert api.call("GET", "ExpenseItems/3").json()["item"]["name"] == "Bus"


def test_an_entity_the_imitation_never_heard_of_is_practised_too(autotask: Callable[..., Autotask]):
    fields = [told("id", "integer", read_only=True), told("kindOf", "choice", choices=[{"value": 1}])]
    api = autotask(
        resource="Surveys", singular="Survey", fields=fields, records=[{"id": 3, "kindOf": 1, "odd": "kept"}]
    )
    assert "Picklist" in api.errors("PATCH", "Surveys", {"id": 3, "kindOf": 2})
    assert api.call("GET", "Surveys/3").json()["item"] == {"id": 3, "kindOf": 1, "odd": "kept"}


def test_many_calls_slow_nobody_down(autotask: Callable[..., Autotask]):
    api = autotask()
    assert api.call("GET", "ThresholdInformation").json()["externalRequestThreshold"] > 1_000_000


def test_what_the_rules_look_at_depends_on_what_is_changed():
    assert looks_at("buzz", "line-items", ["start_date"]) == {"campaign_id"}
    assert looks_at("buzz", "line-items", ["notes"]) == frozenset()
    assert looks_at("autotask", "Tickets", ["contactID"]) >= {"companyID", "contactID"}
    assert looks_at("autotask", "Surveys", ["anything"]) == frozenset()


def test_an_imitation_takes_no_login_but_its_own(made: Callable[..., Imitation]):
    imitation = made("autotask", resource="Companies", fields=COMPANY, records=COMPANIES)
    known = {"UserName": "api@example.com", "Secret": "sandbox", "ApiIntegrationCode": "SANDBOX"}
    answer = requests.get(f"{imitation.url}/ATServicesRest/V1.0/Companies/175", headers=known, timeout=10)
    assert answer.status_code == 401 and len(set(imitation.credentials.values())) == 3
