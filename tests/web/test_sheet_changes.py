"""Shared changes, mixes, figures and layouts over HTTP: what the page sends, and the words it gets back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from adminui.services.layouts import of as layouts_of
from adminui.worksheets import store
from adminui.worksheets.models import Layout, Step, Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [
    {"companyName": "Acme", "companyType": 1, "city": "Bonn", "parentCompanyID": 7},
    {"companyName": "Beta", "companyType": 3, "city": None, "parentCompanyID": None},
    {"companyName": "Gamma", "companyType": 3, "city": "", "parentCompanyID": 7},
    {"companyName": "Delta", "companyType": 3, "city": "Köln"},
]


@pytest.fixture
def sheet(autotask: Live, lead: User) -> Worksheet:
    made = Worksheet.objects.create(
        owner=lead, connection=autotask.connection, resource="Companies", title="t", source="s", rows=4, state="ready"
    )
    records = [{"id": 100 + at} | record for at, record in enumerate(ROWS)]
    store.write_part(made, 0, records, ["id", *ROWS[0]], staged=False)
    return made


@pytest.fixture
def client(client_as: Any, sheet: Worksheet) -> Client:
    """Signed in after the person was made for the worksheet: making them again signs them out."""
    return client_as("lead")


def ask(client: Client, view: str, sheet: Worksheet, status: int = 200, /, **data: Any) -> Any:
    address = reverse(view, args=[sheet.pk])
    answer = client.post(address, json.dumps(data), content_type="application/json", HTTP_ACCEPT="application/json")
    assert answer.status_code == status, answer.content.decode()[:1000]
    return answer.json()


def test_it_counts_and_shows_before_it_makes_the_change_once(client: Client, sheet: Worksheet):
    asked = {"scope": {"rows": "0-2"}, "changes": [{"field": "city", "op": "append", "value": "!"}]}
    told = ask(client, "sheet-share", sheet, **asked, keep=False)
    assert told["sentence"] == "2 rows will change, 1 left alone." and not Step.objects.exists()
    assert (told["changed"], told["already"], told["invalid"], told["skipped"]) == (2, 0, 0, 1)
    assert told["preview"][0] == {
        "row": 0,
        "id": "100",
        "title": "Acme",
        "cells": [{"field": "city", "before": "Bonn", "after": "Bonn!", "fate": "changed", "words": ""}],
    }
    left = ask(client, "sheet-share", sheet, **asked, fate="skipped")["preview"]
    assert [(row["row"], row["cells"][0]["words"]) for row in left] == [(1, "is null")]
    assert ask(client, "sheet-share", sheet, **asked, start=2)["preview"][0]["row"] == 2
    token = str(uuid4())
    for _ in range(2):
        kept = ask(client, "sheet-share", sheet, **asked, keep=True, token=token, since=0)
        (step,) = kept["feed"]["steps"]
        assert (step["token"], step["kind"], step["label"]) == (token, "shared", told["label"])
        assert step["cells"]["city"]["after"] == ["Bonn!", "!"] and step["cells"]["city"]["rows"] == [0, 2]
    assert Step.objects.count() == 1 and "already" in kept["sentence"]


def test_a_condition_may_be_on_another_field_in_either_form(client: Client, sheet: Worksheet):
    values = ask(client, "sheet-mix", sheet, scope=None, field="companyType")["values"]
    key = next(each["key"] for each in values if each["text"] == "1")
    change = {"field": "city", "op": "set", "value": "Ulm"}
    for only in ({"only": key, "only_field": "companyType"}, {"only": {"field": "companyType", "key": key}}):
        told = ask(client, "sheet-share", sheet, scope=None, changes=[change | only])
        assert told["sentence"] == "1 row will change, 3 left out by the condition."


def test_a_mix_has_labels_texts_and_keys(client: Client, sheet: Worksheet):
    told = ask(client, "sheet-mix", sheet, scope=None, field="companyType")
    assert (told["distinct"], told["rest"]) == (2, None)
    assert [(each["text"], each["count"]) for each in told["values"]] == [("3", 3), ("1", 1)]
    assert all(each["label"] not in ("", each["text"]) for each in told["values"])
    cities = ask(client, "sheet-mix", sheet, scope={"rows": "1-3"}, field="city")["values"]
    assert [(each["text"], each["label"]) for each in cities] == [(None, "null"), ("", "empty"), ("Köln", "Köln")]


def test_a_mix_of_references_has_their_names(autotask: Live, client: Client, sheet: Worksheet):
    company = autotask.api.dump("Companies")[3]
    records = [{"id": 100 + at, "parentCompanyID": company["id"]} for at in range(4)]
    store.write_part(sheet, 0, records, ["id", "parentCompanyID"], staged=False)
    (value,) = ask(client, "sheet-mix", sheet, scope=None, field="parentCompanyID")["values"]
    assert (value["text"], value["label"]) == (str(company["id"]), company["companyName"].strip() or value["label"])


def test_figures_are_in_words(client: Client, autotask: Live, sheet: Worksheet):
    prices = [Decimal("1000.50"), Decimal("12345.25"), None, Decimal("1000.50")]
    records = [{"id": 100 + at, "assetValue": price} for at, price in enumerate(prices)]
    store.write_part(sheet, 0, records, ["id", "assetValue"], staged=False)
    told = ask(client, "sheet-stats", sheet, scope=None, field="assetValue")["facts"]
    facts = {each["label"]: each["value"] for each in told}
    assert facts["Rows"] == "4" and facts["Null"] == "1" and facts["Distinct values"] == "2" and "Empty" not in facts
    assert facts["Sum"] == "14\u202f346.25" and facts["Median"] == "1\u202f000.5"
    assert facts["Average"] == "≈ 4\u202f782.0833"
    (frequent,) = (label for label in facts if label.startswith("Most frequent"))
    assert "1\u202f000.50" in frequent and facts[frequent] == "2 rows, 50\u202f%"
    names = ask(client, "sheet-stats", sheet, scope=None, field="companyName")["facts"]
    assert {"label": "Longest", "value": "Gamma (5 characters)"} in names


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("sheet-share", {"changes": []}),
        ("sheet-share", {"changes": ["city"]}),
        ("sheet-share", {"changes": [{"field": "city", "op": "destroy"}]}),
        ("sheet-share", {"changes": [{"field": "id", "op": "set", "value": "5"}]}),
        ("sheet-share", {"changes": [{"field": "city", "op": "set", "value": 5}]}),
        ("sheet-share", {"changes": [{"field": "city", "op": "null", "only": {"field": "x", "key": ""}}]}),
        ("sheet-share", {"changes": [{"field": "city", "op": "null"}], "scope": {"rows": "4"}}),
        ("sheet-share", {"changes": [{"field": "city", "op": "null"}], "start": -1}),
        ("sheet-share", {"changes": [{"field": "city", "op": "null"}], "fate": "happy"}),
        ("sheet-share", {"changes": [{"field": "city", "op": "null"}], "keep": True, "token": "mine"}),
        ("sheet-mix", {"field": "nothing"}),
        ("sheet-stats", {"scope": {"rows": "0-1"}}),
        ("sheet-layout", {"name": "n" * 200, "data": {}}),
        ("sheet-layout", {"name": "", "data": [1]}),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(client: Client, sheet: Worksheet, name: str, data: Any):
    told = ask(client, name, sheet, 422, **data)
    assert told["what_happened"] and not Step.objects.exists() and not Layout.objects.exists()


def test_others_do_not_reach_a_worksheet_that_is_not_shared(client_as: Any, sheet: Worksheet):
    for name in ("sheet-share", "sheet-mix", "sheet-stats", "sheet-layout"):
        ask(client_as("editor"), name, sheet, 404, field="city", changes=[], data={})


def test_who_may_only_look_sees_mixes_and_changes_nothing(client_as: Any, sheet: Worksheet):
    Worksheet.objects.update(sharing="view")
    editor = client_as("editor")
    assert ask(editor, "sheet-mix", sheet, scope=None, field="city")["distinct"] == 4
    ask(editor, "sheet-share", sheet, 403, changes=[{"field": "city", "op": "null"}], keep=True, token=str(uuid4()))
    assert not Step.objects.exists()


def test_a_layout_is_kept_by_name_and_as_it_was_left(autotask: Live, client: Client, sheet: Worksheet, lead: User):
    data = {
        "columns": ["city", "nothing", "companyType", "id", "city", 5],
        "widths": {"city": 12.6, "companyType": 5000, "nothing": 100, "phone": "wide"},
        "frozen": 7,
        "sort": [{"field": "city", "down": True}, {"field": "nothing"}, {"field": ["x"]}],
        "filters": {
            "city": {"text": "B", "how": "begins", "more": 1},
            "companyType": {"in": ["1", None]},
            "phone": {"is": "null"},
            "nothing": {"is": "null"},
            "fax": {"is": ["null"]},
            "createDate": {"from": "2026-01-01"},
        },
    }
    cleaned = {
        "columns": ["city", "companyType"],
        "widths": {"city": 40, "companyType": 1200},
        "frozen": 3,
        "sort": [{"field": "city", "down": True}],
        "filters": {
            "city": {"text": "B", "how": "begins"},
            "companyType": {"in": ["1", None]},
            "phone": {"is": "null"},
            "createDate": {"from": "2026-01-01", "to": ""},
        },
    }
    assert ask(client, "sheet-layout", sheet, name="", data=data) == {"layouts": []}
    assert ask(client, "sheet-layout", sheet, name=" By  city ", data=data)["layouts"] == [
        {"name": "By city", "data": cleaned}
    ]
    kept = layouts_of(autotask.open(lead, "Companies"))
    assert kept.left == cleaned and len(kept.named) == 1
    assert ask(client, "sheet-layout", sheet, name="By city", data=None) == {"layouts": []}
    assert layouts_of(autotask.open(lead, "Companies")).left == cleaned


def test_layouts_are_each_persons_own(autotask: Live, client_as: Any, sheet: Worksheet, person: Any):
    Worksheet.objects.update(sharing="view")
    lead, editor = client_as("lead"), client_as("editor")
    ask(lead, "sheet-layout", sheet, name="Mine", data={})
    assert ask(editor, "sheet-layout", sheet, name="Mine", data=None) == {"layouts": []}
    assert [each["name"] for each in layouts_of(autotask.open(person("lead"), "Companies")).named] == ["Mine"]
