"""A real Chromium against a real server; any console error or policy violation fails the test that caused it."""

import os
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from adminui import bootstrap

# Playwright runs an event loop in this thread, which makes Django refuse to touch the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
expect.set_options(timeout=20_000)  # as long as a busy machine may take; what holds is seen at once
PASSWORD = "a long enough password"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],  # what passes is not listed: half of the time went into that
}
Scheme = Literal["light", "dark"]
# Recorded in the page itself: not every policy violation reaches the console.
WATCH_POLICY = """
window.policyViolations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.policyViolations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in item.path.as_posix():
            item.add_marker("browser")


over: list[bool] = [False]  # whether the test is at its end: what its pages still ask for finds nothing any more


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    over[0] = True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    over[0] = False


@pytest.fixture(scope="session")
def chromium() -> str:
    found = bootstrap.browser()
    if found:
        return found
    if os.environ.get("ADMINUI_REQUIRE_BROWSER") == "1":
        pytest.fail("ADMINUI_REQUIRE_BROWSER=1, and there is no Chromium on this machine.")
    pytest.skip("There is no Chromium on this machine.")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
    yield launched
    launched.close()


@pytest.fixture
def scheme() -> Scheme:
    """Override, or parametrize with indirect=False, to see a page in the dark."""
    return "light"


@pytest.fixture
def context(browser: Browser, live_server: "object", scheme: Scheme) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        base_url=str(live_server),
        color_scheme=scheme,
        viewport={"width": 1440, "height": 900},
        reduced_motion="reduce",
        timezone_id="UTC",
        locale="en-US",
    )
    opened.add_init_script(WATCH_POLICY)
    opened.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()


@pytest.fixture
def expected_console() -> list[str]:
    """Pieces of console errors this test provokes on purpose, such as "422" for a refused form."""
    return []


@pytest.fixture
def page(context: BrowserContext, expected_console: list[str]) -> Iterator[Page]:
    """A page that fails the test on a console error, an uncaught exception, or a violation of the policy."""
    troubles: list[str] = []
    opened = context.new_page()
    watch(opened, troubles)
    yield opened
    troubles += opened.evaluate("window.policyViolations ?? []")
    unexpected = [each for each in troubles if not any(piece in each for piece in expected_console)]
    assert not unexpected, f"The browser complained: {unexpected}"


def watch(page: Page, troubles: list[str]) -> None:
    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not over[0]:
            troubles.append(f"{message.type}: {message.text} ({message.location['url']})")

    page.on("console", console)
    page.on("pageerror", lambda error: troubles.append(f"uncaught: {error}"))


@pytest.fixture
def sign_in(person: Callable[[str], User]) -> Callable[[Page, str], None]:
    """Sign in through the form, as a person does."""

    def through_the_form(page: Page, role: str) -> None:
        person(role)
        page.goto("/sign-in/?next=/healthz")
        page.locator("input[name=username]").fill(role)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url("**/healthz")

    return through_the_form


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Assert that a page has no accessibility violation."""

    def no_violations(page: Page) -> None:
        page.wait_for_function("!document.querySelector('[aria-busy=true]')")
        results = Axe().run(page, options=RULES)
        assert results.violations_count == 0, results.generate_report()

    return no_violations
