"""What the page of a plan draws: findings, folded changes, requests, and what the sending button says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from adminui.planning.explain import counted
from adminui.records.changes import Change, ChangeSet
from adminui.records.values import MISSING
from adminui.runs.models import Plan
from adminui.services import guards, overlaps, overview, references, review, sheets, switch
from adminui.services.catalog import Opened
from adminui.services.overview import Fold, Overview
from adminui.services.references import Names
from adminui.web.plan_requests import in_bytes, requests
from adminui.web.plan_sides import practised
from adminui.web.values import grouped, record_url, show

ROWS = 100
HELD = 100  # named of those that are not in the plan
_KINDS = {"block": "error", "warn": "warning", "note": ""}
_ICONS = {"block": "error", "warn": "warning", "note": "info"}


@dataclass(frozen=True)
class Looked:
    """A plan opened to be looked at, and the finding the look is limited to."""

    plan: Plan
    opened: Opened
    finding: int | None = None

    @cached_property
    def seen(self) -> Overview:
        return overview.overview(self.opened, self.plan)

    @cached_property
    def places(self) -> Collection[int] | None:
        return overview.of_finding(self.seen, self.plan, self.finding)

    @cached_property
    def folds(self) -> Sequence[Fold]:
        if self.places is None or len(self.places) == self.rows:
            return self.seen.folds
        return overview.folds(self.opened.whole, self.plan, self.places)

    @property
    def rows(self) -> int:
        return self.seen.rows

    def limited(self) -> Looked:
        """Without a finding that this plan does not have."""
        return self if self.places is not None else replace(self, finding=None)


def page(look: Looked) -> dict[str, Any]:
    look = look.limited()
    plan, opened, seen = look.plan, look.opened, look.seen
    sent = sending(look)
    findings = [*_overlaps(plan), *_findings(look)]
    return {
        "plan": plan,
        "opened": opened,
        "seen": seen,
        "rows": look.rows,
        "rows_words": counted(look.rows, "row"),
        "fields_words": counted(seen.cells, "field"),
        "door": door(plan, look.rows),
        "findings": findings,
        "know": len(findings) + (len(sent["asked"]) if sent["may_send"] else 0),
        "held": plan.held[:HELD],
        "held_words": _held_words(len(plan.held)),
        "held_more": counted(len(plan.held) - HELD, "more record") if len(plan.held) > HELD else "",
        "finding": seen.findings[look.finding].text if look.finding is not None else "",
        "finding_number": look.finding,
        "looked_at": counted(look.rows if look.places is None else len(look.places), "row"),
        "folds": _folds(look),
        "back": _back(look),
        "run": getattr(plan, "run", None),
        **practised(opened, plan, seen.rows),
        **sent,
        **requests(opened, plan, seen, 0),
    }


def sending(look: Looked) -> dict[str, Any]:
    """What sending takes, and what exactly it does."""
    plan, opened, seen = look.plan, look.opened, look.seen
    halted, why_not = switch.words(opened.connection), guards.why_not(opened, look.rows)
    verbs = ", ".join(f"{grouped(str(n))} × {method}" for method, n in seen.methods.items())
    first = overview.first_requests(plan)
    sent = counted(seen.requests, "request")
    return {
        "asks": guards.asks(opened, look.rows),
        "asked": guards.said(opened, look.rows),
        "halted": halted,
        "why_not": why_not,
        "may_send": plan.state == Plan.State.OPEN and not why_not,
        "disabled": seen.blocked or bool(halted),
        "send_words": f"Send {grouped(str(first))} of {sent}" if first else f"Send {sent}",
        "send_then": ", then wait" if first else "",
        "first": counted(plan.canary, "record"),
        "rest": counted(look.rows - plan.canary, "record"),
        "consequence": f"{verbs} to {opened.connection.label}",
        "size": in_bytes(seen.size),
        "now": timezone.localtime(),
    }


def door(plan: Plan, rows: int) -> dict[str, Any] | None:
    """Which run this plan takes back or tries again."""
    run = plan.undoes or plan.retries
    if run is None:
        return None
    number = counted(rows, "row")
    return {
        "verb": f"Undoes {number} of" if plan.undoes else f"Tries {number} of",
        "icon": "undo" if plan.undoes else "refresh",
        "run": run,
        "after": "" if plan.undoes else " again",
    }


def _held_words(held: int) -> str:
    return f"{counted(held, 'record')} {'is' if held == 1 else 'are'} not in this plan" if held else ""


def _back(look: Looked) -> str:
    sheet = look.plan.worksheet
    if sheet is not None and sheets.within_reach(look.opened.user).filter(pk=sheet).exists():
        return reverse("worksheet", args=[sheet])
    return ""


def _address(look: Looked, **query: str | int) -> str:
    wanted = {"finding": look.finding, **query}
    return f"?{urlencode({k: v for k, v in wanted.items() if v is not None})}"


def _findings(look: Looked) -> Iterator[dict[str, Any]]:
    for number, finding in enumerate(look.seen.findings):
        yield {
            "text": finding.text,
            "count": grouped(str(finding.count)),
            "kind": _KINDS[finding.severity],
            "icon": _ICONS[finding.severity],
            "severity": {"block": "Blocks sending", "warn": "Warning", "note": "Note"}[finding.severity],
            "url": f"?{urlencode({'finding': number})}" if finding.ids else "",
            "on": number == look.finding,
        }


def _overlaps(plan: Plan) -> Iterator[dict[str, Any]]:
    if plan.state != Plan.State.OPEN:
        return
    for found in overlaps.overlaps(plan):
        run = found.run
        are = "is" if found.rows == 1 else "are"
        named = ", ".join(found.ids) + (" …" if found.rows > len(found.ids) else "")
        yield {
            "text": f"{counted(found.rows, 'record')} {are} also in run {run.pk} of {run.user_name}, {_standing(run)}. "
            f"{_order(run)} Records: {named}",
            "count": grouped(str(found.rows)),
            "kind": "warning",
            "icon": "clock",
            "severity": "Warning",
            "run": run,
        }


def _order(run: Any) -> str:
    """Which of the two goes first: only what is on its way, or about to be, is waited for."""
    clash = "where both change the same field, it is in conflict"
    if run.scheduled:
        return f"That run reads them again when its time comes: {clash} then."
    if run.state == "paused":
        return f"This run does not wait for it. When it goes on, it reads them again: {clash} then."
    return "This run waits until that run is over."


def _standing(run: Any) -> str:
    return f"which is scheduled for {review.said(run.due_at)}" if run.scheduled else f"which is {run.state}"


def _folds(look: Looked) -> list[dict[str, Any]]:
    fields = [look.opened.resource.by_name[fold.field] for fold in look.folds]
    first = [overview.change_at(look.plan, fold.rows[0], fold.field) for fold in look.folds]
    names = references.names(look.opened, fields, [value for change in first for value in _values(change)])
    return [_fold(look, fold, change, names) for fold, change in zip(look.folds, first, strict=True)]


def _values(change: Change) -> list[dict[str, Any]]:
    return [{change.field: value} for value in (change.before, change.after) if value is not MISSING]


def _fold(look: Looked, fold: Fold, change: Change, names: Names) -> dict[str, Any]:
    field = look.opened.resource.by_name[fold.field]
    row = look.plan.changesets[fold.rows[0]]
    return {
        "key": fold.key,
        "field": field,
        "count": len(fold.rows),
        "rows": counted(len(fold.rows), "row"),
        "single": len(fold.rows) == 1,
        "label": _label(look, row["id"], row["label"]),
        "id": row["id"],
        "cell": _cell_key(row["id"], fold.field),
        "before": show(look.opened, field, change.before, names) if fold.same_before else None,
        "after": show(look.opened, field, change.after, names) if fold.same_after else None,
        "url": _address(look, fold=fold.key),
        "record": record_url(look.plan.connection, look.plan.resource, row["id"]),
    }


def _cell_key(record_id: object, field: str) -> str:
    return f"{record_id}\t{field}"  # neither holds a tab


def _label(look: Looked, record_id: object, label: str) -> str:
    return label if look.opened.titled else f"{look.opened.resource.singular} {record_id}"


def fold_rows(look: Looked, fold: Fold, start: int) -> dict[str, Any]:
    """Some rows of a fold, as its table shows them."""
    field = look.opened.resource.by_name[fold.field]
    rows = overview.rows_at(look.plan, fold.rows[start : start + ROWS])
    changes = [next(c for c in row.changes if c.field == fold.field) for row in rows]
    names = references.names(look.opened, [field], [value for change in changes for value in _values(change)])
    more = len(fold.rows) - start - len(rows)
    return {
        "key": fold.key,
        "field": field,
        "first": start == 0,
        "cells": [_row(look, row, change, names) for row, change in zip(rows, changes, strict=True)],
        "more": counted(more, "more row") if more else "",
        "next": _address(look, fold=fold.key, row=start + ROWS),
    }


def _row(look: Looked, row: ChangeSet, change: Change, names: Names) -> dict[str, Any]:
    field = look.opened.resource.by_name[change.field]
    return {
        "id": row.record_id,
        "label": _label(look, row.record_id, row.label),
        "url": record_url(look.plan.connection, look.plan.resource, row.record_id),
        "cell": _cell_key(row.record_id, change.field),
        "others": len(row.changes) - 1,
        "before": show(look.opened, field, change.before, names),
        "after": show(look.opened, field, change.after, names),
    }
