"""Names resolved to ids: sure only where one record is meant, nothing guessed, and only with records one may see."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User

from adminui.records.cleaning.base import Transformation
from adminui.services import reading, references, worker
from adminui.services.bench import cleaning, resolving
from adminui.services.bench.namesakes import Name
from adminui.services.bench.resolving import Names, Resolution
from adminui.services.errors import BadInput, NotAllowed
from adminui.services.statistics import key_of
from adminui.staff.models import Grant
from adminui.worksheets.models import Worksheet
from tests.conftest import Live
from tests.services.bench import dump
from tests.services.columns import pending

pytestmark = pytest.mark.django_db
OWNER = "udf.Account Owner"


@pytest.fixture
def sheet(autotask: Live, lead: User) -> Worksheet:
    """Thirty companies whose old owner is written out in many ways."""
    ids = sorted(dump(autotask, "Companies"))[1:31]
    for record_id, text in zip(ids, spelt(autotask), strict=False):
        autotask.api.change("Companies", record_id, {"Account Owner": text, "ownerResourceID": 4})
    opened = autotask.open(lead, "Companies")
    made = reading.open_ids(opened, ids, ["companyName", "ownerResourceID", OWNER])
    while made.state == Worksheet.State.READING and worker.work_once():
        made.refresh_from_db()
    made.refresh_from_db()
    return made


def spelt(autotask: Live) -> list[str]:
    return [
        "Ben Evans", "EVANS, Ben", " ben  evans", "bevans", "BEvans@msp.example", "Evans Ben", "6",
        "Yusuf Quinn", "Quinn, Yusuf", "José Hughes", "Jose Hughes", "A. Castillo", "Ben Evnas", "Che nBauer",
        "n/a", "Nobody", "",
    ]  # fmt: skip


def found(autotask: Live, user: Any, sheet: Worksheet, **more: Any) -> Resolution:
    names = Names(source=OWNER, **more)
    return resolving.resolve(autotask.open(user, "Companies"), sheet, names, "ownerResourceID")


def named(resolution: Resolution) -> dict[str, Name]:
    return {name.text: name for name in resolution.names}


def test_a_name_is_sure_where_one_active_record_is_called_so_in_any_order_case_or_by_mail(
    autotask: Live, lead: User, sheet: Worksheet
):
    told = found(autotask, lead, sheet)
    by_text = named(told)
    for text in ("Ben Evans", "EVANS, Ben", " ben  evans", "bevans", "BEvans@msp.example", "Evans Ben"):
        assert by_text[text].sure and by_text[text].candidates[0].id == 4, text
    assert by_text["6"].sure and by_text["6"].candidates[0].title == "Kofi O'Neill"
    assert (told.reference, told.records, told.read) == ("Resources", 40, 40) and "all 40 records" in told.said
    assert Counter(name.rows for name in told.names).keys() == {1}
    assert told.blank == 30 - len([text for text in spelt(autotask) if text])


def test_namesakes_leavers_initials_and_slips_are_for_a_person_to_pick(autotask: Live, lead: User, sheet: Worksheet):
    by_text = named(found(autotask, lead, sheet))
    for text in ("Yusuf Quinn", "Quinn, Yusuf"):
        assert not by_text[text].sure and [each.id for each in by_text[text].candidates] == [12, 31]
    phones = [dict(each.facts).values() for each in by_text["Yusuf Quinn"].candidates]
    assert set(phones[0]) != set(phones[1])
    for text in ("José Hughes", "Jose Hughes"):
        (left,) = by_text[text].candidates
        assert not by_text[text].sure and left.id == 7 and not left.active
    assert {each.id for each in by_text["A. Castillo"].candidates} == {14, 39}
    assert [each.active for each in by_text["A. Castillo"].candidates] == [True, False]
    assert by_text["Ben Evnas"].candidates[0].id == 4 and not by_text["Ben Evnas"].sure
    assert by_text["Che nBauer"].candidates[0].id == 13 and not by_text["Che nBauer"].sure
    assert not by_text["n/a"].candidates and not by_text["Nobody"].candidates


def test_every_name_is_in_one_of_the_three_lists(autotask: Live, lead: User, sheet: Worksheet):
    told = found(autotask, lead, sheet)
    assert sorted(map(str, told.names)) == sorted(map(str, (*told.sure, *told.ambiguous, *told.none)))
    assert len(told.names) == len({text for text in spelt(autotask) if text})


def test_what_is_resolved_is_set_as_one_step_and_again_in_a_recipe_without_asking(
    autotask: Live, lead: User, sheet: Worksheet
):
    opened = autotask.open(lead, "Companies")
    pairs = [[name.text, str(name.candidates[0].id)] for name in found(autotask, lead, sheet).sure]
    asked = Transformation("map", ("ownerResourceID",), {"pairs": [*pairs, ["Yusuf Quinn", "31"]], "from": OWNER})
    assert asked.portable
    told = cleaning.count(opened, sheet, asked)
    assert (told.tally.changed, told.tally.already, told.tally.skipped) == (2, 6, 22)
    seen = len(autotask.seen())
    cleaning.clean(opened, sheet, asked, uuid4())
    assert pending(sheet, "ownerResourceID") == {6: "6", 7: "31"}
    assert len(autotask.seen()) == seen


def test_only_names_in_the_rows_that_are_meant(autotask: Live, lead: User, sheet: Worksheet):
    told = found(autotask, lead, sheet, scope={"rows": "0-1"})
    assert [name.text for name in told.names] == ["Ben Evans", "EVANS, Ben"] and not told.blank
    key = key_of(autotask.open(lead, "Companies").resource.by_name[OWNER], "bevans")
    narrowed = found(autotask, lead, sheet, where=({"facet": "text", "field": OWNER, "in": [key]},))
    assert [(name.text, name.rows) for name in narrowed.names] == [("bevans", 1)]


def test_a_pasted_list_is_resolved_too(autotask: Live, lead: User, sheet: Worksheet):
    opened = autotask.open(lead, "Companies")
    told = resolving.resolve(opened, sheet, Names(texts=["Ben Evans", "Ben Evans ", "", "who"]), "ownerResourceID")
    assert [(name.text, name.rows, name.sure) for name in told.names] == [("Ben Evans", 2, True), ("who", 1, False)]


def test_ids_become_what_their_records_are_called(autotask: Live, lead: User, sheet: Worksheet):
    autotask.api.change("Companies", sorted(dump(autotask, "Companies"))[1], {"city": "Elsewhere"})
    told = resolving.titles(autotask.open(lead, "Companies"), sheet, Names(source="ownerResourceID"))
    assert (told[0].id, told[0].title) == ("4", "Ben Evans")
    assert sum(each.rows for each in told) == 30 and all(each.title for each in told)


def test_who_may_not_see_the_reference_resource_is_told_so_and_nothing_is_asked_of_it(
    autotask: Live, lead: User, sheet: Worksheet
):
    Grant.objects.create(group=Group.objects.get(name="lead"), resource="Resources", actions=["view"], deny=True)
    somebody = User.objects.get(pk=lead.pk)
    opened = autotask.open(somebody, "Companies")
    seen = len([entry for entry in autotask.seen() if "/Resources" in entry["path"]])
    for ask in (
        lambda: resolving.resolve(opened, sheet, Names(source=OWNER), "ownerResourceID"),
        lambda: resolving.titles(opened, sheet, Names(source="ownerResourceID")),
    ):
        with pytest.raises(NotAllowed, match="may not see"):
            ask()
    assert len([entry for entry in autotask.seen() if "/Resources" in entry["path"]]) == seen


def test_hidden_fields_neither_name_nor_tell_apart(autotask: Live, lead: User, sheet: Worksheet):
    Grant.objects.create(
        group=Group.objects.get(name="lead"), resource="Resources", fields="email", actions=["view"], deny=True
    )
    somebody = User.objects.get(pk=lead.pk)
    by_text = named(found(autotask, somebody, sheet))
    assert not any(
        "msp.example" in text for name in by_text.values() for each in name.candidates for _, text in each.facts
    )
    assert by_text["bevans"].sure and not by_text["BEvans@msp.example"].sure


def test_who_may_not_see_what_they_are_called_is_told_so(autotask: Live, lead: User, sheet: Worksheet):
    Grant.objects.create(
        group=Group.objects.get(name="lead"), resource="Resources", fields="userName", actions=["view"], deny=True
    )
    with pytest.raises(NotAllowed, match="are called"):
        found(autotask, User.objects.get(pk=lead.pk), sheet)


def test_a_field_that_refers_to_nothing_and_a_column_without_names_are_refused(
    autotask: Live, lead: User, sheet: Worksheet
):
    opened = autotask.open(lead, "Companies")
    for source, target in (
        (OWNER, "companyName"),
        ("isActive", "ownerResourceID"),
        ("ownerResourceID", "ownerResourceID"),
    ):
        with pytest.raises(BadInput):
            resolving.resolve(opened, sheet, Names(source=source), target)


def test_of_too_many_records_only_whole_names_are_asked_for_and_that_is_said(
    autotask: Live, lead: User, sheet: Worksheet, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(resolving, "MOST_READ", 10)
    told = found(autotask, lead, sheet)
    assert "too many" in told.said and told.records == 40 and told.read < 10
    by_text = named(told)
    assert by_text["bevans"].sure
    assert [each.id for each in by_text["Ben Evans"].candidates] == [4] and not by_text[
        "Ben Evans"
    ].sure  # there may be more


def test_a_search_by_hand_finds_people_by_any_part_of_their_names_and_tells_namesakes_apart(autotask: Live, lead: User):
    companies = autotask.open(lead, "Companies")
    found = references.find(companies, companies.resource.by_name["ownerResourceID"], "Yusuf")
    namesakes = [each for each in found if "Yusuf Quinn" in each.facts]
    assert len(namesakes) > 1 and len({each.facts for each in namesakes}) == len(namesakes)
    assert all(each.title not in each.facts for each in found)


def test_a_search_by_hand_neither_asks_for_nor_tells_what_is_hidden(autotask: Live, lead: User):
    for name in ("firstName", "lastName", "email"):
        Grant.objects.create(
            group=Group.objects.get(name="lead"), resource="Resources", fields=name, actions=["view"], deny=True
        )
    companies = autotask.open(User.objects.get(pk=lead.pk), "Companies")
    owner = companies.resource.by_name["ownerResourceID"]
    assert references.find(companies, owner, "Yusuf Q") == []
    [one] = [each for each in references.find(companies, owner, "31") if each.id == 31]
    assert not [text for text in one.facts if "Yusuf" in text or "@" in text]
