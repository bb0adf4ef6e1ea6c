"""Writing one record of the Buzz sandbox."""

import pytest


def errors(answer):
    assert answer.status_code == 400, answer.text
    return answer.json()


def test_a_patch_changes_what_it_names_and_the_stamp(buzz):
    before = buzz.get("line-items/3")
    after = buzz.call("PATCH", "line-items/3", {"notes": "new", "max_bid": 12.5}).json()
    assert after == {**before, "notes": "new", "max_bid": "12.50", "update_date": after["update_date"]}
    assert after["update_date"] > before["update_date"]
    assert buzz.get("line-items/3") == after


def test_two_writes_in_one_second_show_unless_the_stamp_follows_the_clock(buzz):
    stamps = [buzz.call("PATCH", "roles/2", {"notes": str(n)}).json()["update_date"] for n in range(2)]
    assert stamps[0] < stamps[1]
    buzz.clock.now += 10
    buzz.switch(update_date="clock")
    stamps = [buzz.call("PATCH", "roles/2", {"notes": str(n)}).json()["update_date"] for n in range(2)]
    assert stamps[0] == stamps[1]


def test_a_post_answers_201_with_the_whole_record(buzz):
    made = buzz.make("segments", name="New", cpm_cost="1.5")
    assert (made["cpm_cost"], made["account_id"], made["key"]) == ("1.50", 2, f"acme-{made['id']}")
    assert buzz.get(f"segments/{made['id']}") == made


def test_a_creative_is_answered_wrapped(buzz):
    values = {"advertiser_id": 1, "name": "Banner", "type": 0, "template_id": 1}
    assert set(buzz.call("POST", "creatives", values).json()) == {"result", "warnings", "errors"}
    buzz.switch(creatives_wrapped=False)
    assert buzz.call("POST", "creatives", values).json()["name"] == "Banner"


def test_a_put_without_its_required_fields_names_them_all(buzz):
    assert errors(buzz.call("PUT", "campaigns/3", {"notes": "x"})) == {
        "advertiser_id": ["This field is required."],
        "name": ["This field is required."],
    }


@pytest.mark.parametrize("fate", ["keep", "null"])
def test_a_put_keeps_or_empties_what_it_leaves_out(buzz, fate):
    buzz.call("PATCH", "campaigns/3", {"notes": "kept?", "max_bid": 3, "event_ids": ["a"]})
    buzz.switch(put_omitted=fate)
    after = buzz.call("PUT", "campaigns/3", {"advertiser_id": 1, "name": "Put"}).json()
    kept = ("kept?", "3.00", ["a"])
    assert (after["notes"], after["max_bid"], after["event_ids"]) == (kept if fate == "keep" else (None, None, []))
    assert after["create_date"] == buzz.api.dump("campaigns")[2]["create_date"]
    assert after["spend"] != "0.00"


@pytest.mark.parametrize("trims", [True, False])
def test_text_is_trimmed_unless_switched_off(buzz, trims):
    buzz.switch(trims_text=trims)
    after = buzz.call("PATCH", "campaigns/3", {"name": " Spring  sale "}).json()
    assert after["name"] == ("Spring  sale" if trims else " Spring  sale ")


def test_null_and_empty_text_are_two_things(buzz):
    assert buzz.call("PATCH", "campaigns/3", {"notes": None}).json()["notes"] is None
    assert buzz.call("PATCH", "campaigns/3", {"notes": ""}).json()["notes"] == ""


def test_read_only_and_unknown_fields_are_ignored(buzz):
    before = buzz.get("campaigns/3")
    after = buzz.call("PATCH", "campaigns/3", {"spend": "9", "id": 99, "colour": "red"}).json()
    assert after == {**before, "update_date": after["update_date"]}


@pytest.mark.parametrize("name", ["notes", "campaigns.notes"])
def test_a_field_can_be_silently_ignored(buzz, name):
    before = buzz.get("campaigns/3")
    buzz.switch(silently_ignored_field=name)
    answer = buzz.call("PATCH", "campaigns/3", {"notes": "lost", "name": "Kept"})
    assert answer.status_code == 200
    assert (answer.json()["notes"], answer.json()["name"]) == (before["notes"], "Kept")


