"""A tenant as plain data: what an imitation can be made from instead of the records it would invent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Told = Mapping[str, Any]  # a field as told: name, kind, required, choices, children and so on


@dataclass(frozen=True)
class Given:
    """One resource with the tenant's own fields, some of its records, and some of those they refer to, by resource.

    A field's `kind` is a word such as "text" or "reference", its `choices` are value, active and parent each. The name
    of a user-defined field begins with "udf.", in records too. What is neither given nor `absent` may well exist there.
    """

    resource: str
    fields: Sequence[Told]
    records: Sequence[Mapping[str, Any]]
    related: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    absent: Mapping[str, Collection[int]] = field(default_factory=dict)  # ids that the tenant does not have
    singular: str = ""
    parent: tuple[str, str] | None = None  # the field that holds the parent's id, and the parent's resource
    bulk: bool = False
    put_nulls: bool = False
    trims_text: bool = True

    def tables(self) -> dict[str, list[Mapping[str, Any]]]:
        """The records of each resource by ascending id, each once."""
        found: dict[str, dict[int, Mapping[str, Any]]] = {}
        for resource, records in (*self.related.items(), (self.resource, self.records)):
            numbered = {int(str(each["id"])): each for each in records if str(each.get("id")).isdecimal()}
            found.setdefault(resource, {}).update(numbered)
        return {resource: [table[i] for i in sorted(table)] for resource, table in found.items()}
