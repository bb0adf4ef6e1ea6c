"""Plans: change sets drawn as the very requests that will be sent, saved, and approved once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from shlex import quote
from uuid import UUID

from django.db import transaction

from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import Rejected
from adminui.planning.checks import Finding, Severity, findings
from adminui.planning.explain import counted, explain
from adminui.planning.plan import CannotPlan, Step, from_outline, make_plan, outline
from adminui.planning.plan import Plan as Steps
from adminui.records.casting import from_json, to_json
from adminui.records.changes import ChangeSet
from adminui.records.documents import changeset_to_data
from adminui.records.values import Record, RecordId
from adminui.runs import lines
from adminui.runs.models import Plan, Run
from adminui.services import guards, summing, waking
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, NotAllowed, NotThere, Stale
from adminui.services.uncollected import nothing_collected
from adminui.staff.access import Person, allowed


@dataclass(frozen=True)
class Held:
    """A record that whoever made the plan had to leave out of it, and why."""

    id: str
    label: str
    why: str


@dataclass(frozen=True)
class DrawnRequest:
    """One request as it will go over the wire, without host secrets: what to show, copy and compare."""

    method: str
    url: str
    body: str  # the very text sent
    form: str
    rows: tuple[ChangeSet, ...]

    @property
    def size(self) -> int:
        return len(self.body.encode())

    @property
    def pretty(self) -> str:
        return to_json(from_json(self.body), indent=2) if self.body else ""

    @property
    def curl(self) -> str:
        """A shell command for the same request; the login is left to whoever runs it."""
        data = f" \\\n  -H 'Content-Type: application/json' \\\n  --data-raw {quote(self.body)}" if self.body else ""
        return f"curl -X {self.method} {quote(self.url)}{data}"


@dataclass(frozen=True)
class Drawn:
    """A plan as shown: the steps, the sentence, the findings, and each request."""

    steps: Steps
    sentence: str
    findings: tuple[Finding, ...]
    requests: tuple[DrawnRequest, ...]

    @property
    def blocked(self) -> bool:
        return any(f.severity is Severity.BLOCK for f in self.findings)


def draw(
    opened: Opened, changesets: Sequence[ChangeSet], live: Mapping[RecordId, Record], *, replace: bool = False
) -> Drawn:
    """The requests for these change sets, and what to know of them. Raises BadInput when they cannot be built."""
    return draw_steps(opened, _planned(opened, changesets, replace=replace), live, replace=replace)


def _planned(opened: Opened, changesets: Sequence[ChangeSet], *, replace: bool, canary: int = 0) -> Steps:
    """With a canary, the first rows go in requests of their own, before the others."""
    touched = [row for row in changesets if row.changes]
    try:
        if not 0 < canary < len(touched):
            return make_plan(changesets, opened.can, replace=replace)
        parts = [make_plan(rows, opened.can, replace=replace) for rows in (touched[:canary], touched[canary:])]
        return Steps(tuple(step for part in parts for step in part.steps), ())
    except CannotPlan as error:
        raise BadInput(str(error), "Change what is named, or save with PATCH.") from error


def draw_steps(opened: Opened, steps: Steps, live: Mapping[RecordId, Record], *, replace: bool = False) -> Drawn:
    """The same for steps that stand already."""
    try:
        requests = tuple(draw_step(opened, step, live) for step in steps.steps)
    except Rejected as error:
        raise BadInput(str(error), "Change what is named, or save with PATCH.") from error
    return Drawn(
        steps,
        explain(opened.whole, opened.can, steps, asked_to_replace=replace),
        findings(opened.whole, opened.can, steps, live),
        requests,
    )


def draw_step(opened: Opened, step: Step, live: Mapping[RecordId, Record]) -> DrawnRequest:
    request = opened.client.dialect.write(opened.whole, step, live)
    return DrawnRequest(request.method, opened.client.address(request), body_of(request), step.form, step.rows)


def body_of(request: ApiRequest) -> str:
    return "" if request.body is None else to_json(request.body)


@nothing_collected()
def save(
    opened: Opened,
    changesets: Sequence[ChangeSet],
    *,
    door: str,
    replace: bool = False,
    worksheet: int | None = None,
    token: UUID | None = None,
    note: str = "",
    canary: int | None = None,
    undoes: Run | None = None,
    retries: Run | None = None,
    held: Sequence[Held] = (),
) -> Plan:
    """Keep a plan to be looked at and approved. Raises NotAllowed when the person could not approve it anyway.

    `canary`: how many rows go first, to be looked at before the others; None is the connection's own rule.
    """
    check_rights(opened, changesets)
    rows = [changeset_to_data(row) for row in changesets if row.changes]
    first = guards.canary_for(opened.connection, len(rows)) if canary is None else min(canary, max(len(rows) - 1, 0))
    steps = outline(_planned(opened, changesets, replace=replace, canary=first))
    return Plan.objects.create(
        connection=opened.connection.name,
        connection_label=opened.connection.label,
        environment=opened.connection.environment,
        resource=opened.resource.name,
        resource_label=opened.resource.label,
        door=door,
        note=note,
        user_id=opened.user_id,
        user_name=opened.user.get_username(),
        changesets=rows,
        steps=steps,
        replace=replace,
        digest=digest_of(opened.connection.name, opened.resource.name, replace, rows, steps, first),
        worksheet=worksheet,
        token=token,
        canary=first,
        undoes=undoes,
        retries=retries,
        held=[asdict(row) for row in held],
        summary=summing.to_keep(row for row in changesets if row.changes),
    )


def digest_of(connection: str, resource: str, replace: bool, rows: object, steps: object, canary: int = 0) -> str:
    """A fingerprint of exactly what was approved: which values, in which requests, and how many rows go first."""
    said = [connection, resource, replace, rows, steps, *([canary] if canary else [])]
    return hashlib.sha256(to_json(said).encode()).hexdigest()


def as_saved(plan: Plan) -> bool:
    """Whether the plan is, to the letter, what was saved."""
    told = (plan.connection, plan.resource, plan.replace, plan.changesets, plan.steps, plan.canary)
    return plan.digest == digest_of(*told)


def steps_of(plan: Plan, rows: Sequence[ChangeSet]) -> Steps:
    """The requests of a saved plan, as they were planned."""
    return from_outline(plan.steps, rows)


def check_rights(opened: Opened, changesets: Sequence[ChangeSet]) -> None:
    """One record needs the right to edit, more the right to change many; every field its own. Raises NotAllowed."""
    touched = [row for row in changesets if row.changes]
    check_touch(opened, {field for row in touched for field in row.fields}, len(touched))


def check_touch(opened: Opened, fields: Collection[str], records: int) -> None:
    """The same for these fields of so many records."""
    opened.require("edit")
    if records > 1:
        opened.require("bulk")
        if opened.row_cap is not None and records > opened.row_cap:
            raise NotAllowed(
                f"Your role may change {counted(opened.row_cap, 'record')} at once; this plan has {records:,}.",
                "Plan fewer rows, or ask a lead or an administrator to apply it.",
            )
    action = "bulk" if records > 1 else "edit"
    for name in fields:
        if not allowed(opened.user, opened.connection.name, opened.resource.name, action, name):
            label = opened.whole.by_name[name].label
            raise NotAllowed(f"You may not change {label} here.", "Take the field out, or ask somebody who may.")


def find(user: Person, plan_id: int) -> tuple[Plan, Opened]:
    """A plan the person may see."""
    plan = Plan.objects.filter(pk=plan_id).first()
    if plan is None:
        raise NotThere(f"There is no plan {plan_id}.")
    return plan, open_resource(user, plan.connection, plan.resource)


def revise(
    opened: Opened,
    plan: Plan,
    *,
    drop_rows: frozenset[str],
    drop_cells: frozenset[tuple[str, str]],
    canary: int | None = None,
) -> Plan:
    """A new plan without the unticked rows and fields; the old one can no longer be applied.

    `canary`: how many rows go first from now on; None leaves it as it is.
    """
    dropped: dict[str, list[str]] = {}
    for record, field in drop_cells:
        dropped.setdefault(record, []).append(field)
    rows = (row for row in plan.rows() if str(row.record_id) not in drop_rows)
    kept = [left for row in rows if (left := row.without(dropped.get(str(row.record_id), ()))).changes]
    if not kept:
        raise BadInput("Everything is unticked: there would be nothing left to send.", "Tick at least one change.")
    first = plan.canary if canary is None else canary
    return replan(opened, plan, kept, canary=min(first, len(kept) - 1))


def replan(opened: Opened, plan: Plan, rows: Sequence[ChangeSet], *, canary: int) -> Plan:
    """A new plan in place of this one, which can no longer be applied."""
    with transaction.atomic():
        _take(plan, Plan.State.REPLACED)
        plan.successor = save(
            opened,
            rows,
            door=plan.door,
            replace=plan.replace,
            worksheet=plan.worksheet,
            note=plan.note,
            canary=canary,
            undoes=plan.undoes,
            retries=plan.retries,
            held=[Held(**row) for row in plan.held],
        )
        plan.save(update_fields=["successor"])
    return plan.successor


@nothing_collected()
def approve(
    opened: Opened,
    plan: Plan,
    *,
    note: str = "",
    due_at: datetime | None = None,
    revert_at: datetime | None = None,
) -> Run:
    """Turn the plan into a queued run, once. Raises Stale when that was done or the plan is not what was saved.

    `due_at`: not to be sent before; `revert_at`: to be undone then by itself.
    """
    fields = {change["field"] for row in plan.changesets for change in row["changes"]}
    check_touch(opened, fields, len(plan.changesets))
    if not as_saved(plan):
        raise Stale("This plan is not what was saved.", "Nothing was sent. Make the plan again.")
    with transaction.atomic():
        _take(plan, Plan.State.APPLIED)
        if note:
            plan.note = note
            plan.save(update_fields=["note"])
        run = Run.objects.create(
            plan=plan,
            user_id=opened.user_id,
            user_name=opened.user.get_username(),
            gate=plan.canary,
            due_at=due_at,
            revert_at=revert_at,
        )
        lines.add(run, plan.changesets)
    waking.wake(run.pk)
    return run


def _take(plan: Plan, state: Plan.State) -> None:
    """Move the plan out of OPEN; of two who try at once, one gets Stale."""
    if not Plan.objects.filter(pk=plan.pk, state=Plan.State.OPEN).update(state=state):
        raise Stale("This plan was applied or replaced already.", "Look at its run; nothing was sent a second time.")
    plan.state = state
