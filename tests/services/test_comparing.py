"""Comparing records of two environments: what differs, what may be copied, and copies that are pending edits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group as Role
from django.core.cache import cache

from adminui.services import edits, reading
from adminui.services.bench import comparing, comparing_many
from adminui.services.bench.comparing import Pair, Side
from adminui.services.bench.comparing_many import Elsewhere
from adminui.services.catalog import Opened
from adminui.services.errors import BadInput, NotAllowed, NotThere, Stale
from adminui.staff.models import Grant
from adminui.worksheets.models import Step, Worksheet
from tests.conftest import Live
from tests.services.drafts import edits_of
from tests.two_places import Two, two_places

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(configure: Callable[[str], None]) -> Iterator[Two]:
    with two_places(configure) as running:
        yield running


def first(place: Live) -> int:
    return int(place.api.dump("campaigns")[0]["id"])


def sides(two: Two, user: Any) -> tuple[Side, Side]:
    record = first(two.practice)
    return tuple(comparing.side(place.open(user, "campaigns"), record) for place in (two.practice, two.production))  # type: ignore[return-value]


def pairs(two: Two, user: Any) -> dict[str, Pair]:
    return {pair.name: pair for pair in comparing.compare(*sides(two, user))}


def differ(two: Two, **values: Any) -> None:
    two.practice.api.change("campaigns", first(two.practice), values)


def test_the_same_record_in_two_environments_differs_where_it_was_changed(two: Two, lead: Any):
    differ(two, notes="Of practice", max_bid="3.50")
    found = pairs(two, lead)
    assert {name for name, pair in found.items() if not pair.alike} - {"update_date"} == {"notes", "max_bid"}
    assert found["notes"].to_b.safe and found["notes"].to_b.raw == "Of practice"
    assert found["id"].to_b.blocked == "Ids are not copied." and found["id"].to_a.blocked
    assert found["create_date"].to_b.blocked == "Read-only there."


def test_an_id_that_means_another_record_there_is_flagged(two: Two, lead: Any):
    held = two.practice.api.dump("campaigns")[0]
    advertiser = held["advertiser_id"]
    assert pairs(two, lead)["advertiser_id"].to_b.caution == ""
    two.production.api.change("advertisers", advertiser, {"name": "Somebody else"})
    cache.clear()  # names are kept for a while
    caution = pairs(two, lead)["advertiser_id"].to_b.caution
    assert f"Id {advertiser} is" in caution and "“Somebody else” in Buzz (Live)" in caution


def test_what_is_copied_becomes_pending_edits_of_the_target_and_nothing_is_sent(two: Two, lead: Any):
    differ(two, notes="Of practice", max_bid="3.50")
    source, target = sides(two, lead)
    found = pairs(two, lead)
    chosen = {name: found[name].digest for name in ("notes", "max_bid")}
    sheet, step = comparing.copy(uuid4(), source, target, chosen)
    assert (sheet.connection, sheet.rows, step.cells) == ("buzz-live", 1, 2)
    assert step.label == f"Copied 2 fields from {source.opened.resource.singular} {source.id} of Buzz (Test)"
    assert {name for _, name in edits_of(sheet)} == {"notes", "max_bid"}
    assert edits_of(sheet)[0, "notes"] == "Of practice"
    assert not two.production.seen("PUT") and not two.production.seen("PATCH")
    again, _ = comparing.copy(uuid4(), source, target, {"notes": chosen["notes"]})
    assert again.pk == sheet.pk, "the worksheet over just this record is used again"


def test_what_has_changed_since_it_was_shown_is_not_copied(two: Two, lead: Any):
    differ(two, notes="As shown")
    seen = {"notes": pairs(two, lead)["notes"].digest}
    differ(two, notes="Changed since")
    with pytest.raises(Stale, match="has changed"):
        comparing.copy(uuid4(), *sides(two, lead), seen)
    assert not Worksheet.objects.exists()


def test_what_cannot_stand_there_is_not_copied(two: Two, lead: Any):
    found = pairs(two, lead)
    with pytest.raises(BadInput, match="cannot be copied"):
        comparing.copy(uuid4(), *sides(two, lead), {"id": found["id"].digest})
    with pytest.raises(BadInput, match="No field"):
        comparing.copy(uuid4(), *sides(two, lead), {})


def test_who_may_only_look_compares_and_copies_nothing(two: Two, viewer: Any):
    differ(two, notes="x")
    found = pairs(two, viewer)
    assert not found["notes"].alike and not found["notes"].to_b.open
    with pytest.raises(NotAllowed):
        comparing.copy(uuid4(), *sides(two, viewer), {"notes": found["notes"].digest})


def test_a_field_hidden_on_one_side_is_neither_shown_nor_copied(two: Two, lead: Any):
    differ(two, notes="Secret of practice")
    role = Role.objects.get(name="lead")
    Grant.objects.create(group=role, connection="buzz-test", fields="notes", actions=["view", "edit"], deny=True)
    person = type(lead).objects.get(pk=lead.pk)
    found = pairs(two, person)
    assert found["notes"].a is None and not found["notes"].to_b.open
    assert "Secret of practice" not in str(found["notes"])


def test_a_connection_somebody_may_not_see_is_not_there(two: Two, lead: Any):
    Grant.objects.filter(group__name="lead").update(connection="buzz-test")
    person = type(lead).objects.get(pk=lead.pk)
    with pytest.raises(NotThere):
        two.production.open(person, "campaigns")


# Many


@pytest.fixture
def here(two: Two, lead: Any) -> Opened:
    return two.production.open(lead, "campaigns")


def open_some(two: Two, here: Opened, number: int = 10) -> Worksheet:
    return reading.open_ids(here, [record["id"] for record in two.production.api.dump("campaigns")[:number]], [])


def test_many_records_are_matched_and_their_fields_copied_in_one_step(two: Two, here: Opened, lead: Any):
    sheet = open_some(two, here)
    for record in two.practice.api.dump("campaigns")[:4]:
        two.practice.api.change("campaigns", record["id"], {"notes": f"Note {record['id']}"})
    two.practice.api.change("campaigns", first(two.practice), {"max_bid": "7.25"})
    other = Elsewhere(two.practice.open(lead, "campaigns"))
    found = comparing_many.compare(here, sheet, other, "id")
    assert (found.matched, found.unmatched, found.twice) == (10, 0, 0)
    by_name = {each.field.name: each for each in found.fields}
    assert (by_name["notes"].rows, by_name["max_bid"].rows) == (4, 1)
    assert list(by_name["notes"].cells) == [0, 1, 2, 3]
    token = uuid4()
    chosen = {name: by_name[name].digest for name in ("notes", "max_bid")}
    step = comparing_many.copy(here, sheet, other, "id", chosen, token)
    assert step.label == "Copied 2 fields in 4 records from Buzz (Test)" and step.cells == 5
    assert edits_of(sheet)[3, "notes"] == f"Note {two.production.api.dump('campaigns')[3]['id']}"
    again = comparing_many.compare(here, sheet, other, "id")
    assert not {each.field.name for each in again.fields} & {"notes", "max_bid"}, "pending edits count"
    edits.undo(here, sheet, uuid4())
    assert edits_of(sheet) == {}


def test_what_stands_twice_is_matched_to_nothing(two: Two, here: Opened, lead: Any):
    records = two.production.api.dump("campaigns")[:5]
    for place in (two.production, two.practice):
        for at, record in enumerate(records):
            place.api.change("campaigns", record["id"], {"alternative_id": ["A", "A", "C", "D", ""][at]})
    two.practice.api.change("campaigns", records[3]["id"], {"alternative_id": "E"})
    sheet = open_some(two, here, 5)
    found = comparing_many.compare(here, sheet, Elsewhere(two.practice.open(lead, "campaigns")), "alternative_id")
    assert (found.matched, found.twice, found.unmatched, found.blank) == (1, 2, 1, 1)


def test_a_worksheet_is_compared_with_another_one(two: Two, here: Opened, lead: Any):
    sheet, theirs = open_some(two, here), two.practice.open(lead, "campaigns")
    other = open_some(two, theirs)
    edits.take(theirs, other, uuid4(), "edit", "typed", {"notes": ([1], ["Typed there"])})
    found = comparing_many.compare(here, sheet, Elsewhere(theirs, other), "id")
    [notes] = [each for each in found.fields if each.field.name == "notes"]
    assert dict(notes.cells) == {1: "Typed there"}


def test_a_copy_of_many_is_refused_when_anything_of_it_changed_since(two: Two, here: Opened, lead: Any):
    sheet, other = open_some(two, here), Elsewhere(two.practice.open(lead, "campaigns"))
    differ(two, notes="As shown")
    [seen] = [
        each.digest for each in comparing_many.compare(here, sheet, other, "id").fields if each.field.name == "notes"
    ]
    differ(two, notes="Changed since")
    with pytest.raises(Stale):
        comparing_many.copy(here, sheet, other, "id", {"notes": seen}, uuid4())
    assert not Step.objects.exists()


def test_who_may_not_edit_the_worksheet_copies_nothing_into_it(two: Two, here: Opened, viewer: Any):
    sheet = open_some(two, here)
    Worksheet.objects.update(sharing=Worksheet.Sharing.VIEW)
    looking = two.production.open(viewer, "campaigns")
    other = Elsewhere(two.practice.open(viewer, "campaigns"))
    with pytest.raises(NotAllowed):
        comparing_many.copy(looking, sheet, other, "id", {"notes": "x"}, uuid4())


def test_records_that_are_called_otherwise_are_taken_for_strangers(two: Two, here: Opened, lead: Any):
    assert not comparing.strangers(*sides(two, lead))
    other = Elsewhere(two.practice.open(lead, "campaigns"))
    sheet = open_some(two, here, 5)
    assert comparing_many.compare(here, sheet, other, "id").strangers == 0
    differ(two, name="Another campaign")
    assert comparing.strangers(*sides(two, lead))
    assert comparing_many.compare(here, sheet, other, "id").strangers == 1
    assert comparing_many.compare(here, sheet, other, "name").strangers == 0
