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
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TypeVar

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from adminui.planning.outcomes import TO_FIX, Outcome
from adminui.runs.models import Exchange, Run
from adminui.services import evidence_facts, results
from adminui.services.evidence import TO_LOOK_AT, Evidence, Row, changed, exchanges, rows
from adminui.services.history import DOORS
from adminui.web.evidence_drawn import IN_SHORT, Mark, Side, drawn_request, drawn_row
from adminui.web.evidence_drawn import LEFT as LEFT_MARK
from adminui.web.history import tell
from adminui.web.templatetags.shown import thin

T = TypeVar("T")

MARK: Final = "<!-- here -->"  # where rows and requests go
TEMPLATE: Final = "runs/evidence.html"
WHOLE: Final = 5_000  # rows that the page lists one by one; of more, those to look at and the first SAMPLE
LOOKED_AT: Final = 1_000  # of those to look at
SAMPLE: Final = 100
FEW: Final = 40  # requests up to which each is shown with all it said
LISTED: Final = 300  # requests that the page lists with what they said
FAILED: Final = 200  # of those to be found in the file: refused, or without an answer
FOLDS: Final = 60
BLOCK: Final = 100
MEANS: Final = {
    Outcome.DONE: "Written, as approved.",
    Outcome.UNCHANGED: "Held the approved values already; nothing was sent for them.",
    Outcome.NOT_STORED: "The API accepted them, yet stores something else.",
    Outcome.REJECTED: "Refused by the API, in the words at each row; nothing of them was written.",
    Outcome.CONFLICT: "Somebody else had changed the same field since the plan was made; not sent.",
    Outcome.NOT_SENT: "Nothing of them was written: not sent, or sent in vain, as reading them showed.",
    Outcome.UNKNOWN: "Sent, and the answer was lost: they may or may not be stored.",
    Outcome.CANCELLED: "Cancelled before their turn; nothing of them was sent.",
    Outcome.PENDING: "Their turn has not come.",
    Outcome.SENDING: "On their way when this was made.",
}
PURPOSES: Final = {
    "check": "Read right before: is each record still as it was approved?",
    "write": "Write",
    "verify": "Read back: does the API hold what was approved?",
    "second look": "Read back again: has a rule of the API taken it back since?",
    evidence_facts.SIGN_IN: "Sign in, and find the API",
}
NAMES: Final = {"verify": "read-back"}  # of requests, in the course of events
LEFT: Final = "Somebody else had changed them; somebody looked, and left them as they are."


def page_of(found: Evidence, *, packed: bool) -> Iterator[str]:
    """The page piece by piece, each out before the next is worked out. `packed`: it lies beside the other files, and
    links to them.
    """
    facts = {**_opening(found), "packed": packed}
    yield render_to_string(f"{TEMPLATE}#opening", facts)
    facts |= _facts(found)
    yield render_to_string(f"{TEMPLATE}#approval", facts)
    facts |= _changed(found)
    yield render_to_string(f"{TEMPLATE}#changes", facts)
    before_rows, before_requests, ending = render_to_string(TEMPLATE, facts).split(MARK)
    yield before_rows
    for some in _blocks(_rows(found)):
        yield render_to_string(f"{TEMPLATE}#rows", {"block": [drawn_row(row) for row in some]})
    yield before_requests
    for listed in _blocks(_listed(found)):
        yield render_to_string(
            f"{TEMPLATE}#requests", {"block": _requests(found, listed, brief=facts["requests"] > FEW)}
        )
    yield ending


def _blocks(found: Iterator[T]) -> Iterator[list[T]]:
    while block := list(islice(found, BLOCK)):
        yield block


def _requests(found: Evidence, listed: Sequence[Exchange], *, brief: bool) -> list[dict[str, Any]]:
    settled = evidence_facts.settled_by(found, listed)
    return [
        {
            **drawn_request(each, brief=brief),
            "reason": NAMES.get(reason := evidence_facts.reason(found, each), reason),
            "settled": _worded(settled[each.pk]) if each.pk in settled else None,
        }
        for each in listed
    ]


def _rows(found: Evidence) -> Iterator[Row]:
    """All rows of a run that fits; of another those to look at first, then the first of the others."""
    if found.total <= WHOLE:
        return rows(found)
    return chain(rows(found, only=TO_LOOK_AT, most=LOOKED_AT), rows(found, only=~TO_LOOK_AT, most=SAMPLE))


def _listed(found: Evidence) -> Iterator[Exchange]:
    if Exchange.objects.filter(run=found.run).count() <= LISTED:
        return exchanges(found)
    failed = exchanges(found, only=evidence_facts.FAILED, most=FAILED)
    return chain(failed, exchanges(found, only=~evidence_facts.FAILED, most=LISTED - FAILED))


def _opening(found: Evidence) -> dict[str, Any]:
    return {
        "run": found.run,
        "plan": found.run.plan,
        "style": mark_safe(style(found.run)),
        "policy": policy(found.run).removesuffix("; frame-ancestors 'none'"),  # which no page may say of itself
    }


