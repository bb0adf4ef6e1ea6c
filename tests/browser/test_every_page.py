"""Every kind of page with messy data, in both themes, at 1024 pixels: accessible, silent, and never wider than the
window. One state of the world and one browser context serve all pages of a theme; each page is a subtest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client, override_settings
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from adminui.connections import live
from adminui.planning.outcomes import Outcome
from adminui.runs.models import Run
from adminui.sandbox.faults import Fault
from adminui.services import edits, plans, reading, standing, steering
from adminui.services.catalog import Opened
from adminui.worksheets.models import Worksheet
from tests.browser.conftest import RULES, Scheme, watch
from tests.conftest import SANDBOX_BUZZ, Live
from tests.web.happenings import carried_out, change, happened, queued, some

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS = ["notes", "active", "start_date", "end_date", "max_bid", "budget_type"]
NOWHERE = "http://127.0.0.1:9"
NASTY = (
    "<script>alert(1)</script> حملة الربيع 🧨 " + "Ünïcödé" * 30,
    "a-single-word-without-any-place-to-break-it-" * 6,
    "   ",
    '=HYPERLINK("http://example.com")\nsecond line\tand a tab',
)
COLOURS = RULES | {"runOnly": ["color-contrast"]}  # all that another theme can make different
Act = Callable[[Page], None]


@pytest.fixture
def addresses(buzz: Live, autotask: Live, configure: Callable[[str], None], lead: Any) -> dict[str, str]:
    """Everything seeded, with two more connections: one in production, one to an API that is down."""
    practice = SANDBOX_BUZZ.format(url=buzz.running.url)
    production = (
        practice.replace("buzz-test", "buzz-live").replace("(Test)", "(Live)").replace('"sandbox"', '"production"')
    )
    configure(production)
    configure(practice.replace("buzz-test", "buzz-down").replace("(Test)", "(Down)").replace(buzz.running.url, NOWHERE))
    for record, name in zip(buzz.api.dump("campaigns")[20:], NASTY, strict=False):
        buzz.api.change("campaigns", record["id"], {"name": name, "notes": name * 3})
    campaigns, items = buzz.open(lead, "campaigns"), buzz.open(lead, "line-items")
    contacts = autotask.open(lead, "Contacts")
    at_risk = Live(buzz.running, "buzz-live").open(lead, "campaigns")
    return {
        **_worksheets(buzz, campaigns),
        **_plans(campaigns, items, at_risk, contacts),
        **_runs(buzz, items, contacts),
    }


def _worksheets(buzz: Live, opened: Opened) -> dict[str, str]:
    """One with a cell in every state, one with none, and two that are not read."""
    records = buzz.api.dump("campaigns")
    ids = [record["id"] for record in records[:6] + records[20:24]]
    sheet = reading.open_ids(opened, [*ids, 987654], COLUMNS)
    typed(opened, sheet, notes={0: "done"})
    carried_out(plans.approve(opened, standing.plan(opened, sheet)))
    typed(opened, sheet, notes={3: "b"})
    steering.cancel(opened.user, plans.approve(opened, standing.plan(opened, sheet)))
    typed(opened, sheet, notes={1: NASTY[0]}, start_date={2: "2031-01-01 00:00:00"})
    typed(opened, sheet, end_date={2: "2030-01-01 00:00:00"})
    refused = plans.approve(opened, standing.plan(opened, sheet, rows=[1, 2]))
    buzz.api.change("campaigns", ids[1], {"notes": NASTY[1]})
    carried_out(refused)
    buzz.api.change("campaigns", ids[7], {"notes": NASTY[3]})
    reading.refresh(opened, sheet)
    typed(opened, sheet, max_bid={4: "many"}, notes={5: "waiting", 6: None})
    plain = reading.open_ids(opened, ids, COLUMNS)
    states = {"being read": Worksheet.State.READING, "not read to its end": Worksheet.State.STOPPED}
    sheets = {"in every state": sheet, "plain": plain} | {name: unread(opened, state) for name, state in states.items()}
    return {f"worksheet {name}": f"/worksheets/{each.pk}/" for name, each in sheets.items()}


def typed(opened: Opened, sheet: Worksheet, **cells: dict[int, str | None]) -> None:
    raws = {name: (list(column), list(column.values())) for name, column in cells.items()}
    edits.take(opened, sheet, uuid4(), "edit", "Edit", raws)


def unread(opened: Opened, state: Worksheet.State) -> Worksheet:
    return Worksheet.objects.create(
        owner_id=opened.user_id,
        connection=opened.connection.name,
        resource=opened.resource.name,
        title=NASTY[1],
        source="All Campaigns",
        origin={"where": ["and"]},
        state=state,
        expected=5000,
        progress=1500,
        started_at=timezone.now() - timedelta(minutes=1),
        reader="a worker" if state == Worksheet.State.READING else "",
        lease_until=timezone.now() + timedelta(hours=1),
        problem="Reading was cancelled." if state == Worksheet.State.STOPPED else "",
    )


def _plans(campaigns: Opened, items: Opened, production: Opened, contacts: Opened) -> dict[str, str]:
    several = [change(campaigns, r, notes="", max_bid=f"{n}.25") for n, r in enumerate(some(campaigns, 30))]
    live_rows = [change(production, r, notes=NASTY[0]) for r in some(production, 3)]
    alone = [change(contacts, r, title="Office Manager") for r in some(contacts, 30)]
    replaced = [change(items, some(items, 1)[0], notes="x")]
    saved = {
        "plan": plans.save(campaigns, several, door="edit many"),
        "plan in production": plans.save(production, live_rows, door="edit many"),
        "plan without bulk": plans.save(contacts, alone, door="edit many"),
        "plan as PUT": plans.save(items, replaced, door="record", replace=True),
    }
    return {name: f"/plans/{plan.pk}/" for name, plan in saved.items()}


def _runs(buzz: Live, items: Opened, contacts: Opened) -> dict[str, str]:
    records = some(items, 12)
    fine = happened(items, [change(items, r, notes=NASTY[1]) for r in records[8:]], note=NASTY[0])
    rows = [change(items, r, name="" if n == 0 else f"{r['name']} ok") for n, r in enumerate(records[:6])]
    buzz.api.change("line-items", records[3]["id"], {"name": NASTY[0]})
    mixed = happened(items, rows, note="Names checked against the insertion order " * 8)
    people = some(contacts, 12)
    running = _under_way(queued(contacts, [change(contacts, r, title="Director") for r in people]))
    waiting = queued(contacts, [change(contacts, r, title="CEO") for r in people[:3]])
    found = {"finished": fine, "mixed": mixed, "running": running, "queued": waiting}
    addresses = {f"run {name}": f"/runs/{run.pk}/" for name, run in found.items()}
    return addresses | {
        "record history": f"/c/buzz-test/line-items/records/{records[0]['id']}/history",
        "plan that was sent": f"/plans/{mixed.plan.pk}/",
        "rows of one outcome": f"/runs/{mixed.pk}/?outcome=rejected",
    }


def _under_way(run: Run) -> Run:
    """As a worker leaves it between two requests."""
    Run.objects.filter(pk=run.pk).update(
        state=Run.State.RUNNING,
        owner="a worker",
        doing="Sent 5 of 12 rows",
        started_at=timezone.now(),
        lease_until=timezone.now() + timedelta(minutes=5),
    )
    run.items.filter(seq__lt=5).update(outcome=Outcome.SENDING)
    return run


class Visitor:
    """Looks at addresses as one role or another, in one page that hears every complaint."""

    def __init__(self, context: BrowserContext, site: str, cookies: dict[str, str], rules: dict[str, Any]) -> None:
        self.context, self.site, self.cookies, self.rules = context, site, cookies, rules
        self.page, self.troubles = context.new_page(), list[str]()
        self.page.set_viewport_size({"width": 1024, "height": 768})
        self.page.on("dialog", lambda dialog: dialog.accept())  # leaving what was typed on purpose
        watch(self.page, self.troubles)

    def see(
        self, address: str, role: str = "lead", status: int = 200, then: Act | None = None, *, quiet: bool = True
    ) -> None:
        """Open it, do what leads to the state wanted, and look closely."""
        self.context.clear_cookies()
        if role:
            self.context.add_cookies([{"name": "sessionid", "value": self.cookies[role], "url": self.site}])
        self.page.goto("about:blank")
        self.troubles.clear()
        answer = self.page.goto(address)
        assert answer is not None and (answer.status, answer.request.redirected_from) == (status, None)
        if then is not None:
            then(self.page)
        expect(self.page.locator("h1").first).to_be_visible()
        expect(self.page.locator("#grid .grid-row:not([hidden]) .cell.is-loading")).to_have_count(0)
        assert _too_wide(self.page) == []
        results = Axe().run(self.page, options=self.rules)
        assert results.violations_count == 0, results.generate_report()
        complaints = self.troubles + self.page.evaluate("window.policyViolations")
        loud = not quiet or status != 200  # the browser itself tells of such answers
        assert not [each for each in complaints if not (loud and "Failed to load resource" in each)]


@pytest.fixture
def visitor(
    addresses: dict[str, str],  # made first: a person set up again has to sign in again
    context: BrowserContext,
    live_server: Any,
    client_as: Callable[[str], Client],
    scheme: Scheme,
) -> Visitor:
    cookies = {role: client_as(role).cookies["sessionid"].value for role in ("viewer", "editor", "lead", "admin")}
    return Visitor(context, str(live_server), cookies, RULES if scheme == "light" else COLOURS)


def _too_wide(page: Page) -> list[Any]:
    """The page itself must not scroll sideways; tables and bodies of requests do so within their own frames."""
    wide: list[Any] = page.evaluate(
        """[document.scrollingElement, document.querySelector(".content")]
          .filter((each) => each && each.scrollWidth > each.clientWidth + 1)
          .map((each) => [each.tagName, each.className, each.scrollWidth, each.clientWidth])"""
    )
    return wide


ADDRESSES = {
    "home": "/",
    "queue": "/runs/",
    "connection": "/c/buzz-test/",
    "connection with a hundred look-ups": "/c/autotask-test/",
    "production connection": "/c/buzz-live/",
    "list": "/c/buzz-test/campaigns/",
    "list in Autotask": "/c/autotask-test/Contacts/",
    "list filtered": '/c/buzz-test/campaigns/?where=["and",["active","eq","true"]]',
    "list without a match": '/c/buzz-test/campaigns/?where=["and",["name","eq","nothing is called so"]]',
    "list of ids, some missing": "/c/buzz-test/campaigns/?ids=1,2,987654",
    "record": "/c/buzz-test/campaigns/records/21/",
    "record with a blank name": "/c/buzz-test/campaigns/records/23/",
    "history": "/history/",
    "history without a match": "/history/?text=nothing+is+noted+so",
    "recipes, none yet": "/recipes/",
    "quality": "/quality/",
    "quality of a resource": "/c/buzz-test/campaigns/quality/",
    "two records compared": "/compare/?a=buzz-test/campaigns/21&b=buzz-test/campaigns/22",
    "import": "/c/buzz-test/campaigns/import",
}
VIEWED = {
    "list": "/c/autotask-test/Companies/",
    "record": "/c/buzz-test/campaigns/records/21/",
    "plan": "plan",
    "run": "run mixed",
}
STATES = ("pending", "invalid", "conflict", "failed", "unsent", "moved", "done")


def read(page: Page) -> None:
    expect(page.locator("#grid .grid-row:not([hidden])").first).to_be_visible()
    expect(page.locator("#grid .grid-row:not([hidden]) .cell.is-loading")).to_have_count(0)


def every_state(page: Page) -> None:
    read(page)
    for state in STATES:
        expect(page.locator(f"#grid .cell.is-{state}").first).to_be_visible()
    page.locator("#grid .cell.is-conflict").first.click()  # what there is to say of it


def shared_change(page: Page) -> None:
    every_state(page)
    page.locator("#fold").click()
    field = page.locator('.share-field[data-field="notes"]')
    field.get_by_role("radio", name="Set", exact=True).check(force=True)
    field.locator(".share-value").locator("input, textarea").fill(NASTY[0])
    expect(field.locator(".mixed").first).to_be_visible()
    expect(page.locator("#shared .share-table tbody tr").first).to_be_visible()


def column_menu(page: Page) -> None:
    read(page)
    page.locator('#grid [role=columnheader][title="notes"]').click()
    page.keyboard.press("Alt+ArrowDown")
    page.locator("[data-do=stats]").click()
    expect(page.locator("#column-facts dd").first).to_be_visible()


WORKSHEETS: dict[str, tuple[str, Act]] = {
    "with cells in every state": ("in every state", every_state),
    "without any": ("plain", read),
    "with the shared change open": ("in every state", shared_change),
    "with a column's menu open": ("in every state", column_menu),
}


def type_nonsense(page: Page) -> None:
    page.locator("[data-field=name] [data-control]").fill("x" * 10_000)
    page.locator("[data-field=max_bid] [data-control]").fill("a lot")
    expect(page.locator("[data-field=max_bid] .field-error")).to_be_visible()


def _clash(page: Page, buzz: Live) -> None:
    page.locator("[data-field=name] [data-control]").fill("Mine")
    buzz.api.change("campaigns", 3, {"name": NASTY[0]})
    page.locator("#save").click()
    expect(page.locator("[data-clash]").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_sound(
    visitor: Visitor, addresses: dict[str, str], buzz: Live, tmp_path: Path, scheme: Scheme, subtests: pytest.Subtests
):
    for name, address in (ADDRESSES | addresses).items():
        with subtests.test(name):
            visitor.see(address)
    for name, (sheet, act) in WORKSHEETS.items():
        with subtests.test(f"worksheet {name}"):
            visitor.see(addresses[f"worksheet {sheet}"], then=act)
    for name, address in VIEWED.items():
        with subtests.test(f"{name}, for a viewer"):
            visitor.see(addresses.get(address, address), "viewer")
    for address in ("/nowhere/", "/runs/987654/", "/c/buzz-test/campaigns/records/987654/"):
        with subtests.test(f"not there: {address}"):
            visitor.see(address, status=404)
    with subtests.test("what nobody may see"):
        visitor.see(addresses["worksheet plain"], "editor", status=404)
    with subtests.test("an API that is down"):
        visitor.see("/c/buzz-down/campaigns/", status=502)
    with subtests.test("a list that fails"):
        buzz.running.faults.add(Fault("server_error", path="/rest/v2/creatives", times=None))
        visitor.see("/c/buzz-test/creatives/", status=502)
        buzz.running.faults.clear()
    with subtests.test("a record with what cannot be sent"):
        visitor.see("/c/buzz-test/campaigns/records/2/", then=type_nonsense)
    with subtests.test("a record that somebody else changed"):
        visitor.see("/c/buzz-test/campaigns/records/3/", then=lambda page: _clash(page, buzz), quiet=False)
    with subtests.test("home where nothing has happened"):
        visitor.see("/", "editor")
    with subtests.test("home without a connection"), override_settings(ADMINUI_CONNECTIONS=tmp_path / "none.toml"):
        live.forget()
        visitor.see("/")
    with subtests.test("sign in"):
        visitor.see("/sign-in/", role="")
    with subtests.test("style guide"):
        visitor.see("/styleguide/", "admin")
