"""Files out, as a browser asks for them: the form, the file, the list, and what is refused."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from adminui.services import reading
from adminui.staff.models import Grant
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.columns import type_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet(buzz: Live, lead: Any) -> Worksheet:
    opened = buzz.open(lead, "campaigns")
    ids = sorted(record["id"] for record in buzz.api.dump("campaigns"))[:8]
    return reading.open_ids(opened, ids, ["active", "notes"])


def at(sheet: Worksheet) -> str:
    return f"/worksheets/{sheet.pk}/export"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def lines(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(response).decode("utf-8-sig"), newline="")))


def test_the_form_says_how_many_there_are_of_each(client_as, buzz, lead, sheet):
    type_in(buzz.open(lead, "campaigns"), sheet, "notes", {1: "x", 4: "y"})
    page = client_as("lead").get(at(sheet)).content.decode()
    assert 'data-count="2">2</span>' in page and 'data-count="8">8</span>' in page and 'value="failed"' not in page
    part = client_as("lead").get(f"{at(sheet)}?part=form").content.decode()
    assert part.lstrip().startswith("<form") and 'value="ticked"' in part and 'value="ticked"' not in page


def test_a_post_answers_with_the_file(client_as, sheet):
    asked = {"rows": "rows", "ranges": "1-2,5", "columns": "named", "names": ["notes"], "form": "csv", "mark": "1"}
    response = client_as("lead").post(at(sheet), asked)
    assert response["Content-Type"] == "text/csv; charset=utf-8" and response["X-Rows"] == "3"
    assert response["Content-Disposition"].endswith('.csv"')
    rows = lines(response)
    assert [list(row) for row in rows] == [["id", "notes", "_version"]] * 3


def test_the_columns_shown_are_those_of_the_worksheet(client_as, sheet):
    assert list(lines(client_as("lead").post(at(sheet), {"form": "csv"}))[0]) == [
        *("id", "name", "active", "notes", "_version")
    ]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"rows": "rows", "ranges": "5-99"}, "more were chosen"),
        ({"rows": "changed"}, "None of these rows"),
        ({"rows": "some"}, "cannot be read"),
        ({"columns": "named"}, "No column is chosen"),
        ({"columns": "named", "names": ["colour"]}, "no field “colour”"),
        ({"form": "pdf"}, "no such kind of file"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(client_as, sheet, asked, says):
    response = client_as("lead").post(at(sheet), asked, headers={"accept": "application/json"})
    assert response.status_code == 422 and says in response.json()["what_happened"]


def test_a_field_that_a_person_may_not_see_does_not_leave(client_as, lead, sheet):
    for group in lead.groups.all():
        Grant.objects.create(group=group, connection="*", resource="*", fields="notes", actions=["view"], deny=True)
    response = client_as("lead").post(at(sheet), {"columns": "all", "form": "csv"})
    assert "notes" not in lines(response)[0]


def test_nobody_exports_somebody_elses_worksheet(client_as, sheet):
    assert client_as("editor").get(at(sheet)).status_code == 404
    assert client_as("editor").post(at(sheet), {"form": "csv"}).status_code == 404


def test_whoever_may_only_look_may_export(client_as, sheet):
    sheet.sharing = Worksheet.Sharing.VIEW
    sheet.save()
    assert len(lines(client_as("viewer").post(at(sheet), {"form": "csv"}))) == 8


def test_all_that_matches_a_list_is_read_first(client_as, buzz, lead, monkeypatch):
    monkeypatch.setattr(reading, "AT_ONCE", 0)
    client = client_as("lead")
    opened = client.post(f"/c/{buzz.connection}/campaigns/export", {"where": "", "columns": "notes"})
    sheet = Worksheet.objects.get()
    assert opened.status_code == 302 and opened["Location"] == at(sheet)
    assert "read first" in client.get(at(sheet)).content.decode()
    refused = client.post(at(sheet), {"form": "csv"}, headers={"accept": "application/json"})
    assert refused.status_code == 409 and "still being read" in refused.json()["what_happened"]
    assert reading.read_once()
    assert {int(row["id"]) for row in lines(client.post(at(sheet), {"form": "csv"}))} == {
        record["id"] for record in buzz.api.dump("campaigns")
    }


def test_the_list_offers_it_with_its_count(client_as, buzz, lead):
    page = client_as("viewer").get(f"/c/{buzz.connection}/campaigns/").content.decode()
    assert f"/c/{buzz.connection}/campaigns/export" in page and "Export " in page
