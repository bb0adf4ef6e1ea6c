"""Any edits and their undo leave the API as it was; and large runs are turned round in seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change, ChangeSet, diff
from adminui.records.values import same
from adminui.runs.models import Item, Run
from adminui.services import plans, rereading, undoing
from adminui.services.catalog import Opened
from adminui.services.errors import Refused
from adminui.staff.models import Grant
from tests.conftest import Live
from tests.services.bench import dump, flat, live_records
from tests.services.drafts import THINGS, opened_by
from tests.services.test_saving_properties import AUTOTASK, BUZZ, edit_many, restore
from tests.services.undos import applied_run, carried_out, differing

pytestmark = pytest.mark.django_db


def test_turning_round_twenty_thousand_rows_takes_seconds(lead: Any, monkeypatch: pytest.MonkeyPatch):
    """Our own work; the API is left out of it."""
    rows = 20_000
    opened = opened_by(lead)
    Grant.objects.update(max_rows=None)
    live = {i: {"id": i, "name": f"Thing {i}", "city": "Ulm", "size": i} for i in range(1, rows + 1)}
    changesets = [
        ChangeSet(i, f"Thing {i}", (Change("city", "Bonn", "Ulm"), Change("size", 5, i))) for i in live if i != 5
    ]
    run = plans.approve(opened, plans.save(opened, changesets, door="test", canary=0))
    Item.objects.filter(run=run).update(outcome=Outcome.DONE)
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    run.refresh_from_db()

    def read_each(_: Any, resource: Any, can: Any, ids: list[int]) -> Iterator[Any]:
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            yield some, {str(i): live[i] for i in some}

    monkeypatch.setattr(rereading.reader, "read_each", read_each)
    monkeypatch.setattr(type(opened), "client", None)
    started = time.process_time()
    plan = undoing.plan_undo(opened, run)
    took = time.process_time() - started
    assert len(plan.changesets) == rows - 1 and THINGS.name == plan.resource
    assert took < 60, f"{took:.1f} s"  # measured: about 2
    assert undoing.undoable(opened, run).rows == rows - 1


def run_then_undo(data: st.DataObject, live: Live, opened: Opened) -> str:
    """Random edits of some records, and back: the dump is what it was, but for what the run or the undo says."""
    resource = opened.resource.name
    before = dump(live, resource)
    ids = data.draw(st.lists(st.sampled_from(sorted(before)), min_size=1, max_size=3, unique=True), label="records")
    known = live_records(opened, ids)
    neighbours = [flat(r) for r in list(before.values())[:5]]
    drafts = [diff(opened.resource, known[i], edit_many(data, opened, known[i], neighbours)) for i in sorted(known)]
    rows = [draft.changeset for draft in drafts if draft.changeset.changes]
    if not rows:
        return "nothing to send"
    run = applied_run(opened, rows)
    if not differing(before, dump(live, resource)):
        assert undoing.undoable(opened, run).rows == run.tally().get(Outcome.DONE, 0)
        return "nothing written"
    try:
        plan = undoing.plan_undo(opened, run)
    except Refused as refused:
        assert "wrote nothing here" in refused.message, refused.message
        plan = None
    undo = carried_out(plans.approve(opened, plan)) if plan else None
    said = {int(item.record_id): item for item in undo.items.all() if not item.good} if undo else {}
    held = {int(row["id"]) for row in plan.held} if plan else set(before)
    touched = {c.field for row in rows for c in row.changes}
    derived = {"advertiser_id"} if "campaign_id" in touched else set()
    for record_id, names in differing(before, dump(live, resource)).items():
        names = {n for n in names if not _spelled_otherwise(opened, n, before, dump(live, resource), record_id)}
        if record_id not in held and record_id not in said:
            assert not names - derived, f"{record_id} is told to be restored, and is not: {names}"
    return "undone" if undo and not said and not held else "told"


def _spelled_otherwise(opened: Opened, name: str, before: Any, after: Any, record_id: int) -> bool:
    field = opened.whole.by_name.get(name)
    return field is not None and same(field, before[record_id].get(name), after[record_id].get(name))


@pytest.mark.parametrize(("api", "resources"), [("buzz", BUZZ), ("autotask", AUTOTASK)])
def test_any_edits_and_their_undo_leave_the_api_as_it_was(
    request: pytest.FixtureRequest, lead: Any, api: str, resources: tuple[str, ...]
):
    live: Live = request.getfixturevalue(api)
    if api == "buzz":
        live.api.switches.update(drops_irrelevant=False, trims_text=False, nested_patch="replace")
    seen: list[str] = []

    @settings(max_examples=50, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        opened = live.open(lead, data.draw(st.sampled_from(resources), label="resource"))
        before = dump(live, opened.resource.name)
        try:
            seen.append(run_then_undo(data, live, opened))
        finally:
            restore(live, opened.resource.name, before)

    check()
    assert seen.count("undone") >= 10, seen
