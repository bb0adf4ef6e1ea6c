"""Whatever is done in whatever order: what is shown is written, what is undone is as before, nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.records.casting import cast
from adminui.records.cleaning.base import Making, Transformation
from adminui.records.cleaning.registry import TRANSFORMS
from adminui.records.entries import Skipped
from adminui.records.operations import Operation
from adminui.records.values import MISSING, same
from adminui.services import current, edits, marking, sharing, steps
from adminui.services.bench import cleaning, frames, operations, recipes
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.services.fates import Change, Only
from adminui.services.sharing import Window
from adminui.services.statistics import key_of
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet
from tests.conftest import Live
from tests.services.columns import THINGS, pending, sheet_of, things, type_in

pytestmark = pytest.mark.django_db
SLOWLY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
EDITED = ("name", "price", "count", "status", "day")
HELD: dict[str, list[Any]] = {
    "name": [" Ann", "bob ", "Cy", None, "", "ß x", MISSING, "a\r\nb", "\u202ex"],
    "price": [Decimal("1.50"), Decimal("1.5"), 2, Decimal("-3"), None, MISSING, Decimal("1e3")],
    "count": [0, 1, 5, -2],
    "status": [1, 2, 3, None, 9],
    "day": ["2024-02-29", "2025-12-31", None],
}
TYPED: dict[str, list[str | None]] = {
    "name": ["Ann", " ann ", "", None, "far too long for this field", " Ulm"],
    "price": ["1.5", "9999", None, "cheap"],
    "count": ["5", None, "many"],
    "status": ["1", "3", None, "nonsense"],
    "day": ["2024-03-01", "yesterday", None],
}


def of(name: str, *fields: str, **params: Any) -> Transformation:
    return Transformation(name, fields or ("name",), params)


def where(asked: Transformation, *facets: dict[str, Any]) -> Transformation:
    return replace(asked, where=facets)


def changing(field: str, operation: str, value: str = "", by: str = "") -> Transformation:
    return of("change", field, operation=operation, value=value, by=by)


FILL, COPY = of("fill"), of("copy", **{"from": "price", "only_blank": False, "blanks": True})
PLAIN = [
    of("trim"),
    of("upper"),
    of("title"),
    changing("name", "append", "a"),
    changing("count", "plus", "1"),
    changing("price", "percent", "50"),
    changing("name", "null"),
    changing("name", "set", "much longer than it may be"),
    of("replace", find="a", by="bb"),
    of("replace", find="^(.)", by=r"\1\1", regex=True),
    of("map", "status", pairs=[["New", "Active"], ["3", None]]),
    of("pad", width=13, side="left", char="0"),
    of("round", "price", places=0),
    COPY,
    of("constant", "day", value="2024-01-01", only_blank=True),
]
FACETS: list[dict[str, Any]] = [
    {"facet": "match", "field": "name", "text": "a"},
    {"facet": "blank", "field": "price", "in": ["null", "missing"]},
    {"facet": "text", "field": "status", "in": [key_of(THINGS.by_name["status"], 1)]},
    {"facet": "duplicate", "field": "name", "in": ["duplicate"]},
    {"facet": "state", "field": "", "in": ["changed"]},
    {"facet": "state", "field": "name", "in": ["unchanged"]},
    {"facet": "state", "field": "name", "in": ["invalid"]},
]
rows = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in HELD.items()}), min_size=1, max_size=9
)
typing = st.tuples(st.sampled_from(EDITED), st.integers(0, 8), st.integers(0, 5))
typings = st.lists(typing, max_size=6)
plain = st.sampled_from([each for each in PLAIN if each.name in TRANSFORMS])
chosen = st.sampled_from(["0", "0,2-3", "1-4", "", None])
whole = st.builds(
    lambda asked, facets, rows, but: replace(asked, where=tuple(facets), rows=rows, but=but),
    st.one_of(plain, st.just(FILL)),
    st.lists(st.sampled_from(FACETS), max_size=2),
    chosen,
    st.sampled_from([{}, {"name": ("101", "103")}, {"count": ("100",)}]),
)


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return things(autotask.open(lead, "Companies"))


@pytest.fixture
def other(autotask: Live, editor: Any) -> Opened:
    return things(autotask.open(editor, "Companies"))


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows are a part, so that most worksheets have several."""
    for module in (store, current, frames, marking):
        monkeypatch.setattr(module, "PART", 3)
    monkeypatch.setattr("tests.services.columns.PART", 3)


