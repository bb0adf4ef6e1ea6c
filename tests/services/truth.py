"""What was told of every row beside what the API holds and logged: the lies, in sentences; none in a good run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adminui.planning.outcomes import Outcome
from adminui.sandbox.server import Running
from tests.services.bench import flat, moved

Records = Mapping[int, Mapping[str, Any]]
WRITTEN = {Outcome.DONE, Outcome.NOT_STORED}
LEFT_ALONE = {Outcome.REJECTED, Outcome.NOT_SENT, Outcome.CANCELLED, Outcome.CONFLICT, Outcome.UNCHANGED}
STAMPS = {"update_date", "lastActivityDate", "lastModifiedDate", "lastTrackedModifiedDateTime"}
STAMPS |= {"lastTrackedModificationDateTime"}


def records(running: Running, resource: str) -> dict[int, dict[str, Any]]:
    """Every stored record by id, beyond what any mask or answer shows."""
    return {record["id"]: flat(record) for record in running.api.dump(resource)}


def times_written(running: Running, resource: str) -> dict[int, int]:
    """How often each record was really written, as the sandbox counted."""
    return {int(i): times for i, times in running.log.writes().get(resource, {}).items()}


@dataclass(frozen=True)
class Truth:
    """The records of one resource before and after, what was wanted of which, and how often each was written."""

    before: Records
    after: Records
    wanted: Mapping[int, Mapping[str, Any]]
    times: Mapping[int, int] = field(default_factory=dict)

    def lies(self, told: Mapping[int, str]) -> list[str]:
        """Where what was told is not so, what was not asked for happened, or something happened twice."""
        return [*self._of_the_rows(told), *self._of_the_others()]

    def _of_the_rows(self, told: Mapping[int, str]) -> Iterator[str]:
        if lost := self.wanted.keys() - told.keys():
            yield f"{len(lost)} rows are told nothing of, as {min(lost)}"
        for record_id, wanted in self.wanted.items():
            outcome, times = told.get(record_id, ""), self.times.get(record_id, 0)
            changed = moved(self.before[record_id], self.after[record_id]) - STAMPS
            holds = all(self.after[record_id].get(name) == value for name, value in wanted.items())
            if times > 1:
                yield f"{record_id} was written {times} times"
            if outcome in (Outcome.PENDING, Outcome.SENDING):
                yield f"{record_id} is still {outcome}"
            if outcome == Outcome.DONE and not (holds and times):
                yield f"{record_id} is told to be done: written {times} times, holds it: {holds}"
            if outcome == Outcome.NOT_STORED and holds:
                yield f"{record_id} is told not to be stored, and is"
            if outcome in LEFT_ALONE and times:
                yield f"{record_id} is told to be {outcome} and was written"
            if changed - wanted.keys():
                yield f"{record_id} changed in {sorted(changed - wanted.keys())}, which nobody asked for"

    def _of_the_others(self) -> Iterator[str]:
        for record_id in self.before.keys() - self.wanted.keys():
            if record_id not in self.after or moved(self.before[record_id], self.after[record_id]) - STAMPS:
                yield f"{record_id} changed, which nobody asked for"
            if self.times.get(record_id):
                yield f"{record_id} was written, which nobody asked for"
