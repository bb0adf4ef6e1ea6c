"""Writes say exactly what was asked: a PATCH no more than it, a PUT nothing less than the record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.dialects.errors import Rejected
from adminui.planning.plan import Form, Step
from adminui.records.values import Value
from tests.dialects.autotask_facts import ID, answer, describe, dialect, field, record, resource, row, udf, write

COMPANY = record(
    "Companies",
    companyName="AB Company",
    companyType=1,
    ownerResourceID=4,
    phone="5555555555",
    city="",
    assetValue=Decimal("1.10"),
    billToCity="Bern",
    isActive=False,
    lastActivityDate="2026-01-01T00:00:00Z",
    **{"udf.CustomerRanking": "Golden", "udf.Seats": "7"},
)


def refused(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(Rejected) as raised:
        write(*args, **kwargs)
    (said,) = raised.value.messages
    assert raised.value.rows[30684047].messages == (said,)
    return said


def test_a_patch_is_the_id_and_what_changed() -> None:
    request = write("ContactGroups", {"isActive": False})
    assert (request.method, request.path, request.body) == (
        "PATCH",
        "/ContactGroups",
        {"id": 30684047, "isActive": False},
    )
    assert request.writes
    assert (request.lane, request.cap, request.query) == ("ContactGroups", 2, ())


def test_a_patch_lists_only_the_user_defined_fields_that_changed() -> None:
    assert write("Companies", {"companyName": "ABC Company", "udf.CustomerRanking": "Golden"}, COMPANY).body == {
        "id": 30684047,
        "companyName": "ABC Company",
        "userDefinedFields": [{"name": "CustomerRanking", "value": "Golden"}],
    }


def test_fact_5_contacts_are_written_through_their_company() -> None:
    live = record("Contacts", companyID=175)
    for request in (
        write("Contacts", {"lastName": "Byrne"}, live),
        write("Contacts", {"lastName": "Byrne"}, parent=175),
    ):
        assert (request.path, request.lane) == ("/Companies/175/Contacts", "Contacts")
        assert request.body == {"id": 30684047, "lastName": "Byrne"}


def test_company_0_is_a_parent_like_any_other() -> None:
    assert write("Contacts", {"lastName": "x"}, record("Contacts", companyID=0)).path == "/Companies/0/Contacts"
    assert write("Contacts", {"lastName": "x"}, parent=0).path == "/Companies/0/Contacts"


def test_without_a_parent_a_child_is_not_written() -> None:
    assert "companyID is not known" in refused("Contacts", {"lastName": "x"})


def test_a_child_that_moved_is_not_written_through_its_old_parent() -> None:
    assert "was 1 and is 2 now" in refused("Contacts", {"lastName": "x"}, record("Contacts", companyID=2), parent=1)


def test_only_a_number_becomes_part_of_an_address() -> None:
    assert "not an Autotask id" in refused("Contacts", {"lastName": "x"}, parent="1/../2")


def test_integer_booleans_travel_as_numbers_and_others_as_booleans() -> None:
    for value, sent in ((True, 1), (False, 0), (1, 1), ("false", 0)):
        body = write("Contacts", {"isActive": value}, parent=1).body
        assert body["isActive"] == sent
        assert not isinstance(body["isActive"], bool)
    assert write("Companies", {"isActive": 1}).body["isActive"] is True


def test_values_travel_in_the_forms_the_api_takes() -> None:
    values: dict[str, Value] = {
        "status": "5",
        "dueDateTime": "2026-11-01T08:00:00Z",
        "estimatedHours": "1.50",
        "contactID": None,
        "description": "",
        "assignedResourceID": 29,
    }
    assert write("Tickets", values).body == {
        "id": 30684047,
        "status": 5,
        "dueDateTime": "2026-11-01T08:00:00.000Z",
        "estimatedHours": Decimal("1.50"),
        "contactID": None,
        "description": "",
        "assignedResourceID": 29,
    }


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("2012-10-24T05:00:00.000Z", "2012-10-24T05:00:00.000Z"),
        ("2012-10-24T05:00:00.1234567", "2012-10-24T05:00:00.123456Z"),
        ("2012-10-24T07:00:00+02:00", "2012-10-24T05:00:00.000Z"),
        ("2012-10-24T00:00:00", "2012-10-24T00:00:00.000Z"),
    ],
)
def test_instants_are_utc_and_midnight_stays_midnight(text: str, sent: str) -> None:
    assert write("Tickets", {"dueDateTime": text}).body["dueDateTime"] == sent


def test_user_defined_values_travel_as_text_or_null() -> None:
    body = write("Companies", {"udf.Seats": 5, "udf.Quote State": None}).body
    assert body["userDefinedFields"] == [{"name": "Seats", "value": "5"}, {"name": "Quote State", "value": None}]


def test_a_choice_the_picklist_lost_is_still_sent_for_an_undo() -> None:
    assert write("Tickets", {"status": 99}).body["status"] == 99


@pytest.mark.parametrize("name", ["taxExempt", "udf.Nope", "id", "userDefinedFields"])
def test_fact_3_unknown_names_are_refused_here_because_there_they_vanish(name: str) -> None:
    assert "no field" in refused("Companies", {name: 5}, COMPANY)


def test_a_read_only_field_is_refused_here_because_there_it_is_ignored() -> None:
    assert "read-only" in refused("Companies", {"billToCity": "Bern"})
    assert "read-only" in refused("Contacts", {"companyID": 2}, parent=1)


def test_a_value_of_the_wrong_kind_is_refused_here() -> None:
    assert "whole number" in refused("Tickets", {"contactID": "abc"})
    assert "true or false" in refused("Contacts", {"isActive": "yes please"}, parent=1)


@pytest.mark.parametrize("form", [Form.PATCH, Form.PUT])
def test_asterisks_are_never_written(form: Form) -> None:
    live = record("ConfigurationItems", companyID=1, isActive=True)
    assert "asterisks" in refused("ConfigurationItems", {"udf.AdminPassword": "*****"}, live, form=form)


def test_fact_2_a_put_holds_everything_that_is_not_null() -> None:
    assert write("Companies", {"companyName": "ABC Company"}, COMPANY, form=Form.PUT).body == {
        "id": 30684047,
        "assetValue": Decimal("1.10"),
        "city": "",
        "companyName": "ABC Company",
        "companyType": 1,
        "isActive": False,
        "ownerResourceID": 4,
        "phone": "5555555555",
        "userDefinedFields": [{"name": "CustomerRanking", "value": "Golden"}, {"name": "Seats", "value": "7"}],
    }


def test_a_put_says_null_where_the_person_did() -> None:
    body = write("Companies", {"city": None, "udf.Seats": None}, COMPANY, form=Form.PUT).body
    assert body["city"] is None
    assert {"name": "Seats", "value": None} in body["userDefinedFields"]


def test_a_put_of_a_child_repeats_its_parent_because_some_tenants_require_it() -> None:
    live = record("Contacts", companyID=175, firstName="A", lastName="B", isActive=1)
    request = write("Contacts", {"lastName": "C"}, live, form=Form.PUT)
    assert (request.method, request.path) == ("PUT", "/Companies/175/Contacts")
    assert request.body == {"id": 30684047, "companyID": 175, "firstName": "A", "isActive": 1, "lastName": "C"}


def test_a_put_holds_read_only_values_only_where_leaving_them_out_could_cost_something() -> None:
    fields = [ID, field("name"), field("code", isReadOnly=True, isRequired=True), field("seen", isReadOnly=True)]
    udfs = [udf("Imported", "Imported", isReadOnly=True)]
    made = describe(
        "ContactGroups", fields=answer({"fields": fields}), userDefinedFields=answer({"fields": udfs})
    ).resource
    live: dict[str, Value] = {"id": 7, "name": "a", "code": "b", "seen": "c", "udf.Imported": "d"}
    body = dialect.write(made, Step(Form.PUT, (row({"name": "x"}, 7),)), {7: live}).body
    assert body == {"id": 7, "name": "x", "code": "b", "userDefinedFields": [{"name": "Imported", "value": "d"}]}


def test_fact_2_a_put_needs_the_record_as_it_is() -> None:
    assert "not read again" in refused("Companies", {"city": "x"}, form=Form.PUT)


def test_fact_2_a_put_refuses_a_record_with_a_masked_value() -> None:
    live = {**record("ConfigurationItems", companyID=1, isActive=True), "udf.AdminPassword": "*****"}
    said = refused("ConfigurationItems", {"referenceTitle": "x"}, live, form=Form.PUT)
    assert "“Administrator password”" in said
    assert write("ConfigurationItems", {"referenceTitle": "x"}, live).body == {"id": 30684047, "referenceTitle": "x"}


def test_fact_2_a_put_refuses_a_record_read_in_part() -> None:
    part = {name: value for name, value in COMPANY.items() if name != "city"}
    assert "did not show “City”" in refused("Companies", {"phone": "1"}, part, form=Form.PUT)
    assert write("Companies", {"city": "x"}, part, form=Form.PUT).body["city"] == "x"


@pytest.mark.parametrize("name", ["udf.Brand new", "brandNew"])
def test_fact_2_a_put_refuses_a_record_that_holds_more_than_is_described(name: str) -> None:
    assert "refresh" in refused("Companies", {"phone": "1"}, {**COMPANY, name: "data"}, form=Form.PUT)
    assert write("Companies", {"phone": "1"}, {**COMPANY, name: None}, form=Form.PUT)


@pytest.mark.parametrize("form", [Form.BULK_ROWS, Form.BULK_SHARED])
def test_fact_1_bulk_forms_cannot_be_built(form: Form) -> None:
    with pytest.raises(ValueError, match="one record per call"):
        dialect.write(resource("Tickets"), Step(form, (row({"status": 1}, 1), row({"status": 1}, 2))), {})


_TICKETS = resource("Tickets")
_SENDABLE: dict[str, st.SearchStrategy[Any]] = {
    "title": st.text(min_size=1, max_size=20).filter(lambda t: t.strip("*") != ""),
    "description": st.one_of(st.none(), st.just(""), st.text(max_size=20).filter(lambda t: t.strip("*") != "")),
    "status": st.sampled_from([1, 5, "1"]),
    "queueID": st.sampled_from([None, 7]),
    "estimatedHours": st.one_of(st.none(), st.decimals(0, 100, places=2)),
    "contactID": st.one_of(st.none(), st.integers(0, 10**6)),
    "dueDateTime": st.one_of(st.none(), st.datetimes().map(lambda d: d.isoformat() + "Z")),
}
_EDITS = st.fixed_dictionaries({}, optional=_SENDABLE).filter(bool)
_LIVE = st.fixed_dictionaries(_SENDABLE).map(lambda values: record("Tickets", **values))


@given(_EDITS, _LIVE, st.sampled_from([Form.PATCH, Form.PUT]))
def test_no_name_outside_the_schema_and_no_null_nobody_asked_for(
    edits: dict[str, Value], live: dict[str, Value], form: Form
) -> None:
    step = Step(form, (row(edits),))
    body = dialect.write(_TICKETS, step, {30684047: live}).body
    assert set(body) <= set(_TICKETS.by_name)
    assert {name for name, value in body.items() if value is None} <= {n for n, v in edits.items() if v is None}
    assert all(_TICKETS.by_name[name].editable for name in body if name != "id")
    if form is Form.PATCH:
        assert set(body) == {"id", *edits}
    else:
        untouched = {n: v for n, v in live.items() if v is not None and n not in edits and _TICKETS.by_name[n].editable}
        assert {name: body.get(name) for name in untouched} == untouched
