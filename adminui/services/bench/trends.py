"""How quality rules went over time, for Home and the quality pages: hits now, before, and where to mend them.

A trend is drawn from counts that are of the same records: of all there are, where a worksheet ever held them all, else
of the worksheet that was counted last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from adminui.dialects.errors import RemoteError
from adminui.services.bench.quality import Kept, listed
from adminui.services.catalog import Opened
from adminui.services.errors import Refused
from adminui.services.seen import remembered
from adminui.services.sheets import within_reach
from adminui.staff.access import Person
from adminui.worksheets.models import Rule, RuleCount, Worksheet

WEEK: Final = timedelta(days=7)
DAYS: Final = 90  # that a trend goes back
MOST_POINTS: Final = 400


@dataclass(frozen=True)
class Point:
    """One count."""

    at: datetime
    hits: int
    rows: int


@dataclass(frozen=True)
class Line:
    """One rule over time, oldest first. `before` is the count that the change is told against, a week ago or later."""

    kept: Kept
    points: tuple[Point, ...]
    whole: bool
    sheet: Worksheet | None  # the worksheet counted last, where the person may open it

    @property
    def now(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def before(self) -> Point | None:
        """The last count of a week ago or earlier, else the first there is; none where there is only one."""
        if len(self.points) < 2:
            return None
        week_ago = timezone.now() - WEEK
        older = [point for point in self.points[:-1] if point.at <= week_ago]
        return older[-1] if older else self.points[0]

    @property
    def change(self) -> int | None:
        return self.now.hits - self.before.hits if self.now and self.before else None


@dataclass(frozen=True)
class Board:
    """The rules of one resource with their trends."""

    opened: Opened
    lines: tuple[Line, ...]

    @property
    def hits(self) -> int:
        return sum(line.now.hits for line in self.lines if line.now)

    @property
    def broken(self) -> int:
        return sum(bool(line.now and line.now.hits) for line in self.lines)


def board(opened: Opened) -> Board:
    """The rules of a resource that this person may know of."""
    kept = listed(opened)
    counts = _counts([each.rule for each in kept])
    sheets = _sheets(opened.user, counts.values())
    return Board(opened, tuple(_line(each, counts[each.rule.pk], sheets) for each in kept))


def boards(user: Person) -> list[Board]:
    """Of every resource with rules that this person may know of; the API is not asked for it."""
    places = Rule.objects.order_by("connection", "resource").values_list("connection", "resource").distinct()
    found = [board(opened) for place in places if (opened := _opened(user, *place))]
    return [each for each in found if each.lines]


def _opened(user: Person, connection: str, resource: str) -> Opened | None:
    try:
        return remembered(user, connection, resource)
    except (Refused, RemoteError):
        return None


def _counts(rules: Sequence[Rule]) -> dict[int, list[RuleCount]]:
    found: dict[int, list[RuleCount]] = {rule.pk: [] for rule in rules}
    since = timezone.now() - timedelta(days=DAYS)
    for count in RuleCount.objects.filter(rule__in=rules, at__gte=since).order_by("at"):
        found[count.rule_id].append(count)
    return found


def _sheets(user: Person, counts: Iterable[list[RuleCount]]) -> dict[int, Worksheet]:
    wanted = {each.worksheet for held in counts for each in held if each.worksheet is not None}
    return {sheet.pk: sheet for sheet in within_reach(user).filter(pk__in=wanted).defer("origin", "missing")}


def _line(kept: Kept, counts: list[RuleCount], sheets: dict[int, Worksheet]) -> Line:
    whole = [count for count in counts if count.whole]
    last = counts[-1] if counts else None
    drawn = whole or [count for count in counts if last and count.worksheet == last.worksheet]
    points = tuple(Point(count.at, count.hits, count.rows) for count in drawn[-MOST_POINTS:])
    sheet = sheets.get(drawn[-1].worksheet or 0) if drawn else None
    return Line(kept, points, bool(whole), sheet)
