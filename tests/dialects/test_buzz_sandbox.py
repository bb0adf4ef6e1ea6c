"""Buzz against its imitation: what is described, read, written and refused, without a socket."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.dialects.base import ApiRequest, ApiResponse, Described, Page
from adminui.dialects.buzz import Buzz
from adminui.dialects.errors import BadCredentials, Rejected, SignedOut, Throttled
from adminui.planning.outcomes import Outcome, RowResult
from adminui.planning.plan import Form, Step
from adminui.records.casting import to_json
from adminui.records.changes import Change, ChangeSet, changeset_of, diff
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Kind
from adminui.records.values import MISSING, Record, RecordId, Value, same
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.http import Request

T = TypeVar("T")
BUZZ = Buzz()
BASE = "http://127.0.0.1:9001"
MAIN = [r.name for r in BUZZ.resources() if r.main]


@dataclass
class Tenant:
    """A sandbox with its login: carries a dialect's requests to it and back."""

    api: BuzzApi
    cookies: str = ""

    def send(self, request: ApiRequest) -> ApiResponse:
        path = urlsplit(request.path).path if "://" in request.path else f"/rest/v2/{request.path}"
        headers = {"cookie": self.cookies, "content-type": "application/json"}
        body = b"" if request.body is None else to_json(request.body).encode()
        answer = self.api.handle(Request(request.method, path, request.query, headers, body, BASE))
        if answer.cookies:
            self.cookies = "; ".join(cookie.partition(";")[0] for cookie in answer.cookies)
        return ApiResponse(
            answer.status, answer.payload().decode(), {name.lower(): v for name, v in answer.headers.items()}
        )

    def converse(self, talk: Generator[ApiRequest, ApiResponse, T]) -> T:
        try:
            request = next(talk)
            while True:
                request = talk.send(self.send(request))
        except StopIteration as end:
            result: T = end.value
            return result

    def describe(self, resource: str) -> Described:
        return self.converse(BUZZ.describe(resource))

    def page(self, resource: str, query: Query) -> Page:
        request = BUZZ.read_page(self.describe(resource).resource, query)
        return BUZZ.page(self.describe(resource).resource, request, self.send(request))

    def write(self, resource: str, step: Step) -> tuple[RowResult, ...]:
        """As the executor does: the live record is read, the request sent, the answer judged."""
        schema = self.describe(resource).resource
        live = {i: BUZZ.record(schema, self.send(BUZZ.read_one(schema, i))) for i in step.ids}
        return BUZZ.outcomes(schema, step, self.send(BUZZ.write(schema, step, live)))


def tenant(**switches: object) -> Tenant:
    made = Tenant(BuzzApi(60, 3, switches={"session_seconds": 1e9, "rewrite_cookie_every": 0, **switches}))
    made.converse(BUZZ.sign_in(BASE, {"email": "ops@example.com", "password": "sandbox"}))
    return made


@cache
def shared_tenant(put: str, nested: str) -> Tenant:
    return tenant(put_omitted=put, nested_patch=nested, trims_text=False)


@pytest.mark.parametrize("status", [401, 403])
def test_fact_an_expired_login_is_signed_out_whatever_its_status(status: int) -> None:
    """Section 2."""
    buzz = tenant(expired_status=status)
    buzz.api.expire_sessions()
    with pytest.raises(SignedOut):
        BUZZ.refusal(buzz.send(ApiRequest("GET", "roles")))


@pytest.mark.parametrize("status", [401, 403, 400])
def test_a_wrong_password_is_bad_credentials(status: int) -> None:
    buzz = tenant(wrong_password_status=status)
    with pytest.raises(BadCredentials):
        buzz.converse(BUZZ.sign_in(BASE, {"email": "ops@example.com", "password": "wrong"}))


@pytest.mark.parametrize("header", [True, False])
def test_fact_logins_are_rate_limited(header: bool) -> None:
    """Section 2."""
    with pytest.raises(Throttled) as error:
        tenant(logins_per_minute=0, retry_after=header)
    assert error.value.retry_after == 60


@pytest.mark.parametrize("resource", MAIN)
@pytest.mark.parametrize("actions", ["put", "post", "both"])
def test_fact_options_give_a_field_for_every_member_of_a_record(resource: str, actions: str) -> None:
    """Section 7; both places where the fields may stand."""
    buzz = tenant(options_actions=actions)
    schema = buzz.describe(resource).resource
    for record in buzz.page(resource, Query(page_size=20)).records:
        assert set(record) == set(schema.by_name)
    for name in ("id", "create_date", "update_date"):
        assert schema.by_name[name].read_only
    assert schema.version_field == "update_date"
    assert schema.can_update


@pytest.mark.parametrize("resource", MAIN)
def test_records_loaded_and_saved_untouched_send_nothing(resource: str) -> None:
    buzz = tenant()
    schema = buzz.describe(resource).resource
    for record in buzz.page(resource, Query(page_size=60)).records:
        untouched = {f.name: record.get(f.name) for f in schema.writable}
        assert not diff(schema, record, untouched).changeset.changes


