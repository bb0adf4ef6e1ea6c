"""Where a request goes: under the base address, or to a whole one of the same origin. Credentials go nowhere else."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, unquote, urlencode

from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import NotSent


class Origin(NamedTuple):
    """Scheme, host and port."""

    scheme: str
    host: str
    port: int


def origin(url: str) -> Origin | None:
    """The origin as the transport itself reads the address (the same parser); None for one it must not be given."""
    try:
        parts = parse_url(url)
    except HTTPError:
        return None
    if parts.auth is not None or parts.scheme not in ("http", "https") or not parts.host:
        return None
    return Origin(parts.scheme, parts.host, parts.port or (443 if parts.scheme == "https" else 80))


def check_base(url: str) -> None:
    if origin(url) is None:
        raise ValueError("A base address is http(s)://host, without a user name or password in it.")


def resolve(base_url: str, request: ApiRequest) -> str:
    """The whole address of a request. Raises NotSent for one that leaves the base's origin, or climbs."""
    whole = request.path.lower().startswith(("http://", "https://"))
    url = request.path if whole else f"{base_url.rstrip('/')}/{request.path.lstrip('/')}"
    if request.query:
        url += ("&" if "?" in url else "?") + urlencode(request.query, safe=",", quote_via=quote)
    if origin(url) is None or origin(url) != origin(base_url):
        raise NotSent("The request leads to another host than the connection's; it was not sent.")
    # The transport reads %2e as a dot.
    if not {".", ".."}.isdisjoint(map(unquote, without_query(url).split("/")[3:])):
        raise NotSent("The request's address climbs out of its place; it was not sent.")
    return url


def without_query(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]
