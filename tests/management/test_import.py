"""`manage.py import`: a file as pending edits in a worksheet, with a report for people and for machines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from adminui.records.values import Record
from adminui.remote import reader
from adminui.runs.models import Plan
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.management.conftest import Manage

pytestmark = pytest.mark.django_db(transaction=True)
File = Callable[..., Path]


def companies(autotask: Live, user: User, number: int) -> list[Record]:
    opened = autotask.open(user, "Companies")
    from adminui.records.queries import Query

    return list(reader.read_all(opened.client, opened.whole, Query(), number))


def imported(manage: Manage, live: Live, path: Path, *words: str) -> Any:
    return manage("import", live.connection, "Companies", path, "--user", "admin", "--json", *words)


def pending(number: int) -> dict[str, dict[int, str | None]]:
    sheet = Worksheet.objects.get(pk=number)
    found: dict[str, dict[int, str | None]] = {}
    for (name, _), marks in store.marks(sheet).items():
        found.setdefault(name, {}).update({row: mark["e"] for row, mark in marks.items() if "e" in mark})
    return found


def test_only_the_columns_of_the_file_become_pending(
    manage: Manage, file: File, autotask: Live, admin_user: User
) -> None:
    first, second, third = companies(autotask, admin_user, 3)
    lines = [
        "id;Phone;Nonsense",
        f"{first['id']};0301234567;x",
        f"{second['id']};;y",
        f"{third['id']};{third['phone']};",
    ]
    ended = imported(manage, autotask, file("\r\n".join(lines)))
    assert ended.status == 0, ended.err
    told = ended.data
    assert (told["matched"], told["pending"], told["unchanged"], told["ignored"]) == (3, 1, 2, ["Nonsense"])
    assert pending(told["worksheet"]) == {"phone": {0: "0301234567"}}
    assert not autotask.seen("PATCH") and not autotask.seen("PUT")


def test_each_blank_policy_does_what_it_says(manage: Manage, file: File, autotask: Live, admin_user: User) -> None:
    held = next(c for c in companies(autotask, admin_user, 60) if c["phone"] and c["fax"])
    path = file(f"id,phone,fax\n{held['id']},,\n")
    kept = imported(manage, autotask, path).data
    assert kept["pending"] == 0
    both = imported(manage, autotask, path, "--blank", "null", "--blank-for", "fax=empty").data
    assert pending(both["worksheet"]) == {"phone": {0: None}, "fax": {0: ""}}
    token = imported(manage, autotask, file(f"id,phone,fax\n{held['id']},-,\n"), "--blank", "-").data
    assert pending(token["worksheet"]) == {"phone": {0: None}}


def test_rows_that_no_record_is_sure_of_are_named_and_left_out(
    manage: Manage, file: File, autotask: Live, admin_user: User
) -> None:
    first, second, *_ = companies(autotask, admin_user, 2)
    rows = [
        (first["id"], "1"), (first["id"], "2"), ("1.23457E+15", "3"), ("12.03.2024", "4"),
        ("1234567890123450", "5"), ("99999999", "6"), ("", "7"), (second["id"], "030 8"),
    ]  # fmt: skip
    path = file("id,phone\n" + "".join(f"{i},{phone}\n" for i, phone in rows))
    ended = imported(manage, autotask, path)
    told = ended.data
    assert ended.status == 1
    assert (told["duplicate"], told["damaged_ids"], told["unmatched"], told["without_id"]) == (2, 3, 1, 1)
    assert pending(told["worksheet"]) == {"phone": {0: "030 8"}}
    assert told["not_taken"] == 7


def test_another_field_finds_records_and_lost_zeros_find_none(
    manage: Manage, file: File, autotask: Live, admin_user: User
) -> None:
    first, second, third, fourth = companies(autotask, admin_user, 4)
    for record, number in ((first, "00417"), (second, "417"), (third, "A-9"), (fourth, "B-1")):
        autotask.api.change("Companies", record["id"], {"companyNumber": number})
    rows = [("417", "1"), ("A-9", "030 2"), ("B-2", "3")]
    path = file("companyNumber,phone\n" + "".join(f"{key},{phone}\n" for key, phone in rows))
    told = imported(manage, autotask, path, "--key", "companyNumber").data
    assert (told["matched"], told["damaged_ids"], told["unmatched"]) == (1, 1, 1)
    assert list(pending(told["worksheet"])["phone"].values()) == ["030 2"]


def test_it_goes_on_to_a_plan_which_sends_nothing(manage: Manage, file: File, autotask: Live, admin_user: User) -> None:
    first, *_ = companies(autotask, admin_user, 1)
    told = imported(manage, autotask, file(f"id,phone\n{first['id']},030 1\n"), "--plan").data
    assert len(Plan.objects.get(pk=told["plan"]).changesets) == 1
    assert not autotask.seen("PATCH")


def test_an_invalid_cell_is_pending_and_stops_the_plan(
    manage: Manage, file: File, autotask: Live, admin_user: User
) -> None:
    first, *_ = companies(autotask, admin_user, 1)
    path = file(f"id,companyType\n{first['id']},no such type\n")
    ended = imported(manage, autotask, path, "--plan")
    assert (ended.status, ended.data["invalid"], ended.data["plan"]) == (2, 1, None)
    assert "cannot be sent" in ended.err


def test_people_are_told_in_sentences(manage: Manage, file: File, autotask: Live, admin_user: User) -> None:
    first, *_ = companies(autotask, admin_user, 1)
    path = file(f"id,phone,Telefone\n{first['id']},,1\n7E+09,1,1\n")
    ended = manage("import", autotask.connection, "Companies", path, "--user", "admin")
    assert "1 blank cell in phone: left alone" in ended.out
    assert "1 row with a damaged id" in ended.out
    assert "Ignored: Telefone" in ended.out
    assert "Nothing was sent." in ended.out


def test_what_cannot_be_used_makes_no_worksheet(manage: Manage, file: File, autotask: Live, admin_user: User) -> None:
    for content, words in (("", "empty"), ("name,phone\nx,1\n", "No column says which record"), ("id\n1,2\n", "")):
        ended = manage("import", autotask.connection, "Companies", file(content), "--user", "admin")
        assert ended.status == 2 and words in ended.err
    assert not Worksheet.objects.exists()
