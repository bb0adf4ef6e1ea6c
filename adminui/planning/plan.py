"""The plan: change sets cut into the fewest requests an API's capabilities allow. What is planned is what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nlargest
from itertools import islice
from typing import TypeAlias
from urllib.parse import quote

from adminui.planning.capabilities import Capabilities
from adminui.records.changes import ChangeSet
from adminui.records.values import RecordId, freeze


class Form(StrEnum):
    """The shape of a request."""

    PATCH = "patch"
    PUT = "put"
    BULK_ROWS = "bulk rows"
    BULK_SHARED = "bulk shared"


@dataclass(frozen=True)
class Step:
    """One request: a form and the rows it carries, never none. A shared step's rows all have the same values."""

    form: Form
    rows: tuple[ChangeSet, ...]

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("a step without rows: some APIs take an empty id list to mean every record")

    @property
    def ids(self) -> tuple[RecordId, ...]:
        return tuple(row.record_id for row in self.rows)


@dataclass(frozen=True)
class Plan:
    """The requests in sending order, and the rows that need none because nothing in them differs."""

    steps: tuple[Step, ...]
    unchanged: tuple[RecordId, ...]

    @property
    def rows(self) -> tuple[ChangeSet, ...]:
        return tuple(row for step in self.steps for row in step.rows)

    @property
    def cells(self) -> int:
        return sum(len(row.changes) for row in self.rows)


Outline: TypeAlias = list[tuple[str, list[RecordId]]]  # a plan's steps as they are kept: form, and ids of the rows


def outline(plan: Plan) -> Outline:
    return [(step.form.value, list(step.ids)) for step in plan.steps]


def from_outline(kept: Outline, rows: Iterable[ChangeSet]) -> Plan:
    """The plan that was kept. Raises KeyError or ValueError when the outline is not one of these rows."""
    by_id = {row.record_id: row for row in rows}
    return Plan(tuple(Step(Form(form), tuple(by_id[i] for i in ids)) for form, ids in kept), ())


class CannotPlan(ValueError):
    """The API offers no way to write this; the message says why."""


def make_plan(changesets: Sequence[ChangeSet], can: Capabilities, *, replace: bool = False) -> Plan:
    """The fewest requests for these change sets; among equals, the fewest bytes. `replace` asks for full PUTs."""
    _refuse_repeated(changesets)
    rows = [row for row in changesets if row.changes]
    unchanged = tuple(row.record_id for row in changesets if not row.changes)
    if replace or not can.patch:
        if can.replace is None:
            raise CannotPlan(
                "This API has no PUT for these records." if replace else "These records cannot be updated."
            )
        return Plan(tuple(Step(Form.PUT, (row,)) for row in rows), unchanged)
    return Plan(tuple(_patches(rows, can)), unchanged)


def _refuse_repeated(changesets: Sequence[ChangeSet]) -> None:
    if len({row.record_id for row in changesets}) != len(changesets):
        raise CannotPlan("A record stands twice in this change: its edits have to be one change set.")


def _patches(rows: list[ChangeSet], can: Capabilities) -> Iterator[Step]:
    if not can.bulk or len(rows) < 2:
        yield from (Step(Form.PATCH, (row,)) for row in rows)
        return
    shared = [step for group in _groups(rows) for step in _shared(group, can)] if can.bulk_shared else []
    candidates = [_mixed(rows, shared, can)]
    if can.bulk_rows and can.bulk_shared:
        candidates += [_lists(rows, can), shared] if any(len(step.rows) > 1 for step in shared) else []
    fewest = min(map(len, candidates))
    best = [steps for steps in candidates if len(steps) == fewest]
    yield from min(best, key=lambda steps: sum(map(_bytes, steps))) if len(best) > 1 else best[0]


