"""The pages of an import: a file chosen, its columns meant, compared, taken, and its report; for its owner alone."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from adminui.services.files import spool
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
As = Callable[[str], Client]


def page(live: Live, rest: str = "") -> str:
    return f"/c/{live.connection}/Companies/import{rest}"


def upload(client: Client, live: Live, content: bytes, name: str = "phones.csv", to: str = "") -> Any:
    return client.post(to or page(live), {"file": SimpleUploadedFile(name, content)})


def some_ids(live: Live, number: int) -> list[int]:
    return [record["id"] for record in live.api.dump("Companies")[:number]]


def pending(sheet: Worksheet) -> dict[tuple[str, int], str | None]:
    return {(n, row): m["e"] for (n, _), marks in store.marks(sheet).items() for row, m in marks.items() if "e" in m}


def to_compared(client: Client, at: str, **chosen: str) -> Any:
    answer = client.post(at, {"do": "compare", "key": "0:id", **chosen})
    assert answer.status_code == 302, answer.content.decode()
    return client.get(at)


def test_a_file_goes_from_upload_to_pending_edits_and_its_report(autotask: Live, client_as: As) -> None:
    client, (first, second) = client_as("editor"), some_ids(autotask, 2)
    at = upload(client, autotask, f"id;Phone\r\n{first};0301\r\n{second};\r\n7E+09;1\r\n".encode()).url
    columns = client.get(at).content.decode()
    assert "Read 3 Companies and compare" in columns
    compared = to_compared(client, at).content.decode()
    label = "Make a worksheet with 1 pending edit in 1 row"
    assert label in compared and "1: left alone" in compared and "damaged id" in compared
    taken = client.post(at, {"do": "take", "sentence": label})
    sheet = Worksheet.objects.get()
    assert taken.url == f"/worksheets/{sheet.pk}/"
    assert pending(sheet) == {("phone", 0): "0301"}
    assert sheet.title == "Import of phones.csv"
    assert "phones.csv</bdi>, 1 row not taken" in client.get(taken.url).content.decode()
    assert client.get(at).url == f"/worksheets/{sheet.pk}/imports/1/"
    report = client.get(f"/worksheets/{sheet.pk}/imports/1/").content.decode()
    assert "Download these rows" in report
    rows = client.get(f"/worksheets/{sheet.pk}/imports/1/rows.csv").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "id,Phone,_why" and rows[1].startswith("7E+09,1,") and len(rows) == 2
    assert not autotask.seen("PATCH")


def test_the_button_takes_what_it_said_or_nothing(autotask: Live, client_as: As) -> None:
    client, (first,) = client_as("editor"), some_ids(autotask, 1)
    at = upload(client, autotask, f"id,phone\n{first},0301\n".encode()).url
    to_compared(client, at)
    answer = client.post(at, {"do": "take", "sentence": "Make a worksheet with 7 pending edits in 7 rows"})
    assert answer.status_code == 409
    assert "It came to something else" in answer.content.decode()
    assert pending(Worksheet.objects.get()) == {}


def test_a_file_goes_into_a_worksheet_that_is_there_and_only_into_its_rows(autotask: Live, client_as: As) -> None:
    client, (first, second) = client_as("editor"), some_ids(autotask, 2)
    client.post(f"/c/{autotask.connection}/Companies/worksheet", {"ids": str(first)})
    sheet = Worksheet.objects.get()
    pasted = {"pasted": f"id\tphone\n{first}\t0301\n{second}\t0302\n"}
    at = client.post(f"/worksheets/{sheet.pk}/import", pasted).url
    compared = to_compared(client, at).content.decode()
    label = "Make 1 cell in 1 row pending"
    assert label in compared and "rows whose record is not there" in compared
    client.post(at, {"do": "take", "sentence": label})
    assert pending(sheet) == {("phone", 0): "0301"}
    assert Worksheet.objects.count() == 1


def test_a_workbook_keeps_its_types(autotask: Live, client_as: As) -> None:
    client, (first,) = client_as("editor"), some_ids(autotask, 1)
    held = next(r for r in autotask.api.dump("Companies") if r["id"] == first)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("Any")
    for column, (name, value) in enumerate(
        [("id", first), ("isActive", not held["isActive"]), ("companyName", "=1+1")]
    ):
        sheet.write(0, column, name)
        sheet.write(1, column, value) if column < 2 else sheet.write_string(1, column, str(value))
    book.close()
    at = upload(client, autotask, buffer.getvalue(), "book.xlsx").url
    to_compared(client, at)
    client.post(at, {"do": "take", "sentence": "Make a worksheet with 2 pending edits in 1 row"})
    assert pending(Worksheet.objects.get()) == {
        ("isActive", 0): str(not held["isActive"]).lower(),
        ("companyName", 0): "=1+1",
    }


def test_an_upload_is_its_owners_alone_and_goes_after_a_day(autotask: Live, client_as: As) -> None:
    at = upload(client_as("editor"), autotask, b"id,phone\n1,2\n").url
    assert client_as("lead").get(at).status_code == 404
    assert client_as("viewer").get(page(autotask)).status_code == 403
    assert client_as("editor").get(page(autotask, "/../../../../etc")).status_code == 404
    root = settings.VAR_DIR / "imports"
    (held,) = root.iterdir()
    assert root.stat().st_mode & 0o77 == 0 and (held / "file").stat().st_mode & 0o77 == 0
    import os

    os.utime(held, (time.time() - spool.KEPT - 60,) * 2)
    upload(client_as("editor"), autotask, b"id,phone\n1,2\n")
    assert not held.exists()


def test_a_post_without_the_token_is_refused(autotask: Live, client_as: As, person: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("editor"))
    assert upload(client, autotask, b"id\n1\n").status_code == 403
    assert not (settings.VAR_DIR / "imports").exists()


def test_what_is_too_big_is_refused_before_it_is_read(autotask: Live, client_as: As, monkeypatch: Any) -> None:
    monkeypatch.setattr(spool, "MOST_BYTES", 10_000)
    answer = upload(client_as("editor"), autotask, b"x" * 200_000)
    assert answer.status_code == 422 and "bigger than" in answer.content.decode()


def bomb(cells: str, extra: dict[str, bytes] | None = None) -> bytes:
    """A workbook whose only sheet says what it likes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    book.add_worksheet("A").write(0, 0, "id")
    book.close()
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", cells.encode() + b"</sheetData>")
            target.writestr(name, data)
        for name, data in (extra or {}).items():
            target.writestr(name, data)
    return out.getvalue()


