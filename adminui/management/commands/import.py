"""`manage.py import CONNECTION RESOURCE FILE`: a file as pending edits in a worksheet, with a report."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from adminui.management.speaking import NOT_ALL_DONE, UNUSABLE, WELL, SpeakingCommand, bulleted, read_input
from adminui.planning.explain import counted
from adminui.records.tables.columns import BLANKS, meant
from adminui.services import reading, sheets, standing
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput, Refused
from adminui.services.files import importing, report, spool
from adminui.services.files.choices import MARKS, ORDERS, Column
from adminui.services.files.importing import Import
from adminui.worksheets.models import Worksheet

SHOWN = 20  # examples of each report
EXPLAINED = """the file:
  CSV, TSV or XLSX. Encoding, delimiter and header row are found out. Columns mean fields by raw name, label or
  "Label [name]"; others are ignored and named, unless --map says what they mean. Columns that begin with _ are ours.
  Only columns that are there are touched. A blank cell leaves its field alone, [null] is null, "" is empty text.
  -  reads it from stdin.

What a spreadsheet has damaged (ids that lost zeros or digits, dates and numbers in local notation …) is never taken
unasked; it is counted and named. Rows of records that somebody changed since they were exported are left out where
the file changes the same field, unless --take-changed.

exit codes:
  0  every row was taken or holds the values already
  1  taken, but for what the report names
  2  what was given cannot be used, or the API cannot be asked; nothing was made"""


class Command(SpeakingCommand):
    help = "Reads a file into a worksheet as pending edits; prints what became of it. Nothing is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.epilog = EXPLAINED
        parser.add_argument("connection", help="its name in connections.toml")
        parser.add_argument("resource", help="its raw name, such as line-items")
        parser.add_argument("file", help="prices.csv or prices.xlsx, or - for stdin")
        parser.add_argument("--key", metavar="FIELD", help="what records are found by (default: the id)")
        parser.add_argument("--blank", default="keep", metavar="keep|empty|null|TOKEN", help="what blank cells say")
        parser.add_argument("--blank-for", action="append", default=[], metavar="COL=keep|empty|null")
        parser.add_argument("--map", action="append", default=[], metavar="COL=FIELD", help="COL= ignores a column")
        parser.add_argument("--take", action="append", default=[], metavar="COL[=dmy|mdy|ymd|.|,]", help="take damaged")
        parser.add_argument("--encoding", default="", help="of the file, such as cp1252")
        parser.add_argument("--sheet", default="", help="of the workbook")
        parser.add_argument("--take-changed", action="store_true", help="also over what changed since the export")
        parser.add_argument("--worksheet", type=int, metavar="N", help="into this one, rather than a new one")
        parser.add_argument("--plan", action="store_true", help="go on to a plan")

    def work(self, user: User, options: dict[str, Any]) -> int:
        opened = open_resource(user, options["connection"], options["resource"])
        into = sheets.find(user, options["worksheet"])[0] if options["worksheet"] else None
        data = read_input(options["file"])
        upload = importing.begin(opened, Path(options["file"]).name, _blocks(data), into)
        try:
            return self._take(_chosen(opened, upload.token, options), options)
        finally:
            spool.forget(upload)

    def _take(self, this: Import, options: dict[str, Any]) -> int:
        sheet = _read(importing.start(this, None))
        this = importing.load(this.opened, this.upload.token)
        found = importing.compare(this, sheet)
        told = {**importing.summary(this, found), "worksheet": sheet.pk, "plan": None}
        importing.take(this, sheet, found)
        problem = self._plan(this.opened, sheet, told) if options["plan"] and told["pending"] else ""
        if options["json"]:
            self.tell(told | ({"problem": problem} if problem else {}))
        else:
            self.say(*_lines(this, told))
        if problem:
            self.stderr.write(problem)
            return UNUSABLE
        return NOT_ALL_DONE if told["not_taken"] or told["invalid"] else WELL

    def _plan(self, opened: Opened, sheet: Worksheet, told: dict[str, Any]) -> str:
        """The words why there is no plan; empty when there is one."""
        try:
            told["plan"] = standing.plan(opened, sheet).pk
        except Refused as error:
            return f"{error.message} {error.advice}".strip()
        return ""


def _blocks(data: bytes) -> Iterator[bytes]:
    file = io.BytesIO(data)
    while block := file.read(1 << 20):
        yield block


def _chosen(opened: Opened, token: str, options: dict[str, Any]) -> Import:
    this = importing.load(opened, token)
    wanted = replace(
        this.choices,
        encoding=options["encoding"] or this.choices.encoding,
        sheet=options["sheet"] or this.choices.sheet,
    )
    if options["encoding"] or options["sheet"]:
        this = importing.reshape(this, wanted)
    columns = dict(this.choices.columns)
    for name, field in _pairs(options["map"], "--map"):
        columns[_place(this, name)] = Column(_field(opened, field))
    blank, null = (options["blank"], "") if options["blank"] in BLANKS else ("keep", options["blank"])
    columns = {place: replace(column, blank=blank) for place, column in columns.items()}
    for name, policy in _pairs(options["blank_for"], "--blank-for"):
        columns[_place(this, name)] = replace(columns[_place(this, name)], blank=policy)
    for name, how in (tuple(each.rpartition("=")[::2]) if "=" in each else (each, "") for each in options["take"]):
        columns[_place(this, name)] = _taking(columns[_place(this, name)], how)
    key = _key(this, columns, options["key"])
    return importing.choose(
        this, replace(this.choices, columns=columns, null=null, take_changed=options["take_changed"], **key)
    )


def _pairs(words: list[str], option: str) -> Iterator[tuple[str, str]]:
    for each in words:
        name, equals, value = each.rpartition("=")
        if not equals:
            raise BadInput(f"{option} takes COL=VALUE, not “{each[:80]}”.")
        yield name, value


def _place(this: Import, name: str) -> int:
    if name not in this.table.names:
        raise BadInput(f"The file has no column “{name[:80]}”.", f"It has: {', '.join(this.table.names)[:500]}.")
    return this.table.names.index(name)


def _field(opened: Opened, name: str) -> str:
    if name and name not in {f.name for f in opened.resource.visible}:
        raise BadInput(f"{opened.resource.label} have no field “{name[:80]}”.", "Give its raw name.")
    return name


def _taking(column: Column, how: str) -> Column:
    if how not in (*ORDERS, *MARKS):
        raise BadInput(f"--take: “{how[:20]}” is neither dmy, mdy, ymd nor a decimal mark.")
    order, decimal = (how, "") if how in ORDERS else ("", how)
    return replace(column, take=True, order=order, decimal=decimal)


def _key(this: Import, columns: dict[int, Column], name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    place = next((place for place, column in columns.items() if column.field == name), None)
    if place is None:
        raise BadInput(f"No column of the file means {name[:80]}.", "Say which with --map COL=FIELD.")
    return {"key": place, "key_field": name}


def _read(sheet: Worksheet) -> Worksheet:
    """Wait until the records are read: by this process, or by a worker that was quicker."""
    while sheet.state == Worksheet.State.READING:
        if not reading.read_once():
            time.sleep(0.2)
        sheet.refresh_from_db()
    if sheet.state != Worksheet.State.READY:
        raise BadInput(f"The records could not all be read: {sheet.problem}", "Nothing was imported.")
    return sheet


def _lines(this: Import, told: dict[str, Any]) -> list[str]:
    one, many = this.opened.resource.singular, this.opened.resource.label
    lines = [
        f"{told['file']}: {counted(told['rows'], 'row')}, "
        f"{counted(told['matched'], one, many)} matched by {told['key']}."
    ]
    lines += bulleted(_counts(told))
    lines += bulleted(_columns(this, told))
    lines += bulleted(
        f"Line {each['line']:,}{_where(each)}: {each['words'] or each['kind']}" for each in told["examples"][:SHOWN]
    )
    more = len(told["examples"]) - SHOWN
    lines += bulleted([f"… and {more:,} more."] if more > 0 else [])
    plan = f", plan {told['plan']}" if told["plan"] else ""
    return [*lines, f"Worksheet {told['worksheet']}: {report.sentence(told)}{plan}. Nothing was sent."]


def _where(example: dict[str, Any]) -> str:
    return f", {example['column']} “{example['cell']}”" if example["column"] else ""


def _counts(told: dict[str, Any]) -> list[str]:
    words = {
        "unmatched": "{} not at the API",
        "duplicate": "{} with a key that stands twice",
        "ambiguous": "{} with a key of several records",
        "damaged_ids": "{} with a damaged id",
        "without_id": "{} without an id",
        "too_long": "{} with more cells than columns",
        "clashing": "{} changed since the export" + (", taken" if told["took_changed"] else ", left out"),
    }
    lines = [said.format(counted(told[name], "row")) for name, said in words.items() if told[name]]
    cells = {
        "invalid": "{} that cannot be sent",
        "damaged": "{} damaged, left alone",
        "looks_damaged": "{} that look damaged, kept out",
        "read_only": "{} of read-only fields differ",
        "theirs": "{} changed by somebody else since, not by the file",
    }
    return lines + [said.format(counted(told[name], "cell")) for name, said in cells.items() if told[name]]


def _columns(this: Import, told: dict[str, Any]) -> list[str]:
    lines = [
        f"{counted(each['blank'], 'blank cell')} in {each['name']}: {BLANKS[each['policy']]}"
        for each in told["columns"]
        if each["blank"]
    ]
    perhaps = {each.name: each.perhaps for each in meant(this.opened.resource, this.table.names)}
    for name in told["ignored"]:
        hint = f"; perhaps it is {perhaps[name]}: --map “{name}={perhaps[name]}”" if perhaps.get(name) else ""
        lines.append(f"Ignored: {name or 'a column without a name'}{hint}")
    return lines
