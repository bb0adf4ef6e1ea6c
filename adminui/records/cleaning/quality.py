"""Quality rules: what should hold of every record of a resource, and which rows break it. Pure.

    Rule   kind, field and parameters: plain data, kept by name and sent as {"facet": "rule", "rule": {…}}
      └ ready(resource, rule) ──▶ Ready   checked against the resource's fields; raises Invalid
          └ broken(ready, parts) ──▶ one mask per part, a byte (1: breaks it) per row

A part is a mapping of field names to columns (`values`, and `codes` with the place of each row's value); the columns
needed are `rule.reads`. Every distinct value, or pair of values, is judged once. Only "unique" looks across parts, so
all parts meant have to be given in one call. A rule says nothing of what is not filled, unless it asks for just that.

Whether an id that is referred to exists cannot be known here: for a rule with `asks`, ask for `ids(ready, parts)` and
give those that are not there as `gone` (`services.bench.ruling.masks` does both, for the facet too).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as defaulting
from typing import Any, Final, Protocol, TypeAlias

from adminui.records.casting import Invalid
from adminui.records.cleaning.quality_base import Asked, Judge, RuleKind
from adminui.records.cleaning.quality_kinds import KINDS
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import MISSING, MaybeValue, RecordId

__all__ = ["Invalid", "Ready", "Rule", "broken", "ids", "offered", "ready", "suggested"]

MOST_PARAMS: Final = 20
_MEMBERS: Final = {"kind", "field", "params"}


class Coded(Protocol):
    """A column as worksheets hold it."""

    @property
    def values(self) -> Sequence[MaybeValue]: ...
    @property
    def codes(self) -> Sequence[int]: ...


Part: TypeAlias = Mapping[str, Coded]
Alike: TypeAlias = Callable[[MaybeValue], Hashable | None]


@dataclass(frozen=True)
class Rule:
    """One rule as data. `field` is the one in which a breach is to be mended."""

    kind: str
    field: str
    params: Mapping[str, Any] = defaulting(default_factory=dict)

    @property
    def reads(self) -> tuple[str, ...]:
        """The fields whose columns are needed."""
        other = self.params.get("other")
        return (self.field, other) if isinstance(other, str) and other not in ("", self.field) else (self.field,)

    def as_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "field": self.field, "params": dict(self.params)}

    @classmethod
    def from_data(cls, data: Any) -> Rule:
        """Raises Invalid; whether kind, field and parameters exist is asked when it is made ready."""
        if not (isinstance(data, Mapping) and data.keys() <= _MEMBERS):
            raise Invalid("This is not a quality rule.")
        kind, name, params = data.get("kind"), data.get("field"), data.get("params", {})
        if not (isinstance(kind, str) and isinstance(name, str) and isinstance(params, Mapping)):
            raise Invalid("This quality rule cannot be read.")
        if len(params) > MOST_PARAMS or not all(isinstance(each, str) for each in params):
            raise Invalid("This quality rule cannot be read.")
        return cls(kind, name, dict(params))


@dataclass(frozen=True)
class Ready:
    """A rule that makes sense for a resource. `words` say what should hold; `why` says how a value breaks it."""

    rule: Rule  # with parameters complete and normalised
    kind: RuleKind
    field: Field
    other: Field | None
    words: str
    judge: Judge
    alike: Alike | None  # what a value means, where all values of the column count

    @property
    def asks(self) -> bool:
        """Whether ids have to be asked for before it can be judged."""
        return self.kind.asks

    def why(self, value: MaybeValue, other: MaybeValue = MISSING) -> str:
        """In words how this value breaks the rule; nothing where it holds. A rule on all values says it of each."""
        return self.judge(value, other)


def ready(resource: Resource, rule: Rule, gone: Container[RecordId] = frozenset()) -> Ready:
    """The rule checked: kind, fields that can be seen, parameters. Raises Invalid."""
    kind = KINDS.get(rule.kind)
    if kind is None:
        raise Invalid(f"“{rule.kind[:40]}” is not a kind of quality rule.")
    about = _field(resource, rule.field)
    if not kind.fits(about):
        raise Invalid(f"“{kind.label}” says nothing of {about.label}.")
    name = rule.params.get("other")
    other = _field(resource, name) if kind.pair and isinstance(name, str) else None
    params = kind.checked(Asked(resource, about, other, rule.params))
    complete = Asked(resource, about, other, params, gone)
    alike = kind.alike(complete) if kind.alike else None
    whole = Rule(rule.kind, rule.field, params)
    return Ready(whole, kind, about, other, kind.words(complete), kind.judge(complete), alike)


def _field(resource: Resource, name: str) -> Field:
    found = resource.by_name.get(name)
    if found is None or found.hidden:
        raise Invalid(f"{resource.label} have no field “{name[:80]}”.")
    return found


def broken(ready: Ready, parts: Sequence[Part]) -> list[bytes]:
    """Which rows break the rule: for each part a byte per row, 1 where it is broken."""
    if ready.alike is not None:
        return _repeated(ready.alike, [part[ready.field.name] for part in parts])
    if ready.other is None or ready.other.name == ready.field.name:
        return [_judged(ready.judge, part[ready.field.name]) for part in parts]
    return [_judged_pairs(ready.judge, part[ready.field.name], part[ready.other.name]) for part in parts]


def _judged(judge: Judge, column: Coded) -> bytes:
    table = bytearray(len(column.values))
    for code in _used(column):
        value = column.values[code]
        table[code] = bool(judge(value, value))
    return bytes(map(table.__getitem__, column.codes))


def _used(column: Coded) -> Sequence[int] | set[int]:
    return range(len(column.values)) if len(column.values) <= len(column.codes) else set(column.codes)


class _Pairs(dict[tuple[int, int], int]):
    """Pairs of codes, each judged when it is met first."""

    def __init__(self, judge: Judge, left: Sequence[MaybeValue], right: Sequence[MaybeValue]) -> None:
        super().__init__()
        self._judge, self._left, self._right = judge, left, right

    def __missing__(self, pair: tuple[int, int]) -> int:
        self[pair] = found = int(bool(self._judge(self._left[pair[0]], self._right[pair[1]])))
        return found


def _judged_pairs(judge: Judge, left: Coded, right: Coded) -> bytes:
    known = _Pairs(judge, left.values, right.values)
    return bytes(map(known.__getitem__, zip(left.codes, right.codes, strict=True)))


def _repeated(alike: Alike, columns: Sequence[Coded]) -> list[bytes]:
    """Rows whose value stands in another row too, by what it means; what is blank repeats nothing."""
    places: dict[Hashable, int] = {}
    tables = [_places(alike, column, places) for column in columns]
    counts: Counter[int] = Counter()
    for table, column in zip(tables, columns, strict=True):
        for code, rows in Counter(column.codes).items():
            counts[table[code]] += rows
    often = {place for place, rows in counts.items() if rows > 1 and place >= 0}
    flags = [bytes(place in often for place in table) for table in tables]
    return [bytes(map(flag.__getitem__, column.codes)) for flag, column in zip(flags, columns, strict=True)]


def _places(alike: Alike, column: Coded, places: dict[Hashable, int]) -> list[int]:
    """For each of the column's values the place of its meaning; -1 for none."""
    meanings = map(alike, column.values)
    return [-1 if meaning is None else places.setdefault(meaning, len(places)) for meaning in meanings]


