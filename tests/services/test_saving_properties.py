"""Any edits of any record, PATCH or PUT: what is told is what is stored, and a field nobody touched never moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adminui.planning.outcomes import Outcome
from adminui.records.casting import to_text
from adminui.records.schema import Field, Kind
from adminui.records.values import MISSING, Record, same
from adminui.sandbox.autotask import AutotaskApi
from adminui.sandbox.buzz import BuzzApi
from adminui.sandbox.server import serve_in_thread
from adminui.services import records
from adminui.services.catalog import Opened
from adminui.services.errors import Refused
from tests.conftest import SANDBOX_AUTOTASK, SANDBOX_BUZZ, Live
from tests.services.bench import dump, flat, live_records, moved, stored, writes

pytestmark = pytest.mark.django_db

BUZZ = ("campaigns", "line-items", "advertisers", "creatives", "roles", "users", "segments")
AUTOTASK = ("Companies", "Contacts", "Tickets", "ConfigurationItems", "ContactGroups", "CompanyLocations", "Contracts")
# What an API moves by itself: stamps, and the completion that follows a ticket's status.
STAMPS = {
    "update_date",
    "lastActivityDate",
    "lastTrackedModifiedDateTime",
    "lastTrackedModificationDateTime",
    "lastModifiedDateTime",
    "lastModifiedTime",
    "lastModifiedDate",
    "completedDate",
}
WORDS = st.text(st.sampled_from("aZ09 _-.,'\"\\<&>é漢🙂\n\tİß€"), max_size=40)
ISO = st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat(sep=" "))


def edits_of(field: Field, record: Record, neighbours: list[Record]) -> st.SearchStrategy[object]:
    """What a person might type or paste there: mostly fitting, some of it not, and what a neighbour holds."""
    others = [to_text(field, r.get(field.name)) for r in neighbours if r.get(field.name) not in (None, MISSING)]
    held = st.sampled_from([to_text(field, record.get(field.name, MISSING)), *others])
    fitting: dict[Kind, st.SearchStrategy[object]] = {
        Kind.INTEGER: st.integers(-3, 1_000_000).map(str),
        Kind.REFERENCE: st.integers(0, 300).map(str),
        Kind.DECIMAL: st.decimals(0, 1_000_000, places=2).map(str),
        Kind.BOOLEAN: st.sampled_from(["true", "false", True, False]),
        Kind.CHOICE: st.sampled_from([c.value for c in field.choices] or ["x"]),
        Kind.DATETIME: ISO,
        Kind.DATE: st.dates().map(str),
        Kind.LIST: st.just("[]"),
        Kind.JSON: st.just("{}"),
    }
    return st.one_of(held, fitting.get(field.kind, WORDS), held, st.sampled_from([None, ""]))


def edit_many(data: st.DataObject, opened: Opened, record: Record, neighbours: list[Record]) -> dict[str, object]:
    fields = [f for f in opened.resource.visible if f.editable and f.name != opened.resource.id_field]
    chosen = data.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=5, unique_by=lambda f: f.name))
    return {field.name: data.draw(edits_of(field, record, neighbours), label=field.name) for field in chosen}


def check_one_save(data: st.DataObject, live: Live, opened: Opened, *, replace: bool) -> str:
    """Save random edits of a random record, and hold what is told against what the sandbox holds."""
    resource = opened.resource.name
    everything = dump(live, resource)
    record_id = data.draw(st.sampled_from(sorted(everything)), label="record")
    seen = records.read(opened, record_id)
    edits = edit_many(data, opened, seen, [flat(r) for r in list(everything.values())[:5]])
    live.running.log.clear()
    try:
        saved = records.save(opened, seen, edits, token=uuid4(), replace=replace)
    except Refused:
        saved = None
    after = dump(live, resource)
    assert {i: r for i, r in after.items() if i != record_id} == {i: r for i, r in everything.items() if i != record_id}
    touched = moved(everything[record_id], after[record_id]) - STAMPS
    if saved is None or saved.run is None:
        assert not touched and not writes(live)
        return "nothing sent"
    item = saved.run.items.get()
    mine = {c.field for c in item.row().changes}
    derived = {"advertiser_id"} if "campaign_id" in mine else set()  # a line item follows its campaign
    assert touched <= mine | derived, "a field nobody touched moved"
    assert len(writes(live)) <= 1
    check_told(opened, item, after[record_id], touched)
    return str(item.outcome)


def restore(live: Live, resource: str, before: dict[int, dict[str, Any]]) -> None:
    """Every example starts from the same records."""
    for record_id, record in dump(live, resource).items():
        if names := moved(before[record_id], record):
            values = {name.removeprefix("udf."): before[record_id][name] for name in names}
            live.api.change(resource, record_id, values)


def check_told(opened: Opened, item: Any, after: Record, touched: set[str]) -> None:
    fields = opened.whole.by_name
    if item.outcome == Outcome.DONE:
        for change in item.row().changes:
            assert same(fields[change.field], after[change.field], change.after), change.field
    elif item.outcome == Outcome.NOT_STORED:
        for name, told in item.stored.items():
            assert same(fields[name], told, after[name]), name
    else:
        assert item.outcome in (Outcome.REJECTED, Outcome.NOT_SENT)
        assert not touched


def saving(live: Live, user: Any, resources: tuple[str, ...], *, replace: bool, examples: int) -> list[str]:
    seen: list[str] = []

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        opened = live.open(user, data.draw(st.sampled_from(resources), label="resource"))
        before = dump(live, opened.resource.name)
        try:
            seen.append(check_one_save(data, live, opened, replace=replace))
        finally:
            restore(live, opened.resource.name, before)

    check()
    return seen


@pytest.mark.parametrize("nested", ["merge", "replace"])
def test_patching_anything_at_buzz_does_what_is_told(buzz: Live, editor: Any, nested: str):
    buzz.api.switches.update(drops_irrelevant=False, nested_patch=nested)
    assert {"done", "nothing sent", "rejected"} <= set(saving(buzz, editor, BUZZ, replace=False, examples=60))


@pytest.mark.parametrize("omitted", ["keep", "null"])
def test_replacing_anything_at_buzz_does_what_is_told(buzz: Live, editor: Any, omitted: str):
    buzz.api.switches.update(drops_irrelevant=False, put_omitted=omitted, trims_text=False)
    assert "done" in saving(buzz, editor, BUZZ, replace=True, examples=40)


def test_patching_anything_at_autotask_does_what_is_told(autotask: Live, editor: Any):
    assert {"done", "nothing sent", "rejected"} <= set(saving(autotask, editor, AUTOTASK, replace=False, examples=60))


@pytest.mark.parametrize("omitted", ["nulled", "kept", "kept_when_required"])
def test_replacing_anything_at_autotask_does_what_is_told(autotask: Live, editor: Any, omitted: str):
    autotask.api.switches.update(put_omitted_udfs=omitted, masked_udfs=False, rich_text_fields=[])
    assert "done" in saving(autotask, editor, AUTOTASK, replace=True, examples=40)


def test_a_put_is_refused_before_it_is_sent_where_a_value_is_masked(autotask: Live, editor: Any):
    opened = autotask.open(editor, "ConfigurationItems")
    masked = [i for i, r in dump(autotask, "ConfigurationItems").items() if "*****" in _shown(opened, i).values()]
    assert masked
    before = stored(autotask, "ConfigurationItems", masked[0])
    with pytest.raises(Refused):
        records.save(opened, _shown(opened, masked[0]), {"location": "Rack"}, token=uuid4(), replace=True)
    assert stored(autotask, "ConfigurationItems", masked[0]) == before and not writes(autotask)


def _shown(opened: Opened, record_id: int) -> Record:
    return records.read(opened, record_id)


@pytest.fixture
def crowd(configure: Any, request: pytest.FixtureRequest) -> Iterator[Live]:
    """A sandbox with more than five hundred records of its main kinds."""
    api, text, name = {
        "buzz": (BuzzApi(records=520, seed=2), SANDBOX_BUZZ, "buzz-test"),
        "autotask": (AutotaskApi(records=520, seed=2), SANDBOX_AUTOTASK, "autotask-test"),
    }[request.param]
    with serve_in_thread(api) as running:
        configure(text.format(url=running.url))
        yield Live(running, name)


@pytest.mark.parametrize(
    ("crowd", "resource"),
    [("buzz", "campaigns"), ("buzz", "line-items"), ("autotask", "Companies"), ("autotask", "Contacts")],
    indirect=["crowd"],
)
def test_five_hundred_records_saved_untouched_send_nothing(crowd: Live, editor: Any, resource: str):
    opened = crowd.open(editor, resource)
    before = crowd.api.dump(resource)
    read = live_records(opened, [r["id"] for r in before][:500])
    assert len(read) == 500
    for record in read.values():
        form = {f.name: _posted(f, record) for f in opened.resource.visible if f.editable and f.name != "id"}
        saved = records.save(opened, record, form, token=uuid4())
        assert not saved.draft.invalid and not saved.draft.changeset.changes
        assert saved.run is None
    assert not writes(crowd) and crowd.api.dump(resource) == before


def _posted(field: Field, record: Record) -> object:
    """As the form posts an editor nobody touched: null as null, all else as the text it shows."""
    value = record.get(field.name, MISSING)
    return None if value is None else to_text(field, value)
