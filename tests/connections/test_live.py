"""What is known of the connections: asked once, kept, shared by threads, overridden, and asked again when in doubt."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from adminui.connections import known, live
from adminui.connections.config import Overrides
from adminui.connections.models import Health, KnownResource
from adminui.connections.overriding import overridden
from adminui.dialects.base import Described
from adminui.dialects.errors import BadCredentials, RemoteError
from adminui.sandbox.faults import Fault
from tests.conftest import Live

OF_MANY_KINDS = {"line-items", "campaigns", "creatives", "roles", "Companies", "Contacts", "Tickets"}


def connection_of(api: Live) -> live.Connection:
    return live.connections()[api.connection]


def limited(api: Live, told: Described | None) -> Described:
    """What the API said, within the limits of the connection."""
    assert told is not None
    return overridden(told, connection_of(api).limits, Overrides())


def described(api: Live, resource: str = "", *, refresh: bool = False) -> Described:
    connection = connection_of(api)
    return live.describe(connection, resource or live.resource_names(connection)[0].name, refresh=refresh)


def another_process() -> None:
    """Forget what this process holds, as one that has just started."""
    live.forget()


@pytest.fixture(params=["buzz", "autotask"])
def api(request: pytest.FixtureRequest, db: None) -> Any:
    return request.getfixturevalue(request.param)


def test_a_resource_is_described_once_in_a_process(api):
    first = described(api)
    asked = len(api.seen())
    assert described(api) is first and len(api.seen()) == asked


def test_what_may_be_opened_is_worked_out_once(api):
    """Every page asks, and some APIs have more than a hundred resources."""
    assert live.resource_names(connection_of(api)) is live.resource_names(connection_of(api))


def test_another_process_reads_the_very_same_description_from_our_database(api):
    first = described(api)
    another_process()
    asked = len(api.seen())
    assert described(api) == first and len(api.seen()) == asked


def test_every_resource_comes_back_from_its_document_as_it_was(api):
    for name in sorted(OF_MANY_KINDS & {r.name for r in live.resource_names(connection_of(api))}):
        told = described(api, name)
        assert limited(api, known.from_data(KnownResource.objects.get(resource=name).described)) == told


def test_the_api_is_asked_again_on_request_and_after_half_a_day(api):
    described(api)
    asked = len(api.seen())
    described(api, refresh=True)
    assert len(api.seen()) > asked
    another_process()
    KnownResource.objects.update(described_at=timezone.now() - live.KEPT_FOR - timedelta(seconds=1))
    asked = len(api.seen())
    described(api)
    assert len(api.seen()) > asked


@pytest.mark.parametrize(
    "junk",
    [
        [],
        "text",
        {},
        {"form": known.FORM, "of": "another API"},
        {"form": known.FORM},
        {"form": known.FORM, "resource": {}, "capabilities": {}},
        {"form": known.FORM, "resource": {"parent": 3, "fields": None}, "capabilities": []},
        {"form": known.FORM, "resource": {"parent": None, "fields": [7], "columns": 1, "bound": []}, "capabilities": 1},
        {"resource": "of a version before forms", "capabilities": {}},
    ],
)
def test_a_row_of_junk_is_asked_for_again(buzz, db, junk):
    first = described(buzz)
    if isinstance(junk, dict):
        junk = {"of": KnownResource.objects.get().described["of"], **junk}
    KnownResource.objects.update(described=junk)
    another_process()
    assert described(buzz) == first
    assert KnownResource.objects.get().described["form"] == known.FORM


def test_a_row_that_another_version_wrote_is_asked_for_again(buzz, db):
    first = described(buzz)
    row = KnownResource.objects.get()
    row.described |= {"form": "of another version"}
    row.save()
    another_process()
    asked = len(buzz.seen())
    assert described(buzz) == first and len(buzz.seen()) > asked


def test_a_connection_that_leads_elsewhere_now_is_described_anew(buzz, db, settings):
    """Fields and picklists of one tenant must not be taken for another's."""
    described(buzz, "line-items")
    live.remember_no_bulk(connection_of(buzz), "line-items")
    elsewhere = buzz.running.url.replace("127.0.0.1", "localhost")
    path = settings.ADMINUI_CONNECTIONS
    path.write_text(path.read_text().replace(buzz.running.url, elsewhere))
    another_process()
    asked = len(buzz.seen("OPTIONS"))
    assert described(buzz, "line-items").capabilities.bulk and len(buzz.seen("OPTIONS")) > asked


def together(count: int, work: Any) -> list[Any]:
    """What `count` threads made of it that start at once: a result, or the error raised."""
    barrier = threading.Barrier(count)

    def run(_: int) -> Any:
        barrier.wait()
        try:
            return work()
        except RemoteError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_threads_that_describe_at_once_ask_once(buzz):
    results = together(6, lambda: described(buzz))
    assert len({id(r) for r in results}) == 1
    assert len(buzz.seen("OPTIONS")) == len({entry["path"] for entry in buzz.seen("OPTIONS")})
    assert KnownResource.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_threads_that_waited_for_a_failed_answer_share_it_and_the_next_asks_again(buzz):
    client = live.client_for(connection_of(buzz))
    client._pauses = (0.2,)  # long enough for all to have come before it fails
    described(buzz, "roles")  # signed in, so that only the description can fail
    buzz.running.faults.add(Fault("server_error", times=None))
    results = together(4, lambda: described(buzz))
    assert all(isinstance(r, RemoteError) for r in results) and len({id(r) for r in results}) == 4
    failed = len([entry for entry in buzz.seen() if entry["status"] == 500])
    assert failed == 3, "one asked, twice more after the first failure"
    buzz.running.faults.clear()
    assert described(buzz).resource.fields


