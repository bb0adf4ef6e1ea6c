"""Schemas and change sets as plain JSON documents, to be kept and read back the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from adminui.records.changes import Change, ChangeSet
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.values import MISSING


def resource_to_data(resource: Resource) -> dict[str, Any]:
    return asdict(resource)


def resource_from_data(data: Mapping[str, Any]) -> Resource:
    parent = data["parent"]
    return Resource(
        **{
            **data,
            "fields": tuple(field_from_data(f) for f in data["fields"]),
            "columns": tuple(data["columns"]),
            "parent": (parent[0], parent[1]) if parent else None,
            "together": tuple(tuple(names) for names in data["together"]),
            "bound": {name: tuple(names) for name, names in data["bound"].items()},
        }
    )


def field_from_data(data: Mapping[str, Any]) -> Field:
    return Field(
        **{
            **data,
            "kind": Kind(data["kind"]),
            "choices": tuple(Choice(**choice) for choice in data["choices"]),
            "children": tuple(field_from_data(child) for child in data["children"]),
        }
    )


def changeset_to_data(changeset: ChangeSet) -> dict[str, Any]:
    """`before` is left out where it was MISSING, so that absent and null stay apart."""
    return {
        "id": changeset.record_id,
        "label": changeset.label,
        "parent": changeset.parent,
        "changes": [change_to_data(change) for change in changeset.changes],
    }


def changeset_from_data(data: Mapping[str, Any]) -> ChangeSet:
    changes = tuple(change_from_data(change) for change in data["changes"])
    return ChangeSet(data["id"], data["label"], changes, data["parent"])


def change_to_data(change: Change) -> dict[str, Any]:
    before = {} if change.before is MISSING else {"before": change.before}
    return {"field": change.field, "after": change.after, **before}


def change_from_data(data: Mapping[str, Any]) -> Change:
    return Change(data["field"], data.get("before", MISSING), data["after"])
