"""Signing in with a Buzz user's e-mail and password. The session is in cookies, which the client keeps whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adminui.dialects.base import Access, ApiRequest, ApiResponse, SignIn
from adminui.dialects.buzz.statuses import check, detail, document_of
from adminui.dialects.errors import BadCredentials, Gone, NotOffered, Unavailable

_ROOT = "/rest/v2"


def sign_in(base_url: str, credentials: Mapping[str, str]) -> SignIn:
    """One POST; the exception messages never hold what was sent."""
    root = _root(base_url)
    response = yield ApiRequest("POST", f"{root}/authenticate", body=_body(credentials))
    _refuse(response, credentials["password"])
    answer = document_of(response)
    if not isinstance(answer, dict):
        raise Unavailable("Buzz answered the login with something that is not JSON.", status=response.status)
    if str(answer.get("success", "true")).casefold() == "false":  # the API writes its booleans here as text
        raise BadCredentials("Buzz did not accept this e-mail and password.", status=response.status)
    return Access(base_url=root)


def _root(base_url: str) -> str:
    return base_url.rstrip("/").removesuffix(_ROOT) + _ROOT


def _body(credentials: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "email": credentials["email"],
        "password": credentials["password"],
        "keep_logged_in": True,
    }
    if account := credentials.get("account_id"):
        body["account_id"] = int(account) if account.isdecimal() else account
    return body


def _refuse(response: ApiResponse, password: str) -> None:
    if response.status in (400, 401, 403):
        said = detail(response)
        words = f" It says: {said}" if said and password not in said else ""
        raise BadCredentials(f"Buzz did not accept this e-mail and password.{words}", status=response.status)
    try:
        check(response)
    except (Gone, NotOffered) as error:
        raise Unavailable("There is no Buzz API 2.0 at this address.", status=response.status) from error
    if response.status >= 400:
        raise Unavailable(f"Buzz refused the login with status {response.status}.", status=response.status)
