"""What a run has come to: its rows counted by fate and words, those to look at, and its rows a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Count, QuerySet

from adminui.planning.outcomes import OPEN, SETTLED_WELL, TO_FIX, Outcome
from adminui.records.schema import Field
from adminui.runs.models import Item, Run
from adminui.services import history, sheets
from adminui.services.again import LEFT_KIND
from adminui.services.catalog import Opened
from adminui.services.errors import NotThere, Refused
from adminui.services.history import field_shown
from adminui.staff.access import Person
from adminui.worksheets.models import Worksheet

CARDS = 12  # kinds of failure that are told apart; what is rarer is counted together
HIDDEN = "The API's words concern a field that you may not see."
SILENT = "Nothing more is known."
LATEST = 12  # groups whose ends are looked at, to find the rows that settled last


def find(user: Person, run_id: int) -> tuple[Run, Opened]:
    """A run on a resource this person may see, without its plan's long contents, and the resource as remembered."""
    runs = Run.objects.select_related("plan").defer("plan__changesets", "plan__steps")
    run = runs.filter(pk=run_id).first()
    if run is None:
        raise _not_there(run_id)
    try:
        return run, history.remembered(user, run.plan.connection, run.plan.resource)
    except Refused as error:
        raise _not_there(run_id) from error


def _not_there(run_id: int) -> NotThere:
    return NotThere(f"There is no run {run_id} that you may see.")


class Group(NamedTuple):
    """Rows of one outcome that met the same words. There may be thousands of groups."""

    outcome: str
    kind: str
    rows: int


@dataclass(frozen=True)
class Counts:
    """All rows of a run, counted in one go over an index that holds nothing else."""

    groups: tuple[Group, ...]

    @cached_property
    def tally(self) -> dict[Outcome, int]:
        """Rows per outcome, in the order of Outcome."""
        found: dict[str, int] = {}
        for group in self.groups:
            found[group.outcome] = found.get(group.outcome, 0) + group.rows
        return {outcome: found[outcome] for outcome in Outcome if outcome in found}

    @property
    def total(self) -> int:
        return sum(self.tally.values())

    @property
    def settled(self) -> int:
        return self.of(frozenset(self.tally) - OPEN)

    @cached_property
    def to_fix(self) -> tuple[Group, ...]:
        """The largest group first."""
        left = [group for group in self.groups if group.outcome in TO_FIX and group.kind != LEFT_KIND]
        return tuple(sorted(left, key=attrgetter("rows"), reverse=True))

    @cached_property
    def rows_to_fix(self) -> int:
        return sum(map(attrgetter("rows"), self.to_fix))

    def of(self, outcomes: Iterable[Outcome]) -> int:
        return sum(self.tally.get(outcome, 0) for outcome in outcomes)

    def group(self, kind: str) -> Group | None:
        return next((group for group in self.groups if kind and group.kind == kind), None)


def counts(run: Run) -> Counts:
    found = run.items.order_by().values_list("outcome", "kind").annotate(n=Count("*"))
    return Counts(tuple(map(Group._make, found)))


@dataclass(frozen=True)
class Said:
    """Words of the API or of ours; `field` is None where they are about the whole row."""

    field: Field | None
    words: str


@dataclass(frozen=True)
class Failure:
    """One kind of failure: the rows that met it, and what was said to them."""

    group: Group
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Rest:
    """The rarer kinds of one outcome, together."""

    outcome: Outcome
    kinds: int
    rows: int


def failures(opened: Opened, run: Run, counted: Counts) -> tuple[list[Failure], list[Rest]]:
    """What is to be looked at: the largest kinds, told by one of their rows each, and the others counted."""
    named, others = counted.to_fix[:CARDS], counted.to_fix[CARDS:]
    told = [Failure(group, _said(opened, item)) for group in named if (item := of_group(run, group).first())]
    return told, _rest(others)


def of_group(run: Run, group: Group) -> QuerySet[Item]:
    """Its rows in the run's order: found in the index, however many others there are."""
    return Item.objects.filter(run=run, outcome=group.outcome, kind=group.kind).order_by("seq")


