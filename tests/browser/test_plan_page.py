"""Between looking at a plan and sending it: what is asked, the first row alone, when to send, and practising first."""

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

from adminui.runs.models import Plan, Run
from adminui.services import plans, practice, switch
from adminui.services.plans import Held
from tests.conftest import Live
from tests.web.test_plans import ids_of, planned

Axe = Callable[[Page], None]
SignIn = Callable[[Page, str], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def production(buzz: Live, configure, settings) -> None:
    path = settings.ADMINUI_CONNECTIONS
    path.write_text(path.read_text().replace('environment = "sandbox"', 'environment = "production"'))
    configure(f"[connections.{buzz.connection}.guards]\nnote_above = 2\ncanary_above = 2\n")


def plan_of(buzz: Live, user: User, rows: int = 4, **options) -> Plan:
    chosen = ids_of(buzz, "campaigns", rows)
    return planned(buzz.open(user, "campaigns"), buzz, {i: {"notes": "checked"} for i in chosen}, **options)


def test_production_is_confirmed_by_hand_and_what_is_lacking_is_said(
    page: Page, sign_in: SignIn, buzz: Live, lead: User, production
):
    plan = plan_of(buzz, lead)
    sign_in(page, "lead")
    page.goto(f"/plans/{plan.pk}/")
    send, lacking = page.locator("#send-button"), page.locator("#lacking")
    expect(send).to_have_text("Send 1 of 2 requests, then wait")
    expect(page.get_by_text("changes live records", exact=False).first).to_be_visible()
    expect(lacking).to_have_text("To send: type 4, give a note or ticket.")
    page.get_by_label("to confirm").fill("3")
    expect(send).to_be_disabled()
    page.get_by_label("to confirm").fill("4")
    expect(lacking).to_have_text("To send: give a note or ticket.")
    page.get_by_label("Note for the history").fill("OPS-7")
    expect(lacking).to_have_text("")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*/")
    run = Run.objects.get()
    assert run.gate == 1 and run.plan.note == "OPS-7"


def test_the_first_row_alone_is_planned_again_and_drawn_before_the_line(
    page: Page, sign_in: SignIn, buzz: Live, lead: User
):
    plan = plan_of(buzz, lead)
    sign_in(page, "lead")
    page.goto(f"/plans/{plan.pk}/")
    expect(page.locator(".plan-requests .request")).to_have_count(1)
    page.get_by_label("Note for the history").fill("kept")
    page.get_by_label("First send").check()
    expect(page.locator("#send-button")).to_be_hidden()
    expect(page.locator("#revise-button")).to_have_text("Plan again, sending 1 record first")
    page.get_by_label("Records to send first").fill("2")
    page.keyboard.press("Tab")
    expect(page.locator("#revise-button")).to_have_text("Plan again, sending 2 records first")
    page.locator("#revise-button").click()
    expect(page.locator("#send-button")).to_have_text("Send 1 of 2 requests, then wait")
    expect(page.get_by_label("Note for the history")).to_have_value("kept")
    line = page.locator(".plan-waits")
    expect(line).to_contain_text("reads them back and waits for you; 2 records follow")
    assert line.evaluate(
        "each => each.previousElementSibling.matches('.request') && each.nextElementSibling.matches('.request')"
    )
    page.get_by_label("First send").uncheck()
    expect(page.locator("#revise-button")).to_have_text("Plan again, sending all in one go")
    page.get_by_role("button", name="As it was").click()
    expect(page.locator("#send-button")).to_be_visible()
    assert Plan.objects.count() == 2


def test_the_button_says_when_it_is_sent_and_undone(page: Page, sign_in: SignIn, buzz: Live, lead: User):
    plan = plan_of(buzz, lead)
    sign_in(page, "lead")
    page.goto(f"/plans/{plan.pk}/")
    tomorrow = timezone.localdate() + timedelta(days=1)
    page.get_by_role("button", name="When: Now").click()
    page.get_by_label("At", exact=True).check()
    expect(page.locator("#lacking")).to_have_text("To send: say when to send.")
    page.get_by_label("Send at").fill(f"{tomorrow}T14:05")
    expect(page.locator("#send-button")).to_have_text("Send 1 request at 14:05 UTC tomorrow")
    page.get_by_label("Undo by itself at").fill(f"{tomorrow}T14:05")
    expect(page.locator("#lacking")).to_contain_text("after the sending")
    page.get_by_label("Undo by itself at").fill(f"{tomorrow}T18:00")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="When: Scheduled, then undone")).to_be_visible()
    expect(page.locator("#send-button")).to_have_text(
        "Send 1 request at 14:05 UTC tomorrow, undone at 18:00 UTC tomorrow"
    )
    page.locator("#send-button").click()
    page.wait_for_url("**/runs/*/")
    run = Run.objects.get()
    assert f"{run.due_at:%Y-%m-%dT%H:%M}" == f"{tomorrow}T14:05" and f"{run.revert_at:%H:%M}" == "18:00"
    assert run.scheduled and not buzz.seen("PATCH")


