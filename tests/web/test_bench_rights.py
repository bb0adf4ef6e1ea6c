"""Who may do and see what on the bench, asked at every address: nothing hidden is told, nothing posted breaks it."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.records.cleaning.registry import TRANSFORMS
from adminui.services import edits, reading
from adminui.staff.models import Grant
from adminui.worksheets import store
from adminui.worksheets.models import Chunk, Marks, Recipe, Rule, RuleCount, Step, Worksheet
from tests.conftest import Live
from tests.services.columns import pending

pytestmark = pytest.mark.django_db
SECRET = "s3cr3t"
ROWS = [
    {"companyName": " Acme Ltd ", "city": "Bonn", "phone": f"{SECRET}-1", "companyType": 1},
    {"companyName": "Acme, Ltd.", "city": " Köln", "phone": f"{SECRET} 1", "companyType": 3},
    {"companyName": "Beta", "city": None, "phone": f"{SECRET}-2", "companyType": 3},
]
PHONE = {"facet": "match", "field": "phone", "text": SECRET}
TRIM = {"op": "trim", "fields": ["city"]}
PAIRS = [[f"{SECRET}-1", f"{SECRET}-one"]]
MAP = {"op": "map", "fields": ["phone"], "params": {"pairs": PAIRS}}
PUT = {"op": "constant", "fields": ["city"], "params": {"value": f"{SECRET}-put"}, "where": [PHONE]}
ALLOWED = {"kind": "allowed", "field": "phone", "params": {"values": [f"{SECRET}-1"]}}
BENCH = {
    "sheet-clean": {"operation": TRIM, "scope": None, "keep": True},
    "sheet-matches": {"operation": {"op": "replace", "fields": ["city"], "params": {"find": "o", "by": "u"}}},
    "sheet-table": {"operation": {"op": "map", "fields": ["city"], "params": {"pairs": [["Bonn", "Ulm"]]}}},
    "sheet-operations": {"wanted": [], "keep": True},
    "sheet-recipes": {"do": "save", "name": "x", "entries": []},
    "sheet-facets": {"facets": [{"facet": "text", "field": "city"}], "scope": None},
    "sheet-profile": {"field": "city", "scope": None},
    "sheet-clusters": {"field": "companyName", "method": "fingerprint", "scope": None},
    "sheet-resolve-names": {"source": "city", "target": "companyType", "texts": ["Bonn"]},
    "sheet-formula": {"formula": "{city}", "at": 3},
    "sheet-quality": {"do": "count", "form": True},
}
ASKING = ("sheet-facets", "sheet-profile", "sheet-clusters", "sheet-resolve-names", "sheet-formula", "sheet-quality")
WRITING = {
    "sheet-clean": BENCH["sheet-clean"],
    "sheet-operations": BENCH["sheet-operations"],
    "sheet-recipes": BENCH["sheet-recipes"],
    "sheet-quality": {"do": "save", "name": "n", "rule": {"kind": "required", "field": "city", "params": {}}},
}
PAGES = ("sheet-clean", "sheet-operations", "sheet-recipes", "sheet-clusters", "sheet-resolve-names")
PAGES += ("export-worksheet", "import-into", "compare-worksheet", "sheet-history", "sheet-marks", "worksheet")


@pytest.fixture
def sheet(autotask: Live, lead: User) -> Worksheet:
    made = Worksheet.objects.create(
        owner=lead, connection=autotask.connection, resource="Companies", title="t", source="s", rows=3, state="ready"
    )
    records = [{"id": 100 + at} | record for at, record in enumerate(ROWS)]
    store.write_part(made, 0, records, ["id", *ROWS[0]], staged=False)
    return made


def post(client: Client, view: str, sheet: Worksheet, data: Any, **more: str) -> Any:
    body = data if isinstance(data, str) else json.dumps(data)
    headers = {"HTTP_ACCEPT": "application/json"} | more
    return client.post(reverse(view, args=[sheet.pk]), body, content_type="application/json", **headers)


def written() -> dict[str, int]:
    return {kind.__name__: kind.objects.count() for kind in (Chunk, Marks, Recipe, Rule, RuleCount, Step, Worksheet)}


def share(sheet: Worksheet, how: str) -> None:
    Worksheet.objects.filter(pk=sheet.pk).update(sharing=how)


@pytest.mark.parametrize("view", BENCH)
def test_who_is_not_signed_in_or_has_no_part_in_it_gets_nowhere(client_as: Any, sheet: Worksheet, view: str):
    data = BENCH[view] | {"token": str(uuid4())}
    assert post(Client(), view, sheet, data).status_code == 401
    assert post(client_as("admin"), view, sheet, data).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(sheet.owner)
    assert post(strict, view, sheet, data).status_code == 403
    assert not Step.objects.exists() and not Recipe.objects.exists() and not RuleCount.objects.exists()


@pytest.mark.parametrize(("role", "sharing"), [("viewer", "edit"), ("editor", "view")])
def test_who_may_only_look_is_answered_and_changes_nothing(client_as: Any, sheet: Worksheet, role: str, sharing: str):
    share(sheet, sharing)
    client, before = client_as(role), written()
    for view, data in WRITING.items():
        if not (view == "sheet-quality" and role == "editor"):  # rules are of the resource, not of the worksheet
            assert post(client, view, sheet, data | {"token": str(uuid4())}).status_code == 403, view
    assert written() == before
    for view in ASKING:
        assert post(client, view, sheet, BENCH[view]).status_code in (200, 422), view
    assert {**written(), "RuleCount": 0} == {**before, "RuleCount": 0}


def test_looking_never_writes(client_as: Any, sheet: Worksheet):
    client, before = client_as("lead"), written()
    for view in PAGES:
        assert client.get(reverse(view, args=[sheet.pk])).status_code == 200, view
    assert {**written(), "Marks": before["Marks"]} == before


# What may not be seen


@pytest.fixture
def secretive(sheet: Worksheet, client_as: Any, autotask: Live) -> Client:
    """The editor, who may not see phones; the lead has worked with them in the same worksheet."""
    lead = client_as("lead")
    for step in (MAP, PUT, {"op": "formula", "fields": ["city"], "params": {"formula": f'{{phone}} & "{SECRET}-f"'}}):
        answer = post(lead, "sheet-clean", sheet, {"operation": step, "keep": True, "token": str(uuid4())})
        assert answer.status_code == 200 and "problem" not in answer.json(), answer.content
    edits.take(
        autotask.open(sheet.owner, "Companies"), sheet, uuid4(), "edit", f"{SECRET} typed", {"phone": ([2], ["5"])}
    )
    for number, step in enumerate((MAP, PUT)):
        Recipe.objects.create(
            owner=sheet.owner, resource="Companies", name=f"R{number}", steps=[step], shared=True, note=SECRET
        )
    answer = post(lead, "sheet-quality", sheet, {"do": "save", "name": f"{SECRET} rule", "rule": ALLOWED})
    assert answer.status_code == 200
    share(sheet, "edit")
    editor = client_as("editor")
    Grant.objects.create(group=Group.objects.get(name="editor"), fields="phone", actions=["view"], deny=True)
    pending_city = pending(sheet, "city")
    Marks.objects.filter(worksheet=sheet, field="city").delete()  # the words a formula put where they may be seen
    assert pending_city
    return editor


PRYING: list[tuple[str, dict[str, Any]]] = [
    ("sheet-clean", {"operation": {**MAP, "params": {"pairs": []}}}),
    ("sheet-clean", {"operation": {"op": "trim", "fields": ["phone"]}}),
    ("sheet-clean", {"operation": {**TRIM, "where": [PHONE]}}),
    ("sheet-clean", {"operation": {**TRIM, "where": [{"facet": "duplicate", "field": "phone", "in": ["unique"]}]}}),
    ("sheet-clean", {"operation": {**TRIM, "where": [{"facet": "state", "field": "phone", "in": ["changed"]}]}}),
    ("sheet-clean", {"operation": {**TRIM, "where": [{"facet": "rule", "rule": ALLOWED}]}}),
    ("sheet-clean", {"operation": {"op": "copy", "fields": ["city"], "params": {"from": "phone"}}}),
    ("sheet-clean", {"operation": {"op": "join", "fields": ["city"], "params": {"parts": ["phone"]}}}),
    ("sheet-clean", {"operation": {"op": "formula", "fields": ["city"], "params": {"formula": "{phone}"}}}),
    ("sheet-clean", {"operation": {"op": "formula", "fields": ["city"], "params": {"formula": "{Phone}"}}}),
    ("sheet-matches", {"operation": {"op": "replace", "fields": ["phone"], "params": {"find": "s", "by": "t"}}}),
    ("sheet-table", {"operation": MAP, "scope": None}),
    ("sheet-facets", {"facets": [{"facet": "text", "field": "phone"}]}),
    ("sheet-facets", {"facets": [PHONE]}),
    ("sheet-facets", {"facets": [{"facet": "rule", "rule": ALLOWED}]}),
    ("sheet-profile", {"field": "phone"}),
    ("sheet-clusters", {"field": "phone", "method": "fingerprint"}),
    ("sheet-resolve-names", {"source": "phone", "target": "ownerResourceID"}),
    ("sheet-formula", {"formula": "{ph", "at": 3}),
    ("sheet-formula", {"formula": "{phone}", "at": 3, "field": "phone"}),
    ("sheet-quality", {"do": "try", "rule": ALLOWED}),
]


def tells(answer: Any) -> str:
    return b"".join(answer) if answer.streaming else answer.content  # type: ignore[return-value]


@pytest.mark.parametrize(("view", "data"), PRYING, ids=[f"{v}-{n}" for n, (v, _) in enumerate(PRYING)])
def test_nothing_asked_brings_out_a_field_that_may_not_be_seen(
    secretive: Client, sheet: Worksheet, view: str, data: dict[str, Any]
):
    before = written()
    for keep in (False, True):
        answer = post(secretive, view, sheet, data | {"keep": keep, "token": str(uuid4())})
        told = answer.content.decode()
        refused = answer.status_code in (404, 422) or "problem" in answer.json()
        assert refused or view in ("sheet-formula", "sheet-table"), told
        echoed = json.dumps(data).count(SECRET) > 0
        assert SECRET not in told or echoed, told
        assert "-1" not in told or "pairs" in json.dumps(data), told
    assert {**written(), "RuleCount": 0} == {**before, "RuleCount": 0}


def test_no_page_and_no_list_tells_it_either(secretive: Client, sheet: Worksheet, autotask: Live):
    asked = [reverse(view, args=[sheet.pk]) for view in PAGES]
    asked += [reverse("recipes"), reverse("palette"), reverse("quality-board"), reverse("home")]
    asked += [reverse("quality", args=[autotask.connection, "Companies"])]
    for recipe in Recipe.objects.all():
        asked += [reverse("recipe", args=[recipe.pk]), reverse("recipe-file", args=[recipe.pk])]
    for address in asked:
        answer = secretive.get(address, {"since": 0, "q": "R0"}, HTTP_ACCEPT="application/json")
        assert SECRET not in answer.content.decode(), address
    for view in ("sheet-quality", "sheet-facets"):
        assert SECRET not in post(secretive, view, sheet, BENCH[view]).content.decode()
    rule, recipe = Rule.objects.get(), Recipe.objects.first()
    assert recipe is not None
    for view, data in [
        ("sheet-quality", {"do": "rows", "id": rule.pk}),
        ("sheet-quality", {"do": "delete", "id": rule.pk}),
        ("sheet-quality", {"do": "save", "id": rule.pk, "name": "mine", "rule": ALLOWED}),
        ("sheet-recipes", {"do": "count", "recipe": recipe.pk}),
        ("sheet-recipes", {"do": "run", "recipe": recipe.pk, "token": str(uuid4())}),
    ]:
        answer = post(secretive, view, sheet, data)
        assert answer.status_code in (403, 404, 422) and SECRET not in answer.content.decode(), (view, data)
    assert Rule.objects.count() == 1
    copied = secretive.post(reverse("recipe", args=[recipe.pk]), {"do": "copy"})
    assert copied.status_code == 404 and not Recipe.objects.exclude(owner=sheet.owner).exists()


def test_an_export_has_no_column_that_may_not_be_seen(secretive: Client, sheet: Worksheet):
    for form in ("csv", "xlsx"):
        for names in ([], ["phone"], ["city", "phone"]):
            data = {"form": form, "names": names, "columns": "all", "rows": "all"}
            answer = secretive.post(reverse("export-worksheet", args=[sheet.pk]), data)
            assert SECRET.encode() not in tells(answer)


def test_somebody_else_rearranges_nothing_that_they_may_not_see(secretive: Client, sheet: Worksheet):
    listed = secretive.get(reverse("sheet-operations", args=[sheet.pk])).json()["entries"]
    assert listed and not any(each["step"] for each in listed)
    before = Worksheet.objects.get(pk=sheet.pk).operations, pending(sheet, "phone")
    for keep in (False, True):
        wanted = [{"id": each["id"], "on": each["on"]} for each in listed]
        answer = post(secretive, "sheet-operations", sheet, {"wanted": wanted, "keep": keep, "token": str(uuid4())})
        assert answer.status_code == 403
    assert (Worksheet.objects.get(pk=sheet.pk).operations, pending(sheet, "phone")) == before


def test_a_title_that_may_not_be_seen_stands_in_no_preview(client_as: Any, sheet: Worksheet):
    share(sheet, "edit")
    client = client_as("editor")
    Grant.objects.create(group=Group.objects.get(name="editor"), fields="companyName", actions=["view"], deny=True)
    for view in ("sheet-clean", "sheet-matches", "sheet-table", "sheet-profile", "sheet-facets"):
        answer = post(client, view, sheet, BENCH[view] | {"keep": False})
        assert answer.status_code == 200 and "Acme" not in answer.content.decode(), view


# Whatever is posted

texts = st.sampled_from(
    [
        "",
        "city",
        "companyName",
        "id",
        "nothing",
        "\0",
        "\ud800",
        "{city}",
        "((a+)+)+$",
        "0-2",
        "2-0",
        "9" * 30,
        "x" * 3000,
    ]
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**20), st.floats(allow_nan=False, allow_infinity=False), texts
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
facets = st.fixed_dictionaries(
    {
        "facet": st.one_of(
            st.sampled_from(["text", "number", "date", "blank", "length", "shape", "duplicate", "state"]), values
        )
    },
    optional={
        name: values for name in ("field", "in", "out", "from", "to", "blank", "closed", "not", "as", "search", "sort")
    }
    | {"field": st.just("city"), "start": values, "size": values, "bins": values},
) | st.fixed_dictionaries(
    {"facet": st.sampled_from(["match", "rule"])},
    optional={name: values for name in ("field", "text", "regex", "case", "not")}
    | {"rule": st.dictionaries(st.sampled_from(["kind", "field", "params"]), values, max_size=3)},
)
params = st.one_of(
    values,
    st.dictionaries(
        st.sampled_from(sorted({param.name for each in TRANSFORMS.values() for param in each.params})),
        values,
        max_size=4,
    ),
)
operation = st.fixed_dictionaries(
    {"op": st.one_of(st.sampled_from(sorted(TRANSFORMS)), values), "fields": st.one_of(st.just(["city"]), values)},
    optional={
        "params": params,
        "where": st.one_of(st.lists(facets, max_size=3), values),
        "rows": values,
        "but": values,
    },
)
entries = st.lists(st.dictionaries(st.sampled_from(["id", "on", "step"]), values | operation, max_size=3), max_size=3)
posts = st.fixed_dictionaries(
    {},
    optional={
        name: values
        for name in (
            *("scope", "keep", "token", "since", "start", "fate", "find", "ids", "name", "note", "shared", "over"),
            *("recipe", "without", "method", "params", "search", "from", "size", "source", "texts", "back", "target"),
            *("formula", "at", "rule", "id", "form"),
        )
    }
    | {"operation": st.one_of(operation, values), "wanted": st.one_of(entries, values), "entries": values}
    | {"facets": st.one_of(st.lists(facets, max_size=3), values), "where": st.one_of(st.lists(facets), values)}
    | {"do": st.sampled_from(["count", "rows", "try", "save", "delete", "run"]), "field": st.just("city")}
    | {"method": st.sampled_from(["fingerprint", "ngram", "phonetic", "levenshtein", "jaro"])},
)


@pytest.mark.parametrize("view", BENCH)
def test_whatever_is_posted_is_answered_or_refused(client_as: Any, sheet: Worksheet, view: str):
    client = client_as("lead")
    Recipe.objects.create(owner=sheet.owner, resource="Companies", name="r", steps=[TRIM])
    base = BENCH[view]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(posts, st.booleans())
    def fuzz(data: dict[str, Any], over: bool) -> None:
        answer = post(client, view, sheet, {**base, **data} if over else data)
        assert answer.status_code in (200, 400, 403, 404, 409, 413, 422), answer.content
        assert isinstance(answer.json(), dict)

    fuzz()


@pytest.mark.parametrize("view", BENCH)
@pytest.mark.parametrize("body", ["", "[]", "nonsense", "{" * 50_000, '{"a":' * 20_000, '{"since": NaN}'])
def test_what_is_no_json_is_refused(client_as: Any, sheet: Worksheet, view: str, body: str):
    assert post(client_as("lead"), view, sheet, body).status_code in (400, 413, 422)


def test_much_is_answered_or_refused_in_time(client_as: Any, sheet: Worksheet):
    client = client_as("lead")
    nested = "(" * 400 + "{city}" + ")" * 400
    for change, status in [
        ({"op": "map", "params": {"pairs": [[f"a{n}", "b"] for n in range(50_000)]}}, (200,)),
        ({"op": "map", "params": {"pairs": [[f"a{n}", "b"] for n in range(50_001)]}}, (200, 422)),
        ({"where": [{"facet": "blank", "field": "city", "in": ["filled"]}] * 200}, (200, 422)),
        ({"rows": ",".join(map(str, range(0, 400_000, 2)))}, (200, 422)),
        ({"op": "replace", "params": {"find": "(a|aa)+$", "by": "", "regex": True}}, (200,)),
        ({"op": "formula", "params": {"formula": nested}}, (200, 422)),
        ({"op": "formula", "params": {"formula": "{city}" + "+{city}" * 5_000}}, (200, 422)),
        ({"fields": [f"f{n}" for n in range(201)]}, (200, 422)),
    ]:
        answer = post(client, "sheet-clean", sheet, {"operation": {**TRIM, **change}, "keep": False})
        assert answer.status_code in status, answer.content[:300]


# Files and records beside each other


def taken_in(client: Client, sheet: Worksheet, content: str, **chosen: str) -> str:
    """The page on which the import would be taken, after its columns were matched."""
    file = SimpleUploadedFile("f.csv", content.encode())
    answer = client.post(reverse("import-into", args=[sheet.pk]), {"file": file})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    at = answer.url
    client.post(at, {"do": "compare", "key": "0:id", **chosen})
    return str(at)


def test_a_file_reaches_no_field_that_may_not_be_seen(secretive: Client, sheet: Worksheet):
    before = pending(sheet, "phone")
    for key in ("0:id", "1:phone"):
        content = f"id;Phone;City\n100;{SECRET}-1;Ulm\n101;new;Ulm\n"
        at = taken_in(secretive, sheet, content, key=key, **{"field-1": "phone", "take-1": "1"})
        page = secretive.get(at).content.decode()
        assert f"{SECRET}-2" not in page and f"{SECRET} 1" not in page and f"{SECRET}-one" not in page
        secretive.post(at, {"do": "take", "sentence": "x"})
    assert pending(sheet, "phone") == before


def test_what_an_import_left_out_is_told_to_who_may_see_it(client_as: Any, autotask: Live, lead: User):
    opened = autotask.open(lead, "Companies")
    ids = [record["id"] for record in autotask.api.dump("Companies")[:2]]
    sheet = reading.open_ids(opened, ids, ["city", "phone"])
    share(sheet, "edit")
    client = client_as("lead")
    content = f"id;Phone\n{ids[0]};{SECRET}-7\n99999999;{SECRET}-8\n{ids[1]};{'x' * 300}{SECRET}-9\n"
    at = taken_in(client, sheet, content)
    sentence = re.search(r'name="sentence" value="([^"]*)"', client.get(at).content.decode())
    assert sentence
    client.post(at, {"do": "take", "sentence": unescape(sentence[1])})
    held = Worksheet.objects.get(pk=sheet.pk)
    number = int(re.search(r"imports/(\d+)/", client.get(at).url)[1])  # type: ignore[index]
    addresses = [reverse(view, args=[held.pk, number]) for view in ("import-report", "import-rows")]
    assert SECRET in client.get(addresses[1]).content.decode()
    editor = client_as("editor")
    Grant.objects.create(group=Group.objects.get(name="editor"), fields="phone", actions=["view"], deny=True)
    for address in addresses:
        assert SECRET not in editor.get(address).content.decode(), address


def test_comparing_shows_and_copies_only_what_may_be_seen(secretive: Client, sheet: Worksheet, lead: User):
    other = Worksheet.objects.create(
        owner=lead, connection=sheet.connection, resource="Companies", title="u", source="s", rows=1, state="ready"
    )
    store.write_part(
        other, 0, [{"id": 100, "phone": f"{SECRET}-9", "city": "Rom"}], ["id", "phone", "city"], staged=False
    )
    share(other, "view")
    Worksheet.objects.filter(pk=sheet.pk).update(sharing="edit")
    address = reverse("compare-worksheet", args=[sheet.pk])
    for key in ("id", "phone"):
        page = secretive.get(address, {"with": f"worksheet:{other.pk}", "key": key}).content.decode()
        assert SECRET not in page and 'value="phone:' not in page
        token = str(uuid4())
        data = {"with": f"worksheet:{other.pk}", "key": key, "field": ["phone:0"], "token": token}
        assert secretive.post(address, data).status_code in (400, 403, 404, 409, 422)
    assert f"{SECRET}-9" not in pending(sheet, "phone").values()
