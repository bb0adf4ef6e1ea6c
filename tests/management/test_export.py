"""`manage.py export`: all that matches, exactly, in a file that is whole or is not there."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from adminui.records.casting import to_text
from adminui.records.queries import Query
from adminui.records.tables import writing
from adminui.records.tables.versions import Version
from adminui.records.tables.writing import Token
from adminui.remote import reader
from adminui.sandbox.faults import Fault
from adminui.services.files import fetching
from adminui.staff.models import Grant
from tests.conftest import Live
from tests.services.bench import dump, writes

pytestmark = pytest.mark.django_db
AT = ("autotask-test", "Companies", "--user", "lead")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder / "companies.csv"


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_every_record_and_every_value_is_in_the_file(manage, tmp_path, autotask: Live, lead):
    out = tmp_path / "companies.csv"
    ended = manage("export", *AT, "--out", out, "--json")
    assert ended.status == 0, ended.err
    held = dump(autotask, "Companies")
    rows = rows_of(out)
    assert [int(row["id"]) for row in rows] == sorted(int(row["id"]) for row in rows)
    assert {int(row["id"]) for row in rows} == set(held)
    assert ended.data["rows"] == len(rows) and ended.data["bytes"] == out.stat().st_size
    opened = autotask.open(lead, "Companies")
    read = {record["id"]: record for record in reader.read_all(opened.client, opened.whole, Query())}
    for row in rows:
        for f in opened.resource.visible:
            value, said = read[int(row["id"])].get(f.name), writing.meaning(row[f.name])
            assert said == (Token.BLANK if value is None else Token.EMPTY if value == "" else to_text(f, value)), f.name
    assert not writes(autotask)


def test_the_version_says_what_was_read(manage, tmp_path, autotask: Live, lead):
    out = tmp_path / "companies.csv"
    assert manage("export", *AT, "--out", out, "--columns", "companyName,city").status == 0
    opened = autotask.open(lead, "Companies")
    first = rows_of(out)[0]
    assert list(first) == ["id", "companyName", "city", "_version"]
    version = Version.parse(first["_version"])
    assert version is not None and version.saw(opened.resource)
    record: Any = next(fetching.begun(opened, fetching.Group()).records())[0]
    name = opened.resource.by_name["companyName"]
    assert version.record_is(opened.resource, record) and version.held(name, record["companyName"])
    assert not version.held(name, "another") and not version.record_is(opened.resource, record | {"phone": "1"})


def test_conditions_are_asked_of_the_api(manage, tmp_path, autotask: Live, lead):
    held = dump(autotask, "Companies")
    some = sorted(held)[3:6]
    out = tmp_path / "some.tsv"
    words = ["--filter", f"id in {','.join(map(str, some))}", "--filter", f"id>{some[0]}", "--columns", "city"]
    ended = manage("export", *AT, "--out", out, *words)
    assert ended.status == 0, ended.err
    assert [int(row["id"]) for row in rows_of(out, "\t")] == some[1:]
    assert "2 Companies in" in ended.out and "2 of 2 records read" in ended.err


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("colour is red", "begins with no field"),
        ("city resembles Bonn", "no comparison that is known"),
        ("city eq", "lacks a value"),
        ("id contains 4", "cannot be asked"),
        ("id > x", "not a whole number"),
    ],
)
def test_a_condition_that_means_nothing_is_named(manage, tmp_path, autotask: Live, lead, condition, says):
    ended = manage("export", *AT, "--out", tmp_path / "no.csv", "--filter", condition)
    assert ended.status == 2 and says in ended.err and not (tmp_path / "no.csv").exists()


def test_hidden_fields_never_leave(manage, tmp_path, autotask: Live, lead):
    for group in lead.groups.all():
        Grant.objects.create(group=group, connection="*", resource="*", fields="phone", actions=["view"], deny=True)
    out = tmp_path / "companies.csv"
    assert manage("export", *AT, "--out", out).status == 0
    assert "phone" not in rows_of(out)[0]
    ended = manage("export", *AT, "--out", tmp_path / "b.csv", "--columns", "phone")
    assert ended.status == 2 and "have no field “phone”" in ended.err


def test_a_file_that_is_there_is_not_written_over(manage, out: Path, autotask: Live, lead):
    out.write_text("mine")
    ended = manage("export", *AT, "--out", out)
    assert ended.status == 2 and "is there already" in ended.err and out.read_text() == "mine"
    assert manage("export", *AT, "--out", out, "--force").status == 0
    assert out.read_text() != "mine"


def test_reading_that_breaks_off_leaves_nothing_and_the_old_file_as_it_was(manage, out: Path, autotask: Live, lead):
    out.write_text("mine")
    autotask.running.faults.add(Fault("server_error", path="/Companies", times=None, after=2))
    ended = manage("export", *AT, "--out", out, "--force")
    assert ended.status == 2 and ended.err
    assert [each.name for each in out.parent.iterdir()] == [out.name] and out.read_text() == "mine"


def test_fewer_records_than_the_api_counts_make_no_file(manage, out: Path, autotask: Live, lead, monkeypatch):
    monkeypatch.setattr(reader, "count", lambda *given: 1_000)
    ended = manage("export", *AT, "--out", out)
    assert ended.status == 2 and "the API counts 1,000 now" in ended.err and not out.exists()


def test_a_workbook_says_what_it_is(manage, tmp_path, autotask: Live, lead):
    out = tmp_path / "companies.xlsx"
    assert manage("export", *AT, "--out", out, "--columns", "companyName", "--labels").status == 0
    book = CalamineWorkbook.from_path(str(out))
    assert book.sheet_names == ["Rows", "Read me"]
    rows = book.get_sheet_by_name("Rows").to_python()
    assert (
        rows[0][0] == "id"
        and all(isinstance(row[0], str) for row in rows)
        and len(rows) - 1 == len(dump(autotask, "Companies"))
    )
    told = dict(row[:2] for row in book.get_sheet_by_name("Read me").to_python())
    assert (told["connection"], told["resource"], told["exported_by"]) == ("autotask-test", "Companies", "lead")


def test_a_csv_goes_down_a_pipe(manage, autotask: Live, lead, monkeypatch: pytest.MonkeyPatch):
    taken = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(taken, write_through=True))
    ended = manage("export", *AT, "--out", "-", "--columns", "city")
    assert ended.status == 0 and taken.getvalue().startswith(b"id,city,_version\r\n")
