"""A big tenant's companies need a clean-up; the first of them are as they always were."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import phonenumbers
import pytest

from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.autotask.seed.mess import CLEAN

BEFORE = CLEAN + 1  # with our own company


@pytest.fixture(scope="module")
def api() -> AutotaskApi:
    return AutotaskApi(records=CLEAN + 1_400)


@pytest.fixture(scope="module")
def messy(api: AutotaskApi) -> list[dict[str, Any]]:
    return api.dump("Companies")[BEFORE:]


def udf(row: dict[str, Any], name: str) -> Any:
    return next(pair["value"] for pair in row["userDefinedFields"] if pair["name"] == name)


def test_the_first_companies_do_not_depend_on_how_many_there_are(api: AutotaskApi):
    few, many = AutotaskApi(records=CLEAN).dump("Companies"), api.dump("Companies")[:BEFORE]
    told = ("parentCompanyID",)  # among those there are
    assert [{k: v for k, v in row.items() if k not in told} for row in few] == [
        {k: v for k, v in row.items() if k not in told} for row in many
    ]
    assert all(udf(row, "Account Owner") is None for row in few)


def test_the_same_company_stands_there_in_several_spellings(messy: list[dict[str, Any]]):
    names = [row["companyName"] for row in messy]
    bare = {"".join(char for char in name.lower() if char.isalpha()) for name in names}
    assert len(bare) < len(set(names)) * 0.95 < len(names) * 0.95
    for wanted in ("Limited", "Ltd.", "  ", "&amp;", "(duplicate)"):
        assert any(wanted in name for name in names), wanted
    assert all(len(name) <= 100 for name in names)


def test_phones_are_spelt_in_many_ways_and_most_are_real_ones(messy: list[dict[str, Any]]):
    regions = {237: "US", 236: "GB", 81: "DE"}
    shapes, valid = set(), 0
    for row in messy:
        shapes.add("".join("9" if char.isdigit() else char for char in row["phone"] or ""))
        with suppress(phonenumbers.NumberParseException):
            valid += phonenumbers.is_valid_number(phonenumbers.parse(row["phone"] or "", regions[row["countryID"]]))
    assert len(shapes) > 20 and 0.75 < valid / len(messy) < 1


def test_states_types_and_owners_need_a_hand(api: AutotaskApi, messy: list[dict[str, Any]]):
    states = {row["state"] for row in messy}
    assert {"CA", "Calif.", "California", "ca"} <= states
    assert 20 < sum(row["companyType"] in (9, 10) for row in messy) < 200
    staff = api.dump("Resources")
    called = {f"{each['firstName']} {each['lastName']}" for each in staff}
    owners = [udf(row, "Account Owner") for row in messy]
    assert sum(owner in called for owner in owners) > len(messy) / 4
    assert any(", " in (owner or "") for owner in owners) and any("@" in (owner or "") for owner in owners)
    imported = [row for row in messy if row["ownerResourceID"] == 4]
    assert len(imported) > len(messy) / 2