def _rest(groups: Sequence[Group]) -> list[Rest]:
    kinds: defaultdict[str, list[Group]] = defaultdict(list)
    for group in groups:
        kinds[group.outcome].append(group)
    return [Rest(o, len(kinds[o]), sum(map(attrgetter("rows"), kinds[o]))) for o in Outcome if o in kinds]


def _said(opened: Opened, item: Item) -> tuple[Said, ...]:
    found = [Said(field_shown(opened, name), words) for name, listed in item.by_field.items() for words in listed]
    said = [each for each in found if each.field is not None]
    said += [Said(None, HIDDEN)] if len(said) < len(found) else []
    said += [Said(None, " ".join(item.messages))] if item.messages else []
    return tuple(said) or (Said(None, SILENT),)


def items_of(run: Run, *, outcome: str = "", group: Group | None = None, start: int, size: int) -> list[Item]:
    """A page of the run's rows: of one outcome (the same words together), of one kind, or all in the run's order."""
    rows = run.items.order_by("seq")
    if group is not None:
        rows = of_group(run, group)
    elif outcome:
        rows = run.items.filter(outcome=outcome).order_by("kind", "seq")
    return _in_order(list(rows.values_list("pk", flat=True)[start : start + size]))


def _in_order(pks: Sequence[int]) -> list[Item]:
    found = Item.objects.order_by().in_bulk(pks)
    return [found[pk] for pk in pks if pk in found]


def settled_last(run: Run, counted: Counts, size: int) -> list[Item]:
    """The rows that settled last, the newest first: they are among the ends of the groups."""
    settled = sorted((g for g in counted.groups if g.outcome not in OPEN), key=attrgetter("rows"), reverse=True)
    ends: list[tuple[datetime, int, int]] = []
    for group in settled[:LATEST]:
        last = of_group(run, group).order_by("-seq").values_list("settled_at", "seq", "pk")[:size]
        ends += [(at, seq, pk) for at, seq, pk in last if at is not None]
    return _in_order([pk for _, _, pk in sorted(ends, reverse=True)[:size]])


def read_back(run: Run, counted: Counts) -> int:
    """How many rows that are done were compared with what is stored: all of a kind were, or none."""
    done = [group for group in counted.groups if group.outcome == Outcome.DONE][:CARDS]
    firsts = [(group, of_group(run, group).values_list("verified", flat=True).first()) for group in done]
    return sum(group.rows for group, verified in firsts if verified)


def latest_failure(opened: Opened, run: Run, counted: Counts) -> Failure | None:
    """The kind of failure that was met last."""
    ends = [(of_group(run, group).last(), group) for group in counted.to_fix[:CARDS]]
    found = [(item.seq, item, group) for item, group in ends if item is not None]
    if not found:
        return None
    _, item, group = max(found, key=lambda end: end[0])
    return Failure(group, _said(opened, item))


def worksheet_of(user: Person, run: Run) -> Worksheet | None:
    """The worksheet the run's plan came from, if it is the person's own and still there."""
    if run.plan.worksheet is None:
        return None
    return sheets.within_reach(user).filter(pk=run.plan.worksheet).first()


def words_on_row(opened: Opened, item: Item) -> list[str]:
    """The words about the whole row, and those on fields that the row does not change. Of a row that came out well
    only the last ones are news: that its answer got lost, say, is over once reading has found it stored.
    """
    about = item.messages[-1:] if item.outcome in SETTLED_WELL else item.messages
    changed = set(item.row().fields)
    others = ((field_shown(opened, name), words) for name, words in item.by_field.items() if name not in changed)
    return [*about, *(f"{f.label}: {word}" for f, words in others if f is not None for word in words)]


def records_of(run: Run, *, kinds: Collection[str] = (), outcomes: Collection[str] = ()) -> list[str]:
    """The ids of the rows of these kinds or, without kinds, of these outcomes."""
    rows = run.items.filter(outcome__in=list(outcomes or TO_FIX))
    rows = rows.filter(kind__in=list(kinds)) if kinds else rows
    return list(rows.order_by("seq").values_list("record_id", flat=True))
