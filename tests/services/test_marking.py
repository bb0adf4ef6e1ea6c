"""What is kept of an edit means what was typed, for every kind of field; keeping it again changes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adminui.records.casting import to_text
from adminui.records.changes import diff
from adminui.records.schema import Resource
from adminui.records.values import MISSING, freeze
from adminui.services.marking import marked, typed
from tests.records.strategies import VALUES, records, resources, respelled, texts
from tests.services.drafts import THINGS


@st.composite
def typings(draw: st.DrawFn) -> tuple[Resource, dict[str, Any], str, Any]:
    """A record, one of its fields, and what somebody types there: any text, a fitting one, another spelling."""
    resource = draw(resources())
    record = draw(records(resource))
    field = draw(st.sampled_from(resource.fields[1:]))
    fitting = draw(VALUES[field.kind])
    spelled = respelled(field, record[field.name])
    raw = draw(
        st.one_of(
            texts,
            st.none(),
            st.sampled_from(["", "New", "Old", "3", " 7 ", "+07", "1e2", "true", "[1.10]", "a\nb"]),
            st.just(to_text(field, fitting)),
            st.just(None if spelled is None else to_text(field, spelled)),
        )
    )
    if draw(st.booleans()) and draw(st.booleans()):
        del record[field.name]
    return resource, record, field.name, raw


@given(typings())
def test_an_edit_as_kept_sends_what_was_typed_and_is_kept_the_same_again(case: Any):
    resource, record, name, raw = case
    base = record.get(name, MISSING)
    edit, words = typed(resource, name, base, raw)
    asked = diff(resource, record, {name: raw})
    assert (words != "") == (name in asked.invalid) and (edit == raw or not words)
    if edit is False:
        assert not asked.changeset.changes and not asked.invalid
        return
    kept = diff(resource, record, {name: edit})
    assert freeze(dict(kept.changeset.values)) == freeze(dict(asked.changeset.values))
    assert typed(resource, name, base, edit) == (edit, words)


def test_a_decimal_is_kept_digit_for_digit():
    assert typed(THINGS, "price", Decimal("1.1"), "1.10") == (False, "")
    assert typed(THINGS, "price", Decimal("1.1"), " 0000123456789012345678901.25 ") == ("123456789012345678901.25", "")


def test_what_moved_underneath_stays_to_be_seen_until_it_is_settled():
    moved = {"t": "old"}
    assert marked(moved, "new", "", 3) == {"e": "new", "s": 3, "t": "old"}
    assert marked({**moved, "e": "x"}, False, "", 3) == moved
    assert marked({**moved, "e": "x", "c": True}, "y", "bad", 3) == {"e": "y", "w": "bad", "s": 3}
    assert marked({"e": "x", "o": "rejected", "m": ["no"]}, False, "", 3) is None
