"""The files of an evidence pack: every row for spreadsheets, requests and answers as JSON, all of it in one ZIP.

Each is made piece by piece, never held whole in memory.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Final

from adminui.records.casting import from_json, to_json
from adminui.records.tables.writing import clipped
from adminui.records.values import MISSING, as_decimal
from adminui.runs.models import Exchange
from adminui.services.evidence import Cell, Evidence, Row, exchanges, rows, written
from adminui.services.evidence_facts import as_approved, undone_by
from adminui.services.files import streamed

COLUMNS: Final = (
    "id",
    "label",
    "outcome",
    "field",
    "before",
    "after",
    "messages",
    "stored instead",
    "set meanwhile",
    "verified",
    "settled at",
    "request",
)
WIDTHS: Final = (14, 36, 14, 24, 36, 36, 60, 24, 24, 10, 26, 9)
BLOCK: Final = 200  # lines


def lines(evidence: Evidence) -> Iterator[tuple[str, ...]]:
    """Every row of the run, a line per field, in the order of COLUMNS; absent, null and empty stay apart."""
    for row in rows(evidence):
        for cell in row.cells or (None,):
            yield _line(row, cell)


def _line(row: Row, cell: Cell | None) -> tuple[str, ...]:
    change = ("", "", "") if cell is None else (cell.field.name, *_both(cell))
    words = "; ".join([*(cell.words if cell else ()), *row.words])
    instead = written(cell.field, cell.stored) if cell and cell.stored is not MISSING else ""
    meanwhile = written(cell.field, cell.theirs) if cell and cell.theirs is not MISSING else ""
    told = ("yes" if row.verified else "no", moment(row.settled_at) or "", "" if row.step is None else str(row.step))
    return (row.id, row.label, str(row.outcome), *change, words, instead, meanwhile, *told)


def _both(cell: Cell) -> tuple[str, str]:
    return written(cell.field, cell.before), written(cell.field, cell.after)


def moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


class _Line:
    """A file for csv.writer that gives each line back."""

    def write(self, line: str) -> str:
        return line


def csv_of(evidence: Evidence) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(COLUMNS)  # without the mark, spreadsheets misread what is not ASCII
    found = lines(evidence)
    while block := [writer.writerow([defused(cell) for cell in line]) for line in islice(found, BLOCK)]:
        yield "".join(block)


def defused(cell: str) -> str:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers."""
    if cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or cell.startswith(("\t", "\r", "\n")):
        return cell if as_decimal(cell) is not None else f"'{cell}"
    return cell


def xlsx_of(evidence: Evidence) -> Iterator[bytes]:
    """A workbook of text cells, ids and numbers as they are spelt, nothing of it run."""
    draw = partial(_skeleton, f"Run {evidence.run.pk}")
    (style,) = draw([0]).styles
    return streamed.workbook(draw, _cells(evidence, style))


def _cells(evidence: Evidence, style: int) -> streamed.Rows:
    found = lines(evidence)
    while block := list(islice(found, BLOCK)):
        yield [[streamed.inline(clipped(cell), style) for cell in column] for column in zip(*block, strict=True)]


def _skeleton(title: str, counts: Sequence[int]) -> streamed.Skeleton:
    def fill(book: Any) -> None:
        book.set_properties({"title": title})
        head, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
        for number, count in enumerate(counts, 1):
            _sheet(book.add_worksheet(f"Rows {number}" if number > 1 else "Rows"), count, head, text)

    return streamed.skeleton(fill, len(counts))


