"""What the configuration knows better: labels, columns, hidden fields, and what the API can do."""

from __future__ import annotations

from dataclasses import replace

from adminui.connections.config import Limits, Overrides
from adminui.dialects.base import Described
from adminui.planning.capabilities import Capabilities
from adminui.records.schema import Resource


def overridden(described: Described, limits: Limits, over: Overrides) -> Described:
    return Described(_resource(described.resource, over), _capabilities(described.capabilities, limits, over))


def without_bulk(described: Described) -> Described:
    return replace(described, capabilities=replace(described.capabilities, bulk_rows=False, bulk_shared=False))


def _resource(resource: Resource, over: Overrides) -> Resource:
    """Names of fields that this API does not have, or does not have any more, change nothing."""
    fields = tuple(
        replace(f, label=over.labels.get(f.name, f.label), hidden=f.hidden or f.name in over.hidden)
        for f in resource.fields
    )
    columns = tuple(dict.fromkeys(name for name in over.columns if name in resource.by_name))
    return replace(resource, fields=fields, columns=columns or resource.columns)


def _capabilities(can: Capabilities, limits: Limits, over: Overrides) -> Capabilities:
    """No form of request is added that the dialect did not offer: it could not be spelt."""
    bulk = ("rows", "shared") if over.bulk is None else over.bulk
    return replace(
        can,
        bulk_rows=can.bulk_rows and "rows" in bulk,
        bulk_shared=can.bulk_shared and "shared" in bulk,
        max_batch=over.max_batch or can.max_batch,
        max_concurrency=min(can.max_concurrency, limits.max_concurrency),
        requests_per_hour=limits.calls_per_hour or can.requests_per_hour,
        replace=over.put if over.put and can.replace else can.replace,
    )
