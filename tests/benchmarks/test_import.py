"""A file of 100,000 rows × 20 columns into pending edits: matched, compared, taken; beside bare calamine."""

from __future__ import annotations

import csv
import io
import resource
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from python_calamine import CalamineWorkbook

from adminui.records.schema import Field, Kind, Resource
from adminui.services.catalog import Opened
from adminui.services.files import importing, spool
from adminui.services.files.choosing import fields_of
from adminui.services.files.exporting import prepared, written
from adminui.services.files.laying import Values, Wanted
from adminui.worksheets.models import Worksheet
from tests.benchmarks.worksheets import Table
from tests.conftest import Live
from tests.services.columns import sheet_of, things, type_in

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
ROWS = 100_000
KINDS = (Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.BOOLEAN)
FIELDS = (
    Field("id", "Id", Kind.INTEGER, read_only=True),
    Field("name", "Name", Kind.TEXT),
    *(Field(f"f{at}", f"F{at}", KINDS[at % 5]) for at in range(18)),
)
WIDE = Resource("Companies", "Things", "Thing", FIELDS)


def value(kind: Kind, row: int, at: int) -> Any:
    from decimal import Decimal

    spread = (row * 2_654_435_761 + at) % 2**32
    return {
        Kind.TEXT: f"word {spread % (97 * (at + 1))}" if at else f"Thing {row} of {spread}",
        Kind.INTEGER: spread % 100_000,
        Kind.DECIMAL: Decimal(spread % 1_000_000) / 100,
        Kind.DATE: f"{2000 + spread % 26}-{1 + spread % 12:02}-{1 + spread % 28:02}",
        Kind.BOOLEAN: bool(spread % 2),
    }[kind]


def record(row: int) -> dict[str, Any]:
    return {
        "id": row + 1,
        "name": f"Thing {row}",
        **{f.name: value(f.kind, row, at) for at, f in enumerate(FIELDS[2:])},
    }


@pytest.fixture
def opened(autotask: Live, admin_user: User) -> Opened:
    from dataclasses import replace

    return replace(things(autotask.open(admin_user, "Companies")), resource=WIDE, whole=WIDE)


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    """Processor time, the reader of workbooks' too: what others do on this machine is no part of it."""
    began = spent()
    found = act()
    return found, spent() - began


def spent() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def exported(opened: Opened, sheet: Worksheet, form: str) -> bytes:
    wanted = Wanted(fields_of(opened, [f.name for f in FIELDS]), form=form, values=Values.NOW)
    return b"".join(written(prepared(opened, sheet, wanted, range(sheet.rows))))


@pytest.mark.parametrize(("form", "goal"), [("csv", 5.0), ("xlsx", 10.0)])
def test_a_hundred_thousand_rows_become_pending_edits(opened: Opened, form: str, goal: float) -> None:
    records = [record(row) for row in range(ROWS)]
    before = sheet_of(opened, records)
    type_in(opened, before, "f0", {row: "somebody's edit" for row in range(0, ROWS, 20)})
    data = exported(opened, before, form)
    sheet = sheet_of(opened, records)
    table = Table(f"{form}: {ROWS:,} rows × 20, {len(data) / 1e6:.0f} MB, every 20th row differs")
    bare = timed(lambda: _bare(data, form))[1]
    table.add(f"bare {'calamine' if form == 'xlsx' else 'csv.reader'}, the same file", f"{bare:.2f} s")
    upload, spooled = timed(lambda: importing.begin(opened, f"file.{form}", _blocks(data), sheet))
    this, read = timed(lambda: importing.load(opened, upload.token))
    _, matched = timed(lambda: importing.match(this))
    this = importing.load(opened, upload.token)
    found, compared = timed(lambda: importing.compare(this, sheet))
    for name, took in (("put aside, unpacked", spooled), ("read", read), ("matched", matched), ("compared", compared)):
        table.add(name, f"{took:.2f} s")
    whole = spooled + read + matched + compared
    table.add(f"from upload to what it comes to, {whole / bare:.1f} × bare", f"{whole:.2f} s", f"{goal:.0f} s")
    taken, took = timed(lambda: importing.take(this, sheet, found))
    table.add("made pending, with its report", f"{took:.2f} s")
    assert (found.matched, found.pending) == (ROWS, ROWS // 20) and taken.step is not None
    spool.forget(upload)


def _bare(data: bytes, form: str) -> int:
    if form == "csv":
        return sum(len(row) for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    return len(CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python())


def _blocks(data: bytes) -> Any:
    return (data[at : at + 65_536] for at in range(0, len(data), 65_536))
