"""Lists, filters, pages and descriptions of the Buzz sandbox."""

from datetime import datetime

import pytest

from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.buzz.calendar import span


def found(buzz, path):
    """The ids a list answers with, all pages taken."""
    ids, address = [], path
    while address:
        page = buzz.get(address)
        ids += [record["id"] for record in page["results"]]
        address = page["next"] and page["next"].split("/rest/v2/")[1]
    return ids


def expected(buzz, resource, test):
    return [record["id"] for record in buzz.api.dump(resource) if test(record)]


def test_a_list_comes_in_pages_of_fifty_with_links(buzz):
    first = buzz.get("line-items")
    assert (first["count"], len(first["results"]), first["previous"]) == (60, 50, None)
    assert first["next"] == f"{buzz.running.url}/rest/v2/line-items?page=2"
    second = buzz.get("line-items?page=2")
    assert (len(second["results"]), second["next"]) == (10, None)
    assert second["previous"] == f"{buzz.running.url}/rest/v2/line-items"


def test_links_keep_the_filters(buzz):
    assert found(buzz, "line-items?page_size=7&id__lte=30") == list(range(1, 31))


def test_too_large_a_page_is_cut_silently(buzz):
    buzz.switch(page_size_max=20)
    page = buzz.get("line-items?page_size=1000")
    assert len(page["results"]) == 20 and page["next"]


