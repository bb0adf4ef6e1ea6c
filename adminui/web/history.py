"""History: runs told in sentences, and the changes of one record over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from adminui.planning.outcomes import SETTLED_WELL, Outcome
from adminui.records.changes import ChangeSet
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue
from adminui.runs.models import Item, Run
from adminui.services import catalog, references
from adminui.services import history as past
from adminui.services.catalog import Opened
from adminui.services.history import FieldChanged, Summary, Wanted
from adminui.services.references import Names
from adminui.web.templatetags.shown import thin
from adminui.web.values import Shown, record_url, show

RUNS = 30
CHANGES = 50
LONGEST = 60  # characters of a value in a sentence
# Of several outcomes the one a run is marked by: the first it has.
TELLING = (
    Outcome.REJECTED,
    Outcome.CONFLICT,
    Outcome.UNKNOWN,
    Outcome.NOT_STORED,
    Outcome.NOT_SENT,
    Outcome.CANCELLED,
    Outcome.DONE,
    Outcome.UNCHANGED,
)


@dataclass(frozen=True)
class Told:
    """A run as an entry of a timeline."""

    run: Run
    sentence: str
    mark: Outcome
    tally: tuple[tuple[Outcome, int], ...]

    @property
    def written_nothing(self) -> bool:
        return self.run.over and not any(outcome in SETTLED_WELL for outcome, _ in self.tally)


def tell(runs: Sequence[Run], opened: Mapping[tuple[str, str], Opened]) -> list[Told]:
    summaries = past.summaries(runs)
    return [_told(run, summaries[run.pk], opened.get((run.plan.connection, run.plan.resource))) for run in runs]


def _told(run: Run, summary: Summary, opened: Opened | None) -> Told:
    return Told(run, sentence(run, summary, opened), _mark(run, summary), tuple(summary.tally.items()))


def _mark(run: Run, summary: Summary) -> Outcome:
    if not run.over:
        return Outcome.PENDING if run.state == Run.State.QUEUED else Outcome.SENDING
    return next((outcome for outcome in TELLING if outcome in summary.tally), Outcome.UNCHANGED)


def sentence(run: Run, summary: Summary, opened: Opened | None) -> str:
    """What a run did, or tried, or is doing: `312 Companies: Status set to Dead`."""
    good = sum(count for outcome, count in summary.tally.items() if outcome in SETTLED_WELL)
    some = f"{thin(good)} of " if run.over and 0 < good < summary.rows else ""
    rows = f"{some}{thin(summary.rows)} {run.plan.resource_label}"
    if summary.record_id:
        rows = summary.label if opened and opened.titled else f"{run.plan.resource_label} {summary.record_id}"
    if not run.over:
        verbs = ("setting", "changing")
    elif not SETTLED_WELL.intersection(summary.tally):
        verbs = ("tried to set", "tried to change")
    else:
        verbs = ("", "")
    return f"{rows}: {_fields_in_words(summary.fields, opened, verbs)}"


def _fields_in_words(changed: Sequence[FieldChanged], opened: Opened | None, verbs: tuple[str, str]) -> str:
    """With verbs in front (`tried to set A to 1`), or without any as what has happened (`A set to 1`)."""
    shown = [(field, each) for each in changed if opened and (field := past.field_shown(opened, each.name))]
    if opened is None or not shown:
        what = f"{len(changed)} field{'' if len(changed) == 1 else 's'}{' that you may not see' if opened else ''}"
        return f"{verbs[1]} {what}" if verbs[1] else f"{what} changed"
    if len(shown) <= 2 and all(each.after is not MISSING for _, each in shown):
        to = " to " if verbs[0] else " set to "
        said = " and ".join(f"{field.label}{to}{_quoted(opened, field, each.after)}" for field, each in shown)
        return f"{verbs[0]} {said}".strip()
    said = _listed([field.label for field, _ in shown])
    return f"{verbs[1]} {said}" if verbs[1] else f"{said} changed"


def _listed(labels: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B, C and 4 more`."""
    if len(labels) > 4:
        return f"{', '.join(labels[:3])} and {len(labels) - 3} more fields"
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1]]))


def _quoted(opened: Opened, field: Field, value: MaybeValue) -> str:
    shown = show(opened, field, value)
    text = str(shown) if len(str(shown)) <= LONGEST else f"{str(shown)[: LONGEST - 1]}…"
    return f"“{text}”" if shown.kind == "text" else text


@dataclass(frozen=True)
class DrawnChange:
    """One field of a row, before and after, as elements/diff.html takes it; `theirs` and `stored` where they matter."""

    label: str
    name: str
    before: Shown
    after: Shown
    theirs: Shown | None = None
    stored: Shown | None = None
    words: tuple[str, ...] = ()


