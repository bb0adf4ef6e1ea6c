"""The quality board: the rules of resources with how many records break each, now and over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from adminui.planning.explain import counted
from adminui.services.bench import trends
from adminui.services.bench.trends import Board, Line, Point
from adminui.services.seen import remembered
from adminui.web.templatetags.shown import thin
from adminui.web.values import grouped

SPARK = (120, 24)
CHART = (480, 150)
EDGE = (46, 14, 12, 24)  # left, right, top, bottom: room for what is written beside the axes


@dataclass(frozen=True)
class Dot:
    """A point of a chart with what it stands for."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True)
class Chart:
    """A line through counts over time, in the units of an SVG of this size."""

    size: tuple[int, int]
    dots: tuple[Dot, ...]
    levels: tuple[tuple[float, int], ...]  # height and number of the lines behind it
    base: float

    @property
    def box(self) -> str:
        return f"0 0 {self.size[0]} {self.size[1]}"

    @property
    def left(self) -> float:
        return self.dots[0].x

    @property
    def line(self) -> str:
        return " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in self.dots)

    @property
    def area(self) -> str:
        return f"{self.dots[0].x:.1f},{self.base:.1f} {self.line} {self.dots[-1].x:.1f},{self.base:.1f}"

    @property
    def last(self) -> Dot:
        return self.dots[-1]

    @property
    def many(self) -> bool:
        return len(self.dots) > 1


@dataclass(frozen=True)
class Drawn:
    """One rule as the board shows it."""

    line: Line
    change: str
    course: str  # better, worse, or nothing
    url: str  # where the records are to be mended; empty where the person has no such worksheet
    of: str

    @property
    def spark(self) -> Chart | None:
        points = self.line.points
        most = max((point.hits for point in points), default=0)
        return chart(points, SPARK, (2, 2, 3, 2), most) if len(points) > 1 else None

    @property
    def trend(self) -> Chart | None:
        return chart(self.line.points, CHART, EDGE) if self.line.points else None

    @property
    def newest_first(self) -> Sequence[Point]:
        return self.line.points[::-1]


def chart(points: Sequence[Point], size: tuple[int, int], edge: tuple[int, int, int, int], most: int = 0) -> Chart:
    """From nothing at the bottom to `most`, or a round number above it; from the first count to the last."""
    left, right, top, bottom = edge
    most = most or _round_up(max(point.hits for point in points))
    width, height = size[0] - left - right, size[1] - top - bottom
    first, span = points[0].at, (points[-1].at - points[0].at).total_seconds()

    def x(at: datetime) -> float:
        return left + (width * (at - first).total_seconds() / span if span else width)

    def y(hits: int) -> float:
        return top + height * (1 - hits / most)

    dots = tuple(Dot(x(point.at), y(point.hits), point) for point in points)
    return Chart(size, dots, tuple((y(level), level) for level in _levels(most)), y(0))


def _round_up(number: int) -> int:
    """1, 2, 5, 10, 20, 50 …"""
    size: int = 10 ** (len(str(max(number, 1))) - 1)
    return next(step * size for step in (1, 2, 5, 10) if step * size >= max(number, 1))


def _levels(most: int) -> list[int]:
    return [0, most] if most % 2 else [0, most // 2, most]


def drawn(board: Board) -> list[Drawn]:
    return [_drawn(board, line) for line in board.lines]


def _drawn(board: Board, line: Line) -> Drawn:
    sheet, resource = line.sheet, board.opened.resource
    url = f"{reverse('worksheet', args=[sheet.pk])}?rule={line.kept.rule.pk}" if sheet else ""
    rows = grouped(str(line.now.rows)) if line.now else ""
    of = f"all {rows} {resource.label}" if line.whole else f"{rows} rows of a worksheet"
    return Drawn(line, _change_words(line), _course(line), url, of if line.now else "")


def _change_words(line: Line) -> str:
    if line.change is None or line.before is None:
        return "first count" if line.now else "not counted yet"
    since = f"since {line.before.at.day} {line.before.at:%b}"
    if not line.change:
        return f"as many {since}"
    return f"{thin(abs(line.change))} {'more' if line.change > 0 else 'fewer'} {since}"


def _course(line: Line) -> str:
    return "" if not line.change else "worse" if line.change > 0 else "better"


def of_home(request: HttpRequest) -> list[dict[str, object]]:
    """The boards as Home and /quality/ list them."""
    return [
        {"board": board, "lines": drawn(board), "sentence": _sentence(board)} for board in trends.boards(request.user)
    ]


def _sentence(board: Board) -> str:
    return f"{counted(len(board.lines), 'rule')}, {thin(board.broken)} broken"


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """All resources with rules."""
    return render(request, "quality/everything.html", {"boards": of_home(request)})


@require_safe
def board(request: HttpRequest, connection: str, resource: str) -> HttpResponse:
    """The rules of one resource with their trends."""
    opened = remembered(request.user, connection, resource)
    found = trends.board(opened)
    context = {"opened": opened, "board": found, "lines": drawn(found)}
    return render(request, "quality/board.html", context)
