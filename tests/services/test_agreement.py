"""Random hands at two pages of one worksheet: what the pages show, what the server holds and what a plan would send
agree, cell by cell, with a worksheet in plain dictionaries.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from adminui.services import plans, reading, sheets, standing, worker
from adminui.services.catalog import Opened
from adminui.worksheets import store
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.naive import Cell, Edit, Naive
from tests.services.pages import Pages

pytestmark = pytest.mark.django_db(transaction=True)  # a run's lease is renewed by a thread of its own
FIELDS = ("name", "alternative_id", "max_bid", "notes")
NUMBERS, FILLED = frozenset({"max_bid"}), frozenset({"name"})
ROWS = 8
VALUES: Mapping[str, list[Edit]] = {
    "name": ["Line", "Line 3", "", "Other"],
    "alternative_id": ["a", "", None, "007", "alt 2"],
    "max_bid": ["1.5", "1.50", "2.25", "x", "", None, "30"],
    "notes": ["", None, "two\nlines", 'say "so"', "note 4", "a\tb"],
}
TURNS = 45
TURNING = ("undo", "redo")
PEOPLE = ("lead", "editor")


@pytest.fixture
def records(buzz: Live) -> list[int]:
    """Campaigns an API would take back as they are, apart from what is typed here."""
    ids = [record["id"] for record in buzz.api.dump("campaigns")[:ROWS]]
    for row, number in enumerate(ids):
        own = {"name": f"Line {row}", "alternative_id": f"alt {row}" if row % 3 else None, "max_bid": f"{row}.50"}
        plain = {"budget_type": "spend", "bid_modifier_id": None, "delivery_modifier_id": None, "min_bid": None}
        buzz.api.change("campaigns", number, plain | own | {"notes": [None, "", f"note {row}"][row % 3]})
    return ids


class World:
    """One worksheet of two people, its naive twin, and the steps that are under way to the server."""

    def __init__(self, buzz: Live, people: Mapping[str, User], clients: Mapping[str, Client], ids: list[int]) -> None:
        self.buzz, self.ids, self.clients = buzz, ids, clients
        self.opened: Opened = buzz.open(people["lead"], "campaigns")
        self.sheet = reading.open_ids(self.opened, ids, FIELDS)
        sheets.set_sharing(self.opened, self.sheet, "edit")
        self.naive = Naive(self.stored(), NUMBERS, FILLED)
        self.under_way: dict[str, list[tuple[str, dict[Cell, Edit]]]] = {who: [] for who in PEOPLE}
        self.known: set[str] = set()
        self.pages = Pages(clients, self.taken)
        for who in PEOPLE:
            self.open(who)

    def stored(self) -> dict[Cell, str | None]:
        """What the API has, as an editor's text."""
        found = {record["id"]: record for record in self.buzz.api.dump("campaigns")}
        values = {(row, name): found[i][name] for row, i in enumerate(self.ids) for name in FIELDS}
        return {cell: None if value is None else str(value) for cell, value in values.items()}

    def open(self, who: str) -> None:
        html = self.clients[who].get(f"/worksheets/{self.sheet.pk}/").content.decode()
        boot = json.loads(re.search(r'<script id="boot" type="application/json">(.*?)</script>', html, re.S)[1])
        self.pages.order(who, "start", make=True, boot=boot)

    def taken(self, who: str, tokens: list[str]) -> None:
        """The server has these steps now; what was sent before it has not taken again."""
        for token in tokens:
            if token not in self.known:
                self.known.add(token)
                self.play(self.naive, who, *self.under_way[who].pop(0))

    def play(self, naive: Naive, who: str, kind: str, typed: Mapping[Cell, Edit]) -> None:
        naive.turn(who, kind) if kind in TURNING else naive.type(who, typed)

    def view(self, who: str) -> Naive:
        """What a page that has just asked for news should show."""
        seen = self.naive.copy()
        for kind, typed in self.under_way[who]:
            self.play(seen, who, kind, typed)
        return seen

    def typed(self, who: str, kind: str, cells: Mapping[Cell, Edit], told: list[tuple[int, str, Edit]]) -> None:
        """A page sends no cell that it shows to be so already; what an undo will do it does not always foresee."""
        seen, sent = self.view(who), {(row, name): raw for row, name, raw in told}
        if not self.turning(who):
            assert sent == {c: r for c, r in cells.items() if not _is(seen.meaning(c, r), seen.edits.get(c, False))}
        if sent:
            self.under_way[who].append((kind, sent))

    def turning(self, who: str) -> bool:
        return any(kind in TURNING for kind, _ in self.under_way[who])


def _is(one: Edit, other: Edit) -> bool:
    return one == other and type(one) is type(other)


