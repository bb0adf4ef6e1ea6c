"""What a name means among records: sure only where nothing else can be meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.cleaning.folds import fingerprint
from adminui.records.schema import Field, Kind, Resource
from adminui.services.bench import namesakes
from adminui.services.bench.namesakes import Book
from adminui.services.bench.naming import Called

FIELDS = (
    Field("id", "Id", Kind.INTEGER, read_only=True),
    Field("name", "Name", Kind.TEXT),
    Field("number", "Number", Kind.TEXT),
    Field("city", "City", Kind.TEXT),
    Field("isActive", "Active", Kind.BOOLEAN),
    Field("secret_code", "Secret code", Kind.TEXT, hidden=True),
)
FIRMS = Resource("Firms", "Firms", "Firm", FIELDS, columns=("id", "name", "city"))


def book(*records: dict[str, Any], whole: bool = True) -> Book:
    return Book(Called(FIRMS), "id", [{"isActive": True} | record for record in records], whole)


def ids(found: namesakes.Name) -> list[object]:
    return [each.id for each in found.candidates]


def test_a_number_that_is_one_record_s_name_and_another_s_id_is_not_sure():
    firms = book({"id": 7, "name": "Seven", "number": "9"}, {"id": 9, "name": "Nine", "number": "1"})
    assert ids(firms.name("9")) == [7, 9] and not firms.name("9").sure
    assert ids(firms.name("7")) == [7] and firms.name("7").sure and firms.name("7").candidates[0].how == "the id"


def test_a_name_that_is_written_exactly_so_goes_before_one_in_other_letter_case():
    firms = book({"id": 1, "name": "ACME"}, {"id": 2, "name": "Acme"})
    assert ids(firms.name("Acme")) == [2] and firms.name("Acme").sure
    assert ids(firms.name("acme")) == [1, 2] and not firms.name("acme").sure


def test_what_is_hidden_names_nobody():
    firms = book({"id": 1, "name": "Acme", "secret_code": "X"})
    assert not firms.name("X").candidates
    assert not any("X" in text for _, text in firms.name("Acme").candidates[0].facts)


def test_who_is_not_active_is_never_sure_and_comes_last():
    firms = book(
        {"id": 1, "name": "Acme", "isActive": False},
        {"id": 2, "name": "Acme"},
        {"id": 3, "name": "Beta", "isActive": False},
    )
    assert ids(firms.name("Acme")) == [2, 1] and not firms.name("Acme").sure
    assert not firms.name("Beta").sure and not firms.name("3").sure


def test_of_records_that_were_not_all_read_only_a_title_or_an_id_is_sure():
    firms = book({"id": 1, "name": "Acme", "number": "A-1"}, whole=False)
    assert firms.name("Acme").sure and firms.name("1").sure
    assert not firms.name("ACME").sure and not firms.name("A-1").sure


def test_among_many_records_slips_behind_the_first_letter_are_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(namesakes, "FEW", 1)
    firms = book({"id": 1, "name": "Orchard Law"}, {"id": 2, "name": "Beta"})
    assert ids(firms.name("Ochrard Law")) == [1]
    assert not firms.name("Xrchard Law").candidates


@given(
    st.lists(st.sampled_from(["Acme", "ACME", "acme ltd", "Ltd Acme", "Beta", "béta", "7", " "]), max_size=8), st.data()
)
def test_a_sure_name_is_that_of_exactly_one_record(names: list[str], data: st.DataObject):
    records = [{"id": at, "name": name} for at, name in enumerate(names, 1)]
    text = data.draw(st.sampled_from(["Acme", "acme", "LTD ACME", "beta", "7", "1", "", " ", "zzz"]))
    found = book(*records).name(text)
    assert len(ids(found)) == len(set(ids(found)))
    if not found.sure:
        return
    (meant,) = found.candidates
    nearest = (str.strip, lambda name: " ".join(name.casefold().split()), fingerprint)
    called = [
        [r["id"] for r in records if str(r["name"]).strip() and fold(r["name"]) == fold(text)] for fold in nearest
    ]
    assert [meant.id] == next((found for found in called if found), [r["id"] for r in records if str(r["id"]) == text])
    assert not {r["id"] for r in records if str(r["id"]) == text} - {meant.id}
