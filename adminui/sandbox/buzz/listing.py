"""Lists: filters, order and pages of a resource, as query parameters ask for them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from adminui.sandbox.buzz.calendar import span
from adminui.sandbox.buzz.errors import Refused, detail
from adminui.sandbox.buzz.fields import Field
from adminui.sandbox.buzz.store import STAMP, Record
from adminui.sandbox.buzz.switches import Switches
from adminui.sandbox.http import Request

Test = Callable[[Any], bool]
_OWN = {"page", "page_size", "all_accounts", "ordering"}
_NESTED = {"object", "list", "json"}
_BOOLEANS = {"true": True, "1": True, "True": True, "false": False, "0": False, "False": False}
_SUFFIXES = ("in", "gte", "lte", "gt", "lt", "not", "isempty", "contains", "icontains", "range")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gte": lambda value, bound: value >= bound,
    "lte": lambda value, bound: value <= bound,
    "gt": lambda value, bound: value > bound,
    "lt": lambda value, bound: value < bound,
}


def select(
    table: Mapping[int, Record], fields: Mapping[str, Field], request: Request, switches: Switches, now: datetime
) -> list[Record]:
    """The records that pass every filter, in the order asked for."""
    records: Iterable[Record] = table.values()
    for key, text in request.query:
        if key in _OWN:
            continue
        name, _, suffix = key.partition("__")
        test = _test(name, suffix, text, fields, switches, now)
        if test is None:
            _unknown(key, switches)
        elif name == "id" and suffix in ("", "in"):
            wanted = set(_many(text, fields["id"], "id"))
            records = [record for record in _by_id(table, records, wanted) if int(record["id"]) in wanted]
        else:
            records = [record for record in records if test(record.get(name))]
    return _ordered(list(records), fields, request, switches)


def _by_id(table: Mapping[int, Record], records: Iterable[Record], wanted: set[int]) -> Iterable[Record]:
    """Where nothing was sifted yet, ids are looked up instead of searched."""
    return records if isinstance(records, list) else [table[i] for i in sorted(wanted & table.keys())]


def page(records: list[Record], request: Request, switches: Switches) -> dict[str, Any]:
    """The list envelope; too large a page is cut silently, as Django REST framework does."""
    size = _page_size(request, switches)
    pages = max(1, -(-len(records) // size))
    asked = request.parameter("page") or "1"
    number = pages if asked == "last" else int(asked) if asked.isdecimal() else 0
    if not 1 <= number <= pages:
        raise detail(404, "Invalid page.")
    return {
        "count": len(records),
        "next": _link(request, number + 1) if number < pages else None,
        "previous": _link(request, number - 1) if number > 1 else None,
        "results": list(islice(records, (number - 1) * size, number * size)),
    }


def _page_size(request: Request, switches: Switches) -> int:
    asked = request.parameter("page_size")
    size = int(asked) if asked.isdecimal() and int(asked) else switches.number("page_size_default")
    return min(size, switches.number("page_size_max"))


def _link(request: Request, number: int) -> str:
    pairs = [pair for pair in request.query if pair[0] != "page"] + ([("page", str(number))] if number > 1 else [])
    return f"{request.base_url}{request.path}" + (f"?{urlencode(sorted(pairs))}" if pairs else "")


def _unknown(key: str, switches: Switches) -> None:
    if switches.value("unknown_filter") == "reject":
        raise Refused(400, {key: ["Unknown filter."]})


def _test(
    name: str, suffix: str, text: str, fields: Mapping[str, Field], switches: Switches, now: datetime
) -> Test | None:
    """What a value must pass, or None when there is no such filter."""
    field = fields.get(name)
    if field is None or (field.kind in _NESTED and suffix != "isempty") or name in switches.names("not_filterable"):
        return None
    if suffix == "":
        wanted = _one(text, field, name)
        return lambda value: _known(value, field) == wanted
    if suffix not in _SUFFIXES:
        return None
    if suffix == "isempty":
        empty = _BOOLEANS.get(text, True)
        return lambda value: (value in (None, "", [], {})) is empty
    if suffix == "in":
        several = set(_many(text, field, name))
        return lambda value: _known(value, field) in several
    if suffix == "range":
        return _range(text, field, name, now)
    if suffix in ("contains", "icontains"):
        return _search(suffix, text, switches)
    bound = _one(text, field, name)
    if suffix == "not":
        return lambda value: _known(value, field) != bound
    compare = _COMPARE[suffix]
    return lambda value: value is not None and compare(_known(value, field), bound)


def _search(suffix: str, text: str, switches: Switches) -> Test | None:
    if switches.value("search_suffix") not in (suffix, "both"):
        return None
    if suffix == "contains":
        return lambda value: value is not None and text in str(value)
    folded = text.casefold()
    return lambda value: value is not None and folded in str(value).casefold()


def _range(text: str, field: Field, name: str, now: datetime) -> Test | None:
    if field.kind != "datetime":
        return None
    bounds = _many(text, field, name) if "," in text else []
    if len(bounds) == 2:
        return lambda value: value is not None and bounds[0] <= value <= bounds[1]
    found = span(text, now)
    if found is None:
        raise Refused(400, {f"{name}__range": ["Enter a valid date range."]})
    start, end = (moment.strftime(STAMP) for moment in found)
    return lambda value: value is not None and start <= value < end


def _known(value: Any, field: Field) -> Any:
    """A stored value in the form it is compared in."""
    return Decimal(value) if field.kind == "decimal" and value is not None else value


def _many(text: str, field: Field, name: str) -> list[Any]:
    return [_one(part, field, name) for part in text.split(",") if part]


def _one(text: str, field: Field, name: str) -> Any:
    """A filter's text as a value of its field."""
    try:
        if field.kind in ("integer", "reference"):
            return int(text)
        if field.kind == "decimal":
            return Decimal(text)
        if field.kind == "datetime":
            return datetime.fromisoformat(text).strftime(STAMP)
    except (ValueError, InvalidOperation):
        sentence = "Enter a valid date/time." if field.kind == "datetime" else "Enter a number."
        raise Refused(400, {name: [sentence]}) from None
    if field.kind == "boolean":
        return _BOOLEANS.get(text, text)
    if field.kind == "choice":
        return _choice(text, field, name)
    return text


def _choice(text: str, field: Field, name: str) -> str | int:
    for choice in field.choices:
        if str(choice) == text:
            return choice
    raise Refused(400, {name: [f"Select a valid choice. {text} is not one of the available choices."]})


def _ordered(records: list[Record], fields: Mapping[str, Field], request: Request, switches: Switches) -> list[Record]:
    """`ordering` is heard only when its switch is on; nulls come first, as in MySQL."""
    if not switches.on("ordering"):
        return records
    for part in reversed(request.parameter("ordering").split(",")):
        name = part.removeprefix("-")
        field = fields.get(name)
        if field is not None and field.kind not in _NESTED:
            key = _sort_key(name, field)
            records.sort(key=key, reverse=part.startswith("-"))
    return records


def _sort_key(name: str, field: Field) -> Callable[[Record], Any]:
    return lambda record: (record.get(name) is not None, _known(record.get(name), field))
