"""What the panels of near-duplicates and names ask the server for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.columns import sheet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(autotask: Live, lead: Any) -> Worksheet:
    names = ["Acme", "ACME", "Beta", None]
    return sheet_of(autotask.open(lead, "Companies"), [{"companyName": n, "ownerResourceID": 4} for n in names])


@pytest.fixture
def client(client_as: Any, lead: Any) -> Client:
    return client_as("lead")


def ask(client: Client, name: str, sheet: Worksheet, status: int = 200, **posted: Any) -> dict[str, Any]:
    address = reverse(name, args=[sheet.pk])
    answer = client.post(address, json.dumps(posted), "application/json", headers={"accept": "application/json"})
    assert answer.status_code == status, answer.content
    return answer.json()


def test_the_methods_come_with_their_parameters_and_the_columns_they_can_be_used_for(client: Client, sheet: Worksheet):
    told = client.get(reverse("sheet-clusters", args=[sheet.pk])).json()
    assert [each["name"] for each in told["methods"]] == [
        "fingerprint",
        "ngram",
        "phonetic",
        "levenshtein",
        "jaro_winkler",
    ]
    assert next(p["limits"] for m in told["methods"] for p in m["params"] if p["name"] == "radius") == [1, 4]
    assert "companyName" in told["fields"] and not {"companyType", "id", "createDate"} & set(told["fields"])


def test_groups_come_short_and_by_pages(client: Client, sheet: Worksheet):
    asked = {"field": "companyName", "method": "fingerprint", "params": {}, "scope": None}
    group = {"key": "ACME", "survivor": "Acme", "values": [["Acme", 1], ["ACME", 1]]}
    whole = {"all": 1, "found": 1, "distinct": 3, "rows": 3, "whole": True, "groups": [group]}
    assert ask(client, "sheet-clusters", sheet, **asked) == whole
    assert ask(client, "sheet-clusters", sheet, **asked | {"from": 1}) == whole | {"groups": []}
    assert ask(client, "sheet-clusters", sheet, **asked | {"search": "beta"}) == whole | {"groups": [], "found": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "guess"},
        {"params": "all"},
        {"where": "all"},
        {"where": ["all"]},
        {"scope": {"rows": "9"}},
        {"from": -1},
        {"field": "companyType"},
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client: Client, sheet: Worksheet, wrong: dict[str, Any]):
    asked = {"field": "companyName", "method": "fingerprint", "params": {}} | wrong
    assert ask(client, "sheet-clusters", sheet, 422, **asked)["what_happened"]


def test_names_come_with_the_records_they_may_mean_and_ids_as_texts(client: Client, sheet: Worksheet):
    told = ask(client, "sheet-resolve-names", sheet, texts=["Ben Evans", "who"], target="ownerResourceID")
    ben, who = told["names"]
    assert ben["sure"] and ben["candidates"][0]["id"] == "4" and ben["candidates"][0]["title"] == "Ben Evans"
    assert who == {"text": "who", "rows": 1, "sure": False, "candidates": []}
    assert (told["reference"], told["records"], told["blank"]) == ("Resources", 40, 0)


def test_the_way_back_names_the_records(client: Client, sheet: Worksheet):
    told = ask(client, "sheet-resolve-names", sheet, source="ownerResourceID", back=True)
    assert told == {"names": [{"id": "4", "rows": 4, "title": "Ben Evans"}]}


def test_what_can_be_resolved_into_what(client: Client, sheet: Worksheet):
    told = client.get(reverse("sheet-resolve-names", args=[sheet.pk])).json()
    assert {"name": "ownerResourceID", "reference": "Resources"} in told["targets"]
    assert {"name": "createdByResourceID", "reference": "Resources"} in told["references"]
    assert "createdByResourceID" not in {each["name"] for each in told["targets"]}
    assert "companyName" in told["texts"]


@pytest.mark.parametrize("wrong", [{"texts": "Ben"}, {"texts": [1]}, {"texts": ["x"], "target": "companyName"}])
def test_names_that_cannot_be_read_are_refused_in_words(client: Client, sheet: Worksheet, wrong: dict[str, Any]):
    assert ask(client, "sheet-resolve-names", sheet, 422, **{"target": "ownerResourceID"} | wrong)["what_happened"]


def test_a_worksheet_of_somebody_else_is_not_there(client_as: Any, sheet: Worksheet):
    for name in ("sheet-clusters", "sheet-resolve-names"):
        ask(client_as("editor"), name, sheet, 404, field="companyName", method="fingerprint")
