"""What came of a practice: summed up while it goes, kept as plain data, and told to whoever looks at the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from adminui.planning.explain import counted
from adminui.planning.outcomes import SETTLED_WELL, Outcome, RowResult
from adminui.planning.plan import Step
from adminui.records.changes import ChangeSet
from adminui.records.values import RecordId
from adminui.runs.ledger import kind_of
from adminui.runs.models import Practice
from adminui.services.catalog import Opened
from adminui.services.history import field_shown

ROWS_KEPT: Final = 1_000  # rows that are told one by one
KINDS_KEPT: Final = 200
SAMPLE: Final = 5
HIDDEN: Final = "The API's words concern a field that you may not see."
# What an imitation cannot know, however well it is made.
UNKNOWABLE: Final = (
    "Records that are not part of this plan are not in the imitation: it takes a reference to one for right, and does "
    "not see whether a value that must be unique is taken there."
)
WAITING: Final = "It waits for a worker."
GOING_ON: Final = "The plan is being carried out on an imitation of the API that holds these very records."


@dataclass(frozen=True)
class Said:
    """The API's words on a field, by its label, or on the whole record: then `field` is empty."""

    field: str
    words: str


@dataclass(frozen=True)
class Kind:
    """Rows that came to the same, in the same words; `sample`: id and label of some."""

    outcome: Outcome
    said: tuple[Said, ...]
    count: int
    sample: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PractisedRow:
    id: str
    label: str
    outcome: Outcome
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Practised:
    """How a practice stands. `rows` are those to look at, as many as are kept; `calls`: by what they were for, where
    "read" went to the API itself and the others to the imitation.
    """

    state: Literal["waiting", "going on", "over", "failed"]
    words: str
    total: int = 0
    tally: Mapping[Outcome, int] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()
    rows: tuple[PractisedRow, ...] = ()
    rows_left_out: int = 0
    seconds: float | None = None
    calls: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        return self.state in ("over", "failed")

    @property
    def well(self) -> bool:
        """Whether every row came out as planned."""
        return self.state == "over" and set(self.tally) <= SETTLED_WELL


class Summary:
    """Sums up rows as they come; of those that went as planned only the number is kept."""

    def __init__(self, opened: Opened, total: int) -> None:
        self.opened, self.total = opened, total
        self.calls: Counter[str] = Counter()
        self.tally: Counter[Outcome] = Counter()
        self.kinds: dict[str, dict[str, Any]] = {}
        self.rows: list[dict[str, Any]] = []
        self.left_out = 0

    def add(self, steps: Sequence[Step], results: Mapping[RecordId, RowResult]) -> None:
        for row in (row for step in steps for row in step.rows):
            self._add(row, results[row.record_id])

    def _add(self, row: ChangeSet, result: RowResult) -> None:
        self.tally[result.outcome] += 1
        if result.outcome is Outcome.DONE and not result.messages and not result.by_field:
            return
        told = self._told(row, result)
        if len(self.rows) < ROWS_KEPT:
            self.rows.append(told)
        else:
            self.left_out += 1
        key = kind_of(result) or result.outcome
        kind = self.kinds.setdefault(key, {**told, "count": 0, "sample": []})
        kind["count"] += 1
        if len(kind["sample"]) < SAMPLE:
            kind["sample"].append([told["id"], told["label"]])

    def _told(self, row: ChangeSet, result: RowResult) -> dict[str, Any]:
        """Without values, and without words on what the person may not see."""
        said = [[name, self._label(name), word] for name, words in result.by_field.items() for word in words]
        said += [["", "", word] for word in result.messages]
        return {
            "id": str(row.record_id),
            "label": row.label if self.opened.titled else "",
            "outcome": result.outcome,
            "said": [each if each[1] or not each[0] else ["", "", HIDDEN] for each in said],
        }

    def _label(self, name: str) -> str:
        shown = field_shown(self.opened, name)
        return shown.label if shown else ""

    def data(self, seconds: float) -> dict[str, Any]:
        largest = sorted(self.kinds.values(), key=lambda kind: -kind["count"])[:KINDS_KEPT]
        return {
            "total": self.total,
            "tally": dict(self.tally),
            "kinds": largest,
            "rows": self.rows,
            "left_out": self.left_out,
            "seconds": round(seconds, 1),
            "calls": dict(self.calls),
        }


def of(practice: Practice, opened: Opened | None = None) -> Practised:
    """The practice as whoever practised sees it; `opened`: as somebody else does."""
    if practice.finished_at is None:
        going = practice.lease_until is not None
        return Practised("going on" if going else "waiting", GOING_ON if going else WAITING)
    if practice.problem:
        return Practised("failed", f"It could not be practised. {practice.problem}")
    data = practice.result
    tally = {outcome: data["tally"][outcome] for outcome in Outcome if outcome in data["tally"]}
    return Practised(
        "over",
        _in_words(data["total"], tally),
        total=data["total"],
        tally=tally,
        kinds=tuple(_kind(kind, opened) for kind in data["kinds"]),
        rows=tuple(_row(row, opened) for row in data["rows"]),
        rows_left_out=data["left_out"],
        seconds=float(data["seconds"]),
        calls=data["calls"],
        remarks=(UNKNOWABLE,),
    )


def _in_words(total: int, tally: Mapping[Outcome, int]) -> str:
    well = sum(number for outcome, number in tally.items() if outcome in SETTLED_WELL)
    if well == total:
        return f"{counted(total, 'row')} practised: every one came out as planned."
    return f"{counted(total, 'row')} practised: {well:,} came out as planned, {total - well:,} did not."


def _kind(kind: Mapping[str, Any], opened: Opened | None) -> Kind:
    sample = tuple((each[0], _label(each[0], each[1], opened)) for each in kind["sample"])
    return Kind(Outcome(kind["outcome"]), _said(kind["said"], opened), kind["count"], sample)


def _row(row: Mapping[str, Any], opened: Opened | None) -> PractisedRow:
    label = _label(row["id"], row["label"], opened)
    return PractisedRow(row["id"], label, Outcome(row["outcome"]), _said(row["said"], opened))


def _label(record_id: str, label: str, opened: Opened | None) -> str:
    if opened is not None and not opened.titled:
        return f"{opened.resource.singular} {record_id}"
    return label or record_id


def _said(said: Sequence[Sequence[str]], opened: Opened | None) -> tuple[Said, ...]:
    return tuple(
        Said("", HIDDEN) if name and opened is not None and field_shown(opened, name) is None else Said(label, words)
        for name, label, words in said
    )
