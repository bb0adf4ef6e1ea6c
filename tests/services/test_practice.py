"""Practice: what an imitation with these very records says of a plan is what the API itself says of it afterwards."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.connections.live import remember_no_bulk
from adminui.planning.outcomes import Outcome
from adminui.records.casting import Invalid, cast
from adminui.records.changes import Change, ChangeSet, changeset_of
from adminui.records.schema import Field, Kind
from adminui.records.values import Record
from adminui.remote import imitations
from adminui.runs import ledger
from adminui.runs.models import Exchange, Item, Plan, Practice, Run
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from adminui.services import leases, plans, practice
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, NotThere
from adminui.services.execution import execute
from adminui.services.practised import HIDDEN, Practised
from adminui.staff.models import Grant
from tests.conftest import SANDBOX_AUTOTASK, SANDBOX_BUZZ, Live
from tests.services.bench import changed, dump, live_records, writes
from tests.services.test_saving_properties import edits_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_renewal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction is its own: the thread that renews leases could not get at the database."""
    monkeypatch.setattr(leases, "RENEWED_EVERY", 600.0)


def plan_of(opened: Opened, rows: list[ChangeSet], **options: Any) -> Plan:
    return plans.save(opened, rows, door="test", **options)


def practised(opened: Opened, plan: Plan, faults: Any = ()) -> Practised:
    started = practice.start(opened, plan)
    assert practice.practise_once(faults=faults)
    started.refresh_from_db()
    return practice.of(started)


def really(opened: Opened, plan: Plan) -> dict[str, Outcome]:
    """The outcomes of the run itself, by record."""
    run = ledger.claim("test", plans.approve(opened, plan).pk)
    assert run is not None
    execute(run, patient=False)
    return {item.record_id: Outcome(item.outcome) for item in run.items.all()}


def by_row(plan: Plan, told: Practised) -> dict[str, Outcome]:
    """What practice says of each row; of those that go as planned it says only that they do."""
    return dict.fromkeys((str(row["id"]) for row in plan.changesets), Outcome.DONE) | {
        r.id: r.outcome for r in told.rows
    }


def words_on(told: Practised) -> dict[str, str]:
    return {row.id: " ".join(f"{said.field}: {said.words}" for said in row.said) for row in told.rows}


def only_read(live: Live) -> bool:
    return not writes(live)


# ── which rows, and why ───────────────────────────────────────────────────────────────────────────────────────────────


def test_three_bad_rows_in_fifty_are_named_with_the_words_of_buzz(buzz: Live, lead: User):
    opened = buzz.open(lead, "line-items")
    ids = sorted(dump(buzz, "line-items"))[:50]
    known = live_records(opened, ids)
    bad: dict[int, dict[str, Any]] = {
        ids[3]: {"start_date": "1999-01-01 00:00:00"},
        ids[20]: {"max_bid": None, "bid_modifier_id": 5},
        ids[44]: {"campaign_id": 999_999},
    }
    rows = [changed(opened, r, **bad.get(i, {"notes": f"practised {i}"})) for i, r in known.items()]
    plan = plan_of(opened, rows)
    before = dump(buzz, "line-items")
    buzz.running.log.clear()
    told = practised(opened, plan)
    assert told.state == "over" and told.tally == {Outcome.DONE: 47, Outcome.REJECTED: 3}
    said = words_on(told)
    assert said.keys() == {str(i) for i in bad}
    assert "may not start before its campaign" in said[str(ids[3])]
    assert "Max bid is required" in said[str(ids[20])]
    assert "does not exist" in said[str(ids[44])]
    assert only_read(buzz) and dump(buzz, "line-items") == before
    assert really(opened, plan) == by_row(plan, told)


