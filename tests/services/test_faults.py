"""Every fault on every form of write, on both APIs: the outcome told is what the sandbox really did, and did once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adminui.connections import live as connections
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.services.catalog import Opened
from tests.conftest import Live
from tests.services.bench import applied, approved, carry_out, changed, dump, live_records, moved, writes

pytestmark = pytest.mark.django_db

DONE, NOT_SENT, UNKNOWN = Outcome.DONE, Outcome.NOT_SENT, Outcome.UNKNOWN


@dataclass(frozen=True)
class Form:
    """A form of write: where, with which method, and what the chosen rows are set to."""

    name: str
    api: str
    resource: str
    field: str
    values: tuple[str, ...]
    method: str = "PATCH"

    @property
    def replace(self) -> bool:
        return self.method == "PUT"


FORMS = (
    Form("buzz-patch", "buzz", "campaigns", "notes", ("One",)),
    Form("buzz-put", "buzz", "campaigns", "notes", ("One",), "PUT"),
    Form("buzz-bulk-list", "buzz", "campaigns", "notes", ("One", "Two", "Three")),
    Form("buzz-bulk-shared", "buzz", "campaigns", "notes", ("Same", "Same", "Same")),
    Form("autotask-patch", "autotask", "Companies", "city", ("One",)),
    Form("autotask-put", "autotask", "Contacts", "title", ("One",), "PUT"),
    Form("autotask-through-parent", "autotask", "Contacts", "title", ("One",)),
)

# What is done to the write, what has to be told of every row, and how many requests the write may take.
FAULTS: tuple[tuple[str, Fault, Outcome, int], ...] = (
    ("no fault at all", Fault("slow", seconds=0.01), DONE, 1),
    ("dropped before the work", Fault("drop_before"), NOT_SENT, 1),
    ("dropped after the write", Fault("drop_after_write"), DONE, 1),
    ("head cut", Fault("cut_headers"), DONE, 1),
    ("body cut", Fault("cut_body"), DONE, 1),
    ("body dripping past the deadline", Fault("drip", seconds=0.05), DONE, 1),
    ("reset", Fault("reset"), NOT_SENT, 1),
    ("throttled once, told when", Fault("throttle", retry_after=0), DONE, 2),
    ("throttled once, not told when", Fault("throttle"), DONE, 2),
    ("500 without a word", Fault("server_error"), NOT_SENT, 1),
    ("200 with a login page", Fault("html"), NOT_SENT, 1),
    ("JSON cut short", Fault("truncated_json"), DONE, 1),
    ("login expired", Fault("expired_login"), DONE, 2),
    ("answer about another record", Fault("wrong_record"), DONE, 1),
)


@dataclass(frozen=True)
class Scene:
    """Rows of one form, read and changed, just before they are sent."""

    form: Form
    live: Live
    opened: Opened
    before: dict[int, dict[str, Any]]
    run: Run
    known: dict[Any, Any]

    @property
    def ids(self) -> list[int]:
        return sorted(self.known)

    def fault(self, fault: Fault) -> None:
        self.live.running.faults.add(replace(fault, method=fault.method or self.form.method))

    def wanted(self, record_id: int) -> str:
        return self.form.values[self.ids.index(record_id)]

    def go(self) -> dict[int, Outcome]:
        run = carry_out(self.run, self.known)
        return {int(item.record_id): Outcome(item.outcome) for item in run.items.all()}

    def check_told_is_true(self, told: dict[int, Outcome]) -> None:
        """A row said to be done is stored, one said not to be is untouched, nothing else moved, nothing went twice."""
        after, times = dump(self.live, self.form.resource), applied(self.live)
        stamps = {self.opened.whole.version_field, "lastActivityDate", "lastTrackedModifiedDateTime"}
        for record_id, record in after.items():
            outcome, touched = told.get(record_id), moved(self.before[record_id], record) - stamps
            assert times[record_id] <= 1
            if outcome is DONE:
                assert touched == {self.form.field} and record[self.form.field] == self.wanted(record_id)
            elif outcome is not UNKNOWN:
                assert not touched and not times[record_id]


@pytest.fixture
def scene(request: pytest.FixtureRequest, lead: Any, settings: Any) -> Iterator[Callable[[Form], Scene]]:
    def prepare(form: Form) -> Scene:
        settings.ADMINUI_DEADLINE = 1.0
        live: Live = request.getfixturevalue(form.api)
        connections.forget()
        opened = live.open(lead, form.resource)
        before = dump(live, form.resource)
        chosen = [i for i, r in before.items() if r[form.field] not in form.values][2 : 2 + len(form.values)]
        known = live_records(opened, chosen)
        rows = [changed(opened, known[i], **{form.field: v}) for i, v in zip(sorted(known), form.values, strict=True)]
        run = approved(opened, rows, replace=form.replace)
        live.running.log.clear()
        return Scene(form, live, opened, before, run, known)

    yield prepare


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize(("name", "fault", "expected", "requests"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_fault_has_one_honest_outcome(
    scene: Callable[[Form], Scene], form: Form, name: str, fault: Fault, expected: Outcome, requests: int
):
    prepared = scene(form)
    prepared.fault(fault)
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, expected)
    assert len(writes(prepared.live)) == requests
    prepared.check_told_is_true(told)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_closed_port_means_nothing_was_sent(scene: Callable[[Form], Scene], form: Form):
    prepared = scene(form)
    prepared.live.running.listener.stop()
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, NOT_SENT)
    assert not writes(prepared.live)
    prepared.check_told_is_true(told)


@pytest.mark.parametrize("form", FORMS[:4], ids=lambda form: form.name)
def test_a_throttle_longer_than_our_patience_is_not_sent_and_not_waited_for(scene: Callable[[Form], Scene], form: Form):
    prepared = scene(form)
    prepared.fault(Fault("throttle", times=None, retry_after=900))
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, NOT_SENT)
    assert len(writes(prepared.live)) == 1
    prepared.check_told_is_true(told)


BLIND = (
    ("written", Fault("drop_after_write")),
    ("not written", Fault("drop_before")),
)


@pytest.mark.parametrize("form", FORMS[::2], ids=lambda form: form.name)
@pytest.mark.parametrize(("name", "fault"), BLIND, ids=[row[0] for row in BLIND])
def test_it_is_unknown_only_when_the_answer_is_lost_and_nothing_can_be_read(
    scene: Callable[[Form], Scene], form: Form, name: str, fault: Fault
):
    prepared = scene(form)
    prepared.fault(fault)
    reading = "GET" if form.api == "buzz" else "POST"
    prepared.live.running.faults.add(Fault("drop_before", method=reading, times=None))
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, UNKNOWN)
    assert all("could not be read back" in " ".join(item.messages) for item in prepared.run.items.all())
    assert max(applied(prepared.live).values(), default=0) == (1 if name == "written" else 0)


def test_a_fault_on_one_row_of_many_leaves_the_others_to_their_own_fate(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    before = dump(autotask, "Companies")
    ids = sorted(before)[3:13]
    known = live_records(opened, ids)
    run = approved(opened, [changed(opened, known[i], city="Moved") for i in ids])
    autotask.running.faults.add(Fault("drop_before", method="PATCH", after=2, times=1))
    autotask.running.faults.add(Fault("drop_after_write", method="PATCH", after=4, times=1))
    done = carry_out(run, known)
    after = dump(autotask, "Companies")
    told = {int(item.record_id): item.outcome for item in done.items.all()}
    assert sorted(told.values()) == sorted([DONE] * 9 + [NOT_SENT])
    for i in ids:
        assert (after[i]["city"] == "Moved") is (told[i] == DONE)
    assert set(applied(autotask).values()) == {1}


def test_when_nothing_can_be_sent_the_run_stops_instead_of_failing_row_after_row(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    known = live_records(opened, sorted(dump(autotask, "Companies"))[:12])
    run = approved(opened, [changed(opened, r, city="Moved") for r in known.values()])
    autotask.running.listener.stop()
    done = carry_out(run, known)
    assert done.state == Run.State.STOPPED and "could not be sent" in done.message
    assert done.tally() == {NOT_SENT: 12}
    assert done.items.filter(messages__icontains="stopped before this record").count() >= 12 - 5


def test_every_exchange_of_a_write_is_kept_with_what_came_of_it(scene: Callable[[Form], Scene]):
    prepared = scene(FORMS[0])
    prepared.fault(Fault("expired_login"))
    prepared.go()
    kept = [(e.method, e.status) for e in prepared.run.exchanges.filter(purpose="write")]
    assert [k for k in kept if k[0] == "PATCH"] == [("PATCH", 401), ("PATCH", 200)]
    assert "sandbox" not in " ".join(e.body for e in prepared.run.exchanges.all())


def test_a_refusal_at_sign_in_again_is_not_sent_and_names_the_login(scene: Callable[[Form], Scene]):
    prepared = scene(FORMS[4])
    prepared.live.running.faults.add(Fault("expired_login", method="PATCH", times=None))
    told = prepared.go()
    assert set(told.values()) == {NOT_SENT}
    assert len(writes(prepared.live)) == 2 and not applied(prepared.live)


def meddle(live: Live, after_write: Callable[[int], None]) -> None:
    """Somebody is quicker than our reading back: `after_write` happens right after the first write of a record."""
    handle, done = live.api.handle, set()

    def meddled(request: Any) -> Any:
        answer = handle(request)
        if request.method == "PATCH" and not done:
            done.add(True)
            after_write(int(request.path.rpartition("/")[2]))
        return answer

    live.api.handle = meddled


def test_it_stays_unknown_when_the_record_holds_neither_the_old_nor_the_new_value(scene: Callable[[Form], Scene]):
    prepared = scene(FORMS[0])
    prepared.fault(Fault("drop_after_write"))
    meddle(prepared.live, lambda i: prepared.live.api.change("campaigns", i, {"notes": "somebody else's"}))
    assert set(prepared.go().values()) == {UNKNOWN}
    item = prepared.run.items.get()
    assert "neither the old values nor the new" in " ".join(item.messages)
    assert item.stored == {"notes": "somebody else's"}


def test_a_record_that_vanished_after_a_lost_answer_is_unknown_and_said_to_have_vanished(
    scene: Callable[[Form], Scene],
):
    prepared = scene(FORMS[0])
    prepared.fault(Fault("drop_after_write"))
    meddle(prepared.live, lambda i: prepared.live.api._store.remove("campaigns", i))
    assert set(prepared.go().values()) == {UNKNOWN}
    assert "does not have it any more" in " ".join(prepared.run.items.get().messages)
