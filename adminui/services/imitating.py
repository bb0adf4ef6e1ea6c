"""An imitation of an API that holds these very records and this very schema, and the resource opened on it instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from django.conf import settings

from adminui.connections import live
from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import RemoteError
from adminui.records.changes import ChangeSet
from adminui.records.documents import resource_to_data
from adminui.records.schema import Kind
from adminui.records.values import Record, RecordId
from adminui.remote.client import Client
from adminui.remote.imitations import Imitation, Imitations, offered
from adminui.remote.reader import read_many
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import NotThere, Refused

LOOPBACK: Final = ("127.0.0.0/8",)
PAUSES: Final = (0.02, 0.05, 0.1)  # between tries; nobody else uses an imitation, so there is nobody to be polite to
Faults = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Practising(Opened):
    """A resource opened on an imitation: whatever is asked or sent goes there."""

    imitated: Client

    @property
    def client(self) -> Client:
        return self.imitated


def imitations() -> Imitations:
    found = offered()
    if found is None:
        raise NotThere("This installation offers no imitations to practise on.")
    return found


@contextmanager
def imitated(
    opened: Opened, rows: Sequence[ChangeSet], records: Iterable[Record], faults: Faults = ()
) -> Iterator[Practising]:
    """The resource on an imitation with these records. What they refer to is read from the API itself."""
    held = list(records)
    data, found = resource_to_data(opened.whole), related(opened, rows, held)
    imitation = imitations().imitate(
        opened.connection.dialect,
        faults=faults,
        resource=opened.resource.name,
        fields=data["fields"],
        records=held,
        related={resource: list(each.there) for resource, each in found.items()},
        absent={resource: each.absent for resource, each in found.items()},
        singular=opened.whole.singular,
        parent=opened.whole.parent,
        bulk=opened.can.bulk,
        put_nulls=opened.can.replace == "nulls",
        trims_text=opened.can.trims_text,
    )
    client = _client(opened, imitation)
    try:
        client.address(ApiRequest("GET", ""))  # signed in beforehand, so that it is no call of the plan's
        can = replace(opened.can, flips=False)  # nobody but us changes anything there
        yield Practising(opened.user, opened.connection, opened.resource, opened.whole, can, client)
    finally:
        client.close()
        imitation.stop()


def _client(opened: Opened, imitation: Imitation) -> Client:
    """It can lead nowhere but to this machine, and knows no login but the imitation's."""
    return Client(
        live.dialect_of(opened.connection),
        imitation.url,
        imitation.credentials,
        max_concurrency=opened.can.max_concurrency,
        deadline=settings.ADMINUI_DEADLINE,
        pauses=PAUSES,
        allow_networks=LOOPBACK,
        name=f"practice of {opened.connection.name}",
    )


class Related(NamedTuple):
    """Records of another resource, and ids that turned out to be none of its."""

    there: Collection[Record]
    absent: frozenset[RecordId]


def related(opened: Opened, rows: Sequence[ChangeSet], records: Iterable[Record]) -> dict[str, Related]:
    """The records that the imitation's rules look at beside these, as far as the person may see them."""
    wanted = _referred(opened, rows, records)
    found = ((resource, _read(opened, resource, ids)) for resource, ids in wanted.items() if ids)
    return {resource: each for resource, each in found if each is not None}


def _referred(opened: Opened, rows: Sequence[ChangeSet], records: Iterable[Record]) -> dict[str, set[RecordId]]:
    """Resource → ids: what the changes lead to, and what stands where a rule looks."""
    touched = {name for row in rows for name in row.fields}
    looked_at = imitations().looks_at(opened.connection.dialect, opened.resource.name, touched)
    references = {f.name: f.reference for f in opened.whole.fields if f.reference and f.kind is Kind.REFERENCE}
    found: dict[str, set[RecordId]] = {name: set() for name in references.values()}
    for row in rows:
        for change in row.changes:
            _add(found, references.get(change.field), change.after)
    for name in looked_at & references.keys():
        for record in records:
            _add(found, references[name], record.get(name))
    return found


def _add(found: dict[str, set[RecordId]], resource: str | None, value: object) -> None:
    if resource is not None and isinstance(value, int | str) and not isinstance(value, bool) and value != "":
        found[resource].add(value)


def _read(opened: Opened, resource: str, ids: set[RecordId]) -> Related | None:
    """None where they cannot be read: the imitation then takes them for right."""
    try:
        other = open_resource(opened.user, opened.connection.name, resource)
        found = read_many(other.client, other.whole, other.can, ids)
    except (Refused, RemoteError, ValueError):
        return None
    return Related(found.values(), frozenset(ids - found.keys()))
