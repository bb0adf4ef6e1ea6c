"""Worksheets kept a record to a row; from here on they are kept by column. No draft is lost on the way."""

import gzip
import json
from collections.abc import Sequence
from typing import Any

from django.db import migrations

from adminui.records.casting import to_json
from adminui.records.packing import PART, pack, packed
from adminui.records.values import MISSING


def to_columns(apps: Any, schema_editor: object) -> None:
    Worksheet = apps.get_model("worksheets", "Worksheet")
    Row = apps.get_model("worksheets", "Row")
    for sheet in Worksheet.objects.all():
        rows = list(Row.objects.filter(worksheet_id=sheet.pk).order_by("seq"))
        for start in range(0, len(rows), PART):
            keep_part(apps, sheet, start, rows[start : start + PART])
        sheet.rows = sheet.expected = sheet.progress = len(rows)
        sheet.state = "ready"
        sheet.origin = {"ids": [row.record_id for row in rows]}
        sheet.save()


def keep_part(apps: Any, sheet: Any, start: int, rows: Sequence[Any]) -> None:
    fields = dict.fromkeys(name for row in rows for name in row.baseline)
    apps.get_model("worksheets", "Chunk").objects.bulk_create(
        [
            apps.get_model("worksheets", "Chunk")(
                worksheet_id=sheet.pk,
                field=name,
                part=start // PART,
                data=pack(packed([row.baseline.get(name, MISSING) for row in rows])),
            )
            for name in fields
        ]
    )
    apps.get_model("worksheets", "Marks").objects.bulk_create(
        [
            apps.get_model("worksheets", "Marks")(
                worksheet_id=sheet.pk,
                field=name,
                part=start // PART,
                data=gzip.compress(json.dumps(marks).encode("ascii"), mtime=0),
                pending=sum("e" in mark for mark in marks.values()),
                clashes=sum("c" in mark for mark in marks.values()),
                failed=sum("o" in mark for mark in marks.values()),
            )
            for name, marks in marks_of(start, rows).items()
        ]
    )


def marks_of(start: int, rows: Sequence[Any]) -> dict[str, dict[int, dict[str, Any]]]:
    """Field → row → mark. What cannot be sent is found out again when the edit is planned."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for number, row in enumerate(rows, start):
        for name, raw in row.edits.items():
            mark: dict[str, Any] = {"e": raw if raw is None or isinstance(raw, str) else to_json(raw)}
            said = row.by_field.get(name) or ([] if any(n in row.edits for n in row.by_field) else row.messages)
            if row.outcome not in ("", "done", "unchanged") and said:
                mark |= {"o": row.outcome, "m": said}
            if row.outcome == "conflict" and name in row.by_field:
                mark["c"] = True
            found.setdefault(name, {})[number] = mark
    return found


class Migration(migrations.Migration):
    dependencies = [("worksheets", "0002_columns")]
    operations = [migrations.RunPython(to_columns, migrations.RunPython.noop)]
