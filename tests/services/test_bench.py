"""Clean-ups of worksheets: counted, made as one step, done anew in another order, and kept as recipes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.records.cleaning.base import Transformation
from adminui.records.operations import Operation
from adminui.services import edits, sharing, steps
from adminui.services.bench import cleaning, operations, recipes
from adminui.services.errors import BadInput, NotAllowed
from adminui.services.fates import Change
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.columns import pending, sheet_of, things, type_in

pytestmark = pytest.mark.django_db
TRIM = Transformation("trim", ("name",))
UPPER = Transformation("upper", ("name",))
NAMES = [" Ann", "bob ", "Cy", None, "", " Ann"]


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Any:
    return things(autotask.open(lead, "Companies"))


def rows_of(names: list[str | None], **more: Any) -> list[dict[str, Any]]:
    return [{"name": name, "count": 1, **more} for name in names]


def fresh(sheet: Worksheet) -> Worksheet:
    return Worksheet.objects.get(pk=sheet.pk)


def clean(opened: Any, sheet: Worksheet, asked: Transformation) -> cleaning.Cleaned:
    return cleaning.clean(opened, sheet, asked, uuid4())


def wanted(opened: Any, sheet: Worksheet) -> list[tuple[str, bool, Transformation | None]]:
    return [(entry.id, entry.on, None) for entry in operations.listed(opened, fresh(sheet))]


def test_what_is_counted_is_what_is_made(opened: Any):
    sheet = sheet_of(opened, rows_of(NAMES))
    told = cleaning.count(opened, sheet, TRIM)
    assert (told.tally.changed, told.tally.already, told.tally.skipped, told.cells) == (3, 2, 1, 3)
    assert next((row.row, row.cells[0].before, row.cells[0].after) for row in told.preview) == (0, " Ann", "Ann")
    made = clean(opened, sheet, TRIM)
    assert made.label == told.label and made.step is not None and made.step.cells == 3
    assert pending(sheet, "name") == {0: "Ann", 1: "bob", 5: "Ann"}
    assert cleaning.count(opened, sheet, TRIM).cells == 0


def test_the_same_token_cleans_once(opened: Any):
    sheet, token = sheet_of(opened, rows_of(["a"])), uuid4()
    asked = Transformation("change", ("name",), {"operation": "append", "value": "!"})
    cleaning.clean(opened, sheet, asked, token)
    cleaning.clean(opened, fresh(sheet), asked, token)
    assert pending(sheet, "name") == {0: "a!"} and len(operations.listed(opened, fresh(sheet))) == 1


def test_an_edit_that_cannot_be_sent_is_cleaned_as_it_was_typed(opened: Any):
    sheet = sheet_of(opened, rows_of(["a", "b"]))
    type_in(opened, sheet, "name", {0: "  much too long a name  "[:14], 1: "x"})
    assert cleaning.count(opened, fresh(sheet), TRIM).tally.changed == 1
    clean(opened, fresh(sheet), TRIM)
    assert pending(sheet, "name") == {0: "much too lon", 1: "x"}


def test_what_would_be_invalid_is_left_alone_and_counted(opened: Any):
    sheet = sheet_of(opened, rows_of(["twelve chars", "ok"]))
    asked = Transformation("pad", ("name",), {"width": 13, "side": "left", "char": "0"})
    told = cleaning.count(opened, sheet, asked)
    assert told.tally.invalid == 2 and told.cells == 0
    assert clean(opened, sheet, asked).step is None and not pending(sheet, "name")


def test_facets_rows_and_ticks_say_which_rows_are_meant(opened: Any):
    sheet = sheet_of(opened, rows_of([" a", " b", " a", " c"]))
    where = ({"facet": "match", "field": "name", "text": "a"},)
    assert clean(opened, sheet, Transformation("trim", ("name",), where=where)).cells == 2
    sheet = sheet_of(opened, rows_of([" a", " b", " a", " c"]))
    clean(opened, sheet, Transformation("trim", ("name",), rows="1,3"))
    assert pending(sheet, "name") == {1: "b", 3: "c"}
    sheet = sheet_of(opened, rows_of([" a", " b"]))
    told = clean(opened, sheet, Transformation("trim", ("name",), but={"name": ("100",)}))
    assert pending(sheet, "name") == {1: "b"} and told.tally.skipped == 1


def test_undo_takes_a_clean_up_off_the_list_and_redo_puts_it_back(opened: Any):
    sheet = sheet_of(opened, rows_of(NAMES))
    clean(opened, sheet, TRIM)
    edits.undo(opened, fresh(sheet), uuid4())
    assert not pending(sheet, "name") and [e.on for e in operations.listed(opened, fresh(sheet))] == [False]
    edits.redo(opened, fresh(sheet), uuid4())
    assert len(pending(sheet, "name")) == 3 and [e.on for e in operations.listed(opened, fresh(sheet))] == [True]


def test_one_is_taken_out_and_what_came_later_stays(opened: Any):
    sheet = sheet_of(opened, rows_of([" ann", "bob"]))
    clean(opened, sheet, TRIM)
    clean(opened, fresh(sheet), UPPER)
    type_in(opened, fresh(sheet), "count", {1: "5"})
    first, second, typed = wanted(opened, sheet)
    asked = [(first[0], False, None), second, typed]
    told = operations.rearrange(opened, sheet, asked)
    assert told.step is None and told.difference.cells == 1 and pending(sheet, "name") == {0: "ANN", 1: "BOB"}
    operations.rearrange(opened, sheet, asked, uuid4())
    assert pending(sheet, "name") == {0: " ANN", 1: "BOB"} and pending(sheet, "count") == {1: "5"}
    edits.undo(opened, fresh(sheet), uuid4())
    assert pending(sheet, "name") == {0: "ANN", 1: "BOB"}
    assert operations.listed(opened, fresh(sheet))[0].on


def test_other_parameters_are_done_anew_before_what_was_typed_over_them(opened: Any):
    sheet = sheet_of(opened, rows_of(["a", "b"]))
    append = lambda text: Transformation("change", ("name",), {"operation": "append", "value": text})  # noqa: E731
    clean(opened, sheet, append("1"))
    type_in(opened, fresh(sheet), "name", {1: "typed"})
    clean(opened, fresh(sheet), UPPER)
    first, *others = wanted(opened, sheet)
    operations.rearrange(opened, sheet, [(first[0], True, append("x")), *others], uuid4())
    assert pending(sheet, "name") == {0: "AX", 1: "TYPED"}


def test_what_a_run_sent_stays_where_it_is(opened: Any):
    sheet = sheet_of(opened, rows_of([" a"]))
    clean(opened, sheet, TRIM)
    edits.record(opened, fresh(sheet), "applied", "Run 1")
    held = fresh(sheet)
    entry = operations.listed(opened, held)[0]
    assert entry.frozen
    with pytest.raises(BadInput, match="stays as it is"):
        operations.rearrange(opened, held, [(entry.id, False, None)])


def test_a_list_that_others_changed_is_not_rearranged(opened: Any):
    sheet = sheet_of(opened, rows_of([" a"]))
    clean(opened, sheet, TRIM)
    asked = wanted(opened, sheet)
    clean(opened, fresh(sheet), UPPER)
    with pytest.raises(BadInput, match="meanwhile"):
        operations.rearrange(opened, fresh(sheet), asked)


def test_a_shared_change_is_an_operation_too(opened: Any):
    sheet = sheet_of(opened, rows_of(["a", "b"]))
    sharing.share(opened, sheet, range(2), [Change("name", Operation("append", "!"))], uuid4())
    (entry,) = operations.listed(opened, fresh(sheet))
    assert entry.asked is not None and entry.asked.portable
    operations.rearrange(opened, fresh(sheet), [(entry.id, False, None)], uuid4())
    assert not pending(sheet, "name")


def test_a_recipe_does_on_another_worksheet_what_was_done_on_one(opened: Any):
    one, other = sheet_of(opened, rows_of(NAMES)), sheet_of(opened, rows_of(NAMES))
    clean(opened, one, TRIM)
    clean(opened, fresh(one), UPPER)
    steps = [entry.asked for entry in operations.listed(opened, fresh(one)) if entry.asked]
    kept = recipes.save(opened, "Names", steps, shared=True, note="weekly")
    held = recipes.read_steps(recipes.find(opened.user, kept.name, "Companies").steps)
    told = recipes.count(opened, other, held)
    assert told.difference.cells == 4 and not pending(other, "name")
    cooked = recipes.cook(opened, other, held, uuid4(), "Names")
    assert cooked.step is not None and pending(other, "name") == pending(one, "name")
    assert [entry.label for entry in operations.listed(opened, fresh(other))] == [
        entry.label for entry in operations.listed(opened, fresh(one))
    ]
    edits.undo(opened, fresh(other), uuid4())
    assert not pending(other, "name")


def test_a_step_that_cannot_be_done_here_says_so_and_the_others_are_done(opened: Any):
    sheet = sheet_of(opened, rows_of([" a"]))
    steps = [Transformation("trim", ("nowhere",)), TRIM]
    cooked = recipes.cook(opened, sheet, steps, uuid4())
    assert "no field" in cooked.steps[0].problem and cooked.steps[1].cleaned is not None
    assert pending(sheet, "name") == {0: "a"} and len(operations.listed(opened, fresh(sheet))) == 1


def test_chosen_rows_are_no_recipe(opened: Any):
    with pytest.raises(BadInput, match="chosen rows"):
        recipes.save(opened, "x", [Transformation("trim", ("name",), rows="0")], shared=False)


def test_who_may_only_look_cleans_nothing(opened: Any, autotask: Live, viewer: Any):
    sheet = sheet_of(opened, rows_of([" a"]))
    sheet.sharing = Worksheet.Sharing.VIEW
    sheet.save()
    with pytest.raises(NotAllowed):
        cleaning.clean(things(autotask.open(viewer, "Companies")), sheet, TRIM, uuid4())


DOING = st.sampled_from(
    [
        TRIM,
        UPPER,
        Transformation("lower", ("name",), where=({"facet": "match", "field": "name", "text": "a"},)),
        Transformation("change", ("name",), {"operation": "append", "value": "a"}),
        Transformation("change", ("count",), {"operation": "plus", "value": "1"}),
        Transformation("trim", ("name",), rows="0,2"),
    ]
)
TYPING = st.tuples(st.integers(0, 3), st.sampled_from(["x ", " A", "a", "much too long a name", None]))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(DOING, TYPING), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_done_anew_nothing_changes_and_without_all_of_it_nothing_is_pending(opened: Any, done: Any, dice: Any):
    sheet = sheet_of(opened, rows_of([" a", "b ", "Ab", None]))
    for each in done:
        if isinstance(each, Transformation):
            clean(opened, fresh(sheet), each)
        else:
            type_in(opened, fresh(sheet), "name", {each[0]: each[1]})
        if dice.random() < 0.2 and steps.last_to_undo(sheet, opened.user_id):
            edits.undo(opened, fresh(sheet), uuid4())
    asked = wanted(opened, sheet)
    before = pending(sheet, "name"), pending(sheet, "count")
    if asked:
        operations.rearrange(opened, sheet, asked, uuid4())
        assert (pending(sheet, "name"), pending(sheet, "count")) == before
        operations.rearrange(opened, fresh(sheet), [(name, False, None) for name, _, _ in asked], uuid4())
        assert not pending(sheet, "name") and not pending(sheet, "count")
        operations.rearrange(opened, fresh(sheet), asked, uuid4())
        assert (pending(sheet, "name"), pending(sheet, "count")) == before
