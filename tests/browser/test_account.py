"""The sign-in page and the error pages, in a real browser."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

Axe = Callable[[Page], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


@schemes
def test_the_sign_in_page_is_accessible(page: Page, axe: Axe):
    page.goto("/sign-in/")
    axe(page)


def test_one_signs_in_by_keyboard_and_lands_where_one_wanted_to_go(page: Page, lead: User):
    page.goto("/sign-in/?next=/readyz")
    page.keyboard.type("lead")
    page.keyboard.press("Tab")
    page.keyboard.type("a long enough password")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/readyz$"))


@schemes
@pytest.mark.parametrize("expected_console", [["422"]])
def test_a_wrong_password_says_so_accessibly_and_keeps_the_name(page: Page, lead: User, axe: Axe):
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("lead")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_text("Please enter a correct username and password")).to_be_visible()
    expect(page.get_by_label("User name")).to_have_value("lead")
    axe(page)


@schemes
@pytest.mark.parametrize("expected_console", [["429"]])
def test_too_many_attempts_say_how_long_to_wait(page: Page, client, lead: User, axe: Axe):
    for _ in range(5):
        client.post("/sign-in/", {"username": "lead", "password": "wrong"})
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("lead")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_text("Try again in 15 minutes")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("expected_console", [["403"]])
def test_a_stale_form_says_that_nothing_was_sent(page: Page, lead: User):
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("lead")
    page.get_by_label("Password").fill("a long enough password")
    page.context.clear_cookies()
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_text("Nothing was sent and nothing was changed.")).to_be_visible()


@schemes
@pytest.mark.parametrize("expected_console", [["404"]])
def test_an_unknown_address_is_explained_accessibly(page: Page, axe: Axe):
    page.goto("/no/such/page")
    expect(page.get_by_text("No page, record or run has this address")).to_be_visible()
    axe(page)


def test_a_page_that_breaks_the_policy_fails_its_test(page: Page, expected_console: list[str]):
    """The watch itself works: an inline script is refused by the browser and noticed by us."""
    expected_console.append("script-src")
    page.goto("/sign-in/")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    assert any(violation.startswith("script-src") for violation in page.evaluate("window.policyViolations"))


def test_admins_manage_grants_without_breaking_the_policy(page: Page, sign_in: Callable[[Page, str], None]):
    sign_in(page, "admin")
    page.goto("/staff/staff/grant/add/")
    page.get_by_label("Group:").select_option("viewer")
    page.get_by_label("Connection:").fill("buzz-*")
    page.get_by_label("edit").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