def test_three_bad_rows_in_fifty_are_named_with_the_words_of_autotask(autotask: Live, lead: User):
    opened = autotask.open(lead, "Tickets")
    everything = dump(autotask, "Tickets")
    ids = sorted(everything)[:50]
    known = live_records(opened, ids)
    stranger = next(
        c["id"] for c in dump(autotask, "Contacts").values() if c["companyID"] != everything[ids[7]]["companyID"]
    )
    bad: dict[int, dict[str, Any]] = {
        ids[0]: {"status": 4711},
        ids[7]: {"contactID": stranger},
        ids[30]: {"queueID": 8, "assignedResourceID": 999_999, "assignedResourceRoleID": 8},
    }
    rows = [changed(opened, r, **bad.get(i, {"purchaseOrderNumber": f"P{i}"})) for i, r in known.items()]
    plan = plan_of(opened, rows)
    autotask.running.log.clear()
    told = practised(opened, plan)
    assert told.tally == {Outcome.DONE: 47, Outcome.REJECTED: 3}
    said = words_on(told)
    assert "4711" in said[str(ids[0])]
    assert "not associated to the companyID" in said[str(ids[7])]
    assert "does not reference an existing entity" in said[str(ids[30])]
    assert only_read(autotask)
    assert really(opened, plan) == by_row(plan, told)


def test_rows_of_one_kind_are_counted_together_with_a_few_of_them(autotask: Live, lead: User):
    opened = autotask.open(lead, "Companies")
    ids = sorted(dump(autotask, "Companies"))[1:31]
    rows = [changed(opened, r, companyType=99) for r in live_records(opened, ids).values()]
    told = practised(opened, plan_of(opened, rows))
    (kind,) = told.kinds
    assert (kind.outcome, kind.count, len(kind.sample)) == (Outcome.REJECTED, 30, 5)
    assert kind.sample[0] == (str(ids[0]), opened.resource.title_of(live_records(opened, ids[:1])[ids[0]]))
    assert "30 did not" in told.words and not told.well


def test_a_plan_that_will_go_well_is_said_to(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    rows = [changed(opened, r, notes="fine") for r in live_records(opened, range(1, 31)).values()]
    told = practised(opened, plan_of(opened, rows))
    assert told.well and told.words == "30 rows practised: every one came out as planned."
    assert told.rows == () and told.seconds is not None
    assert told.calls == {"read": 1, "write": 1}


def test_what_somebody_changed_since_is_a_clash_in_practice_too(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    rows = [changed(opened, r, notes="ours") for r in live_records(opened, range(1, 11)).values()]
    plan = plan_of(opened, rows)
    buzz.api.change("campaigns", 4, {"notes": "theirs"})
    told = practised(opened, plan)
    assert by_row(plan, told)["4"] == Outcome.CONFLICT and told.tally[Outcome.CONFLICT] == 1
    assert really(opened, plan) == by_row(plan, told)


def test_a_field_only_this_tenant_has_is_practised_by_what_the_tenant_says_of_it(
    lead: User, configure: Any, monkeypatch: pytest.MonkeyPatch
):
    api = AutotaskApi(records=60, seed=1)
    with serve_in_thread(api) as running:
        configure(SANDBOX_AUTOTASK.format(url=running.url))
        live = Live(running, "autotask-test")
        opened = live.open(lead, "ConfigurationItems")
        ids = sorted(dump(live, "ConfigurationItems"))[:10]
        known = live_records(opened, ids)
        udf = opened.whole.by_name["udf.Backup Policy"]
        bad = {ids[2]: "Never heard of", ids[5]: "x" * 9}
        rows = [changed(opened, r, **{udf.name: bad.get(i, "Weekly")}) for i, r in known.items()]
        plan = plan_of(opened, [row for row in rows if row.changes])
        told = practised(opened, plan)
        assert set(words_on(told)) >= {str(i) for i in bad}
        assert really(opened, plan) == by_row(plan, told)


# ── the promise ───────────────────────────────────────────────────────────────────────────────────────────────────────

BUZZ = ("campaigns", "line-items", "advertisers", "creatives", "roles", "users", "segments")
AUTOTASK = ("Companies", "Contacts", "Tickets", "ConfigurationItems", "ContactGroups", "CompanyLocations", "Contracts")
# What no imitation can know: whether a value is taken elsewhere, a creative is there, and an empty field is protected.
UNKNOWABLE = {
    ("users", "email"),
    ("segments", "alternative_id"),
    ("line-items", "active"),
    ("ContactGroups", "name"),
    ("Companies", "udf.Portal Password"),
    ("ConfigurationItems", "udf.Admin Password"),
    ("ConfigurationItems", "udf.BIOS Password"),
    ("Tickets", "ticketCategory"),
    ("Tickets", "queueID"),
}


def value_for(data: st.DataObject, field: Field, record: Record, others: list[Record]) -> object:
    """What a person might put there, and now and then something that no form would let through."""
    typed = data.draw(edits_of(field, record, others), label=field.name)
    try:
        fitting: object = cast(field, typed, record.get(field.name))
    except Invalid:
        fitting = record.get(field.name)
    wild = {
        Kind.CHOICE: 987,
        Kind.TEXT: "w" * 300,
        Kind.LONG_TEXT: "w" * 9_000,
        Kind.INTEGER: -7,
        Kind.REFERENCE: 10**6,
    }
    return data.draw(st.sampled_from([fitting, fitting, fitting, wild.get(field.kind, fitting)]))


def any_plan(data: st.DataObject, live: Live, opened: Opened, *, replace: bool) -> Plan | None:
    resource = opened.resource.name
    ids = data.draw(st.lists(st.sampled_from(sorted(dump(live, resource))), min_size=1, max_size=6, unique=True))
    known = live_records(opened, ids)
    fields = [f for f in opened.whole.writable if (resource, f.name) not in UNKNOWABLE]
    rows = []
    for record in known.values():
        chosen = data.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique_by=lambda f: f.name))
        changes = [Change(f.name, record.get(f.name), value_for(data, f, record, list(known.values()))) for f in chosen]
        rows.append(changeset_of(opened.whole, record, changes))
    try:
        return (
            plan_of(opened, [r for r in rows if r.changes], replace=replace) if any(r.changes for r in rows) else None
        )
    except BadInput:
        return None


