"""Practice: a saved plan carried out on an imitation of its API that holds these very records, to see what would come.

The API itself is only read from. The engine, the dialect and the requests are those of a run; the book is in memory, so
that neither the ledger nor the history knows of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from adminui.dialects.errors import RemoteError
from adminui.planning.outcomes import OPEN, Outcome, RowResult
from adminui.planning.plan import Step
from adminui.records.values import Record, RecordId
from adminui.remote.reader import read_many
from adminui.runs import ledger
from adminui.runs.lines import Kept
from adminui.runs.models import Plan, Practice
from adminui.services import leases
from adminui.services.book import Heed, Line
from adminui.services.catalog import Opened, open_resource
from adminui.services.engine import Engine
from adminui.services.errors import Refused, Stale
from adminui.services.imitating import Faults, imitated, imitations
from adminui.services.plans import as_saved, steps_of
from adminui.services.practised import Practised as Practised
from adminui.services.practised import Summary
from adminui.services.practised import of as of

logger = logging.getLogger(__name__)
PORTION: Final = 5_000  # rows that an imitation holds at once
TRIES: Final = 3  # workers that may die of one practice
OUR_FAULT: Final = "Something failed on our side; the log says what."


class Interrupted(Exception):
    """This process has to let go of the practice."""


@dataclass
class Notebook:
    """A book in memory: what came of each row, and the number of calls."""

    results: dict[RecordId, RowResult]
    calls: Counter[str]
    step: int = 0

    def sending(self, steps: Sequence[Sequence[Line]]) -> Sequence[int] | None:
        self.step += len(steps)
        return range(self.step - len(steps), self.step)

    def settle(self, results: Sequence[tuple[Line, RowResult]]) -> bool:
        for line, result in results:
            self.results[line.row.record_id] = replace(result, stored=None, theirs={})
        return True

    def back_to_pending(self, rows: Sequence[Line], *, carried: bool = True) -> bool:
        return True

    def keep(self, kept: Sequence[Kept]) -> None:
        self.calls.update("write" if each.purpose == "write" else "read back" for each in kept)

    def doing(self, words: str) -> None:
        """Nobody looks on."""

    def heed(self) -> Heed:
        return Heed()

    def no_bulk(self) -> None:
        """What an imitation offers says nothing of the API."""


def start(opened: Opened, plan: Plan) -> Practice:
    """Have the plan practised by a worker; one that waits or goes on already is not asked for twice."""
    opened.require("edit")
    imitations()
    waiting = Practice.objects.filter(plan=plan, finished_at=None).order_by("-pk").first()
    return waiting or Practice.objects.create(plan=plan, user_id=opened.user_id)


def latest(plan: Plan) -> Practice | None:
    return Practice.objects.filter(plan=plan).order_by("-pk").first()


def practise_once(stopping: threading.Event | None = None, *, faults: Faults = ()) -> bool:
    """Practise one plan, if any waits; whether there was one. `faults` happen to the imitation, to see what it does."""
    practice = _claim(ledger.me())
    if practice is None:
        return False
    with leases.held(lambda: _renew(practice), stopping or threading.Event()) as interrupted:
        _carry_out(practice, interrupted, faults)
    return True


def _claim(owner: str) -> Practice | None:
    """The oldest that waits, or whose owner died; of two who try at once, one gets it."""
    now = timezone.now()
    free = Q(Q(lease_until=None) | Q(lease_until__lt=now), finished_at=None)
    for pk, result in list(Practice.objects.filter(free).order_by("pk").values_list("pk", "result")[:10]):
        tried = {"tried": result.get("tried", 0) + 1}
        if Practice.objects.filter(free, pk=pk).update(owner=owner, lease_until=now + ledger.LEASE, result=tried):
            return Practice.objects.select_related("plan", "user").get(pk=pk)
    return None


def _mine(practice: Practice) -> QuerySet[Practice]:
    return Practice.objects.filter(pk=practice.pk, owner=practice.owner, finished_at=None)


def _renew(practice: Practice) -> bool:
    return bool(_mine(practice).update(lease_until=timezone.now() + ledger.LEASE))


def _end(practice: Practice, *, problem: str = "", result: Mapping[str, Any] | None = None) -> None:
    _mine(practice).update(finished_at=timezone.now(), lease_until=None, problem=problem, result=result or {})


def _carry_out(practice: Practice, interrupted: threading.Event, faults: Faults) -> None:
    try:
        if practice.result["tried"] > TRIES:
            _end(practice, problem=f"Given up: {TRIES} workers stopped in the middle of it.")
            return
        result = _practise(practice, interrupted, faults)
    except Interrupted:
        _mine(practice).update(owner="", lease_until=None, result={})
    except (Refused, RemoteError) as error:
        _end(practice, problem=error.message)
    except Exception:
        logger.exception("Practice %s broke down on our side", practice.pk)
        _end(practice, problem=OUR_FAULT)
    else:
        _end(practice, result=result)


def _practise(practice: Practice, interrupted: threading.Event, faults: Faults) -> dict[str, Any]:
    plan, began = practice.plan, time.monotonic()
    opened = open_resource(practice.user or AnonymousUser(), plan.connection, plan.resource)
    rows = plan.rows()
    if not as_saved(plan):
        raise Stale("This plan is not what was saved.")
    summary = Summary(opened, len(rows))
    for steps in _portions(steps_of(plan, rows).steps):
        if interrupted.is_set():
            raise Interrupted
        summary.add(steps, _rehearse(opened, steps, interrupted, faults, summary.calls))
    return summary.data(time.monotonic() - began)


def _portions(steps: Sequence[Step]) -> Iterator[list[Step]]:
    portion: list[Step] = []
    rows = 0
    for step in steps:
        portion.append(step)
        rows += len(step.rows)
        if rows >= PORTION:
            yield portion
            portion, rows = [], 0
    if portion:
        yield portion


def _rehearse(
    opened: Opened, steps: Sequence[Step], interrupted: threading.Event, faults: Faults, calls: Counter[str]
) -> Mapping[RecordId, RowResult]:
    """What comes of these steps on an imitation that holds their records as they are now."""
    rows = [row for step in steps for row in step.rows]
    live = _read(opened, [row.record_id for row in rows], calls)
    book = Notebook({}, calls)
    with imitated(opened, rows, live.values(), faults) as practising:
        lines = {row.record_id: Line(row) for row in rows}
        engine = Engine(practising, lines, steps, book, known=live, interrupted=interrupted)
        ending = engine.go()
    if ending.how == "interrupted":
        raise Interrupted
    unsent = RowResult("", Outcome.NOT_SENT, (ending.words,) if ending.words else ())
    left = [i for i, line in lines.items() if line.outcome in OPEN]
    return {**book.results, **{i: replace(unsent, record_id=i) for i in left}}


def _read(opened: Opened, ids: Sequence[RecordId], calls: Counter[str]) -> dict[RecordId, Record]:
    with opened.client.observe(lambda seen: calls.update(["read"])):
        return read_many(opened.client, opened.whole, opened.can, ids)
