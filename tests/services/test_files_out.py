"""Files out of worksheets: the rows and columns that were asked for, each value exactly, failures with their words."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from adminui.records.packing import PART
from adminui.records.tables import writing
from adminui.records.tables.versions import Version
from adminui.records.tables.writing import Token
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.files import choosing, exporting, streamed
from adminui.services.scope import ranges_of
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.services.columns import sheet_of, things, type_in

pytestmark = pytest.mark.django_db
ODD = [
    "=1+1",
    "'=1",
    '""',
    "<r><t>x</t></r>",
    "a\r\nb",
    " lead",
    "_x0041_",
    "\x01",
    "00123",
    "&<>\"'",
    "😀",
    "-5",
    "+47 22",
]


@pytest.fixture
def opened(buzz: Any, lead: Any) -> Opened:
    return things(buzz.open(lead, "campaigns"))


def export(opened: Opened, sheet: Worksheet, rows: str = "all", ranges: str = "", **asked: Any) -> bytes:
    wanted = choosing.wanted(opened, {"columns": "all", "formulas": "1"} | asked, choosing.shown_in(opened, sheet))
    made = exporting.prepared(opened, sheet, wanted, choosing.rows_of(opened, sheet, rows, ranges))
    return b"".join(exporting.written(made))


def lines(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def book(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Rows").to_python()


def test_null_missing_and_empty_stay_apart_and_lists_are_json(opened):
    records = [{"name": "", "price": Decimal("1.10"), "tags": ["a", 1]}, {"name": None, "price": None}, {"count": 3}]
    rows = lines(export(opened, sheet_of(opened, records)))
    assert [writing.meaning(row["name"]) for row in rows] == [Token.EMPTY, Token.BLANK, Token.BLANK]
    assert rows[0]["price"] == "1.10" and rows[0]["tags"] == '["a", 1]'
    versions = [Version.parse(row["_version"]) for row in rows]
    name = opened.resource.by_name["name"]
    assert versions[1].held(name, None) and not versions[2].held(name, None)


def test_hidden_fields_are_not_in_the_file_nor_in_its_versions(opened):
    sheet = sheet_of(opened, [{"name": "a", "secret": "s"}])
    data = export(opened, sheet)
    assert b"secret" not in data
    assert Version.parse(lines(data)[0]["_version"]).record_is(opened.resource, {"id": 100, "name": "a", "secret": "t"})
    with pytest.raises(BadInput):
        export(opened, sheet, columns="named", names=["secret"])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_odd_text_comes_out_as_it_is(opened, form):
    sheet = sheet_of(opened, [{"name": text} for text in ODD])
    data = export(opened, sheet, form=form)
    found = [row["name"] for row in lines(data)] if form == "csv" else [row[1] for row in book(data)[1:]]
    assert [writing.meaning(cell) for cell in found] == ODD
    if form == "csv":
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in found)


def test_a_file_has_pending_edits_or_what_was_read_or_both(opened):
    sheet = sheet_of(opened, [{"name": "a", "count": 1, "status": 1}, {"name": "b", "count": 2, "status": 2}])
    type_in(opened, sheet, "name", {0: "new", 1: None})
    type_in(opened, sheet, "count", {1: "many"})
    now = lines(export(opened, sheet))
    assert [(row["name"], row["count"]) for row in now] == [("new", "1"), ("[null]", "many")]
    assert [row["name"] for row in lines(export(opened, sheet, values="read"))] == ["a", "b"]
    both = lines(export(opened, sheet, values="both", means="1"))
    assert [(row["_before name"], row["_before count"]) for row in both] == [("a", ""), ("b", "2")]
    assert "_before day" not in both[0] and [row["_means status"] for row in both] == ["New", "Active"]
    held = Version.parse(now[0]["_version"])
    assert held.held(opened.resource.by_name["name"], "a") and not held.held(opened.resource.by_name["name"], "new")


def test_only_the_rows_that_were_asked_for(opened):
    sheet = sheet_of(opened, [{"name": f"n{at}"} for at in range(30)])
    type_in(opened, sheet, "name", {3: "x", 17: "y"})
    assert [row["id"] for row in lines(export(opened, sheet, "changed"))] == ["103", "117"]
    assert [row["id"] for row in lines(export(opened, sheet, "rows", ranges_of([5, 6, 9])))] == ["105", "106", "109"]
    with pytest.raises(BadInput, match="None of these rows"):
        export(opened, sheet, "failed")


def test_failed_rows_carry_what_the_api_said(opened):
    others_see = tuple(replace(field, hidden=False) for field in opened.whole.fields)
    opened = replace(opened, whole=opened.whole.with_fields(others_see))
    sheet = sheet_of(opened, [{"name": "a"}, {"name": "b"}, {"name": "c"}])
    type_in(opened, sheet, "name", {0: "x", 1: "y"})
    marks = store.marks(sheet)
    marks["name", 0][0] |= {"o": "rejected", "m": ["=Too short.", "Taken."], "r": 7}
    marks["name", 0][1] |= {"o": "rejected", "m": ["Secret: it leaks."], "r": 7}
    store.keep_marks(sheet, marks)
    rows = lines(export(opened, sheet, "failed", words="1"))
    assert list(rows[0])[:3] == ["id", "_outcome", "_message"]
    assert (rows[0]["_outcome"], rows[0]["_message"]) == ("rejected", "Name: =Too short.\nName: Taken.")
    assert "leaks" not in rows[1]["_message"] and "may not see" in rows[1]["_message"]


def test_a_csv_is_as_it_was_asked_for(opened):
    sheet = sheet_of(opened, [{"name": "=a;b"}])
    data = export(opened, sheet, delimiter="semicolon", mark="1", labels="1", formulas="")
    assert data.startswith(b"\xef\xbb\xbfid;")
    assert lines(data, ";")[0]["name"] == "=a;b"


def test_a_workbook_is_typed_and_its_ids_are_text(opened):
    held = {"name": "00123", "price": Decimal("2.50"), "count": 7, "day": "2026-01-02", "made": "2026-01-02T03:04:05Z"}
    head, row = book(export(opened, sheet_of(opened, [held]), form="xlsx"))
    cells = dict(zip(head, row, strict=True))
    assert cells["id"] == "100" and cells["name"] == "00123" and (cells["price"], cells["count"]) == (2.5, 7)
    assert (str(cells["day"]), str(cells["made"])) == ("2026-01-02", "2026-01-02 03:04:05")


def test_a_workbook_that_is_full_goes_on_on_another_sheet(opened, monkeypatch):
    monkeypatch.setattr(streamed, "SHEET_ROWS", 7)
    data = export(opened, sheet_of(opened, [{"name": f"n{at}"} for at in range(17)]), form="xlsx")
    found = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert found.sheet_names == ["Rows", "Rows 2", "Rows 3", "Read me"]
    sheets = [found.get_sheet_by_name(name).to_python() for name in found.sheet_names[:3]]
    assert [row[1] for sheet in sheets for row in sheet[1:]] == [f"n{at}" for at in range(17)]
    assert len({tuple(sheet[0]) for sheet in sheets}) == 1


def test_rows_are_what_the_library_itself_would_write(opened):
    """Cell by cell: the same styles, types and text, but for what it takes for rich text."""
    texts = [text for text in ODD if not text.startswith("<r>")]
    data = export(opened, sheet_of(opened, [{"name": text, "count": at} for at, text in enumerate(texts)]), form="xlsx")
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as theirs:
        sheet = theirs.add_worksheet("Rows")
        for at, text in enumerate(texts, 1):
            sheet.write_string(at, 1, writing.spreadsheet(opened.resource.by_name["name"], text).value)
            sheet.write_number(at, 4, at - 1)
    ours, library = _cells(data), _cells(file.getvalue())
    assert library.items() <= ours.items()


def _cells(data: bytes) -> dict[str, tuple[str | None, str]]:
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return {
        str(cell.get("r")): (cell.get("t"), "".join(cell.itertext()))
        for cell in tree.iter(f"{space}c")
        if not str(cell.get("r")).endswith("1") or len(str(cell.get("r"))) > 2
    }


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_that_breaks_off_is_never_taken_for_whole(opened, form, monkeypatch):
    sheet = sheet_of(opened, [{"name": "a"}] * (PART + 1))
    each = exporting.current.each_part

    def broken(*given: Any) -> Iterator[Any]:
        yield next(each(*given))
        raise OSError("the database went away")

    monkeypatch.setattr(exporting.current, "each_part", broken)
    wanted = choosing.wanted(opened, {"form": form, "columns": "all"}, [])
    blocks = []
    with pytest.raises(OSError):
        for block in exporting.written(exporting.prepared(opened, sheet, wanted, range(sheet.rows))):
            blocks.append(block)
    if form == "csv":
        assert b"".join(blocks).decode().splitlines()[-1].startswith("INCOMPLETE")
    else:
        assert not zipfile.is_zipfile(io.BytesIO(b"".join(blocks)))


def test_rows_of_several_parts_come_in_order(opened):
    sheet = sheet_of(opened, [{"name": f"n{at}"} for at in range(PART + 5)])
    found = lines(export(opened, sheet, "rows", f"{PART - 2}-{PART + 1}"))
    assert [row["name"] for row in found] == [f"n{at}" for at in range(PART - 2, PART + 2)]
