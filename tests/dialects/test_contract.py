"""One contract for every dialect, over real HTTP against its sandbox: what the rest of the product relies on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from adminui.dialects.base import Described
from adminui.dialects.errors import BadCredentials, Gone
from adminui.dialects.registry import DIALECTS
from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step, make_plan
from adminui.records.changes import Change, ChangeSet, changeset_of
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Kind
from adminui.remote import reader
from adminui.remote.client import Client
from adminui.remote.executor import send_step
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import Running, serve_in_thread


@dataclass(frozen=True)
class Case:
    """A dialect with its sandbox, a resource to work on and a plain text field of it."""

    dialect: str
    api: Callable[[], Any]
    credentials: dict[str, str]
    resource: str
    text: str
    entity: str


CASES = (
    Case(
        "buzz",
        lambda: BuzzApi(records=60, seed=1),
        {"email": "ops@example.com", "password": "sandbox"},
        "campaigns",
        "notes",
        "campaigns",
    ),
    Case(
        "autotask",
        lambda: AutotaskApi(records=60, seed=1),
        {"username": "api@example.com", "secret": "sandbox", "integration_code": "SANDBOX"},
        "Companies",
        "city",
        "Companies",
    ),
    Case(
        "autotask",
        lambda: AutotaskApi(records=60, seed=1),
        {"username": "api@example.com", "secret": "sandbox", "integration_code": "SANDBOX"},
        "Contacts",
        "title",
        "Contacts",
    ),
)


@dataclass(frozen=True)
class Bench:
    case: Case
    running: Running
    client: Client
    described: Described

    def ids(self, number: int) -> list[int]:
        return [r["id"] for r in self.running.api.dump(self.case.entity)[5 : 5 + number]]

    def read(self, ids: list[int]) -> dict[Any, Any]:
        return reader.read_many(self.client, self.described.resource, self.described.capabilities, ids)

    def changes(self, ids: list[int], *values: str) -> tuple[dict[Any, Any], list[ChangeSet]]:
        live = self.read(ids)
        field = self.case.text
        wanted = [values[i % len(values)] for i in range(len(ids))]
        return live, [
            changeset_of(self.described.resource, live[i], [Change(field, live[i].get(field), value)])
            for i, value in zip(ids, wanted, strict=True)
        ]

    def send(self, step: Step, live: dict[Any, Any]) -> tuple[Any, ...]:
        return send_step(self.client, self.described.resource, step, live).results


@pytest.fixture(params=CASES, ids=lambda case: f"{case.dialect}-{case.resource}")
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    case: Case = request.param
    with serve_in_thread(case.api()) as running:
        dialect = DIALECTS[case.dialect]()
        client = Client(dialect, running.url, case.credentials)
        try:
            yield Bench(case, running, client, client.converse(dialect.describe(case.resource)))
        finally:
            client.close()


def test_it_knows_its_resources_and_describes_each_main_one(bench: Bench):
    names = {r.name for r in bench.client.dialect.resources()}
    assert bench.case.resource in names
    resource = bench.described.resource
    assert resource.by_name[resource.id_field].read_only
    assert resource.title_field in resource.by_name
    assert set(resource.columns) <= set(resource.by_name)
    assert any(f.kind is Kind.CHOICE and f.choices for f in resource.fields) or bench.case.resource == "Contacts"


def test_wrong_credentials_are_named_as_such_and_never_shown(bench: Bench):
    wrong = dict.fromkeys(bench.case.credentials, "hunter2-secret")
    client = Client(DIALECTS[bench.case.dialect](), bench.running.url, wrong)
    with pytest.raises(BadCredentials) as refused:
        reader.read_page(client, bench.described.resource, Query())
    assert "hunter2" not in f"{refused.value} {refused.value!r}"


def test_the_count_is_exact_and_reading_all_gives_every_record_once(bench: Bench):
    resource = bench.described.resource
    stored = {r["id"] for r in bench.running.api.dump(bench.case.entity)}
    assert reader.count(bench.client, resource, Query()) == len(stored)
    read = [resource.id_of(r) for r in reader.read_all(bench.client, resource, Query(page_size=7))]
    assert sorted(read) == sorted(stored)


def test_a_filter_gives_what_matches_and_nothing_else(bench: Bench):
    resource = bench.described.resource
    title = resource.title_field
    some = str(bench.running.api.dump(bench.case.entity)[8][title])
    where = Group("and", (Condition(title, Op.EQ, some),))
    found = list(reader.read_all(bench.client, resource, Query(where)))
    assert found and all(str(r[title]).casefold() == some.casefold() for r in found)


def test_records_asked_for_by_id_come_and_unknown_ids_are_missing(bench: Bench):
    ids = bench.ids(5)
    assert set(bench.read([*ids, 999_999_999])) == set(ids)


def test_a_record_that_is_not_there_is_gone(bench: Bench):
    with pytest.raises(Gone):
        reader.read_one(bench.client, bench.described.resource, 999_999_999)


def test_a_patch_changes_the_named_field_and_no_other(bench: Bench):
    [record_id] = bench.ids(1)
    live, [row] = bench.changes([record_id], "Changed here")
    before = dict(live[record_id])
    [result] = bench.send(Step(Form.PATCH, (row,)), live)
    assert result.outcome is Outcome.DONE
    after = bench.read([record_id])[record_id]
    moved = {k for k in after if after[k] != before.get(k)}
    assert bench.case.text in moved
    stamps = {bench.described.resource.version_field, "lastActivityDate", "lastTrackedModifiedDateTime"}
    assert moved - {bench.case.text} <= stamps


def test_the_fewest_calls_for_many_rows_all_arrive(bench: Bench):
    ids = bench.ids(6)
    live, rows = bench.changes(ids, "One", "Two")
    plan = make_plan(rows, bench.described.capabilities)
    results = [r for step in plan.steps for r in bench.send(step, live)]
    assert {r.record_id for r in results} == set(ids)
    assert {r.outcome for r in results} == {Outcome.DONE}
    after = bench.read(ids)
    assert [after[i][bench.case.text] for i in ids] == ["One", "Two"] * 3


def test_a_refusal_keeps_the_apis_words_and_the_rows_it_names(bench: Bench):
    [record_id] = bench.ids(1)
    live, [row] = bench.changes([record_id], "x" * 5_000)
    [result] = bench.send(Step(Form.PATCH, (row,)), live)
    assert result.outcome is Outcome.REJECTED
    assert result.messages or result.by_field
    assert bench.read([record_id])[record_id] == live[record_id]


def test_nothing_outside_the_schema_can_be_written(bench: Bench):
    [record_id] = bench.ids(1)
    live, [row] = bench.changes([record_id], "x")
    sneaky = ChangeSet(row.record_id, row.label, (Change("noSuchField", None, 1),), row.parent)
    before = len(bench.running.log.listing())
    [result] = bench.send(Step(Form.PATCH, (sneaky,)), live)
    assert result.outcome is Outcome.NOT_SENT
    assert len(bench.running.log.listing()) == before


def test_it_tells_how_many_calls_were_made_or_that_it_cannot(bench: Bench):
    request = bench.client.dialect.usage()
    if request is None:
        bench.client.ask_usage()
        assert bench.client.budget().others is None
        return
    told = bench.client.dialect.used(bench.client.send(request))
    assert 0 < told.used <= told.limit and told.timeframe_seconds == 3_600
