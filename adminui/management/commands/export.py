"""`manage.py export CONNECTION RESOURCE --out FILE`: all that matches as CSV or XLSX, whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.utils import timezone

from adminui.management import filters
from adminui.management.speaking import WELL, SpeakingCommand
from adminui.services.catalog import Opened, open_resource
from adminui.services.errors import BadInput
from adminui.services.files import choosing, fetching
from adminui.services.files.exporting import HOW_BACK
from adminui.services.files.fetching import Fetch
from adminui.services.files.laying import Wanted

EVERY: Final = 5_000  # records, between lines of progress
ENDINGS: Final = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx"}
EXPLAINED: Final = f"""{filters.EXPLAINED}

the file:
  The first row names the columns: the id, the fields by their raw names, and _version, by which import sees what was
  changed elsewhere since. A blank cell is null, two quotation marks are empty text, lists are JSON. It is written
  beside FILE and gets its name when it is whole: as many records as the API counts, or none.
  -      writes CSV to stdout.

exit codes:
  0  the file is whole
  2  what was given cannot be used, or the API cannot be asked, or records came and went: there is no file"""


class Command(SpeakingCommand):
    help = "Exports the records that match as CSV or XLSX; `manage.py import` takes them back."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.epilog = EXPLAINED
        parser.add_argument("connection", help="its name in connections.toml")
        parser.add_argument("resource", help="its raw name, such as line-items")
        parser.add_argument("--out", required=True, metavar="FILE", help="what.csv or what.xlsx, or - for stdout")
        parser.add_argument("--filter", action="append", default=[], metavar="CONDITION", help="only what meets it")
        parser.add_argument("--columns", metavar="NAMES", help="raw names with commas between (default: all)")
        parser.add_argument("--format", choices=choosing.FORMS, help="where FILE does not say")
        parser.add_argument("--delimiter", choices=choosing.DELIMITERS, help="of a CSV (default: comma; tab for .tsv)")
        parser.add_argument("--bom", action="store_true", help="begin a CSV with the mark by which Excel knows UTF-8")
        parser.add_argument("--labels", action="store_true", help="“Label [name]” as headings")
        parser.add_argument("--meanings", action="store_true", help="beside picklists, what their values mean")
        parser.add_argument(
            "--raw", action="store_true", help="write text that spreadsheets would run as it is, without apostrophe"
        )
        parser.add_argument("--force", action="store_true", help="write over a file that is there")

    def work(self, user: User, options: dict[str, Any]) -> int:
        opened = open_resource(user, options["connection"], options["resource"])
        wanted = _wanted(opened, options)
        _check_place(options)
        fetch = fetching.begun(opened, filters.where(opened, options["filter"]))
        fetch.watch = partial(self._progress, fetch)
        try:
            with _beside(options["out"]) as file:
                size = sum(map(file.write, fetching.file_of(fetch, wanted, _about(fetch))))
        except OSError as error:
            raise BadInput(f"{options['out']} cannot be written: {error.strerror}.") from error
        told = {"file": options["out"], "rows": fetch.given, "columns": len(wanted.fields), "bytes": size}
        if options["json"]:
            self.tell(told | {"gone": fetch.gone})
        elif options["out"] != "-":
            self.say(f"{fetching.result_words(fetch)} in {options['out']} ({size:,} bytes).")
        return WELL

    def _progress(self, fetch: Fetch) -> None:
        """On a terminal a line that is written over, else one every few thousand records and at the end."""
        words = f"{fetch.given:,} of {fetch.expected:,} records read"
        if sys.stderr.isatty():
            self.stderr.write(words, ending="\n" if fetch.given >= fetch.expected else "\r")
        elif fetch.given >= fetch.expected or fetch.given // EVERY > (fetch.given - fetching.PAGE_SIZE) // EVERY:
            self.stderr.write(words)


def _wanted(opened: Opened, options: dict[str, Any]) -> Wanted:
    ending = Path(options["out"]).suffix.lower()
    form = options["format"] or ENDINGS.get(ending) or ("csv" if options["out"] == "-" else None)
    if form is None:
        raise BadInput(f"What kind of file is {options['out']}?", "Call it .csv or .xlsx, or give --format.")
    if form == "xlsx" and options["out"] == "-":
        raise BadInput("A workbook goes into a file, not to stdout.", "Give --out what.xlsx.")
    named = [name.strip() for name in (options["columns"] or "").split(",") if name.strip()]
    described = {
        "form": form,
        "columns": "named" if named else "all",
        "names": named,
        "delimiter": options["delimiter"] or ("tab" if ending == ".tsv" else "comma"),
        "mark": options["bom"],
        "formulas": not options["raw"],
        "labels": options["labels"],
        "means": options["meanings"],
    }
    return choosing.wanted(opened, described, [])


def _check_place(options: dict[str, Any]) -> None:
    """Before anything is read: reading may take long."""
    path = Path(options["out"])
    if options["out"] == "-":
        if options["json"]:
            raise BadInput("--json and the file cannot both go to stdout.", "Give --out a name.")
        return
    if path.exists() and not options["force"]:
        raise BadInput(f"{path} is there already.", "Choose another name, or say --force to write over it.")
    if not path.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {path.absolute().parent}.", "Make it first.")


@contextmanager
def _beside(name: str) -> Iterator[IO[bytes]]:
    """A file that gets its name when it is whole; else nothing is left of it."""
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    path = Path(name).absolute()
    number, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with open(number, "wb") as file:
            yield file
        os.chmod(beside, 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _umask() -> int:
    held = os.umask(0)
    os.umask(held)
    return held


def _about(fetch: Fetch) -> list[tuple[str, str]]:
    opened = fetch.opened
    return [
        ("title", opened.resource.label),
        ("connection", opened.connection.name),
        ("environment", opened.connection.environment),
        ("resource", opened.resource.name),
        ("records", fetching.filter_words(fetch)),
        ("values", "as they were read"),
        ("exported_at", timezone.now().isoformat()),
        ("exported_by", opened.user.get_username()),
        *(("how to import", each) for each in HOW_BACK),
    ]
