"""Turns, budgets and pauses, on a clock that only moves when somebody waits."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from adminui.dialects.errors import Throttled
from adminui.remote.throttle import HOUR, Budget, Throttle, Waiting


@dataclass
class Clock:
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make(clock: Clock, **options) -> Throttle:
    return Throttle(clock=clock, sleep=clock.sleep, **options)


def use(throttle: Throttle, times: int = 1, **options) -> None:
    for _ in range(times):
        with throttle.turn(**options):
            pass


def test_a_budget_is_of_the_rolling_hour(clock):
    throttle = make(clock, requests_per_hour=2)
    use(throttle)
    clock.now += 600
    use(throttle)
    assert throttle.budget() == Budget(2, 2, HOUR - 600)
    clock.now += HOUR - 600
    assert throttle.budget() == Budget(1, 2, 0.0)
    use(throttle)
    assert clock.slept == []


def test_a_call_waits_for_the_budget_when_that_is_soon_enough(clock):
    throttle = make(clock, requests_per_hour=1)
    use(throttle)
    clock.now += HOUR - 30
    with throttle.turn(patience=60) as waited:
        assert waited == 30
    assert clock.slept == [30]


def test_a_budget_that_is_free_too_late_is_an_error_that_says_when(clock):
    throttle = make(clock, requests_per_hour=1)
    use(throttle)
    with pytest.raises(Throttled, match="60 min") as caught:
        use(throttle, patience=60)
    assert caught.value.retry_after == HOUR and clock.slept == []


def test_calls_are_counted_without_a_limit_too(clock):
    throttle = make(clock)
    use(throttle, 5)
    assert throttle.budget() == Budget(5, None) and throttle.budget().left is None


def test_a_pause_holds_its_lane_and_no_other(clock):
    throttle = make(clock)
    throttle.hold_off("slow", 5)
    use(throttle, lane="fast", cap=1)
    assert clock.slept == []
    use(throttle, lane="slow", cap=1)
    assert clock.slept == [5]
    throttle.hold_off("slow", 61)
    with pytest.raises(Throttled, match="fewer calls"):
        use(throttle, lane="slow", patience=60)


def test_a_turn_that_was_given_up_leaves_its_place_free(clock):
    throttle = make(clock, max_concurrency=1)
    throttle.hold_off("a", 100)
    with pytest.raises(Throttled):
        use(throttle, lane="a", cap=1, patience=1)
    with pytest.raises(RuntimeError), throttle.turn("b", 1):
        raise RuntimeError
    clock.now += 100
    use(throttle, lane="a", cap=1)
    use(throttle, lane="b", cap=1)


def test_a_wait_for_other_calls_is_visible_while_it_lasts():
    told: list[Waiting | None] = []
    throttle = Throttle(2, on_wait=told.append)
    with throttle.turn("things", 1):
        other = threading.Thread(target=use, args=(throttle,), kwargs={"lane": "things", "cap": 1})
        other.start()
        until = time.monotonic() + 5
        while not throttle.waiting and time.monotonic() < until:
            time.sleep(0.005)
        assert throttle.waiting == (Waiting("other calls to things"),)
    other.join()
    assert throttle.waiting == () and told == [Waiting("other calls to things"), None]


def test_a_busy_lane_does_not_starve_the_others():
    throttle = Throttle(2)
    with throttle.turn("busy", 1):
        queue = [threading.Thread(target=use, args=(throttle,), kwargs={"lane": "busy", "cap": 1}) for _ in range(5)]
        for thread in queue:
            thread.start()
        use(throttle, 3, lane="quiet", cap=1)
    for thread in queue:
        thread.join()
