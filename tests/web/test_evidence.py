"""The evidence of a run: a person reads it on paper, programs read the rest of it, and no secret is in any of it."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
import tracemalloc
import zipfile
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from python_calamine import CalamineWorkbook

from adminui.connections import live
from adminui.logs import HIDDEN
from adminui.records.casting import to_json
from adminui.runs.models import Exchange, Item, Run
from adminui.services import again, steering
from adminui.services.evidence import of_run as evidence_of
from adminui.services.evidence_files import defused
from adminui.services.files import streamed
from adminui.staff.models import Grant
from adminui.web import evidence_page
from tests.conftest import SANDBOX_BUZZ
from tests.web.happenings import carried_out, change, happened, some

pytestmark = pytest.mark.django_db
FILES = ("evidence/", "evidence.zip", "results.csv", "results.xlsx", "requests.json")


@pytest.fixture
def mixed(buzz, lead) -> Run:
    """One row that Buzz refuses, one that a colleague changed, others that went well."""
    opened = buzz.open(lead, "line-items")
    records = some(opened, 6)
    names = ["", "=1+1 <script>alert(1)</script>", "Third", "Fourth", "Fifth", "Fifth"]
    rows = [change(opened, record, name=name) for record, name in zip(records, names, strict=True)]
    buzz.api.change("line-items", records[3]["id"], {"name": "Renamed by a colleague"})
    return happened(opened, rows, note="Ticket 4471: names after the November check")


@pytest.fixture
def partly(buzz, lead) -> Run:
    """Of one row one field is stored and the other is not; of another, somebody else had set one field so already."""
    opened = buzz.open(lead, "line-items")
    first, second = some(opened, 2)
    rows = [change(opened, first, name="  Blanks around  ", notes="Stored")]
    rows += [change(opened, second, name="Set by both", notes="Set by us")]
    buzz.api.change("line-items", second["id"], {"name": "Set by both"})
    return happened(opened, rows)


def got(client, run: Run, name: str) -> bytes:
    answer = client.get(f"/runs/{run.pk}/{name}")
    assert answer.status_code == 200 and answer.streaming
    return b"".join(answer)


def page_of(client, run: Run) -> str:
    return got(client, run, "evidence/").decode()


def unpacked(client, run: Run) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(got(client, run, "evidence.zip"))) as archive:
        assert archive.testzip() is None
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def test_the_page_says_who_approved_what_when_and_why_and_what_became_of_it(client_as, mixed):
    page = page_of(client_as("viewer"), mixed)
    for words in (
        f"Evidence of run {mixed.pk}",
        "Ticket 4471: names after the November check",
        "<strong>lead</strong>",
        "Buzz (Test)",
        mixed.plan.digest,
        "to the letter, the one that was approved",
        "rows are not as approved: ",
        "This field may not be blank.",
        "Somebody else set it to: Renamed by a colleague",
        f"{mixed.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "Signature",
    ):
        assert words in page, words


def test_a_run_that_went_well_says_so_in_one_sentence(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, record, notes="Seen") for record in some(opened, 3)])
    page = page_of(client_as("viewer"), run)
    assert "All 3 rows hold what was approved." in page and "3 of 3 rows were read back" in page
    assert "no note was given" in page


def test_equal_changes_are_folded_and_every_row_stands_below(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    records = some(opened, 5)
    before = [str(record["notes"]) for record in records]
    run = happened(opened, [change(opened, record, notes="Seen") for record in records])
    page = page_of(client_as("viewer"), run)
    assert page.count('<tbody class="record">') == 5
    most = max(before.count(each) for each in before)
    assert most == 1 or f"<td>{most} done</td>" in page


def test_the_page_is_one_file_whose_policy_allows_its_own_style_and_nothing_else(client_as, mixed):
    answer = client_as("viewer").get(f"/runs/{mixed.pk}/evidence/")
    page = b"".join(answer).decode()
    style = re.search("<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<(script|img|link|iframe|form)\b|style=|url\(|@import", page)
    assert "&lt;script&gt;" in page
    packed = unpacked(client_as("viewer"), mixed)["evidence.html"].decode()
    assert digest in packed.partition("<style>")[0] and not re.search('href="/', packed)


def test_a_connections_name_cannot_end_the_style(client_as, mixed):
    mixed.plan.connection_label = '</style><script>alert(1)</script>"; } * { color: red'
    mixed.plan.save()
    page = page_of(client_as("viewer"), mixed)
    assert "<script>" not in page and page.count("</style>") == 1


def test_the_pack_holds_every_file_with_a_checksum_that_fits(client_as, mixed):
    files = unpacked(client_as("lead"), mixed)
    assert set(files) == {"evidence.html", "results.csv", "results.xlsx", "requests.json", "SHA256SUMS"}
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest


def test_results_are_a_csv_of_every_row_and_field_with_formulas_defused(client_as, mixed):
    answer = client_as("lead").get(f"/runs/{mixed.pk}/results.csv")
    assert answer.streaming and "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert lines[0][:7] == ["id", "label", "outcome", "field", "before", "after", "messages"]
    assert len(lines) == 7
    assert lines[1][2:4] == ["rejected", "name"] and lines[1][5] == "(empty)"
    assert "This field may not be blank." in lines[1][6]
    assert lines[2][5] == "'=1+1 <script>alert(1)</script>"
    assert lines[4][2] == "conflict" and lines[4][8] == "Renamed by a colleague"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1", "'=1"),
        ("@x", "'@x"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        (" =1", "' =1"),
        ("\t=1", "'\t=1"),
        ("-5.20", "-5.20"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_text_and_a_number_stays_one(cell, written):
    assert defused(cell) == written


def sheets(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return [book.read(name).decode() for name in names]


def test_the_workbook_holds_text_only_with_its_heading_frozen(client_as, mixed):
    (sheet,) = sheets(got(client_as("lead"), mixed, "results.xlsx"))
    assert "=1+1 &lt;script&gt;" in sheet and "<f>" not in sheet and "hyperlink" not in sheet
    assert 'state="frozen"' in sheet and sheet.count("<row ") == 7
    first = mixed.items.first()
    assert re.search(rf'<c r="A2" s="\d+" t="inlineStr"><is><t[^>]*>{first.record_id}</t>', sheet)


MARKUP = (
    "<r><t>Rich</t></r>",
    "<r>& cut off</r>",
    '<r></is></c><c r="E2" t="str"><f>1+1</f><v>Done</v></c><c r="F2" t="inlineStr"><is></r>',
)


def test_text_that_looks_like_markup_stands_in_the_workbook_word_for_word(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    rows = [change(opened, record, notes=text) for record, text in zip(some(opened, 3), MARKUP, strict=True)]
    data = got(client_as("lead"), happened(opened, rows), "results.xlsx")
    (sheet,) = sheets(data)
    assert not any(each.tag.endswith("}f") for each in ElementTree.fromstring(sheet).iter())
    heads, *lines = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("Rows").to_python()
    assert [dict(zip(heads, line, strict=True))["after"] for line in lines] == list(MARKUP)


def test_rows_beyond_one_sheet_go_on_in_the_next(client_as, mixed, monkeypatch):
    monkeypatch.setattr(streamed, "SHEET_ROWS", 4)
    assert [sheet.count("<row ") for sheet in sheets(got(client_as("lead"), mixed, "results.xlsx"))] == [5, 3]


def replayed(document, records, api_of):
    """The records after the accepted writes of a pack, as its requests alone tell it."""
    after = {str(record["id"]): dict(record) for record in records}
    for request in document["requests"]:
        if request["purpose"] == "write" and request["status"] == 200:
            for record_id, values in api_of(request):
                after[record_id] |= values
    return after


def of_buzz(request):
    address = urlsplit(request["url"])
    if not address.path.endswith("/bulk"):
        return [(address.path.rpartition("/")[2], request["body"])]
    if shared := parse_qs(address.query).get("ids"):
        return [(each, request["body"]) for each in shared[0].split(",")]
    return [(str(row["id"]), row) for row in request["body"]]


def of_autotask(request):
    return [(str(request["body"]["id"]), request["body"])]


@pytest.mark.parametrize(("kind", "of_api"), [("buzz", of_buzz), ("autotask", of_autotask)])
def test_the_pack_replays_the_diff(kind, of_api, request, lead, client_as):
    live = request.getfixturevalue(kind)
    resource, name = {"buzz": ("line-items", "notes"), "autotask": ("Companies", "phone")}[kind]
    opened = live.open(lead, resource)
    records = some(opened, 12)
    rows = [change(opened, r, **{name: f"555-{n % 3}"}) for n, r in enumerate(records)]
    live.api.change(resource, records[5]["id"], {name: "555-9999"})
    before = live.api.dump(resource)
    run = happened(opened, rows)
    document = json.loads(got(client_as("lead"), run, "requests.json"))
    stored = {str(each["id"]): each for each in live.api.dump(resource)}
    after = replayed(document, before, of_api)
    assert {key: each[name] for key, each in after.items()} == {key: each[name] for key, each in stored.items()}
    known = {str(each["id"]): each for each in before}
    outcomes = {}
    for row in document["rows"]:
        (told,) = row["changes"]
        outcomes[row["outcome"]] = outcomes.get(row["outcome"], 0) + 1
        if row["outcome"] == "done":
            assert told["before"] == known[row["id"]][name] and told["after"] == stored[row["id"]][name]
            assert row["verified"]
        else:
            assert (row["outcome"], told["theirs"], stored[row["id"]][name]) == ("conflict", "555-9999", "555-9999")
    assert outcomes == document["run"]["outcomes"] == {"done": 11, "conflict": 1}
    assert document["run"]["plan"]["as_approved"] is True


SECRETS = ("sandbox-pass-phrase/7", "sandbox secret & <key>", "CODE-1234567")  # who signs in is none


NAMES = ("BUZZ_PASSWORD", "AUTOTASK_SECRET", "AUTOTASK_CODE")


@pytest.mark.parametrize(
    ("kind", "resource", "name"), [("buzz", "line-items", "notes"), ("autotask", "Companies", "phone")]
)
def test_a_search_of_the_whole_pack_finds_no_secret_even_where_the_api_repeats_one(
    kind, resource, name, monkeypatch, request, lead, client_as
):
    live = request.getfixturevalue(kind)
    opened = live.open(lead, resource)
    run = happened(opened, [change(opened, record, **{name: "555-1"}) for record in some(opened, 3)])
    heads = [(key, value) for entry in live.seen() for key, value in entry.get("headers", {}).items()]
    sent = {value for key, value in heads if key.lower() in HELD_BACK and value.lower() != "sandbox"}
    for each, secret in zip(NAMES, SECRETS, strict=True):
        monkeypatch.setenv(f"TEST_{each}", secret)
    item, kept = run.items.first(), Exchange.objects.filter(run=run, purpose="write").first()
    configured = SECRETS[:1] if kind == "buzz" else SECRETS[1:]
    said = " ".join(configured)
    Item.objects.filter(pk=item.pk).update(messages=[f"No access for {said}"], outcome="rejected")
    Exchange.objects.filter(pk=kept.pk).update(
        answer=to_json({"error": f"Who is {said}?"}), fault=f"Refused {said}", url=f"{kept.url}?as={quote(said)}"
    )
    files = unpacked(client_as("lead"), run)
    files["results.xlsx"] = "".join(sheets(files["results.xlsx"])).encode()
    whole = html.unescape(b"".join(files.values()).decode())
    for secret in (*configured, *map(quote, configured), *sent):
        assert secret not in whole, secret
    assert "No access for [hidden]" in whole and "Refused [hidden]" in whole
    assert not re.search(r"(?i)set-cookie|sessionid|authorization|apiintegrationcode", whole)


HELD_BACK = {"authorization", "cookie", "secret", "apiintegrationcode"}


def test_fields_one_may_not_see_are_in_no_file_of_the_pack(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, r, notes="Confidential", name=f"Name {r['id']}") for r in some(opened, 2)])
    Grant.objects.create(
        group=Group.objects.get(name="viewer"),
        connection="*",
        resource="line-items",
        fields="notes",
        actions=["view"],
        deny=True,
    )
    files = unpacked(client_as("viewer"), run)
    files["results.xlsx"] = "".join(sheets(files["results.xlsx"])).encode()
    for name, data in files.items():
        assert b"Confidential" not in data, name
    page = files["evidence.html"].decode()
    assert "1 field of these records is not for viewer to see" in page and "Bodies and answers are left out" in page
    document = json.loads(files["requests.json"])
    assert all("body" not in each and "left_out" in each for each in document["requests"])
    assert {row["changes_left_out"] for row in document["rows"]} == {1}
    assert b"Confidential" in unpacked(client_as("lead"), run)["requests.json"]


def test_a_run_on_a_resource_one_may_not_see_is_not_there(client_as, mixed):
    Grant.objects.create(
        group=Group.objects.get(name="viewer"), connection="*", resource="line-items", actions=["view"], deny=True
    )
    for name in FILES:
        assert client_as("viewer").get(f"/runs/{mixed.pk}/{name}").status_code == 404


def test_a_plan_that_was_meddled_with_is_told(client_as, mixed):
    mixed.plan.changesets = [*mixed.plan.changesets[1:]]
    mixed.plan.save()
    assert "is not the one that was approved" in page_of(client_as("lead"), mixed)


def test_of_a_long_run_what_needs_a_look_stands_on_the_page_and_it_says_what_does_not(client_as, mixed, monkeypatch):
    first, done = mixed.items.first(), mixed.items.filter(outcome="done").first() or mixed.items.last()
    Item.objects.bulk_create(
        Item(
            run=mixed, seq=100 + n, record_id=str(9000 + n), label=f"More {n}", changeset=done.changeset, outcome="done"
        )
        for n in range(60)
    )
    monkeypatch.setattr(evidence_page, "WHOLE", 50)
    monkeypatch.setattr(evidence_page, "SAMPLE", 10)
    page = page_of(client_as("lead"), mixed)
    assert "Not all 66 rows are listed here" in page
    assert page.index(first.label) < page.index("More 1")
    good = mixed.items.filter(outcome="done").count()
    assert page.count('<tbody class="record">') == 66 - good + 10
    assert len(got(client_as("lead"), mixed, "results.csv").splitlines()) == 67


def test_of_many_requests_those_that_failed_come_first_and_all_are_in_the_file(client_as, mixed, monkeypatch):
    kept = Exchange.objects.filter(run=mixed, purpose="write").first()
    Exchange.objects.bulk_create(
        Exchange(
            run=mixed,
            step=n,
            purpose="write",
            method="PATCH",
            url=f"{kept.url}?n={n}",
            body="{}",
            answer="{}",
            status=500 if n == 39 else 200,
            started_at=kept.started_at,
            seconds=0.01,
        )
        for n in range(40)
    )
    monkeypatch.setattr(evidence_page, "LISTED", 10)
    monkeypatch.setattr(evidence_page, "FAILED", 5)
    page = page_of(client_as("lead"), mixed)
    total = Exchange.objects.filter(run=mixed).count()
    assert f"Not all {total} requests are listed here" in page and "?n=39" in page and "?n=38" not in page
    assert len(json.loads(got(client_as("lead"), mixed, "requests.json"))["requests"]) == total


def test_an_undo_is_told_on_both_packs(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    record = some(opened, 1)[0]
    run = happened(opened, [change(opened, record, notes="Dead")])
    again = some(opened, 1)[0]
    undo = happened(opened, [change(opened, again, notes=record["notes"])], undoes=run, note="Wrong list")
    client = client_as("lead")
    page = page_of(client, run)
    assert "To undo this run, lead approved <a" in page and f">run {undo.pk}</a>" in page and "Wrong list" in page
    assert f"what run {run.pk} had changed" in page_of(client, undo)
    assert json.loads(got(client, run, "requests.json"))["run"]["undone_by_runs"] == [undo.pk]


def test_little_of_a_long_run_is_in_memory_at_once(client_as, mixed):
    done = mixed.items.last()

    Item.objects.bulk_create(
        (
            Item(
                run=mixed,
                seq=100 + n,
                record_id=str(9000 + n),
                label=f"More {n}",
                changeset=done.changeset,
                outcome="done",
            )
            for n in range(8_000)
        ),
        batch_size=1000,
    )
    client = client_as("lead")
    got(client, mixed, "evidence/")  # what is worked out once for a run is kept
    for name in ("results.csv", "results.xlsx", "requests.json", "evidence/"):
        blocks = client.get(f"/runs/{mixed.pk}/{name}").streaming_content
        tracemalloc.start()
        size = sum(map(len, blocks))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert size > 50_000 and peak < 12_000_000, (name, size, peak)


def test_only_what_is_not_stored_as_asked_is_said_to_be_stored_instead(client_as, partly):
    client = client_as("lead")
    page = page_of(client, partly)
    assert "Name: What is stored: Blanks around" in page and "Notes: What is stored" not in page
    rows = {(row["id"], row["field"]): row for row in csv.DictReader(io.StringIO(csv_text(client, partly)))}
    first, second = (item.record_id for item in partly.items.order_by("seq"))
    assert rows[first, "name"]["stored instead"] == "Blanks around" and not rows[first, "notes"]["stored instead"]
    changes = json.loads(got(client, partly, "requests.json"))["rows"][0]["changes"]
    assert {each["field"]: "stored" in each for each in changes} == {"name": True, "notes": False}
    assert partly.items.get(record_id=second).outcome == "done"


def test_what_somebody_else_had_set_to_the_same_is_no_clash(client_as, partly):
    page = page_of(client_as("lead"), partly)
    assert "Name: Somebody else had set it to this already." in page and "Somebody else set it to:" not in page


def csv_text(client, run: Run) -> str:
    return got(client, run, "results.csv").decode("utf-8-sig")


def test_rows_left_as_somebody_else_set_them_are_settled(client_as, autotask, lead):
    opened = autotask.open(lead, "Companies")
    first, second = some(opened, 3)[1:]
    rows = [change(opened, each, city="Moved") for each in (first, second)]
    autotask.api.change("Companies", second["id"], {"city": "Elsewhere"})
    run = happened(opened, rows)
    assert "1 of 2 rows are not as approved: 1 conflict." in page_of(client_as("lead"), run)
    again.take_sides(opened, run, "theirs")
    page = page_of(client_as("lead"), run)
    assert "1 of 2 rows hold what was approved; 1 was left as somebody else had set them." in page
    assert "left as it was" in page and "not as approved" not in page
    assert "Cancelled before their turn" not in page


def test_a_batch_that_was_refused_for_the_sake_of_some_rows_is_told_request_by_request(client_as, mixed):
    page = " ".join(page_of(client_as("lead"), mixed).split())
    assert "Rows that ended with it: 1 rejected." in page and "Rows that ended with it: 4 done." in page
    assert "4 rows went in more than one request." in page


def test_signing_in_is_not_told_as_a_look_at_records(client_as, mixed):
    read = mixed.exchanges.filter(purpose="check").first()
    read.pk, read.method, read.url = None, "POST", f"{read.url.partition('/rest/')[0]}/rest/v2/authenticate"
    read.save()
    page = " ".join(page_of(client_as("lead"), mixed).split())
    row = page.partition("Sign in, and find the API")[2].partition("</tr>")[0]
    assert "POST" in row and '<td class="number">1</td> <td class="number">0</td>' in row.replace(
        "</td><td", "</td> <td"
    )
    assert "Only sign-in request" in page and "Only check request" in page


def test_a_pause_after_the_first_rows_stands_in_the_course_of_events(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, each, notes="Seen") for each in some(opened, 4)], canary=1)
    assert run.state == Run.State.PAUSED
    paused = "The first row was settled, and the run paused for somebody to look at that"
    page = page_of(client_as("lead"), run)
    assert paused in page and "The run went on" not in page
    steering.go_on(lead, run)
    page = page_of(client_as("lead"), carried_out(run))
    assert page.index(paused) < page.index("The run went on") < page.index("The run finished")


def test_the_page_begins_before_anything_of_a_long_run_is_read(mixed, lead, django_assert_num_queries):
    found = evidence_of(lead, mixed.pk)
    with django_assert_num_queries(0):
        opening = next(evidence_page.page_of(found, packed=False))
    assert "<title>Evidence of run" in opening


def test_the_address_is_the_one_the_requests_went_to(client_as, mixed, configure):
    went_to = "{}://{}".format(*urlsplit(mixed.exchanges.first().url)[:2])
    configure(SANDBOX_BUZZ.format(url="http://127.0.0.1:9").replace("buzz-test", "buzz-other"))
    path = django_settings.ADMINUI_CONNECTIONS
    path.write_text(path.read_text().replace(went_to, "http://127.0.0.1:9"))
    live.forget()
    assert f"<code>{went_to}</code>" in page_of(client_as("lead"), mixed)


def test_words_of_an_api_that_repeats_a_credential_are_written_down_without_it(autotask, lead):
    opened = autotask.open(lead, "Companies")
    run = happened(opened, [change(opened, each, companyType="sandbox") for each in some(opened, 6)[1:]])
    said = [*run.items.values_list("messages", flat=True), *run.items.values_list("by_field", flat=True)]
    assert HIDDEN in str(said) and "sandbox" not in f"{said} {run.message} {run.passed}"


def test_why_rows_are_not_as_approved_is_told_once_for_all_that_met_the_same_words(client_as, buzz, lead):
    opened = buzz.open(lead, "line-items")
    rows = [change(opened, each, max_bid="-1") for each in some(opened, 4)[:3]]
    rows += [change(opened, some(opened, 4)[3], notes="Well")]
    page = " ".join(page_of(client_as("lead"), happened(opened, rows)).split())
    table = page.partition("Why 3 rows are not as approved")[2].partition("</table>")[0]
    assert table.count("Maximum bid: Ensure this value") == 1 or table.count("Max bid: Ensure this value") == 1
    assert '<td class="number">3</td>' in table


def test_among_many_requests_those_that_went_well_are_shortened_and_the_others_are_not(client_as, mixed, monkeypatch):
    long = "An answer. " * 100
    mixed.exchanges.filter(purpose="write").update(answer=long)
    assert page_of(client_as("lead"), mixed).count(long.strip()) == mixed.exchanges.filter(purpose="write").count()
    monkeypatch.setattr(evidence_page, "FEW", 0)
    failed = mixed.exchanges.filter(purpose="write", status__gte=400).count()
    assert failed and page_of(client_as("lead"), mixed).count(long.strip()) == failed
