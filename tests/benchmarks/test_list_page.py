"""The list page beside Django admin's changelist of the same rows: 100 records, 12 columns, one process.

Ours is what we add to the API's own answer: the whole view less the time spent in the client's calls.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection, models
from django.test import Client
from django.urls import include, path
from django.utils.dateparse import parse_datetime
from django.utils.timezone import make_aware

from adminui.remote.client import Client as ApiClient
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from tests.conftest import SANDBOX_BUZZ, Live

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS, TIMES = 100, 15
COLUMNS = [
    "advertiser_id",
    "active",
    "start_date",
    "end_date",
    "budget_type",
    "spend",
    "max_bid",
    "alternative_id",
    "create_date",
    "update_date",
]


class BenchAdvertiser(models.Model):
    name = models.CharField(max_length=300)

    class Meta:
        app_label = "worksheets"

    def __str__(self) -> str:
        return self.name


class BenchCampaign(models.Model):
    name = models.CharField(max_length=300)
    advertiser_id_of = models.ForeignKey(BenchAdvertiser, on_delete=models.DO_NOTHING, null=True, db_constraint=False)
    active = models.BooleanField(null=True)
    start_date = models.DateTimeField(null=True)
    end_date = models.DateTimeField(null=True)
    budget_type = models.CharField(max_length=50, null=True)
    spend = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    max_bid = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    alternative_id = models.CharField(max_length=300, null=True)
    create_date = models.DateTimeField(null=True)
    update_date = models.DateTimeField(null=True)

    class Meta:
        app_label = "worksheets"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


FIELDS = [f.name for f in BenchCampaign._meta.fields]


class CampaignAdmin(admin.ModelAdmin):
    list_display = FIELDS
    list_per_page = RECORDS
    list_select_related = True


site = admin.AdminSite("bench")
site.register(BenchCampaign, CampaignAdmin)
urlpatterns = [path("bench/", site.urls), path("", include("adminui.urls"))]


@pytest.fixture
def served(configure: Callable[[str], None]) -> Iterator[Live]:
    with serve_in_thread(BuzzApi(records=RECORDS, seed=1)) as running:
        configure(SANDBOX_BUZZ.format(url=running.url))
        yield Live(running, "buzz-test")


@pytest.fixture
def same_rows(served: Live) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(BenchAdvertiser)
        editor.create_model(BenchCampaign)
    advertisers = [BenchAdvertiser(pk=a["id"], name=a["name"] or "") for a in served.api.dump("advertisers")]
    BenchAdvertiser.objects.bulk_create(advertisers)
    BenchCampaign.objects.bulk_create(_row(r) for r in served.api.dump("campaigns")[:RECORDS])
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(BenchCampaign)
        editor.delete_model(BenchAdvertiser)


def _row(record: dict[str, Any]) -> BenchCampaign:
    values = {name: record.get(name) for name in FIELDS if name != "advertiser_id_of"}
    for name, value in values.items():
        kind = BenchCampaign._meta.get_field(name).get_internal_type()
        if isinstance(value, str) and kind == "DateTimeField":
            moment = parse_datetime(value)
            values[name] = make_aware(moment) if moment and moment.tzinfo is None else moment
        if kind == "DecimalField" and value is not None:
            values[name] = Decimal(str(value))
    return BenchCampaign(**values, advertiser_id_of_id=record.get("advertiser_id"))


def timed(client: Client, url: str) -> tuple[float, bytes]:
    began = time.perf_counter()
    response = client.get(url)
    assert response.status_code == 200, url
    return time.perf_counter() - began, response.content


def test_a_page_of_a_hundred_records_beside_the_admin(served, same_rows, client_as, monkeypatch, settings):
    settings.ROOT_URLCONF = __name__
    waited: list[float] = []
    send = ApiClient.send

    def measured(self: ApiClient, *args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return send(self, *args, **options)
        finally:
            waited.append(time.perf_counter() - began)

    monkeypatch.setattr(ApiClient, "send", measured)
    lead, superuser = client_as("lead"), client_as("admin")
    User.objects.filter(username="admin").update(is_superuser=True)
    ours_url = f"/c/buzz-test/campaigns/?columns={','.join(COLUMNS)}"
    theirs_url = "/bench/worksheets/benchcampaign/"
    ours, theirs = [], []
    ours_page, theirs_page = timed(lead, ours_url)[1], timed(superuser, theirs_url)[1]
    for _ in range(TIMES):
        waited.clear()
        took, ours_page = timed(lead, ours_url)
        ours.append(took - sum(waited))
        theirs.append(timed(superuser, theirs_url)[0])
    assert ours_page.count(b"<th scope=row>") == RECORDS == theirs_page.count(b'class="action-select"')
    assert ours_page.count(b"data-sort=") == len(FIELDS) == 12
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"\n{'':12}{'list':>10}{'admin':>10}{'ratio':>8}{'goal':>8}")
    print(f"{'time, ms':12}{mine * 1e3:10.1f}{other * 1e3:10.1f}{mine / other:8.2f}{'≤ 0.50':>8}")
    print(f"{'html, kB':12}{len(ours_page) / 1e3:10.1f}{len(theirs_page) / 1e3:10.1f}", end="")
    print(f"{len(ours_page) / len(theirs_page):8.2f}{'≤ 0.60':>8}")
