"""Every request we build, checked against the vendor's own swagger, which is not ours and therefore not kept here."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from adminui.dialects.autotask.children import CHILDREN, Child
from adminui.dialects.autotask.entities import FLAT, INTEGER_BOOLEANS, MAIN, READ_ONLY, YOUNGER, singular
from adminui.dialects.base import ApiRequest
from adminui.planning.plan import Form, Step
from adminui.records.queries import Condition, Group, Op, Query
from adminui.records.schema import Field, Kind, Resource
from tests.dialects.autotask_facts import FIELDS, dialect, resource, row

VARIABLE = "ADMINUI_AUTOTASK_SWAGGER"
BESIDE = Path(__file__).parents[3] / "shared" / "facts" / "autotask-swagger.json"
# Where the address does not call the parent by its entity's name, or the child's field does not.
PARENTS = {"Expenses": "ExpenseReports", "UserDefinedFields": "UserDefinedFieldDefinitions"}
PARENT_FIELDS = {
    "CompanyWebhooks": "WebhookID",
    "ContactWebhooks": "WebhookID",
    "Expenses": "ExpenseReportID",
    "PurchaseOrders": "OrderID",
    "UserDefinedFields": "UdfFieldId",
}


@pytest.fixture(scope="module")
def swagger() -> dict[str, Any]:
    path = Path(os.environ.get(VARIABLE) or BESIDE)
    if not path.is_file():
        pytest.skip(f"no swagger: set {VARIABLE} to a copy of Autotask's v1.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def offered(swagger: dict[str, Any], request: ApiRequest) -> dict[str, Any]:
    """The operation the request addresses; fails when there is none."""
    path, method = f"/V1.0{request.path}", request.method.lower()
    templates = (re.sub(r"/\d+", f"/{{{name}}}", path) for name in ("id", "parentId"))
    found = next((swagger["paths"][t] for t in templates if method in swagger["paths"].get(t, {})), None)
    assert found is not None, f"{request.method} {request.path} is not offered"
    operation = found[method]
    assert isinstance(operation, dict)
    return operation


def members(swagger: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    """The lower-case names a body may have; the API itself does not mind the case."""
    (body,) = [p for p in operation["parameters"] if p["in"] == "body"]
    model = swagger["definitions"][body["schema"]["$ref"].rpartition("/")[2]]
    return {name.lower() for name in model["properties"]}


def bare_resource(entity: str) -> Resource:
    """As little of an entity as reading and writing need."""
    child = CHILDREN.get(entity)
    parent = (child.parent_field, child.parent) if child else None
    return Resource(entity, entity, entity, (Field("id", "ID", Kind.INTEGER),), parent=parent)


def derived(swagger: dict[str, Any]) -> dict[str, Child]:
    """The child-only entities: every parent path with PUT and PATCH whose entity has no better address."""
    queried = {_answered(ops["post"]): m[1] for m, ops in _matching(swagger, r"/V1\.0/(\w+)/query")}
    found = {}
    for match, operations in _matching(swagger, r"/V1\.0/(\w+)/\{parentId\}/(\w+)"):
        path, segment = match.groups()
        if {"put", "patch"} <= set(operations):
            model = _written(operations["patch"])
            entity = queried[model]
            names = swagger["definitions"][model]["properties"]
            field = PARENT_FIELDS.get(path, f"{singular(path)}ID")
            field = field if field in names else "SuccessorTaskID"
            assert field in names
            child = Child(entity, PARENTS.get(path, path), field[0].lower() + field[1:], path, segment)
            found[entity] = child
    return {entity: child for entity, child in found.items() if entity != "SalesOrders"}


def _matching(swagger: dict[str, Any], pattern: str) -> list[tuple[re.Match[str], dict[str, Any]]]:
    return [(m, ops) for path, ops in swagger["paths"].items() if (m := re.fullmatch(pattern, path))]


def _answered(operation: dict[str, Any]) -> str:
    return str(operation["responses"]["200"]["schema"]["$ref"]).rpartition("/")[2]


def _written(operation: dict[str, Any]) -> str:
    (body,) = [p for p in operation["parameters"] if p["in"] == "body"]
    return str(body["schema"]["$ref"]).rpartition("/")[2]


def test_the_table_of_children_is_the_swaggers(swagger: dict[str, Any]) -> None:
    assert derived(swagger) == CHILDREN
    assert len(CHILDREN) == 50


def test_the_flat_entities_are_the_swaggers(swagger: dict[str, Any]) -> None:
    flat = {m[1] for m, ops in _matching(swagger, r"/V1\.0/(\w+)") if {"put", "patch"} <= set(ops)}
    assert flat - {"ConfigurationItemExts", "TaskNotes"} == FLAT
    assert not YOUNGER & {m[1] for m, _ in _matching(swagger, r"/V1\.0/(\w+)/query")}
    assert set(MAIN) <= {*FLAT, *CHILDREN}


def test_fact_1_no_path_writes_more_than_one_record(swagger: dict[str, Any]) -> None:
    assert not [path for path in swagger["paths"] if re.search("bulk|batch", path, re.IGNORECASE)]


def test_the_integer_booleans_are_the_swaggers(swagger: dict[str, Any]) -> None:
    found = {
        (entity, name[0].lower() + name[1:])
        for entity in {*FLAT, *CHILDREN}
        for name, said in swagger["definitions"]
        .get(f"{singular(entity)}Model", {"properties": {}})["properties"]
        .items()
        if re.match(r"(Is|Has|Can)[A-Z]", name) and said.get("type") == "integer"
    }
    assert found == INTEGER_BOOLEANS


@pytest.mark.parametrize("entity", sorted({*FLAT, *READ_ONLY, *CHILDREN}))
def test_every_read_is_offered(swagger: dict[str, Any], entity: str) -> None:
    made = bare_resource(entity)
    described = dialect.describe(entity)
    offered(swagger, next(described))
    for part in ("fields", "userDefinedFields"):
        offered(swagger, ApiRequest("GET", f"/{entity}/entityInformation/{part}"))
    count = dialect.count(made, Query())
    assert count is not None
    for request in (dialect.read_page(made, Query()), dialect.read_many(made, [0]), count):
        assert {name.lower() for name in request.body} <= members(swagger, offered(swagger, request))
    offered(swagger, dialect.read_one(made, 0))


@pytest.mark.parametrize("form", [Form.PATCH, Form.PUT])
@pytest.mark.parametrize("entity", sorted({*FLAT, *CHILDREN}))
def test_every_write_is_offered(swagger: dict[str, Any], entity: str, form: Form) -> None:
    made = bare_resource(entity)
    parent = {made.parent[0]: 0} if made.parent else {}
    live = {"id": 7, **parent}
    widened = made.with_fields((*made.fields, *(Field(name, name, Kind.REFERENCE, read_only=True) for name in parent)))
    request = dialect.write(widened, Step(form, (row({}, record_id=7),)), {7: live})
    names = {name.lower() for name in request.body}
    assert names <= members(swagger, offered(swagger, request))


@pytest.mark.parametrize("entity", sorted(FIELDS))
def test_every_field_written_and_every_filter_is_known(swagger: dict[str, Any], entity: str) -> None:
    made = resource(entity)
    values = {f.name: None for f in made.writable}
    parent = 1 if made.parent else None
    request = dialect.write(made, Step(Form.PATCH, (row(values, record_id=7, parent=parent),)), {})
    assert {name.lower() for name in request.body} <= members(swagger, offered(swagger, request))
    (name, *_) = (f.name for f in made.writable if f.queryable)
    where = Group("or", (Condition(name, Op.EMPTY),))
    (group,) = dialect.read_page(made, Query(where)).body["Filter"]
    allowed = set(swagger["definitions"]["Filter"]["properties"])
    assert {*group, *group["items"][0]} <= allowed
