"""Two people type, undo, redo, plan and apply at random: a naive model says what the server must hold and send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.runs.models import Plan
from adminui.services import edits, standing
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.services.drafts import base, edits_of, ended, marks_of, opened_by, put, redo, sheet_of, thing, undo

pytestmark = pytest.mark.django_db
ROWS = 2
Cell = tuple[int, str]
TYPED: Mapping[str, list[Any]] = {
    "city": ["a", "b", "", None, False],
    "size": ["1", "01", "2", "2", "x"],
}
BASE = {"city": ["a", None], "size": ["1", "2"]}


def is_invalid(name: str, text: Any) -> bool:
    return name == "size" and (text is None or not text.isdigit())


@dataclass
class Did:
    """A step as the model remembers it: what each cell showed before and after."""

    cells: dict[Cell, tuple[Any, Any]]
    undone: bool = False


@dataclass
class Model:
    """What a cell shows is its edit, or its baseline where there is none."""

    base: dict[Cell, Any] = field(default_factory=lambda: {(r, n): c[r] for n, c in BASE.items() for r in range(ROWS)})
    shown: dict[Cell, Any] = field(init=False)
    did: dict[int, list[Did]] = field(default_factory=lambda: {0: [], 1: []})

    def __post_init__(self) -> None:
        self.shown = dict(self.base)

    @property
    def edits(self) -> dict[Cell, Any]:
        return {cell: text for cell, text in self.shown.items() if text != self.base[cell]}

    @property
    def counts(self) -> dict[str, int]:
        invalid = sum(is_invalid(name, text) for (_, name), text in self.edits.items())
        return {"cells": len(self.edits), "invalid": invalid, "clashes": 0, "failed": 0}

    def show(self, wanted: Mapping[Cell, Any]) -> dict[Cell, tuple[Any, Any]]:
        changed = {cell: (self.shown[cell], text) for cell, text in wanted.items() if self.shown[cell] != text}
        self.shown |= wanted
        return changed

    def take(self, who: int, typed: Mapping[Cell, Any]) -> None:
        wanted = {c: self.base[c] if raw is False else self.meant(c, raw) for c, raw in typed.items()}
        if changed := self.show(wanted):
            self.did[who] = [did for did in self.did[who] if not did.undone] + [Did(changed)]

    def meant(self, cell: Cell, raw: Any) -> Any:
        return raw if raw is None or is_invalid(cell[1], raw) or cell[1] == "city" else str(int(raw))

    def undo(self, who: int) -> bool:
        found = [did for did in self.did[who] if not did.undone]
        return bool(found) and self.turn(found[-1], undone=True)

    def redo(self, who: int) -> bool:
        found = [did for did in self.did[who] if did.undone]
        return bool(found) and self.turn(found[0], undone=False)

    def turn(self, did: Did, *, undone: bool) -> bool:
        """What still shows what the step made of it is put back; the rest is that step's no longer."""
        standing_still = {c: (old, new) for c, (old, new) in did.cells.items() if self.shown[c] == new}
        did.cells = {c: (new, old) for c, (old, new) in standing_still.items()}
        did.undone = undone
        self.shown |= {c: old for c, (old, _) in standing_still.items()}
        return True

    def come_home(self, values: Mapping[Cell, Any]) -> None:
        for cell, text in values.items():
            typed = self.shown[cell] if cell in self.edits else text
            self.base[cell] = text
            self.shown[cell] = typed


cells = st.tuples(st.integers(0, ROWS - 1), st.sampled_from(sorted(TYPED)))
typing = st.lists(cells, min_size=1, max_size=4, unique=True).flatmap(
    lambda chosen: st.tuples(*(st.sampled_from(TYPED[name]) for _, name in chosen)).map(
        lambda raws: dict(zip(chosen, raws, strict=True))
    )
)
people = st.integers(0, 1)
moves = st.one_of(
    st.tuples(st.just("take"), people, typing),
    st.tuples(st.sampled_from(["undo", "undo", "redo"]), people),
    st.tuples(st.sampled_from(["undo", "redo", "plan", "home"]), st.just(0)),
    st.tuples(st.sampled_from(["plan", "home"]), st.just(0)),
)


