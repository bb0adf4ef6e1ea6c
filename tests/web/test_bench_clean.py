"""Clean-ups, matches, tables, operations and recipes over HTTP: what panels send, and what they are told."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from adminui.worksheets import store
from adminui.worksheets.models import Recipe, Step, Worksheet
from tests.conftest import Live
from tests.services.columns import pending

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [
    {"companyName": " Acme  Ltd ", "city": "Bonn", "state": "California", "companyType": 1},
    {"companyName": "Beta Ltd", "city": " Köln", "state": "Calif.", "companyType": 3},
    {"companyName": "Gamma", "city": None, "state": "NY", "companyType": 3},
    {"companyName": "Delta LTD, Ltd", "city": "", "state": None},
]
TRIM = {"op": "trim", "fields": ["companyName", "city"]}
LTD = {"op": "replace", "fields": ["companyName"], "params": {"find": "ltd", "by": "Limited"}}


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
    return client_as("lead")


def ask(client: Client, view: str, sheet: Worksheet, status: int = 200, /, **data: Any) -> Any:
    address = reverse(view, args=[sheet.pk])
    answer = client.post(address, json.dumps(data), content_type="application/json", HTTP_ACCEPT="application/json")
    assert answer.status_code == status, answer.content.decode()[:1000]
    return answer.json()


def made(client: Client, sheet: Worksheet, operation: dict[str, Any], scope: Any = None) -> Any:
    return ask(client, "sheet-clean", sheet, operation=operation, scope=scope, keep=True, token=str(uuid4()))


def test_the_page_learns_which_clean_ups_fit_which_field(client: Client, sheet: Worksheet):
    told = client.get(reverse("sheet-clean", args=[sheet.pk])).json()
    names = [each["name"] for each in told["transforms"]]
    assert {"trim", "replace", "map", "phone"} <= set(names) and "id" not in told["fits"]
    assert names.index("trim") in told["fits"]["city"] and names.index("trim") not in told["fits"]["companyType"]
    replace = told["transforms"][names.index("replace")]
    assert [each["name"] for each in replace["params"]][:2] == ["find", "by"] and replace["params"][0]["required"]
    one = client.get(reverse("sheet-clean", args=[sheet.pk]), {"field": "city"}).json()
    assert list(one["fits"]) == ["city"]


def test_it_is_counted_and_shown_then_made_once(client: Client, sheet: Worksheet):
    told = ask(client, "sheet-clean", sheet, operation=TRIM, scope={"rows": "0-2"})
    assert (told["changed"], told["cells"], told["already"] + told["skipped"]) == (2, 2, 1)
    assert told["preview"][0]["cells"][0] | {"words": ""} == {
        "field": "companyName", "before": " Acme  Ltd ", "after": "Acme  Ltd", "fate": "changed", "words": "",
    }  # fmt: skip
    assert not Step.objects.exists()
    token = str(uuid4())
    for _ in range(2):
        kept = ask(client, "sheet-clean", sheet, operation=TRIM, scope={"rows": "0-2"}, keep=True, token=token, since=0)
        assert [step["token"] for step in kept["feed"]["steps"]] == [token]
    assert Step.objects.count() == 1
    assert pending(sheet, "companyName") == {0: "Acme  Ltd"} and pending(sheet, "city") == {1: "Köln"}


@pytest.mark.parametrize(
    ("operation", "param", "words"),
    [
        ({**LTD, "params": {"find": "(", "by": "", "regex": True}}, "find", "at character"),
        ({**LTD, "params": {"find": ""}}, "find", ""),
        ({**LTD, "params": {"find": "a", "by": r"\3", "regex": True}}, "by", "no group"),
        ({"op": "phone", "fields": ["city"], "params": {"region": "Texas"}}, "region", "not a country"),
        ({"op": "trim", "fields": ["nothing"]}, "", "no field"),
        ({"op": "nothing", "fields": ["city"]}, "", "no clean-up"),
        ({"op": "trim", "fields": ["city"], "params": {"wings": 2}}, "", "not a parameter"),
    ],
)
def test_what_makes_no_sense_is_said_at_the_parameter(
    client: Client, sheet: Worksheet, operation: Any, param: str | None, words: str
):
    problem = ask(client, "sheet-clean", sheet, operation=operation, scope=None)["problem"]
    assert words in problem["message"] and (param is None or problem["param"] == param)
    ask(client, "sheet-clean", sheet, 422, operation=operation, scope=None, keep=True, token=str(uuid4()))
    assert not Step.objects.exists()


def test_of_what_cannot_be_sent_it_is_said_whether_it_is_written(client: Client, sheet: Worksheet):
    put = {"op": "constant", "fields": ["companyType"], "params": {"value": "Nope", "only_blank": False}}
    told = ask(client, "sheet-clean", sheet, operation=put, scope={"rows": "0"})
    assert (told["sentence"], told["cells"]) == ("0 rows will change, 1 left alone as invalid.", 0)
    change = {"op": "change", "fields": ["companyType"], "params": {"operation": "set", "value": "Nope"}}
    told = ask(client, "sheet-clean", sheet, operation=change, scope={"rows": "0"})
    assert (told["sentence"], told["cells"]) == ("0 rows will change, 1 would be marked, invalid.", 1)


@pytest.mark.parametrize(
    "data",
    [
        {"operation": "trim", "scope": None},
        {"operation": TRIM, "scope": {"rows": 5}},
        {"operation": {**TRIM, "fields": []}, "scope": None},
        {"operation": TRIM, "scope": {"rows": "0-2"}, "keep": True, "token": "mine"},
    ],
)
def test_what_cannot_be_read_is_refused(client: Client, sheet: Worksheet, data: Any):
    assert ask(client, "sheet-clean", sheet, 422, **data)["what_happened"] and not Step.objects.exists()


def test_facets_choose_the_rows_and_make_a_step_that_travels(client: Client, sheet: Worksheet):
    values = ask(client, "sheet-mix", sheet, scope=None, field="companyType")["values"]
    key = next(each["key"] for each in values if each["text"] == "3")
    asked = {**LTD, "where": [{"facet": "text", "field": "companyType", "in": [key]}]}
    told = ask(client, "sheet-clean", sheet, operation=asked, scope=None)
    assert told["sentence"] == "1 row will change, 1 left alone."
    assert ask(client, "sheet-matches", sheet, operation=asked, scope=None)["total"] == 1
    table = {"op": "map", "fields": ["state"], "params": {"pairs": []}, "where": asked["where"]}
    assert ask(client, "sheet-table", sheet, operation=table, scope=None)["values"] == 2
    made(client, sheet, asked)
    (entry,) = entries(client, sheet)
    assert entry["portable"] and entry["where"] == f"where Company type is {values[0]['label']}"
    assert entry["words"].endswith(entry["where"]) and pending(sheet, "companyName") == {1: "Beta Limited"}


def test_every_match_is_shown_with_what_is_found_and_what_comes_there(client: Client, sheet: Worksheet):
    asked = {"operation": {**LTD, "fields": ["companyName", "city"]}, "scope": None}
    told = ask(client, "sheet-matches", sheet, **asked)
    assert (told["total"], told["rows"]) == (3, 3)
    assert told["fields"] == [{"field": "companyName", "matches": 3}, {"field": "city", "matches": 0}]
    first, last = told["matches"][0], told["matches"][-1]
    assert first["before"] == [[" Acme  ", False], ["Ltd", True], [" ", False]]
    assert first["after"] == [[" Acme  ", False], ["Limited", True], [" ", False]]
    assert [text for text, found in last["after"] if found] == ["Limited", "Limited"]
    assert ask(client, "sheet-matches", sheet, **asked, start=1)["matches"][0]["row"] == 1
    assert ask(client, "sheet-matches", sheet, **asked, ids=True)["ids"] == {"companyName": ["100", "101", "103"]}


def test_what_is_taken_out_by_hand_stays_while_its_row_is_still_listed(client: Client, sheet: Worksheet):
    asked = {**LTD, "but": {"companyName": ["101"]}}
    assert ask(client, "sheet-matches", sheet, operation=asked, scope=None)["total"] == 3
    assert ask(client, "sheet-clean", sheet, operation=asked, scope=None)["cells"] == 2
    made(client, sheet, asked)
    assert pending(sheet, "companyName") == {0: " Acme  Limited ", 3: "Delta Limited, Limited"}


def test_a_table_says_what_is_used_unused_and_unmatched(client: Client, sheet: Worksheet):
    pairs = [["California", "CA"], ["Calif.", "CA"], ["Bavaria", "BY"]]
    asked = {"op": "map", "fields": ["state"], "params": {"pairs": pairs}}
    told = ask(client, "sheet-table", sheet, operation=asked, scope=None)
    assert told["used"] == [[0, 1], [1, 1]] and told["unused"] == [2]
    assert [(each["label"], each["rows"]) for each in told["unmatched"]] == [("NY", 1), ("null", 1)]
    assert ask(client, "sheet-table", sheet, operation=asked, scope={"rows": "0,3"})["used"] == [[0, 1]]
    without = {**asked, "params": {"pairs": []}}
    assert ask(client, "sheet-table", sheet, operation=without, scope=None, find="cal")["values"] == 4
    twice = {**asked, "params": {"pairs": [["NY", "a"], ["NY", "b"]]}}
    assert "twice" in ask(client, "sheet-table", sheet, operation=twice, scope=None)["problem"]["message"]


def entries(client: Client, sheet: Worksheet) -> list[dict[str, Any]]:
    return client.get(reverse("sheet-operations", args=[sheet.pk])).json()["entries"]


def test_operations_are_switched_off_looked_at_first_and_undone_in_one(client: Client, sheet: Worksheet):
    made(client, sheet, TRIM)
    made(client, sheet, LTD)
    first, second = entries(client, sheet)
    assert first["portable"] and first["who"] == "lead" and first["cells"] == 2
    wanted = [{"id": first["id"], "on": False}, {"id": second["id"], "on": True}]
    told = ask(client, "sheet-operations", sheet, wanted=wanted)
    assert told["cells"] == 2 and told["sentence"] == "2 cells in 2 rows will change."
    assert pending(sheet, "city") == {1: "Köln"}
    ask(client, "sheet-operations", sheet, wanted=wanted, keep=True, token=str(uuid4()))
    assert pending(sheet, "city") == {} and pending(sheet, "companyName")[0] == " Acme  Limited "
    assert [each["on"] for each in entries(client, sheet)] == [False, True]


def test_parameters_of_a_step_are_edited_in_place(client: Client, sheet: Worksheet):
    made(client, sheet, LTD)
    (entry,) = entries(client, sheet)
    step = {**entry["step"], "params": {"find": "ltd", "by": "GmbH"}}
    wanted = [{"id": entry["id"], "on": True, "step": step}]
    told = ask(client, "sheet-operations", sheet, wanted=wanted, keep=True, token=str(uuid4()))
    assert "GmbH" in told["entries"][0]["label"] and pending(sheet, "companyName")[1] == "Beta GmbH"
    ask(client, "sheet-operations", sheet, 422, wanted=[{"id": "somebody else's", "on": True}])


def test_a_recipe_is_saved_from_what_was_done_and_runs_on_another_worksheet(
    autotask: Live, client: Client, sheet: Worksheet, lead: User
):
    made(client, sheet, TRIM)
    made(client, sheet, LTD)
    made(client, sheet, {"op": "map", "fields": ["state"], "params": {"pairs": [["NY", "New York"]]}}, {"rows": "2"})
    listed = entries(client, sheet)
    assert [each["portable"] for each in listed] == [True, True, False]
    wrong = ask(client, "sheet-recipes", sheet, 422, do="save", name="All", entries=[each["id"] for each in listed])
    assert "chosen rows" in wrong["what_happened"]
    both = [each["id"] for each in listed[:2]]
    kept = ask(client, "sheet-recipes", sheet, do="save", name=" My  names ", note="weekly", entries=both)["recipe"]
    assert kept["name"] == "My names" and len(kept["steps"]) == 2
    ask(client, "sheet-recipes", sheet, 422, do="save", name="My names", entries=both)

    other = Worksheet.objects.create(
        owner=lead, connection=autotask.connection, resource="Companies", title="u", source="s", rows=1, state="ready"
    )
    store.write_part(other, 0, [{"id": 7, "companyName": " New Ltd", "city": "X"}], ["id", *ROWS[0]], staged=False)
    told = ask(client, "sheet-recipes", other, do="count", recipe=kept["id"])
    assert told["label"] == "Do 2 steps: 1 cell in 1 row" and [each["cells"] for each in told["steps"]] == [1, 1]
    ask(client, "sheet-recipes", other, do="run", recipe=kept["id"], token=str(uuid4()), without=[0])
    assert pending(other, "companyName") == {0: " New Limited"}


def test_a_step_that_cannot_be_done_here_is_named_and_the_others_are_done(client: Client, sheet: Worksheet, lead: User):
    steps = [{"op": "trim", "fields": ["gone"]}, LTD]
    recipe = Recipe.objects.create(owner=lead, resource="Companies", name="Old", steps=steps)
    told = ask(client, "sheet-recipes", sheet, do="count", recipe=recipe.pk)
    assert "no field" in told["steps"][0]["problem"] and told["label"].startswith("Do 1 step: 3 cells")


def test_who_may_only_look_cleans_nothing(client_as: Any, sheet: Worksheet):
    Worksheet.objects.update(sharing="view")
    editor = client_as("editor")
    for view, data in {
        "sheet-clean": {"operation": TRIM, "scope": None, "keep": True, "token": str(uuid4())},
        "sheet-matches": {"operation": LTD, "scope": None},
        "sheet-operations": {"wanted": [], "keep": True, "token": str(uuid4())},
        "sheet-recipes": {"do": "save", "name": "x", "entries": []},
    }.items():
        ask(editor, view, sheet, 403, **data)
    Worksheet.objects.update(sharing="")
    ask(editor, "sheet-clean", sheet, 404, operation=TRIM, scope=None)
    assert not Step.objects.exists() and not Recipe.objects.exists()
