"""Signing in: ask which zone the user lives in; credentials go only to Autotask's or the configured host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from adminui.dialects.autotask.failures import refuse
from adminui.dialects.base import Access, ApiRequest, ApiResponse, SignIn
from adminui.dialects.errors import BadCredentials, Unknown

_VENDOR = "autotask.net"
_NO_SUCH_USER = frozenset({400, 401, 403, 404, 500})  # 500 is the documented one
_SERVICES = re.compile(r"/atservicesrest(/.*)?$", re.IGNORECASE)


def sign_in(base_url: str, credentials: Mapping[str, str]) -> SignIn:
    """Zone discovery, which needs no credentials; nothing else proves them before the first call does."""
    for name in ("username", "secret", "integration_code"):
        if not credentials.get(name):
            raise BadCredentials(f"The credential “{name}” is empty.")
    address = _SERVICES.sub("", base_url.rstrip("/")) + "/atservicesrest/v1.0/zoneInformation"
    response = yield ApiRequest("GET", address, (("user", credentials["username"]),), lane="zoneInformation")
    impersonated = credentials.get("impersonation_resource_id")
    return Access(
        base_url=f"{_zone(response, base_url)}/v1.0",
        headers={
            "ApiIntegrationCode": credentials["integration_code"],
            "UserName": credentials["username"],
            "Secret": credentials["secret"],
        },
        # On a query the API refuses it.
        write_headers={"ImpersonationResourceId": impersonated} if impersonated else {},
    )


def _zone(response: ApiResponse, base_url: str) -> str:
    if response.status in _NO_SUCH_USER:
        raise BadCredentials("Autotask knows no zone for the configured user.", status=response.status)
    refuse(response)
    try:
        answer: Any = response.json
    except Unknown as error:
        raise BadCredentials("The configured address is not Autotask's: no zone in its answer.") from error
    url = answer.get("url") if isinstance(answer, dict) else None
    if not isinstance(url, str) or not _trusted(url, base_url):
        raise BadCredentials("Autotask named a zone on an unexpected host; no credentials were sent there.")
    return url.rstrip("/")


def _trusted(url: str, base_url: str) -> bool:
    try:
        zone, ours = urlsplit(url), urlsplit(base_url)
        same_origin = _origin(zone) == _origin(ours)
    except ValueError:
        return False
    if zone.username or zone.password or zone.query or zone.fragment or "\\" in url:
        return False
    if same_origin:
        return zone.scheme == "https" or _loopback(zone.hostname or "")
    host = zone.hostname or ""
    vendor = host == _VENDOR or host.endswith(f".{_VENDOR}")
    return zone.scheme == "https" and zone.port in (None, 443) and (vendor or host == ours.hostname)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
