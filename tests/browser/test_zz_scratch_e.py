"""Scratch of E: removed before the end."""
import os
from typing import Any
import pytest
from playwright.sync_api import Page, expect
from adminui.services import reading
from adminui.worksheets.models import Worksheet
from tests.browser.sheet_page import arrive, sign_in_as

pytestmark = pytest.mark.django_db(transaction=True)
OUT = "/tmp/e/shots"
COLUMNS = ["companyName", "phone", "city", "state", "webAddress", "companyType", "ownerResourceID", "isActive"]

@pytest.fixture
def scheme(): return os.environ.get("E_SCHEME", "light")

@pytest.fixture
def expected_console(): return [""]

def test_scratch(settings: Any, page: Page, live_server: Any, client_as: Any, autotask: Any, lead: Any, scheme: str):
    import copy
    made = copy.deepcopy(settings.TEMPLATES)
    made[0]["DIRS"] = ["/tmp/e/templates", *made[0]["DIRS"]]
    settings.TEMPLATES = made
    os.makedirs(OUT, exist_ok=True)
    troubles = []
    page.on("console", lambda m: m.type in ("error", "warning") and print("CONSOLE", m.text, m.location))
    page.on("pageerror", lambda e: print("PAGEERROR", e))
    opened = autotask.open(lead, "Companies")
    ids = [r["id"] for r in autotask.api.dump("Companies")]
    sheet = reading.open_ids(opened, ids, COLUMNS)
    sign_in_as(page, client_as("lead"), live_server)
    if os.environ.get("E_SMALL"): page.set_viewport_size({"width": 1024, "height": 768})
    arrive(page, sheet)
    import pathlib
    exec(pathlib.Path("/tmp/e/steps.py").read_text(), {"page": page, "expect": expect, "sheet": sheet, "shot": lambda n: page.screenshot(path=f"{OUT}/{n}-{scheme}.png"), "live_server": live_server})
