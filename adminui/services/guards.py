"""What is asked of a person before a plan is sent, by the connection's rules and the number of records."""

from __future__ import annotations

from dataclasses import dataclass

from adminui.connections.config import Connection
from adminui.planning.explain import counted
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput

NEAR = 0.8  # of a role's cap: from there on it is told


@dataclass(frozen=True)
class Asks:
    """What has to be given: the number of records typed by hand, a note; and how many rows go first by themselves."""

    type_number: bool
    note: bool
    canary: int


def asks(opened: Opened, rows: int) -> Asks:
    rules = opened.connection.guards
    return Asks(_above(rules.type_above, rows), _above(rules.note_above, rows), canary_for(opened.connection, rows))


def canary_for(connection: Connection, rows: int) -> int:
    """How many rows go first, to be looked at before the others."""
    return 1 if _above(connection.guards.canary_above, rows) else 0


def _above(limit: int | None, rows: int) -> bool:
    return limit is not None and rows > limit


def check(opened: Opened, rows: int, typed: str, note: str) -> None:
    """Raises BadInput that names everything lacking at once."""
    asked = asks(opened, rows)
    lacking = []
    if asked.type_number and "".join(c for c in typed if c.isdecimal()) != str(rows):
        lacking.append(f"type {rows}, the number of records, to confirm")
    if asked.note and not note.strip():
        lacking.append("give a note or ticket for the history")
    if lacking:
        raise BadInput(f"{_why(opened, rows)}: {' and '.join(lacking)}.", "Nothing was sent; what you typed is kept.")


def _why(opened: Opened, rows: int) -> str:
    label = opened.connection.label
    return f"{label} is production" if opened.connection.production else f"{counted(rows, 'record')} of {label}"


def said(opened: Opened, rows: int) -> tuple[str, ...]:
    """What is asked, in words, before anybody runs into it."""
    return tuple(
        line for line in (_typing_said(opened, rows), _note_said(opened, rows), _cap_said(opened, rows)) if line
    )


def _typing_said(opened: Opened, rows: int) -> str:
    if not asks(opened, rows).type_number:
        return ""
    return f"{_place(opened)}: the number of records is typed by hand{_from(opened.connection.guards.type_above)}."


def _note_said(opened: Opened, rows: int) -> str:
    if not asks(opened, rows).note:
        return ""
    return f"{_place(opened)}: a note or ticket is needed{_from(opened.connection.guards.note_above)}."


def _cap_said(opened: Opened, rows: int) -> str:
    cap = opened.row_cap
    if cap is None or rows < 2 or rows < cap * NEAR:
        return ""
    return f"Your role may change {counted(cap, 'record')} at once; this plan has {counted(rows, 'record')}."


def _place(opened: Opened) -> str:
    return "Production" if opened.connection.production else opened.connection.label


def _from(above: int | None) -> str:
    return f" above {counted(above, 'record')}" if above else ""


def why_not(opened: Opened, rows: int) -> str:
    """Why this person could not send so many rows whatever they typed; empty when they could."""
    if not opened.editable:
        return "You may look at this plan, not send it."
    if rows > 1 and not opened.may("bulk"):
        return "Your role changes records one by one, so you may look at this plan, not send it."
    if rows > 1 and opened.row_cap is not None and rows > opened.row_cap:
        return f"{_cap_said(opened, rows)} Untick some, or ask a lead or an administrator."
    return ""
