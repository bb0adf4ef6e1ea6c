"""What an answer to a write says of each row: matched by id, never by position; what is not said is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adminui.dialects.base import ApiResponse
from adminui.dialects.buzz.failures import read_failure
from adminui.dialects.buzz.reading import unwrap
from adminui.dialects.buzz.statuses import check, document_of
from adminui.dialects.buzz.writing import in_sending_order
from adminui.dialects.errors import Forbidden, Gone, NotOffered, RowErrors, Unknown
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.records.changes import ChangeSet
from adminui.records.schema import Resource
from adminui.records.values import RecordId

_BULK = (Form.BULK_ROWS, Form.BULK_SHARED)
_NO_REASON = "Buzz refused the request without giving a reason (status {})."


def outcomes(resource: Resource, step: Step, response: ApiResponse) -> tuple[RowResult, ...]:
    """Every row once, in the step's order."""
    rows = in_sending_order(step)
    try:
        check(response)
    except Gone as error:
        if step.form in _BULK:  # no bulk address, or one record of many is gone: single calls tell which
            raise NotOffered("Buzz does not take these records in bulk.", status=404) from error
        return _all(rows, RowErrors((error.message,)))
    except Forbidden as error:
        return _all(rows, RowErrors((error.message,)))
    found = _refused(resource, step, rows, response) if response.status >= 400 else _echoes(resource, step, response)
    by_id = {result.record_id: result for result in found}
    return tuple(by_id[record_id] for record_id in step.ids)


def _echoes(resource: Resource, step: Step, response: ApiResponse) -> tuple[RowResult, ...]:
    document = response.json
    answer = unwrap(document)
    entries = [e for e in (answer if isinstance(answer, list) else [answer]) if isinstance(e, dict)]
    stored = {str(e[resource.id_field]): e for e in entries if resource.id_field in e}
    if not any(str(i) in stored for i in step.ids):
        raise _lost(stored, response)
    warnings = _side_words(resource, document)
    return tuple(
        RowResult(i, Outcome.DONE, warnings, stored=stored[str(i)]) if str(i) in stored else _unmentioned(i)
        for i in step.ids
    )


def _lost(stored: Mapping[str, Any], response: ApiResponse) -> Unknown:
    if stored:
        return Unknown("Buzz's answer is for another record.", status=response.status)
    return Unknown("Buzz's answer holds no record; whether it was written has to be read.", status=response.status)


def _side_words(resource: Resource, document: Any) -> tuple[str, ...]:
    """Warnings and errors beside a wrapped result; what was stored is compared with what was asked anyway."""
    if not isinstance(document, dict) or not isinstance(document.get("result"), dict | list):
        return ()
    said = {name: document[name] for name in ("warnings", "errors") if document.get(name)}
    return tuple(w for value in said.values() for w in _flat(read_failure(resource, value, ()).whole))


def _flat(errors: RowErrors) -> tuple[str, ...]:
    return errors.messages + tuple(f"{name}: {t}" for name, texts in errors.by_field.items() for t in texts)


def _unmentioned(record_id: RecordId) -> RowResult:
    words = ("Buzz's answer does not mention this record; whether it was written has to be read.",)
    return RowResult(record_id, Outcome.UNKNOWN, words)


def _refused(resource: Resource, step: Step, rows: Sequence[ChangeSet], response: ApiResponse) -> tuple[RowResult, ...]:
    """The rows an all-or-nothing refusal names, and those that only went down with them."""
    failure = read_failure(resource, document_of(response), rows)
    whole = failure.whole
    if failure.rows:
        bad = {i: RowErrors(e.messages + whole.messages, e.by_field) for i, e in failure.rows.items()}
    elif step.form is Form.BULK_ROWS and whole.by_field:
        bad = dict.fromkeys(_senders(rows, whole), whole)
    else:
        said = whole if whole.messages or whole.by_field else RowErrors((_NO_REASON.format(response.status),))
        return _all(rows, said)
    suspect = not failure.rows and len(bad) > 1
    return tuple(
        _rejected(row.record_id, bad[i], suspect=suspect) if i in bad else _taken_down(row.record_id, len(bad))
        for i, row in enumerate(rows)
    )


def _senders(rows: Sequence[ChangeSet], whole: RowErrors) -> Sequence[int]:
    """Field errors without a row: they can only be about rows that send such a field, if any does."""
    return [i for i, row in enumerate(rows) if whole.by_field.keys() & set(row.fields)] or range(len(rows))


def _all(rows: Sequence[ChangeSet], said: RowErrors) -> tuple[RowResult, ...]:
    return tuple(_rejected(row.record_id, said, suspect=len(rows) > 1) for row in rows)


def _rejected(record_id: RecordId, said: RowErrors, *, suspect: bool) -> RowResult:
    return RowResult(record_id, Outcome.REJECTED, said.messages, said.by_field, suspect=suspect)


def _taken_down(record_id: RecordId, bad: int) -> RowResult:
    others = "another record" if bad == 1 else f"{bad} other records"
    return RowResult(record_id, Outcome.NOT_SENT, (f"Not written: Buzz refused the whole batch because of {others}.",))
