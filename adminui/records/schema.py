"""What the remote API says of its resources: fields with kinds, limits and choices. Plain data, made by a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from adminui.records.values import Record, Value, readable


class Kind(StrEnum):
    """How a field's values are typed, compared and edited."""

    TEXT = "text"
    LONG_TEXT = "long text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    REFERENCE = "reference"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"
    JSON = "json"


TEXTUAL = frozenset({Kind.TEXT, Kind.LONG_TEXT})
NESTED = frozenset({Kind.LIST, Kind.JSON})


@dataclass(frozen=True)
class Choice:
    """One picklist value: `value` as the record holds it, `parent` the value of the field it depends on."""

    value: Value
    label: str
    active: bool = True
    parent: Value = None


@dataclass(frozen=True)
class Field:
    """One field of a resource; `name` is unique. A dialect may flatten a list of pairs into fields of their own."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    read_only: bool = False
    nullable: bool = True
    blank: bool = True  # text kinds: may it be ""
    max_length: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    choices: tuple[Choice, ...] = ()
    parent: str | None = None  # a dependent picklist's other field
    reference: str | None = None  # the resource whose id this field holds
    queryable: bool = True
    zone: str = ""  # "UTC", or words such as "account time" for naive local values
    unordered: bool = False  # a list in which order means nothing
    key: str | None = None  # a list of objects told apart by this member
    children: tuple[Field, ...] = ()  # members of a nested object, or the one item type of a list
    group: str = ""
    help: str = ""
    hidden: bool = False  # not shown here; still sent back by a full PUT, or it would be lost

    @property
    def editable(self) -> bool:
        return not self.read_only

    def choice(self, value: Value) -> Choice | None:
        """The choice that `value` stands for; picklist values may be text in the schema and numbers in the record."""
        return next((c for c in self.choices if str(c.value) == str(value)), None)


@dataclass(frozen=True)
class Resource:
    """A kind of record at one API: its fields, and which of them name, date and locate it."""

    name: str
    label: str
    singular: str
    fields: tuple[Field, ...]
    id_field: str = "id"
    title_field: str = "name"
    version_field: str | None = None
    columns: tuple[str, ...] = ()
    parent: tuple[str, str] | None = (
        None  # (field holding the parent's id, parent resource) when writes go through a parent
    )
    together: tuple[tuple[str, ...], ...] = ()  # fields that are all set or all null
    bound: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # changing the key needs these set in the same request
    can_update: bool = True

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        return {f.name: f for f in self.fields}

    @property
    def visible(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if not f.hidden)

    @cached_property
    def writable(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.editable and f.name != self.id_field)

    @cached_property
    def positions(self) -> dict[str, int]:
        return {f.name: place for place, f in enumerate(self.fields)}

    @cached_property
    def writable_names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.writable)

    def id_of(self, record: Record) -> int | str:
        value = record[self.id_field]
        if not isinstance(value, int | str) or isinstance(value, bool):
            raise ValueError(f"{self.name}: {value!r} is not a record id")
        return value

    def title_of(self, record: Record) -> str:
        """What people call the record; its kind and id where it has no title, a blank one, or none to be shown."""
        field = self.by_name.get(self.title_field)
        title = None if field is not None and field.hidden else record.get(self.title_field)
        called = "" if title is None else readable(str(title))
        return called if called.strip() else f"{self.singular} {record.get(self.id_field)}"

    def with_fields(self, fields: tuple[Field, ...]) -> Resource:
        return replace(self, fields=fields)
