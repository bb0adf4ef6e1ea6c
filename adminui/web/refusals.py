"""Turns what services and APIs refuse into pages or fragments that say what happened, what was written, what to do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from adminui.dialects.errors import (
    BadCredentials,
    Forbidden,
    Gone,
    NotSent,
    RemoteError,
    Throttled,
    Unavailable,
)
from adminui.services.errors import Refused
from adminui.web.errors import NOTHING, Problem, answer
from adminui.worksheets.models import Worksheet

_TITLES = {403: "You may not do this", 404: "There is nothing here", 409: "It has changed", 422: "This cannot be used"}
_ADVICE: dict[type[RemoteError], tuple[str, str]] = {
    BadCredentials: (
        "The API does not accept our login",
        "Ask an administrator to check this connection's credentials.",
    ),
    Forbidden: ("The API does not allow this", "The API's own user lacks the right; ask whoever administers it."),
    Gone: ("The API does not have this", "It may have been deleted there. Go back to the list and look again."),
    Throttled: ("The API asks us to slow down", "Wait a minute and reload."),
    Unavailable: ("The API did not answer as it should", "Wait a moment and reload; if it stays, ask whoever runs it."),
    NotSent: (
        "The API cannot be reached",
        "Check that it is up and that the connection's address is right, then reload.",
    ),
}


class RefusalMiddleware:
    """Sits innermost, so that views need no handling of their own for what they only pass on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        problem = problem_of(exception)
        return answer(request, problem) if problem else None


def problem_of(exception: Exception) -> Problem | None:
    """The four things a page says of an exception; None for one that is our own fault."""
    if isinstance(exception, Refused):
        title = _TITLES.get(exception.status, "This cannot be done")
        return Problem(
            exception.status, title, exception.message, NOTHING, exception.advice or "Go back and try again."
        )
    if isinstance(exception, RemoteError):
        title, advice = next(
            (words for kind, words in _ADVICE.items() if isinstance(exception, kind)),
            ("The API answered in a way that cannot be read", "Reload; if it stays, ask whoever runs the API."),
        )
        return Problem(502, title, exception.message, "Reading changes nothing; nothing was sent.", advice)
    if isinstance(exception, Worksheet.DoesNotExist):  # between being found and being locked
        return Problem(404, _TITLES[404], "This worksheet has just been discarded.", NOTHING, "Ask its owner.")
    return None
