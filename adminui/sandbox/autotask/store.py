"""Rows by entity and id. A row is sparse: a field that is null is not in it."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from adminui.sandbox.autotask.schema import Entity, Schema

Row = dict[str, Any]
Predicate = Callable[[Row], bool]

RICH_PREFIX = "rich:"
MASK = "*****"
_STAMP = "%Y-%m-%dT%H:%M:%S.%f"


def stamp(moment: datetime) -> str:
    """UTC with milliseconds and Z, the one form in which moments are stored; it sorts as text."""
    return f"{moment.astimezone(UTC).strftime(_STAMP)[:-3]}Z"


@dataclass
class Table:
    """One entity's rows, with their ids in ascending order."""

    entity: Entity
    rows: dict[int, Row] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)

    def add(self, row: Row) -> Row:
        record_id = int(row["id"])
        self.rows[record_id] = row
        if self.ids and record_id < self.ids[-1]:
            insort(self.ids, record_id)
        else:
            self.ids.append(record_id)
        return row

    def remove(self, record_id: int) -> None:
        del self.rows[record_id]
        del self.ids[bisect_left(self.ids, record_id)]

    def next_id(self) -> int:
        return self.ids[-1] + 1 if self.ids else 1

    def after(self, record_id: int | None) -> Iterator[Row]:
        """Rows by ascending id, beginning behind the given one."""
        start = 0 if record_id is None else bisect_right(self.ids, record_id)
        return map(self.rows.__getitem__, self.ids[start:])

    def before(self, record_id: int) -> Iterator[Row]:
        """Rows by descending id, beginning in front of the given one."""
        return map(self.rows.__getitem__, reversed(self.ids[: bisect_left(self.ids, record_id)]))

    def touch(self, row: Row) -> None:
        """Move the modified stamps on, by a millisecond at least, so that each change is seen as one."""
        now = datetime.now(UTC)
        for name in self.entity.stamps:
            held = row.get(name)
            later = _instant(held) + timedelta(milliseconds=1) if held else now
            row[name] = stamp(max(now, later))


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


class Store:
    """All tables of the tenant.

    With `absent` it holds some of a tenant's rows: one that is not here may well be there, unless it is absent.
    """

    def __init__(self, schema: Schema, absent: Mapping[str, Collection[int]] | None = None) -> None:
        self.schema, self.partial, self.absent = schema, absent is not None, absent or {}
        self.tables = {name: Table(entity) for name, entity in schema.entities.items()}

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def referenced(self, singular: str, record_id: int) -> Row | None:
        entity = self.schema.by_singular.get(singular)
        return self.tables[entity.name].rows.get(record_id) if entity else None

    def may_exist(self, singular: str, record_id: int) -> bool:
        entity = self.schema.by_singular.get(singular)
        rows = self.tables[entity.name].rows if entity else {}
        absent = self.absent.get(entity.name, ()) if entity else ()
        return record_id in rows or (self.partial and record_id not in absent)


def put(row: Row, changes: Row) -> None:
    """Write values into a sparse row: null means gone."""
    for key, value in changes.items():
        if value is None:
            row.pop(key, None)
        else:
            row[key] = value


def udf_list(entity: Entity, row: Row, *, masked: bool, only: Iterable[str] | None = None) -> list[dict[str, Any]]:
    wanted = None if only is None else set(only)
    listed = (udf for udf in entity.udfs if wanted is None or udf.key in wanted)
    return [{"name": udf.name, "value": _shown(row.get(udf.key), masked and udf.protected)} for udf in listed]


def _shown(value: Any, masked: bool) -> Any:
    return MASK if masked and value is not None else value


def full(entity: Entity, row: Row) -> dict[str, Any]:
    """A copy of everything held, secrets and hidden rich text included."""
    record = {item.name: row.get(item.name) for item in entity.fields}
    if entity.udfs:
        record["userDefinedFields"] = udf_list(entity, row, masked=False)
    return record | {key: value for key, value in row.items() if key.startswith(RICH_PREFIX)}
