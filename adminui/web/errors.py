"""Every error page says four things: what happened, what was written, what to do next, and the id to quote."""

import logging
from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from adminui import logs

logger = logging.getLogger(__name__)
NOTHING = "Nothing was sent and nothing was changed."
_STILL_HERE = "What you typed is still here. Sign in again in another tab, come back to this one and try again."


@dataclass(frozen=True)
class Problem:
    status: int
    title: str
    what_happened: str
    was_written: str
    what_next: str


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(
        request,
        Problem(
            400,
            "This request could not be read",
            "The browser sent something this page cannot read, or more than it takes at once.",
            NOTHING,
            "Go back, what you typed is still in the page, and try again; with less at once if it was a lot.",
        ),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(
        request,
        Problem(
            403,
            "You may not do this",
            str(exception) if exception and str(exception) else "Your role does not include this.",
            NOTHING,
            "Go back, or ask an administrator for the role that may.",
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(
        request,
        Problem(
            404,
            "There is nothing here",
            "No page, record or run has this address, or it is gone.",
            NOTHING,
            "Check the address, or start from the home page.",
        ),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        Problem(
            500,
            "Something broke on our side",
            "This page failed while it was being made. The failure is in the log under the id below.",
            "What had already been sent is in the history with its outcome; nothing else was sent.",
            "Look at the history before you send anything again, then go back: what you typed is still in the page.",
        ),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("Refused a form without a valid token: %s", reason)
    return answer(
        request,
        Problem(
            403,
            "This page was out of date",
            "You signed in or out after this page was opened, so its form is no longer trusted.",
            NOTHING,
            _STILL_HERE
            if in_place(request)
            else "Go back: what you typed is still in the page. Copy what you need, reload the page and send it again.",
        ),
    )


def signed_out(request: HttpRequest) -> HttpResponse:
    return answer(
        request,
        Problem(
            401,
            "You are signed out",
            "Your session ended before this arrived.",
            NOTHING,
            _STILL_HERE
            if in_place(request)
            else "Go back: what you typed is still in the page. Sign in again in another tab, then reload this one.",
        ),
    )


def in_place(request: HttpRequest) -> bool:
    """Whether a script asked (htmx or fetch) and will put the answer into the page that is open."""
    return wants_json(request) or bool(getattr(request, "htmx", False))


def wants_json(request: HttpRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted or request.content_type == "application/json"


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    context = {**asdict(problem), "request_id": logs.request_id.get()}
    if wants_json(request):
        return JsonResponse(context, status=problem.status)
    try:
        template = "elements/problem.html" if in_place(request) else "errors/problem.html"
        again = request.get_full_path() if problem.status >= 500 and request.method in ("GET", "HEAD") else ""
        return render(request, template, {**context, "retry_url": again}, status=problem.status)
    except Exception:
        # A page that explains a failure must not need what failed (the database, say, for the person's name).
        logger.exception("The error page itself could not be drawn")
        lines = "\n\n".join(filter(None, map(str, list(context.values())[1:])))
        return HttpResponse(lines, status=problem.status, content_type="text/plain; charset=utf-8")
