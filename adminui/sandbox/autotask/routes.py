"""From a path to what it names; casing does not matter. None is a path that IIS itself answers with its HTML 404."""

from dataclasses import dataclass

from adminui.sandbox.autotask.schema import Entity, Schema

_SINGLES = {"zoneinformation": "zone", "versioninformation": "versions", "thresholdinformation": "threshold"}
_INFORMATION = {(): "information", ("fields",): "fields", ("userdefinedfields",): "udfs"}
_QUERIES = {(): "query", ("count",): "count", ("next",): "next", ("previous",): "previous"}
_GET = frozenset({"GET"})
_WRITES = frozenset({"PATCH", "PUT", "POST"})


@dataclass(frozen=True)
class Route:
    """`parent_id` is set when the entity was reached through its parent."""

    name: str
    methods: frozenset[str]
    entity: Entity | None = None
    record_id: int | None = None
    parent_id: int | None = None

    @property
    def endpoint(self) -> str:
        """What the thread limit counts by: the object, a child's own when it is reached through its parent."""
        return self.entity.name if self.entity else self.name


def resolve(schema: Schema, path: str) -> Route | None:
    parts = path.strip("/").split("/")
    lowered = [part.lower() for part in parts]
    if lowered == ["atservicesrest", "versioninformation"]:
        return Route("versions", _GET)
    if lowered[:2] != ["atservicesrest", "v1.0"] or len(parts) < 3:
        return None
    if len(parts) == 3 and lowered[2] in _SINGLES:
        return Route(_SINGLES[lowered[2]], _GET)
    entity = schema.by_path.get(lowered[2])
    return _below(schema, entity, lowered[3:]) if entity else _orphan(schema, lowered[3:])


def _orphan(schema: Schema, rest: list[str]) -> Route | None:
    parent_id = _number(rest[0]) if len(rest) > 1 else None
    return _child(schema.orphan, parent_id, rest[2:]) if schema.orphan and parent_id is not None else None


def _below(schema: Schema, entity: Entity, rest: list[str]) -> Route | None:
    if not rest:
        return Route("collection", _methods(entity.verbs) & _WRITES, entity) if entity.verbs else None
    if rest[0] == "query":
        name = _QUERIES.get(tuple(rest[1:]))
        return Route(name, frozenset({"GET", "POST"}), entity) if name else None
    if rest[0] == "entityinformation":
        return _information(entity, rest[1:])
    record_id = _number(rest[0])
    if record_id is None:
        return None
    if len(rest) == 1:
        return Route("item", _GET | (_methods(entity.verbs) & {"DELETE"}), entity, record_id)
    child = schema.child(entity.name, rest[1])
    return _child(child, record_id, rest[2:]) if child else None


def _child(entity: Entity, parent_id: int, rest: list[str]) -> Route | None:
    methods = _GET | _methods(entity.parent.verbs if entity.parent else frozenset())
    if not rest:
        return Route("collection", methods - {"DELETE"}, entity, None, parent_id)
    if rest[0] == "entityinformation":
        return _information(entity, rest[1:])
    record_id = _number(rest[0])
    if record_id is None or len(rest) > 1:
        return None
    return Route("item", methods & {"GET", "DELETE"}, entity, record_id, parent_id)


def _information(entity: Entity, rest: list[str]) -> Route | None:
    name = _INFORMATION.get(tuple(rest))
    return Route(name, _GET, entity) if name else None


def _methods(verbs: frozenset[str]) -> frozenset[str]:
    return frozenset(verb.upper() for verb in verbs)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() else None