MESSAGES = [
    ("campaigns", {"name": None}, {"name": ["This field may not be null."]}),
    ("campaigns", {"name": "  "}, {"name": ["This field may not be blank."]}),
    ("campaigns", {"name": []}, {"name": ["Not a valid string."]}),
    ("campaigns", {"name": "x" * 192}, {"name": ["Ensure this field has no more than 191 characters."]}),
    ("campaigns", {"active": "maybe"}, {"active": ["Must be a valid boolean."]}),
    ("campaigns", {"max_bid": "much"}, {"max_bid": ["A valid number is required."]}),
    ("campaigns", {"max_bid": "1.005"}, {"max_bid": ["Ensure that there are no more than 2 decimal places."]}),
    ("campaigns", {"max_bid": -1}, {"max_bid": ["Ensure this value is greater than or equal to 0."]}),
    ("campaigns", {"bid_modifier_id": "x"}, {"bid_modifier_id": ["A valid integer is required."]}),
    ("campaigns", {"budget_type": "Spend"}, {"budget_type": ['"Spend" is not a valid choice.']}),
    ("campaigns", {"advertiser_id": 99}, {"advertiser_id": ['Invalid pk "99" - object does not exist.']}),
    ("campaigns", {"event_ids": "a"}, {"event_ids": ['Expected a list of items but got type "str".']}),
    ("campaigns", {"event_ids": ["a", []]}, {"event_ids": {"1": ["Not a valid string."]}}),
    (
        "campaigns",
        {"spend_budget": 5},
        {"spend_budget": {"non_field_errors": ["Invalid data. Expected a dictionary, but got int."]}},
    ),
    (
        "roles",
        {"permissions": [{"object_type": "role", "permission": 16}]},
        {"permissions": [{"permission": ["Ensure this value is less than or equal to 15."]}]},
    ),
    ("users", {"email": "nobody"}, {"email": ["Enter a valid email address."]}),
    ("users", {"email": "ops@example.com"}, {"email": ["user with this email already exists."]}),
    ("users", {"role_id": 9}, {"role_id": ["Archived roles cannot be assigned."]}),
    ("creatives", {"type": 2}, {"type": ["This field cannot be changed after creation."]}),
    ("creatives", {"click_url": "nowhere"}, {"click_url": ["Enter a valid URL."]}),
    ("segments", {"ttl_days": 91}, {"ttl_days": ["Ensure this value is less than or equal to 90."]}),
    (
        "segments",
        {"alternative_id": "0000001"},
        {"alternative_id": ["segment with this alternative id already exists."]},
    ),
    (
        "campaigns",
        {"start_date": "2026-02-01", "end_date": "2026-01-01"},
        {"end_date": ["End date must not be before start date."]},
    ),
]


@pytest.mark.parametrize(("resource", "body", "sentences"), MESSAGES, ids=[str(body)[:40] for _, body, _ in MESSAGES])
def test_a_bad_value_is_refused_in_the_words_of_rest_framework(buzz, resource, body, sentences):
    before = buzz.api.dump(resource)
    assert errors(buzz.call("PATCH", f"{resource}/2", body)) == sentences
    assert buzz.api.dump(resource) == before


def test_several_bad_fields_are_reported_at_once(buzz):
    assert set(errors(buzz.call("PATCH", "campaigns/2", {"name": "", "active": 7, "max_bid": "x"}))) == {
        "name",
        "active",
        "max_bid",
    }


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-03-01 09:30:00", "2026-03-01 09:30:00"),
        ("2026-03-01", "2026-03-01 00:00:00"),
        ("2026-03-01T09:30:00Z", "2026-03-01 04:30:00"),
        (None, None),
    ],
)
def test_dates_are_kept_in_the_account_s_own_time(buzz, sent, stored):
    buzz.call("PATCH", "creatives/2", {"start_date": "2020-01-01", "end_date": None})
    assert buzz.call("PATCH", "creatives/2", {"start_date": sent}).json()["start_date"] == stored


