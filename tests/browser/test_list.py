"""The list in a real browser: by keyboard, in both themes, and what must survive turning a page."""

import re

import pytest
from playwright.sync_api import Page, expect

CAMPAIGNS = "/c/buzz-test/campaigns/"
COMPANIES = "/c/autotask-test/Companies/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listed(page: Page, sign_in, buzz) -> Page:
    sign_in(page, "lead")
    page.goto(f"{CAMPAIGNS}?size=50")
    return page


def ticks(page: Page):
    return page.locator("#records tbody td:first-child input")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_its_menus_and_dialogs_are_accessible(listed, axe):
    ticks(listed).first.check()
    listed.click("[popovertarget=columns]")
    listed.locator("[data-column-list] li").first.wait_for()
    axe(listed)
    listed.keyboard.press("Escape")
    listed.click("[data-filter-open]")
    listed.locator(".filter-row").first.wait_for()
    axe(listed)


def test_ticks_survive_paging_filtering_and_sorting(listed):
    ticks(listed).nth(1).click()
    ticks(listed).nth(4).click(modifiers=["Shift"])
    listed.click("a[aria-label='Next page']")
    expect(listed).to_have_url(re.compile("page=2"))
    expect(listed.locator("#selection")).to_contain_text("4 Campaigns selected, 4 not on this page")
    listed.click("th[data-name=name] button")
    expect(listed.locator("[data-sorted]")).to_contain_text("Sorted by Name within this page only")
    ticks(listed).first.check()
    listed.fill("#find", "a")
    listed.press("#find", "Enter")
    expect(listed).to_have_url(re.compile("find=a"))
    expect(listed.locator("#status")).to_contain_text("5 selected")
    expect(listed.locator("[data-edit-form] button")).to_have_text("Edit 5 Campaigns")


def test_back_shows_the_page_before(listed):
    first = listed.locator("#records tbody tr").first.inner_text()
    listed.click("a[aria-label='Next page']")
    expect(listed).to_have_url(re.compile("page=2"))
    expect(listed.locator("#records")).to_be_focused()
    listed.go_back()
    expect(listed.locator("#records tbody tr").first).to_have_text(re.compile(re.escape(first.split("\t")[1])))
    expect(listed.locator("a[aria-label='Next page']")).to_have_attribute("href", re.compile("page=2"))


def test_all_that_match_are_offered_after_the_page_and_go_as_a_filter(listed, buzz):
    total = len(buzz.api.dump("campaigns"))
    listed.check("[data-select-page]")
    expect(listed.locator("#selection")).to_contain_text("50 Campaigns selected")
    listed.click("[data-select-all]")
    expect(listed.locator("[data-edit-form] button")).to_have_text(f"Edit all {total} matching")
    form = listed.locator("[data-edit-form]")
    assert [form.locator(f"[name={n}]").input_value() for n in ("ids", "all")] == ["", "1"]
    ticks(listed).first.uncheck()
    expect(listed.locator("#selection")).to_contain_text("49 Campaigns selected")


def test_a_filter_is_built_changed_and_taken_out_by_keyboard(listed):
    listed.keyboard.press("f")
    row = listed.locator(".filter-row").first
    expect(row.get_by_label("Field")).to_be_focused()
    row.get_by_label("Field").select_option(label="Active")
    row.get_by_label("Value").select_option(label="No")
    row.get_by_label("Value").press("Tab")
    listed.get_by_role("button", name="Show what matches").press("Enter")
    expect(listed.locator(".chip")).to_contain_text("Active is no")
    assert set(listed.locator("#records tbody .is-false").all_inner_texts()) == {"no"}
    expect(listed.locator("#records tbody .is-true")).to_have_count(0)
    listed.get_by_role("link", name="Remove: Active").press("Enter")
    expect(listed.locator(".chip")).to_have_count(0)


def test_a_condition_without_a_value_is_not_sent(listed):
    listed.keyboard.press("f")
    row = listed.locator(".filter-row").first
    row.get_by_label("Field").select_option(label="Name")
    listed.get_by_role("button", name="Show what matches").click()
    expect(listed.get_by_role("alert")).to_contain_text("lacks a value")
    assert "where" not in listed.url


