"""The record page in a real browser: typing, telling, sending, clashing, failing, leaving."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from adminui.sandbox.faults import Fault
from tests.conftest import SANDBOX_BUZZ, Live

CAMPAIGN = 1
SeesNothingWrong = Callable[[Page], None]


@pytest.fixture
def enter(context: BrowserContext, live_server: Any, client_as: Callable[[str], Client]) -> Callable[[str], None]:
    """Signed in by the cookie alone; the form for it has tests of its own."""

    def as_role(role: str) -> None:
        cookie = client_as(role).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    return as_role


@pytest.fixture
def campaign(buzz: Live, page: Page, enter: Callable[[str], None]) -> Page:
    """A campaign's page, open, with known values."""
    buzz.api.change(
        "campaigns", CAMPAIGN, {"name": "Spring", "notes": "old", "max_bid": "19.50", "alternative_id": None}
    )
    enter("editor")
    page.goto(f"/c/buzz-test/campaigns/records/{CAMPAIGN}/")
    return page


def field(page: Page, name: str) -> Locator:
    return page.locator(f'[data-field="{name}"]')


def control(page: Page, name: str) -> Locator:
    return field(page, name).locator("[data-control]")


def button(page: Page) -> Locator:
    return page.locator("#save")


def stored(api: Live, resource: str = "campaigns", record_id: int = CAMPAIGN) -> dict[str, Any]:
    return next(r for r in api.api.dump(resource) if r["id"] == record_id)


def writes(api: Live) -> list[Any]:
    return [entry for entry in api.seen() if entry["method"] in ("PUT", "PATCH")]


def send(page: Page, words: str) -> None:
    """Press the button once it says exactly this."""
    expect(button(page)).to_have_text(words)
    button(page).click()


