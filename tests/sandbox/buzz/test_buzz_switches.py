"""The switches as such: documented, listed, and refused when unknown."""

import pytest

import adminui.sandbox.buzz as package
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.buzz.switches import DEFAULTS


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_switch_stands_in_the_table_with_its_default(name):
    rows = [line.split("|") for line in (package.__doc__ or "").splitlines() if line.startswith(f"| `{name}` ")]
    assert len(rows) == 1
    value = DEFAULTS[name]
    wanted = f'"{value}"' if isinstance(value, str) else repr(value)
    assert rows[0][2].strip() == ("all but creatives and targeting-expressions" if name == "bulk_resources" else wanted)


def test_an_unknown_switch_is_refused():
    with pytest.raises(ValueError, match="colour"):
        BuzzApi(records=20, switches={"colour": "red"})


def test_a_change_behind_the_back_bumps_the_stamp_and_skips_the_rules():
    api = BuzzApi(records=20)
    before = api.dump("line-items")[4]
    after = api.change("line-items", before["id"], {"name": ""})
    assert after["name"] == "" and after["update_date"] > before["update_date"]
    assert api.dump("line-items")[4] == after


def test_a_dump_is_a_copy():
    api = BuzzApi(records=20)
    api.dump("roles")[0]["permissions"].clear()
    assert api.dump("roles")[0]["permissions"]


def test_unknown_resources_and_records_are_key_errors():
    api = BuzzApi(records=20)
    with pytest.raises(KeyError):
        api.dump("nothing")
    with pytest.raises(KeyError):
        api.change("roles", 999, {})
