"""What the engine writes down as it goes, and what it heeds: the ledger for a run, memory for a practice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from adminui.connections import live as connections
from adminui.connections.halting import halted
from adminui.planning.outcomes import OPEN, Outcome, RowResult
from adminui.records.changes import ChangeSet
from adminui.records.values import RecordId
from adminui.runs import ledger, lines
from adminui.runs.lines import Kept
from adminui.runs.models import Item, Plan, Run
from adminui.services.catalog import Opened
from adminui.services.errors import Refused
from adminui.services.plans import check_touch

MAY_HAVE_WRITTEN: Final = (Outcome.DONE, Outcome.NOT_STORED, Outcome.UNKNOWN)


@dataclass
class Line:
    """A row of a run as the engine goes along: its outcome so far, and how many requests have carried it."""

    row: ChangeSet
    outcome: Outcome = Outcome.PENDING
    tries: int = 0
    pk: int = 0
    seq: int = 0
    sent: bool = False  # some request has carried it, in this sitting or an earlier one


@dataclass(frozen=True)
class Heed:
    """What there is to heed between requests: what somebody `asked`, and why nothing more may be sent."""

    asked: str = ""
    barred: str = ""


class Meddled(Exception):
    """Another run of ours wrote some of the same records since they were read, or is about to: `ids`."""

    def __init__(self, ids: frozenset[RecordId]) -> None:
        super().__init__(ids)
        self.ids = ids


class Book(Protocol):
    """Each verb that writes gives False, with nothing written, when the run is somebody else's by now."""

    def sending(self, steps: Sequence[Sequence[Line]]) -> Sequence[int] | None:
        """Marks rows as being sent before their requests leave; the steps' numbers. Raises Meddled, nothing marked."""

    def settle(self, results: Sequence[tuple[Line, RowResult]]) -> bool: ...

    def back_to_pending(self, rows: Sequence[Line], *, carried: bool = True) -> bool:
        """Not `carried`: the API has not looked at them."""

    def keep(self, kept: Sequence[Kept]) -> None: ...

    def doing(self, words: str) -> None: ...

    def no_bulk(self) -> None:
        """There is no such bulk address, and there will be none."""

    def heed(self) -> Heed: ...


class RunBook:
    """A run's pages of the ledger."""

    def __init__(self, run: Run, opened: Opened, rows: Sequence[ChangeSet]) -> None:
        self.run, self.opened = run, opened
        self.fields = {field for row in rows for field in row.fields}
        self.records = len(rows)
        self.step = lines.last_step(run)
        self.said = ""
        self.met: set[int] = set()  # rows of other runs that are over, and that ours were read after

    def sending(self, steps: Sequence[Sequence[Line]]) -> Sequence[int] | None:
        with transaction.atomic():
            if meddled := self._meddled({str(line.row.record_id): line for step in steps for line in step}):
                raise Meddled(meddled)
            return self._mark(steps)

    def _meddled(self, mine: Mapping[str, Line]) -> frozenset[RecordId]:
        """A record saved in a page does not wait for the rows that have yet to be sent, so they have to look for it."""
        if not Run.objects.filter(pk__gt=self.run.pk, started_at__isnull=False).exists():
            return frozenset()
        return frozenset(mine[record_id].row.record_id for record_id in self._written_by_others(list(mine)))

    def _written_by_others(self, ids: Sequence[str]) -> Iterator[str]:
        place = {"run__plan__connection": self.run.plan.connection, "run__plan__resource": self.run.plan.resource}
        theirs = Item.objects.filter(run_id__gt=self.run.pk, run__started_at__isnull=False, **place).order_by()
        going_on = Q(run__state=Run.State.RUNNING, run__lease_until__gte=timezone.now(), outcome__in=OPEN)
        for start in range(0, len(ids), lines.AT_ONCE):
            found = theirs.filter(Q(outcome__in=MAY_HAVE_WRITTEN) | going_on)
            found = found.filter(record_id__in=ids[start : start + lines.AT_ONCE]).exclude(pk__in=self.met)
            for pk, record_id, outcome in found.values_list("pk", "record_id", "outcome"):
                if outcome not in OPEN:
                    self.met.add(pk)
                yield record_id

    def _mark(self, steps: Sequence[Sequence[Line]]) -> Sequence[int] | None:
        if all(len(step) == 1 for step in steps):
            return self._sending_each([step[0] for step in steps])
        numbers = range(self.step + 1, self.step + 1 + len(steps))
        if not lines.sending(self.run, [(n, [s.pk for s in step]) for n, step in zip(numbers, steps, strict=True)]):
            return None
        self.step += len(steps)
        return numbers

    def _sending_each(self, rows: Sequence[Line]) -> Sequence[int] | None:
        """In one statement: steps are numbered as the rows are, from the last number on."""
        first = min(line.seq for line in rows)
        offset = self.step + 1 - first
        if not lines.sending_each(self.run, [line.pk for line in rows], offset):
            return None
        self.step += max(line.seq for line in rows) - first + 1
        return [line.seq + offset for line in rows]

    def settle(self, results: Sequence[tuple[Line, RowResult]]) -> bool:
        return lines.settle(self.run, [(line.pk, line.row, result) for line, result in results])

    def back_to_pending(self, rows: Sequence[Line], *, carried: bool = True) -> bool:
        return lines.back_to_pending(self.run, [line.pk for line in rows], carried=carried)

    def keep(self, kept: Sequence[Kept]) -> None:
        lines.keep(self.run, kept)

    def doing(self, words: str) -> None:
        if words != self.said:
            ledger.doing(self.run, words)
            self.said = words

    def no_bulk(self) -> None:
        connections.remember_no_bulk(self.opened.connection, self.opened.resource.name)

    def heed(self) -> Heed:
        """Rights, the connection and the plan are looked at anew each time: all may change while a run goes on."""
        return Heed(ledger.asked(self.run), self._barred())

    def _barred(self) -> str:
        run = self.run
        if halt := halted(run.plan.connection):
            return f"{halt.by} has stopped all writing to {run.plan.connection_label}." + (
                f" {halt.why}" if halt.why else ""
            )
        if Plan.objects.values_list("digest", flat=True).get(pk=run.plan_id) != run.plan.digest:
            return "The plan is not what was approved any more."
        try:
            check_touch(as_now(run, self.opened), self.fields, self.records)
        except Refused as error:
            return error.message
        return ""


def as_now(run: Run, opened: Opened) -> Opened:
    """The resource opened by the same person with the rights they have at this moment."""
    user = get_user_model().objects.filter(pk=run.user_id or 0).first()
    return replace(opened, user=user or AnonymousUser())


def lines_of(run: Run, rows: Iterable[ChangeSet]) -> Mapping[RecordId, Line]:
    """The run's rows with how they stand; `rows` are the plan's, in its order, as the run's are."""
    return {
        row.record_id: Line(row, Outcome(kept.outcome), kept.tries, kept.pk, kept.seq, kept.step is not None)
        for row, kept in zip(rows, lines.standing(run), strict=True)
    }
