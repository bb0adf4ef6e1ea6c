"""Quality rules over HTTP, as a worksheet's panel asks: count them, show the rows of one, try, save and delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from adminui.planning.explain import counted
from adminui.records.casting import to_text
from adminui.records.cleaning import formats
from adminui.records.cleaning.quality import Rule, offered, suggested
from adminui.records.cleaning.quality_kinds import KINDS
from adminui.records.cleaning.quality_pairs import OPS
from adminui.records.schema import Field, Kind
from adminui.services.bench import quality
from adminui.services.bench.quality import Breach, Counted, Counts
from adminui.services.bench.ruling import ready, rule_of
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.web import asking
from adminui.worksheets.models import Worksheet

MOST_SUGGESTED: Final = 10
TELLING: Final = ("format", "required", "exists", "range", "allowed", "length")  # what is broken most often comes first


@require_POST
def rules(request: HttpRequest, sheet: int) -> JsonResponse:
    """`do`: count (or nothing), rows, try, save, delete. After each but rows and try all rules are counted anew."""
    held, opened, posted = asking.asked(request, sheet)
    act = _ACTS.get(str(posted.get("do") or "count"))
    if act is None:
        raise BadInput("There is nothing of this kind to be done to quality rules.", asking.RELOAD)
    return JsonResponse(act(opened, held, posted))


def _count(opened: Opened, sheet: Worksheet, posted: Mapping[str, Any]) -> dict[str, Any]:
    found = quality.counts(opened, sheet)
    quality.remember(sheet, found)
    told: dict[str, Any] = {"sentence": sentence(found, sheet), "rules": [_told(each) for each in found.rules]}
    told |= {"rows": sheet.rows, "broken": found.rows, "may_edit": opened.may("edit"), "board": _board_url(opened)}
    return told | (_form(opened, found) if posted.get("form") else {})


def sentence(found: Counts, sheet: Worksheet) -> str:
    """“5 rules, 312 of 10 000 rows broken”."""
    if not found.rules:
        return "No rules yet"
    told = counted(len(found.rules), "rule")
    if not found.rows:
        unknown = any(each.hits is None for each in found.rules)
        return f"{told}, no row breaks those that could be counted" if unknown else f"{told}, no row breaks any"
    rows = f"{found.rows:,}".replace(",", "\u202f")
    return f"{told}, {rows} of {counted(sheet.rows, 'row')} broken"


def _told(each: Counted) -> dict[str, Any]:
    rule = each.kept.rule
    return {
        "id": rule.pk,
        "name": rule.name,
        "words": each.kept.words,
        "rule": quality.as_rule(rule).as_data(),
        "hits": each.hits,
        "read": each.read,
        "note": each.note,
        "by": rule.owner_name,
    }


def _board_url(opened: Opened) -> str:
    return reverse("quality", args=[opened.connection.name, opened.resource.name])


def _form(opened: Opened, found: Counts) -> dict[str, Any]:
    """What a rule can be made of, and rules that follow from what the API says."""
    fields = opened.resource.visible
    return {
        "kinds": [
            {"name": kind.name, "label": kind.label, "help": kind.help, "pair": kind.pair} for kind in KINDS.values()
        ],
        "fits": {field.name: [kind.name for kind in offered(field)] for field in fields},
        "formats": [[name, each.label, list(each.needs)] for name, each in formats.FORMATS.items()],
        "ops": [[op, words] for op, words in OPS],
        "countries": list(formats.COUNTRIES),
        "suggested": _suggested(opened, found),
        "comparable": {field.name: _group(field) for field in fields},
    }


def _group(field: Field) -> str:
    """Fields that can be put in order together."""
    if field.kind in (Kind.INTEGER, Kind.DECIMAL):
        return "number"
    return "date" if field.kind in (Kind.DATE, Kind.DATETIME) else ""


def _suggested(opened: Opened, found: Counts) -> list[dict[str, Any]]:
    there = {(each.kept.rule.kind, each.kept.rule.field) for each in found.rules}
    rules = [rule for field in opened.resource.visible for rule in suggested(field, opened.resource)]
    new = [rule for rule in rules if (rule.kind, rule.field) not in there]
    new = sorted(new, key=lambda rule: (rule.field not in opened.resource.columns, TELLING.index(rule.kind)))
    return [{"rule": rule.as_data(), "words": ready(opened, rule).words} for rule in new[:MOST_SUGGESTED]]


def _rows(opened: Opened, sheet: Worksheet, posted: Mapping[str, Any]) -> dict[str, Any]:
    """Which rows break a saved rule."""
    kept = quality.find(opened, _id(posted))
    found = quality.breaches(opened, sheet, quality.as_rule(kept.rule), most=0)
    return {"rows": found.ranges, "count": len(found.rows), "name": kept.rule.name}


def _try(opened: Opened, sheet: Worksheet, posted: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule would come to. While it is being written, what makes no sense is said and is no failure."""
    try:
        found = quality.breaches(opened, sheet, _rule(posted))
    except BadInput as error:
        return {"problem": error.message}
    return {
        "words": found.ready.words,
        "hits": len(found.rows),
        "rows": found.of,
        "note": found.note,
        "first": [_breach(found.ready.field, each) for each in found.first],
    }


def _breach(field: Field, each: Breach) -> dict[str, Any]:
    return {"row": each.row, "id": str(each.id), "value": to_text(field, each.value)[:200], "why": each.why}


def _save(opened: Opened, sheet: Worksheet, posted: Mapping[str, Any]) -> dict[str, Any]:
    rule_id = None if posted.get("id") is None else _id(posted)
    kept = quality.save(opened, str(posted.get("name") or ""), _rule(posted), rule_id)
    return _count(opened, sheet, {"form": True}) | {"saved": kept.rule.pk}


def _delete(opened: Opened, sheet: Worksheet, posted: Mapping[str, Any]) -> dict[str, Any]:
    quality.delete(opened, _id(posted))
    return _count(opened, sheet, {"form": True})


def _id(posted: Mapping[str, Any]) -> int:
    found = posted.get("id")
    if type(found) is not int:
        raise BadInput("The page did not say which rule is meant.", asking.RELOAD)
    return found


def _rule(posted: Mapping[str, Any]) -> Rule:
    return rule_of(posted.get("rule"))


_ACTS: Final[Mapping[str, Callable[[Opened, Worksheet, Mapping[str, Any]], dict[str, Any]]]] = {
    "count": _count,
    "rows": _rows,
    "try": _try,
    "save": _save,
    "delete": _delete,
}
