"""Runs made as the product makes them, for the tests of the pages that tell of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adminui.records.changes import Change, ChangeSet, changeset_of
from adminui.records.queries import Query
from adminui.records.values import Record
from adminui.remote import reader
from adminui.runs import ledger
from adminui.runs.models import Run
from adminui.services import homecoming, plans
from adminui.services.catalog import Opened
from adminui.services.execution import execute


def some(opened: Opened, number: int) -> list[Record]:
    return list(reader.read_page(opened.client, opened.whole, Query(page_size=number)).records)[:number]


def change(opened: Opened, record: Record, **values: Any) -> ChangeSet:
    return changeset_of(opened.whole, record, [Change(f, record.get(f), v) for f, v in values.items()])


def queued(opened: Opened, rows: Sequence[ChangeSet], **options: Any) -> Run:
    return plans.approve(opened, plans.save(opened, rows, door="edit many", **options))


def carried_out(run: Run) -> Run:
    claimed = ledger.claim("test", run.pk)
    assert claimed is not None
    execute(claimed)
    homecoming.absorb(claimed)
    return Run.objects.select_related("plan").get(pk=run.pk)


def happened(opened: Opened, rows: Sequence[ChangeSet], **options: Any) -> Run:
    return carried_out(queued(opened, rows, **options))