@contextmanager
def served(api: Any, configure: Any, text: str, name: str) -> Iterator[Live]:
    with serve_in_thread(api) as running:
        configure(text.format(url=running.url))
        yield Live(running, name)


@contextmanager
def put_back(live: Live) -> Iterator[None]:
    """Afterwards the records are what they were: what is drawn must not depend on the examples before."""
    tables = live.api._store.tables
    kept = copy.deepcopy(tables)
    try:
        yield
    finally:
        tables.update(kept)


def keeps_the_promise(data: st.DataObject, live: Live, user: User, resources: tuple[str, ...]) -> None:
    opened = live.open(user, data.draw(st.sampled_from(resources), label="resource"))
    plan = any_plan(data, live, opened, replace=data.draw(st.booleans(), label="PUT"))
    if plan is None:
        return
    live.running.log.clear()
    told = practised(opened, plan)
    assert only_read(live)
    assert told.state == "over", told.words
    foretold, came = by_row(plan, told), really(opened, plan)
    assert came == foretold, (plan.changesets, words_on(told))


EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def test_practice_foretells_what_buzz_makes_of_any_plan(configure: Any, admin_user: User):
    with served(BuzzApi(records=60, seed=5), configure, SANDBOX_BUZZ, "buzz-test") as live:

        @EXAMPLES
        @given(st.data())
        def holds(data: st.DataObject) -> None:
            with put_back(live):
                keeps_the_promise(data, live, admin_user, BUZZ)

        holds()


def test_practice_foretells_what_autotask_makes_of_any_plan(configure: Any, admin_user: User):
    with served(AutotaskApi(records=60, seed=5), configure, SANDBOX_AUTOTASK, "autotask-test") as live:
        live.api.switches["hour_limit"] = 1_000_000

        @EXAMPLES
        @given(st.data())
        def holds(data: st.DataObject) -> None:
            with put_back(live):
                keeps_the_promise(data, live, admin_user, AUTOTASK)

        holds()


# ── larger plans, other connections ───────────────────────────────────────────────────────────────────────────────────


