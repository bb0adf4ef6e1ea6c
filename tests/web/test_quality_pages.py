"""Quality rules over HTTP: the panel's questions, the board, the trend on Home; nothing of what one may not see."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from adminui.records.queries import Group
from adminui.services import reading
from adminui.services.bench.trends import Point
from adminui.staff.models import Grant
from adminui.web.quality import CHART, EDGE, chart
from adminui.worksheets.models import Rule, RuleCount, Worksheet
from tests.conftest import Live

pytestmark = pytest.mark.django_db(transaction=True)
CITY = {"kind": "required", "field": "city", "params": {}}


@pytest.fixture
def sheet(autotask: Live, lead: User) -> Worksheet:
    opened = autotask.open(lead, "Companies")
    for record in autotask.api.dump("Companies")[:4]:
        autotask.api.change("Companies", record["id"], {"city": ""})
    return reading.open_matching(opened, Group(), ["city"])


@pytest.fixture
def client(client_as: Any, sheet: Worksheet) -> Client:
    return client_as("lead")


def ask(client: Client, sheet: Worksheet, status: int = 200, /, **data: Any) -> Any:
    address = reverse("sheet-quality", args=[sheet.pk])
    answer = client.post(address, json.dumps(data), content_type="application/json", HTTP_ACCEPT="application/json")
    assert answer.status_code == status, answer.content.decode()[:1000]
    return answer.json()


def test_a_rule_is_tried_saved_counted_shown_and_deleted(client: Client, sheet: Worksheet):
    told = ask(client, sheet, do="count", form=True)
    assert told["sentence"] == "No rules yet" and told["may_edit"]
    assert {"kind": "required", "field": "companyName", "params": {}} in [each["rule"] for each in told["suggested"]]
    tried = ask(client, sheet, do="try", rule=CITY)
    assert tried["hits"] >= 4 and tried["first"][0]["why"] == "City is empty" and not Rule.objects.exists()
    assert ask(client, sheet, do="try", rule=CITY | {"field": "nope"}) == {"problem": "Companies have no field “nope”."}
    saved = ask(client, sheet, do="save", name="City is filled", rule=CITY)
    assert saved["sentence"] == f"1 rule, {tried['hits']} of {sheet.rows} rows broken"
    assert ask(client, sheet, do="rows", id=saved["saved"])["count"] == tried["hits"]
    assert RuleCount.objects.get().whole
    assert ask(client, sheet, do="delete", id=saved["saved"])["rules"] == [] and not RuleCount.objects.exists()


def test_what_cannot_be_read_is_refused(client: Client, sheet: Worksheet):
    ask(client, sheet, 422, do="dance")
    ask(client, sheet, 422, do="rows", id="1")
    ask(client, sheet, 404, do="rows", id=999)
    ask(client, sheet, 422, do="save", name="x", rule=[1])


@pytest.fixture
def trend(client: Client, sheet: Worksheet) -> Rule:
    """A rule that was counted ten days ago, and now by fewer."""
    rule = Rule.objects.get(pk=ask(client, sheet, do="save", name="City is filled", rule=CITY)["saved"])
    old = RuleCount.objects.create(rule=rule, rows=60, hits=40, whole=True, worksheet=sheet.pk)
    RuleCount.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=10))
    return rule


def test_home_tells_what_is_broken_how_that_changed_and_where_to_mend_it(client: Client, sheet: Worksheet, trend: Rule):
    now = RuleCount.objects.order_by("-at")[0].hits
    page = client.get("/").content.decode()
    assert "City is filled" in page and f"{40 - now} fewer since" in page and "<polyline" in page
    assert f"/worksheets/{sheet.pk}/?rule={trend.pk}" in page


def test_the_board_draws_the_trend_with_a_table_beside_it(client: Client, trend: Rule):
    page = client.get(reverse("quality", args=["autotask-test", "Companies"])).content.decode()
    assert 'class="trend"' in page and "2 counts as a table" in page and "40</td>" in page
    assert client.get("/quality/").status_code == 200


def test_who_may_not_see_the_field_is_told_nothing_of_the_rule(client: Client, client_as: Any, trend: Rule, lead: User):
    Grant.objects.create(group=lead.groups.get(), fields="city", actions=["view", "edit"], deny=True)
    for address in ("/", "/quality/", reverse("quality", args=["autotask-test", "Companies"])):
        assert "City is filled" not in client.get(address).content.decode()


def test_a_chart_goes_from_the_first_count_to_the_last_within_its_frame():
    start = timezone.now()
    points = [Point(start + timedelta(days=day), hits, 100) for day, hits in ((0, 80), (3, 20), (10, 0))]
    drawn = chart(points, CHART, EDGE)
    assert [dot.x for dot in drawn.dots] == pytest.approx([46, 46 + 0.3 * 420, 466])
    assert [level for _, level in drawn.levels] == [0, 50, 100]
    assert drawn.dots[2].y == drawn.base and drawn.dots[0].y < drawn.dots[1].y
    assert chart(points[:1], CHART, EDGE).dots[0].x == 466, "one count stands at the end"