def test_a_date_that_is_none_is_refused(buzz):
    sentence = errors(buzz.call("PATCH", "creatives/2", {"start_date": "soon"}))["start_date"][0]
    assert sentence.startswith("Datetime has wrong format. Use one of these formats instead:")


@pytest.mark.parametrize(("value", "stored"), [(1, True), ("true", True), (0, False), (False, False)])
def test_one_and_zero_are_booleans_too(buzz, value, stored):
    assert buzz.call("PATCH", "advertisers/2", {"active": value}).json()["active"] is stored


@pytest.mark.parametrize("fate", ["merge", "replace"])
def test_members_left_out_of_a_nested_object_stay_or_go(buzz, fate):
    caps = {"id_type": "STANDARD", "use_fallback": True, "limits": [{"duration": 60, "impressions": 1}]}
    buzz.call("PATCH", "campaigns/3", {"frequency_caps": caps})
    buzz.switch(nested_patch=fate)
    after = buzz.call("PATCH", "campaigns/3", {"frequency_caps": {"id_type": "IP_ADDR"}}).json()["frequency_caps"]
    assert after["id_type"] == "IP_ADDR"
    assert (after["limits"], after["use_fallback"]) == ((caps["limits"], True) if fate == "merge" else ([], False))


def test_a_nested_object_needs_its_mandatory_members(buzz):
    buzz.switch(nested_patch="replace")
    body = {"budget_type": "spend", "spend_budget": {"daily": 5}}
    assert errors(buzz.call("PATCH", "campaigns/3", body)) == {
        "spend_budget": {"lifetime": ["This field is required."]}
    }
    buzz.switch(include_fees_required=True)
    assert set(errors(buzz.call("PATCH", "campaigns/3", body))["spend_budget"]) == {"lifetime", "include_fees"}


@pytest.mark.parametrize("drops", [True, False])
def test_the_budget_the_type_does_not_mean_is_dropped(buzz, drops):
    buzz.switch(drops_irrelevant=drops)
    body = {"budget_type": "impressions", "spend_budget": {"lifetime": 5, "daily": None}}
    after = buzz.call("PATCH", "campaigns/3", body).json()["spend_budget"]
    assert (after is None) is drops


@pytest.mark.parametrize("length", [191, 200])
def test_the_length_of_an_alternative_id_is_a_switch(buzz, length):
    buzz.switch(alternative_id_max=length)
    assert buzz.call("PATCH", "campaigns/3", {"alternative_id": "x" * length}).status_code == 200
    assert buzz.call("PATCH", "campaigns/3", {"alternative_id": "x" * (length + 1)}).status_code == 400
    assert buzz.call("OPTIONS", "campaigns").json()["actions"]["PUT"]["alternative_id"]["max_length"] == length


def test_the_root_role_can_only_be_put_when_a_parent_is_not_required(buzz):
    root = buzz.get("roles/1")
    assert errors(buzz.call("PUT", "roles/1", root)) == {"parent_role_id": ["This field may not be null."]}
    buzz.switch(parent_role_required=False)
    assert buzz.call("PUT", "roles/1", root).status_code == 200


def test_the_account_s_zone_is_a_switch(buzz):
    buzz.switch(utc_offset_hours=2, update_date="clock")
    later = buzz.call("PATCH", "roles/2", {"notes": "b"}).json()["update_date"]
    buzz.switch(utc_offset_hours=-5)
    assert later[11:13] != buzz.call("PATCH", "roles/2", {"notes": "a"}).json()["update_date"][11:13]


LINE_ITEM_RULES = [
    ({"active": True}, "active"),
    ({"start_date": "2025-12-31"}, "start_date"),
    ({"end_date": "2027-01-01"}, "end_date"),
    ({"end_date": "2026-06-01", "spend_budget": {"lifetime": 1000.01, "daily": None}}, "spend_budget"),
    ({"spend_budget": {"lifetime": 10, "daily": None}}, "end_date"),
    (
        {"start_date": "2026-02-01", "end_date": "2026-02-10", "spend_budget": {"lifetime": 100, "daily": 5}},
        "spend_budget",
    ),
    ({"bid_modifier_id": 4}, "max_bid"),
    ({"type": "banner"}, "type"),
    ({"currency": "EUR"}, "currency"),
]


