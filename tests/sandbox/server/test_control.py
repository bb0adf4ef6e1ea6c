"""The control plane: log, records, switches and sessions."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from adminui.sandbox.faults import Fault
from adminui.sandbox.http import Request
from adminui.sandbox.log import Log


def test_the_log_tells_what_was_seen_and_forgets_on_demand(running):
    requests.patch(f"{running.url}/notes/2", json={"text": "new"}, timeout=5)
    requests.get(f"{running.url}/notes/9?x=1", data=b"plain", timeout=5)
    first, second = requests.get(f"{running.control_url}/log", timeout=5).json()
    assert first.pop("at") == pytest.approx(time.time(), abs=10) and first.pop("seq") < second["seq"]
    assert first == {
        "method": "PATCH", "path": "/notes/2", "query": {}, "body": {"text": "new"},
        "status": 200, "applied": True, "fault": None,
    }  # fmt: skip
    assert (second["query"], second["body"], second["status"], second["applied"]) == ({"x": "1"}, "plain", 404, False)
    requests.delete(f"{running.control_url}/log", timeout=5)
    assert requests.get(f"{running.control_url}/log", timeout=5).json() == []


def test_records_are_shown_and_changed_behind_the_back(running):
    changed = requests.post(f"{running.control_url}/records/notes/3", json={"text": "theirs"}, timeout=5).json()
    assert changed == {"id": 3, "text": "theirs", "stamp": 1}
    assert requests.get(f"{running.control_url}/records/notes", timeout=5).json()[2] == changed


def test_switches_are_read_and_set(running):
    assert requests.get(f"{running.control_url}/switches", timeout=5).json() == {"loud": False}
    requests.post(f"{running.control_url}/switches", json={"loud": True}, timeout=5)
    assert running.api.switches == {"loud": True}


def test_sessions_expire_on_demand(running):
    requests.post(f"{running.control_url}/expire", timeout=5)
    assert requests.get(f"{running.url}/notes/1", timeout=5).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("PUT", "/log", None, 404),
        ("GET", "/records", None, 400),
        ("GET", "/records/trees", None, 404),
        ("POST", "/records/notes/9", {"text": "x"}, 404),
        ("POST", "/records/notes/x", {"text": "x"}, 400),
        ("POST", "/switches", {"colour": 1}, 404),
        ("POST", "/switches", [1], 400),
        ("POST", "/switches", None, 400),
        ("POST", "/latency", {"seconds": -1}, 400),
        ("POST", "/refuse", {"seconds": "long"}, 400),
    ],
)
def test_what_the_control_plane_does_not_know_is_said(running, method, path, body, status):
    answer = requests.request(method, f"{running.control_url}{path}", data=body and json.dumps(body), timeout=5)
    assert answer.status_code == status and answer.json()["detail"]


def ask(running, what):
    return requests.get(f"{running.control_url}/{what}", timeout=5).json()


def test_writes_are_counted_by_record_however_long_the_log(running):
    for _ in range(2):
        requests.patch(f"{running.url}/notes/2", json={"text": "new"}, timeout=5)
    requests.patch(f"{running.url}/notes/9", json={"text": "nobody"}, timeout=5)
    running.faults.add(Fault("drop_after_write"))
    with pytest.raises(requests.ConnectionError):
        requests.patch(f"{running.url}/notes/1", json={"text": "new"}, timeout=5)
    running.faults.add(Fault("drop_before"))
    with pytest.raises(requests.ConnectionError):
        requests.patch(f"{running.url}/notes/1", json={"text": "new"}, timeout=5)
    requests.get(f"{running.url}/notes/1", timeout=5)
    assert ask(running, "writes") == {"notes": {"2": 2, "1": 1}}
    assert ask(running, "calls")["calls"] == {"PATCH /notes/{id}": 5, "GET /notes/{id}": 1}
    requests.delete(f"{running.control_url}/log", timeout=5)
    assert (ask(running, "writes"), ask(running, "calls")) == ({}, {"calls": {}, "at_once": {}})


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "counted"),
    [
        ("PATCH", "/rest/v2/campaigns/bulk", (), b'[{"id": 4}, {"id": 5}]', {"campaigns": {"4": 1, "5": 1}}),
        ("PATCH", "/rest/v2/campaigns/bulk", (("ids", "4,5"),), b"{}", {"campaigns": {"4": 1, "5": 1}}),
        ("PATCH", "/rest/v2/campaigns/bulk", (("ids", ""),), b"{}", {"campaigns": {"every": 1}}),
        ("PATCH", "/ATServicesRest/V1.0/Companies", (), b'{"id": 7}', {"Companies": {"7": 1}}),
        ("PUT", "/ATServicesRest/V1.0/Companies/3/Contacts", (), b'{"id": 7}', {"Contacts": {"7": 1}}),
        ("POST", "/ATServicesRest/V1.0/Companies/query", (), b"{}", {}),
        ("POST", "/rest/v2/authenticate", (), b"{}", {}),
        ("POST", "/rest/v2/campaigns", (), b"{}", {"campaigns": {"new": 1}}),
        ("GET", "/rest/v2/campaigns/4", (), b"", {}),
    ],
)
def test_it_is_known_which_records_a_write_is_about(method, path, query, body, counted):
    log = Log()
    with log.watch(Request(method, path, query, {}, body, "")) as entry:
        entry.applied = True
    assert log.writes() == counted


def test_every_request_takes_the_latency_and_they_do_not_wait_for_one_another(running):
    assert requests.post(f"{running.control_url}/latency", json={"seconds": 0.2}, timeout=5).json() == {"seconds": 0.2}
    began = time.monotonic()
    with ThreadPoolExecutor(4) as lanes:
        list(lanes.map(lambda n: requests.get(f"{running.url}/notes/{n}", timeout=5), (1, 2, 3, 1)))
    assert time.monotonic() - began >= 0.2
    assert ask(running, "calls")["at_once"] == {"": 4, "notes": 4}
