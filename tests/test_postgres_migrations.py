"""Our tables on PostgreSQL: made from nothing, and brought forward with rows in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adminui.packedfield import unpacked
from adminui.planning.outcomes import Outcome, RowResult
from adminui.runs.ledger import kind_of
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.server import serve_in_thread
from tests.installation import Installation, installation
from tests.postgres import Cluster

BEFORE_STEERING = [
    "insert into runs_plan (id, connection, connection_label, environment, resource, resource_label, door, note,"
    " user_name, created_at, changesets, steps, replace, digest, state) values"
    " (1, 'a', 'A', 'sandbox', 'r', 'R', 'record', '', 'lena', now(), '[]', '[]', false, '', 'applied'),"
    " (2, 'a', 'A', 'sandbox', 'r', 'R', 'record', '', 'lena', now(), '[]', '[]', false, '', 'applied')",
    "insert into runs_run (id, plan_id, state, user_name, message, doing, stop_asked, breakdowns, owner, created_at,"
    " absorbed) values (1, 1, 'finished', 'lena', '', '', false, 0, '', now(), true),"
    " (2, 2, 'running', 'lena', '', '', true, 0, 'gone', now(), false)",
    "insert into runs_item (run_id, seq, record_id, label, changeset, outcome, messages, by_field, theirs, stored,"
    " verified) values"
    " (1, 0, '7', 'Seven', '{}', 'done', '[]', '{}', '{}', '{}', true),"
    " (1, 1, '8', 'Eight', '{}', 'rejected', '[\"No such city.\"]', '{\"city\": [\"ü is not allowed\"]}', '{}', '{}',"
    " false)",
    "insert into runs_exchange (run_id, purpose, method, url, body, answer, fault, started_at, seconds) values"
    " (1, 'write', 'PATCH', 'https://x', '{\"city\": \"Köln\"}', repeat('ä', 5000), '', now(), 0.5),"
    " (1, 'read', 'GET', 'https://x', '', '', '', now(), 0.5)",
]


@pytest.fixture
def site(cluster: Cluster, tmp_path: Path) -> Iterator[Installation]:
    with serve_in_thread(AutotaskApi(records=5, seed=1)) as running, installation(cluster, tmp_path, running) as made:
        yield made


def test_the_tables_are_made_from_nothing_and_hold_what_the_models_say(site: Installation):
    site.migrate()
    assert site.manage("makemigrations", "--check", "--dry-run").returncode == 0
    assert site.asked("select count(*) from auth_group where name in ('viewer', 'editor', 'lead', 'admin')") == [(4,)]


def test_a_ledger_with_rows_in_it_is_brought_forward_whole(site: Installation):
    site.migrate("runs", "0002")
    for sql in BEFORE_STEERING:
        site.asked(sql)
    site.migrate()
    exchanges = site.asked("select body, answer from runs_exchange order by id")
    assert [(unpacked(body), unpacked(answer)) for body, answer in exchanges] == [
        ('{"city": "Köln"}', "ä" * 5000),
        ("", ""),
    ]
    assert site.asked("select asked, told from runs_run order by id") == [("", True), ("stop", False)]
    met = RowResult(8, Outcome.REJECTED, ("No such city.",), {"city": ("ü is not allowed",)})
    assert site.asked("select kind from runs_item order by seq") == [("",), (kind_of(met),)]
