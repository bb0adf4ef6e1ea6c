"""A formula while it is typed, over HTTP: what comes next, what is wrong and where, and nobody else's fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet(autotask: Live, lead: User) -> Worksheet:
    made = Worksheet.objects.create(
        owner=lead, connection=autotask.connection, resource="Companies", title="t", source="s", rows=1, state="ready"
    )
    store.write_part(made, 0, [{"id": 1, "companyName": "Acme"}], ["id", "companyName"], staged=False)
    return made


@pytest.fixture
def client(client_as: Any, sheet: Worksheet) -> Client:
    return client_as("lead")


def ask(client: Client, sheet: Worksheet, status: int = 200, /, **data: Any) -> Any:
    address = reverse("sheet-formula", args=[sheet.pk])
    answer = client.post(address, json.dumps(data), content_type="application/json", HTTP_ACCEPT="application/json")
    assert answer.status_code == status, answer.content.decode()[:1000]
    return answer.json()


def test_what_is_begun_is_completed_with_fields_and_functions_that_take_its_place(client: Client, sheet: Worksheet):
    told = ask(client, sheet, formula="upper({company na", at=17, field="companyName")
    first = told["completions"][0]
    assert (first["insert"], first["from"], first["to"], first["kind"]) == ("{companyName}", 6, 17, "field")
    assert told["signature"] == {"name": "upper", "parameters": ["text"], "active": 0, "help": "In capital letters."}
    assert told["problem"]["at"] == 6
    begun = ask(client, sheet, formula="regex_ex", at=8)["completions"]
    assert [(each["insert"], each["label"]) for each in begun] == [
        ("regex_extract(", "regex_extract(text, pattern, [group])")
    ]


def test_what_is_wrong_is_told_at_its_spot_for_the_field_that_is_to_be_changed(client: Client, sheet: Worksheet):
    told = ask(client, sheet, formula="value * 2", at=9, field="companyName")
    assert told["problem"]["at"] == 0 and told["problem"]["length"] == 5 and "number(…)" in told["problem"]["message"]
    assert ask(client, sheet, formula="value * 2", at=9)["problem"] is None  # of a field that is not known yet
    fine = ask(client, sheet, formula='trim({companyName}) & " " & {city}', at=0, field="companyName")
    assert fine["problem"] is None and fine["reads"] == ["companyName", "city"]


def test_nothing_at_all_may_be_asked_and_nonsense_is_refused_in_words(client: Client, sheet: Worksheet):
    assert ask(client, sheet, formula="", at=0)["completions"]
    for wrong in ({}, {"formula": 7}, {"formula": "1", "at": "x"}, {"formula": "1", "field": "nosuch"}):
        assert ask(client, sheet, 422, **wrong)["what_happened"]


def test_somebody_without_a_right_to_the_worksheet_is_told_nothing(client_as: Any, sheet: Worksheet):
    ask(client_as("editor"), sheet, 404, formula="1", at=1)