def test_fact_bulk_support_is_learnt_per_resource() -> None:
    """Section 5."""
    buzz = tenant(bulk_resources=["roles", "line-items"])
    found = {name: buzz.describe(name).capabilities.bulk for name in MAIN}
    assert {name for name, bulk in found.items() if bulk} == {"roles", "line-items"}


def test_fact_a_look_up_has_no_writable_field() -> None:
    """Section 7: /ref/."""
    found = tenant().describe("ref/advertiser-categories")
    assert not found.resource.can_update
    assert not found.resource.writable
    assert {"key", "name"} <= set(found.resource.by_name)


def test_fact_reading_everything_page_by_page_gives_each_record_once() -> None:
    """Section 3.1."""
    buzz = tenant(page_size_max=7)
    schema = buzz.describe("campaigns").resource
    request: ApiRequest | None = BUZZ.read_page(schema, Query(page_size=100))
    ids: list[RecordId] = []
    while request is not None:
        page = BUZZ.page(schema, request, buzz.send(request))
        ids += [schema.id_of(record) for record in page.records]
        assert page.count == len(buzz.api.dump("campaigns"))
        request = page.next
    assert ids == [record["id"] for record in buzz.api.dump("campaigns")]


@pytest.mark.parametrize(
    ("condition", "keeps"),
    [
        (Condition("active", Op.EQ, True), lambda r: r["active"] is True),
        (Condition("active", Op.EQ, False), lambda r: r["active"] is False),
        (Condition("id", Op.IN, [3, 5, 8, 13]), lambda r: r["id"] in (3, 5, 8, 13)),
        (Condition("id", Op.GT, 20), lambda r: r["id"] > 20),
        (Condition("id", Op.LTE, 20), lambda r: r["id"] <= 20),
        (Condition("budget_type", Op.NE, "spend"), lambda r: r["budget_type"] != "spend"),
        (Condition("notes", Op.EMPTY), lambda r: r["notes"] in (None, "")),
        (Condition("notes", Op.FILLED), lambda r: r["notes"] not in (None, "")),
        (Condition("name", Op.CONTAINS, "A"), lambda r: "a" in r["name"].lower()),
        (Condition("max_bid", Op.GTE, Decimal("5")), lambda r: r["max_bid"] and Decimal(r["max_bid"]) >= 5),
    ],
    ids=lambda v: f"{v.field} {v.op.value}" if isinstance(v, Condition) else "",
)
def test_fact_filters_find_what_they_say(condition: Condition, keeps: Any) -> None:
    """Section 3.2."""
    buzz = tenant()
    page = buzz.page("campaigns", Query(where=Group(items=(condition,)), page_size=500))
    assert [r["id"] for r in page.records] == [r["id"] for r in buzz.api.dump("campaigns") if keeps(r)]


def test_fact_a_filter_the_api_skips_in_silence_is_an_error() -> None:
    """Sections 3.1 and 12: which fields are filterable is not documented."""
    buzz = tenant(not_filterable=["budget_type"])
    query = Query(where=Group(items=(Condition("budget_type", Op.EQ, "impressions"),)), page_size=100)
    with pytest.raises(Rejected, match="does not filter"):
        buzz.page("campaigns", query)


@pytest.mark.parametrize("shape", ["list", "index-dict", "keyed-by-id"])
def test_fact_a_failed_bulk_names_the_bad_row_in_every_shape(shape: str) -> None:
    """Section 5: a good row, a bad row, a good row; ids that could be positions."""
    buzz = tenant(bulk_errors=shape)
    before = buzz.api.dump("campaigns")
    rows = [ChangeSet(i, str(i), (Change("name", "", n),)) for i, n in ((2, "Good"), (1, " "), (30, "Fine"))]
    found = buzz.write("campaigns", Step(Form.BULK_ROWS, tuple(rows)))
    assert [r.outcome for r in found] == [Outcome.NOT_SENT, Outcome.REJECTED, Outcome.NOT_SENT]
    assert found[1].by_field == {"name": ("This field may not be blank.",)}
    assert buzz.api.dump("campaigns") == before


def test_fact_a_flat_failure_of_the_shared_form_rejects_every_row() -> None:
    """Section 5."""
    buzz = tenant(bulk_errors="flat")
    rows = tuple(ChangeSet(i, str(i), (Change("name", "", " "),)) for i in (1, 2, 30))
    found = buzz.write("campaigns", Step(Form.BULK_SHARED, rows))
    assert {r.outcome for r in found} == {Outcome.REJECTED}
    assert {r.by_field["name"] for r in found} == {("This field may not be blank.",)}


