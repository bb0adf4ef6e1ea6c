"""One record: open it, preview what saving would send, save it against what the person saw."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as replace_
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, transaction

from adminui.dialects.errors import Gone, RemoteError
from adminui.planning.checks import Severity
from adminui.planning.outcomes import Outcome
from adminui.records.casting import from_json, to_json
from adminui.records.changes import Change, Clash, Draft, diff, merge
from adminui.records.schema import Field
from adminui.records.values import Record, RecordId, same
from adminui.remote import reader
from adminui.runs import ledger
from adminui.runs.models import Plan, Run
from adminui.services import plans, switch, worker
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, NotThere, Stale

_SALT = "adminui.baseline"
MOMENTS = 30  # tenths of a second that a save waits while another run is sending the same record


def read(opened: Opened, record_id: RecordId) -> Record:
    """The record as it is now. Raises NotThere."""
    try:
        return reader.read_one(opened.client, opened.whole, record_id)
    except Gone as error:
        raise NotThere(
            f"{opened.connection.label} has no {opened.resource.singular} {record_id}.",
            "It may have been deleted, or the id may be wrong.",
        ) from error


class _Exact:
    """Django's signing with JSON that keeps decimals exact."""

    def dumps(self, data: Any) -> bytes:
        return to_json(data).encode()

    def loads(self, data: bytes) -> Any:
        return from_json(data)


def seal(opened: Opened, record: Record) -> str:
    """The record as this person sees it, signed, to travel with the page as the baseline of their edits."""
    needed = {opened.resource.id_field, *(opened.resource.parent or ())}  # where a write goes, seen or not
    shown = {f.name: record[f.name] for f in opened.resource.fields if _seen(f, needed) and f.name in record}
    body = [opened.connection.name, opened.resource.name, shown]
    return signing.dumps(body, salt=_SALT, serializer=_Exact, compress=True)


def _seen(field: Field, needed: set[str]) -> bool:
    return not field.hidden or field.name in needed


def unseal(opened: Opened, sealed: str) -> Record:
    """The baseline back. Raises Stale when it is not one of ours for this resource."""
    try:
        connection, resource, record = signing.loads(sealed, salt=_SALT, serializer=_Exact)
    except (signing.BadSignature, ValueError) as error:
        raise Stale(
            "This page's copy of the record cannot be trusted.", "Reload the page; nothing was sent."
        ) from error
    if (connection, resource) != (opened.connection.name, opened.resource.name):
        raise Stale("This page belongs to another resource.", "Reload the page; nothing was sent.")
    return dict(record)


@dataclass(frozen=True)
class Preview:
    """What saving would do: the draft with its invalid fields, and the plan drawn, if there is anything to send."""

    draft: Draft
    drawn: plans.Drawn | None


def preview(opened: Opened, baseline: Record, edits: Mapping[str, object], *, replace: bool = False) -> Preview:
    """Never writes. A full replace is drawn from the record as it is now, everything else from what the person saw."""
    draft = diff(opened.resource, baseline, edits)
    if not draft.changeset.changes:
        return Preview(draft, None)
    full = replace or not opened.can.patch
    record_id = draft.changeset.record_id
    live = read(opened, record_id) if full else baseline
    return Preview(draft, plans.draw(opened, [draft.changeset], {record_id: live}, replace=replace))


@dataclass(frozen=True)
class Saved:
    """How a save ended. Exactly one of these holds: nothing to send, invalid fields, clashes, or a run that is over."""

    draft: Draft
    clashes: tuple[Clash, ...] = ()
    theirs: tuple[Change, ...] = ()  # what others changed in fields this save did not touch: kept as it is
    current: Record | None = None
    run: Run | None = None
    fresh: Record | None = None  # after a run: the record as it is stored now; None when it cannot be read
    left: tuple[str, ...] = ()  # after a run: the edits it did not settle, which are still to be sent


