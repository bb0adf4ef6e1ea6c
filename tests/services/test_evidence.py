"""What an evidence pack says of a whole run: bounded, exact, and with no secret in it."""

from __future__ import annotations

import pytest

from adminui.logs import HIDDEN, redacted
from adminui.planning.outcomes import Outcome
from adminui.records.casting import from_json
from adminui.records.schema import Choice, Field, Kind
from adminui.records.values import MISSING
from adminui.runs.models import Plan
from adminui.services import evidence, evidence_facts, evidence_files, plans
from adminui.services.evidence import Cell, Row, worded, written
from tests.web.happenings import change, happened, some

STATUS = Field("status", "Status", Kind.CHOICE, choices=(Choice(7, "Dead"), Choice(8, "")))
NOTES = Field("notes", "Notes", Kind.TEXT)


@pytest.mark.parametrize(
    ("field", "value", "as_data", "on_paper"),
    [
        (STATUS, 7, "7", "Dead (7)"),
        (STATUS, 8, "8", "8"),
        (STATUS, 9, "9", "9"),
        (NOTES, "", "(empty)", "(empty)"),
        (NOTES, None, "(null)", "(null)"),
        (NOTES, MISSING, "(not set)", "(not set)"),
        (NOTES, {"a": [1]}, '{"a": [1]}', '{"a": [1]}'),
    ],
)
def test_a_value_is_exact_in_files_and_named_on_paper(field, value, as_data, on_paper):
    assert (written(field, value), worded(field, value)) == (as_data, on_paper)


def row(number: int, before: str, after: str, outcome: Outcome = Outcome.DONE) -> Row:
    cell = Cell(NOTES, before, after, ())
    return Row(number, str(number), "A record", outcome, (cell,), (), True, None, 1, 1, 0)


def test_equal_changes_fold_the_most_frequent_first_with_what_became_of_them():
    found = [row(1, "a", "b"), row(2, "x", "y"), row(3, "x", "y", Outcome.REJECTED)]
    (first, second), beyond = evidence_facts.folds((each.outcome, each.cells) for each in found)
    assert (first.before, first.after, first.rows, dict(first.tally)) == ("x", "y", 2, {"done": 1, "rejected": 1})
    assert (second.rows, beyond) == (1, 0)


def test_kinds_of_change_beyond_what_is_counted_are_still_counted_together(monkeypatch):
    monkeypatch.setattr(evidence_facts, "FOLDS", 2)
    found, beyond = evidence_facts.folds((Outcome.DONE, row(n, str(n), "b").cells) for n in range(5))
    assert (len(found), beyond) == (2, 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("it is p/ss & w", f"it is {HIDDEN}"),
        ("?as=p/ss%20%26%20w", f"?as={HIDDEN}"),
        ("?as=p%2Fss+%26+w", f"?as={HIDDEN}"),
        ("p/ss &amp; w", HIDDEN),
        ('{"a": "q\\"uote\\\\d"}', f'{{"a": "{HIDDEN}"}}'),
        ("abc and 123", "abc and 123"),
    ],
)
def test_a_known_secret_is_hidden_however_it_is_spelt_and_short_ones_do_not_spoil_the_rest(text, told):
    assert redacted(text, {"p/ss & w", 'q"uote\\d', "abc", "1"}) == told


def test_a_secret_that_is_part_of_another_leaves_nothing_of_the_longer_one():
    assert redacted("secret-and-more", {"secret", "secret-and-more"}) == HIDDEN


@pytest.mark.django_db
def test_the_digest_is_checked_from_the_text_and_agrees_with_that_of_the_plan(buzz, lead):
    opened = buzz.open(lead, "line-items")
    awkward = ["½ \ud800 null\0", "{}", 'a "b" \\ c', "حملة"]
    rows = [change(opened, r, notes=text) for r, text in zip(some(opened, 4), awkward, strict=True)]
    for canary in (0, 2):
        plan = plans.save(opened, rows, door="edit many", canary=canary)
        kept = Plan.objects.get(pk=plan.pk)
        assert evidence_facts.as_approved(kept) and plans.as_saved(kept)
    kept.replace = True
    assert not evidence_facts.as_approved(kept)


@pytest.mark.django_db
def test_the_sentence_is_the_plans_own_also_when_its_rows_are_too_many_to_load(buzz, lead, monkeypatch):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, r, notes=f"N {n}", name=f"M {n}") for n, r in enumerate(some(opened, 4))])
    found = evidence.of_run(lead, run.pk)
    whole = evidence_facts.sentence(found, 8)
    assert "8 fields in 4 records" in whole
    monkeypatch.setattr(evidence_facts, "WHOLE", 3)
    assert evidence_facts.sentence(found, 8) == whole


@pytest.mark.django_db
def test_pages_of_rows_and_requests_hold_each_once_and_in_order(buzz, lead, monkeypatch):
    opened = buzz.open(lead, "line-items")
    run = happened(opened, [change(opened, r, notes="Seen") for r in some(opened, 7)])
    found = evidence.of_run(lead, run.pk)
    seqs = [each.seq for each in evidence.rows(found)]
    monkeypatch.setattr(evidence, "PAGE", 3)
    assert [each.seq for each in evidence.rows(found)] == seqs == sorted(seqs) and len(seqs) == 7
    assert [each.seq for each in evidence.rows(found, most=4)] == seqs[:4]
    assert list(evidence.rows(found, only=evidence.TO_LOOK_AT)) == []
    kept = [each.pk for each in evidence.exchanges(found)]
    assert kept == sorted(set(kept)) and len(kept) == run.exchanges.count()


@pytest.mark.parametrize(
    ("text", "document"),
    [('{"a": 1.50}', '{"a": 1.50}'), ("<html>", '"<html>"'), ("", "null"), ("{cut", '"{cut"'), ('{"a": NaN}', None)],
)
def test_bodies_are_kept_word_for_word_where_they_are_json(text, document):
    made = evidence_files._verbatim(text)
    assert made == (document or '"{\\"a\\": NaN}"') and from_json(made) is not MISSING
