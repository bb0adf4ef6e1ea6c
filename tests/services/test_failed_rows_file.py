"""The rows that an API refused go out as a file with its words, are repaired there, and come back as pending edits."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
import xlsxwriter
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from adminui.planning.outcomes import Outcome
from adminui.runs.models import Run
from adminui.services import plans, reading, standing, worker
from adminui.services.catalog import Opened
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.bench import dump, stored
from tests.services.drafts import edits_of, marks_of, put

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = 99_999
OWNER = "ownerResourceID"
EDITS = {
    (1, OWNER): str(NOBODY),
    (1, "city"): "Ulm",
    (2, OWNER): str(NOBODY),
    (3, OWNER): str(NOBODY),
    (3, "phone"): "=1+1",
    (3, "fax"): "",
}
Lines = list[list[Any]]


@dataclass(frozen=True)
class Form:
    """A kind of file, as a spreadsheet opens and saves it."""

    name: str
    opened: Callable[[bytes], Lines]
    saved: Callable[[Lines], bytes]


def csv_lines(data: bytes) -> Lines:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def csv_saved(lines: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8-sig")


def book_lines(data: bytes) -> Lines:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Rows").to_python()


def book_saved(lines: Lines) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheet = book.add_worksheet("Rows")
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)
    return file.getvalue()


FORMS = [Form("csv", csv_lines, csv_saved), Form("xlsx", book_lines, book_saved)]


@pytest.fixture
def opened(autotask: Live, lead: User) -> Opened:
    return autotask.open(lead, "Companies")


@pytest.fixture
def sheet(autotask: Live, opened: Opened) -> Worksheet:
    ids = sorted(dump(autotask, "Companies"))[:5]
    for record_id in ids:
        autotask.api.change("Companies", record_id, {"city": "Bonn", "phone": "+49 228 1", "fax": "+49 228 2"})
    return reading.open_ids(opened, ids, ["companyName", OWNER, "city", "phone", "fax"])


def applied_run(opened: Opened, sheet: Worksheet) -> Run:
    run = plans.approve(opened, standing.plan(opened, sheet))
    assert worker.work_once()
    run.refresh_from_db()
    return run


@pytest.fixture
def refused(opened: Opened, sheet: Worksheet) -> Run:
    """Of four rows one is done, and three get an owner whom nobody knows. The fifth is left alone."""
    owners = dict.fromkeys((1, 2, 3), str(NOBODY))
    put(opened, sheet, city={0: "Trier", 1: "Ulm"}, phone={3: "=1+1"}, fax={3: ""}, **{OWNER: owners})
    run = applied_run(opened, sheet)
    assert run.tally() == {Outcome.DONE: 1, Outcome.REJECTED: 3}
    assert edits_of(sheet) == EDITS
    return run


def exported(client: Client, sheet: Worksheet, form: str) -> bytes:
    asked = {"form": form, "rows": "failed", "columns": "shown", "words": "1", "formulas": "1", "mark": "1"}
    answer = client.post(f"/worksheets/{sheet.pk}/export", asked)
    assert answer.status_code == 200
    return b"".join(answer)


def imported(client: Client, to: str, form: Form, lines: Lines) -> Worksheet:
    """Uploaded, compared, and taken by the button of the page."""
    at = client.post(to, {"file": SimpleUploadedFile(f"failed.{form.name}", form.saved(lines))}).url
    assert client.post(at, {"do": "compare", "key": "0:id"}).status_code == 302
    button = re.search(r'name="sentence" value="([^"]+)"', client.get(at).content.decode())
    assert button is not None
    taken = client.post(at, {"do": "take", "sentence": button[1]})
    assert taken.status_code == 302
    return Worksheet.objects.get(pk=int(taken.url.split("/")[2]))


def words_of(run: Run) -> list[set[str]]:
    """What the API said, row by row of the run."""
    rows = run.items.filter(outcome=Outcome.REJECTED).order_by("seq")
    return [{word for said in (item.messages, *item.by_field.values()) for word in said} for item in rows]


def repaired(lines: Lines, owner: int) -> Lines:
    """The owner of the first row is somebody who is there; nothing else is touched."""
    place, (head, first, *others) = lines[0].index(OWNER), lines
    assert str(first[place]) == str(NOBODY)
    return [head, [*first[:place], str(owner), *first[place + 1 :]], *others]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_file_holds_the_refused_rows_as_they_were_to_be_with_the_apis_words(
    sheet: Worksheet, refused: Run, client_as: Callable[[str], Client], form: Form
):
    head, *lines = form.opened(exported(client_as("lead"), sheet, form.name))
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    assert [str(row["id"]) for row in rows] == [i.record_id for i in refused.items.filter(outcome=Outcome.REJECTED)]
    assert [str(row[OWNER]) for row in rows] == [str(NOBODY)] * 3
    assert [row["city"] for row in rows] == ["Ulm", "Bonn", "Bonn"]
    assert rows[2]["fax"] == '""' and rows[2]["phone"] == ("'=1+1" if form.name == "csv" else "=1+1")
    assert {row["_outcome"] for row in rows} == {"rejected"}
    for row, words in zip(rows, words_of(refused), strict=True):
        assert words and all(word in row["_message"] for word in words)
    assert "does not reference an existing entity" in rows[0]["_message"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_back_in_its_worksheet_the_one_repaired_value_is_the_one_new_edit_and_can_be_stored(
    autotask: Live, opened: Opened, sheet: Worksheet, refused: Run, client_as: Callable[[str], Client], form: Form
):
    client, owner = client_as("lead"), someone(autotask, opened, sheet)
    lines = repaired(form.opened(exported(client, sheet, form.name)), owner)
    before = marks_of(sheet)
    assert imported(client, f"/worksheets/{sheet.pk}/import", form, lines) == sheet
    assert edits_of(sheet) == EDITS | {(1, OWNER): str(owner)}
    after = marks_of(sheet)
    assert {place for place in {*before, *after} if before.get(place) != after.get(place)} == {(1, OWNER)}
    run = applied_run(opened, sheet)
    assert run.tally() == {Outcome.DONE: 1, Outcome.REJECTED: 2}
    ids = sorted(dump(autotask, "Companies"))
    held = stored(autotask, "Companies", ids[1])
    assert (held[OWNER], held["city"]) == (owner, "Ulm")
    assert edits_of(sheet) == {place: text for place, text in EDITS.items() if place[0] != 1}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_from_the_list_a_worksheet_of_its_own_gets_exactly_what_differs_from_the_records(
    autotask: Live, opened: Opened, sheet: Worksheet, refused: Run, client_as: Callable[[str], Client], form: Form
):
    client, owner = client_as("lead"), someone(autotask, opened, sheet)
    lines = repaired(form.opened(exported(client, sheet, form.name)), owner)
    to = f"/c/{autotask.connection}/Companies/import"
    made = imported(client, to, form, lines)
    expected = EDITS | {(1, OWNER): str(owner)}
    assert made != sheet and edits_of(made) == {(row - 1, name): text for (row, name), text in expected.items()}
    assert edits_of(sheet) == EDITS


def someone(autotask: Live, opened: Opened, sheet: Worksheet) -> int:
    """Who may own a company, and does not own the one in question."""
    second = sorted(dump(autotask, "Companies"))[1]
    owner = stored(autotask, "Companies", second)[OWNER]
    return int(next(i for i, held in dump(autotask, "Resources").items() if held["isActive"] and i != owner))
