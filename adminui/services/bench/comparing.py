"""Two records side by side, of one connection or of two, and copying fields from one into a worksheet over the other.

Who compares needs the right to see both; who copies the right to edit the one copied to. What a person chose is copied
only if both records still hold what was shown: each field travels with a `digest` of its two values.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction

from adminui.planning.explain import counted
from adminui.records.casting import Invalid, cast, to_json, to_text
from adminui.records.packing import to_wire
from adminui.records.schema import NESTED, Field, Kind
from adminui.records.values import MISSING, MaybeValue, Record, RecordId, same
from adminui.services import edits, reading, records, references, steps
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, Stale
from adminui.services.references import Names
from adminui.worksheets.models import Step, Worksheet

RECENT: Final = 20  # of the person's worksheets among which one over just this record is looked for


@dataclass(frozen=True)
class Side:
    """One record as a person sees it, with what its references are called."""

    opened: Opened
    record: Record
    names: Names

    @property
    def id(self) -> RecordId:
        return self.opened.whole.id_of(self.record)

    @property
    def title(self) -> str:
        return self.opened.resource.title_of(self.record)

    def field(self, name: str) -> Field | None:
        found = self.opened.resource.by_name.get(name)
        return None if found is None or found.hidden else found

    def value(self, name: str) -> MaybeValue:
        """What the record holds; of a field that the person may not see, nothing."""
        return MISSING if self.field(name) is None else self.record.get(name, MISSING)


@dataclass(frozen=True)
class Way:
    """Copying one value one way: what would be typed; why it cannot be (`blocked`), or what to think of (`caution`)."""

    raw: str | None
    blocked: str = ""
    caution: str = ""

    @property
    def open(self) -> bool:
        return not self.blocked

    @property
    def safe(self) -> bool:
        return not (self.blocked or self.caution)


@dataclass(frozen=True)
class Pair:
    """One field on both sides; it may be on one alone."""

    name: str
    a: Field | None
    b: Field | None
    left: MaybeValue
    right: MaybeValue
    alike: bool
    to_b: Way
    to_a: Way

    @property
    def label(self) -> str:
        field = self.a or self.b
        assert field is not None
        return field.label

    @property
    def digest(self) -> str:
        return digest([self.name, to_wire(self.left), to_wire(self.right)])


def digest(told: object) -> str:
    return hashlib.sha256(to_json(told).encode()).hexdigest()[:16]


def side(opened: Opened, record_id: RecordId) -> Side:
    """A record to be compared, read now. Raises Refused."""
    opened.require("view")
    held = records.read(opened, record_id)
    return Side(opened, held, references.names(opened, opened.resource.visible, [held]))


def strangers(a: Side, b: Side) -> bool:
    """Whether the same id in two environments seems to be two records: nothing is suggested to be copied then."""
    return a.opened.connection.name != b.opened.connection.name and a.title.split() != b.title.split()


def compare(a: Side, b: Side) -> list[Pair]:
    """Every field that the person sees on either side, in the order of the first."""
    mine, theirs = ([f.name for f in each.opened.resource.visible] for each in (a, b))
    meanings = _looked_up(a, b), _looked_up(b, a)
    return [_pair(a, b, name, meanings) for name in dict.fromkeys((*mine, *theirs))]


def _pair(a: Side, b: Side, name: str, names: tuple[Names, Names]) -> Pair:
    left, right = a.value(name), b.value(name)
    fields = a.field(name), b.field(name)
    alike = None not in fields and means_the_same(fields[0], fields[1], left, right)
    return Pair(name, *fields, left, right, alike, way(a, b, name, names[0]), way(b, a, name, names[1]))


def means_the_same(a: Field | None, b: Field | None, left: MaybeValue, right: MaybeValue) -> bool:
    return a is not None and b is not None and same(a, left, right) and same(b, left, right)


def way(source: Side, target: Side, name: str, names: Names) -> Way:
    """What copying this field into the target comes to; `names` are what the source's ids are called there."""
    field, onto = source.field(name), target.field(name)
    if field is None or onto is None:
        return Way(None, blocked=f"Not a field of {(source if field is None else target).opened.connection.label}.")
    blocked = not_editable(target.opened, onto)
    if blocked:
        return Way(None, blocked=blocked)
    return judged(field, onto, source.value(name), target.value(name), caution_of(source, target, name, names))


def not_editable(opened: Opened, field: Field) -> str:
    """Why a field cannot be copied to; nothing where it can."""
    if field.name == opened.resource.id_field:
        return "Ids are not copied."
    if not opened.editable:
        return f"You may not edit {opened.resource.label} of {opened.connection.label}."
    return "" if field.editable else "Read-only there."


def judged(field: Field, onto: Field, value: MaybeValue, before: MaybeValue, caution: str = "") -> Way:
    """Whether this value can stand there, and as what it would be typed."""
    if value is MISSING:
        return Way(None, blocked="Not set, so there is nothing to copy.")
    raw = None if value is None else to_text(field, value)
    try:
        cast(onto, raw, before)
    except Invalid as error:
        return Way(raw, blocked=str(error))
    return Way(raw, caution=caution)