def _sheet(sheet: Any, rows: int, head: Any, text: Any) -> None:
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.write_row(0, 0, COLUMNS, head)
    sheet.write_blank(1, 0, None, text)
    sheet.autofilter(0, 0, rows, len(COLUMNS) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A2:L{rows + 1}"})


def json_of(evidence: Evidence) -> Iterator[str]:
    """The run, its rows with the exact values, and each request with its answer, word for word where these are JSON."""
    yield f'{{"run": {to_json(facts(evidence))},\n"rows": ['
    yield from _joined(to_json(_row(row)) for row in rows(evidence))
    yield '],\n"requests": ['
    yield from _joined(_request(evidence, each) for each in exchanges(evidence))
    yield "]}\n"


def _joined(documents: Iterator[str]) -> Iterator[str]:
    between = "\n"
    while block := list(islice(documents, 100)):
        yield between + ",\n".join(block)
        between = ",\n"


def facts(evidence: Evidence) -> dict[str, Any]:
    run, plan = evidence.run, evidence.run.plan
    return {
        "run": run.pk,
        "state": run.state,
        "message": evidence.told(run.message),
        "approved_by": run.user_name,
        "approved_at": moment(run.created_at),
        "note": evidence.told(plan.note),
        "due_at": moment(run.due_at),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at),
        "revert_at": moment(run.revert_at),
        "connection": plan.connection,
        "environment": plan.environment,
        "address": evidence.address,
        "resource": plan.resource,
        "plan": {
            "plan": plan.pk,
            "door": plan.door,
            "made_by": plan.user_name,
            "made_at": moment(plan.created_at),
            "sha256": plan.digest,
            "as_approved": as_approved(plan),
            "replace": plan.replace,
            "canary": plan.canary,
            "undoes_run": plan.undoes_id,
            "retries_run": plan.retries_id,
        },
        "undone_by_runs": [each.pk for each in undone_by(evidence)],
        "outcomes": {str(outcome): count for outcome, count in evidence.tally.items()},
        "verified": evidence.verified,
        "fields_left_out": evidence.fields_hidden,
        "made_for": evidence.opened.user.get_username(),
        "made_at": moment(evidence.at),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "outcome": str(row.outcome),
        "request": row.step,
        "tries": row.tries,
        "verified": row.verified,
        "settled_at": moment(row.settled_at),
        "messages": list(row.words),
        "changes": [_change(cell) for cell in row.cells],
        **({"changes_left_out": row.hidden} if row.hidden else {}),
    }


def _change(cell: Cell) -> dict[str, Any]:
    """`before`, `stored` and `theirs` are left out where there is none, so that absent and null stay apart."""
    sides = {"before": cell.before, "after": cell.after, "stored": cell.stored, "theirs": cell.theirs}
    told: dict[str, Any] = {"field": cell.field.name, "label": cell.field.label}
    told |= {name: value for name, value in sides.items() if value is not MISSING}
    return told | ({"messages": list(cell.words)} if cell.words else {})


def _request(evidence: Evidence, exchange: Exchange) -> str:
    said = {
        "request": exchange.step,
        "purpose": exchange.purpose,
        "method": exchange.method,
        "url": exchange.url,
        "started_at": moment(exchange.started_at),
        "seconds": round(exchange.seconds, 6),
        "status": exchange.status,
        "fault": exchange.fault,
    }
    if not evidence.bodies_shown:
        return to_json({**said, "left_out": "The body and the answer: they hold fields that you may not see."})
    bodies = f'"body": {_verbatim(exchange.body)}, "answer": {_verbatim(exchange.answer)}'
    return f"{to_json(said)[:-1]}, {bodies}}}"


def _verbatim(text: str) -> str:
    """JSON as it went over the wire, digit for digit; anything else as a string."""
    if not text:
        return "null"
    try:
        whole = isinstance(from_json(text), dict | list)
    except ValueError:
        whole = False
    return text if whole else to_json(text)


def zip_of(evidence: Evidence, page: Iterable[str]) -> Iterator[bytes]:
    """All files of the pack in a folder of their own, with a checksum of each."""
    pipe, folder, sums = streamed.Pipe(), f"run-{evidence.run.pk}-evidence", []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, blocks in _files(evidence, page).items():
            digest = hashlib.sha256()
            with archive.open(_member(evidence, f"{folder}/{name}"), "w", force_zip64=True) as member:
                for block in blocks:
                    digest.update(block)
                    member.write(block)
                    yield pipe.taken()
            sums.append(f"{digest.hexdigest()}  {name}\n")
        archive.writestr(_member(evidence, f"{folder}/SHA256SUMS"), "".join(sums))
    yield pipe.taken()


def _member(evidence: Evidence, name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, evidence.at.timetuple()[:6])
    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return info


def _files(evidence: Evidence, page: Iterable[str]) -> Mapping[str, Iterator[bytes]]:
    return {
        "evidence.html": (text.encode() for text in page),
        "results.csv": (text.encode() for text in csv_of(evidence)),
        "results.xlsx": xlsx_of(evidence),
        "requests.json": (text.encode() for text in json_of(evidence)),
    }