def _facts(found: Evidence) -> dict[str, Any]:
    run, plan = found.run, found.run.plan
    told = tell([run], {(plan.connection, plan.resource): found.opened})[0]
    calls = evidence_facts.calls(found)
    sent = sum(each["calls"] for each in calls)
    return {
        "found": found,
        "told": told,
        "undoings": [(each.run, found.told(each.run.plan.note), each.words) for each in told.undone],
        "verdict": verdict(found),
        "message": found.told(run.message),
        "sentence": found.told(evidence_facts.sentence(found, evidence_facts.fields_planned(found))),
        "note": found.told(plan.note),
        "events": list(_events(found, calls)),
        "outcomes": list(_outcomes(found)),
        "kinds": _kinds(found) if found.to_look_at > 1 else [],
        "as_approved": evidence_facts.as_approved(plan),
        "door": DOORS.get(plan.door, plan.door),
        "troubles": len(run.passed),
        "held": plan.held,
        "calls": [{**each, "words": PURPOSES.get(each["reason"], each["reason"])} for each in calls],
        "requests": sent,
        "requests_left": sent > LISTED,
        "listed": LISTED,
        "rows_left": found.total > WHOLE,
        "rows_to_look_at": min(LOOKED_AT, found.to_look_at),
        "sample": SAMPLE,
    }


def _outcomes(found: Evidence) -> Iterator[dict[str, Any]]:
    for outcome, count in found.tally.items():
        left = found.left if outcome is Outcome.CANCELLED else 0
        if count > left:
            yield {"outcome": Mark.of(outcome), "count": count - left, "means": MEANS[outcome]}
        if left:
            yield {"outcome": LEFT_MARK, "count": left, "means": LEFT}


def _kinds(found: Evidence) -> list[tuple[Mark, int, list[str]]]:
    """What was said to the rows that are not as approved, the same words once."""
    told, rest = results.failures(found.opened, found.run, results.counts(found.run))
    kinds = [
        (
            Mark.of(Outcome(each.group.outcome)),
            each.group.rows,
            [found.told(f"{said.field.label}: {said.words}" if said.field else said.words) for said in each.said],
        )
        for each in told
    ]
    return kinds + [(Mark.of(r.outcome), r.rows, [f"{thin(r.kinds)} other kinds, row by row below"]) for r in rest]


def _changed(found: Evidence) -> dict[str, Any]:
    folds, beyond = evidence_facts.folds(changed(found))
    fields = sum(fold.rows for fold in folds) + beyond
    shared = [fold for fold in folds if fold.rows > 1][:FOLDS]
    return {
        "folds": [
            _Folded(
                fold.field.label,
                fold.field.name,
                Side.of(fold.before, IN_SHORT),
                Side.of(fold.after, IN_SHORT),
                fold.rows,
                _worded(fold.tally),
            )
            for fold in shared
        ],
        "fold_rest": fields - sum(fold.rows for fold in shared),
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
    left = f"{thin(found.left)} {'was' if found.left == 1 else 'were'} left as somebody else had set them."
    if found.good + found.left == total:
        return Verdict("good", f"{thin(found.good)} of {thin(total)} rows hold what was approved; {left}", back)
    tally = {**found.tally, Outcome.CANCELLED: found.tally.get(Outcome.CANCELLED, 0) - found.left}
    bad = ", ".join(f"{thin(n)} {outcome}" for outcome, n in tally.items() if n and outcome in TO_FIX)
    title = f"{thin(total - found.good - found.left)} of {thin(total)} rows are not as approved: {bad}."
    return Verdict("bad", title, f"{back} {left}".strip() if found.left else back)


def _worded(tally: Counter[Outcome]) -> str:
    return ", ".join(f"{thin(tally[outcome])} {outcome}" for outcome in Outcome if tally[outcome])


def _events(found: Evidence, calls: Sequence[dict[str, Any]]) -> Iterator[tuple[datetime, str]]:
    """What happened when, oldest first; of the requests the first and the last of each kind."""
    run, plan = found.run, found.run.plan
    told = [
        (plan.created_at, f"Plan {plan.pk} made by {plan.user_name}, {DOORS.get(plan.door, plan.door)}"),
        (run.created_at, f"Plan {plan.pk} approved by {run.user_name}; it became run {run.pk}"),
        (run.due_at, "Not to begin before"),
        (run.started_at, "The run began"),
        (run.finished_at, f"The run {run.state}"),
        (run.revert_at, "To be undone by itself"),
        *zip(evidence_facts.looked_at(found), _canary_words(plan.canary), strict=True),
        *_first_and_last(calls),
    ]
    told += [
        (each.created_at, f"Run {each.pk} approved by {each.user_name}, to undo this one")
        for each in evidence_facts.undone_by(found)
    ]
    return iter(sorted(((at, words) for at, words in told if at is not None), key=itemgetter(0)))


def _canary_words(first: int) -> tuple[str, str]:
    rows = "row was" if first == 1 else f"{thin(first)} rows were"
    return f"The first {rows} settled, and the run paused for somebody to look at that", "The run went on"


def _first_and_last(calls: Sequence[dict[str, Any]]) -> Iterator[tuple[datetime, str]]:
    for reason in dict.fromkeys(each["reason"] for each in calls):
        alike, name = [each for each in calls if each["reason"] == reason], NAMES.get(reason, reason)
        only = sum(each["calls"] for each in alike) == 1
        yield min(each["first"] for each in alike), f"{'Only' if only else 'First'} {name} request"
        if not only:
            yield max(each["last"] for each in alike), f"Last {name} request"


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