def test_a_connection_has_one_client_however_many_ask(buzz):
    assert len({id(client) for client in together(8, lambda: live.client_for(connection_of(buzz)))}) == 1


def test_a_reference_that_leads_nowhere_is_named_and_may_be_mended_while_we_run(buzz, monkeypatch):
    monkeypatch.delenv("TEST_BUZZ_PASSWORD")
    with pytest.raises(BadCredentials, match=r"Buzz \(Test\) cannot be signed in to: .* TEST_BUZZ_PASSWORD is not set"):
        live.client_for(connection_of(buzz))
    monkeypatch.setenv("TEST_BUZZ_PASSWORD", "sandbox")
    live.client_for(connection_of(buzz))


def test_the_configuration_overrides_what_the_api_says(buzz, db, configure):
    plain = described(buzz, "line-items")
    configure("""
        [connections.buzz-test.limits]
        max_concurrency = 2
        calls_per_hour = 600
        [connections.buzz-test.resources.line-items]
        hidden = ["notes", "no_such_field"]
        labels = { name = "Title" }
        columns = ["name", "active", "name", "no_such_field"]
        bulk = ["rows"]
        max_batch = 7
        put = "nulls"
        """)
    told = described(buzz, "line-items")
    assert told.resource.columns == ("name", "active")
    assert told.resource.by_name["name"].label == "Title"
    assert {f.name for f in plain.resource.visible} - {f.name for f in told.resource.visible} == {"notes"}
    can = told.capabilities
    assert (can.bulk_rows, can.bulk_shared, can.max_batch, can.replace) == (True, False, 7, "nulls")
    assert (can.max_concurrency, can.requests_per_hour) == (2, 600)
    other = described(buzz, "campaigns")
    assert other.capabilities.bulk_shared and "notes" in {f.name for f in other.resource.visible}


def test_what_is_kept_is_what_the_api_said_not_what_we_made_of_it(buzz, db, configure):
    plain = described(buzz, "line-items")
    another_process()
    configure('[connections.buzz-test.resources.line-items]\nhidden = ["notes"]\nbulk = []\n')
    assert described(buzz, "line-items") != plain
    assert limited(buzz, known.from_data(KnownResource.objects.get().described)) == plain


def test_columns_that_the_api_does_not_have_leave_the_usual_ones(buzz, db, configure):
    plain = described(buzz, "line-items").resource.columns
    configure('[connections.buzz-test.resources.line-items]\ncolumns = ["nmae"]\n')
    assert described(buzz, "line-items").resource.columns == plain


def test_no_form_of_request_is_added_that_the_dialect_cannot_spell(autotask, db, configure):
    configure('[connections.autotask-test.resources.Tickets]\nbulk = ["rows", "shared"]\n')
    assert not described(autotask, "Tickets").capabilities.bulk


def test_a_missing_bulk_address_is_remembered_for_good_and_by_all(buzz, db, configure):
    configure('[connections.buzz-test.resources.line-items]\nbulk = ["rows", "shared"]\n')
    assert described(buzz, "line-items").capabilities.bulk
    live.remember_no_bulk(connection_of(buzz), "line-items")
    assert not described(buzz, "line-items").capabilities.bulk
    another_process()
    assert not described(buzz, "line-items").capabilities.bulk
    assert not described(buzz, "line-items", refresh=True).capabilities.bulk
    assert described(buzz, "campaigns").capabilities.bulk


def test_another_process_soon_hears_of_a_missing_bulk_address(buzz, db, monkeypatch):
    assert described(buzz, "line-items").capabilities.bulk
    KnownResource.objects.update(no_bulk=True)
    monkeypatch.setattr(live, "LOOKED_UP_AGAIN", 0.0)
    assert not described(buzz, "line-items").capabilities.bulk


def test_the_apis_own_hourly_limit_holds_where_nothing_is_configured(autotask, db):
    described(autotask, "Tickets")
    assert live.client_for(connection_of(autotask)).budget().limit == 10_000
    another_process()
    described(autotask, "Tickets")  # from our database: the client does not exist yet
    assert live.client_for(connection_of(autotask)).budget().limit == 10_000


def test_a_configured_hourly_limit_comes_before_the_apis_own(autotask, db, configure):
    configure("[connections.autotask-test.limits]\ncalls_per_hour = 500\n")
    told = described(autotask, "Tickets")
    assert live.client_for(connection_of(autotask)).budget().limit == 500 == told.capabilities.requests_per_hour


def test_health_says_that_all_is_well_or_what_is_not(buzz, db):
    connection = connection_of(buzz)
    assert live.check_health(connection).ok
    live.client_for(connection)._pauses = (0.01,)
    buzz.running.faults.add(Fault("server_error", times=None))
    ailing = live.check_health(connection)
    assert not ailing.ok and ailing.message and Health.objects.get() == ailing
    buzz.running.faults.clear()
    assert live.check_health(connection).ok and Health.objects.get().message == ""


def test_health_names_credentials_that_lead_nowhere(buzz, db, monkeypatch):
    monkeypatch.delenv("TEST_BUZZ_EMAIL")
    assert "TEST_BUZZ_EMAIL is not set" in live.check_health(connection_of(buzz)).message


def test_forgetting_closes_the_clients_and_reads_the_file_anew(buzz, configure):
    before = live.client_for(connection_of(buzz))
    configure("")
    assert live.client_for(connection_of(buzz)) is not before
    with pytest.raises(RemoteError, match="closed"):
        before.converse(live.dialect_of(connection_of(buzz)).describe("line-items"))
