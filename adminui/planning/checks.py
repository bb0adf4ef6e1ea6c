"""What a person should know before a plan is sent: findings with a severity and the rows they are about. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from adminui.planning.capabilities import Capabilities
from adminui.planning.plan import Form, Plan
from adminui.records.changes import ChangeSet, apply_to
from adminui.records.schema import TEXTUAL, Resource
from adminui.records.values import MISSING, Record, RecordId


class Severity(StrEnum):
    """`BLOCK` cannot be sent; `WARN` should be read; `NOTE` is good to know."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing found, in a sentence, with the rows it concerns."""

    severity: Severity
    text: str
    ids: tuple[RecordId, ...] = ()

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Subject:
    """What the checks look at: the plan, and the records as last read."""

    resource: Resource
    can: Capabilities
    plan: Plan
    live: Mapping[RecordId, Record]


Check = Callable[[Subject], Iterator[Finding]]


def findings(resource: Resource, can: Capabilities, plan: Plan, live: Mapping[RecordId, Record]) -> tuple[Finding, ...]:
    """All findings, the blocking ones first."""
    subject = Subject(resource, can, plan, live)
    found = [finding for check in _CHECKS for finding in check(subject)]
    return tuple(sorted(found, key=lambda f: list(Severity).index(f.severity)))


def _emptied(subject: Subject) -> Iterator[Finding]:
    """Fields that lose what they held, one finding per field."""
    emptied: dict[str, list[RecordId]] = {}
    for row in subject.plan.rows:
        for change in row.changes:
            if change.after in (None, "") and change.before not in (None, "", MISSING):
                emptied.setdefault(change.field, []).append(row.record_id)
    for field in subject.resource.writable:
        if field.name in emptied:
            yield Finding(Severity.WARN, f"{field.label} will be emptied.", tuple(emptied[field.name]))


def _half_pairs(subject: Subject) -> Iterator[Finding]:
    """Fields that go together, where the change would leave one set and another null."""
    for names in subject.resource.together:
        ids = tuple(row.record_id for row in subject.plan.rows if _half(row, names, subject.live))
        if ids:
            labels = _labels(subject.resource, names)
            yield Finding(Severity.WARN, f"{labels} go together; the API refuses one without the other.", ids)


def _half(row: ChangeSet, names: Sequence[str], live: Mapping[RecordId, Record]) -> bool:
    if not set(names) & set(row.fields):
        return False
    after = apply_to(live.get(row.record_id, {}), row)
    return len({after.get(name) is None for name in names}) > 1


def _unbound(subject: Subject) -> Iterator[Finding]:
    """A move that leaves references to things of the place moved from."""
    for moved, bound in subject.resource.bound.items():
        rows = [row for row in subject.plan.rows if moved in row.fields]
        ids = tuple(row.record_id for row in rows if _left_behind(row, bound, subject.live))
        if ids:
            needs = f"{_labels(subject.resource, bound)} changed with it, or set to null"
            text = f"Changing {_labels(subject.resource, [moved])} needs {needs}."
            yield Finding(Severity.WARN, text, ids)


def _left_behind(row: ChangeSet, bound: Sequence[str], live: Mapping[RecordId, Record]) -> bool:
    record = live.get(row.record_id, {})
    return any(record.get(name) is not None and name not in row.fields for name in bound)


def _dependent(subject: Subject) -> Iterator[Finding]:
    """A picklist value that does not belong under the value of the field it depends on."""
    for field in subject.resource.writable:
        if not field.parent:
            continue
        ids = tuple(
            row.record_id
            for row in subject.plan.rows
            if {field.name, field.parent} & set(row.fields) and _misfit(subject, row, field.name, field.parent)
        )
        if ids:
            other = _labels(subject.resource, [field.parent])
            text = f"{field.label} does not fit {other} any more; the API refuses that."
            yield Finding(Severity.WARN, text, ids)


def _misfit(subject: Subject, row: ChangeSet, child: str, parent: str) -> bool:
    after = apply_to(subject.live.get(row.record_id, {}), row)
    choice = subject.resource.by_name[child].choice(after.get(child)) if after.get(child) is not None else None
    return choice is not None and choice.parent not in (None, "") and str(choice.parent) != str(after.get(parent))


def _put_losses(subject: Subject) -> Iterator[Finding]:
    """What a full PUT would empty, miss, trim or flatten. Masked values are the dialect's to know, and to refuse."""
    rows = [row for step in subject.plan.steps if step.form is Form.PUT for row in step.rows]
    after = {row.record_id: apply_to(subject.live.get(row.record_id, {}), row) for row in rows}
    if not rows:
        return
    yield from _unread(subject, after)
    for field in subject.resource.writable:
        lacking = tuple(i for i, record in after.items() if field.required and record.get(field.name) in (None, ""))
        if lacking:
            yield Finding(Severity.BLOCK, f"{field.label} is required in a PUT and has no value.", lacking)
    yield from _rewritten(subject, rows, after)


def _unread(subject: Subject, after: Mapping[RecordId, Record]) -> Iterator[Finding]:
    for field in subject.resource.writable:
        ids = tuple(i for i, record in after.items() if field.name not in record)
        if ids and subject.can.replace != "keeps":
            would = "will" if subject.can.replace == "nulls" else "may"
            yield Finding(
                Severity.WARN, f"{field.label} is not in what the API shows of the record; a PUT {would} empty it.", ids
            )


def _rewritten(subject: Subject, rows: Sequence[ChangeSet], after: Mapping[RecordId, Record]) -> Iterator[Finding]:
    touched = {row.record_id: row.fields for row in rows}
    for field in subject.resource.writable:
        untouched = {i: r.get(field.name) for i, r in after.items() if field.name not in touched[i]}
        if subject.can.trims_text and field.kind in TEXTUAL:
            ids = tuple(i for i, v in untouched.items() if isinstance(v, str) and v != v.strip())
            if ids:
                yield Finding(Severity.WARN, f"{field.label} has spaces at its ends; the API's PUT trims them.", ids)
        if field.name in subject.can.flattens:
            ids = tuple(i for i, v in untouched.items() if v not in (None, "", MISSING))
            if ids:
                yield Finding(
                    Severity.WARN, f"{field.label} may lose its formatting: a PUT sends it back as plain text.", ids
                )


def _one_by_one(subject: Subject) -> Iterator[Finding]:
    singles = [step for step in subject.plan.steps if len(step.rows) == 1]
    if len(singles) > 1 and not subject.can.bulk:
        ids = tuple(step.ids[0] for step in singles)
        text = "This API has no bulk call here: each record is sent, and accepted or refused, on its own."
        yield Finding(Severity.NOTE, text, ids)


def _all_or_nothing(subject: Subject) -> Iterator[Finding]:
    bulk = [step for step in subject.plan.steps if len(step.rows) > 1]
    if bulk and subject.can.bulk_atomic:
        ids = tuple(i for step in bulk for i in step.ids)
        text = "Bulk calls are all or nothing: when one is refused, its good records are sent again without the bad."
        yield Finding(Severity.NOTE, text, ids)


def _labels(resource: Resource, names: Sequence[str]) -> str:
    labels = [resource.by_name[n].label for n in names if n in resource.by_name]
    return ", ".join(labels[:-1]) + " and " + labels[-1] if len(labels) > 1 else "".join(labels)


_CHECKS: tuple[Check, ...] = (_put_losses, _emptied, _dependent, _half_pairs, _unbound, _all_or_nothing, _one_by_one)
