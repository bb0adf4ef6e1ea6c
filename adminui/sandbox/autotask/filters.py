"""Query filters, compiled to one predicate over rows. An unknown operator is ignored, as the real API ignores it."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from adminui.sandbox.autotask import refusals
from adminui.sandbox.autotask.schema import Entity, Field
from adminui.sandbox.autotask.store import Predicate, Row
from adminui.sandbox.autotask.switches import Switches
from adminui.sandbox.autotask.values import Unreadable, coerce

MOST_CONDITIONS = 500
_NUMBERS = frozenset({"integer", "long", "short", "decimal"})

Test = Callable[[Any], bool]
_TESTS: dict[str, Callable[[Any], Test]] = {  # the operators are mirrored, because the wanted value comes first
    "eq": lambda wanted: partial(operator.eq, wanted),
    "noteq": lambda wanted: partial(operator.ne, wanted),
    "gt": lambda wanted: partial(operator.lt, wanted),
    "gte": lambda wanted: partial(operator.le, wanted),
    "lt": lambda wanted: partial(operator.gt, wanted),
    "lte": lambda wanted: partial(operator.ge, wanted),
    "beginswith": lambda wanted: lambda held: str(held).startswith(wanted),
    "endswith": lambda wanted: lambda held: str(held).endswith(wanted),
    "contains": lambda wanted: lambda held: wanted in str(held),
}
_EXISTENCE = {"exist": True, "notexist": False}
_MEMBERSHIP = {"in": True, "notin": False}
_PARTS = frozenset({"beginswith", "endswith", "contains"})


@dataclass
class Compiler:
    """Compiles one query's filter, counting what the API limits: OR conditions, and the user-defined fields asked."""

    entity: Entity
    switches: Switches
    alternatives: int = 0
    udfs: set[str] = field(default_factory=set)

    def compile(self, items: list[Any]) -> Predicate | None:
        """All of the items must hold; None when no condition is left."""
        predicate = self._group(items, every=True)
        if self.alternatives > MOST_CONDITIONS:
            raise refusals.errors(f"A query may hold {MOST_CONDITIONS} OR conditions at most.")  # invented
        if len(self.udfs) > 1:
            raise refusals.errors("A query may hold one user-defined field at most.")  # invented
        return predicate

    def _group(self, items: list[Any], *, every: bool) -> Predicate | None:
        parts = [part for item in items if (part := self._item(item)) is not None]
        if len(parts) < 2:
            return parts[0] if parts else None
        if not every:
            self.alternatives += len(parts)
        return _joined(parts, every=every)

    def _item(self, item: Any) -> Predicate | None:
        if not isinstance(item, dict):
            raise refusals.errors("Error converting value to type 'Filter'.")  # invented
        read = {str(key).lower(): value for key, value in item.items()}
        name = str(read.get("op", "")).lower()
        if name in ("and", "or"):
            items = read.get("items")
            return self._group(items if isinstance(items, list) else [], every=name == "and")
        return self._condition(self._field(read), name, read.get("value"))

    def _field(self, read: dict[str, Any]) -> Field:
        name = str(read.get("field", ""))
        udf = read.get("udf") is True or str(read.get("udf")).lower() == "true"
        found = (self.entity.udf_by_name if udf else self.entity.by_name).get(name.lower())
        if found is None:
            raise refusals.unknown_field(name, self.entity.singular)
        if not found.queryable:
            raise refusals.errors(f"The field {found.name} is not queryable.")  # invented
        if udf:
            self.udfs.add(found.key)
        return found

    def _condition(self, item: Field, name: str, value: Any) -> Predicate | None:
        key = item.key
        if name in _EXISTENCE:
            there = _EXISTENCE[name]
            return lambda row: (row.get(key) is not None) is there
        if name in _MEMBERSHIP:
            return self._membership(item, value, wanted=_MEMBERSHIP[name])
        if name not in _TESTS:
            return None
        if value is None and item.type != "boolean":
            return lambda row: False
        wanted = _wanted(item, value, typed=name not in _PARTS)
        return self._compare(item, _TESTS[name](wanted), null=name == "noteq")

    def _membership(self, item: Field, values: Any, *, wanted: bool) -> Predicate:
        if not isinstance(values, list):
            raise refusals.errors(f"The value of {item.name} must be an array.")  # invented
        self.alternatives += len(values) if len(values) > 1 else 0
        found = frozenset(_wanted(item, value) for value in values if value is not None)
        if wanted:
            return self._compare(item, found.__contains__, null=False)
        return self._compare(item, lambda held: held not in found, null=True)

    def _compare(self, item: Field, test: Test, *, null: bool) -> Predicate:
        """Null compares as in SQL, with nothing; a switch lets the negative operators find it."""
        key, fold = item.key, _FOLDS.get(item.type)
        when_null = null and self.switches.on("noteq_matches_null")

        def plain(row: Row) -> bool:
            held = row.get(key)
            return when_null if held is None else test(held)

        def folded(row: Row) -> bool:
            held = row.get(key)
            return when_null if held is None else test(fold(held))  # type: ignore[misc]

        needs_fold = fold is not None and (item.type == "string" or item.udf)
        return folded if needs_fold else plain


def _joined(parts: list[Predicate], *, every: bool) -> Predicate:
    def joined(row: Row) -> bool:
        for part in parts:
            if part(row) is not every:
                return not every
        return every

    return joined


def _wanted(item: Field, value: Any, *, typed: bool = True) -> Any:
    """The filter's value as rows hold it, folded like theirs."""
    if not typed:
        return str(value).lower()
    try:
        read = coerce(item, value)
    except Unreadable:
        raise _conversion_failed(item, value) from None
    if read is None:
        raise _conversion_failed(item, value)
    fold = _FOLDS.get(item.type)
    return fold(read) if fold and (item.type == "string" or item.udf) else read


def _conversion_failed(item: Field, value: Any) -> refusals.Refusal:
    if item.type in _NUMBERS:
        return refusals.errors(f"Conversion failed when converting the varchar value '{value}' to data type int.")
    return refusals.errors(f"The value of {item.name} is not a valid {item.type}.")  # invented


def _udf_number(text: str) -> Decimal:
    return Decimal(text) if text else Decimal("-Infinity")


_FOLDS: dict[str, Callable[[Any], Any]] = {
    "string": str.lower,
    "integer": _udf_number,
    "decimal": _udf_number,
}


def wanted_ids(items: list[Any]) -> list[int] | None:
    """The ids a filter asks for by `eq` or `in` at its top, so that they are looked up instead of searched."""
    for name, value in _id_conditions(items):
        values = value if name == "in" and isinstance(value, list) else [value] if name == "eq" else None
        if values is not None:
            return sorted({int(str(each)) for each in values if _is_whole(each)})
    return None


def last_id_before(items: list[Any]) -> int | None:
    """The id behind which a filter begins by `gt` or `gte` at its top, so that what is before need not be searched."""
    floors = [int(str(value)) - (name == "gte") for name, value in _id_conditions(items) if _is_floor(name, value)]
    return max(floors, default=None)


def _id_conditions(items: list[Any]) -> Iterator[tuple[str, Any]]:
    for item in items:
        read = {str(key).lower(): value for key, value in item.items()} if isinstance(item, dict) else {}
        if str(read.get("field", "")).lower() == "id" and not read.get("udf"):
            yield str(read.get("op")).lower(), read.get("value")


def _is_floor(name: str, value: Any) -> bool:
    return name in ("gt", "gte") and _is_whole(value)


def _is_whole(value: Any) -> bool:
    return str(value).removeprefix("-").isdecimal()
