"""The page of evidence, drawn piece by piece: however long the run, little of it is in memory at once."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from adminui.planning.outcomes import TO_FIX, Outcome
from adminui.runs.models import Exchange, Run
from adminui.services import evidence_facts
from adminui.services.evidence import Evidence, Row, exchanges, rows
from adminui.web.evidence_drawn import Mark, Side, drawn_request, drawn_row
from adminui.web.history import tell
from adminui.web.templatetags.shown import thin

TEMPLATE: Final = "runs/evidence.html"
WHOLE: Final = 5_000  # rows that the page lists one by one; of more, those to look at and the first SAMPLE
SAMPLE: Final = 100
LISTED: Final = 300  # requests that the page lists with what they said
FAILED: Final = 200  # of those to be found in the file: refused, or without an answer
FOLDS: Final = 60
BLOCK: Final = 100
MEANS: Final = {
    Outcome.DONE: "Written, as approved.",
    Outcome.UNCHANGED: "Held the approved values already; nothing was sent for them.",
    Outcome.NOT_STORED: "The API accepted them, yet stores something else.",
    Outcome.REJECTED: "Refused by the API; nothing of them was written.",
    Outcome.CONFLICT: "Changed by somebody else since they were approved; not sent.",
    Outcome.NOT_SENT: "Nothing of them was sent.",
    Outcome.UNKNOWN: "Sent, and the answer was lost: they may or may not be stored.",
    Outcome.CANCELLED: "Cancelled before their turn; nothing of them was sent.",
    Outcome.PENDING: "Their turn has not come.",
    Outcome.SENDING: "On their way when this was made.",
}
PURPOSES: Final = {
    "check": "Read right before: is each record still as it was approved?",
    "write": "Write",
    "verify": "Read back: does the API hold what was approved?",
}
DOORS: Final = {
    "record": "on the record's page",
    "edit many": "in a worksheet",
    "undo": "to undo another run",
    "retry": "to try again what had failed",
    "cli": "on the command line",
}


def page_of(found: Evidence, *, packed: bool) -> Iterator[str]:
    """The page piece by piece. `packed`: it lies beside the other files, and links to them."""
    page = render_to_string(TEMPLATE, {**_facts(found), "packed": packed})
    opening, _, rest = page.partition("<!-- rows -->")
    between, _, ending = rest.partition("<!-- requests -->")
    yield opening
    yield from _blocks("rows", (drawn_row(row) for row in _rows(found)))
    yield between
    yield from _blocks("requests", (drawn_request(each) for each in _listed(found)))
    yield ending


def _blocks(part: str, drawn: Iterator[Any]) -> Iterator[str]:
    while block := list(islice(drawn, BLOCK)):
        yield render_to_string(f"{TEMPLATE}#{part}", {"block": block})


def _rows(found: Evidence) -> Iterator[Row]:
    """All rows of a run that fits; of another those to look at first, then the first of the others."""
    if found.total <= WHOLE:
        return rows(found)
    others = [outcome for outcome in Outcome if outcome not in TO_FIX]
    return chain(rows(found, outcomes=TO_FIX, most=WHOLE), rows(found, outcomes=others, most=SAMPLE))


def _listed(found: Evidence) -> Iterator[Exchange]:
    if Exchange.objects.filter(run=found.run).count() <= LISTED:
        return exchanges(found)
    failed = exchanges(found, only=evidence_facts.FAILED, most=FAILED)
    return chain(failed, exchanges(found, only=~evidence_facts.FAILED, most=LISTED - FAILED))


def _facts(found: Evidence) -> dict[str, Any]:
    run, plan = found.run, found.run.plan
    calls = evidence_facts.calls(found)
    sent = sum(each["calls"] for each in calls)
    return {
        "found": found,
        "run": run,
        "plan": plan,
        "told": tell([run], {(plan.connection, plan.resource): found.opened})[0],
        "verdict": verdict(found),
        "note": found.told(plan.note),
        "events": list(_events(found, calls)),
        "outcomes": [{"outcome": Mark.of(each), "count": n, "means": MEANS[each]} for each, n in found.tally.items()],
        "as_approved": evidence_facts.as_approved(plan),
        "door": DOORS.get(plan.door, plan.door),
        "held": plan.held,
        "calls": [{**each, "words": PURPOSES.get(each["purpose"], each["purpose"])} for each in calls],
        "requests": sent,
        "requests_left": sent > LISTED,
        "listed": LISTED,
        "rows_left": found.total > WHOLE,
        "rows_to_look_at": min(WHOLE, sum(found.tally.get(each, 0) for each in TO_FIX)),
        "sample": SAMPLE,
        "undone_by": evidence_facts.undone_by(found),
        "style": mark_safe(style(run)),
        "policy": policy(run).removesuffix("; frame-ancestors 'none'"),  # which no page may say of itself
        **_changed(found),
    }


def _changed(found: Evidence) -> dict[str, Any]:
    folds, beyond = evidence_facts.folds(rows(found))
    fields = sum(fold.rows for fold in folds) + beyond
    shared = [fold for fold in folds if fold.rows > 1][:FOLDS]
    return {
        "folds": [
            _Folded(
                fold.field.label,
                fold.field.name,
                Side.of(fold.before),
                Side.of(fold.after),
                fold.rows,
                _worded(fold.tally),
            )
            for fold in shared
        ],
        "fold_rest": fields - sum(fold.rows for fold in shared),
        "sentence": found.told(evidence_facts.sentence(found, fields)),
    }


@dataclass(frozen=True)
class _Folded:
    label: str
    name: str
    before: Side
    after: Side
    rows: int
    outcomes: str


@dataclass(frozen=True)
class Verdict:
    """The first thing to read: whether what was approved is what happened."""

    kind: str
    title: str
    text: str


def verdict(found: Evidence) -> Verdict:
    done, total = found.tally.get(Outcome.DONE, 0), found.total
    back = f"{thin(found.verified)} of {thin(total)} rows were read back from the API after writing." if done else ""
    if not found.run.over:
        return Verdict("open", f"This run is not over: {thin(found.unsettled)} of {thin(total)} rows are open.", back)
    if found.good == total:
        same = total - done
        already = f" {thin(same)} held the approved values already." if same else ""
        return Verdict("good", f"All {thin(total)} rows hold what was approved.", back + already)
    bad = ", ".join(f"{thin(n)} {outcome}" for outcome, n in found.tally.items() if outcome in TO_FIX)
    return Verdict("bad", f"{thin(total - found.good)} of {thin(total)} rows are not as approved: {bad}.", back)


def _worded(tally: Counter[Outcome]) -> str:
    return ", ".join(f"{thin(tally[outcome])} {outcome}" for outcome in Outcome if tally[outcome])


def _events(found: Evidence, calls: Sequence[dict[str, Any]]) -> Iterator[tuple[datetime, str]]:
    """What happened when, oldest first; of the requests the first and the last of each kind."""
    run, plan = found.run, found.run.plan
    told = [
        (plan.created_at, f"Plan {plan.pk} made by {plan.user_name}, {DOORS.get(plan.door, plan.door)}"),
        (run.created_at, f"Plan {plan.pk} approved by {run.user_name}; it became run {run.pk}"),
        (run.due_at, "Not to begin before"),
        (run.started_at, "A worker took the run"),
        (run.finished_at, f"Run {run.state}"),
        (run.revert_at, "To be undone by itself"),
    ]
    names = {"check": "check", "write": "write", "verify": "read-back"}
    for each in calls:
        name = names.get(each["purpose"], each["purpose"])
        only = "Only" if each["calls"] == 1 else "First"
        told += [(each["first"], f"{only} {name} request")]
        told += [(each["last"], f"Last {name} request")] if each["calls"] > 1 else []
    told += [
        (each.created_at, f"Run {each.pk} approved by {each.user_name}, to undo this one")
        for each in evidence_facts.undone_by(found)
    ]
    return iter(sorted((at, words) for at, words in told if at is not None))


@cache
def _sheet() -> str:
    path = finders.find("css/evidence.css")
    assert isinstance(path, str)
    return Path(path).read_text(encoding="utf-8")


def style(run: Run) -> str:
    """The style of this run's page: on each printed sheet stands which run it belongs to."""
    return f'{_sheet()}\n@page {{ @bottom-left {{ content: "{_quoted(run)}"; }} }}\n'


def _quoted(run: Run) -> str:
    """For a string of CSS: what is no plain letter goes by its number, so that no name ends the string."""
    text = f"Run {run.pk} · {run.plan.connection_label} · plan {run.plan.digest[:12]}"
    return "".join(c if c.isascii() and (c.isalnum() or c in " .,()-") else f"\\{ord(c):06x}" for c in text)


def policy(run: Run) -> str:
    digest = base64.b64encode(hashlib.sha256(style(run).encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