def test_fact_a_put_changes_nothing_but_what_was_edited_apart_from_trimmed_text() -> None:
    """Section 13: the stock framework trims text, so a PUT rewrites outer blanks."""
    buzz = tenant(trims_text=True)
    buzz.api.change("advertisers", 4, {"app_bundle": " com.example "})
    before = _by_id(buzz, "advertisers")[4]
    (found,) = buzz.write("advertisers", Step(Form.PUT, (ChangeSet(4, "4", (Change("notes", None, "New"),)),)))
    after = _by_id(buzz, "advertisers")[4]
    assert found.outcome is Outcome.DONE
    assert {n for n in after if after[n] != before[n]} - {"name"} == {"app_bundle", "notes", "update_date"}


words = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
money = st.none() | st.decimals(0, 9_999, places=2)
caps = st.fixed_dictionaries(
    {
        "id_type": st.sampled_from(["STANDARD", "IP_ADDR"]),
        "use_fallback": st.booleans(),
        "id_vendor": st.none() | words,
        "id_vendor_id": st.none() | st.integers(1, 99),
        "limits": st.lists(
            st.fixed_dictionaries({"duration": st.integers(1, 86_400), "impressions": st.integers(1, 9)}), max_size=2
        ),
    }
)
EDITS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "advertisers": {
        "name": words,
        "notes": st.none() | words,
        "active": st.booleans(),
        "app_bundle": st.none() | words,
    },
    "campaigns": {
        "name": words,
        "notes": st.none() | words,
        "active": st.booleans(),
        "min_bid": money,
        "event_ids": st.lists(words, max_size=3),
        "frequency_caps": st.none() | caps,
    },
    "line-items": {"name": words, "guaranteed": st.booleans(), "min_bid": money, "frequency_caps": st.none() | caps},
    "creatives": {"name": words, "secure": st.booleans(), "width": st.none() | st.integers(1, 999)},
    "segments": {"name": words, "cpm_cost": money, "aggregate_excludes": st.booleans()},
}


@pytest.mark.parametrize("put", ["keep", "null"])
@pytest.mark.parametrize("nested", ["merge", "replace"])
@pytest.mark.parametrize("form", list(Form))
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_fact_a_saved_record_is_the_record_before_plus_exactly_the_touched_fields(
    put: str, nested: str, form: Form, data: st.DataObject
) -> None:
    """Sections 4 and 5: every form, on both fates of fields left out of a PUT and of members left out of an object."""
    buzz = shared_tenant(put, nested)
    bulk = form in (Form.BULK_ROWS, Form.BULK_SHARED)
    resource = data.draw(st.sampled_from([n for n in EDITS if not (bulk and n == "creatives")]))
    before = _by_id(buzz, resource)
    ids = data.draw(st.lists(st.sampled_from(sorted(before)), min_size=2 if bulk else 1, max_size=5, unique=True))
    edits = _edits(data, resource, ids if bulk else ids[:1], shared=form is Form.BULK_SHARED)
    found = buzz.write(resource, Step(form, tuple(_changes(buzz, resource, before[i], e) for i, e in edits.items())))
    assert [(r.record_id, r.outcome, r.messages, dict(r.by_field)) for r in found] == [
        (i, Outcome.DONE, (), {}) for i in edits
    ]
    _exactly(buzz, resource, before, edits)
    stored = _by_id(buzz, resource)
    assert all(r.stored == stored[int(r.record_id)] for r in found)


def _edits(data: st.DataObject, resource: str, ids: list[int], *, shared: bool) -> dict[int, dict[str, Value]]:
    kinds = EDITS[resource]
    one = st.sets(st.sampled_from(sorted(kinds)), min_size=1).flatmap(
        lambda names: st.fixed_dictionaries({name: kinds[name] for name in sorted(names)})
    )
    same_for_all = data.draw(one)
    return {i: same_for_all if shared else data.draw(one) for i in ids}


def _changes(buzz: Tenant, resource: str, record: Record, edits: Mapping[str, Value]) -> ChangeSet:
    schema = buzz.describe(resource).resource
    return changeset_of(schema, record, [Change(n, record.get(n, MISSING), v) for n, v in edits.items()])


def _by_id(buzz: Tenant, resource: str) -> dict[int, dict[str, Any]]:
    return {record["id"]: record for record in buzz.api.dump(resource)}


def _exactly(
    buzz: Tenant, resource: str, before: Mapping[int, Record], edits: Mapping[int, Mapping[str, Value]]
) -> None:
    schema, after = buzz.describe(resource).resource, _by_id(buzz, resource)
    assert set(after) == set(before)
    for record_id, record in before.items():
        touched = edits.get(record_id, {})
        for field in schema.fields:
            if field.name in touched:
                assert same(field, after[record_id][field.name], touched[field.name])
            elif field.name != "update_date" or not touched:
                assert same(field, after[record_id][field.name], record[field.name]), field.name
                exact = field.kind not in (Kind.DECIMAL, Kind.JSON, Kind.LIST)
                assert not exact or after[record_id][field.name] == record[field.name], field.name
