"""An Autotask tenant from given data: its own fields laid over what is known of them, its records as they were read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adminui.sandbox.autotask.schema import UDF_PREFIX, Choice, Entity, Field, Parent, Schema, load, schema_of
from adminui.sandbox.autotask.store import Row, Store
from adminui.sandbox.given import Given, Told

# Nobody else's calls count here, and what a category requires is told to nobody.
SWITCHES: dict[str, object] = {"hour_limit": 1_000_000_000, "latency_scale": 0, "required_by_category": {}}

_GIVEN_UDF = "udf."
_WRITTEN = frozenset({"put", "patch"})
_TYPES = {
    "decimal": "decimal",
    "boolean": "boolean",
    "datetime": "datetime",
    "date": "datetime",
    "reference": "integer",
}
_SIZES = (("short", 1 << 15), ("integer", 1 << 31))
_ID = Field("id", "long", read_only=True)


def store_of(given: Given) -> Store:
    known = load()
    entity, ours = _entity(given, known), known.entities.get(given.resource)
    orphan = given.parent is not None and (ours is None or ours.parent is None)
    store = Store(schema_of({**known.entities, entity.name: entity}, entity if orphan else None), given.absent)
    for resource, records in given.tables().items():
        for record in records if resource in store.tables else ():
            store[resource].add(_row(record))
    return store


def _row(record: Mapping[str, Any]) -> Row:
    return {_key(name): value for name, value in record.items() if value is not None}


def _key(name: str) -> str:
    return UDF_PREFIX + name.removeprefix(_GIVEN_UDF) if name.startswith(_GIVEN_UDF) else name


def _entity(given: Given, schema: Schema) -> Entity:
    known = schema.entities.get(given.resource) or Entity(given.resource, given.singular, (), verbs=_WRITTEN)
    told = [*given.fields, *_untold(given)]
    plain = [_field(each, known.by_name.get(each["name"].lower()), schema) for each in told if not _is_udf(each)]
    return replace(
        known,
        fields=tuple([_ID, *(item for item in plain if item.name != "id")]),
        udfs=tuple(_udf(each, given, schema) for each in told if _is_udf(each)),
        verbs=frozenset() if given.parent else known.verbs,
        parent=known.parent or _home(given),
    )


def _home(given: Given) -> Parent | None:
    return Parent(given.parent[1], "", given.parent[0], _WRITTEN) if given.parent else None


def _untold(given: Given) -> list[Told]:
    """Names in the records that no field was told for: shown, and never written."""
    named = {name for record in given.records for name in record} - {each["name"] for each in given.fields}
    return [{"name": name, "kind": "text", "read_only": True} for name in sorted(named)]


def _is_udf(told: Told) -> bool:
    return str(told["name"]).startswith(_GIVEN_UDF)


def _udf(told: Told, given: Given, schema: Schema) -> Field:
    """A protected one is known by the asterisks that records show in its place."""
    name = told["name"]
    masked = any(_is_mask(record.get(name)) for record in given.records)
    field = _field({**told, "name": name.removeprefix(_GIVEN_UDF)}, None, schema)
    return replace(field, label=told.get("label") or field.name, udf=True, protected=masked)


def _is_mask(value: object) -> bool:
    return isinstance(value, str) and len(value) >= 3 and not value.strip("*")


def _field(told: Told, known: Field | None, schema: Schema) -> Field:
    choices = tuple(_choice(each) for each in told.get("choices") or ())
    target = schema.entities.get(told.get("reference") or "")
    return Field(
        name=told["name"],
        type=known.type if known else _type(told),
        length=told.get("max_length") or 0,
        required=bool(told.get("required")),
        read_only=bool(told.get("read_only")),
        on_create=bool(known and known.on_create),
        queryable=told.get("queryable") is not False,
        picklist=bool(choices),
        reference=target.singular if target else "",
        choices=choices,
        parent=told.get("parent") or "",
    )


def _choice(told: Told) -> Choice:
    parent = told.get("parent")
    return Choice(
        value=str(told["value"]),
        label=str(told.get("label") or told["value"]),
        active=told.get("active") is not False,
        parent="" if parent is None else str(parent),
    )


def _type(told: Told) -> str:
    kind = told["kind"]
    if kind == "choice":
        return "integer" if all(isinstance(each["value"], int) for each in told.get("choices") or ()) else "string"
    if kind == "integer":
        return next((name for name, most in _SIZES if (told.get("max_value") or most) < most), "long")
    return _TYPES.get(kind, "string")
