"""Edit many in a real browser: the grid by keyboard, nothing typed is lost, the plan, accessibility."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from adminui.runs import ledger
from adminui.runs.models import Plan, Run
from adminui.services import plans, sheets
from adminui.services.execution import execute
from adminui.worksheets.models import Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
Axe = Callable[[Page], None]
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])
COLUMNS = ["active", "budget_type", "start_date", "end_date", "max_bid", "notes", "update_date"]


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Iterator[Worksheet]:
    """Twelve campaigns opened by the lead."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:12]]
    yield sheets.open_ids(buzz.open(lead, "campaigns"), ids, COLUMNS)


@pytest.fixture
def signed_in(page: Page, live_server: Any, lead: Any, client_as: Callable[[str], Client]) -> Page:
    """Signed in as lead without the form: other tests drive that."""
    session = client_as("lead").cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": str(live_server)}])
    return page


@pytest.fixture
def grid(signed_in: Page, sheet: Worksheet) -> Page:
    page = signed_in
    page.goto(f"/worksheets/{sheet.pk}/")
    return page


def at(page: Page, row: int, field: str) -> Any:
    """The cell of a row (from 0) and field."""
    index = 1 + ["id", "name", *COLUMNS].index(field)
    return page.locator("#grid tbody tr").nth(row).locator("td, th").nth(index)


def saved(page: Page) -> None:
    expect(page.locator("#saving")).to_have_text("Saved")


def pending(sheet: Worksheet) -> dict[int, dict[str, Any]]:
    return {row.seq: row.edits for row in sheet.rows.filter(edited=True)}


def test_the_whole_road_by_keyboard_alone(grid: Page, sheet: Worksheet, buzz: Live):
    """Type, move, fill down, paste, undo, plan and send, without touching the mouse."""
    at(grid, 0, "name").focus()
    grid.keyboard.type("Renamed")
    grid.keyboard.press("Tab")
    expect(at(grid, 0, "active")).to_be_focused()
    grid.keyboard.press("Control+ArrowRight")
    grid.keyboard.press("ArrowLeft")
    expect(at(grid, 0, "notes")).to_be_focused()
    grid.keyboard.press("F2")
    expect(grid.locator("#box-text")).to_be_focused()
    grid.keyboard.press("Control+a")
    grid.keyboard.type("from the box")
    grid.keyboard.press("Control+Enter")
    expect(at(grid, 0, "notes")).to_be_focused()
    grid.keyboard.press("Shift+ArrowDown")
    grid.keyboard.press("Shift+ArrowDown")
    grid.keyboard.press("Control+d")
    saved(grid)
    assert pending(sheet) == {0: {"name": "Renamed", "notes": "from the box"}} | {
        row: {"notes": "from the box"} for row in (1, 2)
    }
    grid.keyboard.press("Control+z")
    saved(grid)
    assert pending(sheet) == {0: {"name": "Renamed", "notes": "from the box"}}
    grid.keyboard.press("Control+y")
    saved(grid)
    assert len(pending(sheet)) == 3
    grid.locator("#plan-button").focus()
    expect(grid.locator("#plan-button")).to_have_text("Plan 4 changes")
    grid.keyboard.press("Enter")
    grid.wait_for_url("**/plans/*/")
    assert not buzz.seen("PATCH")
    grid.locator("#send-button").focus()
    grid.keyboard.press("Enter")
    grid.wait_for_url("**/runs/*/")
    execute(ledger.claim("test", Run.objects.get().pk))
    notes = {r["id"]: r["notes"] for r in buzz.api.dump("campaigns")}
    assert [notes[int(row.record_id)] for row in sheet.rows.all()[:3]] == ["from the box"] * 3


def test_tab_leaves_the_grid_at_the_end_of_a_row(grid: Page):
    at(grid, 1, "notes").focus()
    grid.keyboard.press("Tab")
    expect(at(grid, 1, "update_date")).to_be_focused()
    grid.keyboard.press("Tab")
    assert grid.evaluate("document.activeElement.closest('#grid') === null")
    grid.keyboard.press("Shift+Tab")
    expect(at(grid, 1, "update_date")).to_be_focused()


def test_escape_leaves_the_cell_as_it_was(grid: Page, sheet: Worksheet):
    cell = at(grid, 0, "max_bid")
    before = cell.inner_text()
    cell.focus()
    grid.keyboard.type("99")
    grid.keyboard.press("Escape")
    expect(cell).to_have_text(before)
    expect(cell).to_be_focused()
    saved(grid)
    assert not pending(sheet)


