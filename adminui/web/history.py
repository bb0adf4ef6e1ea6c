"""History: runs told in sentences, and the changes of one record over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from adminui.dialects.errors import RemoteError
from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.records.changes import ChangeSet
from adminui.records.values import MISSING, same
from adminui.runs.models import Item, Run
from adminui.services import catalog, references, sifting
from adminui.services import history as past
from adminui.services.catalog import Opened
from adminui.services.errors import Refused
from adminui.services.history import Found, Match, Matches, Wanted
from adminui.services.references import Names
from adminui.services.results import words_on_row
from adminui.web.telling import Told, Undone, later, tell
from adminui.web.templatetags.shown import thin
from adminui.web.values import Shown, record_url, show

__all__ = ["DrawnChange", "Told", "draw_changes", "history", "names_in", "page_of", "pager", "record_history", "tell"]

RUNS = 30
CHANGES = 50
PROPOSED = 8  # resources whose fields are proposed


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
    already: bool = False  # somebody else had set it to this before we could


def draw_changes(opened: Opened, item: Item, names: Names) -> list[DrawnChange]:
    drawn = []
    for field, change in past.changes_shown(opened, item.row()):
        theirs, stored = past.met_meanwhile(item, change.field), past.stored_instead(field, item, change)
        already = theirs is not MISSING and same(field, theirs, change.after)
        drawn.append(
            DrawnChange(
                field.label,
                field.name,
                show(opened, field, change.before, names),
                show(opened, field, change.after, names),
                None if theirs is MISSING or already else show(opened, field, theirs, names),
                None if stored is MISSING else show(opened, field, stored, names),
                tuple(item.by_field.get(change.field, ())),
                already,
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
    wanted = Wanted(**{f.name: _sought(request.GET.get(f.name, "")) for f in fields(Wanted)})
    found = past.find(request.user, wanted)
    context = {"wanted": wanted, "sought": any(vars(wanted).values()), **_timeline(request, wanted, found)}
    if request.GET.get("part") == "timeline":
        return render(request, "history/history.html#timeline", context)
    return render(request, "history/history.html", {**context, **_choices(request, wanted)})


def _sought(text: str) -> str:
    """Without NUL, which no record holds and which PostgreSQL takes for no text."""
    return text.replace("\0", "").strip()[:200]


def _timeline(request: HttpRequest, wanted: Wanted, found: Found) -> dict[str, Any]:
    total = found.runs.count()
    page = page_of(request, RUNS, total)
    runs = list(found.runs[(page - 1) * RUNS : page * RUNS])
    opened = past.schemas(request.user, runs)
    matches = found.matches or (sifting.of_record(runs, wanted.text, opened) if wanted.text else {})
    return {
        "days": by_day(tell(runs, opened)),
        "total": total,
        "partly": found.partly,
        "matches": {run.pk: _matching(run, matches[run.pk], opened) for run in runs if run.pk in matches},
        "pager": pager(request, page, RUNS, total),
    }


@dataclass(frozen=True)
class Matching:
    """The rows of a run that fit what is looked for: how many, in words, and the first few."""

    words: str
    samples: tuple[tuple[Match, str, DrawnChange], ...]
    left: bool


def _matching(run: Run, matches: Matches, opened: Mapping[tuple[str, str], Opened]) -> Matching:
    here = opened[run.plan.connection, run.plan.resource]
    samples = tuple(
        (each, record_url(run.plan.connection, run.plan.resource, each.item.record_id), _sample(here, each))
        for each in matches.samples
    )
    words = f"{'at least ' if matches.more else ''}{counted(matches.rows, 'row')}"
    return Matching(f"{words} {'fits' if matches.rows == 1 else 'fit'}", samples, matches.rows > len(samples))


def _sample(opened: Opened, match: Match) -> DrawnChange:
    before, after = (show(opened, match.field, side) for side in (match.change.before, match.change.after))
    return DrawnChange(match.field.label, match.field.name, before, after)


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
        "doors": {door: words for door, words in past.DOORS.items()},
        "fields": _field_labels(request, places),
        "outcomes": [outcome for outcome in Outcome if outcome not in (Outcome.PENDING, Outcome.SENDING)],
        "ever": bool(places) or any(vars(wanted).values()),
    }


def _field_labels(request: HttpRequest, places: Iterable[tuple[str, str, str]]) -> list[str]:
    """What to propose as a field: of the resources that were changed, the names that people know."""
    found = (_remembered(request, connection, resource) for connection, resource, _ in list(places)[:PROPOSED])
    return sorted({field.label for opened in found if opened for field in opened.resource.visible}, key=str.casefold)


def _remembered(request: HttpRequest, connection: str, resource: str) -> Opened | None:
    try:
        return past.remembered(request.user, connection, resource)
    except (Refused, RemoteError):
        return None


@dataclass(frozen=True)
class Attempt:
    """One attempt to change a record: by which run, what it asked, what became of it, and whether that was undone."""

    item: Item
    changes: list[DrawnChange]
    words: list[str]
    undone: tuple[Undone, ...]

    @property
    def run(self) -> Run:
        return self.item.run


def _attempts(opened: Opened, items: Sequence[Item], names: Names) -> list[Attempt]:
    undoings = past.undoings(list({item.run_id: item.run for item in items}.values()))
    back = sifting.undone_in([each.run for listed in undoings.values() for each in listed], items)
    return [
        Attempt(
            item,
            draw_changes(opened, item, names),
            words_on_row(opened, item),
            tuple(
                Undone(undo, f"undone {later(item.run, undo)}, by {undo.user_name}")
                for undo in (each.run for each in undoings[item.run_id])
                if (undo.pk, item.record_id) in back
            ),
        )
        for item in items
    ]


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
        "attempts": _attempts(opened, items, names),
        "total": total,
        "pager": pager(request, page, CHANGES, total),
    }
    return render(request, "history/record.html" + ("#changes" if request.htmx else ""), context)  # type: ignore[attr-defined]
