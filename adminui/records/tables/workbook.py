"""The rows of a workbook as CSV on stdout: a program of its own, as what a hostile file does to it ends with it.

`python -m adminui.records.tables.workbook FILE [SHEET]`: the first line is JSON of what the workbook is, the rest CSV.
One that was exported here has its rows in "Rows", "Rows 2" and so on, and tells of itself in "Read me".
Cells are written as they were meant: a whole number without a point, dates as ISO, true and false; a number beyond
what a cell holds exactly in E notation, so that nobody takes it for the number it was.
"""

from __future__ import annotations

import csv
import gc
import json
import re
import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, TextIO

EXACT: Final = 10**15  # from here on a cell has lost digits
MOST_MEMORY: Final = 3 * 1024**3
MOST_SECONDS: Final = 120
ABOUT: Final = "Read me"
NOT_READ: Final = 3  # exit status; the sentence is on stderr

_OURS = re.compile(r"Rows(?: \d+)?")


def text_of(cell: object) -> str:
    """One cell as text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="auto")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else ""


def _number(number: float) -> str:
    if abs(number) >= EXACT:
        return f"{number:.14E}"
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def convert(path: str, wanted: str, out: TextIO) -> None:
    """Raises ValueError where there is no such sheet, or none at all."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with CalamineWorkbook.from_path(path) as book:
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        ours = [name for name in shown if _OURS.fullmatch(name)]
        names = [wanted] if wanted else ours or shown[:1]
        if not names or not set(names) <= set(shown):
            raise ValueError(f"The workbook has no sheet “{wanted}” that is shown.")
        merged = sum(len(book.get_sheet_by_name(name).merged_cell_ranges or ()) for name in names)
        about = _about(book.get_sheet_by_name(ABOUT).to_python()) if ours and ABOUT in shown else {}
        out.write(json.dumps({"sheets": shown, "read": names, "merged": merged, "about": about}) + "\n")
        writer = csv.writer(out)
        for at, name in enumerate(names):
            rows = iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            if at:
                next(rows, None)  # it repeats the names of the columns
            for row in rows:
                writer.writerow([cell if type(cell) is str else text_of(cell) for cell in row])


def _about(rows: Sequence[Sequence[object]]) -> dict[str, str]:
    return {str(row[0])[:100]: text_of(row[1])[:500] for row in rows[:100] if len(row) > 1 and row[0]}


def limit() -> None:
    """Memory and time that this process may take: two cells far apart make an area of billions."""
    try:
        import resource
    except ImportError:  # not on every system
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(path: str, sheet: str = "") -> int:
    limit()
    gc.disable()  # a short life, of cells by the million
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    try:
        convert(path, sheet, sys.stdout)
    except Exception as error:  # whatever a hostile file brings about
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
        return NOT_READ
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:3]))