def draw_changes(opened: Opened, item: Item, names: Names) -> list[DrawnChange]:
    drawn = []
    for field, change in past.changes_shown(opened, item.row()):
        theirs: MaybeValue = item.theirs[change.field].get("before", MISSING) if change.field in item.theirs else None
        drawn.append(
            DrawnChange(
                field.label,
                field.name,
                show(opened, field, change.before, names),
                show(opened, field, change.after, names),
                show(opened, field, theirs, names) if change.field in item.theirs else None,
                show(opened, field, item.stored[change.field], names) if change.field in item.stored else None,
                tuple(item.by_field.get(change.field, ())),
            )
        )
    return drawn


def names_in(opened: Opened, rows: Iterable[ChangeSet]) -> Names:
    """What referenced records in these changes are called."""
    records = [
        {c.field: value for c in row.changes if (value := getattr(c, side)) is not MISSING}
        for row in rows
        for side in ("before", "after")
    ]
    return references.names(opened, opened.resource.visible, records)


def pager(
    request: HttpRequest, page: int, size: int, total: int, *, anchor: str = "", key: str = "page"
) -> dict[str, Any]:
    """For elements/pagination.html; page numbers start at 1."""

    def address(number: int) -> str:
        query = request.GET.copy()
        query.pop("part", None)
        query[key] = str(number)
        return f"?{query.urlencode()}{anchor}"

    first = (page - 1) * size + 1 if total else 0
    return {
        "first": thin(first),
        "last": thin(min(page * size, total)),
        "total": thin(total),
        "previous_url": address(page - 1) if page > 1 else None,
        "next_url": address(page + 1) if page * size < total else None,
    }


def page_of(request: HttpRequest, size: int, total: int, key: str = "page") -> int:
    """The page asked for, or the nearest there is."""
    asked = request.GET.get(key, "1")
    last = max(1, -(-total // size))
    return min(max(int(asked), 1), last) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    wanted = Wanted(**{f.name: request.GET.get(f.name, "").strip()[:200] for f in fields(Wanted)})
    found = past.search(request.user, wanted)
    context = {"wanted": wanted, **_timeline(request, found)}
    if request.GET.get("part") == "timeline":
        return render(request, "history/history.html#timeline", context)
    return render(request, "history/history.html", {**context, **_choices(request, wanted)})


def _timeline(request: HttpRequest, found: QuerySet[Run]) -> dict[str, Any]:
    total = found.count()
    page = page_of(request, RUNS, total)
    runs = list(found[(page - 1) * RUNS : page * RUNS])
    told = tell(runs, past.schemas(request.user, runs))
    return {"days": by_day(told), "total": total, "pager": pager(request, page, RUNS, total)}


def by_day(told: Iterable[Told]) -> list[tuple[str, list[Told]]]:
    return [(day, list(group)) for day, group in groupby(told, lambda each: _day(each.run))]


def _day(run: Run) -> str:
    age = (timezone.now().date() - run.created_at.date()).days
    named = {0: "Today", 1: "Yesterday"}.get(age, "")
    return f"{named}, {run.created_at:%d %b}" if named else f"{run.created_at:%A, %d %b %Y}"


def _choices(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    places = [place for place in past.places(request.user) if wanted.connection in ("", place[0])]
    return {
        "connections": catalog.connections_for(request.user),
        "resources": dict(sorted({(name, label) for _, name, label in places}, key=lambda each: each[1])),
        "people": past.people(request.user),
        "outcomes": [outcome for outcome in Outcome if outcome not in (Outcome.PENDING, Outcome.SENDING)],
        "ever": bool(places) or any(vars(wanted).values()),
    }


@dataclass(frozen=True)
class Attempt:
    """One attempt to change a record: by which run, what it asked, what became of it."""

    item: Item
    changes: list[DrawnChange]

    @property
    def run(self) -> Run:
        return self.item.run


@require_safe
def record_history(request: HttpRequest, connection: str, resource: str, record_id: str) -> HttpResponse:
    """The changes of one record; only the list of them when a page asks for it in place."""
    opened = past.remembered(request.user, connection, resource)
    found = past.of_record(opened, record_id)
    total = found.count()
    page = page_of(request, CHANGES, total)
    items = list(found[(page - 1) * CHANGES : page * CHANGES])
    names = names_in(opened, [item.row() for item in items])
    context = {
        "opened": opened,
        "record_id": record_id,
        "label": past.label_of(opened, items[0]) if items else f"{opened.resource.singular} {record_id}",
        "record_url": record_url(connection, resource, record_id),
        "list_url": reverse("list", args=[connection, resource]),
        "attempts": [Attempt(item, draw_changes(opened, item, names)) for item in items],
        "total": total,
        "pager": pager(request, page, CHANGES, total),
    }
    return render(request, "history/record.html" + ("#changes" if request.htmx else ""), context)  # type: ignore[attr-defined]
