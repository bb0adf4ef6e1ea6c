"""The connections room as a Django app."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "adminui.connections"
    label = "connections"

    def ready(self) -> None:
        """A mistake in connections.toml is said at start, not at the first page."""
        from adminui.connections.live import connections

        connections()