@pytest.mark.parametrize(("body", "field"), LINE_ITEM_RULES, ids=[str(body) for body, _ in LINE_ITEM_RULES])
def test_a_line_item_obeys_the_rules_operators_meet(buzz, body, field):
    item = buzz.line_item()
    assert list(errors(buzz.call("PATCH", f"line-items/{item['id']}", body))) == [field]


def test_a_line_item_with_a_creative_can_be_activated(buzz):
    path = f"line-items/{buzz.line_item()['id']}"
    assert set(errors(buzz.call("POST", f"{path}/creatives", {}))) == {"creative_id"}
    assert buzz.call("POST", f"{path}/creatives", {"creative_id": 4}).status_code == 201
    assert [link["creative"]["id"] for link in buzz.get(f"{path}/creatives")] == [4]
    assert buzz.call("PATCH", path, {"active": True}).json()["active"] is True


def test_a_rule_is_silent_about_fields_that_do_not_change(buzz):
    buzz.api.change("line-items", 3, {"start_date": "2030-01-01 00:00:00", "end_date": "2020-01-01 00:00:00"})
    assert buzz.call("PATCH", "line-items/3", {"notes": "still fine"}).status_code == 200


@pytest.mark.parametrize("form", ["empty", "object"])
def test_a_record_nobody_needs_can_be_deleted(buzz, form):
    buzz.switch(delete_answer=form)
    answer = buzz.call("DELETE", "line-items/3")
    assert answer.status_code == (204 if form == "empty" else 200)
    assert answer.content == b"" if form == "empty" else answer.json()["id"] == 3
    assert buzz.call("GET", "line-items/3").status_code == 404


def test_an_advertiser_with_campaigns_cannot_be_deleted(buzz):
    advertiser = buzz.get("campaigns/1")["advertiser_id"]
    assert "campaigns" in errors(buzz.call("DELETE", f"advertisers/{advertiser}"))["non_field_errors"][0]


def test_an_id_is_not_used_twice(buzz):
    first = buzz.make("segments", name="One")
    buzz.call("DELETE", f"segments/{first['id']}")
    assert buzz.make("segments", name="Two")["id"] > first["id"]


@pytest.mark.parametrize(("method", "path"), [("DELETE", "users/3"), ("PUT", "roles"), ("POST", "roles/3")])
def test_a_method_that_is_not_offered_is_a_405(buzz, method, path):
    answer = buzz.call(method, path, {})
    assert (answer.status_code, answer.json()) == (405, {"detail": f'Method "{method}" not allowed.'})


def test_broken_json_and_other_media_are_refused(buzz):
    json_type = {"Content-Type": "application/json"}
    answer = buzz.call("PATCH", "roles/2", data=b'{"name": ', headers=json_type)
    assert answer.status_code == 400 and answer.json()["detail"].startswith("JSON parse error - ")
    assert buzz.call("PATCH", "roles/2", data=b'{"notes": NaN}', headers=json_type).status_code == 400
    assert buzz.call("PATCH", "roles/2", data=b"<a/>", headers={"Content-Type": "text/xml"}).status_code == 415
    assert buzz.call("PATCH", "roles/2", [1]).json() == {
        "non_field_errors": ["Invalid data. Expected a dictionary, but got list."]
    }


def test_form_data_is_read_too(buzz):
    assert buzz.call("PATCH", "campaigns/3", data={"notes": "from a form"}).json()["notes"] == "from a form"


def test_a_number_inside_free_json_keeps_its_digits(buzz):
    body = b'{"bidding": {"strategy": "CPM", "values": {"cpm_bid": 10.10}}}'
    answer = buzz.call("PATCH", "line-items/4", data=body, headers={"Content-Type": "application/json"})
    assert b'"cpm_bid":10.10' in answer.content
