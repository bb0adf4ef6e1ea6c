"""The evidence of a run on screen and on paper, and who changed a field last, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from adminui.runs.models import Run
from tests.conftest import Live
from tests.web.happenings import change, happened, some

Axe = Callable[[Page], None]
SignIn = Callable[[Page, str], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
pytestmark = pytest.mark.django_db(transaction=True)
CUT = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def run(buzz: Live, lead: User) -> Run:
    opened = buzz.open(lead, "line-items")
    records = some(opened, 6)
    names = ["", "حملة الربيع " * 12, "word" * 45, "Fourth", "Fifth", "Sixth"]
    rows = [change(opened, r, name=name, notes="Seen " * 40) for r, name in zip(records, names, strict=True)]
    buzz.api.change("line-items", records[3]["id"], {"name": "Renamed by a colleague"})
    made = happened(opened, rows, note="Ticket 4471")
    Run.objects.filter(pk=made.pk).update(told=True)
    return made


@schemes
def test_the_page_is_accessible_and_nothing_of_it_is_cut_off(page: Page, sign_in: SignIn, axe: Axe, run: Run):
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/evidence/")
    expect(page.get_by_role("heading", name="Sign-off")).to_be_visible()
    axe(page)
    for width in (1440, 1024, 420):
        page.set_viewport_size({"width": width, "height": 800})
        assert not page.evaluate(CUT), width


def test_on_paper_it_is_black_on_white_with_every_column_and_no_links_to_click(page: Page, sign_in: SignIn, run: Run):
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/evidence/")
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 688, "height": 970})  # what A4 leaves between the margins
    expect(page.locator(".tools")).to_be_hidden()
    assert not page.evaluate(CUT)
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(23, 29, 43)"
    assert page.evaluate("getComputedStyle(document.querySelector('.rows thead')).display") == "table-header-group"
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") > 1


def test_the_pack_is_downloaded_from_the_page(page: Page, sign_in: SignIn, run: Run):
    sign_in(page, "lead")
    page.goto(f"/runs/{run.pk}/evidence/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the evidence pack").click()
    assert download.value.suggested_filename == f"run-{run.pk}-evidence.zip"


@schemes
def test_who_changed_a_field_last_is_found_by_keyboard(
    page: Page, sign_in: SignIn, axe: Axe, buzz: Live, lead: User, run: Run
):
    done = run.items.filter(outcome="done").first()
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0] if done is None else {"id": int(done.record_id)}
    if done is None:
        happened(opened, [change(opened, some(opened, 1)[0], name="By hand")], note="Ticket 4471")
        Run.objects.update(told=True)
    sign_in(page, "lead")
    page.goto(f"/c/buzz-test/line-items/records/{record['id']}/")
    mark = page.locator(".blame summary").first
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".blame[open]")).to_contain_text("by lead, just now, run")
    expect(page.locator(".blame[open]")).to_contain_text("Ticket 4471")
    axe(page)


@schemes
def test_a_search_by_field_and_value_shows_the_rows_that_fit(page: Page, sign_in: SignIn, axe: Axe, run: Run):
    sign_in(page, "lead")
    page.goto("/history/")
    page.get_by_text("Field, value, time").click()
    page.get_by_label("Field", exact=True).fill("Notes")
    page.get_by_label("Value, before or after").fill("seen")
    page.get_by_label("Value, before or after").press("Enter")
    expect(page.get_by_text("6 rows fit")).to_be_visible()
    axe(page)
    page.reload()
    expect(page.get_by_label("Value, before or after")).to_have_value("seen")
    expect(page.get_by_text("6 rows fit")).to_be_visible()
