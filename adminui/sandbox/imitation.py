"""An imitation for one client: on loopback, with a login that nobody else knows, no log and no control plane."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.autotask.checks import LOOKS_AT as AUTOTASK_LOOKS_AT
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.buzz.rules import LOOKS_AT as BUZZ_LOOKS_AT
from adminui.sandbox.faults import Delivery, Fault, FaultBook, carry_out
from adminui.sandbox.given import Given
from adminui.sandbox.http import Api, Request
from adminui.sandbox.server import Listener


@dataclass(frozen=True)
class Imitation:
    """An imitation that answers until it is stopped."""

    api: Api
    credentials: Mapping[str, str]
    listener: Listener

    @property
    def url(self) -> str:
        return self.listener.url

    def stop(self) -> None:
        self.listener.stop()


def imitate(dialect: str, *, faults: Iterable[Mapping[str, Any]] = (), **given: Any) -> Imitation:
    """Serve a tenant made of what is given, see `Given`. `faults` are to happen to it, see `Fault`."""
    credentials = {name: secrets.token_urlsafe(24) for name in _LOGINS[dialect]}
    api = _APIS[dialect](given=Given(**given), **credentials)
    book = FaultBook()
    for fault in faults:
        book.add(Fault(**fault))

    def handler(request: Request) -> Delivery:
        return carry_out(api, request, book.take(request))

    return Imitation(api, credentials, Listener(handler, 0))


def looks_at(dialect: str, resource: str, fields: Collection[str]) -> frozenset[str]:
    """The references behind which the imitation's rules look when these fields are changed."""
    rules = _LOOKS_AT[dialect].get(resource, {})
    return frozenset(name for field in fields for name in rules.get(field, ()))


_APIS: Mapping[str, Any] = {"buzz": BuzzApi, "autotask": AutotaskApi}
_LOGINS = {"buzz": ("email", "password"), "autotask": ("username", "secret", "integration_code")}
_LOOKS_AT: Mapping[str, Mapping[str, Mapping[str, Collection[str]]]] = {
    "buzz": BUZZ_LOOKS_AT,
    "autotask": AUTOTASK_LOOKS_AT,
}
