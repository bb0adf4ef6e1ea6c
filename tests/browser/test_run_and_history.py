"""Following a run, and finding it again, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Page, expect

from adminui.sandbox.faults import Fault
from tests.conftest import Live
from tests.web.happenings import carried_out, change, happened, queued, some

Axe = Callable[[Page], None]
SignIn = Callable[[Page, str], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mixed(buzz: Live, lead: User) -> int:
    opened = buzz.open(lead, "line-items")
    records = some(opened, 6)
    rows = [
        change(opened, record, name="" if n == 0 else f"{record['name']} checked") for n, record in enumerate(records)
    ]
    buzz.api.change("line-items", records[3]["id"], {"name": "حملة الربيع " * 10})
    return happened(opened, rows, note="Names checked against the insertion order").pk


@schemes
def test_the_pages_are_accessible(page: Page, sign_in: SignIn, axe: Axe, mixed: int):
    sign_in(page, "lead")
    for address in ("/", "/c/buzz-test/", f"/runs/{mixed}/", "/history/", "/c/buzz-test/line-items/records/1/history"):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        axe(page)
    page.goto(f"/runs/{mixed}/")
    page.get_by_text("Requests, as they went over the wire").click()
    page.locator(".run-log .request summary").last.click()
    expect(page.get_by_role("region", name="Body sent").last).to_be_visible()
    axe(page)


def test_the_first_visit_is_accessible(page: Page, sign_in: SignIn, axe: Axe, configure):
    sign_in(page, "lead")
    page.goto("/")
    expect(page.get_by_text("There is no connection yet")).to_be_visible()
    axe(page)


def test_nothing_is_cut_off_at_1024_pixels(page: Page, sign_in: SignIn, mixed: int):
    page.set_viewport_size({"width": 1024, "height": 768})
    sign_in(page, "lead")
    for address in ("/", "/c/buzz-test/", f"/runs/{mixed}/", "/history/"):
        page.goto(address)
        assert page.evaluate(
            "document.querySelector('#content').scrollWidth <= document.querySelector('#content').clientWidth"
        )


def test_a_run_is_followed_to_its_end_without_a_hand_and_asking_stops(
    page: Page, sign_in: SignIn, buzz: Live, lead: User
):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 5)])
    buzz.running.faults.add(Fault("slow", method="PATCH", seconds=2.5))
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_role("button", name="Cancel: leave 5 rows unsent")).to_be_visible()
    expect(page.get_by_text("Waiting for the worker to take this run")).to_be_visible()
    expect(page.locator("h1")).to_have_text("5 Line items: setting Notes to “Seen”")
    expect(page.locator("#runs-active")).to_have_text("1 run")
    worker = threading.Thread(target=lambda: (carried_out(run), connection.close()))
    worker.start()
    expect(page.locator(".run-doing")).to_be_visible()
    expect(page.locator("#run-said")).to_have_text(f"Run {run.pk} is finished: 5 done.")
    worker.join()
    expect(page).to_have_title(re.compile(rf"^Run {run.pk} finished"))
    expect(page.locator("h1")).to_have_text("5 Line items: Notes set to “Seen”")
    expect(page.locator("#run-facts")).to_contain_text("ended just now")
    expect(page.locator("#runs-active, #runs-count")).to_have_count(2)
    expect(page.locator("#runs-active:visible, #runs-count:visible")).to_have_count(0)
    expect(page.locator("#run-rows .outcome.done")).to_have_count(5)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []


def test_rows_are_not_replaced_while_somebody_is_in_them(page: Page, sign_in: SignIn, buzz: Live, lead: User):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/?all")
    page.locator("#run-rows td a").focus()
    page.evaluate("document.querySelector('#run-rows').dataset.mark = 'kept'")
    page.wait_for_timeout(2600)
    expect(page.locator("#run-rows[data-mark]")).to_have_count(1)
    page.evaluate("document.activeElement.blur()")
    expect(page.locator("#run-rows[data-mark]")).to_have_count(0)


@pytest.mark.parametrize("expected_console", [["ERR_", "htmx:sendError", "htmx:afterRequest"]])
def test_a_site_that_does_not_answer_is_said_once_and_asking_goes_on(
    page: Page, sign_in: SignIn, buzz: Live, lead: User
):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/")
    page.route("**/progress?*", lambda route: route.abort())
    expect(page.locator("#progress .lost")).to_contain_text("trying again")
    page.wait_for_timeout(1500)
    expect(page.locator("#toasts .toast")).to_have_count(0)
    page.unroute("**/progress?*")
    expect(page.locator("#progress .lost")).to_be_hidden()


def test_history_is_filtered_in_place_and_the_address_can_be_shared(
    page: Page, sign_in: SignIn, mixed: int, buzz, lead
):
    opened = buzz.open(lead, "campaigns")
    happened(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    sign_in(page, "lead")
    page.goto("/history/")
    expect(page.locator(".event")).to_have_count(2)
    page.get_by_label("Resource", exact=True).select_option("campaigns")
    expect(page.locator(".event")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/history/\?resource=campaigns$"))
    page.reload()
    expect(page.locator(".event")).to_have_count(1)
    page.get_by_text("What changed").click()
    expect(page.locator(".event-changes .diff")).to_contain_text("Seen")


def test_the_words_of_a_failure_lead_to_their_rows_by_keyboard(page: Page, sign_in: SignIn, mixed: int):
    sign_in(page, "lead")
    page.goto(f"/runs/{mixed}/")
    page.locator(".failure.conflict a").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("same="))
    expect(page.locator("#run-rows tbody tr")).to_have_count(1)
    expect(page.locator("#run-rows tbody")).to_contain_text("Somebody else set it to")


def test_check_now_answers_in_place(page: Page, sign_in: SignIn, buzz: Live):
    sign_in(page, "viewer")
    page.goto("/")
    expect(page.get_by_text("answers, checked")).to_be_visible()
    page.get_by_role("button", name="Check now: Buzz (Test)").click()
    expect(page.get_by_text("just now")).to_be_visible()
