"""What the tests of undo, retry and schedules share: runs carried out to their end, and how two dumps differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import Group, User

from adminui.planning.outcomes import Outcome
from adminui.records.changes import ChangeSet
from adminui.runs.models import Run
from adminui.services import plans, undoing, worker
from adminui.services.catalog import Opened
from adminui.staff.models import Grant
from tests.conftest import Live
from tests.services.bench import approved, changed, dump, live_records, moved
from tests.services.test_saving_properties import STAMPS


def carried_out(run: Run) -> Run:
    for _ in range(5):
        worker.work_once()
        run = Run.objects.select_related("plan", "user").get(pk=run.pk)
        if run.over:
            return run
    raise AssertionError(f"the run is {run.state}: {run.message}")


def applied_run(opened: Opened, rows: list[ChangeSet], **options: Any) -> Run:
    return carried_out(approved(opened, rows, canary=0, **options))


def undone(opened: Opened, run: Run, **some: Any) -> Run:
    return carried_out(plans.approve(opened, undoing.plan_undo(opened, run, **some)))


def ids_of(live: Live, resource: str, number: int) -> list[int]:
    """Past the records that are odd on purpose: an API's own company, its deleted ones."""
    return sorted(dump(live, resource))[2 : 2 + number]


def set_all(live: Live, opened: Opened, ids: list[int], values: Callable[[int], Mapping[str, Any]]) -> Run:
    known = live_records(opened, ids)
    return applied_run(opened, [changed(opened, known[i], **values(n)) for n, i in enumerate(ids)])


def without_stamps(records: Mapping[int, Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    return {i: {name: value for name, value in r.items() if name not in STAMPS} for i, r in records.items()}


def differing(before: Mapping[int, Mapping[str, Any]], after: Mapping[int, Mapping[str, Any]]) -> dict[int, set[str]]:
    found = {i: moved(before[i], after[i]) - STAMPS for i in before}
    return {i: names for i, names in found.items() if names}


def three(live: Live, lead: Any, **values: Any) -> tuple[Opened, list[int], Run, dict[int, dict[str, Any]]]:
    """Three companies that were set to these values."""
    opened = live.open(lead, "Companies")
    ids = ids_of(live, "Companies", 3)
    for record_id in ids:
        live.api.change(
            "Companies", record_id, {"city": "Bonn", "phone": "1", "fax": None, "address1": "", "address2": None}
        )
    before = dump(live, "Companies")
    run = set_all(live, opened, ids, lambda _: values or {"city": "Ulm", "phone": "2"})
    assert run.tally() == {Outcome.DONE: 3}
    return opened, ids, run, before


def deny(role: str, field: str, *actions: str) -> None:
    Grant.objects.create(group=Group.objects.get(name=role), fields=field, actions=list(actions), deny=True)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)
