"""Who may save, approve and carry out what: asked at every step, with the rights as they are at that step."""

from __future__ import annotations

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.utils import timezone

from adminui.planning.outcomes import Outcome
from adminui.runs.models import Plan, Run
from adminui.services import edits, plans, reading, records, sheets, standing, worker
from adminui.services.errors import NotAllowed, NotThere, Stale
from adminui.staff.models import Grant
from adminui.worksheets.models import Presence
from tests.conftest import Live
from tests.services.bench import approved, carry_out, changed, dump, live_records, stored, writes

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    """The person as a later request loads them."""
    return User.objects.get(pk=user.pk)


def rows_of(live: Live, user: Any, number: int, **values: Any) -> tuple[Any, list[Any]]:
    opened = live.open(user, "Companies")
    known = live_records(opened, sorted(dump(live, "Companies"))[2 : 2 + number])
    return opened, [changed(opened, r, **(values or {"city": "Moved"})) for r in known.values()]


MAY = {"viewer": (False, False), "editor": (True, False), "lead": (True, True), "admin": (True, True)}


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("number", [1, 3], ids=["one record", "many records"])
def test_a_role_plans_approves_and_carries_out_what_it_may_and_no_more(
    autotask: Live, person: Any, role: str, number: int
):
    user = person(role)
    opened, rows = rows_of(autotask, user, number)
    if MAY[role][number > 1]:
        assert carry_out(approved(opened, rows)).tally() == {Outcome.DONE: number}
        return
    with pytest.raises(NotAllowed):
        plans.save(opened, rows, door="test")
    by_somebody = plans.save(autotask.open(person("admin"), "Companies"), rows, door="test")
    with pytest.raises(NotAllowed):
        plans.approve(opened, by_somebody)
    with pytest.raises(NotAllowed):
        plans.revise(opened, by_somebody, drop_rows=frozenset(), drop_cells=frozenset())
    assert not writes(autotask) and not Run.objects.exists()
    by_somebody.refresh_from_db()
    assert by_somebody.state == Plan.State.OPEN


def test_a_viewer_cannot_save_a_record(autotask: Live, viewer: Any):
    opened = autotask.open(viewer, "Companies")
    record = records.read(opened, sorted(dump(autotask, "Companies"))[3])
    with pytest.raises(NotAllowed):
        records.save(opened, record, {"city": "Moved"}, token=uuid4())
    assert not writes(autotask)


def deny(role: str, field: str, *actions: str) -> None:
    Grant.objects.create(group=Group.objects.get(name=role), fields=field, actions=list(actions), deny=True)


def test_a_field_denied_for_editing_is_read_only_and_a_plan_with_it_is_refused(autotask: Live, editor: Any):
    _, rows = rows_of(autotask, editor, 1, phone="1")
    deny("editor", "phone", "edit")
    opened = autotask.open(fresh(editor), "Companies")
    assert opened.resource.by_name["phone"].read_only and not opened.whole.by_name["phone"].read_only
    with pytest.raises(NotAllowed, match="Phone"):
        plans.save(opened, rows, door="test")
    record = records.read(opened, rows[0].record_id)
    assert records.save(opened, record, {"phone": "1"}, token=uuid4()).draft.invalid.keys() == {"phone"}
    assert not writes(autotask)


def test_a_field_denied_for_bulk_may_still_be_edited_one_by_one(autotask: Live, lead: Any):
    deny("lead", "city", "bulk")
    opened, rows = rows_of(autotask, fresh(lead), 3)
    with pytest.raises(NotAllowed, match="City"):
        plans.save(opened, rows, door="test")
    assert carry_out(approved(opened, rows[:1])).tally() == {Outcome.DONE: 1}


@pytest.mark.parametrize("replace", [False, True], ids=["PATCH", "PUT"])
def test_a_hidden_field_is_never_shown_and_never_lost(autotask: Live, editor: Any, replace: bool):
    autotask.api.switches["masked_udfs"] = False
    deny("editor", "phone", "view")
    opened = autotask.open(fresh(editor), "Companies")
    assert "phone" not in {f.name for f in opened.resource.visible}
    record_id = next(i for i, r in dump(autotask, "Companies").items() if i and r["phone"])
    before = stored(autotask, "Companies", record_id)
    seen = records.unseal(opened, records.seal(opened, records.read(opened, record_id)))
    assert "phone" not in seen
    with pytest.raises(NotAllowed):
        plans.save(opened, [changed(opened, {**seen, "phone": None}, phone="1")], door="test")
    assert not records.save(opened, seen, {"phone": "1"}, token=uuid4(), replace=replace).run
    saved = records.save(opened, seen, {"city": "Moved"}, token=uuid4(), replace=replace)
    assert saved.run is not None and saved.run.items.get().outcome == Outcome.DONE
    assert "phone" not in {c.field for c in saved.theirs}
    assert stored(autotask, "Companies", record_id)["phone"] == before["phone"]


