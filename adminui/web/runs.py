"""A run: how far it is, what became of each row, the API's words, and the requests as they went."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from adminui.planning.outcomes import TO_FIX, Outcome
from adminui.records.casting import from_json, to_json
from adminui.records.values import as_decimal
from adminui.runs.ledger import KEPT
from adminui.runs.models import Exchange, Item, Run
from adminui.services import history
from adminui.services import results as following
from adminui.services.catalog import Opened
from adminui.services.plans import DrawnRequest
from adminui.web.frame import worksheet_url
from adminui.web.history import DrawnChange, Told, draw_changes, names_in, page_of, pager, tell
from adminui.web.templatetags.shown import thin
from adminui.web.values import icon, record_url

ROWS = 100
REQUESTS = 25
SAMPLE = 10
CARDS = 24
MEANS = {
    Outcome.REJECTED: "The API refused these. Nothing of them was written.",
    Outcome.CONFLICT: "Not sent. Their values stay as they are until you choose.",
    Outcome.UNKNOWN: "They may or may not be stored. Look at the records before you send anything again.",
    Outcome.NOT_STORED: "The API said yes, yet stores something else. Look at the records.",
    Outcome.NOT_SENT: "Nothing of these was written.",
    Outcome.CANCELLED: "Their turn had not come. Nothing of them was sent.",
}


@dataclass(frozen=True)
class Followed:
    """A run with what its templates ask for, each worked out only when drawn."""

    request: HttpRequest
    run: Run
    opened: Opened

    @cached_property
    def told(self) -> Told:
        return tell([self.run], {(self.run.plan.connection, self.run.plan.resource): self.opened})[0]

    @cached_property
    def progress(self) -> following.Progress:
        return following.progress(self.run)

    @cached_property
    def tally(self) -> dict[Outcome, int]:
        return dict(self.told.tally)

    @property
    def bar(self) -> list[dict[str, Any]]:
        """Parts for elements/outcome_bar.html, in percent of all rows."""
        total, before, parts = sum(self.tally.values()) or 1, 0, []
        for outcome, count in self.tally.items():
            share, start = round(100 * count / total, 3), round(100 * before / total, 3)
            parts.append({"outcome": outcome, "count": thin(count), "start": start, "share": share})
            before += count
        return parts

    @property
    def in_words(self) -> str:
        return ", ".join(f"{thin(count)} {outcome}" for outcome, count in self.tally.items()) or "no rows"

    @property
    def unsent(self) -> int:
        return self.tally.get(Outcome.PENDING, 0)

    @property
    def pace(self) -> str:
        rate, left = self.progress.rate, self.progress.seconds_left
        if rate is None or left is None:
            return ""
        return f"{rate:,.0f} rows a second, {_about(left)} left" if rate >= 1 else f"{_about(left)} left"

    @property
    def young(self) -> bool:
        """Most runs end within seconds: those are followed closely."""
        return timezone.now() - self.run.created_at < timedelta(seconds=3)

    @property
    def waits(self) -> str:
        return following.waits_because(self.run)

    @property
    def may_stop(self) -> bool:
        return following.may_stop(self.request.user, self.run) and self.run.asked != Run.Ask.STOP

    @property
    def to_fix(self) -> int:
        return sum(count for outcome, count in self.tally.items() if outcome in TO_FIX)

    @cached_property
    def fix_url(self) -> str:
        """Where to correct what failed: the worksheet it came from, or the only record."""
        sheet = following.worksheet_of(self.request.user, self.run)
        if sheet is not None:
            return f"{worksheet_url(sheet)}?only=failed"
        return self.record_url(self.run.items.get().record_id) if sum(self.tally.values()) == 1 else ""

    def record_url(self, record_id: str) -> str:
        return record_url(self.run.plan.connection, self.run.plan.resource, record_id)

    @property
    def bodies_shown(self) -> bool:
        """Bodies hold whole records: they are for those who may see every field."""
        return not any(field.hidden for field in self.opened.resource.fields)


def _about(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} second{'s' if round(seconds) > 1 else ''}"
    return f"about {round(seconds / 60)} minutes" if seconds < 5400 else f"about {seconds / 3600:.1f} hours"


def _follow(request: HttpRequest, run_id: int) -> Followed:
    found = history.run_for(request.user, run_id)
    request.opened_at = {"connection": found.plan.connection, "resource": found.plan.resource}  # type: ignore[attr-defined]
    return Followed(request, found, history.remembered(request.user, found.plan.connection, found.plan.resource))


@require_safe
def run(request: HttpRequest, run: int) -> HttpResponse:
    """The page, or with `part` the piece of it that is loaded by itself."""
    followed = _follow(request, run)
    part = request.GET.get("part", "")
    if part == "requests":
        return render(request, "runs/run.html#requests", {"follow": followed, **_requests(followed)})
    if part == "sample":
        return render(request, "runs/run.html#sample", {"follow": followed, **_sample(followed)})
    template = "runs/run.html#rows" if part == "rows" else "runs/run.html"
    return render(request, template, {"follow": followed, **_rows(followed)})


@require_safe
def progress(request: HttpRequest, run: int) -> HttpResponse:
    """What is asked every second until the run is over; the last answer asks for the rows and then for nothing."""
    followed = _follow(request, run)
    response = render(request, "runs/run.html#progress", {"follow": followed, "again": True})
    if followed.run.over:
        response["HX-Trigger"] = "run-over"
    return response


@require_POST
def stop(request: HttpRequest, run: int) -> HttpResponse:
    following.stop(request.user, history.run_for(request.user, run))
    return redirect("run", run)


@dataclass(frozen=True)
class Row:
    """One record of the run."""

    item: Item
    label: str
    url: str
    changes: list[DrawnChange]
    words: list[str]


def _rows(followed: Followed) -> dict[str, Any]:
    request, run = followed.request, followed.run
    failures = following.failures(followed.opened, run)
    only = next((each for each in failures if each.key == request.GET.get("same")), None)
    outcome = next((each for each in followed.tally if each == request.GET.get("outcome")), None)
    total = len(only.items) if only else followed.tally[outcome] if outcome else sum(followed.tally.values())
    page = page_of(request, ROWS, total)
    items = following.items_of(run, outcome=outcome or "", only=only, start=(page - 1) * ROWS, size=ROWS)
    return {
        "rows": _drawn(followed, items),
        "arrow": icon("arrow"),
        "only": only,
        "outcome": outcome,
        "pager": pager(request, page, ROWS, total, anchor="#rows"),
        "many": total > ROWS,
        "failures": [{"group": each, "means": MEANS[each.outcome]} for each in failures[:CARDS]],
        "more_failures": failures[CARDS:],
        "query": _query(request, "outcome", "same", "page"),
    }


def _drawn(followed: Followed, items: list[Item]) -> list[Row]:
    # While it runs, or when it broke off, the API has better to do or does not answer: ids stand for names then.
    ended_well = followed.run.state == Run.State.FINISHED
    names = names_in(followed.opened, [item.row() for item in items]) if ended_well else {}
    return [
        Row(
            item,
            history.label_of(followed.opened, item),
            followed.record_url(item.record_id),
            draw_changes(followed.opened, item, names),
            following.words_on_row(followed.opened, item),
        )
        for item in items
    ]


def _sample(followed: Followed) -> dict[str, Any]:
    items = following.items_of(followed.run, start=0, size=SAMPLE)
    return {"rows": _drawn(followed, items), "left": sum(followed.tally.values()) - len(items)}


def _query(request: HttpRequest, *names: str) -> str:
    query = request.GET.copy()
    for name in set(query) - set(names):
        del query[name]
    return query.urlencode()


@dataclass(frozen=True)
class Logged:
    """An exchange as shown. Bodies are empty for those who may not see every field."""

    exchange: Exchange
    body: str
    answer: str
    curl: str
    cut: bool


def _requests(followed: Followed) -> dict[str, Any]:
    found = Exchange.objects.filter(run=followed.run)
    total = found.count()
    page = page_of(followed.request, REQUESTS, total, "requests")
    logged = [_logged(each, shown=followed.bodies_shown) for each in found[(page - 1) * REQUESTS : page * REQUESTS]]
    return {"logged": logged, "requests_total": total, "requests_page": page, "requests_more": page * REQUESTS < total}


def _logged(exchange: Exchange, *, shown: bool) -> Logged:
    cut = len(exchange.body) >= KEPT
    drawn = DrawnRequest(exchange.method, exchange.url, exchange.body, "", ())
    if not shown:
        return Logged(exchange, "", "", "", cut=False)
    return Logged(exchange, _pretty(exchange.body), _pretty(exchange.answer), "" if cut else drawn.curl, cut)


def _pretty(text: str) -> str:
    try:
        return to_json(from_json(text), indent=2)
    except ValueError:
        return text


@require_safe
def results(request: HttpRequest, run: int) -> StreamingHttpResponse:
    """Every row as a file for a spreadsheet."""
    followed = _follow(request, run)
    response = StreamingHttpResponse(_csv(followed), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="run-{run}-results.csv"'
    return response


class _Line:
    """A file for csv.writer that gives each line back."""

    def write(self, line: str) -> str:
        return line


def _csv(followed: Followed) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(following.COLUMNS)  # without the mark, spreadsheets misread what is not ASCII
    for row in following.result_rows(followed.opened, followed.run):
        yield writer.writerow([defused(cell) for cell in row])


def defused(cell: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or cell.startswith(("\t", "\r", "\n")):
        return cell if as_decimal(cell) is not None else f"'{cell}"
    return cell
