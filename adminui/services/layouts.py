"""How a person likes a resource's grid: the layout they left it in, and those they saved under a name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from adminui.records.values import storable
from adminui.services import views
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.worksheets.models import Layout

NARROWEST, WIDEST = 40, 1200  # pixels of a column
MOST_NAMED: Final = 50
MOST_BYTES: Final = 100_000
MOST_CHOSEN: Final = 1_000  # values of one filter
LONGEST_NAME: Final = 100
_STATES: Final = ("null", "empty", "filled", "unset")
_WAYS: Final = ("contains", "begins", "ends", "is", "not")


@dataclass(frozen=True)
class Layouts:
    """A person's layouts of one resource: the one they left, if any, and the named ones as the page has them."""

    left: dict[str, Any] | None
    named: tuple[dict[str, Any], ...]


def of(opened: Opened) -> Layouts:
    """What the person kept, without fields that are there no longer or not theirs to see any more."""
    kept = [(layout.name, _cleaned(opened, layout.data)) for layout in _here(opened)]
    left = next((data for name, data in kept if not name), None)
    return Layouts(left, tuple({"name": name, "data": data} for name, data in kept if name))


def keep(opened: Opened, name: str, data: object) -> Layouts:
    """Keep a layout; the nameless one is what the person left. Raises BadInput for what is no layout."""
    name = _name(name)
    kept = _cleaned(opened, data) if isinstance(data, dict) else None
    if kept is None or len(json.dumps(kept)) > MOST_BYTES:
        raise BadInput("This layout cannot be kept.", "Reload the page; no edit is lost.")
    if name and _here(opened).exclude(name__in=["", name]).count() >= MOST_NAMED:
        raise BadInput(f"You have {MOST_NAMED} layouts of {opened.resource.label}.", "Delete one first.")
    Layout.objects.update_or_create(**_place(opened), name=name, defaults={"data": kept})
    return of(opened)


def delete(opened: Opened, name: str) -> Layouts:
    _here(opened).filter(name=_name(name)).delete()
    return of(opened)


def _place(opened: Opened) -> dict[str, Any]:
    return {"owner_id": opened.user_id, "connection": opened.connection.name, "resource": opened.resource.name}


def _here(opened: Opened) -> QuerySet[Layout]:
    return Layout.objects.filter(**_place(opened))


def _name(name: str) -> str:
    name = " ".join(storable(name).split())
    if len(name) > LONGEST_NAME:
        raise BadInput(f"The name has {len(name)} characters; a layout's name takes {LONGEST_NAME}.")
    return name


def _cleaned(opened: Opened, data: dict[str, Any]) -> dict[str, Any]:
    """What of it means something here: fields the person may see, widths within reason, filters of a known form."""
    known = {f.name for f in opened.resource.visible}
    fixed = {f.name for f in views.frozen(opened)}
    named = dict.fromkeys(_listed(data, "columns", str))
    columns = [name for name in named if name in known - fixed][: views.MOST_COLUMNS]
    return {
        "columns": columns,
        "widths": {n: _width(w) for n, w in _mapped(data, "widths") if n in known and _is_number(w)},
        "frozen": _frozen(data.get("frozen", 1), len(columns)),
        "sort": _sort(known, _listed(data, "sort", dict)),
        "filters": {n: made for n, f in _mapped(data, "filters") if n in known and (made := _filter(f))},
    }


def _listed(data: dict[str, Any], name: str, kind: type) -> list[Any]:
    value = data.get(name)
    return [each for each in value if isinstance(each, kind)] if isinstance(value, list) else []


def _mapped(data: dict[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    value = data.get(name)
    return value.items() if isinstance(value, dict) else ()


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return -(10**6) < value < 10**6


def _width(value: float | Decimal) -> int:
    return min(max(round(value), NARROWEST), WIDEST)


def _frozen(value: object, columns: int) -> int:
    """Columns after the id that stay: the title and as many as there are."""
    return min(max(value, 0), columns + 1) if isinstance(value, int) and not isinstance(value, bool) else 1


def _sort(known: set[str], sort: list[dict[str, Any]]) -> list[dict[str, Any]]:
    named = [each for each in sort if isinstance(each.get("field"), str) and each["field"] in known]
    by = {each["field"]: each.get("down") is True for each in named}
    return [{"field": name, "down": down} for name, down in by.items()]


def _filter(filter: object) -> dict[str, Any] | None:
    if not isinstance(filter, dict):
        return None
    return next((made for make in _FILTERS if (made := make(filter))), None)


def _is(filter: dict[str, Any]) -> dict[str, Any] | None:
    return {"is": filter["is"]} if filter.get("is") in _STATES else None


def _text(filter: dict[str, Any]) -> dict[str, Any] | None:
    text, how = filter.get("text"), filter.get("how", "contains")
    return {"text": storable(text), "how": how} if isinstance(text, str) and how in _WAYS else None


def _between(filter: dict[str, Any]) -> dict[str, Any] | None:
    low, high = filter.get("from", ""), filter.get("to", "")
    if not (isinstance(low, str) and isinstance(high, str) and (low or high)):
        return None
    return {"from": storable(low), "to": storable(high)}


def _among(filter: dict[str, Any]) -> dict[str, Any] | None:
    chosen = filter.get("in")
    if not isinstance(chosen, list) or not all(each is None or isinstance(each, str) for each in chosen):
        return None
    return {"in": [each and storable(each) for each in chosen[:MOST_CHOSEN]]}


_FILTERS: Final[tuple[Callable[[dict[str, Any]], dict[str, Any] | None], ...]] = (_is, _text, _between, _among)
