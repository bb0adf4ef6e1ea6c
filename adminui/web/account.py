"""Sign in and out."""

from datetime import timedelta

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from adminui.staff import throttle

TEMPLATE = "account/sign_in.html"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = safe_next(request)
    if request.method == "POST":
        return _try(request, target)
    if request.user.is_authenticated:
        return redirect(target)
    return render(request, TEMPLATE, {"form": AuthenticationForm(request), "next": target, "throttled": None})


def _try(request: HttpRequest, target: str) -> HttpResponse:
    username, ip = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
    wait = throttle.attempt(username, ip)
    if wait:
        return _refused(request, target, wait)
    form = AuthenticationForm(request, data=request.POST)
    if not form.is_valid():
        return render(request, TEMPLATE, {"form": form, "next": target, "throttled": None}, status=422)
    throttle.clear(username, ip)
    login(request, form.get_user())
    return redirect(target)


def _refused(request: HttpRequest, target: str, wait: timedelta) -> HttpResponse:
    context = {"form": AuthenticationForm(request), "next": target, "throttled": throttle.sentence(wait)}
    response = render(request, TEMPLATE, context, status=429)
    response["Retry-After"] = str(int(wait.total_seconds()) + 1)
    return response


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@login_not_required
def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """Stands in for the admin's own sign-in: ours has the throttle."""
    if request.user.is_authenticated:
        raise PermissionDenied("Only administrators manage staff and grants.")
    return redirect(f"{reverse('sign-in')}?{urlencode({'next': safe_next(request)})}")


def safe_next(request: HttpRequest) -> str:
    """Where to go after signing in: only ever an address of this site."""
    target = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else resolve_url("/")
