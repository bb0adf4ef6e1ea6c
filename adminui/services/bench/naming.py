"""What records of a reference resource are called: by which texts of theirs somebody may have named one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from adminui.records.casting import to_text
from adminui.records.schema import TEXTUAL, Field, Resource
from adminui.records.values import Record, as_boolean

_FIRST: Final = re.compile(r"(?:first|given)_?name", re.IGNORECASE)
_LAST: Final = re.compile(r"(?:last|family|sur)_?name", re.IGNORECASE)
_CALLED: Final = re.compile(
    r".*(?:name|title|label|code|number|symbol|login|alternative_id)|e?_?mail(?:_?address)?", re.IGNORECASE
)
_NO_NAME: Final = re.compile(r".*(?:middle|nick|file|path|host|domain|job|bank).*|title", re.IGNORECASE)
_ACTIVE: Final = re.compile(r"(?:is_?)?active", re.IGNORECASE)
_TELLING: Final = re.compile(r"(?:.*e?mail.*|.*phone.*|city|userName|.*number|.*code)", re.IGNORECASE)
FACTS: Final = 3


@dataclass(frozen=True)
class Called:
    """How records of a resource are named, as far as this person may see it."""

    resource: Resource  # as seen: hidden fields have no part in it

    @cached_property
    def _texts(self) -> list[Field]:
        return [f for f in self.resource.visible if f.kind in TEXTUAL]

    @cached_property
    def parts(self) -> tuple[Field, ...]:
        """First and last name, where people are named so."""
        first = next((f for f in self._texts if _FIRST.fullmatch(f.name)), None)
        last = next((f for f in self._texts if _LAST.fullmatch(f.name)), None)
        return (first, last) if first and last else ()

    @cached_property
    def _fields(self) -> list[Field]:
        """Whose texts are names on their own; the parts of a person's name are not."""
        parts = {f.name for f in self.parts}
        title = self.resource.title_field
        return [f for f in self._texts if f.name not in parts and (f.name == title or _is_name(f))]

    @cached_property
    def _facts(self) -> list[Field]:
        shown = [self.resource.by_name[name] for name in self.resource.columns if name in self.resource.by_name]
        telling = [f for f in (*self._texts, *shown) if _TELLING.fullmatch(f.name)]
        usual = [f for f in dict.fromkeys((*telling, *shown)) if not f.hidden and f.name != self.resource.id_field]
        parts = {f.name for f in self.parts}
        return [f for f in usual if f.name not in parts and not _ACTIVE.fullmatch(f.name)]

    @cached_property
    def _active(self) -> Field | None:
        return next((f for f in self.resource.visible if _ACTIVE.fullmatch(f.name)), None)

    def title(self, record: Record) -> str:
        """A person by first and last name, everything else by its title."""
        if self.parts:
            whole = " ".join(text for f in self.parts if (text := _text(record, f)))
            if whole:
                return whole
        return self.resource.title_of(record)

    def names(self, record: Record) -> Iterator[str]:
        """All it may be called; of a person the name in either order too."""
        if self.parts:
            first, last = (_text(record, f) for f in self.parts)
            if first and last:
                yield from (f"{first} {last}", f"{last} {first}", f"{last}, {first}")
        yield from (text for f in self._fields if (text := _text(record, f)))

    def initials(self, record: Record) -> Iterator[str]:
        """A person by an initial: A. Castillo."""
        if self.parts:
            first, last = (_text(record, f) for f in self.parts)
            if first and last:
                yield f"{first[0]} {last}"

    def facts(self, record: Record) -> list[tuple[str, str]]:
        """What tells it from others of the same name: label and text, a few."""
        title = self.title(record)
        found = ((f.label, _text(record, f)) for f in self._facts)
        return [(label, text) for label, text in found if text and text != title][:FACTS]

    def besides(self, record: Record) -> list[str]:
        """The same where there is no room for labels: texts, of a person the whole name first."""
        title = self.resource.title_of(record)
        texts = (self.title(record), *(_text(record, f) for f in self._facts if f.kind in TEXTUAL))
        return [text for text in dict.fromkeys(texts) if text and text != title][:FACTS]

    def is_active(self, record: Record) -> bool:
        return self._active is None or as_boolean(record.get(self._active.name)) is not False


def _is_name(field: Field) -> bool:
    return bool(_CALLED.fullmatch(field.name)) and not _NO_NAME.fullmatch(field.name)


def _text(record: Record, field: Field) -> str:
    value = record.get(field.name)
    return "" if value is None else to_text(field, value).strip()
