"""Numbers, dates and truths as people write them, read in the one way that was chosen."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from adminui.records.casting import Invalid, cast
from adminui.records.cleaning.days import LANGUAGES
from adminui.records.cleaning.numerals import LOCALES
from adminui.records.schema import Field, Kind
from tests.records.cleaning.making import FIELDS, Given, done, made

EXACT = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9)
WRITTEN = st.text("0123456789.,' -+()%$€", max_size=14)
DATED = st.text("0123456789./-: TZapmMay", max_size=20)
NOT_A_NUMBER = "[is not a number as this language writes it]"
NOT_A_DATE = "[is not a date in this order or language]"


@pytest.mark.parametrize(
    ("locale", "before", "after"),
    [
        ("en_US", "1,234", "1234"),
        ("en_US", "1.234", "1.234"),
        ("de_DE", "1.234", "1234"),
        ("de_DE", "1,234", "1.234"),
        ("fr_FR", "1\u202f234 567,5", NOT_A_NUMBER),
        ("fr_FR", "1 234 567,5", "1234567.5"),
        ("de_CH", "CHF 1'234.50", "1234.50"),
        ("en_IN", "12,34,567", "1234567"),
        ("en_US", "12,34,567", NOT_A_NUMBER),
        ("en_US", "1,23", NOT_A_NUMBER),
        ("en_US", "1.234,5", NOT_A_NUMBER),
        ("en_US", "($1,234.5)", "-1234.5"),
        ("en_US", "−5", "-5"),
        ("en_US", "5-", "-5"),
        ("en_US", "-(5)", NOT_A_NUMBER),
        ("en_US", "5 EUR", "5"),
        ("en_US", "5 kg", NOT_A_NUMBER),
        ("en_US", "12 %", "12"),
        ("en_US", "1.5E+07", "[is in E notation: digits may be lost]"),
        ("en_US", ".", NOT_A_NUMBER),
        ("en_US", "٣٫", NOT_A_NUMBER),
    ],
)
def test_a_number_is_read_by_the_chosen_language_alone(locale: str, before: str, after: str) -> None:
    assert done("number", before, Kind.DECIMAL, locale=locale) == after


def test_a_percentage_is_what_the_person_says_it_is() -> None:
    assert done("number", "12 %", Kind.DECIMAL, percent="divide") == "0.12"
    assert done("number", "12 %", Kind.DECIMAL, percent="skip") == "[is a percentage]"


def test_codes_in_text_keep_their_zeros() -> None:
    assert done("number", "00501") == "[begins with 0, as codes do]"
    assert done("number", "00501", Kind.INTEGER) == "501"
    assert done("number", "5.50", Kind.INTEGER) == "[is not a whole number]"
    assert done("number", "5.00", Kind.INTEGER) == "5"


@given(number=EXACT, locale=st.sampled_from([name for name, _ in LOCALES]))
def test_what_a_language_writes_is_read_back(number: Decimal, locale: str) -> None:
    written = format_decimal(number, format="#,##,##0.###" if locale == "en_IN" else "#,##0.###", locale=locale)
    found = done("number", written, Kind.DECIMAL, locale=locale)
    assert Decimal(str(found)) == number


def test_the_languages_are_called_as_they_write() -> None:
    assert all(label.endswith(format_decimal(Decimal("1234567.5"), locale=name)) for name, label in LOCALES)


@given(text=WRITTEN)
@pytest.mark.parametrize("locale", ["en_US", "de_DE", "de_CH"])
def test_text_that_was_read_as_a_number_stays_when_it_is_read_again(locale: str, text: str) -> None:
    once = made("number", locale=locale)(text, ())
    if isinstance(once, Given):
        assert made("number", locale=locale)(once.text, ()) == once


@given(text=WRITTEN)
def test_a_number_that_was_read_can_be_sent(text: str) -> None:
    once = made("number", Kind.DECIMAL, locale="de_DE")(text, ())
    if isinstance(once, Given):
        assert isinstance(cast(FIELDS[Kind.DECIMAL], once.text), Decimal)


def test_typed_numbers_stay_as_they_are() -> None:
    assert done("number", Decimal("1.50"), Kind.DECIMAL, locale="de_DE") == "1.50"
    assert done("number", 1234, Kind.INTEGER) == "1234"
    assert done("number", True, Kind.INTEGER) == NOT_A_NUMBER


@pytest.mark.parametrize(("how", "after"), [("even", "2"), ("half", "3"), ("up", "3"), ("down", "2"), ("cut", "2")])
def test_rounding_goes_the_way_that_was_chosen(how: str, after: str) -> None:
    assert done("round", Decimal("2.5"), Kind.DECIMAL, places=0, how=how) == after


def test_rounding_puts_nothing_behind_and_takes_tens_too() -> None:
    assert done("round", Decimal("2.5"), Kind.DECIMAL, places=2) == "2.5"
    assert done("round", 1250, Kind.INTEGER, places=-2) == "1200"
    assert done("round", "-0.004", Kind.DECIMAL) == "0.00"
    assert done("round", "x", Kind.DECIMAL) == NOT_A_NUMBER
    with pytest.raises(Invalid):
        made("round", Kind.DECIMAL, places=99)


@pytest.mark.parametrize(
    ("before", "after", "params"),
    [
        ("12/31/2024", "2024-12-31", {}),
        ("31/12/2024", "[is a day that does not exist]", {}),
        ("31.12.24", "2024-12-31", {"order": "dmy"}),
        ("2024/1/2", "2024-01-02", {"order": "dmy"}),
        ("20240102", "2024-01-02", {"order": "ymd"}),
        ("20240102", NOT_A_DATE, {}),
        ("May 5th, 2024", "2024-05-05", {}),
        ("Mon, 6 May 24", "2024-05-06", {}),
        ("Monday 5/6/2024", "2024-05-06", {}),
        ("mar. 5 mar. 2024", "2024-03-05", {"language": "fr"}),
        ("Sept 5 2024", "2024-09-05", {}),
        ("5. März 2024", "2024-03-05", {"language": "de"}),
        ("5 de mayo de 2024", "2024-05-05", {"language": "es"}),
        ("5. März 2024", NOT_A_DATE, {}),
        ("1/2/69", "1969-01-02", {}),
        ("1/2/68", "2068-01-02", {}),
        ("1/2/68", "1968-01-02", {"pivot": 30}),
        ("5/6/2024 00:00", "2024-05-06", {}),
        ("5/6/2024 3:04 pm", "[has a time of day, which would be lost]", {}),
        ("45413", NOT_A_DATE, {}),
        ("5 May or 6 May 2024", NOT_A_DATE, {}),
    ],
)
def test_a_date_is_read_in_the_chosen_order_and_language(before: str, after: str, params: dict[str, object]) -> None:
    assert done("date", before, Kind.DATE, **params) == after


def test_a_moment_keeps_its_time_and_its_zone_where_the_field_takes_one() -> None:
    assert done("date", "5/6/2024 3:04 pm", Kind.DATETIME) == "2024-05-06 15:04:00"
    assert done("date", "5/6/2024", Kind.DATETIME) == "2024-05-06 00:00:00"
    assert done("date", "5/6/2024 12:30 am") == "2024-05-06 00:30:00"
    zoned = "[has a time zone, which this field does not take]"
    assert done("date", "5/6/2024 3:04 +0200", Kind.DATETIME) == zoned
    utc = made("date", field=Field("at", "At", Kind.DATETIME, zone="UTC"))
    assert utc("5/6/2024 3:04 +0200", ()) == Given("2024-05-06 03:04:00+02:00")
    assert utc("2024-05-06T03:04:05Z", ()) == Given("2024-05-06T03:04:05Z")


def test_formats_are_taken_at_their_word() -> None:
    formats = "dd.MM.yy HH:mm; d MMM yyyy; 'on' M/d/yyyy h:mm a"
    assert done("date", "05.03.24 14:05", formats=formats) == "2024-03-05 14:05:00"
    assert done("date", "5 mar 2024", formats=formats) == "2024-03-05"
    assert done("date", "on 3/5/2024 2:05 PM", formats=formats) == "2024-03-05 14:05:00"
    assert done("date", "3/5/2024", formats=formats) == "[is not in any of these formats]"


@pytest.mark.parametrize("formats", ["dd.MM", "dd.dd.yyyy", "dd.MM.yyyy HH", "xx dd MM yyyy", "yyyy d 'M"])
def test_formats_that_make_no_sense_are_refused(formats: str) -> None:
    with pytest.raises(Invalid):
        made("date", formats=formats)


@settings(max_examples=300)
@given(day=st.dates(date(1000, 1, 1)), language=st.sampled_from([name for name, _ in LANGUAGES]))
def test_a_date_in_words_is_read_back(day: date, language: str) -> None:
    for pattern in ("d MMMM yyyy", "d. MMM yyyy", "EEE, d MMMM yyyy"):
        assert done("date", format_date(day, pattern, language), Kind.DATE, language=language) == day.isoformat()


@given(text=DATED | st.datetimes().map(datetime.isoformat) | st.dates().map(date.isoformat))
@pytest.mark.parametrize("kind", [Kind.DATE, Kind.DATETIME, Kind.TEXT])
def test_a_date_that_was_read_can_be_sent_and_stays(kind: Kind, text: str) -> None:
    once = made("date", kind)(text, ())
    if isinstance(once, Given):
        assert made("date", kind)(once.text, ()) == once
        assert once.text.strip() == text.strip() or cast(FIELDS[kind], once.text)


def test_yes_and_no_are_understood_in_many_languages() -> None:
    answers = ["Ja", " YES ", "oui", "x", 1, True, "nein", "0", False]
    assert [done("boolean", each, Kind.BOOLEAN) for each in answers] == ["true"] * 6 + ["false"] * 3
    assert done("boolean", "maybe", Kind.BOOLEAN) == "[is neither true nor false]"
    assert done("boolean", "active", yes="active", no="gone") == "true"
    with pytest.raises(Invalid):
        made("boolean", yes="a b", no="b")
