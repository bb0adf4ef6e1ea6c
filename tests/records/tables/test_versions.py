"""Versions: the same for the same meaning, another for another one, in whichever process and order."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from adminui.records.packing import packed
from adminui.records.schema import Field, Kind, Resource
from adminui.records.tables import versions
from adminui.records.tables.versions import Version, version_of
from adminui.records.values import MISSING, canonical, same
from tests.records.tables.test_writing import FIELDS, values

FIELD = st.sampled_from(FIELDS)
THINGS = Resource("things", "Things", "Thing", (Field("id", "Id", Kind.INTEGER), *FIELDS), title_field="name")


def record(*held: Any) -> dict[str, Any]:
    return {f.name: value for f, value in zip(THINGS.fields, held, strict=False) if value is not MISSING}


@given(FIELD, values, values)
def test_a_stamp_tells_values_apart_exactly_where_meanings_differ(field: Field, one: Any, two: Any):
    forms = (versions.former(field)(one), versions.former(field)(two))
    assert (forms[0] == forms[1]) == (canonical(field, one) == canonical(field, two))
    assert not same(field, one, two) or versions.stamp(field, one) == versions.stamp(field, two)


@given(FIELD, values)
def test_short_ways_lead_to_the_same_end(field: Field, value: Any):
    assert versions.former(field)(value) == f"{field.name}\0{versions.spelt(canonical(field, value))}"


@given(st.lists(values, min_size=12, max_size=12), st.lists(FIELD, min_size=1, unique=True))
def test_a_version_knows_what_each_field_held(held: list[Any], exported: list[Field]):
    found = Version.parse(version_of(THINGS, record(*held), exported))
    assert found is not None and found.saw(THINGS) and found.record_is(THINGS, record(*held))
    assert all(found.held(f, record(*held).get(f.name, MISSING)) for f in exported)
    assert len(version_of(THINGS, record(*held), exported)) == 16 + 4 * len(exported)


@given(st.lists(values, min_size=12, max_size=12), FIELD, values)
def test_a_change_is_seen(held: list[Any], field: Field, value: Any):
    before = record(*held)
    assume(not same(field, before.get(field.name, MISSING), value))
    found = Version.parse(version_of(THINGS, before))
    after = {name: each for name, each in (before | {field.name: value}).items() if each is not MISSING}
    assert found is not None and not found.held(field, value) and not found.record_is(THINGS, after)


@given(st.lists(st.lists(values, min_size=12, max_size=12), min_size=1, max_size=4), st.lists(FIELD, unique=True))
def test_many_at_once_are_like_one_at_a_time(rows: list[list[Any]], exported: list[Field]):
    records = [record(*held) for held in rows]
    columns = {f.name: packed([each.get(f.name, MISSING) for each in records]) for f in THINGS.fields}
    exported = exported or list(FIELDS)
    assert list(versions.versions(THINGS, columns, exported)) == [version_of(THINGS, r, exported) for r in records]


def test_it_is_the_same_in_another_process():
    """Sets are in another order there."""
    code = (
        "from tests.records.tables.test_versions import THINGS, version_of;"
        "print(version_of(THINGS, {'id': 1, 'any': {'b': [1, {'x': None}], 'a': True, 'c': '', 'd': 2}}))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


def test_how_numbers_are_written_makes_no_difference():
    price = next(f for f in FIELDS if f.name == "price")
    spellings = [Decimal("1.10"), "1.1", Decimal("11e-1"), "1.100"]
    assert len({versions.stamp(price, each) for each in spellings}) == 1
    assert len({versions.stamp(price, each) for each in [Decimal("1e500"), Decimal("10e499")]}) == 1
    assert versions.stamp(price, Decimal("1e500")) != versions.stamp(price, Decimal("1e501"))


def test_what_is_no_version_is_none():
    assert Version.parse("") is None and Version.parse("v1.abc") is None and Version.parse("2026-01-02") is None
