"""What the status of any answer means, whatever was asked."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any

from adminui.dialects.base import ApiResponse
from adminui.dialects.errors import Forbidden, Gone, NotOffered, SignedOut, Throttled, Unavailable, Unknown

# How an expired login is answered is not documented. With cookie sessions the stock framework says, with 403, that no
# credentials were provided; others name the session or ask for a login. All other 403s are about permission.
_SIGNED_OUT = re.compile(
    r"""credentials\ were\ not\ provided | incorrect\ authentication\ credentials
      | \bsession\b.*\b(expired|invalid|ended|timed\ out) | \b(expired|invalid)\ session\b
      | \bnot\ (logged|signed)\ in\b | \b(log|sign)\ in\ again\b | \b(log\ ?in|authentication)\ required\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SECONDS = re.compile(r"\d+(?:\.\d+)?")
_EXPECTED = re.compile(r"available in (\d+(?:\.\d+)?) second", re.IGNORECASE)


def check(response: ApiResponse) -> None:
    """Raise what the status means. Returns for success and for 4xx answers that refuse the content of one request."""
    status = response.status
    if status == 401 or (status == 403 and _SIGNED_OUT.search(detail(response))):
        raise SignedOut("The Buzz login is over.", status=status)
    if status == 403:
        raise Forbidden(detail(response) or "Buzz does not allow this user to do that.", status=status)
    if status == 404:
        raise Gone(detail(response) or "Buzz has no such record or address.", status=status)
    if status == 405:
        raise NotOffered(detail(response) or "Buzz does not offer this method here.", status=status)
    if status == 429:
        raise Throttled(detail(response) or "Too many calls to Buzz.", retry_after=retry_after(response))
    if status == 408 or status >= 500:
        raise Unavailable(f"Buzz could not answer (status {status}).", status=status)
    if not 200 <= status < 300 and status < 400:
        raise Unavailable(f"Buzz answered with a redirect (status {status}), which is not followed.", status=status)


def detail(response: ApiResponse) -> str:
    """The `detail` sentence of an answer, empty when it has none."""
    document = document_of(response)
    text = document.get("detail") if isinstance(document, dict) else None
    return text if isinstance(text, str) else ""


def document_of(response: ApiResponse) -> Any:
    """The JSON of a refusal, or None: for a refusal an unreadable body is no mystery about what was written."""
    try:
        return response.json
    except Unknown:
        return None


def retry_after(response: ApiResponse) -> float | None:
    """Seconds from Retry-After, as a number or as a date against the answer's own Date, or from the sentence."""
    header = response.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(header):
        return float(header)
    if header and (seconds := _until(header, response.headers.get("date", ""))) is not None:
        return seconds
    expected = _EXPECTED.search(detail(response))
    return float(expected.group(1)) if expected else None


def _until(then: str, now: str) -> float | None:
    try:
        return max(0.0, (parsedate_to_datetime(then) - parsedate_to_datetime(now)).total_seconds())
    except (ValueError, TypeError):  # TypeError: one of the two dates has no zone
        return None
