"""What a record's page says before a save and after it: the panel of what will be sent, and how a save ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, TypeAlias

from adminui.planning.checks import Severity
from adminui.planning.explain import counted
from adminui.planning.outcomes import Outcome
from adminui.records.casting import to_json, to_text
from adminui.records.changes import parts
from adminui.records.schema import NESTED, Field, Resource
from adminui.records.values import MISSING, MaybeValue
from adminui.runs.models import Item
from adminui.services import references
from adminui.services.catalog import Opened
from adminui.services.plans import DrawnRequest
from adminui.services.records import Preview, Saved
from adminui.web.forms import SEPARATOR
from adminui.web.values import LONGEST, Shown, show

LEAD = 60  # characters of what is the same before the difference of two long texts

Sides: TypeAlias = tuple[str, MaybeValue, MaybeValue]  # a field's name and its two values


@dataclass(frozen=True)
class Row:
    """One line of a diff: a field, or one part of a nested value."""

    label: str
    name: str
    before: Shown
    after: Shown


@dataclass(frozen=True)
class Verdict:
    """How a save ended, in a headline and sentences, with the words of the API where there are any."""

    kind: str  # of a notice: "success", "info", "warning", "error" or "conflict"
    title: str
    text: str
    detail: str = ""


def rows(opened: Opened, sides: Iterable[Sides]) -> list[Row]:
    """Lines of a diff; a nested value gets a line per part that differs."""
    listed = list(sides)
    fields = [opened.resource.by_name[name] for name, _, _ in listed]
    held: list[Any] = [{name: value} for name, *both in listed for value in both if value is not MISSING]
    names = references.names(opened, fields, held)
    pairs = zip(fields, listed, strict=True)
    return [row for field, (_, before, after) in pairs for row in _rows(opened, field, before, after, names)]


def _rows(
    opened: Opened, field: Field, before: MaybeValue, after: MaybeValue, names: references.Names
) -> Iterator[Row]:
    nested = field.kind in NESTED and isinstance(before, list | dict) and isinstance(after, list | dict)
    if nested and (differing := parts(field, before, after)):
        for part in differing:
            yield Row(f"{field.label} › {part.part}", field.name, _part(part.before), _part(part.after))
        return
    left, right = _close_up(*(_side(opened, field, value, names) for value in (before, after)))
    yield Row(field.label, field.name, left, right)


def _side(opened: Opened, field: Field, value: MaybeValue, names: references.Names) -> Shown:
    """The value told apart from any other: two people may share a name, two moments a minute."""
    if isinstance(value, list | dict):
        return _part(value)
    shown = show(opened, field, value, names)
    if shown.kind == "reference" and shown.text != str(value):
        return replace(shown, text=f"{shown.text}{SEPARATOR}{value}")
    return replace(shown, text=to_text(field, value)) if shown.kind == "datetime" else shown


def _close_up(left: Shown, right: Shown) -> tuple[Shown, Shown]:
    """Long texts from shortly before they part: cut off at their ends, as everywhere, they would look the same."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(left.text, right.text, strict=False))
    start = sum(1 for _ in same) - LEAD
    if start <= 0 or max(len(left.text), len(right.text)) <= LONGEST:
        return left, right
    return replace(left, text=f"…{left.text[start:]}"), replace(right, text=f"…{right.text[start:]}")


def _part(value: Any) -> Shown:
    """A member of a nested value, told in full: a summary could hide the very difference."""
    if value is MISSING:
        return Shown("missing")
    if value is None:
        return Shown("null")
    if value == "":
        return Shown("empty")
    text = value if isinstance(value, str) else to_json(value)
    return Shown("json" if isinstance(value, list | dict) else "text", text, text)


def panel(opened: Opened, preview: Preview) -> dict[str, Any]:
    """The context of what will be sent."""
    drawn, draft = preview.drawn, preview.draft
    resource = opened.resource
    verb = drawn.requests[0].method if drawn and drawn.requests else ""
    return {
        "drawn": drawn,
        "verb": verb,
        "sentence": drawn.sentence.removeprefix(f"{verb}, ") if drawn else "",
        "changes": rows(opened, ((c.field, c.before, c.after) for c in draft.changeset.changes)),
        "count": len(draft.changeset.changes),
        "invalid": {_label(resource, name): words for name, words in draft.invalid.items()},
        "calls": [_call(opened, request) for request in drawn.requests] if drawn else [],
        "blocking": [f.text for f in drawn.findings if f.severity is Severity.BLOCK] if drawn else [],
        "warnings": [f.text for f in drawn.findings if f.severity is Severity.WARN] if drawn else [],
        "notes": [f.text for f in drawn.findings if f.severity is Severity.NOTE] if drawn else [],
    }


