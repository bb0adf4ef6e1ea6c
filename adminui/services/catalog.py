"""Opening a resource for a person: the connection, the schema as they may see it, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from adminui.connections import live
from adminui.connections.config import Connection
from adminui.dialects.base import ResourceName
from adminui.planning.capabilities import Capabilities
from adminui.records.schema import Resource
from adminui.remote.client import Client
from adminui.services.errors import NotAllowed, NotThere
from adminui.staff.access import Person, allowed, row_cap


@dataclass(frozen=True)
class Opened:
    """A resource opened by a person. Fields they may not see are hidden, those they may not edit read-only."""

    user: Person
    connection: Connection
    resource: Resource  # as this person may see and edit it
    whole: Resource  # as the API has it: what a full PUT is built from
    can: Capabilities

    @property
    def user_id(self) -> int:
        if self.user.pk is None:
            raise NotAllowed("You are not signed in.", "Sign in and try again.")
        return int(self.user.pk)

    @property
    def titled(self) -> bool:
        """Whether the person may see what records are called."""
        title = self.resource.by_name.get(self.resource.title_field)
        return title is None or not title.hidden

    @property
    def client(self) -> Client:
        return live.client_for(self.connection)

    def may(self, action: str) -> bool:
        return allowed(self.user, self.connection.name, self.resource.name, action)

    def require(self, action: str) -> None:
        if not self.may(action):
            words = {"view": "see", "edit": "edit", "bulk": "change many of the"}.get(action, action)
            raise NotAllowed(
                f"You may not {words} {self.resource.label} of {self.connection.label}.",
                "Ask an administrator for the right, or for somebody who has it.",
            )

    @cached_property
    def row_cap(self) -> int | None:
        return row_cap(self.user, self.connection.name, self.resource.name)

    @property
    def editable(self) -> bool:
        return self.resource.can_update and self.may("edit")


def connections_for(user: Person) -> list[Connection]:
    """The connections in which the person may see anything at all."""
    return [c for c in live.connections().values() if any(_visible(user, c, r) for r in live.resource_names(c))]


def resources_for(user: Person, connection: Connection) -> list[ResourceName]:
    return [r for r in live.resource_names(connection) if _visible(user, connection, r)]


def _visible(user: Person, connection: Connection, resource: ResourceName) -> bool:
    return allowed(user, connection.name, resource.name, "view")


def connection_named(user: Person, name: str) -> Connection:
    found = next((c for c in connections_for(user) if c.name == name), None)
    if found is None:
        raise NotThere(
            f"There is no connection “{name}”.", "It may have been renamed or removed from the configuration."
        )
    return found


def open_resource(user: Person, connection_name: str, resource_name: str, *, refresh: bool = False) -> Opened:
    """Raises NotThere, NotAllowed, or a RemoteError when the API cannot be asked about it."""
    connection = connection_named(user, connection_name)
    if not any(r.name == resource_name for r in resources_for(user, connection)):
        raise NotThere(f"{connection.label} has no “{resource_name}” that you may see.")
    described = live.describe(connection, resource_name, refresh=refresh)
    shown = as_seen_by(user, connection, described.resource)
    return Opened(user, connection, shown, described.resource, described.capabilities)


def ask_again(user: Person, connection_name: str, resource_name: str) -> Opened:
    """Open it with what the API says of it now, also on whether there are bulk calls."""
    opened = open_resource(user, connection_name, resource_name)
    live.forget_no_bulk(opened.connection, resource_name)
    return open_resource(user, connection_name, resource_name, refresh=True)


def as_seen_by(user: Person, connection: Connection, resource: Resource) -> Resource:
    def may(action: str, field: str) -> bool:
        return allowed(user, connection.name, resource.name, action, field)

    return resource.with_fields(
        tuple(
            replace(f, hidden=f.hidden or not may("view", f.name), read_only=f.read_only or not may("edit", f.name))
            for f in resource.fields
        )
    )
