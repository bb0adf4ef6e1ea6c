"""Queries: only operators and names Autotask knows ever leave, and pages go on to the very end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.dialects.autotask.query import OPERATORS, PAGES_KEPT, PageRequest
from adminui.dialects.base import ApiRequest
from adminui.dialects.errors import Gone, Rejected, Unavailable, Unknown
from adminui.records.queries import WITH_LIST, WITHOUT_VALUE, Condition, Group, Op, Query, sensible_ops
from adminui.records.schema import Field, Kind, Resource
from tests.dialects.autotask_facts import BASE, answer, dialect, resource

WHITELIST = {
    "eq",
    "noteq",
    "gt",
    "gte",
    "lt",
    "lte",
    "beginsWith",
    "endsWith",
    "contains",
    "exist",
    "notExist",
    "in",
    "notIn",
}
COMPANIES, CONTACTS, TICKETS = resource("Companies"), resource("Contacts"), resource("Tickets")
NEXT = f"{BASE}/ATServicesRest/V1.0/Companies/query/next?paging=%7b%22pageSize%22%3a2%7d"


def filtered(made: Resource, *items: Condition | Group, join: str = "and") -> Any:
    return dialect.read_page(made, Query(Group(join, items))).body["Filter"]


def answered(*ids: int, next_url: str | None = None, size: int = 2) -> dict[str, object]:
    details = {"count": len(ids), "requestCount": size, "prevPageUrl": None, "nextPageUrl": next_url}
    return {"items": [{"id": i} for i in ids], "pageDetails": details}


def test_a_query_is_posted_and_is_no_write() -> None:
    request = dialect.read_page(COMPANIES, Query(page_size=100))
    assert (request.method, request.path, request.writes) == ("POST", "/Companies/query", False)
    assert request.body == {"MaxRecords": 100, "Filter": [{"op": "exist", "field": "id"}]}
    assert (request.lane, request.cap) == ("Companies", 2)


def test_whole_records_are_asked_for() -> None:
    assert "IncludeFields" not in dialect.read_page(COMPANIES, Query()).body


def test_a_page_is_what_lies_behind_an_id() -> None:
    assert dialect.read_page(COMPANIES, Query(page=2, after=0)).body["Filter"] == [
        {"op": "gt", "field": "id", "value": 0}
    ]
    with pytest.raises(ValueError, match="last id"):
        dialect.read_page(COMPANIES, Query(page=2))


@pytest.mark.parametrize("size", [0, 501])
def test_page_sizes_outside_the_limits_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="500"):
        dialect.read_page(COMPANIES, Query(page_size=size))


def test_the_documented_filter_comes_out() -> None:
    either = Group("or", (Condition("companyName", Op.BEGINS, "A"), Condition("webAddress", Op.EMPTY)))
    ranked = Condition("udf.CustomerRanking", Op.EQ, "Golden")
    assert filtered(COMPANIES, Condition("isActive", Op.EQ, True), either, ranked) == [
        {"op": "eq", "field": "isActive", "value": True},
        {
            "op": "or",
            "items": [
                {"op": "beginsWith", "field": "companyName", "value": "A"},
                {"op": "notExist", "field": "webAddress"},
            ],
        },
        {"op": "eq", "field": "CustomerRanking", "value": "Golden", "udf": True},
    ]


def test_a_query_of_alternatives_is_wrapped_because_the_top_level_means_and() -> None:
    both = (Condition("city", Op.EQ, "A"), Condition("city", Op.EQ, "B"))
    (group,) = filtered(COMPANIES, *both, join="or")
    assert (group["op"], len(group["items"])) == ("or", 2)


def test_fact_4_a_mistyped_operator_never_leaves() -> None:
    for wrong in ("noteExist", "noteq", "like", "Contains", ""):
        with pytest.raises(ValueError, match="every record"):
            filtered(COMPANIES, Condition("companyName", wrong, "x"))  # type: ignore[arg-type]


def test_fact_4_the_whitelist_is_the_documented_thirteen() -> None:
    assert set(OPERATORS.values()) == WHITELIST
    assert set(OPERATORS) == set(Op)


@pytest.mark.parametrize("join", ["xor", "AND", ""])
def test_a_mistyped_join_never_leaves(join: str) -> None:
    with pytest.raises(ValueError, match="and/or"):
        filtered(COMPANIES, Condition("city", Op.EQ, "A"), join=join)


def test_an_empty_group_never_leaves() -> None:
    with pytest.raises(ValueError, match="one or more"):
        filtered(COMPANIES, Group("or", ()))


@pytest.mark.parametrize("name", ["compnyName", "udf.Nope", "assetValue"])
def test_unknown_and_unqueryable_fields_never_leave(name: str) -> None:
    with pytest.raises(ValueError, match="cannot filter"):
        filtered(COMPANIES, Condition(name, Op.EQ, "x"))


def test_one_user_defined_field_per_query_however_deep() -> None:
    ranking = Condition("udf.CustomerRanking", Op.EQ, "Golden")
    with pytest.raises(ValueError, match="one user-defined field"):
        filtered(COMPANIES, ranking, Group("or", (Condition("udf.Seats", Op.EQ, 5),)))
    assert len(filtered(COMPANIES, ranking, Condition("udf.CustomerRanking", Op.NE, "Silver"))) == 2


def test_no_more_alternatives_than_the_limit() -> None:
    some = tuple(Condition("city", Op.EQ, str(n)) for n in range(501))
    assert len(filtered(COMPANIES, *some[:500], join="or")[0]["items"]) == 500
    with pytest.raises(ValueError, match="500"):
        filtered(COMPANIES, *some, join="or")


@pytest.mark.parametrize("value", [[], "x", None, list(range(501))])
def test_in_takes_a_list_of_a_sensible_length(value: Any) -> None:
    with pytest.raises(ValueError, match="list of 1"):
        filtered(COMPANIES, Condition("id", Op.IN, value))


def test_nothing_is_compared_with_null() -> None:
    with pytest.raises(ValueError, match="is empty"):
        filtered(COMPANIES, Condition("city", Op.EQ, None))


def test_values_are_sent_in_the_fields_own_type() -> None:
    assert filtered(CONTACTS, Condition("isActive", Op.EQ, True))[0]["value"] == 1
    assert filtered(CONTACTS, Condition("isActive", Op.EQ, True))[0]["value"] is not True
    assert filtered(COMPANIES, Condition("isActive", Op.EQ, "true"))[0]["value"] is True
    assert filtered(TICKETS, Condition("status", Op.IN, ["1", 5]))[0]["value"] == [1, 5]
    due = Condition("dueDateTime", Op.GTE, "2026-11-01T08:00:00Z")
    assert filtered(TICKETS, due)[0]["value"] == "2026-11-01T08:00:00.000Z"


def test_a_word_is_not_sent_to_a_number() -> None:
    with pytest.raises(ValueError, match="whole number"):
        filtered(TICKETS, Condition("contactID", Op.EQ, "abc"))


def test_many_are_read_by_id_and_company_0_is_one_of_them() -> None:
    request = dialect.read_many(COMPANIES, [0, "7"])
    assert request.body == {"MaxRecords": 500, "Filter": [{"op": "in", "field": "id", "value": [0, 7]}]}
    assert not request.writes


@pytest.mark.parametrize("ids", [[], list(range(201))])
def test_no_and_too_many_ids_are_refused(ids: list[int]) -> None:
    with pytest.raises(ValueError, match="200"):
        dialect.read_many(COMPANIES, ids)


@pytest.mark.parametrize("record_id", ["../1", "1 or 1", "", "-1", "١"])
def test_only_numbers_are_ids(record_id: str) -> None:
    with pytest.raises(Gone, match="not an Autotask id"):
        dialect.read_one(COMPANIES, record_id)


def test_the_count_is_of_all_that_match_not_of_a_page() -> None:
    request = dialect.count(COMPANIES, Query(Group("and", (Condition("city", Op.EQ, "A"),)), page=3, after=9))
    assert request is not None
    assert (request.method, request.path, request.writes) == ("POST", "/Companies/query/count", False)
    assert request.body == {"Filter": [{"op": "eq", "field": "city", "value": "A"}]}
    assert dialect.counted(answer({"queryCount": 1209})) == 1209


@pytest.mark.parametrize("body", [{}, {"queryCount": None}, {"queryCount": True}, {"queryCount": "12"}, []])
def test_an_answer_without_a_count_is_none(body: object) -> None:
    with pytest.raises(Unknown):
        dialect.counted(answer(body))


def test_an_unknown_field_in_a_filter_is_a_refusal() -> None:
    refused = answer({"errors": ["Unable to find companyNme in the Company Entity"]}, 500)
    with pytest.raises(Rejected, match="Unable to find"):
        dialect.page(COMPANIES, dialect.read_page(COMPANIES, Query()), refused)


def test_the_next_page_is_posted_with_the_same_body() -> None:
    first = dialect.read_page(COMPANIES, Query(page_size=2))
    page = dialect.page(COMPANIES, first, answer(answered(1, 2, next_url=NEXT)))
    assert [r["id"] for r in page.records] == [1, 2]
    assert page.next is not None
    assert (page.next.method, page.next.path, page.next.body, page.next.writes) == ("POST", NEXT, first.body, False)
    assert dialect.page(COMPANIES, first, answer(answered(1, 2))).next is None


@pytest.mark.parametrize("url", ["ftp://x/query/next?p=1", "/Companies/query/next?p=1", f"{BASE}/Companies/9", 5])
def test_a_next_page_of_another_make_says_there_is_more_and_reading_goes_on_by_id(url: Any) -> None:
    first = dialect.read_page(COMPANIES, Query(page_size=3))
    following = dialect.page(COMPANIES, first, answer(answered(1, 4, next_url=url))).next
    assert following is not None
    assert (following.method, following.path) == ("POST", "/Companies/query")
    assert following.body == {"MaxRecords": 3, "Filter": [{"op": "gt", "field": "id", "value": 4}]}
    with pytest.raises(Unavailable, match="not where"):
        dialect.page(COMPANIES, first, answer(answered(next_url=url)))
    with pytest.raises(Unavailable, match="order"):
        dialect.page(COMPANIES, first, answer(answered(4, 1, next_url=url)))


def test_the_case_of_a_next_page_does_not_matter() -> None:
    url = NEXT.replace("/query/next", "/Query/Next").replace("https://", "HTTPS://")
    following = dialect.page(COMPANIES, dialect.read_page(COMPANIES, Query()), answer(answered(1, next_url=url))).next
    assert following is not None and following.path == url


def test_beyond_fifty_pages_reading_goes_on_by_id() -> None:
    where = Group("and", (Condition("city", Op.EQ, "A"), Condition("id", Op.GT, 5)))
    request: ApiRequest | None = dialect.read_page(COMPANIES, Query(where, page_size=2, after=7))
    for nth in range(PAGES_KEPT):
        assert request is not None
        assert (request.path == "/Companies/query") is (nth == 0)
        request = dialect.page(COMPANIES, request, answer(answered(2 * nth + 8, 2 * nth + 9, next_url=NEXT))).next
    assert request is not None
    assert request.path == "/Companies/query"
    last = {"op": "gt", "field": "id", "value": 2 * PAGES_KEPT + 7}
    assert request.body == {"MaxRecords": 2, "Filter": [last, {"op": "eq", "field": "city", "value": "A"}]}


def test_a_chain_cut_after_a_full_page_goes_on_by_id() -> None:
    first = dialect.read_page(COMPANIES, Query(page_size=2))
    second = dialect.page(COMPANIES, first, answer(answered(1, 2, next_url=NEXT))).next
    assert second is not None
    third = dialect.page(COMPANIES, second, answer(answered(3, 4))).next
    assert third is not None
    assert third.body["Filter"] == [{"op": "gt", "field": "id", "value": 4}]
    assert dialect.page(COMPANIES, third, answer(answered())).next is None


def test_reading_on_by_id_needs_the_order_of_ids() -> None:
    fiftieth = PageRequest("POST", NEXT, body=dialect.read_page(COMPANIES, Query(page_size=2)).body, nth=PAGES_KEPT)
    with pytest.raises(Unavailable, match="order"):
        dialect.page(COMPANIES, fiftieth, answer(answered(4, 3, next_url=NEXT)))


def test_a_full_page_must_say_whether_there_is_more() -> None:
    with pytest.raises(Unavailable, match="more records"):
        dialect.page(COMPANIES, dialect.read_page(COMPANIES, Query(page_size=1)), answer({"items": [{"id": 1}]}))


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": [{"name": "x"}]}, {"items": [1]}, []])
def test_an_answer_without_records_is_not_an_empty_page(body: object) -> None:
    with pytest.raises(Unknown):
        dialect.page(COMPANIES, dialect.read_page(COMPANIES, Query()), answer(body))


# Any query the product can express, over every queryable field of three entities.

_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.text(max_size=9),
    Kind.LONG_TEXT: st.text(max_size=9),
    Kind.INTEGER: st.integers(0, 10**9),
    Kind.REFERENCE: st.integers(0, 10**9),
    Kind.DECIMAL: st.decimals(allow_nan=False, allow_infinity=False, places=2),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATETIME: st.datetimes().map(lambda d: d.isoformat() + "Z"),
}


def _value(field: Field, op: Op) -> st.SearchStrategy[Any]:
    if op in WITHOUT_VALUE:
        return st.none()
    one = st.sampled_from([c.value for c in field.choices]) if field.choices else _VALUES[field.kind]
    return st.lists(one, min_size=1, max_size=4) if op in WITH_LIST else one


def _conditions(made: Resource) -> st.SearchStrategy[Condition]:
    fields = [f for f in made.fields if f.queryable and not f.name.startswith("udf.")]
    chosen = [(f, op) for f in fields for op in sensible_ops(f)]
    return st.sampled_from(chosen).flatmap(
        lambda c: st.builds(Condition, st.just(c[0].name), st.just(c[1]), _value(*c))
    )


def _groups(made: Resource) -> st.SearchStrategy[Group]:
    joins = st.sampled_from(["and", "or"])
    leaves = _conditions(made)

    def group(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Group]:
        return st.builds(Group, joins, st.lists(items, min_size=1, max_size=3).map(tuple))

    return st.builds(Group, joins, st.lists(st.recursive(leaves, group, max_leaves=6), max_size=3).map(tuple))


def _walk(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from _walk(item.get("items", []))


@given(st.sampled_from([COMPANIES, CONTACTS, TICKETS]).flatmap(lambda r: st.tuples(st.just(r), _groups(r))))
def test_any_query_holds_only_known_operators_and_names(case: tuple[Resource, Group]) -> None:
    made, where = case
    sent = list(_walk(dialect.read_page(made, Query(where)).body["Filter"]))
    assert sent
    for item in sent:
        if "items" in item:
            assert item["op"] in ("and", "or") and item["items"]
            continue
        assert item["op"] in WHITELIST
        assert made.by_name[item["field"]].queryable
        assert ("value" in item) is (item["op"] not in ("exist", "notExist"))
        assert item.get("value", 0) is not None
