"""What a write's body says, as values by row key. Unknown names are dropped and read-only ones ignored."""

from dataclasses import dataclass, field
from typing import Any

from adminui.sandbox.autotask import refusals
from adminui.sandbox.autotask.schema import Entity, Field
from adminui.sandbox.autotask.store import MASK, Row
from adminui.sandbox.autotask.switches import Switches
from adminui.sandbox.autotask.values import Unreadable, coerce, date_only
from adminui.sandbox.http import Request


@dataclass
class Changes:
    """The writable values sent, and what is wrong with them one by one."""

    values: Row = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_object(request: Request) -> dict[str, Any]:
    """The body as an object with lower-cased names."""
    try:
        body = request.json()
    except ValueError:
        raise refusals.errors("The request body is not valid JSON.") from None  # invented
    if not isinstance(body, dict):
        raise refusals.errors("Value cannot be null.\r\nParameter name: restModelInput")
    return {str(key).lower(): value for key, value in body.items()}


def read_id(entity: Entity, body: dict[str, Any]) -> int:
    if body.get("id") is None:
        raise refusals.errors("Missing Required Field: id")
    try:
        return int(coerce(entity.by_name["id"], body["id"]))
    except Unreadable as unreadable:
        raise refusals.errors(str(unreadable)) from None


def read_changes(entity: Entity, body: dict[str, Any], switches: Switches, *, creating: bool = False) -> Changes:
    changes = Changes()
    for name, value in body.items():
        item = entity.by_name.get(name)
        if item and writable(entity, item, switches, creating=creating):
            _read(entity, item, value, switches, changes)
    for name, value in _udf_pairs(body.get("userdefinedfields")):
        item = entity.udf_by_name.get(name.lower())
        if item and not _is_masked(item, value, switches, changes):
            _read(entity, item, value, switches, changes)
    return changes


def writable(entity: Entity, item: Field, switches: Switches, *, creating: bool = False) -> bool:
    if f"{entity.name}.{item.name}" in switches.names("silently_immutable"):
        return False
    return not item.read_only or (creating and item.on_create)


def _udf_pairs(pairs: Any) -> list[tuple[str, Any]]:
    if pairs is None:
        return []
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise refusals.errors("Error converting value to type 'UserDefinedField'.")  # invented
    lowered = [{str(key).lower(): value for key, value in pair.items()} for pair in pairs]
    return [(str(pair.get("name", "")), pair.get("value")) for pair in lowered]


def _is_masked(item: Field, value: Any, switches: Switches, changes: Changes) -> bool:
    """Whoever sees the mask may not write the field; a mask sent back would otherwise replace the secret."""
    if not item.protected or not (switches.on("masked_udfs") or value == MASK):
        return False
    changes.problems.append(f"You do not have permission to edit the protected field {item.name}.")  # invented
    return True


def _read(entity: Entity, item: Field, value: Any, switches: Switches, changes: Changes) -> None:
    try:
        read = coerce(item, value)
    except Unreadable as unreadable:
        changes.problems.append(str(unreadable))
        return
    if read == "" and switches.word("empty_text") == "null":
        read = None
    if item.type == "datetime" and f"{entity.name}.{item.name}" in switches.names("date_only_fields"):
        read = date_only(read)
    if item.required and read in (None, ""):
        changes.problems.append(f"Value does not exist for the required field {item.name}")
    elif item.length and isinstance(read, str) and len(read) > item.length:
        changes.problems.append(f"The value of {item.name} exceeds its maximum length of {item.length}.")  # invented
    changes.values[item.key] = read