def save(
    opened: Opened,
    baseline: Record,
    edits: Mapping[str, object],
    *,
    token: UUID,
    replace: bool = False,
    note: str = "",
) -> Saved:
    """Read again, merge three ways, and write what is left. The same `token` twice is one write with one result."""
    opened.require("edit")
    if not opened.resource.can_update:
        raise NotAllowed(f"{opened.connection.label} does not let {opened.resource.label} be updated.")
    draft = diff(opened.resource, baseline, edits)
    if (earlier := _earlier(opened, token, draft.changeset.record_id)) is not None:
        return _over(opened, Saved(draft, run=earlier), edits)
    if draft.invalid or not draft.changeset.changes:
        return Saved(draft)
    switch.require_on(opened.connection)
    record_id = draft.changeset.record_id
    current = read(opened, record_id)
    merged = merge(opened.resource, draft.changeset, baseline, current)
    if merged.clashes:
        return Saved(draft, merged.clashes, merged.theirs, current)
    drawn = plans.draw(opened, [draft.changeset], {record_id: current}, replace=replace)
    if drawn.blocked:
        raise BadInput(next(f.text for f in drawn.findings if f.severity is Severity.BLOCK))
    run = _write(opened, draft, token=token, replace=replace, note=note, current=current)
    return _over(opened, Saved(draft, theirs=merged.theirs, current=current, run=run), edits)


def _over(opened: Opened, saved: Saved, edits: Mapping[str, object]) -> Saved:
    """The result of a run that is over, with what is stored now and what it leaves to do."""
    if saved.run is None or not saved.run.over:
        return replace_(saved, left=tuple(edits))
    try:
        fresh = read(opened, saved.draft.changeset.record_id)
    except (NotThere, RemoteError):
        return replace_(saved, left=tuple(edits))
    return replace_(saved, fresh=fresh, left=_left(opened, saved.run, fresh, edits))


def _left(opened: Opened, run: Run, fresh: Record, edits: Mapping[str, object]) -> tuple[str, ...]:
    """The edits that differ from what is stored, but for those that were written and have moved on since."""
    item = run.items.get()
    settled = item.row().values if item.good else {}
    draft = diff(opened.resource, fresh, edits)
    changes = [
        c
        for c in draft.changeset.changes
        if c.field not in settled or not same(opened.resource.by_name[c.field], settled[c.field], c.after)
    ]
    return (*(c.field for c in changes), *draft.invalid)


def _earlier(opened: Opened, token: UUID, record_id: RecordId) -> Run | None:
    """The run of an earlier click with this token, if it was the same person's on the same record."""
    run = Run.objects.filter(plan__token=token).select_related("plan").first()
    if run is not None and run.user_id != opened.user.pk:
        raise Stale("This form was used by somebody else.", "Reload the page; nothing was sent.")
    if run is not None and _place(run) != (opened.connection.name, opened.resource.name, str(record_id)):
        raise Stale("This form was used for another record.", "Reload the page; nothing was sent.")
    return run


def _place(run: Run) -> tuple[str, str, str]:
    return run.plan.connection, run.plan.resource, run.items.get().record_id


def _write(opened: Opened, draft: Draft, *, token: UUID, replace: bool, note: str, current: Record) -> Run:
    owner = ledger.me()
    try:
        with transaction.atomic():
            plan = plans.save(opened, [draft.changeset], door="record", replace=replace, token=token, note=note)
            run = plans.approve(opened, plan)
            claimed = ledger.claim(owner, run.pk, yields_to=(Outcome.SENDING,))
    except IntegrityError:
        twin = Plan.objects.filter(token=token).first()
        if twin is None:
            raise
        raise Stale("This save is already on its way.", "Look at the record's history for its outcome.") from None
    for _ in range(MOMENTS):
        if claimed is not None:
            break
        time.sleep(0.1)
        claimed = ledger.claim(owner, run.pk, yields_to=(Outcome.SENDING,))
    if claimed is not None:
        worker.carry_out(claimed, known={draft.changeset.record_id: current}, patient=False)
    return Run.objects.select_related("plan").get(pk=run.pk)