def _label(resource: Resource, name: str) -> str:
    field = resource.by_name.get(name)
    return name if field is None or field.hidden else field.label


def _call(opened: Opened, request: DrawnRequest) -> dict[str, Any]:
    """A full PUT carries every field: its body is for those who may see every field."""
    hidden = request.method == "PUT" and any(field.hidden for field in opened.resource.fields)
    why = "The body holds every field, also some you may not see, so it is not shown."
    return {
        "method": request.method,
        "url": request.url,
        "body": "" if hidden else request.pretty,
        "size": counted(request.size, "byte"),
        "curl": "" if hidden else request.curl,
        "note": why if hidden else "Without the login",
    }


def button(opened: Opened, preview: Preview) -> str:
    """The consequence of the next click, in full."""
    drawn, singular = preview.drawn, opened.resource.singular.lower()
    if preview.draft.invalid:
        return f"Correct {counted(len(preview.draft.invalid), 'field')} first"
    if drawn is None or not drawn.requests:
        return "Nothing to send"
    if drawn.blocked:
        return "This cannot be sent"
    live = "live " if opened.connection.environment == "production" else ""
    changed = counted(len(preview.draft.changeset.changes), "field")
    if drawn.requests[0].method == "PUT":
        return f"Replace this {live}{singular} whole, {changed} changed"
    return f"Change {changed} of this {live}{singular}"


def sendable(preview: Preview) -> bool:
    drawn = preview.drawn
    return bool(drawn and drawn.requests and not drawn.blocked and not preview.draft.invalid)


_WORDS: Mapping[str, tuple[str, str, str]] = {
    Outcome.DONE: ("success", "Saved", "The record was read back and holds what was asked."),
    Outcome.UNCHANGED: ("info", "Nothing was sent", "The record holds these values already."),
    Outcome.NOT_STORED: (
        "warning",
        "Accepted, but not stored as asked",
        "The API took the request and stores something else in the fields below. What you typed is still in the form.",
    ),
    Outcome.REJECTED: (
        "error",
        "The API refused this",
        "Nothing was written. What you typed is still in the form: correct it and send it again.",
    ),
    Outcome.CONFLICT: (
        "conflict",
        "Somebody else changed this meanwhile",
        "Nothing was sent. Look at the marked fields and decide again.",
    ),
    Outcome.NOT_SENT: ("error", "Nothing was written", "What you typed is still in the form; you may send it again."),
    Outcome.CANCELLED: ("error", "Nothing was sent", "What you typed is still in the form; you may send it again."),
    Outcome.UNKNOWN: (
        "warning",
        "It is not known whether this was written",
        "The answer was lost, and reading did not settle it. Read again and compare before you send anything.",
    ),
}
_ON_ITS_WAY = (
    "info",
    "This save is on its way",
    "An earlier click sent it and it is not over. Press the button again to hear how it ended; nothing is sent twice.",
)


def verdict(opened: Opened, saved: Saved, item: Item) -> Verdict:
    """How the run of a save ended."""
    kind, title, text = _WORDS.get(item.outcome, _ON_ITS_WAY)
    fields = [f"{_label(opened.resource, name)}: {' '.join(words)}" for name, words in item.by_field.items()]
    said = [*item.messages, *fields, *([saved.run.message] if saved.run and saved.run.message else [])]
    if item.outcome == Outcome.DONE:
        title = f"Saved: {counted(len(item.row().changes), 'field')} changed"
        text = text if item.verified else "The API accepted it."
    if saved.fresh is None and item.outcome in _WORDS:
        text += " The record could not be read afterwards: press “Read again” before you go on."
    return Verdict(kind, title, text, "\n".join(said))


def settled(opened: Opened, saved: Saved, item: Item) -> list[Row]:
    """What was changed; where that is not certain, what was asked against what is stored now."""
    if item.outcome not in (Outcome.DONE, Outcome.NOT_STORED, Outcome.UNKNOWN):
        return []
    changes = [c for c in item.row().changes if c.field in opened.resource.by_name]
    if saved.fresh is None or not compares(saved, item):
        return rows(opened, ((c.field, c.before, c.after) for c in changes))
    stored = saved.fresh
    return rows(opened, ((c.field, c.after, stored.get(c.field, MISSING)) for c in changes))


def compares(saved: Saved, item: Item) -> bool:
    return saved.fresh is not None and item.outcome in (Outcome.NOT_STORED, Outcome.UNKNOWN)


def theirs(opened: Opened, saved: Saved) -> list[Row]:
    """What somebody else changed meanwhile in other fields, apart from what the API computes itself."""
    changed = [c for c in saved.theirs if opened.whole.by_name[c.field].editable]
    return rows(opened, ((c.field, c.before, c.after) for c in changed))