def test_groups_and_references_on_autotask(page, sign_in, autotask):
    sign_in(page, "lead")
    page.goto(COMPANIES)
    page.keyboard.press("f")
    first = page.locator(".filter-row").first
    first.get_by_label("Field").select_option(label="ID")
    first.get_by_label("Operator").select_option(label="is at least")
    first.get_by_label("Value").fill("0")
    page.click("[data-filter-group]")
    inner = page.locator(".filter-group .filter-row").first
    inner.get_by_label("Field").select_option(label="Country ID")
    inner.locator("input").press_sequentially("Germ")
    option = page.locator(".filter-group datalist option").first
    option.wait_for(state="attached")
    inner.locator("input").fill(option.get_attribute("value"))
    page.get_by_role("button", name="Show what matches").click()
    expect(page.locator(".filters")).to_contain_text("Country ID is “Germany”")


def test_the_menu_of_a_cell_filters_by_its_value(listed):
    cell = listed.locator("#records tbody tr").first.locator("td.is-true, td.is-false").first
    said = cell.inner_text()
    cell.click(button="right")
    listed.get_by_role("button", name=f"Show where Active is “{said}”").click()
    expect(listed.locator(".chip")).to_contain_text("Active is")


def test_columns_are_chosen_and_moved_by_keyboard_and_remembered(listed):
    listed.click("[popovertarget=columns]")
    lines = listed.locator("[data-column-list] li")
    lines.first.wait_for()
    second = lines.nth(1).locator(".truncate").inner_text()
    lines.nth(1).locator("input").focus()
    listed.keyboard.press("Alt+ArrowUp")
    expect(lines.first.locator(".truncate")).to_have_text(second)
    listed.get_by_role("button", name=re.compile(r"Show these \d+ columns")).click()
    expect(listed.locator("#records thead th").nth(3)).to_contain_text(second)
    listed.goto(CAMPAIGNS)
    expect(listed.locator("#records thead th").nth(3)).to_contain_text(second)


def test_records_are_walked_ticked_and_opened_by_keys(listed):
    listed.keyboard.press("j")
    listed.keyboard.press("j")
    listed.keyboard.press("x")
    expect(ticks(listed).nth(1)).to_be_checked()
    listed.keyboard.press("/")
    expect(listed.locator("#find")).to_be_focused()
    listed.locator("#records tbody td:nth-child(2) a").nth(1).press("Enter")
    expect(listed).to_have_url(re.compile("/campaigns/records/"))


def test_ticked_records_open_as_a_sheet(listed):
    ticks(listed).nth(0).check()
    ticks(listed).nth(2).check()
    listed.get_by_role("button", name="Edit 2 Campaigns").click()
    expect(listed).to_have_url(re.compile(r"/worksheets/\d+/"))


def test_pasted_ids_open_as_a_list(listed, buzz):
    ids = sorted(r["id"] for r in buzz.api.dump("campaigns"))[:2]
    listed.get_by_role("button", name="Paste ids").click()
    listed.fill("#ids", f"{ids[1]}\n{ids[0]} 999999")
    listed.get_by_role("button", name="Show 3 Campaigns").click()
    expect(listed.get_by_text("1 of the pasted ids does not exist there")).to_be_visible()
    assert listed.locator("#records tbody td:nth-child(2)").all_inner_texts() == [str(ids[1]), str(ids[0])]


def test_an_editor_is_led_to_the_one_record(page, sign_in, buzz):
    sign_in(page, "editor")
    page.goto(CAMPAIGNS)
    ticks(page).first.check()
    expect(page.locator("[data-open-one]")).to_have_attribute("href", re.compile(r"/campaigns/records/\d+/$"))
    ticks(page).nth(1).check()
    expect(page.locator("#status")).to_contain_text("one record at a time")


def test_the_records_are_walked_in_the_order_they_are_shown(listed):
    listed.click("th[data-name=name] button")
    shown = listed.locator("#records tbody td:nth-child(2)").all_inner_texts()
    listed.locator("#records tbody th a").nth(1).click()
    listed.wait_for_url(f"**/records/{shown[1]}/")
    listed.locator("h1").click()
    listed.keyboard.press("Alt+ArrowRight")
    listed.wait_for_url(f"**/records/{shown[2]}/")
    expect(listed.get_by_role("link", name="Previous record of the list")).to_be_visible()


