"""Descriptions of resources as JSON documents. One that another version wrote, or that tells of another API than the
connection leads to by now, is not read: the API is asked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from adminui.connections.config import Connection
from adminui.dialects.base import Described
from adminui.planning.capabilities import Capabilities
from adminui.records.documents import resource_from_data, resource_to_data
from adminui.records.queries import Op
from adminui.records.schema import Choice, Field, Kind, Resource

_PARTS: Final = (Resource, Field, Choice, Capabilities)
_SHAPE: Final = ([[(f.name, str(f.type)) for f in fields(part)] for part in _PARTS], [*Kind], [*Op])
FORM: Final = hashlib.sha256(repr(_SHAPE).encode()).hexdigest()[:16]  # changes with what a description is made of


def to_data(described: Described, connection: Connection) -> dict[str, Any]:
    can = asdict(described.capabilities) | {"ops": sorted(described.capabilities.ops)}
    return {"form": FORM, "of": _api(connection), "resource": resource_to_data(described.resource), "capabilities": can}


def from_data(data: Any) -> Described | None:
    """None for anything that this version did not write."""
    if not isinstance(data, dict) or data.get("form") != FORM:
        return None
    try:
        return Described(resource_from_data(data["resource"]), _capabilities(data["capabilities"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def is_of(data: Any, connection: Connection) -> bool:
    """Whether this was told by the API that the connection leads to now."""
    return isinstance(data, dict) and data.get("of") == _api(connection)


def _api(connection: Connection) -> str:
    return f"{connection.dialect} {connection.base_url}"


def _capabilities(can: Mapping[str, Any]) -> Capabilities:
    ops = frozenset(Op(op) for op in can["ops"])
    return Capabilities(**{**can, "ops": ops, "flattens": tuple(can["flattens"])})
