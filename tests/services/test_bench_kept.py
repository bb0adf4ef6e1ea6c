"""Clean-ups where something could get lost: others' edits and conflicts, what was taken back, what may not be seen."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from adminui.records.cleaning.base import Transformation
from adminui.records.operations import Operation
from adminui.services import edits, feeds, sharing
from adminui.services.bench import cleaning, facets, operations, recipes
from adminui.services.catalog import as_seen_by
from adminui.services.errors import BadInput, NotAllowed
from adminui.services.fates import Change
from adminui.services.marking import Place
from adminui.staff.models import Grant
from adminui.worksheets import store
from adminui.worksheets.models import Step, Worksheet
from tests.conftest import Live
from tests.services.columns import pending, sheet_of, things, type_in
from tests.services.test_bench import TRIM, UPPER, clean, fresh, rows_of, wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Any:
    return things(autotask.open(lead, "Companies"))


def deny(user: Any, field: str, *actions: str) -> None:
    group = Group.objects.create(name=f"not {field}")
    user.groups.add(group)
    Grant.objects.create(group=group, fields=field, actions=list(actions), deny=True)


def opened_by(opened: Any, user: Any) -> Any:
    """The same records as somebody else may see and edit them."""
    user = type(user).objects.get(pk=user.pk)
    return replace(opened, user=user, resource=as_seen_by(user, opened.connection, opened.whole))


def shared_sheet(opened: Any, records: list[dict[str, Any]]) -> Worksheet:
    sheet = sheet_of(opened, records)
    Worksheet.objects.filter(pk=sheet.pk).update(sharing=Worksheet.Sharing.EDIT)
    return fresh(sheet)


def clashing(opened: Any) -> Worksheet:
    """“ mine” was typed in the first row, over what somebody else made “theirs” since."""
    sheet = sheet_of(opened, rows_of(["theirs", "b"]))
    type_in(opened, sheet, "name", {0: " mine", 1: " b2"})
    marks = store.marks(sheet, [("name", 0)])
    marks["name", 0][0] |= {"c": True, "t": "was"}
    store.keep_marks(sheet, marks)
    return fresh(sheet)


def mark(sheet: Worksheet, row: int) -> Any:
    return store.marks(sheet, [("name", 0)])["name", 0][row]


def ons(opened: Any, sheet: Worksheet) -> list[bool]:
    return [entry.on for entry in operations.listed(opened, fresh(sheet))]


def test_a_rearrangement_and_what_came_after_are_undone_one_after_the_other(opened: Any):
    sheet = sheet_of(opened, rows_of([" ann"]))
    clean(opened, sheet, TRIM)
    (first,) = wanted(opened, sheet)
    operations.rearrange(opened, fresh(sheet), [(first[0], False, None)], uuid4())
    clean(opened, fresh(sheet), UPPER)
    states = []
    for _ in range(3):
        edits.undo(opened, fresh(sheet), uuid4())
        states.append((pending(sheet, "name"), ons(opened, sheet)))
    assert states == [({}, [False, False]), ({0: "ann"}, [True, False]), ({}, [False, False])]
    for _ in range(3):
        edits.redo(opened, fresh(sheet), uuid4())
    assert pending(sheet, "name") == {0: " ANN"} and ons(opened, sheet) == [False, True]


def test_a_rearrangement_is_undone_though_somebody_cleaned_since(opened: Any, editor: Any):
    sheet = shared_sheet(opened, rows_of([" ann", " bob"]))
    clean(opened, sheet, TRIM)
    (first,) = wanted(opened, sheet)
    operations.rearrange(opened, fresh(sheet), [(first[0], False, None)], uuid4())
    clean(opened_by(opened, editor), fresh(sheet), replace(UPPER, rows="1"))
    edits.undo(opened, fresh(sheet), uuid4())
    assert pending(sheet, "name") == {0: "ann", 1: " BOB"} and ons(opened, sheet) == [True, True]


def test_the_same_token_cooks_and_rearranges_once(opened: Any):
    sheet, tokens = sheet_of(opened, rows_of(["a"])), [uuid4(), uuid4()]
    append = Transformation("change", ("name",), {"operation": "append", "value": "!"})
    for _ in range(2):
        recipes.cook(opened, fresh(sheet), [append], tokens[0])
    other = replace(append, params={"operation": "append", "value": "?"})
    asked = [(name, on, other) for name, on, _ in wanted(opened, sheet)]
    for _ in range(2):
        operations.rearrange(opened, fresh(sheet), asked, tokens[1])
    assert pending(sheet, "name") == {0: "a?"} and fresh(sheet).version == 2


def test_what_was_taken_back_after_a_run_stays_taken_back(opened: Any):
    sheet = sheet_of(opened, rows_of([" ann", " bob"]))
    clean(opened, sheet, replace(TRIM, rows="0"))
    base = {"name": {"rows": [0], "was": [" ann"]}}
    place = Place(opened.resource, sheet, "name", 0, 1)
    store.write_columns(sheet, 0, {"name": place.baseline.changed({0: "ann"})})
    store.keep_marks(sheet, {("name", 0): {}})
    edits.record(opened, fresh(sheet), "applied", "Run 1", base=base)  # type: ignore[arg-type]
    edits.undo(opened, fresh(sheet), uuid4())
    assert pending(sheet, "name") == {0: " ann"}
    clean(opened, fresh(sheet), replace(TRIM, rows="1"))
    labels = [entry.label.partition(" ")[0] for entry in operations.listed(opened, fresh(sheet))]
    assert labels == ["Trim", "Undid:", "Trim"]
    first, second, third = wanted(opened, sheet)
    assert operations.rearrange(opened, fresh(sheet), [first, second, third]).difference.cells == 0
    operations.rearrange(opened, fresh(sheet), [first, second, (third[0], False, None)], uuid4())
    assert pending(sheet, "name") == {0: " ann"}


def test_states_mean_the_rows_that_were_in_them_when_it_was_done(opened: Any):
    sheet = sheet_of(opened, rows_of([" ann", "bob", "cy"]))
    clean(opened, sheet, TRIM)
    facet = {"facet": "state", "field": "name", "in": ["unchanged"]}
    clean(opened, fresh(sheet), replace(UPPER, where=(facet,)))
    assert pending(sheet, "name") == {0: "ann", 1: "BOB", 2: "CY"}
    entry = operations.listed(opened, fresh(sheet))[1]
    assert entry.asked is not None and (entry.asked.rows, entry.asked.where) == ("1-2", ())
    assert operations.rearrange(opened, fresh(sheet), wanted(opened, sheet)).difference.cells == 0


def test_a_conflict_stays_to_be_settled_when_many_cells_are_cleaned(opened: Any):
    sheet = clashing(opened)
    for asked in (TRIM, UPPER):
        clean(opened, fresh(sheet), asked)
        assert mark(sheet, 0)["c"] and mark(sheet, 0)["t"] == "was" and "c" not in mark(sheet, 1)
    edits.undo(opened, fresh(sheet), uuid4())
    assert mark(sheet, 0)["e"] == "mine" and mark(sheet, 0)["c"]
    type_in(opened, fresh(sheet), "name", {0: "looked at"})
    assert "c" not in mark(sheet, 0)


def test_what_was_settled_is_not_switched_off_in_the_list(opened: Any):
    sheet = clashing(opened)
    edits.resolve(opened, sheet, None, None, "theirs")
    typed, settled = wanted(opened, sheet)
    with pytest.raises(BadInput, match="stays as it is"):
        operations.rearrange(opened, fresh(sheet), [typed, (settled[0], False, None)])
    operations.rearrange(opened, fresh(sheet), [(typed[0], False, None), settled], uuid4())
    assert not pending(sheet, "name")


def test_a_shared_change_that_passed_over_what_cannot_be_sent_does_so_again(opened: Any):
    sheet = sheet_of(opened, rows_of(["a", "b"]))
    type_in(opened, sheet, "name", {0: "much too long a name"})
    sharing.share(opened, fresh(sheet), range(2), [Change("name", Operation("append", "!"))], uuid4())
    assert pending(sheet, "name") == {0: "much too long a name", 1: "b!"}
    assert operations.rearrange(opened, fresh(sheet), wanted(opened, sheet)).difference.cells == 0


def test_nobody_rearranges_away_what_they_may_not_edit(opened: Any, editor: Any):
    sheet = shared_sheet(opened, rows_of([" a"], price=1))
    clean(opened, sheet, Transformation("change", ("price",), {"operation": "plus", "value": "1"}))
    type_in(opened, fresh(sheet), "count", {0: "7"})
    before = pending(sheet, "price")
    deny(editor, "price", "edit")
    other = opened_by(opened, editor)
    assert other.resource.by_name["price"].read_only and before
    for asked in (wanted(other, sheet), [(name, False, each) for name, _, each in wanted(other, sheet)]):
        with pytest.raises(NotAllowed, match="Price"):
            operations.rearrange(other, fresh(sheet), asked, uuid4())
    assert pending(sheet, "price") == before


def test_what_speaks_of_a_hidden_field_is_neither_told_nor_lost(opened: Any, editor: Any):
    sheet = shared_sheet(opened, rows_of([" a"], price=5))
    copy = Transformation("copy", ("name",), {"from": "price", "only_blank": False, "blanks": False})
    made = clean(opened, sheet, copy)
    type_in(opened, fresh(sheet), "count", {0: "7"})
    deny(editor, "price", "view")
    other = opened_by(opened, editor)
    entry = operations.listed(other, fresh(sheet))[0]
    assert entry.asked is None and entry.label == feeds.UNTOLD
    assert made.label not in str((feeds.history(other, fresh(sheet)), feeds.feed(other, fresh(sheet), 0)))
    before = fresh(sheet).operations, pending(sheet, "name")
    for asked in (wanted(other, sheet), wanted(other, sheet)[::-1]):
        with pytest.raises(NotAllowed):
            operations.rearrange(other, fresh(sheet), asked, uuid4())
    assert (fresh(sheet).operations, pending(sheet, "name")) == before


def test_what_was_typed_into_a_hidden_field_is_told_to_nobody_by_a_rearranged_list(opened: Any, editor: Any):
    sheet = shared_sheet(opened, rows_of([" a"], price=5))
    edits.take(opened, sheet, uuid4(), "edit", "Price: 77", {"price": ([0], ["77"])})
    clean(opened, fresh(sheet), TRIM)
    operations.rearrange(opened, fresh(sheet), wanted(opened, sheet)[::-1], uuid4())
    deny(editor, "price", "view")
    assert not any("77" in entry.label for entry in operations.listed(opened_by(opened, editor), fresh(sheet)))


def test_an_edit_in_a_field_that_one_may_not_edit_is_read_as_the_value_it_is(opened: Any, editor: Any):
    sheet = shared_sheet(opened, rows_of(["a"], price=1))
    type_in(opened, sheet, "price", {0: "9"})
    deny(editor, "price", "edit")
    double = Transformation("formula", ("count",), {"formula": "{price} * 2"})
    clean(opened_by(opened, editor), fresh(sheet), double)
    assert pending(sheet, "count") == {0: "18"}


def test_a_recipe_is_told_to_who_may_see_all_that_it_speaks_of(opened: Any, editor: Any):
    recipes.save(opened, "Prices", [Transformation("map", ("price",), {"pairs": [["1", "2"]]})], shared=True)
    recipes.save(opened, "Names", [TRIM], shared=True)
    deny(editor, "price", "view")
    assert [recipe.name for recipe in recipes.of_resource(opened_by(opened, editor))] == ["Names"]
    assert [recipe.name for recipe in recipes.of_resource(opened)] == ["Names", "Prices"]


def test_a_field_that_is_not_to_be_edited_any_more_is_left_alone(opened: Any):
    sheet = sheet_of(opened, rows_of([" a"]))
    clean(opened, sheet, TRIM)
    fields = tuple(replace(f, read_only=True) if f.name == "name" else f for f in opened.resource.fields)
    frozen = replace(opened, resource=opened.resource.with_fields(fields), whole=opened.whole.with_fields(fields))
    with pytest.raises(BadInput, match="cannot be changed here"):
        cleaning.clean(frozen, fresh(sheet), UPPER, uuid4())
    assert "cannot be changed" in recipes.cook(frozen, fresh(sheet), [UPPER], uuid4()).steps[0].problem
    gone = opened.resource.with_fields(tuple(f for f in opened.resource.fields if f.name != "name"))
    without = replace(opened, resource=gone, whole=gone)
    with pytest.raises(BadInput, match="no field"):
        cleaning.clean(without, fresh(sheet), UPPER, uuid4())
    with pytest.raises(NotAllowed):
        operations.rearrange(without, fresh(sheet), wanted(opened, sheet), uuid4())
    assert pending(sheet, "name") == {0: "a"}


def counted(opened: Any, sheet: Worksheet) -> list[tuple[Any, int]]:
    found: Any = facets.look(opened, sheet, range(sheet.rows), [{"facet": "text", "field": "name"}]).facets[0]
    return sorted((each.value, each.count) for each in found.values)


def test_facets_count_what_is_there_after_the_baseline_was_replaced(opened: Any):
    sheet = sheet_of(opened, rows_of(["a", "a"]))
    assert counted(opened, sheet) == [("a", 2)]
    place = Place(opened.resource, sheet, "name", 0, 1)
    with transaction.atomic():
        store.write_columns(sheet, 0, {"name": place.baseline.changed({1: "b"})})
        store.baseline_changed(sheet)
    assert counted(opened, fresh(sheet)) == [("a", 1), ("b", 1)]
    number, made_at = sheet.pk, sheet.created_at
    sheet.delete()
    new = sheet_of(opened, rows_of(["z", "z"]), pk=number)
    assert new.created_at != made_at and counted(opened, new) == [("z", 2)]


@pytest.mark.django_db(transaction=True)
def test_cleaning_and_typing_at_once_lose_nothing(opened: Any, editor: Any):
    sheet = shared_sheet(opened, rows_of([""] * 4))
    other, problems = opened_by(opened, editor), list[BaseException]()
    append = Transformation("change", ("name",), {"operation": "append", "value": "x"})

    def cleaning_up(_: int) -> None:
        cleaning.clean(opened, fresh(sheet), append, uuid4())

    def typing(number: int) -> None:
        edits.take(other, fresh(sheet), uuid4(), "edit", "", {"count": ([number % 4], [str(10 + number)])})
        edits.take(other, fresh(sheet), uuid4(), "edit", "", {"name": ([0], ["t"])})

    def run(what: Any) -> None:
        try:
            for number in range(6):
                what(number)
        except BaseException as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[what]) for what in (cleaning_up, typing)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    name, at_last = pending(sheet, "name"), pending(sheet, "count")
    assert (name[1], name[2], name[3]) == ("xxxxxx",) * 3 and (name[0] or "").strip("x") == "t"
    assert at_last == {0: "14", 1: "15", 2: "12", 3: "13"}
    numbers = list(Step.objects.filter(worksheet=sheet).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)) and fresh(sheet).version == len(numbers)
    assert operations.rearrange(opened, fresh(sheet), wanted(opened, sheet)).difference.cells == 0
