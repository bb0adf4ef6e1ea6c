"""Worksheets of the time when a record was a row: they come over with every pending edit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from adminui.worksheets import store
from adminui.worksheets.models import Worksheet


@pytest.mark.django_db(transaction=True)
def test_no_draft_is_lost_when_rows_become_columns():
    executor = MigrationExecutor(connection)
    executor.migrate([("worksheets", "0001_initial")])
    old = executor.loader.project_state([("worksheets", "0001_initial")]).apps
    owner = User.objects.create(username="owner")
    made = old.get_model("worksheets", "Worksheet").objects.create(
        owner_id=owner.pk, connection="c", resource="r", title="t", source="s", read_at=timezone.now()
    )
    edits = [{"city": "Bonn"}, {"city": None}, {"city": "Ulm"}, {}]
    outcomes = ["", "rejected", "conflict", ""]
    for seq, (edit, outcome) in enumerate(zip(edits, outcomes, strict=True)):
        said = {"city": ["no"]} if outcome else {}
        old.get_model("worksheets", "Row").objects.create(
            worksheet_id=made.pk,
            seq=seq,
            record_id=str(seq + 5),
            baseline={"id": seq + 5, "price": Decimal("1.10")},
            edits=edit,
            edited=bool(edit),
            outcome=outcome,
            by_field=said,
        )
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    sheet = Worksheet.objects.get(pk=made.pk)
    assert (sheet.state, sheet.rows, sheet.origin) == ("ready", 4, {"ids": ["5", "6", "7", "8"]})
    assert store.values_at(sheet, ["id", "price"], [3]) == {3: {"id": 8, "price": Decimal("1.10")}}
    assert store.marks(sheet) == {
        ("city", 0): {
            0: {"e": "Bonn"},
            1: {"e": None, "o": "rejected", "m": ["no"]},
            2: {"e": "Ulm", "o": "conflict", "m": ["no"], "c": True},
        }
    }
