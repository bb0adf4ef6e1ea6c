"""What the worksheet page asks of many rows at once: shared changes, the mix of values, figures; and its layouts."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from adminui.planning.explain import counted
from adminui.records.casting import to_text
from adminui.records.operations import Operation
from adminui.records.schema import Field
from adminui.records.values import MISSING, MaybeValue
from adminui.services import edits, layouts, references, sharing, statistics
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.scope import rows_in
from adminui.services.sharing import Change, Only, Shared
from adminui.services.statistics import Facts, Mixed, Numbers, field_named
from adminui.web import asking
from adminui.web.asking import RELOAD
from adminui.web.values import grouped, show

MOST_CHANGES = 200
LABEL = 300  # characters of a value that is named


@require_POST
def share(request: HttpRequest, sheet: int) -> JsonResponse:
    """Count what a shared change would do and show it row by row, or make it (`keep`)."""
    held, opened, posted = asking.asked(request, sheet)
    rows, changes = rows_in(held, posted.get("scope")), _changes(opened, posted.get("changes"))
    if posted.get("keep") is not True:
        return JsonResponse(_told(sharing.count(opened, held, rows, changes, asking.window(posted))))
    since = asking.number(posted, "since", held.version)
    shared = sharing.share(opened, held, rows, changes, asking.token(posted))
    return JsonResponse(_told(shared) | {"feed": edits.feed(opened, held, since)})


def _changes(opened: Opened, posted: object) -> list[Change]:
    listed = posted if isinstance(posted, list) else []
    if not listed or len(listed) > MOST_CHANGES or not all(isinstance(each, dict) for each in listed):
        raise BadInput("No field is set to change.", "Choose what is to be done to at least one field.")
    return [_change(opened, each) for each in listed]


def _change(opened: Opened, posted: dict[str, Any]) -> Change:
    field = field_named(opened, str(posted.get("field", "")))
    operation = Operation(str(posted.get("op", "")), _typed(posted, "value"), _typed(posted, "with"))
    return Change(field.name, operation, _only(opened, field, posted))


def _typed(posted: dict[str, Any], name: str) -> str:
    value = posted.get(name)
    if value is not None and not isinstance(value, str):
        raise BadInput("A value is sent as text, as it is typed.", RELOAD)
    return value or ""


def _only(opened: Opened, field: Field, posted: dict[str, Any]) -> Only | None:
    """The condition: a key of the field itself or of `only_field`, or both as {"field", "key"}."""
    only = posted.get("only")
    if isinstance(only, dict):
        return Only(field_named(opened, str(only.get("field", ""))).name, str(only.get("key", "")))
    name = str(posted.get("only_field") or field.name)
    return None if only is None else Only(field_named(opened, name).name, str(only))


def _told(shared: Shared) -> dict[str, Any]:
    tally = shared.tally
    return {
        "sentence": tally.sentence if shared.preview or shared.step is None else f"{shared.label}: kept already.",
        "label": shared.label,
        "changed": tally.changed,
        "already": tally.already,
        "invalid": tally.invalid,
        "skipped": tally.skipped,
        "preview": [asdict(row) for row in shared.preview],
    }


@require_POST
def mix(request: HttpRequest, sheet: int) -> JsonResponse:
    """The values of a field in these rows with their counts."""
    held, opened, posted = asking.asked(request, sheet)
    field = field_named(opened, str(posted.get("field", "")))
    found = statistics.mix(opened, held, rows_in(held, posted.get("scope")), field.name)
    labels = labels_of(opened, field, [each.value for each in found.values])
    values = [
        {"key": each.key, "text": text_of(field, each.value), "label": label, "count": each.count}
        for each, label in zip(found.values, labels, strict=True)
    ]
    rest = {"values": found.other_values, "rows": found.other_rows} if found.other_values else None
    return JsonResponse({"distinct": found.distinct, "values": values, "rest": rest})


def text_of(field: Field, value: MaybeValue) -> str | None:
    return None if value is None or value is MISSING else to_text(field, value)


def labels_of(opened: Opened, field: Field, values: list[MaybeValue]) -> list[str]:
    """As a list page shows them; the names of references are asked for together."""
    names = references.names(opened, [field], [{field.name: value} for value in values if value is not MISSING])
    shown = (str(show(opened, field, value, names)) for value in values)
    return [text if len(text) <= LABEL else f"{text[: LABEL - 1]}…" for text in shown]


@require_POST
def stats(request: HttpRequest, sheet: int) -> JsonResponse:
    """Figures of a field in these rows, in words."""
    held, opened, posted = asking.asked(request, sheet)
    field = field_named(opened, str(posted.get("field", "")))
    facts = statistics.stats(opened, held, rows_in(held, posted.get("scope")), field.name)
    told = [*_counts(facts), *_figures(facts.numbers), *_ends(opened, field, facts), *_frequent(opened, field, facts)]
    return JsonResponse({"facts": [{"label": label, "value": value} for label, value in told]})


def _counts(facts: Facts) -> list[tuple[str, str]]:
    named = [("Rows", facts.rows), ("Distinct values", facts.distinct)]
    named += [(word, n) for word, n in (("Null", facts.null), ("Empty", facts.empty), ("Not set", facts.unset)) if n]
    return [(label, grouped(str(number))) for label, number in named]


def _figures(numbers: Numbers | None) -> list[tuple[str, str]]:
    if numbers is None:
        return []
    mean = _said(numbers.mean) if numbers.mean_is_exact else f"≈ {_said(numbers.mean)}"
    exact = [("Smallest", numbers.least), ("Largest", numbers.most), ("Sum", numbers.sum)]
    return [*((label, _said(n)) for label, n in exact), ("Average", mean), ("Median", _said(numbers.median))]


def _said(number: Decimal) -> str:
    """Without zeros that say nothing."""
    text = format(number, "f")
    return grouped(text.rstrip("0").rstrip(".") if "." in text else text)


def _ends(opened: Opened, field: Field, facts: Facts) -> list[tuple[str, str]]:
    if facts.dates:
        return list(zip(("Earliest", "Latest"), labels_of(opened, field, list(facts.dates)), strict=True))
    if not facts.texts:
        return []
    labels = labels_of(opened, field, list(facts.texts))
    lengths = [f"{label} ({counted(len(text), 'character')})" for label, text in zip(labels, facts.texts, strict=True)]
    return list(zip(("Shortest", "Longest"), lengths, strict=True))


def _frequent(opened: Opened, field: Field, facts: Facts) -> list[tuple[str, str]]:
    """Nothing is frequent where every value stands once."""
    found = [each for each in facts.frequent if each.count > 1]
    labels = labels_of(opened, field, [each.value for each in found])
    return [(f"Most frequent: {label}", _share(each, facts.rows)) for each, label in zip(found, labels, strict=True)]


def _share(each: Mixed, rows: int) -> str:
    return f"{grouped(str(each.count))} rows, {each.count / rows:.0%}".replace("%", "\u202f%")


@require_POST
def layout(request: HttpRequest, sheet: int) -> JsonResponse:
    """Keep the person's layout of this resource, named or as they left it; without data it is deleted."""
    _, opened, posted = asking.asked(request, sheet)
    name, data = str(posted.get("name") or ""), posted.get("data")
    kept = layouts.delete(opened, name) if data is None else layouts.keep(opened, name, data)
    return JsonResponse({"layouts": list(kept.named)})
