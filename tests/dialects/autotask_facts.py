"""Autotask's documents in the shapes its fact sheet gives, and short ways to hand them to the dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adminui.dialects.autotask import Autotask
from adminui.dialects.base import ApiRequest, ApiResponse, Described
from adminui.planning.plan import Form, Step
from adminui.records.casting import to_json
from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Resource
from adminui.records.values import MISSING, Record, RecordId, Value

BASE: Final = "https://webservices2.autotask.net"
CREDENTIALS: Final = {"username": "api@example.com", "secret": "s$cret#", "integration_code": "CODE"}
dialect: Final = Autotask()


def answer(body: object = None, status: int = 200) -> ApiResponse:
    return ApiResponse(status, body if isinstance(body, str) else to_json(body))


def field(name: str, data_type: str = "string", length: int = 0, **flags: Any) -> dict[str, Any]:
    return {
        "name": name,
        "dataType": data_type,
        "length": length,
        "isRequired": False,
        "isReadOnly": False,
        "isQueryable": True,
        "isReference": False,
        "referenceEntityType": "",
        "isPickList": False,
        "picklistValues": None,
        "picklistParentValueField": None,
        "isSupportedWebhookField": False,
        **flags,
    }


def udf(name: str, label: str, kind: str = "string", length: int = 0, **flags: Any) -> dict[str, Any]:
    made = field(name, length=length, **flags)
    del made["dataType"]
    return {**made, "label": label, "type": kind, "description": None, "defaultValue": "", "referenceEntityType": None}


def pick(value: str, label: str, parent: str | None = "", **flags: Any) -> dict[str, Any]:
    return {
        "value": value,
        "label": label,
        "isDefaultValue": False,
        "sortOrder": 1,
        "parentValue": parent,
        "isActive": True,
        "isSystem": False,
        **flags,
    }


def refers(entity: str) -> dict[str, Any]:
    return {"isReference": True, "referenceEntityType": entity}


def picks(*values: dict[str, Any], parent: str | None = None) -> dict[str, Any]:
    return {"isPickList": True, "picklistValues": list(values), "picklistParentValueField": parent}


ID: Final = field("id", "long", isRequired=True, isReadOnly=True)
STATUS: Final = picks(
    pick("1", "New", isSystem=True), pick("5", "Complete", isSystem=True), pick("8", "Old", isActive=False)
)
FIELDS: Final[Mapping[str, list[dict[str, Any]]]] = {
    "ContactGroups": [ID, field("isActive", "boolean", isRequired=True), field("name", length=100, isRequired=True)],
    "Companies": [
        ID,
        field("assetValue", "decimal", isQueryable=False),
        field("billToCity", length=50, isReadOnly=True),
        field("city", length=30),
        field("companyName", length=100, isRequired=True),
        field("companyType", "short", isRequired=True, **picks(pick("1", "Customer"), pick("3", "Prospect"))),
        field("countryID", "integer", **refers("Country")),
        field("isActive", "boolean"),
        field("lastActivityDate", "datetime", isReadOnly=True),
        field("lastTrackedModifiedDateTime", "datetime", isReadOnly=True),
        field("ownerResourceID", "integer", isRequired=True, **refers("Resource")),
        field("phone", length=25, isRequired=True),
        field("webAddress", length=255),
    ],
    "Contacts": [
        ID,
        field("companyID", "integer", isRequired=True, **refers("Company")),
        field("emailAddress", length=254),
        field("facebookUrl", length=200),
        field("firstName", length=50, isRequired=True),
        field("isActive", "integer", isRequired=True),
        field("isOptedOutFromBulkEmail", "boolean", isQueryable=False),
        field("lastModifiedDate", "datetime", isReadOnly=True),
        field("lastName", length=50, isRequired=True),
    ],
    "Tickets": [
        ID,
        field("assignedResourceID", "integer", **refers("Resource")),
        field("assignedResourceRoleID", "integer", **refers("Role")),
        field("companyID", "integer", isRequired=True, **refers("Company")),
        field("companyLocationID", "integer", **refers("CompanyLocation")),
        field("contactID", "integer", **refers("Contact")),
        field("description", length=8000),
        field("dueDateTime", "datetime"),
        field("estimatedHours", "decimal"),
        field("issueType", "integer", **picks(pick("4", "Computer"), pick("5", "Network"))),
        field("lastTrackedModificationDateTime", "datetime", isReadOnly=True),
        field("queueID", "integer", **picks(pick("7", "Triage"))),
        field("status", "integer", isRequired=True, **STATUS),
        field(
            "subIssueType", "integer", **picks(pick("11", "Server", "4"), pick("12", "Wi-Fi", "5"), parent="IssueType")
        ),
        field("title", length=255, isRequired=True),
    ],
    "ConfigurationItems": [
        ID,
        field("companyID", "integer", isRequired=True, **refers("Company")),
        field("isActive", "boolean", isRequired=True),
        field("notes", length=5000),
        field("referenceTitle", length=200),
    ],
}
UDFS: Final[Mapping[str, list[dict[str, Any]]]] = {
    "Companies": [
        udf("CustomerRanking", "Customer Ranking", length=8000),
        udf(
            "Quote State", "State of the quote", **picks(pick("Quote Needed", "1-Quote Needed"), pick("Sent", "2-Sent"))
        ),
        udf("Seats", "Seats", "integer"),
    ],
    "ConfigurationItems": [udf("AdminPassword", "Administrator password", length=8000)],
}
HTML_404: Final = answer("<html><body>404 - File or directory not found.</body></html>", 404)


def documents(entity: str) -> dict[str, ApiResponse]:
    """Answers by the end of the path."""
    access = {f"userAccessFor{verb}": "All" for verb in ("Create", "Delete", "Query", "Update")}
    info = {"name": entity, "canUpdate": True, "canQuery": True, **access, "hasUserDefinedFields": entity in UDFS}
    udfs = answer({"fields": UDFS[entity]}) if entity in UDFS else HTML_404
    return {
        "entityInformation": answer({"info": info}),
        "fields": answer({"fields": FIELDS[entity]}),
        "userDefinedFields": udfs,
    }


def describe(entity: str, asked: list[ApiRequest] | None = None, **instead: ApiResponse) -> Described:
    """Drive the conversation with the fact sheet's answers, or with others given by the end of their path."""
    answers = {**documents(entity), **instead}
    conversation = dialect.describe(entity)
    request = next(conversation)
    while True:
        if asked is not None:
            asked.append(request)
        try:
            request = conversation.send(answers[request.path.rpartition("/")[2]])
        except StopIteration as stop:
            assert isinstance(stop.value, Described)
            return stop.value


def resource(entity: str) -> Resource:
    return describe(entity).resource


def record(entity: str, **values: Any) -> dict[str, Value]:
    """A live record with every field of the schema, null but for these; user-defined ones as `udf.Name`."""
    made = resource(entity)
    return {**dict.fromkeys(made.by_name), "id": 30684047, **values}


def row(values: Mapping[str, Value], record_id: RecordId = 30684047, parent: RecordId | None = None) -> ChangeSet:
    return ChangeSet(record_id, "it", tuple(Change(name, MISSING, value) for name, value in values.items()), parent)


def write(
    entity: str,
    values: Mapping[str, Value],
    live: Record | None = None,
    *,
    form: Form = Form.PATCH,
    parent: RecordId | None = None,
) -> ApiRequest:
    """The request for one record's change."""
    records: dict[RecordId, Record] = {} if live is None else {30684047: live}
    return dialect.write(resource(entity), Step(form, (row(values, parent=parent),)), records)
