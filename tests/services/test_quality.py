"""Quality rules of a resource: kept by name, counted with pending edits, remembered: a fix makes the trend fall."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from adminui.records.cleaning.quality import Rule
from adminui.records.queries import Group
from adminui.services import edits, plans, reading, standing, worker
from adminui.services.bench import quality, ruling, trends
from adminui.services.bench.frames import frames
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, NotThere
from adminui.worksheets.models import RuleCount, Worksheet
from tests.conftest import Live
from tests.services.columns import sheet_of, things, type_in

pytestmark = pytest.mark.django_db
FILLED = Rule("required", "name")
SHORT = Rule("length", "name", {"to": 3})


@pytest.fixture
def opened(autotask: Live, lead: Any) -> Opened:
    return things(autotask.open(lead, "Companies"))


@pytest.fixture
def sheet(opened: Opened) -> Worksheet:
    return sheet_of(opened, [{"name": "Acme"}, {"name": ""}, {"name": None}, {"name": "Ab"}])


def hits(opened: Opened, sheet: Worksheet) -> dict[str, tuple[int | None, int | None]]:
    return {each.kept.rule.name: (each.hits, each.read) for each in quality.counts(opened, sheet).rules}


def test_rules_are_counted_with_pending_edits_and_as_they_were_read(opened: Opened, sheet: Worksheet):
    quality.save(opened, "Named", FILLED)
    quality.save(opened, "Short", SHORT)
    assert hits(opened, sheet) == {"Named": (2, 2), "Short": (1, 1)}
    type_in(opened, sheet, "name", {1: "Beta", 3: "far too long for the API"})
    assert hits(opened, sheet) == {"Named": (1, 2), "Short": (3, 1)}
    assert quality.counts(opened, sheet).rows == 4


def test_rows_that_break_a_rule_are_found_with_the_reason(opened: Opened, sheet: Worksheet):
    found = quality.breaches(opened, sheet, FILLED)
    assert (found.rows, found.ranges, found.of) == ((1, 2), "1-2", 4)
    assert [(each.id, each.why) for each in found.first] == [(101, "Name is empty"), (102, "Name is null")]


def test_the_facet_gets_one_byte_for_each_row_of_each_frame(opened: Opened, sheet: Worksheet):
    held = frames(sheet, [0, 2, 3], [opened.resource.by_name["name"]])
    assert ruling.masks(opened, held, FILLED.as_data()) == [bytes([0, 1, 0])]
    with pytest.raises(BadInput, match="no field “secret”"):
        ruling.masks(opened, held, Rule("required", "secret").as_data())


def test_a_rule_on_a_field_somebody_may_not_see_is_not_there_for_them(opened: Opened, sheet: Worksheet):
    kept = quality.save(opened, "Named", FILLED)
    fields = tuple(replace(f, hidden=f.hidden or f.name == "name") for f in opened.resource.fields)
    other = replace(opened, resource=opened.resource.with_fields(fields))
    assert quality.listed(other) == [] and quality.counts(other, sheet).rules == ()
    assert trends.board(other).lines == ()
    with pytest.raises(NotThere):
        quality.find(other, kept.rule.pk)
    with pytest.raises(NotThere):
        quality.delete(other, kept.rule.pk)


def test_only_who_may_edit_the_records_keeps_and_deletes_rules(autotask: Live, opened: Opened, viewer: Any):
    kept = quality.save(opened, "Named", FILLED)
    looking = things(autotask.open(viewer, "Companies"))
    assert [each.rule.name for each in quality.listed(looking)] == ["Named"]
    with pytest.raises(NotAllowed):
        quality.save(looking, "Mine", FILLED)
    with pytest.raises(NotAllowed):
        quality.delete(looking, kept.rule.pk)


def test_a_name_is_taken_once_and_none_is_no_name(opened: Opened):
    kept = quality.save(opened, " Named  well ", FILLED)
    assert kept.rule.name == "Named well"
    with pytest.raises(BadInput, match="already"):
        quality.save(opened, "Named well", SHORT)
    with pytest.raises(BadInput, match="needs a name"):
        quality.save(opened, "  ", SHORT)
    assert quality.save(opened, "Named well", FILLED, kept.rule.pk).rule.pk == kept.rule.pk


def test_a_rule_that_means_something_else_starts_its_trend_anew(opened: Opened, sheet: Worksheet):
    kept = quality.save(opened, "Named", FILLED)
    quality.remember(sheet, quality.counts(opened, sheet))
    quality.save(opened, "Called", FILLED, kept.rule.pk)
    assert kept.rule.counts.count() == 1
    quality.save(opened, "Called", SHORT, kept.rule.pk)
    assert kept.rule.counts.count() == 0


def test_a_day_keeps_its_first_and_its_last_count(opened: Opened, sheet: Worksheet):
    rule = quality.save(opened, "Named", FILLED).rule
    for _ in range(3):
        quality.remember(sheet, quality.counts(opened, sheet))
    assert list(rule.counts.values_list("hits", flat=True)) == [2], "nothing new, nothing kept"
    for left in (1, 0):
        counted = quality.counts(opened, sheet)
        again = tuple(replace(each, read=left) for each in counted.rules)
        quality.remember(sheet, replace(counted, rules=again))
    assert list(rule.counts.values_list("hits", flat=True)) == [2, 0]


def test_a_rule_whose_field_is_gone_says_so_and_counts_nothing(opened: Opened, sheet: Worksheet):
    quality.save(opened, "Named", FILLED)
    left = tuple(f for f in opened.resource.fields if f.name != "name")
    bare = replace(opened, resource=opened.resource.with_fields(left), whole=opened.whole.with_fields(left))
    [told] = quality.counts(bare, sheet).rules
    assert (told.hits, told.note) == (None, "Things have no field “name”.")


def test_a_count_of_a_reference_that_cannot_be_asked_is_unknown_and_not_remembered(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    sheet = reading.open_ids(opened, [r["id"] for r in autotask.api.dump("Companies")[:5]], [])
    quality.save(opened, "Owned", Rule("exists", "ownerResourceID"))
    [told] = quality.counts(opened, sheet).rules
    assert told.hits == 0 and told.note == ""
    cache.clear()
    autotask.stop()
    [told] = quality.counts(opened, sheet).rules
    assert told.hits is None and "could not be asked" in told.note
    quality.remember(sheet, quality.counts(opened, sheet))
    assert not RuleCount.objects.exists()


def test_an_id_that_leads_nowhere_breaks_the_rule(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    sheet = reading.open_ids(opened, [r["id"] for r in autotask.api.dump("Companies")[:5]], [])
    edits.take(opened, sheet, uuid4(), "edit", "typed", {"ownerResourceID": ([2], ["999999999"])})
    found = quality.breaches(opened, sheet, Rule("exists", "ownerResourceID"))
    assert found.rows == (2,) and found.first[0].why.endswith("999999999")


def test_the_trend_falls_after_a_fix_is_sent(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    for record in autotask.api.dump("Companies")[:6]:
        autotask.api.change("Companies", record["id"], {"city": ""})
    sheet = reading.open_matching(opened, Group(), ["city"])
    rule = quality.save(opened, "City", Rule("required", "city")).rule
    counted = quality.counts(opened, sheet)
    quality.remember(sheet, counted)
    before = counted.rules[0].hits
    assert before is not None and before >= 6
    RuleCount.objects.update(at=timezone.now() - timedelta(days=9))

    rows = quality.breaches(opened, sheet, Rule("required", "city")).rows
    edits.take(opened, sheet, uuid4(), "edit", "typed", {"city": (list(rows), ["Bonn"] * len(rows))})
    pending = quality.counts(opened, sheet)
    assert (pending.rules[0].hits, pending.rules[0].read) == (0, before), "pending edits mend nothing yet"
    plans.approve(opened, standing.plan(opened, sheet))
    assert worker.work_once()
    sheet.refresh_from_db()
    quality.remember(sheet, quality.counts(opened, sheet))

    [line] = trends.board(opened).lines
    assert [point.hits for point in line.points] == [before, 0]
    assert line.whole and line.change == -before and line.sheet == sheet and line.kept.rule == rule
    [board] = trends.boards(lead)
    assert (board.broken, board.hits) == (0, 0)


def test_a_selection_is_not_taken_for_the_whole(autotask: Live, lead: Any):
    opened = autotask.open(lead, "Companies")
    some = reading.open_ids(opened, [r["id"] for r in autotask.api.dump("Companies")[:3]], [])
    assert not quality.is_whole(some)
    assert quality.is_whole(reading.open_matching(opened, Group(), []))
