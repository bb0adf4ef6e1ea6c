"""Applying 1,000 changed rows to Buzz, from the click to the results, beside a bare script sending the same bodies."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from django.test import Client
from django.urls import reverse

from adminui.planning.outcomes import Outcome
from adminui.records.changes import Change, changeset_of
from adminui.remote import reader
from adminui.runs.models import Plan, Run
from adminui.services import catalog, plans, worker
from adminui.services.catalog import Opened
from tests.conftest import SANDBOX_BUZZ

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 1_000
TIMES = 3


@pytest.fixture
def large(configure: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """A sandbox in a process of its own, as a real API is: its address, and that of its control plane."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        port, control = one.getsockname()[1], two.getsockname()[1]
    command = [sys.executable, "manage.py", "sandbox", "buzz", "--records", str(ROWS)]
    ports = ["--port", str(port), "--control-port", str(control), "--die-with-parent"]
    process = subprocess.Popen([*command, *ports], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout and process.stdout.readline()
        configure(SANDBOX_BUZZ.format(url=f"http://127.0.0.1:{port}"))
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{control}"
    finally:
        process.terminate()
        process.communicate()


def bare(url: str, bodies: list[tuple[str, object]]) -> float:
    """A script with one session, no checks, no ledger, no read-back."""
    session = requests.Session()
    session.post(f"{url}/rest/v2/authenticate", json={"email": "ops@example.com", "password": "sandbox"})
    began = time.perf_counter()
    for address, body in bodies:
        session.patch(address, json=body).raise_for_status()
    return time.perf_counter() - began


def test_a_thousand_rows_from_click_to_results(large: tuple[str, str], lead, client_as):
    url, control = large
    opened = catalog.open_resource(lead, "buzz-test", "campaigns")
    ids = [r["id"] for r in requests.get(f"{control}/records/campaigns").json()][:ROWS]
    client: Client = client_as("lead")
    ours, scripts, calls = [], [], 0
    for attempt in range(TIMES + 1):  # the first, which compiles templates and fills caches, is not counted
        plan, bodies = planned(opened, ids, f"ours {attempt}")
        began = time.perf_counter()
        run: Run = plans.approve(opened, plan)
        assert worker.work_once()
        page = client.get(reverse("run", args=[run.pk]))
        ours.append(time.perf_counter() - began)
        assert page.status_code == 200 and run.tally() == {Outcome.DONE: ROWS}
        _, bodies = planned(opened, ids, f"script {attempt}")
        scripts.append(bare(url, bodies))
        calls = len(bodies)
    script, product = statistics.median(scripts[1:]), statistics.median(ours[1:])
    print(f"\n{ROWS} rows in {calls} calls: bare script {script:.3f} s, ours {product:.3f} s (with re-read, checks,")
    print(f"ledger and result page), difference {product - script:.3f} s; aim: at most 0.5 s, of which waiting for")
    print(f"the worker is {worker.IDLE} s at most")


def planned(opened: Opened, ids: list[int], words: str) -> tuple[Plan, list[tuple[str, object]]]:
    """A saved plan that gives every row a value of its own, and the same requests for the script."""
    live = reader.read_many(opened.client, opened.whole, opened.can, ids)
    wanted = [changeset_of(opened.whole, live[i], [Change("notes", live[i]["notes"], f"{words}: {i}")]) for i in ids]
    drawn = plans.draw(opened, wanted, live)
    return plans.save(opened, wanted, door="benchmark"), [(r.url, json.loads(r.body)) for r in drawn.requests]