def test_delete_is_empty_text_where_there_is_such_a_thing_and_null_elsewhere(grid: Page, sheet: Worksheet):
    at(grid, 0, "notes").focus()
    grid.keyboard.press("Delete")
    at(grid, 0, "end_date").focus()
    grid.keyboard.press("Delete")
    full = next(i for i, row in enumerate(sheet.rows.all()) if i and row.baseline["notes"])
    at(grid, full, "notes").focus()
    grid.keyboard.press("Control+Delete")
    saved(grid)
    assert pending(sheet) == {0: {"notes": "", "end_date": None}, full: {"notes": None}}


def test_a_block_with_quoted_cells_is_pasted_and_read_only_columns_are_spared(grid: Page, sheet: Worksheet):
    block = '"two\nlines, ""quoted"""\tnever\nplain\tnever\n'
    grid.evaluate("(text) => navigator.clipboard.writeText(text)", block)
    at(grid, 0, "notes").focus()
    grid.keyboard.press("Control+v")
    expect(grid.locator("#said")).to_have_text("Pasted: 2 cells changed, 2 read-only cells spared.")
    saved(grid)
    assert pending(sheet) == {0: {"notes": 'two\nlines, "quoted"'}, 1: {"notes": "plain"}}
    at(grid, 11, "notes").focus()
    grid.keyboard.press("Control+v")
    expect(grid.locator("#said")).to_contain_text("2 beyond the edge of this page left out")


def test_copy_and_paste_keep_null_null(grid: Page, sheet: Worksheet, buzz: Live):
    rows = [i for i, row in enumerate(sheet.rows.all()) if row.baseline["notes"] is None]
    full = next(i for i, row in enumerate(sheet.rows.all()) if row.baseline["notes"])
    at(grid, rows[0], "notes").focus()
    grid.keyboard.press("Control+c")
    at(grid, full, "notes").focus()
    grid.keyboard.press("Control+v")
    saved(grid)
    assert pending(sheet) == {full: {"notes": None}}


def test_choices_are_made_with_arrows_and_enter_with_a_letter_or_with_the_mouse(grid: Page, sheet: Worksheet):
    was = [row.baseline["active"] for row in sheet.rows.all()[:3]]
    turned = ["false" if each else "true" for each in was]
    at(grid, 0, "active").focus()
    for key in ("Enter", "ArrowDown" if was[0] else "ArrowUp"):
        grid.keyboard.press(key)
    expect(grid.locator(".cell-editor")).to_be_focused()  # passing through the choices chooses none
    grid.keyboard.press("Enter")
    expect(at(grid, 1, "active")).to_be_focused()
    grid.keyboard.press("n" if was[1] else "y")
    grid.keyboard.press("Tab")
    at(grid, 2, "active").dblclick()
    grid.locator(".cell-editor").select_option(turned[2])
    expect(grid.locator(".cell-editor")).to_have_count(0)
    saved(grid)
    assert pending(sheet) == {n: {"active": value} for n, value in enumerate(turned)}
    expect(at(grid, 0, "active")).to_contain_text("no" if was[0] else "yes")


def test_what_was_pasted_is_selected(grid: Page, sheet: Worksheet):
    grid.evaluate("(text) => navigator.clipboard.writeText(text)", "1.10\tfirst\n2.20\tsecond\n")
    at(grid, 1, "max_bid").focus()
    grid.keyboard.press("Control+v")
    expect(at(grid, 1, "max_bid")).to_be_focused()
    expect(grid.locator("#grid [aria-selected=true]")).to_have_count(4)
    grid.keyboard.press("Control+z")
    saved(grid)
    assert not pending(sheet)


def test_the_folded_panel_stays_folded_and_a_worksheet_is_renamed(grid: Page, sheet: Worksheet):
    grid.get_by_role("button", name="Change many rows").click()
    expect(grid.locator("#shared")).to_be_hidden()
    grid.get_by_role("button", name="Rename this worksheet").click()
    grid.get_by_label("Name", exact=True).fill("Spring clean-up")
    grid.keyboard.press("Enter")
    expect(grid.get_by_role("heading", level=1)).to_have_text("Spring clean-up")
    expect(grid.locator(".sidebar")).to_contain_text("Spring clean-up")
    expect(grid.locator("#shared")).to_be_hidden()