@pytest.mark.parametrize(("number", "fits"), [(3, True), (4, False)])
def test_a_role_changes_at_most_its_number_of_rows_at_once(autotask: Live, lead: Any, number: int, fits: bool):
    Grant.objects.filter(group__name="lead").update(max_rows=3)
    opened, rows = rows_of(autotask, fresh(lead), number)
    if fits:
        assert carry_out(approved(opened, rows)).tally() == {Outcome.DONE: number}
        return
    with pytest.raises(NotAllowed, match="3"):
        plans.save(opened, rows, door="test")
    assert not writes(autotask)


def lose_everything(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def lose_the_role(user: User) -> None:
    user.groups.set([Group.objects.get(name="viewer")])


def lose_the_field(user: User) -> None:
    deny("lead", "city", "edit")


def lose_rows(user: User) -> None:
    Grant.objects.filter(group__name="lead").update(max_rows=2)


def lose_the_account(user: User) -> None:
    user.delete()


@pytest.mark.parametrize(
    "lose", [lose_everything, lose_the_role, lose_the_field, lose_rows, lose_the_account], ids=lambda f: f.__name__
)
def test_a_right_lost_between_approval_and_sending_stops_the_run_with_nothing_sent(
    autotask: Live, lead: Any, lose: Any
):
    opened, rows = rows_of(autotask, lead, 3)
    run = approved(opened, rows)
    lose(lead)
    assert worker.work_once()
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED and "before anything was sent" in run.message
    assert run.tally() == {Outcome.NOT_SENT: 3} and not writes(autotask)


def test_the_worksheet_of_a_person_who_left_does_not_stop_the_worker(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    sheet = reading.open_ids(opened, sorted(dump(autotask, "Companies"))[2:5], ["city"])
    edits.take(opened, sheet, uuid4(), "edit", "typed", {"city": ([0, 1, 2], ["Moved"] * 3)})
    run = plans.approve(opened, standing.plan(opened, sheet))
    lose_everything(lead)
    assert worker.work_once() and not worker.work_once()
    run.refresh_from_db()
    assert run.over and not writes(autotask)


def tamper_values(plan: Plan) -> None:
    plan.changesets[0]["changes"][0]["after"] = "Sneaked in"
    plan.save()


def tamper_resource(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(resource="Contacts")


def tamper_form(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(replace=True)


def tamper_steps(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(steps=[[form, ids] for form, ids in plan.steps[1:]])


@pytest.mark.parametrize(
    "tamper", [tamper_values, tamper_resource, tamper_form, tamper_steps], ids=lambda f: f.__name__
)
def test_a_plan_changed_in_the_database_is_refused(autotask: Live, lead: Any, tamper: Any):
    opened, rows = rows_of(autotask, lead, 3)
    plan = plans.save(opened, rows, door="test")
    tamper(plan)
    found, anew = plans.find(lead, plan.pk)
    with pytest.raises(Stale, match="not what was saved"):
        plans.approve(anew, found)
    assert not Run.objects.exists() and not writes(autotask)


def test_a_row_changed_in_the_database_after_approval_stops_the_run(autotask: Live, lead: Any):
    opened, rows = rows_of(autotask, lead, 3)
    run = approved(opened, rows)
    item = run.items.all()[1]
    item.changeset["changes"][0]["after"] = "Sneaked in"
    item.save()
    assert worker.work_once()
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED and "not what was approved" in run.message and not writes(autotask)


def test_a_worksheet_of_somebody_else_is_not_there(autotask: Live, lead: Any, admin_user: Any):
    opened = autotask.open(lead, "Companies")
    sheet = reading.open_ids(opened, sorted(dump(autotask, "Companies"))[:3], ["city"])
    with pytest.raises(NotThere):
        sheets.find(admin_user, sheet.pk)
    assert not sheets.mine(admin_user).exists() and sheets.find(lead, sheet.pk)[0] == sheet


@pytest.mark.parametrize(("sharing", "edits_it"), [("view", False), ("edit", True)])
def test_a_shared_worksheet_gives_no_right_that_the_person_does_not_have(
    autotask: Live, lead: Any, editor: Any, viewer: Any, sharing: str, edits_it: bool
):
    opened = autotask.open(lead, "Companies")
    sheet = reading.open_ids(opened, sorted(dump(autotask, "Companies"))[:3], ["city"])
    sheets.set_sharing(opened, sheet, sharing)
    for person, may in ((lead, True), (editor, edits_it), (viewer, False)):
        held, anew = sheets.find(person, sheet.pk)
        assert sheets.may_edit(anew, held) is may
        if not may:
            with pytest.raises(NotAllowed):
                edits.take(anew, held, uuid4(), "edit", "typed", {"city": ([0], ["Moved"])})
    for act in (
        lambda: sheets.discard(anew, held),
        lambda: sheets.set_sharing(anew, held, "edit"),
        lambda: sheets.rename(anew, held, "Mine"),
    ):
        with pytest.raises(NotAllowed):
            act()
    Grant.objects.filter(group__name="viewer").update(connection="buzz-*")
    with pytest.raises(NotThere):
        sheets.find(fresh(viewer), sheet.pk)


def test_people_in_a_worksheet_see_one_another_for_a_while(autotask: Live, lead: Any, editor: Any):
    opened = autotask.open(lead, "Companies")
    sheet = reading.open_ids(opened, sorted(dump(autotask, "Companies"))[:3], ["city"])
    sheets.set_sharing(opened, sheet, "view")
    assert sheets.present(sheet, lead, 2, "city") == [] and not sheets.shared_with(editor)
    assert sheets.present(sheet, editor, None, "") == [{"id": lead.pk, "name": "lead", "row": 2, "field": "city"}]
    assert sheets.shared_with(editor) == [sheet] and not sheets.shared_with(lead)
    Presence.objects.filter(user=lead).update(seen_at=timezone.now() - sheets.HERE)
    assert sheets.present(sheet, editor, 0, "") == []


def test_a_connection_without_any_grant_does_not_exist_for_the_person(autotask: Live, lead: Any):
    Grant.objects.filter(group__name="lead").update(connection="buzz-*")
    with pytest.raises(NotThere):
        autotask.open(fresh(lead), "Companies")


def test_a_plan_is_approved_once(autotask: Live, lead: Any):
    opened, rows = rows_of(autotask, lead, 2)
    plan = plans.save(opened, rows, door="test")
    plans.approve(opened, plan)
    with pytest.raises(Stale, match="already"):
        plans.approve(opened, plans.find(lead, plan.pk)[0])
    assert Run.objects.count() == 1


def test_a_plan_that_was_revised_can_no_longer_be_approved(autotask: Live, lead: Any):
    opened, rows = rows_of(autotask, lead, 3)
    plan = plans.save(opened, rows, door="test")
    newer = plans.revise(opened, plan, drop_rows=frozenset({str(rows[0].record_id)}), drop_cells=frozenset())
    with pytest.raises(Stale):
        plans.approve(opened, plan)
    assert carry_out(plans.approve(opened, newer)).tally() == {Outcome.DONE: 2}


@pytest.mark.django_db(transaction=True)
def test_two_people_approving_at_the_same_moment_make_one_run(autotask: Live, lead: Any):
    opened, rows = rows_of(autotask, lead, 2)
    plan = plans.save(opened, rows, door="test")
    start, ends = threading.Barrier(4), []

    def approve() -> None:
        mine = Plan.objects.get(pk=plan.pk)
        start.wait()
        try:
            plans.approve(opened, mine)
            ends.append("run")
        except Stale:
            ends.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=approve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["run", "stale", "stale", "stale"] and Run.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_click_sent_twice_at_the_same_moment_is_one_write(buzz: Live, editor: Any):
    opened = buzz.open(editor, "campaigns")
    record, token = records.read(opened, sorted(dump(buzz, "campaigns"))[5]), uuid4()
    start, ends = threading.Barrier(4), []

    def save() -> None:
        start.wait()
        try:
            saved = records.save(opened, record, {"notes": "once"}, token=token)
            ends.append("saved" if saved.run else "nothing")
        except Stale:
            ends.append("on its way")
        finally:
            connection.close()

    threads = [threading.Thread(target=save) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "saved" in ends and "nothing" not in ends and len(writes(buzz)) == 1 and Run.objects.count() == 1
