"""Export and import are each other's inverse: nothing pending unless somebody changed a cell, whatever Excel did."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.records.tables.columns import Fate
from adminui.records.tables.reading import Shape, Table
from adminui.records.tables.versions import COLUMN
from adminui.services import reading as sheet_reading
from adminui.services.catalog import Opened
from adminui.services.files import choices as chosen
from adminui.services.files import comparing, exporting, matching, spool
from adminui.services.files.choosing import fields_of
from adminui.services.files.comparing import Compared
from adminui.services.files.laying import Values, Wanted
from adminui.services.files.matching import Left
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests import damaging
from tests.conftest import Live
from tests.services.columns import pending, sheet_of, things, type_in

pytestmark = pytest.mark.django_db(transaction=True)
ours = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
TEXTS = st.text(st.characters(exclude_categories=()), max_size=15) | st.sampled_from(
    [
        "007",
        "=1+1",
        "'=1",
        '""',
        "[null]",
        "1-2",
        "true",
        "1.5",
        " ",
        "\r\n",
        "a\r\nb\nc",
        "+49",
        "-",
        "@x",
        "12345678901234567890",
    ]
)
ODD = st.none() | st.booleans() | st.integers() | TEXTS  # what an API may hold against its own schema
RECORD = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | TEXTS,
        "status": st.sampled_from([None, 1, 2, 4, 9]) | ODD,
        "price": st.none() | st.decimals(-999, 999, places=2) | ODD,
        "count": st.integers(-(10**17), 10**17) | ODD,
        "day": st.none() | st.dates(min_value=date(1, 1, 1)).map(str) | ODD,
        "tags": st.none() | st.lists(TEXTS, max_size=3),
        "made": st.none() | st.datetimes().map(lambda at: at.isoformat() + "Z") | ODD,
    },
)
RECORDS = st.lists(RECORD, min_size=1, max_size=12)


@pytest.fixture
def opened(autotask: Live, admin_user: Any) -> Opened:
    return things(autotask.open(admin_user, "Companies"))


def exported(opened: Opened, sheet: Worksheet, **more: Any) -> bytes:
    every = [field.name for field in opened.resource.visible]
    wanted = Wanted(fields_of(opened, every), **{"values": Values.READ} | more)
    return b"".join(exporting.written(exporting.prepared(opened, sheet, wanted, range(sheet.rows))))


def as_table(opened: Opened, data: bytes) -> Table:
    upload = spool.keep(opened, "file", iter([data]))
    try:
        return spool.table(opened, upload, Shape())
    finally:
        spool.forget(upload)


def compare(opened: Opened, sheet: Worksheet, table: Table, *, blank: str = "keep", **more: Any) -> Compared:
    proposed = chosen.proposed(opened, table)
    columns = {place: chosen.Column(each.field, blank) for place, each in proposed.columns.items()}
    choices = chosen.Choices(**{**vars(proposed), "columns": columns} | more)
    chosen.check(opened, table, choices)
    assert choices.key is not None
    field = opened.resource.by_name[choices.key_field]
    keyed = matching.keyed(opened, table, choices.key, field, chosen.version_place(table))
    return comparing.compare(opened, sheet, table, choices, keyed)


@ours
@given(RECORDS, st.sampled_from(["csv", "xlsx"]), st.sampled_from(["keep", "empty", "null"]), st.booleans())
def test_a_file_that_nobody_touched_changes_nothing(
    opened: Opened, records: list[dict[str, Any]], form: str, blank: str, labels: bool
) -> None:
    sheet = sheet_of(opened, records)
    data = exported(opened, sheet, form=form, labels=labels, formulas=not labels)
    found = compare(opened, sheet, as_table(opened, data), blank=blank)
    assert found.matched == len(records) and not found.left
    assert found.taken == {}, found.told
    assert not found.changed_since and not found.theirs
    sheet.delete()


@ours
@given(
    st.integers(0, 3).flatmap(
        lambda n: st.lists(st.sampled_from(["a", "b", "007", "x y"]), min_size=n + 1, max_size=n + 1)
    )
)
def test_what_was_pending_comes_back_as_it_was(opened: Opened, names: list[str]) -> None:
    sheet = sheet_of(opened, [{"name": "old", "price": Decimal("1.50")} for _ in names])
    type_in(opened, sheet, "name", dict(enumerate(names)))
    type_in(opened, sheet, "price", {0: None})
    table = as_table(opened, exported(opened, sheet, values=Values.NOW))
    assert not any(rows for rows, _ in compare(opened, sheet, table).taken.values())  # it is pending here already
    fresh = sheet_of(opened, [{"name": "old", "price": Decimal("1.50")} for _ in names])
    found = compare(opened, fresh, table)
    held = {name: dict(zip(*cells, strict=True)) for name, cells in found.taken.items()}
    assert held == {"name": pending(sheet, "name"), "price": {0: None}}
    fresh.delete()
    sheet.delete()


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def as_file(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


@ours
@given(RECORDS, st.sampled_from(sorted(damaging.EVERY)), st.booleans())
def test_whatever_excel_does_nothing_is_pending_but_what_was_changed(
    opened: Opened, records: list[dict[str, Any]], how: str, versions: bool
) -> None:
    """Ids as long as they come, so that they are damaged too; one name is changed on purpose."""
    long = [{**record, "id": 123_456_789_012_345_678 + 1_001 * at} for at, record in enumerate(records)]
    sheet = sheet_of(opened, long)
    heads, *rows = rows_of(exported(opened, sheet))
    damage = damaging.EVERY[how]
    intact = [row[0] for row in rows]
    rows = [[cell if heads[at] == COLUMN else damage(cell) for at, cell in enumerate(row)] for row in rows]
    rows[-1][0], rows[-1][heads.index("name")] = intact[-1], "On purpose"
    kept = [at for at, head in enumerate(heads) if versions or head != COLUMN]
    found = compare(opened, sheet, as_table(opened, as_file([[row[at] for at in kept] for row in [heads, *rows]])))
    harmed = {place for place, row in enumerate(rows) if row[0] != intact[place]}
    assert {place for place, (why, _) in found.left.items() if why is Left.DAMAGED} == harmed
    edits = {name: cells for name, cells in found.taken.items()}
    assert edits == ({"name": ([len(rows) - 1], ["On purpose"])}), (edits, found.told)
    sheet.delete()


def test_a_damaged_id_that_is_another_records_never_matches_it(opened: Opened) -> None:
    ids = [1234567890123456, 1234567890123450]
    sheet = sheet_of(opened, [{"id": each, "name": "x"} for each in ids])
    heads, first, second = rows_of(exported(opened, sheet))
    first[0], first[1] = "1234567890123450", "changed"
    found = compare(opened, sheet, as_table(opened, as_file([heads, first])))
    assert [why for why, _ in found.left.values()] == [Left.DAMAGED] and found.taken == {}
    without = [heads[:-1], first[:-1]]
    found = compare(opened, sheet, as_table(opened, as_file(without)))
    assert [why for why, _ in found.left.values()] == [Left.DAMAGED] and found.taken == {}
    second[1] = "changed"
    found = compare(opened, sheet, as_table(opened, as_file([heads, second])))
    assert found.taken == {"name": ([1], ["changed"])}, "its version vouches for it"


def test_what_somebody_changed_since_is_told_from_what_the_file_changes(opened: Opened) -> None:
    before = [{"name": "a", "count": 1, "price": Decimal(1)} for _ in range(4)]
    heads, *rows = rows_of(exported(opened, sheet_of(opened, before)))
    name, count = heads.index("name"), heads.index("count")
    rows[0][name] = "mine"  # both changed it
    rows[1][name] = "mine"  # they changed another field
    rows[3][count] = "7"  # nobody else
    now = [{**before[0], "name": "theirs"}, {**before[1], "count": 9}, {**before[2], "name": "theirs"}, before[3]]
    sheet = sheet_of(opened, now)
    table = as_table(opened, as_file([heads, *rows]))
    found = compare(opened, sheet, table)
    assert found.taken == {"name": ([1], ["mine"]), "count": ([3], ["7"])}
    assert (found.clashing, found.changed_since, found.theirs) == ({0}, {0, 1, 2}, 2)
    assert compare(opened, sheet, table, take_changed=True).taken["name"] == ([0, 1], ["mine", "mine"])


def test_rows_not_taken_can_be_repaired_and_come_in_again(opened: Opened) -> None:
    from adminui.services.files import report

    sheet = sheet_of(opened, [{"name": "a", "day": "2024-03-12"}, {"name": "=1", "day": "2024-03-12"}])
    heads, first, second = rows_of(exported(opened, sheet))
    first[heads.index("day")], second[heads.index("day")] = "13.04.2024", "2024-05-01"
    table = as_table(opened, as_file([heads, first, second]))
    found = compare(opened, sheet, table)
    again = [list(row) for row in report.not_taken(table, found, chosen.proposed(opened, table))]
    assert again[0][-1] == report.WHY and "reformatted date" in again[1][-1] and len(again) == 2
    again[1][heads.index("day")] = "2024-04-13"
    assert compare(opened, sheet, as_table(opened, as_file(again))).taken == {"day": ([0], ["2024-04-13"])}


SIZE = 25_000 if os.environ.get("ADMINUI_SOAK") else 300


def test_a_whole_export_damaged_the_way_excel_does_comes_back(
    configure: Callable[[str], None], admin_user: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Done-when 2, against the practice API: every damaged id is flagged, and only what was changed is pending."""
    from adminui.records.queries import Group
    from adminui.sandbox.autotask import AutotaskApi
    from adminui.sandbox.server import serve_in_thread
    from tests.conftest import SANDBOX_AUTOTASK

    with serve_in_thread(AutotaskApi(records=SIZE, seed=1)) as running:
        configure(SANDBOX_AUTOTASK.format(url=running.url))
        live = Live(running, "autotask-test")
        opened = live.open(admin_user, "Companies")
        sheet = _read(sheet_reading.open_matching(opened, Group(), []))
        heads, *rows = rows_of(exported(opened, sheet))
        phone, number = heads.index("phone"), heads.index("companyNumber")
        damage = damaging.EVERY["DE"]
        for row in rows:
            row[1:-1] = [damage(cell) for cell in row[1:-1]]
        changed = {place: f"+49 30 {place}" for place in range(0, len(rows), 50)}
        for place, text in changed.items():
            rows[place][phone] = text
        harmed = {place: _harm(place, rows[place][0]) for place in range(7, len(rows), 10) if place not in changed}
        for place, text in harmed.items():
            rows[place][0] = text
        found = compare(opened, sheet, as_table(opened, as_file([heads, *rows])))
        flagged = {place for place, (why, _) in found.left.items() if why in (Left.DAMAGED, Left.DUPLICATE)}
    with capsys.disabled():
        told = {fate.value: found.counted(fate) for fate in Fate}
        print(
            f"\n{len(rows):,} rows × {len(heads)} columns: {len(harmed):,} ids damaged, {len(flagged):,} flagged; ",
            end="",
        )
        print(f"{len(changed):,} cells changed, {found.pending:,} pending; {told}, column {heads[number]} among them")
    assert flagged >= harmed.keys()
    assert found.taken == {"phone": (sorted(_rows(sheet, rows, changed)), [changed[p] for p in sorted(changed)])}


def _read(sheet: Worksheet) -> Worksheet:
    while sheet.state == Worksheet.State.READING:
        sheet_reading.read_once()
        sheet.refresh_from_db()
    return sheet


def _rows(sheet: Worksheet, rows: list[list[str]], places: Any) -> Iterator[int]:
    at = store.rows_of(sheet, "id", [rows[place][0] for place in places])
    return (at[rows[place][0]] for place in places)


def _harm(place: int, text: str) -> str:
    """An id in E notation, with its last digit moved on to a neighbour's, as a date, or with a separator."""
    number = int(text)
    ways = (f"{number:.1E}", str(number + 1), "12.03.2024", f"{number * 1000:,}".replace(",", "."))
    return ways[place // 10 % len(ways)]