def test_back_after_sending_shows_that_it_was_sent(grid: Page, sheet: Worksheet, buzz: Live, lead: Any):
    first = sheet.rows.all()[0].record_id
    sheets.edit(buzz.open(lead, "campaigns"), sheet, {first: {"notes": "once"}})
    grid.goto(f"/plans/{sheets.plan(buzz.open(lead, 'campaigns'), sheet).pk}/")
    grid.locator("#send-button").dblclick()
    grid.wait_for_url("**/runs/*/")
    grid.go_back()
    expect(grid.get_by_text("This plan was sent.")).to_be_visible()
    expect(grid.locator("#send-button")).to_have_count(0)
    assert Run.objects.count() == 1


def test_a_reference_is_found_by_name_and_kept_as_its_id(signed_in: Page, buzz: Live, lead: Any):
    page = signed_in
    first = buzz.api.dump("campaigns")[0]
    other = next(a for a in buzz.api.dump("advertisers") if a["id"] != first["advertiser_id"])
    sheet = sheets.open_ids(buzz.open(lead, "campaigns"), [first["id"]], ["advertiser_id"])
    page.goto(f"/worksheets/{sheet.pk}/")
    page.locator("#grid tbody td").nth(2).focus()
    page.keyboard.press("Enter")
    page.keyboard.type(other["name"][:12])
    expect(page.locator(".lookup [role=option]").first).to_be_visible()
    page.locator(".lookup [role=option]", has_text=str(other["id"])).first.click()
    page.keyboard.press("Enter")
    saved(page)
    assert pending(sheet) == {0: {"advertiser_id": str(other["id"])}}
    expect(page.locator("#grid tbody td").nth(2)).to_contain_text(other["name"])


@pytest.mark.parametrize("expected_console", [["Failed to load resource", "503", "ERR_FAILED"]])
def test_an_edit_that_could_not_be_saved_says_so_and_is_sent_again(grid: Page, sheet: Worksheet):
    grid.route("**/cells", lambda route: route.abort())
    at(grid, 0, "name").focus()
    grid.keyboard.type("Kept")
    grid.keyboard.press("Enter")
    expect(grid.locator("#saving")).to_have_text("Not saved, trying again: This site cannot be reached.")
    grid.locator("#plan-button").focus()
    grid.keyboard.press("Enter")
    expect(grid.locator("#said")).to_have_text("Not planned: what you typed is not saved yet.")
    assert not Plan.objects.exists()
    grid.unroute("**/cells")
    saved(grid)
    assert pending(sheet) == {0: {"name": "Kept"}}


@pytest.mark.parametrize("expected_console", [["Failed to load resource", "ERR_FAILED"]])
def test_an_edit_that_was_never_acknowledged_survives_a_reload(grid: Page, sheet: Worksheet):
    grid.route("**/cells", lambda route: route.abort())
    at(grid, 0, "name").focus()
    grid.keyboard.type("Kept")
    grid.keyboard.press("Enter")
    expect(grid.locator("#saving")).to_contain_text("Not saved")
    grid.on("dialog", lambda dialog: dialog.accept())
    grid.unroute("**/cells")
    grid.reload()
    saved(grid)
    expect(at(grid, 0, "name")).to_contain_text("Kept")
    assert pending(sheet) == {0: {"name": "Kept"}}


def test_a_shared_change_for_ticked_rows_is_counted_before_it_is_made(grid: Page, sheet: Worksheet):
    for row in (0, 1, 2):
        at(grid, row, "name").focus()
        grid.keyboard.press("Space")
    expect(grid.locator("#ticked")).to_have_text("3 ticked")
    field = grid.locator("[data-field=alternative_id]")
    grid.locator("#find-field").fill("alternative")
    field.locator("input[value=set]").check()
    field.locator(".shared-value input").fill("batch-1")
    expect(grid.locator("#share-button")).to_have_text("Set 1 field in 3 rows")
    expect(grid.locator("#share-sentence")).to_have_text("3 rows will change.")
    grid.locator("#share-button").click()
    expect(grid.locator("#plan-button")).to_have_text("Plan 3 changes")
    expect(grid.locator("#grid thead")).to_contain_text("Alternative id")
    assert {row: list(edits) for row, edits in pending(sheet).items()} == {i: ["alternative_id"] for i in range(3)}