@pytest.mark.parametrize("number", ["3", "0", "x", "-1"])
def test_a_page_that_is_not_there_is_a_404(buzz, number):
    answer = buzz.call("GET", f"line-items?page={number}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})


def test_one_record_comes_bare(buzz):
    assert buzz.get("line-items/3") == buzz.api.dump("line-items")[2]


@pytest.mark.parametrize(
    ("form", "sentence"), [("named", "No LineItem matches the given query."), ("plain", "Not found.")]
)
def test_an_unknown_record_is_a_404_in_either_wording(buzz, form, sentence):
    buzz.switch(not_found=form)
    answer = buzz.call("GET", "line-items/9999")
    assert (answer.status_code, answer.json()) == (404, {"detail": sentence})


@pytest.mark.parametrize("path", ["nothing", "line-items/", "line-items/x", "roles/1/creatives", "../v2"])
def test_an_unknown_address_is_a_404(buzz, path):
    assert buzz.call("GET", path).status_code == 404


FILTERS = [
    ("line-items?id__in=3,5,999", lambda r: r["id"] in (3, 5)),
    ("line-items?id=4", lambda r: r["id"] == 4),
    ("line-items?campaign_id=4", lambda r: r["campaign_id"] == 4),
    ("line-items?type=video&active=true", lambda r: r["type"] == "video" and r["active"]),
    ("line-items?type__not=video", lambda r: r["type"] != "video"),
    ("line-items?type__in=video,audio", lambda r: r["type"] in ("video", "audio")),
    ("line-items?max_bid__gte=12.5", lambda r: r["max_bid"] and float(r["max_bid"]) >= 12.5),
    ("line-items?max_bid__lt=9", lambda r: r["max_bid"] and float(r["max_bid"]) < 9),
    ("line-items?id__gt=10&id__lte=12", lambda r: 10 < r["id"] <= 12),
    ("line-items?notes__isempty=true", lambda r: not r["notes"]),
    ("line-items?notes__isempty=false", lambda r: r["notes"]),
    ("line-items?spend_budget__isempty=true", lambda r: r["spend_budget"] is None),
    ("line-items?name__contains=Copy", lambda r: "Copy" in r["name"]),
    ("line-items?name__icontains=COPY", lambda r: "copy" in r["name"].lower()),
    ("line-items?create_date__gte=2025-06-01", lambda r: r["create_date"] >= "2025-06-01 00:00:00"),
    ("line-items?create_date__lt=2025-06-01%2014:00:00", lambda r: r["create_date"] < "2025-06-01 14:00:00"),
    ("line-items?create_date__range=last_year", lambda r: r["create_date"].startswith("2025")),
    ("line-items?create_date__range=2025-01-01,2025-03-01", lambda r: "2025-01" <= r["create_date"] <= "2025-03-01 0"),
    ("creatives?type=1", lambda r: r["type"] == 1),
]


@pytest.mark.parametrize(("path", "test"), FILTERS, ids=[path for path, _ in FILTERS])
def test_a_filter_leaves_exactly_the_matching_records(buzz, path, test):
    ids = expected(buzz, path.partition("?")[0], test)
    assert ids, "the seed should hold a match"
    assert found(buzz, path) == ids


def test_decimals_are_filtered_by_value_not_by_text(buzz):
    item = buzz.line_item(max_bid="20")
    assert item["id"] in found(buzz, "line-items?max_bid=20.0")


@pytest.mark.parametrize(
    "path", ["id=abc", "max_bid__gte=x", "create_date__gte=soon", "type=Video", "create_date__range=ever"]
)
def test_a_filter_value_that_makes_no_sense_is_refused(buzz, path):
    assert buzz.call("GET", f"line-items?{path}").status_code == 400


@pytest.mark.parametrize("filter_", ["colour=red", "name__matches=x", "spend_budget=5"])
def test_an_unknown_filter_is_ignored_or_refused(buzz, filter_):
    assert buzz.get(f"line-items?{filter_}")["count"] == 60
    buzz.switch(unknown_filter="reject")
    assert buzz.call("GET", f"line-items?{filter_}").status_code == 400


def test_a_field_can_be_made_unfilterable(buzz):
    buzz.switch(not_filterable=["name"])
    assert buzz.get("line-items?name=x")["count"] == 60


@pytest.mark.parametrize(("suffix", "other"), [("contains", "icontains"), ("icontains", "contains")])
def test_only_one_search_suffix_may_exist(buzz, suffix, other):
    buzz.switch(search_suffix=suffix, unknown_filter="reject")
    assert buzz.call("GET", f"line-items?name__{suffix}=a").status_code == 200
    assert buzz.call("GET", f"line-items?name__{other}=a").status_code == 400


def test_ordering_is_heard_only_when_switched_on(buzz):
    assert found(buzz, "line-items?ordering=-id")[0] == 1
    buzz.switch(ordering=True)
    assert found(buzz, "line-items?ordering=-id") == list(range(60, 0, -1))
    bids = [record["max_bid"] for record in buzz.get("line-items?ordering=max_bid&page_size=60")["results"]]
    known = [float(bid) for bid in bids if bid is not None]
    assert known == sorted(known) and bids[0] is None


NOW = datetime(2026, 5, 13, 15, 30)
SPANS = [
    ("today", "2026-05-13", "2026-05-14"),
    ("yesterday", "2026-05-12", "2026-05-13"),
    ("this_week", "2026-05-11", "2026-05-18"),
    ("last_week", "2026-05-04", "2026-05-11"),
    ("this_month", "2026-05-01", "2026-06-01"),
    ("last_month", "2026-04-01", "2026-05-01"),
    ("this_quarter", "2026-04-01", "2026-07-01"),
    ("last_quarter", "2026-01-01", "2026-04-01"),
    ("this_year", "2026-01-01", "2027-01-01"),
    ("last_year", "2025-01-01", "2026-01-01"),
    ("last_7_days", "2026-05-06", "2026-05-14"),
    ("last_7_complete_days", "2026-05-06", "2026-05-13"),
    ("last_24_hours", "2026-05-12T15:30", "2026-05-13T15:30:01"),
]


@pytest.mark.parametrize(("word", "start", "end"), SPANS)
def test_a_magic_word_is_a_span_of_days(word, start, end):
    assert span(word, NOW) == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@pytest.mark.parametrize(("form", "methods"), [("put", {"PUT"}), ("post", {"POST"}), ("both", {"PUT", "POST"})])
def test_options_describe_the_fields(buzz, form, methods):
    buzz.switch(options_actions=form)
    answer = buzz.call("OPTIONS", "line-items").json()
    assert set(answer["actions"]) == methods
    fields = answer["actions"][min(methods)]
    assert fields["id"] == {"type": "integer", "required": False, "read_only": True, "label": "ID"}
    assert fields["name"] == {
        "type": "string",
        "required": True,
        "read_only": False,
        "label": "Name",
        "max_length": 191,
    }
    assert fields["campaign_id"]["type"] == "field"
    assert {"value": "video", "display_name": "video"} in fields["type"]["choices"]
    assert fields["max_bid"]["decimal_places"] == 2
    assert fields["spend_budget"]["children"]["lifetime"]["required"] is True
    assert fields["frequency_caps"]["children"]["limits"]["child"]["children"]["duration"]["max_value"] == 2_592_000
    assert set(fields) == set(buzz.get("line-items/1"))


def test_options_of_a_record_offer_put_unless_writing_is_forbidden(buzz):
    assert set(buzz.call("OPTIONS", "roles/1").json()["actions"]) == {"PUT"}
    buzz.switch(read_only_resources=["roles"])
    assert "actions" not in buzz.call("OPTIONS", "roles/1").json()
    assert buzz.call("PATCH", "roles/2", {"notes": "x"}).status_code == 403
    buzz.switch(read_only_resources=[], options_actions="none")
    assert "actions" not in buzz.call("OPTIONS", "roles/1").json()


def test_look_ups_are_read_only(buzz):
    assert {"id": 2, "key": "IAB2", "name": "Automotive"} in buzz.get("ref/advertiser-categories")["results"]
    answer = buzz.call("POST", "ref/advertiser-categories", {"key": "x"})
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "POST" not allowed.'})


def test_the_account_id_can_be_text(buzz):
    assert buzz.get("roles/1")["account_id"] == 2
    buzz.switch(account_id_form="text")
    assert buzz.get("roles/1")["account_id"] == "2"


def test_roles_may_show_active_beside_archived(buzz):
    assert "active" not in buzz.get("roles/1")
    buzz.switch(roles_have_active=True)
    assert buzz.get("roles/1")["active"] is True
    assert "active" in buzz.call("OPTIONS", "roles").json()["actions"]["PUT"]


def test_the_same_seed_gives_the_same_records_and_another_gives_others():
    one, same, other = (BuzzApi(records=40, seed=seed) for seed in (3, 3, 4))
    assert one.dump("line-items") == same.dump("line-items")
    assert one.dump("line-items") != other.dump("line-items")


def test_the_seed_is_messy_and_obeys_the_references():
    api = BuzzApi(records=400)
    items, campaigns = api.dump("line-items"), {record["id"]: record for record in api.dump("campaigns")}
    names = [record["name"] for record in items]
    keys = [record["alternative_id"] for record in items]
    notes = {record["notes"] for record in items}
    assert len(items) == len(campaigns) == 400
    assert any(name != name.strip() for name in names) and any("  " in name for name in names)
    assert any("Copy of" in name for name in names) and any("<b>" in name for name in names)
    assert max(map(len, names)) == 191 and any(not name.isascii() for name in names)
    assert {None, ""} <= notes and any(note and "<script>" in note for note in notes)
    assert any(key and key.startswith("0") for key in keys) and None in keys
    assert all(campaigns[item["campaign_id"]]["advertiser_id"] == item["advertiser_id"] for item in items)


@pytest.mark.parametrize(
    "resource", ["roles", "users", "advertisers", "campaigns", "line-items", "creatives", "segments"]
)
def test_every_seeded_record_can_be_put_back_as_it_is_read(buzz, resource):
    """But for the text that is trimmed, and the root role that has no parent."""
    buzz.switch(trims_text=False)
    for record in buzz.api.dump(resource):
        if (resource == "roles" and record["id"] == 1) or (resource == "users" and record["role_id"] == 9):
            continue
        answer = buzz.call("PUT", f"{resource}/{record['id']}", buzz.get(f"{resource}/{record['id']}"))
        assert answer.status_code == 200, answer.text
        stored = next(other for other in buzz.api.dump(resource) if other["id"] == record["id"])
        assert {**stored, "update_date": None} == {**record, "update_date": None}
