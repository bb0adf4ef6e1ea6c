"""Every fault on every form of write, on both APIs: the outcome told is what the sandbox really did, and did once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adminui.connections import live as connections
from adminui.planning.outcomes import Outcome
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.services.catalog import Opened
from adminui.services.execution import execute
from tests.conftest import Live
from tests.services.bench import applied, approved, changed, dump, live_records, writes
from tests.services.truth import Truth, records, times_written

pytestmark = pytest.mark.django_db

DONE, NOT_SENT, UNKNOWN, CANCELLED = Outcome.DONE, Outcome.NOT_SENT, Outcome.UNKNOWN, Outcome.CANCELLED
DEADLINE = 0.6


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

    @property
    def reading(self) -> str:
        return "GET" if self.api == "buzz" else "POST"


FORMS = (
    Form("buzz-patch", "buzz", "campaigns", "notes", ("One",)),
    Form("buzz-put", "buzz", "campaigns", "notes", ("One",), "PUT"),
    Form("buzz-bulk-list", "buzz", "campaigns", "notes", ("One", "Two", "Three")),
    Form("buzz-bulk-shared", "buzz", "campaigns", "notes", ("Same", "Same", "Same")),
    Form("autotask-patch", "autotask", "Companies", "city", ("One",)),
    Form("autotask-put", "autotask", "Contacts", "title", ("One",), "PUT"),
    Form("autotask-through-parent", "autotask", "Contacts", "title", ("One",)),
)
BULK = [form for form in FORMS if "bulk" in form.name]

# What is done to the write, what has to be told of every row, and how many requests to write it takes. A row that was
# not written is sent once more when the call was broken off, and never when it is we who stopped waiting.
FAULTS: tuple[tuple[str, Fault, Outcome, int], ...] = (
    ("no fault at all", Fault("slow", seconds=0.01), DONE, 1),
    ("dropped before the work", Fault("drop_before"), DONE, 2),
    ("dropped after the write", Fault("drop_after_write"), DONE, 1),
    ("reset", Fault("reset"), DONE, 2),
    ("head cut", Fault("cut_headers"), DONE, 1),
    ("body cut", Fault("cut_body"), DONE, 1),
    ("JSON cut short", Fault("truncated_json"), DONE, 1),
    ("body dripping past the deadline", Fault("drip", seconds=0.05), DONE, 1),
    ("answered after the deadline", Fault("slow", seconds=DEADLINE + 0.2), DONE, 1),
    ("written after the deadline", Fault("late", seconds=DEADLINE + 0.2), DONE, 1),
    ("throttled once, told when", Fault("throttle", retry_after=0), DONE, 2),
    ("throttled once, not told when", Fault("throttle"), DONE, 2),
    ("throttled five times, told when", Fault("throttle", times=5, retry_after=0), DONE, 6),
    ("500 without a word", Fault("server_error"), DONE, 2),
    ("500 without a word, after the write", Fault("server_error_after_write"), DONE, 1),
    ("200 with a login page", Fault("html"), DONE, 2),
    ("login expired", Fault("expired_login"), DONE, 2),
    ("answer about another record", Fault("wrong_record"), DONE, 1),
    ("answer about records from elsewhere", Fault("foreign"), DONE, 1),
    ("answer that lacks records", Fault("short"), DONE, 1),
    ("answer in another order", Fault("reordered"), DONE, 1),
    ("port closed after the write", Fault("refuse", seconds=0.2), DONE, 1),
)

# The same again and again: what it ends with, and how many requests it takes, where somebody waits for the answer and
# where nobody does.
FOR_EVER: tuple[tuple[str, Fault, Outcome, int, int], ...] = (
    ("dropped before the work", Fault("drop_before", times=None), NOT_SENT, 1, 3),
    ("reset", Fault("reset", times=None), NOT_SENT, 1, 3),
    ("500 without a word", Fault("server_error", times=None), NOT_SENT, 1, 3),
    ("200 with a login page", Fault("html", times=None), NOT_SENT, 1, 3),
    ("dropped after the write", Fault("drop_after_write", times=None), DONE, 1, 1),
    ("500 after the write", Fault("server_error_after_write", times=None), DONE, 1, 1),
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

    def wanted(self) -> dict[int, dict[str, Any]]:
        return {i: {self.form.field: value} for i, value in zip(self.ids, self.form.values, strict=True)}

    def go(self, *, read_just_now: bool = True, patient: bool = True) -> dict[int, Outcome]:
        claimed = ledger.claim("test", self.run.pk)
        assert claimed is not None
        execute(claimed, known=self.known if read_just_now else None, patient=patient)
        return {int(item.record_id): Outcome(item.outcome) for item in self.run.items.all()}

    def check_told_is_true(self, told: dict[int, Outcome]) -> None:
        """A row said to be done is stored, one said not to be is untouched, nothing else moved, nothing went twice."""
        after = records(self.live.running, self.form.resource)
        times = times_written(self.live.running, self.form.resource)
        assert Truth(self.before, after, self.wanted(), times).lies(told) == []


@pytest.fixture
def scene(request: pytest.FixtureRequest, lead: Any, settings: Any) -> Iterator[Callable[[Form], Scene]]:
    def prepare(form: Form) -> Scene:
        settings.ADMINUI_DEADLINE = DEADLINE
        live: Live = request.getfixturevalue(form.api)
        connections.forget()
        opened = live.open(lead, form.resource)
        before = records(live.running, form.resource)
        chosen = [i for i, r in before.items() if r[form.field] not in form.values][2 : 2 + len(form.values)]
        known = live_records(opened, chosen)
        rows = [changed(opened, known[i], **{form.field: v}) for i, v in zip(sorted(known), form.values, strict=True)]
        run = approved(opened, rows, replace=form.replace)
        live.running.log.clear()
        return Scene(form, live, opened, before, run, known)

    yield prepare


def by_name(row: Any) -> str:
    return row.name if isinstance(row, Form) else row


@pytest.mark.parametrize("form", FORMS, ids=by_name)
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


@pytest.mark.parametrize("patient", [False, True], ids=["a page", "a run"])
@pytest.mark.parametrize("form", FORMS, ids=by_name)
@pytest.mark.parametrize(
    ("name", "fault", "expected", "of_a_page", "of_a_run"), FOR_EVER, ids=[row[0] for row in FOR_EVER]
)
def test_a_fault_that_stays_ends_in_the_truth_after_few_requests(
    scene: Callable[[Form], Scene],
    form: Form,
    name: str,
    fault: Fault,
    expected: Outcome,
    of_a_page: int,
    of_a_run: int,
    patient: bool,
):
    prepared = scene(form)
    prepared.fault(fault)
    told = prepared.go(patient=patient)
    assert told == dict.fromkeys(prepared.ids, expected)
    assert len(writes(prepared.live)) == (of_a_run if patient else of_a_page)
    prepared.check_told_is_true(told)


@pytest.mark.parametrize("form", FORMS, ids=by_name)
def test_a_login_that_is_refused_for_good_is_told_to_whoever_waits_and_sends_nothing(
    scene: Callable[[Form], Scene], form: Form
):
    prepared = scene(form)
    prepared.fault(Fault("expired_login", times=None))
    told = prepared.go(patient=False)
    assert told == dict.fromkeys(prepared.ids, NOT_SENT)
    assert len(writes(prepared.live)) == 2 and not applied(prepared.live)


@pytest.mark.parametrize("form", FORMS, ids=by_name)
def test_a_login_that_is_refused_for_good_makes_a_run_wait_for_a_person(scene: Callable[[Form], Scene], form: Form):
    prepared = scene(form)
    prepared.fault(Fault("expired_login", times=None))
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, Outcome.PENDING) and not applied(prepared.live)
    run = Run.objects.get(pk=prepared.run.pk)
    assert (run.state, run.pause) == (Run.State.PAUSED, Run.Pause.TROUBLE) and run.message


@pytest.mark.parametrize("form", FORMS, ids=by_name)
def test_an_api_that_never_does_what_we_stopped_waiting_for_leaves_the_row_unknown_and_is_not_asked_again(
    scene: Callable[[Form], Scene], form: Form
):
    """It may be at it still, and sending again would write twice."""
    prepared = scene(form)
    prepared.fault(Fault("silent", seconds=DEADLINE + 0.3))
    told = prepared.go(patient=False)
    assert told == dict.fromkeys(prepared.ids, UNKNOWN)
    assert len(writes(prepared.live)) == 1
    prepared.check_told_is_true(told)


@pytest.mark.parametrize("form", FORMS, ids=by_name)
def test_a_closed_port_means_nothing_was_sent(scene: Callable[[Form], Scene], form: Form):
    prepared = scene(form)
    prepared.live.running.listener.stop()
    told = prepared.go(patient=False)
    assert told == dict.fromkeys(prepared.ids, NOT_SENT)
    assert not writes(prepared.live)
    prepared.check_told_is_true(told)


@pytest.mark.parametrize("form", FORMS, ids=by_name)
def test_an_api_that_is_down_for_a_moment_before_the_write_is_waited_for_or_told_as_not_sent(
    scene: Callable[[Form], Scene], form: Form
):
    """Nothing is sent twice, and nothing is told to be done that is not, whichever of the two it comes to."""
    prepared = scene(form)
    prepared.fault(Fault("refuse", method=prepared.form.reading, seconds=0.3))
    told = prepared.go(read_just_now=False)
    assert set(told.values()) in ({DONE}, {NOT_SENT})
    prepared.check_told_is_true(told)


@pytest.mark.parametrize("form", FORMS[:4], ids=by_name)
def test_a_throttle_longer_than_the_patience_of_a_page_is_not_sent(scene: Callable[[Form], Scene], form: Form):
    prepared = scene(form)
    prepared.fault(Fault("throttle", times=None, retry_after=900))
    told = prepared.go(patient=False)
    assert told == dict.fromkeys(prepared.ids, NOT_SENT)
    assert len(writes(prepared.live)) == 1
    prepared.check_told_is_true(told)


BLIND = (
    ("written", Fault("drop_after_write")),
    ("not written", Fault("drop_before")),
)


@pytest.mark.parametrize("form", FORMS, ids=by_name)
@pytest.mark.parametrize(("name", "fault"), BLIND, ids=[row[0] for row in BLIND])
def test_it_is_unknown_only_when_the_answer_is_lost_and_nothing_can_be_read(
    scene: Callable[[Form], Scene], form: Form, name: str, fault: Fault
):
    prepared = scene(form)
    prepared.fault(fault)
    prepared.live.running.faults.add(Fault("drop_before", method=form.reading, times=None))
    told = prepared.go(patient=False)
    assert told == dict.fromkeys(prepared.ids, UNKNOWN)
    assert all("could not be read back" in " ".join(item.messages) for item in prepared.run.items.all())
    assert len(writes(prepared.live)) == 1
    assert max(applied(prepared.live).values(), default=0) == (1 if name == "written" else 0)


# Two faults, one after the other, on one row

PAIRS = (
    ("throttled, then dropped after the write", ("throttle", "drop_after_write"), 2),
    ("login expired, then dropped before", ("expired_login", "drop_before"), 3),
    ("dropped before, then throttled", ("drop_before", "throttle"), 3),
    ("dropped before, then answered as another record", ("drop_before", "wrong_record"), 2),
    ("500 before, then 500 after the write", ("server_error", "server_error_after_write"), 2),
    ("reset, then the body is cut", ("reset", "cut_body"), 2),
)


@pytest.mark.parametrize("form", FORMS, ids=by_name)
@pytest.mark.parametrize(("name", "kinds", "requests"), PAIRS, ids=[row[0] for row in PAIRS])
def test_a_fault_on_the_second_try_is_settled_as_truly_as_one_on_the_first(
    scene: Callable[[Form], Scene], form: Form, name: str, kinds: tuple[str, ...], requests: int
):
    prepared = scene(form)
    for kind in kinds:
        prepared.fault(Fault(kind, retry_after=0 if kind == "throttle" else None))
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, DONE)
    assert len(writes(prepared.live)) == requests
    prepared.check_told_is_true(told)


@pytest.mark.parametrize("form", FORMS, ids=by_name)
@pytest.mark.parametrize("kind", ["drop_before", "server_error", "html", "truncated_json", "throttle", "reset"])
def test_a_fault_on_the_reading_back_changes_nothing_in_what_is_told(
    scene: Callable[[Form], Scene], form: Form, kind: str
):
    prepared = scene(form)
    prepared.fault(Fault("drop_after_write"))
    prepared.fault(Fault(kind, method=form.reading, retry_after=0))
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, DONE)
    assert len(writes(prepared.live)) == 1
    prepared.check_told_is_true(told)


def test_every_exchange_of_a_write_is_kept_with_what_came_of_it(scene: Callable[[Form], Scene]):
    prepared = scene(FORMS[0])
    prepared.fault(Fault("expired_login"))
    prepared.go()
    kept = [(e.method, e.status) for e in prepared.run.exchanges.filter(purpose="write")]
    assert [k for k in kept if k[0] == "PATCH"] == [("PATCH", 401), ("PATCH", 200)]
    assert "sandbox" not in " ".join(e.body for e in prepared.run.exchanges.all())


@pytest.mark.parametrize("form", FORMS, ids=by_name)
def test_a_reading_back_that_hangs_is_made_again(scene: Callable[[Form], Scene], form: Form):
    prepared = scene(form)
    prepared.fault(Fault("drop_after_write"))
    prepared.fault(Fault("silent", method=form.reading, seconds=DEADLINE + 0.2))
    told = prepared.go()
    assert told == dict.fromkeys(prepared.ids, DONE)
    assert len(writes(prepared.live)) == 1


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
    assert dump(prepared.live, "campaigns")
