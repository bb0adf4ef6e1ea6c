"""Quality rules in a real browser: written with what they come to, led to, mended, counted anew; and comparing."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from adminui.records.cleaning.quality import Rule
from adminui.records.queries import Group
from adminui.services import edits, reading
from adminui.services.bench import quality
from adminui.worksheets.models import RuleCount, Worksheet
from tests.browser.conftest import Scheme
from tests.browser.sheet_page import arrive, cell, saved, sign_in_as, type_into
from tests.conftest import Live
from tests.services.drafts import edits_of
from tests.two_places import Two, two_places

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], None]
BROKEN = 3


@pytest.fixture
def sheet(autotask: Live, lead: Any) -> Iterator[Worksheet]:
    """All companies, of which three have no city and all others Bonn."""
    for at, record in enumerate(autotask.api.dump("Companies")):
        autotask.api.change("Companies", record["id"], {"city": "" if at < BROKEN else "Bonn"})
    yield reading.open_matching(autotask.open(lead, "Companies"), Group(), ["companyType", "phone", "city"])


@pytest.fixture
def lead_page(page: Page, live_server: Any, client_as: Callable[[str], Client]) -> Page:
    sign_in_as(page, client_as("lead"), live_server)
    return page


@pytest.fixture
def two(configure: Callable[[str], None]) -> Iterator[Two]:
    with two_places(configure) as running:
        yield running


def open_rules(page: Page) -> None:
    page.locator("#clean-up").click()
    page.locator("#clean-menu [data-panel=quality]").click()
    expect(page.locator("#bench-quality")).to_have_attribute("aria-busy", "false")


def test_a_rule_is_written_leads_to_its_rows_and_its_count_falls(sheet: Worksheet, lead_page: Page, axe: Axe):
    page = lead_page
    arrive(page, sheet)
    open_rules(page)
    expect(page.locator("#quality-sentence")).to_have_text("No rules yet")
    page.locator("#quality-new").click()
    page.locator("#quality-form [name=field]").select_option("city")
    page.locator("#quality-form [name=kind]").select_option("required")
    expect(page.locator("#quality-try")).to_have_text(f"{BROKEN} of {sheet.rows} rows break it now.")
    expect(page.locator("#quality-examples li")).to_have_count(BROKEN)
    expect(page.locator("#quality-form [name=name]")).to_have_value("City is filled")
    axe(page)
    page.keyboard.press("Tab")
    page.locator("#quality-form [name=name]").press("Enter")
    expect(page.locator("#quality-sentence")).to_have_text(f"1 rule, {BROKEN} of {sheet.rows} rows broken")
    expect(page.locator(".quality-jump")).to_be_focused()

    page.locator(".quality-jump").press("Enter")
    expect(page.locator("#rows-shown")).to_have_text(f"{BROKEN} of {sheet.rows} rows")
    axe(page)
    for at in range(2):
        type_into(page, at, "city", "Köln")
    saved(page)
    expect(page.locator("#quality-sentence")).to_have_text(f"1 rule, 1 of {sheet.rows} rows broken")
    expect(page.locator(".quality-words")).to_have_text("2 mended here, not sent yet")
    assert [count.hits for count in RuleCount.objects.all()] == [BROKEN], "what is not sent mends nothing yet"


def test_a_refused_rule_keeps_what_was_written(sheet: Worksheet, lead_page: Page, expected_console: list[str]):
    page = lead_page
    expected_console.append("422")
    opened = Worksheet.objects.get(pk=sheet.pk)
    arrive(page, opened)
    open_rules(page)
    page.locator("#quality-new").click()
    page.locator("#quality-form [name=field]").select_option("phone")
    page.locator("#quality-form [name=kind]").select_option("format")
    page.locator("#quality-params [data-param=as]").select_option("regex")
    page.locator("#quality-params [data-param=pattern]").fill("(")
    expect(page.locator("#quality-save")).to_have_attribute("aria-disabled", "true")
    page.locator("#quality-params [data-param=pattern]").fill("\\d+")
    expect(page.locator("#quality-try")).to_contain_text("rows break it now")
    page.locator("#quality-form [name=name]").fill("x" * 100)
    page.locator("#quality-form [name=name]").evaluate("box => { box.removeAttribute('maxlength'); box.value += 'y' }")
    page.locator("#quality-save").click()
    expect(page.locator("#quality-problem")).to_contain_text("The rule was not saved. A rule's name takes 100")
    expect(page.locator("#quality-params [data-param=pattern]")).to_have_value("\\d+")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_address_with_a_rule_opens_on_its_rows_and_boards_are_accessible(
    autotask: Live, lead: Any, sheet: Worksheet, lead_page: Page, axe: Axe, scheme: Scheme
):
    page, opened = lead_page, autotask.open(lead, "Companies")
    kept = quality.save(opened, "City", Rule("required", "city"))
    quality.remember(sheet, quality.counts(opened, sheet))
    RuleCount.objects.create(rule=kept.rule, rows=sheet.rows, hits=1, whole=True, worksheet=sheet.pk)
    page.goto("/")
    axe(page)
    page.get_by_role("link", name="City", exact=True).click()
    expect(page.locator("#rows-shown")).to_have_text(f"{BROKEN} of {sheet.rows} rows")
    expect(page.locator("#quality-fact")).to_have_text(f"{BROKEN} rows break rules")
    axe(page)
    page.goto("/c/autotask-test/Companies/quality/")
    expect(page.locator("svg.trend")).to_be_visible()
    page.locator("summary").click()
    axe(page)
    page.goto("/quality/")
    axe(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fields_are_copied_from_practice_to_production_as_pending_edits(
    two: Two, lead_page: Page, axe: Axe, scheme: Scheme
):
    page, record = lead_page, int(two.practice.api.dump("campaigns")[0]["id"])
    two.practice.api.change("campaigns", record, {"notes": "Of practice", "max_bid": "3.50"})
    page.goto(f"/c/buzz-test/campaigns/records/{record}/")
    page.get_by_role("link", name="Compare…").click()
    axe(page)
    page.get_by_role("button", name="Read both and compare").click()
    button = page.locator("[data-copy-button=right]")
    expect(button).to_contain_text("Copy 2 fields into")
    expect(button).to_contain_text("of Buzz (Live)")
    axe(page)
    page.get_by_label("Copy Notes to the left").check(force=True)
    expect(page.get_by_label("Copy Notes to the right")).not_to_be_checked()
    expect(page.locator("[data-copy-button=left]")).to_contain_text("Copy 1 field into")
    page.locator("[data-all=right]").click()
    expect(button).to_contain_text("Copy 2 fields into")
    button.click()
    page.wait_for_url("**/worksheets/*/")
    sheet = Worksheet.objects.get()
    assert edits_of(sheet) == {(0, "notes"): "Of practice", (0, "max_bid"): "3.50"}
    assert not two.production.seen("PUT") and not two.production.seen("PATCH")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_many_records_are_compared_and_copied_in_one_step(
    two: Two, lead: Any, lead_page: Page, axe: Axe, scheme: Scheme
):
    page, opened = lead_page, two.production.open(lead, "campaigns")
    records = two.production.api.dump("campaigns")[:10]
    for record in records[:4]:
        two.practice.api.change("campaigns", record["id"], {"notes": f"Note {record['id']}"})
    sheet = reading.open_ids(opened, [record["id"] for record in records], ["notes"])
    arrive(page, sheet)
    page.locator("#clean-up").click()
    page.get_by_role("link", name="Compare with…").click()
    axe(page)
    page.get_by_role("button", name="Compare 10 rows").click()
    page.locator("select[name=key]").select_option("id")
    page.get_by_role("button", name="Compare again").click()
    expect(page.locator(".compare-matched")).to_contain_text("10 of 10 rows matched by ID")
    expect(page.locator("#copy-button")).to_have_text("Copy 1 field in 4 records")
    axe(page)
    page.locator("#copy-button").click()
    expect(cell(page, 0, "notes")).to_contain_text(f"Note {records[0]['id']}")
    assert len(edits_of(sheet)) == 4
    edits.undo(opened, sheet, uuid4())
    assert edits_of(sheet) == {}


def test_who_may_only_look_sees_the_rules_and_their_rows(
    autotask: Live, lead: Any, viewer: Any, sheet: Worksheet, page: Page, live_server: Any, client_as: Any
):
    quality.save(autotask.open(lead, "Companies"), "City", Rule("required", "city"))
    Worksheet.objects.update(sharing=Worksheet.Sharing.VIEW)
    sign_in_as(page, client_as("viewer"), live_server)
    arrive(page, sheet)
    open_rules(page)
    page.locator(".quality-jump").click()
    expect(page.locator("#rows-shown")).to_have_text(f"{BROKEN} of {sheet.rows} rows")
    page.locator(".quality-jump").click()
    expect(page.locator("#rows-shown")).to_have_text(f"{sheet.rows} rows")
    assert page.locator("#quality-new, .quality-tools, #quality-form").count() == 0
