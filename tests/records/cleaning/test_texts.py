"""Texts cleaned by looking at nothing but the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Given
from adminui.records.schema import Kind
from adminui.records.values import MISSING
from tests.records.cleaning.making import done, made

SPACED = st.text("ab \t\n\r\u00a0\u2003\u3000\u200b", max_size=20)
ODD = st.text(
    st.sampled_from("aé e\u0301\u200c\u200d\u200b\u00ad\ufeff\u202eK\u212a;\u037e👩🚀“”’…–ﬁ²\x00\x1f\x7f\t\n")
    | st.characters(),
    max_size=15,
)
MARKED = st.text("<>&!-/abp script;=\"'", max_size=40)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("trim", " \u00a0Acme\t\n", "Acme"),
        ("collapse", "Acme \u00a0 Ltd\u2003x  ", "Acme Ltd x "),
        ("collapse", "two\n\nlines", "two\n\nlines"),
        ("lower", "ÄÖ", "äö"),
        ("upper", "äö", "ÄÖ"),
        ("unicode", "e\u0301\u200b\ufeff\x07", "é"),
        ("unicode", "👩\u200d🚀 a\u200db", "👩\u200d🚀 ab"),
        ("quotes", "“It’s” – x…", '"It\'s" – x…'),
        ("unescape", "Tom &amp; J&eacute;r&ocirc;me &lt;b&gt;", "Tom & Jérôme <b>"),
        ("strip_accents", "Ångström Łódź straße й", "Angstrom Lodz strasse й"),
        ("tidy", " “Acme”\u00a0\u200b  Ltd ", '"Acme" Ltd'),
    ],
)
def test_it_does_what_it_is_called(name: str, before: str, after: str) -> None:
    assert done(name, before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("the lord of the rings", "The Lord of the Rings"),
        ("ACME SYSTEMS AND SONS LLC", "Acme Systems and Sons LLC"),
        ("IBM deutschland gmbh", "IBM Deutschland GmbH"),
        ("iPhone store", "iPhone Store"),
        ("mcdonald's and o'brien", "McDonald's and O'Brien"),
        ("D’ANGELO & JOE’S", "D’Angelo & Joe’s"),
        ("jean-luc (the second)", "Jean-Luc (The Second)"),
        ("AT&T OF OHIO", "AT&T of Ohio"),
        ("  what is this for ", "  What Is This For "),
        ("straße", "Straße"),
    ],
)
def test_a_title_is_cased_as_people_write_names(before: str, after: str) -> None:
    assert done("title", before) == after
    assert done("title", after) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("I\u200bnvisible Space LLC", "I\u200bnvisible Space LLC"),
        ("in\u00advisible", "In\u00advisible"),
        ("cafe\u0301teria nu\u0308rnberg", "Cafe\u0301teria Nu\u0308rnberg"),
        ("GRU\u0308NER O\u2019BRIEN", "Gru\u0308ner O\u2019Brien"),
    ],
)
def test_no_word_begins_after_a_mark_or_what_nobody_sees(before: str, after: str) -> None:
    assert done("title", before) == after
    assert done("sentence", before) == after or " " in before


def test_small_words_and_kept_ones_are_the_persons_own() -> None:
    assert done("title", "club of acme", small="", keep="ACME") == "Club Of ACME"


def test_a_sentence_keeps_names_and_acronyms() -> None:
    assert done("sentence", "Our New IBM iPhone. is it? yes") == "Our new IBM iPhone. Is it? Yes"
    assert done("sentence", "CALL BACK ON MONDAY") == "Call back on monday"


def test_tags_go_only_when_asked_and_what_is_no_tag_stays() -> None:
    page = "<p>Tom &amp; Joe<br/>x</p><script>if (a<b) x()</script>y<!-- <b> -->z 1<2 &lt;b&gt;"
    assert done("unescape", page, tags=True) == " Tom & Joe x yz 1<2 <b>"
    assert "<p>" in str(done("unescape", page))


def test_padding_never_cuts_and_leaves_empty_text_alone() -> None:
    assert done("pad", "501") == "00501"
    assert done("pad", "123456") == "123456"
    assert done("pad", "") == "[is empty]"
    assert done("pad", "A", width=3, char="x", side="right") == "Axx"


@pytest.mark.parametrize("wrong", [{"width": 0}, {"width": 10**6}, {"char": "ab"}, {"char": ""}])
def test_padding_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        made("pad", **wrong)


def test_what_is_no_text_is_not_touched() -> None:
    assert [done("trim", value) for value in (None, MISSING, 5, True, ["a "])] == [
        "[is null]",
        "[is not set]",
        *["[is not text]"] * 3,
    ]


@given(text=SPACED | st.text(max_size=20))
@pytest.mark.parametrize("params", [{"lines": False}, {"lines": True}])
def test_collapsing_changes_spaces_only_and_once(params: dict[str, bool], text: str) -> None:
    once = done("collapse", text, **params) or ""
    assert once.split() == text.split()
    assert done("collapse", once, **params) == once
    assert "  " not in once and "\u00a0" not in once and "\t" not in once


@given(text=SPACED | ODD | MARKED)
@pytest.mark.parametrize("name", ["trim", "unicode", "quotes", "tidy", "strip_accents", "lower"])
def test_doing_it_twice_is_doing_it_once(name: str, text: str) -> None:
    once = done(name, text)
    assert done(name, once) == once


@given(text=ODD)
@pytest.mark.parametrize("form", ["NFC", "NFKC"])
def test_normalising_in_either_form_settles_at_once(form: str, text: str) -> None:
    once = done("unicode", text, form=form)
    assert done("unicode", once, form=form) == once


@given(text=st.text("abc xyz'’&-.M", max_size=20) | st.text(max_size=12))
@pytest.mark.parametrize("name", ["title", "sentence"])
def test_case_changes_nothing_but_case(name: str, text: str) -> None:
    after = done(name, text) or ""
    assert after.casefold() == text.casefold() or after.upper() == text.upper()


@given(text=st.text("abc xyz", max_size=20))
@pytest.mark.parametrize("name", ["trim", "collapse", "title", "tidy", "unicode", "quotes", "unescape", "lower"])
def test_text_that_stays_is_the_very_same(name: str, text: str) -> None:
    doing = made(name)
    settled = doing(text, ())
    assert isinstance(settled, Given) and settled.text is not None
    again = doing(settled.text, ())
    assert isinstance(again, Given) and again.text == settled.text
    if name != "title" and name != "lower":
        assert again.text is settled.text


def test_no_text_takes_long() -> None:
    begun = time.perf_counter()
    for text in (
        "<" * 50_000,
        "<a" * 50_000,
        "<a" + "a" * 99_000,
        "<!--" * 20_000,
        "<script>" * 10_000,
        " \u00a0" * 50_000,
    ):
        for name in ("unescape", "collapse", "tidy", "title", "sentence"):
            done(name, text, **({"tags": True} if name == "unescape" else {}))
    assert time.perf_counter() - begun < 3


@given(text=MARKED)
def test_without_tags_nothing_but_tags_is_lost(text: str) -> None:
    after = done("unescape", text, tags=True) or ""
    if "<" not in text and "&" not in text:
        assert after == text


def test_removing_goes_by_kinds_of_characters() -> None:
    assert done("remove", "+1 (212) 555", what="other") == "1212555"
    assert done("remove", "a1-b2", what="digits") == "a-b"
    assert done("remove", "a-1 é!", what="punctuation") == "a1 é"
    assert done("remove", "a-1 é!", what="these", characters="é-") == "a1 !"
    with pytest.raises(Invalid):
        made("remove", what="these")
    assert done("remove", 12, Kind.INTEGER) == "[is not text]"
