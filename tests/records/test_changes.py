"""Change sets: exactly what was touched, and nothing that only looks different."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.records.casting import Invalid, cast, from_json, to_json, to_text
from adminui.records.changes import Change, apply_to, changeset_of, diff, merge, parts
from adminui.records.schema import Choice, Field, Kind, Resource
from adminui.records.values import MISSING, same
from tests.records import strategies as made

TEXT = Field("name", "Name", Kind.TEXT)
AMOUNT = Field("amount", "Amount", Kind.DECIMAL)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_an_untouched_record_shown_and_posted_back_is_no_change(data: st.DataObject):
    resource = data.draw(made.resources())
    record = data.draw(made.records(resource))
    shown = {f.name: None if record[f.name] is None else to_text(f, record[f.name]) for f in resource.writable}
    draft = diff(resource, record, shown)
    assert draft.changeset.changes == () and not draft.invalid


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_another_spelling_of_the_same_value_is_no_change(data: st.DataObject):
    resource = data.draw(made.resources())
    record = data.draw(made.records(resource))
    respelled = {f.name: made.respelled(f, record[f.name]) for f in resource.fields}
    assert all(same(f, record[f.name], respelled[f.name]) for f in resource.fields)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_record_after_is_the_record_before_plus_exactly_the_touched_fields(data: st.DataObject):
    resource = data.draw(made.resources())
    record, wanted = data.draw(made.records(resource)), data.draw(made.records(resource))
    touched = data.draw(st.sets(st.sampled_from([f.name for f in resource.fields[1:]])))
    edits = {n: None if wanted[n] is None else to_text(resource.by_name[n], wanted[n]) for n in touched}
    draft = diff(resource, record, edits)
    after = apply_to(record, draft.changeset)
    for field in resource.fields:
        expected = wanted if field.name in touched and field.editable and field.name not in draft.invalid else record
        assert same(field, after[field.name], expected[field.name])
        if field.name in touched and not field.editable and not same(field, record[field.name], wanted[field.name]):
            assert field.name in draft.invalid


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_merge_keeps_theirs_writes_mine_and_asks_only_where_both_changed(data: st.DataObject):
    resource = data.draw(made.resources())
    seen, mine, theirs = (data.draw(made.records(resource)) for _ in range(3))
    mine["id"] = theirs["id"] = seen["id"]
    wanted = changeset_of(
        resource,
        seen,
        [
            Change(f.name, seen[f.name], mine[f.name])
            for f in resource.writable
            if not same(f, seen[f.name], mine[f.name])
        ],
    )
    merged = merge(resource, wanted, seen, theirs)
    for field in resource.writable:
        name = field.name
        changed_by_me = name in wanted.values
        changed_by_them = not same(field, seen[name], theirs[name])
        agreed = same(field, mine[name], theirs[name])
        assert (name in merged.changeset.values) == (changed_by_me and not changed_by_them)
        assert (name in [c.field for c in merged.clashes]) == (changed_by_me and changed_by_them and not agreed)
        assert (name in merged.already) == (changed_by_me and changed_by_them and agreed)


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        (Kind.INTEGER, 1, "1"),
        (Kind.DECIMAL, Decimal("1.10"), "1.1"),
        (Kind.DECIMAL, "50", "50.00"),
        (Kind.BOOLEAN, True, 1),
        (Kind.CHOICE, 11, "11"),
        (Kind.DATETIME, "2026-03-01 00:00:00", "2026-03-01T00:00:00"),
        (Kind.DATE, "2026-03-01", "2026-03-01T00:00:00Z"),
        (Kind.JSON, {"a": Decimal("1.0"), "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_values_that_mean_the_same_are_the_same(kind: Kind, left: object, right: object):
    assert same(Field("f", "F", kind), left, right)


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        (Kind.TEXT, None, ""),
        (Kind.TEXT, "a", "a "),
        (Kind.INTEGER, None, 0),
        (Kind.INTEGER, MISSING, None),
        (Kind.BOOLEAN, None, False),
        (Kind.BOOLEAN, False, True),
        (Kind.JSON, {"a": None}, {}),
        (Kind.JSON, [1, 2], [2, 1]),
        (Kind.JSON, {"a": True}, {"a": 1}),
        (Kind.DECIMAL, Decimal("1.10"), Decimal("1.101")),
        (Kind.DECIMAL, Decimal("12345678901234567890123456789.1"), Decimal("12345678901234567890123456789.2")),
    ],
)
def test_values_that_differ_are_never_taken_for_the_same(kind: Kind, left: object, right: object):
    assert not same(Field("f", "F", kind), left, right)


def test_utc_instants_are_the_same_however_they_are_written():
    field = Field("d", "D", Kind.DATETIME, zone="UTC")
    assert same(field, "2026-03-01T05:00:00.000Z", "2026-03-01T05:00:00")
    assert same(field, "2026-03-01T05:00:00Z", "2026-03-01T06:00:00+01:00")


def test_an_unordered_list_of_objects_is_the_same_in_any_order_with_any_member_order():
    field = Field("p", "P", Kind.LIST, unordered=True)
    left = [{"type": "a", "may": 1}, {"type": "b", "may": 2}, {"type": "b", "may": 2}]
    right = [{"may": 2, "type": "b"}, {"may": 1, "type": "a"}, {"may": 2, "type": "b"}]
    assert same(field, left, right)
    assert not same(field, left, right[:2])


def test_keep_set_null_and_empty_are_four_different_things():
    resource = Resource("r", "R", "r", (Field("id", "Id", Kind.INTEGER, read_only=True), TEXT))
    record = {"id": 1, "name": "old"}
    assert diff(resource, record, {}).changeset.values == {}
    assert diff(resource, record, {"name": "new"}).changeset.values == {"name": "new"}
    assert diff(resource, record, {"name": None}).changeset.values == {"name": None}
    assert diff(resource, record, {"name": ""}).changeset.values == {"name": ""}


def test_a_field_the_api_left_out_is_not_made_null_by_an_empty_input():
    resource = Resource("r", "R", "r", (Field("id", "Id", Kind.INTEGER, read_only=True), TEXT))
    assert diff(resource, {"id": 1}, {"name": ""}).changeset.changes == ()


def test_a_browsers_line_ends_do_not_change_the_records_own():
    before = "one\r\ntwo"
    assert cast(Field("n", "N", Kind.LONG_TEXT), "one\ntwo", before) == before
    assert cast(Field("n", "N", Kind.LONG_TEXT), "one\nthree", before) == "one\r\nthree"


def test_an_inactive_choice_may_stay_but_not_be_chosen():
    field = Field("s", "S", Kind.CHOICE, choices=(Choice(1, "New"), Choice(3, "Old", active=False)))
    assert cast(field, "3", 3) == 3
    with pytest.raises(Invalid, match="inactive"):
        cast(field, "3", 1)


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (Field("f", "F", Kind.INTEGER), "1.5"),
        (Field("f", "F", Kind.INTEGER), "1e3"),
        (Field("f", "F", Kind.INTEGER, max_value=5), "6"),
        (Field("f", "F", Kind.DECIMAL), "NaN"),
        (Field("f", "F", Kind.DECIMAL, decimal_places=2), "1.234"),
        (Field("f", "F", Kind.DATE), "31.12.2026"),
        (Field("f", "F", Kind.DATETIME, zone="account time"), "2026-01-01T00:00:00Z"),
        (Field("f", "F", Kind.TEXT, max_length=3), "abcd"),
        (Field("f", "F", Kind.TEXT, required=True), ""),
        (Field("f", "F", Kind.TEXT, nullable=False), None),
        (Field("f", "F", Kind.INTEGER, nullable=False), ""),
        (Field("f", "F", Kind.BOOLEAN), "maybe"),
        (Field("f", "F", Kind.JSON), "{not json"),
        (Field("f", "F", Kind.LIST), "{}"),
        (Field("f", "F", Kind.CHOICE, choices=(Choice(1, "New"),)), "2"),
        (Field("f", "F", Kind.TEXT, read_only=True), "x"),
    ],
)
def test_what_cannot_be_a_value_of_the_field_is_refused_with_words(field: Field, raw: object):
    with pytest.raises(Invalid) as refused:
        cast(field, raw)
    assert len(str(refused.value)) > 10


def test_one_changed_entry_of_a_keyed_list_shows_as_one_part():
    field = Field("permissions", "P", Kind.LIST, key="object_type")
    before = [{"object_type": t, "permission": 1} for t in ("advertiser", "campaign", "creative")]
    after = [before[0], {"object_type": "campaign", "permission": 15}, before[2]]
    assert [p.part for p in parts(field, before, after)] == ["campaign"]


@given(made.nested)
def test_json_survives_both_ways_digit_for_digit(value: object):
    assert from_json(to_json(value)) == value


def test_decimals_keep_every_digit():
    assert to_json(from_json('{"n": 12345678901234567890.10}')) == '{"n": 12345678901234567890.10}'
    assert to_text(AMOUNT, Decimal("1E+3")) == "1000"