def test_a_large_plan_is_practised_in_portions(buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch):
    buzz.api.switches["bulk_resources"] = []
    monkeypatch.setattr(practice, "PORTION", 10)
    opened = buzz.open(lead, "campaigns")
    rows = [
        changed(opened, r, **({"name": "w" * 192} if i % 20 == 0 else {"notes": f"{i}"}))
        for i, r in live_records(opened, range(1, 41)).items()
    ]
    plan = plan_of(opened, rows)
    told = practised(opened, plan)
    assert told.tally == {Outcome.DONE: 38, Outcome.REJECTED: 2} and told.calls == {"read": 4, "write": 40}
    assert [row.id for row in told.rows] == ["20", "40"] and told.kinds[0].count == 2
    assert really(opened, plan) == by_row(plan, told)


def test_a_bulk_plan_for_an_api_that_turned_out_to_have_no_bulk_calls(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    rows = [changed(opened, r, notes=f"{i}") for i, r in live_records(opened, range(1, 11)).items()]
    plan = plan_of(opened, rows)
    remember_no_bulk(opened.connection, "campaigns")
    told = practised(opened, plan)
    assert told.well and told.calls["write"] == 11 and only_read(buzz)
    assert not buzz.open(lead, "campaigns").can.bulk


# ── nothing of it is a run ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_practice_leaves_nothing_in_the_ledger_and_the_plan_open(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    rows = [changed(opened, r, notes="only tried") for r in live_records(opened, range(1, 6)).values()]
    plan = plan_of(opened, rows)
    practised(opened, plan)
    assert not Run.objects.exists() and not Item.objects.exists() and not Exchange.objects.exists()
    plan.refresh_from_db()
    assert plan.state == Plan.State.OPEN


def test_the_real_login_never_goes_to_the_imitation(autotask: Live, lead: User, monkeypatch: pytest.MonkeyPatch):
    told: list[dict[str, Any]] = []
    offered = imitations.offered()
    assert offered is not None

    def listening(dialect: str, **given: Any) -> imitations.Imitation:
        made = offered.imitate(dialect, **given)
        told.append({"given": given, "credentials": made.credentials})
        return made

    monkeypatch.setattr(imitations, "_offered", [imitations.Imitations(listening, offered.looks_at)])
    opened = autotask.open(lead, "Companies")
    ids = sorted(dump(autotask, "Companies"))[:3]
    rows = [changed(opened, r, city="Moved") for r in live_records(opened, ids).values()]
    practised(opened, plan_of(opened, rows))
    (once,) = told
    assert not {"api@example.com", "sandbox", "SANDBOX"} & set(once["credentials"].values())
    assert "SANDBOX" not in str(once["given"])


# ── who may see what ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_on_a_field_that_the_viewer_may_not_see_are_not_shown(autotask: Live, lead: User, viewer: User):
    opened = autotask.open(lead, "Companies")
    ids = sorted(dump(autotask, "Companies"))[1:4]
    rows = [changed(opened, r, companyType=99) for r in live_records(opened, ids).values()]
    plan = plan_of(opened, rows)
    practised(opened, plan)
    found = practice.latest(plan)
    assert found is not None
    for name in ("companyType", "companyName"):
        Grant.objects.create(group=viewer.groups.get(), fields=name, actions=["view"], deny=True)
    seen = practice.of(found, autotask.open(User.objects.get(pk=viewer.pk), "Companies"))
    assert {said.words for row in seen.rows for said in row.said} == {HIDDEN}
    assert {row.label for row in seen.rows} == {f"Company {i}" for i in ids}


def test_who_may_not_edit_may_not_start_a_practice(buzz: Live, lead: User, viewer: User):
    opened = buzz.open(lead, "campaigns")
    plan = plan_of(opened, [changed(opened, r, notes="x") for r in live_records(opened, [1, 2]).values()])
    with pytest.raises(NotAllowed):
        practice.start(buzz.open(viewer, "campaigns"), plan)
    assert not Practice.objects.exists()


def test_who_lost_the_right_to_see_the_resource_practises_no_more(buzz: Live, lead: User):
    opened = buzz.open(lead, "campaigns")
    plan = plan_of(opened, [changed(opened, r, notes="x") for r in live_records(opened, [1, 2]).values()])
    started = practice.start(opened, plan)
    lead.groups.clear()
    buzz.running.log.clear()
    assert practice.practise_once()
    started.refresh_from_db()
    assert practice.of(started).state == "failed" and not buzz.seen()


# ── queue and leases ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def waiting(buzz: Live, lead: User) -> Practice:
    opened = buzz.open(lead, "campaigns")
    rows = [changed(opened, r, notes="tried") for r in live_records(opened, range(1, 11)).values()]
    return practice.start(opened, plan_of(opened, rows))


def test_what_waits_already_is_not_asked_for_twice(buzz: Live, lead: User, waiting: Practice):
    assert practice.start(buzz.open(lead, "campaigns"), waiting.plan) == waiting
    assert practice.of(waiting).state == "waiting"


def test_one_of_two_workers_gets_it(waiting: Practice):
    first, second = practice._claim("one"), practice._claim("two")
    assert first is not None and second is None
    assert practice.of(first).state == "going on"


def test_a_practice_whose_worker_died_is_practised_by_the_next(waiting: Practice):
    assert practice._claim("somebody who dies") is not None
    assert not practice.practise_once()
    Practice.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert practice.practise_once()
    waiting.refresh_from_db()
    assert practice.of(waiting).well


def test_a_practice_that_kills_workers_is_given_up(waiting: Practice):
    for number in range(practice.TRIES):
        assert practice._claim(f"worker {number}") is not None
        Practice.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert practice.practise_once()
    waiting.refresh_from_db()
    assert practice.of(waiting).words.startswith("It could not be practised. Given up")
    assert not practice.practise_once()


def test_a_worker_told_to_stop_leaves_it_to_the_next(waiting: Practice):
    stopping = threading.Event()
    stopping.set()
    slow = {"kind": "slow", "times": None, "seconds": 1.0}
    assert practice.practise_once(stopping, faults=[slow])
    waiting.refresh_from_db()
    assert practice.of(waiting).state == "waiting"
    assert practice.practise_once()
    waiting.refresh_from_db()
    assert practice.of(waiting).well


def test_nobody_who_lost_the_lease_writes_a_result(waiting: Practice):
    late = practice._claim("late")
    assert late is not None
    Practice.objects.update(owner="somebody else")
    practice._end(late, problem="too late")
    waiting.refresh_from_db()
    assert waiting.finished_at is None and waiting.problem == ""


# ── what goes wrong ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_api_that_is_down_is_a_sentence(buzz: Live, waiting: Practice):
    buzz.stop()
    assert practice.practise_once()
    waiting.refresh_from_db()
    told = practice.of(waiting)
    assert told.state == "failed" and told.words.startswith("It could not be practised. ") and len(told.words) > 40


def test_planted_faults_surface_as_outcomes(autotask: Live, lead: User):
    opened = autotask.open(lead, "Companies")
    ids = sorted(dump(autotask, "Companies"))[1:13]
    rows = [changed(opened, r, city="Moved") for r in live_records(opened, ids).values()]
    plan = plan_of(opened, rows)
    faults = [
        {"kind": "drop_after_write", "method": "PATCH", "times": 2},
        {"kind": "html", "method": "PATCH", "times": 1},
    ]
    told = practised(opened, plan, faults)
    assert told.tally == {Outcome.DONE: 12}  # lost answers are settled by reading, as in a run
    assert told.calls["write"] > 12  # what the imitation never carried out was sent again
    assert only_read(autotask)


def test_an_installation_without_imitations_says_so(buzz: Live, lead: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(imitations, "_offered", [])
    opened = buzz.open(lead, "campaigns")
    plan = plan_of(opened, [changed(opened, r, notes="x") for r in live_records(opened, [1, 2]).values()])
    with pytest.raises(NotThere):
        practice.start(opened, plan)


def test_a_plan_that_was_tampered_with_is_not_practised(waiting: Practice):
    rows = waiting.plan.changesets
    rows[0]["changes"][0]["after"] = "something else"
    Plan.objects.update(changesets=rows)
    assert practice.practise_once()
    waiting.refresh_from_db()
    assert practice.of(waiting).words == "It could not be practised. This plan is not what was saved."
