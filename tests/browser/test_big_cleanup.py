"""A bulk clean-up from the list to verified done, by real keys: thousands of line items in the fewest calls, hundreds
of contacts in one call each. What the API holds afterwards is what was asked, and nothing else.

The whole size (10,000 and 500 records) runs with ADMINUI_SOAK=1.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from adminui.services import catalog, edits
from adminui.worksheets.models import Worksheet
from tests.browser.clean_up import (
    Asked,
    go_to,
    open_all_matching,
    paste,
    plan,
    select_from,
    send,
    set_for_selected,
    spaced,
    type_at,
)
from tests.browser.sheet_page import cell, sign_in_as
from tests.conftest import SANDBOX_AUTOTASK, SANDBOX_BUZZ
from tests.processes import Apart, sandbox, worker

pytestmark = pytest.mark.django_db(transaction=True)
SOAK = os.environ.get("ADMINUI_SOAK") == "1"
BATCH = 200  # records in one bulk call
UDF = "udf.Preferred Language"


@dataclass(frozen=True)
class Size:
    """How many records there are, how many get a value of their own, and how many the same one; some get both."""

    records: int
    own: int
    shared: int
    both: int


LINE_ITEMS = Size(10_000, 1_200, 6_000, 600) if SOAK else Size(2_000, 400, 1_200, 200)
CONTACTS = Size(500, 300, 500, 300) if SOAK else Size(80, 50, 80, 50)


@pytest.fixture
def production(configure: Callable[[str], None]) -> Callable[[str, str], None]:
    """A connection to live records, where the number of records is typed and why is said before anything is sent."""

    def configured(text: str, url: str) -> None:
        name = text.split("[connections.")[1].split("]")[0]
        live = text.format(url=url).replace('= "sandbox"', '= "production"')
        configure(f"{live}[connections.{name}.guards]\ncanary_above = false\n")

    return configured


@pytest.fixture
def line_items(db: None, production: Callable[[str, str], None]) -> Iterator[Apart]:
    with sandbox("buzz", LINE_ITEMS.records) as api:
        production(SANDBOX_BUZZ, api.url)
        with worker():
            yield api


@pytest.fixture
def contacts(db: None, production: Callable[[str, str], None]) -> Iterator[Apart]:
    with sandbox("autotask", CONTACTS.records) as api:
        production(SANDBOX_AUTOTASK, api.url)
        with worker():
            yield api


@pytest.fixture
def admin_page(page: Page, live_server: Any, client_as: Callable[[str], Client]) -> Iterator[Page]:
    """Only an admin may send as many as they like."""
    sign_in_as(page, client_as("admin"), live_server)
    yield page
    page.goto("about:blank")  # it asks for nothing more while the records are cleared away


@contextmanager
def stage(words: str) -> Iterator[None]:
    """Says how long a stage took, for whoever looks."""
    began = time.perf_counter()
    yield
    print(f"\n  {words}: {time.perf_counter() - began:.1f} s", end="")


def assert_done_in_the_grid(page: Page, sheet: Worksheet, resource: str, ids: list[int], asked: Asked) -> None:
    """Every cell asked for is marked as done and nothing is pending, here and in the page's own model."""
    page.goto(f"/worksheets/{sheet.pk}/")
    expect(page.locator("#rows-shown")).to_have_text(f"{spaced(len(ids))} rows")
    expect(page.locator("#plan-button")).to_have_text("Plan changes")
    expect(page.locator("#status [data-count=cells]")).to_be_hidden()
    opened = catalog.open_resource(sheet.owner, sheet.connection, resource)
    told = edits.marks_document(opened, Worksheet.objects.get(pk=sheet.pk))["marks"]
    marks = {name: dict(zip(held["rows"], held["marks"], strict=True)) for name, held in told.items()}
    wanted = {(row, name) for row, i in enumerate(ids) for name in asked.get(i, ())}
    assert {(row, name) for name, held in marks.items() for row in held} == wanted
    assert {(mark["o"], "e" in mark, "w" in mark) for held in marks.values() for mark in held.values()} == {
        ("done", False, False)
    }
    cell(page, 0, next(iter(asked[ids[0]]))).click()
    for record in (ids[0], ids[len(ids) // 2], ids[-1]):
        go_to(page, record)
        for name, value in asked.get(record, {}).items():
            here = cell(page, ids.index(record), name)
            expect(here).to_have_text(str(value))
            expect(here).to_have_class(re.compile("is-done"))


def test_thousands_of_line_items_are_cleaned_in_the_fewest_calls(admin_page: Page, line_items: Apart):
    page, size = admin_page, LINE_ITEMS
    before = line_items.dump("line-items")
    ids = sorted(before)
    with stage(f"{size.records:,} line items, from the list to the grid"):
        sheet = open_all_matching(
            page, "/c/buzz-test/line-items/", ["alternative_id", "notes", "max_bid"], size.records
        )
    first = size.records - size.shared  # the shared change begins here, the pasted values a little earlier
    own = {i: f"LI-{i:07d}" for i in ids[first - size.own + size.both : first + size.both]}
    asked: Asked = {i: {"alternative_id": text} for i, text in own.items()}
    with stage(f"paste of {size.own:,} different values"):
        cell(page, 0, "alternative_id").click()
        go_to(page, next(iter(own)))
        paste(page, list(own.values()))
    with stage(f"shared change of {size.shared:,} rows"):
        select_from(page, ids[first])
        set_for_selected(page, "notes", "Cleaned up", size.shared)
    for i in ids[first:]:
        asked.setdefault(i, {})["notes"] = "Cleaned up"
    cell(page, size.records - 1, "notes").click()
    type_at(page, ids[0], "Only here")
    asked[ids[0]] = {"notes": "Only here"}
    with stage("plan"):
        sentence = plan(page, asked)
    calls = -(-len(asked) // BATCH)  # no call takes more, so fewer cannot be
    shared, own_calls = size.shared - size.both, size.own // BATCH
    assert sentence == (
        f"{calls} requests change {spaced(size.own + size.shared + 1)} fields in {spaced(len(asked))} records: "
        f"one shared body for {spaced(shared)} records in {shared // BATCH} calls, "
        f"a list of {spaced(size.own)} records in {own_calls} calls, a PATCH for 1 record."
    )
    assert not line_items.seen("PATCH", "PUT", "DELETE")
    line_items.forget_log()
    with stage(f"run of {len(asked):,} rows in {calls} calls, every row verified"):
        run = send(page, calls, len(asked))
    assert run.items.filter(outcome="done").count() == run.items.count() == len(asked)
    sent = line_items.seen("PATCH", "PUT", "DELETE")
    assert Counter(map(form, sent)) == {"shared": shared // BATCH, "list": own_calls, "single": 1}
    assert carried(sent) == asked
    assert changed(before, line_items.dump("line-items"), "update_date") == asked
    assert_done_in_the_grid(page, sheet, "line-items", ids, asked)


def form(entry: dict[str, Any]) -> str:
    return "shared" if "ids" in entry["query"] else "list" if isinstance(entry["body"], list) else "single"


def carried(sent: list[dict[str, Any]]) -> Asked:
    """What the calls carried for each record; a record that is in two of them is a mistake."""
    told: list[tuple[int, dict[str, Any]]] = []
    for entry in sent:
        body = entry["body"]
        if form(entry) == "shared":
            told += [(int(i), body) for i in entry["query"]["ids"].split(",")]
        elif form(entry) == "list":
            told += [(row["id"], {name: value for name, value in row.items() if name != "id"}) for row in body]
        else:
            told.append((int(entry["path"].rstrip("/").rsplit("/", 1)[1]), body))
    assert len(told) == len({i for i, _ in told})
    return dict(told)


def changed(before: dict[int, Any], after: dict[int, Any], *stamps: str) -> Asked:
    """What is another than before, in all fields of all records; a stamp only where something else changed too."""
    assert before.keys() == after.keys()
    found = {
        i: {
            name: after[i].get(name)
            for name in before[i].keys() | after[i].keys()
            if before[i].get(name) != after[i].get(name)
        }
        for i in before
    }
    assert not any(fields.keys() and fields.keys() <= set(stamps) for fields in found.values())
    return {i: {n: v for n, v in fields.items() if n not in stamps} for i, fields in found.items() if fields}


def test_hundreds_of_contacts_are_cleaned_one_call_each_within_the_lanes(admin_page: Page, contacts: Apart):
    page, size = admin_page, CONTACTS
    before = {i: flat(record) for i, record in contacts.dump("Contacts").items()}
    ids = sorted(before)
    with stage(f"{size.records} contacts, from the list to the grid"):
        sheet = open_all_matching(page, "/c/autotask-test/Contacts/", ["title", UDF, "city"], size.records)
    asked: Asked = {i: {UDF: "Esperanto"} for i in ids}
    with stage(f"shared change of {size.shared} rows"):
        cell(page, 0, "title").click()
        select_from(page, ids[0])
        set_for_selected(page, UDF, "Esperanto", size.shared)
    own = {i: f"Title {i}" for i in ids[: size.own]}
    with stage(f"paste of {size.own} different values"):
        cell(page, 0, "title").click()
        go_to(page, ids[0])
        paste(page, list(own.values()))
    for i, title in own.items():
        asked[i]["title"] = title
    cell(page, 1, "city").click()
    type_at(page, ids[-1], "Ulm")
    asked[ids[-1]]["city"] = "Ulm"
    with stage("plan"):
        sentence = plan(page, asked)
    assert sentence == (
        f"{size.records} requests change {spaced(size.shared + size.own + 1)} fields in {size.records} records: "
        f"a PATCH each for {size.records} records."
    )
    contacts.forget_log()
    with stage(f"run of {size.records} calls, every row verified"):
        run = send(page, size.records, size.records)
    assert run.items.filter(outcome="done").count() == run.items.count() == size.records
    sent = contacts.seen("PATCH", "PUT", "DELETE")
    assert {entry["method"] for entry in sent} == {"PATCH"} and len(sent) == size.records
    assert not [entry for entry in contacts.seen() if entry["status"] == 429]  # four at once would be refused
    assert {entry["body"]["id"]: without_id(flat(entry["body"])) for entry in sent} == asked
    after = {i: flat(record) for i, record in contacts.dump("Contacts").items()}
    assert changed(before, after, "lastModifiedDate", "lastActivityDate") == asked
    assert_done_in_the_grid(page, sheet, "Contacts", ids, asked)


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """User-defined fields beside the others."""
    own = {f"udf.{pair['name']}": pair["value"] for pair in record.get("userDefinedFields", ())}
    return {name: value for name, value in record.items() if name != "userDefinedFields"} | own


def without_id(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "id"}
