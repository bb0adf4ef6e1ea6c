"""A record as a form: which control each field gets, what stands in it, and what is only shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from adminui.planning.explain import counted
from adminui.records.casting import to_json, to_text
from adminui.records.changes import Clash
from adminui.records.schema import NESTED, TEXTUAL, Field, Kind
from adminui.records.values import MISSING, MaybeValue, Record, Value, as_boolean, readable
from adminui.services.catalog import Opened
from adminui.services.references import Names
from adminui.web.values import LONGEST, Shown, show

WIDE = 60  # characters past which a text gets the whole row
SEPARATOR = " · "  # between a reference's name and its id; the page's script takes the id from behind the last one

_KINDS = {
    Kind.INTEGER: "whole number",
    Kind.BOOLEAN: "yes or no",
    Kind.CHOICE: "picklist",
    Kind.JSON: "JSON",
    Kind.LIST: "JSON list",
    Kind.DATETIME: "date and time",
}


@dataclass(frozen=True)
class Option:
    """One entry of a select. `null` marks the one that stands for null, `parent` the value it depends on."""

    value: str
    label: str
    selected: bool = False
    active: bool = True
    null: bool = False
    parent: str | None = None


@dataclass(frozen=True)
class Input:
    """A field ready to be edited. `text` and `null` are the baseline; `old` is the same for the eye."""

    field: Field
    id: str
    widget: str  # "line", "lines", "select", "reference", "moment" or "nested"
    text: str
    null: bool
    missing: bool
    old: Shown
    options: tuple[Option, ...] = ()
    clash: tuple[Shown, Shown, Shown] | None = None  # as the person saw it, as it is now, as they want it

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def hint(self) -> str:
        return hint(self.field)

    @property
    def nulls(self) -> bool:
        """Whether it has a button of its own for null; a select has an entry for it."""
        return self.widget != "select" and self.field.nullable and not self.missing

    @property
    def blank_allowed(self) -> bool:
        return self.field.kind in TEXTUAL and self.field.blank and not self.field.required

    @property
    def placeholder(self) -> str:
        return "not set" if self.missing else "null" if self.null else "empty"

    @property
    def wide(self) -> bool:
        return "\n" in self.text or len(self.text) > WIDE

    @property
    def rows(self) -> int:
        return min(max(self.text.count("\n") + 1, len(self.text) // 80 + 1), 12)

    @property
    def midnight(self) -> str:
        """What follows a picked date where nothing stood before."""
        if self.field.kind is not Kind.DATETIME:
            return ""
        return "T00:00:00Z" if self.field.zone == "UTC" else " 00:00:00"

    @property
    def shape(self) -> str:
        """What the editor of nested values needs to know of the members, as JSON."""
        return to_json(_shape(self.field)) if self.widget == "nested" else ""


@dataclass(frozen=True)
class Section:
    title: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class Fact:
    """A field that is only shown."""

    field: Field
    shown: Shown
    group: str = ""

    @property
    def whole(self) -> str:
        """What a cell would cut off: this page is where all of it stands."""
        return self.shown.raw if self.shown.kind in ("text", "json") and len(self.shown.raw) > LONGEST else ""


@dataclass(frozen=True)
class Form:
    """All of a record this person may see: what they may edit by group, and the rest as text."""

    sections: tuple[Section, ...]
    facts: tuple[Fact, ...]

    @property
    def count(self) -> int:
        return sum(len(section.inputs) for section in self.sections)

    @property
    def fact_groups(self) -> dict[str, list[Fact]]:
        return _by_group((fact.group, fact) for fact in self.facts)


def build(opened: Opened, record: Record, names: Names, clashes: Iterable[Clash] = ()) -> Form:
    """The form of `record`; without the right to edit everything in it is only shown."""
    resource = opened.resource
    clashing = {clash.field: clash for clash in clashes}
    writable = {field.name for field in resource.writable} if opened.editable else set()
    inputs: list[tuple[str, Input]] = []
    facts: list[Fact] = []
    for number, field in enumerate(resource.fields):
        if field.hidden:
            continue
        value = record.get(field.name, MISSING)
        shown = show(opened, field, value, names)
        if field.name in writable:
            clash = _sides(opened, field, clashing.get(field.name), names)
            inputs.append((field.group or "Fields", _input(field, number, value, shown, names, clash)))
        else:
            facts.append(Fact(field, shown, field.group or "Fields"))
    sections = tuple(Section(title, tuple(held)) for title, held in _by_group(inputs).items())
    return Form(sections, tuple(facts))


def _by_group(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for group, item in pairs:
        groups.setdefault(group, []).append(item)
    return groups


def _sides(opened: Opened, field: Field, clash: Clash | None, names: Names) -> tuple[Shown, Shown, Shown] | None:
    if clash is None:
        return None
    seen, theirs, mine = (show(opened, field, value, names) for value in (clash.before, clash.theirs, clash.mine))
    return seen, theirs, mine


def _input(
    field: Field, number: int, value: MaybeValue, shown: Shown, names: Names, clash: tuple[Shown, Shown, Shown] | None
) -> Input:
    widget = _widget(field, value)
    return Input(
        field=field,
        id=f"field-{number}",
        widget=widget,
        text=_text(field, value, widget, names),
        null=value is None,
        missing=value is MISSING,
        old=shown,
        options=_options(field, value) if widget == "select" else (),
        clash=clash,
    )


def _widget(field: Field, value: MaybeValue) -> str:
    if field.kind in NESTED:
        return "nested"
    if field.kind is Kind.BOOLEAN or (field.kind is Kind.CHOICE and field.choices):
        return "select"
    if field.kind is Kind.LONG_TEXT or (isinstance(value, str) and ("\n" in value or "\r" in value)):
        return "lines"  # a one-line box would drop the line ends, also where the schema promises none
    if field.kind in (Kind.DATE, Kind.DATETIME):
        return "moment"
    return "reference" if field.kind is Kind.REFERENCE and field.reference else "line"


def _text(field: Field, value: MaybeValue, widget: str, names: Names) -> str:
    if widget == "nested" and value is not None and value is not MISSING:
        return to_json(value, indent=2)
    if widget == "reference" and isinstance(value, int | str) and field.reference:
        name = names.get((field.reference, value), "")
        return f"{name}{SEPARATOR}{value}" if name else readable(to_text(field, value))
    return readable(to_text(field, value))


def _options(field: Field, value: MaybeValue) -> tuple[Option, ...]:
    choices = _truths(value) if field.kind is Kind.BOOLEAN else _choices(field, value)
    none = value is None or value is MISSING
    held = none or any(option.selected for option in choices)
    strange = () if held else (Option(to_text(field, value), f"{to_text(field, value)} (not in the list)", True),)
    null = Option("", "not set" if value is MISSING else "null", none, null=True)
    return ((null,) if field.nullable or none else ()) + strange + choices


def _truths(value: MaybeValue) -> tuple[Option, ...]:
    truth = None if value is MISSING else as_boolean(value)
    return Option("true", "Yes", truth is True), Option("false", "No", truth is False)


def _choices(field: Field, value: MaybeValue) -> tuple[Option, ...]:
    """What may be chosen, and an inactive value only where it is held."""
    held = None if value is None or value is MISSING else field.choice(value)
    return tuple(
        Option(
            value=to_text(field, choice.value),
            label=choice.label if choice.active else f"{choice.label} (inactive)",
            selected=choice is held,
            active=choice.active,
            parent=_parent(field, choice.parent),
        )
        for choice in field.choices
        if choice.active or choice is held
    )


def _parent(field: Field, value: Value) -> str | None:
    return None if value in (None, "") or not field.parent else str(value)


def hint(field: Field) -> str:
    """A field's type in a few words."""
    words = _KINDS.get(field.kind, field.kind.value)
    if field.kind in TEXTUAL and field.max_length:
        return f"{words}, {field.max_length:,}"
    if field.kind is Kind.DECIMAL and field.decimal_places is not None:
        return f"{words}, {counted(field.decimal_places, 'place')}"
    if field.kind is Kind.REFERENCE and field.reference:
        return f"reference to {field.reference}"
    return f"{words}, {field.zone}" if field.zone and field.kind is Kind.DATETIME else words


def _shape(field: Field) -> Mapping[str, Any]:
    return {
        "name": field.name,
        "label": capfirst(field.label),
        "kind": field.kind.value,
        "required": field.required,
        "nullable": field.nullable,
        "choices": [[to_text(field, c.value), c.label] for c in field.choices if c.active],
        "children": [_shape(child) for child in field.children],
    }
