"""What a refusal means. 500 is this API's everyday answer to bad values, and the list of errors in it is the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from adminui.dialects.autotask.udf import bare
from adminui.dialects.base import ApiResponse
from adminui.dialects.errors import (
    Forbidden,
    Gone,
    NotOffered,
    Rejected,
    RemoteError,
    SignedOut,
    Throttled,
    Unavailable,
    Unknown,
)
from adminui.records.schema import Resource

# Left over from an older interface that took 200 records per call.
_NOISE = re.compile(r"Error updating entity for record number \[\d+\]\.?")
_SUFFIX = re.compile(r"\s*;?\s*on record number \[\d+\]\.?\s*$")
_SHORT: Final = 300  # characters of plain text that are quoted
_THRESHOLD = re.compile(r"threshold\b.*\bexceeded", re.IGNORECASE | re.DOTALL)
_PERMISSION = re.compile(r"does not have the adequate permissions", re.IGNORECASE)
_NAMES = (
    re.compile(r"on field: (\w+) of type", re.IGNORECASE),
    re.compile(r"child picklist: (\w+)", re.IGNORECASE),
    re.compile(r"required field:? (\w+)", re.IGNORECASE),
    re.compile(r"\bfor (\w+)\.", re.IGNORECASE),
    re.compile(r"(\w+) is required", re.IGNORECASE),
    re.compile(r"^(\w+) is not\b", re.IGNORECASE),
)
_BY_STATUS: Final[Mapping[int, tuple[type[RemoteError], str]]] = {
    401: (SignedOut, "Autotask did not accept the login."),
    403: (Forbidden, "Autotask does not allow this."),
    404: (Gone, "Autotask has no such record or address."),
    405: (NotOffered, "Autotask does not offer this here."),
    408: (Unavailable, "Autotask waited too long for the request."),
}


def refuse(response: ApiResponse) -> None:
    """Raise what the answer means, or return when it is a success."""
    errors = messages(response)
    if response.status == 200 and not errors:
        return
    raise _failure(response, errors)


def _failure(response: ApiResponse, errors: tuple[str, ...]) -> RemoteError:
    status, said = response.status, " ".join(errors) or _message(response)
    if status == 429 or _THRESHOLD.search(said):
        seconds = response.headers.get("retry-after", "")  # never seen on the real API, heeded should it come
        wait = float(seconds) if seconds.isdigit() else None
        return Throttled("Autotask asks for fewer calls at once.", status=status, retry_after=wait)
    if status in _BY_STATUS:
        kind, sentence = _BY_STATUS[status]
        return kind(said or sentence, status=status)
    if errors:
        return Forbidden(said, status=status) if _PERMISSION.search(said) else Rejected(errors, status=status)
    if status >= 500:
        return Unavailable(said or f"Autotask could not answer ({status}).{_plain(response)}", status=status)
    if status >= 400:
        return Rejected((said or f"Autotask refused the request ({status}).",), status=status)
    return Unknown(f"Autotask answered {status}, which says neither yes nor no.", status=status)


def messages(response: ApiResponse) -> tuple[str, ...]:
    """The API's own words, without what it adds to each of them."""
    listed = next((value for name, value in _document(response).items() if name.lower() == "errors"), None)
    listed = [listed] if isinstance(listed, str) and listed else listed
    said = [str(entry) for entry in listed] if isinstance(listed, list) else []
    kept = tuple(_SUFFIX.sub("", text) for text in said if not _NOISE.fullmatch(text.strip()))
    return kept or tuple(said)


def by_field(resource: Resource, said: tuple[str, ...], touched: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The messages that name a field, by the schema's spelling; touched fields are recognised anywhere in the text."""
    found: dict[str, tuple[str, ...]] = {}
    for text in said:
        name = _named(resource, text) or _mentioned(text, touched)
        if name:
            found[name] = (*found.get(name, ()), text)
    return found


def _named(resource: Resource, text: str) -> str | None:
    spelled = {bare(f.name).lower(): f.name for f in reversed(resource.fields)}
    words = (match[1].lower() for pattern in _NAMES if (match := pattern.search(text)))
    return next((spelled[word] for word in words if word in spelled), None)


def _mentioned(text: str, touched: tuple[str, ...]) -> str | None:
    return next((name for name in touched if re.search(rf"(?<!\w){re.escape(bare(name))}(?!\w)", text)), None)


def _message(response: ApiResponse) -> str:
    document = _document(response)
    said = document.get("Message") or document.get("message")
    return said if isinstance(said, str) else ""


def _plain(response: ApiResponse) -> str:
    """A short answer in plain text, as it came; nothing of a web page or of cut JSON."""
    text = " ".join(response.text.split())
    return f" It says: {text}" if text and len(text) <= _SHORT and text[0] not in "<{[" else ""


def _document(response: ApiResponse) -> dict[str, Any]:
    """The body as a JSON object; empty for a web page or a cut answer, which carry no reasons."""
    try:
        body = response.json
    except Unknown:
        return {}
    return body if isinstance(body, dict) else {}