def _mixed(rows: list[ChangeSet], shared: list[Step], can: Capabilities) -> list[Step]:
    """Largest groups of equal changes as shared steps, the rest in lists, cut where the number of calls is least.

    A shared step saves a list's worth of calls only by the rows it covers, so for any number of shared steps the
    largest ones are the best to take; that leaves one number to choose, tried in one pass over running totals.
    """
    if not can.bulk_rows:
        covered = {row.record_id for step in shared for row in step.rows}
        return shared + [Step(Form.PATCH, (row,)) for row in rows if row.record_id not in covered]
    largest = sorted((step for step in shared if len(step.rows) > 1), key=lambda step: -len(step.rows))
    taken = largest[: _best_cut(rows, largest, can)]
    covered = {row.record_id for step in taken for row in step.rows}
    return taken + _lists([row for row in rows if row.record_id not in covered], can)


def _best_cut(rows: list[ChangeSet], shared: list[Step], can: Capabilities) -> int:
    left, size = len(rows), sum(_row_bytes(row) for row in rows)
    best, fewest = 0, _estimate(left, size, can)
    for taken, step in enumerate(shared, 1):
        left -= len(step.rows)
        size -= sum(_row_bytes(row) for row in step.rows)
        calls = taken + _estimate(left, size, can)
        if calls <= fewest:
            best, fewest = taken, calls
    return best


def _estimate(rows: int, size: int, can: Capabilities) -> int:
    return max(-(-rows // can.max_batch), -(-size // can.max_body))


def _groups(rows: Iterable[ChangeSet]) -> list[list[ChangeSet]]:
    """Rows with the same values to send, in order of first sight."""
    groups: dict[object, list[ChangeSet]] = {}
    for row in rows:
        groups.setdefault((freeze(row.values), row.parent), []).append(row)
    return list(groups.values())


def _shared(group: list[ChangeSet], can: Capabilities) -> Iterator[Step]:
    """A group in shared steps within the limits on ids, in number and in the address; a single row is a plain PATCH."""
    chunk: list[ChangeSet] = []
    length = 0
    for row in group if len(group) > 1 else ():
        more = (len(str(i)) if type(i := row.record_id) is int else len(quote(str(i), safe=""))) + 1  # its comma
        if chunk and (len(chunk) == can.max_batch or length + more > can.max_ids_length):
            yield _step(Form.BULK_SHARED, chunk)
            chunk, length = [], 0
        chunk.append(row)
        length += more
    yield _step(Form.BULK_SHARED, chunk or group)


def _lists(rows: list[ChangeSet], can: Capabilities) -> list[Step]:
    """Rows in lists within the limits on rows and bytes: first fit, largest rows first when bytes are what fills."""
    lists: list[_List] = []
    first_open = 0
    for row in sorted(rows, key=_row_bytes, reverse=True) if _tight(rows, can) else rows:
        size = _row_bytes(row)
        fitting = (held for held in islice(lists, first_open, None) if held.size + size <= can.max_body)
        held = next((held for held in fitting if len(held.rows) < can.max_batch), None)
        if held is None:
            held = _List()
            lists.append(held)
        held.rows.append(row)
        held.size += size
        while first_open < len(lists) and len(lists[first_open].rows) == can.max_batch:
            first_open += 1
    return [_step(Form.BULK_ROWS, held.rows) for held in lists]


@dataclass
class _List:
    """A list body being filled."""

    rows: list[ChangeSet] = field(default_factory=list)
    size: int = 2  # its brackets


def _tight(rows: list[ChangeSet], can: Capabilities) -> bool:
    """Whether bytes, not rows, may fill a request; only then is the order worth changing."""
    return sum(nlargest(can.max_batch, map(_row_bytes, rows))) > can.max_body


def _step(form: Form, rows: list[ChangeSet]) -> Step:
    return Step(form if len(rows) > 1 else Form.PATCH, tuple(rows))


def _row_bytes(row: ChangeSet) -> int:
    """An upper bound of what one row adds to a list body: its values, its id, and the punctuation between."""
    return row.size + len(str(row.record_id)) + 12


def _bytes(step: Step) -> int:
    if step.form is Form.BULK_ROWS:
        return sum(map(_row_bytes, step.rows))
    return _row_bytes(step.rows[0]) + sum(len(str(row.record_id)) + 1 for row in step.rows)
