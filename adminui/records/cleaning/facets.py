"""Facets: what rows are narrowed by. A selection is plain data; made ready, it tells which values it lets through.

A value is what an editor would show: an edit that cannot be sent counts as it was typed. A selection in which nothing
is chosen lets everything through, and `"not": true` turns one in which something is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from adminui.records.casting import Invalid, to_text
from adminui.records.cleaning.folds import fingerprint
from adminui.records.cleaning.patterns import Pattern, TooSlow, safe_pattern
from adminui.records.cleaning.ranges import NUMERIC, Flags, by_day, by_number
from adminui.records.cleaning.shapes import shape, shapes
from adminui.records.schema import NESTED, TEXTUAL, Field, Kind
from adminui.records.values import MISSING, Absent, MaybeValue, canonical

Facet: TypeAlias = Mapping[str, Any]

MOST_CHOSEN: Final = 10_000
BLANKS: Final = ("null", "missing", "empty", "spaces", "filled")
LIKENESS: Final = ("unique", "duplicate")
DATED: Final = frozenset({Kind.DATE, Kind.DATETIME})
PLAIN: Final[frozenset[type]] = frozenset({str, type(None), Absent})  # told apart by themselves, in any field
WHOLE: Final[frozenset[type]] = frozenset({int, type(None), Absent})


def flags_of(facet: Facet, field: Field) -> Flags | None:
    """Which values of the field the selection lets through; None: all of them. Raises Invalid."""
    make = _MAKES.get(str(facet.get("facet")))
    if make is None:
        raise Invalid("There is no such facet.")
    return turned(facet, make(facet, field))


def turned(facet: Facet, flags: Flags | None) -> Flags | None:
    """The selection the other way round, where it says so."""
    if flags is None or not facet.get("not"):
        return flags
    held = flags
    return lambda values: held(values).translate(_OTHER)


_OTHER: Final = bytes([1, 0]) + bytes(254)


def chosen(facet: Facet, name: str, among: Sequence[str] = ()) -> list[str]:
    """The texts chosen under this name. Raises Invalid."""
    listed = facet.get(name) or []
    if not isinstance(listed, list) or len(listed) > MOST_CHOSEN or not all(isinstance(each, str) for each in listed):
        raise Invalid("What is chosen in a facet cannot be read.")
    if among and (unknown := [each for each in listed if each not in among]):
        raise Invalid(f"A facet has no “{unknown[0][:40]}”.")
    return listed


def _one_by_one(test: Callable[[MaybeValue], bool]) -> Flags:
    return lambda values: bytes(map(test, values))


# Values


def meaning_of(key: str) -> Hashable:
    """The canonical form that a key tells of; the key itself for lists and objects, whose keys are compared."""
    try:
        parts = json.loads(key)
        if isinstance(parts, list) and parts and all(isinstance(part, str | bool) for part in parts):
            return ("number", Decimal(parts[1])) if parts[0] == "number" else tuple(parts)
    except (ValueError, ArithmeticError, IndexError):
        raise Invalid("A value chosen in a facet cannot be read.") from None
    return key


def by_value(facet: Facet, field: Field, key_of: Callable[[Field, MaybeValue], str]) -> Flags | None:
    """Text facets, of any kind of field: keys that are in, and keys that are out. Raises Invalid."""
    within, without = (_Meanings(field, chosen(facet, name), key_of) for name in ("in", "out"))
    if not (within.keys or without.keys):
        return None

    def flags(values: Sequence[MaybeValue]) -> bytes:
        let = within.flags(values) if within.keys else b"\1" * len(values)
        return bytes(a > b for a, b in zip(let, without.flags(values), strict=True)) if without.keys else let

    return turned(facet, flags)


class _Meanings:
    """Some values by their keys. Texts, and whole numbers of a number field, are looked up as they are."""

    def __init__(self, field: Field, keys: Sequence[str], key_of: Callable[[Field, MaybeValue], str]) -> None:
        self.field, self.keys, self.key_of = field, frozenset(keys), key_of
        self.meanings = frozenset(map(meaning_of, keys))
        self.bare = frozenset(bare(meaning) for meaning in self.meanings)
        self.types = _plain(field)

    def flags(self, values: Sequence[MaybeValue]) -> bytes:
        if self.types.issuperset(map(type, values)):
            bare: frozenset[Any] = self.bare
            return bytes(map(bare.__contains__, values))
        return bytes(map(self._has, values))

    def _has(self, value: MaybeValue) -> bool:
        if self.field.kind in NESTED or isinstance(value, list | dict):
            return self.key_of(self.field, value) in self.keys
        return canonical(self.field, value) in self.meanings


def bare(meaning: Hashable) -> Hashable:
    if isinstance(meaning, tuple):
        return {("null",): None, ("missing",): MISSING}.get(meaning, meaning[-1])
    return meaning


class Told:
    """Tells values of one field apart by what they mean, most of them by themselves: a meaning is a value of a plain
    type, or a canonical form. 5 and 5.0 are one in a field of numbers.
    """

    def __init__(self, field: Field) -> None:
        self.field, self.plain = field, _plain(field)
        self._values: dict[Hashable, MaybeValue] = {}

    def meanings(self, values: Sequence[MaybeValue]) -> Sequence[Any]:
        return values if self.plain.issuperset(map(type, values)) else list(map(self.meaning, values))

    def meaning(self, value: MaybeValue) -> Hashable:
        if type(value) in self.plain:
            return value  # type: ignore[return-value]  # lists and objects are not plain
        meaning = canonical(self.field, value)
        if isinstance(meaning, tuple) and meaning[0] == "number" and self.field.kind in NUMERIC:
            meaning = meaning[1]
        self._values.setdefault(meaning, value)
        return meaning

    def value(self, meaning: Hashable) -> MaybeValue:
        """A value that has this meaning."""
        return self._values.get(meaning, meaning)  # type: ignore[arg-type]


def _plain(field: Field) -> frozenset[type]:
    return PLAIN if field.kind in TEXTUAL else WHOLE if field.kind in NUMERIC else frozenset()


# What a value is like


def blank_of(value: MaybeValue) -> str:
    """Which of BLANKS a value is."""
    if value is None:
        return "null"
    if value is MISSING:
        return "missing"
    if value in ("", [], {}):
        return "empty"
    return "spaces" if isinstance(value, str) and value.isspace() else "filled"


def length_of(field: Field, value: MaybeValue) -> int | None:
    """Characters of the text an editor shows; None where there is no value."""
    if type(value) is str:
        return len(value)
    return None if value is None or value is MISSING else len(to_text(field, value))


def shapes_of(field: Field, values: Sequence[MaybeValue]) -> list[str | None]:
    """Many at once; None where there is no value."""
    texts = [value if type(value) is str else to_text(field, value) for value in values]
    if not any(value is None or value is MISSING for value in values):
        return list(shapes(texts))
    pairs = zip(values, shapes(texts), strict=True)
    return [None if value is None or value is MISSING else each for value, each in pairs]


def shape_of(field: Field, value: MaybeValue) -> str | None:
    if type(value) is str:
        return shape(value)
    return None if value is None or value is MISSING else shape(to_text(field, value))


def _blank(facet: Facet, field: Field) -> Flags | None:
    wanted = set(chosen(facet, "in", BLANKS))
    return _one_by_one(lambda value: blank_of(value) in wanted) if wanted else None


def _length(facet: Facet, field: Field) -> Flags | None:
    """Both ends included."""
    low, high = (facet.get(name) for name in ("from", "to"))
    if low is None and high is None:
        return None
    if not all(end is None or (type(end) is int and 0 <= end < 2**53) for end in (low, high)):
        raise Invalid("Lengths are whole numbers.")
    least, most = low or 0, 2**53 if high is None else high
    return _one_by_one(lambda value: (found := length_of(field, value)) is not None and least <= found <= most)


def _shape(facet: Facet, field: Field) -> Flags | None:
    within, without = set(chosen(facet, "in")), set(chosen(facet, "out"))
    if not (within or without):
        return None

    return lambda values: bytes(
        (not within or each in within) and each not in without for each in shapes_of(field, values)
    )


def likenesses_of(facet: Facet, field: Field) -> Callable[[Sequence[MaybeValue]], Sequence[Hashable | None]]:
    """What values have in common that are duplicates; None for what is blank, which is a duplicate of nothing."""
    how = facet.get("as", "exact")
    if how not in ("exact", "fingerprint"):
        raise Invalid("Values are duplicates exactly or by fingerprint.")
    meanings = Told(field).meanings if how == "exact" else lambda values: [_fingerprint(field, v) for v in values]
    return lambda values: [
        meaning if filled(value) else None for value, meaning in zip(values, meanings(values), strict=True)
    ]


def likeness_of(facet: Facet, field: Field) -> Callable[[MaybeValue], Hashable | None]:
    """The same of one value."""
    of = likenesses_of(facet, field)
    return lambda value: of([value])[0]


def filled(value: MaybeValue) -> bool:
    if type(value) is str:
        return value != "" and not value.isspace()
    return blank_of(value) == "filled"


def _fingerprint(field: Field, value: MaybeValue) -> Hashable:
    return fingerprint(to_text(field, value)) or canonical(field, value)


def _match(facet: Facet, field: Field) -> Flags | None:
    """By the text an editor shows, or by the label of the choice."""
    text = facet.get("text")
    if not isinstance(text, str) or len(text) > 1_000:
        raise Invalid("What is looked for is sent as text.")
    if not text:
        return None
    found = _finder(text, regex=bool(facet.get("regex")), case=bool(facet.get("case")))
    return _one_by_one(lambda value: any(map(found, _spoken(field, value))))


def _finder(text: str, *, regex: bool, case: bool) -> Callable[[str], bool]:
    if regex:
        pattern = safe_pattern(text, case=case)
        return lambda held: _is_found(pattern, held)
    part = text if case else text.casefold()
    return lambda held: part in (held if case else held.casefold())


def _is_found(pattern: Pattern, text: str) -> bool:
    """One that takes too long finds nothing."""
    try:
        return pattern.search(text) is not None
    except TooSlow:
        return False


def _spoken(field: Field, value: MaybeValue) -> Iterable[str]:
    """What a value is called: its text, and the label of the choice it stands for."""
    if type(value) is str and field.kind in TEXTUAL:
        return (value,)
    if value is None or value is MISSING:
        return ()
    choice = field.choice(value) if field.choices and not isinstance(value, list | dict) else None
    return (to_text(field, value), choice.label) if choice else (to_text(field, value),)


_MAKES: Final[Mapping[str, Callable[[Facet, Field], Flags | None]]] = {
    "number": lambda facet, field: by_number(facet),
    "date": lambda facet, field: by_day(facet),
    "blank": _blank,
    "length": _length,
    "shape": _shape,
    "match": _match,
}
