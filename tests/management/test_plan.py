"""`manage.py plan`: a file becomes the plan it says, or nothing, with every reason and its line."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from adminui.records.schema import Kind
from adminui.runs.models import Plan
from tests.conftest import Live
from tests.services.bench import dump, stored, writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(autotask: Live) -> list[int]:
    return sorted(dump(autotask, "Companies"))[2:8]


def changes_of(plan_id: int) -> dict[tuple[int, str], Any]:
    rows = Plan.objects.get(pk=plan_id).rows()
    return {(row.record_id, change.field): change.after for row in rows for change in row.changes}


def test_a_file_is_planned_and_nothing_is_sent(manage, file, autotask: Live, lead, ids):
    path = file(f"id,city,phone\n{ids[0]},Köln,\n{ids[1]},Bonn,+49 1\n")
    ended = manage("plan", "autotask-test", "Companies", path, "--note", "T-1", "--user", "lead", "--json")
    assert ended.status == 0 and not ended.err
    told = ended.data
    assert (told["requests"], told["rows"], told["fields"], told["unchanged"]) == (2, 2, 3, 0)
    assert changes_of(told["plan"]) == {(ids[0], "city"): "Köln", (ids[1], "city"): "Bonn", (ids[1], "phone"): "+49 1"}
    plan = Plan.objects.get()
    assert (plan.note, plan.user_name, plan.state, plan.door) == ("T-1", "lead", "open", "file")
    assert not writes(autotask)


def test_a_person_reads_the_sentence_the_requests_and_how_to_go_on(manage, file, autotask: Live, lead, ids):
    ended = manage("plan", "autotask-test", "Companies", file(f"id,city\n{ids[0]},Köln\n"), "--user", "lead")
    assert ended.status == 0
    assert "PATCH, 1 of" in ended.out and '"city":' in ended.out.replace('"city" :', '"city":')
    assert f"manage.py apply {Plan.objects.get().pk} --user lead" in ended.out


def test_null_empty_text_and_labels_of_picklists_mean_what_they_say(manage, file, autotask: Live, lead, ids):
    opened = autotask.open(lead, "Companies")
    picked = opened.whole.by_name["companyType"]
    held = dump(autotask, "Companies")[ids[0]]["companyType"]
    choice = next(c for c in picked.choices if c.active and str(c.value) != str(held))
    nothing = next(f.name for f in opened.whole.writable if f.nullable and f.kind is Kind.INTEGER)
    autotask.api.change("Companies", ids[0], {"city": "Köln", nothing: 4})
    text = f"id;city;{nothing};{picked.label}\n{ids[0]};-;NULL;{choice.label}\n"
    words = ["--null", "NULL", "--empty", "-", "--user", "lead", "--json"]
    ended = manage("plan", "autotask-test", "Companies", file(text), *words)
    assert ended.status == 0, ended.err
    assert changes_of(ended.data["plan"]) == {
        (ids[0], "city"): "",
        (ids[0], nothing): None,
        (ids[0], "companyType"): choice.value,
    }


def test_rows_that_hold_the_values_are_counted_and_not_planned(manage, file, autotask: Live, lead, ids):
    autotask.api.change("Companies", ids[0], {"city": "Köln"})
    path = file(f"id,city\n{ids[0]},Köln\n{ids[1]},Bonn\n")
    assert manage("plan", "autotask-test", "Companies", path, "--user", "lead", "--json").data["unchanged"] == 1
    path = file(f"id,city\n{ids[0]},Köln\n")
    ended = manage("plan", "autotask-test", "Companies", path, "--user", "lead", "--json")
    assert ended.status == 0 and ended.data == {"plan": None, "requests": 0, "rows": 0, "unchanged": 1}
    assert Plan.objects.count() == 1


def test_every_problem_is_named_with_its_line_and_nothing_is_planned(manage, file, autotask: Live, lead, ids):
    def refused(text: str, name: str = "changes.csv") -> list[str]:
        ended = manage("plan", "autotask-test", "Companies", file(text, name), "--user", "lead")
        assert ended.status == 2 and not ended.out and not Plan.objects.exists()
        return ended.err.splitlines()

    assert [line[:14] for line in refused("id,citty,Phonne\n1,a,b\n")] == ["Line 1: “citty", "Line 1: “Phonn"]
    assert "no column “id”" in refused("companyName,city\na,b\n")[0]
    assert refused(f"id,city\n{ids[0]},a\n{ids[0]},b\nx,c\n") == [
        f"Line 3: the id {ids[0]} stands in line 2 already.",
        "Line 4: “x” is not an id of Companies.",
    ]
    assert refused(f"id,city\n{ids[0]},a\n987654,b\n") == ["Line 3: Autotask (Test) has no Company 987654."]
    assert [line.split(":")[0] for line in refused(f"id,isActive,city\n{ids[0]},maybe,{'x' * 500}\n")] == [
        "Line 2, isActive",
        "Line 2, city",
    ]
    said = refused(f'[{{"id": {ids[0]}, "isActive": ""}}]', "changes.json")
    assert said[0].startswith("Line 1, isActive:") and "no empty text" in said[0]
    assert "read-only" in refused(f"id,createDate\n{ids[0]},2020-01-01 00:00:00\n")[0]


def test_json_from_stdin_is_exact(manage, buzz: Live, lead, monkeypatch):
    record_id = sorted(dump(buzz, "line-items"))[0]
    text = f'[{{"id": {record_id}, "notes": "from stdin", "max_bid": 1.10}}]'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ended = manage("plan", "buzz-test", "line-items", "-", "--user", "lead", "--json")
    assert ended.status == 0, ended.err
    assert str(changes_of(ended.data["plan"])[record_id, "max_bid"]) == "1.10"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["autotask-test", "Companies", "FILE"], "--user NAME"),
        (["autotask-test", "Companies", "FILE", "--user", "nobody"], "nobody called “nobody”"),
        (["elsewhere", "Companies", "FILE", "--user", "lead"], "no connection “elsewhere”"),
        (["autotask-test", "Nothing", "FILE", "--user", "lead"], "has no “Nothing”"),
        (["autotask-test", "Companies", "missing.csv", "--user", "lead"], "missing.csv cannot be read"),
        (["autotask-test", "Companies", "FILE", "--user", "viewer"], "You may not edit"),
        (["autotask-test", "Companies", "FILE", "--user", "editor"], "change many"),
        (["autotask-test", "Companies", "FILE", "--user", "lead", "--canary", "-1"], "--canary"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(manage, file, autotask, person, ids, words, said):
    for role in ("lead", "viewer", "editor"):
        person(role)
    path = file(f"id,city\n{ids[0]},a\n{ids[1]},b\n")
    ended = manage("plan", *(path if word == "FILE" else word for word in words))
    assert ended.status == 2 and said in ended.err and len(ended.err.splitlines()) == 1
    assert not Plan.objects.exists()


def test_an_api_that_does_not_answer_is_one_sentence(manage, file, autotask: Live, lead, ids):
    autotask.open(lead, "Companies")
    autotask.stop()
    ended = manage("plan", "autotask-test", "Companies", file(f"id,city\n{ids[0]},a\n"), "--user", "lead")
    assert ended.status == 2 and len(ended.err.splitlines()) == 1


def test_a_full_replace_names_its_requests_put(manage, file, buzz: Live, lead):
    record_id = sorted(dump(buzz, "line-items"))[0]
    path = file(f"id,notes\n{record_id},put\n")
    ended = manage("plan", "buzz-test", "line-items", path, "--replace", "--user", "lead")
    assert ended.status == 0, ended.err
    assert "PUT, all" in ended.out and Plan.objects.get().replace
    assert stored(buzz, "line-items", record_id)["notes"] != "put"


def test_with_a_canary_the_requests_printed_are_those_that_will_go(manage, file, buzz: Live, lead):
    listed = sorted(dump(buzz, "line-items"))[:4]
    path = file("id,notes\n" + "".join(f"{each},Note {each}\n" for each in listed))
    ended = manage("plan", "buzz-test", "line-items", path, "--canary", "1", "--user", "lead")
    plan = Plan.objects.get()
    assert [ids for _, ids in plan.steps] == [listed[:1], listed[1:]]
    assert f"/line-items/{listed[0]}  (1 record)" in ended.out and "/line-items/bulk  (3 records)" in ended.out


def test_what_will_change_is_printed_with_before_and_after(manage, file, autotask: Live, lead, ids):
    for each in ids:
        autotask.api.change("Companies", each, {"city": "Köln"})
    path = file("id,city\n" + "".join(f"{each},Bonn\n" for each in ids))
    ended = manage("plan", "autotask-test", "Companies", path, "--user", "lead")
    assert f"{ids[0]}  City: Köln → Bonn" in ended.out and "… and 1 more record." in ended.out