def test_ids_pasted_where_one_searches_are_taken_one_by_one(listed, buzz):
    ids = sorted(r["id"] for r in buzz.api.dump("campaigns"))[:2]
    listed.evaluate("(text) => navigator.clipboard.writeText(text)", f"{ids[0]}\n{ids[1]}\n999999")
    listed.keyboard.press("/")
    listed.keyboard.press("Control+v")
    listed.get_by_role("button", name="Show 3 Campaigns").click()
    expect(listed.locator(".chip")).to_contain_text("2 of 3 pasted ids")


def test_escape_leads_from_the_search_back_to_the_records_and_keeps_the_text(listed):
    listed.keyboard.press("/")
    listed.keyboard.type("abc")
    listed.keyboard.press("Escape")
    expect(listed.locator("#records")).to_be_focused()
    expect(listed.locator("#find")).to_have_value("abc")
    listed.keyboard.press("j")
    expect(listed.locator("#records tbody td:nth-child(2) a").first).to_be_focused()


def test_a_new_condition_starts_with_the_title_and_takes_the_operators_of_its_field(page, sign_in, autotask):
    sign_in(page, "lead")
    page.goto(COMPANIES)
    page.keyboard.press("f")
    row = page.locator(".filter-row").first
    expect(row.get_by_label("Field")).to_be_focused()
    expect(row.get_by_label("Field")).to_have_value("companyName")
    row.get_by_label("Field").select_option(label="Is active")
    row.get_by_label("Field").select_option(label="Create date")
    expect(row.get_by_label("Operator").locator("option:checked")).to_have_text("is on or after")


def test_a_view_keeps_the_columns_it_was_saved_with(listed):
    listed.click("[popovertarget=columns]")
    lines = listed.locator("[data-column-list] li")
    lines.first.wait_for()
    dropped = lines.first.locator(".truncate").inner_text()
    lines.first.locator("input").uncheck()
    listed.locator("[data-columns-submit]").click()
    listed.click("[popovertarget=views]")
    listed.get_by_role("button", name="Save what is shown as a view").click()
    listed.fill("#view-name", "Narrow")
    listed.keyboard.press("Enter")
    expect(listed.get_by_text("View “Narrow” saved")).to_be_visible()
    listed.click("[popovertarget=columns]")
    lines.first.wait_for()
    listed.get_by_role("button", name="Usual columns").click()
    expect(listed.locator("#records thead")).to_contain_text(dropped)
    listed.locator(".sidebar").get_by_role("link", name="Narrow").click()
    expect(listed.locator("#records thead")).not_to_contain_text(dropped)


def test_a_resource_is_found_by_name_among_many(page, sign_in, autotask):
    sign_in(page, "viewer")
    page.goto("/c/autotask-test/")
    page.keyboard.press("/")
    page.keyboard.type("company categ")
    expect(page.locator("[data-found]")).to_contain_text("1 of")
    page.keyboard.press("Enter")
    page.wait_for_url("**/CompanyCategories/")


def test_what_cannot_be_pressed_does_not_light_up(page, sign_in, buzz):
    sign_in(page, "lead")
    page.goto(f"{CAMPAIGNS}records/1/")
    paint = "(all) => all.map((each) => getComputedStyle(each).backgroundColor)"
    page.evaluate("""() => document.querySelector(".page-actions").insertAdjacentHTML(
        "beforeend", `<button class="button primary" disabled>a</button><button class="button" disabled>b</button>
        <button class="button primary danger" disabled>c</button>`)""")
    buttons = page.locator(".page-actions > button:disabled")
    assert len(set(buttons.evaluate_all(paint))) == 1
    buttons.first.hover(force=True)
    assert len(set(buttons.evaluate_all(paint))) == 1


class TestProvoked:
    @pytest.fixture
    def expected_console(self) -> list[str]:
        return ["422", "502", "Response Status Error"]

    def test_a_refused_filter_stays_to_be_changed(self, listed):
        listed.goto(f'{CAMPAIGNS}?where=["and",["active","eq","perhaps"]]')
        expect(listed.get_by_role("alert").first).to_contain_text("neither true nor false")
        listed.get_by_role("button", name="Change the filter").click()
        expect(listed.locator(".filter-row").first.get_by_label("Field")).to_have_value("active")

    def test_an_api_that_goes_down_while_paging_is_said_within_the_page(self, listed, buzz):
        buzz.stop()
        listed.click("a[aria-label='Next page']")
        expect(listed.get_by_role("alert").first).to_contain_text("nothing was sent")
        expect(listed.get_by_role("link", name="Try again")).to_be_visible()
