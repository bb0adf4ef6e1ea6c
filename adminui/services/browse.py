"""Finding records: a filter out of an address, a page of what matches, ids pasted by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adminui.dialects.base import Page
from adminui.records.casting import Invalid, cast, from_json, to_text
from adminui.records.queries import WITH_LIST, WITHOUT_VALUE, WORDS, Condition, Group, Op, Query, sensible_ops
from adminui.records.schema import TEXTUAL, Field, Kind
from adminui.records.values import Record, RecordId, Value, as_boolean
from adminui.remote import reader
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, Stale
from adminui.services.references import Names

MOST_IDS = 10_000
LONGEST_PASTE = MOST_IDS * 60
MOST_GROUPS = 10  # of conditions, one inside the other
PASSES = 3  # over all that match, when records come and go meanwhile
_OF_MOMENTS = {Op.GT: "is after", Op.GTE: "is on or after", Op.LT: "is before", Op.LTE: "is on or before"}
_ID = re.compile(r"[^\s,;|\"']+")


@dataclass(frozen=True)
class Listing:
    """A page of records with its place in the whole. `count` is exact: the API's own."""

    records: tuple[Record, ...]
    count: int
    query: Query
    next: Query | None
    previous: Query | None


def listing(opened: Opened, query: Query) -> Listing:
    """One page of what matches. Raises BadInput for a filter the API cannot answer."""
    try:
        page = reader.read_page(opened.client, opened.whole, query)
        count = page.count if page.count is not None else reader.count(opened.client, opened.whole, query)
    except ValueError as error:
        raise BadInput(f"The API cannot answer this filter: {error}", "Take a condition out.") from error
    return Listing(page.records, count, query, _next(opened, query, page), _previous(opened, query))


def _next(opened: Opened, query: Query, page: Page) -> Query | None:
    if page.next is None or not page.records:
        return None
    after = opened.whole.id_of(page.records[-1]) if opened.can.pages_by == "id" else None
    return query.turned(query.page + 1, after)


def _previous(opened: Opened, query: Query) -> Query | None:
    """The page before, where pages have numbers; an API that pages by id only goes forward, back is the browser's."""
    if query.page <= 1 or opened.can.pages_by == "id":
        return None
    return query.turned(query.page - 1)


def every(opened: Opened, where: Group, limit: int) -> list[Record]:
    """All records that match, at most `limit`; one more is asked for, so that nobody takes a part for the whole.

    Where pages have numbers, a record that goes away meanwhile makes one on the next page slip by: only a pass that is
    as long as the API's own count afterwards is taken for the whole.
    """
    query = Query(where, page_size=500)
    try:
        for _ in range(PASSES):
            found = list(reader.read_all(opened.client, opened.whole, query, limit + 1))
            if len(found) > limit:
                raise BadInput(f"More than {limit:,} records match.", "Narrow the filter, or open a part at a time.")
            if opened.can.pages_by == "id" or len(found) == reader.count(opened.client, opened.whole, query):
                return found
    except ValueError as error:
        raise BadInput(f"The API cannot answer this filter: {error}", "Take a condition out.") from error
    raise Stale("The records that match changed while they were read.", "Nothing was opened; try again in a moment.")


def ids_in(opened: Opened, text: str) -> list[RecordId]:
    """The ids in pasted text, each once, in the order given. Raises BadInput for what cannot be an id."""
    numeric = opened.whole.by_name[opened.whole.id_field].kind in (Kind.INTEGER, Kind.REFERENCE)
    if len(text) > LONGEST_PASTE:
        raise BadInput(f"This text is longer than {MOST_IDS:,} ids are.", "Paste fewer at once.")
    words = list(dict.fromkeys(_ID.findall(text)))
    if not words:
        raise BadInput("There are no ids in this text.", "Paste ids separated by spaces, commas or lines.")
    if len(words) > MOST_IDS:
        raise BadInput(f"{len(words):,} ids are more than the {MOST_IDS:,} that can be opened at once.")
    if numeric and (wrong := [w for w in words if not re.fullmatch(r"-?[0-9]{1,18}", w)]):
        raise BadInput(f"“{wrong[0][:40]}” is not an id of {opened.resource.label}.", "Ids are whole numbers.")
    return list(dict.fromkeys(int(word) if numeric else word for word in words))


def by_ids(opened: Opened, ids: Sequence[RecordId]) -> tuple[list[Record], list[RecordId]]:
    """These records in the order asked for, and the ids the API does not have."""
    found = reader.read_many(opened.client, opened.whole, opened.can, ids)
    return [found[i] for i in ids if i in found], [i for i in ids if i not in found]


def operators(opened: Opened, field: Field) -> tuple[Op, ...]:
    """What this API can be asked of this field."""
    if not field.queryable:
        return ()
    return tuple(op for op in sensible_ops(field) if op in opened.can.ops)


def parse_where(opened: Opened, text: str) -> Group:
    """A filter from its JSON form: `["and", ["name", "contains", "x"], ["or", …]]`. Raises BadInput."""
    if not text:
        return Group()
    try:
        data = from_json(text)
    except ValueError:
        data = None
    if not isinstance(data, list) or not data or data[0] not in ("and", "or"):
        raise BadInput("The filter in this address cannot be read.", "Open the list anew and build the filter again.")
    return _group(opened, data)