def caution_of(source: Side, target: Side, name: str, names: Names) -> str:
    field, onto = source.field(name), target.field(name)
    assert field is not None and onto is not None
    here, there = source.opened.connection.label, target.opened.connection.label
    value = source.value(name)
    if field.kind is not onto.kind:
        return f"{field.kind.value.capitalize()} in {here}, {onto.kind.value} in {there}."
    if source.opened.connection.name == target.opened.connection.name or value in (None, "", MISSING):
        return ""
    return elsewhere(field, onto, value, (here, there), (source.names, names))


def elsewhere(field: Field, onto: Field, value: MaybeValue, places: tuple[str, str], names: tuple[Names, Names]) -> str:
    """What an id or a choice of one environment may wrongly mean in the other; nothing where it means the same."""
    if field.kind is Kind.REFERENCE and isinstance(value, int | str):
        called = [held.get((f.reference or "", value)) for held, f in zip(names, (field, onto), strict=True)]
        if called[0] is not None and called[0] == called[1]:
            return ""
        words = [f"“{name}” in {at}" if name else f"unknown in {at}" for name, at in zip(called, places, strict=True)]
        return f"Id {value} is {words[0]}, {words[1]}."
    if field.kind is Kind.CHOICE and not isinstance(value, list | dict):
        labels = [choice.label if (choice := f.choice(to_text(f, value))) else "" for f in (field, onto)]
        said = f"{value} is “{labels[0]}” in {places[0]}, “{labels[1]}” in {places[1]}."
        return "" if labels[0] == labels[1] else said
    if field.kind in NESTED and field.key is None and field.children and _holds_ids(field):
        return "Holds ids, which may mean something else there."
    return ""


def _holds_ids(field: Field) -> bool:
    return any(child.kind is Kind.REFERENCE or _holds_ids(child) for child in field.children)


def _looked_up(source: Side, target: Side) -> Names:
    """What the ids of the source are called at the target: the same ids may be other records there."""
    if source.opened.connection.name == target.opened.connection.name:
        return source.names
    shared = [f for f in target.opened.resource.visible if f.kind is Kind.REFERENCE and source.field(f.name)]
    return references.names(target.opened, shared, [source.record])


def copy(token: UUID, source: Side, target: Side, chosen: Mapping[str, str]) -> tuple[Worksheet, Step]:
    """Copy the chosen fields (name → digest of what was shown) into a worksheet over the target, as one step."""
    target.opened.require("edit")
    raws = _raws(source, target, chosen)
    sheet = _worksheet(target, list(raws), token)
    label = f"Copied {counted(len(raws), 'field')} from {_called(source, target)}"
    cells = {name: ([0], [raw]) for name, raw in raws.items()}
    return sheet, edits.take(target.opened, sheet, token, "paste", label, cells)


def _raws(source: Side, target: Side, chosen: Mapping[str, str]) -> dict[str, str | None]:
    if not chosen:
        raise BadInput("No field is chosen.", "Tick those that are to be copied.")
    pairs = {pair.name: pair for pair in compare(source, target)}
    found: dict[str, str | None] = {}
    for name, seen in chosen.items():
        pair = pairs.get(name)
        if pair is None or not pair.to_b.open:
            raise BadInput(f"“{name[:80]}” cannot be copied.", pair.to_b.blocked if pair else "Reload the page.")
        if pair.digest != seen:
            raise Stale(f"{pair.label} has changed since it was shown.", "Reload the page and look at it again.")
        found[name] = pair.to_b.raw
    return found


def _called(source: Side, target: Side) -> str:
    where = f" of {source.opened.connection.label}"
    other = source.opened.connection.name != target.opened.connection.name
    return f"{source.opened.resource.singular} {source.id}{where if other else ''}"


def _worksheet(target: Side, names: Sequence[str], token: UUID) -> Worksheet:
    """The person's worksheet over just this record, read again; or a new one."""
    opened = target.opened
    own = Worksheet.objects.filter(
        owner_id=opened.user_id,
        connection=opened.connection.name,
        resource=opened.resource.name,
        rows=1,
        state=Worksheet.State.READY,
    ).order_by("-changed_at")[:RECENT]
    held = next((sheet for sheet in own if sheet.origin == {"ids": [target.id]}), None)
    if held is None:
        return reading.open_ids(opened, [target.id], list(names))
    if steps.taken(held, token):
        return held
    with transaction.atomic():
        held.columns = list(dict.fromkeys((*held.columns, *names)))
        held.save(update_fields=["columns"])
    reading.refresh(opened, held)
    return held


def may_copy(target: Side) -> str:
    """Why nothing can be copied to this side; nothing where something can."""
    opened = target.opened
    if not opened.resource.can_update:
        return f"{opened.connection.label} does not let {opened.resource.label} be changed."
    return "" if opened.may("edit") else f"You may not edit {opened.resource.label} of {opened.connection.label}."