def made(opened: Opened, records: Sequence[dict[str, Any]], typed: Sequence[tuple[str, int, int]] = ()) -> Worksheet:
    sheet = sheet_of(opened, [{n: v for n, v in record.items() if v is not MISSING} for record in records])
    Worksheet.objects.filter(pk=sheet.pk).update(sharing="edit")
    for name, row, at in typed:
        put(opened, sheet, name, row, at)
    return fresh(sheet)


def put(opened: Opened, sheet: Worksheet, name: str, row: int, at: int) -> None:
    texts = TYPED[name]
    type_in(opened, sheet, name, {row % sheet.rows: texts[at % len(texts)]})


def fresh(sheet: Worksheet) -> Worksheet:
    return Worksheet.objects.get(pk=sheet.pk)


def state(sheet: Worksheet) -> dict[str, dict[int, tuple[str | None, bool]]]:
    """Every pending edit, and whether it can be sent."""
    found: dict[str, dict[int, tuple[str | None, bool]]] = {name: {} for name in EDITED}
    for (name, _), marks in store.marks(sheet).items():
        found[name] |= {row: (mark["e"], "w" not in mark) for row, mark in marks.items() if "e" in mark}
    return found


def clean(opened: Opened, sheet: Worksheet, asked: Transformation, token: UUID | None = None) -> cleaning.Cleaned:
    return cleaning.clean(opened, fresh(sheet), asked, token or uuid4())


# One clean-up against the plain way: cell by cell, by itself


def naive(sheet: Worksheet, asked: Transformation) -> dict[str, dict[int, tuple[str | None, bool]]]:
    """The edits as they would be; every row by itself, in order."""
    transform, resource = TRANSFORMS[asked.name], THINGS
    params = transform.checked(asked.params)
    base = store.values_at(sheet, [field.name for field in resource.fields], range(sheet.rows))
    before, after = state(sheet), state(sheet)

    def held(name: str, row: int) -> Any:
        value = base[row].get(name, MISSING)
        if row not in before.get(name, {}):
            return value
        edit, valid = before[name][row]
        return cast(resource.by_name[name], edit, value) if valid else edit

    for place, name in enumerate(asked.fields):
        field = resource.by_name[name]
        doing = transform.make(Making(resource, field, place, params))
        for row in range(sheet.rows):
            given = doing(held(name, row), [held(each, row) for each in transform.reads(params)])
            if isinstance(given, Skipped):
                continue
            edit, words = marking.typed(resource, name, base[row].get(name, MISSING), given.text)
            if words and not transform.keeps_invalid:
                continue
            there = before[name].get(row)
            can = there is not None and there[1] and not words and edit is not False
            if can and same(field, held(name, row), cast(field, edit, base[row].get(name, MISSING))):
                continue  # it says so already, in other words
            after[name].pop(row, None)
            if edit is not False:
                after[name][row] = (edit, not words)
    return after


@SLOWLY
@given(rows, typings, st.one_of(plain, st.just(FILL)))
def test_a_clean_up_is_what_every_row_by_itself_comes_to(opened: Opened, records: Any, typed: Any, asked: Any):
    sheet = made(opened, records, typed)
    expected = naive(sheet, asked)
    clean(opened, sheet, asked)
    assert state(sheet) == expected


