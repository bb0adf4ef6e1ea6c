"""The list page over real APIs: what it shows, what it refuses in place, and what it keeps for a person."""

import json
import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from adminui.services import browse, views
from adminui.staff.models import Grant
from adminui.worksheets.models import Columns, View

CAMPAIGNS = "/c/buzz-test/campaigns/"
COMPANIES = "/c/autotask-test/Companies/"


def where(*items: object, join: str = "and") -> str:
    return quote(json.dumps([join, *items]))


def html(response: object) -> str:
    return response.content.decode()


def row_ids(page: str) -> list[int]:
    """The ids of the rows, in order."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [int(i) for i in re.findall(r"<a href=records/(\d+)/>", body)]


def headers(page: str) -> list[str]:
    return re.findall(r'<th[^>]* data-name="([^"]+)"', page)


def turn(page: str, label: str) -> str | None:
    found = re.search(rf'<a class="button icon-only" aria-label="{label} page"(?: href="([^"]*)")?', page)
    assert found, f"there is no {label} button"
    return found[1].replace("&amp;", "&") if found[1] else None


def test_it_counts_exactly_and_shows_the_records_in_the_order_of_the_api(buzz, client_as):
    response = client_as("lead").get(CAMPAIGNS)
    page = html(response)
    ids = sorted(r["id"] for r in buzz.api.dump("campaigns"))
    assert response.status_code == 200
    assert row_ids(page) == ids[:100]
    assert f"{len(ids)} Campaigns" in page


@pytest.mark.parametrize("role", ["viewer", "editor", "lead"])
def test_everybody_sees_the_rows_and_each_only_what_they_may_do(buzz, client_as, role):
    page = html(client_as(role).get(CAMPAIGNS))
    assert row_ids(page)
    assert ("data-select-page" in page) == (role != "viewer")
    assert ("data-edit-form" in page) == (role == "lead")


def test_who_may_not_see_the_list_is_told_it_is_not_there(buzz, client_as, person):
    Grant.objects.filter(group__user=person("viewer")).delete()
    assert client_as("viewer").get(CAMPAIGNS).status_code == 404


def test_script_in_a_value_stays_text(buzz, client_as):
    first = min(r["id"] for r in buzz.api.dump("campaigns"))
    buzz.api.change("campaigns", first, {"name": '<script>alert("x")</script>', "alternative_id": '"><img src=x>'})
    page = html(client_as("lead").get(f"{CAMPAIGNS}?columns=alternative_id"))
    assert "<script>alert" not in page and "<img" not in page
    assert "&lt;script&gt;alert(&quot;x&quot;)" in page


def test_null_and_empty_text_are_told_apart(buzz, client_as):
    first, second, *_ = sorted(r["id"] for r in buzz.api.dump("campaigns"))
    buzz.api.change("campaigns", first, {"alternative_id": None})
    buzz.api.change("campaigns", second, {"alternative_id": ""})
    body = html(client_as("lead").get(f"{CAMPAIGNS}?columns=alternative_id")).partition("<tbody>")[2].split("<tr>")
    assert "<td class=is-null>null" in body[1] and "<td class=is-empty>empty" in body[2]


@pytest.mark.parametrize("seconds, shown", [("00", "06:07"), ("59", "06:07:59")])
def test_a_time_shows_its_seconds_once_and_only_where_it_has_some(buzz, client_as, seconds, shown):
    first = min(r["id"] for r in buzz.api.dump("campaigns"))
    buzz.api.change("campaigns", first, {"end_date": f"2031-02-03 06:07:{seconds}"})
    body = html(client_as("lead").get(f"{CAMPAIGNS}?columns=end_date")).partition("<tbody>")[2].split("<tr>")
    assert re.search(rf"<td>03 Feb 2031, {shown}(<|$)", body[1].strip())


def test_references_show_the_name_and_lead_to_the_record(buzz, client_as):
    advertiser = buzz.api.dump("campaigns")[0]["advertiser_id"]
    buzz.api.change("advertisers", advertiser, {"name": "Northwind & Sons"})
    page = html(client_as("lead").get(f"{CAMPAIGNS}?columns=advertiser_id"))
    assert f"<a href=../advertisers/records/{advertiser}/>Northwind &amp; Sons</a>" in page


def test_columns_of_the_address_win_over_those_chosen_and_unknown_ones_are_passed_over(buzz, client_as):
    client = client_as("lead")
    client.post(reverse("columns", args=["buzz-test", "campaigns"]), {"columns": "notes,active"})
    assert headers(html(client.get(CAMPAIGNS))) == ["id", "name", "notes", "active"]
    asked = html(client.get(f"{CAMPAIGNS}?columns=spend,nonsense,id"))
    assert headers(asked) == ["id", "name", "spend"]


def test_chosen_columns_are_the_persons_own_and_can_be_given_up(buzz, client_as, lead, editor):
    address = reverse("columns", args=["buzz-test", "campaigns"])
    usual = headers(html(client_as("editor").get(CAMPAIGNS)))
    answer = client_as("lead").post(address, {"columns": "notes", "back": "size=50&columns=spend"})
    assert answer["Location"] == f"{CAMPAIGNS}?size=50"
    assert headers(html(client_as("editor").get(CAMPAIGNS))) == usual
    client_as("lead").post(address, {"columns": ""})
    assert not Columns.objects.exists()
    assert headers(html(client_as("lead").get(CAMPAIGNS))) == usual


def test_sixty_columns_are_fine(autotask, client_as, lead):
    names = [f.name for f in autotask.open(lead, "Companies").resource.visible]
    page = html(client_as("lead").get(f"{COMPANIES}?columns={quote(','.join(names))}"))
    assert len(headers(page)) == len(names) >= 60


def test_a_field_one_may_not_see_is_no_column_no_filter_and_no_value(buzz, client_as, person):
    first = buzz.api.dump("campaigns")[0]["id"]
    buzz.api.change("campaigns", first, {"notes": "between us"})
    group = person("viewer").groups.get()
    Grant.objects.create(
        group=group, connection="*", resource="*", fields="notes", actions=["view", "edit", "bulk"], deny=True
    )
    client = client_as("viewer")
    assert "between us" not in html(client.get(f"{CAMPAIGNS}?columns=notes"))
    assert "notes" not in [f["name"] for f in client.get(f"{CAMPAIGNS}?part=fields").json()["fields"]]
    assert client.get(f"{CAMPAIGNS}?where={where(['notes', 'filled'])}").status_code == 422


def test_a_filter_is_said_in_words_and_each_part_can_be_taken_out(buzz, client_as):
    page = html(client_as("lead").get(f"{CAMPAIGNS}?where={where(['active', 'eq', 'true'], ['id', 'gte', '3'])}"))
    ids = sorted(r["id"] for r in buzz.api.dump("campaigns") if r["active"] and r["id"] >= 3)
    assert row_ids(page) == ids
    assert "Active is yes" in page and "ID is at least “3”" in page
    assert f"{CAMPAIGNS}?where=" in page and len(re.findall(r'aria-label="Remove: ', page)) == 2


def test_a_reference_in_a_filter_is_called_by_its_name(buzz, client_as):
    advertiser = buzz.api.dump("campaigns")[0]["advertiser_id"]
    buzz.api.change("advertisers", advertiser, {"name": "Northwind"})
    page = html(client_as("lead").get(f"{CAMPAIGNS}?where={where(['advertiser_id', 'eq', advertiser])}"))
    assert "Advertiser id is “Northwind”" in page


def test_groups_are_offered_and_answered_where_the_api_has_them_only(buzz, client_as):
    either = where(["or", ["id", "eq", 1], ["id", "eq", 2]])
    assert "any of them" in html(client_as("lead").get(f"{CAMPAIGNS}?where={either}"))


def test_an_or_group_is_answered_by_autotask(autotask, client_as):
    ids = sorted(r["id"] for r in autotask.api.dump("Companies"))
    either = where(["or", ["id", "eq", ids[1]], ["id", "eq", ids[4]]])
    page = html(client_as("lead").get(f"{COMPANIES}?where={either}"))
    assert row_ids(page) == [ids[1], ids[4]]


def test_two_user_defined_fields_are_refused_in_place_with_the_filter_kept(autotask, client_as, lead):
    udfs = [f.name for f in autotask.open(lead, "Companies").resource.visible if f.name.startswith("udf.")][:2]
    response = client_as("lead").get(f"{COMPANIES}?where={where(*([u, 'filled'] for u in udfs))}")
    page = html(response)
    assert response.status_code == 422
    assert "one user-defined field at a time" in page and "Change the filter" in page
    assert f'data-typed="[&quot;and&quot;, [&quot;{udfs[0]}' in page


@pytest.mark.parametrize("text", ["nonsense", "[]", '["and",["id"]]', '["and",["id","like","x"]]', '["xor"]'])
def test_a_filter_that_cannot_be_read_is_said_in_place(buzz, client_as, text):
    response = client_as("lead").get(f"{CAMPAIGNS}?where={quote(text)}")
    assert response.status_code == 422
    assert "data-filter-form" in html(response)


def test_the_quick_search_finds_by_part_of_the_name_and_by_id(buzz, autotask, client_as):
    company = autotask.api.dump("Companies")[7]
    autotask.api.change("Companies", company["id"], {"companyName": "Zanzibar 99 Trading"})
    client = client_as("lead")
    assert row_ids(html(client.get(f"{COMPANIES}?find=zanzibar"))) == [company["id"]]
    assert row_ids(html(client.get(f"{COMPANIES}?find={company['id']}"))) == [company["id"]]
    assert row_ids(html(client.get(f"{COMPANIES}?find=99"))) == [company["id"]]


def test_a_number_that_is_no_id_is_offered_as_part_of_a_name(buzz, client_as):
    page = html(client_as("lead").get(f"{CAMPAIGNS}?find=987654"))
    assert "No Campaigns match" in page and "Look for: Name contains “987654”" in page


def test_nothing_found_offers_to_show_all(buzz, client_as):
    page = html(client_as("lead").get(f"{CAMPAIGNS}?where={where(['name', 'contains', 'no such thing'])}"))
    assert "No Campaigns match" in page and "Show all Campaigns" in page


def test_numbered_pages_go_to_both_ends(buzz, client_as):
    client, ids = client_as("lead"), sorted(r["id"] for r in buzz.api.dump("campaigns"))
    first = html(client.get(f"{CAMPAIGNS}?size=50"))
    assert turn(first, "First") is None and turn(first, "Previous") is None
    last = html(client.get(turn(first, "Last")))
    assert row_ids(last) == ids[50:]
    assert turn(last, "Next") is None and turn(last, "Previous") == f"{CAMPAIGNS}?size=50"


def test_pages_by_id_go_forward_and_back_without_a_gap(autotask, client_as):
    client, ids = client_as("lead"), sorted(r["id"] for r in autotask.api.dump("Companies"))
    page, seen, trail = html(client.get(f"{COMPANIES}?size=50")), [], []
    while True:
        seen += row_ids(page)
        trail.append(row_ids(page))
        if not (onward := turn(page, "Next")):
            break
        page = html(client.get(onward))
    assert seen == ids and len(trail) > 1
    for earlier in reversed(trail[:-1]):
        page = html(client.get(turn(page, "Previous")))
        assert row_ids(page) == earlier
    assert turn(page, "Previous") is None


def test_pasted_ids_open_in_the_order_given_and_misses_are_named(buzz, client_as):
    ids = sorted(r["id"] for r in buzz.api.dump("campaigns"))
    page = html(client_as("lead").get(f"{CAMPAIGNS}?ids={ids[5]},{ids[2]},999999"))
    assert row_ids(page) == [ids[5], ids[2]]
    assert "1 of the pasted ids does not exist there" in page and "999999" in page


def test_more_pasted_ids_than_an_address_holds_are_refused_in_place(buzz, client_as):
    response = client_as("lead").get(f"{CAMPAIGNS}?ids={','.join(map(str, range(1, 202)))}")
    assert response.status_code == 422 and "201 ids" in html(response)


def test_a_view_keeps_filter_and_columns_and_shared_ones_are_seen_by_others(buzz, client_as):
    query = f"where={where(['active', 'eq', 'true'])}&columns=spend&page=3"
    save = reverse("save-view", args=["buzz-test", "campaigns"])
    client_as("lead").post(save, {"name": " Running ", "query": query, "shared": "on"})
    client_as("lead").post(save, {"name": "Mine", "query": query})
    kept = View.objects.get(name="Running")
    assert "page" not in kept.query_string and kept.shared
    page = html(client_as("viewer").get(CAMPAIGNS))
    assert "Running" in page and ">Mine<" not in page
    assert headers(html(client_as("viewer").get(f"{CAMPAIGNS}?{kept.query_string}"))) == ["id", "name", "spend"]


def test_only_who_saved_a_view_can_delete_it(buzz, client_as):
    client_as("lead").post(reverse("save-view", args=["buzz-test", "campaigns"]), {"name": "Ours", "shared": "on"})
    view = View.objects.get()
    address = reverse("delete-view", args=["buzz-test", "campaigns", view.pk])
    assert client_as("editor").post(address).status_code == 404
    assert View.objects.exists()
    assert client_as("lead").post(address).status_code == 302
    assert not View.objects.exists()


def test_a_view_needs_a_name(buzz, client_as):
    response = client_as("lead").post(reverse("save-view", args=["buzz-test", "campaigns"]), {"name": "  "})
    assert response.status_code == 422 and not View.objects.exists()


def test_going_back_after_a_form_never_leaves_the_list(buzz, client_as):
    address = reverse("columns", args=["buzz-test", "campaigns"])
    answer = client_as("lead").post(address, {"columns": "notes", "back": "//elsewhere.example/&page=2"})
    assert answer["Location"] == f"{CAMPAIGNS}?page=2"


def test_the_fields_are_asked_for_again_on_request(buzz, client_as):
    client = client_as("lead")
    client.get(CAMPAIGNS)
    before = len(buzz.seen())
    answer = client.post(reverse("refresh-schema", args=["buzz-test", "campaigns"]), {"back": "size=50"})
    assert answer["Location"] == f"{CAMPAIGNS}?size=50"
    assert any(entry["method"] == "OPTIONS" for entry in buzz.seen()[before:])


def test_references_are_found_by_name_for_the_filter(buzz, client_as):
    advertiser = buzz.api.dump("advertisers")[3]["id"]
    buzz.api.change("advertisers", advertiser, {"name": "Quixotic Mills"})
    [found] = client_as("viewer").get(f"{CAMPAIGNS}find/advertiser_id?q=quixotic").json()["results"]
    assert (found["id"], found["label"]) == (str(advertiser), "Quixotic Mills")
    assert client_as("viewer").get(f"{CAMPAIGNS}find/nonsense?q=x").status_code == 404


def test_an_api_that_is_down_is_a_problem_within_the_page(buzz, client_as):
    client = client_as("lead")
    client.get(CAMPAIGNS)
    buzz.stop()
    response = client.get(f"{CAMPAIGNS}?where={where(['active', 'eq', 'true'])}")
    page = html(response)
    assert response.status_code == 502
    assert "Try again" in page and "nothing was sent" in page and "data-filter-form" in page


def test_the_catalogue_offers_only_what_the_api_can_be_asked(buzz, client_as, lead):
    opened = buzz.open(lead, "campaigns")
    told = {f["name"]: f["ops"] for f in client_as("lead").get(f"{CAMPAIGNS}?part=fields").json()["fields"]}
    assert told == {f.name: [op.value for op in browse.operators(opened, f)] for f in opened.resource.visible}
    assert told["name"] and not told["vendor_fees"]


def test_a_warm_list_asks_the_api_once_and_our_database_little(buzz, client_as, django_assert_max_num_queries):
    client = client_as("lead")
    client.get(CAMPAIGNS)
    before = len(buzz.seen())
    with django_assert_max_num_queries(12):
        client.get(CAMPAIGNS)
    assert len(buzz.seen()) - before == 1


def test_without_a_choice_the_columns_are_the_usual_ones(buzz, lead):
    opened = buzz.open(lead, "campaigns")
    usual = [f.name for f in views.columns(opened)]
    assert usual == [name for name in opened.resource.columns if name not in ("id", "name")]


def test_what_is_not_there_stands_where_the_numbers_of_its_column_stand(buzz, client_as):
    buzz.api.change("campaigns", 1, {"max_bid": None})
    page = html(client_as("lead").get(f"{CAMPAIGNS}?ids=1&columns=max_bid,notes"))
    assert '<td class="is-null n">null' in page


def test_a_failed_page_can_be_asked_for_again_and_a_missing_record_leads_to_its_list(buzz, client_as):
    missing = html(client_as("lead").get(f"{CAMPAIGNS}records/999999/"))
    assert "All Campaigns" in missing and "Load the page again" not in missing
    buzz.stop()
    assert "Load the page again" in html(client_as("lead").get(f"{CAMPAIGNS}records/1/"))
