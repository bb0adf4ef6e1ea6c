"""A worksheet in plain dictionaries: what each cell was read as, what is pending in it, and who did what, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

Cell = tuple[int, str]
Edit = str | None | bool  # False: no edit


@dataclass
class Did:
    """A step of somebody's: (before, after) of the cells it changed. Undone, it becomes the step that undid it."""

    number: int
    cells: dict[Cell, tuple[Edit, Edit]]
    undone: bool = False


@dataclass
class Naive:
    base: dict[Cell, str | None]
    numbers: frozenset[str]  # fields that hold decimals, null when emptied; others are text
    filled: frozenset[str]  # text fields that may be neither empty nor null
    edits: dict[Cell, str | None] = field(default_factory=dict)
    clashes: set[Cell] = field(default_factory=set)
    did: dict[str, list[Did]] = field(default_factory=dict)
    applied: list[tuple[int, dict[Cell, str | None]]] = field(default_factory=list)
    number: int = 0

    def copy(self) -> Naive:
        return deepcopy(self)

    # What a text means

    def meaning(self, cell: Cell, raw: Edit) -> Edit:
        """The edit that typing this leaves; False when it comes to what was read."""
        if raw is False or self.same(cell, raw, self.base[cell]):
            return False
        return None if raw == "" and cell[1] in self.numbers else raw

    def same(self, cell: Cell, one: Any, other: Any) -> bool:
        if cell[1] not in self.numbers:
            return bool(one == other)
        return bool(_number(one) == _number(other))

    def invalid(self, cell: Cell) -> bool:
        edit = self.edits.get(cell, False)
        if edit is False:
            return False
        if cell[1] in self.filled:
            return edit in ("", None)
        number = _number(edit)
        return cell[1] in self.numbers and number is not None and (isinstance(number, str) or number < 0)

    def shown(self, cell: Cell) -> str | None:
        return self.edits.get(cell, self.base[cell])

    # What people do

    def put(self, cell: Cell, raw: Edit) -> tuple[Edit, Edit] | None:
        """(before, after); None when nobody need be told."""
        before, after = self.edits.get(cell, False), self.meaning(cell, raw)
        if before == after and type(before) is type(after):
            return None if after == raw else (before, after)
        self._set(cell, after)
        return before, after

    def _set(self, cell: Cell, edit: Edit) -> None:
        self.clashes.discard(cell)
        self.edits.pop(cell, None)
        if edit is not False:
            self.edits[cell] = edit  # type: ignore[assignment]

    def type(self, who: str, typed: Mapping[Cell, Edit]) -> None:
        self._remember(who, {cell: came for cell, raw in typed.items() if (came := self.put(cell, raw)) is not None})

    def _remember(self, who: str, told: dict[Cell, tuple[Edit, Edit]]) -> None:
        self.number += 1
        if any(before != after for before, after in told.values()):
            self.did[who] = [each for each in self.did.get(who, []) if not each.undone] + [Did(self.number, told)]

    def next_turn(self, who: str, kind: str) -> Did | None:
        undone = [each for each in self.did.get(who, []) if each.undone]
        done = [each for each in self.did.get(who, []) if not each.undone]
        return (done[-1] if done else None) if kind == "undo" else (undone[0] if undone else None)

    def turn(self, who: str, kind: str) -> None:
        if (did := self.next_turn(who, kind)) is None:
            return
        since: dict[Cell, str | None] = {}
        for number, was in reversed(self.applied):
            since |= was if number > did.number else {}
        told = {cell: came for cell, was in did.cells.items() if (came := self._back(cell, *was, since)) is not None}
        self.number += 1
        did.cells, did.number, did.undone = told, self.number, kind == "undo"

    def _back(
        self, cell: Cell, before: Edit, after: Edit, since: Mapping[Cell, str | None]
    ) -> tuple[Edit, Edit] | None:
        """Only where the cell stands as the step left it; a run since has made what was typed what was read."""
        if cell in since:
            before, after = (since[cell] if each is False else each for each in (before, after))
        now = self.edits.get(cell, False)
        if now is after or (now == after and type(now) is type(after)):
            return self.put(cell, before)
        sent = now is False and cell in since and self.meaning(cell, after) is False
        return self.put(cell, before) if sent else None

    def settle(self, who: str, side: str) -> None:
        told: dict[Cell, tuple[Edit, Edit]] = {}
        for cell in list(self.clashes):
            mine = self.edits[cell]
            after = self.meaning(cell, mine if side == "mine" else False)
            self._set(cell, after)
            if after != mine:
                told[cell] = mine, after
        self._remember(who, told)

    # What happens to the records

    def moved(self, cell: Cell, now: str | None) -> None:
        """Read again, and found changed or not."""
        changed = not self.same(cell, self.base[cell], now)
        self.base[cell] = now
        if changed and cell in self.edits:
            self.clash(cell)

    def clash(self, cell: Cell) -> None:
        if not self.invalid(cell) and self.meaning(cell, self.edits[cell]) is False:
            self._set(cell, False)
        else:
            self.clashes.add(cell)

    def came_home(self, fates: Iterable[tuple[Cell, bool, str | None]]) -> None:
        """(cell, whether it clashed, what is stored there now), for what a run came to."""
        was: dict[Cell, str | None] = {}
        for cell, clashed, now in fates:
            old, self.base[cell] = self.base[cell], now
            if clashed:
                self.clash(cell) if cell in self.edits else None
            elif cell in self.edits and self.meaning(cell, self.edits[cell]) is False:
                was[cell] = old
                self._set(cell, False)
        self.number += 1
        self.applied.append((self.number, was))


def _number(text: Any) -> Any:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text
