"""The connections of this process: configuration, one client each, and what is known of their resources."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from adminui.connections import config
from adminui.connections.config import Connection, Overrides
from adminui.connections.models import Health, KnownResource
from adminui.dialects.base import Described, Dialect, ResourceName
from adminui.dialects.errors import BadCredentials, RemoteError
from adminui.dialects.registry import DIALECTS
from adminui.planning.capabilities import Capabilities
from adminui.records.documents import resource_from_data, resource_to_data
from adminui.records.queries import Op
from adminui.records.schema import Resource
from adminui.remote.client import PRIVATE, Client

KEPT_FOR = timedelta(hours=12)
LOOKED_UP_AGAIN = 15.0  # seconds after which a process asks our own database whether another one learnt more

_lock = threading.Lock()
_clients: dict[str, Client] = {}
_described: dict[tuple[str, str], tuple[float, Described]] = {}


@cache
def connections() -> Mapping[str, Connection]:
    """All configured connections by name. Raises config.ConfigError with a line for each mistake in the file."""
    needs = {name: (dialect.credentials, dialect.optional_credentials) for name, dialect in DIALECTS.items()}
    return config.read(settings.ADMINUI_CONNECTIONS, needs)


def forget() -> None:
    """Drop everything learnt in this process, so that the next call reads the configuration anew."""
    with _lock:
        for client in _clients.values():
            client.close()
        _clients.clear()
        _described.clear()
    connections.cache_clear()


def dialect_of(connection: Connection) -> Dialect:
    return DIALECTS[connection.dialect]()


def client_for(connection: Connection) -> Client:
    """The process's one client of a connection. Raises BadCredentials when a reference leads nowhere."""
    with _lock:
        if connection.name not in _clients:
            _clients[connection.name] = _make_client(connection)
        return _clients[connection.name]


def _make_client(connection: Connection) -> Client:
    try:
        secrets = {name: config.resolve(reference) for name, reference in connection.credentials.items()}
    except LookupError as error:
        raise BadCredentials(f"{connection.label} cannot be signed in to: {error.args[0]}.") from None
    return Client(
        dialect_of(connection),
        connection.base_url,
        secrets,
        max_concurrency=connection.limits.max_concurrency,
        requests_per_hour=connection.limits.calls_per_hour,
        allow_networks=settings.ADMINUI_ALLOW_NETWORKS or PRIVATE,
        deadline=settings.ADMINUI_DEADLINE,
        name=connection.name,
    )


def resource_names(connection: Connection) -> tuple[ResourceName, ...]:
    return tuple(dialect_of(connection).resources())


def describe(connection: Connection, resource: str, *, refresh: bool = False) -> Described:
    """The resource's schema and capabilities, asked of the API once in a while and overridden by the configuration."""
    key = (connection.name, resource)
    held = _described.get(key)
    if held and not refresh and time.monotonic() - held[0] < LOOKED_UP_AGAIN:
        return held[1]
    known = None if refresh else _known(connection, resource)
    described = _overridden(known or _ask(connection, resource), connection.resources.get(resource, Overrides()))
    _described[key] = (time.monotonic(), described)
    return described


def _known(connection: Connection, resource: str) -> Described | None:
    row = KnownResource.objects.filter(
        connection=connection.name, resource=resource, described_at__gt=timezone.now() - KEPT_FOR
    ).first()
    if row is None:
        return None
    try:
        return _described_from(row.described, no_bulk=row.no_bulk)
    except (KeyError, TypeError, ValueError):
        return None  # written by an older version: ask again


def _ask(connection: Connection, resource: str) -> Described:
    client = client_for(connection)
    described = client.converse(dialect_of(connection).describe(resource))
    row, _ = KnownResource.objects.update_or_create(
        connection=connection.name,
        resource=resource,
        defaults={"described": _described_to(described), "described_at": timezone.now()},
    )
    return _without_bulk(described) if row.no_bulk else described


def remember_no_bulk(connection: Connection, resource: str) -> None:
    """The API answered that the bulk address does not exist: plan single requests from now on."""
    KnownResource.objects.filter(connection=connection.name, resource=resource).update(no_bulk=True)
    _described.pop((connection.name, resource), None)


def _described_to(described: Described) -> dict[str, Any]:
    can = asdict(described.capabilities) | {"ops": sorted(described.capabilities.ops)}
    return {"resource": resource_to_data(described.resource), "capabilities": can}


def _described_from(data: Mapping[str, Any], *, no_bulk: bool) -> Described:
    can = data["capabilities"]
    capabilities = Capabilities(
        **{**can, "ops": frozenset(Op(op) for op in can["ops"]), "flattens": tuple(can["flattens"])}
    )
    described = Described(resource_from_data(data["resource"]), capabilities)
    return _without_bulk(described) if no_bulk else described


def _without_bulk(described: Described) -> Described:
    return replace(described, capabilities=replace(described.capabilities, bulk_rows=False, bulk_shared=False))


def _overridden(described: Described, over: Overrides) -> Described:
    return Described(_resource(described.resource, over), _capabilities(described.capabilities, over))


def _resource(resource: Resource, over: Overrides) -> Resource:
    fields = tuple(
        replace(f, label=over.labels.get(f.name, f.label), hidden=f.hidden or f.name in over.hidden)
        for f in resource.fields
    )
    return replace(resource, fields=fields, columns=over.columns or resource.columns)


def _capabilities(can: Capabilities, over: Overrides) -> Capabilities:
    if over.bulk is not None:
        can = replace(can, bulk_rows="rows" in over.bulk, bulk_shared="shared" in over.bulk)
    if over.max_batch is not None:
        can = replace(can, max_batch=over.max_batch)
    if over.put is not None:
        can = replace(can, replace=over.put)
    return can


def check_health(connection: Connection) -> Health:
    """Ask the API for one page of its first resource, and keep the answer for Home."""
    message = ""
    try:
        describe(connection, resource_names(connection)[0].name, refresh=True)
    except RemoteError as error:
        message = error.message
    health, _ = Health.objects.update_or_create(
        connection=connection.name, defaults={"checked_at": timezone.now(), "ok": not message, "message": message}
    )
    return health
