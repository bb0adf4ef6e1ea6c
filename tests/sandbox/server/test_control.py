"""The control plane: log, records, switches and sessions."""

import json
import time

import pytest
import requests


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
    ],
)
def test_what_the_control_plane_does_not_know_is_said(running, method, path, body, status):
    answer = requests.request(method, f"{running.control_url}{path}", data=body and json.dumps(body), timeout=5)
    assert answer.status_code == status and answer.json()["detail"]
