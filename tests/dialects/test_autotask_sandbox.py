"""The dialect against the imitation tenant, without a socket: a written record is what it was, plus what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.dialects.base import Access, ApiRequest, ApiResponse, Described
from adminui.dialects.errors import BadCredentials, Rejected, SignedOut
from adminui.planning.outcomes import Outcome
from adminui.planning.plan import Form, Step
from adminui.records.casting import to_json
from adminui.records.changes import Change, changeset_of
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Field, Kind, Resource
from adminui.records.values import Record, Value, same
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.http import Request
from tests.dialects.autotask_facts import dialect

BASE = "http://127.0.0.1:8001"
CREDENTIALS = {"username": "api@example.com", "secret": "sandbox", "integration_code": "SANDBOX"}
ENTITIES = ("Companies", "Contacts", "ContactGroups", "Tickets", "ConfigurationItems")


class Tenant:
    """Hands requests straight to the imitation, as the client would send them."""

    def __init__(self) -> None:
        self.api = AutotaskApi(records=60, seed=7)
        self.access = Access(BASE)
        self.access = self.converse(dialect.sign_in(BASE, CREDENTIALS))
        self.described: dict[str, Described] = {e: self.converse(dialect.describe(e)) for e in ENTITIES}

    def send(self, request: ApiRequest) -> ApiResponse:
        whole = request.path.startswith("http")
        parts = urlsplit(request.path if whole else self.access.base_url + request.path)
        query = (*request.query, *parse_qsl(parts.query))
        headers = {name.lower(): value for name, value in self.access.headers.items()}
        body = b"" if request.body is None else to_json(request.body).encode()
        answer = self.api.handle(Request(request.method, parts.path, query, headers, body, BASE))
        return ApiResponse(answer.status, answer.payload().decode())

    def converse(self, conversation: Any) -> Any:
        request = next(conversation)
        while True:
            try:
                request = conversation.send(self.send(request))
            except StopIteration as stop:
                return stop.value

    def resource(self, entity: str) -> Resource:
        return self.described[entity].resource

    def records(self, made: Resource, query: Query) -> Iterator[Record]:
        request: ApiRequest | None = dialect.read_page(made, query)
        while request is not None:
            page = dialect.page(made, request, self.send(request))
            yield from page.records
            request = page.next

    def read(self, made: Resource, record_id: int | str) -> Record:
        return dialect.record(made, self.send(dialect.read_one(made, record_id)))


@pytest.fixture(scope="module")
def shared() -> Tenant:
    return Tenant()


@pytest.fixture
def tenant(shared: Tenant) -> Iterator[Tenant]:
    before = dict(shared.api.switches)
    yield shared
    shared.api.switches.update(before)


def text_of(field: Field) -> st.SearchStrategy[str]:
    return st.text("abc äß\n", min_size=1, max_size=min(field.max_length or 20, 20)).filter(str.strip)


def value_of(field: Field) -> st.SearchStrategy[Value] | None:
    """New values that no rule of the tenant can refuse; None for fields tied to others."""
    simple: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: text_of(field),
        Kind.LONG_TEXT: text_of(field),
        Kind.BOOLEAN: st.booleans(),
        Kind.DECIMAL: st.decimals(0, 999, places=2),
    }
    if field.name.endswith("Password"):  # protected: this user may not write them
        return None
    return simple.get(field.kind)


def edits_for(made: Resource) -> st.SearchStrategy[dict[str, Value]]:
    free = {f.name: s for f in made.writable if f.name != "name" and (s := value_of(f)) is not None}
    free = {name: st.none() | s if made.by_name[name].nullable else s for name, s in free.items()}
    return st.dictionaries(st.sampled_from(sorted(free)), st.just(None), min_size=1, max_size=4).flatmap(
        lambda names: st.fixed_dictionaries({name: free[name] for name in names})
    )


def lacks(made: Resource, record: Record) -> list[str]:
    """Required fields without a value: old records have some, and a PUT of them is refused."""
    return [f.name for f in made.writable if f.required and record[f.name] in (None, "")]


def has_mask(record: Record) -> bool:
    return any(value == "*****" for value in record.values())


def check_written(tenant: Tenant, made: Resource, before: Record, edits: dict[str, Value], form: Form) -> None:
    """Write, and compare the whole record: what was touched is as asked, everything else as it was."""
    changes = (Change(name, before.get(name), value) for name, value in edits.items())
    step = Step(form, (changeset_of(made, before, changes),))
    response = tenant.send(dialect.write(made, step, {made.id_of(before): before}))
    (result,) = dialect.outcomes(made, step, response)
    assert result.outcome is Outcome.DONE, result.messages
    after = tenant.read(made, made.id_of(before))
    for field in made.fields:
        if not (field.read_only and field.name.startswith("last")):  # the stamps of the write itself
            wanted = edits.get(field.name, before[field.name])
            assert same(field, after[field.name], wanted), field.name


@pytest.mark.parametrize("rule", ["nulled", "kept", "kept_when_required"])
@pytest.mark.parametrize("form", [Form.PATCH, Form.PUT])
@pytest.mark.parametrize("entity", ENTITIES)
def test_a_record_is_what_it_was_plus_exactly_what_was_touched(
    tenant: Tenant, entity: str, form: Form, rule: str
) -> None:
    tenant.api.switches.update({"put_omitted_udfs": rule, "contact_company_required_on_put": True})
    made = tenant.resource(entity)
    everyone = tenant.records(made, Query())
    usable = [r["id"] for r in everyone if form is Form.PATCH or not (has_mask(r) or lacks(made, r))]
    assert usable

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(usable), edits_for(made) if entity != "ContactGroups" else st.just({"isActive": True}))
    def holds(record_id: int, edits: dict[str, Value]) -> None:
        check_written(tenant, made, tenant.read(made, record_id), edits, form)

    holds()


def test_clearing_is_null_and_stays_null(tenant: Tenant) -> None:
    made = tenant.resource("Companies")
    for form in (Form.PATCH, Form.PUT):
        before = next(r for r in tenant.records(made, Query()) if r["city"] and r["webAddress"] and not has_mask(r))
        check_written(tenant, made, before, {"city": None}, form)


def test_every_untouched_record_can_be_written_whole_or_says_why_not(tenant: Tenant) -> None:
    """A PUT of nothing new changes nothing, for every record that hides nothing."""
    for entity in ENTITIES:
        made = tenant.resource(entity)
        for before in list(tenant.records(made, Query()))[:25]:
            step = Step(Form.PUT, (changeset_of(made, before, ()),))
            live = {made.id_of(before): before}
            if has_mask(before):
                with pytest.raises(Rejected, match="hides"):
                    dialect.write(made, step, live)
            elif missing := lacks(made, before):
                (result,) = dialect.outcomes(made, step, tenant.send(dialect.write(made, step, live)))
                assert set(result.by_field) <= set(missing)
                assert result.outcome is Outcome.REJECTED
            else:
                check_written(tenant, made, before, {}, Form.PUT)


def test_pages_reach_every_record_past_the_end_of_the_chain(tenant: Tenant) -> None:
    made = tenant.resource("Contacts")
    everyone = [r["id"] for r in tenant.records(made, Query(page_size=500))]
    tenant.api.switches["pages_kept"] = 3
    assert [r["id"] for r in tenant.records(made, Query(page_size=4))] == everyone
    count = dialect.count(made, Query())
    assert count is not None
    assert dialect.counted(tenant.send(count)) == len(everyone)


def test_a_page_by_id_goes_on_where_the_last_one_ended(tenant: Tenant) -> None:
    made = tenant.resource("Tickets")
    first = dialect.read_page(made, Query(page_size=3))
    ids = [r["id"] for r in dialect.page(made, first, tenant.send(first)).records]
    assert isinstance(ids[-1], int)
    second = dialect.read_page(made, Query(page_size=3, page=2, after=ids[-1]))
    following = [r["id"] for r in dialect.page(made, second, tenant.send(second)).records]
    expected = list(tenant.records(made, Query()))[3:6]
    assert following == [r["id"] for r in expected]


def test_filters_find_what_they_say(tenant: Tenant) -> None:
    contacts = tenant.resource("Contacts")
    everyone = list(tenant.records(contacts, Query()))
    inactive = Group("and", (Condition("isActive", Op.EQ, False),))
    assert list(tenant.records(contacts, Query(inactive))) == [r for r in everyone if r["isActive"] == 0]
    ids = [r["id"] for r in everyone[:3]]
    many = dialect.read_many(contacts, [i for i in ids if isinstance(i, int)])
    assert [r["id"] for r in dialect.page(contacts, many, tenant.send(many)).records] == ids


def test_a_refusal_names_its_field(tenant: Tenant) -> None:
    made = tenant.resource("Tickets")
    before = next(iter(tenant.records(made, Query())))
    step = Step(Form.PATCH, (changeset_of(made, before, [Change("priority", before["priority"], 9999)]),))
    (result,) = dialect.outcomes(made, step, tenant.send(dialect.write(made, step, {})))
    assert result.outcome is Outcome.REJECTED
    assert result.by_field == {"priority": ("Picklist value [9999] does not exist for priority.",)}


def test_an_expired_login_is_signed_out(tenant: Tenant) -> None:
    tenant.api.expire_sessions()
    with pytest.raises(SignedOut):
        tenant.read(tenant.resource("Companies"), 0)
    assert tenant.read(tenant.resource("Companies"), 0)["id"] == 0


def test_an_unknown_user_cannot_sign_in(tenant: Tenant) -> None:
    with pytest.raises(BadCredentials):
        tenant.converse(dialect.sign_in(BASE, {**CREDENTIALS, "username": "nobody@example.com"}))