def test_hostile_workbooks_are_refused_and_harm_nobody(autotask: Live, client_as: As, monkeypatch: Any) -> None:
    client = client_as("editor")
    far = bomb('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    answer = upload(client, autotask, far, "far.xlsx")
    assert answer.status_code == 422 and "cannot be read" in answer.content.decode()
    monkeypatch.setattr(spool, "MOST_UNPACKED", 5_000_000)
    unpacked = bomb("", {"xl/media/a.bin": b"\0" * 6_000_000})
    answer = upload(client, autotask, unpacked, "zip.xlsx")
    assert answer.status_code == 422 and "unpacks to more" in answer.content.decode()
    lying = far[:-30]
    assert upload(client, autotask, lying, "cut.xlsx").status_code == 422
    assert not list((settings.VAR_DIR / "imports").iterdir())


def test_another_encoding_can_be_chosen_and_what_cannot_be_read_can_be_tried_again(
    autotask: Live, client_as: As
) -> None:
    client, (first,) = client_as("editor"), some_ids(autotask, 1)
    at = upload(client, autotask, f"id;city\n{first};Köln\n".encode("cp1252")).url
    page = client.get(at).content.decode()
    assert "The encoding is a guess" in page and "Köln" in page
    changed = client.post(at, {"do": "shape", "encoding": "cp1251", "delimiter": "semicolon", "header": "0"})
    assert "Kцln" in client.get(changed.url).content.decode()
    assert client.post(at, {"do": "shape", "encoding": "utf-8"}).status_code == 422


def test_a_hidden_field_is_no_column_and_a_report_is_its_persons(autotask: Live, client_as: As) -> None:
    client, (first,) = client_as("editor"), some_ids(autotask, 1)
    at = upload(client, autotask, f"id,phone\n{first},0301\n".encode()).url
    to_compared(client, at)
    client.post(at, {"do": "take", "sentence": "Make a worksheet with 1 pending edit in 1 row"})
    sheet = Worksheet.objects.get()
    client.post(f"/worksheets/{sheet.pk}/link", {"sharing": "edit"})
    assert client_as("lead").get(f"/worksheets/{sheet.pk}/imports/1/").status_code == 403
