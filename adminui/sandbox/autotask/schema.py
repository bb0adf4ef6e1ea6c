"""The entities of the sandbox tenant, read from their compact table in data/autotask_fields.json."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).parent.parent / "data" / "autotask_fields.json"
_TYPE = re.compile(r"(\w+)(?:\((\d+)\))?")
UDF_PREFIX = "udf:"


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    active: bool = True
    system: bool = False
    default: bool = False
    parent: str = ""


@dataclass(frozen=True)
class Field:
    """A standard or user-defined field; `key` is where a row holds its value."""

    name: str
    type: str
    length: int = 0
    required: bool = False
    read_only: bool = False
    on_create: bool = False
    queryable: bool = True
    protected: bool = False
    picklist: bool = False
    reference: str = ""
    choices: tuple[Choice, ...] = ()
    parent: str = ""
    label: str = ""
    udf: bool = False

    @cached_property
    def key(self) -> str:
        return UDF_PREFIX + self.name if self.udf else self.name

    @cached_property
    def by_value(self) -> Mapping[str, Choice]:
        return {choice.value: choice for choice in self.choices}


@dataclass(frozen=True)
class Parent:
    """Where a child entity lives: /Companies/{companyID}/Contacts."""

    entity: str
    segment: str
    field: str
    verbs: frozenset[str]


@dataclass(frozen=True)
class Entity:
    name: str
    singular: str
    fields: tuple[Field, ...]
    udfs: tuple[Field, ...] = ()
    verbs: frozenset[str] = frozenset()
    parent: Parent | None = None
    stamps: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {item.name.lower(): item for item in self.fields}

    @cached_property
    def udf_by_name(self) -> Mapping[str, Field]:
        return {item.name.lower(): item for item in self.udfs}

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        return self.fields + self.udfs

    def can(self, verb: str) -> bool:
        return verb in self.verbs or (self.parent is not None and verb in self.parent.verbs)


@dataclass(frozen=True)
class Schema:
    """All entities. An `orphan` is one that is written through a parent whose address we do not know: it is at any."""

    entities: Mapping[str, Entity]
    by_path: Mapping[str, Entity] = field(default_factory=dict)
    by_singular: Mapping[str, Entity] = field(default_factory=dict)
    orphan: Entity | None = None

    def child(self, parent: str, segment: str) -> Entity | None:
        """The entity at /<parent>/{id}/<segment>."""
        homes = ((e, e.parent) for e in self.entities.values() if e.parent and e is not self.orphan)
        return next((e for e, home in homes if _at(home, parent, segment)), self.orphan)


def _at(parent: Parent, name: str, segment: str) -> bool:
    return (parent.entity.lower(), parent.segment.lower()) == (name.lower(), segment.lower())


def _choices(items: list[dict[str, Any]]) -> tuple[Choice, ...]:
    return tuple(Choice(**item) for item in items)


def _field(name: str, words: str, choices: list[dict[str, Any]], parent: str = "", label: str = "") -> Field:
    first, *flags = words.split()
    match = _TYPE.fullmatch(first)
    if match is None:
        raise ValueError(f"{name}: {words!r} names no type")
    return Field(
        name=name,
        type=match[1],
        length=int(match[2] or 0),
        required="req" in flags,
        read_only="ro" in flags,
        on_create="create" in flags,
        queryable="noquery" not in flags,
        protected="protected" in flags,
        picklist="pick" in flags,
        reference=next((flag[2:] for flag in flags if flag.startswith("->")), ""),
        choices=_choices(choices),
        parent=parent,
        label=label,
        udf=bool(label),
    )


def _entity(name: str, data: dict[str, Any], table: dict[str, Any]) -> Entity:
    picks, parents = table["picklists"], table["parents"]
    fields = [
        _field(item, words, picks.get(f"{name}.{item}", []), parents.get(f"{name}.{item}", ""))
        for item, words in data["fields"].items()
    ]
    udfs = [
        _field(item, words, picks.get(f"{name}/{item}", []), label=label)
        for item, (label, words) in data.get("udfs", {}).items()
    ]
    parent = data.get("parent")
    home = Parent(parent[0], parent[1], parent[2], frozenset(parent[3].split())) if parent else None
    verbs = frozenset(data["verbs"].split())
    return Entity(name, data["singular"], tuple(fields), tuple(udfs), verbs, home, tuple(data.get("stamps", ())))


def load() -> Schema:
    table = json.loads(_TABLE.read_text(encoding="utf-8"))
    entities = {name: _entity(name, data, table) for name, data in table["entities"].items()}
    return schema_of(entities)


def schema_of(entities: Mapping[str, Entity], orphan: Entity | None = None) -> Schema:
    by_path = {name.lower(): entity for name, entity in entities.items()}
    return Schema(entities, by_path, {entity.singular: entity for entity in entities.values()}, orphan)
