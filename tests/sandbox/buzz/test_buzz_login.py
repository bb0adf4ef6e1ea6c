"""Logging in to the Buzz sandbox."""

import pytest
import requests

REFUSED = {"detail": "Authentication credentials were not provided."}


def test_a_login_sets_the_cookie_and_says_true_as_text(buzz):
    answer = buzz.login()
    assert answer.json() == {"success": "true", "message": "Cookie set successfully"}
    assert list(answer.cookies.keys()) == ["acme_buzz_cookie"]


def test_the_cookie_can_have_another_name(buzz):
    buzz.switch(cookie_name="sessionid")
    buzz.session.cookies.clear()
    assert list(buzz.login().cookies.keys()) == ["sessionid"]
    assert buzz.call("GET", "roles").status_code == 200


@pytest.mark.parametrize("status", [401, 403])
def test_a_request_without_a_login_is_refused_in_either_way(buzz, status):
    buzz.switch(expired_status=status)
    buzz.session.cookies.clear()
    answer = buzz.call("PATCH", "roles/2", {"name": "x"})
    assert (answer.status_code, answer.json()) == (status, REFUSED)
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


@pytest.mark.parametrize("status", [401, 403, 400])
def test_a_wrong_password_is_refused(buzz, status):
    buzz.switch(wrong_password_status=status)
    assert buzz.login(password="guess").status_code == status


def test_a_login_without_a_password_names_the_field(buzz):
    answer = buzz.call("POST", "authenticate", {"email": "ops@example.com"})
    assert (answer.status_code, answer.json()) == (400, {"password": ["This field is required."]})


def test_another_account_is_not_open_to_us(buzz):
    assert buzz.login(account_id=2).status_code == 200
    assert buzz.login(account_id=3).status_code == 403


def test_a_session_runs_out(buzz):
    buzz.clock.now += 899
    assert buzz.call("GET", "roles").status_code == 200
    buzz.clock.now += 2
    assert buzz.call("GET", "roles").status_code == 401


def test_the_life_of_a_session_is_a_switch(buzz):
    buzz.switch(session_seconds=360_000)
    buzz.clock.now += 350_000
    assert buzz.call("GET", "roles").status_code == 200


def test_a_kept_login_renews_the_session_and_writes_a_new_cookie(buzz):
    buzz.login(keep_logged_in=True)
    before = buzz.session.cookies["acme_buzz_cookie"]
    buzz.clock.now += 5_000
    assert buzz.call("GET", "roles").status_code == 200
    assert buzz.session.cookies["acme_buzz_cookie"] != before


def test_a_login_can_be_kept_afterwards(buzz):
    assert buzz.call("POST", "authenticate/keep_logged_in", {}).status_code == 200
    buzz.clock.now += 5_000
    assert buzz.call("GET", "roles").status_code == 200
    buzz.clock.now += 31 * 24 * 3600
    assert buzz.call("GET", "roles").status_code == 401


def test_cookies_are_rewritten_now_and_then_and_the_old_value_soon_ends(buzz):
    buzz.switch(rewrite_cookie_every=2)
    old = dict(buzz.session.cookies)
    for _ in range(2):
        buzz.call("GET", "roles/1")
    assert dict(buzz.session.cookies) != old
    address = f"{buzz.running.url}/rest/v2/roles/1"
    assert requests.get(address, cookies=old, timeout=5).status_code == 200
    buzz.clock.now += 31
    assert requests.get(address, cookies=old, timeout=5).status_code == 401
    assert buzz.call("GET", "roles/1").status_code == 200


@pytest.mark.parametrize("header", [True, False])
def test_too_many_logins_are_throttled(buzz, header):
    buzz.switch(logins_per_minute=3, retry_after=header)
    answers = [buzz.login() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert ("Retry-After" in answers[-1].headers) is header
    buzz.clock.now += 61
    assert buzz.login().status_code == 200


def test_all_requests_can_be_throttled(buzz):
    buzz.switch(requests_per_minute=2)
    assert [buzz.call("GET", "roles/1").status_code for _ in range(3)] == [200, 200, 429]


def test_basic_authentication_is_off_until_switched_on(buzz):
    buzz.session.cookies.clear()
    pair = ("ops@example.com", "sandbox")
    assert buzz.call("GET", "roles", auth=pair).status_code == 401
    buzz.switch(basic_auth=True)
    assert buzz.call("GET", "roles", auth=pair).status_code == 200
    assert buzz.call("GET", "roles", auth=("ops@example.com", "wrong")).status_code == 401


def test_logging_out_ends_the_session(buzz):
    old = dict(buzz.session.cookies)
    assert buzz.call("DELETE", "authenticate").json()["success"] is True
    assert requests.get(f"{buzz.running.url}/rest/v2/roles", cookies=old, timeout=5).status_code == 401


def test_a_forgotten_session_also_ends_a_kept_login(buzz):
    buzz.login(keep_logged_in=True)
    buzz.api.expire_sessions()
    assert buzz.call("GET", "roles").status_code == 401
