"""Phone numbers, e-mail and web addresses: written in one way, or left alone with the reason."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adminui.records.casting import Invalid
from adminui.records.cleaning.base import Given
from adminui.records.cleaning.formats import is_email, is_url
from adminui.records.cleaning.phones import region_of
from adminui.records.schema import Kind
from tests.records.cleaning.making import done, made

COUNTRY = {"region_field": Kind.LONG_TEXT.value.replace(" ", "_")}
DIALLED = st.text("0123456789 ()+-./x", min_size=5, max_size=22)
NORTH_AMERICAN = st.from_regex(
    re.compile(r"(\+?1[ .-]?)?(\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-]?)[2-9][0-9]{2}[ .-]?[0-9]{4}", re.ASCII),
    fullmatch=True,
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(617) 253-1000", "+16172531000"),
        (" 1.617.253.1000 ", "+16172531000"),
        ("Tel: 617 253 1000", "+16172531000"),
        ("+49 30 901820", "+4930901820"),
        ("0049 30 901820", "+4930901820"),
        ("(416) 555-0199", "+14165550199"),
        ("617-253-1000 x12", "[has an extension, which this format cannot hold]"),
        ("617-253-1000 or 1001", "[holds more than one phone number, or words]"),
        ("1-800-FLOWERS", "[holds more than one phone number, or words]"),
        ("253", "[is too short for a phone number]"),
        ("+999 123456", "[has a country code that does not exist]"),
        ("123 456 7890", "[is not a phone number that exists]"),
        ("none", "[is not a phone number]"),
        ("  ", "[is empty]"),
    ],
)
def test_a_phone_number_becomes_e164_or_says_why_not(before: str, after: str) -> None:
    assert done("phone", before) == after


def test_a_number_is_written_as_asked_and_keeps_its_extension() -> None:
    assert done("phone", "6172531000", format="national") == "(617) 253-1000"
    assert done("phone", "6172531000", format="international") == "+1 617-253-1000"
    assert done("phone", "617-253-1000 ext. 12", extension="append") == "+16172531000 x12"
    assert done("phone", "617-253-1000 ext. 12", extension="drop") == "+16172531000"
    assert done("phone", "123 456 7890", keep=True) == "+11234567890"


def test_the_country_is_read_from_another_field() -> None:
    berlin = "030 901820"
    assert [done("phone", berlin, others=(there,), **COUNTRY) for there in ("DE", "germany", "Deutschland")] == [
        "+4930901820"
    ] * 3
    assert done("phone", "617 253 1000", others=(None,), **COUNTRY) == "+16172531000"
    assert done("phone", berlin, others=("Utopia",), **COUNTRY) == "[has no country code, and its country is not known]"
    assert done("phone", "+16172531000", others=("Utopia",), **COUNTRY) == "+16172531000"
    assert region_of("usa") == "US" and region_of("uk") == "GB" and region_of("Nowhere") is None


def test_a_country_that_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid):
        made("phone", region="ZZ")


@given(text=NORTH_AMERICAN)
def test_the_quick_way_gives_what_the_package_gives(text: str) -> None:
    number = phonenumbers.parse(text, "US")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert (done("phone", text) == written) == phonenumbers.is_valid_number(number)


@given(text=DIALLED | NORTH_AMERICAN)
@pytest.mark.parametrize("format", ["E164", "international", "national"])
def test_a_phone_number_that_was_written_stays(format: str, text: str) -> None:
    doing = made("phone", format=format, extension="append")
    once = doing(text, ())
    if isinstance(once, Given) and (
        format != "national" or phonenumbers.parse(text.split("x")[0], "US").country_code == 1
    ):
        assert doing(once.text, ()) == once


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" MailTo:John@Example.COM. ", "John@example.com"),
        ("Jane Doe <jane@X.org>", "jane@x.org"),
        ("x@y.com,", "x@y.com"),
        ("n/a", "[is not an e-mail address]"),
        ("a@b", "[is not an e-mail address]"),
        ("a b@c.com", "[is not an e-mail address]"),
        ("a@b.com; c@d.com", "[holds more than one e-mail address]"),
    ],
)
def test_an_email_address_is_tidied_or_left_alone(before: str, after: str) -> None:
    assert done("email", before) == after


def test_a_name_that_goes_is_told() -> None:
    assert made("email")("Jane Doe <jane@x.org>", ()) == Given("jane@x.org", "without the name Jane Doe")
    assert done("email", "John@Example.COM", case="all") == "john@example.com"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (" WWW.Example.com ", "https://www.example.com"),
        ("HTTP://Foo.COM/Path?Q=1", "http://foo.com/Path?Q=1"),
        ("http:/x.com", "http://x.com"),
        ("//x.com/a", "https://x.com/a"),
        ("x.com:8080/a b", "https://x.com:8080/a%20b"),
        ("mailto:a@b.com", "[is not a web address]"),
        ("javascript:alert(1)", "[is not a web address]"),
        ("see website", "[is not a web address]"),
        ("https://[::1", "[is not a web address]"),
    ],
)
def test_a_web_address_is_tidied_or_left_alone(before: str, after: str) -> None:
    assert done("url", before) == after


def test_only_what_tracks_readers_is_taken_out_and_only_when_asked() -> None:
    address = "https://x.com/?utm_source=a&b=1&gclid=2#part"
    assert done("url", address) == address
    assert done("url", address, tracking=True) == "https://x.com/?b=1#part"
    assert done("url", "https://x.com/a?fbclid=1", tracking=True) == "https://x.com/a"


@given(text=st.emails() | st.text("aB@.<> ,;:m", max_size=20) | st.text(max_size=12))
def test_an_email_address_that_was_written_is_one_and_stays(text: str) -> None:
    once = made("email")(text, ())
    if isinstance(once, Given):
        assert is_email(once.text or "")
        assert made("email")(once.text, ()) == Given(once.text)


@given(text=st.text("aB.:/\\?#&= utm_gclid@[]5", max_size=24) | st.text(max_size=12))
@pytest.mark.parametrize("tracking", [False, True])
def test_a_web_address_that_was_written_is_one_and_stays(tracking: bool, text: str) -> None:
    once = made("url", tracking=tracking)(text, ())
    if isinstance(once, Given):
        assert is_url(once.text or "")
        assert made("url", tracking=tracking)(once.text, ()) == once