def test_a_plan_is_practised_and_its_outcome_stays_beside_it(page: Page, sign_in: SignIn, buzz: Live, lead: User):
    one, two = ids_of(buzz, "campaigns", 2)
    plan = planned(buzz.open(lead, "campaigns"), buzz, {one: {"notes": "n"}, two: {"name": "x" * 250}})
    sign_in(page, "lead")
    page.goto(f"/plans/{plan.pk}/")
    page.get_by_role("button", name="Practise on 2 records").click()
    expect(page.locator("#practice")).to_contain_text("It waits for a worker.")
    worker = threading.Thread(target=lambda: (practice.practise_once(), connection.close()))
    worker.start()
    expect(page.locator("#practice")).to_contain_text("1 of 2 rows would be refused")
    worker.join()
    expect(page.locator("#practice")).to_contain_text("Name: Ensure this field has no more than 191 characters.")
    page.reload()
    expect(page.locator("#practice .outcome.rejected")).to_have_text("1 rejected")
    assert not buzz.seen("PATCH")


@schemes
def test_the_plan_is_accessible_with_all_there_is_to_decide(
    page: Page, sign_in: SignIn, buzz: Live, lead: User, production, axe: Axe
):
    opened = buzz.open(lead, "campaigns")
    run = plans.approve(opened, plan_of(buzz, lead, 2))
    held = [Held("9", "Spring", "Somebody changed Notes since.")]
    plan = plan_of(buzz, lead, 20, undoes=run, held=held)
    practice.start(opened, plan)
    assert practice.practise_once()
    sign_in(page, "lead")
    page.goto(f"/plans/{plan.pk}/")
    page.get_by_text("1 record is not in this plan").click()
    page.locator(".plan-requests .request > summary").last.click()
    page.get_by_text("The whole address").last.click()
    expect(page.locator(".forecast")).to_contain_text("calls")
    axe(page)
    page.get_by_role("button", name="When: Now").click()
    axe(page)


@schemes
def test_while_writing_is_stopped_the_pages_are_accessible(
    page: Page, sign_in: SignIn, buzz: Live, lead: User, admin_user: User, axe: Axe
):
    plan = plan_of(buzz, lead)
    switch.stop(admin_user, buzz.open(lead, "campaigns").connection, "Billing moves, ask Ana")
    sign_in(page, "admin")
    for address in (f"/plans/{plan.pk}/", f"/c/{buzz.connection}/"):
        page.goto(address)
        expect(page.get_by_text("Billing moves, ask Ana").first).to_be_visible()
        axe(page)
    page.get_by_role("button", name=re.compile("Allow writing")).click()
    expect(page.get_by_role("button", name="Stop all writing to Buzz (Test)")).to_be_visible()
    axe(page)


def test_nothing_is_cut_off_at_1024_pixels(page: Page, sign_in: SignIn, buzz: Live, lead: User, production):
    page.set_viewport_size({"width": 1024, "height": 768})
    plan = plan_of(buzz, lead)
    sign_in(page, "lead")
    page.goto(f"/plans/{plan.pk}/?when=at&due_at=2999-01-01T10:00&revert=on&revert_at=2999-12-31T10:00")
    expect(page.locator("#send-button")).to_contain_text("undone at 10:00 UTC on 31 Dec 2999")
    for part in ("#content", "#status", ".send-form"):
        assert page.locator(part).evaluate("each => each.scrollWidth <= each.clientWidth"), part
