"""Clusters of a worksheet: what an editor would show, in the rows that are meant; merged as one step that is undone."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from adminui.records.cleaning.base import Transformation
from adminui.records.cleaning.clusters import METHODS
from adminui.records.packing import PART
from adminui.services import edits
from adminui.services.bench import cleaning, clusters
from adminui.services.bench.clusters import Asked, Groups
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.columns import pending, sheet_of, things, type_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return things(autotask.open(lead, "Companies"))


def groups(opened: Opened, sheet: Worksheet, method: str = "fingerprint", **asked: Any) -> Groups:
    return clusters.groups(opened, sheet, Asked(asked.pop("field", "name"), method, asked.pop("params", {}), **asked))


def texts(found: Groups) -> list[dict[str, int]]:
    return [{value.text: value.count for value in each.values} for each in found.page]


def test_values_are_those_an_editor_would_show_with_their_rows_in_all_parts(opened: Opened):
    names = [None, "", "  ", "Acme", *["acme"] * (PART + 5)]
    sheet = sheet_of(opened, [{"name": name} for name in names] + [{}, {"name": "Beta"}])
    last = sheet.rows - 1
    type_in(opened, sheet, "name", {1: "ACME", last: "a name that is much too long: acme", 3: None})
    found = groups(opened, sheet)
    assert texts(found) == [{"acme": PART + 5, "ACME": 1}]
    assert (found.distinct, found.rows, found.all, found.found) == (3, PART + 7, 1, 1)


def test_only_rows_that_are_meant_count(opened: Opened):
    sheet = sheet_of(opened, [{"name": name, "count": at} for at, name in enumerate(["Acme", "acme", "ACME", "acme"])])
    assert texts(groups(opened, sheet, scope={"rows": "1-3"})) == [{"acme": 2, "ACME": 1}]
    where = ({"facet": "number", "field": "count", "from": "1", "to": "3"},)
    assert texts(groups(opened, sheet, where=where)) == [{"acme": 1, "ACME": 1}]
    assert texts(groups(opened, sheet, where=where, scope={"rows": "1"})) == []


def test_a_page_of_the_groups_and_a_search_among_them(opened: Opened):
    words = ["amber", "birch", "cedar"]
    sheet = sheet_of(opened, [{"name": name} for word in words for name in (word, word.upper(), word.title())])
    assert [each.survivor for each in groups(opened, sheet).page] == ["Amber", "Birch", "Cedar"]
    second = groups(opened, sheet, start=1, size=1)
    assert [each.survivor for each in second.page] == ["Birch"] and second.all == second.found == 3
    searched = groups(opened, sheet, search="ceDAR")
    assert [each.survivor for each in searched.page] == ["Cedar"] and (searched.all, searched.found) == (3, 1)


@pytest.mark.parametrize(
    "asked",
    [
        {"field": "price"},
        {"field": "secret"},
        {"field": "nothing"},
        {"method": "guess"},
        {"params": {"radius": 1}},
        {"where": ({"facet": "nonsense", "field": "name"},)},
    ],
)
def test_what_makes_no_sense_is_refused_in_words(opened: Opened, asked: dict[str, Any]):
    with pytest.raises(BadInput):
        groups(opened, sheet_of(opened, [{"name": "a"}]), asked.pop("method", "fingerprint"), **asked)


@pytest.mark.parametrize("method", METHODS)
def test_merging_all_groups_leaves_none_and_is_undone_in_one_step(opened: Opened, method: str):
    names = ["Acme Law", "ACME LAW", "Acme  Law", "Acme Lawn", "Beta Inc", "beta inc", "Gamma", None, " Acme Law"]
    sheet = sheet_of(opened, [{"name": name} for name in names])
    found = groups(opened, sheet, method)
    pairs = [[v.text, each.survivor] for each in found.page for v in each.values if v.text != each.survivor]
    merge = Transformation("map", ("name",), {"pairs": pairs, "case": True, "trim": False})
    made = cleaning.clean(opened, sheet, merge, uuid4())
    assert made.tally.changed == len(pairs) > 2
    assert made.step is not None and pending(sheet, "name").keys() == {
        at for at, n in enumerate(names) if n in dict(pairs)
    }
    assert texts(groups(opened, sheet, "fingerprint")) == []
    edits.undo(opened, sheet, uuid4())
    assert pending(sheet, "name") == {}
    assert texts(groups(opened, sheet, method)) == texts(found)
