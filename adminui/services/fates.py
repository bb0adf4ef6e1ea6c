"""What becomes of one cell when a shared change is made: each distinct value is reckoned once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from adminui.records.casting import Invalid, cast
from adminui.records.operations import Operation, Skipped, doing
from adminui.records.values import same
from adminui.services.catalog import Opened
from adminui.services.current import Column, Edited
from adminui.services.errors import BadInput
from adminui.services.marking import typed
from adminui.services.statistics import field_named, spelling
from adminui.services.steps import Edit

KNOWN: Final = 100_000  # distinct values whose fate is remembered
_OVERWRITES: Final = frozenset({"set", "null", "empty"})


@dataclass(frozen=True)
class Only:
    """A condition: the field's current value has this key (`statistics.key_of`)."""

    field: str
    key: str


@dataclass(frozen=True)
class Change:
    """What is done to one field, in all rows or only where the condition holds."""

    field: str
    operation: Operation
    only: Only | None = None


class Fate(IntEnum):
    """What becomes of a cell. A row has the greatest of its cells'."""

    LEFT_OUT = 0  # the condition does not hold
    SKIPPED = 1  # there is nothing that could be done to the value
    ALREADY = 2
    CHANGED = 3
    INVALID = 4

    @property
    def word(self) -> str:
        return "skipped" if self is Fate.LEFT_OUT else self.name.lower()


@dataclass(frozen=True)
class Done:
    """What becomes of one value: `after` as an editor would hold it, when it is to be written."""

    fate: Fate
    after: str | None = None
    words: str = ""


LEFT_OUT: Final = Done(Fate.LEFT_OUT, words="is left out by the condition")
_ALREADY: Final = Done(Fate.ALREADY)


class Judge:
    """Tells the fate of a cell under one change. Raises BadInput at once for a change that makes no sense."""

    def __init__(self, opened: Opened, change: Change) -> None:
        self.resource, self.field = opened.resource, field_named(opened, change.field)
        if not self.field.editable or self.field.name == opened.resource.id_field:
            raise BadInput(f"{self.field.label} cannot be changed here.")
        try:
            self._do = doing(self.field, change.operation)
        except Invalid as error:
            raise BadInput(str(error)) from None
        self._overwrites = change.operation.name in _OVERWRITES
        self._known: dict[object, Done] = {}

    def of(self, column: Column, code: int) -> Done:
        """The fate of the cells with this code. Values without an edit come again in other parts."""
        if code in column.edits:
            return self._edited(column, code, column.edits[code])
        if len(self._known) > KNOWN:
            self._known.clear()
        spelt = spelling(column.values[code])
        found = self._known.get(spelt)
        if found is None:
            found = self._known[spelt] = self._reckoned(column, code, None)
        return found

    def _edited(self, column: Column, code: int, edit: Edited) -> Done:
        if not edit.valid and not self._overwrites:
            return Done(Fate.SKIPPED, words="has a pending edit that cannot be sent")
        return self._reckoned(column, code, edit)

    def _reckoned(self, column: Column, code: int, edit: Edited | None) -> Done:
        given = self._do(column.values[code])
        if isinstance(given, Skipped):
            return Done(Fate.SKIPPED, words=given.words)
        after, words = typed(self.resource, self.field.name, column.base(code), given.text)
        if words:
            return Done(Fate.INVALID, given.text, words)
        if self._is_there(column, code, edit, after):
            return _ALREADY
        return Done(Fate.CHANGED, given.text, given.note)

    def _is_there(self, column: Column, code: int, edit: Edited | None, after: Edit) -> bool:
        """Whether the cell says so already; `after` is what would be kept, False where nothing differs from what
        was read.
        """
        if edit is None or after is False:
            return edit is None and after is False
        return edit.valid and same(self.field, column.values[code], cast(self.field, after, edit.base))