def ids(ready: Ready, parts: Sequence[Part]) -> set[RecordId]:
    """The ids that a rule with `asks` needs to know the existence of."""
    found: set[RecordId] = set()
    for part in parts:
        column = part[ready.field.name]
        held = (column.values[code] for code in _used(column))
        found.update(i for i in held if isinstance(i, int | str) and not isinstance(i, bool) and i != "")
    return found


def offered(field: Field) -> list[RuleKind]:
    """The kinds of rule that make sense for a field."""
    return [kind for kind in KINDS.values() if kind.fits(field)]


def suggested(field: Field, resource: Resource) -> list[Rule]:
    """Rules that follow from what the API says of a field, or from what it is called."""
    if field.name == resource.id_field or field.read_only:
        return []
    return [*_from_schema(field), *_from_name(field)]


def _from_schema(field: Field) -> list[Rule]:
    found = [Rule("required", field.name)] if field.required else []
    if field.max_length and field.kind is Kind.TEXT:
        found.append(Rule("length", field.name, {"to": field.max_length}))
    if field.min_value is not None or field.max_value is not None:
        bounds = {"from": field.min_value, "to": field.max_value}
        found.append(Rule("range", field.name, {name: str(v) for name, v in bounds.items() if v is not None}))
    active = [str(choice.value) for choice in field.choices if choice.active]
    if field.kind is Kind.CHOICE and active:
        found.append(Rule("allowed", field.name, {"values": active}))
    if field.kind is Kind.REFERENCE and field.reference:
        found.append(Rule("exists", field.name))
    return found


_BY_NAME: Final = (
    ("email", {"as": "email"}),
    ("emailaddress", {"as": "email"}),
    ("phone", {"as": "phone"}),
    ("fax", {"as": "phone"}),
    ("url", {"as": "url"}),
    ("webaddress", {"as": "url"}),
    ("website", {"as": "url"}),
    ("postalcode", {"as": "postal"}),
    ("zip", {"as": "postal"}),
)


def _from_name(field: Field) -> list[Rule]:
    name = field.name.lower().replace("_", "")
    if field.kind is not Kind.TEXT:
        return []
    return [Rule("format", field.name, dict(params)) for end, params in _BY_NAME if name.endswith(end)][:1]
