"""The records of a Buzz sandbox in memory. A stored record is never changed in place, only replaced."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from adminui.sandbox.buzz.resources import RESOURCES, Resource
from adminui.sandbox.buzz.switches import Switches

Record = dict[str, Any]
STAMP = "%Y-%m-%d %H:%M:%S"
ACCOUNT = 2


class Store:
    """Tables by resource, each a mapping from id to record in the order of ids.

    With `absent` it holds some of a tenant's records: one that is not here may well be there, unless it is absent.
    """

    def __init__(
        self,
        switches: Switches,
        clock: Callable[[], float],
        resources: Mapping[str, Resource] = RESOURCES,
        absent: Mapping[str, Collection[int]] | None = None,
    ) -> None:
        self.resources, self.partial, self.absent = resources, absent is not None, absent or {}
        self.tables: dict[str, dict[int, Record]] = {name: {} for name in resources}
        self.links: dict[int, list[Record]] = {}  # creatives of a line item
        self._next: dict[str, int] = {}
        self._switches, self._clock = switches, clock

    def now(self) -> datetime:
        """The account's wall clock."""
        zone = timedelta(hours=self._switches.number("utc_offset_hours"))
        return datetime.fromtimestamp(self._clock(), UTC).replace(tzinfo=None) + zone

    def table(self, resource: str) -> dict[int, Record]:
        if resource not in self.tables:
            raise KeyError(f"resource called {resource}")
        return self.tables[resource]

    def get(self, resource: str, record_id: int | None) -> Record | None:
        return None if record_id is None else self.table(resource).get(record_id)

    def exists(self, resource: str, record_id: int) -> bool:
        return record_id in self.tables.get(resource, ())

    def may_exist(self, resource: str, record_id: int) -> bool:
        if self.exists(resource, record_id):
            return True
        return self.partial and record_id not in self.absent.get(resource, ())

    def new_id(self, resource: str) -> int:
        """Ids are never used twice, even when the newest record was deleted."""
        following = max(self._next.get(resource, 1), 1 + next(reversed(self.tables[resource]), 0))
        self._next[resource] = following + 1
        return following

    def put(self, resource: str, record: Record) -> None:
        self.table(resource)[int(record["id"])] = record

    def remove(self, resource: str, record_id: int) -> None:
        del self.table(resource)[record_id]
        if resource == "line-items":
            self.links.pop(record_id, None)

    def dependants(self, resource: Resource, record_ids: Iterable[int]) -> dict[int, list[str]]:
        """What stands in the way of deleting these records: the resources that refer to each."""
        blocked: dict[int, list[str]] = {record_id: [] for record_id in record_ids}
        for other, field in resource.needed_by:
            for record_id in blocked.keys() & {record[field] for record in self.tables[other].values()}:
                blocked[record_id].append(other)
        return blocked

    def stamped(self, record: Record) -> Record:
        """The record as modified now: by default always later than before, although stamps count whole seconds."""
        if "update_date" not in record:
            return record
        now, before = self.now().replace(microsecond=0), moment(record["update_date"])
        if self._switches.value("update_date") == "later" and before is not None and now <= before:
            now = before + timedelta(seconds=1)
        return {**record, "update_date": now.strftime(STAMP)}


def moment(text: Any) -> datetime | None:
    """A stored date and time on the account's wall clock; None for one in another form, or in another zone."""
    try:
        read = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo is None else None
