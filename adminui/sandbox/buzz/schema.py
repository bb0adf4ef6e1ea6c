"""A resource's fields as the switches would have them, and their description as OPTIONS gives it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adminui.sandbox.buzz.fields import Field
from adminui.sandbox.buzz.resources import SPEND_BUDGET, Resource, refers_to, text
from adminui.sandbox.buzz.switches import Switches

_TYPES = {"reference": "field", "json": "field", "object": "nested object"}
_PARSES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
_LIMITS = ("max_length", "min_value", "max_value")


def tuned(resource: Resource, switches: Switches) -> Mapping[str, Field]:
    if resource.given:
        return resource.fields
    fields = dict(resource.fields)
    if "alternative_id" in fields:
        fields["alternative_id"] = text(switches.number("alternative_id_max"))
    if "spend_budget" in fields and switches.on("include_fees_required"):
        children = dict(SPEND_BUDGET.children or {}, include_fees=Field("boolean", required=True))
        fields["spend_budget"] = replace(SPEND_BUDGET, children=children)
    if resource.name == "roles":
        if not switches.on("roles_have_active"):
            del fields["active"]
        if not switches.on("parent_role_required"):
            fields["parent_role_id"] = refers_to("roles")
    return fields


def present(resource: str, record: Mapping[str, Any], switches: Switches) -> Mapping[str, Any]:
    """A stored record as it is answered; the record itself wherever no switch speaks."""
    if resource == "roles" and not switches.on("roles_have_active"):
        record = {name: value for name, value in record.items() if name != "active"}
    if switches.value("account_id_form") == "text" and "account_id" in record:
        record = {**record, "account_id": str(record["account_id"])}
    return record


def describe(resource: Resource, switches: Switches, *, record: bool, writable: bool) -> dict[str, Any]:
    """The OPTIONS answer of a record's URL, or of the list's."""
    fields = {name: _field(name, field) for name, field in tuned(resource, switches).items()}
    offered = [method for method in _methods(switches, record=record) if writable and method in resource.methods]
    answer: dict[str, Any] = {
        "name": f"{resource.label} {'Instance' if record else 'List'}",
        "description": "",
        "renders": ["application/json", "text/html"],
        "parses": _PARSES,
    }
    return {**answer, "actions": dict.fromkeys(offered, fields)} if offered else answer


def _methods(switches: Switches, *, record: bool) -> tuple[str, ...]:
    form = switches.value("options_actions")
    if form == "none":
        return ()
    return ("PUT",) if record else {"put": ("PUT",), "post": ("POST",), "both": ("PUT", "POST")}[form]


def _field(name: str, field: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": _TYPES.get(field.kind, field.kind),
        "required": field.required,
        "read_only": field.read_only,
        "label": "ID" if name == "id" else name.replace("_", " ").capitalize(),
    }
    described |= {limit: getattr(field, limit) for limit in _LIMITS if getattr(field, limit) is not None}
    if field.kind == "decimal":
        described |= {"max_digits": 12, "decimal_places": field.places}
    if field.choices:
        described["choices"] = [{"value": choice, "display_name": str(choice)} for choice in field.choices]
    if field.child is not None:
        described["child"] = _field(name, field.child)
    if field.children is not None:
        described["children"] = {member: _field(member, child) for member, child in field.children.items()}
    return described
