"""A row and a request as the page of evidence prints them: exact, marked without colour, shortened where endless."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from adminui.planning.outcomes import SETTLED_WELL, TO_FIX, Outcome
from adminui.records.values import MISSING, MaybeValue
from adminui.runs.models import Exchange
from adminui.services.evidence import Cell, Row, worded
from adminui.web.templatetags.shown import thin

SHOWN: Final = 2_000  # characters of a body or an answer
BRIEF: Final = 240  # the same, of those that went well among many
IN_SHORT: Final = 160  # of a value where changes are told in short
TALL: Final = 240  # characters in a cell from which it may go over the end of a sheet
LONGEST: Final = 1_000  # characters of a value or of the API's words
MARKS: Final = {
    Outcome.DONE: "✓",
    Outcome.UNCHANGED: "=",
    Outcome.NOT_STORED: "≠",
    Outcome.REJECTED: "✕",
    Outcome.CONFLICT: "⇄",
    Outcome.NOT_SENT: "○",
    Outcome.UNKNOWN: "?",
    Outcome.CANCELLED: "–",
    Outcome.PENDING: "·",
    Outcome.SENDING: "→",
}


@dataclass(frozen=True)
class Side:
    """A value as it is printed: a mark for what is no text, and whether it is cut."""

    text: str
    kind: str = ""

    @classmethod
    def of(cls, text: str, most: int = LONGEST) -> Side:
        kind = "none" if text in ("(not set)", "(null)", "(empty)") else ""
        return cls(text if len(text) <= most else f"{text[:most]}…", kind)


@dataclass(frozen=True)
class Mark:
    word: str
    mark: str
    slug: str

    @classmethod
    @cache
    def of(cls, outcome: Outcome) -> Mark:
        kind = "good" if outcome in SETTLED_WELL else "bad" if outcome in TO_FIX else "open"
        return cls(str(outcome), MARKS[outcome], kind)


LEFT: Final = Mark("left as it was", "–", "good")  # no failure: somebody looked, and decided so


@dataclass(frozen=True)
class DrawnCell:
    label: str
    name: str
    before: Side
    after: Side
    told: tuple[str, ...]

    @property
    def tall(self) -> bool:
        """Kept together it would leave half a sheet empty."""
        return max(len(self.before.text), len(self.after.text)) > TALL


@dataclass(frozen=True)
class DrawnRow:
    """One record: its outcome, a line per field, and what the API said."""

    id: str
    label: str
    outcome: Mark
    proof: str
    cells: tuple[DrawnCell, ...]
    words: tuple[str, ...]
    hidden: int


def drawn_row(row: Row) -> DrawnRow:
    proof = "read back" if row.verified else "not read back" if row.outcome is Outcome.DONE else ""
    words = tuple(_short(word) for word in row.words)
    mark = LEFT if row.left else Mark.of(row.outcome)
    return DrawnRow(row.id, row.label, mark, proof, tuple(map(_cell, row.cells)), words, row.hidden)


def _cell(cell: Cell) -> DrawnCell:
    def side(value: MaybeValue) -> Side:
        return Side.of(worded(cell.field, value))

    told = [f"What is stored: {side(cell.stored).text}"] if cell.stored is not MISSING else []
    if cell.already:
        told += ["Somebody else had set it to this already."]
    elif cell.theirs is not MISSING:
        told += [f"Somebody else set it to: {side(cell.theirs).text}"]
    return DrawnCell(
        cell.field.label, cell.field.name, side(cell.before), side(cell.after), (*told, *map(_short, cell.words))
    )


def _short(text: str, most: int = LONGEST) -> str:
    return text if len(text) <= most else f"{text[:most]} … {thin(len(text) - most)} more characters"


def drawn_request(exchange: Exchange, *, brief: bool = False) -> dict[str, Any]:
    failed = exchange.status is None or exchange.status >= 400
    most = BRIEF if brief and not failed else SHOWN
    return {
        "exchange": exchange,
        "long": len(exchange.body) + len(exchange.answer) > 4 * TALL,
        "failed": failed,
        "body": _short(exchange.body, most),
        "answer": _short(exchange.answer, most),
    }
