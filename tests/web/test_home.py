"""Home: which connections there are, how they are, what is pending and what happened."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from adminui.connections import halting
from adminui.connections.models import Health
from adminui.runs.models import Run
from adminui.services import edits, reading
from tests.web.happenings import change, happened, queued, some

pytestmark = pytest.mark.django_db


def test_without_connections_home_teaches_the_file_to_write(client_as, configure):
    page = client_as("lead").get("/").content.decode()
    assert "[connections.buzz-acme]" in page and "[connections.buzz-acme.credentials]" in page
    assert "env:BUZZ_EMAIL" in page and "connections.toml" in page


def test_the_file_that_home_teaches_is_one_that_can_be_read(client_as, configure, tmp_path):
    page = client_as("lead").get("/").content.decode()
    example = page.partition('Example of connections.toml">')[2].partition("</pre>")[0].replace("&quot;", '"')
    configure(example)
    assert "Buzz (Acme)" in client_as("lead").get("/").content.decode()
    call_command("check")


def test_a_person_without_grants_is_told_to_ask_for_a_role(client_as, buzz):
    client = client_as("viewer")
    User.objects.get(username="viewer").groups.clear()
    assert "Ask an administrator for a role" in client.get("/").content.decode()


def test_a_card_shows_environment_resources_and_that_it_was_never_checked(client_as, buzz):
    page = client_as("viewer").get("/").content.decode()
    assert "Buzz (Test)" in page and 'badge sandbox">sandbox' in page
    assert 'href="/c/buzz-test/line-items/"' in page
    assert "not checked yet" in page and 'hx-trigger="load"' in page


def test_production_is_marked_on_its_card(client_as, configure, buzz):
    configure(
        '[connections.live]\nlabel = "Live"\ndialect = "buzz"\nbase_url = "http://127.0.0.1:9"\n'
        'environment = "production"\n[connections.live.credentials]\nemail = "env:A"\npassword = "env:B"\n'
    )
    page = client_as("viewer").get("/").content.decode()
    assert 'connection-card production"' in page and 'badge production">production' in page


def test_check_now_asks_the_api_and_keeps_its_word(client_as, buzz):
    answer = client_as("viewer").post("/health/buzz-test/", headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "answers, checked" in answer.content.decode()
    assert 'hx-trigger="load"' not in answer.content.decode()
    assert Health.objects.get(pk="buzz-test").ok
    assert buzz.seen()


def test_looking_at_the_health_asks_nothing_of_the_api(client_as, buzz):
    client_as("viewer").get("/health/buzz-test/")
    assert not buzz.seen()


def test_an_api_that_is_down_is_red_with_its_reason(client_as, buzz):
    buzz.stop()
    page = client_as("viewer").post("/health/buzz-test/", headers={"HX-Request": "true"}).content.decode()
    assert "does not work" in page and "callout error" in page
    assert "does not work" in client_as("viewer").get("/").content.decode()


def test_without_script_the_check_leads_back_to_the_connection(client_as, buzz):
    assert client_as("viewer").post("/health/buzz-test/").headers["Location"] == "/c/buzz-test/"


def test_worksheets_are_listed_with_what_is_pending(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    ids = [record["id"] for record in some(opened, 3)]
    sheet = reading.open_ids(opened, ids, ["name"])
    edits.take(opened, sheet, uuid4(), "edit", "typed", {"notes": ([0, 1], ["one", "two"])})
    page = client_as("lead").get("/").content.decode()
    assert "3 Line items" in page and "2 pending" in page
    assert "3 Line items" not in client_as("editor").get("/").content.decode()


def test_what_happened_is_told_in_sentences(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    happened(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)], note="Check of November")
    page = client_as("viewer").get("/").content.decode()
    assert "3 Line items: Notes set to “Seen”" in page
    assert "3 done" in page and "Check of November" in page


def test_a_connection_has_a_page_with_its_resources_limits_and_runs(client_as, configure, buzz, editor):
    configure("[connections.buzz-test.limits]\ncalls_per_hour = 1200\nmax_concurrency = 2\n")
    opened = buzz.open(editor, "campaigns")
    happened(opened, [change(opened, some(opened, 1)[0], notes="Seen")])
    page = client_as("viewer").get("/c/buzz-test/").content.decode()
    assert 'href="/c/buzz-test/ref~advertiser-categories/"' in page and "Look-ups" in page
    assert "at most 1\u202f200 calls" in page and "at most 2 calls" in page
    assert "Notes set to “Seen”" in page


def test_a_connection_one_may_not_see_is_not_there(client_as, buzz):
    assert client_as("viewer").get("/c/elsewhere/").status_code == 404
    assert client_as("viewer").post("/health/elsewhere/").status_code == 404


def test_a_connection_that_nothing_is_sent_to_says_so_and_a_paused_run_is_not_being_sent(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = queued(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    Run.objects.filter(pk=run.pk).update(state=Run.State.PAUSED, pause=Run.Pause.ASKED)
    halting.halt("buzz-test", "admin", "Migration")
    page = client_as("lead").get("/").content.decode()
    assert "Nothing is sent." in page and "admin stopped all writing to Buzz (Test): Migration." in page
    assert re.search(r'<span class="outcome pending">.*?</svg>\s*paused</span>', page, re.S)
    assert 'class="outcome sending"' not in page