@SLOWLY
@given(rows, typings, whole)
def test_the_preview_is_what_is_written_cell_by_cell_and_undo_is_as_before(
    opened: Opened, records: Any, typed: Any, asked: Transformation
):
    sheet = made(opened, records, typed)
    before = state(sheet)
    try:
        told = cleaning.count(opened, sheet, asked, Window(size=1_000))
    except BadInput as error:
        assert "worksheet has" in error.message  # rows it does not have
        return
    assert state(sheet) == before
    done = clean(opened, sheet, asked)
    assert (done.tally, done.cells, done.label) == (told.tally, told.cells, told.label)
    after = state(sheet)
    keeps = TRANSFORMS[asked.name].keeps_invalid
    shown = {
        (cell.field, row.row)
        for row in told.preview
        for cell in row.cells
        if cell.fate == "changed" or (keeps and cell.fate == "invalid")
    }
    moved = {(n, r) for n in EDITED for r in {*before[n], *after[n]} if before[n].get(r) != after[n].get(r)}
    assert moved == shown and len(shown) == told.cells
    if done.step:
        edits.undo(opened, fresh(sheet), uuid4())
    assert state(sheet) == before


@SLOWLY
@given(rows, typings, st.lists(whole, min_size=1, max_size=4))
def test_a_recipe_is_its_steps_one_by_one_and_the_same_again(
    opened: Opened, records: Any, typed: Any, asked: list[Transformation]
):
    asked = [replace(each, rows=None, where=tuple(f for f in each.where if f["facet"] != "state")) for each in asked]
    one, all_at_once, again = (made(opened, records, typed) for _ in range(3))
    for each in asked:
        clean(opened, one, each)
    for sheet in (all_at_once, again):
        told = recipes.count(opened, sheet, asked)
        before = state(sheet)
        cooked = recipes.cook(opened, sheet, asked, uuid4(), "r")
        assert cooked.difference.cells == told.difference.cells and state(sheet) == state(one)
        if cooked.step:
            edits.undo(opened, fresh(sheet), uuid4())
            assert state(sheet) == before
            edits.redo(opened, fresh(sheet), uuid4())
            assert state(sheet) == state(one)


# Several things done, and done anew

ACTS = st.one_of(
    whole.map(lambda asked: ("clean", asked)),
    typing.map(lambda typed: ("type", typed)),
    st.sampled_from(
        [
            ("share", Change("name", Operation("append", "!"))),
            ("share", Change("count", Operation("plus", "2"))),
            ("share", Change("name", Operation("set", "x"), Only("status", key_of(THINGS.by_name["status"], 1)))),
            ("share", Change("name", Operation("null"), Only("price", key_of(THINGS.by_name["price"], None)))),
        ]
    ),
    st.lists(plain, min_size=1, max_size=3).map(lambda steps: ("cook", steps)),
    st.sampled_from([("undo", None), ("redo", None)]),
)


def act(opened: Opened, sheet: Worksheet, what: str, with_: Any) -> None:
    held = fresh(sheet)
    try:
        if what == "clean":
            cleaning.clean(opened, held, with_, uuid4())
        elif what == "type":
            put(opened, held, *with_)
        elif what == "share":
            sharing.share(opened, held, range(held.rows), [with_], uuid4())
        elif what == "cook":
            recipes.cook(opened, held, with_, uuid4())
        else:
            getattr(edits, what)(opened, held, uuid4())
    except BadInput:
        pass  # rows it does not have; nothing to undo


def asked_for(opened: Opened, sheet: Worksheet) -> list[tuple[str, bool, Transformation | None]]:
    return [(entry.id, entry.on, None) for entry in operations.listed(opened, fresh(sheet))]


def replayed(opened: Opened, sheet: Worksheet, records: Any, wanted: Any) -> Worksheet:
    """The wanted list done by hand on a fresh worksheet of the same records."""
    entries = {entry.id: entry for entry in operations.listed(opened, fresh(sheet))}
    new = made(opened, records)
    for name, on, _ in wanted:
        asked = entries[name].asked
        if on and asked is not None:
            clean(opened, new, asked)
        elif on:
            content = steps.content(Step.objects.get(worksheet=sheet, number=entries[name].number))
            cells = {n: (held["rows"], held["after"]) for n, held in content["cells"].items()}
            edits.take(opened, fresh(new), uuid4(), "edit", "typed", cells)
    return new


