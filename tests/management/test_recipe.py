"""`manage.py recipe`: records are read, the recipe is run on them, and the report says what became of each step."""

from __future__ import annotations

from typing import Any

import pytest

from adminui.runs.models import Plan
from adminui.worksheets.models import Recipe, Worksheet
from tests.conftest import Live
from tests.services.bench import dump, writes
from tests.services.columns import pending

pytestmark = pytest.mark.django_db
STEPS = [
    {"op": "trim", "fields": ["city"]},
    {"op": "map", "fields": ["city"], "params": {"pairs": [["Bonn", "BONN"]]}},
]


@pytest.fixture
def ids(autotask: Live) -> list[int]:
    """Four companies, of which the first two want cleaning."""
    found = sorted(dump(autotask, "Companies"))[2:6]
    for record, city in zip(found, (" Bonn ", "Bonn", "Ulm", "Ulm"), strict=True):
        autotask.api.change("Companies", record, {"city": city})
    return found


@pytest.fixture
def recipe(lead: Any) -> Recipe:
    return Recipe.objects.create(owner=lead, resource="Companies", name="Cities", steps=STEPS)


def test_it_reads_cleans_reports_and_sends_nothing(manage, autotask: Live, recipe, ids):
    wanted = ",".join(map(str, ids))
    ended = manage("recipe", "Cities", "autotask-test", "Companies", "--ids", wanted, "--user", "lead", "--json")
    assert ended.status == 0, ended.err
    told = ended.data
    assert (told["matched"], told["unmatched"], told["pending"], told["plan"]) == (4, 0, 2, None)
    assert [(step["op"], step["cells"], step["problem"]) for step in told["steps"]] == [("trim", 1, ""), ("map", 2, "")]
    sheet = Worksheet.objects.get(pk=told["worksheet"])
    assert set(pending(sheet, "city").values()) == {"BONN"} and len(sheet.operations) == 2
    assert not writes(autotask)


def test_conditions_choose_the_records_and_a_plan_follows(manage, autotask: Live, recipe, ids):
    words = ["--filter", "city eq Bonn", "--filter", f"id in {','.join(map(str, ids))}", "--plan", "--user", "lead"]
    ended = manage("recipe", "Cities", "autotask-test", "Companies", *words)
    assert ended.status == 0, ended.err
    (plan,) = Plan.objects.all()
    assert [(row.record_id, row.changes[0].after) for row in plan.rows()] == [(ids[1], "BONN")]
    assert f"plan {plan.pk}" in ended.out and "1 cell in 1 row" in ended.out and not writes(autotask)


def test_a_step_that_cannot_be_done_is_named_and_nothing_is_planned(manage, autotask: Live, recipe, ids):
    recipe.steps = [{"op": "trim", "fields": ["gone"]}, *STEPS]
    recipe.save()
    words = ["--ids", f"{ids[0]},999999", "--user", "lead"]
    ended = manage("recipe", "Cities", "autotask-test", "Companies", *words)
    assert ended.status == 1 and "not done" in ended.out and "1 id not found" in ended.out
    ended = manage("recipe", "Cities", "autotask-test", "Companies", *words, "--plan", "--json")
    assert ended.status == 2 and "Nothing was planned" in ended.err
    assert ended.data["problem"] and ended.data["steps"][0]["problem"] and not Plan.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Nothing", "autotask-test", "Companies", "--user", "lead"], "no recipe “Nothing”"),
        (["Cities", "autotask-test", "Contacts", "--user", "lead"], "no recipe “Cities”"),
        (["Cities", "autotask-test", "Companies", "--user", "lead", "--ids", "1", "--filter", "id eq 1"], "together"),
        (["Cities", "autotask-test", "Companies"], "--user"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(manage, autotask: Live, recipe, words, said):
    ended = manage("recipe", *words)
    assert ended.status == 2 and said in ended.err and not Worksheet.objects.exists()
