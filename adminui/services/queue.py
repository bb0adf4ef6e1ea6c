"""Runs that are not over, connection by connection, in the order they are taken; and those that ended unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from adminui.connections.config import Connection
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Item, Run
from adminui.services import following, results, steering
from adminui.services.catalog import connections_for, resources_for
from adminui.services.following import Wait
from adminui.services.results import Counts
from adminui.staff.access import Person

UNSEEN = 20  # ended runs that a person is told of at most
NOT_OVER = (Run.State.QUEUED, Run.State.RUNNING, Run.State.PAUSED)
OVER = (Run.State.FINISHED, Run.State.STOPPED)


@dataclass(frozen=True)
class Queued:
    """A run in its connection's queue. `position` counts from 1 among those that wait for their turn."""

    run: Run
    counts: Counts
    position: int
    wait: Wait | None
    may_steer: bool

    @property
    def left(self) -> int:
        return self.counts.tally.get(Outcome.PENDING, 0)


@dataclass(frozen=True)
class Line:
    """What is under way and waits at one connection."""

    connection: Connection
    runs: list[Queued] = field(default_factory=list)


def lines(user: Person) -> list[Line]:
    """Of the resources this person may see; connections without such runs are left out."""
    found = []
    for connection in connections_for(user):
        names = [resource.name for resource in resources_for(user, connection)]
        runs = list(_light(Run.objects.filter(plan__connection=connection.name, plan__resource__in=names)))
        if runs:
            found.append(Line(connection, _queued(user, runs)))
    return found


def _light(runs: QuerySet[Run]) -> QuerySet[Run]:
    found = runs.filter(state__in=NOT_OVER).select_related("plan")
    return found.defer("plan__changesets", "plan__steps", "plan__held").order_by("pk")


def _queued(user: Person, runs: Sequence[Run]) -> list[Queued]:
    waiting = [run.pk for run in runs if run.state == Run.State.QUEUED and not run.scheduled]
    return [
        Queued(
            run,
            results.counts(run),
            waiting.index(run.pk) + 1 if run.pk in waiting else 0,
            following.why_waiting(run),
            steering.may_steer(user, run),
        )
        for run in sorted(runs, key=_order)
    ]


def _order(run: Run) -> tuple[int, int]:
    """What goes on first, then what waits for a person, then what waits for its turn, then what waits for its time."""
    ranks = {Run.State.RUNNING: 0, Run.State.PAUSED: 1}
    return (3 if run.scheduled else ranks.get(Run.State(run.state), 2)), run.pk


def tallied(runs: Iterable[Run]) -> dict[int, dict[Outcome, int]]:
    """Rows per outcome of several runs in one query."""
    keys = [run.pk for run in runs]
    found: dict[int, dict[str, int]] = {key: {} for key in keys}
    counted = Item.objects.filter(run__in=keys).order_by().values_list("run_id", "outcome").annotate(n=Count("pk"))
    for run_id, outcome, number in counted:
        found[run_id][outcome] = number
    return {key: {o: found[key][o] for o in Outcome if o in found[key]} for key in keys}


@dataclass(frozen=True)
class Standing:
    """A person's own runs in three numbers: under way or waiting their turn, paused, and ended without their seeing."""

    active: int = 0
    paused: int = 0
    ended: int = 0

    @property
    def any(self) -> int:
        return self.active + self.paused + self.ended


def standing(user_id: int) -> Standing:
    """In one small query: every page asks."""
    rows = _theirs(user_id).order_by().values_list("state").annotate(n=Count("pk"))
    numbers = dict(rows)
    ended = sum(numbers.get(state, 0) for state in OVER)
    active = numbers.get(Run.State.QUEUED, 0) + numbers.get(Run.State.RUNNING, 0)
    return Standing(active, numbers.get(Run.State.PAUSED, 0), ended)


def _theirs(user_id: int) -> QuerySet[Run]:
    """A record saved from its own page has shown its outcome there."""
    unseen = Q(state__in=OVER, told=False) & ~Q(plan__door="record")
    scheduled = Q(state=Run.State.QUEUED, due_at__gt=timezone.now())
    return Run.objects.filter((Q(state__in=NOT_OVER) & ~scheduled) | unseen, user_id=user_id)


def unseen(user_id: int) -> list[tuple[Run, Mapping[Outcome, int]]]:
    """Those that ended or paused and that this person has not looked at since, the newest first."""
    wanted = _theirs(user_id).exclude(state__in=(Run.State.QUEUED, Run.State.RUNNING)).select_related("plan")
    runs = list(wanted.defer("plan__changesets", "plan__steps", "plan__held").order_by("-pk")[:UNSEEN])
    tallies = tallied(runs)
    return [(run, tallies[run.pk]) for run in runs]
