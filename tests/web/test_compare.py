"""The compare pages: two records side by side, many by a key, and copies that end in a worksheet as pending edits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from adminui.services import reading
from adminui.worksheets.models import Worksheet
from tests.services.drafts import edits_of
from tests.two_places import Two, two_places

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(configure: Callable[[str], None]) -> Iterator[Two]:
    with two_places(configure) as running:
        yield running


@pytest.fixture
def client(client_as: Any) -> Client:
    return client_as("lead")


def differ(two: Two, **values: Any) -> int:
    record = int(two.practice.api.dump("campaigns")[0]["id"])
    two.practice.api.change("campaigns", record, values)
    return record


def address(record: int) -> str:
    return f"/compare/?{urlencode({'a': f'buzz-test/campaigns/{record}', 'b': f'buzz-live/campaigns/{record}'})}"


def field(page: str, name: str) -> str:
    found = re.search(rf'value="({name}:[0-9a-f]{{16}})"', page)
    assert found, name
    return found[1]


def test_fields_are_copied_into_a_worksheet_over_the_other_record(two: Two, client: Client):
    record = differ(two, notes="<b>Of practice</b>", max_bid="3.50")
    page = client.get(address(record)).content.decode()
    assert "&lt;b&gt;Of practice" in page and "Buzz (Live)" in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    posted = {
        "from": f"buzz-test/campaigns/{record}",
        "onto": f"buzz-live/campaigns/{record}",
        "token": token[1],
        "field": [field(page, "notes"), field(page, "max_bid")],
    }
    answer = client.post("/compare/copy", posted)
    sheet = Worksheet.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/worksheets/{sheet.pk}/"
    assert edits_of(sheet)[0, "notes"] == "<b>Of practice</b>" and sheet.connection == "buzz-live"
    client.post("/compare/copy", posted)
    assert Worksheet.objects.count() == 1 and sheet.version == Worksheet.objects.get().version == 1
    differ(two, notes="Changed since")
    assert client.post("/compare/copy", posted | {"token": ""}).status_code == 422


def test_what_to_compare_with_is_chosen_from_the_record(two: Two, client: Client):
    record = differ(two, notes="x")
    page = client.get(f"/c/buzz-test/campaigns/records/{record}/").content.decode()
    assert f"/compare/?a=buzz-test%2Fcampaigns%2F{record}" in page
    page = client.get(f"/compare/?a=buzz-test/campaigns/{record}").content.decode()
    assert page.index("Buzz (Live)") < page.index("where this one is")
    answer = client.get(f"/compare/?a=buzz-test/campaigns/{record}&to=buzz-live&id={record}")
    assert answer["Location"] == address(record)


@pytest.mark.parametrize("query", ["", "a=x", "a=buzz-test/campaigns/999999", "a=nowhere/campaigns/1"])
def test_what_is_not_there_is_said(two: Two, client: Client, query: str):
    assert client.get(f"/compare/?{query}").status_code in (404, 422)


def test_records_of_two_kinds_are_not_compared(two: Two, client: Client):
    query = urlencode({"a": "buzz-test/campaigns/1", "b": "buzz-live/advertisers/1"})
    assert client.get(f"/compare/?{query}").status_code == 422


def test_a_worksheet_is_compared_and_copied_into(two: Two, client: Client, lead: Any):
    client.force_login(lead)
    opened = two.production.open(lead, "campaigns")
    sheet = reading.open_ids(opened, [record["id"] for record in two.production.api.dump("campaigns")[:8]], [])
    differ(two, notes="Of practice")
    here = reverse("compare-worksheet", args=[sheet.pk])
    assert "Buzz (Test)" in client.get(here).content.decode()
    page = client.get(f"{here}?with=connection:buzz-test&key=id").content.decode()
    assert "8 of 8 rows" in page and 'data-rows="0"' in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    posted = {"with": "connection:buzz-test", "key": "id", "token": token[1], "field": field(page, "notes")}
    assert client.post(here, posted).status_code == 302
    assert edits_of(sheet) == {(0, "notes"): "Of practice"}
    assert client.get(f"{here}?with=nonsense:1").status_code == 422
    assert "cannot be matched" in client.get(f"{here}?with=connection:buzz-test&key=nope").content.decode()


def test_the_palette_leads_to_comparing_a_record(two: Two, client: Client):
    found = client.get("/palette", {"q": "compare campaigns 7"}).json()
    assert {entry["label"] for entry in found} == {"Compare Campaigns 7"} and "campaigns%2F7" in found[0]["url"]
