"""What is asked of a person before a plan is sent, by the connection's rules and the number of records."""

from __future__ import annotations

from adminui.connections.config import Connection


def canary_for(connection: Connection, rows: int) -> int:
    """How many rows go first, to be looked at before the others."""
    above = connection.guards.canary_above
    return 1 if above is not None and rows > above else 0
