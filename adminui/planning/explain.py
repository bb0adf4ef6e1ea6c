"""Why a plan looks as it does, in one sentence that is true of the requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from adminui.planning.capabilities import Capabilities
from adminui.planning.plan import Form, Plan, Step
from adminui.records.schema import Resource


def counted(number: int, noun: str, plural: str = "") -> str:
    """`3 requests`, `1 request`, with thin separators in large numbers."""
    return f"{number:,}".replace(",", "\u202f") + " " + (noun if number == 1 else plural or noun + "s")


def explain(resource: Resource, can: Capabilities, plan: Plan, *, asked_to_replace: bool = False) -> str:
    """The sentence shown on the form, the grid and the plan."""
    if not plan.steps:
        return "Nothing to send: no field differs from what is stored."
    if len(plan.steps) == 1 and len(plan.rows) == 1:
        return _single(resource, can, plan.steps[0], asked_to_replace=asked_to_replace)
    return _many(plan)


def _single(resource: Resource, can: Capabilities, step: Step, *, asked_to_replace: bool) -> str:
    row = step.rows[0]
    total, touched = len(resource.writable), len(row.changes)
    rest = counted(total - touched, "other")
    if step.form is Form.PATCH:
        fields = counted(total, "field")
        return f"PATCH, {touched} of {fields}, because the API keeps what a PATCH leaves out; {rest} untouched."
    why = "you asked for a full replace" if asked_to_replace and can.patch else "this API has no PATCH here"
    left_out = {"nulls": "empties", "keeps": "keeps", "unknown": "may empty"}[can.replace or "unknown"]
    return (
        f"PUT, all {counted(total, 'field')}, {touched} of them changed, because {why}; the API {left_out} what a PUT "
        f"leaves out, so {rest} go back as they stand right before."
    )


def _many(plan: Plan) -> str:
    verb = "changes" if len(plan.steps) == 1 else "change"
    what = f"{counted(plan.cells, 'field')} in {counted(len(plan.rows), 'record')}"
    text = f"{counted(len(plan.steps), 'request')} {verb} {what}: {_forms(plan.steps)}"
    if plan.unchanged:
        have = "has" if len(plan.unchanged) == 1 else "have"
        text += f"; {counted(len(plan.unchanged), 'record')} already {have} the values"
    return text + "."


_WORDS = {
    Form.BULK_SHARED: "one shared body for",
    Form.BULK_ROWS: "a list of",
    Form.PATCH: "a PATCH each for",
    Form.PUT: "a full PUT each for",
}


def _forms(steps: Sequence[Step]) -> str:
    rows = Counter({form: sum(len(s.rows) for s in steps if s.form is form) for form in Form})
    calls = Counter(step.form for step in steps)
    return ", ".join(
        f"{words if rows[form] > 1 else words.replace(' each', '')} {counted(rows[form], 'record')}"
        + _in_calls(form, calls[form])
        for form, words in _WORDS.items()
        if calls[form]
    )


def _in_calls(form: Form, calls: int) -> str:
    bulk = form in (Form.BULK_ROWS, Form.BULK_SHARED)
    return f" in {calls} calls" if bulk and calls > 1 else ""
