"""A refused all-or-nothing batch: the good rows go, once each, in few calls; the bad ones keep the API's words."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, log2
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.planning import rescue
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.planning.rescue import Rescued, Try
from adminui.records.changes import Change, ChangeSet
from adminui.runs.models import Run
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from tests.conftest import SANDBOX_BUZZ, Live
from tests.services.bench import approved, carry_out, changed, live_records
from tests.services.truth import Truth, records, times_written

# The rules by themselves, against an API that takes all of a batch or none


@dataclass
class AllOrNothing:
    """An API that refuses any batch with a bad row in it, and names those or does not."""

    bad: Collection[int]
    names: bool
    calls: int = 0
    written: Counter[int] = field(default_factory=Counter)

    def carry_out(self, tried: Try) -> Rescued:
        self.calls += 1
        ids = [int(i) for i in tried.step.ids]
        if not self.bad & set(ids):
            self.written.update(ids)
            return rescue.accepted(tried)
        return rescue.refused(tried, [self._said(i, len(ids)) for i in ids])

    def _said(self, record_id: int, among: int) -> RowResult:
        guilty = record_id in self.bad or not self.names
        outcome = Outcome.REJECTED if guilty else Outcome.NOT_SENT
        return RowResult(record_id, outcome, ("No.",), suspect=not self.names and among > 1)


def row(record_id: int) -> ChangeSet:
    return ChangeSet(record_id, f"Record {record_id}", (Change("notes", "old", "new"),))


def rescued(rows: int, bad: Collection[int], form: Form, *, names: bool) -> tuple[AllOrNothing, Counter[int]]:
    """All that follows from sending one batch: the API as it is then, and how often each row was told to be refused."""
    api, told = AllOrNothing(set(bad), names), Counter[int]()
    queue = deque([Try(Step(form, tuple(row(i) for i in range(rows))))])
    while queue:
        came_of_it = api.carry_out(queue.popleft())
        told.update(int(result.record_id) for result in came_of_it.settled)
        queue.extendleft(reversed(came_of_it.again))
        assert api.calls <= 4 * rows + 4
    return api, told


@st.composite
def batches(draw: st.DrawFn) -> tuple[int, set[int]]:
    rows = draw(st.integers(2, 200))
    return rows, draw(st.sets(st.integers(0, rows - 1), max_size=min(rows, 12)))


@settings(deadline=None)
@given(batches(), st.sampled_from([Form.BULK_ROWS, Form.BULK_SHARED]), st.booleans())
def test_every_good_row_goes_exactly_once_and_every_bad_one_is_told_once(
    batch: tuple[int, set[int]], form: Form, names: bool
):
    rows, bad = batch
    api, told = rescued(rows, bad, form, names=names)
    assert api.written == dict.fromkeys(set(range(rows)) - bad, 1)
    assert told == dict.fromkeys(bad, 1)


@settings(deadline=None)
@given(batches(), st.sampled_from([Form.BULK_ROWS, Form.BULK_SHARED]))
def test_named_rows_cost_one_more_call(batch: tuple[int, set[int]], form: Form):
    rows, bad = batch
    api, _ = rescued(rows, bad, form, names=True)
    assert api.calls == 1 + (0 < len(bad) < rows)


@settings(deadline=None)
@given(batches())
def test_unnamed_rows_cost_at_most_two_calls_for_each_halving(batch: tuple[int, set[int]]):
    rows, bad = batch
    api, _ = rescued(rows, bad, Form.BULK_ROWS, names=False)
    assert api.calls <= 1 + 2 * sum(ceil(log2(rows)) for _ in bad)


@pytest.mark.parametrize("bad", range(100))
def test_one_bad_row_among_a_hundred_costs_at_most_fifteen_calls_wherever_it_stands(bad: int):
    api, _ = rescued(100, {bad}, Form.BULK_ROWS, names=False)
    assert api.calls <= 15 and api.written.total() == 99


# The whole way, against the Buzz sandbox

EARLY, LATE = "2019-01-01 00:00:00", "2030-01-01 00:00:00"  # a campaign that starts late refuses the new end dates


@pytest.fixture
def buzz(configure: Callable[[str], None]) -> Iterator[Live]:
    with serve_in_thread(BuzzApi(records=230, seed=1)) as running:
        configure(SANDBOX_BUZZ.format(url=running.url))
        yield Live(running, "buzz-test")


@dataclass(frozen=True)
class Batch:
    """A run over campaigns whose end dates change, of which some start too late for that."""

    live: Live
    run: Run
    truth: Callable[[], Truth]
    bad: set[int]

    def go(self) -> dict[int, str]:
        run = carry_out(self.run)
        return {int(item.record_id): item.outcome for item in run.items.all()}

    def calls(self) -> int:
        return sum(n for kind, n in self.live.running.log.calls()["calls"].items() if kind.startswith("PATCH"))

    def words(self) -> list[Any]:
        return [item.by_field for item in self.run.items.all() if int(item.record_id) in self.bad]


def prepared(
    live: Live, lead: Any, rows: int, bad: Collection[int], *, shared: bool = False, others: Sequence[int] = ()
) -> Batch:
    """`bad` and `others` are positions: rows the API refuses, and rows in which another field is changed instead."""
    opened = live.open(lead, "campaigns")
    ids = sorted(records(live.running, "campaigns"))[:rows]
    for position, i in enumerate(ids):
        dates = {"start_date": LATE if position in bad else EARLY, "end_date": None}
        live.api.change("campaigns", i, dates | {"notes": "before"})
    known = live_records(opened, ids)
    wanted: dict[int, dict[str, Any]] = {
        i: {"notes": f"note {i}"} if n in others else {"end_date": _end_date(0 if shared else n)}
        for n, i in enumerate(ids)
    }
    run = approved(opened, [changed(opened, known[i], **values) for i, values in wanted.items()])
    before = records(live.running, "campaigns")
    live.running.log.clear()

    def truth() -> Truth:
        return Truth(before, records(live.running, "campaigns"), wanted, times_written(live.running, "campaigns"))

    return Batch(live, run, truth, {ids[n] for n in bad})


def _end_date(n: int) -> str:
    return f"2025-01-{1 + n // 60:02} 00:{n % 60:02}:00"


SHAPES = ("list", "index-dict", "flat", "keyed-by-id")
REFUSAL = {"end_date": ["End date must not be before start date."]}


@pytest.mark.django_db
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bad", [0, 41, 99])
def test_one_bad_row_in_a_hundred_leaves_ninety_nine_written_in_fifteen_calls(
    buzz: Live, lead: Any, shape: str, bad: int
):
    buzz.api.switches["bulk_errors"] = shape
    batch = prepared(buzz, lead, 100, {bad})
    told = batch.go()
    assert Counter(told.values()) == {Outcome.DONE: 99, Outcome.REJECTED: 1}
    assert batch.truth().lies(told) == [] and batch.words() == [REFUSAL]
    assert batch.calls() <= (15 if shape == "flat" else 2)


@pytest.mark.django_db
@pytest.mark.parametrize("shape", SHAPES)
def test_three_bad_rows_in_two_hundred_leave_the_others_written(buzz: Live, lead: Any, shape: str):
    buzz.api.switches["bulk_errors"] = shape
    batch = prepared(buzz, lead, 200, {7, 8, 150})
    told = batch.go()
    assert Counter(told.values()) == {Outcome.DONE: 197, Outcome.REJECTED: 3}
    assert batch.truth().lies(told) == [] and batch.words() == [REFUSAL] * 3
    assert batch.calls() <= (35 if shape == "flat" else 2)


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [0, 57])
def test_a_shared_request_refused_for_one_row_by_a_rule_across_fields_is_cut_in_halves(buzz: Live, lead: Any, bad: int):
    batch = prepared(buzz, lead, 100, {bad}, shared=True)
    told = batch.go()
    assert Counter(told.values()) == {Outcome.DONE: 99, Outcome.REJECTED: 1}
    assert batch.truth().lies(told) == [] and batch.words() == [REFUSAL]
    assert batch.calls() <= 15


@pytest.mark.django_db
def test_words_that_name_a_field_but_no_row_do_not_refuse_all_rows_that_send_it(buzz: Live, lead: Any):
    """Half of the rows change the field that is complained of: one of these is the bad one, not all of them."""
    buzz.api.switches["bulk_errors"] = "flat"
    batch = prepared(buzz, lead, 100, {20}, others=range(0, 100, 2)[11:])
    told = batch.go()
    assert Counter(told.values()) == {Outcome.DONE: 99, Outcome.REJECTED: 1}
    assert batch.truth().lies(told) == [] and batch.calls() <= 15


@pytest.mark.django_db
@pytest.mark.parametrize("shape", SHAPES)
def test_when_every_row_is_bad_nothing_is_written_and_few_calls_are_made(buzz: Live, lead: Any, shape: str):
    buzz.api.switches["bulk_errors"] = shape
    batch = prepared(buzz, lead, 100, set(range(100)))
    told = batch.go()
    assert set(told.values()) == {Outcome.REJECTED}
    assert batch.truth().lies(told) == [] and batch.calls() <= 30  # as the lanes happen to meet, 23 to 26


@pytest.mark.django_db
def test_a_record_that_vanished_between_the_check_and_the_write_takes_nobody_with_it(buzz: Live, lead: Any):
    batch = prepared(buzz, lead, 100, ())
    gone = min(batch.truth().wanted)
    handle = buzz.api.handle

    def vanishing(request: Any) -> Any:
        if request.method == "PATCH" and gone in buzz.api._store.table("campaigns"):
            buzz.api._store.remove("campaigns", gone)
        return handle(request)

    buzz.api.handle = vanishing
    told = batch.go()
    assert Counter(told.values())[Outcome.DONE] == 99 and told[gone] in (Outcome.REJECTED, Outcome.NOT_SENT)
    assert batch.calls() <= 15