class Hands:
    """What the dice make of people and of the world around them."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice, self.order = world, random.Random(seed), world.pages.order
        world.pages.dice = self.dice
        self.choices: dict[Callable[[str], None], int] = {
            self.edit: 10, self.paste: 4, self.fill: 3, self.clear: 2, self.null: 3, self.undo: 10, self.redo: 8,
            self.look: 3, self.flush: 7, self.reload: 2, self.refresh: 2, self.resolve: 2, self.apply: 2,
        }  # fmt: skip

    def act(self) -> None:
        who = self.dice.choice(PEOPLE)
        self.order(who, "poll")
        self.dice.choices(list(self.choices), list(self.choices.values()))[0](who)

    def rows(self, most: int = 4) -> list[int]:
        first = self.dice.randrange(ROWS - 1)
        return list(range(first, min(ROWS, first + self.dice.randint(2, most))))

    def write(self, who: str, kind: str, cells: dict[Cell, Edit]) -> None:
        writes = [[row, name, raw] for (row, name), raw in cells.items()]
        told = self.order(who, "write", {"label": kind.title(), "kind": kind, "writes": writes})
        self.world.typed(who, kind, cells, told)

    def edit(self, who: str) -> None:
        name = self.dice.choice(FIELDS)
        raw = self.dice.choice([*VALUES[name], False])
        self.write(who, "edit", {(self.dice.randrange(ROWS), name): raw})

    def paste(self, who: str) -> None:
        rows = self.rows()
        fields = FIELDS[self.dice.randrange(3) :][: self.dice.randint(1, 3)]
        block = [[self.dice.choice([v for v in VALUES[name] if v is not None]) for name in fields] for _ in rows]
        quoted = "\n".join("\t".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in block)
        told = self.order(who, "paste", {"rows": rows, "fields": fields, "block": quoted + "\n"})
        cells = {
            (row, name): raw
            for row, line in zip(rows, block, strict=True)
            for name, raw in zip(fields, line, strict=True)
        }
        self.world.typed(who, "paste", cells, told)

    def fill(self, who: str) -> None:
        """One value is repeated, two numbers go on."""
        rows, name = self.rows(ROWS), self.dice.choice(["max_bid", "notes"])
        seen = self.seen(who)
        found = [seen.shown((row, name)) for row in rows[:2]]
        try:
            step = Decimal(found[1]) - Decimal(found[0]) if name == "max_bid" and len(rows) > 2 else None
        except (ArithmeticError, TypeError):
            step = None
        source = 1 if step is None else 2
        told = self.order(who, "fill", {"rows": rows, "field": name, "source": source})
        wanted = [found[0] if step is None else Decimal(found[1]) + step * (n + 1) for n in range(len(rows) - source)]
        assert [each if step is None else Decimal(each) for each in told["made"]] == wanted
        self.world.typed(
            who, "fill", {(r, name): raw for r, raw in zip(rows[source:], told["made"], strict=True)}, told["sent"]
        )

    def seen(self, who: str) -> Naive:
        if self.world.turning(who):
            self.order(who, "flush")
        return self.world.view(who)

    def clear(self, who: str) -> None:
        name = self.dice.choice(FIELDS)
        self.write(who, "clear", {(row, name): "" for row in self.rows()})

    def null(self, who: str) -> None:
        self.write(who, "clear", {(self.dice.randrange(ROWS), name): None for name in FIELDS[1:]})

    def undo(self, who: str) -> None:
        self.turn(who, "undo")

    def redo(self, who: str) -> None:
        self.turn(who, "redo")

    def turn(self, who: str, kind: str) -> None:
        if self.order(who, kind):
            self.world.under_way[who].append((kind, {}))
        else:
            assert self.world.view(who).next_turn(who, kind) is None

    def look(self, who: str) -> None:
        """Sorting and filtering show each row there is once, and only those that are asked for."""
        seen = self.seen(who)
        order = self.order(who, "arrange", {"sort": [{"field": "max_bid", "down": False}]})
        bids = [seen.shown((row, "max_bid")) for row in order]
        numbers = [Decimal(each) for each in bids if each and each != "x"]
        assert sorted(order) == list(range(ROWS)) and numbers == sorted(numbers)
        changed = {row for row, _ in seen.edits}
        assert set(self.order(who, "arrange", {"only": "changed"})) == changed
        noted = {"notes": {"text": "NOTE", "how": "contains"}}
        wanted = {row for row in range(ROWS) if "note" in (seen.shown((row, "notes")) or "")}
        assert set(self.order(who, "arrange", {"filters": noted, "sort": [{"field": "name", "down": True}]})) == wanted

    def flush(self, who: str) -> None:
        self.world.pages.losing = self.dice.choice([0, 0, 0.5])
        self.order(who, "flush")
        self.world.pages.losing = 0

    def reload(self, who: str) -> None:
        self.world.open(who)

    def refresh(self, who: str) -> None:
        """Somebody changed a few records behind the back of the worksheet; it is read again."""
        world = self.world
        for _ in range(self.dice.randint(0, 4)):
            self.behind_the_back()
        reading.refresh(world.opened, world.sheet)
        for cell, now in world.stored().items():
            world.naive.moved(cell, now)

    def behind_the_back(self) -> None:
        name = self.dice.choice(FIELDS)
        value = self.dice.choice([v for v in VALUES[name] if v != "x" and (v or name not in FILLED)])
        value = None if value == "" and name in NUMBERS else value
        self.world.buzz.api.change("campaigns", self.world.ids[self.dice.randrange(ROWS)], {name: value})

    def resolve(self, who: str) -> None:
        side = self.dice.choice(["mine", "theirs"])
        asked = {"scope": None, "fields": None, "side": side, "since": 0}
        url = f"/worksheets/{self.world.sheet.pk}/resolve"
        answer = self.world.clients[who].post(url, asked, content_type="application/json")
        assert answer.status_code == 200, answer.content
        self.world.naive.settle(who, side)

    def apply(self, who: str) -> None:
        """Plan what can be sent of some rows, have it sent, and take in what became of it."""
        world, naive = self.world, self.world.naive
        bad = {row for row, name in naive.edits if naive.invalid((row, name)) or (row, name) in naive.clashes}
        rows = {row for row in range(ROWS) if row not in bad and self.dice.random() < 0.7}
        wanted = {cell: edit for cell, edit in naive.edits.items() if cell[0] in rows}
        if not wanted:
            return
        plan = standing.plan(world.opened, world.sheet, rows=rows)
        assert _planned(world, plan.rows()) == wanted
        if self.dice.random() < 0.4:
            self.behind_the_back()
        run = plans.approve(world.opened, plan)
        assert worker.work_once()
        stored = world.stored()
        naive.came_home(fate for item in run.items.all() for fate in self.fates(item, stored))

    def fates(self, item: Any, stored: Mapping[Cell, str | None]) -> Iterator[tuple[Cell, bool, str | None]]:
        row = self.world.ids.index(int(item.record_id))
        for name in item.row().fields:
            clashed = name in item.theirs
            cell, now, tried = (row, name), stored[row, name], self.world.naive.edits.get((row, name))
            if clashed or name in item.stored:
                yield cell, clashed, now
            elif item.good:
                assert self.world.naive.same(cell, now, tried)
                yield cell, False, tried


def _planned(world: World, rows: Any) -> dict[Cell, str | None]:
    """The cells of these change sets; each changes something."""
    for row in rows:
        assert row.changes and all(change.before != change.after for change in row.changes)
    sent = {(world.ids.index(int(row.record_id)), name): value for row in rows for name, value in row.values.items()}
    return {cell: None if value is None else str(value) for cell, value in sent.items()}


def settle(world: World) -> None:
    for who in PEOPLE * 2:
        assert world.pages.order(who, "flush") and world.pages.order(who, "poll") == 0
    assert not any(world.under_way.values())


def agree(world: World) -> None:
    naive, sheet = world.naive, world.sheet
    marks = {(row, name): {**mark} for (name, _), held in store.marks(sheet).items() for row, mark in held.items()}
    assert {cell: mark["e"] for cell, mark in marks.items() if "e" in mark} == naive.edits
    assert {cell for cell, mark in marks.items() if "w" in mark} == {c for c in naive.edits if naive.invalid(c)}
    assert {cell for cell, mark in marks.items() if "c" in mark} == naive.clashes
    rows = store.values_at(sheet, FIELDS, range(ROWS))
    held = {(row, name): value for row, values in rows.items() for name, value in values.items()}
    assert {cell: None if value is None else str(value) for cell, value in held.items()} == naive.base
    wrong = {row for row, name in naive.edits if naive.invalid((row, name))}
    sendable = _planned(world, standing.drafts(world.opened, sheet, [row for row in range(ROWS) if row not in wrong]))
    assert sendable == {cell: edit for cell, edit in naive.edits.items() if cell[0] not in wrong}
    for who in PEOPLE:
        pages_agree(world, world.pages.order(who, "told"), marks)


def pages_agree(world: World, told: dict[str, Any], marks: Mapping[Cell, dict[str, Any]]) -> None:
    """What a page shows of every cell is what the server says of it."""
    shown = {(row, name): mark for name, held in told["marks"].items() for row, mark in held}
    assert {c: {k: v for k, v in m.items() if k != "s"} for c, m in shown.items()} == {
        c: {k: v for k, v in m.items() if k != "s"} for c, m in marks.items()
    }
    assert {(row, name): told["base"][name][row] for row, name in world.naive.base} == world.naive.base
    counts = standing.counts(Worksheet.objects.get(pk=world.sheet.pk))
    assert {name: told["counts"][name] for name in counts} == counts
    assert told["counts"]["rows"] == len({row for row, _ in world.naive.edits}) and told["unsent"] == 0


@pytest.mark.parametrize("seed", range(int(os.environ.get("ADMINUI_SEEDS", "8"))))
def test_pages_server_and_plan_agree_whatever_is_done(
    seed: int, buzz: Live, records: list[int], person: Callable[[str], User], client_as: Callable[[str], Client]
):
    people = {who: person(who) for who in PEOPLE}
    world = World(buzz, people, {who: client_as(who) for who in PEOPLE}, records)
    try:
        hands = Hands(world, seed)
        for turn in range(TURNS):
            hands.act()
            if turn % 15 == 14:
                settle(world)
                agree(world)
        settle(world)
        agree(world)
    finally:
        world.pages.end()
