"""Carrying out an approved run: what was approved is what the engine gets, and how it ended is written down."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from adminui.dialects.errors import RemoteError
from adminui.records.casting import to_json
from adminui.records.changes import ChangeSet
from adminui.records.values import Record, RecordId
from adminui.runs import ledger, lines
from adminui.runs.models import Run
from adminui.services.book import RunBook, lines_of
from adminui.services.catalog import Opened, open_resource
from adminui.services.engine import Ending, Engine
from adminui.services.errors import Refused, Stale
from adminui.services.plans import as_saved, check_rights, steps_of


def execute(
    run: Run,
    *,
    known: Mapping[RecordId, Record] | None = None,
    interrupted: threading.Event | None = None,
    patient: bool = True,
) -> None:
    """Carry out `run`, which the caller owns. `known`: records read just now, not to be read again. Not `patient`:
    somebody waits for it, so that it ends rather than waits.
    """
    try:
        rows = run.plan.rows()
        opened = open_resource(run.user_or_none, run.plan.connection, run.plan.resource)
        _check_fields(opened, rows)
        check_rights(opened, rows)
        _check_approved(run, opened)
    except RemoteError as error:
        _not_opened(run, error, patient=patient)
        return
    except Refused as error:
        ledger.stop(run, f"Stopped before {_what(run)} sent: {error.message}")
        return
    steps = steps_of(run.plan, rows).steps
    engine = Engine(
        opened,
        lines_of(run, rows),
        steps,
        RunBook(run, opened, rows),
        gate=run.gate,
        passed=run.passed if patient and len(steps) > 1 else None,
        known=known,
        interrupted=interrupted,
        patient=patient,
    )
    _ended(run, engine.go())


def _what(run: Run) -> str:
    return "the rest was" if lines.last_step(run) else "anything was"


def _not_opened(run: Run, error: RemoteError, *, patient: bool) -> None:
    """The API is not there just now: what it was sent already can be read later, and so nothing is given up."""
    if patient:
        ledger.pause(run, Run.Pause.TROUBLE, f"Paused before {_what(run)} sent: {error.message}")
    else:
        ledger.stop(run, f"Stopped before {_what(run)} sent: {error.message}")


def _ended(run: Run, ending: Ending) -> None:
    if ending.how == "interrupted":
        ledger.hand_over(run, in_seconds=ending.in_seconds)
    elif ending.how == "stopped":
        ledger.finish(run, ending.words)
    elif ending.how == "finished":
        ledger.finish(run, remark=ending.words)
    else:
        passed = [*run.passed, ending.passed] if ending.passed else None
        ledger.pause(run, Run.Pause(ending.how), ending.words, passed=passed)


def _check_fields(opened: Opened, rows: Sequence[ChangeSet]) -> None:
    """Raises Stale when the API has changed its fields since."""
    gone = sorted({name for row in rows for name in row.fields} - opened.whole.by_name.keys())
    if gone:
        raise Stale(f"{opened.resource.label} have no field “{gone[0]}” any more.")


def _check_approved(run: Run, opened: Opened) -> None:
    """Raises Stale when the rows are not, to the letter, those of the approved plan, or would go elsewhere."""
    if opened.connection.environment != run.plan.environment:
        here = f"{opened.connection.label} is {opened.connection.environment} now"
        raise Stale(f"{here}; it was {run.plan.environment} when this was planned.")
    kept = lines.texts(run)
    same = all(to_json(row) == next(kept, None) for row in run.plan.changesets) and next(kept, None) is None
    if not same or not as_saved(run.plan):
        raise Stale("The rows of this run are not what was approved.")
