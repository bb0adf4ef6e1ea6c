"""A Buzz tenant from given data: its own fields laid over what is known of them, its records as they were read."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from adminui.sandbox.buzz.fields import Field
from adminui.sandbox.buzz.resources import RESOURCES, Resource
from adminui.sandbox.buzz.store import Store
from adminui.sandbox.buzz.switches import Switches
from adminui.sandbox.given import Given, Told

_KINDS = {"text": "string", "long text": "string", "list": "list", "json": "object"}
_TEXTS = ("string", "email", "url")
_ID = Field("integer", read_only=True)


def switches_of(given: Given) -> dict[str, object]:
    return {
        "bulk_resources": [given.resource] if given.bulk else [],
        "put_omitted": "null" if given.put_nulls else "keep",
        "trims_text": given.trims_text,
        "roles_have_active": True,  # records are shown as they were given
        "logins_per_minute": 1_000,
    }


def store_of(given: Given, switches: Switches, clock: Callable[[], float]) -> Store:
    store = Store(switches, clock, {**RESOURCES, given.resource: _resource(given)}, given.absent)
    for resource, records in given.tables().items():
        for record in records if resource in store.tables else ():
            store.put(resource, dict(record))
    return store


def _resource(given: Given) -> Resource:
    known = RESOURCES.get(given.resource)
    fields = _fields(given.fields, known.fields if known else {})
    return Resource(given.resource, given.singular or given.resource, {**fields, "id": _ID}, given=True)


def _fields(told: Any, known: Mapping[str, Field]) -> dict[str, Field]:
    return {each["name"]: _field(each, known.get(each["name"])) for each in told}


def _field(told: Told, known: Field | None) -> Field:
    """The tenant's words on a field; ours where it is silent, such as on nulls and on what cannot be changed.

    Of an object that we do not know ourselves, the members we are told of may not be all.
    """
    kind = _kind(told, known)
    if known is None or known.kind != kind:
        empty: list[Any] | None = [] if kind == "list" else None
        known = Field(kind, null=bool(told.get("nullable", True)), default=empty, open=kind == "object")
    limits = {name: told[name] for name in ("max_length", "min_value", "max_value") if told.get(name) is not None}
    return replace(
        known,
        required=bool(told.get("required")),
        read_only=bool(told.get("read_only")) and not known.fixed,
        places=told.get("decimal_places") or known.places,
        choices=tuple(choice["value"] for choice in told.get("choices") or ()) or known.choices,
        target=told.get("reference") or known.target,
        **limits,
        **_members(told, known),
    )


def _kind(told: Told, known: Field | None) -> str:
    said = _KINDS.get(told["kind"], str(told["kind"]))
    if said in ("list", "object") and (not told.get("children") or (known and known.kind == "json")):
        return known.kind if known and known.kind in (said, "json") else "json"
    if said == "choice" and not told.get("choices"):
        return known.kind if known else "json"
    return known.kind if known and {said, known.kind} <= {*_TEXTS} else said


def _members(told: Told, known: Field) -> dict[str, Any]:
    told_members = told.get("children") or ()
    if known.kind == "object" and told_members:
        return {"children": {**(known.children or {}), **_fields(told_members, known.children or {})}}
    if known.kind == "list" and told_members:
        return {"child": _field(told_members[0], known.child)}
    return {}
