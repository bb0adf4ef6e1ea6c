"""Calls by purpose, and the course of a run that has to wait for the hour's calls."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adminui.planning.capabilities import Capabilities
from adminui.planning.forecast import Course, End, Hour, calls_for, course, duration, forecast

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
BUSY = Hour(9_700, 10_000, ((2_400.0, 5_000),), 4_000)  # used up in 300 calls, free again in 40 minutes


def test_every_row_is_checked_written_and_read_back():
    can = Capabilities(read_many=200)
    assert calls_for([1] * 1_000, can, [200] * 5) == {"write": 1_000, "check": 5, "verify": 5}
    assert calls_for([500, 500], can, [1_000]) == {"write": 2, "check": 5, "verify": 5}


def test_an_api_that_shows_what_it_stored_is_not_read_again_and_one_with_rules_twice():
    assert calls_for([100], Capabilities(echoes=True), [100]) == {"write": 1, "check": 1}
    assert calls_for([100], Capabilities(flips=True), [100]) == {"write": 1, "check": 1, "verify": 2}
    assert calls_for([], Capabilities(), []) == {}


def test_what_fits_into_the_hour_does_not_wait():
    assert course(100, 10, Hour(0, None)) == Course(10)
    assert course(100, 10, Hour(9_000, 10_000)) == Course(10)


def test_what_does_not_fit_waits_until_calls_are_free():
    way = course(150, 10, Hour(900, 1_000, ((600.0, 900),)))
    assert (way.waits_from, way.waits_until, way.waited) == (10, 600, 590)
    assert way.seconds == 605


def test_its_own_calls_leave_the_hour_again():
    way = course(250, 10, Hour(0, 100))
    assert way.seconds == pytest.approx(2 * 3_600 + 25, abs=15)
    assert way.waited == pytest.approx(7_200, abs=30)


def test_it_says_what_it_knows_in_sentences():
    told = forecast({"check": 2, "write": 1_000, "verify": 28}, {"write": 0.1}, 1, Hour(1_600, 10_000), NOW)
    assert told.words == (
        "About 1,030 calls: 1,000 to write, 2 to check, 28 to read back.",
        "8,400 of the 10,000 calls of this hour are left.",
        "It takes about 103 seconds.",
    )
    assert (told.total, told.seconds) == (1_030, pytest.approx(103))


def test_it_says_when_the_run_waits_and_for_how_long():
    told = forecast({"write": 700}, {"write": 1.0}, 1, BUSY, NOW)
    assert told.words[1:] == (
        "300 of the 10,000 calls of this hour are left; other programs made 4,000.",
        "The run waits from about 14:05 until 14:40 for calls to become free, and ends about 14:46.",
    )


def test_a_speed_that_nobody_measured_is_said_to_be_a_guess():
    told = forecast({"write": 10}, {}, 2, Hour(0, None), NOW)
    assert told.seconds == 2.5 and "measured yet" in told.words[-1]


def test_another_day_is_named():
    told = forecast({"write": 7_200}, {"write": 6.0}, 1, Hour(0, None), NOW)
    assert told.words[-1] == "It takes about 12 hours, until 02:00 on 23 November."


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 second"), (90, "90 seconds"), (700, "12 minutes"), (9_000, "2.5 hours")]
)
def test_durations_are_in_words(seconds: float, words: str):
    assert duration(seconds) == words


def test_of_what_waits_for_somebody_no_moment_is_told():
    told = forecast({"write": 7_200}, {"write": 6.0}, 1, Hour(0, None), NOW, told=End.REST)
    assert told.words[-1] == "Once it goes on, it takes about 12 hours."
    told = forecast(
        {"write": 700}, {"write": 1.0}, 1, Hour(9_700, 10_000, ((2_400.0, 5_000),), 4_000), NOW, told=End.REST
    )
    assert (
        told.words[-1]
        == "Once it goes on, it takes about 47 minutes, 35 minutes of it waiting for calls to become free."
    )


def test_of_what_is_under_way_only_waits_are_told():
    told = forecast({"write": 7_200}, {"write": 6.0}, 1, Hour(0, None), NOW, told=End.WAITS)
    assert told.words == ("About 7,200 calls: 7,200 to write.",)
    told = forecast(
        {"write": 700}, {"write": 1.0}, 1, Hour(9_700, 10_000, ((2_400.0, 5_000),), 4_000), NOW, told=End.WAITS
    )
    assert "The run waits from about 14:05 until 14:40" in told.words[-1]
