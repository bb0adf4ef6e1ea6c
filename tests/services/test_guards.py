"""What is asked before a plan is sent: by the connection's rules and the number of records, and said beforehand."""

from typing import Any
from uuid import uuid4

import pytest

from adminui.runs.models import Plan, Run
from adminui.services import guards, records, review, switch
from adminui.services.errors import BadInput, NotAllowed, Stale
from adminui.services.guards import Asks
from adminui.staff.models import Grant
from tests.conftest import Live
from tests.web.test_plans import ids_of, planned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guarded(buzz: Live, configure, settings) -> Any:
    """The connection with other words on what is asked."""

    def rewritten(said: str = "", environment: str = "sandbox") -> None:
        path = settings.ADMINUI_CONNECTIONS
        path.write_text(path.read_text().replace('environment = "sandbox"', f'environment = "{environment}"'))
        configure(f"\n[connections.{buzz.connection}.guards]\n{said}\n")

    return rewritten


@pytest.mark.parametrize(
    ("environment", "rows", "asked"),
    [
        ("production", 1, Asks(True, False, 0)),
        ("production", 50, Asks(True, False, 0)),
        ("production", 51, Asks(True, False, 1)),
        ("production", 100, Asks(True, False, 1)),
        ("production", 101, Asks(True, True, 1)),
        ("sandbox", 1_000, Asks(False, False, 0)),
        ("sandbox", 1_001, Asks(True, False, 0)),
    ],
)
def test_production_asks_for_more_and_sooner(buzz: Live, guarded, lead, environment, rows, asked):
    guarded(environment=environment)
    assert guards.asks(buzz.open(lead, "campaigns"), rows) == asked


def test_false_asks_for_nothing_even_in_production(buzz: Live, guarded, lead):
    guarded("type_above = false\nnote_above = false\ncanary_above = false", "production")
    opened = buzz.open(lead, "campaigns")
    assert guards.asks(opened, 100_000) == Asks(False, False, 0)
    guards.check(opened, 100_000, "", "")


def test_everything_lacking_is_named_at_once(buzz: Live, guarded, lead):
    guarded("type_above = 2\nnote_above = 2")
    opened = buzz.open(lead, "campaigns")
    with pytest.raises(BadInput, match=r"3 records of Buzz \(Test\): type 3, .* and give a note or ticket"):
        guards.check(opened, 3, "2", " ")
    with pytest.raises(BadInput, match="give a note") as caught:
        guards.check(opened, 3, "3", "")
    assert "type 3" not in caught.value.message
    guards.check(opened, 3, " 3 ", "OPS-12")
    guards.check(opened, 2, "", "")


@pytest.mark.parametrize("typed", ["", "13", "33", "three", "²", "3.0"])
def test_only_the_very_number_confirms(buzz: Live, guarded, lead, typed):
    guarded("type_above = 0")
    with pytest.raises(BadInput):
        guards.check(buzz.open(lead, "campaigns"), 3, typed, "")


def test_a_number_may_be_typed_with_separators(buzz: Live, guarded, lead):
    guarded("type_above = 0")
    guards.check(buzz.open(lead, "campaigns"), 1204, "1,204", "")


def test_it_is_said_in_words_before_anybody_runs_into_it(buzz: Live, guarded, lead):
    guarded("type_above = 2\nnote_above = 4", "production")
    opened = buzz.open(lead, "campaigns")
    assert guards.said(opened, 2) == ()
    assert guards.said(opened, 5) == (
        "Production: the number of records is typed by hand above 2 records.",
        "Production: a note or ticket is needed above 4 records.",
    )


@pytest.mark.parametrize(("rows", "near"), [(79, False), (80, True), (100, True)])
def test_the_cap_of_a_role_is_said_when_it_is_near(buzz: Live, lead, rows, near):
    Grant.objects.filter(group__name="lead").update(max_rows=100)
    said = guards.said(buzz.open(lead, "campaigns"), rows)
    assert said == ((f"Your role may change 100 records at once; this plan has {rows} records.",) if near else ())


def test_whoever_may_not_is_told_why(buzz: Live, lead, editor, viewer):
    Grant.objects.filter(group__name="lead").update(max_rows=3)
    assert "may look" in guards.why_not(buzz.open(viewer, "campaigns"), 1)
    assert guards.why_not(buzz.open(editor, "campaigns"), 1) == ""
    assert "one by one" in guards.why_not(buzz.open(editor, "campaigns"), 2)
    assert guards.why_not(buzz.open(lead, "campaigns"), 3) == ""
    assert "may change 3 records at once; this plan has 4" in guards.why_not(buzz.open(lead, "campaigns"), 4)


def test_a_note_the_plan_brings_along_is_a_note(buzz: Live, guarded, lead):
    guarded("note_above = 0")
    opened = buzz.open(lead, "campaigns")
    plan = planned(opened, buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    with pytest.raises(BadInput):
        review.send(opened, plan)
    assert not Run.objects.exists()
    Plan.objects.filter(pk=plan.pk).update(note="OPS-12")
    plan.refresh_from_db()
    assert review.send(opened, plan).plan.note == "OPS-12"


def test_nothing_is_sent_while_writing_is_stopped_and_it_is_again_after(buzz: Live, lead, admin_user):
    opened = buzz.open(lead, "campaigns")
    plan = planned(opened, buzz, {i: {"notes": "n"} for i in ids_of(buzz, "campaigns", 2)})
    switch.stop(admin_user, opened.connection, "Billing moves.")
    with pytest.raises(Stale, match=r"admin stopped all writing to Buzz .*Billing moves"):
        review.send(opened, plan)
    assert not Run.objects.exists()
    switch.allow(admin_user, opened.connection)
    assert review.send(opened, plan).plan == plan


def test_nor_is_a_record_saved_while_writing_is_stopped(buzz: Live, lead, admin_user):
    opened = buzz.open(lead, "campaigns")
    [record] = buzz.api.dump("campaigns")[:1]
    switch.stop(admin_user, opened.connection, "")
    with pytest.raises(Stale, match="stopped all writing"):
        records.save(opened, record, {"notes": "n"}, token=uuid4())
    assert not buzz.seen("PATCH") and not Run.objects.exists()


def test_only_who_administers_the_whole_connection_switches_it(buzz: Live, lead):
    connection = buzz.open(lead, "campaigns").connection
    for attempt in (lambda: switch.stop(lead, connection, ""), lambda: switch.allow(lead, connection)):
        with pytest.raises(NotAllowed):
            attempt()
    Grant.objects.create(group=lead.groups.get(), connection="*", resource="campaigns", actions=["admin"])
    vars(lead).pop("_rules", None)
    assert not switch.may_switch(lead, connection)
    Grant.objects.create(group=lead.groups.get(), connection="buzz-*", resource="*", actions=["admin"])
    vars(lead).pop("_rules", None)
    assert switch.may_switch(lead, connection)
