"""The connections of this process: configuration, one client each, and what is known of their resources."""

from __future__ import annotations

import copy
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

from adminui.connections import config, known, pace, reading
from adminui.connections.config import Connection, Overrides
from adminui.connections.models import Health, KnownResource
from adminui.connections.overriding import overridden, without_bulk
from adminui.dialects.base import Described, Dialect, ResourceName
from adminui.dialects.errors import BadCredentials, RemoteError
from adminui.dialects.registry import DIALECTS
from adminui.remote.client import PRIVATE, Client

KEPT_FOR = timedelta(hours=12)
LOOKED_UP_AGAIN = 15.0  # seconds after which a process asks our own database whether another one learnt more

_patience = 10.0
_lock = threading.Lock()
_clients: dict[str, Client] = {}
_described: dict[tuple[str, str], tuple[float, Described]] = {}
_failed: dict[tuple[str, str], tuple[float, RemoteError]] = {}
_asking: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
_hourly: dict[str, int] = {}  # what each API itself allows, as learnt from its description


def be_patient(seconds: float) -> None:
    """How long a call of this process may wait when an API asks us to slow down: a worker longer than a page."""
    global _patience
    _patience = seconds


@cache
def connections() -> Mapping[str, Connection]:
    """All configured connections by name. Raises config.ConfigError with a line for each mistake in the file."""
    return reading.read(settings.ADMINUI_CONNECTIONS, {name: _accepts(name) for name in DIALECTS})


def _accepts(dialect: str) -> reading.Accepts:
    kind = DIALECTS[dialect]
    resources = frozenset(resource.name for resource in _resource_names(dialect))
    return reading.Accepts(kind.credentials, kind.optional_credentials, resources)


def forget() -> None:
    """Drop everything learnt in this process, so that the next call reads the configuration anew."""
    with _lock:
        for client in _clients.values():
            client.close()
        _clients.clear()
        _described.clear()
        _failed.clear()
        _hourly.clear()
    connections.cache_clear()


def dialect_of(connection: Connection) -> Dialect:
    return DIALECTS[connection.dialect]()


def resource_names(connection: Connection) -> tuple[ResourceName, ...]:
    return _resource_names(connection.dialect)


@cache
def _resource_names(dialect: str) -> tuple[ResourceName, ...]:
    return tuple(DIALECTS[dialect]().resources())


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
        requests_per_hour=connection.limits.calls_per_hour or _hourly.get(connection.name),
        allow_networks=settings.ADMINUI_ALLOW_NETWORKS or PRIVATE,
        deadline=settings.ADMINUI_DEADLINE,
        max_wait=_patience,
        keeper=pace.keeper_for(connection),
        name=connection.name,
    )


def describe(connection: Connection, resource: str, *, refresh: bool = False) -> Described:
    """The resource's schema and capabilities, asked of the API once in a while and overridden by the configuration.

    One thread asks, those that come meanwhile wait and share what came of it, also a failure; the next asks again.
    """
    key, asked = (connection.name, resource), time.monotonic()
    since = asked if refresh else asked - LOOKED_UP_AGAIN
    if held := _held(key, since):
        return held
    with _asking_of(key):
        if held := _held(key, since):
            return held
        _share_failure(key, asked)
        row = _row(connection, resource)
        no_bulk = row is not None and row.no_bulk
        told = None if refresh else _still_known(row)
        found = told or _ask(connection, resource)
        over = connection.resources.get(resource, Overrides())
        described = overridden(without_bulk(found) if no_bulk else found, connection.limits, over)
        _described[key] = time.monotonic(), described
    _heed_hourly_limit(connection, found)
    if told is None:
        _keep(connection, resource, found, no_bulk=no_bulk)
    return described


def _held(key: tuple[str, str], since: float) -> Described | None:
    held = _described.get(key)
    return held[1] if held and held[0] >= since else None


def _share_failure(key: tuple[str, str], asked: float) -> None:
    failed = _failed.get(key)
    if failed and failed[0] >= asked:
        raise copy.copy(failed[1])


def _ask(connection: Connection, resource: str) -> Described:
    try:
        return client_for(connection).converse(dialect_of(connection).describe(resource))
    except RemoteError as error:
        _failed[connection.name, resource] = time.monotonic(), copy.copy(error)
        raise


def _asking_of(key: tuple[str, str]) -> threading.Lock:
    with _lock:
        return _asking[key]


def _row(connection: Connection, resource: str) -> KnownResource | None:
    row = KnownResource.objects.filter(connection=connection.name, resource=resource).first()
    return row if row and known.is_of(row.described, connection) else None


def _still_known(row: KnownResource | None) -> Described | None:
    recent = row is not None and row.described_at > timezone.now() - KEPT_FOR
    return known.from_data(row.described) if row and recent else None


def _keep(connection: Connection, resource: str, found: Described, *, no_bulk: bool) -> None:
    KnownResource.objects.update_or_create(
        connection=connection.name,
        resource=resource,
        defaults={
            "described": known.to_data(found, connection),
            "described_at": timezone.now(),
            "no_bulk": no_bulk,
        },
    )


def _heed_hourly_limit(connection: Connection, found: Described) -> None:
    """Where the configuration says nothing, the API's own limit holds; a client made before it was known learns it."""
    limit = found.capabilities.requests_per_hour
    if limit is None or connection.limits.calls_per_hour is not None:
        return
    with _lock:
        _hourly[connection.name] = limit
        if client := _clients.get(connection.name):
            client.limit_calls(limit)


def forget_no_bulk(connection: Connection, resource: str) -> None:
    """Somebody wants to know anew: the next bulk call may find the address there."""
    KnownResource.objects.filter(connection=connection.name, resource=resource).update(no_bulk=False)


def remember_no_bulk(connection: Connection, resource: str) -> None:
    """The API answered that the bulk address does not exist: plan single requests from now on."""
    KnownResource.objects.filter(connection=connection.name, resource=resource).update(no_bulk=True)
    _described.pop((connection.name, resource), None)


def check_health(connection: Connection) -> Health:
    """Ask the API about its first resource, and keep the answer for Home."""
    message = ""
    try:
        describe(connection, resource_names(connection)[0].name, refresh=True)
    except RemoteError as error:
        message = error.message
    health, _ = Health.objects.update_or_create(
        connection=connection.name, defaults={"checked_at": timezone.now(), "ok": not message, "message": message}
    )
    return health
