"""Guessing passwords is slow."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from adminui.staff import throttle
from adminui.staff.models import LoginAttempt

pytestmark = pytest.mark.django_db
NOON = "2026-03-01 12:00+00:00"


def fail(times: int, username: str = "lena", ip: str = "10.0.0.1") -> list[timedelta | None]:
    return [throttle.attempt(username, ip) for _ in range(times)]


def test_the_sixth_attempt_is_refused_and_says_how_long():
    with time_machine.travel(NOON, tick=False):
        assert fail(6) == [None] * 5 + [throttle.WINDOW]
        assert "15 minutes" in throttle.sentence(throttle.WINDOW)


def test_a_refused_attempt_does_not_make_the_wait_longer():
    with time_machine.travel(NOON, tick=False) as clock:
        fail(5)
        clock.shift(timedelta(minutes=14, seconds=30))
        assert fail(3) == [timedelta(seconds=30)] * 3
        assert "1 minute;" in throttle.sentence(timedelta(seconds=30))
        clock.shift(timedelta(seconds=30))
        assert fail(1) == [None]


def test_another_name_and_another_address_are_not_held_up():
    fail(5)
    assert fail(1, username="otto") == [None] and fail(1, ip="10.0.0.2") == [None]


def test_the_case_of_a_name_is_no_way_around():
    fail(5)
    assert fail(1, username=" LENA ")[0]


def test_success_forgets_the_failures():
    fail(4)
    throttle.clear("Lena", "10.0.0.1")
    assert fail(5) == [None] * 5


def test_old_attempts_do_not_pile_up():
    with time_machine.travel(NOON, tick=False) as clock:
        fail(3)
        clock.shift(timedelta(hours=1))
        fail(1)
    assert LoginAttempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_parallel_attempts_gets_no_more_than_the_limit():
    waits: list[timedelta | None] = []

    def burst() -> None:
        waits.append(throttle.attempt("lena", "10.0.0.1"))
        connection.close()

    threads = [threading.Thread(target=burst) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait is None for wait in waits) == throttle.LIMIT
