"""The entityInformation trio: what may be done with an entity, its fields, its user-defined fields."""

from dataclasses import replace
from typing import Any

from adminui.sandbox.autotask.schema import Entity, Field, Schema
from adminui.sandbox.autotask.switches import Switches

_ACTIONS = {"Create": "post", "Delete": "delete", "Query": "query", "Update": "patch"}
_NUMBERS = {"None": 0, "All": 1, "Restricted": 2}
_OVERRIDES = (
    ("company_category_read_only", "Companies", "companyCategoryID", "read_only"),
    ("companies_is_active_required", "Companies", "isActive", "required"),
)


def tuned(schema: Schema, switches: Switches, entity: Entity) -> Entity:
    """The entity as the switches have it."""
    changes = [item for item in _OVERRIDES if item[1] == entity.name and switches.on(item[0])]
    if not changes:
        return entity
    flags = {name: flag for _, _, name, flag in changes}
    fields = tuple(replace(item, **{flags[item.name]: True}) if item.name in flags else item for item in entity.fields)  # type: ignore[arg-type]
    return replace(entity, fields=fields)


def information(entity: Entity, switches: Switches) -> dict[str, Any]:
    can = {action: verb == "query" or entity.can(verb) for action, verb in _ACTIONS.items()}
    as_number = switches.word("access_as") == "numbers"
    words = {action: "All" if allowed else "None" for action, allowed in can.items()}
    return {
        "info": {
            "name": entity.singular,
            **{f"can{action}": allowed for action, allowed in can.items()},
            **{f"userAccessFor{action}": _NUMBERS[word] if as_number else word for action, word in words.items()},
            "hasUserDefinedFields": bool(entity.udfs),
            "supportsWebhookCallouts": entity.name in ("Companies", "Contacts", "ConfigurationItems", "Tickets"),
        }
    }


def fields(entity: Entity, switches: Switches) -> dict[str, Any]:
    return {"fields": [_standard(item, switches) for item in entity.fields]}


def user_defined(entity: Entity, switches: Switches) -> dict[str, Any]:
    return {"fields": [_udf(item, switches) for item in entity.udfs]}


def _standard(item: Field, switches: Switches) -> dict[str, Any]:
    parent = item.parent[:1].upper() + item.parent[1:] if switches.on("parent_field_in_pascal_case") else item.parent
    return {
        "name": item.name,
        "dataType": item.type,
        **_common(item, switches),
        "referenceEntityType": item.reference,
        "picklistParentValueField": parent,
    }


def _udf(item: Field, switches: Switches) -> dict[str, Any]:
    return {
        "name": item.name,
        "label": item.label,
        "type": item.type,
        "description": None,
        **_common(item, switches),
        "referenceEntityType": None,
        "picklistParentValueField": None,
        "defaultValue": "",
    }


def _common(item: Field, switches: Switches) -> dict[str, Any]:
    return {
        "length": item.length,
        "isRequired": item.required,
        "isReadOnly": item.read_only,
        "isQueryable": item.queryable,
        "isReference": bool(item.reference),
        "isPickList": item.picklist,
        "picklistValues": _picklist(item, switches) if item.picklist else None,
        "isSupportedWebhookField": False,
    }


def _picklist(item: Field, switches: Switches) -> list[dict[str, Any]]:
    nothing = switches["empty_parent_value"]
    return [
        {
            "value": choice.value,
            "label": choice.label,
            "isDefaultValue": choice.default,
            "sortOrder": order,
            "parentValue": choice.parent or nothing,
            "isActive": choice.active,
            "isSystem": choice.system,
        }
        for order, choice in enumerate(item.choices, 1)
    ]
