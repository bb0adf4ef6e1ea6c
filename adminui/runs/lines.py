"""The rows of a run as they go: sending before the bytes leave, the outcome after, every exchange beside them.

All of it in few statements, and only by the run's owner: each function gives False, with nothing done, when somebody
else has the run by now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, Max, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from adminui.packedfield import packed
from adminui.planning.outcomes import Outcome, RowResult
from adminui.records.casting import to_json
from adminui.records.changes import Change, ChangeSet
from adminui.records.documents import change_to_data
from adminui.remote.client import Exchange as Seen
from adminui.runs.ledger import KEPT, kind_of, renew
from adminui.runs.models import Exchange, Item, Run

AT_ONCE = 500  # rows named in one statement
ADDED_AT_ONCE = 5_000


class Kept(NamedTuple):
    """An exchange to be written down: for which purpose, and in which step of sending."""

    purpose: str
    step: int | None
    seen: Seen


class Standing(NamedTuple):
    """A row as the ledger has it."""

    pk: int
    record_id: str
    seq: int
    outcome: str
    step: int | None
    tries: int
    verified: bool


def add(run: Run, changesets: Iterable[Mapping[str, Any]]) -> None:
    """The rows of a new run, pending, in this order. Like `keep` without Django's objects between."""
    rows = enumerate(changesets)
    while part := [_pending(run, seq, data) for seq, data in islice(rows, ADDED_AT_ONCE)]:
        with connection.cursor() as cursor:
            cursor.executemany(_NEW, part)


def _pending(run: Run, seq: int, data: Mapping[str, Any]) -> tuple[Any, ...]:
    values = (run.pk, seq, str(data["id"]), data["label"][:400], to_json(data))
    return (*values, Outcome.PENDING.value, "", 0, "[]", "{}", "{}", "{}", False)


def standing(run: Run) -> list[Standing]:
    """All rows of the run in its order."""
    names = ("pk", "record_id", "seq", "outcome", "step", "tries", "verified")
    return [Standing(*row) for row in run.items.order_by("seq").values_list(*names)]


def texts(run: Run) -> Iterator[str]:
    """Each row's change set as the very text that is kept, in the run's order."""
    kept = run.items.order_by("seq").annotate(text=Cast("changeset", TextField()))
    return kept.values_list("text", flat=True).iterator(chunk_size=2_000)


def last_step(run: Run) -> int:
    return run.items.aggregate(highest=Max("step"))["highest"] or 0


@transaction.atomic
def sending(run: Run, steps: Sequence[tuple[int, Sequence[int]]]) -> bool:
    """Mark rows as being sent, in steps of these numbers, committed before the first request leaves."""
    if not renew(run, run.owner):
        return False
    for number, pks in steps:
        _update(pks, outcome=Outcome.SENDING, step=number, tries=F("tries") + 1)
    return True


@transaction.atomic
def sending_each(run: Run, pks: Sequence[int], offset: int) -> bool:
    """The same for rows that go one by one: the number of a row's step is its place in the run, and `offset`."""
    if not renew(run, run.owner):
        return False
    _update(pks, outcome=Outcome.SENDING, step=F("seq") + offset, tries=F("tries") + 1)
    return True


@transaction.atomic
def back_to_pending(run: Run, pks: Sequence[int], *, carried: bool = True) -> bool:
    """Rows that were marked and are to be sent later. Not `carried`: no request with them was made, or looked at."""
    if pks and not renew(run, run.owner):
        return False
    if not carried:
        _update(pks, tries=F("tries") - 1)
    _update(pks, outcome=Outcome.PENDING, messages=[], by_field={}, stored={}, verified=False, settled_at=None, kind="")
    return True


@transaction.atomic
def settle(run: Run, results: Sequence[tuple[int, ChangeSet, RowResult]]) -> bool:
    """Write outcomes down, in one statement for all rows that came to the same."""
    if results and not renew(run, run.owner):
        return False
    same: defaultdict[tuple[Outcome, str, bool], list[tuple[int, RowResult]]] = defaultdict(list)
    for pk, row, result in results:
        stored = _stored(row, result)
        if result.theirs or stored:
            _update([pk], theirs=_theirs(result), stored=stored, **_said(result))
        else:
            same[result.outcome, kind_of(result), result.stored is not None].append((pk, result))
    for found in same.values():
        _update([pk for pk, _ in found], **_said(found[0][1]))
    return True


def _said(result: RowResult) -> dict[str, object]:
    return {
        "outcome": result.outcome,
        "kind": kind_of(result),
        "verified": result.stored is not None,
        "settled_at": timezone.now(),
        "messages": list(result.messages),
        "by_field": {field: list(words) for field, words in result.by_field.items()},
    }


def _stored(row: ChangeSet, result: RowResult) -> dict[str, object]:
    """What the changed fields hold, where that is known and is not what was asked."""
    if result.stored is None or result.outcome is Outcome.DONE:
        return {}
    return {field: result.stored[field] for field in row.fields if field in result.stored}


def _theirs(result: RowResult) -> dict[str, object]:
    return {field: change_to_data(Change(field, value, None)) for field, value in result.theirs.items()}


def _update(pks: Iterable[int], **values: object) -> None:
    listed = list(pks)
    for start in range(0, len(listed), AT_ONCE):
        Item.objects.filter(pk__in=listed[start : start + AT_ONCE]).update(**values)


def keep(run: Run, kept: Iterable[Kept]) -> None:
    """Keep exchanges; answers to reads are not kept, they are the records themselves.

    Without Django's objects between, which would cost more than many an API's call.
    """
    rows = [
        (
            run.pk,
            each.step,
            each.purpose,
            each.seen.method,
            each.seen.url,
            packed(each.seen.body_text[:KEPT]),
            each.seen.status,
            packed(each.seen.answer_text[:KEPT] if each.purpose == "write" else ""),
            each.seen.fault or "",
            connection.ops.adapt_datetimefield_value(each.seen.started_at),
            each.seen.seconds,
        )
        for each in kept
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, rows)


_SAID = ["messages", "by_field", "theirs", "stored", "verified"]
_ROW = ["run_id", "seq", "record_id", "label", "changeset", "outcome", "kind", "tries", *_SAID]
_NEW = f"INSERT INTO {Item._meta.db_table} ({', '.join(_ROW)}) VALUES ({', '.join(['%s'] * len(_ROW))})"
_COLUMNS = ["run_id", "step", "purpose", "method", "url", "body", "status", "answer", "fault", "started_at", "seconds"]
_INSERT = f"INSERT INTO {Exchange._meta.db_table} ({', '.join(_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_COLUMNS))})"
