"""The connections room as a Django app, with the check that names each mistake in connections.toml."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


class ConnectionsConfig(AppConfig):
    name = "adminui.connections"
    label = "connections"

    def ready(self) -> None:
        register(check_connections)


def check_connections(databases: Sequence[str] | None = None, **asked: Any) -> list[CheckMessage]:
    """Commands that serve or work stop here, with a line for each mistake. One that is about a database, as migrate
    is, goes on: it has no use for connections.
    """
    from adminui.connections import live
    from adminui.connections.config import ConfigError

    if databases:
        return []
    try:
        live.connections()
    except ConfigError as error:
        return [Error(problem, id="connections.E001") for problem in error.problems]
    return []