def _group(opened: Opened, data: list[Any], depth: int = 1) -> Group:
    if depth > MOST_GROUPS:
        raise BadInput(f"The filter has groups inside groups, more than {MOST_GROUPS} deep.", "Build a simpler one.")
    group = Group(data[0], tuple(_item(opened, item, depth) for item in data[1:]))
    if not opened.can.or_groups and (group.nested or (group.join == "or" and len(group.items) > 1)):
        raise BadInput("This API can only be asked for all conditions together, not for any of them.")
    return group


def _item(opened: Opened, item: Any, depth: int) -> Condition | Group:
    if isinstance(item, list) and item and item[0] in ("and", "or"):
        return _group(opened, item, depth + 1)
    if not isinstance(item, list) or not 2 <= len(item) <= 3:
        raise BadInput("The filter in this address cannot be read.", "Open the list anew and build the filter again.")
    return _condition(opened, str(item[0]), str(item[1]), item[2] if len(item) == 3 else None)


def _condition(opened: Opened, name: str, op: str, raw: object) -> Condition:
    field = opened.resource.by_name.get(name)
    if field is None or field.hidden:
        raise BadInput(f"{opened.resource.label} have no field “{name}” to filter by.")
    if op not in operators(opened, field):
        raise BadInput(f"This API cannot be asked whether {field.label} “{op}” something.")
    operator = Op(op)
    if operator in WITHOUT_VALUE:
        return Condition(name, operator)
    if operator in WITH_LIST:
        values = raw if isinstance(raw, list) else [v.strip() for v in str(raw or "").split(",") if v.strip()]
        return Condition(name, operator, [_value(field, v) for v in values])
    return Condition(name, operator, _value(field, raw))


def _value(field: Field, raw: object) -> Value:
    """A filter's value is typed as the field is, but may be what could not be written: inactive, long, read-only."""
    lenient = replace(
        field,
        read_only=False,
        required=False,
        blank=True,
        max_length=None,
        choices=tuple(replace(c, active=True) for c in field.choices),
    )
    if raw in (None, ""):
        raise BadInput(f"The condition on {field.label} lacks a value.", "Give one, or choose “is empty”.")
    try:
        return cast(lenient, raw)
    except Invalid as error:
        raise BadInput(f"The condition on {field.label}: {error}") from error


def where_to_data(group: Group) -> list[Any]:
    """The JSON form that `parse_where` reads."""
    return [group.join, *(where_to_data(i) if isinstance(i, Group) else _condition_to_data(i) for i in group.items)]


def _condition_to_data(condition: Condition) -> list[Any]:
    if condition.op in WITHOUT_VALUE:
        return [condition.field, condition.op.value]
    return [condition.field, condition.op.value, condition.value]


def in_words(opened: Opened, group: Group, names: Names | None = None) -> str:
    """The filter as a person would say it; empty for no filter. `names` are what references are called."""
    words = [item_words(opened, item, names) for item in group.items]
    return f" {group.join} ".join(words)


def item_words(opened: Opened, item: Condition | Group, names: Names | None = None) -> str:
    """One condition, or a group of them in brackets."""
    if isinstance(item, Group):
        return f"({in_words(opened, item, names)})"
    field = opened.resource.by_name[item.field]
    said = f"{field.label} {op_words(field, item.op)}"
    if item.op in WITHOUT_VALUE:
        return said
    values = item.value if isinstance(item.value, list) else [item.value]
    return f"{said} {', '.join(_value_words(field, v, names or {}) for v in values)}"


def op_words(field: Field, op: Op) -> str:
    """An operator as one says it of such a field: an amount is at least, a day on or after."""
    return _OF_MOMENTS.get(op, WORDS[op]) if field.kind in (Kind.DATE, Kind.DATETIME) else WORDS[op]


def _value_words(field: Field, value: Value, names: Names) -> str:
    if field.kind is Kind.BOOLEAN and (truth := as_boolean(value)) is not None:
        return "yes" if truth else "no"
    named = names.get((field.reference, value)) if field.reference and isinstance(value, int | str) else None
    choice = field.choice(value)
    return f"“{named or (choice.label if choice else to_text(field, value))}”"


def conditions(group: Group) -> Iterator[Condition]:
    for item in group.items:
        if isinstance(item, Group):
            yield from conditions(item)
        else:
            yield item


def searched(opened: Opened, where: Group, text: str) -> Group:
    """The filter narrowed by a quick search, part of the title or an id. Raises BadInput where neither can be asked."""
    text = text.strip()
    if not text:
        return where
    found = [c for c in (_id_is(opened, text), title_has(opened, text)) if c is not None]
    if not found:
        raise BadInput(f"This API cannot search {opened.resource.label} by name.", "Use a filter.")
    either = Group("or", tuple(found)) if len(found) > 1 and opened.can.or_groups else found[0]
    held = where.items if where.join == "and" or len(where.items) < 2 else (where,)
    return Group("and", (*held, either))


def _id_is(opened: Opened, text: str) -> Condition | None:
    field = opened.resource.by_name[opened.resource.id_field]
    fits = re.fullmatch(r"[0-9]{1,18}", text) is not None
    return Condition(field.name, Op.EQ, int(text)) if fits and Op.EQ in operators(opened, field) else None


def title_has(opened: Opened, text: str) -> Condition | None:
    """The condition of a search by name; None where this API cannot be asked that."""
    field = opened.resource.by_name.get(opened.resource.title_field)
    if field is None or field.hidden or field.kind not in TEXTUAL:
        return None
    op = next((o for o in (Op.CONTAINS, Op.BEGINS, Op.EQ) if o in operators(opened, field)), None)
    return Condition(field.name, op, text) if op else None