def test_a_value_of_the_mix_limits_a_shared_change(grid: Page, sheet: Worksheet):
    field = grid.locator("[data-field=notes]")
    field.locator("[data-values]").click()
    value = field.locator("[data-only]").first
    expect(value).to_be_visible()
    count = int(value.inner_text().split(" ×")[0])
    value.click()
    field.locator("input[value=set]").check()
    field.locator(".shared-value > *").fill("cleaned")
    expect(grid.locator("#share-sentence")).to_have_text(
        f"{count} row{'' if count == 1 else 's'} will change, {12 - count} left out by the condition."
    )


def test_unticking_a_change_plans_again_without_it(grid: Page, sheet: Worksheet, buzz: Live, lead: Any):
    opened = buzz.open(lead, "campaigns")
    ids = list(sheet.rows.values_list("record_id", flat=True))
    sheets.edit(opened, sheet, {i: {"notes": "same", "max_bid": f"{n}.25"} for n, i in enumerate(ids[:5])})
    plan = sheets.plan(opened, sheet)
    grid.goto(f"/plans/{plan.pk}/")
    grid.get_by_text("different changes").click()
    box = grid.locator(".change-rows tbody input").first
    expect(box).to_be_visible()
    box.uncheck()
    expect(grid.locator("#revise-button")).to_have_text("Plan again without 1 field")
    expect(grid.locator("#send-button")).to_be_hidden()
    grid.locator("[aria-label^='Include Notes']").uncheck()
    expect(grid.locator("#revise-button")).to_have_text("Plan again without 1 row and 4 fields")
    grid.locator("#revise-button").click()
    grid.wait_for_url(f"**/plans/{Plan.objects.latest('pk').pk}/")
    kept = Plan.objects.get(predecessor=plan).rows()
    assert len(kept) == 4 and all(row.fields == ("max_bid",) for row in kept)


@schemes
def test_every_state_of_a_cell_is_accessible(grid: Page, sheet: Worksheet, buzz: Live, lead: Any, axe: Axe):
    opened = buzz.open(lead, "campaigns")
    rows = list(sheet.rows.values_list("record_id", flat=True))
    bad = {"start_date": "2031-01-01 00:00:00", "end_date": "2030-01-01 00:00:00"}
    mixed = {rows[1]: {"notes": "mine"}, rows[2]: bad, rows[3]: {"notes": "held"}}
    for edits in ({rows[0]: {"notes": "done"}}, mixed):  # a refused row keeps the others of its call back
        sheets.edit(opened, sheet, edits)
        plan = sheets.plan(opened, sheet, only=list(edits))
        if edits is mixed:
            buzz.api.change("campaigns", int(rows[1]), {"notes": "theirs"})
        run = plans.approve(opened, plan)
        execute(ledger.claim("test", run.pk))
        sheets.absorb(run)
    sheets.edit(opened, sheet, {rows[4]: {"max_bid": "many"}, rows[5]: {"notes": "waiting"}})
    grid.reload()
    seen = set(grid.locator("#grid td").evaluate_all("cells => cells.flatMap((cell) => [...cell.classList])"))
    assert {"is-pending", "is-invalid", "is-conflict", "is-failed", "is-unsent", "is-done"} <= seen
    axe(grid)
    at(grid, 1, "notes").focus()
    grid.keyboard.press("Enter")
    grid.keyboard.press("Enter")
    expect(grid.locator("[data-side]")).to_have_count(0)
    saved(grid)
    assert sheet.rows.get(record_id=rows[1]).by_field == {}


@schemes
def test_the_plan_is_accessible_with_warnings_and_open_groups(
    grid: Page, sheet: Worksheet, buzz: Live, lead: Any, axe: Axe
):
    opened = buzz.open(lead, "campaigns")
    ids = list(sheet.rows.values_list("record_id", flat=True))
    sheets.edit(opened, sheet, {i: {"notes": "", "max_bid": f"{n}.25"} for n, i in enumerate(ids)})
    grid.goto(f"/plans/{sheets.plan(opened, sheet).pk}/")
    for summary in grid.locator(".change-group summary").all():
        summary.click()
    expect(grid.locator(".change-rows table").first).to_be_visible()
    grid.locator(".change-rows tbody input").first.uncheck()
    expect(grid.locator("#revise-button")).to_be_enabled()
    axe(grid)
