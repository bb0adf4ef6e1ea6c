"""Steering a run, and being told of its end, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect

from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.services import plans
from tests.conftest import Live
from tests.web.happenings import carried_out, change, happened, queued, some

Axe = Callable[[Page], None]
SignIn = Callable[[Page, str], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tried(buzz: Live, lead: User) -> Run:
    """One row has been written and read back; four wait for somebody to look at it."""
    opened = buzz.open(lead, "line-items")
    rows = [change(opened, record, notes="Seen") for record in some(opened, 5)]
    return carried_out(plans.approve(opened, plans.save(opened, rows, door="edit many", canary=1)))


@schemes
def test_every_state_of_a_run_is_accessible(page: Page, sign_in: SignIn, axe: Axe, buzz: Live, lead: User, tried: Run):
    opened = buzz.open(lead, "line-items")
    waiting = queued(opened, [change(opened, record, name="Later") for record in some(opened, 3)])
    asked = queued(opened, [change(opened, record, notes="Asked") for record in some(opened, 8)[5:]])
    Run.objects.filter(pk=asked.pk).update(state="paused", pause="asked", message="Paused by request.")
    over = happened(opened, [change(opened, record, notes="Over") for record in some(opened, 12)[9:]])
    sign_in(page, "lead")
    for address in (*(f"/runs/{run.pk}/" for run in (tried, waiting, asked, over)), "/runs/"):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        axe(page)
    page.set_viewport_size({"width": 1024, "height": 768})
    for address in (f"/runs/{tried.pk}/", f"/runs/{over.pk}/", "/runs/"):
        page.goto(address)
        assert page.evaluate(
            "document.querySelector('#content').scrollWidth <= document.querySelector('#content').clientWidth"
        )


def test_a_canary_is_looked_at_and_gone_on_with(page: Page, sign_in: SignIn, buzz: Live, tried: Run):
    sign_in(page, "lead")
    page.goto(f"/runs/{tried.pk}/")
    expect(page.get_by_role("heading", name="1 record was written and read back: 1 done.")).to_be_visible()
    page.get_by_text("The request and the answer").click()
    expect(page.locator(".tried-log").get_by_role("region", name="Body sent")).to_contain_text("Seen")
    page.keyboard.press("p")
    go_on = page.get_by_role("button", name="Go on: send the remaining 4 rows")
    expect(go_on).to_be_focused()
    page.wait_for_timeout(3500)  # what is asked for again and again does not take the button from under one's hands
    expect(go_on).to_be_focused()
    go_on.press("Enter")
    expect(page.get_by_role("button", name="Cancel: leave 4 rows unsent")).to_be_visible()
    carried_out(tried)
    expect(page.locator("#run-said")).to_have_text(f"Run {tried.pk} is finished: 5 done.")
    assert len(buzz.seen("PATCH")) >= 2


def test_what_one_is_copying_from_the_rows_is_not_taken_away(page: Page, sign_in: SignIn, tried: Run):
    Run.objects.filter(pk=tried.pk).update(
        state="running", pause="", owner="a worker", lease_until=timezone.now() + timedelta(minutes=5)
    )
    sign_in(page, "lead")
    page.goto(f"/runs/{tried.pk}/")
    words = page.locator(".run-rows tbody th").first
    words.select_text()
    chosen = page.evaluate("String(getSelection())")
    tried.items.filter(outcome="pending").update(outcome="done", settled_at=timezone.now())
    expect(page.locator("#progress")).to_contain_text("5 of 5 rows settled")
    page.wait_for_timeout(2500)  # the rows are asked for every two seconds
    assert chosen and page.evaluate("String(getSelection())") == chosen
    page.evaluate("getSelection().removeAllRanges()")
    expect(page.locator(".run-rows tbody tr")).to_have_count(5)


def test_pausing_shows_by_itself_that_it_waits(page: Page, sign_in: SignIn, buzz: Live, lead: User):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    Run.objects.filter(pk=run.pk).update(state="paused", pause="asked", message="Paused by a colleague.")
    expect(page.get_by_role("heading", name="Paused by a colleague.")).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    expect(page).to_have_title(re.compile("^Paused"))


def test_the_end_of_a_run_is_told_on_whatever_page_one_is_and_only_once(
    page: Page, sign_in: SignIn, buzz: Live, lead: User
):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    sign_in(page, "lead")
    page.goto("/history/")
    expect(page.locator("#runs-active")).to_have_text("1 run")
    worker = threading.Thread(target=lambda: (carried_out(run), connection.close()))
    worker.start()
    told = page.locator("#toasts .toast")
    expect(told).to_contain_text(f"Run {run.pk} finished: 3 done.", timeout=15_000)
    worker.join()
    expect(page.locator("#runs-active")).to_have_text("1 ended")
    page.goto("/")
    expect(page.locator("#runs-active")).to_have_text("1 ended")
    page.wait_for_timeout(500)
    expect(told).to_have_count(0)
    page.locator("#runs-active").click()
    page.get_by_role("link", name=f"Run {run.pk} finished: 3 done.").click()
    expect(page.locator("h1")).to_have_text("3 Line items: Notes set to “Seen”")
    page.goto("/")
    expect(page.locator("#runs-active")).to_be_hidden()


def test_dismissing_the_notice_is_enough(page: Page, sign_in: SignIn, buzz: Live, lead: User):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    sign_in(page, "lead")
    page.goto("/history/")
    expect(page.locator("#toasts .toast")).to_contain_text(f"Run {run.pk} finished")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#runs-active")).to_be_hidden()
    assert Run.objects.get(pk=run.pk).told


def test_rows_are_ticked_to_be_undone_and_the_button_says_how_many(page: Page, sign_in: SignIn, buzz: Live, lead: User):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, record, notes="Seen") for record in some(opened, 4)])
    sent = len(buzz.seen("PATCH"))
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/")
    page.keyboard.press("j")
    ticks = page.locator("#run-rows [name=record]")
    ticks.nth(0).check()
    ticks.nth(2).check()
    expect(page.get_by_role("button", name="Plan the undo of 2 rows")).to_be_visible()
    page.get_by_label("Tick every written row").check()
    expect(page.locator("[data-undo-button]")).to_have_text("Plan the undo of 4 rows")
    page.get_by_role("button", name="Untick all").click()
    ticks.nth(1).check()
    page.get_by_role("button", name="Plan the undo of 1 row", exact=True).click()
    expect(page).to_have_url(re.compile("/plans/"))
    assert len(buzz.seen("PATCH")) == sent


def test_a_run_that_pauses_tells_and_the_queue_leads_to_it(page: Page, sign_in: SignIn, tried: Run, axe: Axe):
    sign_in(page, "lead")
    page.goto("/history/")
    expect(page.locator("#toasts .toast")).to_contain_text("has written its first rows and waits for you")
    axe(page)
    page.locator("#runs-active").click()
    page.get_by_role("link", name="Look, and go on").click()
    expect(page.get_by_role("button", name="Go on: send the remaining 4 rows")).to_be_visible()


@pytest.mark.parametrize("expected_console", [["ERR_", "Failed to fetch"]])
def test_a_notice_that_cannot_be_asked_for_is_silent(page: Page, sign_in: SignIn, buzz: Live, lead: User):
    opened = buzz.open(lead, "line-items")
    buzz.running.faults.add(Fault("slow", method="PATCH", seconds=0.1))
    queued(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    sign_in(page, "lead")
    page.route("**/runs/notice", lambda route: route.abort())
    page.goto("/history/")
    page.wait_for_timeout(6000)
    expect(page.locator("#toasts .toast")).to_have_count(0)