def test_a_change_is_marked_told_sent_and_the_page_goes_on(buzz: Live, campaign: Page) -> None:
    expect(button(campaign)).to_be_disabled()
    control(campaign, "max_bid").fill("21.75")
    expect(field(campaign, "max_bid")).to_have_class("field is-pending")
    expect(field(campaign, "max_bid").locator("[data-old]")).to_have_text("was 19.50")
    expect(campaign.locator("#preview")).to_contain_text("1 of 25 fields")
    campaign.get_by_role("tab", name="Request").click()
    expect(campaign.locator("#preview pre")).to_contain_text('"max_bid": "21.75"')
    send(campaign, "Change 1 field of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("Saved: 1 field changed")
    expect(button(campaign)).to_have_text("Nothing to send")
    expect(control(campaign, "max_bid")).to_have_value("21.75")
    control(campaign, "notes").fill("second")
    send(campaign, "Change 1 field of this campaign")
    expect(button(campaign)).to_have_text("Nothing to send")
    assert [w["body"] for w in writes(buzz)] == [{"max_bid": "21.75"}, {"notes": "second"}]


def test_typing_the_old_value_back_or_reverting_leaves_nothing_to_send(buzz: Live, campaign: Page) -> None:
    control(campaign, "name").fill("Autumn")
    expect(button(campaign)).to_be_enabled()
    control(campaign, "name").fill("Spring")
    expect(field(campaign, "name")).to_have_class("field")
    expect(button(campaign)).to_have_text("Nothing to send")
    control(campaign, "active").select_option(
        "true" if control(campaign, "active").input_value() == "false" else "false"
    )
    field(campaign, "active").get_by_role("button", name="Revert Active").click()
    expect(button(campaign)).to_be_disabled()
    expect(campaign.locator("[data-status-changed]")).to_have_text("No field changed")


def test_null_empty_text_and_untouched_are_told_apart_by_hand(buzz: Live, campaign: Page) -> None:
    null = field(campaign, "alternative_id").locator("[data-set-null]")
    expect(null).to_have_attribute("aria-pressed", "true")
    control(campaign, "alternative_id").fill("x")
    control(campaign, "alternative_id").fill("")
    expect(button(campaign)).to_have_text("Nothing to send")
    null.click()
    expect(control(campaign, "alternative_id")).to_have_attribute("placeholder", "empty")
    field(campaign, "notes").locator("[data-set-null]").click()
    send(campaign, "Change 2 fields of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("Saved")
    assert writes(buzz)[0]["body"] == {"alternative_id": "", "notes": None}


def test_a_reference_is_found_by_name_with_the_keyboard(buzz: Live, campaign: Page) -> None:
    other = next(a for a in buzz.api.dump("advertisers") if a["id"] == 7)
    box = control(campaign, "advertiser_id")
    box.fill("7")
    expect(field(campaign, "advertiser_id").get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    assert box.input_value() == f"{other['name']} · 7"
    campaign.get_by_role("tab", name="Request").click()
    expect(campaign.locator("#preview pre")).to_contain_text('"advertiser_id": 7')


def test_a_clash_is_asked_in_its_field_and_decided_there(
    buzz: Live, campaign: Page, expected_console: list[str]
) -> None:
    expected_console.append("409")
    control(campaign, "name").fill("Mine")
    control(campaign, "max_bid").fill("1.00")
    expect(button(campaign)).to_be_enabled()
    buzz.api.change("campaigns", CAMPAIGN, {"name": "Theirs", "notes": "their note", "max_bid": "2.00"})
    button(campaign).click()
    expect(button(campaign)).to_have_text("Decide 2 clashes first")
    expect(campaign.locator("#ended")).to_contain_text("that is kept")
    for words in ("Spring", "Theirs", "Mine"):
        expect(field(campaign, "name").locator("[data-clash]")).to_contain_text(words)
    field(campaign, "name").get_by_label("Theirs").check()
    expect(control(campaign, "name")).to_have_value("Theirs")
    field(campaign, "name").get_by_label("Mine").check()
    expect(control(campaign, "name")).to_have_value("Mine")
    control(campaign, "max_bid").fill("3.00")
    send(campaign, "Change 2 fields of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("Saved")
    now = stored(buzz)
    assert (now["name"], now["max_bid"], now["notes"]) == ("Mine", "3.00", "their note")


def test_nested_values_are_edited_by_member_and_as_text_in_step(buzz: Live, campaign: Page) -> None:
    value = {"id_type": "STANDARD", "limits": [{"duration": 3600, "impressions": 1}]}
    buzz.api.change("campaigns", CAMPAIGN, {"frequency_caps": value})
    campaign.reload()
    field(campaign, "frequency_caps").locator("[data-nested-open]").click()
    dialog = campaign.locator("#nested")
    dialog.get_by_role("button", name="Add an entry").click()
    for label, number in (("Duration", "86400"), ("Impressions", "7")):
        dialog.get_by_label(f"{label}: type").nth(1).select_option("number")
        dialog.get_by_label(label, exact=True).nth(1).fill(number)
    dialog.get_by_role("button", name="Move entry 2 up").click()
    dialog.get_by_role("tab", name="JSON").click()
    text = dialog.get_by_label("The value as JSON")
    assert json.loads(text.input_value())["limits"][0] == {"duration": 86400, "impressions": 7}
    text.fill(text.input_value().replace("86400", "43200"))
    dialog.get_by_role("tab", name="Members").click()
    expect(dialog.get_by_label("Duration", exact=True).first).to_have_value("43200")
    campaign.keyboard.press("Escape")
    send(campaign, "Change 1 field of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("Saved")
    assert stored(buzz)["frequency_caps"]["limits"][0] == {"duration": 43200, "impressions": 7}


def test_text_that_is_not_json_is_said_at_once_and_never_sent(buzz: Live, campaign: Page) -> None:
    control(campaign, "spend_budget").fill('{"daily": 1,}')
    expect(field(campaign, "spend_budget").locator("[data-error]")).to_contain_text("line 1, column 13")
    expect(button(campaign)).to_have_text("Correct 1 field first")
    expect(button(campaign)).to_be_disabled()


def test_a_full_replace_is_a_switch_with_its_cost_and_ends_after_the_save(buzz: Live, campaign: Page) -> None:
    control(campaign, "notes").fill("whole")
    campaign.locator("[data-how][value=put]").check()
    expect(campaign.locator("#preview")).to_contain_text("you asked for a full replace")
    send(campaign, "Replace this campaign whole, 1 field changed")
    expect(campaign.locator("#ended")).to_contain_text("Saved")
    assert writes(buzz)[0]["method"] == "PUT"
    expect(campaign.locator("[data-how][value=patch]")).to_be_checked()


def test_only_the_newest_telling_counts(buzz: Live, campaign: Page) -> None:
    held: list[Route] = []
    campaign.route("**/preview", lambda route: held.append(route) if not held else route.continue_())
    control(campaign, "notes").fill("first")
    campaign.wait_for_timeout(400)
    assert len(held) == 1
    expect(button(campaign)).to_be_disabled()
    control(campaign, "notes").fill("second")
    expect(campaign.locator("#preview .after")).to_have_text("second")
    expect(button(campaign)).to_be_enabled()


def test_an_answer_lost_on_the_way_to_the_browser_is_unknown_and_pressing_again_writes_once(
    buzz: Live, campaign: Page, expected_console: list[str]
) -> None:
    expected_console.append("ERR_FAILED")
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    campaign.route("**/save", lose)
    control(campaign, "notes").fill("once")
    send(campaign, "Change 1 field of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("not known whether")
    expect(control(campaign, "notes")).to_have_value("once")
    send(campaign, "Change 1 field of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("Saved")
    expect(button(campaign)).to_have_text("Nothing to send")
    assert lost == [200] and len(writes(buzz)) == 1


def test_a_double_click_is_one_write(buzz: Live, campaign: Page) -> None:
    buzz.running.faults.add(Fault("slow", method="PATCH", seconds=0.3))
    control(campaign, "notes").fill("twice")
    expect(button(campaign)).to_be_enabled()
    button(campaign).dblclick()
    expect(campaign.locator("#ended")).to_contain_text("Saved")
    assert len(writes(buzz)) == 1


def test_words_of_the_api_stay_on_the_field_until_it_is_changed(buzz: Live, campaign: Page) -> None:
    control(campaign, "frequency_caps").fill('{"limits": [{}]}')
    send(campaign, "Change 1 field of this campaign")
    trouble = field(campaign, "frequency_caps").locator("[data-error]")
    expect(trouble).to_contain_text("This field is required")
    expect(control(campaign, "frequency_caps")).to_be_focused()
    campaign.wait_for_timeout(500)
    expect(trouble).to_be_visible()
    control(campaign, "frequency_caps").fill('{"limits": []}')
    expect(trouble).to_be_hidden()


def test_a_session_that_ended_keeps_what_was_typed_and_goes_on_after_signing_in_elsewhere(
    buzz: Live, campaign: Page, context: BrowserContext, sign_in: Any, expected_console: list[str]
) -> None:
    expected_console.append("401")
    control(campaign, "notes").fill("kept")
    expect(button(campaign)).to_be_enabled()
    context.clear_cookies(name="sessionid")
    button(campaign).click()
    expect(campaign.locator("#ended")).to_contain_text("You are signed out")
    other = context.new_page()
    sign_in(other, "editor")
    expect(control(campaign, "notes")).to_have_value("kept")
    campaign.get_by_role("button", name="Work it out again").click()
    send(campaign, "Change 1 field of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("Saved")


def test_reading_again_keeps_the_edits_and_says_what_moved_under_them(buzz: Live, campaign: Page) -> None:
    control(campaign, "notes").fill("mine")
    buzz.api.change("campaigns", CAMPAIGN, {"notes": "theirs", "name": "Renamed"})
    campaign.get_by_role("button", name="Read again").click()
    expect(campaign.locator("h1")).to_have_text("Renamed")
    expect(control(campaign, "notes")).to_have_value("mine")
    expect(campaign.locator("#ended")).to_contain_text("changed fields you are editing")
    expect(field(campaign, "notes").locator("[data-old]")).to_have_text("was theirs")


def test_leaving_with_changes_asks_first_and_what_was_typed_comes_back(campaign: Page) -> None:
    control(campaign, "notes").press("End")
    control(campaign, "notes").press_sequentially(" and new")
    asked: list[str] = []
    campaign.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    campaign.reload()
    assert asked == ["beforeunload"]
    expect(control(campaign, "notes")).to_have_value("old and new")
    expect(campaign.locator("#ended")).to_contain_text("What you typed before you left is back")
    field(campaign, "notes").locator("[data-revert]").click()
    campaign.reload()
    assert asked == ["beforeunload"]
    expect(control(campaign, "notes")).to_have_value("old")


def test_control_s_saves_what_the_button_says_and_enter_does_not(buzz: Live, campaign: Page) -> None:
    control(campaign, "name").fill("Keys")
    expect(button(campaign)).to_be_enabled()
    control(campaign, "name").press("Enter")
    campaign.wait_for_timeout(300)
    assert not writes(buzz)
    control(campaign, "name").press("Control+s")
    expect(campaign.locator("#ended")).to_contain_text("Saved")


def test_fields_are_found_by_name_and_the_list_walks_on(campaign: Page) -> None:
    campaign.locator("[data-find-field]").fill("max bid")
    expect(control(campaign, "max_bid")).to_be_visible()
    expect(control(campaign, "notes")).to_be_hidden()
    campaign.evaluate("sessionStorage.setItem('walk:/c/buzz-test/campaigns/', '[3, 1, 2]')")
    campaign.reload()
    campaign.locator("h1").click()
    campaign.keyboard.press("Alt+ArrowRight")
    campaign.wait_for_url("**/records/2/")


def test_a_dependent_picklist_follows_its_parent(autotask: Live, page: Page, enter: Any) -> None:
    enter("editor")
    ticket = autotask.api.dump("Tickets")[0]["id"]
    page.goto(f"/c/autotask-test/Tickets/records/{ticket}/")
    offered = """(name) => [...document.querySelectorAll(`[data-field="${name}"] option[data-parent]`)]
        .filter((each) => !each.disabled && !each.selected).map((each) => each.dataset.parent)"""
    parents = (
        control(page, "issueType").locator("option:not([data-null])").evaluate_all("all => all.map((o) => o.value)")
    )
    for parent in parents:
        control(page, "issueType").select_option(parent)
        assert set(page.evaluate(offered, "subIssueType")) <= {parent}


def test_what_is_sent_is_told_to_the_second_and_by_id(buzz: Live, campaign: Page) -> None:
    twin = next(a for a in buzz.api.dump("advertisers") if a["id"] == 7)
    buzz.api.change("advertisers", 8, {"name": twin["name"]})
    buzz.api.change("campaigns", CAMPAIGN, {"advertiser_id": 8, "end_date": "2031-05-06 23:59:00"})
    campaign.reload()
    control(campaign, "end_date").fill("2031-05-06 23:59:59")
    control(campaign, "advertiser_id").fill("7")
    expect(button(campaign)).to_have_text("Change 2 fields of this campaign")
    told = campaign.locator("#preview .diff")
    expect(told).to_contain_text("2031-05-06 23:59:59")
    for number in ("7", "8"):
        expect(told).to_contain_text(f"{twin['name']} · {number}")


def test_a_refusal_of_one_field_is_said_beside_the_button_too(buzz: Live, campaign: Page) -> None:
    control(campaign, "frequency_caps").fill('{"limits": [{}]}')
    send(campaign, "Change 1 field of this campaign")
    expect(campaign.locator("#ended")).to_contain_text("Frequency caps: ")


def test_the_last_outcome_makes_room_for_the_next_change(buzz: Live, campaign: Page) -> None:
    control(campaign, "notes").fill("one")
    send(campaign, "Change 1 field of this campaign")
    expect(campaign.locator("#ended details[open]")).to_have_count(1)
    control(campaign, "notes").fill("two")
    expect(campaign.locator("#ended details[open]")).to_have_count(0)
    expect(campaign.locator("#ended")).to_contain_text("Saved")


def test_the_walk_ends_at_the_end_of_the_list_instead_of_leaving_it(campaign: Page) -> None:
    campaign.evaluate("sessionStorage.setItem('walk:/c/buzz-test/campaigns/', '[1, 2]')")
    campaign.reload()
    campaign.locator("h1").click()
    swallowed = """() => !document.body.dispatchEvent(
        new KeyboardEvent("keydown", {key: "ArrowLeft", altKey: true, bubbles: true, cancelable: true}))"""
    assert campaign.evaluate(swallowed)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_on_the_page_is_out_of_reach(buzz: Live, campaign: Page, axe: SeesNothingWrong) -> None:
    control(campaign, "max_bid").fill("not a number")
    control(campaign, "notes").fill("x" * 300)
    expect(button(campaign)).to_have_text("Correct 2 fields first")
    axe(campaign)
    field(campaign, "spend_budget").locator("[data-nested-open]").click()
    axe(campaign)


def test_a_production_record_at_a_narrow_window_shows_what_the_button_does(
    buzz: Live, configure: Callable[[str], None], page: Page, enter: Any, axe: SeesNothingWrong
) -> None:
    live = SANDBOX_BUZZ.format(url=buzz.running.url).replace("buzz-test", "buzz-live")
    configure(live.replace('"sandbox"', '"production"'))
    page.set_viewport_size({"width": 1024, "height": 768})
    enter("editor")
    page.goto(f"/c/buzz-live/campaigns/records/{CAMPAIGN}/")
    control(page, "notes").fill("live")
    expect(button(page)).to_have_text("Change 1 field of this live campaign")
    expect(button(page)).to_be_in_viewport(ratio=1)
    axe(page)


def test_a_viewer_sees_a_page_without_a_form(buzz: Live, page: Page, enter: Any, axe: SeesNothingWrong) -> None:
    enter("viewer")
    page.goto(f"/c/buzz-test/campaigns/records/{CAMPAIGN}/")
    expect(page.get_by_text("For reading only")).to_be_visible()
    assert page.locator("form#record, #save, textarea").count() == 0
    axe(page)
