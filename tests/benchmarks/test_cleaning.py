"""Clean-ups of 100,000 rows of 20 columns: preview, apply, undo, a recipe; printed beside the goals and a bare loop."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any
from uuid import uuid4

import pytest

from adminui.records.cleaning.base import Transformation
from adminui.services import edits
from adminui.services.bench import cleaning, operations, recipes
from adminui.services.statistics import key_of
from adminui.worksheets.models import Worksheet
from tests.benchmarks.worksheets import Table
from tests.conftest import Live
from tests.services.columns import THINGS, sheet_of, things

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
RECORDS, TIMES = 100_000, 5
WORDS = ("Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne", "Wonka")


def records() -> list[dict[str, Any]]:
    """Names all different, one in ten with a space too many; few notes; numbers."""
    dice = random.Random(5)
    return [
        {
            "name": f"{dice.choice(WORDS)} {n:x}" + " " * (n % 10 == 0),
            "note": dice.choice(WORDS) + " " * (n % 7 == 0),
            "status": 1 + n % 3,
            "count": n % 1000,
            **{f"f{i}": f"x{n % 100}" for i in range(16)},
        }
        for n in range(RECORDS)
    ]


def timed(work: Callable[[], Any], times: int = TIMES) -> float:
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return median(spent) * 1000


def test_transforms_of_a_hundred_thousand_rows(autotask: Live, lead: Any):
    name = THINGS.by_name["name"]
    fields = (*THINGS.fields, replace(name, name="note", label="Note", max_length=None))
    opened = things(autotask.open(lead, "Companies"))
    resource = replace(THINGS, fields=tuple(replace(f, max_length=None) if f.name == "name" else f for f in fields))
    opened = replace(opened, resource=resource, whole=resource)
    held = records()
    sheet = sheet_of(opened, held)
    names = [each["name"] for each in held]

    def bare() -> int:
        return sum(" ".join(text.split()) != text for text in names)

    loop = timed(bare)
    table = Table(f"{RECORDS:,} rows × 20; a bare loop over the names {loop:.0f} ms")
    for label, asked in {
        "tidy, all different": Transformation("tidy", ("name",)),
        "tidy, few values": Transformation("tidy", ("note",)),
        "upper case, all change": Transformation("upper", ("name",)),
        "upper case where the note is Acme": Transformation(
            "upper",
            ("name",),
            where=({"facet": "text", "field": "note", "in": [key_of(resource.by_name["note"], "Acme")]},),
        ),
        "join two columns": Transformation("formula", ("note",), {"formula": "{name} & '-' & {count}"}),
    }.items():
        spent = timed(lambda asked=asked: cleaning.count(opened, sheet, asked))
        table.add(f"preview: {label}", f"{spent:.0f} ms, {spent / loop:.1f}×", "150 ms")
        began = time.perf_counter()
        made = cleaning.clean(opened, Worksheet.objects.get(pk=sheet.pk), asked, uuid4())
        table.add(f"apply: {made.label}", f"{(time.perf_counter() - began) * 1000:.0f} ms", "1000 ms")
        began = time.perf_counter()
        if made.step:
            edits.undo(opened, Worksheet.objects.get(pk=sheet.pk), uuid4())
        table.add("  undo it", f"{(time.perf_counter() - began) * 1000:.0f} ms")
    steps = [Transformation("tidy", ("name",)), Transformation("upper", ("note",)), Transformation("lower", ("name",))]
    fresh = Worksheet.objects.get(pk=sheet.pk)
    table.add("recipe of three, looked at", f"{timed(lambda: recipes.count(opened, fresh, steps), 2):.0f} ms")
    began = time.perf_counter()
    recipes.cook(opened, fresh, steps, uuid4())
    table.add("recipe of three, done", f"{(time.perf_counter() - began) * 1000:.0f} ms")
    asked = [(entry.id, entry.on, None) for entry in operations.listed(opened, fresh)]
    began = time.perf_counter()
    operations.rearrange(opened, Worksheet.objects.get(pk=sheet.pk), asked[::-1])
    table.add("all operations the other way round, looked at", f"{(time.perf_counter() - began) * 1000:.0f} ms")
