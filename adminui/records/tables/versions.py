"""Versions of records as they were read: carried by an exported row, they tell on its return what changed since.

`v1.` + 4 characters (which fields were to be seen) + 8 (the whole record) + `.` + 4 for each exported field. Each is a
hash of a field's name and its canonical value, so that neither spelling nor the order of columns matters.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from adminui.records.packing import Packed
from adminui.records.schema import TEXTUAL, Field, Kind, Resource
from adminui.records.values import MISSING, MaybeValue, Record, as_decimal, canonical

COLUMN: Final = "_version"
_CELL: Final = 4  # characters: 24 bits
_SIMPLE: Final = frozenset(
    {"text", "number", "boolean", "datetime"}
)  # forms of a word and one value, told apart by t n b d
_NUMERIC: Final = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.REFERENCE})
_SHORT: Final = 10**18
_WRITTEN_OUT: Final = 400  # digits before or after the point
_VERSION = re.compile(r"v1\.([\w+/]{4})([\w+/]{8})\.((?:[\w+/]{4})*)", re.ASCII)


@dataclass(frozen=True)
class Version:
    """What an exported row says of its record as it was read then."""

    fields: str
    record: str
    cells: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """None for what is no version, or a damaged one."""
        found = _VERSION.fullmatch(text.strip())
        if found is None:
            return None
        cells = found[3]
        return cls(found[1], found[2], frozenset(cells[at : at + _CELL] for at in range(0, len(cells), _CELL)))

    def held(self, field: Field, value: MaybeValue) -> bool:
        """Whether the field was exported and had this value then."""
        return stamp(field, value) in self.cells

    def saw(self, resource: Resource) -> bool:
        """Whether whoever exported it saw the same fields: only then there is something to say of the whole record."""
        return self.fields == _seen(resource)

    def record_is(self, resource: Resource, record: Record) -> bool:
        return self.record == _whole(stamp(f, record.get(f.name, MISSING)) for f in _ordered(resource))


def version_of(resource: Resource, record: Record, fields: Sequence[Field] | None = None) -> str:
    """The version of one record, with a stamp for each of these fields; for all that are to be seen by default."""
    stamps = {f.name: stamp(f, record.get(f.name, MISSING)) for f in _ordered(resource)}
    cells = "".join(stamps[f.name] for f in sorted(fields or resource.visible, key=_name))
    return f"v1.{_seen(resource)}{_whole(stamps.values())}.{cells}"


def versions(resource: Resource, columns: Mapping[str, Packed], fields: Sequence[Field]) -> Iterator[str]:
    """The versions of many records at once, from the columns of all that is to be seen: like `version_of`."""
    stamped = {f.name: _stamped(f, columns[f.name]) for f in _ordered(resource)}
    begin, names = f"v1.{_seen(resource)}", {f.name for f in fields}
    every = list(map("".join, zip(*stamped.values(), strict=True)))
    cells = every if names == stamped.keys() else map("".join, zip(*(stamped[n] for n in sorted(names)), strict=True))
    return (f"{begin}{whole}.{each}" for whole, each in zip(_shorts(every, 6), cells, strict=True))


def _stamped(field: Field, column: Packed) -> list[str]:
    """Each distinct value once."""
    stamps = _shorts(map(former(field), column.values), 3)
    return [stamps[code] for code in column.codes]


def stamp(field: Field, value: MaybeValue) -> str:
    """Four characters that are the same for the same meaning in the same field."""
    return _short(former(field)(value), 3)


def former(field: Field) -> Callable[[MaybeValue], str]:
    """What says a value of this field as text: short ways for what most values are, to the same end."""
    name, textual, numeric = field.name, field.kind in TEXTUAL, field.kind in _NUMERIC

    def form(value: MaybeValue) -> str:
        if textual and type(value) is str:
            return f"{name}\0t{value}"
        if numeric and type(value) is int and -_SHORT < value < _SHORT:
            return f"{name}\0n{value}"
        if numeric and type(value) is Decimal and as_decimal(value) is not None:
            return f"{name}\0n{_number(value)}"
        return f"{name}\0{spelt(canonical(field, value))}"

    return form


def spelt(form: Hashable) -> str:
    """A canonical form as text: the same in every process, however sets are ordered and numbers written."""
    if isinstance(form, tuple):
        if len(form) == 2 and form[0] in _SIMPLE:
            return f"{form[0][0]}{form[1] if isinstance(form[1], str) else spelt(form[1])}"
        return f"({','.join(map(_measured, form))})"
    if isinstance(form, frozenset):
        return f"{{{','.join(sorted(map(_measured, form)))}}}"
    return _number(form) if isinstance(form, Decimal) else str(form)


def _measured(form: Hashable) -> str:
    """With its length in front, so that no text is taken for two."""
    text = spelt(form)
    return f"{len(text)}:{text}"


def _number(number: Decimal) -> str:
    """One spelling of each number: 1.10 as 1.1; with an exponent where it would not end."""
    if not number:
        return "0"
    if not number.is_finite() or abs(number.adjusted()) > _WRITTEN_OUT:
        sign, digits, exponent = number.as_tuple()
        text = "".join(map(str, digits))
        return (
            f"{sign}e{exponent}"
            if not isinstance(exponent, int)
            else f"{sign}e{exponent + len(text)}:{text.strip('0')}"
        )
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _name(field: Field) -> str:
    return field.name


def _ordered(resource: Resource) -> list[Field]:
    return sorted(resource.visible, key=_name)


def _seen(resource: Resource) -> str:
    return _short("\0".join(f.name for f in _ordered(resource)), 3)


def _whole(stamps: Iterable[str]) -> str:
    return _short("".join(stamps), 6)


def _short(text: str, size: int) -> str:
    (found,) = _shorts([text], size)
    return found


def _shorts(texts: Iterable[str], size: int) -> list[str]:
    """`size` bytes of hash as text, of each; of half characters too, which JSON can hold."""
    fresh, found = blake2b(digest_size=size), []
    for text in texts:
        each = fresh.copy()  # sooner done than a new one
        each.update(text.encode("utf-8", "surrogatepass"))
        found.append(b2a_base64(each.digest(), newline=False).decode())
    return found