@SLOWLY
@given(rows, st.lists(ACTS, min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_done_anew_it_is_the_same_and_rearranged_it_is_what_a_fresh_worksheet_comes_to(
    opened: Opened, records: Any, acts: Any, dice: Any
):
    sheet = made(opened, records)
    for what, with_ in acts:
        act(opened, sheet, what, with_)
    wanted, before = asked_for(opened, sheet), state(sheet)
    assert operations.rearrange(opened, fresh(sheet), wanted).difference.cells == 0
    mixed = [(name, dice.random() < 0.7, asked) for name, _, asked in dice.sample(wanted, len(wanted))]
    told = operations.rearrange(opened, fresh(sheet), mixed)
    expected = state(replayed(opened, sheet, records, mixed))
    kept = operations.rearrange(opened, fresh(sheet), mixed, uuid4())
    assert kept.difference.cells == told.difference.cells and state(sheet) == expected
    if kept.step and kept.step.cells:
        edits.undo(opened, fresh(sheet), uuid4())
        again = asked_for(opened, sheet)
        assert state(sheet) == before and again == [each for each in wanted if each[1] or each in again]
        edits.redo(opened, fresh(sheet), uuid4())
        assert state(sheet) == expected and asked_for(opened, sheet) == mixed


@SLOWLY
@given(rows, st.lists(ACTS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_everything_undone_leaves_nothing_and_everything_done_again_leaves_all(
    opened: Opened, records: Any, acts: Any, dice: Any
):
    sheet = made(opened, records)
    for what, with_ in acts:
        act(opened, sheet, what, with_)
        if dice.random() < 0.3:
            wanted = asked_for(opened, sheet)
            mixed = [(n, dice.random() < 0.7, a) for n, _, a in dice.sample(wanted, len(wanted))]
            operations.rearrange(opened, fresh(sheet), mixed, uuid4())
    full, count = state(sheet), 0
    while steps.last_to_undo(fresh(sheet), opened.user_id):
        edits.undo(opened, fresh(sheet), uuid4())
        count += 1
    assert not any(state(sheet).values())
    for _ in range(count):
        edits.redo(opened, fresh(sheet), uuid4())
    assert state(sheet) == full


@SLOWLY
@given(rows, st.lists(st.tuples(st.booleans(), ACTS), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_two_people_by_turns_never_come_to_a_stop_and_never_lose_what_they_typed_last(
    opened: Opened, other: Opened, records: Any, acts: Any, dice: Any
):
    sheet = made(opened, records)
    for mine, (what, with_) in acts:
        who = opened if mine else other
        act(who, sheet, what, with_)
        if dice.random() < 0.3:
            wanted = asked_for(who, sheet)
            mixed = [(n, dice.random() < 0.8, a) for n, _, a in dice.sample(wanted, len(wanted))]
            told = operations.rearrange(who, fresh(sheet), mixed)
            kept = operations.rearrange(who, fresh(sheet), mixed, uuid4())
            assert told.difference.cells == kept.difference.cells
            assert operations.rearrange(who, fresh(sheet), asked_for(who, sheet)).difference.cells == 0
    put(other, fresh(sheet), "day", 0, 0)
    assert pending(sheet, "day").get(0, "2024-03-01") == "2024-03-01"
    for who in (opened, other, opened):
        for _ in range(30):
            if steps.last_to_undo(fresh(sheet), who.user_id) is None:
                break
            edits.undo(who, fresh(sheet), uuid4())
        assert steps.last_to_undo(fresh(sheet), who.user_id) is None
    operations.rearrange(opened, fresh(sheet), [(n, False, a) for n, _, a in asked_for(opened, sheet)], uuid4())
    assert not any(state(sheet).values())
