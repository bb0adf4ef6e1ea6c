"""Turns, budgets and pauses, on a clock that only moves when somebody waits."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import pytest

from adminui.dialects.errors import Throttled
from adminui.remote.board import HOUR
from adminui.remote.pacing import Alone
from adminui.remote.throttle import Budget, Throttle, Waiting


@dataclass
class Clock:
    now: float = 1_000_020.0  # the beginning of a minute
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
    assert throttle.budget() == Budget(2, 2, HOUR - 540)
    clock.now += HOUR - 540
    assert throttle.budget() == Budget(1, 2, 0.0)
    use(throttle)
    assert clock.slept == []


def test_a_call_is_free_again_after_an_hour_and_never_sooner(clock):
    """Calls are counted by the minute: the first of a minute may have to wait for the last."""
    throttle = make(clock, requests_per_hour=1)
    clock.now += 59
    use(throttle)
    assert HOUR <= throttle.budget().free_in <= HOUR + 60
    clock.now += HOUR - 1
    assert throttle.budget().left == 0
    clock.now += 60
    assert throttle.budget().left == 1


def test_a_call_waits_for_the_budget_when_that_is_soon_enough(clock):
    throttle = make(clock, requests_per_hour=1)
    use(throttle)
    clock.now += HOUR + 30
    with throttle.turn(patience=60) as waited:
        assert waited == 30
    assert sum(clock.slept) == 30


def test_a_budget_that_is_free_too_late_is_an_error_that_says_when(clock):
    throttle = make(clock, requests_per_hour=1)
    use(throttle)
    with pytest.raises(Throttled, match="61 min") as caught:
        use(throttle, patience=60)
    assert caught.value.retry_after == HOUR + 60 and clock.slept == []


def test_what_the_api_itself_counted_is_heeded_when_it_leaves_less(clock):
    throttle = make(clock, requests_per_hour=10_000)
    use(throttle, 10)
    throttle.heard_usage(used=9_910, limit=10_000)
    budget = throttle.budget()
    assert (budget.limit, budget.others) == (10_000, 9_900)
    assert budget.left == 90
    with pytest.raises(Throttled, match="used up"):
        use(throttle, 200, patience=1)
    assert throttle.budget().left == 0


def test_an_old_count_of_the_api_holds_nobody_up(clock):
    throttle = make(clock, requests_per_hour=10_000)
    throttle.heard_usage(used=10_000, limit=10_000)
    with pytest.raises(Throttled):
        use(throttle, patience=1)
    clock.now += 181
    use(throttle)


def test_a_clock_that_is_set_back_frees_no_calls_and_holds_none_up_for_more_than_an_hour(clock):
    throttle = make(clock, requests_per_hour=3)
    clock.now += 86_400
    use(throttle, 3)
    clock.now -= 86_400
    throttle.hold_off("", 1)
    assert throttle.budget().left == 0
    clock.now += HOUR + 60
    assert throttle.budget().left == 3


def test_the_calls_that_are_reserved_beforehand_are_given_back(clock):
    keeper = Alone(clock)
    one, other = (make(clock, requests_per_hour=5_000, keeper=keeper) for _ in range(2))
    use(one, 3)
    assert one.budget().used == 3
    one.close()
    assert other.budget().used == 3
    use(other)
    clock.now += 120  # its block is of another minute by now
    use(other)
    other.close()
    assert make(clock, keeper=keeper).budget().used == 5


def test_one_process_tells_the_others_that_it_was_held_off(clock):
    keeper = Alone(clock)
    one, other = make(clock, keeper=keeper), make(clock, keeper=keeper)
    use(other, lane="things", cap=1)
    one.hold_off("things", 5)
    clock.now += 0.3
    use(other, lane="things", cap=1)
    assert sum(clock.slept) == pytest.approx(4.7)


def test_a_sleeper_is_seen_by_the_others_while_it_sleeps(clock):
    keeper = Alone(clock)
    seen: list[tuple[Waiting, ...]] = []
    other = make(clock, keeper=keeper)

    def sleep(seconds: float) -> None:
        seen.append(other.waiting_anywhere())
        clock.sleep(seconds)

    throttle = Throttle(clock=clock, sleep=sleep, keeper=keeper)
    throttle.hold_off("", 30)
    use(throttle)
    assert [wait.reason for waits in seen for wait in waits] == ["the API asked for fewer calls"] * 6
    assert other.waiting_anywhere() == ()


def test_of_all_who_may_ask_for_the_api_s_count_one_does_once_in_a_while(clock):
    keeper = Alone(clock)
    one, other = make(clock, keeper=keeper), make(clock, keeper=keeper)
    assert [one.may_ask_usage(), other.may_ask_usage(), one.may_ask_usage()] == [True, False, False]
    clock.now += 181
    assert not other.asks_for_usage
    use(other, 150)
    assert other.asks_for_usage and other.may_ask_usage()


def test_places_go_to_those_who_came_first():
    throttle, order = Throttle(1), []

    def come(name: int) -> None:
        with throttle.turn():
            order.append(name)

    with throttle.turn():
        queue = [threading.Thread(target=come, args=(n,)) for n in range(5)]
        for n, thread in enumerate(queue):
            thread.start()
            until = time.monotonic() + 5
            while len(throttle.waiting) <= n and time.monotonic() < until:
                time.sleep(0.002)
    for thread in queue:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


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
    assert sum(clock.slept) == 5
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


def test_a_place_that_a_sleeping_process_keeps_for_ever_holds_nobody_up_for_ever(caplog):
    class Kept:
        """A way into a lane whose only place is never given back."""

        def ready(self) -> bool:
            return False

        def end(self) -> None:
            pass

    class Stuck(Alone):
        def way(self, lane: str, cap: int) -> Kept:
            return Kept()

    throttle = Throttle(1, keeper=Stuck(), longest=0.05)
    with throttle.turn():
        assert "going on without" in caplog.text
