"""The switch of a connection: an administrator stops all writing to it, for everybody, and allows it again."""

from __future__ import annotations

from adminui.connections import halting
from adminui.connections.config import Connection
from adminui.connections.models import Halt
from adminui.services.errors import NotAllowed, Stale
from adminui.staff.access import Person, allowed


def may_switch(user: Person, connection: Connection) -> bool:
    """A right on the whole connection: one on some of its resources is not enough."""
    return allowed(user, connection.name, "*", "admin")


def stop(user: Person, connection: Connection, why: str) -> None:
    _require(user, connection)
    halting.halt(connection.name, user.get_username(), why.strip())


def allow(user: Person, connection: Connection) -> None:
    _require(user, connection)
    halting.allow(connection.name)


def _require(user: Person, connection: Connection) -> None:
    if not may_switch(user, connection):
        raise NotAllowed(f"You may not switch writing to {connection.label}.", "Ask an administrator.")


def words(connection: Connection) -> str:
    """That writing is stopped, by whom and why; empty while it is not."""
    halt = halting.halted(connection.name)
    return told(connection.label, halt) if halt is not None else ""


def told(label: str, halt: Halt) -> str:
    reason = f": {halt.why}" if halt.why else ""
    return f"{halt.by} stopped all writing to {label}{reason}"


def require_on(connection: Connection) -> None:
    """Raises Stale while writing is stopped."""
    if said := words(connection):
        raise Stale(f"{said.rstrip('.')}.", "Nothing was sent. An administrator can allow writing again.")