class Page:
    """What an open page holds that only ever listens to the feed."""

    def __init__(self, opened: Opened, sheet: Worksheet) -> None:
        self.opened, self.sheet, self.version, self.held = opened, sheet, 0, dict[Cell, Any]()

    def listen(self) -> dict[Cell, Any]:
        told = edits.feed(self.opened, self.sheet, self.version)
        for step in told["steps"]:
            for name, held in step["cells"].items():
                self.held |= {(row, name): e for row, e in zip(held["rows"], held["after"], strict=True)}
        if any(step["reload"] for step in told["steps"]):
            marks = edits.marks_document(self.opened, self.sheet)["marks"]
            self.held = {
                (row, name): mark.get("e", False) if isinstance(mark, dict) else mark
                for name, held in marks.items()
                for row, mark in zip(held["rows"], held["marks"], strict=True)
            }
        self.version = told["version"]
        return {cell: edit for cell, edit in self.held.items() if edit is not False}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(moves, min_size=10, max_size=30))
def test_whatever_is_done_the_server_holds_tells_and_plans_what_the_model_does(lead: Any, editor: Any, script: Any):
    with transaction.atomic():
        _play(opened_by(lead), opened_by(editor), script)
        transaction.set_rollback(True)


def _play(mine: Opened, theirs: Opened, script: Any) -> None:
    records = [thing(n, city=BASE["city"][n], size=int(BASE["size"][n])) for n in range(ROWS)]
    sheet, model, both = sheet_of(mine, records), Model(), (mine, theirs)
    sheet.sharing = Worksheet.Sharing.EDIT
    sheet.save()
    page, plan = Page(theirs, sheet), None
    for kind, who, *typed in script:
        if kind == "take":
            put(both[who], sheet, **_columns(typed[0]))
            model.take(who, typed[0])
        elif kind in ("undo", "redo"):
            _turned(both[who], sheet, kind, done=getattr(model, kind)(who))
        elif kind == "plan" and plan is None:
            plan = _planned(mine, sheet, model)
        elif kind == "home" and plan is not None:
            model.come_home(_values(plan))
            ended(mine, plan)
            plan = None
        _agree(sheet, model, page)


def _columns(typed: Mapping[Cell, Any]) -> dict[str, dict[int, Any]]:
    columns: dict[str, dict[int, Any]] = {}
    for (row, name), raw in typed.items():
        columns.setdefault(name, {})[row] = raw
    return columns


def _turned(opened: Opened, sheet: Worksheet, kind: str, *, done: bool) -> None:
    try:
        (undo if kind == "undo" else redo)(opened, sheet)
    except BadInput:
        assert not done
    else:
        assert done


def _planned(opened: Opened, sheet: Worksheet, model: Model) -> Plan | None:
    """Of the rows that can be sent; it holds the edits of those rows and nothing besides."""
    wrong = {row for (row, name), text in model.edits.items() if is_invalid(name, text)}
    rows = [row for row in range(ROWS) if row not in wrong]
    wanted = {cell: text for cell, text in model.edits.items() if cell[0] in rows}
    if not wanted:
        return None
    plan = standing.plan(opened, sheet, rows=rows)
    assert _values(plan) == wanted
    return plan


def _values(plan: Plan) -> dict[Cell, Any]:
    rows = plan.rows()
    for row in rows:
        assert row.changes and all(change.before != change.after for change in row.changes)
    found = {(int(row.record_id), name): value for row in rows for name, value in row.values.items()}
    return {cell: str(value) if isinstance(value, int) else value for cell, value in found.items()}


def _agree(sheet: Worksheet, model: Model, page: Page) -> None:
    assert edits_of(sheet) == model.edits == page.listen()
    assert {cell for cell, mark in marks_of(sheet).items() if "w" in mark} == {
        (row, name) for (row, name), text in model.edits.items() if is_invalid(name, text)
    }
    assert standing.counts(sheet) == model.counts
    held = {(row, name): base(sheet, row, name) for row, name in model.base}
    assert {cell: str(v) if isinstance(v, int) else v for cell, v in held.items()} == model.base
    assert all(marks for marks in store.marks(sheet).values())
