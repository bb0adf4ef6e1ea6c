"""Nothing opens without signing in, nothing foreign runs in the page, and no secret reaches a log."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from adminui import logs
from adminui.web import errors

OPEN_TO_ANYONE = {"sign-in/", "sign-out/", "staff/login/", "healthz", "readyz", "favicon.ico"}
SIGN_IN = "/sign-in/"


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


ALL = list(patterns(get_resolver()))


def test_only_the_listed_addresses_are_open_to_anyone():
    """Walks every pattern there is: a new page is closed unless it is written into the list above."""
    open_to_anyone = {route for route, pattern in ALL if not getattr(pattern.callback, "login_required", True)}
    assert open_to_anyone == OPEN_TO_ANYONE
    assert len(ALL) > len(OPEN_TO_ANYONE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/staff/", "/staff/auth/user/", "/staff/staff/grant/add/", "/staff/jsi18n/", "/staff/logout/"]
)
def test_the_staff_pages_send_a_stranger_to_sign_in(client, path):
    response = client.get(path, follow=True)
    assert response.redirect_chain and response.redirect_chain[-1][0].startswith(SIGN_IN)


@pytest.mark.parametrize("role", ["viewer", "editor", "lead"])
def test_only_admins_manage_staff(client_as, role):
    response = client_as(role).get("/staff/auth/user/", follow=True)
    assert response.status_code == 403


def test_admins_manage_staff(client_as):
    client = client_as("admin")
    for path in (
        "/staff/",
        "/staff/auth/user/",
        "/staff/auth/group/",
        "/staff/staff/grant/",
        "/staff/staff/loginattempt/",
    ):
        assert client.get(path).status_code == 200


STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", SIGN_IN, "/no/such/page", "/staff/"])
def test_every_answer_carries_the_strict_headers(client, path):
    headers = client.get(path).headers
    assert set(headers["Content-Security-Policy"].split("; ")) == STRICT
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert len(headers["X-Request-ID"]) == 16


@pytest.mark.django_db
def test_signing_in_goes_where_one_wanted_to_go(client, lead):
    response = client.post(SIGN_IN, {"username": "lead", "password": "a long enough password", "next": "/staff/"})
    assert (response.status_code, response["Location"]) == (302, "/staff/")
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


@pytest.mark.parametrize("target", ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)", ""])
def test_signing_in_never_leads_to_another_site(client, lead, target):
    response = client.post(SIGN_IN, {"username": "lead", "password": "a long enough password", "next": target})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_is_a_422_and_the_sixth_a_429_that_says_how_long(client, lead):
    wrong = {"username": "lead", "password": "wrong"}
    assert [client.post(SIGN_IN, wrong).status_code for _ in range(5)] == [422] * 5
    refused = client.post(SIGN_IN, {"username": "lead", "password": "a long enough password"})
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 800
    assert "Try again in 15 minutes" in refused.content.decode()
    assert "_auth_user_id" not in client.session


def test_four_mistakes_then_the_right_password_signs_in(client, lead):
    for _ in range(4):
        client.post(SIGN_IN, {"username": "lead", "password": "wrong"})
    assert client.post(SIGN_IN, {"username": "lead", "password": "a long enough password"}).status_code == 302


def test_signing_out_takes_a_post(client_as):
    client = client_as("viewer")
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == SIGN_IN
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_a_form_with_a_stale_token_is_told_that_nothing_was_sent():
    response = Client(enforce_csrf_checks=True).post(SIGN_IN, {"username": "lead", "password": "x"})
    page = response.content.decode()
    assert response.status_code == 403 and errors.NOTHING in page and "what you typed is still in the page" in page


@pytest.mark.django_db
def test_a_script_with_a_stale_token_gets_the_same_as_json():
    client = Client(enforce_csrf_checks=True, headers={"Accept": "application/json"})
    response = client.post(SIGN_IN, {"username": "lead"})
    assert response.status_code == 403
    assert response.json()["was_written"] == errors.NOTHING and response.json()["request_id"]


@pytest.mark.django_db
def test_a_write_after_the_session_ended_is_refused_in_place_and_not_redirected(client):
    response = client.post("/staff/auth/group/add/", {"name": "typed with care"})
    page = response.content.decode()
    assert response.status_code == 401 and errors.NOTHING in page and "what you typed is still in the page" in page


@pytest.mark.django_db
def test_a_fragment_asked_for_after_the_session_ended_is_not_the_sign_in_page(client):
    htmx = client.get("/staff/", headers={"HX-Request": "true"})
    assert htmx.status_code == 401 and "<html" not in htmx.content.decode() and errors.NOTHING in htmx.content.decode()
    fetched = client.get("/staff/", headers={"Accept": "application/json"})
    assert fetched.status_code == 401 and fetched.json()["title"] == "You are signed out"


@pytest.mark.django_db
def test_an_unknown_address_says_what_to_do(client):
    response = client.get("/no/such/page")
    assert response.status_code == 404 and "Check the address" in response.content.decode()


def test_an_error_page_is_drawn_even_when_its_template_fails(rf, monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr(errors, "render", broken)
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500 and response["Content-Type"].startswith("text/plain")
    assert "Look at the history" in response.content.decode()


@pytest.mark.django_db
def test_healthy_and_ready(client):
    assert client.get("/healthz").content == b"ok"
    assert client.get("/readyz").json() == {"ready": True, "database": "ok"}


# Logs

SECRET = "hunter2-hunter2"


def line(message: str, *args: object, **extra: object) -> dict[str, object]:
    """What the configured handler writes for one event."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.RedactSecrets())
    handler.setFormatter(logs.JsonFormatter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError(f"could not sign in with password={SECRET}")
    except ValueError:
        logger.info(message, *args, extra=extra, exc_info=extra.pop("exc_info", False))
    return json.loads(stream.getvalue())


@pytest.mark.parametrize(
    ("message", "args"),
    [
        (f"password={SECRET}", ()),
        (f"Signing in with Password: '{SECRET}' again", ()),
        ("body %s", ({"email": "a@example.com", "password": SECRET},)),
        ("body %s", (json.dumps({"nested": {"client_secret": SECRET}}),)),
        ("headers %r", ({"ApiIntegrationCode": SECRET, "Secret": SECRET},)),
        ("Authorization: Basic %s", (SECRET,)),
        (f"Cookie: csrftoken=abc; sessionid={SECRET}; other=1", ()),
        (f"Set-Cookie: sessionid={SECRET}; Path=/", ()),
        ("%(password)s", ({"password": SECRET},)),
        (f"https://api.example.com/?token={SECRET}&page=2", ()),
    ],
)
def test_no_secret_reaches_a_log_line(message, args):
    assert SECRET not in json.dumps(line(message, *args))


def test_secrets_in_extras_and_tracebacks_are_hidden_too():
    seen = line("failed", request_headers={"Authorization": SECRET, "deep": [{"api_key": SECRET}]}, exc_info=True)
    assert SECRET not in json.dumps(seen)
    assert "ValueError" in str(seen["exception"])


def test_what_is_not_secret_stays_readable():
    seen = line("PATCH %s answered %s for %s", "/rest/v2/line_items/7", 200, "lena", username="lena")
    assert seen["message"] == "PATCH /rest/v2/line_items/7 answered 200 for lena"
    assert seen["username"] == "lena" and seen["level"] == "info"
