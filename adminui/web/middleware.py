"""What every answer carries (request id, content security policy) and what every request needs (a signed-in person)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse

from adminui import logs
from adminui.web import errors

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """One id per request: in every log line and in the answer, so that a person can quote it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Not reset: Django logs a refused request after the middleware; the thread's next request sets its own.
        made = logs.new_request_id()
        logs.request_id.set(made)
        response = self.get_response(request)
        response["X-Request-ID"] = made
        return response


class ContentSecurityPolicyMiddleware:
    """Sends settings.SECURE_CSP, as Django 6's middleware of the same name does, and the Permissions-Policy."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": policy(settings.SECURE_CSP),
            "Permissions-Policy": settings.PERMISSIONS_POLICY,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.setdefault(name, value)
        return response


class PrivateMiddleware:
    """Pages hold customers' data: nothing between us and the person keeps them, and the browser asks again before it
    shows one anew. Not `no-store`: going back would lose what was typed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "private, no-cache")
        return response


def policy(directives: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class SignedInMiddleware(LoginRequiredMiddleware):
    """A page asks to sign in first; a write or a fragment is told so in place: a redirect would lose what was typed."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        if request.method in ("GET", "HEAD") and not errors.in_place(request):
            return super().handle_no_permission(request, view_func)
        return errors.signed_out(request)
